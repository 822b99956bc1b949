/*
 * mail_address - which addresses mail may go to, and names with addresses.
 *
 * The bare form of RFC 5322 only, dot-atom "@" host name: no quotes, no
 * comments, no blanks, no control characters, no address literals. So an
 * address can stand in an SMTP command and in a header as it is.
 *
 * A domain in another script is turned to ASCII (IDNA). Before the @ there may
 * be letters of any script (RFC 6531); mail goes there only by servers that
 * say they take it.
 */
#ifndef NPSD_ACTION_MAIL_ADDRESS_H
#define NPSD_ACTION_MAIL_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum {
	MAIL_ADDRESS_LIMIT_BYTES = 254, /* RFC 5321 4.5.3.1.3, without <> */
	MAIL_LOCAL_LIMIT_BYTES = 64,
};

/* False with a reason that does not quote it. */
bool mail_address_is_good(const char *address, struct err *err);
/* The address as it is used: its domain in ASCII. The caller frees it. NULL with
 * a reason, as above, if it is not good. */
char *mail_address_for_wire(const char *address, struct err *err) must_check;
/* What stands behind the @ of a good one. */
const char *mail_address_domain(const char *address);

struct mailbox {
	char *name; /* "" where there is none; plain text, not quoted */
	char *address;
};
/* "Name <address>", "\"Name, quoted\" <address>" or an address; that one is kept
 * as it is used, and is ASCII alone: it is ours, and every server is to take
 * it. */
bool mailbox_parse(
	struct mailbox *mailbox, const char *text, struct err *err) must_check;
void mailbox_done(struct mailbox *mailbox);

#endif
