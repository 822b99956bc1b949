/*
 * excerpt - one line of a file under an error, with a caret below the column.
 * Knows bytes and places only.
 */
#ifndef NPSD_CONF_EXCERPT_H
#define NPSD_CONF_EXCERPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum { EXCERPT_LIMIT_CHARACTERS = 120 };

/* Lines and columns from 1; columns count characters. */
struct excerpt_place {
	int line, column;
};
/* Characters not to be shown; the end is just behind them. */
struct excerpt_span {
	struct excerpt_place start, end;
};
struct excerpt {
	const char *data; /* the whole file */
	size_t length;
	struct excerpt_place place;
	const struct excerpt_span *hidden;
	size_t hidden_count;
};

/* Appends both lines, or nothing if the file has no such line. */
void excerpt_append(struct buf *out, const struct excerpt *excerpt);

/* Moves *place, the start of a YAML scalar in the file, on to where byte
 * `offset` of its value stands. False, with *place as it was, if the scalar is
 * written over several lines in another way than as a literal block. */
bool excerpt_move(const struct excerpt *excerpt, const char *value,
	size_t offset, struct excerpt_place *place);

/* The bytes of one line, without its end. False behind the last. */
bool excerpt_line(const char *data, size_t length, int line, const char **start,
	size_t *bytes);

#endif
