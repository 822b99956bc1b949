/* store_replays - the verbs for answers that are judged anew: each is its kind's
 * to do. */
#include "store/store_replays.h"

#include "store/kind.h"

bool
store_choose_answers(struct store_writer *store,
	const struct answer_choice *choice, int64_t upto, int64_t *row,
	int64_t *rows, int limit, int *count, bool *more, struct err *err)
{
	return store->kind->choose_answers(
		store, choice, upto, row, rows, limit, count, more, err);
}

bool
store_last_answer(struct store_writer *store, int64_t *row, struct err *err)
{
	return store->kind->last_answer(store, row, err);
}

bool
store_put_replayed(struct store_writer *store, const struct replayed_row *row,
	struct err *err)
{
	return store->kind->put_replayed(store, row, err);
}
