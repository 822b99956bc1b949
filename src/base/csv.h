/*
 * csv - cuts bytes into rows of fields (RFC 4180), with the liberties that
 * programs take: any delimiter, LF, CR LF or CR at a row's end, blanks around
 * quotes, no end at the last row. It reads nothing and knows no columns.
 *
 *	r-1 ; "too ""slow"", he said" ; 3 CR LF
 *	      ^ a quote opens a field only where it begins one
 *
 * A quote that is not closed as it should costs the line it stands in and no
 * more: what follows begins with the next line.
 */
#ifndef NPSD_BASE_CSV_H
#define NPSD_BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum { CSV_FIELDS_LIMIT = 2000 }; /* of a row */

struct csv_field {
	size_t at, length; /* without quotes and the blanks around it */
	bool doubled;	   /* quotes in it are written twice */
};

enum csv_end {
	CSV_ROW,
	CSV_MORE,     /* its end is not there yet */
	CSV_FAULT,    /* its first line cannot be read: see fault */
	CSV_TOO_LONG, /* past the limit; next is 0 where its end is not there */
};

/* Zero to begin with; csv_row_done at the end. Offsets count from the bytes
 * given to csv_row_read. */
struct csv_row {
	size_t length; /* without its end */
	size_t next;   /* where the row behind it begins */
	int64_t lines; /* that it takes */
	struct csv_field *fields;
	size_t count, room;
	const char *fault; /* a sentence, for CSV_FAULT */
	size_t fault_at;
};

/* Reads the row that begins at data. last: nothing follows the bytes. limit:
 * bytes of a row. There must be at least one byte. */
enum csv_end csv_row_read(struct csv_row *row, char delimiter, const char *data,
	size_t length, bool last, size_t limit);
/* Length of the first line, without its end. */
size_t csv_line_length(const char *data, size_t length);
void csv_row_done(struct csv_row *row);
/* Whether nothing stands in any field. */
bool csv_row_is_blank(const struct csv_row *row);
/* Appends what the field says. */
void csv_field_append(
	const struct csv_field *field, const char *data, struct buf *out);

#endif
