/* Instants and durations (rows T01 to T03). */
#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/time.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

TestSuite(time);

static bool
read_copy(const char *text, int64_t *instant_ms, struct err *err)
{
	size_t length = strlen(text);
	char *copy = malloc(length);

	if (length)
		memcpy(copy, text, length);
	bool good = time_from_rfc3339(copy, length, instant_ms, err);

	free(copy);
	return good;
}

Test(time, reads_T02_T03)
{
	static const struct {
		const char *text;
		int64_t instant_ms;
		const char *back;
	} rows[] = {
		{"1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00Z"},
		{"2026-11-21T09:00:00Z", 1795251600000, "2026-11-21T09:00:00Z"},
		{"2026-11-21t09:00:00z", 1795251600000, "2026-11-21T09:00:00Z"},
		{"1969-12-31T23:59:59.999Z", -1, "1969-12-31T23:59:59.999Z"},
		{"0001-01-01T00:00:00Z", -62135596800000,
			"0001-01-01T00:00:00Z"},
		{"9999-12-31T23:59:59.999Z", 253402300799999,
			"9999-12-31T23:59:59.999Z"},
		{"2099-12-31T12:00:00Z", 4102401600000, "2099-12-31T12:00:00Z"},
		/* zones */
		{"2026-11-21T09:00:00+14:00", 1795251600000 - 14 * 3600000,
			"2026-11-20T19:00:00Z"},
		{"2026-11-21T09:00:00-14:00", 1795251600000 + 14 * 3600000,
			"2026-11-21T23:00:00Z"},
		{"2026-11-21T09:00:00+05:30", 1795251600000 - 19800000,
			"2026-11-21T03:30:00Z"},
		{"2026-11-21T09:00:00+23:59", 1795251600000 - 86340000,
			"2026-11-20T09:01:00Z"},
		{"2026-11-21T09:00:00-00:00", 1795251600000,
			"2026-11-21T09:00:00Z"},
		/* fractions: cut, not rounded */
		{"2026-11-21T09:00:00.5Z", 1795251600500,
			"2026-11-21T09:00:00.500Z"},
		{"2026-11-21T09:00:00.05Z", 1795251600050,
			"2026-11-21T09:00:00.050Z"},
		{"2026-11-21T09:00:00.123456789012Z", 1795251600123,
			"2026-11-21T09:00:00.123Z"},
		{"2026-11-21T09:00:00.999999999999+00:00", 1795251600999,
			"2026-11-21T09:00:00.999Z"},
		{"2026-11-21T09:00:00.0009Z", 1795251600000,
			"2026-11-21T09:00:00Z"},
		/* leap years and leap seconds */
		{"2024-02-29T00:00:00Z", 1709164800000, "2024-02-29T00:00:00Z"},
		{"2000-02-29T00:00:00Z", 951782400000, "2000-02-29T00:00:00Z"},
		{"2016-12-31T23:59:60Z", 1483228800000, "2017-01-01T00:00:00Z"},
		{"2016-12-31T15:59:60.25-08:00", 1483228800250,
			"2017-01-01T00:00:00.250Z"},
		{"2017-01-01T00:59:60+01:00", 1483228800000,
			"2017-01-01T00:00:00Z"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = {""};
		int64_t instant_ms = 7;
		char back[TIME_TEXT_BYTES];

		cr_assert(read_copy(rows[i].text, &instant_ms, &err), "%s: %s",
			rows[i].text, err.text);
		cr_assert_eq(instant_ms, rows[i].instant_ms, "%s: %lld",
			rows[i].text, (long long)instant_ms);
		time_to_rfc3339(instant_ms, back);
		cr_assert_str_eq(
			back, rows[i].back, "%s: %s", rows[i].text, back);
	}
}

Test(time, refuses_T01_T03)
{
	static const char shape[] =
		"not a date and time such as 2026-11-21T09:00:00Z";
	static const char missing[] = "the zone is missing (Z or +hh:mm)";
	static const char zone[] = "after the time stands neither Z nor a zone "
				   "from -23:59 to +23:59";
	static const char leap[] = "no leap second can stand there";
	static const char years[] = "outside the years 0001 to 9999 in UTC";
	static const struct {
		const char *text, *reason;
	} rows[] = {
		{"", shape},
		{" ", shape},
		{"now", shape},
		{"1795251600", shape},
		{"2026-11-21", shape},
		{"2026-11-21T09:00Z", shape},
		{"2026-11-21T09Z", shape},
		{"2026-11-21 09:00:00Z", shape},
		{"2026-11-21T9:00:00Z", shape},
		{"20261121T090000Z", shape},
		{"2026-325T09:00:00Z", shape},
		{" 2026-11-21T09:00:00Z", shape},
		{"-2026-11-21T09:00:00Z", shape},
		{"+2026-11-21T09:00:00Z", shape},
		{"12026-11-21T09:00:00Z", shape},
		{"2026-11-21T09:00:00.Z", shape},
		{"2026-11-21T09:00:00,5Z", zone},
		{"2026-11-21T09:00:00", missing},
		{"2026-11-21T09:00:00.5", missing},
		{"2026-11-21T09:00:00Z ", zone},
		{"2026-11-21T09:00:00ZZ", zone},
		{"2026-11-21T09:00:00 Z", zone},
		{"2026-11-21T09:00:00+1:00", zone},
		{"2026-11-21T09:00:00+0100", zone},
		{"2026-11-21T09:00:00+01", zone},
		{"2026-11-21T09:00:00+24:00", zone},
		{"2026-11-21T09:00:00+99:00", zone},
		{"2026-11-21T09:00:00+01:60", zone},
		{"2026-11-21T09:00:00+01:00:00", zone},
		{"2026-11-21T09:00:00UTC", zone},
		{"2026-11-21T09:00:00[Europe/Amsterdam]", zone},
		{"2026-02-30T09:00:00Z", "2026-02 has no day 30"},
		{"2026-02-29T09:00:00Z", "2026-02 has no day 29"},
		{"1900-02-29T09:00:00Z", "1900-02 has no day 29"},
		{"2026-04-31T09:00:00Z", "2026-04 has no day 31"},
		{"2026-12-32T09:00:00Z", "2026-12 has no day 32"},
		{"2026-11-00T09:00:00Z", "2026-11 has no day 00"},
		{"2026-00-01T09:00:00Z", "there is no month 00"},
		{"2026-13-01T09:00:00Z", "there is no month 13"},
		{"0000-01-01T00:00:00Z", "year 0000 is not taken"},
		{"2026-11-21T24:00:00Z", "there is no time 24:00:00"},
		{"2026-11-21T09:60:00Z", "there is no time 09:60:00"},
		{"2026-11-21T09:00:61Z", "there is no time 09:00:61"},
		{"2026-11-21T09:00:60Z", leap},
		{"2026-11-21T23:59:60Z", leap},
		{"2016-12-31T23:59:60+01:00", leap},
		{"0001-01-01T00:00:00+00:01", years},
		{"9999-12-31T23:59:59-00:01", years},
		{"9999-12-31T23:59:60Z", years},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = {""};
		int64_t instant_ms = 7;

		cr_assert_not(read_copy(rows[i].text, &instant_ms, &err), "%s",
			rows[i].text);
		cr_assert_str_eq(err.text, rows[i].reason, "\"%s\": %s",
			rows[i].text, err.text);
		cr_assert_eq(instant_ms, 7, "%s: untouched", rows[i].text);
		cr_assert_not(read_copy(rows[i].text, &instant_ms, NULL),
			"nobody asks why");
	}
	/* A NUL inside is no end. */
	int64_t instant_ms;

	cr_assert_not(time_from_rfc3339(
			      "2026-11-21T09:00:00Z\0", 21, &instant_ms, NULL),
		"NUL after");
	cr_assert_not(time_from_rfc3339(
			      "2026-11-21\00009:00:00Z", 20, &instant_ms, NULL),
		"NUL between");
}

Test(time, calendar_agrees_with_gmtime)
{
	/* From before the year 1 to past the year 9999, at odd steps. */
	for (int64_t second = -62200000000; second < 253500000000;
		second += 8640041) {
		time_t t = (time_t)second;
		struct tm tm;
		struct civil civil = civil_from_utc_ms(second * 1000 + 999);

		gmtime_r(&t, &tm);
		bool same =
			civil.year == tm.tm_year + 1900 &&
			civil.month == tm.tm_mon + 1 &&
			civil.day == tm.tm_mday && civil.hour == tm.tm_hour &&
			civil.minute == tm.tm_min && civil.second == tm.tm_sec;

		cr_assert(same, "at %lld", (long long)second);
		cr_assert_eq(civil_to_utc_ms(civil), second * 1000, "back %lld",
			(long long)second);
		cr_assert_eq(civil_weekday(civil), (tm.tm_wday + 6) % 7,
			"weekday at %lld", (long long)second);
	}
}

Test(time, calendar_carries)
{
	static const struct {
		struct civil in;
		const char *out;
	} rows[] = {
		{{2026, 13, 1, 0, 0, 0}, "2027-01-01T00:00:00Z"},
		{{2026, 25, 1, 0, 0, 0}, "2028-01-01T00:00:00Z"},
		{{2026, 0, 1, 0, 0, 0}, "2025-12-01T00:00:00Z"},
		{{2026, -11, 1, 0, 0, 0}, "2025-01-01T00:00:00Z"},
		{{2026, -12, 1, 0, 0, 0}, "2024-12-01T00:00:00Z"},
		{{2026, 3, 0, 0, 0, 0}, "2026-02-28T00:00:00Z"},
		{{2024, 3, 0, 0, 0, 0}, "2024-02-29T00:00:00Z"},
		{{2026, 1, 32, 24, 60, 60}, "2026-02-02T01:01:00Z"},
		{{2026, 1, 1, 0, 0, -1}, "2025-12-31T23:59:59Z"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char out[TIME_TEXT_BYTES];

		time_to_rfc3339(civil_to_utc_ms(rows[i].in), out);
		cr_assert_str_eq(out, rows[i].out, "row %zu: %s", i, out);
	}
}

Test(time, writes_any_instant)
{
	static const struct {
		int64_t instant_ms;
		const char *mail;
	} rows[] = {
		{1795251600000, "Sat, 21 Nov 2026 09:00:00 +0000"},
		{0, "Thu, 01 Jan 1970 00:00:00 +0000"},
		{-1, "Wed, 31 Dec 1969 23:59:59 +0000"},
		{4102444799999, "Thu, 31 Dec 2099 23:59:59 +0000"},
	};
	char text[TIME_TEXT_BYTES];
	char mail[48];

	for (size_t i = 0; i < COUNT(rows); i++) {
		time_to_rfc5322(rows[i].instant_ms, mail);
		cr_assert_str_eq(mail, rows[i].mail, "row %zu: %s", i, mail);
	}
	/* The ends of the scale do not overflow. */
	time_to_rfc3339(INT64_MAX, text);
	cr_assert_str_eq(text, "292278994-08-17T07:12:55.807Z", "%s", text);
	time_to_rfc3339(INT64_MIN, text);
	cr_assert_str_eq(text, "-292275055-05-16T16:47:04.192Z", "%s", text);
	time_to_rfc5322(INT64_MIN, mail);
}

Test(time, durations)
{
	static const struct {
		const char *text;
		int64_t ms;
		const char *back;
	} rows[] = {
		{"0", 0, "0"},
		{"0s", 0, "0"},
		{"500ms", 500, "500ms"},
		{"90s", 90000, "90s"},
		{"15m", 900000, "15m"},
		{"1h30m", 5400000, "90m"},
		{"90m", 5400000, "90m"},
		{"60m", 3600000, "1h"},
		{"48h", 172800000, "2d"},
		{"7d", 604800000, "7d"},
		{"365d", 31536000000, "365d"},
		{"1d2h3m4s5ms", 93784005, "93784s5ms"},
		{"1d1ms", 86400001, "1d1ms"},
		{"10d1s", 864001000, "10d1s"},
		{"100d1s", 8640001000, "100d1s"},
		{"1s500ms", 1500, "1500ms"},
		{"007s", 7000, "7s"},
		{"9223372036854775807ms", INT64_MAX, "9223372036854775807ms"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = {""};
		int64_t ms = 7;
		char back[TIME_TEXT_BYTES];

		cr_assert(duration_from_text(rows[i].text, &ms, &err), "%s: %s",
			rows[i].text, err.text);
		cr_assert_eq(ms, rows[i].ms, "%s: %lld", rows[i].text,
			(long long)ms);
		duration_to_text(ms, back);
		cr_assert_str_eq(
			back, rows[i].back, "%s: %s", rows[i].text, back);
		cr_assert(duration_from_text(back, &ms, NULL), "%s", back);
		cr_assert_eq(ms, rows[i].ms, "%s again", back);
	}
	char text[TIME_TEXT_BYTES];

	duration_to_text(-90000, text);
	cr_assert_str_eq(text, "-90s", "%s", text);
	duration_to_text(INT64_MIN, text);
	cr_assert_str_eq(text, "-9223372036854775808ms", "%s", text);
}

Test(time, durations_refused)
{
	static const char shape[] =
		"not a duration such as 90s, 15m, 1h30m or 7d";
	static const char unit[] = "a duration wants a unit: ms, s, m, h or d";
	static const char order[] = "the units of a duration go from large to "
				    "small, each once";
	static const char length[] = "the duration is too long";
	static const struct {
		const char *text, *reason;
	} rows[] = {
		{"", shape},
		{"s", shape},
		{"-5s", shape},
		{"+5s", shape},
		{" 5s", shape},
		{"soon", shape},
		{"1h m", shape},
		{"1h-5m", shape},
		{"5s ", shape},
		{"90", unit},
		{"00", unit},
		{"1h30", unit},
		{"1.5h", unit},
		{"5 s", unit},
		{"5S", unit},
		{"5sec", unit},
		{"2w", unit},
		{"5sm", unit},
		{"30m1h", order},
		{"1s1s", order},
		{"9223372036854775808ms", shape},
		{"9223372036854775807s", length},
		{"106751991168d", length},
		{"106751991167d9h", length},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = {""};
		int64_t ms = 7;

		cr_assert_not(duration_from_text(rows[i].text, &ms, &err), "%s",
			rows[i].text);
		cr_assert_str_eq(err.text, rows[i].reason, "\"%s\": %s",
			rows[i].text, err.text);
		cr_assert_eq(ms, 7, "%s: untouched", rows[i].text);
	}
}

Test(time, clocks)
{
	struct clock_set set;
	int64_t before = clock_monotonic_us(&clock_system);

	cr_assert_leq(before, clock_monotonic_us(&clock_system), "goes on");
	cr_assert_lt(llabs((long long)clock_wall_ms(&clock_system) -
			     (long long)time(NULL) * 1000),
		2500, "the system's time");
	clock_set_init(&set, 1000);
	cr_assert_eq(clock_wall_ms(&set.clock), 1000, "stands");
	clock_set_advance(&set, 250);
	cr_assert_eq(clock_wall_ms(&set.clock), 1250, "moved");
	cr_assert_eq(clock_monotonic_us(&set.clock), 250000, "moved along");
	set.wall_ms -= 500; /* somebody sets the clock back */
	cr_assert_eq(clock_wall_ms(&set.clock), 750, "back");
	cr_assert_eq(clock_monotonic_us(&set.clock), 250000, "never back");
}
