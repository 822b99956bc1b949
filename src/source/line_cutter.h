/*
 * line_cutter - cuts bytes into lines: blank ones are passed by, a CR before
 * the LF is dropped, a byte order mark is one only at the very start. It reads
 * nothing, keeps nothing and judges no line but by its length.
 */
#ifndef NPSD_SOURCE_LINE_CUTTER_H
#define NPSD_SOURCE_LINE_CUTTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum line_kind { LINE_NONE, LINE_WHOLE, LINE_TOO_LONG };

struct line {
	size_t start, length; /* without the line's end */
	int64_t number;	      /* from 1 */
};

struct line_cutter {
	const char *data; /* lent */
	size_t length;
	size_t limit;	/* longest line that is whole */
	size_t at;	/* where the next line begins */
	int64_t number; /* lines that were passed, blank ones too */
};

/* is_start: the bytes are the first of a file. lines: how many came before. */
void line_cutter_init(struct line_cutter *cutter, const char *data,
	size_t length, size_t limit, bool is_start, int64_t lines);
/* The next line that has its end and is not blank. LINE_NONE: there is none;
 * what is left from `at` on is the beginning of a line. */
enum line_kind line_cutter_next(struct line_cutter *cutter, struct line *line);
/* After LINE_NONE, where nothing more will come: what is left as a line.
 * LINE_NONE: nothing, or blanks. */
enum line_kind line_cutter_last(struct line_cutter *cutter, struct line *line);

#endif
