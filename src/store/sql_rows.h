/*
 * sql_rows - rows on their way into one table, many by one statement: to begin
 * and to end a statement, and to open what it touches, takes SQLite a third of
 * the time that a row takes.
 *
 *	sql_rows_number(rows, 7);
 *	sql_rows_text(rows, name);      <- copied
 *	...                             as many as there are columns, row by row
 *	sql_rows_write(rows, sql, err)
 */
#ifndef NPSD_STORE_SQL_ROWS_H
#define NPSD_STORE_SQL_ROWS_H

#include "base/buf.h"
#include "store/sql.h"

enum { SQL_ROWS_MANY = 16, SQL_ROWS_FEW = 4 };

/* The marks of one row become those of several. */
#define SQL_ROWS_OF_FEW(row) row "," row "," row "," row
#define SQL_ROWS_OF_MANY(row)                                                  \
	SQL_ROWS_OF_FEW(row)                                                   \
	"," SQL_ROWS_OF_FEW(row) "," SQL_ROWS_OF_FEW(row) "," SQL_ROWS_OF_FEW( \
		row)

/* The same statement for one row, for SQL_ROWS_FEW and for SQL_ROWS_MANY; the
 * last two may be NULL where there is never more than one. */
struct sql_rows_texts {
	const char *one, *few, *many;
	size_t columns;
};
#define SQL_ROWS_TEXTS(head, row, tail, count)                               \
	{                                                                    \
		.one = head row tail, .few = head SQL_ROWS_OF_FEW(row) tail, \
		.many = head SQL_ROWS_OF_MANY(row) tail, .columns = count,   \
	}

struct sql_value;

/* Zero but for texts is none; the texts are literals. */
struct sql_rows {
	const struct sql_rows_texts *texts;
	struct sql_value *values;
	size_t count, capacity; /* values */
	struct buf bytes;	/* of texts and blobs */
};

void sql_rows_number(struct sql_rows *rows, int64_t number);
/* 0 becomes NULL. */
void sql_rows_number_or_null(struct sql_rows *rows, int64_t number);
void sql_rows_text(struct sql_rows *rows, const char *text);
void sql_rows_text_of(struct sql_rows *rows, const char *text, size_t length);
void sql_rows_bytes(struct sql_rows *rows, const void *bytes, size_t length);

/* Whether a row has these bytes in that column, from 0. */
bool sql_rows_have(const struct sql_rows *rows, size_t column,
	const void *bytes, size_t length);
/* Whole ones. */
size_t sql_rows_count(const struct sql_rows *rows);
/* The number in the last row's first column; there must be a row. */
int64_t sql_rows_last(const struct sql_rows *rows);
/* Forgets the last row. */
void sql_rows_drop_last(struct sql_rows *rows);
void sql_rows_clear(struct sql_rows *rows);
/* Writes all and forgets them. After false some may be written. */
bool sql_rows_write(
	struct sql_rows *rows, struct sql *sql, struct err *err) must_check;
/* The same as far as they fill statements of many rows; the others stay. */
bool sql_rows_write_many(
	struct sql_rows *rows, struct sql *sql, struct err *err) must_check;
void sql_rows_done(struct sql_rows *rows);

#endif
