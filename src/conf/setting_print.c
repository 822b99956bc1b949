/*
 * setting_print - the effective configuration as YAML (setting.h).
 *
 * What is printed can be loaded again: keys that have no value stand in
 * comments, since an empty value would be one.
 */
#include "conf/setting.h"

#include <string.h>

#include "base/text.h"
#include "conf/errors.h"
#include "conf/setting_secret.h"
#include "conf/setting_shape.h"
#include "conf/setting_value.h"
#include "conf/yaml_text.h"

enum { STEP = 2 };

static void print_record(struct buf *out, const struct setting_shape *shape,
	const struct conf_node *map, int indent);

static void
end_line(struct buf *out, const struct conf_node *origin)
{
	if (!origin || setting_is_fallback(origin)) {
		buf_append_text(out, "  # default\n");
		return;
	}
	buf_append_text(out, "  # ");
	text_append_escaped(
		out, origin->file, strlen(origin->file), strlen(origin->file));
	buf_printf(out, ":%d\n", origin->line);
}

/* The rest of a line whose value is this scalar. */
static void
print_scalar(struct buf *out, const struct conf_node *node,
	const struct conf_node *origin, int indent, bool hidden, bool as_text)
{
	const char *text = node->text;
	bool plain = !node->quoted && !as_text && !strchr(text, '\n');

	buf_append_char(out, ' ');
	if (hidden) {
		buf_append_text(out, "\"" SETTING_SECRET_MASK "\"");
	} else if (yaml_fits_block(text)) {
		buf_append_text(out, yaml_block_head(text));
		end_line(out, origin);
		yaml_append_block(out, text, indent + STEP);
		return;
	} else if (plain) {
		buf_append_text(out, text);
	} else {
		yaml_append_text(out, text);
	}
	end_line(out, origin);
}

/* A node as it stands in the file, for what only its owner understands. */
static void
print_node(struct buf *out, const struct conf_node *node,
	const struct conf_node *origin, int indent, bool hidden)
{
	if (node->type == CONF_SCALAR) {
		print_scalar(out, node, origin, indent, hidden, false);
		return;
	}
	if (node->count == 0)
		buf_append_text(out, node->type == CONF_MAP ? " {}" : " []");
	end_line(out, origin);
	for (size_t i = 0; i < node->count; i++) {
		const struct conf_node *key = node->keys ? node->keys[i] : NULL;
		const struct conf_node *value = node->values[i];

		buf_printf(out, "%*s", indent + STEP, "");
		if (key)
			yaml_append_text(out, key->text);
		buf_append_char(out, key ? ':' : '-');
		print_node(out, value, key ? key : value, indent + STEP,
			setting_secret_hides(
				hidden, key ? key->text : NULL, value));
	}
}

static bool
all_scalars(const struct conf_node *node)
{
	for (size_t i = 0; i < node->count; i++)
		if (node->values[i]->type != CONF_SCALAR)
			return false;
	return true;
}

/* One text or a list of them: on one line. */
static void
print_texts(struct buf *out, const struct conf_node *node,
	const struct conf_node *origin)
{
	bool is_list = node->type == CONF_LIST;
	size_t count = is_list ? node->count : 1;

	buf_append_text(out, " [");
	for (size_t i = 0; i < count; i++) {
		buf_append_text(out, i ? ", " : "");
		yaml_append_text(
			out, is_list ? node->values[i]->text : node->text);
	}
	buf_append_char(out, ']');
	end_line(out, origin);
}

static void
print_items(struct buf *out, const struct setting *row,
	const struct conf_node *node, const struct conf_node *origin,
	int indent)
{
	if (node->count == 0)
		buf_append_text(out, node->type == CONF_MAP ? " {}" : " []");
	end_line(out, origin);
	for (size_t i = 0; i < node->count; i++) {
		const struct conf_node *key = node->keys ? node->keys[i] : NULL;
		const struct conf_node *value = node->values[i];
		struct setting_shape shape = setting_shape_of_item(row, value);

		buf_printf(out, "%*s", indent + STEP, "");
		if (key)
			yaml_append_text(out, key->text);
		buf_append_char(out, key ? ':' : '-');
		end_line(out, key ? key : value);
		print_record(out, &shape, value, indent + 2 * STEP);
	}
}

/* True if a row's value is a text whatever it looks like. */
static bool
is_text(const struct setting *row)
{
	return row->type == SETTING_TEXT || row->type == SETTING_CHOICE ||
	       row->type == SETTING_SECRET || row->type == SETTING_TEXT_MAP ||
	       row->type == SETTING_SECRET_MAP;
}

static void
print_pairs(struct buf *out, const struct setting *row,
	const struct conf_node *node, const struct conf_node *origin,
	int indent)
{
	bool secret = row->masked || row->type == SETTING_SECRET_MAP;

	if (node->count == 0)
		buf_append_text(out, " {}");
	end_line(out, origin);
	for (size_t i = 0; i < node->count; i++) {
		const struct conf_node *value = node->values[i];
		bool hidden = secret && !setting_secret_is_elsewhere(value);

		buf_printf(out, "%*s", indent + STEP, "");
		yaml_append_text(out, node->keys[i]->text);
		buf_append_char(out, ':');
		if (value->type == CONF_SCALAR)
			print_scalar(out, value, node->keys[i], indent + STEP,
				hidden, true);
		else
			print_node(out, value, node->keys[i], indent + STEP,
				hidden);
	}
}

/* "key:" stands there; the value follows. A value of a type that the row does
 * not have is shown as it is: reading it told the error. */
static void
print_value(struct buf *out, const struct setting *row,
	const struct conf_node *node, const struct conf_node *origin,
	int indent)
{
	enum setting_type type = row->type;
	bool is_map = node->type == CONF_MAP;
	bool hidden =
		(row->masked || setting_secret_is_url(node) ||
			type == SETTING_SECRET || type == SETTING_SECRET_MAP) &&
		!setting_secret_is_elsewhere(node);

	if (type == SETTING_RECORD && is_map) {
		struct setting_shape shape =
			setting_shape_of_table(row->fields);

		end_line(out, origin);
		print_record(out, &shape, node, indent + STEP);
	} else if ((type == SETTING_MAP && is_map) ||
		   (type == SETTING_LIST && node->type == CONF_LIST)) {
		print_items(out, row, node, origin, indent);
	} else if ((type == SETTING_TEXT_MAP || type == SETTING_SECRET_MAP) &&
		   is_map) {
		print_pairs(out, row, node, origin, indent);
	} else if (type == SETTING_TEXTS && !hidden && !is_map &&
		   all_scalars(node)) {
		print_texts(out, node, origin);
	} else if (node->type == CONF_SCALAR) {
		print_scalar(out, node, origin, indent, hidden, is_text(row));
	} else {
		print_node(out, node, origin, indent, hidden);
	}
}

/* What a value that is missing and has no default amounts to; NULL: none. */
static const char *
zero_value(const struct setting *row)
{
	switch (row->type) {
	case SETTING_INTEGER:
	case SETTING_NUMBER:
	case SETTING_DURATION:
		return setting_has_low(row) && row->low > 0 ? NULL : "0";
	case SETTING_BOOLEAN:
		return "false";
	case SETTING_CHOICE:
		return row->choices[0];
	case SETTING_TEXTS:
	case SETTING_LIST:
		return "[]";
	case SETTING_TEXT_MAP:
	case SETTING_SECRET_MAP:
	case SETTING_MAP:
		return "{}";
	case SETTING_TEXT:
	case SETTING_RATE:
	case SETTING_SECRET:
	case SETTING_RECORD:
	case SETTING_CUSTOM:
	case SETTING_NODE:
		break;
	}
	return NULL;
}

/* True if a record with these rows cannot be written without values. */
static bool
needs_values(const struct setting *table)
{
	for (const struct setting *row = table; row && row->key; row++)
		if (row->required || (row->type == SETTING_RECORD &&
					     needs_values(row->fields)))
			return true;
	return false;
}

static void
print_missing(struct buf *out, const struct setting *row, int indent)
{
	struct conf_errors *errors = conf_errors_new();
	struct conf_node *node = setting_fallback(row, errors);
	const char *zero = row->required ? NULL : zero_value(row);

	buf_printf(out, "%*s", indent, "");
	if (node) {
		buf_printf(out, "%s:", row->key);
		print_value(out, row, node, node, indent);
	} else if (row->type == SETTING_RECORD && !row->required &&
		   !row->optional && !needs_values(row->fields)) {
		struct setting_shape shape =
			setting_shape_of_table(row->fields);

		buf_printf(out, "%s:  # default\n", row->key);
		print_record(out, &shape, NULL, indent + STEP);
	} else if (zero) {
		buf_printf(out, "%s: ", row->key);
		if (row->type == SETTING_CHOICE)
			yaml_append_text(out, zero);
		else
			buf_append_text(out, zero);
		end_line(out, NULL);
	} else {
		buf_printf(out, "# %s: not set\n", row->key);
	}
	setting_fallback_free(node);
	conf_errors_free(errors);
}

static void
print_row(struct buf *out, const struct setting *row,
	const struct conf_node *map, int indent)
{
	const struct conf_node *node = setting_node_at(row, map);

	if (!node && !row->hidden)
		print_missing(out, row, indent);
	if (!node)
		return;
	const struct conf_node *key = conf_node_key(map, row->key);

	buf_printf(out, "%*s%s:", indent, "", row->key);
	print_value(
		out, row, node, setting_is_fallback(key) ? NULL : key, indent);
}

static void
print_record(struct buf *out, const struct setting_shape *shape,
	const struct conf_node *map, int indent)
{
	size_t at = 0;
	const struct setting *row;

	if (shape->kind) {
		buf_printf(out, "%*s%s: ", indent, "", setting_type_key);
		yaml_append_text(out, shape->kind->name);
		end_line(out, conf_node_key(map, setting_type_key));
	}
	while ((row = setting_shape_next(shape, &at)) != NULL)
		print_row(out, row, map, indent);
}

void
setting_print(const struct setting *table, const struct conf_node *node,
	struct buf *out)
{
	struct setting_shape shape = setting_shape_of_table(table);

	print_record(out, &shape, node, 0);
}
