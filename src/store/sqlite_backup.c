/*
 * sqlite_backup - a copy of the SQLite store while it is at work.
 *
 *	start   FILE.npsd-part, empty                  store thread
 *	copy    some pages at a time, until none left  store thread
 *	end     marked, compared, synced, FILE         any thread
 *
 * The writing connection itself is the source, so that there is no second one
 * that would have to hold a snapshot: what it commits meanwhile goes along. The
 * copy is a single file without a WAL, with an application id of its own.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/memory.h"
#include "store/install.h"
#include "store/schema.h"
#include "store/sqlite_kind.h"

enum {
	BACKUP_FILE_MODE = 0600,
	BACKUP_SPARE_BYTES = 16 * 1024 * 1024, /* left free beside it */
};

struct sqlite_backup {
	struct store_backup base;	   /* first */
	const struct sqlite_writer *store; /* the store thread's */
	char *path, *part;
	bool replace;
	int64_t now_ms;
	struct sql *to;
	struct sql_copy *copy;	     /* until all is copied */
	int64_t change, last_answer; /* where it ends */
	bool in_place;
};

static struct sqlite_backup *
backup_of(struct store_backup *backup)
{
	return (struct sqlite_backup *)backup;
}

void
sqlite_backup_free(struct store_backup *base)
{
	struct sqlite_backup *backup = backup_of(base);

	sql_copy_end(backup->copy);
	sql_close(backup->to);
	if (!backup->in_place)
		install_drop(backup->part);
	free(backup->path);
	free(backup->part);
	free(backup);
}

/* Its own files are never opened: closing one would drop SQLite's locks. */
static bool
is_free(const struct sqlite_writer *store, const char *path, bool replace,
	struct err *err)
{
	if (path[0] != '/')
		return err_set(err, "%s: not an absolute path", path);
	if (sqlite_file_is_own(&store->file, path))
		return err_set(err, "%s is the store itself", path);
	switch (sqlite_file_kind(path)) {
	case FILE_MISSING:
		return true;
	case FILE_BACKUP:
		return replace ||
		       err_set(err,
			       "%s is there already. Name another file, or "
			       "replace that backup with --force",
			       path);
	case FILE_FOREIGN:
	case FILE_STORE:
		break;
	}
	return err_set(err,
		"%s is there already, and is no backup of npsd: it is not "
		"replaced. Name another file",
		path);
}

/* A copy that fills the disk would stop the store it is made of. */
static bool
has_room(struct sqlite_writer *store, const char *part, struct err *err)
{
	struct statvfs disk;
	int64_t pages;

	if (!sql_ask_number(store->sql, "PRAGMA page_count", &pages, err))
		return false;
	if (statvfs(part, &disk) != 0)
		return err_errno(err, "%s", part);
	int64_t need = pages * store->page_bytes + BACKUP_SPARE_BYTES;
	int64_t room = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;

	return room >= need ||
	       err_set(err,
		       "%s: the copy needs %" PRId64
		       " MiB of free disk with what is to spare, there are "
		       "%" PRId64,
		       part, need / 1024 / 1024, room / 1024 / 1024);
}

struct store_backup *
sqlite_backup_start(struct store_writer *base, const char *path, bool replace,
	int64_t now_ms, struct err *err)
{
	struct sqlite_writer *store = writer_of(base);

	if (!is_free(store, path, replace, err))
		return NULL;
	struct sqlite_backup *backup = mem_new(1, sizeof(*backup));

	backup->store = store;
	backup->path = mem_strdup(path);
	backup->part = mem_printf("%s.npsd-part", path);
	backup->replace = replace;
	backup->now_ms = now_ms;
	if (install_begin(backup->part, BACKUP_FILE_MODE, err) &&
		has_room(store, backup->part, err))
		backup->to = sql_open_copy(backup->part, err);
	if (backup->to)
		backup->copy = sql_copy_start(store->sql, backup->to, err);
	if (backup->copy)
		return &backup->base;
	sqlite_backup_free(&backup->base);
	return NULL;
}

bool
sqlite_backup_copy(struct store_backup *base, int pages, int64_t *left,
	int64_t *total, struct err *err)
{
	struct sqlite_backup *backup = backup_of(base);

	if (!sql_copy_step(backup->copy, pages, left, total, err))
		return false;
	if (*left > 0)
		return true;
	sql_copy_end(backup->copy);
	backup->copy = NULL;
	sql_close(backup->to);
	backup->to = NULL;
	backup->change = backup->store->change;
	backup->last_answer = backup->store->last_answer;
	backup->store = NULL;
	return true;
}

/* ---- the end ---- */

static bool
put_marks(struct sql *sql, int64_t now_ms, struct err *err)
{
	char text[256];

	snprintf(text, sizeof(text),
		"BEGIN IMMEDIATE; PRAGMA application_id=%d; "
		"DELETE FROM meta WHERE key = 'home'; "
		"INSERT OR REPLACE INTO meta VALUES('backup_ms', %" PRId64
		"); COMMIT",
		SCHEMA_BACKUP_ID, now_ms);
	return sql_run(sql, text, err);
}

bool
sqlite_read_books(struct sql *sql, struct store_books *books, struct err *err)
{
	return sql_ask_number(sql,
		       "SELECT value FROM meta WHERE key = 'change'",
		       &books->change, err) &&
	       sql_ask_number(sql, "SELECT count(*) FROM answer",
		       &books->answers, err) &&
	       sql_ask_number(sql, "SELECT count(*) FROM delivery",
		       &books->deliveries, err) &&
	       sql_ask_number(sql, "SELECT count(*) FROM rejected",
		       &books->rejected, err);
}

static bool
compare(const struct sqlite_backup *backup, struct sql *sql,
	struct store_books *books, struct err *err)
{
	int64_t last_answer;

	if (!sql_check(sql, err) || !sqlite_read_books(sql, books, err) ||
		!sql_ask_number(sql, "SELECT ifnull(max(row), 0) FROM answer",
			&last_answer, err))
		return false;
	if (books->change == backup->change &&
		last_answer == backup->last_answer)
		return true;
	return err_set(err,
		"the copy ends at commit %" PRId64 " and answer %" PRId64
		", not at %" PRId64 " and %" PRId64,
		books->change, last_answer, backup->change,
		backup->last_answer);
}

bool
sqlite_backup_end(struct store_backup *base, const atomic_bool *stop,
	struct store_books *books, struct err *err)
{
	struct sqlite_backup *backup = backup_of(base);
	struct sql *sql = sql_open_copy(backup->part, err);
	struct stat status;
	bool good = false;

	if (sql) {
		sql_stop_when(sql, stop);
		good = put_marks(sql, backup->now_ms, err) &&
		       compare(backup, sql, books, err);
	}
	sql_close(sql);
	if (good && atomic_load(stop))
		good = err_set(err, "%s: stopped", backup->part);
	good = good &&
	       install_end(backup->part, backup->path, backup->replace, err);
	backup->in_place = good;
	books->bytes = good && stat(backup->path, &status) == 0
			       ? (int64_t)status.st_size
			       : 0;
	return good;
}
