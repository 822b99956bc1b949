/*
 * follow_ups - follow-ups in the store: opened and folded with the answer, asked
 * and changed by people and other systems.
 *
 *	API, page, command, CRM  --follow_up_job-->  store thread
 *	                                               get, apply, keep, event
 *	              job->done  <---- how it stands, or why it is refused
 *
 * follow_up_job is the one way from outside to change a follow-up.
 */
#ifndef NPSD_FLOW_FOLLOW_UPS_H
#define NPSD_FLOW_FOLLOW_UPS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "crypt/link_token.h"
#include "flow/job.h"
#include "flow/keep.h"
#include "nps/follow_up.h"

struct keeper;

/* ---- from the loop ---- */

enum follow_up_end {
	FOLLOW_UP_NOT_THERE, /* there is none such */
	FOLLOW_UP_REFUSED,   /* job->refusal says what is possible */
	FOLLOW_UP_MOVED_ON,  /* by link: somebody else is its owner now */
	FOLLOW_UP_UNCHANGED, /* asked only, or it was so already */
	FOLLOW_UP_CHANGED,
};
struct follow_up_job {
	struct job job; /* first; good: done, whatever the end */
	/* Which: a row, or (row 0) the newest that an answer opened or was
	 * folded into. The texts are owned. */
	int64_t row;
	char *survey, *id;
	bool by_link;			/* `who` is whoever holds the link */
	struct link_token link;		/* of by_link */
	bool changes;			/* false: it is only asked for */
	struct follow_up_change change; /* texts owned; at_ms 0: now */
	void *context;			/* the asker's; not looked at */

	/* what comes back */
	enum follow_up_end end;
	struct err refusal;
	/* As the API shows it (row_json_follow_up), with "overdue" and
	 * "events"; NULL where there is none. Owned. */
	json_t *follow_up;
	/* Its last answer's content, and its category; NULL: forgotten. */
	json_t *response;
	/* By link: as follow_up_view makes it, and "reader": who holds the link,
	 * as "owner" shows an owner; or NULL. Owned. */
	json_t *view;
};
/* Asks only; follow_up_job_change makes it a change. */
struct follow_up_job *follow_up_job_new(int64_t row);
struct follow_up_job *follow_up_job_of_answer(
	const char *survey, const char *id);
/* By a token that link_token_read found good. */
struct follow_up_job *follow_up_job_by_link(const struct link_token *link);
/* Copies; owner, reason, note may be NULL. */
void follow_up_job_change(
	struct follow_up_job *job, const struct follow_up_change *change);
/* done hears of it on the loop, and calls follow_up_job_free. */
void follow_up_job_send(struct keeper *keeper, struct follow_up_job *job);
void follow_up_job_free(struct follow_up_job *job);

/* ---- on the store thread, inside a transaction ---- */

bool follow_ups_run(struct keeping *keeping, struct follow_up_job *job,
	struct err *err) must_check;
/* A record of another system about a follow-up. *taken false: it is none, or
 * record->rejection says why it is refused. */
bool follow_ups_hear(struct keeping *keeping, const struct batch *batch,
	struct record *record, bool *taken, struct err *err) must_check;
/* What the rule of that name says of follow-ups today; never NULL. */
const struct follow_up_terms *follow_ups_terms(
	const struct policy *policy, const char *rule);
/* Writes a follow-up that was changed, and the change as its event. */
bool follow_ups_keep(struct keeping *keeping, const struct follow_up *follow_up,
	const struct follow_up_change *change, struct err *err) must_check;

#endif
