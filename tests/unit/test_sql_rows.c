/* Rows that are inserted together. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/sql_rows.h"

static const struct sql_rows_texts texts =
	SQL_ROWS_TEXTS("INSERT INTO t VALUES", "(?,?,?)", "", 3);

static void
add(struct sql_rows *rows, int number)
{
	char text[16];

	snprintf(text, sizeof(text), "t%d", number);
	sql_rows_number(rows, number);
	sql_rows_text(rows, number % 7 == 0 ? NULL : text);
	sql_rows_bytes(rows, text, number % 5 == 0 ? 0 : strlen(text));
}

/* Row i holds i, "t<i>" or NULL, the same bytes or none, for 0 to count - 1. */
static void
check_table(struct sql *sql, int64_t count)
{
	static const char wrong[] =
		"SELECT count(*) FROM t WHERE b IS NOT "
		"CASE WHEN a % 7 = 0 THEN NULL ELSE 't' || a END OR "
		"c IS NOT CASE WHEN a % 5 = 0 THEN x'' "
		"ELSE CAST('t' || a AS BLOB) END";
	int64_t number = -1;
	struct err err = {""};

	cr_assert(sql_ask_number(sql, "SELECT count(*) FROM t", &number, &err),
		"%s", err.text);
	cr_assert_eq(number, count, "%lld of %lld rows", (long long)number,
		(long long)count);
	cr_assert(sql_ask_number(sql, "SELECT ifnull(max(a), -1) FROM t",
			  &number, &err),
		"%s", err.text);
	cr_assert_eq(number, count - 1, "their numbers");
	cr_assert(sql_ask_number(sql, wrong, &number, &err), "%s", err.text);
	cr_assert_eq(number, 0, "their values");
}

Test(sql_rows, writes_what_it_was_given)
{
	for (int count = 0; count < 45; count++) {
		char path[] = "/tmp/npsd-rows-XXXXXX";
		int fd = mkstemp(path), number = 0;
		struct sql_rows rows = {.texts = &texts};
		struct err err = {""};
		struct sql *sql;

		cr_assert_geq(fd, 0, "%s", path);
		close(fd);
		sql = sql_create(path, &err);
		cr_assert(
			sql != NULL &&
				sql_run(sql,
					"CREATE TABLE t(a INTEGER PRIMARY KEY, "
					"b TEXT, c BLOB NOT NULL)",
					&err),
			"%s", err.text);
		cr_assert(sql_begin(sql, &err), "%s", err.text);
		while (number < count)
			add(&rows, number++);
		cr_assert(
			sql_rows_write_many(&rows, sql, &err), "%s", err.text);
		check_table(sql, count - count % SQL_ROWS_MANY);
		cr_assert_eq(sql_rows_count(&rows),
			(size_t)(count % SQL_ROWS_MANY), "%d: the others stay",
			count);
		/* Behind those that stayed, one of which is forgotten. */
		add(&rows, number);
		cr_assert_eq(sql_rows_last(&rows), number, "the last");
		sql_rows_drop_last(&rows);
		for (int i = 0; i < 3; i++)
			add(&rows, number++);
		cr_assert(sql_rows_write(&rows, sql, &err), "%s", err.text);
		cr_assert_eq(sql_rows_count(&rows), 0, "all are written");
		check_table(sql, number);
		cr_assert(sql_run(sql, "COMMIT", &err), "%s", err.text);
		sql_rows_done(&rows);
		sql_close(sql);
		unlink(path);
	}
}

Test(sql_rows, knows_what_waits)
{
	struct sql_rows rows = {.texts = &texts};

	for (int i = 1; i < 4; i++)
		add(&rows, i);
	cr_assert(sql_rows_have(&rows, 2, "t2", 2), "there");
	cr_assert_not(sql_rows_have(&rows, 2, "t4", 2), "not there");
	cr_assert_not(sql_rows_have(&rows, 2, "t2", 1), "shorter");
	sql_rows_drop_last(&rows);
	cr_assert_not(sql_rows_have(&rows, 2, "t3", 2), "forgotten");
	sql_rows_clear(&rows);
	cr_assert_eq(sql_rows_count(&rows), 0, "none");
	sql_rows_done(&rows);
}
