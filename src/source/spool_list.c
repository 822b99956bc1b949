/* spool_list - the files of one file source. */
#include "source/spool_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "source/rotation.h"

int64_t
spool_list_now_us(const struct spool_list *list)
{
	return clock_monotonic_us(list->source->host->clock);
}

static bool
is_before(struct timespec a, struct timespec b)
{
	return a.tv_sec < b.tv_sec ||
	       (a.tv_sec == b.tv_sec && a.tv_nsec < b.tv_nsec);
}

void
spool_list_init(struct spool_list *list, struct source *source,
	struct folder_watch *watch, const char *path)
{
	const char *slash = strrchr(path, '/');

	*list = (struct spool_list){.source = source, .watch = watch};
	if (slash == NULL)
		list->folders = mem_strdup(".");
	else if (slash == path)
		list->folders = mem_strdup("/");
	else
		list->folders = mem_copy(path, (size_t)(slash - path));
	list->names = mem_strdup(slash != NULL ? slash + 1 : path);
}

void
spool_list_done(struct spool_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		spool_file_free(list->files[i]);
	free(list->files);
	spool_history_done(&list->history);
	free(list->folders);
	free(list->names);
	buf_done(&list->known_folders);
}

/* ---- the list ---- */

void
spool_list_insert(struct spool_list *list, struct spool_file *file)
{
	size_t at = list->count;

	list->files = mem_grow(
		list->files, list->count + 1, sizeof(struct spool_file *));
	while (at > 0 &&
		is_before(file->modified, list->files[at - 1]->modified)) {
		list->files[at] = list->files[at - 1];
		at--;
	}
	list->files[at] = file;
	list->count++;
}

static void
remove_at(struct spool_list *list, size_t index)
{
	list->count--;
	memmove(list->files + index, list->files + index + 1,
		(list->count - index) * sizeof(struct spool_file *));
}

void
spool_list_set_age(struct spool_list *list, struct spool_file *file,
	struct timespec modified)
{
	size_t at = 0;

	while (list->files[at] != file)
		at++;
	remove_at(list, at);
	file->modified = modified;
	spool_list_insert(list, file);
}

void
spool_list_know(struct spool_list *list, const char *key, const char *text)
{
	struct place place;
	struct err err;

	if (place_read(text, &place, &err))
		spool_list_insert(
			list, spool_file_known(list->source, key, &place));
	else
		log_warning("source %s: %s", list->source->name, err.text);
	place_done(&place);
}

struct spool_file *
spool_list_find(const struct spool_list *list, const struct stat *status,
	const char *path)
{
	struct spool_file *near = NULL;

	for (size_t i = 0; i < list->count; i++) {
		struct spool_file *file = list->files[i];

		if (file->inode != status->st_ino || file->dead)
			continue;
		if (file->device == status->st_dev)
			return file;
		if (file->unproven && strcmp(file->path, path) == 0)
			near = file;
	}
	return near;
}

/* ---- how many are open ---- */

static void
close_one(struct spool_list *list, struct spool_file *file)
{
	folder_watch_leave(list->watch, file->watched);
	file->watched = -1;
	spool_file_rest(file);
	list->open--;
}

bool
spool_list_make_room(struct spool_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct spool_file *file = list->files[i];

		if (!spool_file_is_open(file) || !file->dry || file->partial ||
			!(file->seen || file->was_seen) ||
			!batch_queue_is_empty(&file->queue))
			continue;
		close_one(list, file);
		return true;
	}
	return false;
}

/* ---- leaving ---- */

static void
end_file(struct spool_list *list, struct spool_file *file)
{
	int64_t idle_ms = (spool_list_now_us(list) - file->active_us) / 1000;
	bool gone = file->replaced || file->deleted;
	struct err err;

	if (idle_ms < list->quiet_ms)
		return;
	if (file->partial) {
		if (gone)
			spool_file_read(file,
				idle_ms < 4 * list->quiet_ms ? SPOOL_LAST_WHOLE
							     : SPOOL_LAST_ENDS,
				&err);
		return;
	}
	if (!file->seen && !file->deleted && idle_ms < SPOOL_AWAY_MS)
		return;
	file->lost = file->deleted;
	close_one(list, file);
}

/* False: it was freed. */
static bool
forget_file(struct spool_list *list, size_t index)
{
	struct spool_file *file = list->files[index];

	if (!file->has_place) {
		remove_at(list, index);
		spool_file_free(file);
		return false;
	}
	if (file->dead)
		return true;

	int64_t missing_ms =
		(spool_list_now_us(list) - file->missing_us) / 1000;

	if (file->lost || missing_ms >= list->forget_ms)
		spool_file_remove_place(file);
	else if (file->gone_ms == 0)
		spool_file_tell_gone(file,
			clock_wall_ms(list->source->host->clock) - missing_ms);
	return true;
}

void
spool_list_leave(struct spool_list *list)
{
	for (size_t i = 0; i < list->count;) {
		struct spool_file *file = list->files[i];
		bool idle = batch_queue_is_empty(&file->queue);

		if (idle && file->seen && file->gone_ms != 0) {
			spool_file_tell_gone(file, 0);
		} else if (spool_file_is_open(file)) {
			if (idle && file->dry && !file->named)
				end_file(list, file);
		} else if (idle && file->missing_us != 0 &&
			   !forget_file(list, i)) {
			continue;
		}
		i++;
	}
}

/* ---- what else is asked ---- */

bool
spool_list_wants(const struct spool_list *list, const char *name)
{
	return !rotation_is_compressed(name) &&
	       (rotation_matches(list->names, name) ||
		       rotation_is_near(list->names, name)) &&
	       strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

bool
spool_list_wake(struct spool_list *list, const char *folder, const char *name)
{
	bool woken = false;

	for (size_t i = 0; i < list->count; i++) {
		struct spool_file *file = list->files[i];

		if (!spool_file_is_open(file) ||
			strcmp(file->name, name) != 0 ||
			!spool_file_is_in(file, folder))
			continue;
		file->dry = false;
		woken = true;
	}
	return woken;
}

void
spool_list_wake_file(struct spool_list *list, int watched)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->files[i]->watched == watched)
			list->files[i]->dry = false;
}

bool
spool_list_must_wait(const struct spool_list *list, size_t index)
{
	const char *path = list->files[index]->path;

	for (size_t i = 0; i < index; i++) {
		const struct spool_file *file = list->files[i];

		if (!spool_file_is_open(file) ||
			(file->dry && !file->queue.failed &&
				file->queue.offered == file->queue.count))
			continue;
		if (file->trouble == NULL && strcmp(file->path, path) == 0)
			return true;
	}
	return false;
}

int64_t
spool_list_behind(const struct spool_list *list)
{
	int64_t behind = 0;

	for (size_t i = 0; i < list->count; i++)
		behind += spool_file_behind(list->files[i]);
	return behind;
}
