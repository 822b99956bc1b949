/*
 * storm_page - the page behind the link of a storm's message, as HTML: the
 * alerts that were folded into it, newest first, each with a link to the page of
 * its follow-up. It changes nothing and needs no script. Pure.
 */
#ifndef NPSD_API_STORM_PAGE_H
#define NPSD_API_STORM_PAGE_H

#include <jansson.h>
#include <stdint.h>

#include "base/buf.h"
#include "conf/language.h"
#include "crypt/link_token.h"
#include "nps/owner.h"

enum {
	STORM_PAGE_ROWS = 50,
	STORM_PAGE_TEXT_BYTES = 300, /* of a comment */
};

struct storm_page {
	const struct language *language;
	int64_t count; /* of all of them */
	/* What store_explain tells of each answer. */
	const json_t *answers;
	int64_t next; /* the cursor of the following page; 0: there is none */
	const uint8_t *link_key; /* of links to follow-ups */
	int64_t expires_ms;	 /* of these */
	/* When the message left; 0: it has not. What went to another owner
	 * since is shown without a link: that is the other one's. */
	int64_t told_ms;
	/* Whom the message went to, by which action: each link is for those. */
	const struct owners *owners; /* NULL: none */
	const char *action, *recipient;
};
void storm_page_append(struct buf *out, const struct storm_page *page);

#endif
