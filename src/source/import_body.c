/* import_body - the next bytes of a file, as records. */
#include "source/import_body.h"

#include <stdio.h>
#include <string.h>

#include "source/csv_batch.h"
#include "source/line_cutter.h"
#include "source/line_reader.h"

/* Behind the end of a record whose start was refused. False: it is not here. */
static bool
pass_refused(struct import_body *body)
{
	const char *data = body->data + body->head;
	size_t length = body->length - body->head;
	const char *end = memchr(data, '\n', length);

	body->used = end != NULL ? (size_t)(end - data) + 1 : length;
	body->next_skip = end == NULL && !body->last;
	return end != NULL;
}

static void
refuse_long(struct import_body *body, struct batch *batch, const char *data,
	size_t length)
{
	struct rejection why = {.reason = REJECTED_TOO_LONG};

	snprintf(why.text, sizeof(why.text),
		"the record has more than %d bytes", RESPONSE_LIMIT_BYTES);
	body->lines++;
	csv_batch_refuse(batch, data, length, body->line + body->lines, &why);
	body->used = body->length - body->head;
	body->next_skip = !body->last;
}

/* ---- lines of JSON ---- */

static void
add_line(const struct import_body *body, struct batch *batch, const char *data,
	enum line_kind kind, const struct line *line)
{
	size_t length = line->length;
	struct record *record;

	if (kind == LINE_TOO_LONG && length > LINE_READER_KEPT_BYTES)
		length = LINE_READER_KEPT_BYTES;
	record = batch_add(batch, data + line->start, length);
	record->line = record->id_number = body->line + line->number;
	record->refused = kind == LINE_TOO_LONG;
	record->reason = REJECTED_TOO_LONG;
	record->full_length = line->length;
}

static void
read_lines(struct import_body *body, struct batch *batch)
{
	size_t start = body->used;
	const char *data = body->data + start;
	size_t length = body->length - start;
	struct line_cutter cutter;
	struct line line;
	enum line_kind kind = LINE_NONE;

	line_cutter_init(&cutter, data, length, RESPONSE_LIMIT_BYTES,
		body->line == 0 && !body->skip, 0);
	while (batch->count < IMPORT_RECORDS_LIMIT &&
		(kind = line_cutter_next(&cutter, &line)) != LINE_NONE)
		add_line(body, batch, data, kind, &line);
	if (kind == LINE_NONE && body->last &&
		(kind = line_cutter_last(&cutter, &line)) != LINE_NONE)
		add_line(body, batch, data, kind, &line);
	body->used = start + cutter.at;
	body->lines = cutter.number;
	if (batch->count < IMPORT_RECORDS_LIMIT &&
		length - cutter.at > RESPONSE_LIMIT_BYTES + 1)
		refuse_long(body, batch, data + cutter.at, length - cutter.at);
}

/* ---- tables ---- */

/* False: it did not start. */
static bool
start_table(struct import_body *body, struct batch *batch)
{
	struct csv_table *table = body->table;
	bool known = body->head > 0;
	size_t length = known ? body->head : body->length;
	struct rejection why;
	int64_t lines;

	switch (csv_table_start(
		table, body->data, length, known || body->last, &why)) {
	case CSV_STARTED:
		break;
	case CSV_START_MORE:
		return false;
	case CSV_START_REFUSED:
		csv_batch_refuse(batch, body->data,
			csv_line_length(body->data, body->length), 1, &why);
		body->used = body->length;
		body->ended = true;
		return false;
	}
	body->delimiter = csv_table_delimiter(table);
	body->next_head = body->head;
	if (body->started)
		return true;
	body->next_head = csv_table_head(table, &lines);
	body->used = body->next_head;
	body->lines = lines;
	return true;
}

static void
read_rows(struct import_body *body, struct batch *batch)
{
	size_t start = body->head + body->used;
	const struct csv_piece piece = {body->data + start,
		body->length - start, body->last, body->line + body->lines};
	struct csv_row row = {0};
	size_t used;
	int64_t lines;
	enum csv_piece_end end = csv_batch_fill(batch, body->table, &row,
		&piece, IMPORT_RECORDS_LIMIT, &used, &lines);

	body->used += used;
	body->lines += lines;
	if (end == CSV_PIECE_LONG)
		refuse_long(
			body, batch, piece.data + used, piece.length - used);
	csv_row_done(&row);
}

static void
read_table(struct import_body *body, struct batch *batch)
{
	body->table = csv_table_new(body->csv);
	if (start_table(body, batch) && (!body->skip || pass_refused(body)))
		read_rows(body, batch);
}

void
import_body_done(struct import_body *body)
{
	csv_table_free(body->table);
	body->table = NULL;
}

void
import_body_read(struct import_body *body, struct batch *batch)
{
	if (body->csv != NULL)
		read_table(body, batch);
	else if (!body->skip || pass_refused(body))
		read_lines(body, batch);
}
