/* wire_url - URLs as libcurl will read them, so that checks see what it sees. */
#ifndef NPSD_LOOP_WIRE_URL_H
#define NPSD_LOOP_WIRE_URL_H

#include <stdbool.h>

#include "base/err.h"

struct wire_url {
	char *scheme; /* in small letters */
	char *host;   /* in ASCII, with the port where the URL says it */
	char *ascii;  /* the whole, with its host in ASCII (IDNA) */
};
/* False if libcurl cannot read the URL, if it has no host or one that cannot be
 * written in ASCII, or if it holds a user name or password. The reason never
 * quotes it. After true: wire_url_done. */
bool wire_url_read(
	const char *url, struct wire_url *out, struct err *err) must_check;
void wire_url_done(struct wire_url *url);

#endif
