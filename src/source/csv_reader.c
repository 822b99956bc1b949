/* csv_reader - records out of a file that is a table. */
#include "source/csv_reader.h"

#include "source/fingerprint.h"

/* Room for some whole rows with all that may stand before them. */
enum { CHUNK_BYTES = 4 * RESPONSE_LIMIT_BYTES };

void
csv_reader_init(struct csv_reader *reader, const struct csv_settings *settings,
	int fd, int64_t offset, int64_t line)
{
	*reader = (struct csv_reader){.table = csv_table_new(settings)};
	line_reader_init(&reader->lines, fd, offset, line);
}

void
csv_reader_done(struct csv_reader *reader)
{
	csv_table_free(reader->table);
	reader->table = NULL;
	csv_row_done(&reader->row);
	buf_done(&reader->chunk);
}

/* The bytes at offset. */
static bool
read_chunk(
	struct csv_reader *reader, int64_t offset, int64_t end, struct err *err)
{
	size_t size = end - offset < CHUNK_BYTES ? (size_t)(end - offset)
						 : CHUNK_BYTES;
	int64_t got;

	buf_clear(&reader->chunk);
	buf_reserve(&reader->chunk, size);
	got = read_at(reader->lines.fd, reader->chunk.data, size, offset);
	if (got < 0)
		return err_errno(err, "cannot read");
	reader->chunk.length = (size_t)got;
	return true;
}

/* Reads the header; what an earlier run has read is passed then. */
static enum line_reader_result
start(struct csv_reader *reader, int64_t end, struct batch *batch,
	struct err *err)
{
	struct rejection why;
	int64_t lines, head;

	if (!read_chunk(reader, 0, end, err))
		return LINE_READER_FAILED;
	if ((int64_t)reader->chunk.length < end &&
		reader->chunk.length < CHUNK_BYTES)
		return LINE_READER_NOTHING; /* it got shorter */
	if (csv_table_start(reader->table, reader->chunk.data,
		    reader->chunk.length, (int64_t)reader->chunk.length == end,
		    &why) != CSV_STARTED) {
		csv_batch_refuse(batch, reader->chunk.data,
			csv_line_length(
				reader->chunk.data, reader->chunk.length),
			1, &why);
		reader->lines.offset = end;
		return LINE_READER_WORKED;
	}
	head = (int64_t)csv_table_head(reader->table, &lines);
	if (reader->lines.offset < head) {
		reader->lines.offset = head;
		reader->lines.line = lines;
	}
	reader->started = true;
	return LINE_READER_WORKED;
}

enum line_reader_result
csv_reader_fill(struct csv_reader *reader, int64_t end, struct batch *batch,
	struct err *err)
{
	struct line_reader *at = &reader->lines;
	size_t used;
	int64_t lines;

	if (at->offset >= end)
		return LINE_READER_NOTHING;
	if (!reader->started)
		return start(reader, end, batch, err);
	if (at->scanned > 0)
		return line_reader_fill(at, end, true, batch, err);
	if (!read_chunk(reader, at->offset, end, err))
		return LINE_READER_FAILED;

	const struct csv_piece piece = {reader->chunk.data,
		reader->chunk.length,
		at->offset + (int64_t)reader->chunk.length >= end, at->line};
	enum csv_piece_end result = csv_batch_fill(batch, reader->table,
		&reader->row, &piece, SOURCE_BATCH_RECORDS, &used, &lines);

	at->offset += (int64_t)used;
	at->line += lines;
	if (used > 0)
		return LINE_READER_WORKED;
	if (result != CSV_PIECE_LONG)
		return LINE_READER_NOTHING;
	at->scanned = at->offset + (int64_t)piece.length;
	return LINE_READER_WORKED;
}
