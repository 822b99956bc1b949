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
#include <string.h>

#include "base/json.h"
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
append_count(struct buf *out, const char *name, int64_t count)
{
	buf_append_text(out, name);
	buf_append_integer(out, count);
}

static void
append_known(struct buf *out, const char *name, bool known, double value)
{
	buf_append_text(out, name);
	if (known)
		json_append_real(out, value);
	else
		buf_append_text(out, "null");
}

static void
append_band(struct buf *out, const struct figures *figures)
{
	buf_append_text(out, ",\"band\":");
	if (figures->known)
		json_append_string(out, figures->band, strlen(figures->band));
	else
		buf_append_text(out, "null");
}

void
figures_append_json(struct buf *out, const struct figures *figures)
{
	const struct counts *counts = &figures->counts;
	bool known = figures->known;

	append_count(out, "{\"responses\":", figures->responses);
	append_count(out, ",\"promoters\":", counts->of[CATEGORY_PROMOTER]);
	append_count(out, ",\"passives\":", counts->of[CATEGORY_PASSIVE]);
	append_count(out, ",\"detractors\":", counts->of[CATEGORY_DETRACTOR]);
	append_known(out, ",\"nps\":", known, figures->nps);
	append_known(out, ",\"margin\":", known, figures->margin);
	append_known(out, ",\"low\":", known, figures->low);
	append_known(out, ",\"high\":", known, figures->high);
	append_band(out, figures);
	if (counts->invitations > 0) {
		append_count(out, ",\"invitations\":", counts->invitations);
		append_known(out, ",\"response_rate\":", true,
			round(1000 * counts_number(counts) /
				(double)counts->invitations) /
				1000);
	}
	buf_append_char(out, '}');
}

json_t *
figures_json(const struct figures *figures)
{
	struct buf text = {0};
	json_t *object;

	figures_append_json(&text, figures);
	object = json_written(&text);
	buf_done(&text);
	return object;
}
