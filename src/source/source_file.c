/*
 * source_file - answers from files that grow, a line each.
 *
 * What lies where: spool_list knows the files, spool_file one of them. Here is
 * when they are looked at and read, and how batches go out and come back.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "source/folder_watch.h"
#include "source/source.h"
#include "source/spool_list.h"
#include "source/spool_look.h"

enum {
	/* Between looks where events tell of something new. */
	LOOK_SOON_MS = 10,
	/* Until what the store could not keep is offered again. */
	AGAIN_MS = 1000,
	/* Steps of one turn of the loop: a batch each, about. */
	PUMP_STEPS = 2,
};

struct file_settings {
	struct source_settings common; /* first */
	char *path;
	int64_t rescan_ms;
	int64_t quiet_ms;
	int64_t forget_ms;
};

struct file_source {
	struct source source; /* first */
	struct spool_list list;
	struct folder_watch *watch;
	struct loop_timer *look; /* the next look at the folders */
	struct loop_timer *pump; /* reads on at the next turn */
	struct loop_timer *again;
	bool look_is_soon;
	bool full; /* the inbox: room() will be called */
	bool closing;
	size_t turn; /* whose turn it is */
	size_t under_way;
	int64_t behind; /* as told last */
	char *told;	/* what is wrong, as told last; NULL: good */
};

static const struct file_settings *
settings_of(const struct file_source *file)
{
	return (const struct file_settings *)(const void *)
		file->source.settings;
}

/* ---- settings ---- */

static bool
read_path(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	const char *text = *(char **)where;

	if (text[0] != '/')
		return conf_error(reader->errors, node, path,
			"expected a path from the root, as in "
			"/var/spool/npsd/responses.jsonl");
	if (text[strlen(text) - 1] == '/')
		return conf_error(reader->errors, node, path,
			"expected a file or a pattern of files; for a folder "
			"of files use type: directory");
	return true;
}

static const struct setting file_settings[] = {
	{"path", SETTING_TEXT, offsetof(struct file_settings, path),
		.required = true, .low = 2, .high = 4000, .read = read_path,
		.help = "The file, or a pattern of files such as "
			"/var/spool/npsd/*.jsonl. One answer is one line of "
			"JSON. A file that is not there yet is waited for. "
			"Rotate by renaming: then no line is lost. Truncating "
			"a file (copytruncate) loses what had not been read."},
	{"rescan", SETTING_DURATION, offsetof(struct file_settings, rescan_ms),
		.fallback = "2s", .low = 10, .high = 3600 * 1000,
		.hidden = true,
		.help = "How often folders are looked at, beside what the "
			"system tells."},
	{"quiet", SETTING_DURATION, offsetof(struct file_settings, quiet_ms),
		.fallback = "3s", .low = 10, .high = 3600 * 1000,
		.hidden = true,
		.help = "How long nothing must have been written to a rotated "
			"file before it is closed and a last line without its "
			"end is taken if it is whole; four times as long "
			"before it is refused."},
	{"forget", SETTING_DURATION, offsetof(struct file_settings, forget_ms),
		.fallback = "1h", .low = 10, .high = 365.0 * 86400 * 1000,
		.hidden = true,
		.help = "How long the place of a file that is gone is kept."},
	{.key = NULL},
};

/* ---- what the host hears ---- */

static void
tell_health(struct file_source *file, const char *reason)
{
	const struct source_host *host = file->source.host;

	if (text_same(file->told, reason))
		return;
	free(file->told);
	file->told = mem_strdup(reason);
	host->health(host->context, file->source.name, reason == NULL, reason);
}

static void
tell_behind(struct file_source *file)
{
	const struct source_host *host = file->source.host;
	int64_t behind = spool_list_behind(&file->list);

	if (behind == file->behind)
		return;
	file->behind = behind;
	host->behind(host->context, file->source.name, behind);
}

static void
tell_lost(const struct file_source *file)
{
	const struct source_host *host = file->source.host;

	host->lost(host->context, file->source.name);
}

/* ---- reading ---- */

/* Reads on in one file. False: there is nothing to be done in it now. */
static bool
step(struct file_source *file, size_t index)
{
	struct spool_file *spool = file->list.files[index];
	struct err err;

	if (!spool_file_is_open(spool) || spool->dry ||
		!batch_queue_has_room(&spool->queue) ||
		spool_list_must_wait(&file->list, index))
		return false;

	enum spool_file_result result =
		spool_file_read(spool, SPOOL_LAST_WAITS, &err);

	if (result == SPOOL_TRUNCATED || result == SPOOL_FAILED)
		tell_health(file, err.text);
	if (result == SPOOL_TRUNCATED)
		tell_lost(file);
	free(spool->trouble);
	spool->trouble = NULL;
	if (result == SPOOL_FAILED) {
		spool->trouble = mem_strdup(err.text);
		spool->dry = true;
	}
	if (result == SPOOL_BATCH)
		spool->active_us = clock_monotonic_us(file->source.host->clock);
	/* One that has become dry may have held others up. */
	return result != SPOOL_FAILED;
}

/* Offers what waits in a file's queue. */
static void
offer(struct file_source *file, struct spool_file *spool)
{
	size_t before = spool->queue.offered;

	if (spool->queue.failed)
		return;
	file->full = !batch_queue_offer(&spool->queue, file->source.host);
	file->under_way += spool->queue.offered - before;
}

static void
on_pump(void *context)
{
	struct file_source *file = context;
	size_t count = file->list.count;
	int steps = 0;

	for (size_t i = 0; i < count && !file->full; i++)
		offer(file, file->list.files[i]);
	for (size_t i = 0; i < count && !file->full && steps < PUMP_STEPS;
		i++) {
		size_t at = (file->turn + i) % count;

		if (!step(file, at))
			continue;
		steps++;
		offer(file, file->list.files[at]);
	}
	file->turn++;
	if (steps > 0)
		loop_timer_set(file->pump, 0);
	else
		tell_behind(file);
}

static void
pump_soon(struct file_source *file)
{
	if (!file->closing && !file->full && !loop_timer_is_set(file->pump))
		loop_timer_set(file->pump, 0);
}

static void
on_look(void *context)
{
	struct file_source *file = context;
	struct err err;
	bool good = spool_look(&file->list, &err);

	for (; file->list.losses > 0; file->list.losses--)
		tell_lost(file);
	file->look_is_soon = false;
	tell_health(file, good ? NULL : err.text);
	spool_list_leave(&file->list);
	tell_behind(file);
	loop_timer_set(file->look, settings_of(file)->rescan_ms);
	pump_soon(file);
}

static void
look_soon(struct file_source *file)
{
	if (file->closing || file->look_is_soon)
		return;
	file->look_is_soon = true;
	loop_timer_set(file->look, LOOK_SOON_MS);
}

static void
on_again(void *context)
{
	struct file_source *file = context;

	for (size_t i = 0; i < file->list.count; i++)
		batch_queue_again(&file->list.files[i]->queue);
	pump_soon(file);
}

static void
on_event(void *context, enum folder_event event, const char *folder,
	const char *name)
{
	struct file_source *file = context;

	if (event == FOLDER_LOST) {
		look_soon(file);
		return;
	}
	if (!spool_list_wants(&file->list, name))
		return;
	if (event == FOLDER_CLOSED &&
		spool_list_wake(&file->list, folder, name))
		pump_soon(file);
	else
		look_soon(file);
}

static void
on_written(void *context, int watched)
{
	struct file_source *file = context;

	spool_list_wake_file(&file->list, watched);
	pump_soon(file);
}

/* ---- life ---- */

static void
on_place(const char *key, const char *place, void *to)
{
	struct file_source *file = to;

	spool_list_know(&file->list, key, place);
}

static void
file_free(struct file_source *file)
{
	spool_list_done(&file->list);
	free(file->told);
	free(file);
}

static void
stop(struct file_source *file)
{
	file->closing = true;
	folder_watch_free(file->watch);
	loop_timer_free(file->look);
	loop_timer_free(file->pump);
	loop_timer_free(file->again);
	for (size_t i = 0; i < file->list.count; i++)
		spool_file_drop(file->list.files[i]);
}

static struct source *
file_open(const char *name, const void *settings,
	const struct source_host *host, struct err *err)
{
	struct file_source *file = mem_new(1, sizeof(*file));
	const struct file_settings *own = settings;

	file->source = (struct source){&source_file, name, settings, host};
	file->watch = folder_watch_new(host->loop, on_event, file);
	folder_watch_only_files(file->watch, on_written);
	file->look = loop_timer_new(host->loop, on_look, file);
	file->pump = loop_timer_new(host->loop, on_pump, file);
	file->again = loop_timer_new(host->loop, on_again, file);
	spool_list_init(&file->list, &file->source, file->watch, own->path);
	file->list.quiet_ms = own->quiet_ms;
	file->list.forget_ms = own->forget_ms;
	if (!host->each_place(host->context, name, on_place, file, err)) {
		stop(file);
		file_free(file);
		return NULL;
	}
	file->look_is_soon = true;
	loop_timer_set(file->look, 0);
	return &file->source;
}

static void
end_if_done(struct file_source *file)
{
	const struct source_host *host = file->source.host;

	if (!file->closing || file->under_way > 0)
		return;
	host->closed(host->context, &file->source);
	file_free(file);
}

static void
file_close(struct source *source)
{
	struct file_source *file = (struct file_source *)source;

	stop(file);
	end_if_done(file);
}

static void
file_settled(struct source *source, struct batch *batch)
{
	struct file_source *file = (struct file_source *)source;
	struct spool_file *spool = spool_file_of(batch);

	file->under_way--;
	spool_file_settled(spool, batch);
	if (file->closing) {
		spool_file_drop(spool);
		end_if_done(file);
		return;
	}
	if (!spool->queue.failed)
		pump_soon(file);
	else if (!loop_timer_is_set(file->again))
		loop_timer_set(file->again, AGAIN_MS);
}

static void
file_room(struct source *source)
{
	struct file_source *file = (struct file_source *)source;

	file->full = false;
	pump_soon(file);
}

const struct source_kind source_file = {
	.setting = {"file", file_settings, sizeof(struct file_settings),
		"Lines of JSON that a program appends to files."},
	.open = file_open,
	.close = file_close,
	.settled = file_settled,
	.room = file_room,
};
