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
	WEBHOOK_KEYS_LIMIT = 4, /* signatures of one request */
};

/* The key of a secret: base64 behind "whsec_", else the bytes as they are. */
bool webhook_key(
	const char *secret, struct buf *key, struct err *err) must_check;

/* For one thread. */
struct webhook_sign;
/* Signs with each of 1 to WEBHOOK_KEYS_LIMIT secrets, which are lent for the
 * call. */
struct webhook_sign *webhook_sign_open(
	const char *const *secrets, size_t count, struct err *err) must_check;
void webhook_sign_close(struct webhook_sign *sign);
/* Appends "v1,BASE64", and " v1,BASE64" for each further secret. */
void webhook_sign_append(struct webhook_sign *sign, struct buf *out,
	const char *id, int64_t timestamp_s, const void *body, size_t length);

#endif
