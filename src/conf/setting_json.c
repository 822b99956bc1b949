/*
 * setting_json - the effective configuration as JSON (setting.h).
 */
#include "conf/setting_json.h"
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "conf/errors.h"
#include "conf/setting_secret.h"
#include "conf/setting_shape.h"
#include "conf/setting_value.h"

static json_t *record_json(
	const struct setting_shape *shape, const struct conf_node *map);

/* {"value": ..., "origin": ...}; takes the value. */
static json_t *
with_origin(json_t *value, const struct conf_node *origin)
{
	json_t *object = json_object();

	json_object_set_new(object, "value", value);
	if (!origin || setting_is_fallback(origin)) {
		json_object_set_new(object, "origin", json_string("default"));
		return object;
	}
	json_t *place = json_sprintf("%s:%d", origin->file, origin->line);

	/* The name of a file may be no UTF-8. */
	json_object_set_new(object, "origin",
		place ? place : json_sprintf("?:%d", origin->line));
	return object;
}

/* A node as it stands, for what only its owner understands. */
static json_t *
node_json(const struct conf_node *node, bool hidden)
{
	if (node->type == CONF_SCALAR && hidden)
		return json_string(SETTING_SECRET_MASK);
	if (conf_node_is_null(node))
		return json_null();
	if (node->type == CONF_SCALAR)
		return json_string(node->text);
	json_t *all = node->type == CONF_MAP ? json_object() : json_array();

	for (size_t i = 0; i < node->count; i++) {
		const char *key = node->keys ? node->keys[i]->text : NULL;
		json_t *value = node_json(node->values[i],
			setting_secret_hides(hidden, key, node->values[i]));

		if (key)
			json_object_set_new(all, key, value);
		else
			json_array_append_new(all, value);
	}
	return all;
}

static json_t *
items_json(const struct setting *row, const struct conf_node *node)
{
	json_t *all = node->keys || node->type == CONF_MAP ? json_object()
							   : json_array();

	for (size_t i = 0; i < node->count; i++) {
		const struct conf_node *value = node->values[i];
		const struct conf_node *key = node->keys ? node->keys[i] : NULL;
		struct setting_shape shape = setting_shape_of_item(row, value);
		json_t *item = with_origin(
			record_json(&shape, value), key ? key : value);

		if (key)
			json_object_set_new(all, key->text, item);
		else
			json_array_append_new(all, item);
	}
	return all;
}

static json_t *
scalar_json(const struct setting *row, const struct conf_node *node)
{
	int64_t integer;
	double number;

	if (row->type == SETTING_INTEGER && !node->quoted &&
		setting_integer_from_text(node->text, &integer))
		return json_integer(integer);
	if (row->type == SETTING_NUMBER && !node->quoted &&
		setting_number_from_text(node->text, &number))
		return json_real(number);
	if (row->type == SETTING_BOOLEAN && strcmp(node->text, "true") == 0)
		return json_true();
	if (row->type == SETTING_BOOLEAN && strcmp(node->text, "false") == 0)
		return json_false();
	json_t *text = json_string(node->text);

	if (row->type != SETTING_TEXTS)
		return text;
	json_t *list = json_array();

	json_array_append_new(list, text);
	return list;
}

json_t *
setting_json_value(const struct setting *row, const struct conf_node *node)
{
	bool hidden = (row->masked || setting_secret_is_url(node) ||
			      row->type == SETTING_SECRET ||
			      row->type == SETTING_SECRET_MAP) &&
		      !setting_secret_is_elsewhere(node);
	bool is_map = node->type == CONF_MAP;

	if (row->type == SETTING_RECORD && is_map) {
		struct setting_shape shape =
			setting_shape_of_table(row->fields);

		return record_json(&shape, node);
	}
	if ((row->type == SETTING_MAP && is_map) ||
		(row->type == SETTING_LIST && node->type == CONF_LIST))
		return items_json(row, node);
	if (node->type == CONF_SCALAR && !hidden &&
		row->type != SETTING_CUSTOM && row->type != SETTING_NODE)
		return scalar_json(row, node);
	return node_json(node, hidden);
}

json_t *
setting_json_fallback(const struct setting *row)
{
	struct conf_errors *errors = conf_errors_new();
	struct conf_node *node = setting_fallback(row, errors);
	json_t *value = node ? setting_json_value(row, node) : NULL;

	setting_fallback_free(node);
	conf_errors_free(errors);
	return value;
}

/* What a value that is missing and has no default amounts to. */
static json_t *
zero_json(const struct setting *row)
{
	switch (row->type) {
	case SETTING_BOOLEAN:
		return json_false();
	case SETTING_CHOICE:
		return json_string(row->choices[0]);
	case SETTING_TEXTS:
	case SETTING_LIST:
		return json_array();
	case SETTING_TEXT_MAP:
	case SETTING_SECRET_MAP:
	case SETTING_MAP:
		return json_object();
	case SETTING_INTEGER:
	case SETTING_NUMBER:
	case SETTING_DURATION:
	case SETTING_RATE:
	case SETTING_TEXT:
	case SETTING_SECRET:
	case SETTING_RECORD:
	case SETTING_CUSTOM:
	case SETTING_NODE:
		break;
	}
	return json_null();
}

static json_t *
missing_json(const struct setting *row)
{
	if (row->type == SETTING_RECORD && !row->optional) {
		struct setting_shape shape =
			setting_shape_of_table(row->fields);

		return record_json(&shape, NULL);
	}
	json_t *fallback = setting_json_fallback(row);

	return fallback ? fallback : zero_json(row);
}

static json_t *
record_json(const struct setting_shape *shape, const struct conf_node *map)
{
	json_t *object = json_object();
	size_t at = 0;
	const struct setting *row;

	if (shape->kind)
		json_object_set_new(object, setting_type_key,
			with_origin(json_string(shape->kind->name),
				conf_node_key(map, setting_type_key)));
	while ((row = setting_shape_next(shape, &at)) != NULL) {
		const struct conf_node *node = setting_node_at(row, map);

		if (node)
			json_object_set_new(object, row->key,
				with_origin(setting_json_value(row, node),
					conf_node_key(map, row->key)));
		else if (!row->hidden)
			json_object_set_new(object, row->key,
				with_origin(missing_json(row), NULL));
	}
	return object;
}

void
setting_print_json(const struct setting *table, const struct conf_node *node,
	struct buf *out)
{
	struct setting_shape shape = setting_shape_of_table(table);
	json_t *object = record_json(&shape, node);
	char *text = json_text_with(
		object, JSON_INDENT(2) | JSON_REAL_PRECISION(15));

	buf_append_text(out, text ? text : "{}");
	buf_append_char(out, '\n');
	free(text);
	json_decref(object);
}
