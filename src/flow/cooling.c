/* cooling - what a cooldown silences, and what becomes of that. */
#include "flow/cooling.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "flow/alerts.h"
#include "flow/following.h"
#include "flow/silencing.h"
#include "flow/storming.h"
#include "nps/cooldown.h"
#include "store/store_cooldown.h"

/* ---- alerts that have not come to nothing ---- */

struct survivors {
	const char *rule;
	bool alive;
};

static void
on_alert(const struct delivery_row *delivery, void *context)
{
	struct survivors *survivors = context;

	/* One that was folded is what its message is. */
	enum delivery_state state = delivery->state == DELIVERY_FOLDED
					    ? delivery->message_state
					    : delivery->state;

	survivors->alive |= delivery->rule != NULL &&
			    strcmp(delivery->rule, survivors->rule) == 0 &&
			    state != DELIVERY_DEAD &&
			    state != DELIVERY_CANCELLED;
}

static bool
is_alive(struct keeping *keeping, int64_t answer, const char *rule, bool *alive,
	struct err *err)
{
	struct survivors survivors = {rule, false};
	bool good = store_each_alert(
		keeping->store, answer, on_alert, &survivors, err);

	*alive = survivors.alive;
	return good;
}

/* ---- an answer that fires ---- */

/* The answer whose alert keeps this one quiet; 0: none does. */
static bool
find_silencer(struct keeping *keeping, const struct rule *rule, const char *key,
	int64_t arrived_ms, int64_t *answer, struct err *err)
{
	struct cooldown_row row = {.rule = rule->name, .key = key};
	enum store_found found = store_find_cooldown(keeping->store, &row, err);
	bool alive = false;

	*answer = 0;
	if (found != STORE_FOUND)
		return found == STORE_NONE;
	if (!cooldown_holds(&rule->cooldown, row.since_ms, arrived_ms))
		return true;
	if (!is_alive(keeping, row.answer, rule->name, &alive, err))
		return false;
	if (alive)
		*answer = row.answer;
	return true;
}

static bool
check_rule(struct keeping *keeping, const struct subject *subject,
	size_t number, int64_t row, int64_t arrived_ms, struct err *err)
{
	const struct rule *rule = keeping->policy->rules->items[number];
	struct verdict *verdict = &keeping->verdicts[number];
	char *key = cooldown_key(&rule->cooldown, subject->response);
	int64_t silencer = 0;
	bool good = key == NULL || find_silencer(keeping, rule, key, arrived_ms,
					   &silencer, err);

	if (good && silencer != 0 && silencer != row) {
		verdict->end = VERDICT_COOLDOWN;
		verdict->answer = silencer;
	}
	free(key);
	return good;
}

bool
cooling_check(struct keeping *keeping, const struct subject *subject,
	int64_t row, int64_t arrived_ms, struct err *err)
{
	const struct rules *rules = keeping->policy->rules;
	bool good = true;

	for (size_t i = 0; rules->cool_down && good && i < rules->count; i++)
		if (keeping->verdicts[i].end == VERDICT_FIRED)
			good = check_rule(
				keeping, subject, i, row, arrived_ms, err);
	return good;
}

/* A cooldown that it began already is not prolonged. */
static bool
begin(struct keeping *keeping, const struct subject *subject,
	const struct rule *rule, int64_t row, int64_t arrived_ms,
	struct err *err)
{
	char *key = cooldown_key(&rule->cooldown, subject->response);
	struct cooldown_row cooldown = {.rule = rule->name, .key = key};
	bool alive = false, good = true;
	enum store_found found;

	if (key == NULL)
		return true;
	found = store_find_cooldown(keeping->store, &cooldown, err);
	if (found == STORE_ERROR)
		good = false;
	else if (found == STORE_NONE || cooldown.answer != row)
		good = is_alive(keeping, row, rule->name, &alive, err);
	if (good && alive) {
		cooldown.answer = row;
		cooldown.since_ms = arrived_ms;
		good = store_put_cooldown(keeping->store, &cooldown, err);
	}
	free(key);
	return good;
}

bool
cooling_keep(struct keeping *keeping, const struct subject *subject,
	int64_t row, int64_t arrived_ms, struct err *err)
{
	const struct rules *rules = keeping->policy->rules;
	bool good = true;

	for (size_t i = 0; rules->cool_down && good && i < rules->count; i++) {
		const struct verdict *verdict = &keeping->verdicts[i];

		if (verdict->end == VERDICT_FIRED)
			good = begin(keeping, subject, rules->items[i], row,
				arrived_ms, err);
		else if (verdict->end == VERDICT_COOLDOWN)
			good = store_put_suppressed(
				keeping->store, verdict->answer, row, err);
	}
	return good;
}

/* ---- what was silenced is decided again ---- */

struct again {
	struct response *response;
	int64_t arrived_ms;
	bool contact_default;
};

/* One that was forgotten, or cannot be read any more, stays quiet. */
static void
on_answer(const struct answer_row *row, void *context)
{
	struct again *again = context;
	struct err err;

	again->arrived_ms = row->arrived_ms;
	if (row->content != NULL)
		again->response = response_restore(row->content,
			row->content_length, again->contact_default, &err);
}

/* As if it had come when it came. */
static bool
decide(struct keeping *keeping, int64_t row, const struct again *again,
	struct err *err)
{
	struct previous previous;
	struct subject subject = {again->response, &previous};
	struct following following = {NULL, false};
	const struct alerts_of about = {
		.subject = &subject,
		.row = row,
		.amends = true,
		.following = &following,
	};
	bool good;

	if (!alerts_find_previous(
		    keeping, again->response, row, &previous, err) ||
		!following_find(keeping, row, &following, err))
		return false;
	judge_answer(
		keeping->judge, &subject, again->arrived_ms, keeping->verdicts);
	/* But it would be sent now. */
	silences_decide(&keeping->silences, keeping->policy->rules, &subject,
		keeping->now_ms, keeping->verdicts);
	good = cooling_check(keeping, &subject, row, again->arrived_ms, err) &&
	       silencing_count(keeping, err) &&
	       store_set_verdicts(keeping->store, row,
		       verdict_texts_of(
			       keeping->verdict_texts, keeping->verdicts),
		       keeping->policy->rules->hash, err) &&
	       alerts_write(keeping, NULL, &about, err) &&
	       cooling_keep(keeping, &subject, row, again->arrived_ms, err);
	following_done(&following);
	return good;
}

static bool
decide_again(struct keeping *keeping, int64_t row, struct err *err)
{
	struct again again = {
		.contact_default = keeping->policy->contact_default};
	bool good = store_get_answer(keeping->store, row, on_answer, &again,
			    err) != STORE_ERROR;

	if (good && again.response != NULL)
		good = decide(keeping, row, &again, err);
	response_free(again.response);
	return good;
}

struct released {
	struct setting_texts rules;
	int64_t *rows;
	size_t count;
};

static void
on_rule(const char *rule, void *context)
{
	struct released *released = context;

	released->rules.items = mem_grow(released->rules.items,
		released->rules.count + 1, sizeof(char *));
	released->rules.items[released->rules.count++] = mem_strdup(rule);
}

static void
on_suppressed(int64_t row, void *context)
{
	struct released *released = context;

	released->rows = mem_grow(
		released->rows, released->count + 1, sizeof(*released->rows));
	released->rows[released->count++] = row;
}

/* Ends the cooldowns whose alerts came to nothing. */
static bool
end_cooldowns(struct keeping *keeping, int64_t row,
	const struct setting_texts *rules, bool *ended, struct err *err)
{
	bool good = true;

	*ended = false;
	for (size_t i = 0; good && i < rules->count; i++) {
		bool alive;

		good = is_alive(keeping, row, rules->items[i], &alive, err);
		if (!good || alive)
			continue;
		good = store_end_cooldown(
			keeping->store, row, rules->items[i], err);
		*ended = true;
	}
	return good;
}

bool
cooling_release(struct keeping *keeping, int64_t row, struct err *err)
{
	struct released released = {.count = 0};
	bool ended = false, good;

	if (!keeping->policy->rules->cool_down)
		return true;
	good = store_each_cooldown_of(
		       keeping->store, row, on_rule, &released, err) &&
	       end_cooldowns(keeping, row, &released.rules, &ended, err) &&
	       (!ended || store_take_suppressed(keeping->store, row,
				  on_suppressed, &released, err));
	for (size_t i = 0; good && i < released.count; i++) {
		pulse_beat(keeping->pulse, keeping->clock);
		good = decide_again(keeping, released.rows[i], err);
	}
	setting_texts_done(&released.rules);
	free(released.rows);
	return good;
}

/* ---- of a storm's message ---- */

/* Beside the places of sources: no source can have this name. A message that
 * died -> the last folded alert that was gone through. */
#define COOLING_PLACES "storms:"

static bool
on_folded(struct keeping *keeping, const struct folded_row *folded,
	void *context, struct err *err)
{
	(void)context;
	return cooling_release(keeping, folded->answer, err);
}

/* A slice; where there is more, the place says from where to go on, whoever does
 * so. was_left: there is such a place already. */
static bool
release_some(struct keeping *keeping, int64_t message, int64_t after,
	bool was_left, struct err *err)
{
	char key[24], place[24];
	bool more;

	if (!storming_some(
		    keeping, message, &after, on_folded, NULL, &more, err))
		return false;
	if (!more && !was_left)
		return true;
	snprintf(key, sizeof(key), "%" PRId64, message);
	snprintf(place, sizeof(place), "%" PRId64, after);
	keeping->cooling_left = true;
	return store_put_place(
		keeping->store, COOLING_PLACES, key, more ? place : NULL, err);
}

bool
cooling_release_of(struct keeping *keeping, int64_t delivery, struct err *err)
{
	int64_t answer = 0;

	if (!keeping->policy->rules->cool_down)
		return true;
	return store_answer_of(keeping->store, delivery, &answer, err) &&
	       (answer == 0 || cooling_release(keeping, answer, err)) &&
	       release_some(keeping, delivery, 0, false, err);
}

struct left {
	int64_t message, after; /* 0: none */
};

static void
on_place(const char *key, const char *place, void *context)
{
	struct left *left = context;

	if (left->message != 0 ||
		!text_to_integer(key, 1, INT64_MAX, &left->message))
		return;
	if (!text_to_integer(place, 0, INT64_MAX, &left->after))
		left->after = 0;
}

static bool
find_left(struct keeping *keeping, struct left *left, struct err *err)
{
	*left = (struct left){0, 0};
	if (!store_each_place(
		    keeping->store, COOLING_PLACES, on_place, left, err))
		return false;
	keeping->cooling_left = left->message != 0;
	return true;
}

bool
cooling_load(struct keeping *keeping, struct err *err)
{
	struct left left;

	return find_left(keeping, &left, err);
}

bool
cooling_go_on(struct keeping *keeping, struct err *err)
{
	struct left left;

	return find_left(keeping, &left, err) &&
	       (left.message == 0 || release_some(keeping, left.message,
					     left.after, true, err));
}
