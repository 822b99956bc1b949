/*
 * row_json - rows as the JSON objects that the API shows, the same from every
 * kind of store.
 */
#ifndef NPSD_STORE_ROW_JSON_H
#define NPSD_STORE_ROW_JSON_H

#include <jansson.h>
#include <stdint.h>

#include "store/store.h"
#include "store/store_erasures.h"
#include "store/store_follow_ups.h"
#include "store/store_replays.h"
#include "store/store_silences.h"

/* One try of a delivery. */
struct attempt_row {
	int n; /* from 1 */
	int64_t at_ms;
	const char *outcome;
	int status;
	const char *reason;
};

/* {"row","survey","id","kind","revision","source","score","category",
 * "answered_at","arrived_at","customer","account","response","forgotten"}.
 * All of these give a new reference. */
json_t *row_json_answer(const struct answer_row *answer);
/* Adds {"verdicts","rules_hash","past":[],"deliveries":[]}; an object of
 * row_json_answer or row_json_past. Takes past and deliveries; NULL leaves the
 * member out. */
void row_json_explain(json_t *object, const struct answer_row *answer,
	json_t *past, json_t *deliveries);
/* An earlier revision: no row, survey, id, kind. */
json_t *row_json_past(const struct answer_row *answer);

/* {"row","id","cause","response","rule","action","recipient","state",
 * "created_at","due_at","tries","status","reason","settled_at",
 * "body_bytes","storm","folded"}, the last two null; body_bytes from body_length, null where there is no body
 * yet. The body itself is not read. */
json_t *row_json_delivery(const struct delivery_row *delivery, bool has_body);
/* Whether it tells of a storm. */
bool row_json_is_storm(const struct delivery_row *delivery);
/* Into an alert: "storm", the message that it was folded into: {"row","state",
 * "created_at","due_at","settled_at","tries","reason"}. */
void row_json_add_storm(json_t *object, const struct delivery_row *message);
/* Into a message: "folded", how many alerts stand folded in it. */
void row_json_add_folded(json_t *object, int64_t count);
/* Adds "body". */
void row_json_add_body(json_t *object, const struct delivery_row *delivery);
json_t *row_json_attempt(const struct attempt_row *attempt);
/* Adds "attempts"; takes the array. The try that delivered has no row: the
 * delivery tells it. */
void row_json_add_attempts(
	json_t *object, const struct delivery_row *delivery, json_t *attempts);

/* {"row","survey","customer","account","response","last_response","folds","rule",
 * "state","owner","claimed_at","claimed_by","opened_at","contact_by",
 * "resolve_by","contacted_at","closed_at","attempts","try_again_at","reason",
 * "note","improved","tracked_in","next_due_at"} */
json_t *row_json_follow_up(const struct follow_up *follow_up);
/* {"n","at","act","who","how","owner","reason","note","response"} */
json_t *row_json_event(const struct follow_up_event *event);

/* {"row","rule","match":{},"since","until","ended_at","ended_by","by","why",
 * "silenced"} */
json_t *row_json_silence(const struct silence_row *silence);

/* {"row","asked_at","by","why","state","ended_at"} and what the report has. */
json_t *row_json_erasure(const struct erasure_row *erasure);
/* Adds "erased_at" to an answer's object; 0: null. */
void row_json_add_erased(json_t *object, int64_t erased_ms);
/* Adds "replayed": {"at","by","rule"}, of a replay that judged it last; NULL:
 * null. */
void row_json_add_replayed(json_t *object, const struct replayed_row *row);

/* {"row","source","place","reason","pointer","offset","text","arrived_at",
 * "bytes","length"}; length: as it came. */
json_t *row_json_rejected(
	const struct rejected_row *rejected, const char *reason_name);

#endif
