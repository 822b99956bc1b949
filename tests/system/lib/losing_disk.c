/*
 * losing_disk - a model of a disk that loses its cache with the power, to be
 * preloaded into npsd.
 *
 * Beside the database, its WAL and its lock file it keeps a shadow of each: what
 * would be found there after a power cut. A write, or a truncation, goes to the
 * file and waits; once a sync that began after it has succeeded it goes into the
 * shadow. With some chance it is in the shadow before, or some of its sectors
 * are: the system wrote it back early. So what was not synced is lost, kept,
 * torn or out of order. The name of a new WAL is lost too until its folder is
 * synced. Nothing of that is done while the daemon waits: kill it at any time,
 * and put the shadows in the files' place.
 *
 * From the environment:
 *	DISK_FILE	the database
 *	DISK_SHADOW	the folder of the shadows, which have the files' names
 *	DISK_SEED	of all chance
 *	DISK_EARLY	how many writes in a hundred are written back early
 *	DISK_SYNC_MS	a sync takes up to twice as long, beside its own time
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SECTOR = 512 };

/* What one call did to one sector, or a truncation. */
struct change {
	struct change *next;
	uint64_t number;
	bool truncates;
	bool early; /* it is in the shadow, and goes there again in its turn */
	off64_t at;
	size_t length;
	unsigned char bytes[SECTOR];
};

struct file {
	const char *ending;
	pthread_mutex_t lock;
	int shadow; /* -1: not open yet */
	bool nameless;
	uint64_t number, chance;
	struct change *first, **end;
};

static struct file files[] = {
	{.ending = "", .lock = PTHREAD_MUTEX_INITIALIZER, .shadow = -1},
	{.ending = "-wal", .lock = PTHREAD_MUTEX_INITIALIZER, .shadow = -1},
	{.ending = ".lock", .lock = PTHREAD_MUTEX_INITIALIZER, .shadow = -1},
};
enum { FILES = sizeof(files) / sizeof(files[0]) };

/* ---- the real calls ---- */

static ssize_t
real_pwrite(int fd, const void *bytes, size_t length, off64_t at)
{
	return ((ssize_t(*)(int, const void *, size_t, off64_t))dlsym(
		RTLD_NEXT, "pwrite64"))(fd, bytes, length, at);
}

static ssize_t
real_write(int fd, const void *bytes, size_t length)
{
	return ((ssize_t(*)(int, const void *, size_t))dlsym(
		RTLD_NEXT, "write"))(fd, bytes, length);
}

static int
real_truncate(int fd, off64_t length)
{
	return ((int (*)(int, off64_t))dlsym(RTLD_NEXT, "ftruncate64"))(
		fd, length);
}

static int
real_sync(const char *name, int fd)
{
	return ((int (*)(int))dlsym(RTLD_NEXT, name))(fd);
}

/* ---- settings and chance ---- */

static void
fail(const char *what)
{
	perror(what);
	abort();
}

static const char *
setting(const char *name)
{
	const char *value = getenv(name);

	if (value == NULL)
		fail(name);
	return value;
}

/* Below limit; the file's lock is held. */
static uint64_t
draw(struct file *file, uint64_t limit)
{
	if (file->chance == 0)
		file->chance = ((uint64_t)atoll(setting("DISK_SEED")) << 3 |
				       (uint64_t)(file - files)) *
				       2654435761u +
			       1;
	file->chance ^= file->chance << 13;
	file->chance ^= file->chance >> 7;
	file->chance ^= file->chance << 17;
	return (file->chance >> 11) % limit;
}

static bool
is_early(struct file *file)
{
	return draw(file, 100) < (uint64_t)atoi(setting("DISK_EARLY"));
}

/* ---- the shadows ---- */

static void
shadow_path(const struct file *file, bool nameless, char path[PATH_MAX])
{
	const char *name = strrchr(setting("DISK_FILE"), '/');

	if (name == NULL)
		fail("DISK_FILE");
	snprintf(path, PATH_MAX, "%s%s%s%s", setting("DISK_SHADOW"), name,
		file->ending, nameless ? ".nameless" : "");
}

static int
shadow_of(struct file *file)
{
	char path[PATH_MAX];

	if (file->shadow >= 0)
		return file->shadow;
	shadow_path(file, false, path);
	file->shadow = open(path, O_RDWR | O_CLOEXEC);
	if (file->shadow < 0) {
		shadow_path(file, true, path);
		file->shadow = open(
			path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		file->nameless = true;
	}
	if (file->shadow < 0)
		fail(path);
	return file->shadow;
}

static void
name_shadow(struct file *file)
{
	char from[PATH_MAX], to[PATH_MAX];

	pthread_mutex_lock(&file->lock);
	if (file->nameless) {
		shadow_path(file, true, from);
		shadow_path(file, false, to);
		if (rename(from, to) != 0)
			fail(to);
		file->nameless = false;
	}
	pthread_mutex_unlock(&file->lock);
}

static void
apply(struct file *file, const struct change *change)
{
	int fd = shadow_of(file);

	if (change->truncates) {
		if (real_truncate(fd, change->at) != 0)
			fail("shadow");
	} else if (real_pwrite(fd, change->bytes, change->length, change->at) !=
		   (ssize_t)change->length) {
		fail("shadow");
	}
}

/* Those up to a number are durable. What was written back early and lies behind
 * them stays behind them. */
static void
make_durable(struct file *file, uint64_t number)
{
	struct change *change;

	while ((change = file->first) != NULL && change->number <= number) {
		apply(file, change);
		file->first = change->next;
		free(change);
	}
	if (file->first == NULL)
		file->end = NULL;
	for (; change != NULL; change = change->next)
		if (change->early)
			apply(file, change);
}

/* ---- what is done to the files ---- */

static bool
path_of(int fd, char path[PATH_MAX])
{
	char link[64];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, PATH_MAX - 1);
	if (length < 0)
		return false;
	path[length] = '\0';
	return true;
}

static struct file *
file_of(int fd)
{
	const char *database = setting("DISK_FILE");
	char path[PATH_MAX];
	struct stat status;

	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) ||
		!path_of(fd, path) ||
		strncmp(path, database, strlen(database)) != 0)
		return NULL;
	for (size_t i = 0; i < FILES; i++)
		if (strcmp(path + strlen(database), files[i].ending) == 0)
			return &files[i];
	return NULL;
}

static bool
is_their_folder(int fd)
{
	const char *database = setting("DISK_FILE");
	char path[PATH_MAX];
	size_t length;

	if (!path_of(fd, path))
		return false;
	length = strlen(path);
	return strncmp(path, database, length) == 0 &&
	       strrchr(database, '/') == database + length;
}

static void
append(struct file *file, const struct change *done)
{
	struct change *change = malloc(sizeof(*change));

	if (change == NULL)
		fail("a change");
	*change = *done;
	change->next = NULL;
	change->number = ++file->number;
	if (file->end == NULL)
		file->end = &file->first;
	*file->end = change;
	file->end = &change->next;
	if (change->early)
		apply(file, change);
}

static void
note_write(struct file *file, const unsigned char *bytes, size_t length,
	off64_t at)
{
	bool early = is_early(file), torn = draw(file, 2) == 0;

	while (length > 0) {
		size_t room = SECTOR - (size_t)(at % SECTOR);
		struct change change = {.at = at,
			.early = early && (!torn || draw(file, 2) == 0),
			.length = length < room ? length : room};

		memcpy(change.bytes, bytes, change.length);
		append(file, &change);
		bytes += change.length;
		at += (off64_t)change.length;
		length -= change.length;
	}
}

static void
wait_for_disk(struct file *file)
{
	struct timespec wait = {0, 0};
	uint64_t longest = 2000 * (uint64_t)atoi(setting("DISK_SYNC_MS"));

	wait.tv_nsec = 1000 * (long)draw(file, longest + 1);
	pthread_mutex_unlock(&file->lock);
	nanosleep(&wait, NULL);
}

static int
sync_file(const char *name, int fd)
{
	struct file *file = file_of(fd);
	uint64_t number;
	int result;

	if (file == NULL) {
		result = real_sync(name, fd);
		for (size_t i = 0; i < FILES; i++)
			if (result == 0 && is_their_folder(fd))
				name_shadow(&files[i]);
		return result;
	}
	pthread_mutex_lock(&file->lock);
	number = file->number;
	wait_for_disk(file);
	result = real_sync(name, fd);
	if (result != 0)
		return result;
	pthread_mutex_lock(&file->lock);
	make_durable(file, number);
	pthread_mutex_unlock(&file->lock);
	return 0;
}

/* ---- the calls ---- */

int
fsync(int fd)
{
	return sync_file("fsync", fd);
}

int
fdatasync(int fd)
{
	return sync_file("fdatasync", fd);
}

ssize_t
pwrite64(int fd, const void *bytes, size_t length, off64_t at)
{
	struct file *file = file_of(fd);
	ssize_t written;

	if (file == NULL)
		return real_pwrite(fd, bytes, length, at);
	pthread_mutex_lock(&file->lock);
	written = real_pwrite(fd, bytes, length, at);
	if (written > 0)
		note_write(file, bytes, (size_t)written, at);
	pthread_mutex_unlock(&file->lock);
	return written;
}

ssize_t
pwrite(int fd, const void *bytes, size_t length, off_t at)
{
	return pwrite64(fd, bytes, length, at);
}

ssize_t
write(int fd, const void *bytes, size_t length)
{
	struct file *file = file_of(fd);
	ssize_t written;

	if (file == NULL)
		return real_write(fd, bytes, length);
	pthread_mutex_lock(&file->lock);
	written = real_write(fd, bytes, length);
	if (written > 0)
		note_write(file, bytes, (size_t)written,
			lseek64(fd, 0, SEEK_CUR) - written);
	pthread_mutex_unlock(&file->lock);
	return written;
}

int
ftruncate64(int fd, off64_t length)
{
	struct file *file = file_of(fd);
	int result;

	if (file == NULL)
		return real_truncate(fd, length);
	pthread_mutex_lock(&file->lock);
	result = real_truncate(fd, length);
	if (result == 0) {
		struct change change = {.truncates = true,
			.early = is_early(file),
			.at = length};

		append(file, &change);
	}
	pthread_mutex_unlock(&file->lock);
	return result;
}

int
ftruncate(int fd, off_t length)
{
	return ftruncate64(fd, length);
}
