/* moves - how the answers of one transaction change the counts. */
#include "flow/moves.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct move {
	struct slots slots;
	int64_t answered_ms;
	int counted;
	int sign;
};

/* Those of a transaction, each bucket and slot once: many answers share one. */
struct cells {
	struct count_change *items;
	size_t count, capacity;
	uint32_t *places; /* a hash table: index + 1 in items; 0: free */
	size_t room;	  /* its places, a power of two */
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
	int counted, int sign)
{
	if (moves->count == moves->capacity) {
		moves->capacity = moves->capacity ? moves->capacity * 2 : 256;
		moves->items = mem_grow(
			moves->items, moves->capacity, sizeof(struct move));
	}
	moves->items[moves->count++] =
		(struct move){*slots, answered_ms, counted, sign};
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

/* In the order of the buckets' key, so that rows are touched in file order. */
static int
cell_order(const void *a, const void *b)
{
	const struct count_change *x = a, *y = b;

	if (x->width != y->width)
		return x->width < y->width ? -1 : 1;
	if (x->bucket != y->bucket)
		return x->bucket < y->bucket ? -1 : 1;
	return (x->slot > y->slot) - (x->slot < y->slot);
}

/* Where the cell of that bucket and slot stands, or the free place for it. */
static uint32_t *
cell_place(const struct cells *cells, const struct count_change *cell)
{
	uint64_t at = ((uint64_t)cell->bucket * 31 + (uint64_t)cell->slot) * 2 +
		      cell->width;

	at *= UINT64_C(0x9e3779b97f4a7c15);
	for (at >>= 32;; at++) {
		uint32_t *place = &cells->places[at & (cells->room - 1)];

		if (*place == 0 ||
			cell_order(&cells->items[*place - 1], cell) == 0)
			return place;
	}
}

static void
cells_add(struct cells *cells, const struct move *move, enum bucket_width width)
{
	struct count_change cell = {
		.width = width,
		.bucket = bucket_number(move->answered_ms, width),
	};

	counts_move(&cell.delta, move->counted, move->sign);
	for (size_t i = 0; i < move->slots.count; i++) {
		cell.slot = move->slots.ids[i];
		uint32_t *place = cell_place(cells, &cell);

		if (*place != 0) {
			counts_add(&cells->items[*place - 1].delta, &cell.delta,
				1);
			continue;
		}
		if (cells->count == cells->capacity) {
			cells->capacity =
				cells->capacity ? cells->capacity * 2 : 256;
			cells->items = mem_grow(cells->items, cells->capacity,
				sizeof(struct count_change));
		}
		cells->items[cells->count++] = cell;
		*place = (uint32_t)cells->count;
	}
}

bool
moves_write(const struct moves *moves, struct store_writer *store,
	int64_t now_ms, struct err *err)
{
	struct cells cells = {.count = 0, .room = 64};
	size_t most = 0;
	bool good;

	for (size_t i = 0; i < moves->count; i++)
		most += 2 * moves->items[i].slots.count;
	if (most == 0)
		return true;
	while (cells.room < 2 * most) /* never more than half full */
		cells.room *= 2;
	cells.places = mem_new(cells.room, sizeof(*cells.places));
	for (size_t i = 0; i < moves->count; i++) {
		const struct move *move = &moves->items[i];

		cells_add(&cells, move, BUCKET_HOUR);
		if (move->answered_ms > now_ms - BUCKET_MINUTE_KEPT_MS)
			cells_add(&cells, move, BUCKET_MINUTE);
	}
	qsort(cells.items, cells.count, sizeof(*cells.items), cell_order);
	good = store_add_counts(store, cells.items, cells.count, err);
	free(cells.items);
	free(cells.places);
	return good;
}

void
moves_apply(const struct moves *moves, struct tally *tally)
{
	for (size_t i = 0; i < moves->count; i++) {
		const struct move *move = &moves->items[i];

		tally_add(tally, &move->slots, move->answered_ms, move->counted,
			move->sign);
	}
}

void
moves_clear(struct moves *moves)
{
	moves->count = 0;
}
