/* jobs - what each job does inside the transaction. */
#include "flow/jobs.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "flow/alert_claim.h"
#include "flow/alerts.h"
#include "flow/cooling.h"
#include "flow/digest_job.h"
#include "flow/drill.h"
#include "flow/due.h"
#include "flow/follow_ups.h"
#include "flow/notice.h"
#include "flow/replaying.h"
#include "flow/silencing.h"
#include "flow/storm_claim.h"
#include "store/store_storm.h"
#include "base/wall_jump.h"

/* A record that the store refuses for itself must not block its neighbours:
 * it is kept as rejected, with what the store said. */
static bool
set_aside(struct keeping *keeping, struct keep_job *job, size_t index,
	const struct err *reason)
{
	struct record *record = &job->batch->records[index];
	struct rejection why = {.reason = REJECTED_STORE};
	struct err err;

	snprintf(why.text, sizeof(why.text), "could not be stored: %.200s",
		reason->text);
	return keep_rejected(keeping, job->batch, record, &why, &err);
}

static bool
run_keep(struct keeping *keeping, struct keep_job *job, struct err *err)
{
	struct batch *batch = job->batch;

	for (size_t i = 0; i < batch->count; i++) {
		const struct claimed *claimed = job->claimed;
		size_t moves = moves_mark(keeping->moves);
		int64_t slots = tally_next_slot(keeping->tally);

		pulse_beat(keeping->pulse, keeping->clock);
		if (!store_savepoint(keeping->store, err))
			return false;
		if (keep_record(keeping, job, i, err)) {
			if (!store_keep(keeping->store, err))
				return false;
			continue;
		}
		store_undo(keeping->store);
		keep_undo(keeping, job, claimed, moves, slots);
		if (store_is_broken(keeping->store) ||
			!set_aside(keeping, job, i, err))
			return false;
	}
	if (batch->place_key == NULL)
		return true;
	return store_put_place(keeping->store, batch->source->name,
		batch->place_key, batch->place, err);
}

struct claiming {
	struct keeping *keeping;
	struct claim_job *job;
	json_t *unrendered; /* [[row, answer, rule, of a storm]] in the order
	                     * of the list */
};

static void
on_claimed(const struct delivery_row *row, void *context)
{
	struct claiming *claiming = context;
	struct claim_job *job = claiming->job;
	struct claimed *claimed = claimed_new(row);

	if (row->body == NULL)
		json_array_append_new(claiming->unrendered,
			json_pack("[I, I, s, b]", (json_int_t)row->row,
				(json_int_t)row->answer,
				row->rule != NULL ? row->rule : "",
				strcmp(row->cause, STORM_CAUSE) == 0));
	claimed->lease_ended = row->state == DELIVERY_CLAIMED;
	claimed->next = job->claimed;
	job->claimed = claimed;
	job->found++;
}

static struct claimed **
claimed_find(struct claim_job *job, int64_t row)
{
	struct claimed **at = &job->claimed;

	while (*at != NULL && (*at)->row != row)
		at = &(*at)->next;
	return at;
}

static enum alert_end
render_claimed(struct keeping *keeping, struct claimed *claimed,
	const json_t *item, struct err *why)
{
	if (json_is_true(json_array_get(item, 3)))
		return storm_claim_render(keeping, claimed, why);
	return alert_claim_render(keeping, claimed,
		json_integer_value(json_array_get(item, 1)),
		json_string_value(json_array_get(item, 2)), why);
}

/* What waited without a body gets it now; what cannot be rendered dies, but not
 * for the store's fault. */
static bool
render_waiting(struct claiming *claiming, struct err *err)
{
	struct keeping *keeping = claiming->keeping;
	size_t i;
	json_t *item;

	json_array_foreach(claiming->unrendered, i, item)
	{
		struct claimed **at = claimed_find(claiming->job,
			json_integer_value(json_array_get(item, 0)));
		struct claimed *claimed = *at;
		struct err why = {""};
		bool held;

		pulse_beat(keeping->pulse, keeping->clock);
		struct settlement dead = {
			.delivery = claimed->row,
			.state = DELIVERY_DEAD,
			.at_ms = keeping->now_ms,
			.outcome = "give_up",
			.reason = why.text,
		};

		switch (render_claimed(keeping, claimed, item, &why)) {
		case ALERT_RENDERED:
			continue;
		case ALERT_STORE_FAILED:
			return err_set(err, "%s", why.text);
		case ALERT_EMPTY:
			dead.state = DELIVERY_CANCELLED;
			dead.outcome = "unsent";
			break;
		case ALERT_UNRENDERABLE:
			alerts_tell_dead(keeping, claimed->id, claimed->action);
			break;
		}
		if (!store_settle(keeping->store, &dead, &held, err) ||
			!cooling_release_of(keeping, claimed->row, err))
			return false;
		*at = claimed->next;
		claimed_free(claimed);
	}
	return true;
}

/* Nothing else is due: the rest of the room is for answers from here on. Were it
 * granted by the loop alone, those of meanwhile would wait, for the next claim,
 * during which others would wait: without end, under load. */
static void
leave_room(struct claim_job *job)
{
	job->granted = job->n - job->found;
	atomic_store(&job->action->waiting, false);
	atomic_fetch_add(&job->action->room, job->granted);
}

static bool
run_claim(struct keeping *keeping, struct claim_job *job, struct err *err)
{
	struct claiming claiming = {keeping, job, NULL};
	const struct policy_action *action =
		policy_action(keeping->policy, job->action->name);
	bool good;

	/* Asked for under a policy that is gone: the action that it names may
	 * be gone too, and then nothing of it could be rendered. */
	job->next_due_ms = INT64_MAX;
	if (action == NULL)
		return true;
	claiming.unrendered = json_array();
	good = store_claim(keeping->store, keeping->node, CLAIM_LEASE_MS,
		       job->action->name, keeping->now_ms, job->n, on_claimed,
		       &claiming, &job->next_due_ms, err) &&
	       render_waiting(&claiming, err);
	json_decref(claiming.unrendered);
	if (good && job->found < job->n && action == job->action)
		leave_room(job);
	return good;
}

/* An errand's own failure is its own: what it wrote is undone, the rest
 * stays. */
static bool
run_errand(struct keeping *keeping, struct errand *errand, struct err *err)
{
	if (!store_savepoint(keeping->store, err))
		return false;
	errand->watching = keeping->watching;
	errand->job.good = errand->run(errand, keeping->store, keeping->tally,
		keeping->now_ms, &errand->job.err);
	if (errand->job.good)
		return store_keep(keeping->store, err);
	store_undo(keeping->store);
	return !store_is_broken(keeping->store) ||
	       err_set(err, "%s", errand->job.err.text);
}

/* A time that was counted before the clock was set back. */
static bool
run_settle(struct keeping *keeping, struct settle_job *job, struct err *err)
{
	struct settlement *settlement = &job->settlement;
	int64_t ahead_ms = settlement->at_ms - keeping->now_ms;

	if (ahead_ms > WALL_JUMP_MS) {
		settlement->at_ms -= ahead_ms;
		settlement->due_ms -= ahead_ms;
	}
	if (!store_settle(keeping->store, settlement, &job->held, err))
		return false;
	return settlement->state != DELIVERY_DEAD || !job->held ||
	       cooling_release_of(keeping, settlement->delivery, err);
}

/* Like an errand: its failure is its own. */
static bool
run_notice(struct keeping *keeping, struct notice_job *notice, struct err *err)
{
	if (!store_savepoint(keeping->store, err))
		return false;
	notice->job.good = notice_write(keeping, notice, &notice->job.err);
	if (notice->job.good)
		return store_keep(keeping->store, err);
	store_undo(keeping->store);
	return !store_is_broken(keeping->store) ||
	       err_set(err, "%s", notice->job.err.text);
}

static bool
run_drill(struct keeping *keeping, struct drill_job *drill, struct err *err)
{
	if (!store_savepoint(keeping->store, err))
		return false;
	drill->job.good = drill_write(keeping, drill, &drill->job.err);
	if (drill->job.good)
		return store_keep(keeping->store, err);
	store_undo(keeping->store);
	return !store_is_broken(keeping->store) ||
	       err_set(err, "%s", drill->job.err.text);
}

static bool
run_follow_up(
	struct keeping *keeping, struct follow_up_job *job, struct err *err)
{
	if (!store_savepoint(keeping->store, err))
		return false;
	job->job.good = follow_ups_run(keeping, job, &job->job.err);
	if (job->job.good)
		return store_keep(keeping->store, err);
	store_undo(keeping->store);
	return !store_is_broken(keeping->store) ||
	       err_set(err, "%s", job->job.err.text);
}

static bool
run_digest(struct keeping *keeping, struct digest_job *digest, struct err *err)
{
	if (!store_savepoint(keeping->store, err))
		return false;
	digest->job.good = digest_write(keeping, digest, &digest->job.err);
	if (digest->job.good)
		return store_keep(keeping->store, err);
	store_undo(keeping->store);
	return !store_is_broken(keeping->store) ||
	       err_set(err, "%s", digest->job.err.text);
}

static bool
run_silence(
	struct keeping *keeping, struct silence_job *silence, struct err *err)
{
	if (!store_savepoint(keeping->store, err))
		return false;
	silence->job.good = silencing_run(keeping, silence, &silence->job.err);
	if (silence->job.good)
		return store_keep(keeping->store, err);
	store_undo(keeping->store);
	return !store_is_broken(keeping->store) ||
	       err_set(err, "%s", silence->job.err.text);
}

bool
jobs_run(struct keeping *keeping, struct job *job, struct err *err)
{
	job->good = true;
	switch (job->type) {
	case JOB_KEEP:
		return run_keep(keeping, (struct keep_job *)job, err);
	case JOB_CLAIM:
		return run_claim(keeping, (struct claim_job *)job, err);
	case JOB_SETTLE:
		return run_settle(keeping, (struct settle_job *)job, err);
	case JOB_ERRAND:
		return run_errand(keeping, (struct errand *)job, err);
	case JOB_NOTICE:
		return run_notice(keeping, (struct notice_job *)job, err);
	case JOB_DRILL:
		return run_drill(keeping, (struct drill_job *)job, err);
	case JOB_FOLLOW_UP:
		return run_follow_up(keeping, (struct follow_up_job *)job, err);
	case JOB_DUE:
		return due_run(keeping, (struct due_job *)job, err);
	case JOB_DIGEST:
		return run_digest(keeping, (struct digest_job *)job, err);
	case JOB_SILENCE:
		return run_silence(keeping, (struct silence_job *)job, err);
	case JOB_REPLAY:
		return replaying_run(keeping, (struct replay_job *)job, err);
	case JOB_POLICY:
	case JOB_BACKUP:
	case JOB_ERASE:
		break; /* never inside a transaction */
	}
	return true;
}

/* Nothing of a failed transaction happened: what was made in memory for it is
 * taken back. */
void
jobs_take_back(struct keeping *keeping, struct job *job)
{
	struct keep_job *keep = (struct keep_job *)job;
	struct claim_job *claim = (struct claim_job *)job;

	if (job->type == JOB_KEEP) {
		keep_undo(keeping, keep, NULL, 0,
			tally_next_slot(keeping->tally));
		for (size_t i = 0; i < keep->batch->count; i++) {
			keep->batch->records[i].row = 0;
			keep->batch->records[i].settled_rejected = false;
		}
	}
	if (job->type != JOB_CLAIM)
		return;
	while (claim->claimed != NULL) {
		struct claimed *claimed = claim->claimed;

		claim->claimed = claimed->next;
		claimed_free(claimed);
	}
	claim->found = 0;
}
