/*
 * A table as it was dropped: each row gives a JSON object or a refusal that can
 * be drawn, reading always goes on, and in pieces it comes out as in one. The
 * first byte chooses the settings.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "nps/csv_table.h"
#include "source/csv_batch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
check_refused(const struct rejection *why, const char *bytes, size_t length)
{
	struct buf drawn = {0};

	must(why->text[0] != '\0');
	must(!why->offset_known || why->offset <= length);
	rejection_draw(why, bytes, length, 72, &drawn);
	must(drawn.length > 0);
	buf_done(&drawn);
}

static void
check_record(const struct batch *batch, const struct record *record)
{
	const char *bytes = batch->bytes.data + record->offset;
	struct rejection why = {.reason = REJECTED_SCORE, .pointer = "/score"};
	struct json_fault fault;
	json_t *value;

	if (record->refused) {
		check_refused(&record->rejection, bytes, record->length);
		return;
	}
	value = json_read(bytes, record->length, &fault);
	/* A NUL, and what is too many of something, its reader refuses. */
	must(json_is_object(value) ||
		memchr(batch->bytes.data + record->raw_offset, '\0',
			record->raw_length) != NULL);
	json_decref(value);
	batch->locate(batch, record, &why);
	must(!why.offset_known || why.offset <= record->raw_length);
}

/* Reads the rows in pieces of at most `piece` bytes; what came of them. */
static void
read_rows(const struct csv_table *table, const char *data, size_t length,
	size_t piece, struct buf *out)
{
	struct csv_row row = {0};
	size_t at = 0, grown = piece;

	while (at < length) {
		size_t left = length - at, take = grown < left ? grown : left;
		const struct csv_piece given = {
			data + at, take, take == left, 0};
		struct batch *batch = batch_new(NULL, "t");
		size_t used;
		int64_t lines;
		enum csv_piece_end end = csv_batch_fill(batch, table, &row,
			&given, SOURCE_BATCH_RECORDS, &used, &lines);

		must(used <= take && lines >= 0);
		for (size_t i = 0; i < batch->count; i++) {
			const struct record *record = &batch->records[i];

			check_record(batch, record);
			buf_append(out, batch->bytes.data + record->offset,
				record->length);
			buf_append_char(out, record->refused ? '!' : ';');
		}
		batch_free(batch);
		must(used > 0 || take < left || end == CSV_PIECE_LONG);
		if (end == CSV_PIECE_LONG)
			break;
		at += used;
		grown = used > 0 ? piece : grown * 2;
	}
	csv_row_done(&row);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char score[] = "score", one[] = "1", *names[] = {score},
		    *values[] = {one};
	int choice = size > 0 ? data[0] : 0;
	const char *bytes = (const char *)data + (size > 0);
	size_t length = size > 0 ? size - 1 : 0;
	struct csv_settings settings = {
		.delimiter = "\0,;\t"[choice & 3],
		.encoding = choice & 4 ? CSV_WINDOWS_1252 : CSV_UTF_8,
		.header = (choice & 8) == 0,
		.zone = zone_open("UTC", NULL),
	};
	struct csv_table *table = csv_table_new(&settings);
	struct rejection why;

	if (!settings.header)
		settings.columns = (struct setting_pairs){1, names, values};
	if (csv_table_start(table, bytes, length, true, &why) == CSV_STARTED) {
		struct buf whole = {0}, pieces = {0};
		int64_t lines;
		size_t head = csv_table_head(table, &lines);

		must(head <= length && lines >= 0);
		read_rows(table, bytes + head, length - head, length, &whole);
		read_rows(table, bytes + head, length - head,
			1 + (size_t)(choice >> 4), &pieces);
		must(whole.length == pieces.length &&
			(whole.length == 0 || memcmp(whole.data, pieces.data,
						      whole.length) == 0));
		buf_done(&whole);
		buf_done(&pieces);
	} else {
		check_refused(&why, bytes, length);
	}
	csv_table_free(table);
	zone_close(settings.zone);
	return 0;
}
