/*
 * significance - whether figures differ by more than chance makes them differ.
 *
 * Counts are taken as a sample of three classes. Each sample is adjusted first:
 * three more answers, three quarters of one to promoters and to detractors each
 * (Rocks, B., "Interval estimation for the Net Promoter Score", The American
 * Statistician 70(4), 2016); a score then has the variance
 * (p + d - (p - d)^2) / n, and a difference of two the sum of theirs (Lewis, J.
 * and Sauro, J., "How to statistically compare two Net Promoter Scores",
 * MeasuringU, 2021). Proportions are adjusted likewise: two successes and two
 * failures more (Agresti, A. and Coull, B., The American Statistician 52(2),
 * 1998).
 *
 * Points are those of a score: -100 to 100.
 */
#ifndef NPSD_NPS_SIGNIFICANCE_H
#define NPSD_NPS_SIGNIFICANCE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "nps/counts.h"

/* The 97.5th percentile of the normal distribution: margins are told at 95 %. */
#define SIGNIFICANCE_Z_95 1.959963984540054

/* How often a standard normal variable is above z. */
double significance_tail(double z);
/* The z that it is above so often; tail: above 0, below 1. */
double significance_quantile(double tail);
/*
 * The z to ask for where a window that moves on is looked at again and again:
 * of stretches as long as the window, in which nothing changes, a share of
 * `confidence` passes without any look beyond z, however often one looks.
 * That share is 1 - slope * z^2 * Q(z): so often, for a high z, a stationary
 * Gaussian process is above it whose correlation falls like 1 - slope * |t|, t
 * in windows (Pickands, J., "Upcrossing probabilities for stationary Gaussian
 * processes", Transactions of the AMS 145, 1969; his constant is 1 here). The
 * sum over a window has slope 1. A single look asks for less: the quantile of
 * 1 - confidence.
 */
double significance_many_looks(double confidence, double slope);
/* The slope of the difference between a window and a baseline right before it,
 * so many windows long: what leaves the one enters the other. */
double significance_slope(double baseline_windows);

/* A score as a sample tells it: promoters less detractors, from the adjusted
 * counts, as a share, and its variance. */
struct score_estimate {
	double lead, variance;
};
struct score_estimate significance_score(const struct counts *counts);

/* What became of a score, in points. */
struct score_change {
	double points;	  /* from the raw counts, to a tenth */
	double margin;	  /* of its 95 % interval, half, to a tenth */
	double z;	  /* below 0: it fell; from the adjusted counts */
	bool significant; /* |z| is beyond 95 %: for a single look */
};
/* Without answers on a side, points is 0 and nothing is significant. */
void significance_change(const struct counts *now, const struct counts *then,
	struct score_change *change);
/* How far a score is from a fixed one (in points), as z. */
double significance_against(const struct counts *counts, double points);
/* The same of a proportion and a fixed one (a share). */
double significance_proportion(int64_t successes, int64_t trials, double share);

/* Which classes a score's answers went to: shares of all now and then. */
struct class_mix {
	double now[CATEGORIES], then[CATEGORIES]; /* by enum category */
	bool known;   /* both sides have answers; nothing below holds else */
	bool shifted; /* false: no class has another share; nothing below */
	enum category lost, gained; /* the one that lost most, and won most */
	double by;		    /* the share that `lost` lost */
};
void significance_mix(const struct counts *now, const struct counts *then,
	struct class_mix *mix);
/* {"now":{"promoters":0.3,...},"then":{...},"lost":"promoters",
 * "gained":"detractors","by":0.1}; lost, gained and by are null where nothing
 * shifted. New; null where not known. */
json_t *significance_mix_json(const struct class_mix *mix);
/* {"points":-12.3,"margin":8.1,"significant":true}. New. */
json_t *significance_change_json(const struct score_change *change);

#endif
