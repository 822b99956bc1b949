/*
 * field - looks a value up by the path a rule names: "category", "score",
 * "segment.region", "account.value", "previous.score", "answers.price".
 *
 * Paths are the response's own; "response." in front may be written too.
 * "category" and "previous.*" are what npsd knows beside it.
 */
#ifndef NPSD_NPS_FIELD_H
#define NPSD_NPS_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "nps/response.h"

enum { FIELD_PARTS_LIMIT = 8, FIELD_TEXT_LIMIT_BYTES = 256 };

/* The customer's answer to the same survey before this one. */
struct previous {
	bool known;
	int score;
	enum category category;
	int64_t answered_ms;
};

/* What can be asked about: lent pieces. */
struct subject {
	const struct response *response;
	const struct previous *previous;
};

struct field {
	char *text;			/* as written */
	char *parts[FIELD_PARTS_LIMIT]; /* lent from copy */
	size_t count;
	char *copy;
};
bool field_parse(
	struct field *field, const char *path, struct err *err) must_check;
void field_done(struct field *field);
/* True if the first part is a name of the response format (or "previous",
 * "category"): others are unknown fields, which may exist all the same. */
bool field_is_known(const struct field *field);
/* Those names, ended by NULL: for "did you mean". */
const char *const *field_known_names(void);

enum value_type {
	VALUE_NONE,
	VALUE_TEXT,
	VALUE_NUMBER,
	VALUE_BOOLEAN,
	VALUE_OTHER
};
struct value {
	enum value_type type;
	const char *text; /* lent from the subject */
	double number;
	bool boolean;
	char scratch[32];
};
/* null and missing are VALUE_NONE; objects and arrays VALUE_OTHER. contact_ok,
 * revision and kind have their defaults where the record does not name them. */
void field_find(const struct field *field, const struct subject *subject,
	struct value *value);

#endif
