/*
 * answers - made-up answers that look like real ones.
 *
 * The n-th answer depends on nothing but its number, the seed and the time
 * that the last one bears, so that every program of a run can make the same
 * ones for itself.
 */
#ifndef BENCH_ANSWERS_H
#define BENCH_ANSWERS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/buf.h"

/* An id is this and ten digits; nothing else in an answer looks like it. */
#define ANSWER_ID_PREFIX "answer-"

enum { ANSWER_ID_DIGITS = 10 };

struct answers {
	uint64_t seed;
	int64_t count; /* they are spread evenly over ... */
	time_t last;   /* ... the thirty days that end here */
};

/* Appends the n-th answer, one line of JSON without the newline; one in four
 * is a detractor's, and true tells that this is one. */
bool answer_write(const struct answers *answers, int64_t n, struct buf *out);

/* How many of the answers first..end-1 are a detractor's. */
int64_t answer_detractors(
	const struct answers *answers, int64_t first, int64_t end);

/* The number in the first id that stands in the text, -1 if none does. */
int64_t answer_number_in(const char *text, size_t length);

#endif
