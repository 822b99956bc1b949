/*
 * sql - one connection to SQLite and its prepared statements. The only file
 * that includes sqlite3.h. What it sets, and why, is the table of pragmas.
 */
#include "store/sql.h"

#include <assert.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum {
	STATEMENTS_LIMIT = 512,	 /* a power of two, never half full */
	PROGRESS_STEPS = 500000, /* of its machine, some 10 ms: between calls */
};

struct sql_statement {
	struct sql *sql;
	const char *text;
	sqlite3_stmt *handle; /* NULL: preparing it failed */
	int bound;
	bool made;  /* ends with sql_end */
	bool aside; /* see sql_aside */
};

struct sql {
	sqlite3 *handle;
	char *path;
	bool is_broken;
	int wal_pages;
	void (*on_progress)(void *context);
	void *progress_context;
	bool (*before)(void *context, struct err *err);
	void *before_context;
	struct sql_statement statements[STATEMENTS_LIMIT];
	size_t statement_count;
};

/*
 * A failed sync is never tried again: the kernel may have dropped the pages
 * and would say yes the second time. A disk without room is another matter:
 * nothing was written over, and room may come back.
 */
static bool
is_want_of_room(int number)
{
	return number == ENOSPC || number == EDQUOT || number == EROFS;
}

/* What the system said last of the database, or of its WAL; 0: nothing bad.
 * sqlite3_system_errno would tell what came after it, too. */
static int
last_errno(sqlite3 *handle, bool of_wal)
{
	sqlite3_file *file = NULL;
	int number = 0;

	sqlite3_file_control(handle, "main",
		of_wal ? SQLITE_FCNTL_JOURNAL_POINTER
		       : SQLITE_FCNTL_FILE_POINTER,
		&file);
	if (file && file->pMethods)
		file->pMethods->xFileControl(
			file, SQLITE_FCNTL_LAST_ERRNO, &number);
	return number;
}

static bool
is_fatal(sqlite3 *handle, int code)
{
	switch (code & 0xff) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return true;
	case SQLITE_CONSTRAINT:
		/* npsd knows which rows there are: a table and its index, or
		 * the file and what was read of it, disagree. */
		return code == SQLITE_CONSTRAINT_UNIQUE ||
		       code == SQLITE_CONSTRAINT_PRIMARYKEY;
	case SQLITE_IOERR:
		break;
	default:
		return false;
	}
	if (code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC)
		return true;
	int file = last_errno(handle, false), wal = last_errno(handle, true);

	/* No room: one says so, and neither says anything else. */
	return (file == 0 && wal == 0) ||
	       (file != 0 && !is_want_of_room(file)) ||
	       (wal != 0 && !is_want_of_room(wal));
}

static bool
fail(struct sql *sql, int code, struct err *err)
{
	if (is_fatal(sql->handle, code))
		sql->is_broken = true;
	return err_set(err, "%s: %s", sql->path, sqlite3_errmsg(sql->handle));
}

/* ---- statements ---- */

static sqlite3_stmt *
prepare(struct sql *sql, const char *text, unsigned flags)
{
	sqlite3_stmt *handle = NULL;

	if (sqlite3_prepare_v3(sql->handle, text, -1, flags, &handle, NULL) !=
		SQLITE_OK)
		return NULL;
	return handle;
}

/* Where the text's statement stands, or the free place for it. */
static struct sql_statement *
find_place(struct sql *sql, const char *text)
{
	/* Literals stand side by side: any mixing of the address will do. */
	size_t at = (size_t)(((uintptr_t)text * 0x9e3779b97f4a7c15u) >> 40);

	for (;; at++) {
		struct sql_statement *place =
			&sql->statements[at % STATEMENTS_LIMIT];

		if (place->text == text || !place->text)
			return place;
	}
}

struct sql_statement *
sql_use(struct sql *sql, const char *text)
{
	struct sql_statement *statement = find_place(sql, text);

	if (!statement->text) {
		sql->statement_count++;
		assert(sql->statement_count < STATEMENTS_LIMIT / 2);
		statement->sql = sql;
		statement->text = text;
	}
	if (!statement->handle)
		statement->handle =
			prepare(sql, text, SQLITE_PREPARE_PERSISTENT);
	statement->bound = 0;
	statement->aside = false;
	return statement;
}

struct sql_statement *
sql_make(struct sql *sql, const char *text)
{
	struct sql_statement *statement = mem_new(1, sizeof(*statement));

	statement->sql = sql;
	statement->handle = prepare(sql, text, 0);
	statement->made = true;
	return statement;
}

void
sql_set_before(struct sql *sql, bool (*before)(void *context, struct err *err),
	void *context)
{
	sql->before = before;
	sql->before_context = context;
}

struct sql_statement *
sql_aside(struct sql_statement *statement)
{
	statement->aside = true;
	return statement;
}

/* What a bind may fail for: a statement that could not be prepared (sql_step
 * tells), and a wrong count of parameters, which is our own mistake. */
static void
check_bound(const struct sql_statement *statement, int code)
{
	assert(!statement->handle || code == SQLITE_OK);
	(void)statement;
	(void)code;
}

void
sql_in_number(struct sql_statement *statement, int64_t number)
{
	check_bound(statement, sqlite3_bind_int64(statement->handle,
				       ++statement->bound, number));
}

void
sql_in_number_or_null(struct sql_statement *statement, int64_t number)
{
	if (number)
		sql_in_number(statement, number);
	else
		sql_in_bytes(statement, NULL, 0);
}

void
sql_in_text(struct sql_statement *statement, const char *text)
{
	sql_in_text_of(statement, text, text ? strlen(text) : 0);
}

void
sql_in_text_of(struct sql_statement *statement, const char *text, size_t length)
{
	check_bound(statement,
		sqlite3_bind_text64(statement->handle, ++statement->bound, text,
			length, SQLITE_STATIC, SQLITE_UTF8));
}

void
sql_in_bytes(struct sql_statement *statement, const void *bytes, size_t length)
{
	check_bound(statement,
		sqlite3_bind_blob64(statement->handle, ++statement->bound,
			bytes, length, SQLITE_STATIC));
}

/*
 * Some errors (a full disk) end the whole transaction. What would still be
 * written after that must not commit itself one by one.
 */
static bool
check_transaction(struct sql_statement *statement, struct err *err)
{
	struct sql *sql = statement->sql;

	if (statement->made || sqlite3_stmt_readonly(statement->handle) ||
		sql_in_transaction(sql))
		return true;
	return err_set(err, "%s: the transaction was taken back", sql->path);
}

static enum sql_step
step_anyway(struct sql_statement *statement, struct err *err)
{
	switch (sqlite3_step(statement->handle)) {
	case SQLITE_ROW:
		return SQL_ROW;
	case SQLITE_DONE:
		return SQL_DONE;
	default:
		fail(statement->sql,
			sqlite3_extended_errcode(statement->sql->handle), err);
		return SQL_FAILED;
	}
}

bool
sql_begin(struct sql *sql, struct err *err)
{
	struct sql_statement *begin = sql_use(sql, "BEGIN IMMEDIATE");
	enum sql_step step =
		begin->handle ? step_anyway(begin, err) : sql_step(begin, err);

	sql_end(begin);
	return step == SQL_DONE;
}

enum sql_step
sql_step(struct sql_statement *statement, struct err *err)
{
	if (!statement->handle) {
		fail(statement->sql,
			sqlite3_extended_errcode(statement->sql->handle), err);
		return SQL_FAILED;
	}
	if (!statement->aside && statement->sql->before &&
		!statement->sql->before(statement->sql->before_context, err))
		return SQL_FAILED;
	if (!check_transaction(statement, err))
		return SQL_FAILED;
	return step_anyway(statement, err);
}

void
sql_end(struct sql_statement *statement)
{
	if (statement->made) {
		sqlite3_finalize(statement->handle);
		free(statement);
		return;
	}
	/* What was lent stays bound, but is bound anew before it is read. */
	sqlite3_reset(statement->handle);
}

bool
sql_do(struct sql_statement *statement, struct err *err)
{
	enum sql_step step = sql_step(statement, err);

	sql_end(statement);
	return step != SQL_FAILED;
}

int64_t
sql_number_at(struct sql_statement *statement, int column)
{
	return sqlite3_column_int64(statement->handle, column);
}

const char *
sql_text_at(struct sql_statement *statement, int column)
{
	return (const char *)sqlite3_column_text(statement->handle, column);
}

const void *
sql_bytes_at(struct sql_statement *statement, int column, size_t *length)
{
	const void *bytes = sqlite3_column_blob(statement->handle, column);

	*length = (size_t)sqlite3_column_bytes(statement->handle, column);
	return bytes;
}

bool
sql_run(struct sql *sql, const char *text, struct err *err)
{
	int code = sqlite3_exec(sql->handle, text, NULL, NULL, NULL);

	if (code == SQLITE_OK)
		return true;
	return fail(sql, sqlite3_extended_errcode(sql->handle), err);
}

bool
sql_ask_number(
	struct sql *sql, const char *text, int64_t *number, struct err *err)
{
	struct sql_statement *statement = sql_make(sql, text);
	enum sql_step step = sql_step(statement, err);

	if (step == SQL_ROW)
		*number = sql_number_at(statement, 0);
	else if (step == SQL_DONE)
		err_set(err, "%s: no answer to %s", sql->path, text);
	sql_end(statement);
	return step == SQL_ROW;
}

int64_t
sql_last_row(const struct sql *sql)
{
	return sqlite3_last_insert_rowid(sql->handle);
}

int
sql_changes(const struct sql *sql)
{
	return sqlite3_changes(sql->handle);
}

int64_t
sql_total_changes(const struct sql *sql)
{
	return sqlite3_total_changes64(sql->handle);
}

/* ---- the connection ---- */

struct pragma {
	const char *name, *value;
	const char *reads; /* what it must read back */
};

/* Both sides. */
static const struct pragma pragmas_common[] = {
	/* A schema from elsewhere runs no function of its own. */
	{"trusted_schema", "OFF", "0"},
	/* A damaged page is noticed when it is read, not later. */
	{"cell_size_check", "ON", "1"},
	/* An error of the disk must come as an error, not as a signal. */
	{"mmap_size", "0", "0"},
	/* No copy of anybody's data in /tmp. */
	{"temp_store", "MEMORY", "2"},
	/* Only sql_checkpoint moves the WAL, from one connection: SQLite before
	 * 3.51.3 may otherwise reset it while it is still needed. */
	{"wal_autocheckpoint", "0", "0"},
	{NULL, NULL, NULL},
};

static const struct pragma pragmas_write[] = {
	{"journal_mode", "WAL", "wal"},
	/* The WAL is synced before it is moved, and the file after that. At
	 * a commit npsd syncs it: see sqlite_commit.c. */
	{"synchronous", "NORMAL", "1"},
	{"foreign_keys", "ON", "1"},
	/* What is deleted is overwritten. */
	{"secure_delete", "ON", "1"},
	/* A WAL that a long reader let grow shrinks again. */
	{"journal_size_limit", "67108864", "67108864"},
	{NULL, NULL, NULL},
};

/* Nobody else looks at a copy before it is synced as a whole. */
static const struct pragma pragmas_copy[] = {
	{"locking_mode", "EXCLUSIVE", "exclusive"},
	{"synchronous", "OFF", "0"},
	{NULL, NULL, NULL},
};

/* The same of one that is being made: what ended too early is made anew. */
static const struct pragma pragmas_create[] = {
	{"journal_mode", "MEMORY", "memory"},
	{"synchronous", "OFF", "0"},
	{NULL, NULL, NULL},
};

static const struct pragma pragmas_read[] = {
	{"query_only", "ON", "1"},
	{NULL, NULL, NULL},
};

static bool
ask_pragma(struct sql *sql, const struct pragma *pragma, char *answer,
	size_t size, struct err *err)
{
	char text[64];

	snprintf(text, sizeof(text), "PRAGMA %s", pragma->name);
	struct sql_statement *statement = sql_make(sql, text);
	enum sql_step step = sql_step(statement, err);
	const char *told = step == SQL_ROW ? sql_text_at(statement, 0) : "";

	snprintf(answer, size, "%s", told ? told : "");
	sql_end(statement);
	return step != SQL_FAILED;
}

static bool
set_pragmas(struct sql *sql, const struct pragma *pragma, struct err *err)
{
	char text[64], answer[32];

	for (; pragma->name; pragma++) {
		snprintf(text, sizeof(text), "PRAGMA %s=%s", pragma->name,
			pragma->value);
		if (!sql_run(sql, text, err) ||
			!ask_pragma(sql, pragma, answer, sizeof(answer), err))
			return false;
		if (strcmp(answer, pragma->reads) != 0)
			return err_set(err,
				"%s: SQLite refuses %s=%s (it stays \"%s\"), "
				"on which npsd relies",
				sql->path, pragma->name, pragma->value, answer);
	}
	return true;
}

static bool
set_cache(struct sql *sql, int kib, struct err *err)
{
	char text[64];

	snprintf(text, sizeof(text), "PRAGMA cache_size=-%d", kib);
	return sql_run(sql, text, err);
}

static int
on_wal(void *context, sqlite3 *handle, const char *name, int pages)
{
	struct sql *sql = context;

	(void)handle;
	(void)name;
	sql->wal_pages = pages;
	return SQLITE_OK;
}

static struct sql *
open_handle(const char *path, int flags, struct err *err)
{
	struct sql *sql = mem_new(1, sizeof(*sql));

	/* Counting its memory costs a lock each time. Once SQLite has started
	 * this has no effect. */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sql->path = mem_strdup(path);
	if (sqlite3_open_v2(path, &sql->handle,
		    flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE,
		    NULL) != SQLITE_OK) {
		fail(sql, SQLITE_CANTOPEN, err);
		sql_close(sql);
		return NULL;
	}
	sqlite3_extended_result_codes(sql->handle, 1);
	sqlite3_busy_timeout(sql->handle, SQL_BUSY_MS);
	sqlite3_db_config(
		sql->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_db_config(sql->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	return sql;
}

struct sql *
sql_open(const char *path, enum sql_mode mode, struct err *err)
{
	bool writes = mode == SQL_WRITE;
	struct sql *sql = open_handle(path,
		writes ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY, err);

	if (!sql)
		return NULL;
	if (!set_pragmas(sql, pragmas_common, err) ||
		!set_pragmas(sql, writes ? pragmas_write : pragmas_read, err) ||
		!set_cache(sql,
			writes ? SQL_CACHE_WRITE_KIB : SQL_CACHE_READ_KIB,
			err)) {
		sql_close(sql);
		return NULL;
	}
	/* After the pragma, which would take the hook away. */
	sqlite3_wal_hook(sql->handle, on_wal, sql);
	return sql;
}

struct sql *
sql_create(const char *path, struct err *err)
{
	struct sql *sql = open_handle(
		path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, err);

	if (!sql || set_pragmas(sql, pragmas_create, err))
		return sql;
	sql_close(sql);
	return NULL;
}

struct sql *
sql_open_copy(const char *path, struct err *err)
{
	struct sql *sql = open_handle(path, SQLITE_OPEN_READWRITE, err);

	if (!sql || (set_pragmas(sql, pragmas_copy, err) &&
			    sql_run(sql, "PRAGMA journal_mode=DELETE", err)))
		return sql;
	sql_close(sql);
	return NULL;
}

void
sql_close(struct sql *sql)
{
	if (!sql)
		return;
	for (size_t i = 0; i < STATEMENTS_LIMIT; i++)
		sqlite3_finalize(sql->statements[i].handle);
	sqlite3_close_v2(sql->handle);
	free(sql->path);
	free(sql);
}

/* SQLite would stop the statement for anything but 0. */
static int
on_steps(void *context)
{
	struct sql *sql = context;

	sql->on_progress(sql->progress_context);
	return 0;
}

void
sql_set_progress(
	struct sql *sql, void (*on_progress)(void *context), void *context)
{
	sql->on_progress = on_progress;
	sql->progress_context = context;
	sqlite3_progress_handler(sql->handle, PROGRESS_STEPS,
		on_progress != NULL ? on_steps : NULL, sql);
}

bool
sql_is_broken(const struct sql *sql)
{
	return sql->is_broken;
}

bool
sql_in_transaction(const struct sql *sql)
{
	return !sqlite3_get_autocommit(sql->handle);
}

const char *
sql_wal_path(const struct sql *sql)
{
	return sqlite3_filename_wal(sqlite3_db_filename(sql->handle, "main"));
}

int
sql_wal_pages(const struct sql *sql)
{
	return sql->wal_pages;
}

bool
sql_checkpoint(
	struct sql *sql, enum sql_checkpoint how, int wait_ms, struct err *err)
{
	static const int modes[] = {
		[SQL_MOVE] = SQLITE_CHECKPOINT_PASSIVE,
		[SQL_RESTART] = SQLITE_CHECKPOINT_RESTART,
		[SQL_TRUNCATE] = SQLITE_CHECKPOINT_TRUNCATE,
	};

	sqlite3_busy_timeout(sql->handle, wait_ms);
	int code = sqlite3_wal_checkpoint_v2(
		sql->handle, "main", modes[how], NULL, NULL);

	sqlite3_busy_timeout(sql->handle, SQL_BUSY_MS);
	if (code != SQLITE_OK && (how != SQL_MOVE || code != SQLITE_BUSY))
		return fail(sql, code, err);
	if (how != SQL_MOVE)
		sql->wal_pages = 0;
	return true;
}

int64_t
sql_data_version(struct sql *sql)
{
	struct sql_statement *ask = sql_use(sql, "PRAGMA data_version");
	int64_t version = -1;

	if (ask->handle && step_anyway(ask, NULL) == SQL_ROW)
		version = sql_number_at(ask, 0);
	sql_end(ask);
	return version;
}

bool
sql_read_file(struct sql *sql, int64_t offset, void *bytes, size_t room,
	size_t *length, struct err *err)
{
	sqlite3_file *file = NULL;
	sqlite3_int64 size = 0;
	int code = sqlite3_file_control(
		sql->handle, "main", SQLITE_FCNTL_FILE_POINTER, &file);

	*length = 0;
	if (code == SQLITE_OK)
		code = file->pMethods->xFileSize(file, &size);
	if (code == SQLITE_OK && offset < size) {
		*length = (uint64_t)(size - offset) < room
				  ? (size_t)(size - offset)
				  : room;
		code = file->pMethods->xRead(file, bytes, (int)*length, offset);
	}
	return code == SQLITE_OK || fail(sql, code, err);
}

/* ---- looking through the whole ---- */

enum { STOP_LOOK_STEPS = 10000 }; /* of SQLite's machine: about a millisecond */

static int
on_progress(void *context)
{
	return atomic_load((const atomic_bool *)context);
}

void
sql_stop_when(struct sql *sql, const atomic_bool *stop)
{
	sqlite3_progress_handler(sql->handle, STOP_LOOK_STEPS, on_progress,
		(void *)(uintptr_t)stop);
}

bool
sql_check(struct sql *sql, struct err *err)
{
	struct sql_statement *check =
		sql_make(sql, "PRAGMA integrity_check(1)");
	enum sql_step step = sql_step(check, err);
	const char *told = step == SQL_ROW ? sql_text_at(check, 0) : NULL;
	bool good = told && strcmp(told, "ok") == 0;

	if (!good && step != SQL_FAILED)
		err_set(err, "%s is damaged: %s", sql->path,
			told ? told : "it tells nothing");
	sql_end(check);
	return good;
}

/* ---- copying ---- */

struct sql_copy {
	sqlite3_backup *handle;
	struct sql *to;
};

struct sql_copy *
sql_copy_start(struct sql *from, struct sql *to, struct err *err)
{
	sqlite3_backup *handle =
		sqlite3_backup_init(to->handle, "main", from->handle, "main");

	if (!handle) {
		fail(to, sqlite3_extended_errcode(to->handle), err);
		return NULL;
	}
	struct sql_copy *copy = mem_new(1, sizeof(*copy));

	copy->handle = handle;
	copy->to = to;
	return copy;
}

bool
sql_copy_step(struct sql_copy *copy, int pages, int64_t *left, int64_t *total,
	struct err *err)
{
	int code = sqlite3_backup_step(copy->handle, pages);

	*left = sqlite3_backup_remaining(copy->handle);
	*total = sqlite3_backup_pagecount(copy->handle);
	if (code == SQLITE_DONE) {
		*left = 0;
		return true;
	}
	/* A foreign lock: the next step tries again. */
	if (code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED) {
		if (*left == 0)
			*left = 1;
		return true;
	}
	return err_set(err, "%s: %s", copy->to->path, sqlite3_errstr(code));
}

void
sql_copy_end(struct sql_copy *copy)
{
	if (!copy)
		return;
	sqlite3_backup_finish(copy->handle);
	free(copy);
}
