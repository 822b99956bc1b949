/*
 * job - what the loop asks of the store thread: submitted to the keeper, done
 * inside a transaction (flow/jobs.h), handed back to done() on the loop. The
 * keeper owns a job in between.
 */
#ifndef NPSD_FLOW_JOB_H
#define NPSD_FLOW_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/inbox.h"
#include "flow/claimed.h"
#include "flow/policy.h"
#include "source/source.h"
#include "store/store.h"

struct job;
struct watching;
typedef void (*job_fn)(struct job *job);

enum job_type {
	JOB_KEEP,
	JOB_CLAIM,
	JOB_SETTLE,
	JOB_POLICY,
	JOB_ERRAND,
	JOB_NOTICE,
	JOB_DRILL,
	JOB_FOLLOW_UP, /* see flow/follow_ups.h */
	JOB_DUE,       /* see flow/due.h */
	JOB_DIGEST,    /* see flow/digest_job.h */
	JOB_SILENCE,   /* see flow/silencing.h */
	JOB_REPLAY,    /* see flow/replaying.h */
	JOB_ERASE,     /* see flow/erasing.h; never inside a transaction */
	JOB_BACKUP,    /* see flow/backup.h; one at a time */
};
struct job {
	struct inbox_item item; /* first */
	enum job_type type;
	bool good; /* committed; else err says why not */
	struct err err;
	job_fn done;   /* on the loop thread; takes the job */
	void *context; /* done's own */
};

/* Answers to be kept: one batch. */
struct keep_job {
	struct job job; /* first */
	struct batch *batch;
	struct response **responses; /* a place each record; NULL: refused */
	struct claimed
		*claimed; /* handed over, already claimed; newest first */
	/* What rules had to say (tap_note_rules), a place each record; NULL:
	 * nobody listens. */
	char **notes;
};

struct claim_job {
	struct job job;
	struct policy_action *action; /* lent; lives until the policy is gone */
	int n;
	struct claimed *claimed; /* newest first */
	int found; /* were due, with those that could not be rendered */
	/* Of n, given to answers that come behind the claim, whether it is
	 * committed or not. */
	int granted;
	int64_t next_due_ms;
};

struct settle_job {
	struct job job;
	struct settlement settlement; /* its reason lies in the next field */
	char reason[200];
	bool held; /* false: it was not this node's any more */
};

/* A new policy. good false: the old one goes on. `old` is then nobody's. */
struct policy_job {
	struct job job;
	struct policy *policy;
	struct policy *old; /* NULL unless good */
};

/* Anything else that writes or reads the tally: run on the store thread inside
 * the transaction. False undoes what it wrote. */
struct errand {
	struct job job;
	bool (*run)(struct errand *errand, struct store_writer *store,
		struct tally *tally, int64_t now_ms, struct err *err);
	const struct watching *watching; /* set for run; lent */
	/* It writes nothing: it needs no transaction, and is answered while
	 * the disk is full. It may read the tally alone. */
	bool reads;
};

#endif
