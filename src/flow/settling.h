/*
 * settling - outcomes on their way to the store. Loop thread.
 *
 * From the end of a try until its commit the delivery is still this node's: it
 * must not be taken for one that may be sent again.
 */
#ifndef NPSD_FLOW_SETTLING_H
#define NPSD_FLOW_SETTLING_H

#include <stdbool.h>
#include <stdint.h>

#include "flow/lane.h"
#include "store/store.h"

/* Sends it to the store. After the commit of one that is tried again, the host
 * hears when (due). claimed: what was tried, lent, for who listens (flow/tap.h);
 * NULL: nobody is told. */
void settling_put(struct lane_host *host, const char *action,
	const struct settlement *settlement, const struct claimed *claimed);
/* A delivery that was claimed and not sent goes back as it was; takes it. */
void settling_give_back(struct lane_host *host, struct claimed *claimed);
/* True while an outcome of this delivery is under way. */
bool settling_holds(const struct lane_host *host, int64_t delivery);

#endif
