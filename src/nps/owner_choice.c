/*
 * owner_choice - how a rule chooses an owner.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "nps/owner.h"

enum { ADDRESS_LIMIT_BYTES = 320 };

const char owner_choice_schema[] =
	"{\"oneOf\":[{\"type\":\"string\"},{\"type\":\"array\",\"items\":"
	"{\"type\":\"string\"}},{\"type\":\"object\",\"required\":[\"field\"],"
	"\"properties\":{\"field\":{\"type\":\"string\"},\"map\":{\"type\":"
	"\"object\",\"additionalProperties\":{\"type\":\"string\"}},"
	"\"default\":{\"type\":\"string\"}},"
	"\"additionalProperties\":false}]}";

static const struct setting field_settings[] = {
	{"field", SETTING_TEXT, offsetof(struct owner_choice, field),
		.required = true, .low = 1, .high = FIELD_TEXT_LIMIT_BYTES},
	{"map", SETTING_TEXT_MAP, offsetof(struct owner_choice, map), .low = 1,
		.high = ADDRESS_LIMIT_BYTES},
	{"default", SETTING_TEXT, offsetof(struct owner_choice, fallback),
		.low = 1, .high = ADDRESS_LIMIT_BYTES},
	{.key = NULL},
};

bool
owner_choice_read(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	struct owner_choice *choice = where;
	struct err err;

	if (node->type != CONF_MAP)
		return setting_read_texts(reader, node, path, &choice->names);
	if (!setting_read(reader, field_settings, node, path, choice))
		return false;
	return field_parse(&choice->path, choice->field, &err) ||
	       conf_error(reader->errors, conf_node_at(node, "field"), path,
		       "%s", err.text);
}

void
owner_choice_done(void *where)
{
	struct owner_choice *choice = where;

	field_done(&choice->path);
	setting_texts_done(&choice->names);
	setting_pairs_done(&choice->map);
	free(choice->field);
	free(choice->fallback);
	*choice = (struct owner_choice){.field = NULL};
}

bool
owner_choice_is_none(const struct owner_choice *choice)
{
	return choice->names.count == 0 && !choice->field;
}

bool
owner_choice_takes_turns(const struct owner_choice *choice)
{
	return choice->names.count > 1;
}

/* An address as a survey tool may send it; no check of mail's own. */
static bool
is_address(const char *text)
{
	const char *at = strchr(text, '@');

	return at && at != text && at[1] && !strchr(at + 1, '@') &&
	       strlen(text) <= ADDRESS_LIMIT_BYTES &&
	       !strpbrk(text, " \t\r\n<>,;\"");
}

static bool
check_one(const struct owners *owners, const char *name,
	const struct conf_node *node, const char *path,
	struct conf_errors *errors)
{
	if (!name || owners->partial || owners_find(owners, name) ||
		is_address(name))
		return true;
	const char **names = mem_new(owners->count + 1, sizeof(char *));

	for (size_t i = 0; i < owners->count; i++)
		names[i] = owners->items[i]->name;
	const char *nearest = text_nearest(name, names);

	conf_error(errors, node, path,
		"there is no owner \"%s\"%s%s%s, and it is no mail address",
		name, nearest ? "; did you mean " : "", nearest ? nearest : "",
		nearest ? "?" : "");
	free(names);
	return false;
}

bool
owner_choice_check(const struct owner_choice *choice,
	const struct owners *owners, const struct conf_node *node,
	const char *path, struct conf_errors *errors)
{
	bool good = true;

	for (size_t i = 0; i < choice->names.count; i++)
		good &= check_one(owners, choice->names.items[i],
			node && node->type == CONF_LIST ? node->values[i]
							: node,
			path, errors);
	for (size_t i = 0; i < choice->map.count; i++)
		good &= check_one(
			owners, choice->map.values[i], node, path, errors);
	return check_one(owners, choice->fallback, node, path, errors) && good;
}

/* What a value of the field leads to; NULL: to nobody. */
static const char *
from_value(const struct owner_choice *choice, const struct owners *owners,
	struct value *value)
{
	if (value->type != VALUE_TEXT && value->type != VALUE_NUMBER)
		return NULL;
	if (value->type == VALUE_NUMBER)
		snprintf(value->scratch, sizeof(value->scratch), "%.15g",
			value->number);
	const char *text =
		value->type == VALUE_TEXT ? value->text : value->scratch;

	for (size_t i = 0; text && i < choice->map.count; i++)
		if (!strcmp(choice->map.names[i], text))
			return choice->map.values[i];
	if (text && (owners_find(owners, text) || is_address(text)))
		return text;
	return NULL;
}

/* The name of who is there for whom. */
static const char *
at_work(const struct owners *owners, const char *name, int64_t now_ms)
{
	const struct owner *owner = owners_find(owners, name);

	return owner ? owner_at_work(owners, owner, now_ms)->name : name;
}

/* The next in turn who is there; if none is, who stands in for the first. */
static const char *
take_turns(const struct owner_choice *choice, const struct owners *owners,
	int64_t turn, int64_t now_ms)
{
	size_t count = choice->names.count;

	for (size_t i = 0; i < count; i++) {
		const char *name =
			choice->names.items[((uint64_t)turn + i) % count];
		const struct owner *owner = owners_find(owners, name);

		if (!owner || !owner_is_away(owners, owner, now_ms))
			return owner ? owner->name : name;
	}
	return at_work(
		owners, choice->names.items[(uint64_t)turn % count], now_ms);
}

const char *
owner_choose(const struct owner_choice *choice, const struct owners *owners,
	const struct subject *subject, int64_t turn, int64_t now_ms,
	struct value *value)
{
	const char *name = NULL;

	if (choice->names.count > 0)
		return take_turns(choice, owners, turn, now_ms);
	if (!choice->field)
		return NULL;
	field_find(&choice->path, subject, value);
	name = from_value(choice, owners, value);
	if (!name)
		name = choice->fallback;
	return at_work(owners, name, now_ms);
}
