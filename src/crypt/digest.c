/*
 * digest - the door to OpenSSL's libcrypto. Failures in here are missing memory
 * or a broken library, so they end the process.
 */
/* SHA1_Init and its like: the new interface looks the digest up by name and
 * allocates, which takes longer than the digest of a short name. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "crypt/digest.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct digest {
	EVP_MD_CTX *context;
};

struct hmac {
	EVP_MAC_CTX *context;
	size_t bytes;
};

static void
must(bool good, const char *what)
{
	if (good)
		return;
	(void)fprintf(stderr, "npsd: error: OpenSSL fails at %s\n", what);
	abort();
}

void
digest_sha256(const void *data, size_t length, uint8_t out[SHA256_BYTES])
{
	must(EVP_Digest(data, length, out, NULL, EVP_sha256(), NULL) == 1,
		"SHA-256");
}

void
digest_sha1(const void *first, size_t first_length, const void *second,
	size_t second_length, uint8_t out[SHA1_BYTES])
{
	SHA_CTX context;

	must(SHA1_Init(&context) == 1 &&
			SHA1_Update(&context, first, first_length) == 1 &&
			SHA1_Update(&context, second, second_length) == 1 &&
			SHA1_Final(out, &context) == 1,
		"SHA-1");
}

void
digest_hex(const uint8_t *bytes, size_t length, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < length; i++) {
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 15];
	}
	*out = '\0';
}

struct digest *
digest_new(void)
{
	struct digest *digest = mem_new(1, sizeof(*digest));

	digest->context = EVP_MD_CTX_new();
	must(digest->context && EVP_DigestInit_ex(digest->context, EVP_sha256(),
					NULL) == 1,
		"SHA-256");
	return digest;
}

void
digest_add(struct digest *digest, const void *data, size_t length)
{
	must(EVP_DigestUpdate(digest->context, data, length) == 1, "SHA-256");
}

void
digest_end(struct digest *digest, uint8_t out[SHA256_BYTES])
{
	must(EVP_DigestFinal_ex(digest->context, out, NULL) == 1, "SHA-256");
	EVP_MD_CTX_free(digest->context);
	free(digest);
}

static const struct {
	const char *name;
	size_t bytes;
} kinds[] = {
	[DIGEST_SHA256] = {"SHA256", SHA256_BYTES},
	[DIGEST_SHA1] = {"SHA1", SHA1_BYTES},
	[DIGEST_SHA512] = {"SHA512", 64},
};

struct hmac *
hmac_new_of(enum digest_kind kind, const void *key, size_t length)
{
	char *name = mem_strdup(kinds[kind].name);
	OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_utf8_string(
			OSSL_MAC_PARAM_DIGEST, name, 0),
		OSSL_PARAM_construct_end(),
	};
	struct hmac *hmac = mem_new(1, sizeof(*hmac));
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);

	must(mac, "HMAC");
	hmac->bytes = kinds[kind].bytes;
	hmac->context = EVP_MAC_CTX_new(mac);
	EVP_MAC_free(mac); /* the context keeps its own reference */
	/* An empty key is a key too: NULL would mean the one before. */
	must(hmac->context && EVP_MAC_init(hmac->context,
				      length ? key : (const void *)"", length,
				      parameters) == 1,
		"HMAC");
	free(name);
	return hmac;
}

struct hmac *
hmac_new(const void *key, size_t length)
{
	return hmac_new_of(DIGEST_SHA256, key, length);
}

void
hmac_free(struct hmac *hmac)
{
	if (!hmac)
		return;
	EVP_MAC_CTX_free(hmac->context);
	free(hmac);
}

void
hmac_begin(struct hmac *hmac)
{
	/* Without a key the prepared one is used again. */
	must(EVP_MAC_init(hmac->context, NULL, 0, NULL) == 1, "HMAC");
}

void
hmac_add(struct hmac *hmac, const void *data, size_t length)
{
	must(EVP_MAC_update(hmac->context, data, length) == 1, "HMAC");
}

void
hmac_end(struct hmac *hmac, uint8_t *out)
{
	size_t length = 0;

	must(EVP_MAC_final(hmac->context, out, &length, hmac->bytes) == 1 &&
			length == hmac->bytes,
		"HMAC");
}

size_t
hmac_bytes(const struct hmac *hmac)
{
	return hmac->bytes;
}

void
random_bytes(void *out, size_t length)
{
	enum { PIECE_BYTES = 1 << 20 }; /* RAND_bytes counts in int */
	unsigned char *at = out;

	while (length) {
		size_t piece = length < PIECE_BYTES ? length : PIECE_BYTES;

		must(RAND_bytes(at, (int)piece) == 1, "random bytes");
		at += piece;
		length -= piece;
	}
}

static const char alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
base64_append(struct buf *out, const void *data, size_t length)
{
	const unsigned char *bytes = data;

	buf_reserve(out, length / 3 * 4 + 4);
	for (size_t i = 0; i < length; i += 3) {
		size_t count = length - i < 3 ? length - i : 3;
		unsigned bits = (unsigned)bytes[i] << 16;

		if (count > 1)
			bits |= (unsigned)bytes[i + 1] << 8;
		if (count > 2)
			bits |= bytes[i + 2];
		char quad[] = {alphabet[bits >> 18], alphabet[bits >> 12 & 63],
			'=', '='};

		if (count > 1)
			quad[2] = alphabet[bits >> 6 & 63];
		if (count > 2)
			quad[3] = alphabet[bits & 63];
		buf_append(out, quad, sizeof(quad));
	}
}

/* The value of a character, 64 for any that is not of the alphabet. */
static unsigned
value_of(char c)
{
	const char *at = c ? strchr(alphabet, c) : NULL;

	return at ? (unsigned)(at - alphabet) : 64;
}

/* Appends the bytes of four characters, of which the last `padding` are '='. */
static bool
decode_quad(const char *quad, unsigned padding, struct buf *out)
{
	unsigned bits = 0;

	for (unsigned i = 0; i < 4; i++) {
		unsigned value = i < 4 - padding ? value_of(quad[i]) : 0;

		if (value == 64)
			return false;
		bits = bits << 6 | value;
	}
	/* Bits that no byte takes must be zero, so that each run of bytes has
	 * one text only. */
	if (bits & ((1U << 8 * padding) - 1))
		return false;
	char bytes[3] = {(char)(bits >> 16), (char)(bits >> 8 & 255),
		(char)(bits & 255)};

	buf_append(out, bytes, 3 - padding);
	return true;
}

bool
base64_decode(const char *text, size_t length, struct buf *out, struct err *err)
{
	size_t before = out->length;

	if (length % 4)
		return err_set(err,
			"the length is no multiple of four, as that "
			"of padded base64 is");
	buf_reserve(out, length / 4 * 3);
	for (size_t i = 0; i < length; i += 4) {
		unsigned padding = 0;

		if (i + 4 == length && text[i + 3] == '=')
			padding = text[i + 2] == '=' ? 2 : 1;
		if (!decode_quad(text + i, padding, out)) {
			out->length = before; /* nothing, rather than half */
			out->data[before] = '\0';
			return err_set(err,
				"not base64 near the %zuth character", i + 1);
		}
	}
	return true;
}

bool
digest_equal(const void *a, const void *b, size_t length)
{
	return CRYPTO_memcmp(a, b, length) == 0;
}

bool
secret_equal(const void *a, size_t a_length, const void *b, size_t b_length)
{
	uint8_t left[SHA256_BYTES];
	uint8_t right[SHA256_BYTES];

	/* Digests have one length, whatever the secrets have. */
	digest_sha256(a, a_length, left);
	digest_sha256(b, b_length, right);
	return CRYPTO_memcmp(left, right, SHA256_BYTES) == 0;
}
