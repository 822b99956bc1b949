/*
 * time - instants, durations and named time zones.
 *
 * An instant is int64_t milliseconds since 1970-01-01T00:00:00Z; a duration is
 * int64_t milliseconds. Nothing here reads a clock but the system clock below,
 * which is handed down from main.
 */
#ifndef NPSD_BASE_TIME_H
#define NPSD_BASE_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define MS_PER_SECOND INT64_C(1000)
#define MS_PER_MINUTE (60 * MS_PER_SECOND)
#define MS_PER_HOUR (60 * MS_PER_MINUTE)
#define MS_PER_DAY (24 * MS_PER_HOUR)

/* Where "now" comes from. The daemon's is the system's; tests set their own. */
struct clock {
	int64_t (*wall_ms)(void *context);	/* since the epoch */
	int64_t (*monotonic_us)(void *context); /* for intervals only */
	void *context;
};
extern const struct clock clock_system;
int64_t clock_wall_ms(const struct clock *clock);
int64_t clock_monotonic_us(const struct clock *clock);

/* A clock that stands still until it is moved (tests, demonstrations). */
struct clock_set {
	struct clock clock; /* hand out a pointer to this */
	int64_t wall_ms;
	int64_t monotonic_us;
};
void clock_set_init(struct clock_set *set, int64_t wall_ms);
void clock_set_advance(struct clock_set *set, int64_t ms); /* both clocks */

/*
 * RFC 3339 date-time with a zone ("Z", "z" or +-hh:mm up to 23:59; "T" or "t"
 * between date and time), any number of fraction digits (cut after the
 * millisecond), years 0001 to 9999 there and in UTC. Days are checked against
 * the month; a leap second :60 is read as the following second, and exists only
 * at the end of a month in UTC. False with a reason otherwise.
 */
bool time_from_rfc3339(const char *data, size_t length, int64_t *instant_ms,
	struct err *err) must_check;

enum { TIME_TEXT_BYTES = 32 };
/* "2026-11-21T09:00:00.123Z"; milliseconds only where they are not zero. */
void time_to_rfc3339(int64_t instant_ms, char out[TIME_TEXT_BYTES]);
/* RFC 5322 date in UTC: "Sat, 21 Nov 2026 09:00:00 +0000". */
void time_to_rfc5322(int64_t instant_ms, char out[48]);

/* "90s" "15m" "48h" "7d" "500ms" and sums such as "1h30m", from large units to
 * small; no sign, no bare number but "0". */
bool duration_from_text(
	const char *text, int64_t *duration_ms, struct err *err) must_check;
/* The shortest such text: 90000 gives "90s", 5400000 "90m". Less than nothing
 * gets a '-' in front, which is not read back. */
void duration_to_text(int64_t duration_ms, char out[TIME_TEXT_BYTES]);

/* A civil date and time of day, as a wall clock shows it. */
struct civil {
	int year, month, day; /* month and day from 1 */
	int hour, minute, second;
};
/* As if it were UTC. Fields may be out of range (month 13, day 0, hour -5) and
 * are carried over; the year is within some millions. */
int64_t civil_to_utc_ms(struct civil civil);
struct civil civil_from_utc_ms(int64_t instant_ms);
int civil_weekday(struct civil civil); /* 0 Monday .. 6 Sunday */
/* Whether the calendar and the clock have such a moment; :60 is taken. False
 * with a reason. */
bool civil_check(const struct civil *civil, struct err *err) must_check;

/* A named zone of the system's tz database (in TZDIR or /usr/share/zoneinfo),
 * immutable once open, so threads may share it. "UTC" needs no file. */
struct zone;
struct zone *zone_open(const char *name, struct err *err) must_check;
void zone_close(struct zone *zone);
struct civil zone_civil(const struct zone *zone, int64_t instant_ms);
/* RFC 3339 as the zone's clocks show it, to the second:
 * "2026-11-23T17:30:00+01:00", with "Z" where that is UTC's. NULL: as
 * time_to_rfc3339. */
void zone_to_rfc3339(
	const struct zone *zone, int64_t instant_ms, char out[TIME_TEXT_BYTES]);
/* The instant of a civil time there. A time skipped by a change of clocks gives
 * the instant just after the gap; one that happens twice gives the first. */
int64_t zone_instant(const struct zone *zone, struct civil civil);

#endif
