/*
 * lane_record - a lane's stand on its way to the store. Loop thread.
 */
#ifndef NPSD_FLOW_LANE_RECORD_H
#define NPSD_FLOW_LANE_RECORD_H

#include <stdbool.h>

#include "flow/lane.h"
#include "flow/lane_stand.h"

/* Sends a copy to the store; on_done is called after the commit, or after what
 * kept it from being committed. */
void lane_record_put(struct lane_host *host, const char *action,
	const struct lane_stand *stand,
	void (*on_done)(bool good, void *context), void *context);
/* Says what could not be stored; once a minute for all lanes together, since each
 * tries again every second. */
void lane_record_failed(
	struct lane_host *host, const char *what, const struct err *reason);

#endif
