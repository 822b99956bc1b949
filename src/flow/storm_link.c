/* storm_link - the link to the page of a storm. */
#include "flow/storm_link.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "crypt/digest.h"

#define STORM_LINK_PURPOSE "npsd storm"

_Static_assert((int)LINK_KEY_BYTES == (int)SHA256_BYTES,
	"a key is what SHA-256 gives");

static void
make_key(const uint8_t link_key[LINK_KEY_BYTES], uint8_t key[LINK_KEY_BYTES])
{
	struct hmac *hmac = hmac_new(link_key, LINK_KEY_BYTES);

	hmac_begin(hmac);
	hmac_add(hmac, STORM_LINK_PURPOSE, strlen(STORM_LINK_PURPOSE));
	hmac_end(hmac, key);
	hmac_free(hmac);
}

json_t *
storm_link(const struct policy *policy, const uint8_t link_key[LINK_KEY_BYTES],
	int64_t message, int64_t now_ms)
{
	char token[LINK_TOKEN_LENGTH + 1];
	uint8_t key[LINK_KEY_BYTES];
	char *address;
	json_t *value;

	if (policy->public_url == NULL)
		return json_null();
	make_key(link_key, key);
	link_token_write(
		key, message, "", now_ms + policy->links_valid_ms, token);
	address = mem_printf(
		"%s" LINK_TOKEN_PATH "%s", policy->public_url, token);
	value = json_string(address);
	free(address);
	return value;
}

enum link_verdict
storm_link_read(const uint8_t link_key[LINK_KEY_BYTES], const char *text,
	int64_t now_ms, struct link_token *token)
{
	uint8_t key[LINK_KEY_BYTES];

	make_key(link_key, key);
	return link_token_read(key, text, now_ms, token);
}
