/* storm - the window that counts alerts. */
#include "nps/storm.h"

#include <stddef.h>

#include "base/time.h"

#define MORE_THAN_LIMIT 1000000
#define WITHIN_LOW_MS 1000
#define WITHIN_LIMIT_MS MS_PER_DAY

const struct setting storm_settings[] = {
	{"more_than", SETTING_INTEGER, offsetof(struct storm_terms, more_than),
		.required = true, .low = 1, .high = MORE_THAN_LIMIT,
		.help = "How many alerts of this action go to one receiver by "
			"themselves before the others are folded."},
	{"within", SETTING_DURATION, offsetof(struct storm_terms, within_ms),
		.fallback = "10m", .low = WITHIN_LOW_MS,
		.high = (double)WITHIN_LIMIT_MS,
		.help = "The length of the window in which they are counted. "
			"It "
			"begins with an alert, and at its end the message "
			"that tells of the folded ones is sent."},
	{.key = NULL},
};

/* Also with a clock that was set back a little. */
static bool
runs(const struct storm_window *window, int64_t now_ms)
{
	int64_t length_ms = window->until_ms - window->since_ms;

	return now_ms < window->until_ms &&
	       now_ms >= window->since_ms - length_ms;
}

static bool
lasts(const struct storm_window *before, const struct storm_terms *terms,
	int64_t now_ms)
{
	return before->alerts > terms->more_than &&
	       now_ms >= before->until_ms &&
	       now_ms - before->until_ms < terms->within_ms;
}

bool
storm_take(struct storm_window *window, const struct storm_terms *terms,
	int64_t now_ms)
{
	if (!runs(window, now_ms))
		*window = (struct storm_window){
			.since_ms = now_ms,
			.until_ms = now_ms + terms->within_ms,
			.lasting = lasts(window, terms, now_ms),
		};
	window->alerts++;
	return window->lasting || window->alerts > terms->more_than;
}
