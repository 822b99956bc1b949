/*
 * lane_stand - how a lane stands towards its endpoint: open, held, behind a
 * breaker, paused by a person; since when and why; and what of that outlives
 * the process. It sends nothing and asks no clock. Loop thread.
 *
 * Pauses end by the monotonic clock. Times on the wall clock are for people
 * and for the next start; lane_stand_shift moves them when that clock is set.
 */
#ifndef NPSD_FLOW_LANE_STAND_H
#define NPSD_FLOW_LANE_STAND_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "action/action.h"
#include "base/time.h"
#include "store/store.h"

/* Stored as these numbers: never renumber. */
enum lane_state { LANE_OPEN = 0, LANE_BREAKER = 1, LANE_HELD = 2 };

enum {
	LANE_REASON_BYTES = 200,
	LANE_BY_BYTES = 64, /* who paused it */
	/* A delivery that dies has trouble last so long, whatever else is
	 * delivered meanwhile. */
	LANE_TROUBLE_MS = 10 * 60 * 1000,
};

struct lane_now {
	int64_t wall_ms, monotonic_us;
};
struct lane_now lane_now(const struct clock *clock);

struct lane_stand {
	enum lane_state state;
	int failures;	  /* in a row */
	int64_t since_ms; /* in this state */
	int64_t pause_ms; /* the last pause between probes */
	int64_t until_ms; /* the next probe, as people are told */
	int64_t until_us; /* and as it is kept */
	char reason[LANE_REASON_BYTES];
	int64_t paused_ms; /* 0: no person paused it */
	char paused_by[LANE_BY_BYTES], paused_why[LANE_REASON_BYTES];
	int64_t failing_ms; /* since when there is trouble; 0: there is none */
	int64_t died_ms;    /* the last delivery that died of it */
	int64_t told_ms;    /* on_failure was told of it */
	bool over;	    /* told, and it is over: to be told as well */
	bool changed;	    /* since it was last stored */
};

/* As the store has it; a pause that lies in the past, or further ahead than any
 * pause, ends now or when it would have at first. */
void lane_stand_restore(struct lane_stand *stand, const struct lane_row *row,
	const struct lane_now *now);
/* Lends its texts. */
void lane_stand_row(const struct lane_stand *stand, const char *action,
	struct lane_row *row);

/* What a try says of the endpoint, beyond its one delivery. chance: [0, 1).
 * probing: it was the one that is sent to see. True: it stands otherwise
 * now. */
bool lane_stand_judge(struct lane_stand *stand, const char *action,
	const struct outcome *outcome, bool probing, const struct lane_now *now,
	double chance);
/* A delivery died; reason: without personal data. */
void lane_stand_died(struct lane_stand *stand, const char *reason,
	const struct lane_now *now);

/* What on_failure is to be told. */
enum lane_news { NEWS_NONE, NEWS_FAILING, NEWS_RECOVERED };
/* after_ms: how long it fails before that is news. *wait_ms gets in how long it
 * may be; INT64_MAX: not by waiting. */
enum lane_news lane_stand_news(const struct lane_stand *stand, int64_t after_ms,
	const struct lane_now *now, int64_t *wait_ms);
/* How it stands once that was told; since_ms: the trouble that was told of, as
 * failing_ms had it then. What ended or began meanwhile is news of its own. */
void lane_stand_told(struct lane_stand *stand, enum lane_news news,
	int64_t since_ms, const struct lane_now *now);
/* by, why: NULL if not said; both are cut to fit. */
void lane_stand_pause(struct lane_stand *stand, const char *by, const char *why,
	const struct lane_now *now);
/* What it failed before, a person knew: that counts from now. */
void lane_stand_resume(struct lane_stand *stand, const struct lane_now *now);
/* The next probe is due now, and the pauses begin anew. Returns the wall time
 * until which it was held; 0: it was not. */
int64_t lane_stand_probe_now(
	struct lane_stand *stand, const struct lane_now *now);
/* The wall clock was set. */
void lane_stand_shift(struct lane_stand *stand, int64_t by_ms);
/* Milliseconds until the next probe of one that is not open; 0: now. */
int64_t lane_stand_left_ms(
	const struct lane_stand *stand, const struct lane_now *now);
/* Adds "state", "since", "reason", "until", "by" as they apply. */
void lane_stand_tell(const struct lane_stand *stand, json_t *to);

#endif
