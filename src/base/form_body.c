/* form_body - forms as application/x-www-form-urlencoded. */
#include <stdlib.h>
#include <string.h>

#include "base/form.h"
#include "base/memory.h"
#include "base/text.h"

/* A decoded copy. */
static char *
decode(const char *data, size_t length, size_t *decoded)
{
	char *text = mem_copy(data, length);

	*decoded = text_percent_decode(text, length, true);
	text[*decoded] = '\0';
	return text;
}

static bool
add_pair(struct form *form, const char *pair, size_t length, struct err *err)
{
	const char *equals = memchr(pair, '=', length);
	size_t name_length = equals != NULL ? (size_t)(equals - pair) : length;
	size_t value_at = equals != NULL ? name_length + 1 : length;
	char *name, *value;
	size_t name_bytes, value_bytes;

	name = decode(pair, name_length, &name_bytes);
	value = decode(pair + value_at, length - value_at, &value_bytes);
	return form_add(form, name, name_bytes, value, value_bytes, err);
}

bool
form_read_urlencoded(
	struct form *form, const char *data, size_t length, struct err *err)
{
	while (length > 0) {
		const char *end = memchr(data, '&', length);
		size_t pair = end != NULL ? (size_t)(end - data) : length;
		size_t whole = end != NULL ? pair + 1 : pair;

		if (pair > 0 && !add_pair(form, data, pair, err))
			return false;
		data += whole;
		length -= whole;
	}
	return true;
}
