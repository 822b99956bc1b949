/*
 * window - the stretches of time that a score is told for.
 *
 * Rolling: "24h" "7d": (now - W, now]. Calendar, in a zone: "day" "week"
 * "month" "quarter" "year": from its first moment to now. Time is counted in
 * buckets of a minute for windows up to 24 h and of an hour beyond: a window
 * holds whole buckets, from the one after that of (now - W) to that of now. A
 * calendar window begins with the first bucket that starts at its first moment
 * or later: where a zone is half an hour off, the first half hour of a month
 * belongs to the month before.
 */
#ifndef NPSD_NPS_WINDOW_H
#define NPSD_NPS_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/time.h"

enum { WINDOW_NAME_BYTES = 16, WINDOWS_LIMIT = 16 };

/* Stored as these numbers (minutes): never change. */
enum bucket_width { BUCKET_MINUTE = 1, BUCKET_HOUR = 60 };

/* Minute buckets are kept this long; 24 h and a little. */
#define BUCKET_MINUTE_KEPT_MS (26 * MS_PER_HOUR)

enum window_kind {
	WINDOW_ROLLING,
	WINDOW_DAY,
	WINDOW_WEEK,
	WINDOW_MONTH,
	WINDOW_QUARTER,
	WINDOW_YEAR
};

struct window {
	char name[WINDOW_NAME_BYTES];
	enum window_kind kind;
	int64_t width_ms; /* of a rolling one: 1 m .. 3660 d */
	enum bucket_width bucket;
};

/* A rolling one of that width, without a name; at least a minute. */
void window_of_width(struct window *window, int64_t width_ms);
bool window_parse(
	struct window *window, const char *name, struct err *err) must_check;

/* Buckets are numbered from the epoch; floor, also before it. */
int64_t bucket_number(int64_t instant_ms, enum bucket_width width);
/* The buckets a window holds at `now`: numbers in (after, upto]. */
struct bucket_range {
	int64_t after, upto;
};
/* zone: of the calendar windows; a rolling one does not look at it. */
struct bucket_range window_range(
	const struct window *window, const struct zone *zone, int64_t now_ms);
/* The stretch before: of a rolling window as long, of a calendar one the whole
 * one before. *width says which buckets: those that are kept so long. */
struct bucket_range window_before(const struct window *window,
	const struct zone *zone, int64_t now_ms, enum bucket_width *width);

#endif
