/*
 * setting_schema - a table of settings as JSON Schema, draft 7 (setting.h,
 * json-schema.org/draft-07), for editors that help while a file is written.
 *
 * It accepts what setting_read accepts: as every scalar is text there, a text
 * may look like a number or a boolean here.
 */
#include "conf/setting.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "conf/setting_json.h"
#include "conf/setting_shape.h"
#include "conf/setting_value.h"

static json_t *shape_schema(const struct setting_shape *shape);

static json_t *
of_type(const char *type)
{
	return json_pack("{s:s}", "type", type);
}

static json_t *
scalar_schema(void)
{
	return json_pack("{s:[s,s,s]}", "type", "string", "number", "boolean");
}

static json_t *
text_schema(const struct setting *row)
{
	json_t *schema = scalar_schema();

	if (setting_has_low(row) && row->low >= 1)
		json_object_set_new(schema, "minLength", json_integer(1));
	if (setting_has_high(row))
		json_object_set_new(schema, "maxLength",
			json_integer((json_int_t)row->high));
	return schema;
}

static json_t *
amount(const struct setting *row, double bound)
{
	return row->type == SETTING_INTEGER ? json_integer((json_int_t)bound)
					    : json_real(bound);
}

static json_t *
number_schema(const struct setting *row)
{
	json_t *schema =
		of_type(row->type == SETTING_INTEGER ? "integer" : "number");

	if (setting_has_low(row))
		json_object_set_new(schema, "minimum", amount(row, row->low));
	if (setting_has_high(row))
		json_object_set_new(schema, "maximum", amount(row, row->high));
	return schema;
}

static json_t *
duration_schema(void)
{
	return json_pack("{s:[{s:s,s:s},{s:i}]}", "anyOf", "type", "string",
		"pattern",
		"^(0|(?=[0-9])([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?"
		"([0-9]+ms)?)$",
		"const", 0);
}

static json_t *
choice_schema(const struct setting *row)
{
	json_t *choices = json_array();

	for (size_t i = 0; row->choices[i]; i++)
		json_array_append_new(choices, json_string(row->choices[i]));
	return json_pack("{s:o}", "enum", choices);
}

static json_t *
secret_place(const char *key)
{
	return json_pack("{s:s,s:{s:{s:s}},s:[s],s:b}", "type", "object",
		"properties", key, "type", "string", "required", key,
		"additionalProperties", 0);
}

static json_t *
secret_schema(void)
{
	return json_pack("{s:[o,o,o,o]}", "anyOf", secret_place("file"),
		secret_place("credential"), secret_place("env"),
		scalar_schema());
}

static json_t *
texts_schema(const struct setting *row)
{
	return json_pack("{s:[o,{s:s,s:o}]}", "anyOf", text_schema(row), "type",
		"array", "items", text_schema(row));
}

/* A map of anything; it may be left empty. */
static json_t *
map_schema(json_t *values)
{
	return json_pack("{s:[s,s],s:o}", "type", "object", "null",
		"additionalProperties", values);
}

static json_t *
item_schema(const struct setting *row)
{
	struct setting_shape shape = {
		.tables = {row->fields, NULL},
		.kinds = row->kinds,
	};

	if (!row->kinds)
		return shape_schema(&shape);
	json_t *kinds = json_array();

	for (size_t i = 0; row->kinds[i]; i++) {
		shape.kind = row->kinds[i];
		shape.tables[1] = shape.kind->fields;
		json_array_append_new(kinds, shape_schema(&shape));
	}
	return json_pack("{s:o}", "oneOf", kinds);
}

static json_t *
named_items_schema(const struct setting *row)
{
	json_t *schema = map_schema(item_schema(row));

	json_object_set_new(schema, "propertyNames",
		json_pack("{s:s}", "pattern", "^[A-Za-z0-9_.-]{1,64}$"));
	return schema;
}

static json_t *
custom_schema(const struct setting *row)
{
	struct json_fault fault;
	json_t *schema = row->schema ? json_read(row->schema,
					       strlen(row->schema), &fault)
				     : NULL;

	return schema ? schema : json_object();
}

static json_t *
record_schema(const struct setting *row)
{
	struct setting_shape shape = setting_shape_of_table(row->fields);

	return shape_schema(&shape);
}

static json_t *
value_schema(const struct setting *row)
{
	switch (row->type) {
	case SETTING_TEXT:
		return text_schema(row);
	case SETTING_INTEGER:
	case SETTING_NUMBER:
		return number_schema(row);
	case SETTING_BOOLEAN:
		return of_type("boolean");
	case SETTING_DURATION:
		return duration_schema();
	case SETTING_RATE:
		return json_pack("{s:s, s:s}", "type", "string", "pattern",
			SETTING_RATE_PATTERN);
	case SETTING_CHOICE:
		return choice_schema(row);
	case SETTING_TEXTS:
		return texts_schema(row);
	case SETTING_TEXT_MAP:
		return map_schema(text_schema(row));
	case SETTING_SECRET:
		return secret_schema();
	case SETTING_SECRET_MAP:
		return map_schema(secret_schema());
	case SETTING_RECORD:
		return record_schema(row);
	case SETTING_MAP:
		return named_items_schema(row);
	case SETTING_LIST:
		return json_pack("{s:[s,s],s:o}", "type", "array", "null",
			"items", item_schema(row));
	case SETTING_CUSTOM:
	case SETTING_NODE:
		break;
	}
	return custom_schema(row);
}

static json_t *
row_schema(const struct setting *row)
{
	json_t *schema = value_schema(row);
	json_t *fallback = setting_is_value(row->type) && !row->masked
				   ? setting_json_fallback(row)
				   : NULL;

	if (row->help)
		json_object_set_new(
			schema, "description", json_string(row->help));
	if (fallback)
		json_object_set_new(schema, "default", fallback);
	return schema;
}

static void
add_kind(json_t *properties, json_t *required, const struct setting_kind *kind)
{
	json_object_set_new(properties, setting_type_key,
		json_pack("{s:s}", "const", kind->name));
	if (kind->help)
		json_object_set_new(
			json_object_get(properties, setting_type_key),
			"description", json_string(kind->help));
	json_array_append_new(required, json_string(setting_type_key));
}

static json_t *
shape_schema(const struct setting_shape *shape)
{
	json_t *properties = json_object();
	json_t *required = json_array();
	size_t at = 0;
	const struct setting *row;

	if (shape->kind)
		add_kind(properties, required, shape->kind);
	while ((row = setting_shape_next(shape, &at)) != NULL) {
		json_object_set_new(properties, row->key, row_schema(row));
		if (row->required)
			json_array_append_new(required, json_string(row->key));
	}
	json_t *schema = json_pack("{s:o,s:b}", "properties", properties,
		"additionalProperties", 0);

	/* What has to hold a value cannot be left empty. */
	if (json_array_size(required) > 0) {
		json_object_set_new(schema, "type", json_string("object"));
		json_object_set_new(schema, "required", required);
	} else {
		json_object_set_new(
			schema, "type", json_pack("[s,s]", "object", "null"));
		json_decref(required);
	}
	return schema;
}

void
setting_schema(const struct setting *table, struct buf *out)
{
	struct setting_shape shape = setting_shape_of_table(table);
	json_t *schema = shape_schema(&shape);

	json_object_set_new(schema, "$schema",
		json_string("http://json-schema.org/draft-07/schema#"));
	char *text = json_text_with(
		schema, JSON_INDENT(2) | JSON_REAL_PRECISION(15));

	buf_append_text(out, text ? text : "{}");
	buf_append_char(out, '\n');
	free(text);
	json_decref(schema);
}
