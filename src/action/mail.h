/*
 * mail - a whole mail as bytes (RFC 5322, RFC 2046): headers, a text and the
 * same as HTML. Equal contents give equal bytes, for ever: no clock and no
 * chance takes part. Every line ends in CRLF and has at most 998 bytes.
 */
#ifndef NPSD_ACTION_MAIL_H
#define NPSD_ACTION_MAIL_H

#include <stdint.h>

#include "action/mail_address.h"
#include "base/buf.h"
#include "conf/setting.h"

/* All lent. */
struct mail {
	const char *id; /* of the delivery: Message-ID and boundary */
	int64_t date_ms;
	const struct mailbox *from;
	const char *to;			     /* an address */
	const struct mailbox *reply_to;	     /* NULL: none */
	const struct setting_pairs *headers; /* further ones; NULL: none */
	const char *language;		     /* of the texts */
	const char *subject;
	const char *text;
	const char *html;
};

void mail_append(struct buf *out, const struct mail *mail);

#endif
