/*
 * calendar - the arithmetic of open hours: by tables of what a person would
 * say, over weekends, holidays and changes of clocks, and by properties that
 * hold for any calendar.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nps/calendar.h"

TestSuite(calendar);

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static int64_t
at(const char *text)
{
	int64_t instant;
	struct err err;

	cr_assert(time_from_rfc3339(text, strlen(text), &instant, &err),
		"%s: %s", text, err.text);
	return instant;
}

static const char *
text_at(int64_t instant)
{
	static char text[TIME_TEXT_BYTES];

	time_to_rfc3339(instant, text);
	return text;
}

static struct span
span_of(const char *text)
{
	struct span span;
	struct err err;

	cr_assert(span_from_text(text, true, &span, &err), "%s: %s", text,
		err.text);
	return span;
}

static struct calendar *
empty_in(const char *zone)
{
	struct err err;
	struct zone *opened = zone_open(zone, &err);

	cr_assert_not_null(opened, "%s", err.text);
	return calendar_new(opened);
}

static void
open_week(struct calendar *calendar, int first, int last, int from, int to)
{
	struct err err;

	for (int day = first; day <= last; day++)
		cr_assert(
			calendar_open(calendar, day, from * 60, to * 60, &err),
			"%s", err.text);
}

static void
close_on(struct calendar *calendar, const char *rules)
{
	struct err err;
	struct holiday_list *list =
		holiday_list_read(rules, strlen(rules), &err);

	cr_assert_not_null(list, "%s", err.text);
	calendar_close(calendar, list);
	holiday_list_free(list);
}

/* Monday to Friday 9 to 17, Koningsdag off. */
static struct calendar *
office(void)
{
	struct calendar *calendar = empty_in("Europe/Amsterdam");

	open_week(calendar, 0, 4, 9, 17);
	close_on(calendar, "04-27 if sun -1\neaster-2\neaster+1\n12-25");
	return calendar;
}

/* Monday to Thursday with a break at noon, Friday until one. */
static struct calendar *
desk(void)
{
	struct calendar *calendar = empty_in("Europe/Amsterdam");

	open_week(calendar, 0, 3, 13, 17);
	open_week(calendar, 0, 3, 9, 12);
	open_week(calendar, 4, 4, 9, 13);
	return calendar;
}

/* Day and night, on all days. */
static struct calendar *
always(void)
{
	struct calendar *calendar = empty_in("Europe/Amsterdam");

	open_week(calendar, 0, 6, 0, 24);
	return calendar;
}

/* Nights, across the changes of clocks. */
static struct calendar *
night(void)
{
	struct calendar *calendar = empty_in("Europe/Amsterdam");

	open_week(calendar, 0, 6, 1, 5);
	return calendar;
}

static struct calendar *
kolkata(void) /* UTC+5:30 */
{
	struct calendar *calendar = empty_in("Asia/Kolkata");

	open_week(calendar, 0, 5, 10, 18);
	return calendar;
}

static struct calendar *
lord_howe(void) /* UTC+10:30, half an hour more in summer */
{
	struct calendar *calendar = empty_in("Australia/Lord_Howe");

	open_week(calendar, 0, 6, 1, 3);
	return calendar;
}

static struct calendar *
sao_paulo(void) /* clocks changed at midnight, until 2019 */
{
	struct calendar *calendar = empty_in("America/Sao_Paulo");

	open_week(calendar, 0, 6, 22, 24);
	open_week(calendar, 0, 6, 0, 2);
	return calendar;
}

Test(calendar, ends)
{
	static const struct {
		struct calendar *(*make)(void);
		const char *from, *span, *to;
		bool back; /* and the other way */
	} rows[] = {
		/* the same day, the next, over a weekend */
		{office, "2026-11-23T10:00:00+01:00", "4h",
			"2026-11-23T14:00:00+01:00", true},
		{office, "2026-11-23T15:00:00+01:00", "4h",
			"2026-11-24T11:00:00+01:00", true},
		{office, "2026-11-20T16:00:00+01:00", "8h",
			"2026-11-23T16:00:00+01:00", true},
		/* it ends with the day, and starts with the next */
		{office, "2026-11-23T09:00:00+01:00", "8h",
			"2026-11-23T17:00:00+01:00", true},
		{office, "2026-11-23T17:00:00+01:00", "8h",
			"2026-11-24T17:00:00+01:00", false},
		/* what comes at night or on Saturday starts with the opening */
		{office, "2026-11-20T17:00:01+01:00", "1h",
			"2026-11-23T10:00:00+01:00", false},
		{office, "2026-11-21T12:00:00+01:00", "8h",
			"2026-11-23T17:00:00+01:00", false},
		{office, "2026-11-23T05:00:00+01:00", "90m",
			"2026-11-23T10:30:00+01:00", false},
		{office, "2026-11-21T12:00:00+01:00", "0",
			"2026-11-21T12:00:00+01:00", true},
		{office, "2026-11-20T16:59:59.500+01:00", "1s",
			"2026-11-23T09:00:00.500+01:00", true},
		/* Koningsdag 2026 is a Monday, in 2025 it was kept on Saturday
		 * 26; Good Friday and Easter Monday */
		{office, "2026-04-24T16:00:00+02:00", "8h",
			"2026-04-28T16:00:00+02:00", true},
		{office, "2025-04-25T16:00:00+02:00", "8h",
			"2025-04-28T16:00:00+02:00", true},
		{office, "2026-04-02T16:00:00+02:00", "8h",
			"2026-04-07T16:00:00+02:00", true},
		/* Over the change of clocks on Sunday, in spring and autumn */
		{office, "2026-03-27T16:00:00+01:00", "8h",
			"2026-03-30T16:00:00+02:00", true},
		{office, "2026-10-23T16:00:00+02:00", "8h",
			"2026-10-26T16:00:00+01:00", true},
		/* a break, and a short Friday */
		{desk, "2026-11-23T11:00:00+01:00", "2h",
			"2026-11-23T14:00:00+01:00", true},
		{desk, "2026-11-23T12:30:00+01:00", "1h",
			"2026-11-23T14:00:00+01:00", false},
		{desk, "2026-11-26T16:00:00+01:00", "8h",
			"2026-11-30T12:00:00+01:00", false},
		/* three hours that are two, and five that are three */
		{night, "2026-03-28T23:00:00+01:00", "3h",
			"2026-03-29T05:00:00+02:00", false},
		{night, "2026-10-24T23:00:00+02:00", "5h",
			"2026-10-25T05:00:00+01:00", false},
		{night, "2026-10-24T23:00:00+02:00", "2h",
			"2026-10-25T02:00:00+01:00", false},
		{always, "2026-03-28T12:00:00+01:00", "24h",
			"2026-03-29T13:00:00+02:00", true},
		/* half hours east of Greenwich */
		{kolkata, "2026-11-21T17:00:00+05:30", "2h",
			"2026-11-23T11:00:00+05:30", true},
		/* a summer time of half an hour */
		{lord_howe, "2026-04-04T23:00:00+11:00", "150m",
			"2026-04-05T03:00:00+10:30", false},
		{lord_howe, "2026-10-03T23:00:00+10:30", "90m",
			"2026-10-04T03:00:00+11:00", false},
		/* midnight that there was not, and that came twice */
		{sao_paulo, "2018-11-03T23:00:00-03:00", "2h",
			"2018-11-04T02:00:00-02:00", true},
		{sao_paulo, "2019-02-16T23:00:00-02:00", "4h",
			"2019-02-17T02:00:00-03:00", true},
		/* working days: the same time */
		{office, "2026-11-20T16:30:00+01:00", "1wd",
			"2026-11-23T16:30:00+01:00", true},
		{office, "2026-11-17T10:00:00+01:00", "5wd",
			"2026-11-24T10:00:00+01:00", true},
		{office, "2026-04-24T10:00:00+02:00", "1wd",
			"2026-04-28T10:00:00+02:00", true},
		{office, "2026-03-27T10:00:00+01:00", "1wd",
			"2026-03-30T10:00:00+02:00", true},
		{office, "2026-11-20T17:00:00+01:00", "1wd",
			"2026-11-23T17:00:00+01:00", true},
		/* closed: from the next opening */
		{office, "2026-11-21T12:00:00+01:00", "1wd",
			"2026-11-24T09:00:00+01:00", false},
		{office, "2026-11-20T18:00:00+01:00", "1wd",
			"2026-11-24T09:00:00+01:00", false},
		/* a day that has not that time */
		{desk, "2026-11-26T16:00:00+01:00", "1wd",
			"2026-11-27T13:00:00+01:00", false},
		{desk, "2026-11-27T12:30:00+01:00", "1wd",
			"2026-11-30T12:00:00+01:00", false},
		{office, "2026-11-20T16:00:00+01:00", "1wd2h",
			"2026-11-24T10:00:00+01:00", true},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct calendar *calendar = rows[i].make();
		struct span span = span_of(rows[i].span);
		int64_t from = at(rows[i].from), to = at(rows[i].to);
		int64_t found = calendar_add(calendar, from, &span);

		cr_assert_eq(found, to, "%s + %s: %s, not %s", rows[i].from,
			rows[i].span, text_at(found), rows[i].to);
		found = calendar_subtract(calendar, to, &span);
		cr_assert(!rows[i].back || found == from, "%s - %s: %s, not %s",
			rows[i].to, rows[i].span, text_at(found), rows[i].from);
		calendar_free(calendar);
	}
}

/* What is reminded of before an opening's first hours. */
Test(calendar, starts)
{
	static const struct {
		struct calendar *(*make)(void);
		const char *to, *span, *from;
	} rows[] = {
		{office, "2026-11-23T10:00:00+01:00", "2h",
			"2026-11-20T16:00:00+01:00"},
		{office, "2026-11-23T10:00:00+01:00", "1h",
			"2026-11-23T09:00:00+01:00"},
		{office, "2026-11-22T12:00:00+01:00", "1h",
			"2026-11-20T16:00:00+01:00"},
		{office, "2026-11-22T12:00:00+01:00", "1wd",
			"2026-11-19T17:00:00+01:00"},
		{desk, "2026-11-30T12:30:00+01:00", "1wd",
			"2026-11-27T12:00:00+01:00"},
		{office, "2026-04-28T10:00:00+02:00", "2h",
			"2026-04-24T16:00:00+02:00"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct calendar *calendar = rows[i].make();
		struct span span = span_of(rows[i].span);
		int64_t found =
			calendar_subtract(calendar, at(rows[i].to), &span);

		cr_assert_eq(found, at(rows[i].from), "%s - %s: %s, not %s",
			rows[i].to, rows[i].span, text_at(found), rows[i].from);
		calendar_free(calendar);
	}
}

Test(calendar, open)
{
	static const struct {
		struct calendar *(*make)(void);
		const char *at;
		bool open;
	} rows[] = {
		{office, "2026-11-23T09:00:00+01:00", true},
		{office, "2026-11-23T08:59:59.999+01:00", false},
		{office, "2026-11-23T16:59:59.999+01:00", true},
		{office, "2026-11-23T17:00:00+01:00", false},
		{office, "2026-11-22T12:00:00+01:00", false},
		{office, "2026-04-27T12:00:00+02:00", false},
		{office, "2026-12-25T12:00:00+01:00", false},
		{office, "2026-07-01T09:30:00+02:00", true},
		{office, "2026-07-01T09:30:00+01:00", true},
		{office, "2026-07-01T08:30:00+02:00", false},
		{desk, "2026-11-23T12:00:00+01:00", false},
		{desk, "2026-11-23T13:00:00+01:00", true},
		{always, "2026-11-22T23:59:59.999+01:00", true},
		{always, "2026-10-25T02:30:00+01:00", true},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct calendar *calendar = rows[i].make();

		cr_assert_eq(calendar_is_open(calendar, at(rows[i].at)),
			rows[i].open, "%s", rows[i].at);
		calendar_free(calendar);
	}
	cr_assert(calendar_is_open(NULL, 0), "no calendar is always open");
}

/* A calendar of NULL counts all time, a working day for 24 h. */
Test(calendar, none)
{
	struct span span = {2 * MS_PER_HOUR, 1, false};
	int64_t from = at("2026-03-28T12:00:00Z");

	cr_assert_eq(calendar_add(NULL, from, &span), from + 26 * MS_PER_HOUR,
		"add");
	cr_assert_eq(calendar_subtract(NULL, from, &span),
		from - 26 * MS_PER_HOUR, "subtract");
	cr_assert_eq(calendar_between(NULL, from, from + 5), 5, "between");
	span = (struct span){MS_PER_HOUR, 0, false};
	cr_assert_eq(calendar_add(NULL, INT64_MAX, &span), INT64_MAX, "most");
}

/* ---- properties ---- */

static uint64_t
draw(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static int64_t
draw_below(uint64_t *state, int64_t limit)
{
	return (int64_t)(draw(state) % (uint64_t)limit);
}

static void
check_hours(
	const struct calendar *calendar, int64_t from, int64_t ms, int64_t more)
{
	struct span span = {ms, 0, false}, longer = {ms + more, 0, false};
	int64_t to = calendar_add(calendar, from, &span);
	int64_t back = calendar_subtract(calendar, to, &span);

	cr_assert_eq(calendar_between(calendar, from, to), ms,
		"add then between, from %s", text_at(from));
	cr_assert_eq(calendar_between(calendar, back, to), ms,
		"subtract then between, to %s", text_at(to));
	cr_assert_eq(calendar_add(calendar, back, &span), to,
		"add what was subtracted, from %s", text_at(back));
	cr_assert(!calendar_is_open(calendar, from) || back == from,
		"subtract what was added, from %s", text_at(from));
	cr_assert(
		back >= from && back <= to, "in order, from %s", text_at(from));
	cr_assert(calendar_add(calendar, from, &longer) >= to,
		"a longer span ends no earlier, from %s", text_at(from));
	cr_assert(calendar_add(calendar, from + more, &span) >= to,
		"a later start ends no earlier, from %s", text_at(from));
	cr_assert_eq(calendar_between(calendar, to, from), -ms,
		"the other way, from %s", text_at(from));
}

static void
check_days(
	const struct calendar *calendar, int64_t from, int days, int64_t more)
{
	struct span span = {0, days, false}, longer = {0, days + 1, false};
	int64_t to = calendar_add(calendar, from, &span);

	cr_assert(to > from, "later, from %s", text_at(from));
	cr_assert(calendar_is_open(calendar, to) ||
			  calendar_is_open(calendar, to - 1),
		"ends in hours, from %s", text_at(from));
	cr_assert(calendar_add(calendar, from, &longer) > to,
		"one day more ends later, from %s", text_at(from));
	cr_assert(calendar_add(calendar, from + more, &span) >= to,
		"a later start ends no earlier, from %s", text_at(from));
}

Test(calendar, properties)
{
	static struct calendar *(*const makes[])(void) = {
		office, desk, always, night, kolkata, lord_howe, sao_paulo};
	uint64_t state = 20261122;

	for (size_t i = 0; i < COUNT(makes); i++) {
		struct calendar *calendar = makes[i]();
		int64_t first = at("2017-01-01T00:00:00Z");

		for (int round = 0; round < 400; round++) {
			int64_t from =
				first + draw_below(&state, 4000 * MS_PER_DAY);
			int64_t more = draw_below(&state, 3 * MS_PER_DAY);

			check_hours(calendar, from,
				1 + draw_below(&state, 80 * MS_PER_HOUR), more);
			check_days(calendar, from,
				1 + (int)draw_below(&state, 8), more);
		}
		calendar_free(calendar);
	}
}

/* ---- limits ---- */

Test(calendar, ranges_refused)
{
	static const struct {
		int from, to;
		const char *why;
	} rows[] = {
		{22 * 60, 6 * 60, "goes over midnight; give the two days"},
		{22 * 60, 0, "22:00-24:00"},
		{9 * 60, 9 * 60, "no time at all"},
		{11 * 60, 13 * 60, "meet on the same day"},
		{8 * 60, 18 * 60, "meet on the same day"},
	};
	struct calendar *calendar = empty_in("UTC");
	struct err err;

	open_week(calendar, 0, 0, 9, 12);
	for (size_t i = 0; i < COUNT(rows); i++) {
		err.text[0] = '\0';
		cr_assert_not(calendar_open(calendar, 0, rows[i].from,
				      rows[i].to, &err),
			"%d-%d", rows[i].from, rows[i].to);
		cr_assert_not_null(strstr(err.text, rows[i].why), "%s: %s",
			rows[i].why, err.text);
	}
	for (int i = 1; i < CALENDAR_RANGES_LIMIT; i++)
		cr_assert(calendar_open(calendar, 0, 720 + 20 * i, 730 + 20 * i,
				  &err),
			"%s", err.text);
	cr_assert_not(calendar_open(calendar, 0, 0, 10, &err), "one more");
	cr_assert_not_null(strstr(err.text, "at most 8"), "%s", err.text);
	calendar_free(calendar);
}

Test(calendar, never_open)
{
	static const char *const rules[] = {
		"mon on-or-after 01-01\n", /* one Monday is no matter */
		"",			   /* all of them, below */
	};
	struct calendar *calendar = empty_in("UTC");
	struct span span = {MS_PER_HOUR, 0, false};
	int64_t from = at("2026-11-22T00:00:00Z");
	struct err err;

	cr_assert_not(calendar_check(calendar, &err), "no hours");
	cr_assert_not_null(
		strstr(err.text, "no day of the week"), "%s", err.text);
	open_week(calendar, 0, 0, 9, 10);
	close_on(calendar, rules[0]);
	cr_assert(calendar_check(calendar, &err), "%s", err.text);
	for (int day = 1; day <= 366; day++) {
		char rule[16];

		(void)snprintf(rule, sizeof(rule), "easter%+d", day % 99);
		close_on(calendar, rule);
		(void)snprintf(rule, sizeof(rule), "%02d-%02d",
			1 + day / 31 % 12, 1 + day % 28);
		close_on(calendar, rule);
		(void)snprintf(rule, sizeof(rule), "%02d-%02d", 1 + day % 12,
			1 + day / 12 % 28);
		close_on(calendar, rule);
		(void)snprintf(rule, sizeof(rule), "%02d-%02d",
			1 + (day % 7) * 2 % 12, 29 + day % 2);
		close_on(calendar, rule);
	}
	close_on(calendar, "01-29\n01-30\n01-31\n03-29\n03-30\n03-31\n04-29\n"
			   "04-30\n05-29\n05-30\n05-31\n06-29\n06-30\n07-29\n"
			   "07-30\n07-31\n08-29\n08-30\n08-31\n09-29\n09-30\n"
			   "10-29\n10-30\n10-31\n11-29\n11-30\n12-29\n12-30\n"
			   "12-31\n02-29");
	cr_assert_not(calendar_check(calendar, &err), "all days off");
	cr_assert_not_null(
		strstr(err.text, "holidays leave no day"), "%s", err.text);
	/* Asked all the same, it looks no further than it says. */
	cr_assert_leq(calendar_add(calendar, from, &span),
		from + (CALENDAR_AHEAD_YEARS + 1) * 366 * MS_PER_DAY,
		"an end there is not");
	calendar_free(calendar);
}
