/*
 * fault - what jq says about a text, as the author of that text needs it.
 */
#ifndef NPSD_EXPR_FAULT_H
#define NPSD_EXPR_FAULT_H

#include <stddef.h>

#include "base/buf.h"

/* From 1; the column in characters. */
struct fault_place {
	size_t line;
	size_t column;
};
struct fault_place fault_place(const char *text, size_t offset);

/*
 * Appends a message of jq's compiler about a program in which `text` follows
 * `lines_before` whole lines, in the words and with the place that fit the
 * text alone. Several are joined by "; ". Messages that say nothing are left
 * out.
 */
void fault_append(struct buf *out, const char *message, const char *text,
	size_t lines_before);

#endif
