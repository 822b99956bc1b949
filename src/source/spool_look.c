/* spool_look - a look at the folders of one file source. */
#include "source/spool_look.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "source/rotation.h"
#include "source/safe_file.h"

/* The folder that is being looked at. */
struct view {
	struct spool_list *list;
	const char *path;
	int fd;
	bool is_first; /* never looked at before */
	struct err *err;
	bool good;
};

static bool
same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/* Keeps the first thing that is wrong. */
static void
complain(struct view *view, const struct err *reason)
{
	if (view->good && view->err != NULL)
		*view->err = *reason;
	view->good = false;
}

/* ---- opening ---- */

/* Whether other content under its identity tells of a loss: it was there at
 * the last look, under this name; or, after a restart, it was the one that was
 * written last. Of any other the inode may have been given out again. */
static bool
is_current(const struct spool_list *list, const struct spool_file *file)
{
	if (!file->unproven)
		return file->was_seen && file->same_name;
	for (size_t i = 0; i < list->count; i++)
		if (list->files[i]->placed_ms > file->placed_ms &&
			strcmp(list->files[i]->path, file->path) == 0)
			return false;
	return true;
}

static void
open_one(struct view *view, struct spool_file *file, const char *name,
	const struct stat *expected)
{
	struct spool_list *list = view->list;
	bool was_current = is_current(list, file);
	struct stat status;
	struct err err;
	int fd;

	if (list->open >= SPOOL_OPEN_LIMIT && !spool_list_make_room(list))
		return; /* the next look tries again */
	fd = safe_file_open(view->fd, name, &status, &err);
	if (fd < 0) {
		if (errno != ENOENT)
			complain(view, &err);
		return;
	}
	if (status.st_ino != expected->st_ino ||
		status.st_dev != expected->st_dev) {
		close(fd);
		return; /* renamed meanwhile: the next look tells */
	}
	if (!spool_file_open(file, fd, &status, &err)) {
		complain(view, &err);
		return;
	}
	list->open++;
	/* Before the first read, so that nothing falls in between. */
	file->watched = folder_watch_file(list->watch, fd);
	if (file->replaced_unseen && was_current) {
		list->losses++;
		err_set(&err,
			"%s was truncated or exchanged while it was not "
			"watched: answers that had not been read are lost",
			file->name);
		complain(view, &err);
	}
	file->active_us = spool_list_now_us(list);
	spool_list_set_age(list, file, status.st_mtim);
}

/* ---- looking ---- */

/* Whether a rotated file that is not known holds answers nobody has read. */
static bool
is_news(const struct view *view, const char *name, const char *path,
	const struct stat *status)
{
	struct spool_list *list = view->list;
	const struct spool_rotated rotated = {
		view->fd, name, path, status, view->is_first};

	return spool_history_is_news(
		&list->history, &rotated, list->files, list->count);
}

/* The file with this identity, perhaps a new one; NULL: none of ours. */
static struct spool_file *
identify(struct view *view, const char *name, bool matches,
	const struct stat *status)
{
	struct spool_list *list = view->list;
	char *origin = matches ? NULL : rotation_origin(list->names, name);
	char *path = mem_printf("%s%s%s", view->path,
		strcmp(view->path, "/") == 0 ? "" : "/",
		origin != NULL ? origin : name);
	struct spool_file *file = spool_list_find(list, status, path);

	if (file == NULL &&
		(matches || (origin != NULL &&
				    is_news(view, name, path, status)))) {
		file = spool_file_new(list->source, path);
		file->device = status->st_dev;
		file->inode = status->st_ino;
		file->modified = status->st_mtim;
		spool_list_insert(list, file);
	}
	if (file != NULL) {
		file->seen = true;
		file->named |= matches && strcmp(path, file->path) == 0;
		file->same_name = strcmp(file->name, name) == 0;
		if (!file->same_name) {
			free(file->name);
			file->name = mem_strdup(name);
		}
	}
	free(path);
	free(origin);
	return file;
}

static void
look_at_name(struct view *view, const char *name)
{
	struct spool_list *list = view->list;
	bool matches = rotation_matches(list->names, name);
	struct spool_file *file;
	struct stat status;
	struct err err;

	if (!spool_list_wants(list, name) ||
		fstatat(view->fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return;
	if (!safe_file_check(view->fd, name, &status, &err)) {
		if (matches)
			complain(view, &err);
		return;
	}
	file = identify(view, name, matches, &status);
	if (file == NULL)
		return;
	if (same_time(file->changed, status.st_ctim) &&
		file->size == status.st_size && !file->unproven)
		return;
	file->active_us = spool_list_now_us(list);
	if (spool_file_is_open(file))
		file->dry = false;
	else
		open_one(view, file, name, &status);
}

/* Whether the folder is looked at for the first time. */
static bool
is_first_look(struct spool_list *list, const char *path)
{
	const struct buf *known = &list->known_folders;

	for (size_t at = 0; at < known->length;
		at += strlen(known->data + at) + 1)
		if (strcmp(known->data + at, path) == 0)
			return false;
	buf_append(&list->known_folders, path, strlen(path) + 1);
	return true;
}

/* By this run's clock; what an earlier one told in the place counts along. */
static int64_t
missing_since(const struct spool_list *list, const struct spool_file *file)
{
	int64_t now_ms = clock_wall_ms(list->source->host->clock);
	bool is_told = file->gone_ms != 0 && file->gone_ms < now_ms;

	return spool_list_now_us(list) -
	       (is_told ? (now_ms - file->gone_ms) * 1000 : 0);
}

/* Notes since when files of a folder are missing. Where the folder is another
 * (not mounted), nothing is known of them. */
static void
note_missing(struct view *view)
{
	struct spool_list *list = view->list;
	struct stat status;

	if (fstat(view->fd, &status) != 0)
		return;
	for (size_t i = 0; i < list->count; i++) {
		struct spool_file *file = list->files[i];

		if (file->seen)
			file->missing_us = 0;
		else if (file->missing_us == 0 &&
			 file->device == status.st_dev &&
			 spool_file_is_in(file, view->path))
			file->missing_us = missing_since(list, file);
	}
}

static void
look_at_folder(struct view *view)
{
	struct err err;
	DIR *folder;
	const struct dirent *entry;

	view->fd = safe_folder_open(view->path, &err);
	if (view->fd < 0) {
		complain(view, &err);
		return;
	}
	/* Before looking, so that nothing falls in between. */
	folder_watch_add(view->list->watch, view->path);
	folder = fdopendir(view->fd);
	if (folder == NULL) {
		err_errno(&err, "folder %s", view->path);
		complain(view, &err);
		close(view->fd);
		return;
	}
	view->is_first = is_first_look(view->list, view->path);
	while ((entry = readdir(folder)) != NULL)
		look_at_name(view, entry->d_name);
	note_missing(view);
	closedir(folder);
}

static void
look_at_folders(struct view *view)
{
	glob_t found;

	if (strpbrk(view->list->folders, "*?[") == NULL) {
		view->path = view->list->folders;
		look_at_folder(view);
		return;
	}
	if (glob(view->list->folders, GLOB_ONLYDIR, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		view->path = found.gl_pathv[i];
		look_at_folder(view);
	}
	globfree(&found);
}

/* Files without their name: deleted, or another one has it now. */
static void
look_at_nameless(struct spool_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct spool_file *file = list->files[i];
		struct stat status;

		if (file->named || !spool_file_is_open(file))
			continue;
		file->deleted = fstat(file->reader.fd, &status) == 0 &&
				status.st_nlink == 0;
		if (status.st_size != file->size) {
			file->dry = false;
			file->active_us = spool_list_now_us(list);
		}
		for (size_t j = 0; j < list->count; j++)
			file->replaced |=
				list->files[j]->named &&
				strcmp(list->files[j]->path, file->path) == 0;
	}
}

bool
spool_look(struct spool_list *list, struct err *err)
{
	struct view view = {.list = list, .err = err, .good = true};

	for (size_t i = 0; i < list->count; i++) {
		struct spool_file *file = list->files[i];

		file->was_seen = file->seen;
		file->seen = file->named = file->replaced = false;
		file->deleted = false;
		/* What could not be read is tried again. */
		if (file->trouble != NULL)
			file->dry = false;
	}
	look_at_folders(&view);
	look_at_nameless(list);
	for (size_t i = 0; i < list->count && view.good; i++)
		if (list->files[i]->trouble != NULL)
			view.good = err_set(err, "%s", list->files[i]->trouble);
	return view.good;
}
