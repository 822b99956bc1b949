/* storm_claim - the message of a storm, made when it is claimed. */
#include "flow/storm_claim.h"

#include <stdlib.h>

#include "base/memory.h"
#include "flow/alerts.h"
#include "flow/answer_restore.h"
#include "flow/follow_up_link.h"
#include "flow/following.h"
#include "flow/storm_link.h"
#include "flow/storming.h"
#include "nps/alert.h"
#include "nps/storm_report.h"

struct telling {
	struct storm_report report;
	const char *action, *recipient;
	char *language; /* of the first one's reader; NULL: not known yet */
};

/* ---- one that is folded ---- */

/* One of the first, with whose it is. */
static bool
show(struct keeping *keeping, struct telling *telling,
	const struct folded_row *folded, const struct response *response,
	struct err *err)
{
	struct previous previous;
	struct subject subject = {response, &previous};
	struct following following = {NULL, false};
	struct alert_people people;
	const char *language;
	json_t *alert;

	if (!alerts_find_previous(
		    keeping, response, folded->answer, &previous, err) ||
		!following_find(keeping, folded->answer, &following, err))
		return false;
	following_describe(keeping->policy, keeping->link_key, keeping->now_ms,
		&following, folded->rule, &subject, &people);
	alert = alert_subject(&subject);
	alert_set_people(alert, &people);
	language = follow_up_link_direct(keeping, alert, telling->action,
		telling->recipient, following_language(&people));
	if (telling->language == NULL)
		telling->language = mem_strdup(language);
	alert_complete(alert, folded->rule, NULL, "");
	storm_report_show(
		&telling->report, alert, folded->answer, folded->delivery);
	json_decref(alert);
	alert_people_done(&people);
	following_done(&following);
	return true;
}

static bool
on_folded(struct keeping *keeping, const struct folded_row *folded,
	void *context, struct err *err)
{
	struct telling *telling = context;
	struct storm_report *report = &telling->report;
	struct response *response;
	bool good;

	if (report->looked_at == STORM_LOOKED_LIMIT)
		return true;
	/* One that was forgotten is counted alone. */
	good = answer_restore(keeping, folded->answer, &response, err);
	storm_report_add(report, response, folded->rule, folded->created_ms);
	if (response != NULL && storm_report_wants_more(report))
		good = good && show(keeping, telling, folded, response, err);
	response_free(response);
	return good;
}

/* ---- the message ---- */

static json_t *
document_of(struct keeping *keeping, const struct claimed *claimed,
	const struct telling *telling, int64_t count)
{
	const char *survey = storm_report_survey(&telling->report);
	json_t *storm = storm_report_json(
		&telling->report, keeping->policy->rules->owners, count);
	char *command = mem_printf(
		"npsd deliveries --storm %lld", (long long)claimed->row);

	json_object_set_new(storm, "command", json_string(command));
	json_object_set_new(storm, "links",
		json_pack("{s:o}", "page",
			storm_link(keeping->policy, keeping->link_key,
				claimed->row, keeping->now_ms)));
	free(command);
	return json_pack("{s:n, s:n, s:n, s:n, s:n, s:n, s:o, s:o, s:{s:s}}",
		"response", "category", "previous", "owner", "follow_up",
		"rule", "nps",
		survey != NULL ? json_incref(alerts_figures(keeping, survey))
			       : json_object(),
		"storm", storm, "delivery", "id", claimed->id);
}

static enum alert_end
render(struct keeping *keeping, struct claimed *claimed,
	const struct telling *telling, int64_t count, struct err *err)
{
	struct alert alert = {
		.document = document_of(keeping, claimed, telling, count),
		.delivery_id = claimed->id,
		.recipient = claimed->recipient,
		.created_ms = keeping->now_ms, /* it was begun long before */
		.language = telling->language != NULL ? telling->language : "",
	};
	enum alert_end end;

	end = claim_render(keeping, claimed, &alert, err);
	json_decref((json_t *)(uintptr_t)alert.document);
	return end;
}

enum alert_end
storm_claim_render(
	struct keeping *keeping, struct claimed *claimed, struct err *err)
{
	struct telling telling = {
		.action = claimed->action, .recipient = claimed->recipient};
	enum alert_end end = ALERT_STORE_FAILED;
	int64_t count;

	/* Bytes of it have left, and its answers were forgotten since. */
	if (claimed->tries > 0) {
		err_set(err, "its content was purged");
		return ALERT_UNRENDERABLE;
	}
	if (!store_count_folded(keeping->store, claimed->row, &count, err))
		return ALERT_STORE_FAILED;
	if (count == 0) {
		err_set(err, "%s", STORMING_EMPTY);
		return ALERT_EMPTY;
	}
	storm_report_init(&telling.report);
	if (storming_each(keeping, claimed->row, on_folded, &telling, err))
		end = render(keeping, claimed, &telling, count, err);
	storm_report_done(&telling.report);
	free(telling.language);
	return end;
}
