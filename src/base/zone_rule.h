/*
 * zone_rule - the rule of a time zone for years that its file does not list: a
 * TZ string as POSIX writes it, such as CET-1CEST,M3.5.0,M10.5.0/3. For zone.c
 * alone.
 *
 * Seconds are seconds since the epoch, offsets seconds east of UTC.
 */
#ifndef NPSD_BASE_ZONE_RULE_H
#define NPSD_BASE_ZONE_RULE_H

#include <stdbool.h>
#include <stdint.h>

/* When in each year clocks change. */
struct zone_change {
	enum { CHANGE_WEEKDAY, CHANGE_JULIAN, CHANGE_DAY } kind;
	int month, week, day; /* day alone for the last two kinds */
	int time_s;	      /* from the midnight of that day */
};

struct zone_rule {
	bool known; /* false after an empty string: there is no rule */
	bool has_summer;
	int standard_s, summer_s;
	struct zone_change start, end; /* of summer time */
};

/* A stretch of time with one offset. */
struct zone_stretch {
	int offset_s;
	int64_t end_s; /* INT64_MAX: for ever */
};

/* Fills the rule, which was zero; false if the text is no TZ string. */
bool zone_rule_read(const char *text, struct zone_rule *rule);
/* The stretch that the second is in, by a rule that is known. */
struct zone_stretch zone_rule_stretch(
	const struct zone_rule *rule, int64_t second);

#endif
