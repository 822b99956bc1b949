/*
 * pulse - when a thread last got on with its work. It is beaten by that thread
 * and read by any other: whoever watches wakes a thread that may be idle and
 * then looks for a beat after that.
 */
#ifndef NPSD_BASE_PULSE_H
#define NPSD_BASE_PULSE_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/time.h"

struct pulse {
	atomic_llong last_us;
};

/* The thread that is watched: at each step of its work, however small. */
void pulse_beat(struct pulse *pulse, const struct clock *clock);
/* Any thread. Monotonic time of the last beat; 0: there was none. */
int64_t pulse_last_us(const struct pulse *pulse);

#endif
