/*
 * memory_sweep - deliveries by the many, of the memory kind.
 */
#include <string.h>

#include "base/text.h"
#include "store/memory_kind.h"

static bool
is_chosen(const struct delivery_row *delivery,
	const struct delivery_choice *choice)
{
	return (choice->states >> delivery->state & 1) != 0 &&
	       (!choice->action ||
		       text_same(delivery->action, choice->action)) &&
	       (!choice->rule || text_same(delivery->rule, choice->rule)) &&
	       (!choice->reason ||
		       (delivery->reason &&
			       strstr(delivery->reason, choice->reason))) &&
	       (!choice->status || delivery->status == choice->status) &&
	       (!choice->answer || delivery->answer == choice->answer) &&
	       (!choice->storm || delivery->message == choice->storm) &&
	       delivery->created_ms >= choice->since_ms;
}

bool
memory_choose_deliveries(struct store_writer *base,
	const struct delivery_choice *choice, int64_t upto, int64_t *row,
	int64_t *rows, int *count, bool *more, struct err *err)
{
	struct memory_store *store = memory_of(base);
	int64_t last = (int64_t)table_count(store, TABLE_DELIVERIES);
	int64_t end;

	(void)err;
	*count = 0;
	if (upto > 0 && upto < last)
		last = upto;
	*more = last - *row > STORE_SPAN_ROWS;
	end = *more ? *row + STORE_SPAN_ROWS : last;
	while (*row < end) {
		const struct delivery_row *delivery =
			memory_find_delivery(store, ++*row);

		if (delivery && is_chosen(delivery, choice))
			rows[(*count)++] = delivery->row;
	}
	return true;
}

bool
memory_cancel(struct store_writer *base, int64_t delivery, int64_t now_ms,
	const char *reason, bool *changed, struct err *err)
{
	struct memory_store *store = memory_of(base);
	const struct delivery_row *old = memory_find_delivery(store, delivery);

	if (!memory_may_write(store, err))
		return false;
	*changed = old && (old->state == DELIVERY_PENDING ||
				  old->state == DELIVERY_RETRYING);
	if (!*changed)
		return true;
	struct delivery_row cancelled = *old;

	if (old->state == DELIVERY_PENDING && !old->was_claimed) {
		cancelled.body = NULL;
		cancelled.body_length = 0;
	}
	cancelled.state = DELIVERY_CANCELLED;
	cancelled.was_claimed = true;
	cancelled.due_ms = 0;
	cancelled.settled_ms = now_ms;
	cancelled.reason = reason;
	cancelled.node = NULL;
	memory_put_delivery_at(store, &cancelled);
	return true;
}

bool
memory_count_deliveries(struct store_writer *base, const char *action,
	int64_t *waiting, int64_t *dead, struct err *err)
{
	struct memory_store *store = memory_of(base);

	(void)err;
	*waiting = *dead = 0;
	for (size_t i = 0; i < table_count(store, TABLE_DELIVERIES); i++) {
		const struct delivery_row *delivery =
			memory_delivery_at(store, i);

		if (!delivery || !text_same(delivery->action, action))
			continue;
		*waiting += memory_due_of(delivery) != INT64_MAX;
		*dead += delivery->state == DELIVERY_DEAD;
	}
	return true;
}

bool
memory_shift_due(struct store_writer *base, int64_t by_ms, struct err *err)
{
	struct memory_store *store = memory_of(base);

	if (!memory_may_write(store, err))
		return false;
	for (size_t i = 0; i < table_count(store, TABLE_DELIVERIES); i++) {
		const struct delivery_row *delivery =
			memory_delivery_at(store, i);

		if (!delivery || memory_due_of(delivery) == INT64_MAX)
			continue;
		struct delivery_row moved = *delivery;

		if (moved.state == DELIVERY_CLAIMED)
			moved.lease_ms += by_ms;
		else
			moved.due_ms += by_ms;
		if (moved.first_try_ms)
			moved.first_try_ms += by_ms;
		memory_put_delivery_at(store, &moved);
	}
	memory_shift_storms(store, by_ms);
	return true;
}

bool
memory_hasten(struct store_writer *base, const char *action, int64_t upto_ms,
	int64_t now_ms, struct err *err)
{
	struct memory_store *store = memory_of(base);

	if (!memory_may_write(store, err))
		return false;
	for (size_t i = 0; i < table_count(store, TABLE_DELIVERIES); i++) {
		const struct delivery_row *delivery =
			memory_delivery_at(store, i);

		if (!delivery || delivery->state != DELIVERY_RETRYING ||
			strcmp(delivery->action, action) != 0 ||
			delivery->due_ms <= now_ms ||
			delivery->due_ms > upto_ms)
			continue;
		struct delivery_row sooner = *delivery;

		sooner.due_ms = now_ms;
		memory_put_delivery_at(store, &sooner);
	}
	return true;
}

static void
remove_attempts(struct memory_store *store, int64_t delivery)
{
	for (size_t i = 0; i < table_count(store, TABLE_ATTEMPTS); i++) {
		const struct kept_attempt *attempt =
			table_row(store, TABLE_ATTEMPTS, i);

		if (attempt && attempt->delivery == delivery)
			table_put(store, TABLE_ATTEMPTS, i, NULL);
	}
}

bool
memory_purge_deliveries(struct store_writer *base, int64_t before_ms, int limit,
	int *removed, struct err *err)
{
	struct memory_store *store = memory_of(base);

	*removed = 0;
	if (!memory_may_write(store, err))
		return false;
	for (size_t i = 0;
		i < table_count(store, TABLE_DELIVERIES) && *removed < limit;
		i++) {
		const struct delivery_row *delivery =
			memory_delivery_at(store, i);

		if (!delivery || delivery->answer ||
			memory_due_of(delivery) != INT64_MAX ||
			delivery->settled_ms >= before_ms ||
			memory_is_folded_into(store, delivery->row))
			continue;
		remove_attempts(store, delivery->row);
		table_put(store, TABLE_DELIVERIES, i, NULL);
		(*removed)++;
	}
	return true;
}
