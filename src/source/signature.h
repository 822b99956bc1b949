/*
 * signature - what a sender says its signature is: one or several, in a header,
 * a field or a member, each behind a prefix, in hex or base64.
 *
 *	sha256=1058a217...		one
 *	v1,s2Hchkfm...= v1a,kx3...	a list; with the prefix "v1," the first
 *	t=17637,v1=ab12,v1=cd34		the same with commas; prefix "v1="
 */
#ifndef NPSD_SOURCE_SIGNATURE_H
#define NPSD_SOURCE_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum signature_encoding { SIGNATURE_HEX, SIGNATURE_BASE64 };

enum {
	SIGNATURE_TEXT_LIMIT_BYTES = 4096, /* a longer one holds nothing */
	SIGNATURES_LIMIT = 16,		   /* of one text that are looked at */
};

/* True if one of the signatures in the text is one of the codes, which lie one
 * behind the other, `bytes` each. Takes as long wherever they differ, and
 * compares each with each. */
bool signature_holds(const char *text, const char *prefix,
	enum signature_encoding encoding, const uint8_t *codes, size_t bytes,
	size_t count);

#endif
