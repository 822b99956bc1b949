/* csv - cuts bytes into rows of fields. */
#include "base/csv.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* One row being read. */
struct scan {
	struct csv_row *row;
	const char *data;
	size_t length;
	size_t at;
	bool last;
	char delimiter;
	bool is_open;	/* a quote that was not closed yet ... */
	size_t open_at; /* ... stands here */
};

static bool
is_blank(const struct scan *scan, size_t at)
{
	char c = scan->data[at];

	return (c == ' ' || c == '\t') && c != scan->delimiter;
}

static bool
is_line_end(char c)
{
	return c == '\n' || c == '\r';
}

static void
skip_blanks(struct scan *scan)
{
	while (scan->at < scan->length && is_blank(scan, scan->at))
		scan->at++;
}

static void
add_field(struct csv_row *row, size_t start, size_t end, bool doubled)
{
	if (row->count == row->room) {
		row->room = row->room > 0 ? row->room * 2 : 16;
		row->fields = mem_grow(
			row->fields, row->room, sizeof(struct csv_field));
	}
	row->fields[row->count++] =
		(struct csv_field){start, end - start, doubled};
}

static enum csv_end
fault(struct scan *scan, size_t at, const char *what)
{
	scan->row->fault = what;
	scan->row->fault_at = at;
	return CSV_FAULT;
}

/* From the quote to the one that closes it, and the blanks behind. */
static enum csv_end
read_quoted(struct scan *scan)
{
	size_t start = scan->at + 1, end = start;
	bool doubled = false;

	scan->is_open = true;
	scan->open_at = scan->at;
	for (;; end += 2, doubled = true) {
		const char *quote =
			memchr(scan->data + end, '"', scan->length - end);

		if (quote == NULL)
			return scan->last ? fault(scan, scan->open_at,
						    "the quote that opens here "
						    "is never closed")
					  : CSV_MORE;
		end = (size_t)(quote - scan->data);
		if (end + 1 == scan->length && !scan->last)
			return CSV_MORE;
		if (end + 1 == scan->length || scan->data[end + 1] != '"')
			break;
	}
	scan->is_open = false;
	add_field(scan->row, start, end, doubled);
	scan->at = end + 1;
	skip_blanks(scan);
	if (scan->at == scan->length)
		return scan->last ? CSV_ROW : CSV_MORE;
	if (scan->data[scan->at] == scan->delimiter ||
		is_line_end(scan->data[scan->at]))
		return CSV_ROW;
	return fault(scan, scan->at,
		"behind the quote that closes a field must stand the delimiter "
		"or the line's end; a quote within a text is written twice");
}

static enum csv_end
read_plain(struct scan *scan, size_t start)
{
	size_t end;

	while (scan->at < scan->length &&
		scan->data[scan->at] != scan->delimiter &&
		!is_line_end(scan->data[scan->at]))
		scan->at++;
	if (scan->at == scan->length && !scan->last)
		return CSV_MORE;
	end = scan->at;
	while (end > start && is_blank(scan, end - 1))
		end--;
	add_field(scan->row, start, end, false);
	return CSV_ROW;
}

static enum csv_end
read_field(struct scan *scan)
{
	if (scan->row->count == CSV_FIELDS_LIMIT)
		return fault(
			scan, scan->at, "the row has more than 2000 fields");
	skip_blanks(scan);
	if (scan->at < scan->length && scan->data[scan->at] == '"')
		return read_quoted(scan);
	return read_plain(scan, scan->at);
}

/* The end of the line at `at`: how many bytes it has; 0: cannot be told yet. */
static size_t
line_end_length(const struct scan *scan, size_t at)
{
	if (scan->data[at] == '\n')
		return 1;
	if (at + 1 < scan->length)
		return scan->data[at + 1] == '\n' ? 2 : 1;
	return scan->last ? 1 : 0;
}

static enum csv_end
read_row(struct scan *scan)
{
	struct csv_row *row = scan->row;
	size_t end;

	for (;;) {
		enum csv_end result = read_field(scan);

		if (result != CSV_ROW)
			return result;
		if (scan->at == scan->length ||
			scan->data[scan->at] != scan->delimiter)
			break;
		scan->at++;
	}
	row->length = row->next = scan->at;
	row->lines = 1;
	for (size_t i = 0; i < row->length; i++)
		row->lines += scan->data[i] == '\n';
	if (scan->at == scan->length)
		return CSV_ROW;
	end = line_end_length(scan, scan->at);
	row->next += end;
	return end > 0 ? CSV_ROW : CSV_MORE;
}

size_t
csv_line_length(const char *data, size_t length)
{
	size_t at = 0;

	while (at < length && !is_line_end(data[at]))
		at++;
	return at;
}

/* Makes the first line of the bytes the row. False: its end is not there. */
static bool
take_line(struct scan *scan)
{
	struct csv_row *row = scan->row;
	size_t at = csv_line_length(scan->data, scan->length), end = 0;

	if (at < scan->length)
		end = line_end_length(scan, at);
	if (end == 0 && !scan->last)
		return false;
	row->length = at;
	row->next = at + end;
	row->lines = 1;
	return true;
}

enum csv_end
csv_row_read(struct csv_row *row, char delimiter, const char *data,
	size_t length, bool last, size_t limit)
{
	struct scan scan = {.row = row,
		.data = data,
		.length = length,
		.last = last,
		.delimiter = delimiter};
	enum csv_end result;

	row->count = row->next = row->length = 0;
	row->lines = 0;
	result = read_row(&scan);
	if (result == CSV_MORE && length > limit && scan.is_open)
		result = fault(&scan, scan.open_at,
			"the quote that opens here is not closed within the "
			"limit of a record");
	if (result == CSV_ROW)
		return row->length > limit ? CSV_TOO_LONG : CSV_ROW;
	row->next = 0;
	if (result == CSV_FAULT) {
		if (take_line(&scan))
			return row->length > limit ? CSV_TOO_LONG : CSV_FAULT;
		result = CSV_MORE;
	}
	return length > limit ? CSV_TOO_LONG : CSV_MORE;
}

void
csv_row_done(struct csv_row *row)
{
	free(row->fields);
	memset(row, 0, sizeof(*row));
}

bool
csv_row_is_blank(const struct csv_row *row)
{
	for (size_t i = 0; i < row->count; i++)
		if (row->fields[i].length > 0)
			return false;
	return true;
}

void
csv_field_append(
	const struct csv_field *field, const char *data, struct buf *out)
{
	const char *at = data + field->at, *end = at + field->length;

	while (field->doubled && at < end) {
		const char *quote = memchr(at, '"', (size_t)(end - at));

		if (quote == NULL)
			break;
		buf_append(out, at, (size_t)(quote + 1 - at));
		at = quote + 2;
	}
	if (at < end)
		buf_append(out, at, (size_t)(end - at));
}
