/*
 * spelling - whether a text names somebody once it is read as those read it whom
 * it is made for: what mails (RFC 2045, 2047), JSON, forms and HTML make of a
 * word is taken back. Pure; any bytes are good.
 *
 *	anna=40exam=\r\nple.com   anna\u0040example.com   o&#39;brien@example.com
 */
#ifndef NPSD_NPS_SPELLING_H
#define NPSD_NPS_SPELLING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "nps/person.h"

/* As they are, or taken back; NULL: nobody. */
bool spelling_names(
	const struct person *person, const char *bytes, size_t length);

/* One way of writing is taken back: appends to out, at most as many bytes as
 * came in. What is none of it stays as it is. */
enum spelling {
	SPELLING_WORDS,	 /* of a mail's header: =?utf-8?B?...?= */
	SPELLING_BASE64, /* whole lines */
	SPELLING_QUOTED, /* quoted-printable */
	SPELLING_JSON,	 /* escapes of a string */
	SPELLING_FORM,	 /* %XX */
	SPELLING_HTML,	 /* entities */
};
void spelling_undo(struct buf *out, enum spelling spelling, const char *bytes,
	size_t length);

#endif
