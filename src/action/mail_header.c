/* mail_header - header fields of a mail. */
#include "action/mail_header.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "crypt/digest.h"

enum {
	LINE_LIMIT = 78,	 /* RFC 5322 2.1.1, without CRLF */
	ENCODED_LINE_LIMIT = 76, /* RFC 2047 section 2 */
	PLAIN_WORD_LIMIT = 50,	 /* longer ones are encoded, to be folded */
	QUOTED_LIMIT = 60,
};

static const char word_open[] = "=?UTF-8?B?";
static const char word_close[] = "?=";

/* Controls and the separators of lines, which a reader may take for a break. */
static bool
is_break(uint32_t code)
{
	return code <= 0x20 || (code >= 0x7F && code <= 0x9F) ||
	       code == 0x2028 || code == 0x2029;
}

/* Valid UTF-8 with single spaces and none at the ends. */
static void
clean(struct buf *out, const char *text)
{
	size_t length = strlen(text);
	bool space = false;

	buf_append(out, "", 0);
	for (size_t i = 0; i < length;) {
		uint32_t code = 0xFFFD;
		size_t bytes = text_sequence(text + i, length - i, &code);

		if (bytes != 0 && is_break(code)) {
			space = out->length > 0;
		} else {
			if (space)
				buf_append_char(out, ' ');
			space = false;
			if (bytes != 0)
				buf_append(out, text + i, bytes);
			else
				buf_append_text(out, "\xEF\xBF\xBD");
		}
		i += bytes != 0 ? bytes : 1;
	}
}

static bool
is_plain(const char *text)
{
	size_t word = 0;

	for (const char *at = text; *at != '\0'; at++) {
		if (*at < ' ' || *at > '~')
			return false;
		word = *at == ' ' ? 0 : word + 1;
		if (word > PLAIN_WORD_LIMIT)
			return false;
	}
	/* Else a reader would decode what was meant as it stands. */
	return strstr(text, "=?") == NULL;
}

static size_t
column_of(const struct buf *out)
{
	size_t column = 0;

	while (column < out->length &&
		out->data[out->length - column - 1] != '\n')
		column++;
	return column;
}

/* A space, or a folded line where `length` more would not fit. */
static void
part(struct buf *out, size_t length, size_t limit)
{
	if (column_of(out) + 1 + length > limit)
		buf_append_text(out, "\r\n");
	buf_append_char(out, ' ');
}

static void
append_plain(struct buf *out, const char *text)
{
	while (*text != '\0') {
		size_t length = strcspn(text, " ");

		part(out, length, LINE_LIMIT);
		buf_append(out, text, length);
		text += length;
		text += strspn(text, " ");
	}
}

static void
append_encoded(struct buf *out, const char *text)
{
	size_t length = strlen(text);
	size_t frame = sizeof(word_open) - 1 + sizeof(word_close) - 1;

	while (length > 0) {
		/* Where not one character fits, the line is folded first. */
		part(out, frame + 8, ENCODED_LINE_LIMIT);
		size_t room = ENCODED_LINE_LIMIT - column_of(out) - frame;
		size_t piece = text_cut(text, length, room / 4 * 3);

		buf_append_text(out, word_open);
		base64_append(out, text, piece);
		buf_append_text(out, word_close);
		text += piece;
		length -= piece;
	}
}

static void
append_text(struct buf *out, const char *text)
{
	if (is_plain(text))
		append_plain(out, text);
	else
		append_encoded(out, text);
}

void
mail_header_text(struct buf *out, const char *name, const char *text)
{
	struct buf clear = {0};

	clean(&clear, text);
	buf_append_text(out, name);
	buf_append_char(out, ':');
	append_text(out, clear.data);
	buf_append_text(out, "\r\n");
	buf_done(&clear);
}

void
mail_header_plain(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, "%s: %s\r\n", name, value);
}

/* RFC 5322 3.2.3, and spaces between the atoms. */
static bool
is_phrase(const char *text)
{
	static const char atoms[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789"
				    "!#$%&'*+-/=?^_`{|}~ ";

	return strspn(text, atoms) == strlen(text);
}

static void
append_quoted(struct buf *out, const char *text)
{
	buf_append_text(out, " \"");
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			buf_append_char(out, '\\');
		buf_append_char(out, *text);
	}
	buf_append_char(out, '"');
}

static void
append_display(struct buf *out, const char *text)
{
	if (!is_plain(text) ||
		(!is_phrase(text) && strlen(text) > QUOTED_LIMIT))
		append_encoded(out, text);
	else if (is_phrase(text))
		append_plain(out, text);
	else
		append_quoted(out, text);
}

void
mail_header_mailbox(struct buf *out, const char *name, const char *display,
	const char *address)
{
	struct buf clear = {0};

	clean(&clear, display);
	buf_append_text(out, name);
	buf_append_char(out, ':');
	if (clear.length == 0) {
		buf_printf(out, " %s\r\n", address);
	} else {
		append_display(out, clear.data);
		part(out, strlen(address) + 2, LINE_LIMIT);
		buf_printf(out, "<%s>\r\n", address);
	}
	buf_done(&clear);
}

bool
mail_header_name_is_good(const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789"
				      "!#$%&'*+-.^_`|~";
	size_t length = strlen(name);

	return length > 0 && length <= 60 && strspn(name, allowed) == length;
}
