/* A connection to SQLite: what the contract of the stores cannot see. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/sql.h"

static void
on_progress(void *context)
{
	++*(int *)context;
}

Test(sql, a_long_statement_tells_that_it_gets_on)
{
	static const char count[] =
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
		"SELECT i + 1 FROM n WHERE i < 400000) SELECT max(i) FROM n";
	char path[] = "/tmp/npsd-sql-XXXXXX";
	int fd = mkstemp(path), told = 0;
	struct err err = {""};
	int64_t most = 0;
	struct sql *sql;

	cr_assert_geq(fd, 0, "%s", path);
	close(fd);
	sql = sql_create(path, &err);
	cr_assert_not_null(sql, "%s", err.text);
	sql_set_progress(sql, on_progress, &told);
	cr_assert(sql_ask_number(sql, "SELECT 1", &most, &err), "%s", err.text);
	cr_assert_eq(told, 0, "a short one has nothing to tell");
	cr_assert(sql_ask_number(sql, count, &most, &err), "%s", err.text);
	cr_assert_eq(most, 400000, "it comes to its end all the same");
	cr_assert_gt(told, 3, "told %d times", told);
	sql_set_progress(sql, NULL, NULL);
	told = 0;
	cr_assert(sql_ask_number(sql, count, &most, &err), "%s", err.text);
	cr_assert_eq(told, 0, "nobody wants to know");
	sql_close(sql);
	unlink(path);
}

/* As many as a store has of them, and more. */
Test(sql, keeps_each_statement_prepared)
{
	static char texts[200][16];
	char path[] = "/tmp/npsd-sql-XXXXXX";
	int fd = mkstemp(path);
	struct err err = {""};

	cr_assert_geq(fd, 0, "%s", path);
	close(fd);
	struct sql *sql = sql_create(path, &err);

	cr_assert_not_null(sql, "%s", err.text);
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 200; i++) {
			snprintf(texts[i], sizeof(texts[i]), "SELECT %d", i);
			struct sql_statement *ask = sql_use(sql, texts[i]);

			cr_assert_eq(
				sql_step(ask, &err), SQL_ROW, "%s", err.text);
			cr_assert_eq(sql_number_at(ask, 0), i, "%d", i);
			sql_end(ask);
		}
	sql_close(sql);
	unlink(path);
}
