/*
 * storm_claim - the message of a storm, made when it is claimed: of the alerts
 * that stand folded in it by then. Store thread, inside the transaction.
 */
#ifndef NPSD_FLOW_STORM_CLAIM_H
#define NPSD_FLOW_STORM_CLAIM_H

#include "base/err.h"
#include "flow/claim_render.h"
#include "flow/keep.h"

/* ALERT_EMPTY: there is none left in it; err says so. */
enum alert_end storm_claim_render(struct keeping *keeping,
	struct claimed *claimed, struct err *err) must_check;

#endif
