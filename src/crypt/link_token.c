/* link_token - written and read. */
#include "crypt/link_token.h"

#include <string.h>

#include "base/buf.h"
#include "crypt/digest.h"

/* A further form gets another number. Hashes of tokens and of owners begin
 * with different bytes, so that none can stand for the other. */
enum { TOKEN_VERSION = 1, OWNERS = 'o' };

enum {
	AT_FOLLOW_UP = 1,
	AT_EXPIRES = AT_FOLLOW_UP + 8,
	AT_OWNER = AT_EXPIRES + 8,
	AT_HASH = AT_OWNER + LINK_OWNER_BYTES,
	TOKEN_BYTES = AT_HASH + SHA256_BYTES,
	MS_PER_SECOND = 1000,
};
_Static_assert(
	TOKEN_BYTES % 3 == 0 && TOKEN_BYTES / 3 * 4 == (int)LINK_TOKEN_LENGTH,
	"base64url needs no padding, so each token has one spelling");

/* ---- hashes ---- */

static void
hash(const uint8_t *key, const void *data, size_t length, uint8_t *out)
{
	struct hmac *hmac = hmac_new(key, LINK_KEY_BYTES);

	hmac_begin(hmac);
	hmac_add(hmac, data, length);
	hmac_end(hmac, out);
	hmac_free(hmac);
}

static void
hash_owner(const uint8_t *key, const char *owner, uint8_t *out)
{
	static const uint8_t kind = OWNERS;
	uint8_t whole[SHA256_BYTES];
	struct hmac *hmac = hmac_new(key, LINK_KEY_BYTES);

	hmac_begin(hmac);
	hmac_add(hmac, &kind, sizeof(kind));
	hmac_add(hmac, owner, strlen(owner));
	hmac_end(hmac, whole);
	hmac_free(hmac);
	memcpy(out, whole, LINK_OWNER_BYTES);
}

/* ---- numbers ---- */

static void
put_number(uint8_t *out, int64_t number)
{
	for (int i = 0; i < 8; i++)
		out[i] = (uint8_t)((uint64_t)number >> (56 - 8 * i));
}

static int64_t
number_at(const uint8_t *bytes)
{
	uint64_t number = 0;

	for (int i = 0; i < 8; i++)
		number = number << 8 | bytes[i];
	return (int64_t)number;
}

/* ---- base64url (RFC 4648, section 5) ---- */

static void
to_url(char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		text[i] = text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i];
}

/* '+' and '/' become what no alphabet has: a token has one spelling. */
static void
from_url(char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		text[i] = text[i] == '-'		     ? '+'
			  : text[i] == '_'		     ? '/'
			  : text[i] == '+' || text[i] == '/' ? '.'
							     : text[i];
}

/* All zero where it is none: what follows is done all the same. */
static bool
decode(const char *text, uint8_t bytes[TOKEN_BYTES])
{
	char standard[LINK_TOKEN_LENGTH];
	struct buf out = {0};
	struct err why;
	bool good = strlen(text) == LINK_TOKEN_LENGTH;

	memset(bytes, 0, TOKEN_BYTES);
	memset(standard, 'A', sizeof(standard));
	if (good)
		memcpy(standard, text, sizeof(standard));
	from_url(standard, sizeof(standard));
	good &= base64_decode(standard, sizeof(standard), &out, &why) &&
		out.length == TOKEN_BYTES;
	if (good)
		memcpy(bytes, out.data, TOKEN_BYTES);
	buf_done(&out);
	return good;
}

/* ---- the whole ---- */

void
link_token_write(const uint8_t key[LINK_KEY_BYTES], int64_t follow_up,
	const char *owner, int64_t expires_ms, char out[LINK_TOKEN_LENGTH + 1])
{
	uint8_t bytes[TOKEN_BYTES] = {TOKEN_VERSION};
	struct buf text = {0};

	put_number(bytes + AT_FOLLOW_UP, follow_up);
	put_number(bytes + AT_EXPIRES, expires_ms / MS_PER_SECOND);
	hash_owner(key, owner, bytes + AT_OWNER);
	hash(key, bytes, AT_HASH, bytes + AT_HASH);
	base64_append(&text, bytes, sizeof(bytes));
	to_url(text.data, text.length);
	memcpy(out, text.data, LINK_TOKEN_LENGTH);
	out[LINK_TOKEN_LENGTH] = '\0';
	buf_done(&text);
}

enum link_verdict
link_token_read(const uint8_t key[LINK_KEY_BYTES], const char *text,
	int64_t now_ms, struct link_token *token)
{
	uint8_t bytes[TOKEN_BYTES], right[SHA256_BYTES];
	bool whole = decode(text, bytes), same;
	int64_t expires_s;

	memset(token, 0, sizeof(*token));
	hash(key, bytes, AT_HASH, right);
	same = digest_equal(right, bytes + AT_HASH, sizeof(right));
	if (!whole || !same || bytes[0] != TOKEN_VERSION)
		return LINK_WRONG;
	expires_s = number_at(bytes + AT_EXPIRES);
	token->follow_up = number_at(bytes + AT_FOLLOW_UP);
	token->expires_ms = expires_s * MS_PER_SECOND;
	memcpy(token->owner, bytes + AT_OWNER, sizeof(token->owner));
	return now_ms < token->expires_ms ? LINK_GOOD : LINK_EXPIRED;
}

bool
link_token_is_for(const uint8_t key[LINK_KEY_BYTES],
	const struct link_token *token, const char *owner)
{
	uint8_t of[LINK_OWNER_BYTES];

	hash_owner(key, owner, of);
	return digest_equal(of, token->owner, sizeof(of));
}

/* ---- in texts ---- */

static const char signs[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "abcdefghijklmnopqrstuvwxyz0123456789-_";

size_t
link_token_span(const char *text)
{
	size_t length = strspn(text, signs);

	return length == LINK_TOKEN_LENGTH ? length : 0;
}

/* Behind soft ends of lines. */
static const char *
skip_cuts(const char *at, const char *end)
{
	for (;;) {
		if (end - at >= 3 && memcmp(at, "=\r\n", 3) == 0)
			at += 3;
		else if (end - at >= 2 && memcmp(at, "=\n", 2) == 0)
			at += 2;
		else
			return at;
	}
}

/* Behind what stands before a token; NULL: it does not begin here. */
static const char *
skip_path(const char *at, const char *end)
{
	for (const char *sign = LINK_TOKEN_PATH; *sign != '\0'; sign++) {
		at = skip_cuts(at, end);
		if (at == end || *at != *sign)
			return NULL;
		at++;
	}
	return at;
}

/* Behind a token; NULL: here is none. */
static const char *
skip_token(const char *at, const char *end)
{
	for (int i = 0; i < LINK_TOKEN_LENGTH; i++) {
		at = skip_cuts(at, end);
		if (at == end || *at == '\0' || strchr(signs, *at) == NULL)
			return NULL;
		at++;
	}
	return at;
}

size_t
link_token_hide(char *text, size_t length)
{
	const char *end = text + length, *at = text;
	char *to = text;

	while (at < end) {
		const char *path =
			*at == *LINK_TOKEN_PATH ? skip_path(at, end) : NULL;
		const char *rest = path != NULL ? skip_token(path, end) : NULL;
		size_t kept = rest != NULL ? (size_t)(path - at) : 1;

		memmove(to, at, kept);
		to += kept;
		at = rest != NULL ? rest : at + 1;
	}
	return (size_t)(to - text);
}
