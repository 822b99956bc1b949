/*
 * signed_text - what a sender signed, put together of parts of its request:
 * "{header:webhook-id}.{timestamp}.{body}". Made ready once.
 */
#ifndef NPSD_SOURCE_SIGNED_TEXT_H
#define NPSD_SOURCE_SIGNED_TEXT_H

#include <stdbool.h>

#include "base/err.h"
#include "base/text.h"

enum signed_part_kind {
	PART_TEXT,
	PART_BODY,
	PART_METHOD,
	PART_URI,
	PART_HEADER,
	PART_FIELD,
	PART_TIMESTAMP
};

struct signed_part {
	enum signed_part_kind kind;
	char *text; /* the text itself, or the name; owned */
};

struct signed_text {
	struct signed_part *parts;
	size_t count;
};

/* NULL with a reason where braces hold what is not known. */
struct signed_text *signed_text_open(
	const char *text, struct err *err) must_check;
void signed_text_close(struct signed_text *text); /* NULL is fine */

#endif
