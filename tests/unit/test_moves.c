/*
 * moves - how a transaction's answers change the counts: what is written, what
 * is taken back, and that both are the same.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "flow/moves.h"
#include "flow_house.h"

TestSuite(moves);

enum { A = 1, B = 2 }; /* slots */

struct desk {
	struct store_writer *store;
	struct moves *moves;
};

static void
open_desk(struct desk *desk)
{
	static const struct store_settings settings = {
		.where = "memory:", .node = "moves"};
	struct err err = {""};

	desk->moves = moves_new();
	desk->store = store_open(&settings, &err);
	cr_assert_not_null(desk->store, "%s", err.text);
	cr_assert(store_begin(desk->store, &err), "%s", err.text);
	cr_assert(store_put_slot(desk->store, A, "s", "", "", &err), "A");
	cr_assert(
		store_put_slot(desk->store, B, "s", "region", "NL", &err), "B");
}

static void
close_desk(struct desk *desk)
{
	store_rollback(desk->store);
	store_close(desk->store);
	moves_free(desk->moves);
}

static void
add(struct desk *desk, size_t slots, int64_t answered_ms,
	enum category category, int sign)
{
	struct slots ids = {slots, {A, B}};

	moves_add(desk->moves, &ids, answered_ms, category, sign);
}

struct sums {
	struct counts of[3];
	int rows;
};

static void
on_sum(int64_t slot, const struct counts *counts, void *context)
{
	struct sums *sums = context;

	sums->rows++;
	counts_add(&sums->of[slot], counts, 1);
}

/* What stands in the store of all time. */
static struct sums
sum(struct desk *desk, enum bucket_width width)
{
	struct sums sums = {0};
	struct err err = {""};

	cr_assert(store_sum_buckets(desk->store, width, INT64_MIN / 2,
			  INT64_MAX / 2, on_sum, &sums, &err),
		"%s", err.text);
	return sums;
}

static void
write_out(struct desk *desk)
{
	struct err err = {""};

	cr_assert(moves_write(desk->moves, desk->store, FLOW_NOW, &err), "%s",
		err.text);
}

Test(moves, are_written_by_slot)
{
	struct desk desk;
	struct sums hours, minutes;

	open_desk(&desk);
	add(&desk, 2, FLOW_NOW, CATEGORY_DETRACTOR, 1);
	add(&desk, 1, FLOW_NOW, CATEGORY_PROMOTER, 1);
	add(&desk, 2, FLOW_NOW - 3 * MS_PER_HOUR, CATEGORY_DETRACTOR, 1);
	write_out(&desk);
	hours = sum(&desk, BUCKET_HOUR);
	minutes = sum(&desk, BUCKET_MINUTE);
	cr_assert_eq(hours.of[A].of[CATEGORY_DETRACTOR], 2, "detractors");
	cr_assert_eq(hours.of[A].of[CATEGORY_PROMOTER], 1, "promoters");
	cr_assert_eq(hours.of[B].of[CATEGORY_DETRACTOR], 2, "in NL");
	cr_assert_eq(hours.of[B].of[CATEGORY_PROMOTER], 0, "none in NL");
	cr_assert_eq(memcmp(&hours.of, &minutes.of, sizeof(hours.of)), 0,
		"the same by minutes");
	close_desk(&desk);
}

Test(moves, amendments_cancel_out)
{
	struct desk desk;
	struct sums hours;

	open_desk(&desk);
	add(&desk, 2, FLOW_NOW, CATEGORY_DETRACTOR, 1);
	add(&desk, 2, FLOW_NOW, CATEGORY_DETRACTOR, -1);
	add(&desk, 1, FLOW_NOW, CATEGORY_PASSIVE, 1);
	write_out(&desk);
	hours = sum(&desk, BUCKET_HOUR);
	cr_assert_eq(hours.of[A].of[CATEGORY_DETRACTOR], 0, "gone");
	cr_assert_eq(hours.of[B].of[CATEGORY_DETRACTOR], 0, "gone");
	cr_assert_eq(hours.of[A].of[CATEGORY_PASSIVE], 1, "come");
	close_desk(&desk);
}

Test(moves, old_ones_have_no_minutes)
{
	static const struct {
		int64_t age_ms;
		int64_t minutes;
	} rows[] = {
		{0, 1}, {BUCKET_MINUTE_KEPT_MS - 1, 1},
		{BUCKET_MINUTE_KEPT_MS, 0}, {400 * MS_PER_DAY, 0},
		{-MS_PER_HOUR, 1}, /* ahead of now */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct desk desk;

		open_desk(&desk);
		add(&desk, 1, FLOW_NOW - rows[i].age_ms, CATEGORY_PASSIVE, 1);
		write_out(&desk);
		cr_assert_eq(sum(&desk, BUCKET_HOUR).of[A].of[CATEGORY_PASSIVE],
			1, "%zu: hours", i);
		cr_assert_eq(
			sum(&desk, BUCKET_MINUTE).of[A].of[CATEGORY_PASSIVE],
			rows[i].minutes, "%zu: minutes", i);
		close_desk(&desk);
	}
}

Test(moves, go_back_to_a_mark)
{
	struct desk desk;
	size_t mark;

	open_desk(&desk);
	add(&desk, 1, FLOW_NOW, CATEGORY_PROMOTER, 1);
	mark = moves_mark(desk.moves);
	for (int i = 0; i < 1000; i++)
		add(&desk, 2, FLOW_NOW, CATEGORY_DETRACTOR, 1);
	moves_back_to(desk.moves, mark);
	write_out(&desk);
	cr_assert_eq(sum(&desk, BUCKET_HOUR).of[A].of[CATEGORY_DETRACTOR], 0,
		"taken back");
	cr_assert_eq(
		sum(&desk, BUCKET_HOUR).of[A].of[CATEGORY_PROMOTER], 1, "kept");
	moves_clear(desk.moves);
	cr_assert_eq(moves_mark(desk.moves), 0, "empty");
	close_desk(&desk);
}

Test(moves, an_answer_in_no_slot_is_no_row)
{
	struct desk desk;

	open_desk(&desk);
	write_out(&desk);
	add(&desk, 0, FLOW_NOW, CATEGORY_PROMOTER, 1);
	write_out(&desk);
	cr_assert_eq(sum(&desk, BUCKET_HOUR).rows, 0, "none");
	close_desk(&desk);
}

static bool
no_sums(enum bucket_width width, int64_t after, int64_t upto,
	void (*on_sum_found)(
		int64_t slot, const struct counts *counts, void *to),
	void *to, void *context)
{
	(void)width;
	(void)after;
	(void)upto;
	(void)on_sum_found;
	(void)to;
	(void)context;
	return true;
}

/* What the tally is told is what was written. */
Test(moves, apply_to_the_tally)
{
	struct desk desk;
	struct window window;
	struct zone *zone;
	struct tally *tally;
	struct counts counts;
	struct err err = {""};

	cr_assert(window_parse(&window, "24h", &err), "%s", err.text);
	zone = zone_open("UTC", &err);
	tally = tally_new(&(struct tally_settings){.windows = &window,
		.window_count = 1,
		.max_slots = 10,
		.zone = zone});
	open_desk(&desk);
	tally_load_slot(tally, A, "s", "", "");
	cr_assert(tally_advance(tally, FLOW_NOW, no_sums, NULL), "advance");
	add(&desk, 1, FLOW_NOW, CATEGORY_PROMOTER, 1);
	add(&desk, 1, FLOW_NOW, CATEGORY_DETRACTOR, 1);
	add(&desk, 1, FLOW_NOW, CATEGORY_DETRACTOR, -1);
	moves_apply(desk.moves, tally);
	tally_total(tally, "s", 0, &counts);
	cr_assert_eq(counts.of[CATEGORY_PROMOTER], 1, "promoters");
	cr_assert_eq(counts.of[CATEGORY_DETRACTOR], 0, "detractors");
	tally_free(tally);
	zone_close(zone);
	close_desk(&desk);
}
