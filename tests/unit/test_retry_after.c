/* Retry-After: seconds and the three forms of an HTTP date. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/time.h"
#include "loop/retry_after.h"

TestSuite(retry_after);

static const struct row {
	const char *value;
	int64_t expected_ms;
} rows[] = {
	/* now is Sat, 21 Nov 2026 09:00:00 GMT, the limit is one day */
	{"0", 0},
	{"1", 1000},
	{"120", 120000},
	{"0120", 120000},
	{"86400", 86400000},
	{"86401", 86400000},
	{"99999999999999999999999999999999", 86400000},
	{"Sat, 21 Nov 2026 09:00:30 GMT", 30000},
	{"Sat, 21 Nov 2026 09:00:00 GMT", 0},
	{"Sat, 21 Nov 2026 08:59:59 GMT", 0},
	{"Thu, 01 Jan 1970 00:00:00 GMT", 0},
	{"Sun, 06 Nov 1994 08:49:37 GMT", 0},
	{"Sun, 22 Nov 2026 08:59:59 GMT", 86399000},
	{"Fri, 31 Dec 9999 23:59:59 GMT", 86400000},
	{"Sat, 21 Nov 2026 09:00:60 GMT", 60000},
	{"Saturday, 21-Nov-26 09:01:00 GMT", 60000},
	{"Sunday, 06-Nov-94 08:49:37 GMT", 0},
	{"Sat Nov 21 09:02:00 2026", 120000},
	{"Sun Nov  6 08:49:37 1994", 0},
	/* neither */
	{"", -1},
	{" 5", -1},
	{"5 ", -1},
	{"-5", -1},
	{"+5", -1},
	{"1.5", -1},
	{"1e3", -1},
	{"0x10", -1},
	{"5s", -1},
	{"soon", -1},
	{"2026-11-21T09:00:30Z", -1},
	{"Sun, 21 Nov 2026 09:00:30 GMT", -1}, /* it is a Saturday */
	{"Mon, 30 Feb 2026 09:00:30 GMT", -1},
	{"Sat, 31 Nov 2026 09:00:30 GMT", -1},
	{"Sat, 00 Nov 2026 09:00:30 GMT", -1},
	{"Sat, 21 Nov 2026 24:00:00 GMT", -1},
	{"Sat, 21 Nov 2026 09:60:00 GMT", -1},
	{"Sat, 21 Nov 2026 09:00:61 GMT", -1},
	{"Sat, 21 Nov 2026 09:00:30", -1},
	{"Sat, 21 Nov 2026 09:00:30 UTC", -1},
	{"Sat, 21 Nov 2026 09:00:30 +0000", -1},
	{"Sat, 21 nov 2026 09:00:30 GMT", -1},
	{"sat, 21 Nov 2026 09:00:30 GMT", -1},
	{"Sat, 21  Nov 2026 09:00:30 GMT", -1},
	{"Sat, 1 Nov 2026 09:00:30 GMT", -1},
	{"Sat, 21 Nov 2026 09:00:30 GMT x", -1},
	{"Sat, 21-Nov-26 09:01:00 GMT", -1},
	{"Sat Nov 1 09:02:00 2026", -1},
	{"Sat", -1},
};

static int64_t
now_ms(void)
{
	return civil_to_utc_ms((struct civil){
		.year = 2026, .month = 11, .day = 21, .hour = 9});
}

Test(retry_after, reads_what_the_rfc_allows_and_nothing_else)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int64_t ms = retry_after_read(rows[i].value,
			strlen(rows[i].value), now_ms(), MS_PER_DAY);
		cr_expect_eq(ms, rows[i].expected_ms,
			"\"%s\" gave %ld, expected %ld", rows[i].value,
			(long)ms, (long)rows[i].expected_ms);
	}
}

Test(retry_after, reads_no_byte_past_its_length)
{
	cr_expect_eq(retry_after_read("123", 2, now_ms(), MS_PER_DAY), 12000,
		"two digits only");
	cr_expect_eq(retry_after_read("Sat, 21 Nov 2026 09:00:30 GMT", 28,
			     now_ms(), MS_PER_DAY),
		-1, "cut short");
}

Test(retry_after, reads_a_year_of_two_digits_within_fifty_years)
{
	/* 21 Nov 2076 is a Saturday and 50 years ahead; 2077 would be 51. */
	cr_expect_eq(retry_after_read("Saturday, 21-Nov-76 09:01:00 GMT", 32,
			     now_ms(), MS_PER_DAY),
		MS_PER_DAY, "76 is 2076");
	cr_expect_eq(retry_after_read("Monday, 21-Nov-77 09:01:00 GMT", 30,
			     now_ms(), MS_PER_DAY),
		0, "77 is 1977");
}
