/* alert_claim - the body of an alert that was put off until its claim. */
#include "flow/alert_claim.h"

#include "flow/alerts.h"
#include "flow/follow_up_link.h"
#include "flow/following.h"
#include "nps/alert.h"
#include "store/store_erasures.h"

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

/* The body into the row and the claimed delivery. */
static enum alert_end
render_restored(struct keeping *keeping, struct claimed *claimed,
	const struct subject *subject, const struct following *following,
	const char *rule, struct err *err)
{
	json_t *document = alert_subject(subject);
	struct alert_people people;
	struct alert alert = {
		.document = document,
		.delivery_id = claimed->id,
		.recipient = claimed->recipient,
		.created_ms = claimed->created_ms,
		.language = "",
	};
	enum alert_end end;

	following_describe(keeping->policy, keeping->link_key, keeping->now_ms,
		following, rule, subject, &people);
	alert.language = following_language(&people);
	alert_set_people(document, &people);
	alert.language = follow_up_link_direct(keeping, document,
		claimed->action, claimed->recipient, alert.language);
	alert_complete(document, rule,
		alerts_figures(keeping, subject->response->survey),
		claimed->id);
	end = claim_render(keeping, claimed, &alert, err);
	alert_people_done(&people);
	json_decref(document);
	return end;
}

enum alert_end
alert_claim_render(struct keeping *keeping, struct claimed *claimed,
	int64_t answer, const char *rule, struct err *err)
{
	struct restored restored = {
		.err = err,
		.contact_default = keeping->policy->contact_default,
	};
	struct previous previous;
	struct subject subject = {NULL, &previous};
	struct following following = {NULL, false};
	enum store_found found = store_get_answer(
		keeping->store, answer, on_answer, &restored, err);
	enum alert_end end;

	if (found == STORE_ERROR)
		return ALERT_STORE_FAILED;
	if (found == STORE_FORGOTTEN) {
		err_set(err, "%s", ERASURE_REASON);
		return ALERT_EMPTY;
	}
	if (found != STORE_FOUND)
		err_set(err, "there is no such answer");
	if (restored.response == NULL)
		return ALERT_UNRENDERABLE;
	subject.response = restored.response;
	end = alerts_find_previous(
		      keeping, restored.response, answer, &previous, err) &&
			      following_find(keeping, answer, &following, err)
		      ? render_restored(keeping, claimed, &subject, &following,
				rule, err)
		      : ALERT_STORE_FAILED;
	following_done(&following);
	response_free(restored.response);
	return end;
}
