/* email_to - who gets a mail: the setting `to`. */
#include "action/email_to.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "action/action.h"
#include "action/mail_address.h"
#include "base/memory.h"
#include "base/text.h"

const char email_to_schema[] =
	"{\"oneOf\":[{\"type\":\"string\"},{\"type\":\"array\",\"items\":"
	"{\"type\":\"string\"}},{\"type\":\"object\",\"required\":[\"field\"],"
	"\"properties\":{\"field\":{\"type\":\"string\"},\"map\":{\"type\":"
	"\"object\",\"additionalProperties\":{\"type\":\"string\"}},"
	"\"default\":{\"type\":[\"string\",\"array\"]}},"
	"\"additionalProperties\":false}]}";

static const struct setting field_settings[] = {
	{"field", SETTING_TEXT, offsetof(struct email_to, field),
		.required = true, .low = 1, .high = 256},
	{"map", SETTING_TEXT_MAP, offsetof(struct email_to, map), .low = 1,
		.high = MAIL_ADDRESS_LIMIT_BYTES},
	{"default", SETTING_TEXTS, offsetof(struct email_to, addresses),
		.low = 1, .high = MAIL_ADDRESS_LIMIT_BYTES},
	{.key = NULL},
};

static bool
check_address(struct setting_reader *reader, const char *address,
	const struct conf_node *node, const char *path)
{
	struct err err;

	if (mail_address_is_good(address, &err))
		return true;
	return conf_error(reader->errors, node, path,
		"expected a plain address such as jan@example.com, but %s",
		err.text);
}

static bool
check_addresses(struct setting_reader *reader,
	const struct setting_texts *addresses, const struct conf_node *node,
	const char *path)
{
	bool good = true;

	for (size_t i = 0; i < addresses->count; i++)
		good &= check_address(reader, addresses->items[i],
			node != NULL && node->type == CONF_LIST
				? node->values[i]
				: node,
			path);
	if (addresses->count > ACTION_RECIPIENTS_LIMIT)
		good = conf_error(reader->errors, node, path,
			"at most %d addresses", ACTION_RECIPIENTS_LIMIT);
	return good;
}

static bool
check_field(struct setting_reader *reader, const struct email_to *to,
	const struct conf_node *node, const char *path)
{
	const struct conf_node *field = conf_node_at(node, "field");
	const char *text = to->field;

	if (*text == '.')
		return conf_error(reader->errors, field, path,
			"write the field without a dot in front: \"%s\"",
			text + 1);
	if (text[strlen(text) - 1] == '.' || strstr(text, "..") != NULL)
		return conf_error(reader->errors, field, path,
			"expected names with dots between them, such as "
			"segment.agent");
	return true;
}

static bool
read_field(struct setting_reader *reader, const struct conf_node *node,
	const char *path, struct email_to *to)
{
	const struct conf_node *map = conf_node_at(node, "map");
	bool good = setting_read(reader, field_settings, node, path, to);

	if (!good)
		return false;
	good = check_field(reader, to, node, path);
	for (size_t i = 0; i < to->map.count; i++)
		good &= check_address(
			reader, to->map.values[i], map->values[i], path);
	return check_addresses(reader, &to->addresses,
		       conf_node_at(node, "default"), path) &&
	       good;
}

bool
email_to_read(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	struct email_to *to = where;

	if (node->type == CONF_MAP)
		return read_field(reader, node, path, to);
	if (!setting_read_texts(reader, node, path, &to->addresses))
		return false;
	if (to->addresses.count == 0)
		return conf_error(reader->errors, node, path,
			"expected at least one address");
	return check_addresses(reader, &to->addresses, node, path);
}

void
email_to_done(void *where)
{
	struct email_to *to = where;

	setting_texts_done(&to->addresses);
	setting_pairs_done(&to->map);
	free(to->field);
	to->field = NULL;
}

/* ---- finding ---- */

static const json_t *
walk(const json_t *value, const char *path)
{
	while (value != NULL && *path != '\0') {
		size_t length = strcspn(path, ".");
		char *name = mem_copy(path, length);

		value = json_object_get(value, name);
		free(name);
		path += length + (path[length] == '.');
	}
	return value;
}

/* The alert's own member of this name, else the answer's. */
static const json_t *
find_field(const json_t *document, const char *field)
{
	const json_t *value = walk(document, field);

	if (value == NULL || json_is_null(value))
		value = walk(json_object_get(document, "response"), field);
	return value;
}

static bool
has(const struct setting_texts *list, const char *address)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcasecmp(list->items[i], address) == 0)
			return true;
	return false;
}

/* As it is used, so that one address is one recipient however it was written.
 * False with a reason if it is none. */
static bool
add(struct setting_texts *list, const char *address, struct err *err)
{
	char *used = mail_address_for_wire(address, err);

	if (used == NULL)
		return false;
	if (list->count == ACTION_RECIPIENTS_LIMIT || has(list, used)) {
		free(used);
		return true;
	}
	list->items = mem_grow(list->items, list->count + 1, sizeof(char *));
	list->items[list->count++] = used;
	return true;
}

static const char *
mapped(const struct setting_pairs *map, const char *text)
{
	for (size_t i = 0; i < map->count; i++)
		if (strcmp(map->names[i], text) == 0)
			return map->values[i];
	return NULL;
}

/* A text or a number; the caller frees it. NULL for anything else. */
static char *
text_of_value(const json_t *value)
{
	if (json_is_string(value))
		return mem_copy(
			json_string_value(value), json_string_length(value));
	if (json_is_integer(value))
		return mem_printf("%lld", (long long)json_integer_value(value));
	return NULL;
}

/* Adds what a value of the field leads to; false with what is wrong. */
static bool
add_value(const struct email_to *to, const json_t *value,
	struct setting_texts *out, struct err *err)
{
	char *text = text_of_value(value);
	const char *address = text;
	struct err why;
	bool good = false;

	if (to->map.count > 0 && text != NULL)
		address = mapped(&to->map, text);
	if (text == NULL || *text == '\0')
		err_set(err, "\"%s\" is empty or no text in this answer",
			to->field);
	else if (address == NULL)
		err_set(err,
			"what \"%s\" is in this answer stands in no line "
			"of \"map\"",
			to->field);
	else if (!add(out, address, &why))
		err_set(err, "\"%s\" is no mail address in this answer: %s",
			to->field, why.text);
	else
		good = true;
	free(text);
	return good;
}

static void
add_field(const struct email_to *to, const json_t *document,
	struct setting_texts *out, struct err *err)
{
	const json_t *value = find_field(document, to->field);
	size_t index;
	json_t *item;

	err_set(err, "\"%s\" is missing in this answer", to->field);
	if (value == NULL || json_is_null(value))
		return;
	if (!json_is_array(value))
		add_value(to, value, out, err);
	json_array_foreach(value, index, item) add_value(to, item, out, err);
}

bool
email_to_find(const struct email_to *to, const json_t *document,
	struct setting_texts *out, struct err *err)
{
	*out = (struct setting_texts){0, NULL};
	if (to->field != NULL)
		add_field(to, document, out, err);
	if (out->count == 0)
		for (size_t i = 0; i < to->addresses.count; i++)
			if (!add(out, to->addresses.items[i], err))
				break;
	if (out->count > 0)
		return true;
	return err_prefix(err, "nobody to mail, as \"to\" has no \"default\"");
}
