/* drill_write - makes the delivery of a drill. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "crypt/digest.h"
#include "flow/alerts.h"
#include "flow/drill.h"
#include "nps/alert.h"

#define DRILL_CAUSE "drill"
#define DRILL_WORDS                                                    \
	"This is a drill: a person asked npsd to try this action. No " \
	"customer said this."

/* An alert as any other, but that all of it says what it is. */
static json_t *
sample(const struct keeping *keeping)
{
	char now[TIME_TEXT_BYTES];
	json_t *document;

	time_to_rfc3339(keeping->now_ms, now);
	document = json_pack(
		"{s:{s:s, s:s, s:i, s:s, s:s, s:{s:s, s:s, s:s}, s:{s:s, s:s}, "
		"s:{}, s:{}}, s:s, s:{s:i, s:s, s:s}, s:b}",
		"response", "id", "drill", "survey", "drill", "score", 3,
		"comment", DRILL_WORDS, "answered_at", now, "customer", "id",
		"drill", "name", "Sample customer (drill)", "email",
		"drill@example.com", "account", "id", "drill", "name",
		"Sample account (drill)", "segment", "answers", "category",
		"detractor", "previous", "score", 9, "category", "promoter",
		"answered_at", now, "drill", 1);
	return document;
}

/* To whom: as asked for, or the first that the action names. */
static char *
recipient_of(struct keeping *keeping, const struct drill_job *drill,
	const json_t *document, struct err *err)
{
	const struct policy_action *action =
		policy_action(keeping->policy, drill->action);
	struct setting_texts found = {0};
	char *recipient;

	if (action == NULL) {
		err_set(err, "action %s is not there any more", drill->action);
		return NULL;
	}
	if (drill->to != NULL && action->kind->recipients == NULL) {
		err_set(err, "action %s has no recipients to choose from",
			drill->action);
		return NULL;
	}
	if (drill->to != NULL)
		return mem_strdup(drill->to);
	if (!renderers_recipients(
		    keeping->renderers, drill->action, document, &found, err)) {
		setting_texts_done(&found);
		return NULL;
	}
	recipient = mem_strdup(found.items[0]);
	setting_texts_done(&found);
	return recipient;
}

static bool
render(struct keeping *keeping, const struct drill_job *drill, json_t *document,
	struct delivery_row *row, struct buf *body, struct err *err)
{
	struct alert alert = {
		.document = document,
		.delivery_id = row->id,
		.recipient = row->recipient,
		.created_ms = row->created_ms,
		.language = "",
	};

	alert_complete(document, DRILL_CAUSE, NULL, row->id);
	if (!renderers_render(
		    keeping->renderers, drill->action, &alert, body, err))
		return false;
	row->body = body->data != NULL ? body->data : "";
	row->body_length = body->length;
	return true;
}

static bool
put(struct keeping *keeping, struct drill_job *drill, json_t *document,
	const char *recipient, struct err *err)
{
	struct delivery_row row = {
		.cause = DRILL_CAUSE,
		.action = drill->action,
		.recipient = recipient,
		.state = DELIVERY_CLAIMED,
		.created_ms = keeping->now_ms,
		.lease_ms = keeping->now_ms + CLAIM_LEASE_MS,
		.node = keeping->node,
	};
	unsigned char chance[8];
	char key[2 * sizeof(chance) + 1], id[DELIVERY_ID_BYTES];
	struct buf body = {0};
	bool good;

	random_bytes(chance, sizeof(chance));
	digest_hex(chance, sizeof(chance), key);
	delivery_id(DRILL_CAUSE, key, 0, drill->action, recipient, id);
	row.id = id;
	good = render(keeping, drill, document, &row, &body, err) &&
	       store_put_delivery(keeping->store, &row, err);
	if (good)
		drill->claimed = claimed_new(&row);
	buf_done(&body);
	return good;
}

bool
drill_write(struct keeping *keeping, struct drill_job *drill, struct err *err)
{
	json_t *document = sample(keeping);
	char *recipient = recipient_of(keeping, drill, document, err);
	bool good = recipient != NULL &&
		    put(keeping, drill, document, recipient, err);

	free(recipient);
	json_decref(document);
	return good;
}
