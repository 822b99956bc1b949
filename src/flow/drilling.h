/*
 * drilling - drills on their way: made, sent, settled. Loop thread.
 */
#ifndef NPSD_FLOW_DRILLING_H
#define NPSD_FLOW_DRILLING_H

#include "flow/lane.h"

struct drilling;
/* See dispatch_drill. find: the lane that serves the action by the time that it
 * is made, or NULL. */
void drilling_start(struct lane_host *host, const char *action, const char *to,
	struct lane *(*find)(struct lane_host *host, const char *action),
	dispatch_drilled_fn on_done, void *context);
/* Ends those that are being sent; they are tried again at the next start. */
void drilling_cancel_all(struct lane_host *host);

#endif
