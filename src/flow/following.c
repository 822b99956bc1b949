/* following - the follow-up of one answer while it is kept. */
#include "flow/following.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/json_value.h"
#include "base/memory.h"
#include "flow/follow_up_link.h"
#include "flow/follow_ups.h"
#include "store/store_follow_ups.h"

void
following_done(struct following *following)
{
	follow_up_free(following->follow_up);
	*following = (struct following){NULL, false};
}

static void
take_copy(const struct follow_up *follow_up, void *context)
{
	struct follow_up **copy = context;

	follow_up_free(*copy);
	*copy = follow_up_copy(follow_up);
}

bool
following_find(struct keeping *keeping, int64_t answer,
	struct following *following, struct err *err)
{
	*following = (struct following){NULL, false};
	if (!keeping->policy->rules->follow_up)
		return true;
	if (store_find_follow_up_of(keeping->store, answer, take_copy,
		    &following->follow_up, err) == STORE_ERROR)
		return false;
	following->folded = following->follow_up != NULL &&
			    following->follow_up->answer != answer;
	return true;
}

/* ---- opening and folding ---- */

/* A cooldown or a silence keeps alerts from leaving, and follow-ups from
 * nothing. */
static bool
has_fired(const struct verdict *verdict)
{
	return verdict->end == VERDICT_FIRED ||
	       verdict->end == VERDICT_COOLDOWN ||
	       verdict->end == VERDICT_SILENCED;
}

/* The first that fired and opens follow-ups; NULL: none. */
static const struct rule *
opening_rule(const struct keeping *keeping)
{
	const struct rules *rules = keeping->policy->rules;

	for (size_t i = 0; i < rules->count; i++)
		if (has_fired(&keeping->verdicts[i]) &&
			rules->items[i]->follow_up.given)
			return rules->items[i];
	return NULL;
}

/* By npsd itself; no event where it is so already. */
static bool
note(struct keeping *keeping, struct following *following,
	enum follow_up_act act, int64_t answer, struct err *err)
{
	struct follow_up_change change = {
		.act = act,
		.who = "npsd",
		.how = "npsd",
		.answer = answer,
		.at_ms = keeping->now_ms,
	};
	struct follow_up *changed = following->follow_up;
	bool is_new;

	if (!follow_up_apply(changed, &change,
		    follow_ups_terms(keeping->policy, changed->rule), &is_new,
		    err))
		return false;
	return !is_new || follow_ups_keep(keeping, changed, &change, err);
}

static bool
choose_owner(struct keeping *keeping, const struct rule *rule,
	const struct subject *subject, struct value *value, const char **owner,
	struct err *err)
{
	int64_t turn = 0;

	if (owner_choice_takes_turns(&rule->owner) &&
		!store_take_turn(keeping->store, rule->name, &turn, err))
		return false;
	*owner = owner_choose(&rule->owner, keeping->policy->rules->owners,
		subject, turn, keeping->now_ms, value);
	return true;
}

static bool
open_one(struct keeping *keeping, const struct rule *rule,
	const struct subject *subject, int64_t row, const char *scope,
	struct following *following, struct err *err)
{
	struct value value;
	struct follow_up follow_up = {
		.scope = scope,
		.survey = subject->response->survey,
		.customer = subject->response->customer,
		.account = subject->response->account,
		.answer = row,
		.rule = rule->name,
	};
	struct follow_up_event event = {
		.act = FOLLOW_UP_OPENED,
		.who = "npsd",
		.how = "npsd",
		.at_ms = keeping->now_ms,
		.answer = row,
	};

	if (!choose_owner(
		    keeping, rule, subject, &value, &follow_up.owner, err))
		return false;
	follow_up_start(&follow_up, &rule->follow_up, keeping->now_ms);
	if (!store_put_follow_up(keeping->store, &follow_up, err))
		return false;
	event.follow_up = follow_up.row;
	event.owner = follow_up.owner;
	following->follow_up = follow_up_copy(&follow_up);
	return store_put_follow_up_event(keeping->store, &event, err);
}

/* Into the open one under the rule's scope, or a new one. */
static bool
open_or_fold(struct keeping *keeping, const struct rule *rule,
	const struct subject *subject, int64_t row, struct following *following,
	struct err *err)
{
	const struct response *response = subject->response;
	char *scope = follow_up_scope((enum follow_up_per)rule->follow_up.per,
		response->survey, response->customer, response->account, row);
	bool good = store_find_follow_up(keeping->store, scope, take_copy,
			    &following->follow_up, err) != STORE_ERROR;

	if (good && following->follow_up != NULL) {
		following->folded = true;
		good = note(keeping, following, FOLLOW_UP_FOLD, row, err);
	} else if (good) {
		good = open_one(
			keeping, rule, subject, row, scope, following, err);
	}
	free(scope);
	return good;
}

/* The answer has one: it may be better or worse news now. *done: nothing is to
 * be opened. */
static bool
amend(struct keeping *keeping, const struct rule *rule,
	const struct subject *subject, int64_t row,
	const struct following_past *past, struct following *following,
	bool *done, struct err *err)
{
	enum category now = subject->response->category;
	bool is_finished;

	if (!following_find(keeping, row, following, err))
		return false;
	*done = following->follow_up != NULL;
	if (!*done)
		return true;
	is_finished = follow_up_is_finished(following->follow_up);
	if (!is_finished && past->category == CATEGORY_DETRACTOR &&
		now != CATEGORY_DETRACTOR)
		return note(keeping, following, FOLLOW_UP_IMPROVE, row, err);
	if (!is_finished && rule != NULL && following->follow_up->improved)
		return note(keeping, following, FOLLOW_UP_FOLD, row, err);
	/* What was closed and is bad news once more begins anew. */
	if (is_finished && rule != NULL && now < past->category) {
		following_done(following);
		*done = false;
	}
	return true;
}

bool
following_settle(struct keeping *keeping, const struct subject *subject,
	int64_t row, const struct following_past *past,
	struct following *following, struct err *err)
{
	const struct rule *rule;
	bool done = false;

	*following = (struct following){NULL, false};
	if (!keeping->policy->rules->follow_up)
		return true;
	rule = opening_rule(keeping);
	if (past != NULL && !amend(keeping, rule, subject, row, past, following,
				    &done, err))
		return false;
	return done || rule == NULL ||
	       open_or_fold(keeping, rule, subject, row, following, err);
}

/* ---- as documents show it ---- */

static json_t *
follow_up_value(const struct follow_up *follow_up, const struct zone *zone,
	bool folded, json_t *link)
{
	char id[24];
	json_t *value = json_object();

	snprintf(id, sizeof(id), "%" PRId64, follow_up->row);
	json_object_set_new(value, "id", json_string(id));
	json_object_set_new(value, "state",
		json_string(follow_up_state_name(follow_up->state)));
	json_object_set_new(value, "contact_by",
		json_zoned_or_null(zone, follow_up->contact_by_ms));
	json_object_set_new(value, "resolve_by",
		json_zoned_or_null(zone, follow_up->resolve_by_ms));
	json_object_set_new(value, "folded", json_boolean(folded));
	json_object_set_new(value, "folds", json_integer(follow_up->folds));
	json_object_set_new(
		value, "owner", json_text_or_null(follow_up->owner));
	json_object_set_new(
		value, "claimed_by", json_text_or_null(follow_up->claimed_by));
	json_object_set_new(
		value, "attempts", json_integer(follow_up->attempts));
	json_object_set_new(
		value, "improved", json_boolean(follow_up->improved));
	json_object_set_new(value, "links", json_pack("{s:o}", "page", link));
	return value;
}

void
following_describe_one(const struct policy *policy, const uint8_t *link_key,
	int64_t now_ms, const struct follow_up *follow_up, bool folded,
	struct alert_people *people)
{
	const struct follow_up_terms *terms =
		follow_ups_terms(policy, follow_up->rule);

	people->owner = owner_json(policy->rules->owners, follow_up->owner);
	people->follow_up = follow_up_value(follow_up,
		policy_zone(policy, terms->calendar), folded,
		follow_up_link(policy, link_key, follow_up, now_ms));
}

/* By the clock that its deadlines are told by. */
static void
set_answered(const struct policy *policy, const struct follow_up *follow_up,
	const struct subject *subject, struct alert_people *people)
{
	const struct follow_up_terms *terms =
		follow_ups_terms(policy, follow_up->rule);

	json_object_set_new(people->follow_up, "answered_at",
		json_zoned_or_null(policy_zone(policy, terms->calendar),
			subject->response->answered_ms));
}

/* The owner is the follow-up's; of a rule that opens none, its own. */
void
following_describe(const struct policy *policy, const uint8_t *link_key,
	int64_t now_ms, const struct following *following, const char *name,
	const struct subject *subject, struct alert_people *people)
{
	const struct rules *rules = policy->rules;
	const struct rule *rule;
	const char *owner;
	struct value value;

	*people = (struct alert_people){NULL, NULL};
	if (!rules->owned)
		return;
	if (following->follow_up != NULL) {
		following_describe_one(policy, link_key, now_ms,
			following->follow_up, following->folded, people);
		set_answered(policy, following->follow_up, subject, people);
	}
	rule = rules_find(rules, name);
	if (rule == NULL || owner_choice_is_none(&rule->owner) ||
		(rule->follow_up.given && following->follow_up != NULL))
		return;
	owner = owner_choose(
		&rule->owner, rules->owners, subject, 0, now_ms, &value);
	json_decref(people->owner);
	people->owner = owner_json(rules->owners, owner);
}

const char *
following_language(const struct alert_people *people)
{
	const char *language = json_string_at(people->owner, "language");

	return language != NULL ? language : "";
}
