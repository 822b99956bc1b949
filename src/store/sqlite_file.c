/*
 * sqlite_file - lock, mark and first look at the SQLite file.
 */
#include "store/sqlite_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "store/install.h"
#include "store/schema.h"

/* Offsets in the file's and the WAL's header: sqlite.org/fileformat2.html */
enum {
	HEADER_BYTES = 100,
	HEADER_PAGE_SIZE = 16,
	HEADER_USER_VERSION = 60,
	HEADER_APPLICATION_ID = 68,
	WAL_HEADER_BYTES = 32,
	WAL_VERSION_AT = 4,
	WAL_PAGE_SIZE_AT = 8,
	WAL_SUM_AT = 24,
	MARK_BYTES = 96,
};
static const char magic[16] = "SQLite format 3";
static const uint32_t wal_magic = 0x377f0682; /* +1: sums are big-endian */
static const uint32_t wal_version = 3007000;

/* ---- the lock and the mark ---- */

#define MARK_FORMAT "npsd %32[0-9a-f] %" SCNd64 " %ld"

/* Who holds the lock, for the message; 0 if it cannot be told. */
static long
read_mark(int fd, struct mark *mark)
{
	char text[MARK_BYTES + 1] = "";
	long process = 0;
	ssize_t length = pread(fd, text, MARK_BYTES, 0);

	mark->known = length > 0 &&
		      sscanf(text, MARK_FORMAT, mark->store_id, &mark->change,
			      &process) == 3 &&
		      strlen(mark->store_id) == STORE_ID_BYTES - 1;
	return mark->known ? process : 0;
}

void
sqlite_file_set_mark(
	struct sqlite_file *file, const char *store_id, int64_t change)
{
	char text[MARK_BYTES + 1];
	int length = snprintf(text, sizeof(text), "npsd %s %020" PRId64 " %ld",
		store_id, change, (long)getpid());

	/* Always as long, so that it is written over in place. */
	memset(text + length, ' ', sizeof(text) - (size_t)length);
	text[MARK_BYTES - 1] = '\n';
	/* If it fails the mark is only older than it could be. */
	ssize_t written = pwrite(file->lock_fd, text, MARK_BYTES, 0);
	(void)written;
	if (!file->mark.known)
		fsync(file->lock_fd);
	file->mark.known = true;
	file->mark.change = change;
	snprintf(file->mark.store_id, sizeof(file->mark.store_id), "%s",
		store_id);
}

bool
sqlite_file_renew_mark(struct sqlite_file *file, const char *store_id,
	int64_t change, struct err *err)
{
	sqlite_file_set_mark(file, store_id, change);
	if (fsync(file->lock_fd) == 0)
		return true;
	return err_errno(err, "%s: sync", file->lock_path);
}

bool
sqlite_file_is_store(const char *path, const char *store_id)
{
	char *lock_path = mem_printf("%s.lock", path);
	int fd = open(lock_path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
	struct mark mark = {.known = false};

	free(lock_path);
	if (fd < 0)
		return false;
	read_mark(fd, &mark);
	close(fd);
	return mark.known && strcmp(mark.store_id, store_id) == 0 &&
	       access(path, F_OK) == 0;
}

bool
sqlite_file_check_mark(const struct sqlite_file *file, const char *store_id,
	int64_t change, struct err *err)
{
	const struct mark *mark = &file->mark;

	if (!mark->known)
		return true;
	if (strcmp(mark->store_id, store_id) != 0)
		return err_set(err,
			"%s or %s-wal is not the one npsd wrote here before. "
			"Put the right files back; or, if this one is meant: "
			"npsd restore %s",
			file->path, file->path, file->path);
	if (mark->change <= change)
		return true;
	return err_set(err,
		"%s ends at commit %" PRId64 " of %" PRId64
		": %s-wal is missing or damaged, or this is an older copy. Put "
		"the right files back; or, to go on without what is lost: "
		"npsd restore %s",
		file->path, change, mark->change, file->path, file->path);
}

static bool
refuse_second(const struct sqlite_file *file, struct err *err)
{
	struct mark mark;
	long process = read_mark(file->lock_fd, &mark);

	if (process)
		return err_set(err,
			"%s is in use by another npsd (process %ld): only one "
			"may write it",
			file->path, process);
	return err_set(err,
		"%s is in use by another npsd: only one may write it",
		file->path);
}

/* Where a symbolic link leads, as SQLite follows it: whatever way leads to a
 * store, its WAL and its lock lie beside the file. NULL: see err. */
static char *
follow(const char *path, struct err *err)
{
	struct stat status;
	char *real;

	if (lstat(path, &status) != 0 || !S_ISLNK(status.st_mode))
		return mem_strdup(path);
	real = realpath(path, NULL);
	if (real == NULL)
		err_errno(err,
			"%s is a symbolic link, and nothing is where it leads "
			"(is a disk not mounted?)",
			path);
	return real;
}

bool
sqlite_file_lock(struct sqlite_file *file, const char *path, struct err *err)
{
	*file = (struct sqlite_file){.lock_fd = -1, .wal_fd = -1};
	file->path = follow(path, err);
	if (file->path == NULL)
		return false;
	file->lock_path = mem_printf("%s.lock", file->path);
	file->lock_fd = open(file->lock_path,
		O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY,
		SQLITE_FILE_MODE);
	if (file->lock_fd < 0)
		return err_errno(err, "%s", file->lock_path);
	if (flock(file->lock_fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno == EWOULDBLOCK)
			return refuse_second(file, err);
		return err_errno(err, "%s: lock", file->lock_path);
	}
	read_mark(file->lock_fd, &file->mark);
	return true;
}

void
sqlite_file_unlock(struct sqlite_file *file)
{
	if (file->wal_fd >= 0)
		close(file->wal_fd);
	if (file->lock_fd >= 0)
		close(file->lock_fd);
	free(file->path);
	free(file->lock_path);
	*file = (struct sqlite_file){.lock_fd = -1, .wal_fd = -1};
}

/* ---- the first look ---- */

static uint32_t
number_at(const unsigned char *bytes, size_t offset)
{
	bytes += offset;
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
	       (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Reads the start of a file. -1: there is none; -2: see err. */
static ssize_t
read_head(const char *path, void *bytes, size_t limit, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0 && errno == ENOENT)
		return -1;
	if (fd < 0) {
		err_errno(err, "%s", path);
		return -2;
	}
	ssize_t length = pread(fd, bytes, limit, 0);

	if (length < 0) {
		err_errno(err, "%s", path);
		length = -2;
	}
	close(fd);
	return length;
}

#define KEPT_ADVICE                                                        \
	"It is left as it is: put a good copy back; or, to start with an " \
	"empty one, move it and its .lock away"

static bool
look_at_header(const char *path, const unsigned char *head, ssize_t length,
	int newest_version, struct err *err)
{
	if (length == 0)
		return err_set(err, "%s is empty. " KEPT_ADVICE, path);
	if (length < HEADER_BYTES || memcmp(head, magic, sizeof(magic)) != 0)
		return err_set(err,
			"%s is no SQLite database, or a damaged "
			"one. " KEPT_ADVICE,
			path);
	if (number_at(head, HEADER_APPLICATION_ID) == SCHEMA_BACKUP_ID)
		return err_set(err,
			"%s is a backup, not a store. To make it the store: "
			"npsd restore %s",
			path, path);
	if (number_at(head, HEADER_APPLICATION_ID) != SCHEMA_APPLICATION_ID)
		return err_set(err,
			"%s is a database of another program. Name another "
			"file in store:",
			path);
	uint32_t version = number_at(head, HEADER_USER_VERSION);

	if (version > (uint32_t)newest_version)
		return err_set(err,
			"%s was written by a newer npsd (schema %" PRIu32
			", this one knows %d). Install that one again, or go "
			"back to a backup",
			path, version, newest_version);
	return true;
}

enum file_kind
sqlite_file_kind(const char *path)
{
	unsigned char head[HEADER_BYTES];
	struct err err;
	ssize_t length = read_head(path, head, sizeof(head), &err);

	if (length == -1)
		return FILE_MISSING;
	if (length < HEADER_BYTES || memcmp(head, magic, sizeof(magic)) != 0)
		return FILE_FOREIGN;
	switch (number_at(head, HEADER_APPLICATION_ID)) {
	case SCHEMA_APPLICATION_ID:
		return FILE_STORE;
	case SCHEMA_BACKUP_ID:
		return FILE_BACKUP;
	default:
		return FILE_FOREIGN;
	}
}

bool
sqlite_file_is_own(const struct sqlite_file *file, const char *path)
{
	static const char *const endings[] = {"", "-wal", "-shm", ".lock"};
	struct stat named, own;
	bool found = false;

	if (stat(path, &named) != 0)
		return false;
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		char *name = mem_printf("%s%s", file->path, endings[i]);

		found = found ||
			(stat(name, &own) == 0 && own.st_dev == named.st_dev &&
				own.st_ino == named.st_ino);
		free(name);
	}
	return found;
}

/* The sum over a WAL header (fileformat2 section 4.2). */
static bool
wal_sum_fits(const unsigned char *head)
{
	bool big = number_at(head, 0) & 1;
	uint32_t a = 0, b = 0;

	for (size_t at = 0; at < WAL_SUM_AT; at += 8) {
		uint32_t x = number_at(head, at), y = number_at(head, at + 4);

		if (!big) {
			x = __builtin_bswap32(x);
			y = __builtin_bswap32(y);
		}
		a += x + b;
		b += y + a;
	}
	return number_at(head, WAL_SUM_AT) == a &&
	       number_at(head, WAL_SUM_AT + 4) == b;
}

static bool
wal_fits(const unsigned char *head, uint32_t page_size)
{
	return (number_at(head, 0) & ~1u) == wal_magic &&
	       number_at(head, WAL_VERSION_AT) == wal_version &&
	       number_at(head, WAL_PAGE_SIZE_AT) == page_size &&
	       wal_sum_fits(head);
}

static bool
look_at_wal(const struct sqlite_file *file, uint32_t page_size, struct err *err)
{
	static const unsigned char nothing[WAL_HEADER_BYTES];
	unsigned char head[WAL_HEADER_BYTES];
	char *path = mem_printf("%s-wal", file->path);
	ssize_t length = read_head(path, head, sizeof(head), err);
	bool good = length != -2;

	/* All zeroes: the power went before the first commit was synced. The
	 * mark knows better, if there was one. */
	if (length > 0 && (length < WAL_HEADER_BYTES ||
				  (memcmp(head, nothing, sizeof(head)) != 0 &&
					  !wal_fits(head, page_size))))
		good = err_set(err,
			"%s does not belong to %s, or is damaged: what was "
			"committed last stands in it. Put the right one back; "
			"or, to go on without it, move it and %s away",
			path, file->path, file->lock_path);
	free(path);
	return good;
}

/* No file: was there ever one? */
static bool
look_at_nothing(const struct sqlite_file *file, struct err *err)
{
	char *path = mem_printf("%s-wal", file->path);
	bool left = access(path, F_OK) == 0;

	free(path);
	if (left)
		return err_set(err,
			"%s is missing beside %s-wal, which stays as it is. "
			"Put it back; or, to start with an empty one, move "
			"that and %s away",
			file->path, file->path, file->lock_path);
	if (file->mark.known)
		return err_set(err,
			"%s is missing, though npsd wrote it before. Put it "
			"back; or, to start with an empty one, remove %s",
			file->path, file->lock_path);
	return true;
}

bool
sqlite_file_look(const struct sqlite_file *file, int newest_version,
	bool *exists, struct err *err)
{
	unsigned char head[HEADER_BYTES];
	ssize_t length = read_head(file->path, head, sizeof(head), err);

	*exists = length >= 0;
	if (length == -2)
		return false;
	if (length == -1)
		return look_at_nothing(file, err);
	if (!look_at_header(file->path, head, length, newest_version, err))
		return false;
	uint32_t page_size = (uint32_t)head[HEADER_PAGE_SIZE] << 8 |
			     head[HEADER_PAGE_SIZE + 1];

	/* 1 stands for 65536, which does not fit. */
	return look_at_wal(file, page_size == 1 ? 65536 : page_size, err);
}

/* ---- the sync of commits ---- */

/* SQLite locks the database and the -shm, not the WAL: closing another
 * descriptor of it drops no lock. */
bool
sqlite_file_open_wal(
	struct sqlite_file *file, const char *path, struct err *err)
{
	file->wal_fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
	if (file->wal_fd >= 0)
		return true;
	return err_errno(err, "%s", path);
}

bool
sqlite_file_sync_wal(const struct sqlite_file *file, struct err *err)
{
	if (fdatasync(file->wal_fd) == 0)
		return true;
	return err_errno(err, "%s-wal: sync", file->path);
}

/* ---- a new file ---- */

char *
sqlite_file_start_new(const struct sqlite_file *file, struct err *err)
{
	char *path = mem_printf("%s.new", file->path);

	/* SQLite gives the WAL the same mode. */
	if (install_begin(path, SQLITE_FILE_MODE, err))
		return path;
	free(path);
	return NULL;
}
