/* follow_up_link - the links by which a follow-up's owner and his managers
 * change it. */
#include "flow/follow_up_link.h"

#include <stdlib.h>
#include <strings.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"

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
line_above(const struct owners *owners, const char *owner)
{
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

/* What stands for those to whom an action brought it: no name of an owner, and no
 * address, holds a line end. New. */
static char *
bearer_of(const char *action, const char *owner)
{
	return mem_printf("\n%s\n%s", action, owner);
}

/* The action that brought the link to others than the owner and his managers. */
static const char *
action_of(const struct policy *policy, const uint8_t key[LINK_KEY_BYTES],
	const struct link_token *token, const char *owner)
{
	for (size_t i = 0; owner != NULL && i < policy->action_count; i++) {
		const char *name = policy->actions[i].name;
		char *bearer = bearer_of(name, owner);
		bool found = link_token_is_for(key, token, bearer);

		free(bearer);
		if (found)
			return name;
	}
	return NULL;
}

bool
follow_up_link_holder(const struct policy *policy,
	const uint8_t key[LINK_KEY_BYTES], const struct link_token *token,
	const struct follow_up *follow_up, struct link_holder *holder)
{
	struct line line = line_above(policy->rules->owners, follow_up->owner);
	const struct owner *manager;

	*holder = (struct link_holder){holder_of(follow_up->owner), false};
	if (link_token_is_for(key, token, holder->name))
		return true;
	while ((manager = next_manager(&line)) != NULL) {
		holder->name = manager->name;
		if (link_token_is_for(key, token, holder->name))
			return true;
	}
	holder->name = action_of(policy, key, token, follow_up->owner);
	holder->stands_in = true;
	return holder->name != NULL;
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

static bool
is_same_address(const char *one, const char *other)
{
	return one != NULL && strcasecmp(one, other) == 0;
}

/* Whether mails to the owner go there. */
static bool
is_owners(const struct owners *owners, const char *owner, const char *recipient)
{
	const struct owner *found = owners_find(owners, owner);

	return is_same_address(found != NULL ? found->email : owner, recipient);
}

static const struct owner *
manager_at(
	const struct owners *owners, const char *owner, const char *recipient)
{
	struct line line = line_above(owners, owner);
	const struct owner *manager;

	while ((manager = next_manager(&line)) != NULL)
		if (is_same_address(manager->email, recipient))
			return manager;
	return NULL;
}

char *
follow_up_link_for(const struct owners *owners, const char *owner,
	const char *action, const char *recipient)
{
	const struct owner *manager;

	/* The owner himself may be the manager of others, and of himself. */
	if (owner == NULL || is_owners(owners, owner, recipient))
		return mem_strdup(holder_of(owner));
	manager = manager_at(owners, owner, recipient);
	return manager != NULL ? mem_strdup(manager->name)
			       : bearer_of(action, owner);
}

static const char *
language_of(const struct owners *owners, const char *owner,
	const char *recipient, const char *language)
{
	const struct owner *manager =
		is_owners(owners, owner, recipient)
			? NULL
			: manager_at(owners, owner, recipient);

	return manager != NULL && manager->language != NULL ? manager->language
							    : language;
}

const char *
follow_up_link_direct(const struct keeping *keeping, json_t *document,
	const char *action, const char *recipient, const char *language)
{
	const struct policy *policy = keeping->policy;
	const struct owners *owners = policy->rules->owners;
	json_t *follow_up = json_object_get(document, "follow_up");
	const char *id = json_string_at(follow_up, "id");
	const char *owner = json_string_at(follow_up, "owner");
	char *holder;
	int64_t row;

	if (id == NULL || !text_to_integer(id, 1, INT64_MAX, &row))
		return language;
	holder = follow_up_link_for(owners, owner, action, recipient);
	language = language_of(owners, owner, recipient, language);
	/* Others hold it too. */
	follow_up = json_copy(follow_up);
	json_object_set_new(follow_up, "links",
		json_pack("{s:o}", "page",
			address(policy, keeping->link_key, row, holder,
				keeping->now_ms)));
	json_object_set_new(document, "follow_up", follow_up);
	free(holder);
	return language;
}
