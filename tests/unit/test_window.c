/*
 * window - which buckets are held, in every zone and at every turn of a year.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "nps/window.h"

TestSuite(window);

static int64_t
at(const char *text)
{
	int64_t instant;
	struct err err;

	cr_assert(time_from_rfc3339(text, strlen(text), &instant, &err),
		"%s: %s", text, err.text);
	return instant;
}

static struct window
window_named(const char *name)
{
	struct window window;
	struct err err;

	cr_assert(window_parse(&window, name, &err), "%s: %s", name, err.text);
	return window;
}

Test(window, names)
{
	const struct {
		const char *name;
		enum window_kind kind;
		int64_t width_ms;
		enum bucket_width bucket;
	} rows[] = {
		{"1m", WINDOW_ROLLING, MS_PER_MINUTE, BUCKET_MINUTE},
		{"1h", WINDOW_ROLLING, MS_PER_HOUR, BUCKET_MINUTE},
		{"90m", WINDOW_ROLLING, 90 * MS_PER_MINUTE, BUCKET_MINUTE},
		{"24h", WINDOW_ROLLING, MS_PER_DAY, BUCKET_MINUTE},
		{"1d", WINDOW_ROLLING, MS_PER_DAY, BUCKET_MINUTE},
		{"24h1m", WINDOW_ROLLING, MS_PER_DAY + MS_PER_MINUTE,
			BUCKET_HOUR},
		{"7d", WINDOW_ROLLING, 7 * MS_PER_DAY, BUCKET_HOUR},
		{"90d", WINDOW_ROLLING, 90 * MS_PER_DAY, BUCKET_HOUR},
		{"3660d", WINDOW_ROLLING, 3660 * MS_PER_DAY, BUCKET_HOUR},
		{"day", WINDOW_DAY, 0, BUCKET_MINUTE},
		{"week", WINDOW_WEEK, 0, BUCKET_HOUR},
		{"month", WINDOW_MONTH, 0, BUCKET_HOUR},
		{"quarter", WINDOW_QUARTER, 0, BUCKET_HOUR},
		{"year", WINDOW_YEAR, 0, BUCKET_HOUR},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct window window = window_named(rows[i].name);

		cr_assert_str_eq(window.name, rows[i].name, "%s", rows[i].name);
		cr_assert_eq(window.kind, rows[i].kind, "%s", rows[i].name);
		cr_assert_eq(
			window.width_ms, rows[i].width_ms, "%s", rows[i].name);
		cr_assert_eq(window.bucket, rows[i].bucket, "%s", rows[i].name);
	}
}

Test(window, names_refused)
{
	static const char *const names[] = {"", "0", "59s", "30", "d", "-1d",
		"3661d", "3660d1ms", "months", "Month", "decade", "7 d", "1e3d",
		"99999999999999999999d", "1h1m1s1h1m1s1h1m"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct window window;
		struct err err = {""};

		cr_assert_not(window_parse(&window, names[i], &err), "\"%s\"",
			names[i]);
		cr_assert_neq(
			err.text[0], '\0', "\"%s\" has a reason", names[i]);
		cr_assert_not(window_parse(&window, names[i], NULL), "\"%s\"",
			names[i]);
	}
}

Test(window, buckets_are_floors)
{
	const struct {
		int64_t instant_ms;
		enum bucket_width width;
		int64_t number;
	} rows[] = {
		{0, BUCKET_MINUTE, 0},
		{59999, BUCKET_MINUTE, 0},
		{60000, BUCKET_MINUTE, 1},
		{-1, BUCKET_MINUTE, -1},
		{-60000, BUCKET_MINUTE, -1},
		{-60001, BUCKET_MINUTE, -2},
		{3599999, BUCKET_HOUR, 0},
		{3600000, BUCKET_HOUR, 1},
		{-1, BUCKET_HOUR, -1},
		{-3600000, BUCKET_HOUR, -1},
		{-3600001, BUCKET_HOUR, -2},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_assert_eq(bucket_number(rows[i].instant_ms, rows[i].width),
			rows[i].number, "row %zu", i);
}

/* Whether a window holds what was answered at an instant. */
static bool
holds(const struct window *window, struct bucket_range range,
	const char *answered)
{
	int64_t number = bucket_number(at(answered), window->bucket);

	return range.after < number && number <= range.upto;
}

Test(window, ranges)
{
	const struct {
		const char *name, *zone, *now;
		const char *out, *in, *last_in, *ahead; /* answers */
	} rows[] = {
		/* Rolling: whole buckets, the zone does not matter. */
		{"1h", "Asia/Kolkata", "2026-11-21T10:00:30Z",
			"2026-11-21T09:00:59Z", "2026-11-21T09:01:00Z",
			"2026-11-21T10:00:59Z", "2026-11-21T10:01:00Z"},
		{"24h", "UTC", "2026-03-01T00:00:00Z", "2026-02-28T00:00:59Z",
			"2026-02-28T00:01:00Z", "2026-03-01T00:00:00Z",
			"2026-03-01T00:01:00Z"},
		{"7d", "UTC", "2026-11-21T10:30:00Z", "2026-11-14T10:59:59Z",
			"2026-11-14T11:00:00Z", "2026-11-21T10:59:59Z",
			"2026-11-21T11:00:00Z"},
		{"90d", "UTC", "1970-01-01T00:00:00Z", "1969-10-03T00:59:59Z",
			"1969-10-03T01:00:00Z", "1970-01-01T00:59:59Z",
			"1970-01-01T01:00:00Z"},
		/* Calendar: Saturday 21 November 2026. */
		{"day", "UTC", "2026-11-21T10:30:00Z", "2026-11-20T23:59:59Z",
			"2026-11-21T00:00:00Z", "2026-11-21T10:30:59Z",
			"2026-11-21T10:31:00Z"},
		{"week", "UTC", "2026-11-21T10:30:00Z", "2026-11-15T23:59:59Z",
			"2026-11-16T00:00:00Z", "2026-11-21T10:59:59Z",
			"2026-11-21T11:00:00Z"},
		{"week", "UTC", "2026-11-16T00:00:00Z", "2026-11-15T23:59:59Z",
			"2026-11-16T00:00:00Z", "2026-11-16T00:59:59Z",
			"2026-11-16T01:00:00Z"},
		{"week", "UTC", "2027-01-03T10:30:00Z", "2026-12-27T23:59:59Z",
			"2026-12-28T00:00:00Z", "2027-01-03T10:59:59Z",
			"2027-01-03T11:00:00Z"},
		{"month", "UTC", "2028-02-29T23:59:59.999Z",
			"2028-01-31T23:59:59Z", "2028-02-01T00:00:00Z",
			"2028-02-29T23:59:59Z", "2028-03-01T00:00:00Z"},
		{"quarter", "UTC", "2026-11-21T10:30:00Z",
			"2026-09-30T23:59:59Z", "2026-10-01T00:00:00Z",
			"2026-11-21T10:59:59Z", "2026-11-21T11:00:00Z"},
		{"quarter", "UTC", "2026-03-31T23:00:00Z",
			"2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z",
			"2026-03-31T23:59:59Z", "2026-04-01T00:00:00Z"},
		{"year", "UTC", "2026-11-21T10:30:00Z", "2025-12-31T23:59:59Z",
			"2026-01-01T00:00:00Z", "2026-11-21T10:59:59Z",
			"2026-11-21T11:00:00Z"},
		/* Already the next month there. */
		{"month", "Europe/Amsterdam", "2026-11-30T23:30:00Z",
			"2026-11-30T22:59:59Z", "2026-11-30T23:00:00Z",
			"2026-11-30T23:59:59Z", "2026-12-01T00:00:00Z"},
		/* And still the last one there. */
		{"month", "America/New_York", "2026-12-01T04:59:59Z",
			"2026-11-01T03:59:59Z", "2026-11-01T04:00:00Z",
			"2026-12-01T04:59:59Z", "2026-12-01T05:00:00Z"},
		/* Over both changes of the clocks: 25 hours, 23 hours, and a
		 * quarter that begins in summer time. */
		{"day", "Europe/Amsterdam", "2026-10-25T22:59:00Z",
			"2026-10-24T21:59:59Z", "2026-10-24T22:00:00Z",
			"2026-10-25T22:59:59Z", "2026-10-25T23:00:00Z"},
		{"day", "Europe/Amsterdam", "2026-03-29T21:59:00Z",
			"2026-03-28T22:59:59Z", "2026-03-28T23:00:00Z",
			"2026-03-29T21:59:59Z", "2026-03-29T22:00:00Z"},
		{"quarter", "Europe/Amsterdam", "2026-11-21T10:30:00Z",
			"2026-09-30T21:59:59Z", "2026-09-30T22:00:00Z",
			"2026-11-21T10:59:59Z", "2026-11-21T11:00:00Z"},
		/* A day without a midnight (to 2018): from 01:00 on. */
		{"day", "America/Sao_Paulo", "2018-11-04T12:00:00Z",
			"2018-11-04T02:59:59Z", "2018-11-04T03:00:00Z",
			"2018-11-04T12:00:59Z", "2018-11-04T12:01:00Z"},
		/* Half an hour off: by the minute a day is exact ... */
		{"day", "Asia/Kolkata", "2026-11-21T10:30:00Z",
			"2026-11-20T18:29:59Z", "2026-11-20T18:30:00Z",
			"2026-11-21T10:30:59Z", "2026-11-21T10:31:00Z"},
		/* ... by the hour a month starts with its first whole one. */
		{"month", "Asia/Kolkata", "2026-11-21T10:30:00Z",
			"2026-10-31T18:59:59Z", "2026-10-31T19:00:00Z",
			"2026-11-21T10:59:59Z", "2026-11-21T11:00:00Z"},
		{"year", "Asia/Kathmandu", "2026-11-21T10:30:00Z",
			"2025-12-31T18:59:59Z", "2025-12-31T19:00:00Z",
			"2026-11-21T10:59:59Z", "2026-11-21T11:00:00Z"},
		{"year", "UTC", "2099-12-31T23:59:59Z", "2098-12-31T23:59:59Z",
			"2099-01-01T00:00:00Z", "2099-12-31T23:59:59Z",
			"2100-01-01T00:00:00Z"},
		{"year", "UTC", "0001-01-01T00:30:00Z", "0001-01-01T01:00:00Z",
			"0001-01-01T00:00:00Z", "0001-01-01T00:59:59Z",
			"0001-01-01T01:00:00Z"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct window window = window_named(rows[i].name);
		struct err err;
		struct zone *zone = zone_open(rows[i].zone, &err);

		cr_assert_not_null(zone, "%s: %s", rows[i].zone, err.text);
		struct bucket_range range =
			window_range(&window, zone, at(rows[i].now));

		cr_assert_not(holds(&window, range, rows[i].out),
			"row %zu: not yet at %s", i, rows[i].out);
		cr_assert(holds(&window, range, rows[i].in),
			"row %zu: already at %s", i, rows[i].in);
		cr_assert(holds(&window, range, rows[i].last_in),
			"row %zu: still at %s", i, rows[i].last_in);
		cr_assert_not(holds(&window, range, rows[i].ahead),
			"row %zu: not before its time: %s", i, rows[i].ahead);
		zone_close(zone);
	}
}

/* Half an hour off, the month has no whole bucket yet. */
Test(window, empty_in_the_first_half_hour)
{
	struct window window = window_named("month");
	struct zone *zone = zone_open("Asia/Kolkata", NULL);
	struct bucket_range range =
		window_range(&window, zone, at("2026-10-31T18:45:00Z"));

	cr_assert_eq(range.after, range.upto, "%lld %lld",
		(long long)range.after, (long long)range.upto);
	zone_close(zone);
}

/* However time steps, a range is never inside out and only moves on. */
Test(window, ranges_move_on_with_time)
{
	static const char *const names[] = {
		"1h", "24h", "7d", "day", "week", "month", "quarter", "year"};
	static const char *const zones[] = {"UTC", "Europe/Amsterdam",
		"Asia/Kolkata", "America/St_Johns", "Australia/Lord_Howe",
		"America/Havana"};

	for (size_t z = 0; z < sizeof(zones) / sizeof(zones[0]); z++) {
		struct zone *zone = zone_open(zones[z], NULL);

		cr_assert_not_null(zone, "%s", zones[z]);
		for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
			struct window window = window_named(names[n]);
			struct bucket_range last = {INT64_MIN, INT64_MIN};
			int64_t now = at("2025-12-30T00:00:00Z");
			int64_t end = at("2027-01-03T00:00:00Z");

			for (; now < end; now += 29 * MS_PER_MINUTE) {
				struct bucket_range range =
					window_range(&window, zone, now);

				cr_assert(range.after <= range.upto &&
						  range.after >= last.after &&
						  range.upto >= last.upto,
					"%s %s at %lld", zones[z], names[n],
					(long long)now);
				last = range;
			}
		}
		zone_close(zone);
	}
}
