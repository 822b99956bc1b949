/*
 * sql - the door to SQLite: one connection and its prepared statements. It
 * knows nothing of what npsd keeps.
 *
 *	struct sql_statement *put = sql_use(sql, text);
 *	sql_in_number(put, 7);
 *	sql_in_text(put, name);            <- lent until sql_end
 *	while ((step = sql_step(put, err)) == SQL_ROW)
 *		... sql_number_at(put, 0) ...
 *	sql_end(put);
 *
 * A connection belongs to one thread at a time.
 */
#ifndef NPSD_STORE_SQL_H
#define NPSD_STORE_SQL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum sql_mode { SQL_WRITE, SQL_READ };
enum {
	SQL_BUSY_MS = 5000, /* how long a foreign lock is waited for */
	SQL_CACHE_WRITE_KIB = 3072,
	SQL_CACHE_READ_KIB = 2048,
};

struct sql;
struct sql_statement;

/* Opens a file that exists, sets what npsd relies on and reads it back; false
 * where one of these does not hold. Nothing is written but what sets the
 * journal's mode. */
struct sql *sql_open(
	const char *path, enum sql_mode mode, struct err *err) must_check;
/* Makes the file, without a WAL; of no use until whoever made it has closed and
 * synced it. */
struct sql *sql_create(const char *path, struct err *err) must_check;
/* Opens an empty file that a copy goes to, or a finished copy; of no use until
 * whoever made it has synced it. It ends up without a WAL. */
struct sql *sql_open_copy(const char *path, struct err *err) must_check;
/* Leaves the WAL as it is. */
void sql_close(struct sql *sql);

/* Calls on_progress now and then while a statement gets on, so that a long one
 * can be told from one that hangs. */
void sql_set_progress(
	struct sql *sql, void (*on_progress)(void *context), void *context);

/* True for ever once writing or syncing failed in a way that must not be tried
 * again. A full disk is none. */
bool sql_is_broken(const struct sql *sql);
/* False also after an error that ended the transaction. */
bool sql_in_transaction(const struct sql *sql);

/* Starts a transaction that writes. */
bool sql_begin(struct sql *sql, struct err *err) must_check;
/* Runs statements whose rows nobody wants. */
bool sql_run(struct sql *sql, const char *text, struct err *err) must_check;
/* The first column of the only row; false where there is none. */
bool sql_ask_number(struct sql *sql, const char *text, int64_t *number,
	struct err *err) must_check;

/* The statement of a text, kept prepared for the connection's life under the
 * text's address: for literals only. Never NULL: what is wrong with the text
 * comes out of sql_step. */
struct sql_statement *sql_use(struct sql *sql, const char *text);
/* The same for a question whose text is made anew; sql_end frees it. */
struct sql_statement *sql_make(struct sql *sql, const char *text);

/* Called before a statement begins, unless it was told to be aside: what was put
 * off until somebody looks is done by it. False fails that statement. */
void sql_set_before(struct sql *sql,
	bool (*before)(void *context, struct err *err), void *context);
/* Until its end: it does not look at what may have been put off. */
struct sql_statement *sql_aside(struct sql_statement *statement);

/* Parameters, in the order of their marks. NULL is NULL. */
void sql_in_number(struct sql_statement *statement, int64_t number);
void sql_in_text(struct sql_statement *statement, const char *text);
void sql_in_text_of(
	struct sql_statement *statement, const char *text, size_t length);
void sql_in_bytes(
	struct sql_statement *statement, const void *bytes, size_t length);
/* 0 becomes NULL. */
void sql_in_number_or_null(struct sql_statement *statement, int64_t number);

/* What writes fails outside a transaction. */
enum sql_step { SQL_FAILED, SQL_DONE, SQL_ROW };
enum sql_step sql_step(struct sql_statement *statement, struct err *err);
void sql_end(struct sql_statement *statement);
/* One step that gives no row, and the end. */
bool sql_do(struct sql_statement *statement, struct err *err) must_check;

/* Columns from 0; lent until the next step or the end. NULL reads as 0, NULL,
 * NULL. */
int64_t sql_number_at(struct sql_statement *statement, int column);
const char *sql_text_at(struct sql_statement *statement, int column);
const void *sql_bytes_at(
	struct sql_statement *statement, int column, size_t *length);

int64_t sql_last_row(const struct sql *sql);
/* Rows that the last statement changed. */
int sql_changes(const struct sql *sql);
/* Rows changed since it was opened. */
int64_t sql_total_changes(const struct sql *sql);

/* Where its WAL lies, which is not beside a symbolic link; lent while it is
 * open. */
const char *sql_wal_path(const struct sql *sql);
/* Pages in the WAL as of the last commit of this connection. */
int sql_wal_pages(const struct sql *sql);
enum sql_checkpoint {
	SQL_MOVE,     /* moves the WAL into the file as far as readers allow */
	SQL_RESTART,  /* the whole, and has it begin anew */
	SQL_TRUNCATE, /* the whole, and empties it */
};
/* The last two wait for readers, and fail if they stay longer than wait_ms. */
bool sql_checkpoint(struct sql *sql, enum sql_checkpoint how, int wait_ms,
	struct err *err) must_check;

/* A number that changes when another connection wrote to the file or moved its
 * WAL; -1: it cannot be asked. */
int64_t sql_data_version(struct sql *sql);
/* The file's bytes as they lie on disk, past SQLite's cache; *length 0: the
 * end. By SQLite's own descriptor: to close another one would drop its locks. */
bool sql_read_file(struct sql *sql, int64_t offset, void *bytes, size_t room,
	size_t *length, struct err *err) must_check;

/* What takes long fails soon after *stop is true. The flag is lent. */
void sql_stop_when(struct sql *sql, const atomic_bool *stop);
/* Reads the whole file and compares tables with indexes. */
bool sql_check(struct sql *sql, struct err *err) must_check;

/*
 * A copy of a whole database into another one, a few pages at a time. What the
 * source's connection commits meanwhile goes along. Where another connection
 * writes to it, the copy begins anew.
 */
struct sql_copy;
/* `to` is used for nothing else until the end. */
struct sql_copy *sql_copy_start(
	struct sql *from, struct sql *to, struct err *err) must_check;
/* Outside of transactions. *left 0: it is whole. */
bool sql_copy_step(struct sql_copy *copy, int pages, int64_t *left,
	int64_t *total, struct err *err) must_check;
void sql_copy_end(struct sql_copy *copy);

#endif
