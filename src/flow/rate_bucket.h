/*
 * rate_bucket - how many may start now, by a rate: a token bucket that holds
 * what the rate gives in one second, and at least one. By the monotonic clock.
 */
#ifndef NPSD_FLOW_RATE_BUCKET_H
#define NPSD_FLOW_RATE_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/setting.h"

enum { RATE_BUCKET_BURST_MS = 1000 };

struct rate_bucket {
	bool started; /* else it is full */
	double tokens;
	int64_t at_us;
};

/* Takes one; true always where there is no rate. */
bool rate_bucket_take(struct rate_bucket *bucket,
	const struct setting_rate *rate, int64_t now_us);
/* Milliseconds until one can be taken; 0: now. */
int64_t rate_bucket_wait_ms(struct rate_bucket *bucket,
	const struct setting_rate *rate, int64_t now_us);
/* How many the rate gives in that time, at least 1. */
int64_t rate_in(const struct setting_rate *rate, int64_t ms);

#endif
