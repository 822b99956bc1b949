/*
 * gates - what intake knows of each source by its name: whether it is well, what
 * came of its records, and who waits for room. Loop's thread.
 */
#ifndef NPSD_FLOW_GATES_H
#define NPSD_FLOW_GATES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"
#include "base/metrics.h"
#include "base/time.h"
#include "flow/job.h"
#include "nps/category.h"
#include "source/source.h"

struct gate {
	struct gate *next;
	char *name;
	int open;		/* sources of this name */
	struct source *waiting; /* for room, or NULL */
	bool good;
	char *reason;
	int64_t behind_bytes;
	int64_t last_ms;  /* when the last answer was taken */
	int64_t rejected; /* records, since the start */
	struct log_limit limit, unverified_limit;
	struct metric *unverified, *ignored;
	struct metric *responses[CATEGORIES];
	struct metric *duplicates, *amended, *conflicts, *behind, *lost, *last;
};

/* Their families. */
struct gates_metrics {
	struct metric_family *responses, *duplicates, *amended, *conflicts,
		*rejected, *last, *behind, *lost, *unverified, *ignored;
};

struct gates {
	struct gate *first;
	const struct clock *clock;
	struct gates_metrics metrics;
};

void gates_init(struct gates *gates, struct metrics *metrics,
	const struct clock *clock);
void gates_done(struct gates *gates);
/* The one of that name; made where there is none. Lent. */
struct gate *gates_find(struct gates *gates, const char *name);
/* [{"source","healthy","reason","behind_bytes","rejected","last_response"}] of
 * those that are open. New. */
json_t *gates_state(const struct gates *gates);

/* What became of a batch that was kept; refused records are told. */
void gates_count(struct gates *gates, const struct keep_job *job);
/* reason: NULL where it is good. A change is logged. */
void gate_set_health(struct gate *gate, bool good, const char *reason);
/* Counts a request that was refused, and tells of it. */
void gate_tell_unverified(
	struct gate *gate, const struct clock *clock, const char *reason);

#endif
