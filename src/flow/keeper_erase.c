/* keeper_erase - erasures on the store thread, a slice at a time. */
#include <stdatomic.h>

#include "base/log.h"
#include "flow/erasing.h"
#include "flow/keeper_private.h"
#include "store/store_follow_ups.h"

enum { KEEPER_TELL_ERASING_US = 60 * 1000000 };

static void
give_back(struct keeper *keeper, struct erasing_job *job)
{
	if (job != NULL)
		inbox_push(keeper->out, &job->job.item);
}

/* ---- asked for ---- */

/* Kept, before anybody is told that it will be done. */
static void
keep_job(struct keeper *keeper, struct erasing_job *job)
{
	struct keeping *keeping = &keeper->keeping;
	struct err *err = &job->job.err;

	keeping->now_ms = clock_wall_ms(keeper->settings.clock);
	job->job.good = store_begin(keeper->store, err) &&
			erasing_keep(keeper->erasing, keeping, job, err) &&
			keeper_commit(keeper, err);
	if (!job->job.good) {
		store_rollback(keeper->store);
		keeper_note_broken(keeper, err);
	}
	give_back(keeper, job);
}

void
keeper_run_erase(struct keeper *keeper, struct erasing_job *job)
{
	if (keeper->broken || atomic_load(&keeper->stopping)) {
		job->job.good = false;
		err_set(&job->job.err, "the store is being closed");
		give_back(keeper, job);
	} else if (job->dry) {
		erasing_add(keeper->erasing, job);
	} else {
		keep_job(keeper, job);
	}
}

/* ---- slices ---- */

/* What a slice needs around it. *next_due_ms: of follow-ups. */
static bool
do_slice(struct keeper *keeper, int64_t *next_due_ms, struct err *err)
{
	struct erasing *erasing = keeper->erasing;
	struct keeping *keeping = &keeper->keeping;
	bool good;

	if (erasing_frame(erasing) == ERASING_ALONE)
		return erasing_slice(erasing, keeping, err);
	if (erasing_frame(erasing) == ERASING_ROLLS_BACK) {
		good = store_begin(keeper->store, err) &&
		       erasing_slice(erasing, keeping, err);
		store_rollback(keeper->store);
		return good;
	}
	return store_begin(keeper->store, err) &&
	       keeper_follow_clock(keeper, err) &&
	       erasing_slice(erasing, keeping, err) &&
	       store_next_due_follow_up(keeper->store, next_due_ms, err) &&
	       keeper_commit(keeper, err);
}

static void
slice_failed(
	struct keeper *keeper, enum erasing_frame frame, const struct err *err)
{
	int64_t held;

	if (frame != ERASING_ALONE)
		store_rollback(keeper->store);
	give_back(
		keeper, erasing_failed(keeper->erasing, &keeper->keeping, err));
	keeper_forget_counts(keeper);
	if (log_limit_passes(&keeper->erasing_limit,
		    clock_monotonic_us(keeper->settings.clock),
		    KEEPER_TELL_ERASING_US, &held))
		log_warning("an erasure waits: %s", err->text);
	keeper_note_broken(keeper, err);
}

void
keeper_erase(struct keeper *keeper)
{
	struct keeping *keeping = &keeper->keeping;
	int64_t next_due_ms = atomic_load(&keeper->next_due_ms);
	struct err err = {""};
	enum erasing_frame frame;
	bool commits;

	if (keeper->broken ||
		!erasing_is_due(keeper->erasing,
			clock_monotonic_us(keeper->settings.clock)))
		return;
	keeping->now_ms = clock_wall_ms(keeper->settings.clock);
	keeping->silences_set = 0;
	keeper_look_at_clock(keeper);
	keeper_advance(keeper);
	frame = erasing_frame(keeper->erasing);
	commits = frame == ERASING_COMMITS;
	if (!do_slice(keeper, &next_due_ms, &err)) {
		slice_failed(keeper, frame, &err);
		return;
	}
	if (commits) {
		keeper->shift_ms = 0;
		keeper_tell_born_dead(keeper);
		atomic_store(&keeper->next_due_ms, next_due_ms);
	}
	keeper_forget_counts(keeper);
	json_object_clear(keeping->figures);
	json_object_clear(keeping->figures_texts);
	give_back(keeper, erasing_went(keeper->erasing, keeping));
	keeper_tell_silences(keeper);
	metric_set(keeper->erasing_gauge,
		erasing_is_under_way(keeper->erasing) ? 1 : 0);
	/* Alerts of others may be due now. */
	if (commits)
		keeper_nudge(keeper);
}

int
keeper_erase_wait_ms(const struct keeper *keeper, int longest_ms)
{
	int64_t due_us = erasing_due_us(keeper->erasing);
	int64_t left_us = due_us - clock_monotonic_us(keeper->settings.clock);

	if (due_us == INT64_MAX || left_us / 1000 >= longest_ms)
		return longest_ms;
	return left_us > 0 ? (int)(left_us / 1000) + 1 : 0;
}

void
keeper_drop_erasing(struct keeper *keeper)
{
	struct erasing_job *job;

	while ((job = erasing_take_back(keeper->erasing)) != NULL) {
		job->job.good = false;
		err_set(&job->job.err, "the store is being closed");
		give_back(keeper, job);
	}
}
