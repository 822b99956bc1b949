/*
 * rejection - words for a refusal, its place in the record, and a drawing.
 */
#include "nps/rejection.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/memory.h"
#include "base/text.h"

static const char *const names[] = {
	[REJECTED_JSON] = "json",
	[REJECTED_NOT_OBJECT] = "not_object",
	[REJECTED_TOO_LONG] = "too_long",
	[REJECTED_ENCODING] = "encoding",
	[REJECTED_SCORE] = "score",
	[REJECTED_TIME] = "time",
	[REJECTED_FIELD] = "field",
	[REJECTED_CONFLICT] = "conflict",
	[REJECTED_INCOMPLETE] = "incomplete",
	[REJECTED_STORE] = "store",
	[REJECTED_CSV] = "csv",
	[REJECTED_FORM] = "form",
	[REJECTED_MAP] = "map",
};

const char *
rejection_reason_name(enum rejection_reason reason)
{
	assert((size_t)reason < sizeof(names) / sizeof(names[0]));
	return names[reason];
}

/* Appends "/NAME" with the escapes of RFC 6901; false if it does not fit. */
static bool
append_pointer(char *pointer, size_t limit, const char *name)
{
	size_t used = strlen(pointer);
	size_t at = used;

	if (at + 1 >= limit)
		return false;
	pointer[at++] = '/';
	for (; *name; name++) {
		bool escaped = *name == '~' || *name == '/';

		if (at + (escaped ? 2 : 1) >= limit) {
			pointer[used] = '\0';
			return false;
		}
		pointer[at++] = escaped ? '~' : *name;
		if (escaped)
			pointer[at++] = *name == '~' ? '0' : '1';
	}
	pointer[at] = '\0';
	return true;
}

bool
rejection_fill(struct rejection *why, enum rejection_reason reason,
	const char *parent, const char *name, const char *format, ...)
{
	va_list arguments;

	*why = (struct rejection){.reason = reason};
	/* A name too long for the pointer leaves its parent's. */
	if (parent)
		append_pointer(why->pointer, sizeof(why->pointer), parent);
	if (name)
		append_pointer(why->pointer, sizeof(why->pointer), name);
	va_start(arguments, format);
	int wanted = vsnprintf(why->text, sizeof(why->text), format, arguments);

	va_end(arguments);
	if (wanted >= (int)sizeof(why->text))
		why->text[text_cut(why->text, sizeof(why->text) - 1,
			sizeof(why->text) - 2)] = '\0';
	return false;
}

/* A walk over well-formed JSON; ends at `length` whatever the bytes are. */
struct walk {
	const char *data;
	size_t length;
	size_t at;
};

static char
walk_byte(const struct walk *walk)
{
	return walk->at < walk->length ? walk->data[walk->at] : '\0';
}

/* Moves over blanks and the commas and colons between values. */
static void
walk_gap(struct walk *walk)
{
	while (walk->at < walk->length &&
		memchr(" \t\r\n,:", walk_byte(walk), 6))
		walk->at++;
}

static void
walk_string(struct walk *walk)
{
	for (walk->at++; walk->at < walk->length; walk->at++) {
		if (walk_byte(walk) == '\\')
			walk->at++;
		else if (walk_byte(walk) == '"')
			break;
	}
	walk->at++;
}

static void
walk_value(struct walk *walk)
{
	int depth = 0;

	do {
		walk_gap(walk);
		char c = walk_byte(walk);

		if (c == '"') {
			walk_string(walk);
			continue;
		}
		if (c == '{' || c == '[')
			depth++;
		else if (c == '}' || c == ']')
			depth--;
		else
			while (walk->at + 1 < walk->length &&
				!memchr(" \t\r\n,:]}", walk->data[walk->at + 1],
					8))
				walk->at++;
		walk->at++;
	} while (depth > 0 && walk->at < walk->length);
}

/* Whether the string literal says the name. */
static bool
literal_is(const char *literal, size_t length, const char *name)
{
	struct text inner = {literal + 1, length - 2};

	if (!memchr(literal, '\\', length))
		return text_equal(inner, name);
	json_t *read = json_loadb(literal, length, JSON_DECODE_ANY, NULL);
	bool is = read && text_same(json_string_value(read), name);

	json_decref(read);
	return is;
}

/* Moves from the start of an object to the value of its member. */
static bool
walk_member(struct walk *walk, const char *name)
{
	walk_gap(walk);
	if (walk_byte(walk) != '{')
		return false;
	walk->at++;
	for (walk_gap(walk); walk_byte(walk) == '"'; walk_gap(walk)) {
		size_t key = walk->at;

		walk_string(walk);
		if (walk->at > walk->length)
			return false;
		bool found = literal_is(walk->data + key, walk->at - key, name);

		walk_gap(walk);
		if (found)
			return true;
		walk_value(walk);
	}
	return false;
}

/* Undoes the escapes of one part of a pointer, in place. */
static void
unescape_part(char *part)
{
	char *to = part;

	for (; *part; part++) {
		if (*part == '~' && part[1])
			*to++ = *++part == '0' ? '~' : '/';
		else
			*to++ = *part;
	}
	*to = '\0';
}

void
rejection_locate(struct rejection *why, const char *bytes, size_t length)
{
	struct walk walk = {.data = bytes, .length = length};
	char pointer[sizeof(why->pointer)];
	char *rest = pointer + 1;

	if (why->pointer[0] != '/')
		return;
	memcpy(pointer, why->pointer, sizeof(pointer));
	while (rest) {
		char *part = strsep(&rest, "/");

		unescape_part(part);
		if (!walk_member(&walk, part))
			return;
	}
	why->offset = walk.at;
	why->offset_known = walk.at < length;
}

/* One character of the line, as it is shown. */
struct cell {
	size_t at;     /* its first byte in the line */
	size_t column; /* where it is shown, from 0 */
};

static bool
is_shown_raw(const char *data, size_t length, size_t *bytes)
{
	uint32_t code = 0;

	*bytes = text_sequence(data, length, &code);
	if (!*bytes) {
		*bytes = 1;
		return false;
	}
	return !text_moves(code);
}

/* Appends the character at the front of the bytes; its length in bytes.
 * *columns is how wide it came out. */
static size_t
append_cell(struct buf *out, const char *data, size_t length, size_t *columns)
{
	size_t bytes;
	size_t before = out->length;

	if (is_shown_raw(data, length, &bytes)) {
		buf_append(out, data, bytes);
		*columns = 1;
		return bytes;
	}
	text_append_escaped(out, data, bytes, bytes);
	*columns = out->length - before;
	return bytes;
}

/* Where each character of the line comes to stand; one more for its end. The
 * caller frees it. */
static struct cell *
lay_out(const char *line, size_t length, size_t *count)
{
	struct cell *cells = mem_new(length + 1, sizeof(*cells));
	struct buf scratch = {0};
	size_t column = 0;
	size_t n = 0;

	for (size_t at = 0; at < length; n++) {
		size_t columns;

		cells[n] = (struct cell){at, column};
		buf_clear(&scratch);
		at += append_cell(&scratch, line + at, length - at, &columns);
		column += columns;
	}
	cells[n] = (struct cell){length, column};
	buf_done(&scratch);
	*count = n;
	return cells;
}

/* The part of the cells that is shown: [first, end). */
struct view {
	size_t first, end;
};

/* As much around the cell `caret` as goes into width columns. */
static struct view
choose_view(const struct cell *cells, size_t count, size_t caret, size_t width)
{
	size_t total = cells[count].column;
	size_t wanted = cells[caret].column;
	struct view view = {0, count};

	if (total <= width)
		return view;
	size_t start = wanted > width / 2 ? wanted - width / 2 : 0;

	if (start > total - width)
		start = total - width;
	while (cells[view.first].column < start)
		view.first++;
	start = cells[view.first].column;
	while (view.end > caret && cells[view.end].column > start + width)
		view.end--;
	return view;
}

static const char cut_mark[] = "...";
enum { CUT_COLUMNS = 3, WIDTH_LEAST = 24 };

/* Makes room for the marks that tell of what is cut off. */
static void
make_room(
	const struct cell *cells, size_t count, struct view *view, size_t caret)
{
	size_t start = cells[view->first].column;
	size_t end = cells[view->end].column;

	while (start && view->first < caret &&
		cells[view->first].column < start + CUT_COLUMNS)
		view->first++;
	while (view->end < count && view->end > caret + 1 &&
		cells[view->end].column + CUT_COLUMNS > end)
		view->end--;
}

/* Draws the line; returns the column under which the caret goes. */
static size_t
draw_line(struct buf *out, const char *line, size_t length, size_t fault,
	size_t width)
{
	size_t count;
	size_t caret = 0;
	struct cell *cells = lay_out(line, length, &count);

	while (caret < count && cells[caret + 1].at <= fault)
		caret++;
	struct view view = choose_view(cells, count, caret, width);

	if (cells[count].column > width)
		make_room(cells, count, &view, caret);
	size_t column = cells[caret].column - cells[view.first].column;

	if (view.first) {
		buf_append_text(out, cut_mark);
		column += CUT_COLUMNS;
	}
	for (size_t i = view.first; i < view.end; i++) {
		size_t columns;

		append_cell(out, line + cells[i].at,
			cells[i + 1].at - cells[i].at, &columns);
	}
	if (view.end < count)
		buf_append_text(out, cut_mark);
	buf_append_char(out, '\n');
	free(cells);
	return column;
}

void
rejection_draw(const struct rejection *why, const char *bytes, size_t length,
	size_t width, struct buf *out)
{
	size_t fault =
		why->offset_known && why->offset <= length ? why->offset : 0;
	size_t start = fault;
	size_t end = fault;

	while (start && bytes[start - 1] != '\n')
		start--;
	while (end < length && bytes[end] != '\n')
		end++;
	if (end > fault && bytes[end - 1] == '\r')
		end--;
	if (width < WIDTH_LEAST)
		width = WIDTH_LEAST;
	size_t column = draw_line(
		out, bytes + start, end - start, fault - start, width);

	if (why->offset_known && why->offset <= length) {
		for (; column; column--)
			buf_append_char(out, ' ');
		buf_append_text(out, "^ ");
	}
	buf_append_text(out, why->text);
	buf_append_char(out, '\n');
}
