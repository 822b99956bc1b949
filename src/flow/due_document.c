/* due_document - what payloads and messages see of a follow-up's step. */
#include "flow/due_document.h"

#include <stdio.h>

#include "base/json.h"
#include "base/json_value.h"
#include "flow/alerts.h"
#include "flow/answer_restore.h"
#include "flow/following.h"
#include "nps/alert.h"
#include "nps/calendar.h"

/* The answer as an alert has it; NULL without a reason: it is forgotten. */
static bool
answer_document(struct keeping *keeping, const struct follow_up *follow_up,
	json_t **document, struct err *err)
{
	struct response *response;
	struct previous previous;
	struct subject subject = {NULL, &previous};
	bool good =
		answer_restore(keeping, follow_up->last_answer, &response, err);

	*document = NULL;
	if (good && response != NULL) {
		subject.response = response;
		good = alerts_find_previous(keeping, response,
			follow_up->last_answer, &previous, err);
		if (good)
			*document = alert_subject(&subject);
	}
	response_free(response);
	return good;
}

json_t *
due_document(struct keeping *keeping, const struct follow_up *follow_up,
	struct err *err)
{
	struct alert_people people;
	json_t *document;

	if (!answer_document(keeping, follow_up, &document, err))
		return NULL;
	if (document == NULL)
		document = json_pack("{s:{s:s}, s:n, s:n}", "response",
			"survey", follow_up->survey, "category", "previous");
	following_describe_one(keeping->policy, keeping->link_key,
		keeping->now_ms, follow_up, follow_up->folds > 0, &people);
	alert_set_people(document, &people);
	alert_people_done(&people);
	alert_complete(document, follow_up->rule,
		alerts_figures(keeping, follow_up->survey), "");
	return document;
}

/* "4h", "1h30m", in open hours; null where the deadline is yet to come. */
static json_t *
overdue(const struct follow_up_terms *terms, int64_t by_ms, int64_t now_ms)
{
	char text[48];
	int64_t minutes;

	if (by_ms == 0 || by_ms > now_ms)
		return json_null();
	minutes = calendar_between(terms->calendar, by_ms, now_ms) /
		  MS_PER_MINUTE;
	if (minutes % 60 == 0 && minutes > 0)
		(void)snprintf(
			text, sizeof(text), "%lldh", (long long)(minutes / 60));
	else if (minutes > 60)
		(void)snprintf(text, sizeof(text), "%lldh%lldm",
			(long long)(minutes / 60), (long long)(minutes % 60));
	else
		(void)snprintf(text, sizeof(text), "%lldm", (long long)minutes);
	return json_string(text);
}

static bool
is_of_resolve_clock(
	const struct follow_up_terms *terms, const struct follow_up_due *due)
{
	const struct follow_up_escalation *escalation;

	if (due->step != FOLLOW_UP_STEP_ESCALATE)
		return false;
	escalation = terms->escalations.items[due->escalation].record;
	return escalation->clock == FOLLOW_UP_RESOLVE_CLOCK;
}

void
due_document_step(json_t *document, const struct follow_up *follow_up,
	const struct follow_up_terms *terms, const struct zone *zone,
	const struct due_step *step, int64_t now_ms)
{
	const struct follow_up_due *due = &step->due;
	bool resolve = is_of_resolve_clock(terms, due);
	int64_t by_ms =
		resolve ? follow_up->resolve_by_ms : follow_up->contact_by_ms;
	json_t *object = json_pack("{s:s, s:s, s:b}", "step",
		follow_up_step_name(due->step), "clock",
		resolve ? "resolve" : "contact", "late", step->late);

	json_object_set_new(object, "level",
		due->step == FOLLOW_UP_STEP_ESCALATE
			? json_integer((json_int_t)due->escalation + 1)
			: json_null());
	json_object_set_new(
		object, "at", json_zoned_or_null(zone, due->due_ms));
	json_object_set_new(
		object, "deadline", json_zoned_or_null(zone, by_ms));
	json_object_set_new(object, "contact_by",
		json_zoned_or_null(zone, follow_up->contact_by_ms));
	json_object_set_new(object, "resolve_by",
		json_zoned_or_null(zone, follow_up->resolve_by_ms));
	json_object_set_new(object, "overdue", overdue(terms, by_ms, now_ms));
	json_object_set_new(document, "due", object);
}

const char *
due_document_language(const json_t *document)
{
	const char *language = json_string_value(json_object_get(
		json_object_get(document, "owner"), "language"));

	return language != NULL ? language : "";
}
