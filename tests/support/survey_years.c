/* survey_years - chance, years of answers by the hour, watches over them. */
#include "survey_years.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/time.h"
#include "nps/figures.h"

enum { HOURS_A_DAY = 24, HOURS_A_WEEK = 168, HOURS_A_YEAR = 8766 };

/* xorshift64*, Vigna 2016; the same numbers in every run. */
static double
chance(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (double)((*state * UINT64_C(2685821657736338717)) >> 11) *
	       0x1p-53;
}

void
years_draw(struct counts *counts, const struct crowd *crowd, int n,
	uint64_t *state)
{
	for (int i = 0; i < n; i++) {
		double drawn = chance(state);

		if (drawn < crowd->promoters)
			counts->of[CATEGORY_PROMOTER]++;
		else if (drawn < crowd->promoters + crowd->detractors)
			counts->of[CATEGORY_DETRACTOR]++;
		else
			counts->of[CATEGORY_PASSIVE]++;
	}
}

/* Shares as they were found, without the adjustment. */
double
years_plain_margin(const struct counts *counts)
{
	double n = counts_number(counts);
	double promoters = (double)counts->of[CATEGORY_PROMOTER] / n;
	double detractors = (double)counts->of[CATEGORY_DETRACTOR] / n;
	double lead = promoters - detractors;
	double variance = (promoters + detractors - lead * lead) / n;

	return 100 * SIGNIFICANCE_Z_95 * sqrt(variance);
}

static bool
plain_holds(const struct counts *counts, double truth)
{
	return fabs(figures_raw_nps(counts) - truth) <=
	       years_plain_margin(counts) + 1e-9;
}

double
years_coverage(const struct crowd *crowd, int n, int samples, bool plain,
	uint64_t *state)
{
	double truth = 100 * (crowd->promoters - crowd->detractors);
	int held = 0;

	for (int i = 0; i < samples; i++) {
		struct counts counts = {.invitations = 0};
		struct figures figures;

		years_draw(&counts, crowd, n, state);
		figures_of(&counts, &figures);
		/* Half a tenth for the rounding. */
		held += plain ? plain_holds(&counts, truth)
			      : figures.low - 0.05 <= truth &&
					truth <= figures.high + 0.05;
	}
	return held / (double)samples;
}

/* ---- answers by the hour ---- */

/* Poisson, by Knuth's multiplication; for means far below 700. */
static int
so_many(double mean, uint64_t *state)
{
	double limit = exp(-mean), product = chance(state);
	int n = 0;

	for (; product > limit; n++)
		product *= chance(state);
	return n;
}

/* Hours that passed, in a ring, and the sums of each vigil's stretches. */
struct hours {
	const struct vigil *vigils;
	int count;
	struct counts *ring;
	struct watch_view *views;
	struct watch_stand *stands;
	int64_t at; /* the hour to come */
	int64_t room;
};

static int64_t
window_hours(const struct vigil *vigil)
{
	return vigil->terms.window_ms / MS_PER_HOUR;
}

static int64_t
all_hours(const struct vigil *vigil)
{
	return window_hours(vigil) + vigil->terms.baseline_ms / MS_PER_HOUR;
}

static void
hours_init(struct hours *hours, const struct vigil *vigils, int count)
{
	*hours = (struct hours){.vigils = vigils, .count = count, .room = 1};
	for (int i = 0; i < count; i++)
		if (all_hours(&vigils[i]) >= hours->room)
			hours->room = all_hours(&vigils[i]) + 1;
	hours->ring = mem_new((size_t)hours->room, sizeof(*hours->ring));
	hours->views = mem_new((size_t)count, sizeof(*hours->views));
	hours->stands = mem_new((size_t)count, sizeof(*hours->stands));
}

static void
hours_done(struct hours *hours)
{
	free(hours->ring);
	free(hours->views);
	free(hours->stands);
}

static const struct counts *
hours_ago(const struct hours *hours, int64_t ago)
{
	return &hours->ring[(hours->at - ago + hours->room) % hours->room];
}

/* One hour more. */
static void
hours_pass(struct hours *hours, const struct crowd *crowd, double weekly,
	uint64_t *state)
{
	struct counts *hour = &hours->ring[hours->at % hours->room];

	*hour = (struct counts){.invitations = 0};
	years_draw(hour, crowd, so_many(weekly / HOURS_A_WEEK, state), state);
	for (int i = 0; i < hours->count; i++) {
		struct watch_view *view = &hours->views[i];
		int64_t window = window_hours(&hours->vigils[i]);
		int64_t all = all_hours(&hours->vigils[i]);

		counts_add(&view->now, hour, 1);
		if (hours->at >= window) {
			counts_add(&view->now, hours_ago(hours, window), -1);
			counts_add(&view->then, hours_ago(hours, window), 1);
		}
		if (hours->at >= all)
			counts_add(&view->then, hours_ago(hours, all), -1);
	}
	hours->at++;
}

static bool
hours_alarm(struct hours *hours, int i)
{
	const struct vigil *vigil = &hours->vigils[i];

	return watch_look(&vigil->terms, vigil->bound, &hours->views[i], false,
		       hours->at * MS_PER_HOUR,
		       &hours->stands[i]) == WATCH_ALARM;
}

/* Until there is a baseline. */
static void
hours_fill(struct hours *hours, const struct crowd *crowd, double weekly,
	uint64_t *state)
{
	while (hours->at < hours->room)
		hours_pass(hours, crowd, weekly, state);
}

void
years_false_alarms(const struct vigil *vigils, int count,
	const struct crowd *crowd, double weekly, int years, int *alarms,
	uint64_t *state)
{
	struct hours hours;

	hours_init(&hours, vigils, count);
	hours_fill(&hours, crowd, weekly, state);
	for (int64_t left = (int64_t)years * HOURS_A_YEAR; left > 0; left--) {
		hours_pass(&hours, crowd, weekly, state);
		for (int i = 0; i < count; i++)
			alarms[i] += hours_alarm(&hours, i);
	}
	hours_done(&hours);
}

void
years_time_to_see(const struct vigil *vigils, int count,
	const struct crowd *before, const struct crowd *after, double weekly,
	int days, double *seen_after, uint64_t *state)
{
	struct hours hours;

	hours_init(&hours, vigils, count);
	hours_fill(&hours, before, weekly, state);
	for (int i = 0; i < count; i++)
		seen_after[i] = -1;
	for (int hour = 1; hour <= days * HOURS_A_DAY; hour++) {
		hours_pass(&hours, after, weekly, state);
		for (int i = 0; i < count; i++)
			if (seen_after[i] < 0 && hours_alarm(&hours, i))
				seen_after[i] = hour / (double)HOURS_A_DAY;
	}
	hours_done(&hours);
}
