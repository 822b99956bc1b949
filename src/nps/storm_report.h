/*
 * storm_report - what the message of a storm tells: how many, since when, by
 * which rules, from where, and the first few of them. Pure.
 */
#ifndef NPSD_NPS_STORM_REPORT_H
#define NPSD_NPS_STORM_REPORT_H

#include <jansson.h>
#include <stdint.h>

#include "nps/owner.h"
#include "nps/response.h"

enum {
	STORM_FIRST = 10,	   /* are shown one by one */
	STORM_VALUES = 10,	   /* of each kind that is counted */
	STORM_TEXT_BYTES = 300,	   /* of a comment; of other texts, too */
	STORM_LOOKED_LIMIT = 10000 /* are looked at to count their kinds */
};

struct storm_report {
	int64_t looked_at;
	int64_t from_ms, until_ms; /* when the first, the last was put */
	json_t *rules, *categories, *surveys; /* name -> count */
	json_t *segments;		      /* "name\nvalue" -> count */
	json_t *first;			      /* an array, as it is told */
};

void storm_report_init(struct storm_report *report);
void storm_report_done(struct storm_report *report);

/* Counts one, in the order of arrival. response NULL: it was forgotten; rule may
 * be NULL. */
void storm_report_add(struct storm_report *report,
	const struct response *response, const char *rule, int64_t at_ms);
/* Whether the next one is to be shown, too. */
bool storm_report_wants_more(const struct storm_report *report);
/* One of the first: alert is its alert document, of which is taken what fits
 * into a list. row: the answer's. */
void storm_report_show(struct storm_report *report, const json_t *alert,
	int64_t row, int64_t delivery);
/* The only survey that they are of, or NULL. Lent. */
const char *storm_report_survey(const struct storm_report *report);

/*
 * {"count","looked_at","from","until","rules":[{"rule","count"}],
 *  "categories":[{"category","count"}],"surveys":[{"survey","count"}],
 *  "segments":[{"segment","value","display","count"}],"first":[{"response":{...},
 *  "category","owner","follow_up","rule","row","delivery"}],"more"},
 * each kind with the most frequent first; display: how people call the owner
 * whose address the value is, else left out. owners may be NULL. New.
 */
json_t *storm_report_json(const struct storm_report *report,
	const struct owners *owners, int64_t count);

#endif
