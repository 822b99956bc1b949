/*
 * recovering - what became of returning customers, read from the store a span of
 * rows at a time, so that other questions come between.
 */
#ifndef NPSD_FLOW_RECOVERING_H
#define NPSD_FLOW_RECOVERING_H

#include <stdbool.h>
#include <stdint.h>

#include "flow/reader.h"
#include "nps/recovery.h"

/* Loop thread. Takes recovery (recovery_free), which holds all answers (of one
 * survey, if asked so); NULL: it could not be read, and err says why. complete
 * false: there were too many answers, the oldest were left out. */
typedef void (*recovering_done_fn)(struct recovery *recovery, bool complete,
	const struct err *err, void *context);

/* Loop thread. survey NULL: all. False: too many questions wait, on_done is not
 * called. */
bool recovering_ask(struct reader *reader, const char *survey,
	recovering_done_fn on_done, void *context) must_check;

#endif
