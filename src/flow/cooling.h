/*
 * cooling - a rule's cooldown: after an alert about somebody, further answers of
 * theirs are judged and counted, and send nothing for a while. When that alert
 * comes to nothing, what it silenced is decided again. Store thread, inside the
 * transaction.
 *
 *	answer a: fires --------> alert ------> dies, or is taken back
 *	answer b: silenced by a                        |
 *	answer c: silenced by a                        v
 *	                            b is decided again: fires
 *	                            c is decided again: silenced by b
 */
#ifndef NPSD_FLOW_COOLING_H
#define NPSD_FLOW_COOLING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "flow/keep.h"
#include "nps/field.h"

/* Of what fired for an answer (keeping->verdicts), silences what is under a
 * cooldown that began with another one. row: its own, 0: it has none yet. */
bool cooling_check(struct keeping *keeping, const struct subject *subject,
	int64_t row, int64_t arrived_ms, struct err *err) must_check;
/* When its alerts are written: begins cooldowns with it, or remembers who
 * silenced it. */
bool cooling_keep(struct keeping *keeping, const struct subject *subject,
	int64_t row, int64_t arrived_ms, struct err *err) must_check;
/* Alerts of the answer may have come to nothing. Changes keeping->verdicts. */
bool cooling_release(
	struct keeping *keeping, int64_t row, struct err *err) must_check;
/* The same of the answer that a delivery is an alert of, or of those that were
 * folded into it. Of many of these only the first are gone through now:
 * keeping->cooling_left is set, and cooling_go_on does the others. */
bool cooling_release_of(
	struct keeping *keeping, int64_t delivery, struct err *err) must_check;
/* At a start, outside a transaction: whether a daemon that died left some. */
bool cooling_load(struct keeping *keeping, struct err *err) must_check;
/* Goes through a slice of what is left; cooling_left says whether to call it
 * again. */
bool cooling_go_on(struct keeping *keeping, struct err *err) must_check;

#endif
