/* stopwatch - times and what is told of many of them. */
#ifndef BENCH_STOPWATCH_H
#define BENCH_STOPWATCH_H

#include <stddef.h>
#include <stdint.h>

/* CLOCK_MONOTONIC, which all processes share, in nanoseconds. */
int64_t stopwatch_ns(void);

/* CPU time of this process, in seconds. */
double stopwatch_cpu(void);

/* Sorts the times and gives the one that `part` of them (0..1) don't pass;
 * 0 if there are none. */
int64_t stopwatch_quantile(int64_t *times, size_t count, double part);

#endif
