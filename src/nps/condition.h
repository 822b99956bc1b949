/*
 * condition - one test of one value, as `match:` writes it. Which value is
 * asked about is matcher.c's.
 *
 *	NL  "NL"        equal: texts byte by byte, numbers and booleans by value
 *	">=10000"       < <= > >= = != and a number
 *	0-3             a range, both ends in it
 *	present absent  unquoted; an empty text counts as absent
 *	contains        a word anywhere in a text
 *
 * A text value is compared with a range as written, so that a segment whose
 * values are "11-50" and "51-200" can be matched. Only ASCII letters are folded
 * by contains: other letters must stand as they are looked for.
 */
#ifndef NPSD_NPS_CONDITION_H
#define NPSD_NPS_CONDITION_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "nps/field.h"

enum condition_kind {
	CONDITION_EQUAL,
	CONDITION_COMPARE,
	CONDITION_RANGE,
	CONDITION_PRESENT,
	CONDITION_ABSENT,
	CONDITION_CONTAINS,
};

enum condition_compare {
	COMPARE_LESS,
	COMPARE_AT_MOST,
	COMPARE_MORE,
	COMPARE_AT_LEAST,
	COMPARE_IS,
	COMPARE_IS_NOT,
};

struct condition {
	enum condition_kind kind;
	enum condition_compare compare;
	char *text;	  /* as written; of CONTAINS in small letters */
	bool is_number;	  /* of EQUAL: text is one, in low */
	double low, high; /* COMPARE: low; RANGE: both */
};

/* Reads all but contains. quoted: it stood in quotes. */
bool condition_parse(struct condition *condition, const char *text, bool quoted,
	struct err *err) must_check;
bool condition_parse_contains(struct condition *condition, const char *word,
	struct err *err) must_check;
void condition_done(struct condition *condition);

bool condition_holds(
	const struct condition *condition, const struct value *value);

/* True if every value for which `narrow` holds has `wide` hold too, as far as
 * that can be told. */
bool condition_implies(
	const struct condition *narrow, const struct condition *wide);

/* Appends it as a person would write it: NL, "a, b", >= 10000, 0-3. */
void condition_describe(const struct condition *condition, struct buf *out);

#endif
