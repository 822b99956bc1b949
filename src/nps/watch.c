/* watch - judges one slot, and moves on how it stands. */
#include "nps/watch.h"

#include <math.h>

#include "nps/figures.h"

const char *
watch_kind_name(enum watch_kind kind)
{
	switch (kind) {
	case WATCH_FALL:
		break;
	case WATCH_BELOW:
		return "below";
	case WATCH_SILENCE:
		return "silence";
	case WATCH_RATE:
		return "response_rate";
	}
	return "fall";
}

double
watch_bound(const struct watch_terms *terms)
{
	double slope = terms->kind == WATCH_FALL
			       ? significance_slope((double)terms->baseline_ms /
						    (double)terms->window_ms)
			       : 1;

	return significance_many_looks(terms->confidence, slope);
}

static bool
is_enough(const struct watch_terms *terms, const struct counts *counts)
{
	return counts_total(counts) > 0 &&
	       counts_total(counts) >= terms->min_responses;
}

static enum watch_finding
judge_fall(const struct watch_terms *terms, double bound,
	const struct watch_view *view)
{
	struct score_change change;

	if (!is_enough(terms, &view->now) || !is_enough(terms, &view->then))
		return WATCH_UNSURE;
	significance_change(&view->now, &view->then, &change);
	return change.points <= -terms->drop && change.z < -bound ? WATCH_BAD
								  : WATCH_FINE;
}

static enum watch_finding
judge_below(const struct watch_terms *terms, double bound,
	const struct watch_view *view)
{
	if (!is_enough(terms, &view->now))
		return WATCH_UNSURE;
	return significance_against(&view->now, terms->below) < -bound
		       ? WATCH_BAD
		       : WATCH_FINE;
}

/* Answers that come at a steady rate pause for a window, of which `expected`
 * would come in each, at the rate of expected * exp(-expected) a window. */
static enum watch_finding
judge_silence(const struct watch_terms *terms, const struct watch_view *view)
{
	double expected = counts_number(&view->then) *
			  (double)terms->window_ms / (double)terms->baseline_ms;

	if (counts_total(&view->now) > 0)
		return WATCH_FINE;
	if (!is_enough(terms, &view->then) || expected < 1 ||
		expected * exp(-expected) > 1 - terms->confidence)
		return WATCH_UNSURE;
	return WATCH_BAD;
}

static enum watch_finding
judge_rate(const struct watch_terms *terms, double bound,
	const struct watch_view *view)
{
	int64_t asked = view->now.invitations;

	if (asked <= 0 || asked < terms->min_responses)
		return WATCH_UNSURE;
	return significance_proportion(
		       counts_total(&view->now), asked, terms->target) < -bound
		       ? WATCH_BAD
		       : WATCH_FINE;
}

enum watch_finding
watch_judge(const struct watch_terms *terms, double bound,
	const struct watch_view *view)
{
	switch (terms->kind) {
	case WATCH_FALL:
		return judge_fall(terms, bound, view);
	case WATCH_BELOW:
		return judge_below(terms, bound, view);
	case WATCH_SILENCE:
		return judge_silence(terms, view);
	case WATCH_RATE:
		break;
	}
	return judge_rate(terms, bound, view);
}

/* Of one that holds, and that a look finds bad no more. */
static bool
is_over(const struct watch_terms *terms, const struct watch_view *view,
	const struct watch_stand *stand)
{
	const struct counts *now = &view->now;

	switch (terms->kind) {
	case WATCH_FALL:
		return is_enough(terms, now) &&
		       figures_raw_nps(now) >= stand->level - terms->drop / 2;
	case WATCH_BELOW:
		return is_enough(terms, now) &&
		       figures_raw_nps(now) >= terms->below;
	case WATCH_SILENCE:
		return counts_total(now) > 0;
	case WATCH_RATE:
		break;
	}
	return now->invitations > 0 &&
	       now->invitations >= terms->min_responses &&
	       (double)counts_total(now) >=
		       terms->target * (double)now->invitations;
}

/* All that it was compared with lies behind the alarm. */
static bool
is_the_level(const struct watch_terms *terms, int64_t now_ms,
	const struct watch_stand *stand)
{
	return terms->kind == WATCH_FALL &&
	       now_ms - stand->since_ms >=
		       terms->window_ms + terms->baseline_ms;
}

static enum watch_news
begin(const struct watch_view *view, bool quiet, int64_t now_ms,
	struct watch_stand *stand)
{
	stand->since_ms = now_ms;
	stand->quiet = quiet;
	stand->level = figures_raw_nps(&view->then);
	if (quiet)
		return WATCH_NOTHING;
	stand->alarm_ms = now_ms;
	return WATCH_ALARM;
}

static enum watch_news
end(struct watch_stand *stand, bool recovered)
{
	bool told = !stand->quiet;

	stand->since_ms = 0;
	stand->quiet = false;
	if (!told)
		return WATCH_NOTHING;
	return recovered ? WATCH_RECOVERED : WATCH_SETTLED;
}

enum watch_news
watch_look(const struct watch_terms *terms, double bound,
	const struct watch_view *view, bool quiet, int64_t now_ms,
	struct watch_stand *stand)
{
	enum watch_finding finding = watch_judge(terms, bound, view);

	/* The clock was set back: an alarm is never ahead of now. */
	stand->since_ms = stand->since_ms < now_ms ? stand->since_ms : now_ms;
	stand->alarm_ms = stand->alarm_ms < now_ms ? stand->alarm_ms : now_ms;
	if (stand->since_ms > 0) {
		if (finding == WATCH_BAD)
			return WATCH_NOTHING;
		if (is_over(terms, view, stand))
			return end(stand, true);
		return is_the_level(terms, now_ms, stand) ? end(stand, false)
							  : WATCH_NOTHING;
	}
	if (finding != WATCH_BAD)
		return WATCH_NOTHING;
	if (stand->alarm_ms > 0 && now_ms - stand->alarm_ms < terms->rearm_ms)
		return WATCH_NOTHING;
	return begin(view, quiet, now_ms, stand);
}
