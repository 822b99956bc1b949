/*
 * follow_up_page - the page behind a link to a follow-up, as HTML: what the
 * customer said, how to reach them, and buttons that say what became of it. It
 * needs no script, no account, and nothing from elsewhere. Pure.
 *
 * All that comes from a respondent is text: escaped here, whatever it is.
 */
#ifndef NPSD_API_FOLLOW_UP_PAGE_H
#define NPSD_API_FOLLOW_UP_PAGE_H

#include <jansson.h>

#include "base/buf.h"
#include "conf/language.h"

enum { FOLLOW_UP_PAGE_NOTE_CHARACTERS = 1000 }; /* that the form takes */

struct follow_up_page {
	const struct language *language;
	const json_t *view; /* see flow/follow_up_view.h */
	/* What the last event should be, or "already"; it is said only if that
	 * is so, since it comes from the address. NULL: nothing was done. */
	const char *done;
	const char *problem; /* key of why nothing was done, or NULL */
	const char *detail;  /* beside it, a sentence in English; or NULL */
	const char *note, *reason; /* as they were typed; or NULL */
};

void follow_up_page_append(struct buf *out, const struct follow_up_page *page);
/* One that says no more than a text: "page.expired". name: of whom looks after
 * it now, or NULL. */
void follow_up_page_append_text(struct buf *out,
	const struct language *language, const char *key, const char *name);
/* What a browser may do with these pages: nothing but show them and send the
 * form back. The value of Content-Security-Policy; appended. */
void follow_up_page_append_policy(struct buf *out);

#endif
