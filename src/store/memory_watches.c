/*
 * memory_watches - how watches stand, of the memory kind.
 */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "store/memory_kind.h"

/* The index of a row, or of a new one. */
static size_t
find_watch(const struct memory_store *store, const struct watch_row *row)
{
	size_t count = table_count(store, TABLE_WATCHES);

	for (size_t i = 0; i < count; i++) {
		const struct kept_watch *old =
			table_row(store, TABLE_WATCHES, i);

		if (old != NULL && text_same(old->row.watch, row->watch) &&
			old->row.slot == row->slot)
			return i;
	}
	return count;
}

bool
memory_put_watch(
	struct store_writer *base, const struct watch_row *row, struct err *err)
{
	struct memory_store *store = memory_of(base);
	size_t index = find_watch(store, row);
	struct kept_watch *put = NULL;

	if (!memory_may_write(store, err))
		return false;
	if (row->since_ms != 0 || row->alarm_ms != 0 || row->seen_ms != 0) {
		put = mem_new(1, sizeof(*put));
		put->row = *row;
		put->row.watch = keep_text(&put->kept, row->watch);
	} else if (index == table_count(store, TABLE_WATCHES)) {
		return true;
	}
	table_put(store, TABLE_WATCHES, index, put != NULL ? &put->kept : NULL);
	return true;
}

/* Whether a row stands behind another in order. */
static bool
is_behind(const struct watch_row *row, const struct watch_row *other)
{
	int order = strcmp(row->watch, other->watch);

	return order > 0 || (order == 0 && row->slot > other->slot);
}

bool
memory_each_watch(struct store_writer *base,
	void (*on_watch)(const struct watch_row *row, void *context),
	void *context, struct err *err)
{
	struct memory_store *store = memory_of(base);
	const struct watch_row *last = NULL, *next;

	(void)err;
	do {
		next = NULL;
		for (size_t i = 0; i < table_count(store, TABLE_WATCHES); i++) {
			const struct kept_watch *kept =
				table_row(store, TABLE_WATCHES, i);

			if (kept == NULL ||
				(last != NULL && !is_behind(&kept->row, last)))
				continue;
			if (next == NULL || is_behind(next, &kept->row))
				next = &kept->row;
		}
		if (next != NULL)
			on_watch(next, context);
		last = next;
	} while (next != NULL);
	return true;
}
