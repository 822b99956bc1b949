/* replaying - kept answers judged anew by the rules of today. */
#include "flow/replaying.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "flow/alerts.h"
#include "flow/cooling.h"
#include "flow/following.h"
#include "flow/silencing.h"
#include "nps/cooldown.h"
#include "store/store_cooldown.h"

/* One answer while it is judged anew. */
struct replaying {
	struct keeping *keeping;
	struct replay_job *job;
	const struct rules *rules;
	size_t only; /* index of job->rule; rules->count: all */
	int64_t row;
	/* as it is kept */
	struct response *response;
	char *verdicts;
	int64_t revision;
	/* as it is judged now */
	struct previous previous;
	json_t *standing; /* actions that have had an alert; a set */
	json_t *alerts;	  /* [{"rule","action"}] that are new */
};

static void
on_answer(const struct answer_row *row, void *context)
{
	struct replaying *replaying = context;
	struct err err;

	if (row->content == NULL)
		return;
	replaying->response =
		response_restore(row->content, row->content_length,
			replaying->keeping->policy->contact_default, &err);
	replaying->verdicts = mem_strdup(row->verdicts);
	replaying->revision = row->revision;
}

static void
on_alert(const struct delivery_row *delivery, void *context)
{
	if (alerts_stands(delivery))
		json_object_set_new(context, delivery->action, json_true());
}

/* ---- what is counted ---- */

static void
count_in(json_t *object, const char *name)
{
	json_object_set_new(object, name,
		json_integer(
			json_integer_value(json_object_get(object, name)) + 1));
}

static void
count(struct replaying *replaying, const char *name)
{
	count_in(replaying->job->told, name);
}

static void
count_rule(struct replaying *replaying, const char *rule, const char *name)
{
	json_t *rules = json_object_get(replaying->job->told, "rules");

	if (json_object_get(rules, rule) == NULL)
		json_object_set_new(rules, rule, json_object());
	count_in(json_object_get(rules, rule), name);
}

/* Any of the verdicts. */
static bool
any_is(const struct replaying *replaying, enum verdict_end end)
{
	for (size_t i = 0; i < replaying->rules->count; i++)
		if (replaying->keeping->verdicts[i].end == end)
			return true;
	return false;
}

static void
count_why_not(struct replaying *replaying)
{
	if (any_is(replaying, VERDICT_TOO_OLD))
		count(replaying, "too_old");
	if (any_is(replaying, VERDICT_COOLDOWN))
		count(replaying, "cooldown");
	if (any_is(replaying, VERDICT_SILENCED))
		count(replaying, "silenced");
}

/* ---- judging ---- */

/* Dry, an alert of this replay begins no cooldown that the next answer would
 * find: what would have begun is remembered. */
static void
expect_cooldowns(struct replaying *replaying)
{
	struct keeping *keeping = replaying->keeping;

	for (size_t i = 0; i < replaying->rules->count; i++) {
		const struct rule *rule = replaying->rules->items[i];
		char *key = cooldown_key(&rule->cooldown, replaying->response);
		char *name = key != NULL ? mem_printf("%s %s", rule->name, key)
					 : NULL;

		if (name != NULL && keeping->verdicts[i].end == VERDICT_FIRED &&
			json_object_get(replaying->job->cooled, name) != NULL)
			keeping->verdicts[i].end = VERDICT_COOLDOWN;
		free(name);
		free(key);
	}
}

static void
remember_cooldown(struct replaying *replaying, const struct rule *rule)
{
	char *key = cooldown_key(&rule->cooldown, replaying->response);
	char *name = key != NULL ? mem_printf("%s %s", rule->name, key) : NULL;

	if (name != NULL)
		json_object_set_new(replaying->job->cooled, name, json_true());
	free(name);
	free(key);
}

static bool
judge(struct replaying *replaying, const struct subject *subject,
	struct err *err)
{
	struct keeping *keeping = replaying->keeping;

	judge_answer(
		keeping->judge, subject, keeping->now_ms, keeping->verdicts);
	silences_decide(&keeping->silences, replaying->rules, subject,
		keeping->now_ms, keeping->verdicts);
	if (!cooling_check(
		    keeping, subject, replaying->row, keeping->now_ms, err))
		return false;
	if (replaying->job->dry)
		expect_cooldowns(replaying);
	return true;
}

/* What others than the rule that is replayed ask for is none of its business. */
static void
narrow(struct replaying *replaying)
{
	struct verdict *verdicts = replaying->keeping->verdicts;

	for (size_t i = 0; i < replaying->rules->count; i++)
		if (replaying->only < replaying->rules->count &&
			i != replaying->only &&
			(verdicts[i].end == VERDICT_FIRED ||
				verdicts[i].end == VERDICT_COOLDOWN ||
				verdicts[i].end == VERDICT_SILENCED))
			verdicts[i].end = VERDICT_SHADOW;
}

/* ---- the verdicts, then and now ---- */

static json_t *
list_of(const char *text)
{
	struct json_fault fault;
	json_t *list =
		text != NULL ? json_read(text, strlen(text), &fault) : NULL;

	return list != NULL ? list : json_array();
}

/* The one about a rule; lent. *at: its place, or behind the last. */
static json_t *
find_rule(const json_t *list, const char *rule, size_t *at)
{
	for (*at = 0; *at < json_array_size(list); (*at)++) {
		json_t *one = json_array_get(list, *at);
		const char *name = json_string_at(one, "rule");

		if (name != NULL && strcmp(name, rule) == 0)
			return one;
	}
	return NULL;
}

/* As they are to be kept: where one rule alone is replayed, the others' stay. */
static json_t *
verdicts_now(const struct replaying *replaying, const json_t *before)
{
	json_t *now =
		list_of(verdict_texts_of(replaying->keeping->verdict_texts,
			replaying->keeping->verdicts));
	const char *name = replaying->job->rule;
	json_t *merged;
	size_t at, from;

	if (name == NULL)
		return now;
	merged = json_copy((json_t *)(uintptr_t)before);
	if (find_rule(merged, name, &at) != NULL)
		json_array_set(merged, at, find_rule(now, name, &from));
	else
		json_array_append(merged, find_rule(now, name, &from));
	json_decref(now);
	return merged;
}

static const char *
verdict_at(const json_t *list, const char *rule)
{
	size_t at;

	return json_string_at(find_rule(list, rule, &at), "verdict");
}

static bool
is(const char *verdict, const char *name)
{
	return verdict != NULL && strcmp(verdict, name) == 0;
}

/* A rule that was not there and has nothing to do with the answer is no news. */
static bool
is_news(const char *was, const char *now)
{
	if (was != NULL)
		return now == NULL ? is(was, "fired") : !is(was, now);
	return !is(now, "no_match") && !is(now, "when_false") &&
	       !is(now, "not_asked");
}

static void
add_difference(json_t *list, const char *rule, const char *was, const char *now)
{
	if (is_news(was, now))
		json_array_append_new(
			list, json_pack("{s:s, s:s?, s:s?}", "rule", rule,
				      "before", was, "now", now));
}

/* [{"rule","before","now"}] of those that differ; null: it was not there, or is
 * not any more. */
static json_t *
differences(
	struct replaying *replaying, const json_t *before, const json_t *now)
{
	json_t *list = json_array();
	const json_t *one;
	size_t i;

	json_array_foreach(now, i, one)
	{
		const char *rule = json_string_at(one, "rule");
		const char *verdict = json_string_at(one, "verdict");

		if (is(verdict, "fired"))
			count_rule(replaying, rule, "now");
		add_difference(list, rule, verdict_at(before, rule), verdict);
	}
	json_array_foreach(before, i, one)
	{
		const char *rule = json_string_at(one, "rule");
		const char *verdict = json_string_at(one, "verdict");

		if (rule == NULL || verdict == NULL)
			continue;
		if (is(verdict, "fired"))
			count_rule(replaying, rule, "before");
		if (verdict_at(now, rule) == NULL)
			add_difference(list, rule, verdict, NULL);
	}
	return list;
}

/* ---- what would be sent ---- */

static bool
find_new_alerts(struct replaying *replaying, struct err *err)
{
	struct keeping *keeping = replaying->keeping;
	size_t limit = keeping->policy->action_count;
	struct wanted *wanted = mem_new(limit + 1, sizeof(*wanted));
	size_t count_wanted = decide_wanted(
		replaying->rules, keeping->verdicts, wanted, limit);
	bool good = count_wanted == 0 ||
		    store_each_alert(keeping->store, replaying->row, on_alert,
			    replaying->standing, err);

	for (size_t i = 0; good && i < count_wanted; i++) {
		const char *action = wanted[i].action;
		const struct rule *rule =
			replaying->rules->items[wanted[i].rule];

		if (json_object_get(replaying->standing, action) != NULL) {
			count(replaying, "alerted");
			continue;
		}
		json_array_append_new(replaying->alerts,
			json_pack("{s:s, s:s}", "rule", rule->name, "action",
				action));
		count(replaying, "alerts");
		count_rule(replaying, rule->name, "alerts");
		count_in(json_object_get(replaying->job->told, "actions"),
			action);
		if (replaying->job->dry)
			remember_cooldown(replaying, rule);
	}
	free(wanted);
	return good;
}

/* The first that fired and opens follow-ups. */
static bool
asks_for_follow_up(const struct replaying *replaying)
{
	for (size_t i = 0; i < replaying->rules->count; i++) {
		enum verdict_end end = replaying->keeping->verdicts[i].end;

		if (replaying->rules->items[i]->follow_up.given &&
			(end == VERDICT_FIRED || end == VERDICT_COOLDOWN ||
				end == VERDICT_SILENCED))
			return true;
	}
	return false;
}

/* One that there is stays as it is. */
static bool
follow(struct replaying *replaying, const struct subject *subject,
	struct following *following, struct err *err)
{
	if (!following_find(replaying->keeping, replaying->row, following, err))
		return false;
	if (following->follow_up != NULL || !asks_for_follow_up(replaying))
		return true;
	count(replaying, "follow_ups");
	return replaying->job->dry ||
	       following_settle(replaying->keeping, subject, replaying->row,
		       NULL, following, err);
}

/* ---- writing ---- */

/* A cooldown begins with an alert of this replay, not with one of long ago. */
static bool
cool(struct replaying *replaying, const struct subject *subject, bool alerted,
	struct err *err)
{
	struct verdict *verdicts = replaying->keeping->verdicts;

	for (size_t i = 0; !alerted && i < replaying->rules->count; i++)
		if (verdicts[i].end == VERDICT_FIRED)
			verdicts[i].end = VERDICT_SHADOW;
	return cooling_keep(replaying->keeping, subject, replaying->row,
		replaying->keeping->now_ms, err);
}

static bool
write_verdicts(
	struct replaying *replaying, const json_t *verdicts, struct err *err)
{
	struct keeping *keeping = replaying->keeping;
	struct replayed_row replayed = {
		.answer = replaying->row,
		.revision = replaying->revision,
		.at_ms = keeping->now_ms,
		.by = replaying->job->by,
		.rule = replaying->job->rule,
	};
	char *text = json_text(verdicts);
	bool good = store_set_verdicts(keeping->store, replaying->row, text,
			    replaying->rules->hash, err) &&
		    store_put_replayed(keeping->store, &replayed, err);

	free(text);
	return good;
}

static bool
write_alerts(struct replaying *replaying, const struct subject *subject,
	const struct following *following, struct err *err)
{
	struct alerts_replay replay = {replaying->job->due_ms, 0};
	const struct alerts_of about = {
		.subject = subject,
		.row = replaying->row,
		.amends = true,
		.following = following,
		.replay = &replay,
	};

	if (!silencing_count(replaying->keeping, err) ||
		!alerts_write(replaying->keeping, NULL, &about, err))
		return false;
	replaying->job->due_ms = replay.due_ms;
	return cool(replaying, subject, replay.added > 0, err);
}

/* ---- one answer ---- */

static void
tell_item(struct replaying *replaying, json_t *changes)
{
	json_t *items = json_object_get(replaying->job->told, "items");
	char row[24];

	if (json_array_size(changes) > 0)
		count(replaying, "changed");
	if (json_array_size(items) < REPLAY_ITEMS_LIMIT &&
		(json_array_size(changes) > 0 ||
			json_array_size(replaying->alerts) > 0)) {
		snprintf(row, sizeof(row), "%" PRId64, replaying->row);
		json_array_append_new(items,
			json_pack("{s:s, s:s, s:s?, s:O, s:O}", "row", row,
				"survey", replaying->response->survey, "id",
				replaying->response->id, "verdicts", changes,
				"alerts", replaying->alerts));
	}
	json_decref(changes);
}

static bool
decide(struct replaying *replaying, struct err *err)
{
	struct subject subject = {replaying->response, &replaying->previous};
	struct following following = {NULL, false};
	json_t *before = list_of(replaying->verdicts), *now = NULL;
	bool good =
		alerts_find_previous(replaying->keeping, replaying->response,
			replaying->row, &replaying->previous, err) &&
		judge(replaying, &subject, err);

	if (good) {
		now = verdicts_now(replaying, before);
		narrow(replaying);
		count_why_not(replaying);
		good = follow(replaying, &subject, &following, err) &&
		       find_new_alerts(replaying, err);
	}
	if (good)
		tell_item(replaying, differences(replaying, before, now));
	if (good && !replaying->job->dry)
		good = write_verdicts(replaying, now, err) &&
		       write_alerts(replaying, &subject, &following, err);
	following_done(&following);
	json_decref(before);
	json_decref(now);
	return good;
}

static bool
replay(struct keeping *keeping, struct replay_job *job, size_t only,
	int64_t row, struct err *err)
{
	struct replaying replaying = {
		.keeping = keeping,
		.job = job,
		.rules = keeping->policy->rules,
		.only = only,
		.row = row,
	};
	bool good = store_get_answer(keeping->store, row, on_answer, &replaying,
			    err) != STORE_ERROR;

	if (good)
		count(&replaying, "looked");
	if (good && replaying.response == NULL) {
		count(&replaying, "unreadable");
	} else if (good) {
		replaying.standing = json_object();
		replaying.alerts = json_array();
		good = decide(&replaying, err);
	}
	json_decref(replaying.standing);
	json_decref(replaying.alerts);
	response_free(replaying.response);
	free(replaying.verdicts);
	return good;
}

/* ---- slices ---- */

static bool
choose(struct keeping *keeping, struct replay_job *job, int64_t *rows,
	int *chosen, struct err *err)
{
	int64_t last;

	if (job->only > 0) {
		rows[0] = job->row = job->only;
		*chosen = 1;
		job->more = false;
		return true;
	}
	if (job->upto == 0) {
		if (!store_last_answer(keeping->store, &last, err))
			return false;
		job->upto = last;
	}
	return store_choose_answers(keeping->store, &job->choice, job->upto,
		&job->row, rows, REPLAY_SLICE_ANSWERS, chosen, &job->more, err);
}

static bool
find_only(const struct keeping *keeping, struct replay_job *job, size_t *only)
{
	const struct rules *rules = keeping->policy->rules;

	*only = 0;
	while (*only < rules->count && job->rule != NULL &&
		strcmp(rules->items[*only]->name, job->rule) != 0)
		(*only)++;
	job->no_rule = job->rule != NULL && *only == rules->count;
	if (job->rule == NULL)
		*only = rules->count;
	return !job->no_rule;
}

static bool
run(struct keeping *keeping, struct replay_job *job, struct err *err)
{
	int64_t began_us = clock_monotonic_us(keeping->clock);
	int64_t rows[REPLAY_SLICE_ANSWERS];
	int chosen;
	size_t only;

	job->more = false;
	if (!find_only(keeping, job, &only))
		return true;
	if (!choose(keeping, job, rows, &chosen, err))
		return false;
	for (int i = 0; i < chosen; i++) {
		pulse_beat(keeping->pulse, keeping->clock);
		if (!replay(keeping, job, only, rows[i], err))
			return false;
		if (i + 1 < chosen &&
			clock_monotonic_us(keeping->clock) - began_us >=
				REPLAY_SLICE_US) {
			job->row = rows[i];
			job->more = true;
			break;
		}
	}
	return true;
}

bool
replaying_run(struct keeping *keeping, struct replay_job *job, struct err *err)
{
	int64_t row = job->row, due_ms = job->due_ms;

	if (!store_savepoint(keeping->store, err))
		return false;
	json_decref(job->told);
	job->told = replay_report_new();
	job->job.good = run(keeping, job, &job->job.err);
	if (job->job.good)
		return store_keep(keeping->store, err);
	store_undo(keeping->store);
	job->row = row;
	job->due_ms = due_ms;
	return !store_is_broken(keeping->store) ||
	       err_set(err, "%s", job->job.err.text);
}
