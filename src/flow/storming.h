/*
 * storming - alerts of an action with `storm:` to one receiver: which go out by
 * themselves, and which are folded into one message. Store thread, inside the
 * transaction that puts them.
 */
#ifndef NPSD_FLOW_STORMING_H
#define NPSD_FLOW_STORMING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "flow/keep.h"
#include "store/store_storm.h"

/* What an alert that begins does to the window. */
struct storming {
	struct policy_action *action; /* NULL: it has no storms */
	struct storm_row storm;
	int64_t due_ms; /* when it would have gone out by itself */
	bool folds;
};

/* Before an alert is put, or put again: row->state is FOLDED where it is to be
 * folded; then it needs no body. */
bool storming_look(struct keeping *keeping, struct policy_action *action,
	struct delivery_row *row, struct storming *storming,
	struct err *err) must_check;
/* After it was put, with its row: the window counts it, the message holds it. */
bool storming_keep(struct keeping *keeping, struct storming *storming,
	const struct delivery_row *row, struct err *err) must_check;

#define STORMING_EMPTY                                                       \
	"nothing is left of the storm: its alerts were taken back, or sent " \
	"by themselves"
/* One that was folded is cancelled: a message that waits and holds no other one is
 * cancelled too. */
bool storming_left(
	struct keeping *keeping, int64_t delivery, struct err *err) must_check;

enum { STORMING_SLICE = 500 }; /* folded rows that are read at once */

/* Calls on_folded for a slice of those that stand folded in a message, with rows
 * behind *after, which moves on to the last of them. *more: there may be
 * others. */
bool storming_some(struct keeping *keeping, int64_t message, int64_t *after,
	bool (*on_folded)(struct keeping *keeping,
		const struct folded_row *folded, void *context,
		struct err *err),
	void *context, bool *more, struct err *err) must_check;
/* The same for all of them, a slice at a time. */
bool storming_each(struct keeping *keeping, int64_t message,
	bool (*on_folded)(struct keeping *keeping,
		const struct folded_row *folded, void *context,
		struct err *err),
	void *context, struct err *err) must_check;

#endif
