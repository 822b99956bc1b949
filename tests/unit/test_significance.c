/*
 * significance - held against published tables and worked examples.
 */
#include <criterion/criterion.h>
#include <math.h>

#include "nps/significance.h"

TestSuite(significance);

static struct counts
counts_of(int64_t promoters, int64_t passives, int64_t detractors)
{
	return (struct counts){.of = {[CATEGORY_PROMOTER] = promoters,
				       [CATEGORY_PASSIVE] = passives,
				       [CATEGORY_DETRACTOR] = detractors}};
}

/* As every table of the normal distribution has them, such as those of
 * Abramowitz and Stegun, Handbook of Mathematical Functions, 1964, chapter
 * 26. */
Test(significance, the_normal_distribution)
{
	const struct {
		double tail, z;
	} rows[] = {
		{0.5, 0.0000},
		{0.25, 0.6745},
		{0.1, 1.2816},
		{0.05, 1.6449},
		{0.025, 1.9600},
		{0.01, 2.3263},
		{0.005, 2.5758},
		{0.001, 3.0902},
		{0.0005, 3.2905},
		{0.975, -1.9600},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		double z = significance_quantile(rows[i].tail);

		cr_assert_float_eq(
			z, rows[i].z, 0.00005, "%g: %.5f", rows[i].tail, z);
		cr_assert_float_eq(significance_tail(z), rows[i].tail, 1e-12,
			"%g and back: %g", rows[i].tail, significance_tail(z));
	}
	cr_assert_float_eq(significance_quantile(0.025), SIGNIFICANCE_Z_95,
		1e-12, "the margin's");
}

/* By hand of Pickands' formula: z^2 Q(z) = 1 - confidence. */
Test(significance, many_looks)
{
	const struct {
		double confidence, slope, z;
	} rows[] = {
		{0.9, 1, 1.9287},
		{0.95, 1, 2.3695},
		{0.99, 1, 3.0732},
		{0.999, 1, 3.8124},
		/* More than all crossings that there are: a single look's. */
		{0.5, 1, 1.2000},
		{0.1, 1, 1.2000},
	};
	double z;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		z = significance_many_looks(rows[i].confidence, rows[i].slope);
		cr_assert_float_eq(z, rows[i].z, 0.00006, "%g: %.5f",
			rows[i].confidence, z);
	}
	z = significance_many_looks(0.95, 1.5);
	cr_assert_float_eq(1.5 * z * z * significance_tail(z), 0.05, 1e-9,
		"a steeper slope: %g", z);
	/* A baseline without end adds nothing; one as long as the window moves
	 * as much again, half of it against itself. */
	cr_assert_float_eq(significance_slope(1e9), 1, 1e-6, "endless");
	cr_assert_float_eq(significance_slope(1), 1.5, 1e-12, "equal");
	cr_assert_float_eq(significance_slope(30 / 7.0), 1.0441, 0.0001,
		"30d before 7d: %g", significance_slope(30 / 7.0));
}

/* 30 promoters and 18 detractors of 100: plain Wald says 12 +- 13.4, adjusted
 * (Rocks 2016) it is -1.5 to 24.8. */
Test(significance, score)
{
	struct counts counts = counts_of(30, 52, 18);
	struct score_estimate score = significance_score(&counts);
	double margin = 100 * SIGNIFICANCE_Z_95 * sqrt(score.variance);

	cr_assert_float_eq(100 * score.lead - margin, -1.5, 0.05, "low: %g",
		100 * score.lead - margin);
	cr_assert_float_eq(100 * score.lead + margin, 24.8, 0.05, "high: %g",
		100 * score.lead + margin);
	cr_assert_float_eq(100 * SIGNIFICANCE_Z_95 *
				   sqrt((0.30 + 0.18 - 0.12 * 0.12) / 100),
		13.4, 0.05, "plain Wald");
}

/* By the formula of Lewis and Sauro 2021, worked out apart. */
Test(significance, change)
{
	const struct {
		int64_t now[3], then[3]; /* promoters, passives, detractors */
		double points, margin, z;
		bool significant;
	} rows[] = {
		{{30, 52, 18}, {40, 45, 15}, -13.0, 18.9, -1.3096, false},
		/* Ten times the answers, a third of the margin. */
		{{300, 520, 180}, {400, 450, 150}, -13.0, 6.0, -4.2038, true},
		{{400, 450, 150}, {300, 520, 180}, 13.0, 6.0, 4.2038, true},
		{{20, 40, 40}, {60, 30, 10}, -70.0, 19.5, -6.8364, true},
		{{0, 0, 10}, {10, 0, 0}, -200.0, 41.6, -7.2474, true},
		{{5, 0, 0}, {5, 0, 0}, 0.0, 63.7, 0.0, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const int64_t *n = rows[i].now, *t = rows[i].then;
		struct counts now = counts_of(n[0], n[1], n[2]);
		struct counts then = counts_of(t[0], t[1], t[2]);
		struct score_change change;

		significance_change(&now, &then, &change);
		cr_assert_float_eq(change.points, rows[i].points, 1e-9,
			"row %zu: %g", i, change.points);
		cr_assert_float_eq(change.margin, rows[i].margin, 1e-9,
			"row %zu: margin %g", i, change.margin);
		cr_assert_float_eq(change.z, rows[i].z, 0.00006, "row %zu: %g",
			i, change.z);
		cr_assert_eq(
			change.significant, rows[i].significant, "row %zu", i);
	}
}

Test(significance, no_answers_are_no_change)
{
	struct counts some = counts_of(0, 0, 50), none = counts_of(0, 0, 0);
	struct counts most = counts_of(0, 0, INT64_MAX);
	struct score_change change;
	struct class_mix mix;

	significance_change(&none, &some, &change);
	cr_assert(!change.significant && change.points == 0, "none now");
	significance_change(&some, &none, &change);
	cr_assert(!change.significant && change.points == 0, "none then");
	significance_mix(&some, &none, &mix);
	cr_assert_not(mix.known, "no shares of nothing");
	significance_change(&most, &most, &change);
	cr_assert(!change.significant && isfinite(change.z), "many: %g",
		change.z);
	cr_assert(isfinite(significance_against(&most, 0)), "many");
}

/* One sample against a fixed figure. */
Test(significance, fixed_figures)
{
	struct counts counts = counts_of(30, 52, 18);
	double low = significance_against(&counts, 24.8);
	double z;

	/* The end of the interval is where 95 % is. */
	cr_assert_float_eq(low, -1.96, 0.01, "%g", low);
	cr_assert(significance_against(&counts, 0) > 0, "above 0");
	/* Agresti and Coull: 10 of 100 is (12/104), half +- 1.96 * 0.0313. */
	z = significance_proportion(10, 100, 0.2);
	cr_assert_float_eq(z, -2.7009, 0.0005, "10 of 100 to a fifth: %g", z);
	cr_assert(significance_proportion(0, 100, 0.2) < -5, "none");
	cr_assert(significance_proportion(150, 100, 0.2) > 5,
		"more answers than invitations");
}

Test(significance, mix)
{
	const struct {
		int64_t now[3], then[3];
		const char *json;
	} rows[] = {
		{{20, 40, 40}, {60, 30, 10},
			"{\"now\":{\"promoters\":0.2,\"passives\":0.4,"
			"\"detractors\":0.4},\"then\":{\"promoters\":0.6,"
			"\"passives\":0.3,\"detractors\":0.1},\"lost\":"
			"\"promoters\",\"gained\":\"detractors\",\"by\":0.4}"},
		/* The same score, other people: promoters and detractors both
		 * went to the middle. */
		{{10, 80, 10}, {40, 20, 40},
			"{\"now\":{\"promoters\":0.1,\"passives\":0.8,"
			"\"detractors\":0.1},\"then\":{\"promoters\":0.4,"
			"\"passives\":0.2,\"detractors\":0.4},\"lost\":"
			"\"detractors\",\"gained\":\"passives\",\"by\":0.3}"},
		{{1, 1, 2}, {2, 2, 4},
			"{\"now\":{\"promoters\":0.25,\"passives\":0.25,"
			"\"detractors\":0.5},\"then\":{\"promoters\":0.25,"
			"\"passives\":0.25,\"detractors\":0.5},\"lost\":null,"
			"\"gained\":null,\"by\":null}"},
		{{1, 0, 0}, {0, 0, 0}, "null"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const int64_t *n = rows[i].now, *t = rows[i].then;
		struct counts now = counts_of(n[0], n[1], n[2]);
		struct counts then = counts_of(t[0], t[1], t[2]);
		struct class_mix mix;
		json_t *found, *wanted;
		char *text;

		significance_mix(&now, &then, &mix);
		found = significance_mix_json(&mix);
		wanted = json_loads(rows[i].json, JSON_DECODE_ANY, NULL);
		text = json_dumps(
			found, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
		cr_assert_not_null(wanted, "row %zu", i);
		cr_assert(json_equal(found, wanted), "row %zu: %s", i, text);
		free(text);
		json_decref(found);
		json_decref(wanted);
	}
}
