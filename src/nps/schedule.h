/*
 * schedule - times that come again by the wall clock of a zone: "daily 08:00",
 * "mon 08:00", "mon-fri 17:30", "1st 08:00", "last 08:00" (of the month).
 *
 * A time that a change of clocks skips is the moment just after it; one that
 * comes twice is the first. A day that a month does not have is its last.
 */
#ifndef NPSD_NPS_SCHEDULE_H
#define NPSD_NPS_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/time.h"

struct schedule {
	bool weekdays[7]; /* 0 Monday; all false: a day of the month */
	int day;	  /* of the month, 1..31; 31 also is "last" */
	int hour, minute;
};
bool schedule_parse(struct schedule *schedule, const char *text,
	struct err *err) must_check;
/* The first time after, the last one at or before an instant. */
int64_t schedule_next(const struct schedule *schedule, const struct zone *zone,
	int64_t after_ms);
int64_t schedule_last(const struct schedule *schedule, const struct zone *zone,
	int64_t at_ms);

/* Whole days: from the first moment of `from` up to that of `to`, not with it. */
struct schedule_period {
	int64_t from_ms, to_ms;
};
/* What there is to tell at a time of the schedule: the days since the one
 * before it, up to the day before. back 1: the period before that, and so on. */
struct schedule_period schedule_period(const struct schedule *schedule,
	const struct zone *zone, int64_t due_ms, int back);

#endif
