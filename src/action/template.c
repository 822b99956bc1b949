/* template - a text with \(EXPRESSION) in it as one jq expression. */
#include "action/template.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "expr/lexeme.h"

struct writer {
	const char *start;
	const char *end;
	enum template_form form;
	struct buf *out;
};

/* A byte of a jq string. */
static void
write_byte(struct buf *out, char c)
{
	if (c == '"' || c == '\\')
		buf_append_char(out, '\\');
	buf_append_char(out, c);
}

static void
write_bytes(struct buf *out, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		write_byte(out, bytes[i]);
}

static void
write_escaped(struct buf *out, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		const char *entity = text_html_entity((unsigned char)bytes[i]);

		if (entity != NULL)
			buf_append_text(out, entity);
		else
			write_byte(out, bytes[i]);
	}
}

/* The length of the link that stands here, without the stop or bracket behind
 * it; 0 if there is none. One that a value goes on with is none: where it
 * leads would be the value's to say. */
static size_t
link_length(const char *at, const char *end)
{
	static const char *const schemes[] = {"https://", "http://"};
	size_t left = (size_t)(end - at), scheme = 0, length = 0;

	for (size_t i = 0; i < 2 && scheme == 0; i++)
		if (left > strlen(schemes[i]) &&
			memcmp(at, schemes[i], strlen(schemes[i])) == 0)
			scheme = strlen(schemes[i]);
	if (scheme == 0)
		return 0;
	while (length < left && (unsigned char)at[length] > ' ' &&
		strchr("<>\"\\^`{|}", at[length]) == NULL)
		length++;
	if (length < left && at[length] == '\\')
		return 0;
	while (strchr(".,;:!?)'", at[length - 1]) != NULL)
		length--;
	return length > scheme ? length : 0;
}

static void
write_link(struct buf *out, const char *link, size_t length)
{
	buf_append_text(out, "<a href=\\\"");
	write_escaped(out, link, length);
	buf_append_text(out, "\\\">");
	write_escaped(out, link, length);
	buf_append_text(out, "</a>");
}

/* What stands for itself up to `stop`; returns where it ended. */
static const char *
write_literal(const struct writer *writer, const char *at)
{
	size_t link;

	if (writer->form != TEMPLATE_AS_HTML) {
		write_byte(writer->out, *at);
		return at + 1;
	}
	link = link_length(at, writer->end);
	if (link == 0) {
		write_escaped(writer->out, at, 1);
		return at + 1;
	}
	write_link(writer->out, at, link);
	return at + link;
}

static bool
refuse(const struct writer *writer, const char *at, const char *what,
	struct err *err)
{
	size_t line = 1;

	for (const char *c = writer->start; c < at; c++)
		line += *c == '\n';
	return err_set(err, "line %zu: %s", line, what);
}

/* The length of "(EXPRESSION)" at `open`, which starts with its bracket. The
 * text ends with a NUL at or behind writer->end. */
static bool
expression_length(const struct writer *writer, const char *open, size_t *length,
	struct err *err)
{
	struct lexer lexer;
	struct lexeme lexeme;

	lexer_init(&lexer, open);
	do {
		lexeme = lexer_next(&lexer);
		if (lexeme.kind == LEXEME_BROKEN)
			return refuse(writer, open,
				"the bracket of \\( is never closed as it "
				"should be",
				err);
	} while (lexer.depth > 0);
	*length = (size_t)(lexer.next - open);
	return true;
}

static bool
write_all(const struct writer *writer, struct err *err)
{
	for (const char *at = writer->start; at < writer->end;) {
		size_t length = 0, left = (size_t)(writer->end - at);

		if (left >= 3 && memcmp(at, "\\\\(", 3) == 0) {
			write_bytes(writer->out, "\\(", 2);
			at += 3;
		} else if (left >= 2 && memcmp(at, "\\(", 2) == 0) {
			if (!expression_length(writer, at + 1, &length, err))
				return false;
			buf_append_char(writer->out, '\\');
			buf_append(writer->out, at + 1, length);
			at += 1 + length;
		} else {
			at = write_literal(writer, at);
		}
	}
	return true;
}

bool
template_to_jq(struct text template, enum template_form form, struct buf *out,
	struct err *err)
{
	char *copy = mem_copy(template.data, template.length);
	struct writer writer = {copy, copy + template.length, form, out};
	bool good;

	buf_append_text(out, form == TEMPLATE_TEXT ? "\"" : "@html \"");
	good = write_all(&writer, err);
	buf_append_char(out, '"');
	free(copy);
	return good;
}

void
template_lay_out(struct buf *out, const char *text, const char *language)
{
	buf_printf(out,
		"<!DOCTYPE html>\n<html lang=\"%s\">\n<head>"
		"<meta charset=\"utf-8\"></head>\n"
		"<body style=\"font-family: sans-serif; line-height: 1.5\">\n",
		language);
	while (*(text += strspn(text, "\n")) != '\0') {
		buf_append_text(out, "<p>");
		while (*text != '\0' && strncmp(text, "\n\n", 2) != 0) {
			if (*text == '\n' && text[1] != '\0')
				buf_append_text(out, "<br>\n");
			else if (*text != '\n')
				buf_append_char(out, *text);
			text++;
		}
		buf_append_text(out, "</p>\n");
	}
	buf_append_text(out, "</body>\n</html>\n");
}
