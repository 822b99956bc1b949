/*
 * tree - nodes in memory: making, finding, dropping (node.h, tree.h).
 */
#include "conf/tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct conf_node *
tree_new(enum conf_node_type type, const char *file, const char *text,
	size_t length)
{
	struct conf_node *node = mem_new(1, sizeof(*node));

	node->type = type;
	node->file = file;
	node->line = node->column = 1;
	node->end_line = node->end_column = 1;
	if (type == CONF_SCALAR)
		node->text = mem_copy(text, length);
	return node;
}

void
tree_free(struct conf_node *node)
{
	if (!node)
		return;
	for (size_t i = 0; i < node->count; i++) {
		tree_free(node->values[i]);
		if (node->keys)
			tree_free(node->keys[i]);
	}
	free(node->values);
	free(node->keys);
	free(node->text);
	free(node);
}

/* Room for one more: full at each power of two. */
static bool
is_full(size_t count)
{
	return (count & (count - 1)) == 0;
}

void
tree_append(
	struct conf_node *node, struct conf_node *key, struct conf_node *value)
{
	size_t capacity = node->count > 0 ? 2 * node->count : 1;

	if (is_full(node->count)) {
		node->values = mem_grow(
			node->values, capacity, sizeof(struct conf_node *));
		if (node->type == CONF_MAP)
			node->keys = mem_grow(node->keys, capacity,
				sizeof(struct conf_node *));
	}
	if (node->type == CONF_MAP)
		node->keys[node->count] = key;
	node->values[node->count++] = value;
}

void
tree_drop(struct conf_node *node, const bool *dropped)
{
	size_t kept = 0;

	for (size_t i = 0; i < node->count; i++) {
		if (dropped[i]) {
			tree_free(node->values[i]);
			if (node->keys)
				tree_free(node->keys[i]);
			continue;
		}
		node->values[kept] = node->values[i];
		if (node->keys)
			node->keys[kept] = node->keys[i];
		kept++;
	}
	node->count = kept;
}

size_t
tree_find(const struct conf_node *node, const char *key)
{
	for (size_t i = 0; i < node->count; i++)
		if (strcmp(node->keys[i]->text, key) == 0)
			return i;
	return node->count;
}

const struct conf_node *
conf_node_at(const struct conf_node *node, const char *key)
{
	if (!node || node->type != CONF_MAP)
		return NULL;
	size_t index = tree_find(node, key);

	return index < node->count ? node->values[index] : NULL;
}

const struct conf_node *
conf_node_key(const struct conf_node *node, const char *key)
{
	if (!node || node->type != CONF_MAP)
		return NULL;
	size_t index = tree_find(node, key);

	return index < node->count ? node->keys[index] : NULL;
}

bool
conf_node_is_null(const struct conf_node *node)
{
	if (!node)
		return true;
	return node->type == CONF_SCALAR && !node->quoted &&
	       (*node->text == '\0' || strcmp(node->text, "~") == 0 ||
		       strcmp(node->text, "null") == 0);
}
