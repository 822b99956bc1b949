/*
 * mail_address - which addresses mail may go to, and names with addresses.
 *
 * The bare form of RFC 5322 only, dot-atom "@" host name, in ASCII: no quotes,
 * no comments, no blanks, no control characters, no address literals. So an
 * address can stand in an SMTP command and in a header as it is. Addresses
 * with other characters (RFC 6531) are refused until peers are asked whether
 * they take them.
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
/* What stands behind the @ of a good one. */
const char *mail_address_domain(const char *address);

struct mailbox {
	char *name; /* "" where there is none; plain text, not quoted */
	char *address;
};
/* "Name <address>", "\"Name, quoted\" <address>" or an address. */
bool mailbox_parse(
	struct mailbox *mailbox, const char *text, struct err *err) must_check;
void mailbox_done(struct mailbox *mailbox);

#endif
