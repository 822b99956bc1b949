/* spool_file - one file that grows. */
#include "source/spool_file.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static void
set_generation(struct spool_file *file, const char *generation)
{
	memcpy(file->generation, generation, UUID_TEXT_BYTES);
	free(file->id_prefix);
	file->id_prefix =
		mem_printf("%s\n%s\n", file->source->name, file->generation);
}

/* By it a copy is known that was made before the file was truncated. */
static void
keep_former(struct spool_file *file)
{
	if (file->print.length == FINGERPRINT_LIMIT_BYTES)
		memcpy(file->former_sha256, file->print.sha256,
			sizeof(file->former_sha256));
}

/* Begins anew at the first byte. */
static void
begin(struct spool_file *file)
{
	char generation[UUID_TEXT_BYTES];

	uuid_random(generation);
	set_generation(file, generation);
	keep_former(file);
	fingerprint_init(&file->print);
	line_reader_init(&file->reader, file->reader.fd, 0, 0);
	file->kept = 0;
	file->unproven = false;
	file->partial = false;
	file->dry = false;
}

static struct spool_file *
make(struct source *source, const char *path)
{
	struct spool_file *file = mem_new(1, sizeof(*file));

	file->source = source;
	file->path = mem_strdup(path);
	file->name = mem_strdup(base_name(path));
	file->reader.fd = -1;
	file->watched = -1;
	return file;
}

struct spool_file *
spool_file_new(struct source *source, const char *path)
{
	struct spool_file *file = make(source, path);

	uuid_random(file->key);
	begin(file);
	return file;
}

struct spool_file *
spool_file_known(
	struct source *source, const char *key, const struct place *place)
{
	struct spool_file *file = make(source, place->path);

	memcpy(file->key, key, strnlen(key, sizeof(file->key) - 1));
	set_generation(file, place->generation);
	file->device = (dev_t)place->device;
	file->inode = (ino_t)place->inode;
	line_reader_init(&file->reader, -1, place->offset, place->line);
	/* Compared when it is opened. */
	file->print.length = place->head_length;
	memcpy(file->print.sha256, place->head_sha256,
		sizeof(file->print.sha256));
	memcpy(file->former_sha256, place->former_sha256,
		sizeof(file->former_sha256));
	file->kept = file->size = place->offset;
	file->has_place = true;
	file->placed_ms = place->at_ms;
	file->gone_ms = place->gone_ms;
	file->unproven = true;
	file->dry = true;
	return file;
}

void
spool_file_free(struct spool_file *file)
{
	if (file == NULL)
		return;
	spool_file_drop(file);
	assert(batch_queue_is_empty(&file->queue));
	if (file->reader.fd >= 0)
		close(file->reader.fd);
	free(file->path);
	free(file->name);
	free(file->id_prefix);
	free(file->trouble);
	free(file);
}

bool
spool_file_is_in(const struct spool_file *file, const char *folder)
{
	size_t length = strcmp(folder, "/") == 0 ? 0 : strlen(folder);

	return strncmp(file->path, folder, length) == 0 &&
	       strrchr(file->path, '/') == file->path + length;
}

bool
spool_file_is_open(const struct spool_file *file)
{
	return file->reader.fd >= 0;
}

/* Whether the open file still is the one that was read. */
static enum fingerprint_match
prove(struct spool_file *file, struct err *err)
{
	if (file->size < file->reader.offset)
		return FINGERPRINT_OTHER;
	if (!file->unproven)
		return fingerprint_check(&file->print, file->reader.fd, err);

	char sha256[SHA256_HEX_BYTES];

	memcpy(sha256, file->print.sha256, sizeof(sha256));
	return fingerprint_restore(
		&file->print, file->reader.fd, file->print.length, sha256, err);
}

bool
spool_file_open(struct spool_file *file, int fd, const struct stat *status,
	struct err *err)
{
	enum fingerprint_match match;

	assert(file->reader.fd < 0);
	file->reader.fd = fd;
	file->reader.scanned = 0;
	file->device = status->st_dev;
	file->inode = status->st_ino;
	file->changed = status->st_ctim;
	file->size = status->st_size;
	match = prove(file, err);
	if (match == FINGERPRINT_FAILED) {
		spool_file_rest(file);
		return err_prefix(err, "%s", file->name);
	}
	file->replaced_unseen = match == FINGERPRINT_OTHER && file->kept > 0;
	if (match == FINGERPRINT_OTHER)
		begin(file);
	file->unproven = false;
	file->dry = file->partial = false;
	return true;
}

void
spool_file_rest(struct spool_file *file)
{
	close(file->reader.fd);
	file->reader.fd = -1;
	file->dry = true;
}

/* The place behind what was read. */
static char *
place_now(const struct spool_file *file)
{
	int64_t now_ms = clock_wall_ms(file->source->host->clock);
	/* Where this run has read nothing of it, as it was. */
	int64_t at_ms =
		file->written_ms != 0 ? file->written_ms : file->placed_ms;
	struct place place = {
		.path = file->path,
		.device = (uint64_t)file->device,
		.inode = (uint64_t)file->inode,
		.offset = file->reader.offset,
		.line = file->reader.line,
		.head_length = file->print.length,
		/* Not now: behind, younger files wait that have no place. */
		.at_ms = at_ms < now_ms ? at_ms : now_ms,
		.gone_ms = file->gone_ms,
	};

	memcpy(place.generation, file->generation, sizeof(place.generation));
	memcpy(place.head_sha256, file->print.sha256,
		sizeof(place.head_sha256));
	memcpy(place.former_sha256, file->former_sha256,
		sizeof(place.former_sha256));
	return place_text(&place);
}

static void
queue_batch(struct spool_file *file, struct batch *batch)
{
	batch->receipt = file;
	batch->mark = file->reader.offset;
	batch->place_key = mem_strdup(file->key);
	batch_queue_put(&file->queue, batch);
}

static enum spool_file_result
read_batch(struct spool_file *file, enum spool_last last, struct batch *batch,
	struct err *err)
{
	struct line_reader before = file->reader;

	switch (line_reader_fill(&file->reader, file->size,
		last != SPOOL_LAST_WAITS, batch, err)) {
	case LINE_READER_FAILED:
		err_prefix(err, "%s", file->name);
		return SPOOL_FAILED;
	case LINE_READER_NOTHING:
		file->partial = file->reader.offset < file->size;
		file->dry = true;
		return SPOOL_DRY;
	case LINE_READER_WORKED:
		break;
	}
	if (last == SPOOL_LAST_WHOLE && batch->count == 1 &&
		batch->records[0].refused) {
		file->reader = before;
		return SPOOL_DRY;
	}
	if (!fingerprint_grow(
		    &file->print, file->reader.fd, file->reader.offset, err)) {
		err_prefix(err, "%s", file->name);
		file->reader = before;
		return SPOOL_FAILED;
	}
	return batch->count > 0 ? SPOOL_BATCH : SPOOL_WORKED;
}

/* Looks at the open file: its size, and whether it was truncated. */
static enum spool_file_result
look(struct spool_file *file, struct err *err)
{
	int64_t size_before = file->size;
	struct stat status;
	enum fingerprint_match match = FINGERPRINT_OTHER;

	if (fstat(file->reader.fd, &status) != 0) {
		err_errno(err, "%s", file->name);
		return SPOOL_FAILED;
	}
	file->size = status.st_size;
	file->changed = status.st_ctim;
	file->written_ms = (int64_t)status.st_mtim.tv_sec * 1000 +
			   status.st_mtim.tv_nsec / 1000000;
	if (file->size >= size_before)
		match = prove(file, err);
	if (match == FINGERPRINT_FAILED) {
		err_prefix(err, "%s", file->name);
		return SPOOL_FAILED;
	}
	if (match == FINGERPRINT_SAME)
		return SPOOL_WORKED;
	begin(file);
	err_set(err,
		"%s was truncated: answers that had not been read are lost "
		"(rotate by renaming, which is safe)",
		file->name);
	return SPOOL_TRUNCATED;
}

enum spool_file_result
spool_file_read(struct spool_file *file, enum spool_last last, struct err *err)
{
	struct batch *batch;
	enum spool_file_result result = look(file, err);

	if (result != SPOOL_WORKED)
		return result;
	batch = batch_new(file->source, file->name);
	result = read_batch(file, last, batch, err);
	if (result != SPOOL_BATCH) {
		batch_free(batch);
		return result;
	}
	batch->id_prefix = mem_strdup(file->id_prefix);
	batch->place = place_now(file);
	file->partial = false;
	queue_batch(file, batch);
	return SPOOL_BATCH;
}

void
spool_file_remove_place(struct spool_file *file)
{
	file->dead = true;
	queue_batch(file, batch_new(file->source, file->name));
}

void
spool_file_tell_gone(struct spool_file *file, int64_t gone_ms)
{
	struct batch *batch = batch_new(file->source, file->name);

	file->gone_ms = gone_ms;
	batch->id_prefix = mem_strdup(file->id_prefix);
	batch->place = place_now(file);
	queue_batch(file, batch);
}

struct spool_file *
spool_file_of(const struct batch *batch)
{
	return batch->receipt;
}

void
spool_file_settled(struct spool_file *file, struct batch *batch)
{
	if (!batch_queue_settled(&file->queue, batch))
		return;
	file->has_place = batch->place != NULL;
	/* Of this generation, not of one before a truncation. */
	if (text_same(batch->id_prefix, file->id_prefix))
		file->kept = batch->mark;
	batch_free(batch);
}

void
spool_file_drop(struct spool_file *file)
{
	batch_queue_drop(&file->queue);
}

int64_t
spool_file_behind(const struct spool_file *file)
{
	return file->size > file->kept ? file->size - file->kept : 0;
}
