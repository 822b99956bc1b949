/*
 * claim_render - the end of what is made when it is claimed: the message's
 * bytes, into its row and into the claimed delivery. Store thread, inside the
 * transaction.
 */
#ifndef NPSD_FLOW_CLAIM_RENDER_H
#define NPSD_FLOW_CLAIM_RENDER_H

#include "base/err.h"
#include "flow/claimed.h"
#include "flow/keep.h"

enum alert_end {
	ALERT_RENDERED,
	ALERT_UNRENDERABLE,
	ALERT_EMPTY, /* there is nothing left to tell */
	ALERT_STORE_FAILED,
};
struct alert;

/* ALERT_RENDERED, or err says why not. */
enum alert_end claim_render(struct keeping *keeping, struct claimed *claimed,
	const struct alert *alert, struct err *err) must_check;

#endif
