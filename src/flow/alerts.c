/* alerts - which alerts an answer has, against which it should have. */
#include "flow/alerts.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "flow/follow_up_link.h"
#include "flow/storming.h"
#include "nps/alert.h"

enum {
	ALERTS_TELL_US = 1000000,	/* one line in that time */
	ALERTS_SPARE_BYTES = 64 * 1024, /* room that is kept for the next one */
};

/* The answer's alerts as they stand. */
struct standing_alerts {
	struct existing *items;
	size_t count;
};

/* What the alerts of one answer share while they are written. */
struct alerting {
	struct keeping *keeping;
	struct keep_job *job; /* NULL: none of them starts at once */
	const struct subject *subject;
	const struct response *response; /* the subject's */
	const struct following *following;
	struct alert_people people; /* by people_rule */
	const char *people_rule;    /* NULL: not asked yet */
	int64_t row;
	int64_t arrived_ms;	      /* its first revision */
	struct alerts_replay *replay; /* or NULL */
	json_t *document;	      /* NULL until a renderer reads it */
	char *key;
};

static const struct rule *
rule_of(const struct alerting *alerting, const struct wanted *wanted)
{
	return alerting->keeping->policy->rules->items[wanted->rule];
}

static json_t *
document_of(struct alerting *alerting)
{
	if (alerting->document == NULL)
		alerting->document = alert_subject(alerting->subject);
	return alerting->document;
}

/* Whose the alert of a rule is. */
static const struct alert_people *
people_of(struct alerting *alerting, const char *rule)
{
	if (alerting->people_rule == rule)
		return &alerting->people;
	alert_people_done(&alerting->people);
	following_describe(alerting->keeping->policy,
		alerting->keeping->link_key, alerting->keeping->now_ms,
		alerting->following, rule, alerting->subject,
		&alerting->people);
	alerting->people_rule = rule;
	return &alerting->people;
}

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

/* Their text, made once a transaction. Lent. */
static struct text
figures_text(struct keeping *keeping, const char *survey)
{
	json_t *kept = json_object_get(keeping->figures_texts, survey);
	struct buf text = {0};

	if (kept == NULL) {
		tally_append_figures(keeping->tally, survey, &text);
		kept = json_stringn_nocheck(text.data, text.length);
		json_object_set_new(keeping->figures_texts, survey, kept);
		buf_done(&text);
	}
	return (struct text){json_string_value(kept), json_string_length(kept)};
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
hand_over(struct alerting *alerting, struct policy_action *action,
	const struct delivery_row *row)
{
	struct claimed *claimed = claimed_new(row);

	claimed->room_of = action;
	claimed->next = alerting->job->claimed;
	alerting->job->claimed = claimed;
}

/* With the link of who gets it. */
static void
append_text(struct alerting *alerting, const struct delivery_row *row,
	const struct alert_people *people, struct buf *text)
{
	struct keeping *keeping = alerting->keeping;
	const char *survey = alerting->response->survey;
	struct alert_people directed = *people;
	json_t *document = NULL;

	if (people->follow_up != NULL) {
		document = json_pack("{s:O}", "follow_up", people->follow_up);
		follow_up_link_direct(
			keeping, document, row->action, row->recipient, "");
		directed.follow_up = json_object_get(document, "follow_up");
	}
	alert_append_text(text, alerting->subject, &directed, row->rule,
		figures_text(keeping, survey), row->id);
	json_decref(document);
}

/* The alert document in the form that its renderer asks for. */
static void
prepare(struct alerting *alerting, const struct delivery_row *row,
	struct alert *alert)
{
	struct keeping *keeping = alerting->keeping;
	const char *survey = alerting->response->survey;
	struct buf *text = &keeping->alert_text;

	const struct alert_people *people = people_of(alerting, row->rule);

	alert->language = following_language(people);
	if (!renderers_take_text(keeping->renderers, row->action)) {
		alert_set_people(document_of(alerting), people);
		alert->language =
			follow_up_link_direct(keeping, document_of(alerting),
				row->action, row->recipient, alert->language);
		alert_complete(document_of(alerting), row->rule,
			alerts_figures(keeping, survey), row->id);
		alert->document = alerting->document;
		return;
	}
	buf_clear(text);
	append_text(alerting, row, people, text);
	alert->text = (struct text){text->data, text->length};
}

/* What waits gets its body, or the reason why it can have none, by the claim. */
static bool
is_to_wait(const struct alerting *alerting, const struct wanted *wanted,
	struct delivery_row *row)
{
	int64_t wait_ms = rule_of(alerting, wanted)->wait_ms;

	row->state = DELIVERY_PENDING;
	row->due_ms = alerting->keeping->now_ms;
	if (alerting->replay != NULL) {
		if (row->due_ms < alerting->replay->due_ms)
			row->due_ms = alerting->replay->due_ms;
		alerting->replay->due_ms = row->due_ms + ALERTS_REPLAY_PACE_MS;
		alerting->replay->added++;
		return true;
	}
	if (wait_ms <= alerting->keeping->now_ms - alerting->arrived_ms)
		return false;
	row->due_ms = alerting->arrived_ms + wait_ms;
	return true;
}

/* The body of one alert into `row`, lent until the next one; what cannot be
 * rendered is dead with its reason: kept, listed, replayable. failed: why its
 * recipient could not be told, or NULL. */
static void
render_alert(struct alerting *alerting, struct delivery_row *row,
	const char *failed, struct err *why)
{
	struct keeping *keeping = alerting->keeping;
	struct buf *body = &keeping->alert_body;
	struct alert alert = {
		.delivery_id = row->id,
		.recipient = row->recipient,
		.created_ms = row->created_ms,
		.language = "",
	};

	if (failed != NULL) {
		err_set(why, "%s", failed);
	} else {
		prepare(alerting, row, &alert);
		buf_clear(body);
		if (renderers_render(keeping->renderers, row->action, &alert,
			    body, why)) {
			row->body = body->data;
			row->body_length = body->length;
			return;
		}
	}
	row->state = DELIVERY_DEAD;
	row->settled_ms = keeping->now_ms;
	row->reason = why->text;
}

void
alerts_tell_dead(struct keeping *keeping, const char *id, const char *action)
{
	json_t *count = json_object_get(keeping->born_dead, action);
	int64_t held;

	json_object_set_new(keeping->born_dead, action,
		json_integer(json_integer_value(count) + 1));
	if (!log_limit_passes(&keeping->dead_limit, keeping->now_ms * 1000,
		    ALERTS_TELL_US, &held))
		return;
	log_warning("delivery %s of action %s is dead: it could not be made; "
		    "npsd deliveries --state dead tells why%s",
		id, action, held > 0 ? " (others before it not shown)" : "");
}

/* A wanted alert with the reason why its receiver is not known, if so. */
struct addressed {
	struct wanted wanted;
	char *recipient;
	char *failed;
};
struct addresses {
	struct addressed *items;
	size_t count;
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
		.rule = rule_of(alerting, &to->wanted)->name,
		.action = to->wanted.action,
		.recipient = to->recipient,
		.created_ms = keeping->now_ms,
		.node = keeping->node,
	};
	struct storming storming = {.action = NULL};
	char id[DELIVERY_ID_BYTES];
	struct err why;
	bool waits, born_claimed, good;

	delivery_id("alert", alerting->key, 0, row.action, row.recipient, id);
	row.id = id;
	waits = is_to_wait(alerting, &to->wanted, &row);
	if (to->failed == NULL &&
		!storming_look(keeping, action, &row, &storming, err))
		return false;
	if (!waits && !storming.folds)
		render_alert(alerting, &row, to->failed, &why);
	born_claimed = alerting->job != NULL && row.state == DELIVERY_PENDING &&
		       !waits && take_room(action);
	if (born_claimed) {
		row.state = DELIVERY_CLAIMED;
		row.lease_ms = keeping->now_ms + CLAIM_LEASE_MS;
	}
	good = store_put_delivery(keeping->store, &row, err) &&
	       (row.row == 0 || storming_keep(keeping, &storming, &row, err));
	if (row.state == DELIVERY_PENDING)
		atomic_store(&action->waiting, true);
	if (good && row.state == DELIVERY_DEAD && row.row > 0)
		alerts_tell_dead(keeping, id, row.action);
	if (good && born_claimed && row.row > 0)
		hand_over(alerting, action, &row);
	else if (born_claimed)
		atomic_fetch_add(&action->room, 1);
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
		.rule = rule_of(alerting, &to->wanted)->name,
		.action = existing->action,
		.recipient = existing->recipient,
		.created_ms = keeping->now_ms,
	};
	struct policy_action *action =
		policy_action(keeping->policy, row.action);
	struct storming storming = {.action = NULL};
	char id[DELIVERY_ID_BYTES];
	struct err why;
	bool waits;

	delivery_id("alert", alerting->key, 0, row.action, row.recipient, id);
	row.id = id;
	waits = is_to_wait(alerting, &to->wanted, &row);
	if (existing->state == DELIVERY_FOLDED)
		row.state = DELIVERY_FOLDED;
	else if (existing->state == DELIVERY_CANCELLED && to->failed == NULL &&
		 !storming_look(keeping, action, &row, &storming, err))
		return false;
	if (row.state == DELIVERY_PENDING) {
		if (!waits)
			render_alert(alerting, &row, to->failed, &why);
		/* The claim tries once more, and gives it up with its reason.
		 */
		row.state = DELIVERY_PENDING;
		atomic_store(&action->waiting, true);
	}
	return store_change_delivery(keeping->store, &row, err) &&
	       storming_keep(keeping, &storming, &row, err);
}

/* The silence that holds for the answer by now; NULL: none. */
static const struct silence *
silence_of(const struct keeping *keeping)
{
	for (size_t i = 0; i < keeping->policy->rules->count; i++)
		if (keeping->verdicts[i].end == VERDICT_SILENCED)
			return keeping->verdicts[i].silence;
	return NULL;
}

static bool
cancel_alert(struct alerting *alerting, const struct existing *existing,
	struct err *err)
{
	const struct silence *silence = silence_of(alerting->keeping);
	char silenced[80];
	struct delivery_row row = {
		.row = existing->row,
		.rule = "",
		.state = DELIVERY_CANCELLED,
		.settled_ms = alerting->keeping->now_ms,
		.reason =
			"the answer was amended; no rule asks for it any more",
	};

	if (silence != NULL) {
		snprintf(silenced, sizeof(silenced),
			"the answer was amended while silence %lld held",
			(long long)silence->row);
		row.reason = silenced;
	}
	return store_change_delivery(alerting->keeping->store, &row, err) &&
	       (existing->state != DELIVERY_FOLDED ||
		       storming_left(alerting->keeping, existing->row, err));
}

static void
on_standing_alert(const struct delivery_row *delivery, void *context)
{
	struct standing_alerts *alerts = context;
	struct existing *item;

	alerts->items = mem_grow(
		alerts->items, alerts->count + 1, sizeof(struct existing));
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
	free(alerts->items);
}

/* Takes both texts; failed may be NULL. */
static void
address_add(struct addresses *to, const struct wanted *wanted, char *recipient,
	char *failed)
{
	struct addressed *item;

	to->items =
		mem_grow(to->items, to->count + 1, sizeof(struct addressed));
	item = &to->items[to->count++];
	*item = (struct addressed){*wanted, recipient, failed};
	item->wanted.recipient = recipient;
}

static void
addresses_done(struct addresses *to)
{
	for (size_t i = 0; i < to->count; i++) {
		free(to->items[i].recipient);
		free(to->items[i].failed);
	}
	free(to->items);
}

/* One wanted action to as many as it has receivers. */
static void
address(struct alerting *alerting, const struct wanted *wanted,
	struct addresses *to)
{
	struct setting_texts recipients = {0};
	struct err why = {""};
	struct keeping *keeping = alerting->keeping;
	const char *rule = rule_of(alerting, wanted)->name;

	if (policy_action(keeping->policy, wanted->action)->kind->recipients ==
		NULL) {
		address_add(to, wanted, mem_strdup(""), NULL);
		return;
	}
	alert_set_people(document_of(alerting), people_of(alerting, rule));
	alert_complete(document_of(alerting), rule,
		alerts_figures(keeping, alerting->response->survey), "");
	if (!renderers_recipients(keeping->renderers, wanted->action,
		    alerting->document, &recipients, &why))
		address_add(to, wanted, mem_strdup(""), mem_strdup(why.text));
	else
		for (size_t i = 0; i < recipients.count; i++)
			address_add(to, wanted, mem_strdup(recipients.items[i]),
				NULL);
	setting_texts_done(&recipients);
}

static bool
carry_out(struct alerting *alerting, const struct addresses *to,
	const struct standing_alerts *alerts, struct err *err)
{
	struct wanted *wanted = mem_new(to->count + 1, sizeof(*wanted));
	struct plan *plan =
		mem_new(to->count + alerts->count + 1, sizeof(*plan));
	size_t steps;
	bool good = true;

	for (size_t i = 0; i < to->count; i++)
		wanted[i] = to->items[i].wanted;
	steps = decide_plan(
		wanted, to->count, alerts->items, alerts->count, plan);
	for (size_t i = 0; i < steps && good; i++) {
		const struct plan *step = &plan[i];

		if (alerting->replay != NULL && step->step != PLAN_ADD &&
			step->step != PLAN_REVIVE)
			continue;

		switch (step->step) {
		case PLAN_ADD:
			good = add_alert(
				alerting, &to->items[step->wanted], err);
			break;
		case PLAN_RENDER:
		case PLAN_REVIVE:
			good = change_alert(alerting, &to->items[step->wanted],
				&alerts->items[step->existing], err);
			break;
		case PLAN_CANCEL:
			good = cancel_alert(
				alerting, &alerts->items[step->existing], err);
			break;
		}
	}
	free(wanted);
	free(plan);
	return good;
}

static void
spare(struct buf *buf)
{
	if (buf->capacity > ALERTS_SPARE_BYTES)
		buf_done(buf);
}

/* Waits count from the first arrival: asked for only where one may matter. */
static bool
find_arrival(struct alerting *alerting, const struct wanted *wanted,
	size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++)
		if (rule_of(alerting, &wanted[i])->wait_ms > 0)
			return store_first_arrival(alerting->keeping->store,
				alerting->row, &alerting->arrived_ms, err);
	return true;
}

bool
alerts_stands(const struct delivery_row *delivery)
{
	return delivery->was_claimed || delivery->state != DELIVERY_CANCELLED;
}

/* Drops what a replay has no business with; returns how many are left. */
static size_t
without_alerted(struct wanted *wanted, size_t count,
	const struct standing_alerts *alerts)
{
	size_t left = 0;

	for (size_t i = 0; i < count; i++) {
		bool stands = false;

		for (size_t j = 0; j < alerts->count; j++) {
			const struct existing *one = &alerts->items[j];
			struct delivery_row row = {.state = one->state,
				.was_claimed = one->was_claimed};

			stands |= strcmp(one->action, wanted[i].action) == 0 &&
				  alerts_stands(&row);
		}
		if (!stands)
			wanted[left++] = wanted[i];
	}
	return left;
}

/* What the rules want now, against what there is. */
bool
alerts_write(struct keeping *keeping, struct keep_job *job,
	const struct alerts_of *about, struct err *err)
{
	const struct response *response = about->subject->response;
	size_t limit = keeping->policy->action_count;
	struct wanted *wanted = mem_new(limit + 1, sizeof(*wanted));
	size_t actions = decide_wanted(
		keeping->policy->rules, keeping->verdicts, wanted, limit);
	struct addresses to = {0};
	struct standing_alerts alerts = {0};
	struct alerting alerting = {
		.keeping = keeping,
		.job = job,
		.subject = about->subject,
		.response = response,
		.following = about->following,
		.row = about->row,
		.arrived_ms = keeping->now_ms,
		.replay = about->replay,
	};
	bool good = true;

	if (about->amends)
		good = find_arrival(&alerting, wanted, actions, err) &&
		       store_each_alert(keeping->store, about->row,
			       on_standing_alert, &alerts, err);
	if (good && about->replay != NULL)
		actions = without_alerted(wanted, actions, &alerts);
	if (good && (actions > 0 || alerts.count > 0)) {
		alerting.key =
			delivery_key_of_answer(response->survey, response->id);
		for (size_t i = 0; i < actions; i++)
			address(&alerting, &wanted[i], &to);
		good = carry_out(&alerting, &to, &alerts, err);
		json_decref(alerting.document);
		alert_people_done(&alerting.people);
		free(alerting.key);
	}
	addresses_done(&to);
	standing_alerts_done(&alerts);
	free(wanted);
	spare(&keeping->alert_text);
	spare(&keeping->alert_body);
	return good;
}
