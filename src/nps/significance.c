/* significance - the arithmetic of samples of three classes. */
#include "nps/significance.h"

#include <math.h>

#define POINTS 100.0
/* Rocks 2016: answers added in all, and of those to each of the ends. */
#define ADDED_ANSWERS 3.0
#define ADDED_EACH_END 0.75
/* Agresti and Coull 1998. */
#define ADDED_TRIALS 4.0
#define ADDED_SUCCESSES 2.0
/* Beyond this z the tail is below what a double tells from 0. */
#define Z_END 38.0
enum { BISECTIONS = 100 };

double
significance_tail(double z)
{
	return erfc(z / sqrt(2)) / 2;
}

/* Where a falling function is down to `value`, by halves. */
static double
falls_to(double (*function)(double), double low, double high, double value)
{
	for (int i = 0; i < BISECTIONS; i++) {
		double middle = low + (high - low) / 2;

		if (function(middle) > value)
			low = middle;
		else
			high = middle;
	}
	return low;
}

double
significance_quantile(double tail)
{
	return falls_to(significance_tail, -Z_END, Z_END, tail);
}

/* Most, 0.166, near z = 1.19. */
static double
crossings(double z)
{
	return z * z * significance_tail(z);
}

double
significance_many_looks(double confidence, double slope)
{
	double tail = 1 - confidence;

	return fmax(falls_to(crossings, 1.2, Z_END, tail / slope),
		significance_quantile(tail));
}

/*
 * In a moment dt of n answers a window the difference gains dt answers of
 * weight 1/n, changes dt of weight 1/n to -1/m, and loses dt of -1/m; half the
 * variance of that against the variance 1/n + 1/m of the whole.
 */
double
significance_slope(double baseline_windows)
{
	double ratio = 1 / baseline_windows;

	return (1 + ratio + ratio * ratio) / (1 + ratio);
}

struct score_estimate
significance_score(const struct counts *counts)
{
	double n = counts_number(counts) + ADDED_ANSWERS;
	double promoters =
		((double)counts->of[CATEGORY_PROMOTER] + ADDED_EACH_END) / n;
	double detractors =
		((double)counts->of[CATEGORY_DETRACTOR] + ADDED_EACH_END) / n;
	struct score_estimate score = {.lead = promoters - detractors};

	score.variance =
		fmax((promoters + detractors - score.lead * score.lead) / n, 0);
	return score;
}

/* Half away from zero; never a negative zero. */
static double
to_tenth(double points)
{
	double rounded = round(10 * points);

	return rounded == 0 ? 0 : rounded / 10;
}

static double
raw_score(const struct counts *counts)
{
	return POINTS * counts_lead(counts) / counts_number(counts);
}

void
significance_change(const struct counts *now, const struct counts *then,
	struct score_change *change)
{
	struct score_estimate here = significance_score(now);
	struct score_estimate there = significance_score(then);
	double error = sqrt(here.variance + there.variance);
	bool known = counts_number(now) > 0 && counts_number(then) > 0;

	*change = (struct score_change){
		.points =
			known ? to_tenth(raw_score(now) - raw_score(then)) : 0,
		.margin = to_tenth(POINTS * SIGNIFICANCE_Z_95 * error),
		.z = error > 0 ? (here.lead - there.lead) / error : 0,
	};
	change->significant = known && fabs(change->z) > SIGNIFICANCE_Z_95;
}

double
significance_against(const struct counts *counts, double points)
{
	struct score_estimate score = significance_score(counts);

	return score.variance > 0
		       ? (score.lead - points / POINTS) / sqrt(score.variance)
		       : 0;
}

double
significance_proportion(int64_t successes, int64_t trials, double share)
{
	double n = (double)trials + ADDED_TRIALS;
	double found = ((double)successes + ADDED_SUCCESSES) / n;

	/* Of one that says more than all: a rate may, when what was asked
	 * for before the window is answered in it. */
	found = fmin(found, 1 - ADDED_SUCCESSES / n);
	return (found - share) / sqrt(found * (1 - found) / n);
}

/* ---- the mix of classes ---- */

static void
take_shares(const struct counts *counts, double shares[CATEGORIES])
{
	for (size_t i = 0; i < CATEGORIES; i++)
		shares[i] = (double)counts->of[i] / counts_number(counts);
}

void
significance_mix(const struct counts *now, const struct counts *then,
	struct class_mix *mix)
{
	double least = 0, most = 0;

	*mix = (struct class_mix){.known = false};
	mix->known = counts_number(now) > 0 && counts_number(then) > 0;
	if (!mix->known)
		return;
	take_shares(now, mix->now);
	take_shares(then, mix->then);
	for (int i = 0; i < CATEGORIES; i++) {
		double by = mix->now[i] - mix->then[i];

		if (by < least) {
			least = by;
			mix->lost = (enum category)i;
		}
		if (by > most) {
			most = by;
			mix->gained = (enum category)i;
		}
	}
	mix->by = -least;
	mix->shifted = least < 0 && most > 0;
}

/* As members of figures are called. */
static const char *const plurals[CATEGORIES] = {
	[CATEGORY_DETRACTOR] = "detractors",
	[CATEGORY_PASSIVE] = "passives",
	[CATEGORY_PROMOTER] = "promoters",
};

static double
to_thousandth(double share)
{
	return round(share * 1000) / 1000;
}

static json_t *
shares_json(const double shares[CATEGORIES])
{
	return json_pack("{s:f, s:f, s:f}", plurals[CATEGORY_PROMOTER],
		to_thousandth(shares[CATEGORY_PROMOTER]),
		plurals[CATEGORY_PASSIVE],
		to_thousandth(shares[CATEGORY_PASSIVE]),
		plurals[CATEGORY_DETRACTOR],
		to_thousandth(shares[CATEGORY_DETRACTOR]));
}

json_t *
significance_mix_json(const struct class_mix *mix)
{
	json_t *object;

	if (!mix->known)
		return json_null();
	object = json_pack("{s:o, s:o}", "now", shares_json(mix->now), "then",
		shares_json(mix->then));
	json_object_set_new(object, "lost",
		mix->shifted ? json_string(plurals[mix->lost]) : json_null());
	json_object_set_new(object, "gained",
		mix->shifted ? json_string(plurals[mix->gained]) : json_null());
	json_object_set_new(object, "by",
		mix->shifted ? json_real(to_thousandth(mix->by)) : json_null());
	return object;
}

json_t *
significance_change_json(const struct score_change *change)
{
	return json_pack("{s:f, s:f, s:b}", "points", change->points, "margin",
		change->margin, "significant", change->significant);
}
