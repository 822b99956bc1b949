/* store_erasures - the verbs for erasing: each is its kind's to do. */
#include "store/store_erasures.h"

#include <assert.h>

#include "store/kind.h"

const char *
erasure_phase_name(enum erasure_phase phase)
{
	static const char *const names[ERASURE_PHASES] = {
		[ERASURE_FINDING] = "finding",
		[ERASURE_ERASING] = "erasing",
		[ERASURE_SEARCHING] = "searching",
		[ERASURE_SETTLING] = "settling",
		[ERASURE_CLEANING] = "cleaning",
		[ERASURE_DONE] = "done",
	};

	assert((unsigned)phase < ERASURE_PHASES);
	return names[phase];
}

bool
store_put_erasure(struct store_writer *store, struct erasure_row *erasure,
	struct err *err)
{
	return store->kind->put_erasure(store, erasure, err);
}

bool
store_change_erasure(struct store_writer *store,
	const struct erasure_row *erasure, struct err *err)
{
	return store->kind->change_erasure(store, erasure, err);
}

enum store_found
store_next_erasure(struct store_writer *store, int64_t after,
	on_erasure_fn on_found, void *context, struct err *err)
{
	return store->kind->next_erasure(store, after, on_found, context, err);
}

bool
store_put_erasure_word(struct store_writer *store, int64_t erasure,
	const struct erasure_word *word, struct err *err)
{
	return store->kind->put_erasure_word(store, erasure, word, err);
}

bool
store_each_erasure_word(struct store_writer *store, int64_t erasure,
	void (*on_word)(const struct erasure_word *word, void *context),
	void *context, struct err *err)
{
	return store->kind->each_erasure_word(
		store, erasure, on_word, context, err);
}

bool
store_drop_erasure_words(
	struct store_writer *store, int64_t erasure, struct err *err)
{
	return store->kind->drop_erasure_words(store, erasure, err);
}

bool
store_plan_erased(struct store_writer *store, int64_t erasure, int64_t answer,
	struct err *err)
{
	return store->kind->plan_erased(store, erasure, answer, err);
}

bool
store_each_erased(struct store_writer *store, int64_t erasure, int64_t after,
	int n,
	void (*on_answer)(int64_t answer, int64_t erased_ms, void *context),
	void *context, struct err *err)
{
	return store->kind->each_erased(
		store, erasure, after, n, on_answer, context, err);
}

bool
store_erase_answer(struct store_writer *store, int64_t answer, const char *mark,
	bool verdicts, int64_t now_ms, struct erased_counts *counts,
	struct err *err)
{
	return store->kind->erase_answer(
		store, answer, mark, verdicts, now_ms, counts, err);
}

bool
store_erase_deliveries(struct store_writer *store, int64_t answer,
	int64_t now_ms, struct erased_counts *counts, int64_t *in_flight,
	struct err *err)
{
	return store->kind->erase_deliveries(
		store, answer, now_ms, counts, in_flight, err);
}

bool
store_count_in_flight(struct store_writer *store, int64_t answer,
	int64_t *count, struct err *err)
{
	return store->kind->count_in_flight(store, answer, count, err);
}

bool
store_each_left(struct store_writer *store, int64_t answer,
	void (*on_left)(const char *action, void *context), void *context,
	struct err *err)
{
	return store->kind->each_left(store, answer, on_left, context, err);
}

bool
store_read_words(struct store_writer *store, enum store_words what,
	int64_t upto, int64_t *row, bool *more,
	void (*on_words)(const struct words_row *words, void *context),
	void *context, struct err *err)
{
	return store->kind->read_words(
		store, what, upto, row, more, on_words, context, err);
}

bool
store_erase_words(struct store_writer *store, enum store_words what,
	int64_t row, int64_t now_ms, struct err *err)
{
	return store->kind->erase_words(store, what, row, now_ms, err);
}

bool
store_drop_storms(
	struct store_writer *store, const char *recipient, struct err *err)
{
	return store->kind->drop_storms(store, recipient, err);
}

bool
store_read_file(struct store_writer *store, int64_t offset, void *bytes,
	size_t room, size_t *length, struct err *err)
{
	return store->kind->read_file(store, offset, bytes, room, length, err);
}
