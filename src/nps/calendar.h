/*
 * calendar - somebody's hours: when a clock runs, in their zone, without their
 * holidays. Immutable once built, so threads may share it.
 *
 *	   Fri                    Sat   Sun   Mon
 *	.--open--.  .--open--.                .--open--.  .--open--.
 *	9       12  13    17:30               9       12  13    17:30
 *	                 ^ an 8 h clock that starts here ends here ^ or so
 *
 * Everywhere a calendar of NULL is one that is always open. Instants are
 * milliseconds since the epoch. Where clocks change, an hour that is skipped
 * is no open time and one that comes twice is two.
 */
#ifndef NPSD_NPS_CALENDAR_H
#define NPSD_NPS_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/time.h"
#include "nps/holiday_list.h"
#include "nps/span.h"

enum {
	CALENDAR_RANGES_LIMIT = 8,  /* a day */
	CALENDAR_AHEAD_YEARS = 10,  /* how far an end is looked for */
	CALENDAR_FIRST_YEAR = 2000, /* holidays are known from here */
	CALENDAR_LAST_YEAR = 2099,  /* to there */
	CALENDAR_MINUTES = 24 * 60, /* of a day: 24:00 */
};

struct calendar;
/* Takes the zone. It is never open until it is said when. */
struct calendar *calendar_new(struct zone *zone);
void calendar_free(struct calendar *calendar);
/* Opens it on a weekday (0 Monday) between two times of the day, in minutes.
 * Refused: what goes over midnight, is empty, or meets an earlier one. */
bool calendar_open(struct calendar *calendar, int weekday, int from, int to,
	struct err *err) must_check;
/* Closes it on all days of the list, in the years that are known. */
void calendar_close(
	struct calendar *calendar, const struct holiday_list *holidays);
/* False with a reason if it is never open, in no week or in no year. */
bool calendar_check(
	const struct calendar *calendar, struct err *err) must_check;

bool calendar_is_open(const struct calendar *calendar, int64_t at_ms);
/*
 * When a clock that starts then has run that long: the first such instant.
 * Working days come first: the same time on the next day that it opens on, or,
 * where it is closed then, the opening or the closing before. A clock that
 * starts while it is closed starts with the next opening; a span of nothing
 * ends where it starts. Never later than CALENDAR_AHEAD_YEARS from then.
 */
int64_t calendar_add(const struct calendar *calendar, int64_t from_ms,
	const struct span *span);
/* When a clock must have started to end then: the last such instant. Hours come
 * first. What ends while it is closed ended with the last closing. */
int64_t calendar_subtract(const struct calendar *calendar, int64_t to_ms,
	const struct span *span);
/* How long it is open from one to the other; less than nothing if they come in
 * the other order. */
int64_t calendar_between(
	const struct calendar *calendar, int64_t from_ms, int64_t to_ms);

/* The zone of its clocks; NULL where there is no calendar. Lent. */
const struct zone *calendar_zone(const struct calendar *calendar);

/* The calendars of a configuration by name. */
struct calendars {
	size_t count;
	struct calendar_named {
		const char *name;	   /* lent */
		struct calendar *calendar; /* NULL: its hours were refused */
	} * items;
};
void calendars_add(struct calendars *calendars, const char *name,
	struct calendar *calendar); /* takes it */
/* Whether somebody gave hours this name, good ones or not. */
bool calendars_know(const struct calendars *calendars, const char *name);
/* NULL if there is none of that name. */
const struct calendar *calendars_find(
	const struct calendars *calendars, const char *name);
void calendars_done(struct calendars *calendars);

#endif
