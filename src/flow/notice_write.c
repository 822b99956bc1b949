/* notice_write - makes the deliveries that tell of an action that fails. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "flow/alerts.h"
#include "flow/notice.h"

#define NOTICE_CAUSE "failure"

static const char *
state_name(const struct lane_stand *stand)
{
	switch (stand->state) {
	case LANE_HELD:
		return "held";
	case LANE_BREAKER:
		return "breaker";
	case LANE_OPEN:
		break;
	}
	return "open";
}

/* What a message sees: nothing of any customer. */
static json_t *
document_of(const struct notice_job *notice, int64_t waiting, int64_t dead)
{
	char since[TIME_TEXT_BYTES];

	time_to_rfc3339(notice->stand.failing_ms, since);
	return json_pack("{s:n, s:n, s:n, s:n, s:{}, s:{s:s, s:s, s:s, s:s, "
			 "s:I, s:I, s:b}}",
		"response", "category", "previous", "rule", "nps", "failure",
		"action", notice->action, "state", state_name(&notice->stand),
		"since", since, "reason", notice->stand.reason, "waiting",
		(json_int_t)waiting, "dead", (json_int_t)dead, "recovered",
		notice->news == NEWS_RECOVERED);
}

/* The body of one, or why it has none. */
static void
render(struct keeping *keeping, json_t *document, struct delivery_row *row,
	struct buf *body, struct err *why)
{
	struct alert alert = {
		.document = document,
		.delivery_id = row->id,
		.recipient = row->recipient,
		.created_ms = row->created_ms,
		.language = "",
	};

	json_object_set_new(
		document, "delivery", json_pack("{s:s}", "id", row->id));
	if (row->recipient[0] == '\0' && why->text[0] != '\0')
		row->state = DELIVERY_DEAD;
	else if (!renderers_render(
			 keeping->renderers, row->action, &alert, body, why))
		row->state = DELIVERY_DEAD;
	row->body = body->data;
	row->body_length = body->length;
	if (row->state != DELIVERY_DEAD)
		return;
	row->body = NULL;
	row->settled_ms = keeping->now_ms;
	row->reason = why->text;
}

/* n tells the beginning of an episode from its end. Its body is frozen: what it
 * is about will not be asked again. */
static bool
put_one(struct keeping *keeping, const struct notice_job *notice,
	json_t *document, const char *action, const char *recipient,
	struct err *why, struct err *err)
{
	char *key = mem_printf(
		"%s %lld", notice->action, (long long)notice->stand.failing_ms);
	struct delivery_row row = {
		.cause = NOTICE_CAUSE,
		.action = action,
		.recipient = recipient,
		.state = DELIVERY_PENDING,
		.was_claimed = true,
		.created_ms = keeping->now_ms,
		.due_ms = keeping->now_ms,
	};
	char id[DELIVERY_ID_BYTES];
	struct buf body = {0};
	bool good;

	delivery_id(NOTICE_CAUSE, key, notice->news == NEWS_RECOVERED, action,
		recipient, id);
	row.id = id;
	render(keeping, document, &row, &body, why);
	good = store_put_delivery(keeping->store, &row, err);
	if (good && row.state == DELIVERY_DEAD && row.row > 0)
		alerts_tell_dead(keeping, id, action);
	free(key);
	buf_done(&body);
	return good;
}

static bool
put_for(struct keeping *keeping, const struct notice_job *notice,
	json_t *document, const char *action, struct err *err)
{
	struct policy_action *target = policy_action(keeping->policy, action);
	struct setting_texts recipients = {0};
	struct err why = {""};
	bool good = true;

	if (target == NULL)
		return true;
	if (!renderers_recipients(
		    keeping->renderers, action, document, &recipients, &why))
		good = put_one(
			keeping, notice, document, action, "", &why, err);
	for (size_t i = 0; good && i < recipients.count; i++)
		good = put_one(keeping, notice, document, action,
			recipients.items[i], &why, err);
	setting_texts_done(&recipients);
	atomic_store(&target->waiting, true);
	return good;
}

bool
notice_write(
	struct keeping *keeping, struct notice_job *notice, struct err *err)
{
	struct lane_row row;
	int64_t waiting, dead;
	json_t *document;
	bool good;

	if (!store_count_deliveries(
		    keeping->store, notice->action, &waiting, &dead, err))
		return false;
	document = document_of(notice, waiting, dead);
	lane_stand_row(&notice->after, notice->action, &row);
	good = store_put_lane(keeping->store, &row, err);
	for (size_t i = 0; good && i < notice->to.count; i++)
		good = put_for(
			keeping, notice, document, notice->to.items[i], err);
	json_decref(document);
	return good;
}
