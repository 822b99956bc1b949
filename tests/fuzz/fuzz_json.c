/*
 * A text as it arrives. What the quick reader takes the strict one must take
 * too, and make the same of it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_fast.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_fault fault;
	json_t *fast = json_fast_read((const char *)data, size);

	if (!fast)
		return 0;
	json_t *strict = json_read_strictly((const char *)data, size, &fault);

	must(strict && json_equal(fast, strict));
	char *left = json_text(fast), *right = json_text(strict);

	must(strcmp(left, right) == 0);
	free(left);
	free(right);
	json_decref(strict);
	json_decref(fast);
	return 0;
}
