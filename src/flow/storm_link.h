/*
 * storm_link - the link to the page of a storm, which lists what was folded into
 * its message. The page itself is api/storm_page.
 *
 * It is a token as those of follow-ups are, made with a key of its own, so that
 * none can be taken for another.
 */
#ifndef NPSD_FLOW_STORM_LINK_H
#define NPSD_FLOW_STORM_LINK_H

#include <jansson.h>
#include <stdint.h>

#include "crypt/link_token.h"
#include "flow/policy.h"

/* The address as a JSON string; null without server.public_url. message: the
 * delivery that tells of it. New. */
json_t *storm_link(const struct policy *policy,
	const uint8_t link_key[LINK_KEY_BYTES], int64_t message,
	int64_t now_ms);
/* As link_token_read; token->follow_up is the message. */
enum link_verdict storm_link_read(const uint8_t link_key[LINK_KEY_BYTES],
	const char *text, int64_t now_ms, struct link_token *token);

#endif
