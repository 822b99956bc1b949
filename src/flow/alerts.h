/*
 * alerts - the deliveries of one answer: what the rules want now against what
 * there is, rendered and written in the answer's own transaction. Store thread.
 */
#ifndef NPSD_FLOW_ALERTS_H
#define NPSD_FLOW_ALERTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "flow/following.h"
#include "flow/keep.h"
#include "flow/job.h"
#include "nps/field.h"

/* An answer whose alerts are written. All lent. */
struct alerts_of {
	const struct subject *subject;
	const struct following *following;
	int64_t row;
	bool amends;		       /* there may be alerts already */
	const struct response *before; /* the revision before, or NULL */
	struct alerts_replay *replay;  /* NULL: it is decided as it came */
};
/* Of an answer that is judged anew: what there is stays as it is, and nothing is
 * added for an action that has had an alert about the answer, to whomever. */
struct alerts_replay {
	int64_t due_ms; /* of the next one; moves on with each */
	int added;
};
enum { ALERTS_REPLAY_PACE_MS = 20 };
/* Whether an alert stands in the way of another one by its action: all but those
 * that were cancelled before they were ever claimed. */
bool alerts_stands(const struct delivery_row *delivery);
/* Brings the alerts of the answer to what keeping->verdicts want. What starts at
 * once is handed over with the job; without one nothing does. */
bool alerts_write(struct keeping *keeping, struct keep_job *job,
	const struct alerts_of *about, struct err *err) must_check;
/* Counts one that cannot be rendered, and tells of it; its reason, which may hold personal
 * data, stands in its row. */
void alerts_tell_dead(
	struct keeping *keeping, const char *id, const char *action);
/* The customer's answer to the same survey before this one; except: its own
 * row, or 0. */
bool alerts_find_previous(struct keeping *keeping,
	const struct response *response, int64_t except,
	struct previous *previous, struct err *err) must_check;
/* The survey's figures as of the last commit: `.nps`. Lent. */
json_t *alerts_figures(struct keeping *keeping, const char *survey);

#endif
