/*
 * watch_look - one look of one watch: judges each slot, writes how it stands,
 * and puts the deliveries that tell of it. On the store thread.
 */
#ifndef NPSD_FLOW_WATCH_LOOK_H
#define NPSD_FLOW_WATCH_LOOK_H

#include <stdbool.h>

#include "base/err.h"
#include "flow/keep.h"
#include "flow/watch_seats.h"

/* Inside a transaction. False: it must be taken back. */
bool watch_look_once(struct keeping *keeping, struct watcher *watcher,
	struct err *err) must_check;

#endif
