/*
 * judge - what each rule says of one answer. The settings are rule.c's.
 *
 *	native match --no--> no_match
 *	     | yes
 *	    age -----old---> too_old
 *	     | young
 *	   when: ---false--> when_false
 *	     | true, none, failed, or no longer asked
 *	 contact ---not ok-> contact_not_ok (of a rule that opens follow-ups)
 *	     | ok, or any
 *	   fired ----------> the last one looked at, unless it says continue, or
 *	                     is a shadow
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "nps/alert.h"
#include "nps/rule.h"

/* What is known of a rule's condition. */
struct condition_state {
	size_t expression; /* its number in the set */
	int deadlines;	   /* passed one after the other */
	bool tripped;
};

struct judge {
	const struct rules *rules;
	struct expr_set *set;
	struct condition_state *states; /* one a rule */
};

static const char *const end_names[] = {
	[VERDICT_FIRED] = "fired",
	[VERDICT_NO_MATCH] = "no_match",
	[VERDICT_WHEN_FALSE] = "when_false",
	[VERDICT_TOO_OLD] = "too_old",
	[VERDICT_NOT_ASKED] = "not_asked",
	[VERDICT_COOLDOWN] = "cooldown",
	[VERDICT_SHADOW] = "shadow",
	[VERDICT_CONTACT_NOT_OK] = "contact_not_ok",
	[VERDICT_HISTORY] = "history",
	[VERDICT_SILENCED] = "silenced",
};

const char *
verdict_end_name(enum verdict_end end)
{
	assert((size_t)end < sizeof(end_names) / sizeof(end_names[0]));
	return end_names[end];
}

/* Who hears of expressions that jq refuses. */
struct listener {
	const struct judge *judge;
	struct conf_errors *errors;
};

static void
on_error(size_t number, const char *message, void *context)
{
	const struct listener *listener = context;
	const struct rules *rules = listener->judge->rules;

	for (size_t i = 0; listener->errors && i < rules->count; i++) {
		const struct rule *rule = rules->items[i];

		if (!rule->when ||
			listener->judge->states[i].expression != number)
			continue;
		char *path = mem_printf("rules[%zu].when", i);

		conf_error(listener->errors, conf_node_at(rule->node, "when"),
			path, "%s", message);
		free(path);
	}
}

static void
add_expression(struct judge *judge, size_t i)
{
	const struct rule *rule = judge->rules->items[i];

	if (!rule->when)
		return;
	char *name = mem_printf("rule %s", rule->name);

	judge->states[i].expression =
		expr_set_add(judge->set, name, rule->when);
	free(name);
}

struct judge *
judge_new(const struct rules *rules, struct conf_errors *errors)
{
	struct judge *judge = mem_new(1, sizeof(*judge));
	struct listener listener = {judge, errors};

	judge->rules = rules;
	judge->set = expr_set_new();
	judge->states = mem_new(rules->count, sizeof(*judge->states));
	for (size_t i = 0; i < rules->count; i++)
		add_expression(judge, i);
	if (expr_set_compile(judge->set, on_error, &listener))
		return judge;
	judge_free(judge);
	return NULL;
}

void
judge_free(struct judge *judge)
{
	if (!judge)
		return;
	expr_set_free(judge->set);
	free(judge->states);
	free(judge);
}

bool
judge_is_tripped(const struct judge *judge, size_t rule)
{
	assert(rule < judge->rules->count);
	return judge->states[rule].tripped;
}

/* One answer on its way through the rules. */
struct hearing {
	struct judge *judge;
	const struct subject *subject;
	int64_t now_ms;
	struct expr_input *input; /* NULL until a when: is asked */
};

static struct expr_input *
input_of(struct hearing *hearing)
{
	if (!hearing->input) {
		json_t *document = alert_subject(hearing->subject);

		hearing->input = expr_input_new(document);
		json_decref(document);
	}
	return hearing->input;
}

/* Counted as fired: an alert too many is better than one that is missing. */
static void
take_failure(struct condition_state *state, bool deadline,
	const struct err *err, struct verdict *verdict)
{
	verdict->when_failed = true;
	size_t length = text_cut(
		err->text, strlen(err->text), sizeof(verdict->error) - 1);

	memcpy(verdict->error, err->text, length);
	verdict->error[length] = '\0';
	state->deadlines = deadline ? state->deadlines + 1 : 0;
	state->tripped = state->deadlines >= RULE_TRIP_DEADLINES;
}

/* Whether the condition lets the rule fire. */
static bool
ask_when(struct hearing *hearing, size_t i, struct verdict *verdict)
{
	struct condition_state *state = &hearing->judge->states[i];
	struct err err = {""};
	bool holds = false;

	if (state->tripped) {
		verdict->tripped = true;
		return true;
	}
	enum expr_end end = expr_run_boolean(hearing->judge->set,
		state->expression, input_of(hearing), &holds, &err);

	if (end != EXPR_OK) {
		take_failure(state, end == EXPR_DEADLINE, &err, verdict);
		return true;
	}
	state->deadlines = 0;
	return holds;
}

/* Who asked not to be contacted is not called. */
static bool
passes_by(const struct rule *rule, const struct response *response)
{
	return rule->follow_up.given && !response->contact_ok &&
	       rule->follow_up.contact != FOLLOW_UP_CONTACT_ANY;
}

static void
judge_rule(struct hearing *hearing, size_t i, struct verdict *verdict)
{
	const struct rule *rule = hearing->judge->rules->items[i];

	verdict->matcher =
		matchers_first_failed(&rule->match, hearing->subject);
	if (verdict->matcher < rule->match.count)
		verdict->end = VERDICT_NO_MATCH;
	else if (hearing->now_ms - hearing->subject->response->answered_ms >=
		 rule->max_age_ms)
		verdict->end = VERDICT_TOO_OLD;
	else if (rule->when && !ask_when(hearing, i, verdict))
		verdict->end = VERDICT_WHEN_FALSE;
	else if (passes_by(rule, hearing->subject->response))
		verdict->end = VERDICT_CONTACT_NOT_OK;
	else
		verdict->end = rule->shadow ? VERDICT_SHADOW : VERDICT_FIRED;
}

void
judge_answer(struct judge *judge, const struct subject *subject, int64_t now_ms,
	struct verdict *verdicts)
{
	struct hearing hearing = {
		.judge = judge, .subject = subject, .now_ms = now_ms};
	bool over = false;

	for (size_t i = 0; i < judge->rules->count; i++) {
		struct verdict *verdict = &verdicts[i];

		/* Not the whole of it: the error is long and seldom set. */
		verdict->end = VERDICT_NOT_ASKED;
		verdict->matcher = 0;
		verdict->when_failed = false;
		verdict->tripped = false;
		verdict->error[0] = '\0';
		if (over)
			continue;
		judge_rule(&hearing, i, verdict);
		over = verdict->end == VERDICT_FIRED &&
		       !judge->rules->items[i]->go_on;
	}
	expr_input_free(hearing.input);
}
