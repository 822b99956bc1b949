/*
 * mail_header - header fields of a mail (RFC 5322, RFC 2047).
 *
 * Whatever the text is, one field comes out: control characters become
 * spaces, what is not plain ASCII becomes encoded words of at most 75
 * characters that are never split inside a character, and lines are folded at
 * 78. So no line break of a customer's can become a header.
 */
#ifndef NPSD_ACTION_MAIL_HEADER_H
#define NPSD_ACTION_MAIL_HEADER_H

#include <stdbool.h>

#include "base/buf.h"

/* "Name: text\r\n". Runs of blanks become one space. */
void mail_header_text(struct buf *out, const char *name, const char *text);
/* "Name: display <address>\r\n", or the address alone where display is "". The
 * address is a good one (mail_address). */
void mail_header_mailbox(struct buf *out, const char *name, const char *display,
	const char *address);
/* "Name: value\r\n" as it is: for values that we make ourselves. */
void mail_header_plain(struct buf *out, const char *name, const char *value);

/* True for a name that a header may have (RFC 5322 3.6.8) and RFC 9110 too. */
bool mail_header_name_is_good(const char *name);

#endif
