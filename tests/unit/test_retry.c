/*
 * retry - when the next try is due, and when there is none.
 */
#include <criterion/criterion.h>
#include <stddef.h>
#include <string.h>

#include "base/time.h"
#include "nps/retry.h"

TestSuite(retry);

#define S MS_PER_SECOND
#define H MS_PER_HOUR
#define D MS_PER_DAY
#define NONE INT64_MIN

static const struct retry usual = {5 * S, 3, 6 * H, 7 * D};
/* Nearly 1: the whole of a pause. */
static const double whole = 0.9999999999;

Test(retry, due)
{
	static const struct retry even = {10 * S, 1, H, D};
	static const struct retry once = {5 * S, 3, 6 * H, 0};
	static const struct retry capped = {H, 3, 60 * S, D};
	static const struct retry tiny = {1, 1, 1, D};
	const struct {
		const struct retry *retry;
		int tries;
		int64_t age_ms, asked_ms; /* since the first try */
		double chance;
		int64_t pause_ms; /* NONE: give up */
	} rows[] = {
		/* first, first * factor, ...; half of it, the whole of it. */
		{&usual, 1, 0, -1, 0, 2500},
		{&usual, 1, 0, -1, 0.5, 3750},
		{&usual, 1, 0, -1, whole, 5 * S},
		{&usual, 2, 5 * S, -1, whole, 15 * S},
		{&usual, 3, 20 * S, -1, 0, 22500},
		{&usual, 8, 3 * H, -1, whole, 10935 * S},
		{&usual, 9, 6 * H, -1, whole, 6 * H},
		{&usual, 9, 6 * H, -1, 0, 3 * H},
		{&usual, 1000000, 6 * H, -1, whole, 6 * H},
		{&usual, 2147483647, 6 * H, -1, 0, 3 * H},
		{&usual, 0, 0, -1, whole, 5 * S},
		{&even, 50, H, -1, whole, 10 * S},
		{&capped, 1, 0, -1, whole, 60 * S},
		{&tiny, 1, 0, -1, 0, 1},
		/* What the receiver asked for is a lower bound. */
		{&usual, 1, 0, 0, 0, 2500},
		{&usual, 1, 0, 2000, 0, 2500},
		{&usual, 1, 0, 60 * S, 0, 60 * S},
		{&usual, 9, 6 * H, 60 * S, 0, 3 * H},
		{&usual, 9, 6 * H, D, 0, D},
		{&usual, 1, 0, INT64_MAX, 0, NONE},
		/* The last try is at the end, then no more. */
		{&usual, 30, 7 * D - H, -1, 0, H},
		{&usual, 30, 7 * D - 1, -1, whole, 1},
		{&usual, 30, 7 * D, -1, 0, NONE},
		{&usual, 30, 365 * D, -1, 0, NONE},
		{&usual, 30, 7 * D - H, H, 0, H},
		{&usual, 30, 7 * D - H, H + 1, 0, NONE},
		{&usual, 30, 7 * D - 5 * H, 2 * H, 0, 3 * H},
		{&once, 1, 0, -1, 0, NONE},
		/* The clock went back: a pause from now. */
		{&usual, 2, -D, -1, whole, 15 * S},
	};
	const int64_t first_try = INT64_C(1763719200000);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t now = first_try + rows[i].age_ms, due = NONE;
		bool again = retry_next(rows[i].retry, rows[i].tries, first_try,
			now, rows[i].asked_ms, rows[i].chance, &due);

		cr_assert_eq(again, rows[i].pause_ms != NONE, "row %zu", i);
		cr_assert_eq(due, again ? now + rows[i].pause_ms : NONE,
			"row %zu: %lld", i, (long long)(due - now));
	}
}

Test(retry, pauses_are_between_half_and_whole)
{
	for (int tries = 1; tries < 40; tries++) {
		double pause = 5 * S;

		for (int i = 1; i < tries && pause < 6 * H; i++)
			pause *= 3;
		if (pause > 6 * H)
			pause = 6 * H;
		for (int step = 0; step < 100; step++) {
			int64_t due;

			cr_assert(retry_next(&usual, tries, 0, H, -1,
					  step / 100.0, &due),
				"try %d", tries);
			cr_assert(due - H >= pause / 2 && due - H <= pause,
				"try %d, chance %d: %lld", tries, step,
				(long long)(due - H));
		}
	}
}

/* A receiver that is down for good is asked some thirty times in a week. */
Test(retry, ends)
{
	int64_t now = 0;
	int tries = 1;

	while (retry_next(&usual, tries, 0, now, -1, whole, &now) &&
		tries < 1000)
		tries++;
	cr_assert_eq(
		now, 7 * D, "the last one at the end: %lld", (long long)now);
	cr_assert(tries > 30 && tries < 45, "%d tries", tries);
}

Test(retry, settings)
{
	const struct {
		const char *key, *fallback;
		enum setting_type type;
		size_t where;
	} rows[] = {
		{"first", "5s", SETTING_DURATION,
			offsetof(struct retry, first_ms)},
		{"factor", "3", SETTING_NUMBER, offsetof(struct retry, factor)},
		{"ceiling", "6h", SETTING_DURATION,
			offsetof(struct retry, ceiling_ms)},
		{"give_up", "7d", SETTING_DURATION,
			offsetof(struct retry, give_up_ms)},
	};
	size_t count = sizeof(rows) / sizeof(rows[0]);

	for (size_t i = 0; i < count; i++) {
		const struct setting *row = &retry_settings[i];

		cr_assert_str_eq(row->key, rows[i].key, "row %zu", i);
		cr_assert_str_eq(row->fallback, rows[i].fallback, "row %zu", i);
		cr_assert_eq(row->type, rows[i].type, "row %zu", i);
		cr_assert_eq(row->where, rows[i].where, "row %zu", i);
		cr_assert(row->low < row->high, "row %zu has bounds", i);
		cr_assert(row->help && strlen(row->help) > 20, "row %zu", i);
	}
	cr_assert_null(retry_settings[count].key, "the end of the table");
}
