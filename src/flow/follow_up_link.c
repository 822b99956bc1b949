/* follow_up_link - the links by which a follow-up's owner and his managers
 * change it. */
#include "flow/follow_up_link.h"

#include <stdlib.h>
#include <strings.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "nps/owner.h"

#define FOLLOW_UP_LINK_EXAMPLE "TOKEN"

/* ---- whose ---- */

static const char *
holder_of(const char *owner)
{
	return owner != NULL ? owner : FOLLOW_UP_LINK_NOBODY;
}

/* The managers of an owner, from his own to the top. */
struct line {
	const struct owners *owners;
	const struct owner *at;
	size_t left; /* so that a ring of managers has an end */
};

static struct line
line_above(const struct policy *policy, const char *owner)
{
	const struct owners *owners = policy->rules->owners;

	return (struct line){owners, owners_find(owners, owner),
		owners != NULL ? owners->count : 0};
}

static const struct owner *
next_manager(struct line *line)
{
	if (line->at == NULL || line->left == 0)
		return NULL;
	line->left--;
	line->at = owners_find(line->owners, line->at->manager);
	return line->at;
}

const char *
follow_up_link_holder(const struct policy *policy,
	const uint8_t key[LINK_KEY_BYTES], const struct link_token *token,
	const struct follow_up *follow_up)
{
	struct line line = line_above(policy, follow_up->owner);
	const char *holder = holder_of(follow_up->owner);
	const struct owner *manager;

	if (link_token_is_for(key, token, holder))
		return holder;
	while ((manager = next_manager(&line)) != NULL)
		if (link_token_is_for(key, token, manager->name))
			return manager->name;
	return NULL;
}

/* ---- the address ---- */

static json_t *
address(const struct policy *policy, const uint8_t *key, int64_t row,
	const char *holder, int64_t now_ms)
{
	char token[LINK_TOKEN_LENGTH + 1] = FOLLOW_UP_LINK_EXAMPLE;
	char *text;
	json_t *value;

	if (policy->public_url == NULL)
		return json_null();
	if (key != NULL)
		link_token_write(key, row, holder,
			now_ms + policy->links_valid_ms, token);
	text = mem_printf("%s" LINK_TOKEN_PATH "%s", policy->public_url, token);
	value = json_string(text);
	free(text);
	return value;
}

json_t *
follow_up_link(const struct policy *policy, const uint8_t *key,
	const struct follow_up *follow_up, int64_t now_ms)
{
	return address(policy, key, follow_up->row, holder_of(follow_up->owner),
		now_ms);
}

/* ---- whom a document goes to ---- */

/* The owner himself may be the manager of others, and of himself. */
static const struct owner *
manager_at(const struct policy *policy, const json_t *follow_up,
	const char *recipient)
{
	const char *name = json_string_at(follow_up, "owner");
	struct line line = line_above(policy, name);
	const struct owner *manager;

	if (line.at == NULL ||
		(line.at->email != NULL &&
			strcasecmp(line.at->email, recipient) == 0))
		return NULL;
	while ((manager = next_manager(&line)) != NULL)
		if (manager->email != NULL &&
			strcasecmp(manager->email, recipient) == 0)
			return manager;
	return NULL;
}

const char *
follow_up_link_direct(const struct keeping *keeping, json_t *document,
	const char *recipient, const char *language)
{
	const struct policy *policy = keeping->policy;
	json_t *follow_up = json_object_get(document, "follow_up");
	const char *id = json_string_at(follow_up, "id");
	const struct owner *manager;
	int64_t row;

	if (id == NULL || !text_to_integer(id, 1, INT64_MAX, &row))
		return language;
	manager = manager_at(policy, follow_up, recipient);
	/* Others hold it too. */
	follow_up = json_copy(follow_up);
	json_object_set_new(follow_up, "links",
		json_pack("{s:o}", "page",
			address(policy, keeping->link_key, row,
				manager != NULL ? manager->name
						: holder_of(json_string_at(
							  follow_up, "owner")),
				keeping->now_ms)));
	json_object_set_new(document, "follow_up", follow_up);
	return manager != NULL && manager->language != NULL ? manager->language
							    : language;
}
