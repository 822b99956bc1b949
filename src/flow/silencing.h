/*
 * silencing - silences at work: set and ended by people, put on what is decided,
 * and noted as over when their time is.
 *
 *	API, command  --silence_job-->  store thread: checked, kept
 *	                                commit
 *	                                in force for what is decided from now on
 *	job->done     <---------------  as it is kept, or why it is refused
 *
 * An answer that one holds for is kept, counted and followed up like any other;
 * nothing is sent of it. What falls due of its follow-up waits for the end.
 */
#ifndef NPSD_FLOW_SILENCING_H
#define NPSD_FLOW_SILENCING_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "flow/job.h"
#include "flow/keep.h"
#include "nps/silence.h"

struct keeper;

/* ---- from the loop ---- */

enum silence_end {
	SILENCE_NOT_THERE, /* there is none such */
	SILENCE_REFUSED,   /* job->refusal says why */
	SILENCE_UNCHANGED, /* it had ended already */
	SILENCE_CHANGED,
};
struct silence_job {
	struct job job;	       /* first; good: done, whatever the end */
	struct silence *asked; /* to be set; NULL: `row` is to end. Owned */
	int64_t row;
	char *by;      /* NULL: not known. Owned */
	void *context; /* the asker's; not looked at */

	/* what comes back */
	enum silence_end end;
	struct err refusal;
	const char *pointer; /* the member that it is about, or "" */
	json_t *silence;     /* as row_json_silence; NULL where there is none */
};
/* Takes `asked`; by may be NULL. */
struct silence_job *silence_job_begin(struct silence *asked, const char *by);
struct silence_job *silence_job_end(int64_t row, const char *by);
/* done hears of it on the loop, and calls silence_job_free. */
void silence_job_send(struct keeper *keeper, struct silence_job *job);
void silence_job_free(struct silence_job *job);

/* ---- on the store thread ---- */

/* Those that were in force when the daemon ended. */
bool silencing_load(struct keeping *keeping, struct err *err) must_check;
/* After a reload: warns of those whose rule is gone. It may come back. */
void silencing_check_rules(const struct keeping *keeping);
/* Inside a transaction. */
bool silencing_run(struct keeping *keeping, struct silence_job *job,
	struct err *err) must_check;
/* After its commit: in force, or not any more. True: one was ended before its
 * time, and what waited for its end is due. */
bool silencing_committed(struct keeping *keeping, struct silence_job *job);

/* Whether the time of some is over. */
bool silencing_is_due(const struct keeping *keeping);
/* Inside a transaction: notes their ends. */
bool silencing_note_ends(struct keeping *keeping, struct err *err) must_check;
/* After its commit: tells of them and forgets them. */
void silencing_noted_ends(struct keeping *keeping);

/* Counts an answer by whom keeping->verdicts were silenced. */
bool silencing_count(struct keeping *keeping, struct err *err) must_check;
/* The one that keeps a rule from sending anything about an answer; NULL: none.
 * Lent until the transaction is over. */
bool silencing_find(struct keeping *keeping, int64_t answer, const char *rule,
	const struct silence **silence, struct err *err) must_check;

#endif
