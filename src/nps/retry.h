/*
 * retry - when a delivery that failed is tried again.
 *
 * first, first * factor, first * factor^2, ... never beyond ceiling; each drawn
 * from [half, whole] of that ("equal jitter": Brooker, "Exponential Backoff and
 * Jitter", AWS Architecture Blog 2015), so that a crowd of deliveries does not
 * come back at once; until give_up after the first try, when the last one is
 * made, its pause cut short.
 */
#ifndef NPSD_NPS_RETRY_H
#define NPSD_NPS_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/setting.h"

struct retry {
	int64_t first_ms;   /* 5s */
	double factor;	    /* 3 */
	int64_t ceiling_ms; /* 6h */
	int64_t give_up_ms; /* 7d */
};
extern const struct setting retry_settings[];

/*
 * tries: how many were made (from 1); chance: a random number in [0, 1);
 * asked_ms: what the receiver asked for (Retry-After), or -1; it is a lower
 * bound. First try at first_ms, failed at now. False: give up; else *due_ms.
 */
bool retry_next(const struct retry *retry, int tries, int64_t first_try_ms,
	int64_t now_ms, int64_t asked_ms, double chance, int64_t *due_ms);

#endif
