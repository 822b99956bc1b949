/*
 * wall_jump - notices that the wall clock was set, by the monotonic one.
 *
 * What is planned keeps its distance in time: whoever hears of a jump moves its
 * times on the wall clock by it. What the clock is slewed by is followed
 * without a word.
 */
#ifndef NPSD_BASE_WALL_JUMP_H
#define NPSD_BASE_WALL_JUMP_H

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

/*
 * While the wall clock may be wrong nothing is removed for its age. A clock that
 * was set forward is believed a day later, or as soon as it was set back; what
 * that day costs is nothing to what a wrong year would.
 */
#define WALL_HOLD_US (MS_PER_DAY * 1000)
struct wall_hold {
	int64_t ahead_ms; /* by which it was set since it was believed */
	int64_t until_us; /* monotonic */
};
/* The wall clock was set; true: this is what begins a hold. */
bool wall_hold_set(struct wall_hold *hold, int64_t by_ms, int64_t now_us);
bool wall_hold_is_on(struct wall_hold *hold, int64_t now_us);

/* Both, for whoever removes by age. One thread. */
struct wall_watch {
	struct wall_jump jump;
	struct wall_hold hold;
};
/* Whether the wall clock can be believed; looks at it. */
bool wall_watch_believes(struct wall_watch *watch, const struct clock *clock);

#endif
