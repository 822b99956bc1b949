/* store_silences - the verbs for silences: each is its kind's to do. */
#include "store/store_silences.h"

#include "store/kind.h"

bool
store_put_silence(struct store_writer *store, struct silence_row *silence,
	struct err *err)
{
	return store->kind->put_silence(store, silence, err);
}

enum store_found
store_get_silence(struct store_writer *store, int64_t row,
	on_silence_fn on_found, void *context, struct err *err)
{
	return store->kind->get_silence(store, row, on_found, context, err);
}

bool
store_end_silence(struct store_writer *store, int64_t row, int64_t ended_ms,
	const char *by, bool *changed, struct err *err)
{
	return store->kind->end_silence(store, row, ended_ms, by, changed, err);
}

bool
store_each_silence(struct store_writer *store, on_silence_fn on_one,
	void *context, struct err *err)
{
	return store->kind->each_silence(store, on_one, context, err);
}

bool
store_count_silenced(struct store_writer *store, int64_t row, struct err *err)
{
	return store->kind->count_silenced(store, row, err);
}

bool
store_purge_silences(struct store_writer *store, int64_t before_ms, int limit,
	int *removed, struct err *err)
{
	return store->kind->purge_silences(
		store, before_ms, limit, removed, err);
}
