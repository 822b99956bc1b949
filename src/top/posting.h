/*
 * posting - a request to a webhook source that nobody sent: the source itself
 * hears it on a socket of its own, and what it makes of it is looked at and
 * thrown away. For commands that try a configuration.
 */
#ifndef NPSD_TOP_POSTING_H
#define NPSD_TOP_POSTING_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "source/source.h"

enum { POSTING_LIMIT_S = 10 }; /* a map has 50 ms */

struct posting {
	/* lent */
	const char *name;
	const void *settings;	    /* of a source_webhook */
	const char *const *headers; /* "Name: value", ended by NULL */
	const struct buf *body;
	bool contact_ok;

	/* what became of it */
	int status;	   /* of the answer */
	struct buf answer; /* the whole of it */
	bool unverified;   /* refused, for `why` */
	struct err why;
	/* [{"response":{...}} or {"rejected":{"reason","pointer","text"}}]; NULL:
	 * it did not come so far. */
	json_t *records;
};

/* False: it could not be tried. posting_done follows either way. */
bool posting_try(struct posting *posting, struct err *err) must_check;
void posting_done(struct posting *posting);

#endif
