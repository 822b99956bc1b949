/* Reasons: set, cut, with errno, with context. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"

TestSuite(err);

Test(err, keeps_one_sentence)
{
	struct err err;

	cr_assert_not(err_set(&err, "rule %s: %d", "low", 6), "never true");
	cr_assert_str_eq(err.text, "rule low: 6", "printf-style");
	cr_assert_not(err_set(&err, "again: %s", err.text), "never true");
	cr_assert_str_eq(
		err.text, "again: rule low: 6", "own text as argument");
	cr_assert_not(err_prefix(&err, "file %s", "a"), "never true");
	cr_assert_str_eq(err.text, "file a: again: rule low: 6", "context");
	cr_assert_not(err_set(NULL, "x"), "nobody wants it");
	cr_assert_not(err_errno(NULL, "x"), "nobody wants it");
	cr_assert_not(err_prefix(NULL, "x"), "nobody wants it");
}

Test(err, appends_errno_of_the_call)
{
	struct err err;
	char wanted[200];

	errno = ENOSPC;
	cr_assert_not(err_errno(&err, "cannot write %s", "q"), "never true");
	(void)snprintf(
		wanted, sizeof(wanted), "cannot write q: %s", strerror(ENOSPC));
	cr_assert_str_eq(err.text, wanted, "got \"%s\"", err.text);
	errno = ENOSPC;
	err_errno(&err, "x");
	cr_assert_eq(errno, ENOSPC, "errno survives");
}

Test(err, cuts_between_characters)
{
	char longer[2 * ERR_LIMIT_BYTES];
	struct err err;

	/* One to three bytes before, so that the limit falls anywhere in a
	 * sequence of three. */
	for (size_t before = 0; before < 3; before++) {
		memset(longer, 'x', before);
		for (size_t i = before; i + 3 < sizeof(longer); i += 3)
			memcpy(longer + i, "\xE2\x82\xAC", 4);
		err_set(&err, "%s", longer);
		size_t length = strlen(err.text);

		cr_assert_lt(length, ERR_LIMIT_BYTES, "within the limit");
		cr_assert_gt(length, ERR_LIMIT_BYTES - 8, "not cut too early");
		cr_assert(text_is_utf8(err.text, length, NULL), "valid UTF-8");
		cr_assert_str_eq(err.text + length - 3, "...", "marked");
	}
	errno = EACCES;
	err_errno(&err, "%s", longer);
	cr_assert_not_null(strstr(err.text, strerror(EACCES)),
		"a long context does not push errno out");
	err_prefix(&err, "%s", longer);
	cr_assert(text_is_utf8(err.text, strlen(err.text), NULL), "UTF-8");
}
