/* webhook_sign - signatures by which a receiver knows us. */
#include "action/webhook_sign.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "crypt/digest.h"

struct webhook_sign {
	struct hmac *keys[WEBHOOK_KEYS_LIMIT];
	size_t count;
};

bool
webhook_key(const char *secret, struct buf *key, struct err *err)
{
	static const char prefix[] = "whsec_";

	if (!text_starts(secret, prefix)) {
		buf_append_text(key, secret);
		return true;
	}
	secret += sizeof(prefix) - 1;
	if (base64_decode(secret, strlen(secret), key, NULL) && key->length > 0)
		return true;
	return err_set(err, "what stands behind whsec_ in the secret is no "
			    "base64");
}

static struct hmac *
key_open(const char *secret, struct err *err)
{
	struct buf key = {0};
	struct hmac *hmac = NULL;

	if (webhook_key(secret, &key, err))
		hmac = hmac_new(key.data, key.length);
	if (key.data != NULL)
		explicit_bzero(key.data, key.length);
	buf_done(&key);
	return hmac;
}

struct webhook_sign *
webhook_sign_open(const char *const *secrets, size_t count, struct err *err)
{
	struct webhook_sign *sign = mem_new(1, sizeof(*sign));

	assert(count > 0 && count <= WEBHOOK_KEYS_LIMIT);
	while (sign->count < count) {
		struct hmac *key = key_open(secrets[sign->count], err);

		if (key == NULL) {
			webhook_sign_close(sign);
			return NULL;
		}
		sign->keys[sign->count++] = key;
	}
	return sign;
}

void
webhook_sign_close(struct webhook_sign *sign)
{
	if (sign == NULL)
		return;
	for (size_t i = 0; i < sign->count; i++)
		hmac_free(sign->keys[i]);
	free(sign);
}

void
webhook_sign_append(struct webhook_sign *sign, struct buf *out, const char *id,
	int64_t timestamp_s, const void *body, size_t length)
{
	uint8_t mac[SHA256_BYTES];
	char time[32];
	int time_length =
		snprintf(time, sizeof(time), ".%" PRId64 ".", timestamp_s);

	for (size_t i = 0; i < sign->count; i++) {
		struct hmac *key = sign->keys[i];

		hmac_begin(key);
		hmac_add(key, id, strlen(id));
		hmac_add(key, time, (size_t)time_length);
		hmac_add(key, body, length);
		hmac_end(key, mac);
		buf_append_text(out, i > 0 ? " v1," : "v1,");
		base64_append(out, mac, sizeof(mac));
	}
}
