/*
 * decide - standing, wanted alerts, and the plan from what there is to what
 * is wanted.
 */
#include "nps/decide.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "crypt/uuid.h"
#include "nps/silence.h"

enum { DELIVERY_NAME_BYTES = 192 }; /* of what an id is made of: most fit */

_Static_assert((int)DELIVERY_ID_BYTES == (int)UUID_TEXT_BYTES,
	"a delivery's id is a UUID");

static const char *const standing_names[] = {
	[STANDING_NEW] = "accepted",
	[STANDING_AMENDS] = "amended",
	[STANDING_DUPLICATE] = "duplicate",
	[STANDING_LATE] = "late",
	[STANDING_CONFLICT] = "conflict",
};

static const char *const state_names[DELIVERY_STATES] = {
	[DELIVERY_PENDING] = "pending",
	[DELIVERY_CLAIMED] = "claimed",
	[DELIVERY_RETRYING] = "retrying",
	[DELIVERY_DELIVERED] = "delivered",
	[DELIVERY_DEAD] = "dead",
	[DELIVERY_CANCELLED] = "cancelled",
	[DELIVERY_FOLDED] = "folded",
};

const char *
standing_name(enum standing standing)
{
	assert((size_t)standing <
		sizeof(standing_names) / sizeof(standing_names[0]));
	return standing_names[standing];
}

const char *
delivery_state_name(enum delivery_state state)
{
	assert((unsigned)state < DELIVERY_STATES);
	return state_names[state];
}

bool
delivery_state_from_name(const char *name, enum delivery_state *state)
{
	for (int i = 0; name && i < DELIVERY_STATES; i++) {
		if (!strcmp(name, state_names[i])) {
			*state = (enum delivery_state)i;
			return true;
		}
	}
	return false;
}

bool
delivery_state_is_unsent(enum delivery_state state)
{
	return state == DELIVERY_PENDING || state == DELIVERY_CANCELLED ||
	       state == DELIVERY_FOLDED;
}

/* The order of arrival counts: a number that the record bears can only make
 * the next revision higher. */
static enum standing
standing_by_arrival(const struct response *answer,
	const struct earlier *earlier, int64_t *revision)
{
	if (response_same_content(answer, earlier->response))
		return STANDING_DUPLICATE;
	if (earlier->revision == INT64_MAX)
		return STANDING_CONFLICT; /* there is no next one */
	if (*revision <= earlier->revision)
		*revision = earlier->revision + 1;
	return STANDING_AMENDS;
}

enum standing
decide_standing(const struct response *answer, const struct earlier *earlier,
	bool by_arrival, int64_t *revision)
{
	*revision = answer->revision;
	if (!earlier->known)
		return STANDING_NEW;
	if (earlier->forgotten || !earlier->response)
		return STANDING_DUPLICATE;
	if (by_arrival)
		return standing_by_arrival(answer, earlier, revision);
	if (answer->revision > earlier->revision)
		return STANDING_AMENDS;
	if (answer->revision < earlier->revision)
		return STANDING_LATE;
	return response_same_content(answer, earlier->response)
		       ? STANDING_DUPLICATE
		       : STANDING_CONFLICT;
}

static bool
is_wanted_action(const struct wanted *wanted, size_t count, const char *action)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(wanted[i].action, action))
			return true;
	return false;
}

void
decide_history(const struct rules *rules, struct verdict *verdicts)
{
	for (size_t i = 0; i < rules->count; i++)
		if (verdicts[i].end == VERDICT_FIRED)
			verdicts[i].end = VERDICT_HISTORY;
}

size_t
decide_wanted(const struct rules *rules, const struct verdict *verdicts,
	struct wanted *wanted, size_t limit)
{
	size_t count = 0;

	for (size_t i = 0; i < rules->count; i++) {
		const struct setting_texts *actions = &rules->items[i]->actions;

		bool history = verdicts[i].end == VERDICT_HISTORY;

		if (verdicts[i].end != VERDICT_FIRED && !history)
			continue;
		for (size_t j = 0; j < actions->count && count < limit; j++)
			if (!is_wanted_action(wanted, count, actions->items[j]))
				wanted[count++] = (struct wanted){
					actions->items[j], "", i, history};
	}
	return count;
}

/* What decide_plan is asked about. */
struct planning {
	const struct wanted *wanted;
	size_t wanted_count;
	const struct existing *existing;
	size_t existing_count;
};

static bool
same_receiver(const char *action, const char *recipient,
	const struct existing *existing)
{
	return !strcmp(action, existing->action) &&
	       !strcmp(recipient, existing->recipient);
}

/* Whether it is bound to stay as it is: bytes of it may have left. */
static bool
is_settled(const struct existing *existing)
{
	return existing->was_claimed ||
	       !delivery_state_is_unsent(existing->state);
}

/* The first that wants this receiver is the one that counts. */
static bool
is_repeated(const struct planning *planning, size_t at)
{
	const struct wanted *one = &planning->wanted[at];

	for (size_t i = 0; i < at; i++)
		if (!strcmp(planning->wanted[i].action, one->action) &&
			!strcmp(planning->wanted[i].recipient, one->recipient))
			return true;
	return false;
}

enum { NONE_EXISTS = -1, IS_SETTLED = -2 };

static bool
is_under_way(const struct existing *existing)
{
	return !existing->was_claimed &&
	       (existing->state == DELIVERY_PENDING ||
		       existing->state == DELIVERY_FOLDED);
}

/* The alert to change for this receiver: a pending one before a cancelled one;
 * IS_SETTLED if one was claimed, then there must be no other. */
static long
find_alert(const struct planning *planning, const char *action,
	const char *recipient)
{
	long found = NONE_EXISTS;

	for (size_t i = 0; i < planning->existing_count; i++) {
		const struct existing *existing = &planning->existing[i];

		if (!same_receiver(action, recipient, existing))
			continue;
		if (is_settled(existing))
			return IS_SETTLED;
		if (found == NONE_EXISTS ||
			(is_under_way(existing) &&
				!is_under_way(&planning->existing[found])))
			found = (long)i;
	}
	return found;
}

/* Whether an alert would begin that is not under way. */
static bool
begins(const struct planning *planning, long alert)
{
	return alert == NONE_EXISTS ||
	       !is_under_way(&planning->existing[alert]);
}

static struct plan
step_for(const struct planning *planning, size_t wanted, long alert)
{
	if (alert == NONE_EXISTS)
		return (struct plan){PLAN_ADD, wanted, 0};
	if (is_under_way(&planning->existing[alert]))
		return (struct plan){PLAN_RENDER, wanted, (size_t)alert};
	return (struct plan){PLAN_REVIVE, wanted, (size_t)alert};
}

/* Whether this pending one is the alert that somebody wants. */
static bool
is_kept(const struct planning *planning, size_t at)
{
	const struct existing *existing = &planning->existing[at];

	for (size_t i = 0; i < planning->wanted_count; i++)
		if (same_receiver(planning->wanted[i].action,
			    planning->wanted[i].recipient, existing))
			return find_alert(planning, existing->action,
				       existing->recipient) == (long)at;
	return false;
}

size_t
decide_plan(const struct wanted *wanted, size_t wanted_count,
	const struct existing *existing, size_t existing_count,
	struct plan *plan)
{
	const struct planning planning = {
		wanted, wanted_count, existing, existing_count};
	size_t steps = 0;

	for (size_t i = 0; i < wanted_count; i++) {
		long alert = find_alert(
			&planning, wanted[i].action, wanted[i].recipient);

		if (alert == IS_SETTLED || is_repeated(&planning, i) ||
			(wanted[i].history && begins(&planning, alert)))
			continue;
		plan[steps++] = step_for(&planning, i, alert);
	}
	for (size_t i = 0; i < existing_count; i++)
		if (is_under_way(&existing[i]) && !is_kept(&planning, i))
			plan[steps++] = (struct plan){PLAN_CANCEL, 0, i};
	return steps;
}

static void
append_string(struct buf *out, const char *text)
{
	json_append_string(out, text, strlen(text));
}

void
delivery_id(const char *cause, const char *key, int n, const char *action,
	const char *recipient, char out[DELIVERY_ID_BYTES])
{
	struct buf name = {0};

	buf_reserve(&name, DELIVERY_NAME_BYTES);
	buf_append_char(&name, '[');
	append_string(&name, cause);
	buf_append_char(&name, ',');
	append_string(&name, key);
	buf_append_char(&name, ',');
	buf_append_integer(&name, n);
	buf_append_char(&name, ',');
	append_string(&name, action);
	buf_append_char(&name, ',');
	append_string(&name, recipient);
	buf_append_char(&name, ']');
	uuid_from_name(name.data, name.length, out);
	buf_done(&name);
}

char *
delivery_key_of_answer(const char *survey, const char *id)
{
	struct buf key = {0};

	buf_append_char(&key, '[');
	append_string(&key, survey);
	buf_append_char(&key, ',');
	append_string(&key, id);
	buf_append_char(&key, ']');
	return buf_take(&key);
}

/* As it was: the row tells whether it was ended before its time. */
static void
append_silence(struct buf *out, const struct silence *silence)
{
	char until[TIME_TEXT_BYTES];

	time_to_rfc3339(silence->until_ms, until);
	buf_printf(out, ",\"silence\":%" PRId64 ",\"until\":\"%s\",\"why\":",
		silence->row, until);
	append_string(out, silence->why);
}

static void
append_verdict(
	struct buf *out, const struct rule *rule, const struct verdict *verdict)
{
	buf_append_text(out, "{\"rule\":");
	append_string(out, rule->name);
	buf_printf(out, ",\"verdict\":\"%s\"", verdict_end_name(verdict->end));
	if (verdict->end == VERDICT_NO_MATCH) {
		struct buf matcher = {0};

		matcher_describe(&rule->match, verdict->matcher, &matcher);
		buf_append_text(out, ",\"matcher\":");
		json_append_string(out, matcher.data, matcher.length);
		buf_done(&matcher);
	}
	if (verdict->end == VERDICT_SILENCED)
		append_silence(out, verdict->silence);
	if (verdict->end == VERDICT_COOLDOWN)
		buf_printf(out, ",\"by\":%" PRId64, verdict->answer);
	if (verdict->when_failed) {
		buf_append_text(out, ",\"when_failed\":");
		append_string(out, verdict->error);
	}
	if (verdict->tripped)
		buf_append_text(out, ",\"tripped\":true");
	buf_append_char(out, '}');
}

char *
verdicts_text(const struct rules *rules, const struct verdict *verdicts)
{
	struct buf out = {0};

	buf_append_char(&out, '[');
	for (size_t i = 0; i < rules->count; i++) {
		if (i)
			buf_append_char(&out, ',');
		append_verdict(&out, rules->items[i], &verdicts[i]);
	}
	buf_append_char(&out, ']');
	return buf_take(&out);
}
