/* link_token - written, read, and tampered with in each bit. */
#include <criterion/criterion.h>
#include <string.h>

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
		cr_expect_eq(link_token_span(text), LINK_TOKEN_LENGTH,
			"base64url: %s", text);
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
	cr_expect_eq(link_token_span(longer), 0, "a sign more");
	good[LINK_TOKEN_LENGTH - 1] = '\0';
	cr_expect_eq(link_token_span(good), 0, "a sign less");
	cr_expect_eq(link_token_read(key, good, NOW, &token), LINK_WRONG,
		"a sign less");
}
