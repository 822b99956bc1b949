/* node_json - YAML to JSON, by JSON's own rules for what is not text. */
#include "conf/node_json.h"

#include <string.h>

#include "base/json.h"

static json_t *
scalar_json(const struct conf_node *node)
{
	size_t length = strlen(node->text);
	struct json_fault fault;
	json_t *value = NULL;

	if (!node->quoted && length == 0)
		return json_null();
	if (!node->quoted && node->text[0] != '"')
		value = json_read(node->text, length, &fault);
	return value != NULL ? value : json_stringn(node->text, length);
}

json_t *
conf_node_json(const struct conf_node *node)
{
	json_t *value;

	if (node->type == CONF_SCALAR)
		return scalar_json(node);
	value = node->type == CONF_MAP ? json_object() : json_array();
	for (size_t i = 0; i < node->count; i++)
		if (node->type == CONF_MAP)
			json_object_set_new(value, node->keys[i]->text,
				conf_node_json(node->values[i]));
		else
			json_array_append_new(
				value, conf_node_json(node->values[i]));
	return value;
}
