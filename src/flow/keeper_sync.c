/*
 * keeper_sync - the sync thread: makes durable what the store thread committed
 * ahead, while that one is at the next transaction already.
 *
 *	store thread               sync thread             loop
 *	------------               -----------             ----
 *	commit ahead  --ahead-->   sync      --out-->      job->done
 *	the next jobs
 *	wait          <--synced--
 *	commit ahead  --ahead-->   ...
 *
 * One sync is under way at most, and there is one struct sync_round: whoever
 * has it may touch it. As the store thread waits for it before it commits again,
 * a disk that is slow still gathers what waits into larger commits.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "flow/jobs.h"
#include "flow/keeper_private.h"

bool
keeper_sync_open(struct keeper *keeper, struct err *err)
{
	keeper->ahead = inbox_new(0, err);
	keeper->synced = inbox_new(0, err);
	return keeper->ahead != NULL && keeper->synced != NULL;
}

void
keeper_sync_close(struct keeper *keeper)
{
	inbox_free(keeper->ahead);
	inbox_free(keeper->synced);
}

/* ---- the sync thread ---- */

void
keeper_observe_commit(struct keeper *keeper, int64_t began_us)
{
	int64_t now_us = clock_monotonic_us(keeper->settings.clock);

	metric_observe(
		keeper->commit_seconds, (double)(now_us - began_us) / 1e6);
}

static void
sync_round(struct keeper *keeper, struct sync_round *round)
{
	bool good = store_sync(keeper->store, &round->err);

	round->good = good;
	atomic_store(&keeper->sync_since_us, 0);
	if (good) {
		keeper_observe_commit(keeper, round->began_us);
		inbox_push_all(keeper->out, round->jobs);
		round->jobs = NULL;
	}
	inbox_push(keeper->synced, &round->item); /* no longer ours */
	if (!good)				  /* it may be asleep */
		inbox_wake(keeper->in);
}

static void *
sync_thread(void *context)
{
	struct keeper *keeper = context;
	struct inbox_item *item;

	pthread_setname_np(pthread_self(), "npsd-sync");
	for (;;) {
		item = inbox_wait(keeper->ahead, -1);
		if (item != NULL)
			sync_round(keeper, (struct sync_round *)item);
		else if (atomic_load(&keeper->sync_ends))
			return NULL;
	}
}

bool
keeper_sync_start(struct keeper *keeper, struct err *err)
{
	int failure =
		pthread_create(&keeper->sync_thread, NULL, sync_thread, keeper);

	if (failure == 0)
		return true;
	return err_set(
		err, "the sync thread cannot start: %s", strerror(failure));
}

void
keeper_sync_stop(struct keeper *keeper)
{
	atomic_store(&keeper->sync_ends, true);
	inbox_wake(keeper->ahead);
	pthread_join(keeper->sync_thread, NULL);
}

int64_t
keeper_alive_us(const struct keeper *keeper)
{
	int64_t since_us = atomic_load(&keeper->sync_since_us);
	int64_t last_us = pulse_last_us(&keeper->pulse);

	return since_us != 0 && since_us < last_us ? since_us : last_us;
}

/* ---- the store thread ---- */

/* What was handed over comes back, or is handed back undone: the process ends
 * then, and starts anew from the file. */
static bool
end_round(struct keeper *keeper, struct err *err)
{
	struct sync_round *round = &keeper->round;
	struct inbox_item *list = round->jobs;

	keeper->runs_ahead = false;
	if (round->good)
		return true;
	*err = round->err;
	round->jobs = NULL;
	keeper->broken = true;
	keeper_fail_jobs(keeper, list, err);
	inbox_push_all(keeper->out, list);
	return false;
}

bool
keeper_await_sync(struct keeper *keeper, struct err *err)
{
	if (!keeper->runs_ahead)
		return true;
	while (inbox_wait(keeper->synced, -1) == NULL)
		continue;
	return end_round(keeper, err);
}

void
keeper_look_after_sync(struct keeper *keeper)
{
	struct err err;

	if (keeper->runs_ahead && inbox_take(keeper->synced) != NULL &&
		!end_round(keeper, &err))
		store_rollback(keeper->store);
}

bool
keeper_commit(struct keeper *keeper, struct err *err)
{
	return keeper_await_sync(keeper, err) &&
	       store_commit(keeper->store, err);
}

/* With nothing more to do the store thread syncs itself, which is quicker. */
bool
keeper_commit_jobs(struct keeper *keeper, bool *ahead, struct err *err)
{
	if (!keeper_await_sync(keeper, err))
		return false;
	*ahead = keeper->threaded && !inbox_is_empty(keeper->in);
	return *ahead ? store_commit_ahead(keeper->store, err)
		      : store_commit(keeper->store, err);
}

void
keeper_hand_ahead(
	struct keeper *keeper, struct inbox_item *list, int64_t began_us)
{
	keeper->round = (struct sync_round){.jobs = list, .began_us = began_us};
	keeper->runs_ahead = true;
	atomic_store(&keeper->sync_since_us,
		clock_monotonic_us(keeper->settings.clock));
	inbox_push(keeper->ahead, &keeper->round.item);
}
