/* tally_private - what a tally holds, for its own two files. */
#ifndef NPSD_NPS_TALLY_PRIVATE_H
#define NPSD_NPS_TALLY_PRIVATE_H

#include "nps/registry.h"
#include "nps/tally.h"

/* A window and the buckets that its sums hold. */
struct standing_window {
	struct window window;
	struct bucket_range range; /* (0, 0], so none, before the first sum */
};

struct tally {
	struct registry *registry;
	struct standing_window *windows;
	size_t window_count; /* with stretches, which stand behind ... */
	size_t told_count;   /* ... these */
	const struct zone *zone;
	/* sums[row * window_count + window]; a row for each slot of registry,
	 * in its order. */
	struct counts *sums;
	size_t rows, row_capacity;
};

/* The row of a slot is its place in registry. */
static inline struct counts *
tally_sum_at(const struct tally *tally, size_t row, size_t window)
{
	return &tally->sums[row * tally->window_count + window];
}

#endif
