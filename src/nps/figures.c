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

#include "nps/significance.h"

#define POINTS 100.0
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
	double total = counts_number(counts);

	return total > 0 ? POINTS * counts_lead(counts) / total : 0;
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

/* The margin is that of the interval before it is cut to what a score can be.
 */
static void
interval_of(const struct counts *counts, struct figures *figures)
{
	struct score_estimate score = significance_score(counts);
	double margin = SIGNIFICANCE_Z_95 * sqrt(score.variance);

	figures->margin = to_tenth(10 * POINTS * margin);
	figures->low = to_tenth(10 * POINTS * fmax(score.lead - margin, -1));
	figures->high = to_tenth(10 * POINTS * fmin(score.lead + margin, 1));
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
	figures->nps = to_tenth(
		10 * POINTS * counts_lead(counts) / counts_number(counts));
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
	if (counts->invitations <= 0)
		return object;
	json_object_set_new(
		object, "invitations", json_integer(counts->invitations));
	json_object_set_new(object, "response_rate",
		json_real(round(1000 * counts_number(counts) /
				  (double)counts->invitations) /
			  1000));
	return object;
}
