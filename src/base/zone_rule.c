/*
 * zone_rule - reads and follows the TZ string at the end of a zone's file.
 */
#include "base/zone_rule.h"

#include <stddef.h>
#include <string.h>

#include "base/time.h"

struct transition {
	int64_t at_s;
	int offset_s; /* from then on */
};

static bool
read_name(const char **at)
{
	const char *start = *at;

	if (**at == '<') {
		*at = strchr(start, '>');
		return *at && (*at)++ > start + 1;
	}
	while ((**at >= 'A' && **at <= 'Z') || (**at >= 'a' && **at <= 'z'))
		(*at)++;
	return *at - start >= 3;
}

static bool
read_number(const char **at, int low, int high, int *value)
{
	const char *start = *at;

	*value = 0;
	while (**at >= '0' && **at <= '9' && *at - start < 4)
		*value = *value * 10 + (*(*at)++ - '0');
	return *at > start && *value >= low && *value <= high;
}

/* [+-]hours[:minutes[:seconds]] */
static bool
read_time(const char **at, int hours_limit, int *seconds)
{
	int sign = **at == '-' ? -1 : 1;
	int hours;
	int minutes = 0;
	int rest = 0;

	if (**at == '-' || **at == '+')
		(*at)++;
	if (!read_number(at, 0, hours_limit, &hours))
		return false;
	if (**at == ':') {
		(*at)++;
		if (!read_number(at, 0, 59, &minutes))
			return false;
		if (**at == ':') {
			(*at)++;
			if (!read_number(at, 0, 59, &rest))
				return false;
		}
	}
	*seconds = sign * (hours * 3600 + minutes * 60 + rest);
	return true;
}

static bool
read_char(const char **at, char c)
{
	if (**at != c)
		return false;
	(*at)++;
	return true;
}

/* ,M3.5.0/2 or ,J60/2 or ,59/2 */
static bool
read_change(const char **at, struct zone_change *change)
{
	bool good;

	if (!read_char(at, ','))
		return false;
	if (read_char(at, 'M')) {
		change->kind = CHANGE_WEEKDAY;
		good = read_number(at, 1, 12, &change->month) &&
		       read_char(at, '.') &&
		       read_number(at, 1, 5, &change->week) &&
		       read_char(at, '.') &&
		       read_number(at, 0, 6, &change->day);
	} else if (read_char(at, 'J')) {
		change->kind = CHANGE_JULIAN;
		good = read_number(at, 1, 365, &change->day);
	} else {
		change->kind = CHANGE_DAY;
		good = read_number(at, 0, 365, &change->day);
	}
	change->time_s = 2 * 3600;
	if (good && read_char(at, '/'))
		good = read_time(at, 167, &change->time_s);
	return good;
}

bool
zone_rule_read(const char *text, struct zone_rule *rule)
{
	int west_s;

	if (!*text)
		return true; /* allowed: nothing is known */
	if (!read_name(&text) || !read_time(&text, 24, &west_s))
		return false;
	rule->standard_s = -west_s;
	rule->known = true;
	if (!*text)
		return true;
	rule->has_summer = true;
	rule->summer_s = rule->standard_s + 3600;
	if (!read_name(&text))
		return false;
	if (*text != ',') {
		if (!read_time(&text, 24, &west_s))
			return false;
		rule->summer_s = -west_s;
	}
	return read_change(&text, &rule->start) &&
	       read_change(&text, &rule->end) && !*text;
}

/* The second, in local time before the change, when it comes in that year. */
static int64_t
change_in_year(const struct zone_change *change, int year)
{
	struct civil day = {.year = year, .month = 1, .day = 1};
	bool after_february = change->day >= 60;

	switch (change->kind) {
	case CHANGE_WEEKDAY: {
		day.month = change->month;
		/* POSIX counts from Sunday, civil_weekday from Monday. */
		int first = (civil_weekday(day) + 1) % 7;

		day.day += (change->day - first + 7) % 7;
		day.day += (change->week - 1) * 7;
		struct civil carried = civil_from_utc_ms(civil_to_utc_ms(day));

		if (carried.month != day.month)
			day.day -= 7; /* the fifth is the last one */
		break;
	}
	case CHANGE_JULIAN: /* 29 February has no number */
		day.month = after_february ? 3 : 1;
		day.day = after_february ? change->day - 59 : change->day;
		break;
	case CHANGE_DAY:
		day.day += change->day;
		break;
	}
	return civil_to_utc_ms(day) / MS_PER_SECOND + change->time_s;
}

/* Puts the change before those that come later; of two at once the one that is
 * put last comes last. */
static void
insert_sorted(struct transition *list, size_t *count, struct transition change)
{
	size_t at = (*count)++;

	for (; at && list[at - 1].at_s > change.at_s; at--)
		list[at] = list[at - 1];
	list[at] = change;
}

struct zone_stretch
zone_rule_stretch(const struct zone_rule *rule, int64_t second)
{
	if (!rule->has_summer)
		return (struct zone_stretch){rule->standard_s, INT64_MAX};

	struct transition list[6] = {{0}};
	size_t count = 0;
	int year = civil_from_utc_ms(second * MS_PER_SECOND).year;

	/* Summer for ever is written as an end that is the next start, so the
	 * start goes in after the end. */
	for (int y = year - 1; y <= year + 1; y++) {
		insert_sorted(list, &count,
			(struct transition){
				change_in_year(&rule->end, y) - rule->summer_s,
				rule->standard_s});
	}
	for (int y = year - 1; y <= year + 1; y++) {
		insert_sorted(list, &count,
			(struct transition){change_in_year(&rule->start, y) -
						    rule->standard_s,
				rule->summer_s});
	}
	size_t next = 1;

	while (next < count - 1 && list[next].at_s <= second)
		next++;
	return (struct zone_stretch){list[next - 1].offset_s, list[next].at_s};
}
