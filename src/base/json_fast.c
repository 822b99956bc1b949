/*
 * json_fast - a quick reader of the common JSON text: flat.c reads it, and the
 * row of values becomes a tree.
 */
#include "base/json_fast.h"

#include <stdlib.h>
#include <string.h>

#include "base/flat.h"
#include "base/memory.h"

enum {
	/* A text of more values than these is left to the strict reader: room
	 * for them is made before it is known. */
	VALUES_LEAST = 64,
	BYTES_A_VALUE = 8,
};

json_t *
json_fast_read(const char *data, size_t length)
{
	if (!length)
		return NULL;
	size_t room = VALUES_LEAST + length / BYTES_A_VALUE;
	struct flat *values = mem_grow(NULL, room, sizeof(*values));
	char *copy = mem_copy(data, length);
	json_t *tree = flat_read(copy, length, values, room) > 0
			       ? flat_tree(values)
			       : NULL;

	free(copy);
	free(values);
	return tree;
}
