/* table_merge - records that stand in a CSV file. */
#include "conf/table_merge.h"

#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/memory.h"
#include "base/text.h"
#include "conf/conf_file.h"
#include "conf/document.h"
#include "conf/errors.h"
#include "conf/tree.h"

static const char file_key[] = "file";
static const char name_head[] = "name";

/* What is known while one file is read. */
struct reading {
	const struct conf_node *named; /* the value of file: */
	char *path;		       /* section.file */
	const char *const *heads;
	struct conf_errors *errors;
	const char *data;
	char delimiter;
	char **keys; /* of the columns; NULL: the name */
	size_t count;
	long line;
	struct conf_node *records;
};

static struct conf_node *
new_at(const struct reading *reading, enum conf_node_type type,
	const char *text)
{
	struct conf_node *node = tree_new(
		type, reading->named->file, text, text ? strlen(text) : 0);

	node->line = reading->named->line;
	node->column = reading->named->column;
	node->end_line = reading->named->end_line;
	node->end_column = reading->named->end_column;
	node->quoted = text != NULL;
	return node;
}

static bool
fail(const struct reading *reading, const char *message)
{
	return conf_error(reading->errors, reading->named, reading->path,
		"line %ld of the file: %s", reading->line, message);
}

static char *
field_text(const struct reading *reading, const struct csv_field *field)
{
	struct buf text = {0};

	csv_field_append(field, reading->data, &text);
	struct text trimmed = text_trim(
		(struct text){text.data ? text.data : "", text.length});
	char *copy = mem_copy(trimmed.data, trimmed.length);

	buf_done(&text);
	return copy;
}

static const char *
key_of(const struct reading *reading, const char *head)
{
	for (size_t i = 0; reading->heads[i]; i += 2)
		if (text_same(head, reading->heads[i]))
			return reading->heads[i + 1];
	return head;
}

/* The columns' keys. */
static bool
read_heads(struct reading *reading, const struct csv_row *row)
{
	bool named = false;

	reading->count = row->count;
	reading->keys = mem_new(row->count + 1, sizeof(char *));
	for (size_t i = 0; i < row->count; i++) {
		char *head = field_text(reading, &row->fields[i]);

		if (text_same(head, name_head))
			named = true;
		else
			reading->keys[i] = mem_strdup(key_of(reading, head));
		free(head);
	}
	return named || fail(reading, "expected a column \"name\"");
}

static bool
read_record(struct reading *reading, const struct csv_row *row)
{
	struct conf_node *record, *key = NULL;
	bool good = true;

	if (csv_row_is_blank(row))
		return true;
	if (row->count > reading->count)
		return fail(reading, "there are more cells than columns");
	record = new_at(reading, CONF_MAP, NULL);
	for (size_t i = 0; i < row->count; i++) {
		char *text = field_text(reading, &row->fields[i]);

		if (reading->keys[i] == NULL && *text)
			key = new_at(reading, CONF_SCALAR, text);
		else if (reading->keys[i] != NULL && *text)
			tree_append(record,
				new_at(reading, CONF_SCALAR, reading->keys[i]),
				new_at(reading, CONF_SCALAR, text));
		free(text);
	}
	if (key == NULL)
		good = fail(reading, "the cell under \"name\" is empty");
	else if (tree_find(reading->records, key->text) <
		 reading->records->count)
		good = fail(reading, "the name stands there twice");
	else {
		tree_append(reading->records, key, record);
		return true;
	}
	tree_free(key);
	tree_free(record);
	return good;
}

static bool
read_rows(struct reading *reading, const struct buf *bytes)
{
	static const char mark[] = "\xEF\xBB\xBF";
	size_t at = bytes->length >= 3 && !memcmp(bytes->data, mark, 3) ? 3 : 0;
	struct csv_row row = {0};
	bool good = true, headed = false;
	const char *first = bytes->data + at;
	size_t width = at < bytes->length
			       ? csv_line_length(first, bytes->length - at)
			       : 0;

	reading->delimiter = memchr(first, ',', width)	 ? ','
			     : memchr(first, ';', width) ? ';'
							 : '\t';
	reading->line = 1;
	while (good && at < bytes->length) {
		reading->data = bytes->data + at;
		enum csv_end end = csv_row_read(&row, reading->delimiter,
			reading->data, bytes->length - at, true,
			CONF_FILE_LIMIT_BYTES);

		if (end != CSV_ROW) {
			good = fail(reading,
				row.fault ? row.fault : "it cannot be read");
			break;
		}
		if (!headed)
			good = read_heads(reading, &row);
		else if (reading->records->count == TABLE_ROWS_LIMIT)
			good = fail(reading, "there are too many rows");
		else
			good = read_record(reading, &row);
		headed = true;
		at += row.next;
		reading->line += (long)row.lines;
	}
	csv_row_done(&row);
	return good;
}

/* Somebody may be writing it just now: it must not be taken for a list of
 * nobody. */
static bool
refuse_none(const struct reading *reading, const char *path)
{
	return conf_error(reading->errors, reading->named, reading->path,
		"%s: it names nobody: its first line names the columns, and "
		"each further line is one of them",
		path);
}

static bool
read_file(struct reading *reading, const char *folder)
{
	char *path = conf_file_path(folder, reading->named->text);
	struct buf bytes = {0};
	struct err err = {""};
	bool good = conf_file_read(
		path, CONF_FILE_LIMIT_BYTES, &bytes, NULL, NULL, &err);

	if (!good)
		conf_error(reading->errors, reading->named, reading->path,
			"%s: %s", path, err.text);
	else if (bytes.length == 0)
		good = refuse_none(reading, path);
	else if (!text_is_utf8(bytes.data, bytes.length, NULL) ||
		 memchr(bytes.data, '\0', bytes.length))
		good = conf_error(reading->errors, reading->named,
			reading->path, "%s: expected UTF-8 text", path);
	else
		good = read_rows(reading, &bytes) &&
		       (reading->records->count > 0 ||
			       refuse_none(reading, path));
	for (size_t i = 0; i < reading->count; i++)
		free(reading->keys[i]);
	free(reading->keys);
	buf_done(&bytes);
	free(path);
	return good;
}

bool
table_merge(struct conf_document *document, const char *section,
	const char *const *heads, const char *folder,
	struct conf_errors *errors)
{
	struct conf_node *root = document_root(document);
	size_t index =
		root->type == CONF_MAP ? tree_find(root, section) : root->count;
	const struct conf_node *named =
		index < root->count
			? conf_node_at(root->values[index], file_key)
			: NULL;
	struct reading reading = {
		.named = named, .heads = heads, .errors = errors};
	bool good;

	if (named == NULL || named->type != CONF_SCALAR)
		return true; /* a record may be called "file" */
	reading.path = mem_printf("%s.%s", section, file_key);
	reading.records = new_at(&reading, CONF_MAP, NULL);
	good = root->values[index]->count == 1 ||
	       conf_error(errors, named, reading.path,
		       "nothing else may stand beside the file");
	good = good && read_file(&reading, folder);
	/* Members before: a part of it was refused. */
	reading.records->partial = !good;
	tree_free(root->values[index]);
	root->values[index] = reading.records;
	free(reading.path);
	return good;
}
