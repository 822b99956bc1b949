/*
 * storm - when alerts of one action to one receiver are too many to be sent
 * each by itself: settings, and the window that counts them. Pure; the window is
 * kept by the store (store/store_storm.h).
 *
 *	more_than: 2
 *
 *	alerts   | |  |||  |   ||        |  |     |
 *	         1 2  fff  f   ff        f  f     1
 *	window   [.............]   [.......]      [....
 *	               one message ^        ^ one message
 *
 * A window begins with the first alert after the one before. What comes while a
 * storm lasts is folded from the first alert on: see storm_take.
 */
#ifndef NPSD_NPS_STORM_H
#define NPSD_NPS_STORM_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/setting.h"

/* The row `storm:` of an action. */
struct storm_terms {
	int64_t more_than; /* 0: there is none */
	int64_t within_ms;
};
extern const struct setting storm_settings[];

struct storm_window {
	int64_t since_ms, until_ms; /* both 0: there has been none */
	int64_t alerts;		    /* that came in it, folded ones included */
	bool lasting;		    /* it folds from its first alert on */
};

/*
 * Takes an alert into the window that runs, or begins another with it. True: it
 * is to be folded.
 *
 * A window that runs keeps its end, whatever a reload says of `within`. Where
 * the one before it held a storm and ended less than `within` ago, the storm
 * lasts: this one folds all. One that was no storm any more ends that.
 */
bool storm_take(struct storm_window *window, const struct storm_terms *terms,
	int64_t now_ms);

#endif
