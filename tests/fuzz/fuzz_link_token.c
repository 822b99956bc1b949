/*
 * Tokens of links as strangers write them: none is taken that was not written
 * with the key, and one that was has one spelling. The first byte says whether
 * the rest is a token, or what one is to be written of.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "crypt/link_token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NUMBERS_BYTES = 16 };

static const uint8_t key[LINK_KEY_BYTES] = {1, 2, 3};

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* Any other sign in any place, and any other length. */
static void
try_changed(const char *good, uint8_t place, uint8_t sign)
{
	char text[LINK_TOKEN_LENGTH + 2];
	struct link_token token;
	size_t at = place % (LINK_TOKEN_LENGTH + 1);

	memcpy(text, good, LINK_TOKEN_LENGTH + 1);
	text[LINK_TOKEN_LENGTH + 1] = '\0';
	if (text[at] == (char)sign)
		return;
	text[at] = (char)sign;
	must(link_token_read(key, text, 0, &token) == LINK_WRONG);
	must(token.follow_up == 0 && token.expires_ms == 0);
}

static void
try_written(const uint8_t *data, size_t size)
{
	char text[LINK_TOKEN_LENGTH + 1], *owner;
	int64_t row, expires_ms;
	struct link_token token;
	enum link_verdict verdict;

	memcpy(&row, data, sizeof(row));
	memcpy(&expires_ms, data + sizeof(row), sizeof(expires_ms));
	owner = mem_copy(data + NUMBERS_BYTES, size - NUMBERS_BYTES);
	link_token_write(key, row, owner, expires_ms, text);
	verdict = link_token_read(key, text, 0, &token);
	must(verdict == (token.expires_ms > 0 ? LINK_GOOD : LINK_EXPIRED));
	must(token.follow_up == row);
	must(token.expires_ms == expires_ms / 1000 * 1000);
	must(link_token_is_for(key, &token, owner));
	if (*owner != '\0')
		must(!link_token_is_for(key, &token, owner + 1));
	try_changed(text, data[0], data[8]);
	free(owner);
}

static void
try_read(const char *text)
{
	struct link_token token;
	enum link_verdict verdict = link_token_read(key, text, 0, &token);

	if (verdict == LINK_WRONG)
		must(token.follow_up == 0 && token.expires_ms == 0);
	else
		must(strlen(text) == LINK_TOKEN_LENGTH);
}

/* It stays within the text. */
static void
try_hidden(const uint8_t *data, size_t size)
{
	char *text = mem_copy(data, size);
	size_t length = link_token_hide(text, size);

	must(length <= size);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size == 0)
		return 0;
	if (data[0] == 'w' && size > NUMBERS_BYTES)
		try_written(data + 1, size - 1);
	try_hidden(data + 1, size - 1);
	text = mem_copy(data + 1, size - 1);
	try_read(text);
	free(text);
	return 0;
}
