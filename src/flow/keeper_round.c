/* keeper_round - the store thread: what waits, backups, old rows. */
#include <pthread.h>
#include <stdatomic.h>

#include "base/log.h"
#include "flow/keeper_private.h"
#include "flow/upkeep.h"

enum {
	KEEPER_IDLE_MS = 1000, /* longest sleep without a look around */
	KEEPER_MAINTAIN_MS = 60 * 1000, /* purge and prune this often ... */
	KEEPER_SLICE_MS = 20, /* ... or this soon while there is more */
};

/* ---- what waits ---- */

static size_t
job_records(const struct inbox_item *item)
{
	const struct job *job = (const struct job *)item;

	return job->type == JOB_KEEP
		       ? ((const struct keep_job *)job)->batch->count
		       : 1;
}

/* Not done in a transaction. */
static bool
stands_alone(const struct inbox_item *item)
{
	enum job_type type = ((const struct job *)item)->type;

	return type == JOB_POLICY || type == JOB_BACKUP || type == JOB_ERASE;
}

/* Cuts the front part off that makes one commit. */
static struct inbox_item *
portion(struct inbox_item **list)
{
	struct inbox_item *first = *list, *last = first;
	size_t records = job_records(first);

	if (!stands_alone(first))
		while (last->next != NULL && !stands_alone(last->next) &&
			records + job_records(last->next) <=
				KEEPER_COMMIT_RECORDS) {
			last = last->next;
			records += job_records(last);
		}
	*list = last->next;
	last->next = NULL;
	return first;
}

/* ---- backups ---- */

static struct inbox *
backup_way(const struct keeper *keeper)
{
	return keeper->threaded ? keeper->out : NULL;
}

static void
run_backup(struct keeper *keeper, struct backup_job *job)
{
	if (keeper->broken || atomic_load(&keeper->stop_backup)) {
		job->job.good = false;
		err_set(&job->job.err, "the store is being closed");
	} else if (backup_begin(job, keeper->store,
			   clock_wall_ms(keeper->settings.clock),
			   &keeper->stop_backup)) {
		keeper->backup = job;
		return;
	}
	inbox_push(keeper->out, &job->job.item);
}

void
keeper_step_backup(struct keeper *keeper)
{
	struct backup_job *job = keeper->backup;

	if (job == NULL)
		return;
	if (keeper->broken || atomic_load(&keeper->stop_backup)) {
		backup_abandon(job);
		inbox_push(keeper->out, &job->job.item);
		keeper->backup = NULL;
	} else if (backup_step(job, clock_monotonic_us(keeper->settings.clock),
			   backup_way(keeper))) {
		keeper->backup = NULL;
		if (backup_way(keeper) == NULL)
			inbox_push(keeper->out, &job->job.item);
	}
}

/* ---- what is watched ---- */

static void
look_at_store(struct keeper *keeper)
{
	struct store_watch watch;
	int64_t foreign;
	bool is_long;

	/* Whoever hears of it and asks shall be told the same. */
	store_watch(keeper->store, &watch);
	atomic_store(&keeper->wal_bytes, watch.wal_bytes);
	foreign = atomic_exchange(&keeper->foreign, watch.foreign);
	is_long = watch.wal_bytes >= STORE_WAL_LONG_BYTES;
	if (watch.foreign != foreign)
		log_warning("another program has written to the database, or "
			    "moved its WAL: only npsd may");
	if (is_long && !keeper->wal_told)
		log_warning("the database's WAL has %lld MiB: another program "
			    "reads the database in one long transaction; end "
			    "that one",
			(long long)(watch.wal_bytes / 1024 / 1024));
	else if (!is_long && keeper->wal_told)
		log_notice("the database's WAL is short again");
	keeper->wal_told = is_long;
}

void
keeper_work(struct keeper *keeper, struct inbox_item *list)
{
	struct err err;

	if (keeper->deferred != NULL) {
		struct inbox_item *last = keeper->deferred;

		while (last->next != NULL)
			last = last->next;
		last->next = list;
		list = keeper->deferred;
		keeper->deferred = NULL;
	}
	while (list != NULL) {
		struct inbox_item *part = portion(&list);

		if (stands_alone(part) && !keeper_await_sync(keeper, &err))
			store_rollback(keeper->store);
		if (job_of(part)->type == JOB_POLICY) {
			keeper_run_policy(keeper, (struct policy_job *)part);
			inbox_push(keeper->out, part);
		} else if (job_of(part)->type == JOB_BACKUP) {
			run_backup(keeper, (struct backup_job *)part);
		} else if (job_of(part)->type == JOB_ERASE) {
			keeper_run_erase(keeper, (struct erasing_job *)part);
		} else {
			keeper_transact(keeper, part);
			look_at_store(keeper);
		}
		pulse_beat(&keeper->pulse, keeper->settings.clock);
	}
}

/* One slice of the long work; soon again while there is more. */
void
keeper_maintain(struct keeper *keeper)
{
	int64_t now_ms = clock_wall_ms(keeper->settings.clock);
	struct err err = {""};
	int removed = 0;

	keeper_look_at_clock(keeper);
	if (keeper->shift_ms == 0 && now_ms < keeper->maintain_ms &&
		keeper->maintain_ms - now_ms <= KEEPER_MAINTAIN_MS)
		return;
	keeper->maintain_ms = now_ms + KEEPER_MAINTAIN_MS;
	keeper->keeping.now_ms = now_ms;
	if (keeper->broken)
		return;
	if (store_begin(keeper->store, &err) &&
		keeper_follow_clock(keeper, &err) &&
		(wall_hold_is_on(&keeper->hold,
			 clock_monotonic_us(keeper->settings.clock)) ||
			upkeep_slice(&keeper->keeping, &removed, &err)) &&
		keeper_commit(keeper, &err)) {
		keeper->shift_ms = 0;
		if (removed > 0)
			keeper->maintain_ms = now_ms + KEEPER_SLICE_MS;
		return;
	}
	log_warning("old rows could not be removed: %s", err.text);
	store_rollback(keeper->store);
	if (!store_is_broken(keeper->store))
		return;
	keeper->broken = true;
	keeper->alarm.err = err;
	inbox_push(keeper->out, &keeper->alarm.item);
}

static int
sleep_ms(struct keeper *keeper)
{
	int64_t left =
		keeper->maintain_ms - clock_wall_ms(keeper->settings.clock);

	if (keeper->backup != NULL && left > BACKUP_PAUSE_MS)
		left = BACKUP_PAUSE_MS;
	if (left < 0 || atomic_load(&keeper->stopping) ||
		(keeper->keeping.cooling_left && keeper->cooling_us == 0 &&
			!keeper->broken))
		left = 0;
	return keeper_erase_wait_ms(
		keeper, left < KEEPER_IDLE_MS ? (int)left : KEEPER_IDLE_MS);
}

static bool
has_synced(struct keeper *keeper)
{
	struct err err;

	if (!keeper_await_sync(keeper, &err))
		store_rollback(keeper->store);
	return true;
}

void *
keeper_thread(void *context)
{
	struct keeper *keeper = context;

	pthread_setname_np(pthread_self(), "npsd-store");
	for (;;) {
		struct inbox_item *list =
			inbox_wait(keeper->in, sleep_ms(keeper));

		pulse_beat(&keeper->pulse, keeper->settings.clock);
		keeper_look_after_sync(keeper);
		if (list != NULL || keeper->deferred != NULL)
			keeper_work(keeper, list);
		else if (atomic_load(&keeper->stopping) &&
			 keeper->backup == NULL && has_synced(keeper))
			return NULL;
		keeper_step_backup(keeper);
		if (!atomic_load(&keeper->stopping))
			keeper_maintain(keeper);
		if (!atomic_load(&keeper->stopping))
			keeper_end_silences(keeper);
		if (!atomic_load(&keeper->stopping))
			keeper_go_on_cooling(keeper);
		if (!atomic_load(&keeper->stopping))
			keeper_look(keeper);
		if (!atomic_load(&keeper->stopping))
			keeper_erase(keeper);
	}
}
