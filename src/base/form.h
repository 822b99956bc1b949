/*
 * form - what HTML forms and their like send: names with texts, in order.
 *
 * Two ways to write them: form_read_urlencoded ("score=3&comment=too+late") and
 * form_read_multipart (RFC 7578). Texts are UTF-8 without NUL; all else is
 * refused.
 */
#ifndef NPSD_BASE_FORM_H
#define NPSD_BASE_FORM_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum {
	FORM_FIELDS_LIMIT = 2000,
	FORM_NAME_LIMIT_BYTES = 1024,
	FORM_BOUNDARY_LIMIT_BYTES = 70, /* RFC 2046, section 5.1.1 */
};

struct form_field {
	char *name, *value; /* NUL-terminated, owned */
};

struct form {
	struct form_field *fields;
	size_t count;
};

/* Each fills an empty form; false with a reason, the form is then to be freed
 * all the same. */
bool form_read_urlencoded(struct form *form, const char *data, size_t length,
	struct err *err) must_check;
/* content_type is the header, which names the boundary. Parts with a file name
 * are left out. */
bool form_read_multipart(struct form *form, const char *content_type,
	const char *data, size_t length, struct err *err) must_check;
void form_done(struct form *form);

/* The value of a field; NULL where it is missing, or there twice: nobody could
 * say which one is meant. */
const char *form_value(const struct form *form, const char *name);

/*
 * The fields as one object. Brackets nest: a[b]=x is {"a":{"b":"x"}}, a[]=x
 * appends to a list, and a name that comes again makes a list of its values.
 * NULL where these contradict each other or nest too deep. The caller owns it.
 */
json_t *form_to_json(const struct form *form, struct err *err) must_check;

/* For the readers: takes both texts; false with a reason where they are not
 * good, or there are too many. */
bool form_add(struct form *form, char *name, size_t name_length, char *value,
	size_t value_length, struct err *err) must_check;

#endif
