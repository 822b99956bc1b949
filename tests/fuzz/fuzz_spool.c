/*
 * A spool through its life, as a script of bytes: lines and halves of lines are
 * appended, the file is rotated, truncated, looked at, the daemon stopped or
 * killed. At the end each whole line was read exactly once, or a possible loss
 * was told since it was written.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "source/spool_list.h"
#include "source/spool_look.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OPS_LIMIT = 120, LINES_LIMIT = 1000, FILES_LIMIT = 64 };
enum { QUIET_MS = 1000, OP_MS = 10 * 1000 };

/* A line that was written; numbers are their places. */
struct told_line {
	int reads;
	bool whole;
	bool excused; /* it may be lost: that was told */
	bool gone;    /* it was in a file when that was truncated */
};

struct world {
	struct clock_set clock;
	struct source_settings settings;
	struct source_host host;
	struct source source;
	struct loop *loop;
	struct folder_watch *watch;
	struct spool_list list;
	json_t *places;
	char folder[64];
	struct told_line lines[LINES_LIMIT];
	int count;
	bool half; /* the last one waits for its end */
	int first; /* line of the file that is being written */
	/* Its bytes at the last look; of them, those that a place tells of. */
	int64_t sized, placed;
	int home;
	int rotations;
};

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* ---- the daemon ---- */

static void
on_event(void *context, enum folder_event event, const char *folder,
	const char *name)
{
	(void)context;
	(void)event;
	(void)folder;
	(void)name;
}

static void
start(struct world *world)
{
	const char *key;
	json_t *place;
	char *path = mem_printf("%s/r", world->folder);

	world->watch = folder_watch_new(world->loop, on_event, world);
	spool_list_init(&world->list, &world->source, world->watch, path);
	world->list.quiet_ms = QUIET_MS;
	world->list.forget_ms = INT64_C(1000) * OP_MS;
	json_object_foreach(world->places, key, place)
		spool_list_know(&world->list, key, json_string_value(place));
	free(path);
}

static void
stop(struct world *world)
{
	for (size_t i = 0; i < world->list.count; i++)
		spool_file_drop(world->list.files[i]);
	spool_list_done(&world->list);
	folder_watch_free(world->watch);
}

/* What was truncated before it was read is excused. */
static void
excuse(struct world *world)
{
	for (int i = 0; i < world->count; i++)
		world->lines[i].excused |= world->lines[i].gone;
}

/* The commit: the records and the place together. */
static void
settle(struct world *world, struct spool_file *file)
{
	while (!batch_queue_is_empty(&file->queue)) {
		struct batch *batch = file->queue.batches[0];

		for (size_t i = 0; i < batch->count; i++) {
			const struct record *record = &batch->records[i];
			char *text =
				mem_copy(batch->bytes.data + record->offset,
					record->length);
			int number;

			if (!record->refused &&
				sscanf(text, "{\"n\":%d", &number) == 1)
				world->lines[number].reads++;
			free(text);
		}
		if (batch->place != NULL)
			json_object_set_new(world->places, batch->place_key,
				json_string(batch->place));
		else
			json_object_del(world->places, batch->place_key);
		file->queue.offered = 1;
		batch->kept = true;
		spool_file_settled(file, batch);
	}
}

static void
note_size(struct world *world)
{
	struct stat status;

	if (stat("r", &status) != 0)
		return;
	world->sized = status.st_size;
	if (!world->half || world->count - world->first > 1)
		world->placed = status.st_size;
}

/* Looks, and reads all there is; killed: the last batch was not kept. */
static void
look(struct world *world, bool killed)
{
	struct err err;

	if (!spool_look(&world->list, &err) || world->list.losses > 0)
		excuse(world);
	world->list.losses = 0;
	for (size_t i = 0; i < world->list.count; i++) {
		struct spool_file *file = world->list.files[i];
		enum spool_file_result result = SPOOL_WORKED;

		while (spool_file_is_open(file) && result != SPOOL_DRY) {
			result = spool_file_read(file, SPOOL_LAST_WAITS, &err);
			must(result != SPOOL_FAILED);
			if (result == SPOOL_TRUNCATED)
				excuse(world);
			if (killed && result == SPOOL_BATCH)
				return;
			settle(world, file);
		}
	}
	note_size(world);
	spool_list_leave(&world->list);
	for (size_t i = 0; i < world->list.count; i++)
		settle(world, world->list.files[i]);
}

/* ---- who writes ---- */

static void
write_to_spool(struct world *world, const char *text)
{
	int fd = open("r", O_WRONLY | O_CREAT | O_APPEND, 0600);
	struct timespec times[2];

	must(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	times[0].tv_sec = times[1].tv_sec = world->clock.wall_ms / 1000;
	times[0].tv_nsec = times[1].tv_nsec = 0;
	must(futimens(fd, times) == 0);
	close(fd);
}

static void
append(struct world *world, bool whole)
{
	char text[64];

	if (world->half) {
		world->half = false;
		world->lines[world->count - 1].whole = true;
		write_to_spool(world, "}\n");
		return;
	}
	if (world->count == LINES_LIMIT)
		return;
	snprintf(text, sizeof(text), "{\"n\":%d,\"score\":9%s", world->count,
		whole ? "}\n" : "");
	world->lines[world->count++].whole = whole;
	world->half = !whole;
	write_to_spool(world, text);
}

/* A half line stays one. */
static void
rotate(struct world *world)
{
	char to[32], from[32];

	if (access("r", F_OK) != 0)
		return;
	for (int i = world->rotations++; i > 0; i--) {
		snprintf(from, sizeof(from), "r.%d", i);
		snprintf(to, sizeof(to), "r.%d", i + 1);
		must(rename(from, to) == 0);
	}
	must(rename("r", "r.1") == 0);
	world->half = false;
	world->first = world->count;
	world->sized = world->placed = 0;
}

static void
empty(struct world *world)
{
	struct stat status;

	if (stat("r", &status) != 0 || status.st_size == 0 ||
		truncate("r", 0) != 0)
		return;
	for (int i = world->first; i < world->count; i++) {
		world->lines[i].gone = true;
		/* Nobody had ever seen a byte of it. */
		world->lines[i].excused |= world->sized == 0;
	}
	world->first = world->count;
	world->half = false;
}

/* ---- the script ---- */

static void
play(struct world *world, int op, int argument)
{
	switch (op) {
	case 0:
	case 1:
		for (int i = 0; i <= argument % 4; i++)
			append(world, true);
		break;
	case 2:
		append(world, argument % 2 == 1);
		break;
	case 3:
		if (world->rotations < FILES_LIMIT)
			rotate(world);
		break;
	case 4:
		empty(world);
		break;
	case 5:
	case 6:
		if (op == 6)
			look(world, true);
		stop(world);
		start(world);
		world->sized = world->placed;
		/* What no place tells of is forgotten. */
		if (world->placed == 0)
			excuse(world);
		break;
	default:
		look(world, false);
	}
	clock_set_advance(&world->clock, OP_MS);
}

static void
begin(struct world *world)
{
	const char *folder = getenv("TMPDIR");

	snprintf(world->folder, sizeof(world->folder), "%s/npsd-fuzz-XXXXXX",
		folder != NULL && strlen(folder) < 40 ? folder : "/tmp");
	world->home = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(mkdtemp(world->folder) != NULL && chdir(world->folder) == 0);
	clock_set_init(&world->clock, INT64_C(1795255200000));
	world->host.clock = &world->clock.clock;
	world->source = (struct source){
		&source_file, "fuzz", &world->settings, &world->host};
	world->loop = loop_new(NULL);
	world->places = json_object();
	start(world);
	/* One that is read first: then what rotates is no history. */
	append(world, true);
	look(world, false);
}

static void
clean(struct world *world)
{
	char name[32];

	stop(world);
	json_decref(world->places);
	loop_free(world->loop);
	unlink("r");
	for (int i = 1; i <= world->rotations; i++) {
		snprintf(name, sizeof(name), "r.%d", i);
		unlink(name);
	}
	must(fchdir(world->home) == 0 && rmdir(world->folder) == 0);
	close(world->home);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world *world = mem_new(1, sizeof(*world));

	begin(world);
	for (size_t i = 0; i < size && i < OPS_LIMIT; i++)
		play(world, data[i] & 7, data[i] >> 3);
	for (int i = 0; i < 6; i++) {
		clock_set_advance(&world->clock, OP_MS);
		look(world, false);
	}
	for (int i = 0; i < world->count; i++) {
		const struct told_line *line = &world->lines[i];

		must(line->reads <= 1);
		must(line->reads == 1 || !line->whole || line->excused);
	}
	clean(world);
	free(world);
	return 0;
}
