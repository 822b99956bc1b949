/* json_pointer - a value inside of a JSON value. */
#include "base/json_pointer.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

bool
json_pointer_is_good(const char *pointer)
{
	if (*pointer != '\0' && *pointer != '/')
		return false;
	for (const char *at = pointer; *at != '\0'; at++)
		if (*at == '~' && at[1] != '0' && at[1] != '1')
			return false;
	return true;
}

/* One step, with its escapes undone; the caller frees it. */
static char *
step_of(const char *data, size_t length)
{
	char *step = mem_copy(data, length);
	size_t to = 0;

	for (size_t from = 0; from < length; from++) {
		char c = step[from];

		if (c == '~' && from + 1 < length)
			c = step[++from] == '1' ? '/' : '~';
		step[to++] = c;
	}
	step[to] = '\0';
	return step;
}

static const json_t *
member(const json_t *value, const char *step)
{
	int64_t index;

	if (json_is_object(value))
		return json_object_get(value, step);
	if (json_is_array(value) && text_to_integer(step, 0, INT32_MAX, &index))
		return json_array_get(value, (size_t)index);
	return NULL;
}

const json_t *
json_pointer_at(const json_t *value, const char *pointer)
{
	while (value != NULL && *pointer == '/') {
		size_t length = strcspn(++pointer, "/");
		char *step = step_of(pointer, length);

		value = member(value, step);
		free(step);
		pointer += length;
	}
	return value;
}
