/*
 * setting_shape - the rows that hold for one map (setting_shape.h).
 */
#include "conf/setting_shape.h"

#include <string.h>

#include "conf/tree.h"

const char setting_type_key[] = "type";

/* The file that defaults stand in; compared by its address. */
static const char fallback_file[] = "(default)";

struct setting_shape
setting_shape_of_table(const struct setting *table)
{
	return (struct setting_shape){.tables = {table, NULL}};
}

const struct setting_kind *
setting_kind_at(const struct setting_kind *const *kinds, const char *name)
{
	for (; *kinds; kinds++)
		if (strcmp((*kinds)->name, name) == 0)
			return *kinds;
	return NULL;
}

struct setting_shape
setting_shape_of_item(const struct setting *row, const struct conf_node *node)
{
	struct setting_shape shape = {
		.tables = {row->fields, NULL},
		.kinds = row->kinds,
		.size = row->size,
	};

	if (!row->kinds)
		return shape;
	const struct conf_node *type = conf_node_at(node, setting_type_key);

	if (type && type->type == CONF_SCALAR)
		shape.kind = setting_kind_at(row->kinds, type->text);
	if (shape.kind) {
		shape.tables[1] = shape.kind->fields;
		shape.size = shape.kind->size;
	}
	return shape;
}

const struct setting *
setting_shape_row(const struct setting_shape *shape, const char *key)
{
	size_t at = 0;
	const struct setting *row;

	while ((row = setting_shape_next(shape, &at)) != NULL)
		if (strcmp(row->key, key) == 0)
			return row;
	return NULL;
}

const struct setting *
setting_shape_next(const struct setting_shape *shape, size_t *at)
{
	size_t index = (*at)++;

	for (size_t i = 0; i < 2; i++)
		for (const struct setting *row = shape->tables[i];
			row && row->key; row++)
			if (index-- == 0)
				return row;
	return NULL;
}

bool
setting_may_be_empty(enum setting_type type)
{
	return type == SETTING_RECORD || type == SETTING_MAP ||
	       type == SETTING_LIST || type == SETTING_TEXT_MAP ||
	       type == SETTING_SECRET_MAP;
}

const struct conf_node *
setting_node_at(const struct setting *row, const struct conf_node *map)
{
	const struct conf_node *node = conf_node_at(map, row->key);

	if (setting_may_be_empty(row->type) && conf_node_is_null(node))
		return NULL;
	return node;
}

struct conf_node *
setting_fallback(const struct setting *row, struct conf_errors *errors)
{
	if (!row->fallback)
		return NULL;
	if (*row->fallback)
		return tree_parse(fallback_file, row->fallback,
			strlen(row->fallback), errors);
	struct conf_node *empty = tree_new(CONF_SCALAR, fallback_file, "", 0);

	empty->quoted = true; /* a text, though an empty one */
	return empty;
}

void
setting_fallback_free(struct conf_node *node)
{
	tree_free(node);
}

bool
setting_is_fallback(const struct conf_node *node)
{
	return node && node->file == fallback_file;
}
