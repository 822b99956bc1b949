/*
 * source_directory - answers in whole files that are put into a folder.
 *
 *	incoming/x.jsonl --> read, kept --> incoming/done/x.jsonl
 *	                                    incoming/rejected/x.jsonl
 *
 * A file is taken when it was renamed in, or when nothing was written to it for
 * a while. A few are on their way at the same time, each with a place of its
 * own in the store (a slot), so that one commit takes many of them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "source/directory_settings.h"
#include "source/drop_chores.h"
#include "source/drop_file.h"
#include "source/drop_names.h"
#include "source/folder_watch.h"
#include "source/safe_file.h"
#include "source/source.h"

enum {
	SLOTS = 64,
	/* Memory that files on their way may take; one may pass it. */
	WEIGHT_LIMIT_BYTES = 8 * 1024 * 1024,
	LOOK_SOON_MS = 5,
	AGAIN_MS = 1000,
	PUMP_STEPS = 8,
	/* An empty file has perhaps only been made; this long it is left. */
	EMPTY_MS = 60 * 1000,
};

struct slot {
	char key[20];
	struct drop_file *file;	  /* on its way, or NULL */
	struct drop_place former; /* of an earlier run; name NULL: none */
};

struct directory {
	struct source source; /* first */
	struct folder_watch *watch;
	struct drop_chores *chores;
	struct loop_timer *look, *pump, *again;
	int64_t look_us; /* when the next look is; 0: not set */
	struct drop_names names;
	struct slot slots[SLOTS];
	int folder; /* open, or -1 */
	bool full;  /* the inbox: room() will be called */
	bool closing;
	bool troubled; /* since the last look */
	size_t under_way;
	char *told; /* what is wrong, as told last */
};

static const struct directory_settings *
settings_of(const struct directory *directory)
{
	return (const struct directory_settings *)(const void *)
		directory->source.settings;
}

const struct csv_settings *
source_directory_csv(const struct source *source)
{
	const struct directory_settings *own = (const void *)source->settings;

	return source->kind == &source_directory ? &own->csv : NULL;
}

/* ---- what the host hears ---- */

static void
tell_health(struct directory *directory, const char *reason)
{
	const struct source_host *host = directory->source.host;

	directory->troubled |= reason != NULL;
	if (text_same(directory->told, reason))
		return;
	free(directory->told);
	directory->told = mem_strdup(reason);
	host->health(
		host->context, directory->source.name, reason == NULL, reason);
}

static void
on_behind(void *context, int64_t bytes)
{
	const struct directory *directory = context;
	const struct source_host *host = directory->source.host;

	host->behind(host->context, directory->source.name, bytes);
}

/* ---- taking files ---- */

static struct slot *
free_slot(struct directory *directory)
{
	for (size_t i = 0; i < SLOTS; i++)
		if (directory->slots[i].file == NULL &&
			directory->slots[i].former.name == NULL)
			return &directory->slots[i];
	return NULL;
}

static bool
is_on_its_way(const struct directory *directory, const char *name)
{
	for (size_t i = 0; i < SLOTS; i++) {
		const struct drop_file *file = directory->slots[i].file;

		if (file != NULL && strcmp(file->place.name, name) == 0)
			return true;
	}
	return false;
}

static bool
has_memory(const struct directory *directory)
{
	size_t weight = 0;

	for (size_t i = 0; i < SLOTS; i++)
		if (directory->slots[i].file != NULL)
			weight += drop_file_weight(directory->slots[i].file);
	return weight < WEIGHT_LIMIT_BYTES;
}

/* The time of the last change cannot be set by hand, but the clock can: a
 * time that lies ahead counts as long ago. */
static bool
is_settled(const struct directory *directory, const char *name,
	const struct stat *status)
{
	int64_t changed_ms = (int64_t)status->st_ctim.tv_sec * 1000 +
			     status->st_ctim.tv_nsec / 1000000;
	int64_t age_ms = llabs(
		clock_wall_ms(directory->source.host->clock) - changed_ms);

	if (drop_names_is_complete(&directory->names, name))
		return true;
	if (drop_names_is_written(&directory->names, name))
		return false;
	return age_ms >= (status->st_size == 0
					 ? EMPTY_MS
					 : settings_of(directory)->settle_ms);
}

/* Opens a file and puts it on its way, if it is ready. */
static void
take(struct directory *directory, struct slot *slot, const char *name)
{
	struct stat status;
	struct err err;
	int fd;

	if (is_on_its_way(directory, name))
		return;
	fd = safe_file_open(directory->folder, name, &status, &err);
	if (fd < 0) {
		if (errno != ENOENT)
			tell_health(directory, err.text);
		return;
	}
	if (!is_settled(directory, name, &status)) {
		close(fd);
		return;
	}
	drop_names_forget(&directory->names, name);
	slot->file =
		drop_file_new(&directory->source, &settings_of(directory)->csv,
			name, fd, &status, slot->key, NULL);
}

/* Files that an earlier run had begun come first, each in its own slot. */
static void
take_former(struct directory *directory)
{
	for (size_t i = 0; i < SLOTS; i++) {
		struct slot *slot = &directory->slots[i];
		struct stat status;
		int fd;

		if (slot->former.name == NULL)
			continue;
		fd = safe_file_open(
			directory->folder, slot->former.name, &status, NULL);
		if (fd >= 0 && drop_place_is_file(&slot->former, &status))
			slot->file = drop_file_new(&directory->source,
				&settings_of(directory)->csv, slot->former.name,
				fd, &status, slot->key, &slot->former);
		else if (fd >= 0)
			close(fd);
		drop_place_done(&slot->former);
	}
}

/* False: there is no more to be taken now. */
static bool
take_next(struct directory *directory)
{
	struct slot *slot = free_slot(directory);
	const char *name;

	if (slot == NULL || directory->folder < 0 || !has_memory(directory))
		return false;
	name = drop_names_next(&directory->names);
	if (name == NULL)
		return false;
	take(directory, slot, name);
	return true;
}

/* ---- the way of a file ---- */

static void
let_go(struct slot *slot)
{
	drop_file_free(slot->file);
	slot->file = NULL;
}

static void
offer(struct directory *directory, struct drop_file *file)
{
	size_t before = file->queue.offered;

	if (file->queue.failed)
		return;
	directory->full =
		!batch_queue_offer(&file->queue, directory->source.host);
	directory->under_way += file->queue.offered - before;
}

/* Works on one file. False: there is nothing to be done for it now. */
static bool
step(struct directory *directory, struct slot *slot)
{
	struct drop_file *file = slot->file;
	struct err err;

	if (drop_file_is_kept(file)) {
		if (!drop_file_move(file, directory->folder, &err)) {
			tell_health(directory, err.text);
			return false;
		}
		drop_chores_moved(directory->chores, file->place.size);
		let_go(slot);
		return true;
	}
	if (file->state == DROP_READ || !batch_queue_has_room(&file->queue))
		return false;
	switch (drop_file_step(file, &err)) {
	case DROP_BATCH:
		offer(directory, file);
		return true;
	case DROP_WORKED:
		return true;
	case DROP_FAILED:
		break;
	}
	tell_health(directory, err.text);
	if (batch_queue_is_empty(&file->queue))
		let_go(slot); /* the next look tries again */
	return false;
}

static void
on_pump(void *context)
{
	struct directory *directory = context;
	int steps = 0;

	for (size_t i = 0; i < SLOTS && !directory->full; i++)
		if (directory->slots[i].file != NULL)
			offer(directory, directory->slots[i].file);
	for (size_t i = 0; i < SLOTS && !directory->full; i++)
		if (steps < PUMP_STEPS && directory->slots[i].file != NULL)
			steps += step(directory, &directory->slots[i]);
	while (steps < PUMP_STEPS && !directory->full && take_next(directory))
		steps++;
	if (steps > 0)
		loop_timer_set(directory->pump, 0);
}

static void
pump_soon(struct directory *directory)
{
	if (!directory->closing && !directory->full &&
		!loop_timer_is_set(directory->pump))
		loop_timer_set(directory->pump, 0);
}

/* ---- looking ---- */

static void
look_in(struct directory *directory, int64_t delay_ms)
{
	int64_t at_us = clock_monotonic_us(&clock_system) + delay_ms * 1000;

	if (directory->closing ||
		(directory->look_us != 0 && directory->look_us <= at_us))
		return;
	directory->look_us = at_us;
	loop_timer_set(directory->look, delay_ms);
}

/* Opens the folder anew, as the path may lead to another one now. */
static bool
look(struct directory *directory, struct err *err)
{
	const char *path = settings_of(directory)->path;
	int fd = safe_folder_open(path, err);
	int own;

	if (directory->folder >= 0)
		close(directory->folder);
	directory->folder = fd;
	if (fd < 0)
		return false;
	folder_watch_add(directory->watch, path);
	take_former(directory);
	drop_chores_look(directory->chores, fd);
	own = safe_folder_open(path, err);
	return own >= 0 && drop_names_start(&directory->names, own, err);
}

static void
on_look(void *context)
{
	struct directory *directory = context;
	struct err err;

	directory->look_us = 0;
	if (!drop_names_at_end(&directory->names)) {
		/* Still at work on what the last look found. */
	} else if (!look(directory, &err)) {
		tell_health(directory, err.text);
	} else {
		if (!directory->troubled)
			tell_health(directory, NULL);
		directory->troubled = false;
	}
	look_in(directory, settings_of(directory)->rescan_ms);
	pump_soon(directory);
}

static void
on_event(void *context, enum folder_event event, const char *folder,
	const char *name)
{
	struct directory *directory = context;

	(void)folder;
	if (event == FOLDER_LOST) {
		drop_names_forget_all(&directory->names);
		look_in(directory, LOOK_SOON_MS);
		return;
	}
	if (!drop_file_wants(name))
		return;
	if (event == FOLDER_WRITTEN) {
		drop_names_note_written(&directory->names, name);
	} else if (event == FOLDER_NAMES) {
		drop_names_forget(&directory->names, name);
	} else if (event == FOLDER_MOVED_IN) {
		drop_names_note_complete(&directory->names, name);
		look_in(directory, LOOK_SOON_MS);
	} else {
		drop_names_note_closed(&directory->names, name);
		look_in(directory,
			settings_of(directory)->settle_ms + LOOK_SOON_MS);
	}
}

static void
on_again(void *context)
{
	struct directory *directory = context;

	for (size_t i = 0; i < SLOTS; i++)
		if (directory->slots[i].file != NULL)
			batch_queue_again(&directory->slots[i].file->queue);
	pump_soon(directory);
}

/* ---- life ---- */

static void
on_place(const char *key, const char *text, void *to)
{
	struct directory *directory = to;
	struct err err;

	for (size_t i = 0; i < SLOTS; i++) {
		struct slot *slot = &directory->slots[i];

		if (strcmp(slot->key, key) != 0 || slot->former.name != NULL)
			continue;
		if (drop_place_read(text, &slot->former, &err))
			return;
		drop_place_done(&slot->former);
		log_warning("source %s: %s", directory->source.name, err.text);
	}
}

static void
stop(struct directory *directory)
{
	directory->closing = true;
	folder_watch_free(directory->watch);
	drop_chores_free(directory->chores);
	loop_timer_free(directory->look);
	loop_timer_free(directory->pump);
	loop_timer_free(directory->again);
	for (size_t i = 0; i < SLOTS; i++)
		if (directory->slots[i].file != NULL)
			drop_file_abandon(directory->slots[i].file);
}

static void
directory_free(struct directory *directory)
{
	for (size_t i = 0; i < SLOTS; i++) {
		drop_file_free(directory->slots[i].file);
		drop_place_done(&directory->slots[i].former);
	}
	drop_names_done(&directory->names);
	if (directory->folder >= 0)
		close(directory->folder);
	free(directory->told);
	free(directory);
}

static struct source *
directory_open(const char *name, const void *settings,
	const struct source_host *host, struct err *err)
{
	struct directory *directory = mem_new(1, sizeof(*directory));

	directory->source =
		(struct source){&source_directory, name, settings, host};
	directory->folder = -1;
	directory->watch = folder_watch_new(host->loop, on_event, directory);
	directory->chores =
		drop_chores_new(&(const struct drop_chores_settings){
			.loop = host->loop,
			.clock = host->clock,
			.wall = host->wall,
			.source = name,
			.keep_ms = settings_of(directory)->keep_done_ms,
			.on_behind = on_behind,
			.context = directory,
		});
	directory->look = loop_timer_new(host->loop, on_look, directory);
	directory->pump = loop_timer_new(host->loop, on_pump, directory);
	directory->again = loop_timer_new(host->loop, on_again, directory);
	drop_names_init(&directory->names);
	for (int i = 0; i < SLOTS; i++)
		snprintf(directory->slots[i].key,
			sizeof(directory->slots[i].key), "slot-%d", i);
	if (!host->each_place(host->context, name, on_place, directory, err)) {
		stop(directory);
		directory_free(directory);
		return NULL;
	}
	look_in(directory, 0);
	return &directory->source;
}

/* What is kept is moved, so that the next run need not. */
static void
move_kept(struct directory *directory)
{
	struct err err;

	for (size_t i = 0; i < SLOTS; i++) {
		struct drop_file *file = directory->slots[i].file;

		if (file != NULL && drop_file_is_kept(file) &&
			!drop_file_move(file, directory->folder, &err))
			log_warning("source %s: %s", directory->source.name,
				err.text);
	}
}

static void
end_if_done(struct directory *directory)
{
	const struct source_host *host = directory->source.host;

	if (!directory->closing || directory->under_way > 0)
		return;
	move_kept(directory);
	host->closed(host->context, &directory->source);
	directory_free(directory);
}

static void
directory_close(struct source *source)
{
	struct directory *directory = (struct directory *)source;

	stop(directory);
	end_if_done(directory);
}

static void
directory_settled(struct source *source, struct batch *batch)
{
	struct directory *directory = (struct directory *)source;
	struct drop_file *file = drop_file_of(batch);

	directory->under_way--;
	drop_file_settled(file, batch);
	if (directory->closing) {
		drop_file_abandon(file);
		end_if_done(directory);
		return;
	}
	if (!file->queue.failed)
		pump_soon(directory);
	else if (!loop_timer_is_set(directory->again))
		loop_timer_set(directory->again, AGAIN_MS);
}

static void
directory_room(struct source *source)
{
	struct directory *directory = (struct directory *)source;

	directory->full = false;
	pump_soon(directory);
}

const struct source_kind source_directory = {
	.setting = {"directory", directory_settings,
		sizeof(struct directory_settings),
		"Whole files of answers that are put into a folder."},
	.check = directory_settings_check,
	.open = directory_open,
	.close = directory_close,
	.settled = directory_settled,
	.room = directory_room,
};
