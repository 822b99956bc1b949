/*
 * excerpt - one line of a file under an error (excerpt.h).
 */
#include "conf/excerpt.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"

static const char mask[] = "********";

bool
excerpt_line(const char *data, size_t length, int line, const char **start,
	size_t *bytes)
{
	const char *end = data + length;
	const char *at = data;

	for (int number = 1; number < line; number++) {
		const char *feed = memchr(at, '\n', (size_t)(end - at));

		if (!feed)
			return false;
		at = feed + 1;
	}
	const char *feed = memchr(at, '\n', (size_t)(end - at));

	*start = at;
	*bytes = (size_t)((feed ? feed : end) - at);
	if (*bytes > 0 && at[*bytes - 1] == '\r')
		--*bytes;
	return true;
}

/* Bytes of the character at the start; an invalid byte is one of its own. */
static size_t
character(const char *data, size_t length)
{
	size_t bytes = text_sequence(data, length, NULL);

	return bytes ? bytes : 1;
}

static int
characters(const char *data, size_t length)
{
	int count = 0;

	for (size_t i = 0; i < length; count++)
		i += character(data + i, length - i);
	return count;
}

static bool
is_before(struct excerpt_place a, struct excerpt_place b)
{
	return a.line != b.line ? a.line < b.line : a.column < b.column;
}

static bool
is_hidden(const struct excerpt *excerpt, struct excerpt_place place)
{
	for (size_t i = 0; i < excerpt->hidden_count; i++) {
		const struct excerpt_span *span = &excerpt->hidden[i];

		if (!is_before(place, span->start) &&
			is_before(place, span->end))
			return true;
	}
	return false;
}

/* The characters [first, last) of the line that fit around the column. */
static void
choose_window(int column, int count, int *first, int *last)
{
	*first = 1;
	*last = count + 1;
	if (count <= EXCERPT_LIMIT_CHARACTERS)
		return;
	int width = EXCERPT_LIMIT_CHARACTERS - 6; /* two times "..." */

	*first = column - width / 2;
	if (*first > count + 1 - width)
		*first = count + 1 - width;
	if (*first < 1)
		*first = 1;
	*last = *first + width;
}

/* Columns that the bytes take on a terminal (each character one). */
static int
columns(const char *data, size_t length)
{
	int count = 0;

	for (size_t i = 0; i < length; i++)
		if (((unsigned char)data[i] & 0xC0) != 0x80)
			count++;
	return count;
}

/* Appends the window of the line; returns how far in the place stands. */
static int
append_window(struct buf *out, const struct excerpt *excerpt, const char *line,
	size_t bytes)
{
	size_t start = out->length;
	struct excerpt_place at = {excerpt->place.line, 1};
	int caret = -1, first, last;
	bool was_hidden = false;

	choose_window(
		excerpt->place.column, characters(line, bytes), &first, &last);
	if (first > 1)
		buf_append_text(out, "...");
	for (size_t i = 0; i < bytes && at.column < last; at.column++) {
		size_t one = character(line + i, bytes - i);
		bool hidden = at.column >= first && is_hidden(excerpt, at);

		if (at.column == excerpt->place.column)
			caret = columns(out->data + start, out->length - start);
		if (hidden && !was_hidden)
			buf_append_text(out, mask);
		if (at.column >= first && !hidden)
			text_append_escaped(out, line + i, one, one);
		was_hidden = hidden;
		i += one;
	}
	if (caret < 0)
		caret = columns(out->data + start, out->length - start);
	if (last <= characters(line, bytes))
		buf_append_text(out, "...");
	return caret;
}

void
excerpt_append(struct buf *out, const struct excerpt *excerpt)
{
	const char *line;
	size_t bytes;

	if (!excerpt->data || !excerpt_line(excerpt->data, excerpt->length,
				      excerpt->place.line, &line, &bytes))
		return;
	buf_append_text(out, "   | ");
	int caret = append_window(out, excerpt, line, bytes);

	buf_printf(out, "\n   | %*s^\n", caret, "");
}

/* Bytes of the value that one escape of a double-quoted scalar stands for, and
 * its length in the file; false where the line ends in it. */
static bool
measure_escape(const char *at, size_t left, size_t *written, size_t *meant)
{
	static const char hex[] = "xuU";
	static const size_t digits[] = {2, 4, 8};

	if (left < 2)
		return false;
	const char *kind = strchr(hex, at[1]);

	*written = 2;
	*meant = strchr("N_", at[1]) ? 2 : strchr("LP", at[1]) ? 3 : 1;
	if (!kind)
		return true;
	uint32_t code = 0;
	size_t count = digits[kind - hex];

	for (size_t i = 2; i < 2 + count; i++) {
		static const char order[] = "00112233445566778899aAbBcCdDeEfF";
		const char *digit =
			i < left && at[i] ? strchr(order, at[i]) : NULL;

		if (!digit)
			return false;
		code = code * 16 + (uint32_t)(digit - order) / 2;
	}
	*written = 2 + count;
	*meant = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	return true;
}

/* Walks over the written form of a scalar on one line. */
static bool
move_along(
	const char *at, size_t left, size_t offset, struct excerpt_place *place)
{
	char quote = left > 0 && (*at == '"' || *at == '\'') ? *at : '\0';
	const char *start = at;

	if (quote)
		at++, left--;
	while (offset > 0) {
		size_t written = left > 0 ? character(at, left) : 0;
		size_t meant = written;

		if (written == 0)
			return false;
		if (quote == '"' && *at == '\\' &&
			!measure_escape(at, left, &written, &meant))
			return false;
		if (quote == '\'' && *at == '\'')
			written = 2;
		if (written > left)
			return false;
		at += written;
		left -= written;
		offset -= meant < offset ? meant : offset;
	}
	place->column += characters(start, (size_t)(at - start));
	return true;
}

/* In a literal block each line of the value is the end of a line of the file. */
static bool
move_down(const struct excerpt *excerpt, const char *value, size_t offset,
	struct excerpt_place *place)
{
	size_t begin = 0;
	int line = place->line + 1;
	const char *source;
	size_t bytes;

	for (size_t i = 0; i < offset; i++)
		if (value[i] == '\n') {
			begin = i + 1;
			line++;
		}
	size_t length = strcspn(value + begin, "\n");

	if (!excerpt_line(
		    excerpt->data, excerpt->length, line, &source, &bytes) ||
		bytes < length ||
		memcmp(source + bytes - length, value + begin, length) != 0)
		return false;
	place->line = line;
	place->column =
		1 + characters(source, bytes - length + (offset - begin));
	return true;
}

bool
excerpt_move(const struct excerpt *excerpt, const char *value, size_t offset,
	struct excerpt_place *place)
{
	const char *line;
	size_t bytes;

	if (!excerpt->data || offset > strlen(value) ||
		!excerpt_line(excerpt->data, excerpt->length, place->line,
			&line, &bytes))
		return false;
	for (int column = 1; column < place->column; column++) {
		if (bytes == 0)
			return false;
		size_t one = character(line, bytes);

		line += one;
		bytes -= one;
	}
	if (bytes > 0 && *line == '|')
		return move_down(excerpt, value, offset, place);
	if (bytes > 0 && *line == '>')
		return false;
	return move_along(line, bytes, offset, place);
}
