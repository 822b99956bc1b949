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

#include "base/buf.h"
#include "nps/counts.h"

struct figures {
	struct counts counts;
	int64_t responses;
	bool known; /* false: no answers, nothing below holds */
	/* In points, to a tenth. The interval is cut to [-100, 100]; margin is
	 * half of it as it was before. */
	double nps, margin, low, high;
	const char *band; /* bad even good favourable excellent world-class */
};
void figures_of(const struct counts *counts, struct figures *figures);
/* Appends {"responses":..,"promoters":..,"passives":..,"detractors":..,"nps":..,
 * "margin":..,"low":..,"high":..,"band":..}; null where not known. Where people
 * were invited also "invitations" and "response_rate", a share. */
void figures_append_json(struct buf *out, const struct figures *figures);
/* The same as a tree. */
json_t *figures_json(const struct figures *figures);
/* 100 (p - d), not rounded; 0 without answers. */
double figures_raw_nps(const struct counts *counts);

#endif
