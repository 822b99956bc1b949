/* rate_bucket - how many may start now, by a rate. */
#include "flow/rate_bucket.h"

#include <math.h>

int64_t
rate_in(const struct setting_rate *rate, int64_t ms)
{
	double count = (double)rate->count * (double)ms / (double)rate->per_ms;

	return count < 1 ? 1 : (int64_t)count;
}

static double
burst(const struct setting_rate *rate)
{
	return (double)rate_in(rate, RATE_BUCKET_BURST_MS);
}

static double
tokens_per_us(const struct setting_rate *rate)
{
	return (double)rate->count / ((double)rate->per_ms * 1000);
}

/* What has come since the last look. */
static void
fill(struct rate_bucket *bucket, const struct setting_rate *rate,
	int64_t now_us)
{
	double gained = (double)(now_us - bucket->at_us) * tokens_per_us(rate);

	bucket->tokens =
		bucket->started ? bucket->tokens + gained : burst(rate);
	bucket->tokens = fmin(bucket->tokens, burst(rate));
	bucket->at_us = now_us;
	bucket->started = true;
}

/* A hair's breadth below one is one: sums of doubles. */
static bool
has_one(const struct rate_bucket *bucket)
{
	return bucket->tokens >= 1 - 1e-6;
}

bool
rate_bucket_take(struct rate_bucket *bucket, const struct setting_rate *rate,
	int64_t now_us)
{
	if (rate->count == 0)
		return true;
	fill(bucket, rate, now_us);
	if (!has_one(bucket))
		return false;
	bucket->tokens -= 1;
	return true;
}

int64_t
rate_bucket_wait_ms(struct rate_bucket *bucket, const struct setting_rate *rate,
	int64_t now_us)
{
	if (rate->count == 0)
		return 0;
	fill(bucket, rate, now_us);
	if (has_one(bucket))
		return 0;
	return (int64_t)ceil((1 - bucket->tokens) / tokens_per_us(rate) / 1000);
}
