/*
 * following - the follow-up of one answer while it is kept: opened, folded into
 * or told that the customer is better disposed, in the answer's own transaction;
 * and what its alerts show of it. Store thread.
 */
#ifndef NPSD_FLOW_FOLLOWING_H
#define NPSD_FLOW_FOLLOWING_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "flow/keep.h"
#include "nps/alert.h"
#include "nps/follow_up.h"

/* Zero where there is none; following_done frees it. */
struct following {
	struct follow_up *follow_up; /* a copy, as it stands now; or NULL */
	bool folded;		     /* an earlier answer opened it */
};

/* What was known of an answer that is amended; NULL: it is new. */
struct following_past {
	enum category category;
};

/* Does what the fired rules say of follow-ups for the answer in `row`. Without
 * such rules it does nothing. */
bool following_settle(struct keeping *keeping, const struct subject *subject,
	int64_t row, const struct following_past *past,
	struct following *following, struct err *err) must_check;
/* The follow-up of an answer as it was kept. */
bool following_find(struct keeping *keeping, int64_t answer,
	struct following *following, struct err *err) must_check;
void following_done(struct following *following);

/* `.owner` and `.follow_up` of an alert by a rule; both new, to be freed with
 * alert_people_done. link_key: as in follow_up_link. */
void following_describe(const struct policy *policy, const uint8_t *link_key,
	int64_t now_ms, const struct following *following, const char *rule,
	const struct subject *subject, struct alert_people *people);
/* Of any follow-up, for documents that are no alert of an answer. */
void following_describe_one(const struct policy *policy,
	const uint8_t *link_key, int64_t now_ms,
	const struct follow_up *follow_up, bool folded,
	struct alert_people *people);
/* The language of the owner's mails, or "". Lent by people. */
const char *following_language(const struct alert_people *people);

#endif
