/*
 * multipart_body - forms as multipart/form-data (RFC 7578).
 *
 *	preamble CRLF --BOUNDARY CRLF
 *	headers CRLF CRLF
 *	value CRLF --BOUNDARY CRLF
 *	...
 *	value CRLF --BOUNDARY-- epilogue
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/form.h"
#include "base/memory.h"
#include "base/text.h"

enum { HEADERS_LIMIT_BYTES = 8 * 1024 };

/* ---- parameters of a header ---- */

/* A word up to what ends it, or a text in quotes with its escapes undone.
 * Moves *at behind it. The caller frees it. */
static char *
take_value(struct text *at)
{
	struct text rest = *at;
	struct buf value = {0};
	bool quoted = rest.length > 0 && *rest.data == '"';
	size_t i = quoted ? 1 : 0;

	buf_append_text(&value, "");
	for (; i < rest.length; i++) {
		char c = rest.data[i];

		if (quoted ? c == '"' : strchr("; \t\r\n", c) != NULL)
			break;
		/* As old browsers have it, a backslash in a path is none. */
		if (quoted && c == '\\' && i + 1 < rest.length &&
			(rest.data[i + 1] == '"' || rest.data[i + 1] == '\\'))
			c = rest.data[++i];
		buf_append_char(&value, c);
	}
	if (quoted && i < rest.length)
		i++;
	*at = (struct text){rest.data + i, rest.length - i};
	return buf_take(&value);
}

/* The parameter of a header's value: form-data; name="x"; filename="y". The
 * caller frees it; NULL: there is none. */
static char *
parameter(struct text header, const char *name)
{
	const char *first = memchr(header.data, ';', header.length);

	while (first != NULL) {
		size_t left = header.length - (size_t)(first + 1 - header.data);
		struct text rest = text_trim((struct text){first + 1, left});
		size_t word = 0;
		char *value;
		bool found;

		while (word < rest.length &&
			strchr("=; \t", rest.data[word]) == NULL)
			word++;
		found = word == strlen(name) &&
			strncasecmp(rest.data, name, word) == 0;
		if (word == rest.length || rest.data[word] != '=') {
			header = rest;
			first = memchr(rest.data, ';', rest.length);
			continue;
		}
		rest = (struct text){
			rest.data + word + 1, rest.length - word - 1};
		value = take_value(&rest);
		if (found)
			return value;
		free(value);
		header = rest;
		first = memchr(rest.data, ';', rest.length);
	}
	return NULL;
}

/* ---- parts ---- */

struct multipart {
	struct form *form;
	char *mark; /* CRLF--BOUNDARY */
	size_t mark_length;
	struct text rest;
};

static void
move_on(struct multipart *parts, size_t bytes)
{
	parts->rest.data += bytes;
	parts->rest.length -= bytes;
}

static bool
starts(struct text text, const char *with, size_t length)
{
	return text.length >= length && memcmp(text.data, with, length) == 0;
}

/* Moves behind a boundary's line. False: it is none. */
static bool
end_boundary(struct multipart *parts, bool *last)
{
	struct text rest = parts->rest;
	size_t i = 0;

	*last = starts(rest, "--", 2);
	if (*last)
		return true;
	while (i < rest.length && (rest.data[i] == ' ' || rest.data[i] == '\t'))
		i++;
	if (!starts((struct text){rest.data + i, rest.length - i}, "\r\n", 2))
		return false;
	move_on(parts, i + 2);
	return true;
}

/* Where the next boundary begins, as an offset; SIZE_MAX: nowhere. */
static size_t
next_mark(const struct multipart *parts)
{
	const char *found = memmem(parts->rest.data, parts->rest.length,
		parts->mark, parts->mark_length);

	return found == NULL ? SIZE_MAX : (size_t)(found - parts->rest.data);
}

/* The first boundary may stand at the very start. */
static bool
find_first(struct multipart *parts, bool *last)
{
	size_t at;

	if (starts(parts->rest, parts->mark + 2, parts->mark_length - 2)) {
		move_on(parts, parts->mark_length - 2);
		return end_boundary(parts, last);
	}
	at = next_mark(parts);
	if (at == SIZE_MAX)
		return false;
	move_on(parts, at + parts->mark_length);
	return end_boundary(parts, last);
}

/* The value of Content-Disposition in a part's headers; empty: none. */
static struct text
disposition_of(struct text headers)
{
	static const char name[] = "Content-Disposition:";

	while (headers.length > 0) {
		const char *end =
			memmem(headers.data, headers.length, "\r\n", 2);
		size_t line = end != NULL ? (size_t)(end - headers.data)
					  : headers.length;
		size_t whole = end != NULL ? line + 2 : line;

		if (line >= sizeof(name) - 1 &&
			strncasecmp(headers.data, name, sizeof(name) - 1) == 0)
			return (struct text){headers.data + sizeof(name) - 1,
				line - (sizeof(name) - 1)};
		headers = (struct text){
			headers.data + whole, headers.length - whole};
	}
	return (struct text){"", 0};
}

/* Moves from a part's first header to its value. */
static bool
take_headers(struct multipart *parts, struct text *headers)
{
	static const char blank[] = "\r\n\r\n";
	size_t most = parts->rest.length < HEADERS_LIMIT_BYTES
			      ? parts->rest.length
			      : HEADERS_LIMIT_BYTES;
	const char *end;

	*headers = (struct text){parts->rest.data, 0};
	if (starts(parts->rest, "\r\n", 2)) {
		move_on(parts, 2);
		return true;
	}
	end = memmem(parts->rest.data, most, blank, 4);
	if (end == NULL)
		return false;
	headers->length = (size_t)(end - parts->rest.data);
	move_on(parts, headers->length + 4);
	return true;
}

/* One part, and the boundary behind it. */
static bool
take_part(struct multipart *parts, bool *last, struct err *err)
{
	struct text headers, value;
	char *name, *file;
	size_t at;
	bool good = true;

	if (!take_headers(parts, &headers))
		return err_set(err, "part %zu of the form has no whole headers",
			parts->form->count + 1);
	/* An empty value may share the line's end with its headers. */
	at = next_mark(parts);
	if (at == SIZE_MAX)
		return err_set(err, "part %zu of the form has no end",
			parts->form->count + 1);
	value = (struct text){parts->rest.data, at};
	move_on(parts, at + parts->mark_length);
	if (!end_boundary(parts, last))
		return err_set(err, "a boundary of the form has no end");
	name = parameter(disposition_of(headers), "name");
	file = parameter(disposition_of(headers), "filename");
	if (name == NULL)
		good = err_set(err, "part %zu of the form has no name",
			parts->form->count + 1);
	else if (file == NULL)
		good = form_add(parts->form, mem_strdup(name), strlen(name),
			mem_copy(value.data, value.length), value.length, err);
	free(name);
	free(file);
	return good;
}

static bool
take_parts(struct multipart *parts, struct err *err)
{
	bool last = false;

	if (!find_first(parts, &last))
		return err_set(err, "the form does not begin with the boundary "
				    "that Content-Type names");
	while (!last)
		if (!take_part(parts, &last, err))
			return false;
	return true;
}

bool
form_read_multipart(struct form *form, const char *content_type,
	const char *data, size_t length, struct err *err)
{
	char *boundary = parameter(text_of(content_type), "boundary");
	struct multipart parts = {.form = form, .rest = {data, length}};
	bool good;

	if (boundary == NULL || *boundary == '\0' ||
		strlen(boundary) > FORM_BOUNDARY_LIMIT_BYTES) {
		free(boundary);
		return err_set(err,
			"Content-Type names no boundary of 1 to %d "
			"characters",
			FORM_BOUNDARY_LIMIT_BYTES);
	}
	parts.mark = mem_printf("\r\n--%s", boundary);
	parts.mark_length = strlen(parts.mark);
	good = take_parts(&parts, err);
	free(parts.mark);
	free(boundary);
	return good;
}
