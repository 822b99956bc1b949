/*
 * flat - the values of a JSON text as one row, read in one pass.
 *
 *	{"id":"a","customer":{"name":"Zoe"},"answers":[1,2]}
 *
 *	row    0         1     2           3       4          5  6
 *	key              id    customer    name    answers
 *	type   object    text  object      text    array      1  2
 *	span   7         1     2           1       3          1  1
 *
 * A value's span counts itself and all that lies in it: behind it stands the
 * next one of the same object or array. Reading allocates nothing.
 */
#ifndef NPSD_BASE_FLAT_H
#define NPSD_BASE_FLAT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Objects with more members are left to the strict reader. */
enum { FLAT_MEMBERS_LIMIT = 128 };

struct flat {
	const char *key; /* of a member, NUL-terminated; NULL: of none */
	union {
		const char *text; /* of a string, NUL-terminated */
		int64_t integer;
		double real;
	};
	uint32_t key_length, text_length;
	uint32_t span;
	json_type type;
};

/*
 * Reads exactly one JSON text into at most `room` values and returns how many
 * there are. Texts lie where they were read: `data` is changed, and lent to
 * the values.
 *
 * 0: not sure. It knows no reasons and refuses nothing: numbers that might not
 * fit, too many values, and whatever is wrong are left to json.h, which alone
 * decides what is taken. `data` is spoilt then.
 */
size_t flat_read(
	char *data, size_t length, struct flat *values, size_t room) must_check;

/* The member of that name; NULL if there is none, or it is no object, or NULL
 * itself. Lent. */
const struct flat *flat_member(const struct flat *object, const char *name);
/* True for NULL and null. */
bool flat_is_missing(const struct flat *value);
bool flat_is_number(const struct flat *value);
double flat_number(const struct flat *value); /* of one */

/* The same values as a tree, owned by the caller. */
json_t *flat_tree(const struct flat *value) must_check;
/* The other way round: how many values a tree has, and how many bytes their
 * texts take with a NUL each ... */
size_t flat_measure(const json_t *tree, size_t *bytes);
/* ... and laying it out in that much room. No key or text holds a NUL. */
void flat_lay(const json_t *tree, struct flat *values, char *bytes);

#endif
