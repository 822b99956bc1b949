/* mail_body - text as quoted-printable. */
#include "action/mail_body.h"

#include <stdbool.h>
#include <string.h>

enum { LINE_LIMIT = 76 };

struct writer {
	struct buf *out;
	size_t column;
};

/* Room for the = of a soft break is kept on every line. */
static void
write_bytes(struct writer *writer, const char *bytes, size_t length)
{
	if (writer->column + length > LINE_LIMIT - 1) {
		buf_append(writer->out, "=\r\n", 3);
		writer->column = 0;
	}
	buf_append(writer->out, bytes, length);
	writer->column += length;
}

static void
write_code(struct writer *writer, unsigned char c)
{
	static const char digits[] = "0123456789ABCDEF";
	char code[3] = {'=', digits[c >> 4], digits[c & 15]};

	write_bytes(writer, code, sizeof(code));
}

static bool
starts_line(const struct writer *writer)
{
	return writer->column == 0 || writer->column == LINE_LIMIT - 1;
}

/* One line without its end. A CR in it, which some readers take for one, is a
 * space: messages quote what people wrote line by line, and end lines with LF. */
static void
write_line(struct writer *writer, const char *line, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		char c = line[i] == '\r' ? ' ' : line[i];
		bool blank = c == ' ' || c == '\t';
		bool plain = (c >= '!' && c <= '~' && c != '=') || blank;

		if (blank && i + 1 == length)
			plain = false;
		if (starts_line(writer) &&
			(c == '.' ||
				(length - i >= 5 &&
					memcmp(line + i, "From ", 5) == 0)))
			plain = false;
		if (plain)
			write_bytes(writer, &c, 1);
		else
			write_code(writer, (unsigned char)c);
	}
	buf_append(writer->out, "\r\n", 2);
	writer->column = 0;
}

/* Up to LF or CR LF. */
static size_t
line_length(const char *text, size_t length)
{
	const char *end = memchr(text, '\n', length);

	if (end == NULL)
		return length;
	length = (size_t)(end - text);
	return length > 0 && text[length - 1] == '\r' ? length - 1 : length;
}

void
mail_body_append(struct buf *out, const char *text, size_t length)
{
	struct writer writer = {out, 0};
	size_t at = 0;

	while (at < length) {
		size_t line = line_length(text + at, length - at);

		write_line(&writer, text + at, line);
		at += line;
		at += at < length && text[at] == '\r' ? 2 : 1;
	}
	if (length == 0)
		buf_append(out, "\r\n", 2);
}
