/*
 * json_elements - a JSON array, or values one behind the other, as a line
 * each, in no more memory than a value takes. It checks nothing: who reads the
 * lines does.
 */
#ifndef NPSD_TOP_JSON_ELEMENTS_H
#define NPSD_TOP_JSON_ELEMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Zero to begin with. */
struct json_elements {
	int depth;	/* of brackets within the value */
	bool is_array;	/* the outermost bracket is passed by */
	bool inside;	/* a value was begun */
	bool is_string; /* within quotes */
	bool escaped;	/* behind a backslash */
	size_t mark;	/* bytes of a byte order mark passed; 3: no more */
};

/* Appends what is complete of the values, with a line's end behind each. */
void json_elements_add(struct json_elements *elements, const char *data,
	size_t length, struct buf *out);
/* The bytes are over. */
void json_elements_end(struct json_elements *elements, struct buf *out);

#endif
