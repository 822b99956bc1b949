/*
 * outcome - how one try ended, filled in. For the kinds of this room.
 */
#ifndef NPSD_ACTION_OUTCOME_H
#define NPSD_ACTION_OUTCOME_H

#include "action/action.h"

/* Fills all of it: no time is asked for. The reason is cut where it is too
 * long, between two characters. */
void outcome_set(struct outcome *outcome, enum outcome_end end, int status,
	const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The same with a reason that is ready. */
void outcome_say(struct outcome *outcome, enum outcome_end end, int status,
	const char *reason);

#endif
