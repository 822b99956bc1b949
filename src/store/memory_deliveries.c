/*
 * memory_deliveries - deliveries of the memory kind.
 */
#include <inttypes.h>

#include "base/memory.h"
#include "base/text.h"
#include "store/memory_kind.h"

/* Of one that ever was folded with how its message stands. */
static void
tell_alert(const struct memory_store *store,
	const struct delivery_row *delivery,
	void (*on_alert)(const struct delivery_row *delivery, void *context),
	void *context)
{
	const struct delivery_row *message =
		memory_find_delivery(store, delivery->message);
	struct delivery_row told = *delivery;

	told.message = message ? delivery->message : 0;
	if (message)
		told.message_state = message->state;
	if (message && delivery->state == DELIVERY_FOLDED)
		told.was_claimed = message->was_claimed;
	on_alert(&told, context);
}

bool
memory_each_alert(struct store_writer *base, int64_t answer,
	void (*on_alert)(const struct delivery_row *delivery, void *context),
	void *context, struct err *err)
{
	struct memory_store *store = memory_of(base);

	(void)err;
	for (size_t i = 0; i < table_count(store, TABLE_DELIVERIES); i++) {
		const struct delivery_row *delivery =
			memory_delivery_at(store, i);

		if (delivery && delivery->answer == answer &&
			text_same(delivery->cause, "alert"))
			tell_alert(store, delivery, on_alert, context);
	}
	return true;
}

bool
memory_put_delivery(struct store_writer *base, struct delivery_row *delivery,
	struct err *err)
{
	struct memory_store *store = memory_of(base);
	struct delivery_row put = *delivery;

	delivery->row = 0;
	if (!memory_may_write(store, err))
		return false;
	if (put.answer < 0 ||
		(size_t)put.answer > table_count(store, TABLE_ANSWERS))
		return err_set(
			err, "memory: there is no answer %" PRId64, put.answer);
	for (size_t i = 0; i < table_count(store, TABLE_DELIVERIES); i++)
		if (memory_delivery_at(store, i) &&
			text_same(memory_delivery_at(store, i)->id, put.id))
			return true;
	if (!delivery_state_is_unsent(put.state))
		put.was_claimed = true;
	put.row = (int64_t)table_count(store, TABLE_DELIVERIES) + 1;
	memory_put_delivery_at(store, &put);
	delivery->row = put.row;
	return true;
}

bool
memory_change_delivery(struct store_writer *base,
	const struct delivery_row *delivery, struct err *err)
{
	struct memory_store *store = memory_of(base);
	const struct delivery_row *old =
		memory_find_delivery(store, delivery->row);

	if (!memory_may_write(store, err))
		return false;
	if (!old || old->was_claimed || !delivery_state_is_unsent(old->state))
		return err_set(err,
			"delivery %" PRId64 " cannot be changed any more",
			delivery->row);
	struct delivery_row changed = *old;
	bool cancels = delivery->state == DELIVERY_CANCELLED;
	bool waits = delivery->state == DELIVERY_PENDING;

	changed.rule = delivery->rule;
	changed.state = delivery->state;
	changed.due_ms = waits ? delivery->due_ms : 0;
	changed.settled_ms = cancels ? delivery->settled_ms : 0;
	changed.reason = cancels ? delivery->reason : NULL;
	changed.body = waits ? delivery->body : NULL;
	changed.body_length = changed.body ? delivery->body_length : 0;
	memory_put_delivery_at(store, &changed);
	return true;
}

/* When a delivery may be claimed; INT64_MAX: never. */
int64_t
memory_due_of(const struct delivery_row *delivery)
{
	switch (delivery->state) {
	case DELIVERY_PENDING:
	case DELIVERY_RETRYING:
		return delivery->due_ms;
	case DELIVERY_CLAIMED:
		return delivery->lease_ms;
	case DELIVERY_DELIVERED:
	case DELIVERY_DEAD:
	case DELIVERY_CANCELLED:
	case DELIVERY_FOLDED:
		break;
	}
	return INT64_MAX;
}

static bool
is_sooner(const struct delivery_row *a, const struct delivery_row *b)
{
	if (memory_due_of(a) != memory_due_of(b))
		return memory_due_of(a) < memory_due_of(b);
	if (a->created_ms != b->created_ms)
		return a->created_ms < b->created_ms;
	return a->row < b->row;
}

static const struct delivery_row *
oldest_due(const struct memory_store *store, const char *action, int64_t now_ms)
{
	const struct delivery_row *oldest = NULL;

	for (size_t i = 0; i < table_count(store, TABLE_DELIVERIES); i++) {
		const struct delivery_row *delivery =
			memory_delivery_at(store, i);

		if (delivery && text_same(delivery->action, action) &&
			memory_due_of(delivery) <= now_ms &&
			(!oldest || is_sooner(delivery, oldest)))
			oldest = delivery;
	}
	return oldest;
}

static int64_t
next_due(const struct memory_store *store, const char *node, const char *action,
	int64_t now_ms)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < table_count(store, TABLE_DELIVERIES); i++) {
		const struct delivery_row *delivery =
			memory_delivery_at(store, i);

		if (!delivery || !text_same(delivery->action, action) ||
			memory_due_of(delivery) <= now_ms ||
			(delivery->state == DELIVERY_CLAIMED &&
				text_same(delivery->node, node)))
			continue;
		if (memory_due_of(delivery) < next)
			next = memory_due_of(delivery);
	}
	return next;
}

bool
memory_claim(struct store_writer *base, const char *node, int64_t lease_ms,
	const char *action, int64_t now_ms, int n,
	void (*on_claimed)(const struct delivery_row *delivery, void *context),
	void *context, int64_t *next_due_ms, struct err *err)
{
	struct memory_store *store = memory_of(base);

	if (!memory_may_write(store, err))
		return false;
	for (; n > 0; n--) {
		const struct delivery_row *oldest =
			oldest_due(store, action, now_ms);

		if (!oldest)
			break;
		int64_t row = oldest->row;

		on_claimed(oldest, context);
		struct delivery_row claimed = *memory_find_delivery(store, row);

		claimed.state = DELIVERY_CLAIMED;
		claimed.was_claimed = true;
		claimed.due_ms = 0;
		claimed.lease_ms = now_ms + lease_ms;
		claimed.node = node;
		memory_put_delivery_at(store, &claimed);
	}
	*next_due_ms = next_due(store, node, action, now_ms);
	return true;
}

bool
memory_set_body(struct store_writer *base, int64_t delivery, const char *body,
	size_t length, struct err *err)
{
	struct memory_store *store = memory_of(base);
	const struct delivery_row *old = memory_find_delivery(store, delivery);

	if (!memory_may_write(store, err))
		return false;
	if (!old || old->body)
		return err_set(err, "delivery %" PRId64 " has its body already",
			delivery);
	struct delivery_row changed = *old;

	changed.body = body;
	changed.body_length = length;
	memory_put_delivery_at(store, &changed);
	return true;
}

static bool
is_held(const struct delivery_row *delivery, const char *node)
{
	return delivery && delivery->state == DELIVERY_CLAIMED &&
	       text_same(delivery->node, node);
}

bool
memory_renew(struct store_writer *base, const char *node, const char *action,
	int64_t until_ms, struct err *err)
{
	struct memory_store *store = memory_of(base);

	if (!memory_may_write(store, err))
		return false;
	for (size_t i = 0; i < table_count(store, TABLE_DELIVERIES); i++) {
		const struct delivery_row *delivery =
			memory_delivery_at(store, i);

		if (!is_held(delivery, node) ||
			!text_same(delivery->action, action))
			continue;
		struct delivery_row changed = *delivery;

		changed.lease_ms = until_ms;
		memory_put_delivery_at(store, &changed);
	}
	return true;
}

bool
memory_reclaim(struct store_writer *base, const char *node, int64_t now_ms,
	struct err *err)
{
	struct memory_store *store = memory_of(base);

	if (!memory_may_write(store, err))
		return false;
	for (size_t i = 0; i < table_count(store, TABLE_DELIVERIES); i++) {
		const struct delivery_row *delivery =
			memory_delivery_at(store, i);

		if (!is_held(delivery, node))
			continue;
		struct delivery_row changed = *delivery;

		changed.state = DELIVERY_RETRYING;
		changed.due_ms = now_ms;
		changed.lease_ms = 0;
		changed.node = NULL;
		memory_put_delivery_at(store, &changed);
	}
	return true;
}

static void
put_attempt(struct memory_store *store, const struct settlement *settlement)
{
	struct kept_attempt *attempt = mem_new(1, sizeof(*attempt));

	attempt->row.n = 1;
	for (size_t i = 0; i < table_count(store, TABLE_ATTEMPTS); i++) {
		const struct kept_attempt *other =
			table_row(store, TABLE_ATTEMPTS, i);

		if (other && other->delivery == settlement->delivery)
			attempt->row.n++;
	}
	attempt->delivery = settlement->delivery;
	attempt->row.at_ms = settlement->at_ms;
	attempt->row.outcome = keep_text(&attempt->kept, settlement->outcome);
	attempt->row.status = settlement->status;
	attempt->row.reason = keep_text(&attempt->kept, settlement->reason);
	table_append(store, TABLE_ATTEMPTS, &attempt->kept);
}

bool
memory_settle(struct store_writer *base, const struct settlement *settlement,
	bool *held, struct err *err)
{
	struct memory_store *store = memory_of(base);
	const struct delivery_row *old =
		memory_find_delivery(store, settlement->delivery);

	if (!memory_may_write(store, err))
		return false;
	*held = old && old->state == DELIVERY_CLAIMED;
	if (!*held)
		return true;
	struct delivery_row changed = *old;
	bool waits = settlement->state == DELIVERY_RETRYING;

	changed.state = settlement->state;
	changed.due_ms = waits ? settlement->due_ms : 0;
	changed.settled_ms = waits ? 0 : settlement->at_ms;
	changed.lease_ms = 0;
	changed.node = NULL;
	if (settlement->counts_as_try) {
		changed.tries++;
		if (!changed.first_try_ms)
			changed.first_try_ms = settlement->at_ms;
	}
	if (settlement->counts_as_try || settlement->status)
		changed.status = settlement->status;
	if (settlement->reason)
		changed.reason = settlement->reason;
	memory_put_delivery_at(store, &changed);
	if (settlement->state != DELIVERY_DELIVERED &&
		!text_same(settlement->outcome, "unsent"))
		put_attempt(store, settlement);
	return true;
}

bool
memory_retry(struct store_writer *base, int64_t delivery, int64_t now_ms,
	bool *changed, struct err *err)
{
	struct memory_store *store = memory_of(base);
	const struct delivery_row *old = memory_find_delivery(store, delivery);

	if (!memory_may_write(store, err))
		return false;
	*changed = old && (old->state == DELIVERY_DEAD ||
				  old->state == DELIVERY_CANCELLED ||
				  old->state == DELIVERY_FOLDED);
	if (!*changed)
		return true;
	struct delivery_row again = *old;

	again.state = old->was_claimed ? DELIVERY_RETRYING : DELIVERY_PENDING;
	if (!old->was_claimed) {
		again.body = NULL;
		again.body_length = 0;
	}
	again.due_ms = now_ms;
	again.first_try_ms = 0;
	again.settled_ms = 0;
	memory_put_delivery_at(store, &again);
	return true;
}

bool
memory_next_due(struct store_writer *base, const char *action, int64_t *due_ms,
	struct err *err)
{
	struct memory_store *store = memory_of(base);

	(void)err;
	*due_ms = INT64_MAX;
	for (size_t i = 0; i < table_count(store, TABLE_DELIVERIES); i++) {
		const struct delivery_row *delivery =
			memory_delivery_at(store, i);

		if (delivery && text_same(delivery->action, action) &&
			delivery->state != DELIVERY_CLAIMED &&
			memory_due_of(delivery) < *due_ms)
			*due_ms = memory_due_of(delivery);
	}
	return true;
}
