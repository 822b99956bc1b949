/*
 * wall_jump - notices that the wall clock was set, by the monotonic one.
 *
 * What is planned keeps its distance in time: whoever hears of a jump moves its
 * times on the wall clock by it. What the clock is slewed by is followed
 * without a word.
 */
#ifndef NPSD_FLOW_WALL_JUMP_H
#define NPSD_FLOW_WALL_JUMP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"

enum { WALL_JUMP_MS = 5000 }; /* less is no jump */

struct wall_jump {
	bool known;
	int64_t offset_ms; /* wall minus monotonic when last looked at */
};

/* By how much the wall clock was set since the last look; 0: it was not. */
int64_t wall_jump_look(struct wall_jump *jump, const struct clock *clock);

#endif
