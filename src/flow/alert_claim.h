/*
 * alert_claim - the body of an alert that was put off until its claim, made of
 * its answer as it stands by then. Store thread, inside the transaction.
 */
#ifndef NPSD_FLOW_ALERT_CLAIM_H
#define NPSD_FLOW_ALERT_CLAIM_H

#include <stdint.h>

#include "base/err.h"
#include "flow/claim_render.h"
#include "flow/keep.h"

/* answer: its row. ALERT_EMPTY: the answer was forgotten. */
enum alert_end alert_claim_render(struct keeping *keeping,
	struct claimed *claimed, int64_t answer, const char *rule,
	struct err *err) must_check;

#endif
