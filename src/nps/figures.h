/*
 * figures - the Net Promoter Score of some answers, with its uncertainty.
 *
 * nps = 100 (p - d), from the raw counts, rounded once to a tenth (half away
 * from zero). The 95 % interval is adjusted Wald (Rocks, B., "Interval
 * estimation for the Net Promoter Score", The American Statistician 70(4),
 * 2016): three more answers, three quarters of one to promoters and to
 * detractors each, variance (p + d - (p - d)^2) / n.
 */
#ifndef NPSD_NPS_FIGURES_H
#define NPSD_NPS_FIGURES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "nps/category.h"

struct counts {
	int64_t of[CATEGORIES]; /* by enum category */
};
void counts_add(struct counts *counts, const struct counts *more, int sign);
int64_t counts_total(const struct counts *counts);

struct figures {
	struct counts counts;
	int64_t responses;
	bool known; /* false: no answers, nothing below holds */
	double nps, margin, low, high; /* in points, to a tenth */
	const char *band; /* bad even good favourable excellent world-class */
};
void figures_of(const struct counts *counts, struct figures *figures);
/* {"responses":..,"promoters":..,"passives":..,"detractors":..,"nps":..,
 * "margin":..,"low":..,"high":..,"band":..}; null where not known. */
json_t *figures_json(const struct figures *figures);
/* The difference nps_a - nps_b in the raw counts' own precision. */
double figures_raw_nps(const struct counts *counts);

#endif
