/* due_write - the store thread's side: fires the steps of follow-ups that are
 * due, and counts deadlines anew. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "flow/due.h"
#include "flow/due_document.h"
#include "flow/follow_ups.h"
#include "flow/frozen.h"
#include "flow/silencing.h"
#include "nps/owner.h"
#include "store/store_follow_ups.h"

#define DUE_CAUSE "due"

/* Steps of one follow-up that can be due at once. */
enum { DUE_STEPS_LIMIT = FOLLOW_UP_ESCALATIONS_LIMIT + 8 };

/* One follow-up while its steps are fired. */
struct firing {
	struct keeping *keeping;
	struct follow_up *follow_up;
	const struct follow_up_terms *terms;
	struct due_step steps[DUE_STEPS_LIMIT];
	size_t count;
	json_t *document; /* without the step; NULL until it is needed */
	json_t *told;	  /* actions that a later step told -> true */
};

/* ---- one delivery ---- */

static bool
put_for(struct firing *firing, const struct due_step *step, const char *action,
	struct err *err)
{
	const struct follow_up *follow_up = firing->follow_up;
	char *key = mem_printf("%lld %s %zu", (long long)follow_up->row,
		follow_up_step_name(step->due.step), step->due.escalation);
	struct frozen frozen = {
		.cause = DUE_CAUSE,
		.key = key,
		.n = step->due.n,
		.answer = follow_up->last_answer,
		.rule = follow_up->rule,
		.language = due_document_language(firing->document),
		.document = firing->document,
	};
	bool good = frozen_put(firing->keeping, &frozen, action, err);

	free(key);
	return good;
}

/* ---- one follow-up ---- */

static const struct setting_texts *
actions_of(const struct firing *firing, const struct due_step *step)
{
	static const struct setting_texts none;
	const struct follow_up_escalation *escalation;
	const struct rule *rule;

	if (step->due.step == FOLLOW_UP_STEP_ESCALATE) {
		escalation =
			firing->terms->escalations.items[step->due.escalation]
				.record;
		return &escalation->actions;
	}
	if (firing->terms->actions.count > 0)
		return &firing->terms->actions;
	rule = rules_find(
		firing->keeping->policy->rules, firing->follow_up->rule);
	return rule != NULL ? &rule->actions : &none;
}

/* What follow_up.do does not name itself goes by mail where the rule has mails:
 * a CRM would make a second ticket of each reminder. */
static bool
is_passed_by(const struct firing *firing, const struct due_step *step,
	const char *action)
{
	const struct policy *policy = firing->keeping->policy;

	return step->due.step != FOLLOW_UP_STEP_ESCALATE &&
	       firing->terms->actions.count == 0 &&
	       !policy_is_mail(policy, action) &&
	       policy_any_is_mail(policy, actions_of(firing, step));
}

/* An action is told of the last step that names it, and of no other: what fell
 * due together, while the daemon was down, is one message. */
static bool
tell(struct firing *firing, const struct due_step *step, bool *told,
	struct err *err)
{
	const struct setting_texts *actions = actions_of(firing, step);

	*told = false;
	for (size_t i = 0; i < actions->count; i++) {
		const char *action = actions->items[i];

		if (json_object_get(firing->told, action) != NULL ||
			is_passed_by(firing, step, action))
			continue;
		json_object_set_new(firing->told, action, json_true());
		if (firing->document == NULL) {
			firing->document = due_document(
				firing->keeping, firing->follow_up, err);
			if (firing->document == NULL)
				return false;
		}
		due_document_step(firing->document, firing->follow_up,
			firing->terms,
			policy_zone(firing->keeping->policy,
				firing->terms->calendar),
			step, firing->keeping->now_ms);
		*told = true;
		if (!put_for(firing, step, action, err))
			return false;
	}
	return true;
}

/* Marks what is due as fired, earliest first. */
static void
collect_steps(struct firing *firing)
{
	int64_t now_ms = firing->keeping->now_ms;
	struct follow_up_due due;

	while (firing->count < DUE_STEPS_LIMIT &&
		follow_up_next_due(firing->follow_up, firing->terms, &due) &&
		due.due_ms <= now_ms) {
		struct due_step *step = &firing->steps[firing->count++];

		step->due = due;
		step->late = now_ms - due.due_ms > DUE_LATE_MS;
		follow_up_fire(firing->follow_up, firing->terms, &due, now_ms,
			&step->change);
	}
}

static bool
put_event(struct firing *firing, struct due_step *step, bool told,
	struct err *err)
{
	char level[16] = "";
	char *note;
	bool good;

	if (step->due.step == FOLLOW_UP_STEP_ESCALATE)
		snprintf(
			level, sizeof(level), " %zu", step->due.escalation + 1);
	note = mem_printf("%s%s%s%s", follow_up_step_name(step->due.step),
		level, step->late ? ", late" : "",
		told ? "" : ", told with a later one");
	step->change.note = note;
	good = follow_ups_keep(
		firing->keeping, firing->follow_up, &step->change, err);
	free(note);
	return good;
}

/* ---- silences ---- */

struct last_note {
	const char *note;
	bool is_last;
};

static void
on_event(const struct follow_up_event *event, void *context)
{
	struct last_note *last = context;

	last->is_last = event->act == FOLLOW_UP_NOTE && event->note != NULL &&
			strcmp(event->note, last->note) == 0;
}

/* Once, though it may be looked at again. The row stays as people left it. */
static bool
put_waiting(struct keeping *keeping, const struct follow_up *follow_up,
	const struct silence *silence, struct err *err)
{
	char note[60];
	struct last_note last = {note, false};
	struct follow_up_event event = {
		.follow_up = follow_up->row,
		.act = FOLLOW_UP_NOTE,
		.who = "npsd",
		.how = "npsd",
		.at_ms = keeping->now_ms,
		.note = note,
	};

	snprintf(note, sizeof(note), "waits for the end of silence %lld",
		(long long)silence->row);
	return store_each_follow_up_event(
		       keeping->store, follow_up->row, on_event, &last, err) &&
	       (last.is_last ||
		       store_put_follow_up_event(keeping->store, &event, err));
}

/* What is due waits for the end of a silence that holds for the answer. */
static bool
wait_for_silence(struct keeping *keeping, struct follow_up *follow_up,
	bool *waits, struct err *err)
{
	const struct silence *silence = NULL;

	*waits = false;
	if (follow_up->next_due_ms > keeping->now_ms)
		return true;
	if (!silencing_find(keeping, follow_up->last_answer, follow_up->rule,
		    &silence, err))
		return false;
	*waits = silence != NULL;
	if (!*waits)
		return true;
	follow_up->next_due_ms = silence->until_ms;
	return put_waiting(keeping, follow_up, silence, err) &&
	       store_change_follow_up(keeping->store, follow_up, err);
}

static bool
fire(struct keeping *keeping, struct follow_up *follow_up, struct due_job *job,
	struct err *err)
{
	struct firing firing = {
		.keeping = keeping,
		.follow_up = follow_up,
		.terms = follow_ups_terms(keeping->policy, follow_up->rule),
		.told = json_object(),
	};
	bool told[DUE_STEPS_LIMIT] = {false};
	bool waits, good;

	follow_up_recompute(follow_up, firing.terms);
	good = wait_for_silence(keeping, follow_up, &waits, err);
	if (!good || waits) {
		json_decref(firing.told);
		return good;
	}
	collect_steps(&firing);
	for (size_t i = firing.count; good && i-- > 0;)
		good = tell(&firing, &firing.steps[i], &told[i], err);
	for (size_t i = 0; good && i < firing.count; i++)
		good = put_event(&firing, &firing.steps[i], told[i], err);
	if (good && firing.count == 0)
		good = store_change_follow_up(keeping->store, follow_up, err);
	for (size_t i = 0; good && i < firing.count; i++)
		job->fired[firing.steps[i].due.step]++;
	json_decref(firing.document);
	json_decref(firing.told);
	return good;
}

/* ---- a slice of them ---- */

struct slice {
	struct follow_up *items[DUE_RECOMPUTE_SLICE];
	size_t count;
};

static void
on_one(const struct follow_up *follow_up, void *context)
{
	struct slice *slice = context;

	slice->items[slice->count++] = follow_up_copy(follow_up);
}

static void
slice_done(struct slice *slice)
{
	for (size_t i = 0; i < slice->count; i++)
		follow_up_free(slice->items[i]);
}

/* One that cannot be fired does not stop the others: it is tried again. */
static bool
fire_or_put_off(struct keeping *keeping, struct follow_up *follow_up,
	struct due_job *job, struct err *err)
{
	struct follow_up *as_it_was = follow_up_copy(follow_up);
	bool good;

	if (!store_savepoint(keeping->store, err)) {
		follow_up_free(as_it_was);
		return false;
	}
	good = fire(keeping, follow_up, job, err);
	if (good) {
		good = store_keep(keeping->store, err);
	} else {
		store_undo(keeping->store);
		as_it_was->next_due_ms = keeping->now_ms + DUE_RETRY_MS;
		good = !store_is_broken(keeping->store) &&
		       store_change_follow_up(keeping->store, as_it_was, err);
	}
	follow_up_free(as_it_was);
	return good;
}

static bool
fire_slice(struct keeping *keeping, struct due_job *job, struct err *err)
{
	struct slice slice = {.count = 0};
	bool good = store_each_due_follow_up(keeping->store, keeping->now_ms,
		DUE_SLICE, on_one, &slice, err);

	for (size_t i = 0; good && i < slice.count; i++) {
		pulse_beat(keeping->pulse, keeping->clock);
		good = fire_or_put_off(keeping, slice.items[i], job, err);
	}
	job->handled = (int)slice.count;
	job->more = slice.count == DUE_SLICE;
	slice_done(&slice);
	return good;
}

/* Nothing reminds of it any more, or nobody can be. */
static void
count_orphan(const struct keeping *keeping, const struct follow_up *follow_up,
	struct due_orphans *orphans)
{
	const char *owner = follow_up->owner;

	if (follow_up->tracked_in != NULL)
		return;
	if (follow_ups_terms(keeping->policy, follow_up->rule) ==
			&follow_up_no_terms &&
		orphans->of_rules++ == 0)
		snprintf(orphans->rule, sizeof(orphans->rule), "%s",
			follow_up->rule);
	if (owner != NULL && strchr(owner, '@') == NULL &&
		strcmp(owner, OWNER_NOBODY) != 0 &&
		owners_find(keeping->policy->rules->owners, owner) == NULL &&
		orphans->of_owners++ == 0)
		orphans->of_owner = follow_up->row;
}

static bool
recompute(struct keeping *keeping, struct follow_up *follow_up, struct err *err)
{
	struct follow_up before = *follow_up;

	follow_up_recompute(
		follow_up, follow_ups_terms(keeping->policy, follow_up->rule));
	if (before.contact_by_ms == follow_up->contact_by_ms &&
		before.resolve_by_ms == follow_up->resolve_by_ms &&
		before.next_due_ms == follow_up->next_due_ms)
		return true;
	return store_change_follow_up(keeping->store, follow_up, err);
}

static bool
recompute_slice(struct keeping *keeping, struct due_job *job, struct err *err)
{
	struct slice slice = {.count = 0};
	bool good = store_each_follow_up(keeping->store, job->after,
		DUE_RECOMPUTE_SLICE, on_one, &slice, err);

	for (size_t i = 0; good && i < slice.count; i++) {
		pulse_beat(keeping->pulse, keeping->clock);
		count_orphan(keeping, slice.items[i], &job->orphans);
		good = recompute(keeping, slice.items[i], err);
		job->after = slice.items[i]->row;
	}
	job->handled = (int)slice.count;
	job->more = slice.count == DUE_RECOMPUTE_SLICE;
	slice_done(&slice);
	return good;
}

bool
due_run(struct keeping *keeping, struct due_job *job, struct err *err)
{
	memset(job->fired, 0, sizeof(job->fired));
	return job->recomputes ? recompute_slice(keeping, job, err)
			       : fire_slice(keeping, job, err);
}
