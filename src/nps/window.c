/*
 * window - which buckets a stretch of time holds. It counts nothing: see tally.
 */
#include "nps/window.h"

#include <stdio.h>
#include <string.h>

#define ROLLING_LOW_MS MS_PER_MINUTE
#define ROLLING_HIGH_MS (3660 * MS_PER_DAY)
/* Longest window that is counted by the minute. */
#define MINUTE_HIGH_MS (24 * MS_PER_HOUR)

static const struct {
	const char *name;
	enum window_kind kind;
	enum bucket_width bucket;
} calendar[] = {
	{"day", WINDOW_DAY, BUCKET_MINUTE},
	{"week", WINDOW_WEEK, BUCKET_HOUR},
	{"month", WINDOW_MONTH, BUCKET_HOUR},
	{"quarter", WINDOW_QUARTER, BUCKET_HOUR},
	{"year", WINDOW_YEAR, BUCKET_HOUR},
};

static bool
parse_calendar(struct window *window, const char *name)
{
	for (size_t i = 0; i < sizeof(calendar) / sizeof(calendar[0]); i++) {
		if (strcmp(name, calendar[i].name) != 0)
			continue;
		window->kind = calendar[i].kind;
		window->bucket = calendar[i].bucket;
		return true;
	}
	return false;
}

void
window_of_width(struct window *window, int64_t width_ms)
{
	*window = (struct window){.kind = WINDOW_ROLLING,
		.width_ms = width_ms,
		.bucket = width_ms <= MINUTE_HIGH_MS ? BUCKET_MINUTE
						     : BUCKET_HOUR};
}

static bool
parse_rolling(struct window *window, const char *name, struct err *err)
{
	if (!duration_from_text(name, &window->width_ms, NULL))
		return err_set(err,
			"\"%.40s\" is no window: it takes a duration such as "
			"24h or 30d, or day, week, month, quarter, year",
			name);
	if (window->width_ms < ROLLING_LOW_MS ||
		window->width_ms > ROLLING_HIGH_MS)
		return err_set(err,
			"the window \"%.40s\" is not between 1m and 3660d",
			name);
	window_of_width(window, window->width_ms);
	return true;
}

bool
window_parse(struct window *window, const char *name, struct err *err)
{
	*window = (struct window){.kind = WINDOW_ROLLING};
	if (!parse_calendar(window, name) && !parse_rolling(window, name, err))
		return false;
	if (strlen(name) >= sizeof(window->name))
		return err_set(err,
			"the window \"%.40s\" is longer than %zu characters",
			name, sizeof(window->name) - 1);
	(void)snprintf(window->name, sizeof(window->name), "%s", name);
	return true;
}

int64_t
bucket_number(int64_t instant_ms, enum bucket_width width)
{
	int64_t width_ms = (int64_t)width * MS_PER_MINUTE;
	int64_t number = instant_ms / width_ms;

	return number - (instant_ms % width_ms < 0);
}

/* The first day of the stretch that the civil day `now` lies in. */
static struct civil
first_day(enum window_kind kind, struct civil now)
{
	struct civil day = {now.year, now.month, now.day, 0, 0, 0};

	switch (kind) {
	case WINDOW_YEAR:
		day.month = 1;
		day.day = 1;
		break;
	case WINDOW_QUARTER:
		day.month -= (day.month - 1) % 3;
		day.day = 1;
		break;
	case WINDOW_MONTH:
		day.day = 1;
		break;
	case WINDOW_WEEK:
		return civil_from_utc_ms(
			civil_to_utc_ms(day) - civil_weekday(day) * MS_PER_DAY);
	case WINDOW_DAY:
	case WINDOW_ROLLING:
		break;
	}
	return day;
}

static int64_t
first_moment(enum window_kind kind, const struct zone *zone, int64_t now_ms)
{
	return zone_instant(zone, first_day(kind, zone_civil(zone, now_ms)));
}

struct bucket_range
window_range(
	const struct window *window, const struct zone *zone, int64_t now_ms)
{
	struct bucket_range range;

	range.upto = bucket_number(now_ms, window->bucket);
	if (window->kind == WINDOW_ROLLING) {
		range.after = bucket_number(
			now_ms - window->width_ms, window->bucket);
		return range;
	}
	/* One before the first bucket that starts at the first moment or
	 * later. */
	range.after = bucket_number(
		first_moment(window->kind, zone, now_ms) - 1, window->bucket);
	return range;
}

struct bucket_range
window_before(const struct window *window, const struct zone *zone,
	int64_t now_ms, enum bucket_width *width)
{
	struct window before = *window;
	int64_t end_ms = now_ms - window->width_ms;

	if (2 * window->width_ms > BUCKET_MINUTE_KEPT_MS ||
		window->kind != WINDOW_ROLLING)
		before.bucket = BUCKET_HOUR;
	*width = before.bucket;
	if (window->kind != WINDOW_ROLLING)
		end_ms = first_moment(window->kind, zone, now_ms) - 1;
	return window_range(&before, zone, end_ms);
}
