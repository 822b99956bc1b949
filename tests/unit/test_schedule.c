/* Times that come again, in a zone with changes of clocks. */
#include <criterion/criterion.h>
#include <string.h>

#include "nps/schedule.h"

TestSuite(schedule);

static int64_t
ms(const char *text)
{
	int64_t instant;
	struct err err;

	cr_assert(time_from_rfc3339(text, strlen(text), &instant, &err),
		"%s: %s", text, err.text);
	return instant;
}

Test(schedule, what_can_be_said)
{
	static const struct {
		const char *text;
		bool good;
	} rows[] = {
		{"daily 08:00", true},
		{"mon 08:00", true},
		{"mon-fri 23:59", true},
		{"tue, thu 08:00", true},
		{"1st 00:00", true},
		{"2nd 08:00", true},
		{"31st 08:00", true},
		{"last 08:00", true},
		{"", false},
		{"mon", false},
		{"08:00", false},
		{"daily 24:00", false},
		{"daily 08:60", false},
		{"daily 8:00", false},
		{"daily 08.00", false},
		{"daily 08:00 ", false},
		{"32nd 08:00", false},
		{"0th 08:00", false},
		{"1 08:00", false},
		{"weekly 08:00", false},
		{"mon +8:00", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct schedule schedule;
		struct err err = {""};

		cr_expect_eq(schedule_parse(&schedule, rows[i].text, &err),
			rows[i].good, "%s: %s", rows[i].text, err.text);
		cr_expect(rows[i].good || err.text[0] != '\0', "%s",
			rows[i].text);
	}
}

/* Clocks in Amsterdam: 2026-03-29 02:00 to 03:00, 2026-10-25 03:00 to 02:00. */
Test(schedule, next_and_last)
{
	static const struct {
		const char *every, *at, *next, *last;
	} rows[] = {
		{"mon 08:00", "2026-10-19T05:59:59.999Z",
			"2026-10-19T06:00:00Z", "2026-10-12T06:00:00Z"},
		{"mon 08:00", "2026-10-19T06:00:00Z", "2026-10-26T07:00:00Z",
			"2026-10-19T06:00:00Z"},
		{"daily 02:30", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z",
			"2026-10-24T00:30:00Z"},
		{"daily 02:30", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z",
			"2026-10-25T00:30:00Z"},
		{"daily 02:30", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z",
			"2026-03-28T01:30:00Z"},
		{"mon-fri 17:30", "2026-11-20T16:30:00Z",
			"2026-11-23T16:30:00Z", "2026-11-20T16:30:00Z"},
		{"1st 00:00", "2026-10-31T22:00:00Z", "2026-10-31T23:00:00Z",
			"2026-09-30T22:00:00Z"},
		{"31st 08:00", "2026-02-01T00:00:00Z", "2026-02-28T07:00:00Z",
			"2026-01-31T07:00:00Z"},
		{"last 08:00", "2028-02-27T00:00:00Z", "2028-02-29T07:00:00Z",
			"2028-01-31T07:00:00Z"},
		{"30th 08:00", "2026-02-28T07:00:00Z", "2026-03-30T06:00:00Z",
			"2026-02-28T07:00:00Z"},
	};
	struct err err;
	struct zone *zone = zone_open("Europe/Amsterdam", &err);

	cr_assert_not_null(zone, "%s", err.text);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct schedule schedule;

		cr_assert(schedule_parse(&schedule, rows[i].every, &err));
		cr_expect_eq(schedule_next(&schedule, zone, ms(rows[i].at)),
			ms(rows[i].next), "%s after %s", rows[i].every,
			rows[i].at);
		cr_expect_eq(schedule_last(&schedule, zone, ms(rows[i].at)),
			ms(rows[i].last), "%s at %s", rows[i].every,
			rows[i].at);
	}
	zone_close(zone);
}

Test(schedule, period_is_whole_days)
{
	static const struct {
		const char *every, *due;
		int back;
		const char *from, *to;
	} rows[] = {
		/* the week of the change of clocks has 169 hours */
		{"mon 08:00", "2026-10-26T07:00:00Z", 0, "2026-10-18T22:00:00Z",
			"2026-10-25T23:00:00Z"},
		{"mon 08:00", "2026-10-26T07:00:00Z", 1, "2026-10-11T22:00:00Z",
			"2026-10-18T22:00:00Z"},
		{"daily 08:00", "2026-03-30T06:00:00Z", 0,
			"2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"},
		{"1st 08:00", "2026-11-01T07:00:00Z", 0, "2026-09-30T22:00:00Z",
			"2026-10-31T23:00:00Z"},
		{"mon-fri 08:00", "2026-11-23T07:00:00Z", 0,
			"2026-11-19T23:00:00Z", "2026-11-22T23:00:00Z"},
		{"mon-fri 08:00", "2026-11-23T07:00:00Z", 2,
			"2026-11-17T23:00:00Z", "2026-11-18T23:00:00Z"},
	};
	struct err err;
	struct zone *zone = zone_open("Europe/Amsterdam", &err);

	cr_assert_not_null(zone, "%s", err.text);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct schedule schedule;
		struct schedule_period period;

		cr_assert(schedule_parse(&schedule, rows[i].every, &err));
		period = schedule_period(
			&schedule, zone, ms(rows[i].due), rows[i].back);
		cr_expect_eq(period.from_ms, ms(rows[i].from), "row %zu", i);
		cr_expect_eq(period.to_ms, ms(rows[i].to), "row %zu", i);
	}
	zone_close(zone);
}
