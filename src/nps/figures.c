/*
 * figures - the score of some counts. It counts nothing itself: see tally.
 *
 * All in doubles: below 2^43 answers every product here is exact, and a
 * division of exact numbers is rounded correctly, so that halves and the edges
 * of bands fall where arithmetic puts them. Beyond, only the last of fifteen
 * digits is in doubt.
 */
#include "nps/figures.h"

#include <math.h>
#include <stddef.h>

#define POINTS 100.0
/* The 97.5th percentile of the normal distribution. */
#define Z_95 1.959963984540054
/* Rocks 2016: answers added in all, and of those to each of the ends. */
#define ADDED_ANSWERS 3.0
#define ADDED_EACH_END 0.75

/* Stays at the end of the range rather than wrap: a count never changes its
 * sign by growing. */
static int64_t
plus(int64_t a, int64_t b)
{
	int64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return b < 0 ? INT64_MIN : INT64_MAX;
	return sum;
}

static int64_t
minus(int64_t a, int64_t b)
{
	int64_t difference;

	if (__builtin_sub_overflow(a, b, &difference))
		return b < 0 ? INT64_MAX : INT64_MIN;
	return difference;
}

void
counts_add(struct counts *counts, const struct counts *more, int sign)
{
	for (size_t i = 0; i < CATEGORIES; i++) {
		int64_t *count = &counts->of[i];

		*count = sign < 0 ? minus(*count, more->of[i])
				  : plus(*count, more->of[i]);
	}
}

int64_t
counts_total(const struct counts *counts)
{
	int64_t total = 0;

	for (size_t i = 0; i < CATEGORIES; i++)
		total = plus(total, counts->of[i]);
	return total;
}

/* The same, with room for what int64_t cannot hold. */
static double
total_of(const struct counts *counts)
{
	double total = 0;

	for (size_t i = 0; i < CATEGORIES; i++)
		total += (double)counts->of[i];
	return total;
}

/* Promoters less detractors. */
static double
lead_of(const struct counts *counts)
{
	return (double)counts->of[CATEGORY_PROMOTER] -
	       (double)counts->of[CATEGORY_DETRACTOR];
}

/* Half away from zero; never a negative zero. */
static double
to_tenth(double tenths)
{
	double rounded = round(tenths);

	return rounded == 0 ? 0 : rounded / 10;
}

double
figures_raw_nps(const struct counts *counts)
{
	double total = total_of(counts);

	return total > 0 ? POINTS * lead_of(counts) / total : 0;
}

/* The common reading of a score; its edges belong to the band below. */
static const char *
band_of(const struct counts *counts)
{
	static const struct {
		double above;
		const char *name;
	} bands[] = {
		{80, "world-class"},
		{50, "excellent"},
		{20, "favourable"},
		{0, "good"},
	};
	double nps = figures_raw_nps(counts);

	for (size_t i = 0; i < sizeof(bands) / sizeof(bands[0]); i++)
		if (nps > bands[i].above)
			return bands[i].name;
	return nps < 0 ? "bad" : "even";
}

/* Adjusted Wald; the margin is that of the interval before it is cut to what
 * a score can be. */
static void
interval_of(const struct counts *counts, struct figures *figures)
{
	double n = total_of(counts) + ADDED_ANSWERS;
	double promoters =
		((double)counts->of[CATEGORY_PROMOTER] + ADDED_EACH_END) / n;
	double detractors =
		((double)counts->of[CATEGORY_DETRACTOR] + ADDED_EACH_END) / n;
	double centre = promoters - detractors;
	double variance = (promoters + detractors - centre * centre) / n;
	double margin = Z_95 * sqrt(fmax(variance, 0));

	figures->margin = to_tenth(10 * POINTS * margin);
	figures->low = to_tenth(10 * POINTS * fmax(centre - margin, -1));
	figures->high = to_tenth(10 * POINTS * fmin(centre + margin, 1));
}

void
figures_of(const struct counts *counts, struct figures *figures)
{
	*figures = (struct figures){
		.counts = *counts,
		.responses = counts_total(counts),
	};
	figures->known = figures->responses > 0;
	if (!figures->known)
		return;
	/* Not from raw_nps: to round once, the tenths are divided once. */
	figures->nps =
		to_tenth(10 * POINTS * lead_of(counts) / total_of(counts));
	interval_of(counts, figures);
	figures->band = band_of(counts);
}

static void
set_real(json_t *object, const char *key, bool known, double value)
{
	json_object_set_new(
		object, key, known ? json_real(value) : json_null());
}

json_t *
figures_json(const struct figures *figures)
{
	const struct counts *counts = &figures->counts;
	bool known = figures->known;
	json_t *object = json_pack("{s:I, s:I, s:I, s:I}", "responses",
		(json_int_t)figures->responses, "promoters",
		(json_int_t)counts->of[CATEGORY_PROMOTER], "passives",
		(json_int_t)counts->of[CATEGORY_PASSIVE], "detractors",
		(json_int_t)counts->of[CATEGORY_DETRACTOR]);

	set_real(object, "nps", known, figures->nps);
	set_real(object, "margin", known, figures->margin);
	set_real(object, "low", known, figures->low);
	set_real(object, "high", known, figures->high);
	json_object_set_new(object, "band",
		known ? json_string(figures->band) : json_null());
	return object;
}
