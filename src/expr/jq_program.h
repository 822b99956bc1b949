/*
 * jq_program - the text of one jq program out of many expressions.
 *
 *	PRELUDE           shadows what an expression must not reach
 *	def npsd::f0:
 *	TEXT
 *	;
 *	def npsd::f1: ...
 *	path((DISPATCH | npsd::give | empty) as $x | empty)
 *
 * Its input is [number of the function, document]. It gives every value of
 * that function to jq's `debug` and none as its own, so that one jq_next() is
 * a whole run.
 *
 * Why inside of path(): a run that is stopped in the middle is cleaned up by
 * the next jq_start(), and libjq 1.6 aborts there if a path expression of the
 * text was left but could still be resumed (`.items[] |= until(false; .)`).
 * Under an outer path it does not.
 */
#ifndef NPSD_EXPR_JQ_PROGRAM_H
#define NPSD_EXPR_JQ_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/* Lines before the first text. */
enum { JQ_PROGRAM_LINES_BEFORE = 2 };

struct jq_function {
	struct text text; /* must have passed the fence */
	/* Its document is [value, request, {text: value}]: it sees the first as
	 * `.`, the second as $request, and has the third for `fromjson`, so
	 * that jq's own reader never meets what strangers wrote. */
	bool is_map;
};

/* The caller frees the program. */
char *jq_program(const struct jq_function *functions, size_t count);

#endif
