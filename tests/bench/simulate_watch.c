/*
 * simulate_watch - what intervals and watches are worth, by chance.
 *
 *	simulate_watch [YEARS [TRIES [SAMPLES]]]
 *
 * Prints tables: scores and intervals as they were published, beside npsd's (it
 * ends with 1 where these differ); how often the 95 % interval of a score holds
 * the truth; false alarms per segment and year where nothing changes; how soon a
 * true fall of 10 and of 20 points is seen. The same numbers give the same
 * tables.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/time.h"
#include "nps/figures.h"
#include "../support/survey_years.h"

enum { YEARS = 400, TRIES = 400, SAMPLES = 20000, SEEN_DAYS = 30 };

/* ---- what was published ---- */

#define UNKNOWN 1e9

/* In points, as they were rounded there. */
struct published {
	int64_t promoters, passives, detractors;
	double nps, plain, low, high;
	const char *where;
};
static const struct published published[] = {
	{30, 52, 18, 12, 13.4, -1.5, 24.8,
		"the field's worked example; the interval by the formula of\n"
		"  Rocks, The American Statistician 70(4), 2016"},
	{32, 13, 6, 51, UNKNOWN, UNKNOWN, UNKNOWN,
		"Delighted's example: 63 % less 12 %, rounded once"},
};

/* One that was not published is npsd's own. */
static bool
is_near(double ours, double theirs, double step)
{
	return theirs == UNKNOWN || (ours - theirs <= step / 2 + 1e-9 &&
					    theirs - ours <= step / 2 + 1e-9);
}

static bool
show_published(const struct published *row)
{
	const struct counts counts = {
		.of = {[CATEGORY_PROMOTER] = row->promoters,
			[CATEGORY_PASSIVE] = row->passives,
			[CATEGORY_DETRACTOR] = row->detractors}};
	double plain = years_plain_margin(&counts);
	struct figures figures;
	bool same;

	figures_of(&counts, &figures);
	same = is_near(figures.nps, row->nps, 1) &&
	       is_near(plain, row->plain, 0.1) &&
	       is_near(figures.low, row->low, 0) &&
	       is_near(figures.high, row->high, 0);
	printf("  %lld promoters and %lld detractors of %lld: NPS %.1f; plain "
	       "Wald +-%.1f; adjusted %.1f to %.1f: %s\n  (%s)\n",
		(long long)row->promoters, (long long)row->detractors,
		(long long)figures.responses, figures.nps, plain, figures.low,
		figures.high, same ? "as published" : "NOT AS PUBLISHED",
		row->where);
	return same;
}

static bool
show_all_published(void)
{
	bool same = true;

	printf("Scores and 95 %% intervals that were published, as npsd "
	       "finds them:\n\n");
	for (size_t i = 0; i < sizeof(published) / sizeof(published[0]); i++)
		same &= show_published(&published[i]);
	printf("\n");
	return same;
}

/* ---- coverage ---- */

static void
show_coverage(int samples)
{
	static const struct crowd crowds[] = {
		{0.45, 0.20},
		{0.30, 0.18},
		{0.60, 0.10},
		{0.20, 0.50},
		{0.34, 0.33},
		{0.70, 0.05},
		{0.10, 0.10},
	};
	static const int sizes[] = {10, 30, 100, 300};
	uint64_t state = YEARS_SEED;

	printf("How often the 95 %% interval holds the true score, in %% "
	       "(%d samples):\nadjusted Wald (Rocks 2016), which npsd shows, "
	       "and plain Wald behind the bar.\n\n"
	       "  promoters detractors    n=10          n=30          n=100  "
	       "       n=300\n",
		samples);
	for (size_t i = 0; i < sizeof(crowds) / sizeof(crowds[0]); i++) {
		printf("  %9.2f %10.2f", crowds[i].promoters,
			crowds[i].detractors);
		for (size_t n = 0; n < sizeof(sizes) / sizeof(sizes[0]); n++)
			printf("  %5.1f |%5.1f",
				100 * years_coverage(&crowds[i], sizes[n],
					      samples, false, &state),
				100 * years_coverage(&crowds[i], sizes[n],
					      samples, true, &state));
		printf("\n");
	}
}

/* ---- watches ---- */

#define VIGILS_LIMIT 8

struct named_vigil {
	const char *name;
	double confidence; /* 0: the fall alone */
	bool single;	   /* the bound of one look only */
};
static const struct named_vigil rules[] = {
	{"fell by 10", 0, false},
	{"95 %, as if looked at once", 0.95, true},
	{"confidence: 0.9", 0.90, false},
	{"confidence: 0.95", 0.95, false},
	{"confidence: 0.99", 0.99, false},
	{"confidence: 0.999", 0.999, false},
};
enum { RULES = sizeof(rules) / sizeof(rules[0]) };

static const double weekly[] = {30, 100, 300, 1000, 3000};
enum { WEEKLY = sizeof(weekly) / sizeof(weekly[0]) };

static void
make_vigils(struct vigil vigils[RULES])
{
	for (int i = 0; i < RULES; i++) {
		struct vigil *vigil = &vigils[i];

		vigil->terms = (struct watch_terms){.kind = WATCH_FALL,
			.confidence = rules[i].confidence,
			.min_responses = 30,
			.drop = 10,
			.window_ms = 7 * MS_PER_DAY,
			.baseline_ms = 30 * MS_PER_DAY,
			.rearm_ms = 7 * MS_PER_DAY};
		vigil->bound =
			rules[i].confidence == 0 ? VIGIL_NAIVE
			: rules[i].single
				? significance_quantile(1 - rules[i].confidence)
				: watch_bound(&vigil->terms);
	}
}

static void
show_head(const char *what)
{
	printf("\n%s\nAnswers a week:             ", what);
	for (int w = 0; w < WEEKLY; w++)
		printf("%14.0f", weekly[w]);
	printf("\n");
}

static void
show_false_alarms(int years)
{
	static const struct crowd crowd = {0.45, 0.20};
	struct vigil vigils[RULES];
	int alarms[WEEKLY][RULES] = {{0}};
	uint64_t state = YEARS_SEED;

	make_vigils(vigils);
	for (int w = 0; w < WEEKLY; w++)
		years_false_alarms(vigils, RULES, &crowd, weekly[w], years,
			alarms[w], &state);
	show_head("False alarms per segment and year where nothing changes "
		  "(NPS 25, window 7d,\nbaseline 30d, drop 10, min_responses "
		  "30, rearm 7d; looked at each hour).");
	for (int r = 0; r < RULES; r++) {
		printf("  %-26s", rules[r].name);
		for (int w = 0; w < WEEKLY; w++)
			printf("%14.2f", alarms[w][r] / (double)years);
		printf("\n");
	}
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The share that is seen, and the median of when. */
static void
show_seen(double *days, int tries)
{
	int seen = 0;

	for (int i = 0; i < tries; i++)
		if (days[i] >= 0)
			days[seen++] = days[i];
	qsort(days, (size_t)seen, sizeof(*days), by_size);
	if (seen == 0)
		printf("%14s", "-");
	else
		printf("  %4.0f%% in %4.1f", 100.0 * seen / tries,
			days[seen / 2]);
}

static void
show_falls(int tries, double points)
{
	const struct crowd before = {0.45, 0.20};
	const struct crowd after = {0.45 - points / 200, 0.20 + points / 200};
	struct vigil vigils[RULES];
	double *days = mem_new((size_t)tries * WEEKLY * RULES, sizeof(double));
	uint64_t state = YEARS_SEED;
	char head[200];

	make_vigils(vigils);
	for (int w = 0; w < WEEKLY; w++)
		for (int t = 0; t < tries; t++) {
			double seen[RULES];

			years_time_to_see(vigils, RULES, &before, &after,
				weekly[w], SEEN_DAYS, seen, &state);
			for (int r = 0; r < RULES; r++)
				days[(r * WEEKLY + w) * tries + t] = seen[r];
		}
	snprintf(head, sizeof(head),
		"A true fall of %.0f points (%d tries): how many are seen "
		"within %d days,\nand after how many days half of those are.",
		points, tries, SEEN_DAYS);
	show_head(head);
	for (int r = 0; r < RULES; r++) {
		printf("  %-26s", rules[r].name);
		for (int w = 0; w < WEEKLY; w++)
			show_seen(&days[(r * WEEKLY + w) * tries], tries);
		printf("\n");
	}
	free(days);
}

int
main(int argc, char **argv)
{
	int years = argc > 1 ? atoi(argv[1]) : YEARS;
	int tries = argc > 2 ? atoi(argv[2]) : TRIES;
	int samples = argc > 3 ? atoi(argv[3]) : SAMPLES;
	bool same;

	if (years <= 0 || tries <= 0 || samples <= 0) {
		fprintf(stderr,
			"usage: simulate_watch [YEARS [TRIES [SAMPLES]]]\n");
		return 2;
	}
	same = show_all_published();
	show_coverage(samples);
	show_false_alarms(years);
	show_falls(tries, 10);
	show_falls(tries, 20);
	return same ? 0 : 1;
}
