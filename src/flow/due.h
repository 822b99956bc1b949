/*
 * due - what falls due of follow-ups: reminders, forgotten claims, another try,
 * escalations. Each follow-up has one time at which something of it is due, in
 * its row; nothing is known in memory alone.
 *
 *	loop                            store thread
 *	----                            ------------
 *	the timer, at keeper_next_due
 *	due_look  ----- due_job ----->  each that is due, a slice at a time:
 *	                                  its steps are fired, their deliveries
 *	                                  put, its time moved on, an event kept:
 *	                                  one transaction
 *	due_look  <--------------------   the next time
 *
 * A delivery's id is made of the follow-up, the step and its number, so that
 * whatever is done twice is sent once. Time is the wall clock's: one that is
 * set ahead makes due what lies before it, once.
 */
#ifndef NPSD_FLOW_DUE_H
#define NPSD_FLOW_DUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/metrics.h"
#include "base/time.h"
#include "flow/job.h"
#include "flow/keep.h"
#include "nps/follow_up.h"

enum {
	DUE_SLICE = 50, /* follow-ups of one job */
	DUE_RECOMPUTE_SLICE = 200,
	/* What is sent so long after it was due says so. */
	DUE_LATE_MS = 5 * 60 * 1000,
	/* The longest sleep: the wall clock may be set meanwhile. */
	DUE_LOOK_MS = 5 * 60 * 1000,
	DUE_RETRY_MS = 10 * 1000, /* after the store failed */
	RULE_NAME_BYTES = 65,	  /* with the NUL */
};

struct keeper;

/* ---- the loop's side ---- */

struct due_settings {
	struct keeper *keeper;
	const struct clock *clock;
	struct metrics *metrics;
	/* When to call due_look next, in ms from now. */
	void (*wake_in)(int64_t delay_ms, void *context);
	void *context;
};

struct due;
/* Deadlines are counted anew at once: hours may have changed since they were
 * written. */
struct due *due_new(const struct due_settings *settings);
void due_free(struct due *due); /* when none of its jobs is under way */
/* Fires what is due, or asks to be woken when something is. After each turn of
 * the store thread, and when it asked to be woken. */
void due_look(struct due *due);
/* A new policy is in force: deadlines are counted anew. */
void due_recompute(struct due *due);
/* Starts nothing any more. */
void due_stop(struct due *due);

/* What a reload took something away from, as of the last time that deadlines
 * were counted. */
struct due_orphans {
	int64_t of_rules; /* unfinished; their rule opens none any more */
	char rule[RULE_NAME_BYTES]; /* the first one's */
	int64_t of_owners; /* unfinished; their owner is none of owners */
	int64_t of_owner;  /* the first one's row */
};
/* Lent until the next turn. */
const struct due_orphans *due_orphans(const struct due *due);
/* Whether what is due has to wait, because it could not be kept. */
bool due_waits(const struct due *due);

/* ---- the store thread's ---- */

struct due_job {
	struct job job;	 /* first */
	bool recomputes; /* instead of firing */
	int64_t after;	 /* the row behind which that goes on */
	int handled;	 /* follow-ups looked at */
	int fired[FOLLOW_UP_STEPS];
	bool more; /* there may be some left */
	struct due_orphans orphans;
};
/* Inside a transaction. */
bool due_run(struct keeping *keeping, struct due_job *job,
	struct err *err) must_check;

#endif
