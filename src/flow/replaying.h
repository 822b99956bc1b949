/*
 * replaying - kept answers judged anew by the rules of today: what would fire,
 * against the verdict that is kept; or what is new is sent and the verdict kept.
 * In slices on the store thread, between other work, each in one transaction.
 *
 *	answer --judge--> verdicts of today --dry--> told
 *	                        |
 *	                        '--> follow-up, alerts that are new, verdicts,
 *	                             the mark that they are of a replay
 *
 * By the time of the replay: max_age, silences and cooldowns hold as for an
 * answer that comes now, and a cooldown that an alert begins begins now. Ids of
 * alerts are those of any alert about the answer, so that none is sent twice,
 * however often it is replayed. Nothing is counted.
 */
#ifndef NPSD_FLOW_REPLAYING_H
#define NPSD_FLOW_REPLAYING_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "flow/job.h"
#include "flow/keep.h"
#include "store/store_replays.h"

enum {
	REPLAY_SLICE_ANSWERS = 100,
	REPLAY_SLICE_US = 10 * 1000, /* after which no further one is begun */
	REPLAY_ITEMS_LIMIT = 50,     /* answers told one by one */
};

struct replay_job {
	struct job job; /* first */
	/* asked; texts are the asker's */
	struct answer_choice choice;
	int64_t only;	  /* this answer alone; 0: those of the choice */
	const char *rule; /* only what this one asks for; NULL: all */
	const char *by;	  /* who replays; NULL: not known */
	bool dry;
	int64_t upto;	/* no row beyond it; 0: as of the first slice */
	json_t *cooled; /* dry: cooldowns that would have begun; a set */
	/* both ways: where the next slice begins */
	int64_t row, due_ms;
	/* what comes back */
	bool no_rule; /* there is none of that name */
	bool more;
	json_t *told; /* of this slice; the asker's, NULL where it failed */
};
/* A slice. Its failure is its own: what it wrote is undone. */
bool replaying_run(struct keeping *keeping, struct replay_job *job,
	struct err *err) must_check;

/*
 * {"looked","changed","alerts","follow_ups","alerted","too_old","cooldown",
 * "silenced","unreadable", "rules":{NAME:{"before","now","alerts"}},
 * "actions":{NAME:n}, "items":[{"row","survey","id","verdicts":[{"rule","before",
 * "now"}],"alerts":[{"rule","action"}]}]}. New.
 */
json_t *replay_report_new(void);
/* Adds the second to the first. */
void replay_report_add(json_t *report, const json_t *more);

#endif
