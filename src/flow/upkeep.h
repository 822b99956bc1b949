/*
 * upkeep - what grows old is removed, a slice at a time, between other work.
 * Store thread.
 */
#ifndef NPSD_FLOW_UPKEEP_H
#define NPSD_FLOW_UPKEEP_H

#include <stdbool.h>

#include "base/err.h"
#include "flow/keep.h"

/* How long settled deliveries stay that belong to no answer: drills, notices of
 * actions that fail. */
#define UPKEEP_ALONE_KEPT_MS (30 * MS_PER_DAY)

/*
 * While the wall clock may be wrong nothing is removed for its age. A clock that
 * was set forward is believed a day later, or as soon as it was set back; what
 * that day costs is nothing to what a wrong year would.
 */
#define UPKEEP_HOLD_US (MS_PER_DAY * 1000)
struct upkeep_hold {
	int64_t ahead_ms; /* by which it was set since it was believed */
	int64_t until_us; /* monotonic */
};
/* The wall clock was set; true: this is what begins a hold. */
bool upkeep_clock_set(struct upkeep_hold *hold, int64_t by_ms, int64_t now_us);
bool upkeep_holds(struct upkeep_hold *hold, int64_t now_us);

/* Inside a transaction: at most a slice each of answers past keep_responses, of
 * rejected records past keep_rejected, of settled deliveries without an
 * answer, of minute buckets that no window holds.
 * *removed 0: nothing is left to do. */
bool upkeep_slice(
	struct keeping *keeping, int *removed, struct err *err) must_check;

#endif
