/*
 * keeper_transact - one transaction of the store thread: the jobs are done,
 * committed once and handed back.
 */
#include <stdatomic.h>

#include "base/log.h"
#include "flow/jobs.h"
#include "flow/keeper_private.h"
#include "flow/silencing.h"
#include "store/store_follow_ups.h"
#include "flow/watching.h"

/* ---- the time ---- */

static bool
sum_buckets(enum bucket_width width, int64_t after, int64_t upto,
	void (*on_sum)(int64_t slot, const struct counts *counts, void *to),
	void *to, void *context)
{
	struct keeper *keeper = context;
	struct err err;

	if (store_sum_buckets(
		    keeper->store, width, after, upto, on_sum, to, &err))
		return true;
	log_error("counts could not be read: %s", err.text);
	return false;
}

void
keeper_advance(struct keeper *keeper)
{
	if (!tally_advance(keeper->keeping.tally, keeper->keeping.now_ms,
		    sum_buckets, keeper))
		tally_forget_sums(keeper->keeping.tally);
}

/* The wall clock was set: what waits keeps its distance in time. */
bool
keeper_follow_clock(struct keeper *keeper, struct err *err)
{
	return keeper->shift_ms == 0 ||
	       store_shift_due(keeper->store, keeper->shift_ms, err);
}

void
keeper_look_at_clock(struct keeper *keeper)
{
	int64_t by_ms = wall_jump_look(&keeper->jump, keeper->settings.clock);

	keeper->shift_ms += by_ms;
	if (by_ms != 0 && wall_hold_set(&keeper->hold, by_ms,
				  clock_monotonic_us(keeper->settings.clock)))
		log_warning(
			"the clock was set %lld s ahead: nothing is removed "
			"for its age for a day, unless it is set back",
			(long long)(by_ms / 1000));
}

/* ---- its jobs ---- */

/* Whether the job may have moved the time at which a follow-up is due. */
static bool
moves_due(const struct keeper *keeper, const struct job *job)
{
	return job->type == JOB_FOLLOW_UP || job->type == JOB_DUE ||
	       (job->type == JOB_KEEP && keeper->follows);
}

/* *due_ms: when something of a follow-up falls due next. *ahead: as
 * keeper_commit_jobs tells. */
static bool
commit(struct keeper *keeper, struct inbox_item *list, size_t *records,
	int64_t *due_ms, bool *ahead, struct err *err)
{
	bool moved = false;

	keeper->keeping.silences_set = 0;
	keeper_look_at_clock(keeper);
	if (!store_begin(keeper->store, err) ||
		!keeper_follow_clock(keeper, err))
		return false;
	/* Many jobs find nothing to write: that the disk is full still must
	 * not be forgotten by them. */
	if (keeper->failing)
		store_touch(keeper->store);
	for (; list != NULL; list = list->next) {
		struct job *job = job_of(list);

		if (!jobs_run(&keeper->keeping, job, err)) {
			err_prefix(err, "transaction");
			return false;
		}
		moved |= moves_due(keeper, job);
		if (job->type == JOB_KEEP)
			*records += ((struct keep_job *)job)->batch->count;
	}
	return moves_write(keeper->keeping.moves, keeper->store,
		       keeper->keeping.now_ms, err) &&
	       (!moved ||
		       store_next_due_follow_up(keeper->store, due_ms, err)) &&
	       keeper_commit_jobs(keeper, ahead, err);
}

/* ---- questions ---- */

static bool
only_reads(const struct job *job)
{
	return job->type == JOB_ERRAND && ((const struct errand *)job)->reads;
}

/* Answers those that need no transaction, by what is durable; the others are
 * left. */
static struct inbox_item *
without_questions(struct keeper *keeper, struct inbox_item *list)
{
	struct inbox_item *left = NULL, **end = &left;
	struct err err;

	while (list != NULL) {
		struct job *job = job_of(list);
		struct errand *errand = (struct errand *)job;

		list = list->next;
		job->item.next = NULL;
		if (only_reads(job)) {
			/* The standing score tells of nothing that a crash
			 * could take back. */
			if (!keeper_await_sync(keeper, &err))
				store_rollback(keeper->store);
			errand->watching = keeper->keeping.watching;
			job->good = errand->run(errand, keeper->store,
				keeper->keeping.tally, keeper->keeping.now_ms,
				&job->err);
			inbox_push(keeper->out, &job->item);
			continue;
		}
		*end = &job->item;
		end = &job->item.next;
	}
	return left;
}

/* ---- the ends of a transaction ---- */

static void
tell_rule_hits(struct keeper *keeper)
{
	const char *name;
	json_t *hits;

	json_object_foreach(keeper->keeping.rule_hits, name, hits)
	{
		bool marked = name[0] == '!' || name[0] == '=';
		const char *values[] = {name + marked};

		metric_add(metric_at(name[0] == '!'   ? keeper->rule_errors
				     : name[0] == '=' ? keeper->rule_silenced
						      : keeper->rule_matches,
				   values),
			(double)json_integer_value(hits));
	}
	json_object_clear(keeper->keeping.rule_hits);
}

static void
tell_folded(struct keeper *keeper)
{
	const char *action;
	json_t *count;

	json_object_foreach(keeper->keeping.folded, action, count)
		metric_add(metric_at(keeper->folded, (const char *[]){action}),
			(double)json_integer_value(count));
	json_object_clear(keeper->keeping.folded);
}

void
keeper_tell_born_dead(struct keeper *keeper)
{
	const char *name;
	json_t *count;

	json_object_foreach(keeper->keeping.born_dead, name, count)
	{
		struct policy_action *action =
			policy_action(keeper->policy, name);

		if (action != NULL)
			atomic_fetch_add(
				&action->died, (int)json_integer_value(count));
	}
	json_object_clear(keeper->keeping.born_dead);
}

void
keeper_succeeded(struct keeper *keeper, size_t records)
{
	keeper->shift_ms = 0;
	moves_apply(keeper->keeping.moves, keeper->keeping.tally);
	tell_rule_hits(keeper);
	keeper_tell_born_dead(keeper);
	tell_folded(keeper);
	if (records > 0)
		metric_observe(keeper->commit_batch, (double)records);
}

void
keeper_tell_silences(struct keeper *keeper)
{
	int count = (int)keeper->keeping.silences.count;

	atomic_store(&keeper->silences, count);
	metric_set(keeper->silences_gauge, (double)count);
}

/* What was set or ended holds now that it is committed. */
static void
use_silences(struct keeper *keeper, struct inbox_item *list)
{
	for (; list != NULL; list = list->next) {
		struct silence_job *job = (struct silence_job *)list;

		if (job->job.type != JOB_SILENCE)
			continue;
		if (silencing_committed(&keeper->keeping, job))
			atomic_fetch_add(&keeper->silences_cut, 1);
		keeper_tell_silences(keeper);
	}
}

void
keeper_forget_counts(struct keeper *keeper)
{
	json_object_clear(keeper->keeping.rule_hits);
	json_object_clear(keeper->keeping.born_dead);
	json_object_clear(keeper->keeping.folded);
}

static void
failed(struct keeper *keeper, struct inbox_item *list, int64_t slots_mark,
	const struct err *err)
{
	int64_t held;

	store_rollback(keeper->store);
	keeper->broken = store_is_broken(keeper->store);
	keeper_fail_jobs(keeper, list, err);
	tally_drop_slots(keeper->keeping.tally, slots_mark);
	keeper_forget_counts(keeper);
	if (log_limit_passes(&keeper->failure_limit,
		    clock_monotonic_us(keeper->settings.clock), 1000000, &held))
		log_error("nothing could be stored: %s; answers wait where "
			  "they are",
			err->text);
}

static bool
is_settlement(const struct inbox_item *item)
{
	return ((const struct job *)item)->type == JOB_SETTLE;
}

/* An outcome is never lost: those of a failed commit are tried again, until the
 * daemon stops (then the delivery is still claimed, and due at the next start).
 */
static void
hand_back(struct keeper *keeper, struct inbox_item *list)
{
	bool again = !keeper->broken && !atomic_load(&keeper->stopping);
	struct inbox_item *back = NULL, **end = &back;

	while (list != NULL) {
		struct inbox_item *item = list;

		list = item->next;
		item->next = NULL;
		if (!job_of(item)->good && is_settlement(item) && again) {
			item->next = keeper->deferred;
			keeper->deferred = item;
			continue;
		}
		*end = item;
		end = &item->next;
	}
	inbox_push_all(keeper->out, back);
}

/* Questions alone prove nothing of whether the disk takes more. */
static bool
writes(const struct inbox_item *list)
{
	for (; list != NULL; list = list->next)
		if (((const struct job *)list)->type != JOB_ERRAND)
			return true;
	return false;
}

void
keeper_transact(struct keeper *keeper, struct inbox_item *list)
{
	struct keeping *keeping = &keeper->keeping;
	int64_t began_us = clock_monotonic_us(keeper->settings.clock);
	int64_t slots_mark, due_ms = atomic_load(&keeper->next_due_ms);
	size_t records = 0;
	struct err err = {""};
	bool good, ahead = false;

	list = keeper_without_cut_off(keeper, list);
	if (list == NULL)
		return;
	keeping->now_ms = clock_wall_ms(keeper->settings.clock);
	keeper_advance(keeper);
	list = without_questions(keeper, list);
	if (list == NULL)
		return;
	slots_mark = tally_next_slot(keeping->tally);
	if (keeper->broken)
		err_set(&err, "the store is broken");
	good = !keeper->broken &&
	       commit(keeper, list, &records, &due_ms, &ahead, &err);
	if (good)
		atomic_store(&keeper->next_due_ms, due_ms);
	if (good) {
		keeper_succeeded(keeper, records);
		use_silences(keeper, list);
	} else {
		failed(keeper, list, slots_mark, &err);
		/* Not before those that were kept are handed back. */
		keeper->broken |= !keeper_await_sync(keeper, &err);
	}
	if (writes(list)) {
		if (good && keeper->failing)
			log_notice("answers are stored again");
		keeper->failing = !good;
	}
	moves_clear(keeping->moves);
	json_object_clear(keeping->figures);
	json_object_clear(keeping->figures_texts);
	if (ahead && good) {
		keeper_hand_ahead(keeper, list, began_us);
		return;
	}
	if (good)
		keeper_observe_commit(keeper, began_us);
	hand_back(keeper, list);
}
