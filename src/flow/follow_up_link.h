/*
 * follow_up_link - the link by which a follow-up's owner looks at it and changes
 * it: whom it is for, and what it is. A manager who is told of it gets his own.
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

/* Who acts by the link of a follow-up that has no owner, and is its owner then. */
#define FOLLOW_UP_LINK_NOBODY "link"

/* The address, for its owner, as a JSON string; null without
 * server.public_url. key NULL: one that shows what it will look like. New. */
json_t *follow_up_link(const struct policy *policy, const uint8_t *key,
	const struct follow_up *follow_up, int64_t now_ms);
/* Who holds the link: its owner now, or a manager of that one, who got a link of
 * his own; NULL: nobody who may act any more. Lent by the follow-up or the
 * policy. */
const char *follow_up_link_holder(const struct policy *policy,
	const uint8_t key[LINK_KEY_BYTES], const struct link_token *token,
	const struct follow_up *follow_up);

/* Directs a document to one recipient: a manager of the follow-up's owner, known
 * by his address, gets a link of his own, all others the owner's. language: of
 * the owner's mails; returns the recipient's. Lent. */
const char *follow_up_link_direct(const struct keeping *keeping,
	json_t *document, const char *recipient, const char *language);

#endif
