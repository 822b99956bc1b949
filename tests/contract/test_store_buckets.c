/* Counts by time: what is added is summed, however it lies. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "base/buf.h"
#include "sqlite_files.h"
#include "store_shelf.h"

TestSuite(store_buckets, .timeout = 120);

static void
tell_sum(int64_t slot, const struct counts *counts, void *context)
{
	/* A store may tell of a slot whose counts are all 0. */
	if (counts->of[0] == 0 && counts->of[1] == 0 && counts->of[2] == 0 &&
		counts->invitations == 0)
		return;
	buf_printf(context, "%lld:%lld,%lld,%lld", (long long)slot,
		(long long)counts->of[CATEGORY_DETRACTOR],
		(long long)counts->of[CATEGORY_PASSIVE],
		(long long)counts->of[CATEGORY_PROMOTER]);
	if (counts->invitations != 0)
		buf_printf(context, " of %lld", (long long)counts->invitations);
	buf_append_text(context, " ");
}

static void
expect(struct shelf *at, enum bucket_width width, int64_t after, int64_t upto,
	const char *sums)
{
	struct shelf shelf = *at;
	struct buf text = {0};

	buf_append_text(&text, "");
	GOOD(store_sum_buckets(
		shelf.store, width, after, upto, tell_sum, &text, &err));
	cr_assert_str_eq(text.data ? text.data : "", sums,
		"%s: %d (%lld, %lld]: %s", shelf.kind, width, (long long)after,
		(long long)upto, text.data);
	buf_done(&text);
}

static void
put_slots(struct shelf *at)
{
	static const int64_t slots[] = {1, 63, 64, 65, 127, 128, 5000};
	struct shelf shelf = *at;
	char name[8];

	for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
		snprintf(name, sizeof(name), "s%zu", i);
		GOOD(store_put_slot(shelf.store, slots[i], name, "", "", &err));
	}
}

static struct counts
counts(int64_t detractors, int64_t passives, int64_t promoters,
	int64_t invitations)
{
	return (struct counts){.of = {[CATEGORY_DETRACTOR] = detractors,
				       [CATEGORY_PASSIVE] = passives,
				       [CATEGORY_PROMOTER] = promoters},
		.invitations = invitations};
}

Test(store_buckets, sums_what_was_added)
{
	const struct count_change first[] = {
		{BUCKET_MINUTE, 7, 1, counts(1, 0, 0, 0)},
		{BUCKET_HOUR, -1, 1, counts(0, 0, 9, 0)},
		{BUCKET_HOUR, 7, 1, counts(1, 2, 3, 0)},
		{BUCKET_HOUR, 7, 63, counts(-1, 0, 200, 0)},
		{BUCKET_HOUR, 7, 64, counts(0, INT64_MAX, 0, 0)},
		{BUCKET_HOUR, 7, 65, counts(0, INT64_MIN, 0, 0)},
		{BUCKET_HOUR, 7, 5000, counts(0, 0, 1, 9)},
		{BUCKET_HOUR, 8, 1, counts(0, 0, 0, 0)},
	};
	/* In no order, and twice the same. */
	const struct count_change second[] = {
		{BUCKET_HOUR, 7, 128, counts(0, 0, 0, 300)},
		{BUCKET_HOUR, 8, 127, counts(0, 0, 5, 0)},
		{BUCKET_HOUR, 7, 63, counts(1, 0, -200, 0)},
		{BUCKET_HOUR, 7, 1, counts(1, 1, 1, 0)},
		{BUCKET_HOUR, 7, 1, counts(1, 1, 1, 0)},
	};
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		shelf_begin(&shelf);
		put_slots(&shelf);
		GOOD(store_add_counts(shelf.store, first,
			sizeof(first) / sizeof(first[0]), &err));
		shelf_commit(&shelf);
		shelf_begin(&shelf);
		GOOD(store_add_counts(shelf.store, second,
			sizeof(second) / sizeof(second[0]), &err));
		shelf_commit(&shelf);
		shelf_reopen(&shelf);
		expect(&shelf, BUCKET_MINUTE, INT64_MIN, INT64_MAX, "1:1,0,0 ");
		expect(&shelf, BUCKET_HOUR, -2, -1, "1:0,0,9 ");
		expect(&shelf, BUCKET_HOUR, 7, INT64_MAX, "127:0,0,5 ");
		expect(&shelf, BUCKET_HOUR, 6, 7,
			"1:3,4,5 64:0,9223372036854775807,0 "
			"65:0,-9223372036854775808,0 128:0,0,0 of 300 "
			"5000:0,0,1 of 9 ");
	}
}

/* The counts of those beside it stay when one's are taken back. */
Test(store_buckets, takes_one_back_and_leaves_the_rest)
{
	struct counts one = counts(1, 0, 0, 0), two = counts(0, 1, 0, 0),
		      three = counts(0, 0, 1, 0);
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		shelf_begin(&shelf);
		put_slots(&shelf);
		shelf_count(&shelf, 1, BUCKET_HOUR, 7, &one);
		GOOD(store_savepoint(shelf.store, &err));
		shelf_count(&shelf, 1, BUCKET_HOUR, 7, &two);
		shelf_count(&shelf, 64, BUCKET_HOUR, 7, &two);
		store_undo(shelf.store);
		GOOD(store_savepoint(shelf.store, &err));
		shelf_count(&shelf, 63, BUCKET_HOUR, 7, &three);
		GOOD(store_keep(shelf.store, &err));
		shelf_commit(&shelf);
		expect(&shelf, BUCKET_HOUR, 6, 7, "1:1,0,0 63:0,0,1 ");
		shelf_begin(&shelf);
		shelf_count(&shelf, 1, BUCKET_HOUR, 7, &two);
		store_rollback(shelf.store);
		expect(&shelf, BUCKET_HOUR, 6, 7, "1:1,0,0 63:0,0,1 ");
	}
}

/* Damage takes no memory, no other slot's counts, and never more than itself. */
Test(store_buckets, passes_over_what_is_damaged_P04)
{
	static const char *const damaged[] = {
		"x'40000000'", /* no such place in a chunk */
		"x'02'",       /* cut */
		"x'0280'",     /* cut within a number */
		"x'0202808080808080808080808080'", /* too long a number */
		"x'0202ffffffffffffffffffff7f00'",
	};
	struct counts one = counts(1, 1, 0, 0);
	struct shelf shelf;
	char text[300];

	shelf_open(&shelf, "sqlite");
	shelf_begin(&shelf);
	GOOD(store_put_slot(shelf.store, 1, "s", "", "", &err));
	shelf_count(&shelf, 1, BUCKET_HOUR, 5, &one);
	/* Of a slot that there is not. */
	shelf_count(&shelf, INT64_C(1) << 31, BUCKET_HOUR, 5, &one);
	BAD(store_add_counts(shelf.store,
		&(struct count_change){BUCKET_HOUR, 5, INT64_C(1) << 58, one},
		1, &err));
	BAD(store_add_counts(shelf.store,
		&(struct count_change){BUCKET_HOUR, 5, -1, one}, 1, &err));
	shelf_commit(&shelf);
	expect(&shelf, BUCKET_HOUR, INT64_MIN, INT64_MAX, "1:1,1,0 ");
	for (size_t i = 0; i < sizeof(damaged) / sizeof(damaged[0]); i++) {
		close_store(&shelf);
		snprintf(text, sizeof(text),
			"UPDATE bucket SET counts = CAST(substr(counts, 1, 5) "
			"|| %s AS BLOB) "
			"WHERE key = (SELECT min(key) FROM bucket)",
			damaged[i]);
		run_sql(shelf.path, text);
		shelf_reopen(&shelf);
		expect(&shelf, BUCKET_HOUR, INT64_MIN, INT64_MAX, "1:1,1,0 ");
	}
	shelf_begin(&shelf);
	shelf_count(&shelf, 1, BUCKET_HOUR, 5, &one);
	shelf_commit(&shelf);
	expect(&shelf, BUCKET_HOUR, INT64_MIN, INT64_MAX, "1:2,2,0 ");
	shelf_close(&shelf);
}
