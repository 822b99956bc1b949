/*
 * idn - the door to libidn2: names of hosts in any script, as name servers know
 * them (IDNA 2008, RFC 5891). It does not depend on the locale.
 */
#ifndef NPSD_LOOP_IDN_H
#define NPSD_LOOP_IDN_H

#include <stdbool.h>

#include "base/err.h"

/* True if the text has a byte outside ASCII. */
bool idn_is_needed(const char *text);
/* The ASCII form, as in "xn--bcher-kva.example" for "Bücher.example"; a name in
 * ASCII comes back as it is. The caller frees it. NULL with a reason, which does
 * not quote the name. */
char *idn_to_ascii(const char *name, struct err *err) must_check;

#endif
