/*
 * upkeep - what grows old is removed, a slice at a time, between other work.
 * Store thread.
 */
#ifndef NPSD_FLOW_UPKEEP_H
#define NPSD_FLOW_UPKEEP_H

#include <stdbool.h>

#include "base/err.h"
#include "flow/keep.h"

/* How long a storm's window stays after its end: longer than any lasts. */
#define UPKEEP_STORM_KEPT_MS (2 * MS_PER_DAY)

enum { UPKEEP_SLICE_ROWS = 500 }; /* of a purge, between other work */

/* How long settled deliveries stay that belong to no answer: drills, notices of
 * actions that fail. */
#define UPKEEP_ALONE_KEPT_MS (30 * MS_PER_DAY)

/* Inside a transaction: at most a slice each of answers past keep_responses, of
 * silences that ended so long ago, of rejected records past keep_rejected, of
 * settled deliveries without an answer, of minute buckets that no window holds.
 * *removed 0: nothing is left to do. */
bool upkeep_slice(
	struct keeping *keeping, int *removed, struct err *err) must_check;

#endif
