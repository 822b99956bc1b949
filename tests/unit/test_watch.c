/*
 * watch - what is bad and what is not, when it is told, and how often chance
 * alone raises an alarm.
 */
#include <criterion/criterion.h>

#include "../support/scaled.h"
#include "../support/survey_years.h"
#include "base/time.h"
#include "nps/watch.h"

TestSuite(watch);

#define NOW INT64_C(1763719200000)

static const struct watch_terms fall = {
	.kind = WATCH_FALL,
	.confidence = 0.95,
	.min_responses = 30,
	.drop = 10,
	.window_ms = 7 * MS_PER_DAY,
	.baseline_ms = 30 * MS_PER_DAY,
	.rearm_ms = 7 * MS_PER_DAY,
};

static struct watch_view
view_of(const int64_t now[4], const int64_t then[4])
{
	return (struct watch_view){
		.now = {.of = {[CATEGORY_PROMOTER] = now[0],
				[CATEGORY_PASSIVE] = now[1],
				[CATEGORY_DETRACTOR] = now[2]},
			.invitations = now[3]},
		.then = {.of = {[CATEGORY_PROMOTER] = then[0],
				 [CATEGORY_PASSIVE] = then[1],
				 [CATEGORY_DETRACTOR] = then[2]},
			.invitations = then[3]},
	};
}

static enum watch_finding
judge(const struct watch_terms *terms, const struct watch_view *view)
{
	return watch_judge(terms, watch_bound(terms), view);
}

Test(watch, falls)
{
	const struct {
		int64_t now[4], then[4];
		enum watch_finding finding;
	} rows[] = {
		{{0, 0, 5, 0}, {400, 300, 300, 0}, WATCH_UNSURE},
		{{0, 0, 29, 0}, {400, 300, 300, 0}, WATCH_UNSURE},
		{{0, 0, 30, 0}, {400, 300, 300, 0}, WATCH_BAD},
		{{0, 0, 30, 0}, {20, 9, 0, 0}, WATCH_UNSURE},
		{{0, 0, 30, 0}, {20, 10, 0, 0}, WATCH_BAD},
		{{0, 0, 0, 0}, {400, 300, 300, 0}, WATCH_UNSURE},
		/* 20 points of 40 answers are chance, of 400 they are not. */
		{{12, 12, 16, 0}, {400, 300, 300, 0}, WATCH_FINE},
		{{120, 120, 160, 0}, {400, 300, 300, 0}, WATCH_BAD},
		/* Certain, but less than the drop asked for. */
		{{36000, 30000, 34000, 0}, {40000, 30000, 30000, 0},
			WATCH_FINE},
		{{35000, 30000, 35000, 0}, {40000, 30000, 30000, 0}, WATCH_BAD},
		/* It rose. */
		{{300, 50, 50, 0}, {400, 300, 300, 0}, WATCH_FINE},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct watch_view view = view_of(rows[i].now, rows[i].then);

		cr_assert_eq(judge(&fall, &view), rows[i].finding,
			"row %zu: %d", i, judge(&fall, &view));
	}
}

Test(watch, other_kinds)
{
	const struct watch_terms below = {.kind = WATCH_BELOW,
		.confidence = 0.95,
		.min_responses = 30,
		.below = 20,
		.window_ms = 7 * MS_PER_DAY};
	const struct watch_terms silence = {.kind = WATCH_SILENCE,
		.confidence = 0.95,
		.min_responses = 30,
		.window_ms = 2 * MS_PER_DAY,
		.baseline_ms = 30 * MS_PER_DAY};
	const struct watch_terms rate = {.kind = WATCH_RATE,
		.confidence = 0.95,
		.min_responses = 100,
		.target = 0.2,
		.window_ms = 7 * MS_PER_DAY};
	const struct {
		const struct watch_terms *terms;
		int64_t now[4], then[4];
		enum watch_finding finding;
	} rows[] = {
		{&below, {5, 0, 24, 0}, {0}, WATCH_UNSURE},
		{&below, {5, 0, 25, 0}, {0}, WATCH_BAD},
		{&below, {50, 20, 30, 0}, {0}, WATCH_FINE},
		/* 15 of 100 answers may well be 20. */
		{&below, {45, 25, 30, 0}, {0}, WATCH_FINE},
		{&below, {4500, 2500, 3000, 0}, {0}, WATCH_BAD},
		{&silence, {0}, {0}, WATCH_UNSURE},
		{&silence, {0}, {20, 5, 4, 0}, WATCH_UNSURE},
		/* Two in two days: a pause of two days is nothing. */
		{&silence, {0}, {20, 5, 5, 0}, WATCH_UNSURE},
		/* Five: it is hardly chance. */
		{&silence, {0}, {50, 10, 15, 0}, WATCH_BAD},
		{&silence, {0, 0, 1, 0}, {50, 10, 15, 0}, WATCH_FINE},
		/* Invitations are no answers. */
		{&silence, {0, 0, 0, 9}, {50, 10, 15, 0}, WATCH_BAD},
		{&rate, {0, 0, 0, 99}, {0}, WATCH_UNSURE},
		{&rate, {0, 0, 0, 100}, {0}, WATCH_BAD},
		{&rate, {10, 3, 3, 100}, {0}, WATCH_FINE},
		{&rate, {100, 30, 30, 1000}, {0}, WATCH_BAD},
		{&rate, {150, 30, 30, 1000}, {0}, WATCH_FINE},
		{&rate, {50, 10, 10, 0}, {0}, WATCH_UNSURE},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct watch_view view = view_of(rows[i].now, rows[i].then);

		cr_assert_eq(judge(rows[i].terms, &view), rows[i].finding,
			"row %zu: %d", i, judge(rows[i].terms, &view));
	}
}

/* Days and what the look of the day says. */
Test(watch, one_alarm_a_fall)
{
	static const int64_t then[] = {400, 300, 300, 0};
	static const int64_t fine[] = {40, 30, 30, 0};
	static const int64_t bad[] = {0, 30, 70, 0};
	static const int64_t few[] = {0, 0, 5, 0};
	const struct {
		int day;
		const int64_t *now;
		bool quiet;
		enum watch_news news;
		bool holds;
	} rows[] = {
		{0, fine, false, WATCH_NOTHING, false},
		{1, bad, false, WATCH_ALARM, true},
		{2, bad, false, WATCH_NOTHING, true},
		{3, few, false, WATCH_NOTHING, true},
		{4, fine, false, WATCH_RECOVERED, false},
		/* Not before it is armed again, 7 days after the alarm. */
		{5, bad, false, WATCH_NOTHING, false},
		{7, bad, false, WATCH_NOTHING, false},
		{8, bad, false, WATCH_ALARM, true},
		/* Nothing got better, but by now this is the level. */
		{9, few, false, WATCH_NOTHING, true},
		{44, few, false, WATCH_NOTHING, true},
		{45, few, false, WATCH_SETTLED, false},
		/* History came in: it holds, nobody is told of it or its end. */
		{60, bad, true, WATCH_NOTHING, true},
		{61, bad, false, WATCH_NOTHING, true},
		{62, fine, false, WATCH_NOTHING, false},
		{63, bad, false, WATCH_ALARM, true},
	};
	struct watch_stand stand = {.since_ms = 0};
	double bound = watch_bound(&fall);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct watch_view view = view_of(rows[i].now, then);
		int64_t now_ms = NOW + rows[i].day * MS_PER_DAY;
		enum watch_news news = watch_look(
			&fall, bound, &view, rows[i].quiet, now_ms, &stand);

		cr_assert_eq(
			news, rows[i].news, "day %d: %d", rows[i].day, news);
		cr_assert_eq(stand.since_ms > 0, rows[i].holds, "day %d: %lld",
			rows[i].day, (long long)stand.since_ms);
	}
}

Test(watch, clock_that_is_set_back)
{
	static const int64_t then[] = {400, 300, 300, 0};
	static const int64_t fine[] = {40, 30, 30, 0};
	static const int64_t bad[] = {0, 30, 70, 0};
	struct watch_view good = view_of(fine, then), low = view_of(bad, then);
	struct watch_stand stand = {.since_ms = 0};
	double bound = watch_bound(&fall);
	int64_t now_ms = NOW + 365 * MS_PER_DAY;

	cr_assert_eq(watch_look(&fall, bound, &low, false, now_ms, &stand),
		WATCH_ALARM, "in a year");
	cr_assert_eq(watch_look(&fall, bound, &good, false, NOW, &stand),
		WATCH_RECOVERED, "now");
	cr_assert_eq(
		watch_look(&fall, bound, &low, false, NOW + MS_PER_DAY, &stand),
		WATCH_NOTHING, "not armed yet");
	cr_assert_eq(watch_look(&fall, bound, &low, false, NOW + 7 * MS_PER_DAY,
			     &stand),
		WATCH_ALARM, "armed, and not in a year only");
}

/*
 * A small part of what `make simulate` shows, with the same chance in every
 * run. Of 52 windows a year at most 5 % may be false alarms: 2.6; the standard
 * error of 60 years is 0.2, and three of those are granted. "It fell by 10"
 * raises some 15 where answers are few.
 */
Test(watch, false_alarms_are_as_rare_as_promised)
{
	static const struct crowd crowd = {0.45, 0.20};
	enum { YEARS = 60 };
	struct watch_terms careful = fall;
	struct vigil vigils[3];
	uint64_t state = YEARS_SEED;

	careful.confidence = 0.99;
	vigils[0] = (struct vigil){fall, VIGIL_NAIVE};
	vigils[1] = (struct vigil){fall, watch_bound(&fall)};
	vigils[2] = (struct vigil){careful, watch_bound(&careful)};
	for (double weekly = 30; weekly <= SCALED(300); weekly += 135) {
		int alarms[3] = {0};
		double yearly[3];

		years_false_alarms(
			vigils, 3, &crowd, weekly, YEARS, alarms, &state);
		for (int i = 0; i < 3; i++)
			yearly[i] = alarms[i] / (double)YEARS;
		cr_assert(yearly[1] < 2.6 + 0.6, "%.0f a week: %.2f", weekly,
			yearly[1]);
		cr_assert(yearly[2] < 0.52 + 0.3, "%.0f a week, 99 %%: %.2f",
			weekly, yearly[2]);
		cr_assert(yearly[0] > 1.5 * yearly[1],
			"%.0f a week: %.2f naive", weekly, yearly[0]);
		cr_assert(weekly > 200 || yearly[0] > 8,
			"%.0f a week: %.2f naive", weekly, yearly[0]);
	}
}

/* 300 answers a week: nine of ten falls of 10 points, and all of 20. */
Test(watch, true_falls_are_seen)
{
	static const struct crowd before = {0.45, 0.20};
	static const struct crowd after[] = {{0.40, 0.25}, {0.35, 0.30}};
	enum { TRIES = 60 };
	struct vigil vigil = {fall, watch_bound(&fall)};
	uint64_t state = YEARS_SEED;

	for (int f = 0; f < 2; f++) {
		int seen = 0, soon = 0;

		for (int i = 0; i < TRIES; i++) {
			double days;

			years_time_to_see(&vigil, 1, &before, &after[f], 300,
				30, &days, &state);
			seen += days >= 0;
			soon += days >= 0 && days <= 8;
		}
		cr_assert(seen > (f == 0 ? 0.8 : 0.97) * TRIES, "%d of %d seen",
			seen, TRIES);
		cr_assert(soon > (f == 0 ? 0.4 : 0.9) * TRIES,
			"%d of %d within 8 days", soon, TRIES);
	}
}
