/* webhook_judge - what a receiver's answer means for a delivery. */
#include "action/webhook_judge.h"

#include <stdlib.h>
#include <string.h>

#include "action/outcome.h"
#include "nps/program.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"

struct condition {
	const struct webhook_rule *rule;
	const char *name;
	size_t number; /* in the set, where there is a body */
};

struct webhook_judge {
	struct condition success, retry_when;
	struct expr_set *set;
};

static void
add_condition(struct webhook_judge *judge, struct condition *condition,
	const char *name, const struct webhook_rule *rule)
{
	condition->rule = rule;
	condition->name = name;
	if (rule->body != NULL)
		condition->number = expr_set_add(judge->set, name, rule->body);
}

struct webhook_judge *
webhook_judge_open(const struct webhook_rule *success,
	const struct webhook_rule *retry_when, struct err *err)
{
	struct webhook_judge *judge = mem_new(1, sizeof(*judge));

	judge->set = expr_set_new();
	add_condition(judge, &judge->success, "success", success);
	add_condition(judge, &judge->retry_when, "retry_when", retry_when);
	if ((success->body == NULL && retry_when->body == NULL) ||
		program_compile(judge->set, err))
		return judge;
	webhook_judge_close(judge);
	return NULL;
}

void
webhook_judge_close(struct webhook_judge *judge)
{
	if (judge == NULL)
		return;
	expr_set_free(judge->set);
	free(judge);
}

/* ---- the answer as a condition sees it ---- */

/* Valid UTF-8 without NUL; the other bytes become U+FFFD. */
static json_t *
body_text(const struct transfer_result *result)
{
	struct buf text = {0};
	json_t *value;

	for (size_t i = 0; i < result->body_length;) {
		uint32_t code = 0;
		size_t bytes = text_sequence(
			result->body + i, result->body_length - i, &code);

		if (code == 0) /* NUL, or what is no UTF-8 */
			buf_append_text(&text, "\xEF\xBF\xBD");
		else
			buf_append(&text, result->body + i, bytes);
		i += bytes > 0 ? bytes : 1;
	}
	value = json_stringn(text.data != NULL ? text.data : "", text.length);
	buf_done(&text);
	return value;
}

static struct expr_input *
answer_input(const struct transfer_result *result)
{
	struct json_fault fault;
	json_t *answer = json_object();
	json_t *json =
		result->body_length > 0
			? json_read(result->body, result->body_length, &fault)
			: NULL;
	struct expr_input *input;

	json_object_set_new(answer, "status", json_integer(result->status));
	json_object_set_new(answer, "body", body_text(result));
	json_object_set_new(answer, "json", json != NULL ? json : json_null());
	input = expr_input_new(answer);
	json_decref(answer);
	return input;
}

/* ---- judging ---- */

/* A condition that fails holds for no answer; *broken tells. */
static bool
fits(struct webhook_judge *judge, const struct condition *condition,
	const struct transfer_result *result, const struct status_set *statuses,
	bool *broken)
{
	struct expr_input *input;
	bool holds = false;

	if (statuses->given && !status_set_has(statuses, result->status))
		return false;
	if (condition->rule->body == NULL)
		return true;
	input = answer_input(result);
	if (expr_run_boolean(judge->set, condition->number, input, &holds,
		    NULL) != EXPR_OK) {
		holds = false;
		*broken = true;
	}
	expr_input_free(input);
	return holds;
}

static bool
is_good(int status)
{
	return status >= 200 && status < 300;
}

/* Where no status is listed, a success is a 2xx. */
static bool
is_success(struct webhook_judge *judge, const struct transfer_result *result,
	bool *broken)
{
	const struct condition *success = &judge->success;

	if (!success->rule->status.given && !is_good(result->status))
		return false;
	return fits(judge, success, result, &success->rule->status, broken);
}

static bool
is_asked_again(struct webhook_judge *judge,
	const struct transfer_result *result, bool *broken)
{
	const struct condition *again = &judge->retry_when;

	return webhook_rule_is_given(again->rule) &&
	       fits(judge, again, result, &again->rule->status, broken);
}

static enum outcome_end
end_of_status(int status)
{
	switch (status) {
	case 408:
	case 425:
	case 429:
		return OUTCOME_TRY_LATER;
	case 401:
	case 403:
	case 404:
	case 407:
	case 410:
		return OUTCOME_ENDPOINT_DOWN;
	default:
		break;
	}
	if (status >= 300 && status < 400)
		return OUTCOME_ENDPOINT_DOWN;
	if (status >= 400 && status < 500)
		return OUTCOME_GIVE_UP;
	return OUTCOME_TRY_LATER; /* 5xx, and what is no status of HTTP */
}

/* What a person may do about it. */
static const char *
advice_on(int status)
{
	switch (status) {
	case 401:
	case 403:
		return "; see the action's \"auth\"";
	case 404:
		return "; see the action's \"url\"";
	case 407:
		return "; the proxy wants a log-in, see \"proxy\"";
	case 410:
		return "; the receiver has closed this address for good";
	case 413:
		return "; the payload is too long for it";
	case 400:
	case 422:
		return "; see the action's \"payload\"";
	default:
		break;
	}
	if (status >= 300 && status < 400)
		return "; redirects are not followed, put the new address "
		       "into \"url\"";
	return "";
}

static void
judge_answer(struct webhook_judge *judge, const struct transfer_result *result,
	struct outcome *outcome)
{
	int status = result->status;
	bool broken = false;

	if (is_success(judge, result, &broken)) {
		outcome_say(outcome, OUTCOME_DELIVERED, status, result->reason);
		return;
	}
	if (is_asked_again(judge, result, &broken))
		outcome_set(outcome, OUTCOME_TRY_LATER, status,
			"%s, which is in \"retry_when\"", result->reason);
	else if (is_good(status))
		outcome_set(outcome, OUTCOME_TRY_LATER, status,
			"%s, which is no success by the action's \"success\"",
			result->reason);
	else
		outcome_set(outcome, end_of_status(status), status, "%s%s",
			result->reason, advice_on(status));
	if (broken)
		outcome_set(outcome, outcome->end, status,
			"%s; a condition on the body in \"success\" or "
			"\"retry_when\" gave no true or false",
			result->reason);
	if (outcome->end == OUTCOME_TRY_LATER)
		outcome->retry_after_ms = result->retry_after_ms;
}

/* The message never reached its receiver: nothing of it can be at fault. */
static void
judge_proxy(const struct transfer_result *result, struct outcome *outcome)
{
	enum outcome_end end = end_of_status(result->status);

	if (end == OUTCOME_GIVE_UP)
		end = OUTCOME_ENDPOINT_DOWN;
	outcome_set(outcome, end, result->status, "%s%s", result->reason,
		end == OUTCOME_ENDPOINT_DOWN ? "; see the action's \"proxy\""
					     : "");
}

void
webhook_judge(struct webhook_judge *judge, const struct transfer_result *result,
	struct outcome *outcome)
{
	switch (result->end) {
	case TRANSFER_ANSWERED:
		judge_answer(judge, result, outcome);
		return;
	case TRANSFER_NETWORK:
	case TRANSFER_UNKNOWN:
		outcome_set(outcome, OUTCOME_TRY_LATER, result->status, "%s",
			result->reason);
		return;
	case TRANSFER_REFUSED:
		judge_proxy(result, outcome);
		return;
	case TRANSFER_DENIED:
		outcome_set(outcome, OUTCOME_ENDPOINT_DOWN, 0,
			"%s; see \"allow\" and \"deny\"", result->reason);
		return;
	case TRANSFER_TLS:
	case TRANSFER_MISUSED:
		break;
	}
	outcome_set(outcome, OUTCOME_ENDPOINT_DOWN, 0, "%s", result->reason);
}
