/*
 * sqlite_arrivals - which rows of answers came when.
 */
#include "store/sqlite_arrivals.h"

#include <stdlib.h>

#include "base/memory.h"

void
arrivals_add(struct arrivals *arrivals, int64_t arrived_ms, int64_t row)
{
	struct arrival *last = arrivals->items + arrivals->count;

	if (arrivals->count > 0 && last[-1].arrived_ms == arrived_ms &&
		last[-1].last + 1 == row) {
		last[-1].last = row;
		return;
	}
	if (arrivals->count == arrivals->capacity) {
		arrivals->capacity =
			arrivals->capacity ? 2 * arrivals->capacity : 16;
		arrivals->items = mem_grow(arrivals->items, arrivals->capacity,
			sizeof(*arrivals->items));
	}
	arrivals->items[arrivals->count++] =
		(struct arrival){arrived_ms, row, row};
}

void
arrivals_mark(struct arrivals *arrivals)
{
	arrivals->mark_count = arrivals->count;
	if (arrivals->count > 0)
		arrivals->mark_last = arrivals->items[arrivals->count - 1].last;
}

void
arrivals_back_to_mark(struct arrivals *arrivals)
{
	arrivals->count = arrivals->mark_count;
	if (arrivals->count > 0)
		arrivals->items[arrivals->count - 1].last = arrivals->mark_last;
}

void
arrivals_clear(struct arrivals *arrivals)
{
	arrivals->count = 0;
}

void
arrivals_done(struct arrivals *arrivals)
{
	free(arrivals->items);
	*arrivals = (struct arrivals){NULL, 0, 0, 0, 0};
}

bool
arrivals_write(
	const struct arrivals *arrivals, struct sql *sql, struct err *err)
{
	static const char text[] =
		"INSERT INTO arrival VALUES(?,?,?) ON CONFLICT DO UPDATE "
		"SET last = max(last, excluded.last)";

	for (size_t i = 0; i < arrivals->count; i++) {
		const struct arrival *arrival = &arrivals->items[i];
		struct sql_statement *put = sql_use(sql, text);

		sql_in_number(put, arrival->arrived_ms);
		sql_in_number(put, arrival->first);
		sql_in_number(put, arrival->last);
		if (!sql_do(put, err))
			return false;
	}
	return true;
}
