/* json_node - JSON to nodes. */
#include "conf/json_node.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "conf/tree.h"

static struct conf_node *
text_node(const char *file, const char *text, bool quoted)
{
	struct conf_node *node =
		tree_new(CONF_SCALAR, file, text, strlen(text));

	node->quoted = quoted;
	return node;
}

static struct conf_node *
scalar_node(const char *file, const json_t *value)
{
	const char *text = json_string_value(value);
	struct conf_node *node;
	char *plain;

	if (text != NULL)
		return text_node(file, text,
			strcmp(text, "present") != 0 &&
				strcmp(text, "absent") != 0);
	plain = json_text(value);
	node = text_node(file, plain, false);
	free(plain);
	return node;
}

struct conf_node *
json_node_new(const char *file, const json_t *value)
{
	struct conf_node *node;
	const char *key;
	json_t *member;
	size_t i;

	if (json_is_object(value)) {
		node = tree_new(CONF_MAP, file, NULL, 0);
		json_object_foreach((json_t *)(uintptr_t)value, key, member)
			tree_append(node, text_node(file, key, true),
				json_node_new(file, member));
		return node;
	}
	if (!json_is_array(value))
		return scalar_node(file, value);
	node = tree_new(CONF_LIST, file, NULL, 0);
	json_array_foreach(value, i, member)
		tree_append(node, NULL, json_node_new(file, member));
	return node;
}

void
json_node_free(struct conf_node *node)
{
	tree_free(node);
}
