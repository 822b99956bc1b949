/*
 * upkeep - what grows old is removed, a slice at a time, between other work.
 * Store thread.
 */
#ifndef NPSD_FLOW_UPKEEP_H
#define NPSD_FLOW_UPKEEP_H

#include <stdbool.h>

#include "base/err.h"
#include "flow/keep.h"

/* Inside a transaction: at most a slice each of answers past keep_responses, of
 * rejected records past keep_rejected, of minute buckets that no window holds.
 * *removed 0: nothing is left to do. */
bool upkeep_slice(
	struct keeping *keeping, int *removed, struct err *err) must_check;

#endif
