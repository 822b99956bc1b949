/*
 * sqlite_restore - makes a backup, or a copy of a store, the store, while no
 * daemon runs. At every step a start in between is refused, and doing it again
 * goes on:
 *
 *	PATH.new      the copy, compared and synced
 *	PATH, -wal    moved aside: a start says "is missing"
 *	PATH.lock     the mark says what PATH.new holds
 *	PATH          PATH.new in its place
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "store/install.h"
#include "store/schema.h"
#include "store/sqlite_kind.h"
#include "store/sqlite_upgrade.h"

struct restore {
	struct sqlite_file file;
	const char *from;
	char *new_path;
	char store_id[STORE_ID_BYTES];
	struct store_restored *restored;
};

static bool
is_same_file(const char *a, const char *b)
{
	struct stat left, right;

	return stat(a, &left) == 0 && stat(b, &right) == 0 &&
	       left.st_dev == right.st_dev && left.st_ino == right.st_ino;
}

static bool
look_at_source(const char *from, struct err *err)
{
	switch (sqlite_file_kind(from)) {
	case FILE_STORE:
	case FILE_BACKUP:
		return true;
	case FILE_MISSING:
		return err_set(err, "%s: there is no such file", from);
	case FILE_FOREIGN:
		break;
	}
	return err_set(err, "%s is neither a backup nor a store of npsd", from);
}

/* Who runs this may be root; the daemon is not. */
static bool
give_to_daemon(const struct restore *restore, const char *path, struct err *err)
{
	struct stat like;
	char *folder = mem_strdup(restore->file.path);
	char *slash = strrchr(folder, '/');
	bool good = true;

	if (slash)
		slash[slash == folder] = '\0';
	if (geteuid() == 0 && (stat(restore->file.path, &like) == 0 ||
				      stat(slash ? folder : ".", &like) == 0))
		good = chown(path, like.st_uid, like.st_gid) == 0 ||
		       err_errno(err, "%s: owner", path);
	free(folder);
	return good;
}

/* ---- the copy ---- */

/* Readies what was copied to be a store; what it is comes along. */
static bool
settle_copy(struct restore *restore, struct sql *sql, struct err *err)
{
	struct store_restored *restored = restore->restored;
	struct store_identity identity;
	char text[200];

	snprintf(text, sizeof(text),
		"BEGIN IMMEDIATE; PRAGMA application_id=%d; DELETE FROM meta "
		"WHERE key IN ('home', 'backup_ms'); COMMIT",
		SCHEMA_APPLICATION_ID);
	if (!sql_check(sql, err) ||
		!sql_ask_number(sql,
			"SELECT ifnull((SELECT value FROM meta "
			"WHERE key = 'backup_ms'), 0)",
			&restored->made_ms, err) ||
		!sql_run(sql, text, err) ||
		!sqlite_check_version(sql,
			schema_steps[schema_step_count - 1].version, err) ||
		!sqlite_read_identity(sql, restore->from, &identity, err) ||
		!sqlite_read_books(sql, &restored->books, err))
		return false;
	memcpy(restore->store_id, identity.store_id, sizeof(identity.store_id));
	return true;
}

static bool
copy_all(struct sql *from, struct sql *to, struct err *err)
{
	struct sql_copy *copy = sql_copy_start(from, to, err);
	int64_t left = 1, total;
	bool good = copy != NULL;

	while (good && left > 0)
		good = sql_copy_step(copy, -1, &left, &total, err);
	sql_copy_end(copy);
	return good;
}

static bool
make_copy(struct restore *restore, struct err *err)
{
	if (!install_begin(restore->new_path, SQLITE_FILE_MODE, err) ||
		!give_to_daemon(restore, restore->new_path, err))
		return false;
	struct sql *from = sql_open(restore->from, SQL_READ, err);
	struct sql *to = from ? sql_open_copy(restore->new_path, err) : NULL;
	bool good = to && copy_all(from, to, err);

	sql_close(from);
	sql_close(to);
	/* Anew, so that what was written is read. */
	to = good ? sql_open_copy(restore->new_path, err) : NULL;
	good = to && settle_copy(restore, to, err);
	sql_close(to);
	return good;
}

/* ---- the change of place ---- */

static bool
move_if_there(const char *from, const char *to, bool *moved, struct err *err)
{
	*moved = rename(from, to) == 0;
	return *moved || errno == ENOENT || err_errno(err, "%s", to);
}

/* A name that nothing has; the caller frees it. */
static char *
name_aside(const char *path)
{
	char stamp[32];
	time_t now = time(NULL);
	struct tm moment;

	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ",
		gmtime_r(&now, &moment));
	char *name = mem_printf("%s.replaced-%s", path, stamp);

	for (int n = 2; access(name, F_OK) == 0; n++) {
		free(name);
		name = mem_printf("%s.replaced-%s-%d", path, stamp, n);
	}
	return name;
}

static bool
move_aside(struct restore *restore, struct err *err)
{
	const char *path = restore->file.path;
	char *aside = name_aside(path);
	char *wal = mem_printf("%s-wal", path);
	char *wal_aside = mem_printf("%s-wal", aside);
	char *shm = mem_printf("%s-shm", path);
	bool was_there, wal_was_there;
	bool good = move_if_there(path, aside, &was_there, err) &&
		    move_if_there(wal, wal_aside, &wal_was_there, err) &&
		    install_sync_folder(path, err);

	if (good)
		unlink(shm);
	if (good && (was_there || wal_was_there))
		restore->restored->aside = mem_strdup(aside);
	free(aside);
	free(wal);
	free(wal_aside);
	free(shm);
	return good;
}

static bool
replace(struct restore *restore, struct err *err)
{
	return make_copy(restore, err) && move_aside(restore, err) &&
	       sqlite_file_renew_mark(&restore->file, restore->store_id,
		       restore->restored->books.change, err) &&
	       install_end(restore->new_path, restore->file.path, true, err);
}

/* The file is in its place: with what lies beside it, it is the store. */
static bool
accept(struct restore *restore, struct err *err)
{
	struct sql *sql = sql_open(restore->file.path, SQL_WRITE, err);
	bool good = sql && settle_copy(restore, sql, err) &&
		    sql_checkpoint(sql, SQL_TRUNCATE, SQL_BUSY_MS, err);

	sql_close(sql);
	return good && sqlite_file_renew_mark(&restore->file, restore->store_id,
			       restore->restored->books.change, err);
}

bool
sqlite_restore(const char *path, const char *from,
	struct store_restored *restored, struct err *err)
{
	struct restore restore = {.from = from, .restored = restored};
	struct stat status;
	bool good;

	if (!look_at_source(from, err))
		return false;
	if (!sqlite_file_lock(&restore.file, path, err)) {
		sqlite_file_unlock(&restore.file);
		return false;
	}
	restore.new_path = mem_printf("%s.new", restore.file.path);
	good = give_to_daemon(&restore, restore.file.lock_path, err) &&
	       (is_same_file(path, from) ? accept(&restore, err)
					 : replace(&restore, err));
	if (!good)
		install_drop(restore.new_path);
	if (good && stat(path, &status) == 0)
		restored->books.bytes = (int64_t)status.st_size;
	sqlite_file_unlock(&restore.file);
	free(restore.new_path);
	return good;
}
