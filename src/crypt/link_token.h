/*
 * link_token - what stands behind /f/ in a link: which follow-up, until when,
 * for which owner, and a keyed hash over all of it (HMAC-SHA256).
 *
 *	version 1 | follow-up 8 | expiry 8 (s) | owner 8 | hash 32    base64url
 *
 * Of the owner it holds a keyed hash, so that no name stands in an address. It
 * is as good as a password for one follow-up: never write it to a log.
 */
#ifndef NPSD_CRYPT_LINK_TOKEN_H
#define NPSD_CRYPT_LINK_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LINK_KEY_BYTES = 32,
	LINK_OWNER_BYTES = 8,
	LINK_TOKEN_LENGTH = 76, /* without a NUL */
};

struct link_token {
	int64_t follow_up; /* its row */
	int64_t expires_ms;
	uint8_t owner[LINK_OWNER_BYTES];
};

/* Stands before a token in a link. */
#define LINK_TOKEN_PATH "/f/"

/* expires_ms is taken in whole seconds. owner: "" where there is none. */
void link_token_write(const uint8_t key[LINK_KEY_BYTES], int64_t follow_up,
	const char *owner, int64_t expires_ms, char out[LINK_TOKEN_LENGTH + 1]);

enum link_verdict {
	LINK_WRONG,   /* nobody wrote it with this key */
	LINK_EXPIRED, /* token is filled all the same */
	LINK_GOOD
};
/* The time it takes tells nothing of why one is wrong. */
enum link_verdict link_token_read(const uint8_t key[LINK_KEY_BYTES],
	const char *text, int64_t now_ms, struct link_token *token);
/* True if it was written for this owner. */
bool link_token_is_for(const uint8_t key[LINK_KEY_BYTES],
	const struct link_token *token, const char *owner);
/* How long what looks like a token is that a text begins with; 0: it begins with
 * none. */
size_t link_token_span(const char *text);
/* Takes all tokens of links out of a text; returns its length then. They are
 * found in quoted-printable too, whose lines are cut anywhere. */
size_t link_token_hide(char *text, size_t length);

#endif
