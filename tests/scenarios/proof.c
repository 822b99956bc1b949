/* proof - what must be true of npsd whatever happened to it. */
#include "proof.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_value.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/time.h"
#include "crypt/link_token.h"
#include "flow/dispatch.h"
#include "flow/keeper.h"
#include "flow/policy.h"
#include "flow/silencing.h"
#include "nps/watches.h"
#include "nps/audit.h"
#include "store/store.h"
#include "store/store_follow_ups.h"

/* Why stage_cancel cancels. */
#define BY_HAND "a person"
/* Longer than a delivery is tried, and any clock of a drawn rule. */
#define REST_MS (20 * MS_PER_DAY)
/* Within that, no delivery that belongs to no answer is removed for its age. */
#define ALONE_KEPT_MS (29 * MS_PER_DAY)

/* ---- to rest ---- */

static void
on_ended(struct job *job)
{
	silence_job_free((struct silence_job *)job);
}

static void
end_silences(struct stage *stage)
{
	json_t *rows = stage_list(stage, STORE_SILENCES), *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		struct silence_job *job = silence_job_end(
			atoll(json_string_at(row, "row")), "ops");

		job->job.done = on_ended;
		silence_job_send(stage_keeper(stage), job);
		stage_turn(stage);
	}
	json_decref(rows);
}

void
proof_rest(struct stage *stage)
{
	const struct policy *policy = stage_policy(stage);

	for (size_t i = 0; i < policy->action_count; i++) {
		const char *name = policy->actions[i].name;

		stage_receiver(stage, name, 200, -1);
		dispatch_resume(stage_dispatch(stage), name, NULL, NULL);
		stage_turn(stage);
	}
	end_silences(stage);
	stage_pass(stage, REST_MS);
}

/* ---- what holds ---- */

struct proof {
	struct stage *stage;
	struct buf *why; /* empty: good so far */
	json_t *deliveries, *receivers;
};

static void
wrong(struct proof *proof, const json_t *row, const char *words)
{
	char *text;

	if (proof->why->length > 0)
		return;
	text = json_text_with(row, JSON_COMPACT | JSON_ENCODE_ANY);
	buf_printf(proof->why, "%s: %s", words, text);
	free(text);
}

static bool
is(const json_t *row, const char *name, const char *value)
{
	return text_same(json_string_at(row, name), value);
}

/* What its receiver saw of it. */
static const json_t *
seen(const struct proof *proof, const json_t *delivery, const char *what)
{
	const json_t *receiver = json_object_get(
		proof->receivers, json_string_at(delivery, "action"));

	return json_object_get(json_object_get(receiver, what),
		json_string_at(delivery, "id"));
}

static void
check_delivery(struct proof *proof, const json_t *delivery)
{
	const json_t *storm = json_object_get(delivery, "storm");
	const json_t *taken = seen(proof, delivery, "taken");
	const char *state = json_string_at(delivery, "state");

	if (text_same(state, "delivered")) {
		if (taken == NULL)
			wrong(proof, delivery, "delivered, and nobody took it");
	} else if (text_same(state, "folded")) {
		if (!json_is_object(storm) || is(storm, "state", "pending") ||
			is(storm, "state", "claimed") ||
			is(storm, "state", "retrying"))
			wrong(proof, delivery, "folded, and not told of");
		else if (is(storm, "state", "cancelled") &&
			 !is(storm, "reason", BY_HAND))
			wrong(proof, delivery, "folded into what is not told");
		if (taken != NULL)
			wrong(proof, delivery, "folded, and told by itself");
	} else if (!text_same(state, "dead") &&
		   !text_same(state, "cancelled")) {
		wrong(proof, delivery, "it still waits");
	} else if (json_string_at(delivery, "reason") == NULL) {
		wrong(proof, delivery, "it has no reason");
	} else if (taken != NULL) {
		wrong(proof, delivery, "taken, and not delivered");
	} else if (text_same(state, "cancelled") &&
		   !is(delivery, "reason", BY_HAND) &&
		   seen(proof, delivery, "tried") != NULL) {
		wrong(proof, delivery, "sent, and taken back");
	}
}

/* Alerts of one answer through one action. */
static void
check_twins(struct proof *proof, const json_t *delivery, size_t at)
{
	static const char *const same[] = {
		"response", "action", "recipient", "cause"};
	const json_t *other;
	size_t i;

	if (!is(delivery, "cause", "alert"))
		return;
	json_array_foreach(proof->deliveries, i, other)
	{
		bool twin = i != at;

		for (size_t k = 0; twin && k < 4; k++)
			twin = json_equal(json_object_get(delivery, same[k]),
				json_object_get(other, same[k]));
		if (twin)
			wrong(proof, delivery, "there is another alert of it");
	}
}

static void
check_deliveries(struct proof *proof)
{
	const json_t *delivery, *receiver;
	const char *name;
	size_t i;

	json_array_foreach(proof->deliveries, i, delivery)
	{
		check_delivery(proof, delivery);
		check_twins(proof, delivery, i);
	}
	json_object_foreach(
		(json_t *)(uintptr_t)proof->receivers, name, receiver)
	{
		if (json_integer_value(json_object_get(receiver, "changed")) !=
			0)
			wrong(proof, json_string(name),
				"it saw an id with two bodies");
	}
}

/* How many a storm's message told of are folded into it: fewer only where a
 * person had them told by themselves. */
static void
check_storms(struct proof *proof)
{
	const json_t *message;
	size_t i;

	json_array_foreach(proof->deliveries, i, message)
	{
		const json_t *body = seen(proof, message, "tried");
		const json_t *folded = json_object_get(message, "folded");
		json_t *root, *count;

		if (!is(message, "cause", "storm") || body == NULL)
			continue;
		root = json_loads(json_string_value(body), 0, NULL);
		count = json_object_get(
			json_object_get(root, "storm"), "count");
		if (json_integer_value(folded) > json_integer_value(count))
			wrong(proof, message, "more folded than it told of");
		json_decref(root);
	}
}

/* ---- what is told of figures ---- */

/* The member `what` of the body of a delivery. New, NULL: none was tried. */
static json_t *
told_of(const struct proof *proof, const json_t *delivery, const char *what)
{
	const json_t *body = seen(proof, delivery, "tried");
	json_t *root = json_loads(
		body != NULL ? json_string_value(body) : "", 0, NULL);
	json_t *member = json_incref(json_object_get(root, what));

	json_decref(root);
	return member;
}

/* Of a digest, a time and a value there is one; but where the clock was set back
 * so far that its times come again, they may be another action's by then. */
static void
check_digest(struct proof *proof, const json_t *delivery, json_t *sent)
{
	bool again = stage_set_back_ms(proof->stage) > MS_PER_DAY;
	json_t *digest = told_of(proof, delivery, "digest");
	const char *value = json_string_at(digest, "value");
	char *name = mem_printf("%s %s %s %s %s",
		json_string_at(digest, "name"),
		json_string_at(digest, "due_at"), value != NULL ? value : "",
		again ? json_string_at(delivery, "action") : "",
		again ? json_string_at(delivery, "recipient") : "");

	if (digest != NULL && json_object_get(sent, name) != NULL)
		wrong(proof, digest, "a digest was sent twice");
	if (digest != NULL)
		json_object_set_new(sent, name, json_true());
	free(name);
	json_decref(digest);
}

static int64_t
rearm_of(const struct proof *proof, const char *name)
{
	const struct watches *watches = stage_policy(proof->stage)->watches;

	for (size_t i = 0; i < watches->count; i++)
		if (text_same(watches->items[i]->name, name))
			return watches->items[i]->terms.rearm_ms;
	return 0;
}

/* alarms: of what is watched -> {since: {who was told}}, all of them before
 * this one. */
static void
check_alarm(struct proof *proof, const json_t *delivery, const json_t *watch,
	json_t *alarms)
{
	int64_t since_ms = json_time_at(watch, "since");
	int64_t rearm_ms = rearm_of(proof, json_string_at(watch, "name")) -
			   stage_set_back_ms(proof->stage);
	const char *since = json_string_at(watch, "since"), *other;
	char *whom = mem_printf("%s %s", json_string_at(delivery, "action"),
		json_string_at(delivery, "recipient"));
	json_t *told, *those = json_object_get(alarms, since);

	json_object_foreach(alarms, other, told)
	{
		int64_t other_ms = 0;
		struct err err;

		if (time_from_rfc3339(other, strlen(other), &other_ms, &err) &&
			!text_same(other, since) &&
			llabs(since_ms - other_ms) < rearm_ms)
			wrong(proof, watch, "it was not armed again yet");
	}
	if (json_object_get(those, whom) != NULL)
		wrong(proof, watch, "an alarm was told twice");
	if (those == NULL) {
		those = json_object();
		json_object_set_new(alarms, since, those);
	}
	json_object_set_new(those, whom, json_true());
	free(whom);
}

static char *
watched_name(const json_t *watch, bool recovered)
{
	const char *value = json_string_at(watch, "value");

	return mem_printf("%s %s%s", json_string_at(watch, "name"),
		value != NULL ? value : "", recovered ? " recovered" : "");
}

static void
check_watch(struct proof *proof, const json_t *delivery, json_t *watched)
{
	json_t *watch = told_of(proof, delivery, "watch"), *alarms;
	char *name;

	if (watch == NULL)
		return;
	name = watched_name(
		watch, json_is_true(json_object_get(watch, "recovered")));
	alarms = json_object_get(watched, name);
	if (alarms == NULL) {
		alarms = json_object();
		json_object_set_new(watched, name, alarms);
	}
	check_alarm(proof, delivery, watch, alarms);
	free(name);
	json_decref(watch);
}

/* What alarms now was told, but for what had to be quiet. */
static void
check_firing(struct proof *proof)
{
	json_t *watches = stage_watches(proof->stage), *watch, *firing;
	size_t i, k;

	json_array_foreach(watches, i, watch)
		json_array_foreach(json_object_get(watch, "firing"), k, firing)
	{
		const json_t *delivery;
		bool told = false;
		size_t n;

		json_array_foreach(proof->deliveries, n, delivery) told |=
			is(delivery, "cause", "watch") &&
			is(delivery, "rule", json_string_at(watch, "name")) &&
			is(delivery, "created_at",
				json_string_at(firing, "since"));
		if (!told && !json_is_true(json_object_get(firing, "quiet")) &&
			stage_set_back_ms(proof->stage) == 0 &&
			stage_now_ms(proof->stage) -
					json_time_at(firing, "since") <
				ALONE_KEPT_MS)
			wrong(proof, firing, "an alarm that was not told");
	}
	json_decref(watches);
}

static void
check_figures_told(struct proof *proof)
{
	json_t *sent = json_object(), *watched = json_object();
	const json_t *delivery;
	size_t i;

	json_array_foreach(proof->deliveries, i, delivery)
	{
		if (is(delivery, "cause", "digest"))
			check_digest(proof, delivery, sent);
		else if (is(delivery, "cause", "watch"))
			check_watch(proof, delivery, watched);
	}
	check_firing(proof);
	json_decref(sent);
	json_decref(watched);
}

struct scoping {
	struct errand errand;
	json_t *scopes;
	bool twice;
};

static void
keep_scope(const struct follow_up *follow_up, void *context)
{
	struct scoping *scoping = context;

	scoping->twice |=
		json_object_get(scoping->scopes, follow_up->scope) != NULL;
	json_object_set_new(scoping->scopes, follow_up->scope, json_true());
}

static bool
run_scopes(struct errand *errand, struct store_writer *store,
	struct tally *tally, int64_t now_ms, struct err *err)
{
	(void)tally;
	(void)now_ms;
	return store_each_follow_up(
		store, 0, STORE_LIST_LIMIT, keep_scope, errand, err);
}

static void
on_scopes(struct job *job)
{
	(void)job;
}

/* Of a customer or an account at most one is unfinished. */
static void
check_scopes(struct proof *proof)
{
	struct scoping scoping = {.scopes = json_object()};

	scoping.errand.job.type = JOB_ERRAND;
	scoping.errand.job.done = on_scopes;
	scoping.errand.run = run_scopes;
	keeper_submit(stage_keeper(proof->stage), &scoping.errand.job, 0);
	keeper_step(stage_keeper(proof->stage));
	if (!scoping.errand.job.good || scoping.twice)
		wrong(proof, scoping.scopes, "two unfinished of one scope");
	json_decref(scoping.scopes);
}

static void
check_follow_ups(struct proof *proof)
{
	json_t *rows = stage_list(proof->stage, STORE_FOLLOW_UPS), *row;
	size_t i;

	check_scopes(proof);
	json_array_foreach(rows, i, row)
	{
		int64_t due_ms = json_time_at(row, "next_due_at");

		if (due_ms == 0)
			continue;
		if (!is(row, "state", "open") && !is(row, "state", "contacted"))
			wrong(proof, row, "closed, and due");
		if (due_ms <= stage_now_ms(proof->stage))
			wrong(proof, row, "it was due");
	}
	json_decref(rows);
}

/* What fired last asks for an alert: not all were taken back as not wanted. */
static bool
is_wanted_still(const json_t *line, const json_t *explained)
{
	const json_t *deliveries = json_object_get(explained, "deliveries");
	const json_t *delivery;
	size_t i;

	if (json_string_at(line, "rule") == NULL ||
		!is(line, "alert", "cancelled"))
		return true;
	json_array_foreach(deliveries, i, delivery)
	{
		const char *reason = json_string_at(delivery, "reason");

		if (!is(delivery, "state", "cancelled") || reason == NULL ||
			!text_starts(reason, "the answer was amended"))
			return true;
	}
	return false;
}

static void
check_audit(struct proof *proof)
{
	json_t *rows = stage_list(proof->stage, STORE_RESPONSES), *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		json_t *explained, *line;
		const char *hangs;

		if (!is(row, "category", "detractor"))
			continue;
		explained = stage_explain(
			proof->stage, atoll(json_string_at(row, "row")));
		line = audit_line(explained, stage_now_ms(proof->stage));
		hangs = json_string_at(line, "hangs");
		if (hangs != NULL && strstr(hangs, "overdue") == NULL &&
			strstr(hangs, "is dead") == NULL)
			wrong(proof, line, "it hangs");
		if (json_string_at(line, "rule") != NULL
				? json_string_at(line, "alert") == NULL
				: json_string_at(line, "why_not") == NULL)
			wrong(proof, line, "neither told nor explained");
		if (!is_wanted_still(line, explained))
			wrong(proof, line, "taken back, and wanted");
		json_decref(line);
		json_decref(explained);
	}
	json_decref(rows);
}

/* What the proof is about, as a comment of TAP. */
static void
tell(const struct proof *proof)
{
	json_t *kinds = json_object();
	json_t *delivery, *count;
	const char *kind;
	size_t i;

	json_array_foreach(proof->deliveries, i, delivery)
	{
		char *name =
			mem_printf("%s %s", json_string_at(delivery, "cause"),
				json_string_at(delivery, "state"));

		count = json_object_get(kinds, name);
		json_object_set_new(kinds, name,
			json_integer(json_integer_value(count) + 1));
		free(name);
	}
	printf("#");
	json_object_foreach(kinds, kind, count) printf(
		" %s: %lld;", kind, (long long)json_integer_value(count));
	printf("\n");
	json_decref(kinds);
}

bool
proof_holds(struct stage *stage, struct buf *why)
{
	struct proof proof = {
		.stage = stage,
		.why = why,
		.deliveries = stage_list(stage, STORE_DELIVERIES),
		.receivers = stage_receivers(stage),
	};
	char difference[200];

	tell(&proof);
	check_deliveries(&proof);
	check_storms(&proof);
	check_figures_told(&proof);
	check_follow_ups(&proof);
	check_audit(&proof);
	if (keeper_is_failing(stage_keeper(stage)))
		buf_append_text(why, "the store fails");
	if (!stage_counts_hold(stage, difference, sizeof(difference)) &&
		why->length == 0)
		buf_append_text(why, difference);
	json_decref(proof.deliveries);
	json_decref(proof.receivers);
	return why->length == 0;
}

/* ---- alike ---- */

/* Down to where they differ, if that is in one place of the same shape. */
static void
narrow(const json_t **one, const json_t **other, struct buf *where)
{
	const json_t *member;
	const char *name;
	size_t i;

	json_object_foreach((json_t *)(uintptr_t)*one, name, member)
	{
		const json_t *twin = json_object_get(*other, name);

		if (twin == NULL || json_equal(member, twin))
			continue;
		buf_printf(where, "/%s", name);
		*one = member;
		*other = twin;
		narrow(one, other, where);
		return;
	}
	json_array_foreach(*one, i, member)
	{
		const json_t *twin = json_array_get(*other, i);

		if (twin == NULL || json_equal(member, twin))
			continue;
		buf_printf(where, "/%zu", i);
		*one = member;
		*other = twin;
		narrow(one, other, where);
		return;
	}
}

static bool
same_json(const json_t *one, const json_t *other, const char *what,
	struct buf *why)
{
	char *texts[2];

	if (json_equal(one, other))
		return true;
	buf_append_text(why, what);
	narrow(&one, &other, why);
	texts[0] = json_text_with(one, JSON_COMPACT | JSON_ENCODE_ANY);
	texts[1] = json_text_with(other, JSON_COMPACT | JSON_ENCODE_ANY);
	buf_printf(why, " is %s, not %s", texts[1], texts[0]);
	free(texts[0]);
	free(texts[1]);
	return false;
}

static bool
same_rows(struct stage *one, struct stage *other, int list, const char *what,
	struct buf *why)
{
	json_t *rows[] = {stage_list(one, list), stage_list(other, list)};
	size_t count = json_array_size(rows[0]);
	bool same = true;

	for (size_t i = 0; same && i < count; i++)
		same = same_json(json_array_get(rows[0], i),
			json_array_get(rows[1], i), what, why);
	if (same && json_array_size(rows[1]) != count) {
		buf_printf(why, "%s: %zu of %zu", what,
			json_array_size(rows[1]), count);
		same = false;
	}
	for (size_t i = 0; same && list == STORE_RESPONSES && i < count; i++) {
		int64_t row = atoll(
			json_string_at(json_array_get(rows[0], i), "row"));
		json_t *explained[] = {
			stage_explain(one, row), stage_explain(other, row)};

		same = same_json(explained[0], explained[1], "explained", why);
		json_decref(explained[0]);
		json_decref(explained[1]);
	}
	json_decref(rows[0]);
	json_decref(rows[1]);
	return same;
}

/* Each store has a key of its own, so that tokens of links differ. */
static json_t *
receivers_of(const struct stage *stage)
{
	json_t *receivers = stage_receivers(stage);
	char *text = json_text(receivers);

	json_decref(receivers);
	for (char *at = strstr(text, LINK_TOKEN_PATH); at != NULL;
		at = strstr(at, LINK_TOKEN_PATH)) {
		at += strlen(LINK_TOKEN_PATH);
		memset(at, 'x', link_token_span(at));
	}
	receivers = json_loads(text, 0, NULL);
	free(text);
	return receivers;
}

bool
proof_same(struct stage *one, struct stage *other, struct buf *why)
{
	static const struct {
		int list;
		const char *name;
	} lists[] = {
		{STORE_RESPONSES, "answer"},
		{STORE_FOLLOW_UPS, "follow-up"},
		{STORE_DELIVERIES, "delivery"},
		{STORE_SILENCES, "silence"},
		{STORE_REJECTED, "rejected record"},
	};
	json_t *receivers[] = {receivers_of(one), receivers_of(other)};
	bool same = true;

	for (size_t i = 0; same && i < sizeof(lists) / sizeof(lists[0]); i++)
		same = same_rows(one, other, lists[i].list, lists[i].name, why);
	if (same)
		same = same_json(receivers[0], receivers[1], "receivers", why);
	json_decref(receivers[0]);
	json_decref(receivers[1]);
	return same;
}
