/*
 * retry - the arithmetic of trying again. It keeps no queue and asks no clock.
 */
#include "nps/retry.h"

#include <math.h>
#include <stddef.h>

#include "base/time.h"

const struct setting retry_settings[] = {
	{.key = "first",
		.type = SETTING_DURATION,
		.where = offsetof(struct retry, first_ms),
		.fallback = "5s",
		.low = 1,
		.high = (double)MS_PER_DAY,
		.help = "The pause before a failed delivery is tried for the "
			"second time. Every pause is drawn at random between "
			"half and the whole of its length, so that many "
			"deliveries do not come back at once; where the "
			"receiver names a time (Retry-After), it is never "
			"shorter than that."},
	{.key = "factor",
		.type = SETTING_NUMBER,
		.where = offsetof(struct retry, factor),
		.fallback = "3",
		.low = 1,
		.high = 100,
		.help = "By how much each pause is longer than the one before "
			"it; 1 keeps them all alike."},
	{.key = "ceiling",
		.type = SETTING_DURATION,
		.where = offsetof(struct retry, ceiling_ms),
		.fallback = "6h",
		.low = 1,
		.high = (double)(30 * MS_PER_DAY),
		.help = "The longest pause between two tries, unless the "
			"receiver asks for a longer one."},
	{.key = "give_up",
		.type = SETTING_DURATION,
		.where = offsetof(struct retry, give_up_ms),
		.fallback = "7d",
		.low = 0,
		.high = (double)(366 * MS_PER_DAY),
		.help = "How long after its first try a delivery is tried "
			"again; the last try is made when this time is over. "
			"Then the delivery is dead: kept, listed, and sent "
			"again on request. With 0 it is tried once only."},
	{.key = NULL},
};

static int64_t
later(int64_t instant_ms, int64_t by_ms)
{
	int64_t sum;

	return __builtin_add_overflow(instant_ms, by_ms, &sum) ? INT64_MAX
							       : sum;
}

/* pow() may well be infinite: the ceiling is less. */
static int64_t
pause_ms(const struct retry *retry, int tries, double chance)
{
	double whole = (double)retry->first_ms *
		       pow(retry->factor, tries > 1 ? tries - 1 : 0);

	whole = fmin(whole, (double)retry->ceiling_ms);
	return (int64_t)ceil(whole * (0.5 + 0.5 * chance));
}

bool
retry_next(const struct retry *retry, int tries, int64_t first_try_ms,
	int64_t now_ms, int64_t asked_ms, double chance, int64_t *due_ms)
{
	int64_t end_ms = later(first_try_ms, retry->give_up_ms);
	int64_t due = later(now_ms, pause_ms(retry, tries, chance));

	if (now_ms >= end_ms)
		return false;
	/* The time given is used up to its end: a last try then, not none. */
	if (due > end_ms)
		due = end_ms;
	if (asked_ms > due - now_ms)
		due = later(now_ms, asked_ms);
	if (due > end_ms)
		return false;
	*due_ms = due;
	return true;
}
