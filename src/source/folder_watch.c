/* folder_watch - hears what happens in folders. */
#include "source/folder_watch.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/memory.h"

enum { EVENT_BYTES = 64 * 1024 };

struct watched {
	struct watched *next;
	int wd;
	char *path;
};

struct folder_watch {
	int fd; /* -1: the system gives none */
	struct loop_watch *watch;
	struct watched *folders;
	void (*on_event)(void *context, enum folder_event event,
		const char *folder, const char *name);
	void (*on_written)(void *context, int file); /* or NULL */
	void *context;
};

static struct watched **
find(struct folder_watch *watch, int wd)
{
	struct watched **at = &watch->folders;

	while (*at != NULL && (*at)->wd != wd)
		at = &(*at)->next;
	return at;
}

static void
forget(struct watched **at)
{
	struct watched *folder = *at;

	*at = folder->next;
	free(folder->path);
	free(folder);
}

static void
tell_name(struct folder_watch *watch, const struct watched *folder,
	const struct inotify_event *event)
{
	static const struct {
		uint32_t mask;
		enum folder_event event;
	} rows[] = {
		{IN_MODIFY, FOLDER_WRITTEN},
		{IN_CLOSE_WRITE, FOLDER_CLOSED},
		{IN_MOVED_TO, FOLDER_MOVED_IN},
		{IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_ATTRIB,
			FOLDER_NAMES},
	};

	if ((event->mask & IN_ISDIR) != 0)
		return;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((event->mask & rows[i].mask) != 0) {
			watch->on_event(watch->context, rows[i].event,
				folder->path, event->name);
			return;
		}
}

static void
tell(struct folder_watch *watch, const struct inotify_event *event)
{
	struct watched **at = find(watch, event->wd);

	if ((event->mask & IN_IGNORED) != 0 && *at != NULL)
		forget(at);
	else if (*at != NULL && event->len > 0)
		tell_name(watch, *at, event);
	else if (*at == NULL && (event->mask & IN_MODIFY) != 0 &&
		 watch->on_written != NULL)
		watch->on_written(watch->context, event->wd);
	if ((event->mask & (IN_Q_OVERFLOW | IN_DELETE_SELF | IN_MOVE_SELF |
				   IN_UNMOUNT)) != 0)
		watch->on_event(watch->context, FOLDER_LOST, NULL, NULL);
}

static void
on_readable(void *context)
{
	struct folder_watch *watch = context;
	_Alignas(struct inotify_event) char bytes[EVENT_BYTES];
	ssize_t got = read(watch->fd, bytes, sizeof(bytes));

	for (ssize_t at = 0; at < got;) {
		/* The kernel keeps them aligned; the name stands behind it. */
		const struct inotify_event *event = (const void *)(bytes + at);

		tell(watch, event);
		at += (ssize_t)(sizeof(*event) + event->len);
	}
}

struct folder_watch *
folder_watch_new(struct loop *loop,
	void (*on_event)(void *context, enum folder_event event,
		const char *folder, const char *name),
	void *context)
{
	struct folder_watch *watch = mem_new(1, sizeof(*watch));

	watch->on_event = on_event;
	watch->context = context;
	watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (watch->fd >= 0)
		watch->watch =
			loop_watch_new(loop, watch->fd, on_readable, watch);
	return watch;
}

void
folder_watch_free(struct folder_watch *watch)
{
	if (watch == NULL)
		return;
	if (watch->fd >= 0) {
		loop_watch_free(watch->watch);
		close(watch->fd);
	}
	while (watch->folders != NULL)
		forget(&watch->folders);
	free(watch);
}

void
folder_watch_only_files(
	struct folder_watch *watch, void (*on_written)(void *context, int file))
{
	assert(watch->folders == NULL);
	watch->on_written = on_written;
}

int
folder_watch_file(struct folder_watch *watch, int fd)
{
	char path[32];

	if (watch->fd < 0)
		return -1;
	/* The file that is open, not one that has its name meanwhile. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return inotify_add_watch(watch->fd, path, IN_MODIFY);
}

void
folder_watch_leave(struct folder_watch *watch, int file)
{
	if (watch->fd >= 0 && file >= 0)
		inotify_rm_watch(watch->fd, file);
}

/* The path may lead to another folder than before. */
static void
drop_others(struct folder_watch *watch, const char *path, int wd)
{
	struct watched **at = &watch->folders;

	while (*at != NULL) {
		if ((*at)->wd == wd || strcmp((*at)->path, path) != 0) {
			at = &(*at)->next;
			continue;
		}
		inotify_rm_watch(watch->fd, (*at)->wd);
		forget(at);
	}
}

void
folder_watch_add(struct folder_watch *watch, const char *path)
{
	uint32_t mask = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |
			IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE_SELF |
			IN_MOVE_SELF | IN_ONLYDIR;
	struct watched **at, *folder;
	int wd;

	if (watch->on_written == NULL)
		mask |= IN_MODIFY;

	if (watch->fd < 0)
		return;
	wd = inotify_add_watch(watch->fd, path, mask);
	drop_others(watch, path, wd);
	at = find(watch, wd);
	if (wd < 0 || *at != NULL)
		return;
	folder = mem_new(1, sizeof(*folder));
	folder->wd = wd;
	folder->path = mem_strdup(path);
	folder->next = watch->folders;
	watch->folders = folder;
}
