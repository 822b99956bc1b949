/* frozen - makes and puts deliveries that are no alert of an answer. */
#include "flow/frozen.h"

#include <stdatomic.h>

#include "flow/alerts.h"
#include "flow/follow_up_link.h"

/* The body of one, or why it has none. */
static void
render(struct keeping *keeping, const struct frozen *frozen,
	struct delivery_row *row, struct buf *body, struct err *why)
{
	struct alert alert = {
		.document = frozen->document,
		.delivery_id = row->id,
		.recipient = row->recipient,
		.created_ms = row->created_ms,
		.mail = frozen->mail,
	};

	json_object_set_new(frozen->document, "delivery",
		json_pack("{s:s}", "id", row->id));
	alert.language = follow_up_link_direct(keeping, frozen->document,
		row->action, row->recipient,
		frozen->language != NULL ? frozen->language : "");
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

static bool
put_one(struct keeping *keeping, const struct frozen *frozen,
	const char *action, const char *recipient, struct err *why,
	struct err *err)
{
	struct delivery_row row = {
		.cause = frozen->cause,
		.answer = frozen->answer,
		.rule = frozen->rule,
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

	delivery_id(
		frozen->cause, frozen->key, frozen->n, action, recipient, id);
	row.id = id;
	render(keeping, frozen, &row, &body, why);
	good = store_put_delivery(keeping->store, &row, err);
	if (good && row.state == DELIVERY_DEAD && row.row > 0)
		alerts_tell_dead(keeping, id, action);
	buf_done(&body);
	return good;
}

bool
frozen_put(struct keeping *keeping, const struct frozen *frozen,
	const char *action, struct err *err)
{
	struct policy_action *target = policy_action(keeping->policy, action);
	struct setting_texts recipients = {0};
	struct err why = {""};
	bool good = true;

	if (target == NULL)
		return true;
	if (frozen->to != NULL && target->kind->recipients != NULL) {
		for (size_t i = 0; good && i < frozen->to->count; i++)
			good = put_one(keeping, frozen, action,
				frozen->to->items[i], &why, err);
		atomic_store(&target->waiting, true);
		return good;
	}
	if (!renderers_recipients(keeping->renderers, action, frozen->document,
		    &recipients, &why))
		good = put_one(keeping, frozen, action, "", &why, err);
	for (size_t i = 0; good && i < recipients.count; i++)
		good = put_one(keeping, frozen, action, recipients.items[i],
			&why, err);
	setting_texts_done(&recipients);
	atomic_store(&target->waiting, true);
	return good;
}
