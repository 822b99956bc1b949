/* store_storm - the verbs for storms: each is its kind's to do. */
#include "store/store_storm.h"

#include "store/kind.h"

enum store_found
store_find_storm(
	struct store_writer *store, struct storm_row *storm, struct err *err)
{
	return store->kind->find_storm(store, storm, err);
}

bool
store_put_storm(struct store_writer *store, const struct storm_row *storm,
	struct err *err)
{
	return store->kind->put_storm(store, storm, err);
}

bool
store_prune_storms(struct store_writer *store, int64_t before_ms, int limit,
	int *removed, struct err *err)
{
	return store->kind->prune_storms(store, before_ms, limit, removed, err);
}

bool
store_put_folded(struct store_writer *store, int64_t delivery, int64_t message,
	struct err *err)
{
	return store->kind->put_folded(store, delivery, message, err);
}

bool
store_put_off(struct store_writer *store, int64_t delivery, int64_t due_ms,
	struct err *err)
{
	return store->kind->put_off(store, delivery, due_ms, err);
}

bool
store_each_folded(struct store_writer *store, int64_t message, int64_t after,
	int n,
	void (*on_folded)(const struct folded_row *folded, void *context),
	void *context, struct err *err)
{
	return store->kind->each_folded(
		store, message, after, n, on_folded, context, err);
}

bool
store_count_folded(struct store_writer *store, int64_t message, int64_t *count,
	struct err *err)
{
	return store->kind->count_folded(store, message, count, err);
}

bool
store_message_of(struct store_writer *store, int64_t delivery, int64_t *message,
	struct err *err)
{
	return store->kind->message_of(store, delivery, message, err);
}

bool
store_count_storms(struct store_reader *reader,
	void (*on_action)(const char *action, int64_t folded, void *context),
	void *context, struct err *err)
{
	return reader->kind->count_storms(reader, on_action, context, err);
}
