/*
 * overview_page - the page of the daemon, as HTML: what wants a person, the
 * figures, what waits to be delivered, follow-ups, what was rejected. It changes
 * nothing, leads nowhere, needs no script and nothing from elsewhere; in English,
 * as the commands. Pure.
 *
 * All that comes from outside is text: escaped here, whatever it is.
 */
#ifndef NPSD_API_OVERVIEW_PAGE_H
#define NPSD_API_OVERVIEW_PAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum {
	OVERVIEW_CHECKS = 20, /* that are named; how many more is told */
	OVERVIEW_SURVEYS = 10,
	OVERVIEW_ACTIONS = 30,
	OVERVIEW_FOLLOW_UPS = 20,
	OVERVIEW_REJECTED = 5,
	OVERVIEW_TEXT_BYTES = 300, /* of one that came from outside */
};

struct overview_page {
	int64_t now_ms;
	const json_t *status; /* see status.h */
	/* Why the store's rows are not known now, or NULL. */
	const char *trouble;
	json_t *windows; /* {"24h":FIGURES}; NULL: not known now */
	/* By survey in a window: [{"value":SURVEY, FIGURES}], those with the most
	 * answers first; and how many surveys have any. */
	const char *survey_window;
	const json_t *surveys;
	int64_t survey_count;
	/* Whether who asks may see them, and rows as lists have them, in the
	 * order in which they are shown. */
	bool sees_follow_ups, sees_rejected;
	const json_t *follow_ups, *rejected;
	bool more_rejected;
};

void overview_page_append(struct buf *out, const struct overview_page *page);
/* What a browser without a token is told. */
void overview_page_append_refusal(struct buf *out);
/* Too much is asked just now. */
void overview_page_append_later(struct buf *out);
/* The value of Content-Security-Policy for all of them. */
void overview_page_append_policy(struct buf *out);

#endif
