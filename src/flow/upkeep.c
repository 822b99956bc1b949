/* upkeep - what grows old is removed, a slice at a time. */
#include "flow/upkeep.h"

/* Jumps are measured to a few milliseconds: there and back is no jump. */
enum { UPKEEP_NEAR_MS = 1000 };

bool
upkeep_clock_set(struct upkeep_hold *hold, int64_t by_ms, int64_t now_us)
{
	bool held = upkeep_holds(hold, now_us);

	hold->ahead_ms += by_ms;
	/* Set back to before: what it says now is no later than ever. */
	if (hold->ahead_ms < 0)
		hold->ahead_ms = 0;
	if (by_ms > 0)
		hold->until_us = now_us + UPKEEP_HOLD_US;
	return !held && hold->ahead_ms > 0;
}

bool
upkeep_holds(struct upkeep_hold *hold, int64_t now_us)
{
	if (hold->ahead_ms > UPKEEP_NEAR_MS && now_us < hold->until_us)
		return true;
	if (now_us >= hold->until_us)
		hold->ahead_ms = 0;
	return false;
}

bool
upkeep_slice(struct keeping *keeping, int *removed, struct err *err)
{
	const struct policy *policy = keeping->policy;
	struct store_writer *store = keeping->store;
	int64_t now_ms = keeping->now_ms;
	int rows = 0;

	*removed = 0;
	if (policy->keep_responses_ms > 0) {
		if (!store_purge_answers(store,
			    now_ms - policy->keep_responses_ms,
			    KEEPER_SLICE_ROWS, &rows, err))
			return false;
		*removed += rows;
	}
	if (policy->keep_rejected_ms > 0) {
		if (!store_purge_rejected(store,
			    now_ms - policy->keep_rejected_ms,
			    KEEPER_SLICE_ROWS, &rows, err))
			return false;
		*removed += rows;
	}
	if (!store_purge_deliveries(store, now_ms - UPKEEP_ALONE_KEPT_MS,
		    KEEPER_SLICE_ROWS, &rows, err))
		return false;
	*removed += rows;
	if (!store_prune_buckets(store, BUCKET_MINUTE,
		    bucket_number(
			    now_ms - BUCKET_MINUTE_KEPT_MS, BUCKET_MINUTE),
		    KEEPER_SLICE_ROWS * 10, &rows, err))
		return false;
	*removed += rows;
	return true;
}
