/* alerts - which alerts an answer has, against which it should have. */
#include "flow/alerts.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "nps/alert.h"

/* Most alerts that one answer may cause. */
enum { KEEP_ALERTS_LIMIT = RULE_ACTIONS_LIMIT * 4 };

/* The answer's alerts as they stand. */
struct standing_alerts {
	struct existing items[KEEP_ALERTS_LIMIT];
	size_t count;
};

/* What the alerts of one answer share while they are written. */
struct alerting {
	struct keeping *keeping;
	struct keep_job *job;
	const struct response *response;
	int64_t row;
	json_t *document;
	char *key;
};

bool
alerts_find_previous(struct keeping *keeping, const struct response *response,
	int64_t except, struct previous *previous, struct err *err)
{
	memset(previous, 0, sizeof(*previous));
	if (response->customer == NULL || response->kind != RESPONSE_ANSWER)
		return true;
	return store_find_previous(keeping->store, response->survey,
		       response->customer, response->answered_ms, except,
		       previous, err) != STORE_ERROR;
}

json_t *
alerts_figures(struct keeping *keeping, const char *survey)
{
	json_t *figures = json_object_get(keeping->figures, survey);

	if (figures != NULL)
		return figures;
	figures = tally_figures_json(keeping->tally, survey);
	json_object_set_new(keeping->figures, survey, figures);
	return figures;
}

/* Takes one from the lane's room, so that the delivery may be born claimed. */
static bool
take_room(struct policy_action *action)
{
	int room = atomic_load(&action->room);

	while (room > 0)
		if (atomic_compare_exchange_weak(
			    &action->room, &room, room - 1))
			return true;
	return false;
}

static void
hand_over(struct alerting *alerting, const struct policy_action *action,
	const struct delivery_row *row)
{
	struct claimed *claimed = mem_new(1, sizeof(*claimed));

	claimed->row = row->row;
	memcpy(claimed->id, row->id, DELIVERY_ID_BYTES);
	claimed->action = mem_strdup(row->action);
	claimed->recipient = mem_strdup(row->recipient);
	claimed->created_ms = row->created_ms;
	claimed->body = mem_copy(row->body, row->body_length);
	claimed->body_length = row->body_length;
	claimed->room_of = action;
	claimed->next = alerting->job->claimed;
	alerting->job->claimed = claimed;
}

/* The body of one alert into `row`; what cannot be rendered is dead with its
 * reason: kept, listed, replayable. `unsent` is a recipient that could not be
 * told, with its reason. */
static void
render_alert(struct alerting *alerting, struct delivery_row *row,
	const char *failed, struct buf *body, struct err *why)
{
	struct keeping *keeping = alerting->keeping;
	struct alert alert = {
		.document = alerting->document,
		.delivery_id = row->id,
		.recipient = row->recipient,
		.created_ms = row->created_ms,
		.language = "",
	};

	alert_complete(alerting->document, row->rule,
		alerts_figures(keeping, alerting->response->survey), row->id);
	if (failed != NULL)
		err_set(why, "%s", failed);
	if (failed == NULL && renderers_render(keeping->renderers, row->action,
				      &alert, body, why)) {
		row->state = DELIVERY_PENDING;
		row->due_ms = keeping->now_ms;
		row->body = body->data;
		row->body_length = body->length;
		return;
	}
	row->state = DELIVERY_DEAD;
	row->settled_ms = keeping->now_ms;
	row->reason = why->text;
}

/* A wanted alert with the reason why its receiver is not known, if so. */
struct addressed {
	struct wanted wanted;
	char *recipient;
	char *failed;
};

static bool
add_alert(
	struct alerting *alerting, const struct addressed *to, struct err *err)
{
	struct keeping *keeping = alerting->keeping;
	struct policy_action *action =
		policy_action(keeping->policy, to->wanted.action);
	struct delivery_row row = {
		.cause = "alert",
		.answer = alerting->row,
		.rule = keeping->policy->rules->items[to->wanted.rule]->name,
		.action = to->wanted.action,
		.recipient = to->recipient,
		.created_ms = keeping->now_ms,
		.node = keeping->node,
	};
	char id[DELIVERY_ID_BYTES];
	struct buf body = {0};
	struct err why;
	bool born_claimed, good;

	delivery_id("alert", alerting->key, 0, row.action, row.recipient, id);
	row.id = id;
	render_alert(alerting, &row, to->failed, &body, &why);
	born_claimed = row.state == DELIVERY_PENDING && take_room(action);
	if (born_claimed) {
		row.state = DELIVERY_CLAIMED;
		row.lease_ms = keeping->now_ms + KEEPER_LEASE_MS;
	}
	good = store_put_delivery(keeping->store, &row, err);
	if (row.state == DELIVERY_PENDING)
		atomic_store(&action->waiting, true);
	if (good && born_claimed && row.row > 0)
		hand_over(alerting, action, &row);
	else if (born_claimed)
		atomic_fetch_add(&action->room, 1);
	buf_done(&body);
	return good;
}

static bool
change_alert(struct alerting *alerting, const struct addressed *to,
	const struct existing *existing, struct err *err)
{
	struct keeping *keeping = alerting->keeping;
	struct delivery_row row = {
		.row = existing->row,
		.cause = "alert",
		.answer = alerting->row,
		.rule = keeping->policy->rules->items[to->wanted.rule]->name,
		.action = existing->action,
		.recipient = existing->recipient,
		.created_ms = keeping->now_ms,
	};
	char id[DELIVERY_ID_BYTES];
	struct buf body = {0};
	struct err why;
	bool good;

	delivery_id("alert", alerting->key, 0, row.action, row.recipient, id);
	row.id = id;
	render_alert(alerting, &row, to->failed, &body, &why);
	good = store_change_delivery(keeping->store, &row, err);
	if (row.state == DELIVERY_PENDING)
		atomic_store(
			&policy_action(keeping->policy, row.action)->waiting,
			true);
	buf_done(&body);
	return good;
}

static bool
cancel_alert(struct alerting *alerting, const struct existing *existing,
	struct err *err)
{
	struct delivery_row row = {
		.row = existing->row,
		.rule = "",
		.state = DELIVERY_CANCELLED,
		.settled_ms = alerting->keeping->now_ms,
		.reason =
			"the answer was amended; no rule asks for it any more",
	};

	return store_change_delivery(alerting->keeping->store, &row, err);
}

static void
on_standing_alert(const struct delivery_row *delivery, void *context)
{
	struct standing_alerts *alerts = context;
	struct existing *item;

	if (alerts->count == KEEP_ALERTS_LIMIT)
		return;
	item = &alerts->items[alerts->count++];
	*item = (struct existing){
		.row = delivery->row,
		.action = mem_strdup(delivery->action),
		.recipient = mem_strdup(delivery->recipient),
		.state = delivery->state,
		.was_claimed = delivery->was_claimed,
	};
}

static void
standing_alerts_done(struct standing_alerts *alerts)
{
	for (size_t i = 0; i < alerts->count; i++) {
		free((void *)(uintptr_t)alerts->items[i].action);
		free((void *)(uintptr_t)alerts->items[i].recipient);
	}
}

/* One wanted action to as many as it has receivers. Returns the new count. */
static size_t
address(struct alerting *alerting, const struct wanted *wanted,
	struct addressed *to, size_t count)
{
	struct setting_texts recipients = {0};
	struct err why = {""};
	const char *rule =
		alerting->keeping->policy->rules->items[wanted->rule]->name;

	alert_complete(alerting->document, rule,
		alerts_figures(alerting->keeping, alerting->response->survey),
		"");
	if (!renderers_recipients(alerting->keeping->renderers, wanted->action,
		    alerting->document, &recipients, &why)) {
		to[count] = (struct addressed){
			*wanted, mem_strdup(""), mem_strdup(why.text)};
		to[count].wanted.recipient = to[count].recipient;
		return count + 1;
	}
	for (size_t i = 0; i < recipients.count && count < KEEP_ALERTS_LIMIT;
		i++, count++) {
		to[count] = (struct addressed){
			*wanted, mem_strdup(recipients.items[i]), NULL};
		to[count].wanted.recipient = to[count].recipient;
	}
	setting_texts_done(&recipients);
	return count;
}

static bool
carry_out(struct alerting *alerting, const struct addressed *to, size_t count,
	const struct standing_alerts *alerts, struct err *err)
{
	struct wanted wanted[KEEP_ALERTS_LIMIT];
	struct plan plan[KEEP_ALERTS_LIMIT * 2];
	size_t steps;
	bool good = true;

	for (size_t i = 0; i < count; i++)
		wanted[i] = to[i].wanted;
	steps = decide_plan(wanted, count, alerts->items, alerts->count, plan);
	for (size_t i = 0; i < steps && good; i++) {
		const struct plan *step = &plan[i];

		switch (step->step) {
		case PLAN_ADD:
			good = add_alert(alerting, &to[step->wanted], err);
			break;
		case PLAN_RENDER:
		case PLAN_REVIVE:
			good = change_alert(alerting, &to[step->wanted],
				&alerts->items[step->existing], err);
			break;
		case PLAN_CANCEL:
			good = cancel_alert(
				alerting, &alerts->items[step->existing], err);
			break;
		}
	}
	return good;
}

/* What the rules want now, against what there is. */
bool
alerts_write(struct keeping *keeping, struct keep_job *job,
	const struct subject *subject, int64_t row, bool amends,
	struct err *err)
{
	struct wanted wanted[RULE_ACTIONS_LIMIT];
	struct addressed to[KEEP_ALERTS_LIMIT];
	struct standing_alerts *alerts = NULL;
	struct alerting alerting = {
		keeping, job, subject->response, row, NULL, NULL};
	size_t actions = decide_wanted(keeping->policy->rules,
		keeping->verdicts, wanted, RULE_ACTIONS_LIMIT);
	size_t count = 0;
	bool good = true;

	if (actions == 0 && !amends)
		return true;
	alerts = mem_new(1, sizeof(*alerts));
	if (amends)
		good = store_each_alert(
			keeping->store, row, on_standing_alert, alerts, err);
	if (good) {
		alerting.document = alert_subject(subject);
		alerting.key = delivery_key_of_answer(
			subject->response->survey, subject->response->id);
		for (size_t i = 0; i < actions && count < KEEP_ALERTS_LIMIT;
			i++)
			count = address(&alerting, &wanted[i], to, count);
		good = carry_out(&alerting, to, count, alerts, err);
		json_decref(alerting.document);
		free(alerting.key);
	}
	for (size_t i = 0; i < count; i++) {
		free(to[i].recipient);
		free(to[i].failed);
	}
	standing_alerts_done(alerts);
	free(alerts);
	return good;
}

/* ---- rendering at the claim ---- */

struct restored {
	struct response *response;
	int64_t row;
	struct err *err;
	bool contact_default;
};

static void
on_answer(const struct answer_row *row, void *context)
{
	struct restored *restored = context;

	restored->row = row->row;
	if (row->content == NULL)
		err_set(restored->err, "the answer's content was purged");
	else
		restored->response =
			response_restore(row->content, row->content_length,
				restored->contact_default, restored->err);
}

bool
alerts_render_claimed(struct keeping *keeping, struct claimed *claimed,
	int64_t answer, const char *rule, struct err *err)
{
	struct restored restored = {
		.err = err,
		.contact_default = keeping->policy->contact_default,
	};
	struct previous previous;
	struct buf body = {0};
	bool good = false;

	if (store_get_answer(keeping->store, answer, on_answer, &restored,
		    err) != STORE_FOUND ||
		restored.response == NULL)
		return false;
	if (alerts_find_previous(
		    keeping, restored.response, answer, &previous, err)) {
		struct subject subject = {restored.response, &previous};
		json_t *document = alert_subject(&subject);
		struct alert alert = {document, claimed->id, claimed->recipient,
			claimed->created_ms, ""};

		alert_complete(document, rule,
			alerts_figures(keeping, restored.response->survey),
			claimed->id);
		good = renderers_render(keeping->renderers, claimed->action,
			       &alert, &body, err) &&
		       store_set_body(keeping->store, claimed->row, body.data,
			       body.length, err);
		json_decref(document);
	}
	response_free(restored.response);
	if (good) {
		claimed->body_length = body.length;
		claimed->body = buf_take(&body);
	}
	buf_done(&body);
	return good;
}
