/* preset - settings that came ready made. */
#include "conf/preset.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "conf/conf_file.h"
#include "conf/data_folder.h"
#include "conf/document.h"
#include "conf/errors.h"
#include "conf/setting_path.h"
#include "conf/setting_shape.h"
#include "conf/tree.h"

static const char preset_key[] = "preset";
static const char ending[] = ".yaml";

enum { NAME_LIMIT_BYTES = 64, NAMES_LIMIT = 200 };

struct search {
	struct conf_document *document;
	struct setting_texts folders;
	struct conf_errors *errors;
};

/* ---- finding ---- */

static bool
is_name(const char *text)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789_-";
	size_t length = strlen(text);

	return length > 0 && length <= NAME_LIMIT_BYTES &&
	       strspn(text, allowed) == length;
}

/* The names of the presets that are there; ended by NULL. */
struct names {
	char *items[NAMES_LIMIT + 1];
	size_t count;
};

static void
names_add(struct names *names, const char *file)
{
	size_t length = strlen(file), tail = sizeof(ending) - 1;

	if (names->count == NAMES_LIMIT || length <= tail ||
		strcmp(file + length - tail, ending) != 0)
		return;
	names->items[names->count] = mem_copy(file, length - tail);
	if (is_name(names->items[names->count]))
		names->count++;
	else
		free(names->items[names->count]);
	names->items[names->count] = NULL;
}

static void
names_find(struct names *names, const struct setting_texts *folders)
{
	for (size_t i = 0; i < folders->count; i++) {
		DIR *folder = opendir(folders->items[i]);
		const struct dirent *entry;

		while (folder != NULL && (entry = readdir(folder)) != NULL)
			names_add(names, entry->d_name);
		if (folder != NULL)
			(void)closedir(folder);
	}
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
append_names(struct buf *out, const struct names *names)
{
	const char *before = "";

	buf_append_text(out, names->count > 0 ? "; there are " : "");
	for (size_t i = 0; i < names->count; i++) {
		/* Two folders may have it. */
		if (i > 0 && text_same(names->items[i], names->items[i - 1]))
			continue;
		buf_printf(out, "%s%s", before, names->items[i]);
		before = ", ";
	}
}

/* Always false. */
static bool
refuse_unknown(
	struct search *search, const struct conf_node *node, const char *path)
{
	struct names names = {.count = 0};
	struct buf text = {0};
	const char *near;

	names_find(&names, &search->folders);
	qsort(names.items, names.count, sizeof(char *), compare_names);
	near = text_nearest(node->text, (const char *const *)names.items);
	buf_append_text(&text, "");
	if (near != NULL)
		buf_printf(&text, "; did you mean \"%s\"?", near);
	else
		append_names(&text, &names);
	conf_error(search->errors, node, path, "there is no preset %s in %s%s",
		conf_quote(node->text).text,
		search->folders.count > 0 ? search->folders.items[0] : "",
		text.data);
	for (size_t i = 0; i < names.count; i++)
		free(names.items[i]);
	buf_done(&text);
	return false;
}

/* The file of a preset, or NULL; the caller frees it. */
static char *
find(const struct search *search, const char *name)
{
	for (size_t i = 0; i < search->folders.count; i++) {
		char *file = mem_printf(
			"%s/%s%s", search->folders.items[i], name, ending);

		if (access(file, F_OK) == 0)
			return file;
		free(file);
	}
	return NULL;
}

/* ---- merging ---- */

/* {file: PATH} of a preset, as seen from where the preset lies. */
static void
root_files(struct conf_node *node, const char *folder)
{
	for (size_t i = 0; i < node->count; i++) {
		struct conf_node *value = node->values[i];
		char *path;

		root_files(value, folder);
		if (node->type != CONF_MAP || node->count != 1 ||
			value->type != CONF_SCALAR || *value->text == '\0' ||
			strcmp(node->keys[i]->text, "file") != 0)
			continue;
		path = conf_file_path(folder, value->text);
		free(value->text);
		value->text = path;
	}
}

static void merge_below(struct conf_node *node, struct conf_node *preset);

/* Takes the key and the value of the preset. */
static void
merge_member(
	struct conf_node *node, struct conf_node *key, struct conf_node *value)
{
	size_t index = tree_find(node, key->text);
	struct conf_node *own;

	if (index == node->count) {
		tree_append(node, key, value);
		return;
	}
	own = node->values[index];
	if (conf_node_is_null(own) && value->type != CONF_SCALAR) {
		/* Nothing was said there. */
		node->values[index] = value;
		value = own;
	} else if (own->type == CONF_MAP && value->type == CONF_MAP) {
		merge_below(own, value);
	}
	tree_free(key);
	tree_free(value);
}

/* Empties the preset. */
static void
merge_below(struct conf_node *node, struct conf_node *preset)
{
	for (size_t i = 0; i < preset->count; i++)
		merge_member(node, preset->keys[i], preset->values[i]);
	preset->count = 0;
	node->partial |= preset->partial;
}

static bool
check_type(struct search *search, const struct conf_node *record,
	const struct conf_node *preset, const char *path)
{
	const struct conf_node *own = conf_node_at(record, setting_type_key);
	const struct conf_node *type = conf_node_at(preset, setting_type_key);

	if (own == NULL || type == NULL || own->type != CONF_SCALAR ||
		type->type != CONF_SCALAR || text_same(own->text, type->text))
		return true;
	return conf_error(search->errors, own, path,
		"found %s, but the preset is for type %s",
		conf_quote(own->text).text, type->text);
}

static bool
merge_file(struct search *search, struct conf_node *record, const char *file,
	const char *path)
{
	const struct conf_node *named = conf_node_at(record, preset_key);
	size_t before = conf_errors_count(search->errors);
	struct conf_node *preset = document_read_more(
		search->document, file, named, path, search->errors);
	const struct conf_node *again = conf_node_key(preset, preset_key);
	char *folder;
	bool good;

	/* What it says in part is still worth reading. */
	record->partial |= conf_errors_count(search->errors) > before;
	if (preset == NULL)
		return conf_errors_count(search->errors) == before;
	good = again == NULL || conf_error(search->errors, again, path,
					"a preset cannot build on another");
	good &= check_type(search, record, preset, path);
	folder = mem_copy(file, (size_t)(strrchr(file, '/') - file));
	root_files(preset, folder);
	if (good)
		merge_below(record, preset);
	tree_free(preset);
	free(folder);
	return good && conf_errors_count(search->errors) == before;
}

static bool
merge_record(struct search *search, struct conf_node *record, const char *path)
{
	const struct conf_node *name = conf_node_at(record, preset_key);
	char *inner, *file = NULL;
	bool good = true;

	if (name == NULL)
		return true;
	inner = setting_path(path, preset_key);
	if (name->type != CONF_SCALAR || !is_name(name->text))
		good = conf_error(search->errors, name, inner,
			"found %s, expected the name of a preset: letters, "
			"digits, _ and -",
			conf_found(name).text);
	else if ((file = find(search, name->text)) == NULL)
		good = refuse_unknown(search, name, inner);
	else
		good = merge_file(search, record, file, inner);
	record->partial |= !good;
	free(file);
	free(inner);
	return good;
}

bool
preset_merge(struct conf_document *document, const char *section,
	const char *folder, struct conf_errors *errors)
{
	struct conf_node *root = document_root(document);
	size_t index =
		root->type == CONF_MAP ? tree_find(root, section) : root->count;
	struct search search = {.document = document, .errors = errors};
	char *leaf = mem_printf("presets/%s", section);
	bool good = true;

	data_folders(folder, leaf, &search.folders);
	if (index < root->count && root->values[index]->type == CONF_MAP) {
		struct conf_node *records = root->values[index];

		for (size_t i = 0; i < records->count; i++) {
			char *path =
				setting_path(section, records->keys[i]->text);

			good &= merge_record(&search, records->values[i], path);
			free(path);
		}
	}
	setting_texts_done(&search.folders);
	free(leaf);
	return good;
}
