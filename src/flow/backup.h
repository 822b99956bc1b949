/*
 * backup - a copy of the store, made while everything goes on.
 *
 *	loop         store thread                  a thread of its own
 *	submit  -->  begin
 *	             a slice, other work, a slice
 *	             all is copied            -->  compared, synced, in place
 *	done()  <-----------------------------------'
 *
 * Comparing takes seconds, in which neither of the others may stand still: so a
 * thread lives for as long as that.
 */
#ifndef NPSD_FLOW_BACKUP_H
#define NPSD_FLOW_BACKUP_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "flow/job.h"

enum {
	/* 256 KiB each 4 ms at the fastest, 64 MiB/s: a disk has more. */
	BACKUP_SLICE_PAGES = 64,
	BACKUP_PAUSE_MS = 4,
};

enum backup_phase {
	BACKUP_COPYING,
	BACKUP_COMPARING,
	BACKUP_OVER,
};

/* Submitted to the keeper, one at a time. */
struct backup_job {
	struct job job; /* first; good: the file is in its place */
	char *path;	/* absolute */
	bool replace;
	struct store_books books; /* of a good one */

	/* any thread */
	_Atomic enum backup_phase phase;
	atomic_llong left_pages, total_pages;

	/* the keeper's */
	struct store_backup *copy;
	int64_t next_us; /* when the next slice is due */
	const atomic_bool *stop;
	struct inbox *back; /* where the job goes when it is over */
	pthread_t thread;
	bool threaded;
};

/* Store thread. False: it is over, see job->err. */
bool backup_begin(struct backup_job *job, struct store_writer *store,
	int64_t now_ms, const atomic_bool *stop) must_check;
/* Store thread, between transactions: one slice if it is time. True: it has
 * left this thread; with `back` the job goes there, perhaps later. NULL: the
 * end is worked off before it returns. */
bool backup_step(struct backup_job *job, int64_t now_us, struct inbox *back);
/* Store thread: takes it back. */
void backup_abandon(struct backup_job *job);
/* Loop thread, when the job is back: nothing of it runs any more. */
void backup_join(struct backup_job *job);

#endif
