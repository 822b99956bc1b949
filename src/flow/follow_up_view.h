/*
 * follow_up_view - what the page of a follow-up shows, in one document:
 *
 *	{"follow_up":{...,"events":[...]},"response":{...}|null,
 *	 "owner":{...}|null,"previous":{"score":9,"category":"promoter"}|null,
 *	 "reasons":["price",...]}
 *
 * It is what the API shows, with times as clocks of the follow-up's hours show
 * them ("2026-11-23T17:30:00+01:00"). Store thread.
 */
#ifndef NPSD_FLOW_FOLLOW_UP_VIEW_H
#define NPSD_FLOW_FOLLOW_UP_VIEW_H

#include <jansson.h>

#include "flow/keep.h"
#include "nps/follow_up.h"

/* follow_up and response (or NULL) are lent. NULL with a reason: the store could
 * not be read. New. */
json_t *follow_up_view(struct keeping *keeping,
	const struct follow_up *follow_up, const struct follow_up_terms *terms,
	const json_t *follow_up_json, const json_t *response,
	struct err *err) must_check;

#endif
