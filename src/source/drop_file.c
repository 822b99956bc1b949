/* drop_file - one dropped file, from the first byte to the move. */
#include "source/drop_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "source/drop_move.h"
#include "source/fingerprint.h"

enum { HASH_STEP_BYTES = 256 * 1024 };

static bool
ends_with(const char *name, const char *ending)
{
	size_t length = strlen(name), end = strlen(ending);

	return length > end && strcmp(name + length - end, ending) == 0;
}

bool
drop_file_wants(const char *name)
{
	return name[0] != '.' &&
	       (ends_with(name, ".json") || ends_with(name, ".jsonl") ||
		       ends_with(name, ".csv"));
}

static enum drop_form
form_of(const char *name)
{
	if (ends_with(name, ".csv"))
		return DROP_CSV;
	return ends_with(name, ".json") ? DROP_JSON : DROP_LINES;
}

struct drop_file *
drop_file_new(struct source *source, const struct csv_settings *csv,
	const char *name, int fd, const struct stat *status, const char *key,
	const struct drop_place *former)
{
	struct drop_file *file = mem_new(1, sizeof(*file));

	file->source = source;
	file->key = mem_strdup(key);
	file->fd = fd;
	file->form = form_of(name);
	file->csv = csv;
	file->place.name = mem_strdup(name);
	drop_place_set_file(&file->place, status);
	file->digest = digest_new();
	if (former != NULL) {
		file->former = *former;
		file->former.name = mem_strdup(former->name);
	}
	if (former != NULL && former->finished) {
		/* Whether it was good is not known: its records are. */
		file->good = true;
		file->state = DROP_READ;
		close(file->fd);
		file->fd = -1;
	}
	return file;
}

void
drop_file_free(struct drop_file *file)
{
	uint8_t unused[SHA256_BYTES];

	if (file == NULL)
		return;
	batch_queue_drop(&file->queue);
	assert(batch_queue_is_empty(&file->queue));
	if (file->fd >= 0)
		close(file->fd);
	if (file->digest != NULL)
		digest_end(file->digest, unused);
	json_decref(file->array);
	csv_reader_done(&file->table);
	drop_place_done(&file->place);
	drop_place_done(&file->former);
	free(file->id_prefix);
	free(file->key);
	free(file);
}

/* ---- reading ---- */

static void
queue_batch(struct drop_file *file, struct batch *batch, bool is_last)
{
	file->place.finished = is_last;
	file->place.good = file->good;
	file->records += batch->count;
	for (size_t i = 0; i < batch->count; i++)
		batch->records[i].id_number = batch->records[i].line;
	batch->receipt = file;
	batch->id_prefix = mem_strdup(file->id_prefix);
	batch->place_key = mem_strdup(file->key);
	batch->place = drop_place_text(&file->place);
	batch_queue_put(&file->queue, batch);
	if (!is_last)
		return;
	file->state = DROP_READ;
	close(file->fd);
	file->fd = -1;
}

static bool
is_too_big(const struct drop_file *file)
{
	return file->place.size > (file->form == DROP_JSON
						  ? DROP_JSON_LIMIT_BYTES
						  : DROP_LINES_LIMIT_BYTES);
}

static enum drop_result
fail(const struct drop_file *file, struct err *err)
{
	err_errno(err, "cannot read %s", file->place.name);
	return DROP_FAILED;
}

static enum drop_result
changed(const struct drop_file *file, struct err *err)
{
	err_set(err, "%s changed while it was read", file->place.name);
	return DROP_FAILED;
}

static void
start_reading(struct drop_file *file)
{
	uint8_t sha256[SHA256_BYTES];
	bool resumes;

	digest_end(file->digest, sha256);
	file->digest = NULL;
	digest_hex(sha256, sizeof(sha256), file->place.sha256);
	file->id_prefix = mem_printf("%s\n", file->place.sha256);
	resumes = file->former.name != NULL &&
		  strcmp(file->former.sha256, file->place.sha256) == 0;
	if (resumes) {
		file->place.offset = file->former.offset;
		file->place.line = file->former.line;
		file->good = file->former.good;
	}
	if (file->form == DROP_CSV)
		csv_reader_init(&file->table, file->csv, file->fd,
			file->place.offset, file->place.line);
	else
		line_reader_init(&file->reader, file->fd, file->place.offset,
			file->place.line);
	file->state = DROP_READING;
}

static enum drop_result
hash_on(struct drop_file *file, struct err *err)
{
	size_t step = HASH_STEP_BYTES;
	char *bytes;
	int64_t got;

	if (file->place.size - file->hashed < (int64_t)step)
		step = (size_t)(file->place.size - file->hashed);
	bytes = mem_grow(NULL, step + 1, 1);
	got = read_at(file->fd, bytes, step, file->hashed);
	if (got > 0)
		digest_add(file->digest, bytes, (size_t)got);
	free(bytes);
	if (got < 0)
		return fail(file, err);
	if ((size_t)got < step)
		return changed(file, err);
	file->hashed += got;
	if (file->hashed == file->place.size)
		start_reading(file);
	return DROP_WORKED;
}

/* One record stands for the whole file, by its start. */
static enum drop_result
refuse_big(struct drop_file *file, struct err *err)
{
	struct batch *batch;
	struct record *record;
	int64_t got;

	start_reading(file); /* the digest of nothing: no id is made of it */
	batch = batch_new(file->source, file->place.name);
	buf_reserve(&batch->bytes, LINE_READER_KEPT_BYTES);
	got = read_at(file->fd, batch->bytes.data, LINE_READER_KEPT_BYTES, 0);
	if (got < 0) {
		batch_free(batch);
		return fail(file, err);
	}
	batch->bytes.length = (size_t)got;
	record = batch_add_at(batch, 0, (size_t)got);
	record->line = 1;
	record->refused = true;
	record->reason = REJECTED_TOO_LONG;
	record->full_length = (size_t)file->place.size;
	queue_batch(file, batch, true);
	return DROP_BATCH;
}

static enum drop_result
read_lines(struct drop_file *file, struct err *err)
{
	struct batch *batch = batch_new(file->source, file->place.name);
	int64_t size = file->place.size;
	bool is_csv = file->form == DROP_CSV;
	const struct line_reader *reader =
		is_csv ? &file->table.lines : &file->reader;
	enum line_reader_result result =
		is_csv ? csv_reader_fill(&file->table, size, batch, err)
		       : line_reader_fill(
				 &file->reader, size, true, batch, err);
	bool is_last = reader->offset >= size;

	if (result == LINE_READER_FAILED) {
		batch_free(batch);
		err_prefix(err, "%s", file->place.name);
		return DROP_FAILED;
	}
	if (result == LINE_READER_NOTHING && !is_last) {
		batch_free(batch);
		return changed(file, err);
	}
	if (batch->count == 0 && !is_last) {
		batch_free(batch);
		return DROP_WORKED;
	}
	file->place.offset = reader->offset;
	file->place.line = reader->line;
	queue_batch(file, batch, is_last);
	return DROP_BATCH;
}

/* The next elements of the array. */
static enum drop_result
read_elements(struct drop_file *file)
{
	struct batch *batch = batch_new(file->source, file->place.name);
	size_t size = json_array_size(file->array);
	size_t at = (size_t)file->place.offset;

	while (at < size && batch->count < SOURCE_BATCH_RECORDS) {
		struct record *record = batch_add_value(
			batch, json_incref(json_array_get(file->array, at)));

		record->line = (int64_t)++at;
	}
	file->place.offset = file->place.line = (int64_t)at;
	queue_batch(file, batch, at >= size);
	return DROP_BATCH;
}

/* The whole of a .json: an array gives its elements, all else is one record. */
static enum drop_result
read_json(struct drop_file *file, struct err *err)
{
	struct batch *batch = batch_new(file->source, file->place.name);
	struct buf *bytes = &batch->bytes;
	struct json_fault fault;
	struct text text;
	int64_t got;

	buf_reserve(bytes, (size_t)file->place.size);
	got = read_at(file->fd, bytes->data, (size_t)file->place.size, 0);
	if (got != file->place.size) {
		batch_free(batch);
		return got < 0 ? fail(file, err) : changed(file, err);
	}
	bytes->length = (size_t)got;
	text = text_trim((struct text){bytes->data, bytes->length});
	if (text.length >= 3 && memcmp(text.data, "\xEF\xBB\xBF", 3) == 0)
		text = text_trim((struct text){text.data + 3, text.length - 3});
	if (text.length > 0 && text.data[0] == '[') {
		file->array = json_read(text.data, text.length, &fault);
		if (file->array != NULL) {
			batch_free(batch);
			return DROP_WORKED;
		}
	}
	batch_add_at(batch, (size_t)(text.data - bytes->data), text.length)
		->line = 1;
	file->place.offset = file->place.line = 1;
	queue_batch(file, batch, true);
	return DROP_BATCH;
}

enum drop_result
drop_file_step(struct drop_file *file, struct err *err)
{
	if (file->state == DROP_HASHING)
		return is_too_big(file) ? refuse_big(file, err)
					: hash_on(file, err);
	assert(file->state == DROP_READING);
	if (file->form != DROP_JSON)
		return read_lines(file, err);
	return file->array != NULL ? read_elements(file) : read_json(file, err);
}

/* ---- the end ---- */

bool
drop_file_is_kept(const struct drop_file *file)
{
	return file->state == DROP_READ && !file->abandoned &&
	       batch_queue_is_empty(&file->queue);
}

bool
drop_file_move(struct drop_file *file, int folder, struct err *err)
{
	struct stat status;
	const char *name = file->place.name;

	if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT || err_errno(err, "%s", name);
	if (!drop_place_is_file(&file->place, &status))
		return true;
	return drop_move(folder, name,
		file->good || file->records == 0 ? "done" : "rejected", err);
}

struct drop_file *
drop_file_of(const struct batch *batch)
{
	return batch->receipt;
}

/* Whether somebody who looks at it would say that it was an answer. */
static bool
is_good(const struct record *record)
{
	if (!record->settled_rejected)
		return true;
	switch (record->rejection.reason) {
	case REJECTED_JSON:
	case REJECTED_NOT_OBJECT:
	case REJECTED_TOO_LONG:
	case REJECTED_ENCODING:
	case REJECTED_INCOMPLETE:
	case REJECTED_CSV:
		return false;
	case REJECTED_SCORE:
	case REJECTED_TIME:
	case REJECTED_FIELD:
	case REJECTED_CONFLICT:
	case REJECTED_STORE:
	case REJECTED_FORM:
	case REJECTED_MAP:
		break;
	}
	return true;
}

void
drop_file_settled(struct drop_file *file, struct batch *batch)
{
	if (!batch_queue_settled(&file->queue, batch))
		return;
	for (size_t i = 0; i < batch->count; i++)
		file->good |= is_good(&batch->records[i]);
	batch_free(batch);
}

void
drop_file_abandon(struct drop_file *file)
{
	const struct batch_queue *queue = &file->queue;

	file->abandoned |= queue->failed || queue->count > queue->offered;
	batch_queue_drop(&file->queue);
}

size_t
drop_file_weight(const struct drop_file *file)
{
	size_t most = BATCH_QUEUE_LIMIT * SOURCE_BATCH_BYTES;
	size_t size = (size_t)file->place.size;

	/* A tree takes many times its text; of a row there is the row, and the
	 * record that is made of it. */
	if (file->form == DROP_JSON)
		return size * 16;
	if (file->form == DROP_CSV)
		size *= 3;
	return size < most ? size : most;
}
