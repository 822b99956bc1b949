/* link_token - written, read, and tampered with in each bit. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/buf.h"
#include "crypt/link_token.h"

TestSuite(link_token);

#define NOW INT64_C(1699999999999)
#define EXPIRES INT64_C(1700000000999) /* in whole seconds */

static const uint8_t key[LINK_KEY_BYTES] = {1, 2, 3};
static const uint8_t other_key[LINK_KEY_BYTES] = {1, 2, 4};

Test(link_token, comes_back)
{
	static const int64_t rows[] = {
		1, 255, 256, INT64_C(1) << 40, INT64_MAX};
	char text[LINK_TOKEN_LENGTH + 1];
	struct link_token token;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		link_token_write(key, rows[i], "anna", EXPIRES, text);
		cr_expect_eq(strlen(text), LINK_TOKEN_LENGTH, "%s", text);
		cr_assert_eq(link_token_read(key, text, NOW, &token), LINK_GOOD,
			"row %zu", i);
		cr_expect_eq(token.follow_up, rows[i], "row");
		cr_expect_eq(token.expires_ms, INT64_C(1700000000000),
			"whole seconds");
		cr_expect(link_token_is_for(key, &token, "anna"), "hers");
		cr_expect_not(link_token_is_for(key, &token, "jan"), "not his");
		cr_expect_not(link_token_is_for(key, &token, ""), "nobody's");
	}
}

Test(link_token, expires)
{
	char text[LINK_TOKEN_LENGTH + 1];
	struct link_token token;

	link_token_write(key, 7, "anna", EXPIRES, text);
	cr_expect_eq(link_token_read(key, text, NOW, &token), LINK_GOOD,
		"a millisecond before");
	cr_expect_eq(link_token_read(key, text, INT64_C(1700000000000), &token),
		LINK_EXPIRED, "then");
	cr_expect_eq(token.follow_up, 7, "filled all the same");
	cr_expect_eq(link_token_read(key, text, INT64_MAX, &token),
		LINK_EXPIRED, "ever after");
	cr_expect_eq(link_token_read(other_key, text, INT64_MAX, &token),
		LINK_WRONG, "of a wrong one nothing is told");
}

/* Every other sign in every place, so each bit of it counts; and no token has a
 * second spelling. */
Test(link_token, each_sign_counts)
{
	char text[LINK_TOKEN_LENGTH + 1], changed[LINK_TOKEN_LENGTH + 1];
	struct link_token token;

	link_token_write(key, 7, "anna", EXPIRES, text);
	for (size_t i = 0; i < LINK_TOKEN_LENGTH; i++) {
		for (int c = 1; c < 256; c++) {
			memcpy(changed, text, sizeof(text));
			changed[i] = (char)c;
			if (changed[i] == text[i])
				continue;
			cr_assert_eq(link_token_read(key, changed, NOW, &token),
				LINK_WRONG, "place %zu, sign %d", i, c);
			cr_assert_eq(token.follow_up, 0, "nothing is told");
		}
	}
}

Test(link_token, what_is_none)
{
	char good[LINK_TOKEN_LENGTH + 1], longer[LINK_TOKEN_LENGTH + 2];
	static const char *const texts[] = {"", "A", "TOKEN",
		"../../etc/passwd",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		"AAAAAAAAAAAAAAAA",
		"\xff\xfe"};
	struct link_token token;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		cr_expect_eq(link_token_read(key, texts[i], NOW, &token),
			LINK_WRONG, "%zu", i);
	link_token_write(key, 7, "anna", EXPIRES, good);
	cr_expect_eq(link_token_read(other_key, good, NOW, &token), LINK_WRONG,
		"of another store");
	memcpy(longer, good, LINK_TOKEN_LENGTH);
	memcpy(longer + LINK_TOKEN_LENGTH, "A", 2);
	cr_expect_eq(link_token_read(key, longer, NOW, &token), LINK_WRONG,
		"a sign more");
	good[LINK_TOKEN_LENGTH - 1] = '\0';
	cr_expect_eq(link_token_read(key, good, NOW, &token), LINK_WRONG,
		"a sign less");
}

/* T: the token, S: its half. */
Test(link_token, is_taken_out_of_texts)
{
	static const struct {
		const char *text, *left;
	} rows[] = {
		{"", ""},
		{"see https://a.b/f/T.", "see https://a.b/f/."},
		{"{\"page\":\"http://a/x/f/T\",\"n\":\"/f/T\"}",
			"{\"page\":\"http://a/x/f/\",\"n\":\"/f/\"}"},
		{"/f/T", "/f/"},
		{"a/=\r\nf/=\r\nT=\r\n&amp;", "a/=\r\nf/=\r\n&amp;"},
		{"/=\nf=\n/T", "/=\nf=\n/"},
		{"/f/S", "/f/S"},
		{"/f/S=", "/f/S="},
		{"/f/S=\r\n", "/f/S=\r\n"},
		{"/f/S S", "/f/S S"},
		{"/f/S=3D", "/f/S=3D"},
		{"/f/=", "/f/="},
		{"//f/f/T/f", "//f/f//f"},
		{"T", "T"},
	};
	char token[LINK_TOKEN_LENGTH + 1];

	link_token_write(key, 7, "anna", EXPIRES, token);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf text = {0}, left = {0};
		struct buf *to[] = {&text, &left};
		const char *from[] = {rows[i].text, rows[i].left};
		size_t length;

		for (size_t j = 0; j < 2; j++)
			for (const char *at = from[j]; *at != '\0'; at++)
				buf_append(to[j],
					*at == 'T' || *at == 'S' ? token : at,
					*at == 'T'   ? LINK_TOKEN_LENGTH
					: *at == 'S' ? LINK_TOKEN_LENGTH / 2
						     : 1);
		buf_append_char(&text, '#');
		length = link_token_hide(text.data, text.length - 1);
		cr_expect_eq(length, left.length, "%zu: %.*s", i, (int)length,
			text.data);
		cr_expect(length == 0 ||
				  memcmp(text.data, left.data, length) == 0,
			"%zu: %.*s", i, (int)length, text.data);
		buf_done(&text);
		buf_done(&left);
	}
}

/* A mail's body is quoted-printable: wherever its lines are cut. */
Test(link_token, is_taken_out_of_mails)
{
	char token[LINK_TOKEN_LENGTH + 1];

	link_token_write(key, 7, "anna", EXPIRES, token);
	for (size_t before = 0; before < 80; before++) {
		struct buf text = {0};

		for (size_t i = 0; i < before + 3 + LINK_TOKEN_LENGTH; i++) {
			char sign = i < before	     ? 'x'
				    : i < before + 3 ? "/f/"[i - before]
						     : token[i - before - 3];

			if (i % 75 == 74)
				buf_append_text(&text, "=\r\n");
			buf_append_char(&text, sign);
		}
		text.length = link_token_hide(text.data, text.length);
		for (size_t i = 0, j = 0; i < text.length; i++) {
			if (text.data[i] == '=' || text.data[i] == '\r' ||
				text.data[i] == '\n')
				continue;
			cr_assert_lt(++j, before + 4, "%zu: %.*s", before,
				(int)text.length, text.data);
		}
		buf_done(&text);
	}
}
