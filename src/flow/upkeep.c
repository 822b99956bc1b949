/* upkeep - what grows old is removed, a slice at a time. */
#include "flow/upkeep.h"

#include "store/store_silences.h"
#include "store/store_storm.h"

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
			    UPKEEP_SLICE_ROWS, &rows, err))
			return false;
		*removed += rows;
		if (!store_purge_silences(store,
			    now_ms - policy->keep_responses_ms,
			    UPKEEP_SLICE_ROWS, &rows, err))
			return false;
		*removed += rows;
	}
	if (policy->keep_rejected_ms > 0) {
		if (!store_purge_rejected(store,
			    now_ms - policy->keep_rejected_ms,
			    UPKEEP_SLICE_ROWS, &rows, err))
			return false;
		*removed += rows;
	}
	if (!store_purge_deliveries(store, now_ms - UPKEEP_ALONE_KEPT_MS,
		    UPKEEP_SLICE_ROWS, &rows, err))
		return false;
	*removed += rows;
	if (!store_prune_storms(store, now_ms - UPKEEP_STORM_KEPT_MS,
		    UPKEEP_SLICE_ROWS, &rows, err))
		return false;
	*removed += rows;
	if (!store_prune_buckets(store, BUCKET_MINUTE,
		    bucket_number(
			    now_ms - BUCKET_MINUTE_KEPT_MS, BUCKET_MINUTE),
		    UPKEEP_SLICE_ROWS * 10, &rows, err))
		return false;
	*removed += rows;
	return true;
}
