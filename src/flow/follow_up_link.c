/* follow_up_link - the link by which a follow-up's owner changes it. */
#include "flow/follow_up_link.h"

#include <stdlib.h>

#include "base/memory.h"

#define FOLLOW_UP_LINK_EXAMPLE "TOKEN"

const char *
follow_up_link_owner(const struct follow_up *follow_up)
{
	return follow_up->owner != NULL ? follow_up->owner
					: FOLLOW_UP_LINK_NOBODY;
}

json_t *
follow_up_link(const struct policy *policy, const uint8_t *key,
	const struct follow_up *follow_up, int64_t now_ms)
{
	char token[LINK_TOKEN_LENGTH + 1] = FOLLOW_UP_LINK_EXAMPLE;
	char *address;
	json_t *value;

	if (policy->public_url == NULL)
		return json_null();
	if (key != NULL)
		link_token_write(key, follow_up->row,
			follow_up_link_owner(follow_up),
			now_ms + policy->links_valid_ms, token);
	address = mem_printf(
		"%s" LINK_TOKEN_PATH "%s", policy->public_url, token);
	value = json_string(address);
	free(address);
	return value;
}
