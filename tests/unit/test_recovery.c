/* Customers who answer again: who moved, who recovered. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "nps/movement.h"
#include "nps/recovery.h"

TestSuite(recovery);

Test(recovery, movement_is_between_classes)
{
	static const struct {
		int before, now;
		const char *movement;
		bool repeats;
	} rows[] = {
		{9, 10, "same", false},
		{10, 8, "down", false},
		{7, 6, "down", false},
		{6, 0, "same", true},
		{0, 6, "same", true},
		{6, 7, "up", false},
		{0, 10, "up", false},
		{8, 7, "same", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum category before = category_of(rows[i].before),
			      now = category_of(rows[i].now);

		cr_expect_str_eq(movement_name(movement_between(before, now)),
			rows[i].movement, "%d to %d", rows[i].before,
			rows[i].now);
		cr_expect_eq(movement_repeats(before, now), rows[i].repeats,
			"%d to %d", rows[i].before, rows[i].now);
	}
}

static void
tell(const char *survey, const struct recovery_figures *f, void *context)
{
	char *text = context;

	snprintf(text + strlen(text), 400 - strlen(text),
		"%s n%d r%d +%d -%d =%d rep%d e%d a%d rec%d; ", survey,
		(int)f->first, (int)f->returning, (int)f->up, (int)f->down,
		(int)f->same, (int)f->repeat_detractors, (int)f->episodes,
		(int)f->answered_again, (int)f->recovered);
}

/* "c 3@10 9@20; d ..." : a customer, and scores by day. */
static void
put(struct recovery *recovery, const char *survey, const char *script)
{
	char customer[2] = "";
	int64_t row = 0;

	for (const char *at = script; *at != '\0'; at++) {
		int score, day, length;

		if (sscanf(at, "%d@%d%n", &score, &day, &length) == 2) {
			cr_assert(recovery_add(recovery, survey, customer,
					  day * MS_PER_DAY, category_of(score),
					  ++row),
				"room");
			at += length - 1;
		} else if (*at >= 'a' && *at <= 'z') {
			customer[0] = *at;
		}
	}
}

/* The period is the days 101 to 200, so episodes of days 11 to 110. */
Test(recovery, figures_of_a_period)
{
	static const struct {
		const char *script, *expected;
	} rows[] = {
		{"", ""},
		{"a 9@150", "s n1 r0 +0 -0 =0 rep0 e0 a0 rec0; "},
		{"a 9@100", "s n0 r0 +0 -0 =0 rep0 e0 a0 rec0; "},
		{"a 9@101", "s n1 r0 +0 -0 =0 rep0 e0 a0 rec0; "},
		{"a 9@200", "s n1 r0 +0 -0 =0 rep0 e0 a0 rec0; "},
		{"a 9@201", "s n0 r0 +0 -0 =0 rep0 e0 a0 rec0; "},
		{"a 9@1 3@150", "s n0 r1 +0 -1 =0 rep0 e0 a0 rec0; "},
		{"a 3@150 9@1", "s n0 r1 +0 -1 =0 rep0 e0 a0 rec0; "},
		{"a 9@1 b 3@150", "s n1 r0 +0 -0 =0 rep0 e0 a0 rec0; "},
		{"a 3@1 8@120 9@150", "s n0 r2 +2 -0 =0 rep0 e0 a0 rec0; "},
		/* its 90 days ended in the period; no answer in them */
		{"a 3@11", "s n0 r0 +0 -0 =0 rep0 e1 a0 rec0; "},
		{"a 3@10", "s n0 r0 +0 -0 =0 rep0 e0 a0 rec0; "},
		{"a 3@110", "s n1 r0 +0 -0 =0 rep0 e1 a0 rec0; "},
		{"a 3@111", "s n1 r0 +0 -0 =0 rep0 e0 a0 rec0; "},
		/* recovered on the last day, too late, and not yet */
		{"a 3@11 7@101", "s n0 r1 +1 -0 =0 rep0 e1 a1 rec1; "},
		{"a 3@11 7@102", "s n0 r1 +1 -0 =0 rep0 e1 a0 rec0; "},
		{"a 3@50 4@60", "s n0 r0 +0 -0 =0 rep0 e1 a1 rec0; "},
		/* a repeat detractor stays in one episode */
		{"a 3@50 4@120 9@130", "s n0 r2 +1 -0 =1 rep1 e1 a1 rec1; "},
		/* two episodes */
		{"a 3@20 9@30 2@40 8@180",
			"s n0 r1 +1 -0 =0 rep0 e2 a1 rec1; "},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct recovery *recovery = recovery_new();
		char text[400] = "";

		put(recovery, "s", rows[i].script);
		recovery_read(recovery, 100 * MS_PER_DAY, 200 * MS_PER_DAY,
			tell, text);
		cr_expect_str_eq(
			text, rows[i].expected, "%s: %s", rows[i].script, text);
		recovery_free(recovery);
	}
}

Test(recovery, surveys_are_apart_and_sorted)
{
	struct recovery *recovery = recovery_new();
	char text[400] = "";

	put(recovery, "t", "a 9@150");
	put(recovery, "s", "a 3@160");
	recovery_read(recovery, 100 * MS_PER_DAY, 200 * MS_PER_DAY, tell, text);
	cr_expect_str_eq(text,
		"s n1 r0 +0 -0 =0 rep0 e0 a0 rec0; "
		"t n1 r0 +0 -0 =0 rep0 e0 a0 rec0; ",
		"%s", text);
	recovery_free(recovery);
}

Test(recovery, finds_who_gave_a_better_score_in_time)
{
	static const struct {
		const char *survey, *customer;
		int since;
		bool recovered;
	} rows[] = {
		{"s", "a", 10, true},  /* 30: within 90 days */
		{"s", "a", 30, false}, /* not after it */
		{"s", "b", 10, false}, /* a detractor again */
		{"s", "c", 9, false},  /* 91 days later */
		{"s", "c", 10, true},
		{"s", "d", 10, false}, /* nobody */
		{"t", "a", 10, false},
		{"u", "a", 10, false},
	};
	struct recovery *recovery = recovery_new();
	char text[400] = "";

	put(recovery, "s", "a 3@10 4@20 7@30 b 3@10 2@20 c 3@9 9@100");
	put(recovery, "t", "a 3@10");
	recovery_read(recovery, 0, 1, tell, text);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_eq(
			recovery_recovered(recovery, rows[i].survey,
				rows[i].customer, rows[i].since * MS_PER_DAY),
			rows[i].recovered, "row %zu", i);
	recovery_free(recovery);
}

Test(recovery, nothing_is_told_of_few)
{
	static const struct recovery_figures few = {.first = 3,
		.returning = 9,
		.up = 4,
		.down = 5,
		.episodes = 9,
		.recovered = 3};
	struct recovery_figures sum = few;
	json_t *value = recovery_json(&few);
	char *text = json_canonical(value);

	cr_expect_str_eq(text,
		"{\"answered_again\":null,\"down\":null,\"episodes\":9,"
		"\"new\":3,\"recovered\":null,\"recovered_share\":null,"
		"\"repeat_detractors\":null,\"returning\":9,\"same\":null,"
		"\"up\":null}",
		"%s", text);
	free(text);
	json_decref(value);
	recovery_sum(&sum, &few);
	value = recovery_json(&sum);
	cr_expect_eq(json_integer_value(json_object_get(value, "up")), 8);
	cr_expect_eq(
		json_number_value(json_object_get(value, "recovered_share")),
		0.333);
	json_decref(value);
}
