/*
 * webhook_sign - signatures by which a receiver knows us: Standard Webhooks
 * 1.0, HMAC-SHA256 over "ID.TIMESTAMP.BODY".
 */
#ifndef NPSD_ACTION_WEBHOOK_SIGN_H
#define NPSD_ACTION_WEBHOOK_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum {
	WEBHOOK_KEY_LOW_BYTES = 24, /* what the standard asks for */
	WEBHOOK_KEY_HIGH_BYTES = 64,
};

/* The key of a secret: base64 behind "whsec_", else the bytes as they are. */
bool webhook_key(
	const char *secret, struct buf *key, struct err *err) must_check;

/* For one thread. */
struct webhook_sign;
/* previous: a secret that is being replaced, signed with as well, or NULL. */
struct webhook_sign *webhook_sign_open(
	const char *secret, const char *previous, struct err *err) must_check;
void webhook_sign_close(struct webhook_sign *sign);
/* Appends "v1,BASE64", and " v1,BASE64" with the previous secret. */
void webhook_sign_append(struct webhook_sign *sign, struct buf *out,
	const char *id, int64_t timestamp_s, const void *body, size_t length);

#endif
