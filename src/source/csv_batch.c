/* csv_batch - rows of a table as records of a batch. */
#include "source/csv_batch.h"

#include <stdio.h>
#include <string.h>

#include "source/line_reader.h"

static void
locate(const struct batch *batch, const struct record *record,
	struct rejection *why)
{
	if (record->raw_length > 0)
		csv_table_locate(batch->locator,
			batch->bytes.data + record->raw_offset,
			record->raw_length, why);
}

void
csv_batch_refuse(struct batch *batch, const char *data, size_t length,
	int64_t line, const struct rejection *why)
{
	struct record *record = batch_add(batch, data,
		length < LINE_READER_KEPT_BYTES ? length
						: LINE_READER_KEPT_BYTES);

	record->line = record->id_number = line;
	record->refused = true;
	record->reason = why->reason;
	record->rejection = *why;
	record->full_length = length;
}

static void
add_row(struct batch *batch, const struct csv_table *table, const char *data,
	const struct csv_row *row, int64_t line)
{
	struct buf *bytes = &batch->bytes;
	size_t raw = bytes->length, made;
	struct record *record;
	struct rejection why;

	buf_append(bytes, data, row->length);
	made = bytes->length;
	if (!csv_table_record(table, data, row, bytes, &why)) {
		bytes->length = raw;
		csv_batch_refuse(batch, data, row->length, line, &why);
		return;
	}
	record = batch_add_at(batch, made, bytes->length - made);
	record->raw_offset = raw;
	record->raw_length = row->length;
	record->line = record->id_number = line;
}

static void
refuse_fault(struct batch *batch, const char *data, const struct csv_row *row,
	int64_t line)
{
	struct rejection why = {.reason = REJECTED_CSV,
		.offset = row->fault_at,
		/* It may lie behind the line that is refused. */
		.offset_known = row->fault_at <= row->length};

	snprintf(why.text, sizeof(why.text), "%s", row->fault);
	csv_batch_refuse(batch, data, row->length, line, &why);
}

static void
refuse_long(struct batch *batch, const char *data, const struct csv_row *row,
	int64_t line)
{
	struct rejection why = {.reason = REJECTED_TOO_LONG};

	snprintf(why.text, sizeof(why.text),
		"the row has %zu bytes; the limit is %d", row->length,
		RESPONSE_LIMIT_BYTES);
	csv_batch_refuse(batch, data, row->length, line, &why);
}

enum csv_piece_end
csv_batch_fill(struct batch *batch, const struct csv_table *table,
	struct csv_row *row, const struct csv_piece *piece, size_t limit,
	size_t *used, int64_t *lines)
{
	char delimiter = csv_table_delimiter(table);

	*used = 0;
	*lines = 0;
	batch->locate = locate;
	batch->locator = table;
	while (*used < piece->length && batch->count < limit) {
		const char *data = piece->data + *used;
		int64_t line = piece->line + *lines + 1;
		enum csv_end end = csv_row_read(row, delimiter, data,
			piece->length - *used, piece->last,
			RESPONSE_LIMIT_BYTES);

		if (end == CSV_MORE)
			break;
		if (end == CSV_TOO_LONG && row->next == 0)
			return CSV_PIECE_LONG;
		if (end == CSV_TOO_LONG)
			refuse_long(batch, data, row, line);
		else if (end == CSV_FAULT)
			refuse_fault(batch, data, row, line);
		else if (!csv_row_is_blank(row))
			add_row(batch, table, data, row, line);
		*used += row->next;
		*lines += row->lines;
	}
	return CSV_PIECE_READ;
}
