/*
 * drill - one marked delivery of an action, made of a sample answer and sent at
 * once whatever its lane does, to see what the receiver says.
 *
 *	dispatch_drill -> store thread: rendered, put as claimed -> sent
 *	               -> settled: delivered, or cancelled with the reason
 */
#ifndef NPSD_FLOW_DRILL_H
#define NPSD_FLOW_DRILL_H

#include "flow/keep.h"
#include "flow/job.h"

struct drill_job {
	struct job job;		 /* first */
	char *action;		 /* owned */
	char *to;		 /* the recipient asked for; owned, or NULL */
	struct claimed *claimed; /* what was made */
};

/* Store thread, inside the transaction: renders and puts it. */
bool drill_write(struct keeping *keeping, struct drill_job *drill,
	struct err *err) must_check;

#endif
