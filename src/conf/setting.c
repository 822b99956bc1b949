/*
 * setting - reading a tree of nodes by tables of rows (setting.h): maps,
 * records, kinds, defaults. Single values are setting_value's.
 */
#include "conf/setting.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "conf/errors.h"
#include "conf/setting_path.h"
#include "conf/setting_shape.h"
#include "conf/setting_value.h"

enum {
	NAME_LIMIT_BYTES = 64,
	KEYS_SHOWN = 12,	 /* in an error about an unknown one */
	SUGGESTIONS_LIMIT = 100, /* beyond so many errors none are sought */
};

static bool read_record(struct setting_reader *reader,
	const struct setting_shape *shape, const struct conf_node *node,
	const char *path, void *record);

static bool
is_secret(const struct setting *row)
{
	return row->masked || row->type == SETTING_SECRET ||
	       row->type == SETTING_SECRET_MAP;
}

/* The keys that a shape has; the caller frees the array. */
static const char **
visible_keys(const struct setting_shape *shape, size_t *count)
{
	const char **keys = NULL;
	size_t at = 0;
	const struct setting *row;

	while (setting_shape_next(shape, &at))
		continue;
	keys = mem_new(at + 2, sizeof(*keys));
	at = *count = 0;
	if (shape->kinds)
		keys[(*count)++] = setting_type_key;
	while ((row = setting_shape_next(shape, &at)) != NULL)
		if (!row->hidden)
			keys[(*count)++] = row->key;
	return keys;
}

/* A key of another kind is a mistake of its own. */
static const char *
kind_that_has(const struct setting_shape *shape, const char *key)
{
	for (size_t i = 0; shape->kinds && shape->kinds[i]; i++) {
		struct setting_shape other =
			setting_shape_of_table(shape->kinds[i]->fields);

		if (setting_shape_row(&other, key))
			return shape->kinds[i]->name;
	}
	return NULL;
}

static void
append_keys(struct buf *out, const char *const *keys, size_t count)
{
	if (count == 0)
		buf_append_text(out, "; there are no settings here");
	for (size_t i = 0; i < count && i < KEYS_SHOWN; i++)
		buf_printf(
			out, "%s%s", i ? ", " : "; expected one of ", keys[i]);
	if (count > KEYS_SHOWN)
		buf_append_text(out, ", ...");
}

static void
refuse_key(struct setting_reader *reader, const struct setting_shape *shape,
	const struct conf_node *map, size_t index, const char *path)
{
	const struct conf_node *key = map->keys[index];
	const char *kind = kind_that_has(shape, key->text);
	struct buf advice = {0};
	const struct setting *meant = NULL;

	buf_append_text(&advice, "");
	if (kind) {
		buf_printf(&advice, "; it is a setting of type %s, not of %s",
			kind, shape->kind->name);
	} else if (conf_errors_count(reader->errors) < SUGGESTIONS_LIMIT) {
		size_t count;
		const char **keys = visible_keys(shape, &count);
		const char *near = text_nearest(key->text, keys);

		if (near)
			buf_printf(&advice, "; did you mean \"%s\"?", near);
		else
			append_keys(&advice, keys, count);
		if (near)
			meant = setting_shape_row(shape, near);
		free(keys);
	}
	/* What was meant as a secret is not to be shown under its new name. */
	if (conf_key_is_secret(key->text) || (meant && is_secret(meant)))
		conf_errors_hide(reader->errors, map->values[index]);
	conf_error(reader->errors, key, path, "unknown key %s%s",
		conf_quote(key->text).text, advice.data);
	buf_done(&advice);
}

static bool
check_keys(struct setting_reader *reader, const struct setting_shape *shape,
	const struct conf_node *map, const char *path)
{
	bool ok = true;

	for (size_t i = 0; i < map->count; i++) {
		const char *key = map->keys[i]->text;

		if (setting_shape_row(shape, key) ||
			(shape->kinds && strcmp(key, setting_type_key) == 0))
			continue;
		char *inner = setting_path(path, key);

		refuse_key(reader, shape, map, i, inner);
		free(inner);
		ok = false;
	}
	return ok;
}

static void
append_kinds(struct buf *out, const struct setting_kind *const *kinds)
{
	for (size_t i = 0; kinds[i]; i++)
		buf_printf(out, "%s%s",
			i == 0	       ? ""
			: kinds[i + 1] ? ", "
				       : " or ",
			kinds[i]->name);
}

/* `type:` is missing, or none that there is. Always false. */
static bool
refuse_kind(struct setting_reader *reader, const struct setting_shape *shape,
	const struct conf_node *node, const char *path)
{
	const struct conf_node *type = conf_node_at(node, setting_type_key);
	char *inner = setting_path(path, setting_type_key);
	struct buf names = {0};
	const char *near = NULL;

	if (type && type->type == CONF_SCALAR) {
		const char *candidates[64] = {NULL};

		for (size_t i = 0; i < 63 && shape->kinds[i]; i++)
			candidates[i] = shape->kinds[i]->name;
		near = text_nearest(type->text, candidates);
	}
	append_kinds(&names, shape->kinds);
	if (type)
		conf_error(reader->errors, type, inner,
			"found %s, expected %s%s%s%s", conf_found(type).text,
			names.data, near ? "; did you mean \"" : "",
			near ? near : "", near ? "\"?" : "");
	else if (!node->partial)
		conf_error(reader->errors, node, inner,
			"required, but missing: expected %s", names.data);
	buf_done(&names);
	free(inner);
	return false;
}

static bool
check_name(struct setting_reader *reader, const struct conf_node *key,
	const char *path)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789_.-";
	size_t length = strlen(key->text);

	if (length >= 1 && length <= NAME_LIMIT_BYTES &&
		strspn(key->text, allowed) == length)
		return true;
	return conf_error(reader->errors, key, path,
		"found the name %s, expected 1 to %d of the characters "
		"A-Z a-z 0-9 _ . -",
		conf_quote(key->text).text, NAME_LIMIT_BYTES);
}

/* The name that a record gives itself, if it has such a row. */
static char *
name_of_record(const struct setting_shape *shape, const void *record)
{
	const struct setting *row = setting_shape_row(shape, "name");

	if (!row || row->type != SETTING_TEXT)
		return NULL;
	return mem_strdup(*(char *const *)((const char *)record + row->where));
}

/* Reads one record of a map or a list to the end of `items`. */
static bool
read_item(struct setting_reader *reader, const struct setting *row,
	const struct conf_node *node, const char *path, const char *name,
	struct setting_items *items)
{
	struct setting_shape shape = setting_shape_of_item(row, node);

	if (!conf_node_is_null(node) && node->type != CONF_MAP)
		return conf_error(reader->errors, node, path,
			"found %s, expected a map of settings",
			conf_found(node).text);
	if (shape.kinds && !shape.kind)
		return refuse_kind(reader, &shape, node, path);
	struct setting_item *item = &items->items[items->count++];

	item->record = mem_new(1, shape.size);
	item->kind = shape.kind;
	item->node = setting_is_fallback(node) ? NULL : node;
	bool ok = read_record(reader, &shape, node, path, item->record);

	item->name =
		name ? mem_strdup(name) : name_of_record(&shape, item->record);
	return ok;
}

static bool
read_map(struct setting_reader *reader, const struct setting *row,
	const struct conf_node *node, const char *path,
	struct setting_items *items)
{
	bool ok = true;

	items->items = mem_new(node->count + 1, sizeof(*items->items));
	for (size_t i = 0; i < node->count; i++) {
		const char *name = node->keys[i]->text;
		char *inner = setting_path(path, name);

		if (!check_name(reader, node->keys[i], inner))
			ok = false;
		if (!read_item(
			    reader, row, node->values[i], inner, name, items))
			ok = false;
		free(inner);
	}
	return ok;
}

static int
compare_items(const void *left, const void *right)
{
	const struct setting_item *a =
		*(const struct setting_item *const *)left;
	const struct setting_item *b =
		*(const struct setting_item *const *)right;
	int order = strcmp(a->name, b->name);

	if (order != 0)
		return order;
	return a < b ? -1 : a > b; /* both in one array: as they stood */
}

static bool
refuse_double_names(struct setting_reader *reader,
	const struct setting_items *items, const char *path)
{
	const struct setting_item **sorted =
		mem_new(items->count + 1, sizeof(*sorted));
	size_t count = 0;
	bool ok = true;

	for (size_t i = 0; i < items->count; i++)
		if (items->items[i].name && items->items[i].node)
			sorted[count++] = &items->items[i];
	qsort(sorted, count, sizeof(*sorted), compare_items);
	for (size_t i = 1, first = 0; i < count; i++) {
		const struct conf_node *old = sorted[first]->node;
		const struct conf_node *name =
			conf_node_at(sorted[i]->node, "name");

		if (strcmp(sorted[first]->name, sorted[i]->name) != 0) {
			first = i;
			continue;
		}
		ok = conf_error(reader->errors, name ? name : sorted[i]->node,
			path,
			"the name %s is given twice; the first stands at "
			"%s:%d",
			conf_quote(sorted[i]->name).text, old->file, old->line);
	}
	free(sorted);
	return ok;
}

static bool
read_list(struct setting_reader *reader, const struct setting *row,
	const struct conf_node *node, const char *path,
	struct setting_items *items)
{
	bool ok = true;

	items->items = mem_new(node->count + 1, sizeof(*items->items));
	for (size_t i = 0; i < node->count; i++) {
		char *inner = setting_path_index(path, i);

		if (!read_item(
			    reader, row, node->values[i], inner, NULL, items))
			ok = false;
		free(inner);
	}
	return refuse_double_names(reader, items, path) && ok;
}

static bool
read_items(struct setting_reader *reader, const struct setting *row,
	const struct conf_node *node, const char *path, void *where)
{
	enum conf_node_type type =
		row->type == SETTING_MAP ? CONF_MAP : CONF_LIST;

	if (node->type != type) {
		struct buf expected = {0};

		setting_append_expected(&expected, row);
		conf_error(reader->errors, node, path, "found %s, expected %s",
			conf_found(node).text, expected.data);
		buf_done(&expected);
		return false;
	}
	return type == CONF_MAP ? read_map(reader, row, node, path, where)
				: read_list(reader, row, node, path, where);
}

/* A value that is there, in the file or as the default. */
static bool
read_given(struct setting_reader *reader, const struct setting *row,
	const struct conf_node *node, const char *path, void *where)
{
	bool ok = true;

	if (row->masked)
		conf_errors_hide(reader->errors, node);
	if (row->type == SETTING_CUSTOM)
		return row->read(reader, node, path, where);
	if (row->type == SETTING_NODE) {
		const struct conf_node **out = where;

		*out = setting_is_fallback(node) ? NULL : node;
	} else if (row->type == SETTING_RECORD) {
		struct setting_shape shape =
			setting_shape_of_table(row->fields);

		ok = read_record(reader, &shape, node, path, where);
	} else if (row->type == SETTING_MAP || row->type == SETTING_LIST) {
		ok = read_items(reader, row, node, path, where);
	} else {
		ok = setting_value_read(reader, row, node, path, where);
	}
	if (ok && row->read)
		ok = row->read(reader, node, path, where);
	return ok;
}

static bool
read_missing(struct setting_reader *reader, const struct setting *row,
	const struct conf_node *map, const char *path, void *where)
{
	if (row->required && map) {
		struct buf expected = {0};

		if (map->partial)
			return false;
		setting_append_expected(&expected, row);
		conf_error(reader->errors, map, path,
			"required, but missing: expected %s", expected.data);
		buf_done(&expected);
		return false;
	}
	if (row->type == SETTING_RECORD)
		return read_given(reader, row, NULL, path, where);
	if (!row->fallback)
		return true;
	struct conf_node *node = setting_fallback(row, reader->errors);

	/* A default that is no YAML is a mistake in the table. */
	assert(node);
	bool ok = read_given(reader, row, node, path, where);

	setting_fallback_free(node);
	return ok;
}

/* What stands in the place of a record. Where that has a secret, it may be the
 * secret alone. Always false. */
static bool
refuse_record(struct setting_reader *reader, const struct setting_shape *shape,
	const struct conf_node *node, const char *path)
{
	const struct setting *row;
	bool secret = false;
	size_t at = 0;

	while ((row = setting_shape_next(shape, &at)) != NULL) {
		secret |= is_secret(row);
		for (const struct setting *inner = row->fields;
			row->type == SETTING_RECORD && inner && inner->key;
			inner++)
			secret |= is_secret(inner);
	}
	if (secret)
		conf_errors_hide(reader->errors, node);
	if (secret && node->type == CONF_SCALAR)
		return conf_error(reader->errors, node, path,
			"expected a map of settings");
	return conf_error(reader->errors, node, path,
		"found %s, expected a map of settings", conf_found(node).text);
}

static bool
read_record(struct setting_reader *reader, const struct setting_shape *shape,
	const struct conf_node *node, const char *path, void *record)
{
	bool ok = true;
	size_t at = 0;
	const struct setting *row;

	if (node && node->type != CONF_MAP && !conf_node_is_null(node))
		return refuse_record(reader, shape, node, path);
	if (node && node->type == CONF_MAP)
		ok = check_keys(reader, shape, node, path);
	while ((row = setting_shape_next(shape, &at)) != NULL) {
		const struct conf_node *value = setting_node_at(row, node);
		char *inner = setting_path(path, row->key);
		void *where = (char *)record + row->where;
		bool good =
			value ? read_given(reader, row, value, inner, where)
			      : read_missing(reader, row, node, inner, where);

		ok = ok && good;
		free(inner);
	}
	return ok;
}

bool
setting_read(struct setting_reader *reader, const struct setting *table,
	const struct conf_node *node, const char *path, void *record)
{
	struct setting_shape shape = setting_shape_of_table(table);

	return read_record(reader, &shape, node, path, record);
}

static void done_items(const struct setting *row, struct setting_items *items);

static void
done_record(const struct setting *table, void *record)
{
	for (const struct setting *row = table; row && row->key; row++) {
		void *where = (char *)record + row->where;

		if (row->done)
			row->done(where);
		if (row->type == SETTING_RECORD)
			done_record(row->fields, where);
		else if (row->type == SETTING_MAP || row->type == SETTING_LIST)
			done_items(row, where);
		else if (setting_is_value(row->type))
			setting_value_done(row->type, where);
	}
}

static void
done_items(const struct setting *row, struct setting_items *items)
{
	for (size_t i = 0; i < items->count; i++) {
		struct setting_item *item = &items->items[i];

		done_record(row->fields, item->record);
		if (item->kind)
			done_record(item->kind->fields, item->record);
		free(item->record);
		free(item->name);
	}
	free(items->items);
	*items = (struct setting_items){0};
}

void
setting_done(const struct setting *table, void *record)
{
	done_record(table, record);
}
