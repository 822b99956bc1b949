/* csv_table - which column of a table holds what; rows as records. */
#include "nps/csv_table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "nps/csv_head.h"
#include "nps/csv_value.h"
#include "nps/rejection.h"

struct csv_table {
	const struct csv_settings *settings;
	struct csv_head head;
	struct buf *scratch; /* the text of a field */
};

struct csv_table *
csv_table_new(const struct csv_settings *settings)
{
	struct csv_table *table = mem_new(1, sizeof(*table));

	table->settings = settings;
	table->scratch = mem_new(1, sizeof(*table->scratch));
	return table;
}

void
csv_table_free(struct csv_table *table)
{
	if (table == NULL)
		return;
	csv_head_done(&table->head);
	buf_done(table->scratch);
	free(table->scratch);
	free(table);
}

enum csv_start
csv_table_start(struct csv_table *table, const char *data, size_t length,
	bool last, struct rejection *why)
{
	assert(table->head.columns == NULL);
	return csv_head_read(
		&table->head, table->settings, data, length, last, why);
}

size_t
csv_table_head(const struct csv_table *table, int64_t *lines)
{
	*lines = table->head.lines;
	return table->head.length;
}

char
csv_table_delimiter(const struct csv_table *table)
{
	return table->head.delimiter;
}

/* ---- rows ---- */

/* The field's text into the scratch, as UTF-8. */
static bool
read_text(const struct csv_table *table, const char *data,
	const struct csv_field *field, const struct csv_column *column,
	struct rejection *why)
{
	size_t at = 0;

	buf_clear(table->scratch);
	if (csv_head_text(table->settings, data, field, table->scratch, &at))
		return true;
	rejection_fill(why, REJECTED_ENCODING, column->group, column->name,
		table->settings->encoding == CSV_UTF_8
			? "this is no UTF-8; if a program on Windows wrote the "
			  "file, say encoding: windows-1252"
			: "this byte is no character of Windows-1252");
	why->offset = field->at + at;
	why->offset_known = true;
	return false;
}

static bool
append_member(const struct csv_table *table, const char *data,
	const struct csv_field *field, const struct csv_column *column,
	struct buf *out, struct rejection *why)
{
	struct err err = {""};

	if (!read_text(table, data, field, column, why))
		return false;
	json_append_string(out, column->name, strlen(column->name));
	buf_append_char(out, ':');
	if (csv_value_append(column->kind, table->scratch->data,
		    table->scratch->length, table->settings, out, &err))
		return true;
	rejection_fill(why, REJECTED_TIME, column->group, column->name,
		"%s cannot be read: %s", column->name, err.text);
	why->offset = field->at;
	why->offset_known = true;
	return false;
}

/* What stands behind the last column of the header. */
static bool
check_width(const struct csv_table *table, const struct csv_row *row,
	struct rejection *why)
{
	for (size_t i = table->head.width; i < row->count; i++) {
		if (table->head.width == 0 || row->fields[i].length == 0)
			continue;
		rejection_fill(why, REJECTED_CSV, NULL, NULL,
			"the row has %zu fields, the header %zu: a text that "
			"holds the delimiter must stand in quotes",
			row->count, table->head.width);
		why->offset = row->fields[i].at;
		why->offset_known = true;
		return false;
	}
	return true;
}

bool
csv_table_record(const struct csv_table *table, const char *data,
	const struct csv_row *row, struct buf *out, struct rejection *why)
{
	const struct csv_head *head = &table->head;
	const char *group = NULL;
	size_t before = out->length;

	if (!check_width(table, row, why))
		return false;
	buf_append_char(out, '{');
	/* Columns of a group stand one behind the other. */
	for (size_t i = 0; i < head->count; i++) {
		const struct csv_column *column = &head->columns[i];
		bool moves;

		if (column->field >= row->count ||
			row->fields[column->field].length == 0)
			continue;
		moves = !text_same(group, column->group);
		if (moves && group != NULL)
			buf_append_char(out, '}');
		if (out->data[out->length - 1] != '{')
			buf_append_char(out, ',');
		group = column->group;
		if (moves)
			buf_printf(out, "\"%s\":{", group);
		if (!append_member(table, data, &row->fields[column->field],
			    column, out, why)) {
			out->length = before;
			return false;
		}
	}
	buf_append_text(out, group != NULL ? "}}" : "}");
	return true;
}

void
csv_table_locate(const struct csv_table *table, const char *data, size_t length,
	struct rejection *why)
{
	const struct csv_head *head = &table->head;
	struct csv_row row = {0};

	why->offset_known = false;
	if (length > 0 && csv_row_read(&row, head->delimiter, data, length,
				  true, length) == CSV_ROW)
		for (size_t i = 0; i < head->count; i++) {
			struct rejection named;

			rejection_fill(&named, why->reason,
				head->columns[i].group, head->columns[i].name,
				" ");
			if (strcmp(named.pointer, why->pointer) != 0)
				continue;
			why->offset_known = head->columns[i].field < row.count;
			if (why->offset_known)
				why->offset =
					row.fields[head->columns[i].field].at;
		}
	csv_row_done(&row);
}
