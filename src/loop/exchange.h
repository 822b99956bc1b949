/*
 * exchange - what went over the wire in one transfer, for a person to read:
 * lines with "> " for what we said and "< " for what we heard. What may be a
 * secret is masked.
 */
#ifndef NPSD_LOOP_EXCHANGE_H
#define NPSD_LOOP_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum {
	EXCHANGE_LIMIT_BYTES = 32 * 1024,
	EXCHANGE_BODY_BYTES = 1024, /* of an answer's body */
};

struct exchange {
	struct buf text; /* zeroed at first; the owner frees it */
	size_t body_bytes;
};

/* All take NULL for an exchange that nobody looks at. */
struct transfer_request;
/* The request line and the headers of HTTP: values only of headers that are
 * known to hold no secret. */
void exchange_request(
	struct exchange *exchange, const struct transfer_request *request);
/* What we said in SMTP, whole lines; a log-in is masked. */
void exchange_said(struct exchange *exchange, const char *bytes, size_t length);
void exchange_heard(
	struct exchange *exchange, const char *bytes, size_t length);
/* Of an answer's body, its beginning. */
void exchange_heard_body(
	struct exchange *exchange, const char *bytes, size_t length);

#endif
