/* Quoted-printable: short lines, nothing lost, nothing a mail system minds. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "action/mail_body.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BYTES(literal) literal, sizeof(literal) - 1

TestSuite(mail_body);

Test(mail_body, rows)
{
	static const struct {
		const char *text;
		size_t length;
		const char *expected;
	} rows[] = {
		{BYTES(""), "\r\n"},
		{BYTES("a"), "a\r\n"},
		{BYTES("a\n"), "a\r\n"},
		{BYTES("a\nb"), "a\r\nb\r\n"},
		{BYTES("a\r\nb\n"), "a\r\nb\r\n"},
		/* One alone ends no line: what quotes a text did not see one. */
		{BYTES("a\rb\r\r\nc\r"), "a b=20\r\nc=20\r\n"},
		{BYTES("\n\n"), "\r\n\r\n"},
		{BYTES("a=b"), "a=3Db\r\n"},
		{BYTES("a \nb\t\nc "), "a=20\r\nb=09\r\nc=20\r\n"},
		{BYTES("a b\tc"), "a b\tc\r\n"},
		{BYTES(".\n..\n.a"), "=2E\r\n=2E.\r\n=2Ea\r\n"},
		{BYTES("From me\nFrom"), "=46rom me\r\nFrom\r\n"},
		{BYTES("a\0b"), "a=00b\r\n"},
		{BYTES("\x7F\x01\xFF"), "=7F=01=FF\r\n"},
		{BYTES("caf\xC3\xA9"), "caf=C3=A9\r\n"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out = {0};

		mail_body_append(&out, rows[i].text, rows[i].length);
		cr_assert_str_eq(
			out.data, rows[i].expected, "row %zu: %s", i, out.data);
		buf_done(&out);
	}
}

static int
digit(char c)
{
	const char *digits = "0123456789ABCDEF", *at = strchr(digits, c);

	cr_assert(c != '\0' && at != NULL, "no digit: %c", c);
	return (int)(at - digits);
}

/* The text again, LF at each end of a line. Checks every line on the way. */
static void
decode(const struct buf *body, struct buf *out)
{
	for (size_t i = 0, line = 0; i < body->length; i++) {
		char c = body->data[i];

		if (c == '\r') {
			cr_assert_eq(body->data[++i], '\n', "lone CR");
			cr_assert_leq(i - 1 - line, 76, "a line is too long");
			if (i - 1 > line) {
				cr_assert_neq(body->data[i - 2], ' ',
					"ends in a blank");
				cr_assert_neq(body->data[line], '.',
					"starts with a dot");
			}
			line = i + 1;
			buf_append_char(out, '\n');
		} else if (c == '=' && body->data[i + 1] == '\r') {
			i += 2;
			cr_assert_leq(i - 1 - line, 76, "a line is too long");
			line = i + 1;
		} else if (c == '=') {
			buf_append_char(
				out, (char)(digit(body->data[i + 1]) * 16 +
					     digit(body->data[i + 2])));
			i += 2;
		} else {
			cr_assert(c == '\t' || (c >= ' ' && c <= '~'), "raw %d",
				c);
			buf_append_char(out, c);
		}
	}
}

/* 12 KB of any bytes, so that each kind falls on each column. */
Test(mail_body, anything_comes_back)
{
	static const char alphabet[] = "aaaaaaaaaaaa  .=\t\nF\xC3\xA9\x01";
	unsigned seed = 7;

	for (int round = 0; round < 50; round++) {
		struct buf text = {0}, body = {0}, back = {0};

		for (int i = 0; i < 12000; i++) {
			seed = seed * 1103515245u + 12345u;
			buf_append_char(
				&text, alphabet[(seed >> 16) %
						(sizeof(alphabet) - 1)]);
		}
		buf_append_char(&text, '\n');
		mail_body_append(&body, text.data, text.length);
		decode(&body, &back);
		cr_assert_eq(back.length, text.length, "length");
		cr_assert_eq(memcmp(back.data, text.data, text.length), 0,
			"round %d", round);
		buf_done(&text);
		buf_done(&body);
		buf_done(&back);
	}
}
