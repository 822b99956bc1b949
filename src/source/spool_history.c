/* spool_history - tells rotated files that are news from history. */
#include "source/spool_history.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "source/safe_file.h"

/* A file may have been found this much later than one that is younger: a look
 * at a folder misses a name that changes at that moment. */
enum { LATE_MS = 5000 };

void
spool_history_done(struct spool_history *history)
{
	free(history->ignored);
}

static int64_t
modified_of(const struct stat *status)
{
	return (int64_t)status->st_mtim.tv_sec * 1000 +
	       status->st_mtim.tv_nsec / 1000000;
}

static struct spool_ignored *
find(const struct spool_history *history, const struct stat *status)
{
	for (size_t i = 0; i < history->count; i++) {
		struct spool_ignored *ignored = &history->ignored[i];

		if (ignored->device == status->st_dev &&
			ignored->inode == status->st_ino)
			return ignored;
	}
	return NULL;
}

static void
ignore(struct spool_history *history, const struct stat *status)
{
	struct spool_ignored *ignored = find(history, status);

	if (ignored == NULL) {
		history->ignored = mem_grow(history->ignored,
			history->count + 1, sizeof(struct spool_ignored));
		ignored = &history->ignored[history->count++];
	}
	*ignored = (struct spool_ignored){
		status->st_dev, status->st_ino, modified_of(status)};
}

/* Short files may well begin alike, so only a whole fingerprint tells. */
static bool
is_copy(const struct spool_rotated *rotated, struct spool_file *const *files,
	size_t count)
{
	struct fingerprint head;
	struct stat status;
	bool copy = false, whole;
	int fd = safe_file_open(rotated->folder, rotated->name, &status, NULL);

	if (fd < 0)
		return false;
	fingerprint_init(&head);
	whole = fingerprint_grow(&head, fd, FINGERPRINT_LIMIT_BYTES, NULL) &&
		head.length == FINGERPRINT_LIMIT_BYTES;
	close(fd);
	for (size_t i = 0; i < count && whole && !copy; i++)
		copy = strcmp(files[i]->print.sha256, head.sha256) == 0 ||
		       strcmp(files[i]->former_sha256, head.sha256) == 0;
	return copy;
}

/* How young what an earlier run read of files with this path was; 0: none. */
static int64_t
last_placed(const char *path, struct spool_file *const *files, size_t count)
{
	int64_t last_ms = 0;

	for (size_t i = 0; i < count; i++)
		if (files[i]->placed_ms > last_ms &&
			strcmp(files[i]->path, path) == 0)
			last_ms = files[i]->placed_ms;
	return last_ms;
}

bool
spool_history_is_news(struct spool_history *history,
	const struct spool_rotated *rotated, struct spool_file *const *files,
	size_t count)
{
	int64_t modified_ms = modified_of(rotated->status);
	int64_t last_ms = last_placed(rotated->path, files, count);
	const struct spool_ignored *ignored = find(history, rotated->status);
	bool is_late;

	if (ignored != NULL && ignored->modified_ms == modified_ms)
		return false;
	is_late = last_ms > 0 ? modified_ms >= last_ms - LATE_MS
			      : !rotated->is_first_look;
	if (is_late && !is_copy(rotated, files, count))
		return true;
	ignore(history, rotated->status);
	return false;
}
