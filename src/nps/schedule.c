/* schedule - times that come again by the wall clock of a zone. */
#include "nps/schedule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "nps/weekday.h"

enum { SCHEDULE_DAYS_LIMIT = 70, LAST_DAY = 31 };

/* "1st", "15th", "last". 0: it is none. */
static int
day_of_month(const char *text)
{
	static const char *const endings[] = {"st", "nd", "rd", "th", NULL};
	size_t digits = strspn(text, "0123456789");
	int day = 0;

	if (strcmp(text, "last") == 0)
		return LAST_DAY;
	if (digits == 0 || digits > 2)
		return 0;
	for (size_t i = 0; i < digits; i++)
		day = day * 10 + (text[i] - '0');
	for (const char *const *ending = endings; *ending != NULL; ending++)
		if (strcmp(text + digits, *ending) == 0)
			return day <= LAST_DAY ? day : 0;
	return 0;
}

static bool
parse_time(struct schedule *schedule, const char *text, struct err *err)
{
	if (strlen(text) == 5 && strspn(text, "0123456789:") == 5 &&
		text[2] == ':' &&
		sscanf(text, "%2d:%2d", &schedule->hour, &schedule->minute) ==
			2 &&
		schedule->hour < 24 && schedule->minute < 60)
		return true;
	return err_set(err, "expected a time of day such as 08:00 at the end");
}

static bool
parse_days(struct schedule *schedule, const char *days, struct err *err)
{
	if (strcmp(days, "daily") == 0) {
		for (int i = 0; i < 7; i++)
			schedule->weekdays[i] = true;
		return true;
	}
	schedule->day = day_of_month(days);
	if (schedule->day > 0)
		return true;
	if (weekdays_from_text(days, schedule->weekdays, NULL))
		return true;
	return err_set(err,
		"expected days and a time, such as \"daily 08:00\", "
		"\"mon 08:00\", \"mon-fri 17:30\", \"1st 08:00\" or "
		"\"last 08:00\"");
}

bool
schedule_parse(struct schedule *schedule, const char *text, struct err *err)
{
	const char *space = strrchr(text, ' ');
	char *days;
	bool good;

	*schedule = (struct schedule){.day = 0};
	if (space == NULL)
		return err_set(err, "expected days and a time, such as "
				    "\"mon 08:00\"");
	days = mem_copy(text, (size_t)(space - text));
	good = parse_days(schedule, days, err) &&
	       parse_time(schedule, space + 1, err);
	free(days);
	return good;
}

/* A civil date so many days on; the time of day goes. */
static struct civil
day_after(struct civil civil, int days)
{
	civil = (struct civil){
		civil.year, civil.month, civil.day + days, 0, 0, 0};
	return civil_from_utc_ms(civil_to_utc_ms(civil));
}

static bool
falls_on(const struct schedule *schedule, struct civil day)
{
	if (schedule->day == 0)
		return schedule->weekdays[civil_weekday(day)];
	return day.day == schedule->day ||
	       (day.day < schedule->day && day_after(day, 1).day == 1);
}

static int64_t
time_on(const struct schedule *schedule, const struct zone *zone,
	struct civil day)
{
	day.hour = schedule->hour;
	day.minute = schedule->minute;
	return zone_instant(zone, day);
}

int64_t
schedule_next(const struct schedule *schedule, const struct zone *zone,
	int64_t after_ms)
{
	struct civil today = zone_civil(zone, after_ms);

	for (int i = -1; i < SCHEDULE_DAYS_LIMIT; i++) {
		struct civil day = day_after(today, i);
		int64_t instant = time_on(schedule, zone, day);

		if (falls_on(schedule, day) && instant > after_ms)
			return instant;
	}
	return INT64_MAX; /* no schedule has such a gap */
}

int64_t
schedule_last(
	const struct schedule *schedule, const struct zone *zone, int64_t at_ms)
{
	struct civil today = zone_civil(zone, at_ms);

	for (int i = 1; i > -SCHEDULE_DAYS_LIMIT; i--) {
		struct civil day = day_after(today, i);
		int64_t instant = time_on(schedule, zone, day);

		if (falls_on(schedule, day) && instant <= at_ms)
			return instant;
	}
	return INT64_MIN;
}

static int64_t
day_start(const struct zone *zone, int64_t instant_ms)
{
	return zone_instant(zone, day_after(zone_civil(zone, instant_ms), 0));
}

struct schedule_period
schedule_period(const struct schedule *schedule, const struct zone *zone,
	int64_t due_ms, int back)
{
	int64_t before_ms;

	for (; back > 0; back--)
		due_ms = schedule_last(schedule, zone, due_ms - 1);
	before_ms = schedule_last(schedule, zone, due_ms - 1);
	return (struct schedule_period){
		day_start(zone, before_ms), day_start(zone, due_ms)};
}
