/*
 * time - clocks, the proleptic Gregorian calendar, and how instants and
 * durations are written. Named zones are zone.c's.
 */
#include "base/time.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"

enum { SECONDS_PER_DAY = 86400, DAYS_PER_400_YEARS = 146097 };

static int64_t
system_wall_ms(void *context)
{
	struct timespec now;

	(void)context;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t
system_monotonic_us(void *context)
{
	struct timespec now;

	(void)context;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

const struct clock clock_system = {
	.wall_ms = system_wall_ms,
	.monotonic_us = system_monotonic_us,
};

int64_t
clock_wall_ms(const struct clock *clock)
{
	return clock->wall_ms(clock->context);
}

int64_t
clock_monotonic_us(const struct clock *clock)
{
	return clock->monotonic_us(clock->context);
}

static int64_t
set_wall_ms(void *context)
{
	const struct clock_set *set = context;

	return set->wall_ms;
}

static int64_t
set_monotonic_us(void *context)
{
	const struct clock_set *set = context;

	return set->monotonic_us;
}

void
clock_set_init(struct clock_set *set, int64_t wall_ms)
{
	set->clock.wall_ms = set_wall_ms;
	set->clock.monotonic_us = set_monotonic_us;
	set->clock.context = set;
	set->wall_ms = wall_ms;
	set->monotonic_us = 0;
}

void
clock_set_advance(struct clock_set *set, int64_t ms)
{
	set->wall_ms += ms;
	set->monotonic_us += ms * 1000;
}

/* Division that rounds down on both sides of zero. */
static int64_t
floor_div(int64_t value, int64_t by)
{
	return value / by - (value % by < 0 ? 1 : 0);
}

/* What that division leaves; never negative. */
static int64_t
floor_rest(int64_t value, int64_t by)
{
	int64_t rest = value % by;

	return rest < 0 ? rest + by : rest;
}

static bool
is_leap_year(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days of the year before the month; months count from 1, 13 is the end. */
static int
days_before_month(int64_t year, int month)
{
	static const short days[] = {
		0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};

	return days[month - 1] + (month > 2 && is_leap_year(year) ? 1 : 0);
}

/* Days from 1970-01-01 to the first of January of the year. */
static int64_t
days_before_year(int64_t year)
{
	enum { DAYS_TO_1970 = 719162 }; /* from 0001-01-01 */
	int64_t past = year - 1;

	return past * 365 + floor_div(past, 4) - floor_div(past, 100) +
	       floor_div(past, 400) - DAYS_TO_1970;
}

/* Days since 1970-01-01, without the time of day. */
static int64_t
civil_days(const struct civil *civil)
{
	int64_t months = (int64_t)civil->month - 1;
	int64_t year = civil->year + floor_div(months, 12);
	int month = (int)floor_rest(months, 12) + 1;

	return days_before_year(year) + days_before_month(year, month) +
	       civil->day - 1;
}

static int64_t
civil_seconds(const struct civil *civil)
{
	return ((int64_t)civil->hour * 60 + civil->minute) * 60 + civil->second;
}

int64_t
civil_to_utc_ms(struct civil civil)
{
	return civil_days(&civil) * MS_PER_DAY +
	       civil_seconds(&civil) * MS_PER_SECOND;
}

/*
 * Years are counted from the first of March, so that a leap day is the last of
 * its year, within eras of 400 years, which are all of one length. (Howard
 * Hinnant, "chrono-Compatible Low-Level Date Algorithms".)
 */
struct civil
civil_from_utc_ms(int64_t instant_ms)
{
	enum { DAYS_TO_MARCH_0000 = 719468 }; /* from there to 1970-01-01 */
	int64_t days = floor_div(instant_ms, MS_PER_DAY);
	int second = (int)(floor_rest(instant_ms, MS_PER_DAY) / MS_PER_SECOND);
	int64_t era = floor_div(days + DAYS_TO_MARCH_0000, DAYS_PER_400_YEARS);
	int day = (int)(days + DAYS_TO_MARCH_0000 - era * DAYS_PER_400_YEARS);
	int year = (day - day / 1460 + day / 36524 - day / 146096) / 365;

	day -= year * 365 + year / 4 - year / 100;
	int month = (day * 5 + 2) / 153; /* 0 is March */

	return (struct civil){
		.year = (int)(era * 400) + year + (month >= 10),
		.month = month < 10 ? month + 3 : month - 9,
		.day = day - (month * 153 + 2) / 5 + 1,
		.hour = second / 3600,
		.minute = second / 60 % 60,
		.second = second % 60,
	};
}

int
civil_weekday(struct civil civil)
{
	int64_t days = civil_days(&civil) +
		       floor_div(civil_seconds(&civil), SECONDS_PER_DAY);

	/* 1970-01-01 was a Thursday. */
	return (int)floor_rest(days + 3, 7);
}

/* Bytes that are still to be read. */
struct cursor {
	const char *at;
	const char *end;
};

/* Reads exactly so many digits. */
static bool
read_digits(struct cursor *cursor, int count, int *value)
{
	*value = 0;
	for (; count; count--) {
		if (cursor->at == cursor->end || *cursor->at < '0' ||
			*cursor->at > '9')
			return false;
		*value = *value * 10 + (*cursor->at++ - '0');
	}
	return true;
}

static bool
read_one(struct cursor *cursor, char c)
{
	if (cursor->at == cursor->end || *cursor->at != c)
		return false;
	cursor->at++;
	return true;
}

/* Reads "2026-11-21T09:00:00". */
static bool
read_civil(struct cursor *cursor, struct civil *civil)
{
	return read_digits(cursor, 4, &civil->year) && read_one(cursor, '-') &&
	       read_digits(cursor, 2, &civil->month) && read_one(cursor, '-') &&
	       read_digits(cursor, 2, &civil->day) &&
	       (read_one(cursor, 'T') || read_one(cursor, 't')) &&
	       read_digits(cursor, 2, &civil->hour) && read_one(cursor, ':') &&
	       read_digits(cursor, 2, &civil->minute) &&
	       read_one(cursor, ':') && read_digits(cursor, 2, &civil->second);
}

/* Reads ".123456" if there is a point; what is past the millisecond is cut. */
static bool
read_fraction(struct cursor *cursor, int *ms)
{
	int digit;
	int weight = 100;

	*ms = 0;
	if (!read_one(cursor, '.'))
		return true;
	if (!read_digits(cursor, 1, &digit))
		return false;
	do {
		*ms += digit * weight;
		weight /= 10;
	} while (read_digits(cursor, 1, &digit));
	return true;
}

/* Reads "Z" or "+hh:mm" and the end. */
static bool
read_offset(struct cursor *cursor, int *minutes)
{
	int hour, minute;

	*minutes = 0;
	if (read_one(cursor, 'Z') || read_one(cursor, 'z'))
		return cursor->at == cursor->end;
	bool west = read_one(cursor, '-');

	if ((!west && !read_one(cursor, '+')) ||
		!read_digits(cursor, 2, &hour) || !read_one(cursor, ':') ||
		!read_digits(cursor, 2, &minute) || hour > 23 || minute > 59)
		return false;
	*minutes = west ? -(hour * 60 + minute) : hour * 60 + minute;
	return cursor->at == cursor->end;
}

bool
civil_check(const struct civil *civil, struct err *err)
{
	if (civil->year < 1)
		return err_set(err, "year 0000 is not taken");
	if (civil->month < 1 || civil->month > 12)
		return err_set(err, "there is no month %02d", civil->month);
	int days = days_before_month(civil->year, civil->month + 1) -
		   days_before_month(civil->year, civil->month);

	if (civil->day < 1 || civil->day > days)
		return err_set(err, "%04d-%02d has no day %02d", civil->year,
			civil->month, civil->day);
	if (civil->hour > 23 || civil->minute > 59 || civil->second > 60)
		return err_set(err, "there is no time %02d:%02d:%02d",
			civil->hour, civil->minute, civil->second);
	return true;
}

/* What shows only when the zone is taken away; seldom asked for. */
static bool
check_in_utc(const struct civil *civil, int64_t instant, struct err *err)
{
	if (civil->second < 60 && civil->year > 1 && civil->year < 9999)
		return true;
	struct civil utc = civil_from_utc_ms(instant);

	/* :60 was carried into the following second. */
	if (civil->second == 60 &&
		(utc.day != 1 || utc.hour || utc.minute || utc.second))
		return err_set(err, "no leap second can stand there");
	if (utc.year < 1 || utc.year > 9999)
		return err_set(err, "outside the years 0001 to 9999 in UTC");
	return true;
}

bool
time_from_rfc3339(
	const char *data, size_t length, int64_t *instant_ms, struct err *err)
{
	struct cursor cursor = {data, data + length};
	struct civil civil;
	int fraction_ms;
	int offset;

	if (!read_civil(&cursor, &civil) ||
		!read_fraction(&cursor, &fraction_ms))
		return err_set(err,
			"not a date and time such as 2026-11-21T09:00:00Z");
	if (cursor.at == cursor.end)
		return err_set(err, "the zone is missing (Z or +hh:mm)");
	if (!read_offset(&cursor, &offset))
		return err_set(err,
			"after the time stands neither Z nor a zone from "
			"-23:59 to +23:59");
	if (!civil_check(&civil, err))
		return false;

	int64_t instant = civil_to_utc_ms(civil) - offset * MS_PER_MINUTE;

	if (!check_in_utc(&civil, instant, err))
		return false;
	*instant_ms = instant + fraction_ms;
	return true;
}

static char *
put_digits(char *at, int value, int count)
{
	for (int i = count - 1; i >= 0; i--, value /= 10)
		at[i] = (char)('0' + value % 10);
	return at + count;
}

static char *
put_pair(char *at, int value, char end)
{
	at = put_digits(at, value, 2);
	*at = end;
	return at + 1;
}

void
time_to_rfc3339(int64_t instant_ms, char out[TIME_TEXT_BYTES])
{
	struct civil utc = civil_from_utc_ms(instant_ms);
	int ms = (int)floor_rest(instant_ms, MS_PER_SECOND);
	char *at = out;

	if (utc.year < 0 || utc.year > 9999)
		at += snprintf(at, 12, "%04d-", utc.year);
	else
		at = put_pair(
			put_digits(at, utc.year / 100, 2), utc.year % 100, '-');
	at = put_pair(put_pair(at, utc.month, '-'), utc.day, 'T');
	at = put_pair(put_pair(at, utc.hour, ':'), utc.minute, ':');
	at = put_digits(at, utc.second, 2);
	if (ms) {
		*at++ = '.';
		at = put_digits(at, ms, 3);
	}
	*at++ = 'Z';
	*at = '\0';
}

void
time_to_rfc5322(int64_t instant_ms, char out[48])
{
	static const char days[][4] = {
		"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	struct civil utc = civil_from_utc_ms(instant_ms);

	(void)snprintf(out, 48, "%s, %02d %s %04d %02d:%02d:%02d +0000",
		days[civil_weekday(utc)], utc.day, months[utc.month - 1],
		utc.year, utc.hour, utc.minute, utc.second);
}

static const struct duration_unit {
	const char *name;
	int64_t ms;
} units[] = {
	{"d", MS_PER_DAY},
	{"h", MS_PER_HOUR},
	{"m", MS_PER_MINUTE},
	{"s", MS_PER_SECOND},
	{"ms", 1},
};

enum { UNIT_COUNT = sizeof(units) / sizeof(units[0]) };

/* The index of the unit that is written there, UNIT_COUNT if none is. */
static int
read_unit(const char **at)
{
	struct text name = {*at, 0};
	int i = 0;

	while (name.data[name.length] >= 'a' && name.data[name.length] <= 'z')
		name.length++;
	*at += name.length;
	while (i < UNIT_COUNT && !text_equal(name, units[i].name))
		i++;
	return i;
}

static bool
read_count(const char **at, int64_t *count)
{
	const char *start = *at;

	*count = 0;
	for (; **at >= '0' && **at <= '9'; (*at)++)
		if (__builtin_mul_overflow(*count, 10, count) ||
			__builtin_add_overflow(*count, **at - '0', count))
			return false;
	return *at > start;
}

bool
duration_from_text(const char *text, int64_t *duration_ms, struct err *err)
{
	int next = 0; /* the largest unit that may still come */
	int64_t sum = 0;
	int64_t part;

	if (text_same(text, "0")) {
		*duration_ms = 0;
		return true;
	}
	for (const char *at = text; *at || at == text;) {
		if (!read_count(&at, &part))
			return err_set(err,
				"not a duration such as 90s, 15m, 1h30m or 7d");
		int unit = read_unit(&at);

		if (unit == UNIT_COUNT)
			return err_set(err,
				"a duration wants a unit: ms, s, m, h or d");
		if (unit < next)
			return err_set(err,
				"the units of a duration go from large to "
				"small, each once");
		next = unit + 1;
		if (__builtin_mul_overflow(part, units[unit].ms, &part) ||
			__builtin_add_overflow(sum, part, &sum))
			return err_set(err, "the duration is too long");
	}
	*duration_ms = sum;
	return true;
}

/* Writes the duration with the units of the set (a bit each); false if they
 * leave a rest. */
static bool
write_with_units(uint64_t ms, unsigned set, char out[TIME_TEXT_BYTES])
{
	size_t length = 0;

	out[0] = '\0';
	for (unsigned i = 0; i < UNIT_COUNT; i++) {
		uint64_t unit_ms = (uint64_t)units[i].ms;

		if (!(set & 1U << i) || ms < unit_ms)
			continue;
		length += (size_t)snprintf(out + length,
			TIME_TEXT_BYTES - length, "%llu%s",
			(unsigned long long)(ms / unit_ms), units[i].name);
		ms %= unit_ms;
	}
	return !ms;
}

void
duration_to_text(int64_t duration_ms, char out[TIME_TEXT_BYTES])
{
	uint64_t ms = (uint64_t)duration_ms;
	char text[TIME_TEXT_BYTES];
	char *start = out;

	if (duration_ms < 0) {
		ms = 0 - ms;
		*start++ = '-';
	}
	(void)snprintf(start, TIME_TEXT_BYTES - 1, "0");
	if (!ms)
		return;
	/* Larger units first, so that they win where lengths are equal. */
	size_t best = TIME_TEXT_BYTES - 1;

	for (unsigned set = 1; set < 1U << UNIT_COUNT; set++) {
		if (write_with_units(ms, set, text) && strlen(text) < best) {
			best = strlen(text);
			memcpy(start, text, best + 1);
		}
	}
}
