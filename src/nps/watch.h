/*
 * watch - whether a figure calls for somebody: a score that fell, or that is
 * below a threshold, answers that ceased, too few answers to invitations. Pure:
 * the caller counts, keeps the time and tells.
 *
 *	             told              over, or the new level
 *	ARMED ------------------> FIRING --------------------> ARMED, but not
 *	       a look is bad                                   before `rearm`
 *
 * A look is bad only where chance alone would hardly have made it so. Windows
 * move on between looks, and many looks find by chance what one would not; so
 * the bound is that of significance_many_looks, and `confidence` means: of
 * stretches as long as the window, in which nothing changes, at least this
 * share passes without a false alarm, however often one looks. What that costs
 * in time is shown by tests/bench/simulate_watch.
 */
#ifndef NPSD_NPS_WATCH_H
#define NPSD_NPS_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "nps/significance.h"

/* What is looked for. Names in documents and lists: "fall", "below",
 * "silence", "response_rate". */
enum watch_kind { WATCH_FALL, WATCH_BELOW, WATCH_SILENCE, WATCH_RATE };
const char *watch_kind_name(enum watch_kind kind);

struct watch_terms {
	enum watch_kind kind;
	double confidence;     /* above 0, below 1 */
	int64_t min_responses; /* in the window, and in the baseline where one
	                        * is looked at; of a rate: invitations */
	double drop;	       /* of a fall: at least so many points */
	double below;	       /* of a threshold: points */
	double target;	       /* of a rate: a share */
	int64_t window_ms;     /* a silence: that long */
	int64_t baseline_ms;   /* right before the window; 0: none */
	int64_t rearm_ms;      /* from one alarm to the next at the earliest */
};
/* The z that a look must be beyond; a look asks often, so it is given in. */
double watch_bound(const struct watch_terms *terms);

/* What a look sees: the window, and the baseline before it. */
struct watch_view {
	struct counts now, then;
};

enum watch_finding {
	WATCH_UNSURE, /* too little to say anything */
	WATCH_FINE,
	WATCH_BAD
};
enum watch_finding watch_judge(const struct watch_terms *terms, double bound,
	const struct watch_view *view);

/* How a watch stands for one slot; kept by the caller. All zero: armed. */
struct watch_stand {
	int64_t since_ms; /* of the alarm that holds; 0: none does */
	int64_t alarm_ms; /* the last one; 0: never */
	bool quiet;	  /* it holds, and nobody was told: history came in */
	double level;	  /* of a fall: the score it fell from, in points */
};

enum watch_news {
	WATCH_NOTHING,
	WATCH_ALARM,
	WATCH_RECOVERED, /* of one that was told */
	WATCH_SETTLED,	 /* it holds no more, but nothing got better: what was
	                  * a fall is the level by now; not told */
};
/*
 * Looks, and moves on how it stands. quiet: what is seen comes of answers of
 * the past that were brought in, so that a new alarm holds but is not told.
 * A fall has recovered when the score is back to half the `drop` below where it
 * fell from; when it is not, but the whole baseline lies behind the alarm, this
 * is the new level.
 */
enum watch_news watch_look(const struct watch_terms *terms, double bound,
	const struct watch_view *view, bool quiet, int64_t now_ms,
	struct watch_stand *stand);

#endif
