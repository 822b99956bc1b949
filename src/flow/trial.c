/* trial - decides and renders a supposed answer, and keeps nothing of it. */
#include "flow/trial.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "flow/following.h"
#include "flow/renderers.h"
#include "nps/alert.h"
#include "nps/decide.h"

#define TRIAL_ID "trial" /* of an answer without an id */

struct trial {
	const struct policy *policy;
	struct judge *judge;
	struct renderers *renderers;
	struct tally *tally; /* of nobody: figures without answers */
};

/* One answer while it is tried. */
struct trying {
	struct trial *trial;
	const struct trial_answer *answer;
	struct subject subject;
	json_t *document; /* the alert document */
	json_t *figures;
	json_t *alerts;
	struct alert_people people;
};

void
trial_free(struct trial *trial)
{
	if (trial == NULL)
		return;
	judge_free(trial->judge);
	renderers_close(trial->renderers);
	tally_free(trial->tally);
	free(trial);
}

struct trial *
trial_new(const struct policy *policy, struct err *err)
{
	struct trial *trial = mem_new(1, sizeof(*trial));

	trial->policy = policy;
	trial->tally = tally_new(policy->tally);
	trial->judge = judge_new(policy->rules, NULL);
	if (trial->judge == NULL)
		(void)err_set(err, "a rule's when: does not compile");
	else
		trial->renderers = renderers_open(policy, err);
	if (trial->renderers != NULL)
		return trial;
	trial_free(trial);
	return NULL;
}

static json_t *
rejected_json(const struct rejection *why)
{
	return json_pack("{s:{s:s, s:s, s:s}}", "rejected", "reason",
		rejection_reason_name(why->reason), "pointer", why->pointer,
		"text", why->text);
}

/* NULL, with what is to be said of it in *rejected. */
static struct response *
decode(const struct trial *trial, const struct trial_answer *answer,
	json_t **rejected)
{
	const struct response_defaults defaults = {
		.survey = answer->survey,
		.contact_ok = trial->policy->contact_default,
		.now_ms = answer->now_ms,
	};
	struct rejection why;
	struct response *response =
		response_decode(answer->bytes, answer->length, &defaults, &why);

	if (response == NULL)
		*rejected = rejected_json(&why);
	else if (response->id == NULL)
		response_set_id(response, TRIAL_ID);
	return response;
}

static void
trying_init(struct trying *trying, struct trial *trial,
	const struct trial_answer *answer, const struct response *response)
{
	memset(trying, 0, sizeof(*trying));
	trying->trial = trial;
	trying->answer = answer;
	trying->subject = (struct subject){response, &trying->answer->previous};
	trying->document = alert_subject(&trying->subject);
	trying->figures = tally_figures_json(trial->tally, response->survey);
	trying->alerts = json_array();
}

static void
trying_done(struct trying *trying)
{
	alert_people_done(&trying->people);
	json_decref(trying->document);
	json_decref(trying->figures);
	json_decref(trying->alerts);
}

/* What one receiver would get: its body, or why there can be none. */
static void
render(struct trying *trying, const struct policy_action *action,
	const char *rule, const char *recipient, const char *failed)
{
	const struct response *response = trying->subject.response;
	char *key = delivery_key_of_answer(response->survey, response->id);
	struct alert alert = {
		.document = trying->document,
		.recipient = recipient,
		.created_ms = trying->answer->now_ms,
		.language = following_language(&trying->people),
	};
	char id[DELIVERY_ID_BYTES];
	struct err why = {""};
	struct buf body = {0};
	json_t *item;

	delivery_id("alert", key, 0, action->name, recipient, id);
	alert.delivery_id = id;
	alert_complete(trying->document, rule, trying->figures, id);
	item = json_pack("{s:s, s:s, s:s, s:s, s:s}", "action", action->name,
		"type", action->kind->setting.name, "rule", rule, "recipient",
		recipient, "id", id);
	if (failed != NULL)
		(void)err_set(&why, "%s", failed);
	if (failed == NULL && renderers_render(trying->trial->renderers,
				      action->name, &alert, &body, &why))
		json_object_set_new(item, "body",
			json_stringn(body.data != NULL ? body.data : "",
				body.length));
	else
		json_object_set_new(item, "reason", json_string(why.text));
	json_array_append_new(trying->alerts, item);
	buf_done(&body);
	free(key);
}

/* Whose it would be: as if its follow-up were opened now. */
static void
set_people(struct trying *trying, const char *name)
{
	const struct policy *policy = trying->trial->policy;
	int64_t now_ms = trying->answer->now_ms;
	struct follow_up follow_up = {.rule = name};
	struct following following = {NULL, false};
	struct value value;

	for (size_t i = 0; i < policy->rules->count; i++) {
		const struct rule *rule = policy->rules->items[i];

		if (strcmp(rule->name, name) != 0 || !rule->follow_up.given)
			continue;
		follow_up.owner =
			owner_choose(&rule->owner, policy->rules->owners,
				&trying->subject, 0, now_ms, &value);
		follow_up_start(&follow_up, &rule->follow_up, now_ms);
		following.follow_up = &follow_up;
	}
	alert_people_done(&trying->people);
	following_describe(policy, NULL, now_ms, &following, name,
		&trying->subject, &trying->people);
	alert_set_people(trying->document, &trying->people);
}

static void
render_all(struct trying *trying, const struct policy_action *action,
	const char *rule)
{
	struct setting_texts to = {0};
	struct err why = {""};

	set_people(trying, rule);
	alert_complete(trying->document, rule, trying->figures, "");
	if (!renderers_recipients(trying->trial->renderers, action->name,
		    trying->document, &to, &why))
		render(trying, action, rule, "", why.text);
	else
		for (size_t i = 0; i < to.count; i++)
			render(trying, action, rule, to.items[i], NULL);
	setting_texts_done(&to);
}

static json_t *
answer_json(const struct response *response)
{
	char answered[TIME_TEXT_BYTES];

	time_to_rfc3339(response->answered_ms, answered);
	return json_pack("{s:s, s:s, s:I, s:i, s:s, s:s}", "id", response->id,
		"survey", response->survey, "revision",
		(json_int_t)response->revision, "score", response->score,
		"category", category_name(response->category), "answered_at",
		answered);
}

/* The rules that fired, and their verdicts, into `out`; their alerts into
 * trying->alerts. */
static void
judge(struct trying *trying, json_t *out)
{
	struct trial *trial = trying->trial;
	const struct rules *rules = trial->policy->rules;
	struct verdict *verdicts = mem_new(rules->count + 1, sizeof(*verdicts));
	size_t limit = trial->policy->action_count;
	struct wanted *wanted = mem_new(limit + 1, sizeof(*wanted));
	json_t *fired = json_array();
	size_t count;
	char *text;

	judge_answer(trial->judge, &trying->subject, trying->answer->now_ms,
		verdicts);
	text = verdicts_text(rules, verdicts);
	json_object_set_new(out, "verdicts", json_loads(text, 0, NULL));
	free(text);
	for (size_t i = 0; i < rules->count; i++)
		if (verdicts[i].end == VERDICT_FIRED)
			json_array_append_new(
				fired, json_string(rules->items[i]->name));
	json_object_set_new(out, "rules", fired);
	count = decide_wanted(rules, verdicts, wanted, limit);
	for (size_t i = 0; i < count; i++)
		render_all(trying,
			policy_action(trial->policy, wanted[i].action),
			rules->items[wanted[i].rule]->name);
	free(verdicts);
	free(wanted);
}

json_t *
trial_run(struct trial *trial, const struct trial_answer *answer)
{
	json_t *out = NULL;
	struct response *response = decode(trial, answer, &out);
	struct trying trying;

	if (response == NULL)
		return out;
	trying_init(&trying, trial, answer, response);
	out = json_pack("{s:o}", "answer", answer_json(response));
	/* An invitation is counted and asks no rule. */
	if (response->kind == RESPONSE_ANSWER)
		judge(&trying, out);
	json_object_set(out, "alerts", trying.alerts);
	trying_done(&trying);
	response_free(response);
	return out;
}

static const char *
rule_of(const struct rules *rules, const char *action)
{
	for (size_t i = 0; i < rules->count; i++)
		for (size_t k = 0; k < rules->items[i]->actions.count; k++)
			if (strcmp(rules->items[i]->actions.items[k], action) ==
				0)
				return rules->items[i]->name;
	return "";
}

json_t *
trial_render(struct trial *trial, const struct trial_answer *answer,
	const struct policy_action *action, const char *rule)
{
	json_t *out = NULL;
	struct response *response = decode(trial, answer, &out);
	struct trying trying;

	if (response == NULL)
		return out;
	trying_init(&trying, trial, answer, response);
	if (rule == NULL)
		rule = rule_of(trial->policy->rules, action->name);
	render_all(&trying, action, rule);
	out = json_incref(trying.alerts);
	trying_done(&trying);
	response_free(response);
	return out;
}
