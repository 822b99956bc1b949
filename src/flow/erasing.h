/*
 * erasing - somebody is forgotten: all that is kept of a person goes, and what
 * was counted stays.
 *
 *	API, command  --erasing_job-->  store thread: kept as a row
 *	job->done     <---------------  "it will be done, over restarts"
 *
 *	finding    answers of the person, and what else they are known by
 *	erasing    these, and all that hangs on them; some a transaction
 *	searching  what hangs on no answer: refused records, notes, silences
 *	settling   until what was being sent has come to its end
 *	cleaning   its words are dropped, the WAL is emptied, the file is searched
 *	done       the report: numbers, names of sources and actions, no person
 *
 * A slice at a time, between other work, each in a transaction of its own: a
 * crash leaves an erasure where it was. One that cannot be cleaned, since somebody
 * reads the database for long, lets others go by. A dry one goes before them, the
 * same way, and is rolled back; its job comes back with what would be erased.
 */
#ifndef NPSD_FLOW_ERASING_H
#define NPSD_FLOW_ERASING_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "flow/job.h"
#include "flow/keep.h"
#include "nps/person.h"
#include "store/store_erasures.h"

struct keeper;

/* ---- from the loop ---- */

enum { ERASING_WHY_LIMIT_BYTES = 300, ERASING_BY_LIMIT_BYTES = 100 };

struct erasing_job {
	struct job job; /* first; good: done, whatever is found */
	enum erasure_scope scope;
	char *who;	  /* of a person or customer. Owned */
	int64_t response; /* of one answer: its row */
	bool mentions, dry;
	char *by, *why; /* NULL: not known. Owned */
	void *context;	/* the asker's; not looked at */

	/* what comes back */
	bool not_there; /* the answer is not, or was forgotten */
	json_t *report; /* as row_json_erasure; a dry one's without row. Owned */
};
/* Copies; by and why may be NULL. */
struct erasing_job *erasing_job_new(enum erasure_scope scope, const char *who,
	int64_t response, const char *by, const char *why);
/* done hears of it on the loop, and calls erasing_job_free. */
void erasing_job_send(struct keeper *keeper, struct erasing_job *job);
void erasing_job_free(struct erasing_job *job);

/* ---- on the store thread ---- */

struct erasing; /* the one under way, and the dry ones that wait */
struct erasing *erasing_new(void);
/* No dry one waits. */
void erasing_free(struct erasing *erasing);

/* At the start, inside a transaction: what was being sent as the daemon ended is
 * due again; what of it is of somebody forgotten is erased before. */
bool erasing_resume(struct erasing *erasing, struct keeping *keeping,
	struct err *err) must_check;
/* Inside a transaction: keeps what is asked for. */
bool erasing_keep(struct erasing *erasing, struct keeping *keeping,
	struct erasing_job *job, struct err *err) must_check;
/* Takes a dry one. */
void erasing_add(struct erasing *erasing, struct erasing_job *job);

/* Whether there is something to do now; and when at the latest (monotonic,
 * INT64_MAX: never). */
bool erasing_is_due(const struct erasing *erasing, int64_t now_us);
int64_t erasing_due_us(const struct erasing *erasing);
/* One that is not over (for the metrics). */
bool erasing_is_under_way(const struct erasing *erasing);

/* What the next slice needs around it. */
enum erasing_frame {
	ERASING_COMMITS,    /* a transaction */
	ERASING_ROLLS_BACK, /* one that is taken back: it is dry */
	ERASING_ALONE,	    /* none: it works on the file itself */
};
enum erasing_frame erasing_frame(const struct erasing *erasing);
bool erasing_slice(struct erasing *erasing, struct keeping *keeping,
	struct err *err) must_check;
/* After the commit. A dry one that is over, to be handed back; or NULL. */
struct erasing_job *erasing_went(
	struct erasing *erasing, struct keeping *keeping);
/* After a slice that failed: a kept one is read anew; a dry one is over, and to
 * be handed back. */
struct erasing_job *erasing_failed(struct erasing *erasing,
	struct keeping *keeping, const struct err *err);
/* The next dry one, undone, as the daemon stops; NULL: none is left. */
struct erasing_job *erasing_take_back(struct erasing *erasing);

#endif
