/*
 * memory_storm - windows of storms and what is folded, of the memory kind: a
 * delivery's row says into which message.
 */
#include "base/memory.h"
#include "base/text.h"
#include "store/memory_kind.h"

/* ---- windows ---- */

static const struct kept_storm *
storm_at(const struct memory_store *store, size_t index)
{
	return table_row(store, TABLE_STORMS, index);
}

static size_t
find(const struct memory_store *store, const struct storm_row *storm)
{
	size_t count = table_count(store, TABLE_STORMS);

	for (size_t i = 0; i < count; i++) {
		const struct kept_storm *one = storm_at(store, i);

		if (one && text_same(one->row.action, storm->action) &&
			text_same(one->row.recipient, storm->recipient))
			return i;
	}
	return count;
}

static void
put_at(struct memory_store *store, size_t index, const struct storm_row *storm)
{
	struct kept_storm *put = mem_new(1, sizeof(*put));

	put->row = *storm;
	put->row.action = keep_text(&put->kept, storm->action);
	put->row.recipient = keep_text(&put->kept, storm->recipient);
	table_put(store, TABLE_STORMS, index, &put->kept);
}

enum store_found
memory_find_storm(
	struct store_writer *base, struct storm_row *storm, struct err *err)
{
	struct memory_store *store = memory_of(base);
	size_t index = find(store, storm);
	const struct delivery_row *message;

	(void)err;
	if (index == table_count(store, TABLE_STORMS))
		return STORE_NONE;
	storm->window = storm_at(store, index)->row.window;
	storm->message = storm_at(store, index)->row.message;
	message = memory_find_delivery(store, storm->message);
	storm->message_waits = message && message->state == DELIVERY_PENDING &&
			       !message->was_claimed;
	return STORE_FOUND;
}

bool
memory_put_storm(struct store_writer *base, const struct storm_row *storm,
	struct err *err)
{
	struct memory_store *store = memory_of(base);

	if (!memory_may_write(store, err))
		return false;
	put_at(store, find(store, storm), storm);
	return true;
}

bool
memory_prune_storms(struct store_writer *base, int64_t before_ms, int limit,
	int *removed, struct err *err)
{
	struct memory_store *store = memory_of(base);

	*removed = 0;
	if (!memory_may_write(store, err))
		return false;
	for (size_t i = 0;
		i < table_count(store, TABLE_STORMS) && *removed < limit; i++) {
		const struct kept_storm *one = storm_at(store, i);

		if (!one || one->row.window.until_ms >= before_ms)
			continue;
		table_put(store, TABLE_STORMS, i, NULL);
		(*removed)++;
	}
	return true;
}

void
memory_shift_storms(struct memory_store *store, int64_t by_ms)
{
	for (size_t i = 0; i < table_count(store, TABLE_STORMS); i++) {
		const struct kept_storm *one = storm_at(store, i);
		struct storm_row moved;

		if (!one)
			continue;
		moved = one->row;
		moved.window.since_ms += by_ms;
		moved.window.until_ms += by_ms;
		put_at(store, i, &moved);
	}
}

/* ---- what is folded ---- */

bool
memory_put_folded(struct store_writer *base, int64_t delivery, int64_t message,
	struct err *err)
{
	struct memory_store *store = memory_of(base);
	const struct delivery_row *old = memory_find_delivery(store, delivery);
	struct delivery_row folded;

	if (!memory_may_write(store, err))
		return false;
	if (!old || !memory_find_delivery(store, message))
		return err_set(err, "memory: there is no such delivery");
	folded = *old;
	folded.message = message;
	memory_put_delivery_at(store, &folded);
	return true;
}

bool
memory_put_off(struct store_writer *base, int64_t delivery, int64_t due_ms,
	struct err *err)
{
	struct memory_store *store = memory_of(base);
	const struct delivery_row *old = memory_find_delivery(store, delivery);
	struct delivery_row later;

	if (!memory_may_write(store, err))
		return false;
	if (!old || old->state != DELIVERY_PENDING || old->due_ms >= due_ms)
		return true;
	later = *old;
	later.due_ms = due_ms;
	memory_put_delivery_at(store, &later);
	return true;
}

static bool
stands_in(const struct delivery_row *delivery, int64_t message)
{
	return delivery && delivery->state == DELIVERY_FOLDED &&
	       delivery->message == message;
}

bool
memory_each_folded(struct store_writer *base, int64_t message, int64_t after,
	int n,
	void (*on_folded)(const struct folded_row *folded, void *context),
	void *context, struct err *err)
{
	struct memory_store *store = memory_of(base);

	(void)err;
	for (size_t i = (size_t)after;
		i < table_count(store, TABLE_DELIVERIES) && n > 0; i++) {
		const struct delivery_row *one = memory_delivery_at(store, i);

		if (!stands_in(one, message))
			continue;
		on_folded(
			&(struct folded_row){
				.delivery = one->row,
				.answer = one->answer,
				.created_ms = one->created_ms,
				.rule = one->rule,
			},
			context);
		n--;
	}
	return true;
}

static int64_t
count_folded(const struct memory_store *store, int64_t message)
{
	int64_t count = 0;

	for (size_t i = 0; i < table_count(store, TABLE_DELIVERIES); i++)
		count += stands_in(memory_delivery_at(store, i), message);
	return count;
}

bool
memory_count_folded(struct store_writer *base, int64_t message, int64_t *count,
	struct err *err)
{
	(void)err;
	*count = count_folded(memory_of(base), message);
	return true;
}

bool
memory_message_of(struct store_writer *base, int64_t delivery, int64_t *message,
	struct err *err)
{
	const struct delivery_row *one =
		memory_find_delivery(memory_of(base), delivery);

	(void)err;
	*message = one ? one->message : 0;
	return true;
}

/* ---- forgetting, and what depends on it ---- */

/* A message that left, and quotes an answer that goes, loses its words. */
void
memory_drop_folded(struct memory_store *store, int64_t answer)
{
	for (size_t i = 0; i < table_count(store, TABLE_DELIVERIES); i++) {
		const struct delivery_row *one = memory_delivery_at(store, i);
		const struct delivery_row *told =
			one && one->answer == answer
				? memory_find_delivery(store, one->message)
				: NULL;
		struct delivery_row wordless;

		if (!told || told->state < DELIVERY_DELIVERED)
			continue;
		wordless = *told;
		wordless.body = NULL;
		wordless.body_length = 0;
		memory_put_delivery_at(store, &wordless);
	}
}

bool
memory_is_folded_into(const struct memory_store *store, int64_t message)
{
	for (size_t i = 0; i < table_count(store, TABLE_DELIVERIES); i++) {
		const struct delivery_row *one = memory_delivery_at(store, i);

		if (one && one->message == message)
			return true;
	}
	return false;
}

void
memory_drop_storms_of(struct memory_store *store, const char *recipient)
{
	for (size_t i = 0; i < table_count(store, TABLE_STORMS); i++) {
		const struct kept_storm *one = storm_at(store, i);

		if (one && text_same(one->row.recipient, recipient))
			table_put(store, TABLE_STORMS, i, NULL);
	}
}

/* ---- reading ---- */

void
memory_add_storm(const struct memory_store *store,
	const struct delivery_row *delivery, json_t *object)
{
	const struct delivery_row *message =
		memory_find_delivery(store, delivery->message);

	if (row_json_is_storm(delivery))
		row_json_add_folded(object, count_folded(store, delivery->row));
	else if (message)
		row_json_add_storm(object, message);
}

bool
memory_count_storms(struct store_reader *base,
	void (*on_action)(const char *action, int64_t folded, void *context),
	void *context, struct err *err)
{
	struct memory_store *store = memory_lock(base);
	json_t *counts = json_object(), *count;
	const char *action;

	(void)err;
	for (size_t i = 0; i < table_count(store, TABLE_STORMS); i++) {
		const struct kept_storm *one = storm_at(store, i);
		const struct delivery_row *message =
			one ? memory_find_delivery(store, one->row.message)
			    : NULL;
		int64_t folded;

		if (!message || message->state >= DELIVERY_DELIVERED)
			continue;
		folded = count_folded(store, message->row) +
			 json_integer_value(
				 json_object_get(counts, one->row.action));
		json_object_set_new(
			counts, one->row.action, json_integer(folded));
	}
	memory_unlock(store);
	json_object_foreach(counts, action, count)
	{
		if (json_integer_value(count) > 0)
			on_action(action, json_integer_value(count), context);
	}
	json_decref(counts);
	return true;
}
