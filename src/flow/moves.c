/* moves - how the answers of one transaction change the counts. */
#include "flow/moves.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct move {
	struct slots slots;
	int64_t answered_ms;
	enum category category;
	int sign;
};

/* One slot's share of one move. */
struct cell {
	enum bucket_width width;
	int64_t bucket;
	int64_t slot;
	struct counts delta;
};

struct moves {
	struct move *items;
	size_t count, capacity;
};

struct moves *
moves_new(void)
{
	return mem_new(1, sizeof(struct moves));
}

void
moves_free(struct moves *moves)
{
	if (moves == NULL)
		return;
	free(moves->items);
	free(moves);
}

void
moves_add(struct moves *moves, const struct slots *slots, int64_t answered_ms,
	enum category category, int sign)
{
	if (moves->count == moves->capacity) {
		moves->capacity = moves->capacity ? moves->capacity * 2 : 256;
		moves->items = mem_grow(
			moves->items, moves->capacity, sizeof(struct move));
	}
	moves->items[moves->count++] =
		(struct move){*slots, answered_ms, category, sign};
}

size_t
moves_mark(const struct moves *moves)
{
	return moves->count;
}

void
moves_back_to(struct moves *moves, size_t mark)
{
	moves->count = mark;
}

static size_t
move_cells(const struct move *move, enum bucket_width width, struct cell *cells)
{
	int64_t bucket = bucket_number(move->answered_ms, width);

	for (size_t i = 0; i < move->slots.count; i++) {
		cells[i] = (struct cell){
			.width = width,
			.bucket = bucket,
			.slot = move->slots.ids[i],
		};
		cells[i].delta.of[move->category] = move->sign;
	}
	return move->slots.count;
}

/* In the order of the buckets' key, so that rows are touched in file order. */
static int
cell_order(const void *a, const void *b)
{
	const struct cell *x = a, *y = b;

	if (x->width != y->width)
		return x->width < y->width ? -1 : 1;
	if (x->bucket != y->bucket)
		return x->bucket < y->bucket ? -1 : 1;
	return (x->slot > y->slot) - (x->slot < y->slot);
}

static bool
cells_write(struct cell *cells, size_t count, struct store_writer *store,
	struct err *err)
{
	qsort(cells, count, sizeof(struct cell), cell_order);
	for (size_t i = 0, next; i < count; i = next) {
		for (next = i + 1; next < count &&
				   cell_order(&cells[i], &cells[next]) == 0;
			next++)
			counts_add(&cells[i].delta, &cells[next].delta, 1);
		if (!store_add_count(store, cells[i].slot, cells[i].width,
			    cells[i].bucket, &cells[i].delta, err))
			return false;
	}
	return true;
}

bool
moves_write(const struct moves *moves, struct store_writer *store,
	int64_t now_ms, struct err *err)
{
	struct cell *cells;
	size_t count = 0, room = 0;
	bool good;

	for (size_t i = 0; i < moves->count; i++)
		room += 2 * moves->items[i].slots.count;
	if (room == 0)
		return true;
	cells = mem_new(room, sizeof(struct cell));
	for (size_t i = 0; i < moves->count; i++) {
		const struct move *move = &moves->items[i];

		count += move_cells(move, BUCKET_HOUR, cells + count);
		if (move->answered_ms > now_ms - BUCKET_MINUTE_KEPT_MS)
			count += move_cells(move, BUCKET_MINUTE, cells + count);
	}
	good = cells_write(cells, count, store, err);
	free(cells);
	return good;
}

void
moves_apply(const struct moves *moves, struct tally *tally)
{
	for (size_t i = 0; i < moves->count; i++) {
		const struct move *move = &moves->items[i];

		tally_add(tally, &move->slots, move->answered_ms,
			move->category, move->sign);
	}
}

void
moves_clear(struct moves *moves)
{
	moves->count = 0;
}
