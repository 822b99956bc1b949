/*
 * mail_body - text as quoted-printable (RFC 2045 6.7).
 *
 * Lines of at most 76 bytes that end in CRLF and never in a blank; whatever is
 * not printable ASCII as =XX, so NUL, lone CR and long lines are harmless. No
 * line starts with a dot or with "From ", which some mail systems change.
 */
#ifndef NPSD_ACTION_MAIL_BODY_H
#define NPSD_ACTION_MAIL_BODY_H

#include <stddef.h>

#include "base/buf.h"

/* LF, CRLF and CR each end a line. The last line gets its end. */
void mail_body_append(struct buf *out, const char *text, size_t length);

#endif
