/* line_reader - records out of a file of lines. */
#include "source/line_reader.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/memory.h"
#include "source/fingerprint.h"
#include "source/line_cutter.h"

enum {
	/* Room for a whole record with all that may lie around it. */
	READ_LEAST_BYTES = RESPONSE_LIMIT_BYTES + 64,
	SCAN_CHUNK_BYTES = 256 * 1024,
};

void
line_reader_init(
	struct line_reader *reader, int fd, int64_t offset, int64_t line)
{
	*reader =
		(struct line_reader){.fd = fd, .offset = offset, .line = line};
}

/* How much to read so that little of it is read again. */
static size_t
choose_size(const struct line_reader *reader, int64_t end)
{
	size_t size = reader->hint;

	if (size < READ_LEAST_BYTES)
		size = READ_LEAST_BYTES;
	if (size > SOURCE_BATCH_BYTES)
		size = SOURCE_BATCH_BYTES;
	return end - reader->offset < (int64_t)size
		       ? (size_t)(end - reader->offset)
		       : size;
}

static void
add_line(const struct line_reader *reader, struct batch *batch,
	enum line_kind kind, const struct line *line)
{
	size_t length = line->length;
	struct record *record;

	if (kind == LINE_TOO_LONG && length > LINE_READER_KEPT_BYTES)
		length = LINE_READER_KEPT_BYTES;
	record = batch_add_at(batch, line->start, length);
	record->line = line->number;
	record->id_number = reader->offset + (int64_t)line->start;
	if (kind != LINE_TOO_LONG)
		return;
	record->refused = true;
	record->reason = REJECTED_TOO_LONG;
	record->full_length = line->length;
}

/* Moves on behind what was cut, and learns from it how much to read next. */
static void
advance(struct line_reader *reader, const struct line_cutter *cutter,
	struct batch *batch)
{
	if (batch->count == SOURCE_BATCH_RECORDS)
		reader->hint = cutter->at + cutter->at / 8;
	else if (cutter->length >= READ_LEAST_BYTES)
		reader->hint = cutter->length * 2;
	reader->offset += (int64_t)cutter->at;
	reader->line = cutter->number;
	batch->bytes.length = cutter->at;
}

/* A last line without its end: good if it is a whole JSON object. */
static void
add_last(struct line_reader *reader, struct line_cutter *cutter,
	struct batch *batch)
{
	struct line line;
	enum line_kind kind = line_cutter_last(cutter, &line);

	if (kind != LINE_NONE)
		add_line(reader, batch, kind, &line);
	if (kind == LINE_WHOLE) {
		struct record *record = &batch->records[batch->count - 1];
		struct json_fault fault;
		json_t *value = json_read(
			cutter->data + line.start, line.length, &fault);

		record->refused = !json_is_object(value);
		record->reason = REJECTED_INCOMPLETE;
		record->full_length = line.length;
		json_decref(value);
	}
	reader->offset += (int64_t)cutter->at;
	reader->line = cutter->number;
	batch->bytes.length = cutter->at;
}

/* Books the line at offset, which ends at `end`; `next` begins the one behind
 * it. */
static enum line_reader_result
book_long(struct line_reader *reader, int64_t end, int64_t next,
	struct batch *batch, struct err *err)
{
	struct record *record;
	int64_t got;

	buf_reserve(&batch->bytes, LINE_READER_KEPT_BYTES);
	got = read_at(reader->fd, batch->bytes.data, LINE_READER_KEPT_BYTES,
		reader->offset);
	if (got < 0) {
		err_errno(err, "cannot read");
		return LINE_READER_FAILED;
	}
	batch->bytes.length = (size_t)got;
	record = batch_add_at(batch, 0, (size_t)got);
	record->refused = true;
	record->reason = REJECTED_TOO_LONG;
	record->full_length = (size_t)(end - reader->offset);
	record->line = ++reader->line;
	record->id_number = reader->offset;
	reader->offset = next;
	reader->scanned = 0;
	return LINE_READER_WORKED;
}

/* Where data begins at or behind `at`: a hole has no line's end in it. */
static int64_t
skip_hole(int fd, int64_t at, int64_t end)
{
	int64_t data = lseek(fd, at, SEEK_DATA);

	if (data < 0)
		return errno == ENXIO ? end : at;
	return data < end ? data : end;
}

/* Searches for the end of the line from `scanned` on, for a while. 1: found
 * (scanned is where), 0: not yet, -1: failed. */
static int
search_end(struct line_reader *reader, int64_t end, struct err *err)
{
	char *chunk = mem_grow(NULL, SCAN_CHUNK_BYTES, 1);
	int64_t budget = LINE_READER_SCAN_BYTES;
	int found = 0;

	while (found == 0 && budget > 0 && reader->scanned < end) {
		int64_t got;
		const char *at;

		reader->scanned = skip_hole(reader->fd, reader->scanned, end);
		got = read_at(
			reader->fd, chunk, SCAN_CHUNK_BYTES, reader->scanned);
		budget -= SCAN_CHUNK_BYTES;
		if (got <= 0) {
			found = got < 0 ? -1 : 0;
			break;
		}
		at = memchr(chunk, '\n', (size_t)got);
		reader->scanned += at != NULL ? at - chunk : got;
		found = at != NULL;
	}
	if (found < 0)
		err_errno(err, "cannot read");
	free(chunk);
	return found;
}

static enum line_reader_result
pass_long(struct line_reader *reader, int64_t end, bool last,
	struct batch *batch, struct err *err)
{
	int found = search_end(reader, end, err);

	if (found < 0)
		return LINE_READER_FAILED;
	if (found > 0)
		return book_long(reader, reader->scanned, reader->scanned + 1,
			batch, err);
	if (reader->scanned < end)
		return LINE_READER_WORKED;
	if (last)
		return book_long(
			reader, reader->scanned, reader->scanned, batch, err);
	return LINE_READER_NOTHING;
}

enum line_reader_result
line_reader_fill(struct line_reader *reader, int64_t end, bool last,
	struct batch *batch, struct err *err)
{
	size_t size;
	int64_t got;
	struct line_cutter cutter;
	struct line line;
	enum line_kind kind;

	if (reader->offset >= end)
		return LINE_READER_NOTHING;
	if (reader->scanned > 0)
		return pass_long(reader, end, last, batch, err);
	size = choose_size(reader, end);
	buf_reserve(&batch->bytes, size);
	got = read_at(reader->fd, batch->bytes.data, size, reader->offset);
	if (got < 0) {
		err_errno(err, "cannot read");
		return LINE_READER_FAILED;
	}
	line_cutter_init(&cutter, batch->bytes.data, (size_t)got,
		RESPONSE_LIMIT_BYTES, reader->offset == 0, reader->line);
	while (batch->count < SOURCE_BATCH_RECORDS &&
		(kind = line_cutter_next(&cutter, &line)) != LINE_NONE)
		add_line(reader, batch, kind, &line);
	if (cutter.number > reader->line) {
		advance(reader, &cutter, batch);
		return LINE_READER_WORKED;
	}
	/* No line's end in it, though a whole record has room: too long. */
	if ((size_t)got - cutter.at > RESPONSE_LIMIT_BYTES + 1) {
		reader->scanned = reader->offset + got;
		return LINE_READER_WORKED;
	}
	if (!last || reader->offset + got < end)
		return LINE_READER_NOTHING;
	add_last(reader, &cutter, batch);
	return LINE_READER_WORKED;
}
