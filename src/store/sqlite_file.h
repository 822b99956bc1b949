/*
 * sqlite_file - what is looked at around the SQLite file before and beside
 * SQLite itself: that one process writes it, that it is ours, and that it holds
 * all that was committed.
 *
 *	PATH           the database
 *	PATH-wal       what was committed and not yet moved into it
 *	PATH.lock      locked by the one who writes; holds the mark: which
 *	               database this is and its last commit
 *
 * The mark is how a missing, exchanged or cut WAL is noticed: SQLite would
 * silently open the database as it was before.
 */
#ifndef NPSD_STORE_SQLITE_FILE_H
#define NPSD_STORE_SQLITE_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum { STORE_ID_BYTES = 33, SQLITE_FILE_MODE = 0640 };

struct mark {
	bool known;
	char store_id[STORE_ID_BYTES];
	int64_t change;
};

struct sqlite_file {
	char *path;
	char *lock_path;
	int lock_fd;
	int wal_fd;	  /* for the sync alone; -1: not open */
	struct mark mark; /* as it was found, then as it was set */
};

/* Takes the lock; false if another one has it, or if the path is a symbolic link
 * that leads nowhere. The lock goes with the process, however it ends. */
bool sqlite_file_lock(
	struct sqlite_file *file, const char *path, struct err *err) must_check;
void sqlite_file_unlock(struct sqlite_file *file);

/* Looks at the bytes of the file and its WAL. *exists false: there is none and
 * never was, so one may be made. To be called before SQLite opens it: closing
 * any descriptor of the file drops SQLite's own locks. */
bool sqlite_file_look(const struct sqlite_file *file, int newest_version,
	bool *exists, struct err *err) must_check;
/* An empty file beside it where a new one is built; what an earlier try left
 * there is removed. The caller frees the path; NULL: see err. */
char *sqlite_file_start_new(
	const struct sqlite_file *file, struct err *err) must_check;
/* Whether the file is there and the mark beside it is of this store. Opens but
 * the mark. */
bool sqlite_file_is_store(const char *path, const char *store_id);
/* What the head of a file says it is. To be asked of no file that is open. */
enum file_kind { FILE_MISSING, FILE_FOREIGN, FILE_STORE, FILE_BACKUP };
enum file_kind sqlite_file_kind(const char *path);
/* Whether the path names one of the files that are open. */
bool sqlite_file_is_own(const struct sqlite_file *file, const char *path);

/* To be called once SQLite has it open; path: sql_wal_path. */
bool sqlite_file_open_wal(
	struct sqlite_file *file, const char *path, struct err *err) must_check;
/* Any thread. What was written to the WAL before is on disk then. */
bool sqlite_file_sync_wal(
	const struct sqlite_file *file, struct err *err) must_check;

/* False if the mark says that this database is another one, or lacks
 * commits. */
bool sqlite_file_check_mark(const struct sqlite_file *file,
	const char *store_id, int64_t change, struct err *err) must_check;
/* Like the next, but on disk, whatever stood there. */
bool sqlite_file_renew_mark(struct sqlite_file *file, const char *store_id,
	int64_t change, struct err *err) must_check;
/* Written after each sync; not synced itself, so it is never ahead of the
 * database. */
void sqlite_file_set_mark(
	struct sqlite_file *file, const char *store_id, int64_t change);

#endif
