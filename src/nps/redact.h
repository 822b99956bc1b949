/*
 * redact - takes out of a text what tells who wrote it: addresses of mail and of
 * the web, numbers long enough to be a telephone's, an account's or a card's,
 * and words that are known of the person.
 *
 * It is meant for people who read what customers say, not whom; it takes out too
 * much (a date, a large sum) rather than too little. It cannot know names that
 * nobody told it.
 */
#ifndef NPSD_NPS_REDACT_H
#define NPSD_NPS_REDACT_H

#include "base/buf.h"

enum { REDACT_DIGITS_LEAST = 7 };

/* Appends the text; each thing that was taken out is `mark` instead. own:
 * further texts to take out (a name: as a whole and each of its parts that begins
 * with a capital letter), ended by NULL; may be NULL. Well-formed UTF-8 stays
 * so. */
void redact_append(struct buf *out, const char *text, const char *const *own,
	const char *mark);

#endif
