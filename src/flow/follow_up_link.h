/*
 * follow_up_link - the link by which a follow-up's owner looks at it and changes
 * it: whom it is for, and what it is. The page behind it is api/follow_up_page.
 */
#ifndef NPSD_FLOW_FOLLOW_UP_LINK_H
#define NPSD_FLOW_FOLLOW_UP_LINK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "crypt/link_token.h"
#include "flow/policy.h"
#include "nps/follow_up.h"

/* Who acts by the link of a follow-up that has no owner, and is its owner then. */
#define FOLLOW_UP_LINK_NOBODY "link"

/* The address as a JSON string; null without server.public_url. key NULL: one
 * that shows what it will look like. New. */
json_t *follow_up_link(const struct policy *policy, const uint8_t *key,
	const struct follow_up *follow_up, int64_t now_ms);
/* Whom a link to it is for. Lent. */
const char *follow_up_link_owner(const struct follow_up *follow_up);

#endif
