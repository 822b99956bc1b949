/*
 * tally - the sums of what each window holds now. It stores nothing, keeps no
 * list of answers and asks no clock; which slots there are, registry knows.
 */
#include "nps/tally.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "nps/tally_private.h"

int
tally_stretch(const struct tally *tally, int64_t width_ms)
{
	for (size_t w = 0; w < tally->window_count; w++) {
		const struct window *window = &tally->windows[w].window;

		if (window->kind == WINDOW_ROLLING &&
			window->width_ms == width_ms)
			return (int)w;
	}
	return -1;
}

struct tally *
tally_new(const struct tally_settings *settings)
{
	struct tally *tally = mem_new(1, sizeof(*tally));

	assert(settings->window_count <= WINDOWS_LIMIT);
	assert(settings->stretch_count <= TALLY_STRETCHES_LIMIT);
	assert(settings->segment_count <= TALLY_SEGMENTS_LIMIT);
	tally->registry = registry_new(settings->segments,
		settings->segment_count, settings->max_slots);
	tally->told_count = settings->window_count;
	tally->windows =
		mem_new(settings->window_count + settings->stretch_count + 1,
			sizeof(*tally->windows));
	for (size_t i = 0; i < settings->window_count; i++)
		tally->windows[tally->window_count++].window =
			settings->windows[i];
	for (size_t i = 0; i < settings->stretch_count; i++)
		if (tally_stretch(tally, settings->stretches[i].width_ms) < 0)
			tally->windows[tally->window_count++].window =
				settings->stretches[i];
	tally->zone = settings->zone;
	return tally;
}

void
tally_free(struct tally *tally)
{
	if (!tally)
		return;
	registry_free(tally->registry);
	free(tally->windows);
	free(tally->sums);
	free(tally);
}

/* --- slots --- */

/* A row of zeros for each slot that is new. */
static void
follow_registry(struct tally *tally)
{
	size_t count;

	(void)registry_slots(tally->registry, &count);
	if (count > tally->row_capacity) {
		tally->row_capacity =
			count > 8 ? count + count / 2 : (size_t)16;
		tally->sums = mem_grow(tally->sums, tally->row_capacity,
			tally->window_count * sizeof(struct counts));
	}
	for (size_t row = tally->rows; row < count; row++)
		memset(tally_sum_at(tally, row, 0), 0,
			tally->window_count * sizeof(struct counts));
	tally->rows = count;
}

void
tally_load_slot(struct tally *tally, int64_t id, const char *survey,
	const char *segment, const char *value)
{
	registry_load(tally->registry, id, survey, segment, value);
	follow_registry(tally);
}

/* A number as it is written in JSON; the caller frees it. */
static char *
number_text(const struct flat *value)
{
	json_t *tree = flat_tree(value);
	char *text = json_text(tree);

	json_decref(tree);
	return text;
}

/* A segment's value as text, or NULL if it has none; *made is the caller's to
 * free. */
static const char *
value_text(const struct flat *value, char **made)
{
	if (!value)
		return NULL;
	switch (value->type) {
	case JSON_STRING:
		return value->text_length > 0 ? value->text : NULL;
	case JSON_TRUE:
		return "true";
	case JSON_FALSE:
		return "false";
	case JSON_INTEGER:
	case JSON_REAL:
		return *made = number_text(value);
	case JSON_OBJECT:
	case JSON_ARRAY:
	case JSON_NULL:
		break;
	}
	return NULL;
}

void
tally_slots(struct tally *tally, const struct response *response,
	struct slots *slots,
	void (*on_new)(int64_t id, const char *survey, const char *segment,
		const char *value, void *context),
	void *context)
{
	const struct registry_news news = {on_new, context};
	const struct flat *segments = flat_member(response->record, "segment");
	size_t count = registry_segment_count(tally->registry);
	const char *values[TALLY_SEGMENTS_LIMIT];
	char *made[TALLY_SEGMENTS_LIMIT];

	for (size_t i = 0; i < count; i++) {
		made[i] = NULL;
		values[i] = value_text(
			flat_member(segments,
				registry_segment_name(tally->registry, i + 1)),
			&made[i]);
	}
	slots->count = registry_slots_of(
		tally->registry, response->survey, values, slots->ids, &news);
	follow_registry(tally);
	for (size_t i = 0; i < count; i++)
		free(made[i]);
}

void
tally_drop_slots(struct tally *tally, int64_t from)
{
	registry_drop(tally->registry, from);
	follow_registry(tally);
}

int64_t
tally_next_slot(const struct tally *tally)
{
	return registry_next_id(tally->registry);
}

/* --- the passing of time --- */

/* What one window has to add or subtract. */
struct move {
	size_t window;
	int sign;
	struct bucket_range range;
};

struct moves {
	size_t count;
	struct move items[2 * TALLY_WINDOWS_LIMIT];
};

static void
add_move(struct moves *moves, size_t window, int sign, int64_t after,
	int64_t upto)
{
	if (after < upto)
		moves->items[moves->count++] =
			(struct move){window, sign, {after, upto}};
}

/*
 * Whether a window is summed anew rather than moved on: where it went back,
 * where that means less to read, and where what it would lose is so old that
 * the store may have dropped it (the machine was asleep).
 */
static bool
begins_anew(enum bucket_width width, const struct bucket_range *last,
	const struct bucket_range *next, int64_t now_ms)
{
	int64_t kept_ms = now_ms - BUCKET_MINUTE_KEPT_MS;

	if (next->after < last->after || next->upto < last->upto)
		return true;
	if (next->after - last->after + next->upto - last->upto >
		next->upto - next->after)
		return true;
	return width == BUCKET_MINUTE && next->after > last->after &&
	       last->after < bucket_number(kept_ms, width);
}

static void
clear_window(struct tally *tally, size_t window)
{
	for (size_t row = 0; row < tally->rows; row++)
		*tally_sum_at(tally, row, window) = (struct counts){.of = {0}};
}

static void
plan_window(
	struct tally *tally, size_t window, int64_t now_ms, struct moves *moves)
{
	struct standing_window *standing = &tally->windows[window];
	enum bucket_width width = standing->window.bucket;
	const struct bucket_range last = standing->range;
	const struct bucket_range next =
		window_range(&standing->window, tally->zone, now_ms);

	standing->range = next;
	if (begins_anew(width, &last, &next, now_ms)) {
		clear_window(tally, window);
		add_move(moves, window, 1, next.after, next.upto);
		return;
	}
	add_move(moves, window, -1, last.after, next.after);
	add_move(moves, window, 1, last.upto, next.upto);
}

/* One read of the store, and the moves that it is for. */
struct reading {
	struct tally *tally;
	size_t count;
	const struct move *moves[2 * TALLY_WINDOWS_LIMIT];
};

static void
take_sum(int64_t slot, const struct counts *counts, void *to)
{
	const struct reading *reading = to;
	struct tally *tally = reading->tally;
	size_t row;

	if (!registry_index(tally->registry, slot, &row))
		return; /* of a segment that is not configured any more */
	for (size_t i = 0; i < reading->count; i++)
		counts_add(tally_sum_at(tally, row, reading->moves[i]->window),
			counts, reading->moves[i]->sign);
}

static int
compare_edges(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

/*
 * Ranges overlap (the last hour came into each window, 90 days hold 30), so
 * they are cut at all their ends, and each piece is read once for all:
 *
 *	90d  |-----------------------|
 *	30d                  |-------|
 *	     |______piece____|_piece_|
 */
static bool
read_moves(struct tally *tally, enum bucket_width width,
	const struct moves *moves, tally_sum_fn sum, void *context)
{
	int64_t edges[4 * TALLY_WINDOWS_LIMIT];
	size_t edge_count = 0;

	if (!moves->count)
		return true;
	for (size_t i = 0; i < moves->count; i++) {
		edges[edge_count++] = moves->items[i].range.after;
		edges[edge_count++] = moves->items[i].range.upto;
	}
	qsort(edges, edge_count, sizeof(edges[0]), compare_edges);
	for (size_t e = 0; e + 1 < edge_count; e++) {
		struct reading reading = {.tally = tally};

		for (size_t i = 0; i < moves->count; i++) {
			const struct move *move = &moves->items[i];

			if (move->range.after <= edges[e] &&
				edges[e + 1] <= move->range.upto)
				reading.moves[reading.count++] = move;
		}
		if (edges[e] < edges[e + 1] && reading.count &&
			!sum(width, edges[e], edges[e + 1], take_sum, &reading,
				context))
			return false;
	}
	return true;
}

bool
tally_advance(
	struct tally *tally, int64_t now_ms, tally_sum_fn sum, void *context)
{
	static const enum bucket_width widths[] = {BUCKET_MINUTE, BUCKET_HOUR};

	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		struct moves moves = {.count = 0};

		for (size_t w = 0; w < tally->window_count; w++)
			if (tally->windows[w].window.bucket == widths[i])
				plan_window(tally, w, now_ms, &moves);
		if (!read_moves(tally, widths[i], &moves, sum, context)) {
			tally_forget_sums(tally);
			return false;
		}
	}
	return true;
}

void
tally_forget_sums(struct tally *tally)
{
	for (size_t w = 0; w < tally->window_count; w++) {
		tally->windows[w].range = (struct bucket_range){0, 0};
		clear_window(tally, w);
	}
}

static bool
holds(const struct standing_window *standing, int64_t instant_ms)
{
	int64_t bucket = bucket_number(instant_ms, standing->window.bucket);

	return standing->range.after < bucket && bucket <= standing->range.upto;
}

void
tally_add(struct tally *tally, const struct slots *slots, int64_t answered_ms,
	int counted, int sign)
{
	bool held[TALLY_WINDOWS_LIMIT];

	for (size_t w = 0; w < tally->window_count; w++)
		held[w] = holds(&tally->windows[w], answered_ms);
	for (size_t i = 0; i < slots->count; i++) {
		size_t row;

		if (!registry_index(tally->registry, slots->ids[i], &row))
			continue;
		for (size_t w = 0; w < tally->window_count; w++)
			if (held[w])
				counts_move(tally_sum_at(tally, row, w),
					counted, sign);
	}
}
