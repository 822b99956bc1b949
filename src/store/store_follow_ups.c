/*
 * store_follow_ups - hands the verbs for follow-ups on to the kind.
 */
#include "store/store_follow_ups.h"

#include "store/kind.h"

bool
store_put_follow_up(struct store_writer *store, struct follow_up *follow_up,
	struct err *err)
{
	return store->kind->put_follow_up(store, follow_up, err);
}

enum store_found
store_get_follow_up(struct store_writer *store, int64_t row,
	on_follow_up_fn on_found, void *context, struct err *err)
{
	return store->kind->get_follow_up(store, row, on_found, context, err);
}

enum store_found
store_find_follow_up(struct store_writer *store, const char *scope,
	on_follow_up_fn on_found, void *context, struct err *err)
{
	return store->kind->find_follow_up(
		store, scope, on_found, context, err);
}

enum store_found
store_find_follow_up_of(struct store_writer *store, int64_t answer,
	on_follow_up_fn on_found, void *context, struct err *err)
{
	return store->kind->find_follow_up_of(
		store, answer, on_found, context, err);
}

bool
store_change_follow_up(struct store_writer *store,
	const struct follow_up *follow_up, struct err *err)
{
	return store->kind->change_follow_up(store, follow_up, err);
}

bool
store_put_follow_up_event(struct store_writer *store,
	struct follow_up_event *event, struct err *err)
{
	return store->kind->put_follow_up_event(store, event, err);
}

bool
store_each_follow_up_event(struct store_writer *store, int64_t follow_up,
	on_follow_up_event_fn on_event, void *context, struct err *err)
{
	return store->kind->each_follow_up_event(
		store, follow_up, on_event, context, err);
}

bool
store_each_due_follow_up(struct store_writer *store, int64_t now_ms, int n,
	on_follow_up_fn on_due, void *context, struct err *err)
{
	return store->kind->each_due_follow_up(
		store, now_ms, n, on_due, context, err);
}

bool
store_next_due_follow_up(
	struct store_writer *store, int64_t *due_ms, struct err *err)
{
	return store->kind->next_due_follow_up(store, due_ms, err);
}

bool
store_each_follow_up(struct store_writer *store, int64_t after, int n,
	on_follow_up_fn on_one, void *context, struct err *err)
{
	return store->kind->each_follow_up(
		store, after, n, on_one, context, err);
}

bool
store_take_turn(struct store_writer *store, const char *rule, int64_t *turn,
	struct err *err)
{
	return store->kind->take_turn(store, rule, turn, err);
}

bool
store_count_follow_ups(struct store_reader *reader, int64_t now_ms,
	struct follow_up_counts *counts, struct err *err)
{
	return reader->kind->count_follow_ups(reader, now_ms, counts, err);
}
