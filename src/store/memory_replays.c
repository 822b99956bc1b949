/* memory_replays - answers that are judged anew, in memory. */
#include <string.h>

#include "base/memory.h"
#include "store/memory_kind.h"

bool
memory_last_answer(struct store_writer *base, int64_t *row, struct err *err)
{
	(void)err;
	*row = (int64_t)table_count(memory_of(base), TABLE_ANSWERS);
	return true;
}

static bool
is_as(const char *asked, const char *value)
{
	return asked == NULL || (value != NULL && strcmp(asked, value) == 0);
}

static bool
is_chosen(const struct answer_row *answer, const struct answer_choice *choice)
{
	return answer->kind == RESPONSE_ANSWER && answer->content != NULL &&
	       is_as(choice->survey, answer->survey) &&
	       is_as(choice->id, answer->id) &&
	       is_as(choice->source, answer->source) &&
	       (choice->category < 0 ||
		       choice->category == (int)answer->category) &&
	       answer->arrived_ms >= choice->since_ms;
}

bool
memory_choose_answers(struct store_writer *base,
	const struct answer_choice *choice, int64_t upto, int64_t *row,
	int64_t *rows, int limit, int *count, bool *more, struct err *err)
{
	const struct memory_store *store = memory_of(base);
	int64_t last = (int64_t)table_count(store, TABLE_ANSWERS), end;

	(void)err;
	*count = 0;
	if (upto > 0 && upto < last)
		last = upto;
	end = last - *row > STORE_SPAN_ROWS ? *row + STORE_SPAN_ROWS : last;
	while (*row < end && *count < limit) {
		const struct answer_row *answer =
			memory_answer_at(store, (size_t)(*row)++);

		if (answer != NULL && is_chosen(answer, choice))
			rows[(*count)++] = answer->row;
	}
	*more = *row < last;
	return true;
}

static size_t
index_of(const struct memory_store *store, int64_t answer)
{
	for (size_t i = 0; i < table_count(store, TABLE_REPLAYED); i++) {
		const struct kept_replayed *one =
			table_row(store, TABLE_REPLAYED, i);

		if (one->row.answer == answer)
			return i;
	}
	return table_count(store, TABLE_REPLAYED);
}

bool
memory_put_replayed(struct store_writer *base, const struct replayed_row *row,
	struct err *err)
{
	struct memory_store *store = memory_of(base);
	struct kept_replayed *kept;

	if (!memory_may_write(store, err))
		return false;
	kept = mem_new(1, sizeof(*kept));
	kept->row = *row;
	kept->row.by = keep_text(&kept->kept, row->by);
	kept->row.rule = keep_text(&kept->kept, row->rule);
	table_put(store, TABLE_REPLAYED, index_of(store, row->answer),
		&kept->kept);
	return true;
}

void
memory_add_replayed(const struct memory_store *store,
	const struct answer_row *answer, json_t *object)
{
	const struct kept_replayed *kept = NULL;
	size_t at = index_of(store, answer->row);

	if (at < table_count(store, TABLE_REPLAYED))
		kept = table_row(store, TABLE_REPLAYED, at);
	row_json_add_replayed(
		object, kept != NULL && kept->row.revision == answer->revision
				? &kept->row
				: NULL);
}
