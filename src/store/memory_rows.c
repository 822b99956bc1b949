/*
 * memory_rows - answers and deliveries of the memory kind as rows that own their
 * texts; and who may look at them.
 */
#include "base/memory.h"
#include "store/memory_kind.h"

struct answer_row *
memory_answer_at(const struct memory_store *store, size_t index)
{
	struct kept_answer *answer = table_row(store, TABLE_ANSWERS, index);

	return &answer->row;
}

struct delivery_row *
memory_delivery_at(const struct memory_store *store, size_t index)
{
	struct kept_delivery *delivery =
		table_row(store, TABLE_DELIVERIES, index);

	return delivery ? &delivery->row : NULL;
}

/* By row; NULL if there is none. Rows are numbered as they were appended. */
struct delivery_row *
memory_find_delivery(const struct memory_store *store, int64_t row)
{
	if (row < 1 || (size_t)row > table_count(store, TABLE_DELIVERIES))
		return NULL;
	return memory_delivery_at(store, (size_t)row - 1);
}

struct kept_answer *
memory_copy_answer(const struct answer_row *from)
{
	struct kept_answer *to = mem_new(1, sizeof(*to));

	to->row = *from;
	to->row.survey = keep_text(&to->kept, from->survey);
	to->row.id = keep_text(&to->kept, from->id);
	to->row.source = keep_text(&to->kept, from->source);
	to->row.customer = keep_text(&to->kept, from->customer);
	to->row.account = keep_text(&to->kept, from->account);
	to->row.verdicts = keep_text(&to->kept, from->verdicts);
	to->row.rules_hash = keep_text(&to->kept, from->rules_hash);
	to->row.content =
		keep_bytes(&to->kept, from->content, from->content_length);
	return to;
}

static struct kept_delivery *
copy_delivery(const struct delivery_row *from)
{
	struct kept_delivery *to = mem_new(1, sizeof(*to));

	to->row = *from;
	to->row.id = keep_text(&to->kept, from->id);
	to->row.cause = keep_text(&to->kept, from->cause);
	to->row.rule = keep_text(&to->kept, from->rule);
	to->row.action = keep_text(&to->kept, from->action);
	to->row.recipient =
		keep_text(&to->kept, from->recipient ? from->recipient : "");
	to->row.reason = keep_text(&to->kept, from->reason);
	to->row.node = keep_text(&to->kept, from->node);
	to->row.body = keep_bytes(&to->kept, from->body, from->body_length);
	return to;
}

void
memory_put_answer_at(
	struct memory_store *store, const struct answer_row *answer)
{
	table_put(store, TABLE_ANSWERS, (size_t)answer->row - 1,
		&memory_copy_answer(answer)->kept);
}

void
memory_put_delivery_at(
	struct memory_store *store, const struct delivery_row *delivery)
{
	table_put(store, TABLE_DELIVERIES, (size_t)delivery->row - 1,
		&copy_delivery(delivery)->kept);
}

/* What writes does so in a transaction, as the other kinds demand. */
bool
memory_may_write(const struct memory_store *store, struct err *err)
{
	return store->in_transaction ||
	       err_set(err, "memory: there is no transaction");
}

struct memory_store *
memory_lock(struct store_reader *base)
{
	struct memory_store *store = ((struct memory_reader *)base)->store;

	pthread_mutex_lock(&store->mutex);
	return store;
}

void
memory_unlock(struct memory_store *store)
{
	pthread_mutex_unlock(&store->mutex);
}
