/*
 * digest - the door to OpenSSL: hashes, keyed hashes, random bytes, base64.
 */
#ifndef NPSD_CRYPT_DIGEST_H
#define NPSD_CRYPT_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum {
	SHA1_BYTES = 20,
	SHA256_BYTES = 32,
	SHA256_HEX_BYTES = 65,
	DIGEST_LIMIT_BYTES = 64,
};

enum digest_kind { DIGEST_SHA256, DIGEST_SHA1, DIGEST_SHA512 };

void digest_sha256(const void *data, size_t length, uint8_t out[SHA256_BYTES]);
/* For names that RFC 9562 makes of it, never for what must be secret: it
 * allocates nothing and asks no provider. Of two runs of bytes, one after the
 * other. */
void digest_sha1(const void *first, size_t first_length, const void *second,
	size_t second_length, uint8_t out[SHA1_BYTES]);
/* Lower-case hex with a final NUL; out has 2 * length + 1 bytes. */
void digest_hex(const uint8_t *bytes, size_t length, char *out);

/* SHA-256 over parts that arrive one by one. */
struct digest;
struct digest *digest_new(void);
void digest_add(struct digest *digest, const void *data, size_t length);
/* Ends and frees it. */
void digest_end(struct digest *digest, uint8_t out[SHA256_BYTES]);

/* HMAC (RFC 2104) with a key that is prepared once; one thread. */
struct hmac;
struct hmac *hmac_new(const void *key, size_t length); /* SHA-256 */
struct hmac *hmac_new_of(enum digest_kind kind, const void *key, size_t length);
void hmac_free(struct hmac *hmac);
void hmac_begin(struct hmac *hmac);
void hmac_add(struct hmac *hmac, const void *data, size_t length);
/* Writes as many bytes as hmac_bytes says: 32 of SHA-256, 20 of SHA-1, 64 of
 * SHA-512. */
void hmac_end(struct hmac *hmac, uint8_t *out);
size_t hmac_bytes(const struct hmac *hmac);

/* Cryptographic random bytes; ends the process if there are none. */
void random_bytes(void *out, size_t length);

/* Standard alphabet with padding (RFC 4648 section 4), no line breaks. */
void base64_append(struct buf *out, const void *data, size_t length);
/* Strict: false on any other character, wrong length or padding. */
bool base64_decode(const char *text, size_t length, struct buf *out,
	struct err *err) must_check;

/* True if the bytes are the same; the time does not tell where they differ. */
bool digest_equal(const void *a, const void *b, size_t length);
/* True if equal; the time does not tell where they differ nor, for secrets of
 * another length, more than that they differ. */
bool secret_equal(
	const void *a, size_t a_length, const void *b, size_t b_length);

#endif
