/* drop_chores - counts what waits, removes what is old. */
#include "source/drop_chores.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "source/drop_file.h"

enum { COUNT, PURGE_DONE, PURGE_REJECTED, WALKS };

struct drop_chores {
	struct drop_chores_settings settings;
	struct loop_timer *timer;
	DIR *walks[WALKS]; /* under way, or NULL */
	int64_t counted, behind;
	int64_t purged_us; /* when the last purge began; 0: none */
	int64_t removed;   /* by it */
	bool failed;	   /* the reason was told */
};

/* ---- one name ---- */

static void
count(struct drop_chores *chores, int folder, const char *name)
{
	struct stat status;

	if (drop_file_wants(name) &&
		fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
		S_ISREG(status.st_mode))
		chores->counted += status.st_size;
}

/* The time of the last change is that of the move, and cannot be set by hand.
 * Nothing but plain files is touched. */
static void
purge(struct drop_chores *chores, int folder, const char *name)
{
	struct stat status;
	int64_t age_ms;

	if (name[0] == '.' ||
		!wall_watch_believes(
			chores->settings.wall, chores->settings.clock) ||
		fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
		!S_ISREG(status.st_mode))
		return;
	age_ms = clock_wall_ms(chores->settings.clock) -
		 ((int64_t)status.st_ctim.tv_sec * 1000 +
			 status.st_ctim.tv_nsec / 1000000);
	if (age_ms < chores->settings.keep_ms)
		return;
	if (unlinkat(folder, name, 0) == 0) {
		chores->removed++;
	} else if (errno != ENOENT && !chores->failed) {
		chores->failed = true;
		log_warning("source %s: files that are older than keep_done "
			    "cannot be removed: %s",
			chores->settings.source, strerror(errno));
	}
}

/* ---- walks ---- */

static void
begin(struct drop_chores *chores, int walk, int folder, const char *path)
{
	int fd = openat(
		folder, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return;
	chores->walks[walk] = fdopendir(fd);
	if (chores->walks[walk] == NULL)
		close(fd);
}

static void
end(struct drop_chores *chores, int walk)
{
	closedir(chores->walks[walk]);
	chores->walks[walk] = NULL;
	if (walk == COUNT) {
		chores->behind = chores->counted;
		chores->settings.on_behind(
			chores->settings.context, chores->behind);
	} else if (chores->walks[PURGE_DONE] == NULL &&
		   chores->walks[PURGE_REJECTED] == NULL &&
		   chores->removed > 0) {
		log_info("source %s: removed %lld files older than keep_done",
			chores->settings.source, (long long)chores->removed);
		chores->removed = 0;
	}
}

static void
step(struct drop_chores *chores, int walk)
{
	DIR *dir = chores->walks[walk];

	for (int i = 0; i < DROP_CHORES_SLICE; i++) {
		const struct dirent *entry = readdir(dir);

		if (entry == NULL) {
			end(chores, walk);
			return;
		}
		if (walk == COUNT)
			count(chores, dirfd(dir), entry->d_name);
		else
			purge(chores, dirfd(dir), entry->d_name);
	}
}

static void
on_timer(void *context)
{
	struct drop_chores *chores = context;

	for (int walk = 0; walk < WALKS; walk++) {
		if (chores->walks[walk] == NULL)
			continue;
		step(chores, walk);
		loop_timer_set(chores->timer, 0);
		return;
	}
}

/* ---- life ---- */

struct drop_chores *
drop_chores_new(const struct drop_chores_settings *settings)
{
	struct drop_chores *chores = mem_new(1, sizeof(*chores));

	chores->settings = *settings;
	wall_watch_believes(settings->wall, settings->clock);
	chores->timer = loop_timer_new(settings->loop, on_timer, chores);
	return chores;
}

void
drop_chores_free(struct drop_chores *chores)
{
	if (chores == NULL)
		return;
	for (int walk = 0; walk < WALKS; walk++)
		if (chores->walks[walk] != NULL)
			closedir(chores->walks[walk]);
	loop_timer_free(chores->timer);
	free(chores);
}

static bool
is_purge_due(struct drop_chores *chores)
{
	int64_t every_ms = chores->settings.keep_ms < DROP_PURGE_EVERY_MS
				   ? chores->settings.keep_ms
				   : DROP_PURGE_EVERY_MS;

	return wall_watch_believes(
		       chores->settings.wall, chores->settings.clock) &&
	       chores->settings.keep_ms > 0 &&
	       chores->walks[PURGE_DONE] == NULL &&
	       chores->walks[PURGE_REJECTED] == NULL &&
	       (chores->purged_us == 0 ||
		       clock_monotonic_us(chores->settings.clock) -
				       chores->purged_us >=
			       every_ms * 1000);
}

void
drop_chores_look(struct drop_chores *chores, int folder)
{
	if (chores->walks[COUNT] == NULL) {
		chores->counted = 0;
		begin(chores, COUNT, folder, ".");
	}
	if (is_purge_due(chores)) {
		chores->purged_us = clock_monotonic_us(chores->settings.clock);
		chores->failed = false;
		begin(chores, PURGE_DONE, folder, "done");
		begin(chores, PURGE_REJECTED, folder, "rejected");
	}
	if (!loop_timer_is_set(chores->timer))
		loop_timer_set(chores->timer, 0);
}

void
drop_chores_moved(struct drop_chores *chores, int64_t bytes)
{
	/* A count under way may have it or not: the next one tells. */
	chores->behind = chores->behind > bytes ? chores->behind - bytes : 0;
	chores->settings.on_behind(chores->settings.context, chores->behind);
}
