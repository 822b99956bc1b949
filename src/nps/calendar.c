/* calendar - somebody's hours: when a clock runs. */
#include "nps/calendar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "nps/weekday.h"

/* Days are counted from 1970-01-01, on the calendar of the zone. */
enum {
	AHEAD_DAYS = CALENDAR_AHEAD_YEARS * 366,
	FIRST_DAY = 10957, /* 2000-01-01 */
	KNOWN_DAYS = 36525,
};
_Static_assert(CALENDAR_FIRST_YEAR == 2000 && CALENDAR_LAST_YEAR == 2099,
	"the days above are those years'");

/* Minutes of a day. */
struct hours_range {
	int from, to;
};

struct calendar {
	struct zone *zone;
	struct {
		size_t count;
		struct hours_range ranges[CALENDAR_RANGES_LIMIT]; /* in order */
	} week[7];
	uint8_t closed[KNOWN_DAYS / 8 + 1]; /* a bit a day */
};

/* An open time. */
struct stretch {
	int64_t from_ms, to_ms;
};

/* ---- making one ---- */

struct calendar *
calendar_new(struct zone *zone)
{
	struct calendar *calendar = mem_new(1, sizeof(*calendar));

	calendar->zone = zone;
	return calendar;
}

void
calendar_free(struct calendar *calendar)
{
	if (calendar == NULL)
		return;
	zone_close(calendar->zone);
	free(calendar);
}

static bool
check_range(int from, int to, struct err *err)
{
	if (from == to)
		return err_set(err, "%02d:%02d-%02d:%02d is no time at all",
			from / 60, from % 60, to / 60, to % 60);
	if (from < to)
		return true;
	return err_set(err,
		"%02d:%02d-%02d:%02d goes over midnight; give the two days a "
		"part each: %02d:%02d-24:00%s",
		from / 60, from % 60, to / 60, to % 60, from / 60, from % 60,
		to > 0 ? " on the first and what is behind 00:00 on the next"
		       : "");
}

bool
calendar_open(struct calendar *calendar, int weekday, int from, int to,
	struct err *err)
{
	struct hours_range *ranges = calendar->week[weekday].ranges;
	size_t *count = &calendar->week[weekday].count, at = 0;

	if (!check_range(from, to, err))
		return false;
	while (at < *count && ranges[at].to <= from)
		at++;
	if (at < *count && ranges[at].from < to)
		return err_set(err,
			"%02d:%02d-%02d:%02d and %02d:%02d-%02d:%02d meet on "
			"the same day",
			ranges[at].from / 60, ranges[at].from % 60,
			ranges[at].to / 60, ranges[at].to % 60, from / 60,
			from % 60, to / 60, to % 60);
	if (*count == CALENDAR_RANGES_LIMIT)
		return err_set(err, "a day has at most %d ranges",
			CALENDAR_RANGES_LIMIT);
	memmove(ranges + at + 1, ranges + at,
		(*count - at) * sizeof(struct hours_range));
	ranges[at] = (struct hours_range){from, to};
	++*count;
	return true;
}

static void
close_day(int day, const char *name, void *context)
{
	struct calendar *calendar = context;
	int at = day - FIRST_DAY;

	(void)name;
	if (at >= 0 && at < KNOWN_DAYS)
		calendar->closed[at / 8] |= (uint8_t)(1U << (at % 8));
}

void
calendar_close(struct calendar *calendar, const struct holiday_list *holidays)
{
	/* A day may be moved over the end of its year. */
	for (int year = CALENDAR_FIRST_YEAR - 1; year <= CALENDAR_LAST_YEAR + 1;
		year++)
		holiday_list_year(holidays, year, close_day, calendar);
}

static bool
is_closed(const struct calendar *calendar, int day)
{
	int at = day - FIRST_DAY;

	return at >= 0 && at < KNOWN_DAYS &&
	       (calendar->closed[at / 8] & 1U << (at % 8)) != 0;
}

/* How many ranges the day has. */
static size_t
ranges_of(const struct calendar *calendar, int day)
{
	return is_closed(calendar, day)
		       ? 0
		       : calendar->week[weekday_of_day(day)].count;
}

bool
calendar_check(const struct calendar *calendar, struct err *err)
{
	size_t ranges = 0;
	int open;

	for (int i = 0; i < 7; i++)
		ranges += calendar->week[i].count;
	if (ranges == 0)
		return err_set(err, "no day of the week has an hour");
	/* A clock that meets no open day for a year is one that stands. */
	open = FIRST_DAY - 1;
	for (int day = FIRST_DAY; day < FIRST_DAY + KNOWN_DAYS; day++) {
		if (ranges_of(calendar, day) > 0)
			open = day;
		if (day - open > 366)
			return err_set(err,
				"the holidays leave no day open for a year");
	}
	return true;
}

/* ---- days and instants ---- */

static int
day_at(const struct calendar *calendar, int64_t at_ms)
{
	struct civil civil = zone_civil(calendar->zone, at_ms);

	civil.hour = civil.minute = civil.second = 0;
	return (int)(civil_to_utc_ms(civil) / MS_PER_DAY);
}

static int64_t
instant_of(const struct calendar *calendar, int day, int minute)
{
	struct civil civil = {1970, 1, 1 + day, 0, minute, 0};

	return zone_instant(calendar->zone, civil);
}

static struct stretch
stretch_of(const struct calendar *calendar, int day, size_t range)
{
	const struct hours_range *hours =
		&calendar->week[weekday_of_day(day)].ranges[range];

	return (struct stretch){
		instant_of(calendar, day, hours->from),
		instant_of(calendar, day, hours->to),
	};
}

/* A day of which a change of clocks took every open minute is no working
 * day. */
static bool
is_working_day(const struct calendar *calendar, int day)
{
	for (size_t i = 0; i < ranges_of(calendar, day); i++) {
		struct stretch open = stretch_of(calendar, day, i);

		if (open.from_ms < open.to_ms)
			return true;
	}
	return false;
}

bool
calendar_is_open(const struct calendar *calendar, int64_t at_ms)
{
	if (calendar == NULL)
		return true;
	/* Where clocks go back over midnight, the day before is not over. */
	for (int day = day_at(calendar, at_ms) - 1, last = day + 1; day <= last;
		day++)
		for (size_t i = 0; i < ranges_of(calendar, day); i++) {
			struct stretch open = stretch_of(calendar, day, i);

			if (open.from_ms <= at_ms && at_ms < open.to_ms)
				return true;
		}
	return false;
}

/* ---- open time ---- */

static int64_t
plus(int64_t a, int64_t b)
{
	int64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return b < 0 ? INT64_MIN : INT64_MAX;
	return sum;
}

/* The first instant from there on by which it has been open so long; where
 * nothing is left to wait for, the first one at which it is open. */
static int64_t
run_on(const struct calendar *calendar, int64_t from_ms, int64_t left_ms)
{
	int start = day_at(calendar, from_ms) - 1, day = start;

	for (; day <= start + AHEAD_DAYS; day++)
		for (size_t i = 0; i < ranges_of(calendar, day); i++) {
			struct stretch open = stretch_of(calendar, day, i);
			int64_t at =
				open.from_ms > from_ms ? open.from_ms : from_ms;

			if (open.to_ms <= at)
				continue;
			if (left_ms <= open.to_ms - at)
				return at + left_ms;
			left_ms -= open.to_ms - at;
		}
	return instant_of(calendar, day, 0);
}

/* The last instant up to there since which it has been open so long. */
static int64_t
run_back(const struct calendar *calendar, int64_t to_ms, int64_t left_ms)
{
	int start = day_at(calendar, to_ms) + 1, day = start;

	for (; day >= start - AHEAD_DAYS; day--)
		for (size_t i = ranges_of(calendar, day); i-- > 0;) {
			struct stretch open = stretch_of(calendar, day, i);
			int64_t at = open.to_ms < to_ms ? open.to_ms : to_ms;

			if (at <= open.from_ms)
				continue;
			if (left_ms <= at - open.from_ms)
				return at - left_ms;
			left_ms -= at - open.from_ms;
		}
	return instant_of(calendar, day, 0);
}

/* The instant of the day that is nearest, of those at which it is open or just
 * closes: where the time is in between, the closing before. */
static int64_t
clamp(const struct calendar *calendar, int day, int64_t at_ms)
{
	struct stretch found = {0};
	bool any = false;

	for (size_t i = 0; i < ranges_of(calendar, day); i++) {
		struct stretch open = stretch_of(calendar, day, i);

		if (open.from_ms >= open.to_ms)
			continue;
		if (any && open.from_ms > at_ms)
			break;
		found = open;
		any = true;
	}
	if (at_ms < found.from_ms)
		return found.from_ms;
	return at_ms < found.to_ms ? at_ms : found.to_ms;
}

/* The same time so many working days on (back: count below nothing). */
static int64_t
step_days(const struct calendar *calendar, int64_t at_ms, int count)
{
	struct civil time = zone_civil(calendar->zone, at_ms);
	int start = day_at(calendar, at_ms), day = start;
	int64_t rest_ms = at_ms % MS_PER_SECOND;
	int step = count < 0 ? -1 : 1;

	while (count != 0 && (day - start) * step < AHEAD_DAYS) {
		day += step;
		if (is_working_day(calendar, day))
			count -= step;
	}
	time.year = 1970;
	time.month = 1;
	time.day = 1 + day;
	return clamp(calendar, day,
		zone_instant(calendar->zone, time) +
			(rest_ms < 0 ? rest_ms + MS_PER_SECOND : rest_ms));
}

/* Open, or just closing. */
static bool
is_in_hours(const struct calendar *calendar, int64_t at_ms)
{
	return calendar_is_open(calendar, at_ms) ||
	       calendar_is_open(calendar, at_ms - 1);
}

int64_t
calendar_add(const struct calendar *calendar, int64_t from_ms,
	const struct span *span)
{
	int64_t at_ms = from_ms;

	if (calendar == NULL)
		return plus(plus(from_ms, span->working_days * MS_PER_DAY),
			span->ms);
	if (span->working_days > 0) {
		if (!is_in_hours(calendar, at_ms))
			at_ms = run_on(calendar, at_ms, 0);
		at_ms = step_days(calendar, at_ms, span->working_days);
	}
	return span->ms > 0 ? run_on(calendar, at_ms, span->ms) : at_ms;
}

int64_t
calendar_subtract(
	const struct calendar *calendar, int64_t to_ms, const struct span *span)
{
	int64_t at_ms = to_ms;

	if (calendar == NULL)
		return plus(plus(to_ms, -span->ms),
			-span->working_days * MS_PER_DAY);
	if (span->ms > 0)
		at_ms = run_back(calendar, at_ms, span->ms);
	if (span->working_days > 0) {
		if (!is_in_hours(calendar, at_ms))
			at_ms = run_back(calendar, at_ms, 0);
		at_ms = step_days(calendar, at_ms, -span->working_days);
	}
	return at_ms;
}

int64_t
calendar_between(
	const struct calendar *calendar, int64_t from_ms, int64_t to_ms)
{
	int64_t sum = 0;

	if (to_ms < from_ms)
		return -calendar_between(calendar, to_ms, from_ms);
	if (calendar == NULL)
		return plus(to_ms, -from_ms);
	for (int day = day_at(calendar, from_ms) - 1,
		 last = day_at(calendar, to_ms);
		day <= last; day++)
		for (size_t i = 0; i < ranges_of(calendar, day); i++) {
			struct stretch open = stretch_of(calendar, day, i);

			if (open.from_ms < from_ms)
				open.from_ms = from_ms;
			if (open.to_ms > to_ms)
				open.to_ms = to_ms;
			if (open.from_ms < open.to_ms)
				sum += open.to_ms - open.from_ms;
		}
	return sum;
}

const struct zone *
calendar_zone(const struct calendar *calendar)
{
	return calendar != NULL ? calendar->zone : NULL;
}

/* ---- by name ---- */

void
calendars_add(struct calendars *calendars, const char *name,
	struct calendar *calendar)
{
	calendars->items = mem_grow(calendars->items, calendars->count + 1,
		sizeof(*calendars->items));
	calendars->items[calendars->count++] =
		(struct calendar_named){name, calendar};
}

static const struct calendar_named *
find_named(const struct calendars *calendars, const char *name)
{
	for (size_t i = 0; name != NULL && i < calendars->count; i++)
		if (strcmp(calendars->items[i].name, name) == 0)
			return &calendars->items[i];
	return NULL;
}

bool
calendars_know(const struct calendars *calendars, const char *name)
{
	return find_named(calendars, name) != NULL;
}

const struct calendar *
calendars_find(const struct calendars *calendars, const char *name)
{
	const struct calendar_named *named = find_named(calendars, name);

	return named != NULL ? named->calendar : NULL;
}

void
calendars_done(struct calendars *calendars)
{
	for (size_t i = 0; i < calendars->count; i++)
		calendar_free(calendars->items[i].calendar);
	free(calendars->items);
	*calendars = (struct calendars){0};
}
