#include "expr/fault.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

/* Of one text; jq's parser goes on after the first and tells follies. */
enum { MESSAGES_BYTES_LIMIT = 400 };

static size_t
characters(const char *at, size_t bytes)
{
	size_t count = 0;
	for (size_t i = 0; i < bytes; i++)
		if (((unsigned char)at[i] & 0xC0) != 0x80)
			count++;
	return count;
}

struct fault_place
fault_place(const char *text, size_t offset)
{
	struct fault_place place = {1, 1};
	const char *line = text;
	for (const char *at = text; at < text + offset; at++) {
		if (*at != '\n')
			continue;
		place.line++;
		line = at + 1;
	}
	place.column += characters(line, (size_t)(text + offset - line));
	return place;
}

static const char *
line_start(const char *text, size_t number)
{
	for (; text && number > 1; number--) {
		text = strchr(text, '\n');
		if (text)
			text++;
	}
	return text;
}

/*
 * jq ends a message with " at <top-level>, line N:", the whole line N, and as
 * many spaces as the fault has bytes before it in that line.
 */
struct parts {
	size_t length; /* of the message proper */
	size_t line;   /* 0: none given */
	size_t before; /* bytes of that line before the fault */
};

static struct parts
take_apart(const char *message, const char *text, size_t lines_before)
{
	static const char mark[] = " at <top-level>, line ";
	const char *at = strstr(message, mark);
	if (!at)
		return (struct parts){strcspn(message, "\n"), 0, 0};
	struct parts parts = {(size_t)(at - message), 0, 0};
	unsigned long line = strtoul(at + strlen(mark), NULL, 10);
	if (line <= lines_before)
		return parts;
	parts.line = line - lines_before;
	const char *own = line_start(text, parts.line);
	const char *shown = strchr(at, '\n');
	if (!own || !shown)
		return parts;
	size_t own_length = strcspn(own, "\n");
	size_t shown_length = strlen(shown + 1);
	if (shown_length > own_length)
		parts.before = shown_length - own_length;
	if (parts.before > own_length)
		parts.before = own_length;
	return parts;
}

static void
replace(struct buf *out, const char *old, const char *new)
{
	char *whole = buf_take(out);
	const char *at = whole;
	for (const char *hit; (hit = strstr(at, old)); at = hit + strlen(old)) {
		buf_append(out, at, (size_t)(hit - at));
		buf_append_text(out, new);
	}
	buf_append_text(out, at);
	free(whole);
}

/* jq names its tokens as its source does. */
static void
say_plainly(struct buf *message)
{
	static const char *const tokens[][2] = {
		{"INVALID_CHARACTER", "a character that jq does not know"},
		{"QQSTRING_INTERP_START", "\\("},
		{"QQSTRING_INTERP_END", "the end of \\( )"},
		{"QQSTRING_START", "a string"},
		{"QQSTRING_TEXT", "text"},
		{"QQSTRING_END", "the end of a string"},
		{"IDENT", "a name"},
		{"FIELD", "a field"},
		{"LITERAL", "a number"},
		{"FORMAT", "an @format"},
		{"$end", "end of the text"},
	};
	replace(message, "jq: error: ", "");
	replace(message, " (Unix shell quoting issues?)", "");
	replace(message, "$*label-", "label $");
	if (!text_starts(message->data, "syntax error"))
		return;
	for (size_t i = 0; i < sizeof(tokens) / sizeof(*tokens); i++)
		replace(message, tokens[i][0], tokens[i][1]);
}

static struct fault_place
place_of(struct parts parts, const char *text)
{
	const char *line = line_start(text, parts.line);
	if (!line)
		return fault_place(text, strlen(text));
	return fault_place(text, (size_t)(line - text) + parts.before);
}

void
fault_append(struct buf *out, const char *message, const char *text,
	size_t lines_before)
{
	struct parts parts = take_apart(message, text, lines_before);
	struct buf plain = {0};
	buf_append(&plain, message, parts.length);
	say_plainly(&plain);
	/* The function's own end stands right behind the text. */
	if (parts.line && !line_start(text, parts.line))
		replace(&plain, "unexpected ';'", "unexpected end of the text");
	bool counts_only = strstr(plain.data, " compile error") != NULL;
	if (counts_only || out->length > MESSAGES_BYTES_LIMIT) {
		buf_done(&plain);
		return;
	}
	if (out->length)
		buf_append_text(out, "; ");
	struct fault_place place = place_of(parts, text);
	if (parts.line)
		buf_printf(out, "line %zu, column %zu: ", place.line,
			place.column);
	text_append_escaped(
		out, plain.data, plain.length, MESSAGES_BYTES_LIMIT);
	buf_done(&plain);
}
