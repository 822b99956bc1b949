/*
 * watches - the setting `watches:`, and what is to be counted for them.
 *
 *	watches:
 *	  - {name: sudden-drop, survey: relationship, by: department, drop: 10,
 *	     window: 7d, baseline: 30d, do: [manager-mail]}
 *	  - {name: kiosk, source: kiosk, silent_for: 48h, hours: shop, do: [ops]}
 *
 * A watch looks at each survey that it names (any, where it names none) by
 * itself, or at each value of the segment `by`. Immutable once made; threads
 * share them.
 */
#ifndef NPSD_NPS_WATCHES_H
#define NPSD_NPS_WATCHES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/setting.h"
#include "nps/calendar.h"
#include "nps/watch.h"
#include "nps/window.h"

enum {
	WATCHES_LIMIT = 200,
	WATCH_STRETCHES_LIMIT = 32, /* lengths of time that they count in all */
};

struct watch {
	char *name;
	struct setting_texts surveys; /* none: every survey */
	char *by;		      /* segment, or NULL: surveys as a whole */
	char *source;		      /* of a silence: this source; or NULL */
	int64_t window_ms, baseline_ms;
	double drop, below;
	int64_t silent_ms;
	struct {
		double target;
		int64_t min_invitations;
	} rate;
	double confidence;
	int64_t min_responses;
	int64_t rearm_ms;
	bool recovery; /* tell of its end */
	char *hours;   /* of a silence, or NULL */
	struct setting_texts actions;

	/* made of it */
	struct watch_terms terms;
	double bound;
	const struct calendar *calendar; /* lent; NULL: always */
	/* What is summed: the window, and window and baseline (0: not). */
	int64_t now_ms, all_ms;
	int64_t every_ms; /* from look to look */
};
/* The rows of one watch, over struct watch. */
extern const struct setting watch_settings[];

struct watches {
	size_t count;
	struct watch **items; /* lent from the configuration */
	/* Rolling windows that are counted for them, each length once. */
	struct window stretches[WATCH_STRETCHES_LIMIT];
	size_t stretch_count;
	int64_t reach_ms; /* the longest */
};

/* What names in watches must be among; each list ended by NULL. */
struct watches_names {
	const char *const *actions, *const *segments, *const *sources;
	const struct calendars *calendars;
};
/* Takes the records of a SETTING_LIST of watch_settings (lent for the life of
 * the watches). After false it can be done away with all the same. */
bool watches_init(struct watches *watches, const struct setting_items *items,
	const struct watches_names *names, struct conf_errors *errors);
void watches_done(struct watches *watches);

/* Whether it looks at that survey. */
bool watch_wants_survey(const struct watch *watch, const char *survey);

#endif
