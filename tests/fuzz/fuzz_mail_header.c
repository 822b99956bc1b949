/*
 * A text in a header of a mail: whatever it is, one field comes out, and reads
 * back as the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "action/mail_header.h"
#include "base/memory.h"
#include "base/text.h"
#include "crypt/digest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* One field: CRLF at the end and in foldings only, ASCII, short lines. */
static void
check_lines(const struct buf *field, size_t most)
{
	const char *at = field->data, *end = field->data + field->length;

	for (size_t line = 0; at < end; at++) {
		must(*at == '\r' ? at[1] == '\n' &&
					   (at + 2 == end || at[2] == ' ')
			: *at == '\n' ? at[-1] == '\r'
				      : *at >= ' ' && *at <= '~');
		line = *at == '\n' ? 0 : line + 1;
		must(line <= most + 1); /* with its CR */
	}
	must(field->length > 2 && end[-1] == '\n');
}

/* RFC 2047: what stands in encoded words, and what stands beside them. */
static void
read_back(const char *value, struct buf *out)
{
	bool after_word = false;

	for (value += strspn(value, " \r\n"); *value != '\0';
		value += strspn(value, " \r\n")) {
		size_t length = strcspn(value, " \r\n");
		bool is_word = strncmp(value, "=?UTF-8?B?", 10) == 0;

		if (out->length > 0 && !(is_word && after_word))
			buf_append_char(out, ' ');
		must(!is_word || (length <= 75 && length > 12));
		if (is_word)
			must(base64_decode(value + 10, length - 12, out, NULL));
		else
			buf_append(out, value, length);
		after_word = is_word;
		value += length;
	}
}

static void
try_text(const char *text)
{
	struct buf field = {0}, told = {0}, again = {0};

	mail_header_text(&field, "Subject", text);
	check_lines(&field, 78);
	read_back(field.data + 8, &told);
	buf_append(&told, "", 0);
	must(text_is_utf8(told.data, told.length, NULL));
	/* What was read back is clean, and so stays as it is. */
	mail_header_text(&again, "Subject", told.data);
	must(strcmp(again.data, field.data) == 0);
	buf_done(&field);
	buf_done(&told);
	buf_done(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_copy(data, size);

	try_text(text);
	free(text);
	return 0;
}
