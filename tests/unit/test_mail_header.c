/* Header fields: encoded, folded, and always just one. Python's email package
 * reads the samples of tests/support/mail_samples.c back as well. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "action/mail_header.h"
#include "base/text.h"
#include "crypt/digest.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define WORD40 "abcdefghijklmnopqrstuvwxyzabcdefghijklmn"

TestSuite(mail_header);

Test(mail_header, texts)
{
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{"hello", "Subject: hello\r\n"},
		{"", "Subject:\r\n"},
		{"  a \t b  ", "Subject: a b\r\n"},
		{"a\r\nBcc: eve@example.com", "Subject: a Bcc: "
					      "eve@example.com\r\n"},
		{"a\n", "Subject: a\r\n"},
		{"a\x01\x1F\x7F"
		 "b",
			"Subject: a b\r\n"},
		/* NEL, LINE SEPARATOR: line breaks to some readers */
		{"a\xC2\x85"
		 "b\xE2\x80\xA8"
		 "c",
			"Subject: a b c\r\n"},
		{"caf\xC3\xA9", "Subject: =?UTF-8?B?Y2Fmw6k=?=\r\n"},
		{"a\xFF", "Subject: =?UTF-8?B?Ye+/vQ==?=\r\n"},
		{"=?UTF-8?B?Y2Fmw6k=?=",
			"Subject: "
			"=?UTF-8?B?PT9VVEYtOD9CP1kyRm13Nms9Pz0=?=\r\n"},
		{WORD40 " " WORD40, "Subject: " WORD40 "\r\n " WORD40 "\r\n"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out = {0};

		mail_header_text(&out, "Subject", rows[i].text);
		cr_assert_str_eq(
			out.data, rows[i].expected, "row %zu: %s", i, out.data);
		buf_done(&out);
	}
}

Test(mail_header, mailboxes)
{
	static const struct {
		const char *name, *expected;
	} rows[] = {
		{"", "From: a@b.c\r\n"},
		{" \r\n ", "From: a@b.c\r\n"},
		{"NPS alerts", "From: NPS alerts <a@b.c>\r\n"},
		{"Acme, Ltd.", "From: \"Acme, Ltd.\" <a@b.c>\r\n"},
		{"A \"b\" \\", "From: \"A \\\"b\\\" \\\\\" <a@b.c>\r\n"},
		{"eve@example.com", "From: \"eve@example.com\" <a@b.c>\r\n"},
		{"x\r\nBcc: y", "From: \"x Bcc: y\" <a@b.c>\r\n"},
		{"J\xC3\xB6rg", "From: =?UTF-8?B?SsO2cmc=?= <a@b.c>\r\n"},
		{"=?x?Q?y?=", "From: =?UTF-8?B?PT94P1E/eT89?= <a@b.c>\r\n"},
		{WORD40 " " WORD40,
			"From: " WORD40 "\r\n " WORD40 " <a@b.c>\r\n"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out = {0};

		mail_header_mailbox(&out, "From", rows[i].name, "a@b.c");
		cr_assert_str_eq(
			out.data, rows[i].expected, "row %zu: %s", i, out.data);
		buf_done(&out);
	}
}

/* Decodes the encoded words of a field; fails on what RFC 2047 forbids. */
static void
decode(const char *field, struct buf *out)
{
	const char *at = strchr(field, ':') + 1;

	while (*at != '\0') {
		struct err err = {""};
		size_t blank = strspn(at, " \r\n");

		at += blank;
		if (*at == '\0')
			break;
		cr_assert_eq(strncmp(at, "=?UTF-8?B?", 10), 0, "%s", at);
		const char *end = strstr(at + 10, "?=");
		size_t start = out->length, bad;

		cr_assert_not_null(end, "%s", at);
		cr_assert_leq(end + 2 - at, 75, "an encoded word is longer");
		cr_assert(base64_decode(
				  at + 10, (size_t)(end - at) - 10, out, &err),
			"%s", err.text);
		cr_assert(text_is_utf8(
				  out->data + start, out->length - start, &bad),
			"a word splits a character");
		at = end + 2;
	}
	buf_append(out, "", 0);
}

/* Each length around the places where words are cut, each kind of character,
 * and 10 KB. */
Test(mail_header, any_length_comes_back)
{
	static const char *const characters[] = {
		"\xC3\xA9", "\xE2\x80\x8F", "\xF0\x9F\x98\x80", "\xE6\x97\xA5"};
	static const char *const names[] = {"S", "Subject",
		"X-A-Rather-Long-Name-Of-A-Header-That-Someone-Chose-Once"};

	for (size_t i = 0; i < COUNT(characters) * COUNT(names) * 81; i++) {
		const char *character = characters[i % COUNT(characters)];
		const char *name = names[i / COUNT(characters) % COUNT(names)];
		size_t count = i / (COUNT(characters) * COUNT(names)) + 1;
		struct buf text = {0}, field = {0}, back = {0};

		if (count == 81)
			count = 3333;
		buf_append_text(&text, count % 2 ? "x" : "");
		for (size_t j = 0; j < count; j++)
			buf_append_text(&text, character);
		mail_header_text(&field, name, text.data);
		for (const char *line = field.data; *line != '\0';) {
			size_t length = strcspn(line, "\r");

			cr_assert_leq(length, 76, "%s", field.data);
			cr_assert_eq(line[length + 1], '\n', "lone CR");
			line += length + 2;
			cr_assert(*line == '\0' || *line == ' ',
				"a line that goes on nothing");
		}
		decode(field.data, &back);
		cr_assert_str_eq(back.data, text.data, "%zu", count);
		buf_done(&text);
		buf_done(&field);
		buf_done(&back);
	}
}

Test(mail_header, names)
{
	cr_assert(mail_header_name_is_good("X-Npsd_1"), "good");
	cr_assert(mail_header_name_is_good("List-Id"), "good");
	cr_assert_not(mail_header_name_is_good(""), "empty");
	cr_assert_not(mail_header_name_is_good("a b"), "space");
	cr_assert_not(mail_header_name_is_good("a:"), "colon");
	cr_assert_not(mail_header_name_is_good("a\r\n"), "break");
	cr_assert_not(mail_header_name_is_good("\xC3\xA9"), "not ASCII");
}
