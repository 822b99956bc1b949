/*
 * rejection - how a refusal is worded and placed. For response.c and normal.c;
 * everybody else needs no more than response.h.
 */
#ifndef NPSD_NPS_REJECTION_H
#define NPSD_NPS_REJECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "nps/response.h"

/* Fills all but the offset; always false. parent and name are the member's
 * place: NULL, NULL for the record itself, NULL, "score" for a top-level
 * member, "customer", "email" below one. The sentence never quotes text that
 * came with the record, but for names in segment. */
bool rejection_fill(struct rejection *why, enum rejection_reason reason,
	const char *parent, const char *name, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* Finds the value that the pointer names in a record that is well-formed
 * JSON, and sets the offset. Leaves it unknown where there is none. */
void rejection_locate(struct rejection *why, const char *bytes, size_t length);

#endif
