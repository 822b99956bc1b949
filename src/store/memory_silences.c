/* memory_silences - silences, of the memory kind. */
#include "base/memory.h"
#include "base/text.h"
#include "store/memory_kind.h"

static const struct silence_row *
silence_at(const struct memory_store *store, size_t index)
{
	const struct kept_silence *kept =
		table_row(store, TABLE_SILENCES, index);

	return kept ? &kept->row : NULL;
}

static const struct silence_row *
find_row(const struct memory_store *store, int64_t row)
{
	if (row < 1 || (size_t)row > table_count(store, TABLE_SILENCES))
		return NULL;
	return silence_at(store, (size_t)row - 1);
}

static void
put_at(struct memory_store *store, const struct silence_row *from)
{
	struct kept_silence *to = mem_new(1, sizeof(*to));

	to->row = *from;
	to->row.rule = keep_text(&to->kept, from->rule);
	to->row.match = keep_text(&to->kept, from->match);
	to->row.ended_by = keep_text(&to->kept, from->ended_by);
	to->row.by = keep_text(&to->kept, from->by);
	to->row.why = keep_text(&to->kept, from->why);
	table_put(store, TABLE_SILENCES, (size_t)from->row - 1, &to->kept);
}

bool
memory_put_silence(
	struct store_writer *base, struct silence_row *silence, struct err *err)
{
	struct memory_store *store = memory_of(base);

	if (!memory_may_write(store, err))
		return false;
	silence->row = (int64_t)table_count(store, TABLE_SILENCES) + 1;
	put_at(store, silence);
	return true;
}

enum store_found
memory_get_silence(struct store_writer *base, int64_t row,
	on_silence_fn on_found, void *context, struct err *err)
{
	const struct silence_row *found = find_row(memory_of(base), row);

	(void)err;
	if (!found)
		return STORE_NONE;
	on_found(found, context);
	return STORE_FOUND;
}

bool
memory_end_silence(struct store_writer *base, int64_t row, int64_t ended_ms,
	const char *by, bool *changed, struct err *err)
{
	struct memory_store *store = memory_of(base);
	const struct silence_row *found = find_row(store, row);

	if (!memory_may_write(store, err))
		return false;
	*changed = found && found->ended_ms == 0;
	if (*changed) {
		struct silence_row ended = *found;

		ended.ended_ms = ended_ms;
		ended.ended_by = by;
		put_at(store, &ended);
	}
	return true;
}

bool
memory_each_silence(struct store_writer *base, on_silence_fn on_one,
	void *context, struct err *err)
{
	struct memory_store *store = memory_of(base);

	(void)err;
	for (size_t i = 0; i < table_count(store, TABLE_SILENCES); i++) {
		const struct silence_row *one = silence_at(store, i);

		if (one && one->ended_ms == 0)
			on_one(one, context);
	}
	return true;
}

bool
memory_count_silenced(struct store_writer *base, int64_t row, struct err *err)
{
	struct memory_store *store = memory_of(base);
	const struct silence_row *found = find_row(store, row);

	if (!memory_may_write(store, err))
		return false;
	if (found) {
		struct silence_row counted = *found;

		counted.silenced++;
		put_at(store, &counted);
	}
	return true;
}

bool
memory_purge_silences(struct store_writer *base, int64_t before_ms, int limit,
	int *removed, struct err *err)
{
	struct memory_store *store = memory_of(base);

	*removed = 0;
	if (!memory_may_write(store, err))
		return false;
	for (size_t i = 0; i < table_count(store, TABLE_SILENCES); i++) {
		const struct silence_row *one = silence_at(store, i);

		if (!one || *removed == limit || one->ended_ms == 0 ||
			one->ended_ms >= before_ms)
			continue;
		table_put(store, TABLE_SILENCES, i, NULL);
		(*removed)++;
	}
	return true;
}

json_t *
memory_list_silence(const struct memory_store *store, size_t index,
	const struct store_filter *filter)
{
	const struct silence_row *one = silence_at(store, index);

	if ((filter->rule && !text_same(filter->rule, one->rule)) ||
		one->since_ms < filter->since_ms ||
		(filter->state >= 0 &&
			(one->ended_ms == 0) != (filter->state == 0)))
		return NULL;
	return row_json_silence(one);
}

void
memory_erase_silence(struct memory_store *store, int64_t row, int64_t now_ms)
{
	const struct silence_row *old = find_row(store, row);
	struct silence_row bare;

	if (!old)
		return;
	bare = *old;
	if (bare.match)
		bare.match = "{}";
	bare.why = ERASURE_REASON;
	if (bare.ended_ms == 0) {
		bare.ended_ms = now_ms;
		bare.ended_by = "npsd";
	}
	put_at(store, &bare);
}
