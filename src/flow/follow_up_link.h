/*
 * follow_up_link - the link by which a follow-up's owner looks at it and changes
 * it: whom it is for, and what it is. A manager who is told of it gets his own;
 * what goes elsewhere (a team's address, a channel) bears one of the action.
 * The page behind it is api/follow_up_page.
 */
#ifndef NPSD_FLOW_FOLLOW_UP_LINK_H
#define NPSD_FLOW_FOLLOW_UP_LINK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "crypt/link_token.h"
#include "flow/keep.h"
#include "flow/policy.h"
#include "nps/follow_up.h"
#include "nps/owner.h"

/* Who acts by the link of a follow-up that has no owner, and is its owner then. */
#define FOLLOW_UP_LINK_NOBODY OWNER_NOBODY

/* The address, for its owner, as a JSON string; null without
 * server.public_url. key NULL: one that shows what it will look like. New. */
json_t *follow_up_link(const struct policy *policy, const uint8_t *key,
	const struct follow_up *follow_up, int64_t now_ms);
/* Who acts by a link. */
struct link_holder {
	const char *name; /* lent by the follow-up or the policy */
	/* It is an action's, and whoever it reached acts: for the owner. */
	bool stands_in;
};
/* Who holds the link: its owner now, a manager of that one, who got a link of
 * his own, or whom an action brought it to. False: nobody who may act any
 * more. */
bool follow_up_link_holder(const struct policy *policy,
	const uint8_t key[LINK_KEY_BYTES], const struct link_token *token,
	const struct follow_up *follow_up, struct link_holder *holder);

/* For whom a link is written (the owner of link_token_write), when an action
 * takes it to a recipient ("": no mail). owner NULL: the follow-up has none. New. */
char *follow_up_link_for(const struct owners *owners, const char *owner,
	const char *action, const char *recipient);
/* Directs a document to one recipient, with the link that is for him. language:
 * of the owner's mails; returns the recipient's. Lent. */
const char *follow_up_link_direct(const struct keeping *keeping,
	json_t *document, const char *action, const char *recipient,
	const char *language);

#endif
