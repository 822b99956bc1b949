/*
 * sql_rows - rows on their way into one table, many by one statement.
 */
#include "store/sql_rows.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum {
	ROWS_SPARE_BYTES = 64 * 1024, /* room that is kept for the next ones */
};

struct sql_value {
	enum { VALUE_NULL, VALUE_NUMBER, VALUE_TEXT, VALUE_BYTES } type;
	size_t length;
	union {
		int64_t number;
		size_t at; /* in bytes */
	};
};

/* ---- gathering ---- */

static struct sql_value *
add(struct sql_rows *rows)
{
	if (rows->count == rows->capacity) {
		rows->capacity = rows->capacity != 0
					 ? 2 * rows->capacity
					 : SQL_ROWS_MANY * rows->texts->columns;
		rows->values = mem_grow(
			rows->values, rows->capacity, sizeof(*rows->values));
	}
	return &rows->values[rows->count++];
}

void
sql_rows_number(struct sql_rows *rows, int64_t number)
{
	struct sql_value *value = add(rows);

	value->type = VALUE_NUMBER;
	value->number = number;
}

static void
add_null(struct sql_rows *rows)
{
	add(rows)->type = VALUE_NULL;
}

void
sql_rows_number_or_null(struct sql_rows *rows, int64_t number)
{
	if (number != 0)
		sql_rows_number(rows, number);
	else
		add_null(rows);
}

void
sql_rows_text_of(struct sql_rows *rows, const char *text, size_t length)
{
	sql_rows_bytes(rows, text, length);
	if (text != NULL)
		rows->values[rows->count - 1].type = VALUE_TEXT;
}

void
sql_rows_text(struct sql_rows *rows, const char *text)
{
	sql_rows_text_of(rows, text, text != NULL ? strlen(text) : 0);
}

void
sql_rows_bytes(struct sql_rows *rows, const void *bytes, size_t length)
{
	struct sql_value *value;

	if (bytes == NULL) {
		add_null(rows);
		return;
	}
	value = add(rows);
	value->type = VALUE_BYTES;
	value->at = rows->bytes.length;
	value->length = length;
	buf_append(&rows->bytes, bytes, length);
}

bool
sql_rows_have(const struct sql_rows *rows, size_t column, const void *bytes,
	size_t length)
{
	for (size_t i = column; i < rows->count; i += rows->texts->columns) {
		const struct sql_value *value = &rows->values[i];

		if (value->length == length &&
			memcmp(rows->bytes.data + value->at, bytes, length) ==
				0)
			return true;
	}
	return false;
}

size_t
sql_rows_count(const struct sql_rows *rows)
{
	return rows->count / rows->texts->columns;
}

int64_t
sql_rows_last(const struct sql_rows *rows)
{
	assert(rows->count >= rows->texts->columns);
	return rows->values[rows->count - rows->texts->columns].number;
}

/* Its bytes go with all others'. */
void
sql_rows_drop_last(struct sql_rows *rows)
{
	assert(rows->count >= rows->texts->columns);
	rows->count -= rows->texts->columns;
}

void
sql_rows_clear(struct sql_rows *rows)
{
	rows->count = 0;
	if (rows->bytes.capacity > ROWS_SPARE_BYTES)
		buf_done(&rows->bytes);
	else
		buf_clear(&rows->bytes);
}

void
sql_rows_done(struct sql_rows *rows)
{
	buf_done(&rows->bytes);
	free(rows->values);
	rows->values = NULL;
	rows->count = rows->capacity = 0;
}

/* ---- writing ---- */

static void
in_value(const struct sql_rows *rows, struct sql_statement *put,
	const struct sql_value *value)
{
	switch (value->type) {
	case VALUE_NULL:
		sql_in_bytes(put, NULL, 0);
		break;
	case VALUE_NUMBER:
		sql_in_number(put, value->number);
		break;
	case VALUE_TEXT:
		sql_in_text_of(
			put, rows->bytes.data + value->at, value->length);
		break;
	case VALUE_BYTES:
		sql_in_bytes(put, rows->bytes.data + value->at, value->length);
		break;
	}
}

static size_t
values_at_once(const struct sql_rows *rows, size_t left, const char **text)
{
	const struct sql_rows_texts *texts = rows->texts;

	if (left >= SQL_ROWS_MANY * texts->columns) {
		*text = texts->many;
		return SQL_ROWS_MANY * texts->columns;
	}
	if (left >= SQL_ROWS_FEW * texts->columns) {
		*text = texts->few;
		return SQL_ROWS_FEW * texts->columns;
	}
	*text = texts->one;
	return texts->columns;
}

static bool
write_upto(struct sql_rows *rows, size_t upto, struct sql *sql, struct err *err)
{
	bool good = true;
	size_t at = 0;

	while (good && at < upto) {
		const char *text;
		size_t end = at + values_at_once(rows, upto - at, &text);
		struct sql_statement *put = sql_use(sql, text);

		while (at < end)
			in_value(rows, put, &rows->values[at++]);
		good = sql_do(put, err);
	}
	return good;
}

bool
sql_rows_write(struct sql_rows *rows, struct sql *sql, struct err *err)
{
	bool good = write_upto(rows, rows->count, sql, err);

	sql_rows_clear(rows);
	return good;
}

/* The first value with bytes has the first of all that are left. */
static void
move_to_front(struct sql_rows *rows, size_t from)
{
	size_t gone = rows->bytes.length;

	rows->count -= from;
	memmove(rows->values, rows->values + from,
		rows->count * sizeof(*rows->values));
	for (size_t i = 0; i < rows->count; i++) {
		struct sql_value *value = &rows->values[i];

		if (value->type != VALUE_TEXT && value->type != VALUE_BYTES)
			continue;
		if (value->at < gone)
			gone = value->at;
		value->at -= gone;
	}
	buf_consume(&rows->bytes, gone);
}

bool
sql_rows_write_many(struct sql_rows *rows, struct sql *sql, struct err *err)
{
	size_t whole = rows->count -
		       rows->count % (SQL_ROWS_MANY * rows->texts->columns);

	if (whole == 0)
		return true;
	if (!write_upto(rows, whole, sql, err))
		return false;
	if (whole == rows->count)
		sql_rows_clear(rows);
	else
		move_to_front(rows, whole);
	return true;
}
