/*
 * document - a configuration file and what it includes, as one tree (node.h).
 */
#include "conf/node.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "conf/conf_file.h"
#include "conf/document.h"
#include "conf/errors.h"
#include "conf/tree.h"

static const char include_key[] = "include";

struct file {
	char *name; /* lent to the nodes */
	struct conf_file_identity identity;
};

struct conf_document {
	struct conf_node *root;
	struct file *files[CONF_FILES_LIMIT + 1];
	size_t file_count;
};

/* How an included file came to be named. */
struct mention {
	const struct conf_node *node;
	const char *path; /* "include[1]" */
	bool pattern;
	bool again; /* it may be there already, and is read once more */
};

static struct file *
add_file(struct conf_document *document, const char *name)
{
	struct file *file = mem_new(1, sizeof(*file));

	file->name = mem_strdup(name);
	document->files[document->file_count++] = file;
	return file;
}

void
conf_document_free(struct conf_document *document)
{
	if (!document)
		return;
	tree_free(document->root);
	for (size_t i = 0; i < document->file_count; i++) {
		free(document->files[i]->name);
		free(document->files[i]);
	}
	free(document);
}

const struct conf_node *
conf_document_root(const struct conf_document *document)
{
	return document ? document->root : NULL;
}

/* Whatever is told of the file, and by whom: nobody may have read these yet. */
static void
hide_secrets(const struct conf_node *node, struct conf_errors *errors)
{
	for (size_t i = 0; i < node->count; i++) {
		const struct conf_node *value = node->values[i];

		if (node->type == CONF_MAP && value->type != CONF_MAP &&
			conf_key_is_secret(node->keys[i]->text))
			conf_errors_hide(errors, value);
		else
			hide_secrets(value, errors);
	}
}

/* The tree of some bytes; an empty map where there is nothing in them. NULL: no
 * tree, and it was told why. */
static struct conf_node *
parse(const char *name, const char *data, size_t length,
	struct conf_errors *errors)
{
	size_t before = conf_errors_count(errors);

	conf_errors_source(errors, name, data, length);
	struct conf_node *root = tree_parse(name, data, length, errors);

	if (!conf_node_is_null(root)) {
		hide_secrets(root, errors);
		return root;
	}
	tree_free(root);
	if (conf_errors_count(errors) > before)
		return NULL;
	return tree_new(CONF_MAP, name, NULL, 0);
}

struct conf_document *
conf_document_read(const char *name, const char *data, size_t length,
	struct conf_errors *errors)
{
	struct conf_document *document = mem_new(1, sizeof(*document));
	struct file *file = add_file(document, name);

	if (length > CONF_FILE_LIMIT_BYTES)
		conf_error_at(errors, file->name, 1, 1, NULL,
			"larger than %d bytes, the limit",
			CONF_FILE_LIMIT_BYTES);
	else
		document->root = parse(file->name, data, length, errors);
	if (document->root)
		return document;
	conf_document_free(document);
	return NULL;
}

/* True if the file is already there: then *file is dropped again. */
static bool
is_known(struct conf_document *document, const struct file *file)
{
	for (size_t i = 0; i + 1 < document->file_count; i++) {
		const struct file *other = document->files[i];

		if (other->identity.device == file->identity.device &&
			other->identity.inode == file->identity.inode)
			return true;
	}
	return false;
}

static void
drop_last_file(struct conf_document *document)
{
	struct file *file = document->files[--document->file_count];

	free(file->name);
	free(file);
}

/* The tree of one file, which must be a map. NULL: nothing to take from it. */
static struct conf_node *
load_file(struct conf_document *document, const char *name,
	const struct mention *mention, struct conf_errors *errors)
{
	struct file *file = add_file(document, name);
	struct buf bytes = {0};
	struct err err = {0};
	struct conf_node *root = NULL;
	size_t before = conf_errors_count(errors);

	if (!conf_file_read(name, CONF_FILE_LIMIT_BYTES, &bytes,
		    &file->identity, NULL, &err)) {
		conf_error(errors, mention ? mention->node : NULL,
			mention ? mention->path : NULL, "cannot read %s: %s",
			name, err.text);
		drop_last_file(document);
	} else if (!(mention && mention->again) && is_known(document, file)) {
		/* A pattern may well match what is there already. */
		drop_last_file(document);
	} else {
		root = parse(file->name, bytes.data ? bytes.data : "",
			bytes.length, errors);
	}
	buf_done(&bytes);
	if (!root || root->type == CONF_MAP)
		return root;
	if (conf_errors_count(errors) == before)
		conf_error(errors, root, NULL,
			"expected a map of settings, found %s",
			conf_found(root).text);
	tree_free(root);
	return NULL;
}

static struct conf_node *
find(const struct conf_node *map, const char *key)
{
	size_t index = tree_find(map, key);

	return index < map->count ? map->values[index] : NULL;
}

static const char *
type_name(const struct conf_node *node)
{
	static const char *const names[] = {
		[CONF_SCALAR] = "a value",
		[CONF_MAP] = "a map",
		[CONF_LIST] = "a list",
	};

	return names[node->type];
}

/* Moves the members of `from` behind those of `into`. */
static void
move_members(struct conf_node *into, struct conf_node *from)
{
	for (size_t i = 0; i < from->count; i++)
		tree_append(into, from->keys ? from->keys[i] : NULL,
			from->values[i]);
	from->count = 0;
	into->partial |= from->partial;
}

/* Takes the key and the value. */
static void
merge_member(struct conf_node *root, struct conf_node *key,
	struct conf_node *value, struct conf_errors *errors)
{
	struct conf_node *old = find(root, key->text);
	const struct conf_node *old_key = conf_node_key(root, key->text);

	if (!old) {
		tree_append(root, key, value);
		return;
	}
	if (conf_node_is_null(old)) {
		/* The empty one gives way: its key keeps the place. */
		struct conf_node empty = *old;

		*old = *value;
		*value = empty;
	} else if (conf_node_is_null(value)) {
		/* Nothing to add. */
	} else if (old->type != value->type) {
		conf_error(errors, key, key->text, "is %s here and %s at %s:%d",
			type_name(value), type_name(old), old_key->file,
			old_key->line);
	} else if (old->type == CONF_SCALAR) {
		conf_error(errors, key, key->text,
			"given twice; the first stands at %s:%d", old_key->file,
			old_key->line);
	} else {
		move_members(old, value);
	}
	tree_free(key);
	tree_free(value);
}

static void
merge(struct conf_node *root, struct conf_node *more,
	struct conf_errors *errors)
{
	for (size_t i = 0; i < more->count; i++) {
		struct conf_node *key = more->keys[i];

		if (strcmp(key->text, include_key) == 0) {
			conf_error(errors, key, include_key,
				"an included file cannot include others");
			tree_free(key);
			tree_free(more->values[i]);
			continue;
		}
		merge_member(root, key, more->values[i], errors);
	}
	more->count = 0;
	root->partial |= more->partial;
	tree_free(more);
}

static bool
has_room(const struct conf_document *document, const char *name,
	const struct mention *mention, struct conf_errors *errors)
{
	return document->file_count <= CONF_FILES_LIMIT ||
	       conf_error(errors, mention->node, mention->path,
		       "%s is one file too many: %d are the limit", name,
		       CONF_FILES_LIMIT);
}

struct conf_node *
document_read_more(struct conf_document *document, const char *name,
	const struct conf_node *node, const char *path,
	struct conf_errors *errors)
{
	struct mention mention = {.node = node, .path = path, .again = true};

	if (!has_room(document, name, &mention, errors))
		return NULL;
	return load_file(document, name, &mention, errors);
}

struct conf_node *
document_root(struct conf_document *document)
{
	return document->root;
}

/* False if there are too many. */
static bool
include_file(struct conf_document *document, const char *name,
	const struct mention *mention, struct conf_errors *errors)
{
	size_t before = conf_errors_count(errors);

	if (!has_room(document, name, mention, errors))
		return false;
	struct conf_node *more = load_file(document, name, mention, errors);

	if (more)
		merge(document->root, more, errors);
	else if (conf_errors_count(errors) > before)
		document->root->partial = true;
	return true;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A folder that is not there has no files; one that is closed to us may. */
static int
on_glob_error(const char *path, int number)
{
	(void)path;
	return number != ENOENT && number != ENOTDIR;
}

static void
include_pattern(struct conf_document *document, const char *pattern,
	const struct mention *mention, struct conf_errors *errors)
{
	glob_t found = {0};
	int result = glob(pattern, GLOB_NOSORT, on_glob_error, &found);

	if (result != 0 && result != GLOB_NOMATCH)
		conf_error(errors, mention->node, mention->path,
			"cannot look for %s: a folder in it cannot be read",
			pattern);
	if (result == 0) {
		/* Not glob's own order, which is the locale's. */
		qsort(found.gl_pathv, found.gl_pathc, sizeof(char *),
			compare_names);
		for (size_t i = 0; i < found.gl_pathc; i++)
			if (!include_file(document, found.gl_pathv[i], mention,
				    errors))
				break;
	}
	globfree(&found);
}

/* The folder of the file as a pattern that stands for itself. */
static char *
folder_of(const char *path, bool as_pattern)
{
	const char *slash = strrchr(path, '/');
	size_t length = slash ? (size_t)(slash - path) + 1 : 0;
	struct buf folder = {0};

	buf_append_text(&folder, "");
	for (size_t i = 0; i < length; i++) {
		if (as_pattern && strchr("*?[\\", path[i]))
			buf_append_char(&folder, '\\');
		buf_append_char(&folder, path[i]);
	}
	return buf_take(&folder);
}

static void
include_one(struct conf_document *document, const char *main_path,
	const struct conf_node *node, const char *path,
	struct conf_errors *errors)
{
	if (node->type != CONF_SCALAR || conf_node_is_null(node) ||
		!*node->text) {
		conf_error(errors, node, path,
			"expected the path of a file or a pattern such as "
			"rules.d/*.yaml, found %s",
			conf_found(node).text);
		return;
	}
	struct mention mention = {
		.node = node,
		.path = path,
		.pattern = strpbrk(node->text, "*?[") != NULL,
	};
	char *folder = folder_of(main_path, mention.pattern);
	char *name = conf_file_path(folder, node->text);

	if (mention.pattern)
		include_pattern(document, name, &mention, errors);
	else
		include_file(document, name, &mention, errors);
	free(name);
	free(folder);
}

static void
include_all(struct conf_document *document, const char *main_path,
	const struct conf_node *include, struct conf_errors *errors)
{
	if (conf_node_is_null(include))
		return;
	if (include->type != CONF_LIST) {
		include_one(document, main_path, include, include_key, errors);
		return;
	}
	for (size_t i = 0; i < include->count; i++) {
		char *path = mem_printf("%s[%zu]", include_key, i);

		include_one(
			document, main_path, include->values[i], path, errors);
		free(path);
	}
}

/* Names that stand in two files. Within one file tree_parse has seen them. */
static void
refuse_doubles(struct conf_node *root, struct conf_errors *errors)
{
	for (size_t i = 0; i < root->count; i++)
		if (root->values[i]->type == CONF_MAP)
			tree_refuse_duplicates(
				root->values[i], root->keys[i]->text, errors);
}

/* Takes `include:` out of the root and follows it. */
static void
resolve_includes(struct conf_document *document, const char *main_path,
	struct conf_errors *errors)
{
	struct conf_node *root = document->root;
	size_t index = tree_find(root, include_key);

	if (index == root->count)
		return;
	bool *dropped = mem_new(root->count, sizeof(*dropped));
	struct conf_node *include = root->values[index];

	root->values[index] = NULL;
	dropped[index] = true;
	tree_drop(root, dropped);
	free(dropped);
	include_all(document, main_path, include, errors);
	tree_free(include);
	refuse_doubles(root, errors);
}

struct conf_document *
conf_document_load(const char *path, struct conf_errors *errors)
{
	struct conf_document *document = mem_new(1, sizeof(*document));

	document->root = load_file(document, path, NULL, errors);
	if (!document->root) {
		conf_document_free(document);
		return NULL;
	}
	resolve_includes(document, path, errors);
	return document;
}
