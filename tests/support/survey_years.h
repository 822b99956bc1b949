/*
 * survey_years - answers drawn by chance, and watches that look at years of
 * them: what is claimed of intervals and alarms is held against it. The same
 * seed gives the same answers.
 */
#ifndef NPSD_TESTS_SURVEY_YEARS_H
#define NPSD_TESTS_SURVEY_YEARS_H

#include <stdbool.h>
#include <stdint.h>

#include "nps/watch.h"

#define YEARS_SEED UINT64_C(0x9e3779b97f4a7c15)

/* What answers are like: shares of promoters and of detractors. */
struct crowd {
	double promoters, detractors;
};

/* n answers more. */
void years_draw(struct counts *counts, const struct crowd *crowd, int n,
	uint64_t *state);
/* Half of Wald's 95 % interval, in points. */
double years_plain_margin(const struct counts *counts);
/* The share of samples of n whose 95 % interval holds the true score; plain:
 * Wald's without the adjustment. */
double years_coverage(const struct crowd *crowd, int n, int samples, bool plain,
	uint64_t *state);

/* Alarms of one watch, looked at each hour, for a segment that has so many
 * answers a week at a steady rate. */
struct vigil {
	struct watch_terms terms;
	double bound; /* watch_bound(), or what is to be shown instead */
};
/* A bound that everything is beyond: the fall alone decides. */
#define VIGIL_NAIVE (-1e9)

/* False alarms in so many years without a change; of each of `count` vigils,
 * which see the same answers. */
void years_false_alarms(const struct vigil *vigils, int count,
	const struct crowd *crowd, double weekly, int years, int *alarms,
	uint64_t *state);
/* After how many days (at most `days`; else -1) each vigil sees that the
 * answers are like `after` instead, in one try. */
void years_time_to_see(const struct vigil *vigils, int count,
	const struct crowd *before, const struct crowd *after, double weekly,
	int days, double *seen_after, uint64_t *state);

#endif
