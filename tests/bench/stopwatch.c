/* stopwatch - times and what is told of many of them. */
#include "stopwatch.h"

#include <stdlib.h>
#include <time.h>

static int64_t
read_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t
stopwatch_ns(void)
{
	return read_ns(CLOCK_MONOTONIC);
}

double
stopwatch_cpu(void)
{
	return (double)read_ns(CLOCK_PROCESS_CPUTIME_ID) / 1e9;
}

static int
compare(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a;
	int64_t right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

int64_t
stopwatch_quantile(int64_t *times, size_t count, double part)
{
	size_t at = (size_t)((double)count * part);

	if (count == 0)
		return 0;
	qsort(times, count, sizeof(*times), compare);
	return times[at < count ? at : count - 1];
}
