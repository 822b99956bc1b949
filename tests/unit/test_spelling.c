/* What mails, JSON, forms and HTML make of a word is taken back. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "nps/spelling.h"

TestSuite(spelling);

Test(spelling, is_taken_back)
{
	static const struct {
		enum spelling spelling;
		const char *written, *read;
	} rows[] = {
		{SPELLING_QUOTED, "a=40b=3Dc=3", "a@b=c=3"},
		{SPELLING_QUOTED, "an=\r\nna=\nx= \t\r\ny=\r", "annaxy=\r"},
		{SPELLING_QUOTED, "=C3=a9=", "\xc3\xa9="},
		{SPELLING_JSON, "\\\"a\\\\b\\/c\\n\\u0040\\q\\",
			"\"a\\b/c\n@\\q\\"},
		{SPELLING_JSON, "\\u00e9 \\u20ac \\ud83d\\ude00 \\ud83d\\u0040",
			"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 "
			"\xed\xa0\xbd@"},
		{SPELLING_JSON, "\\u00g0\\u00", "\\u00g0\\u00"},
		{SPELLING_FORM, "a%40b+%4", "a@b+%4"},
		{SPELLING_HTML, "o&#39;b &#x2B;&amp;&lt;&gt;&quot;&commat;",
			"o'b +&<>\"@"},
		{SPELLING_HTML, "&#;&#x;&;&nbsp;&#1114112;&#233;& x;",
			"&#;&#x;&;&nbsp;&#1114112;\xc3\xa9& x;"},
		{SPELLING_WORDS, "S: =?utf-8?B?YW5uYQ==?= x", "S: anna x"},
		{SPELLING_WORDS,
			"=?utf-8?B?YW5uYQ==?=\r\n =?utf-8?Q?=40b_c?=  end",
			"anna@b c  end"},
		{SPELLING_WORDS, "=?utf-8?B?YW5u?x =?u?Z?a?= =?", NULL},
		{SPELLING_BASE64,
			"T: x\r\n\r\nYW5uYUBleGFtcGxl\r\nLmNvbQ==\r\n\r\n--",
			"T: x\r\n\r\nanna@example.com\r\n--"},
		{SPELLING_BASE64, "anna\nYW5uYQ==\nYW5uYUBleGFtcGxlX\n", NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *wanted =
			rows[i].read != NULL ? rows[i].read : rows[i].written;
		struct buf out = {0};

		buf_append_text(&out, "");
		spelling_undo(&out, rows[i].spelling, rows[i].written,
			strlen(rows[i].written));
		cr_assert_str_eq(out.data, wanted, "%zu: %s: %s", i,
			rows[i].written, out.data);
		buf_done(&out);
	}
}

Test(spelling, hides_nobody)
{
	static const struct {
		const char *who, *text;
		bool names;
	} rows[] = {
		{"anna@example.com", "x anna@example.com", true},
		{"anna@example.com", "x anna=40exam=\r\nple.com", true},
		{"anna@example.com", "{\"a\":\"anna\\u0040exa\\u006dple.com\"}",
			true},
		{"anna@example.com",
			"{\"html\":\"<p title=\\\"\\u0026#97;nna&#64;"
			"example.com\\\">\"}",
			true},
		{"anna@example.com", "b=%61nna%40example%2Ecom&c=1", true},
		{"o'brien@example.com", "<p>o&#39;brien@example.com</p>", true},
		{"o'brien@example.com", "<p>o&=\r\n#39;brien@example.com</p>",
			true},
		{"anna@example.com",
			"Subject: =?utf-8?B?w6kgYW5u?=\r\n "
			"=?utf-8?B?YUBleGFtcGxlLmNvbQ==?=\r\n",
			true},
		{"anna@example.com",
			"\r\n\r\nSGVsbG8gYW5uYUBleGFtcGxl\r\nLmNvbQ==\r\n",
			true},
		/* No mail: the signs are its own. */
		{"anna@example.com", "a?x=3&y=4a%6Ena@example.com anna@exa",
			false},
		{"anna@example.com", "{\"a\":\"jo\\u0061nna@example.com\"}",
			false},
		{"anna@example.com", "joanna=40example.com", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct person person = {.words = NULL};

		person_add(&person, PERSON_EMAIL, rows[i].who, NULL);
		cr_assert_eq(spelling_names(&person, rows[i].text,
				     strlen(rows[i].text)),
			rows[i].names, "%s", rows[i].text);
		person_done(&person);
	}
	/* A NUL is between words. */
	struct person person = {.words = NULL};

	person_add(&person, PERSON_EMAIL, "anna@example.com", NULL);
	cr_assert(person_is_named(&person, "x\0anna@example.com\0", 19),
		"behind a NUL");
	person_done(&person);
}
