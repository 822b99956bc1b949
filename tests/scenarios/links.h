/*
 * links - the links of follow-ups that receivers were told, and what comes of
 * following one: it may change that follow-up, for whoever has it now, and
 * nothing else.
 */
#ifndef NPSD_TESTS_LINKS_H
#define NPSD_TESTS_LINKS_H

#include <stdbool.h>

#include "../support/stage.h"
#include "base/buf.h"
#include "nps/follow_up.h"

/* Follows link `number` of all that were told (around, from the first again) and
 * presses the button of an act. False: *why gets what is wrong with what came of
 * it. Told none: true. */
bool links_follow(struct stage *stage, int number,
	const struct follow_up_change *change, struct buf *why);
/* The same link with one sign of it changed: it must be no link at all. */
bool links_spoil(struct stage *stage, int number, struct buf *why);

#endif
