/* backup - a copy of the store, made while everything goes on. */
#include "flow/backup.h"

#include <string.h>

static void
leave(struct backup_job *job, bool good)
{
	job->job.good = good;
	store_backup_free(job->copy);
	job->copy = NULL;
	atomic_store(&job->phase, BACKUP_OVER);
}

bool
backup_begin(struct backup_job *job, struct store_writer *store, int64_t now_ms,
	const atomic_bool *stop)
{
	job->stop = stop;
	job->copy = store_backup_start(
		store, job->path, job->replace, now_ms, &job->job.err);
	if (job->copy != NULL)
		return true;
	leave(job, false);
	return false;
}

void
backup_abandon(struct backup_job *job)
{
	err_set(&job->job.err, "the daemon was told to stop");
	leave(job, false);
}

/* ---- the end ---- */

static void
compare(struct backup_job *job)
{
	bool good = store_backup_end(
		job->copy, job->stop, &job->books, &job->job.err);

	if (!good && atomic_load(job->stop))
		err_set(&job->job.err, "the daemon was told to stop");
	leave(job, good);
}

static void *
backup_thread(void *context)
{
	struct backup_job *job = context;

	pthread_setname_np(pthread_self(), "npsd-backup");
	compare(job);
	inbox_push(job->back, &job->job.item);
	return NULL;
}

static void
start_end(struct backup_job *job, struct inbox *back)
{
	int failure;

	atomic_store(&job->phase, BACKUP_COMPARING);
	if (back == NULL) {
		compare(job);
		return;
	}
	job->back = back;
	job->threaded = true; /* before the job may be back */
	failure = pthread_create(&job->thread, NULL, backup_thread, job);
	if (failure == 0)
		return;
	job->threaded = false;
	err_set(&job->job.err, "no thread: %s", strerror(failure));
	leave(job, false);
	inbox_push(back, &job->job.item);
}

void
backup_join(struct backup_job *job)
{
	if (job->threaded)
		pthread_join(job->thread, NULL);
	job->threaded = false;
}

/* ---- slices ---- */

bool
backup_step(struct backup_job *job, int64_t now_us, struct inbox *back)
{
	int64_t left = 0, total = 0;

	if (now_us < job->next_us)
		return false;
	if (!store_backup_copy(job->copy, BACKUP_SLICE_PAGES, &left, &total,
		    &job->job.err)) {
		leave(job, false);
		if (back != NULL)
			inbox_push(back, &job->job.item);
		return true;
	}
	atomic_store(&job->left_pages, left);
	atomic_store(&job->total_pages, total);
	job->next_us = now_us + (int64_t)BACKUP_PAUSE_MS * 1000;
	if (left > 0)
		return false;
	start_end(job, back);
	return true;
}
