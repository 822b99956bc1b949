/*
 * limit_rows - how fast SQLite alone takes the same answers, as durable.
 *
 *	limit_rows [-n ANSWERS] [-b BATCH] [-s SEED] FOLDER
 *
 * Each answer is a row under a unique id, each detractor a row of an outbox
 * as well; BATCH (500) of them are one commit, in WAL with synchronous=FULL.
 * The texts are made before the clock starts. Prints one line of JSON.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "answers.h"
#include "base/memory.h"
#include "stopwatch.h"

struct rows {
	struct answers answers;
	int64_t batch;
	struct buf texts;
	size_t *ends;
	bool *alerts;
	sqlite3 *db;
	sqlite3_stmt *put_answer, *put_alert;
};

static const char schema[] =
	"PRAGMA page_size=4096; PRAGMA journal_mode=WAL;"
	"PRAGMA synchronous=FULL;"
	"CREATE TABLE answer (row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
	" content TEXT NOT NULL);"
	"CREATE TABLE alert (row INTEGER PRIMARY KEY, answer INTEGER NOT NULL,"
	" state INTEGER NOT NULL, body TEXT NOT NULL);";

static void
must(struct rows *rows, bool good)
{
	if (good)
		return;
	fprintf(stderr, "limit_rows: %s\n", sqlite3_errmsg(rows->db));
	exit(1);
}

static void
make_texts(struct rows *rows)
{
	size_t count = (size_t)rows->answers.count;

	rows->ends = mem_new(count + 1, sizeof(*rows->ends));
	rows->alerts = mem_new(count + 1, sizeof(*rows->alerts));
	for (size_t i = 0; i < count; i++) {
		rows->alerts[i] =
			answer_write(&rows->answers, (int64_t)i, &rows->texts);
		rows->ends[i + 1] = rows->texts.length;
	}
}

static void
open_database(struct rows *rows, const char *path)
{
	must(rows, sqlite3_open(path, &rows->db) == SQLITE_OK);
	must(rows,
		sqlite3_exec(rows->db, schema, NULL, NULL, NULL) == SQLITE_OK);
	must(rows, sqlite3_prepare_v2(rows->db,
			   "INSERT INTO answer (id, content) VALUES (?1, ?2)",
			   -1, &rows->put_answer, NULL) == SQLITE_OK);
	must(rows, sqlite3_prepare_v2(rows->db,
			   "INSERT INTO alert (answer, state, body)"
			   " VALUES (?1, 0, ?2)",
			   -1, &rows->put_alert, NULL) == SQLITE_OK);
}

static void
step(struct rows *rows, sqlite3_stmt *statement)
{
	must(rows, sqlite3_step(statement) == SQLITE_DONE);
	sqlite3_reset(statement);
}

static void
put(struct rows *rows, size_t i)
{
	const char *text = rows->texts.data + rows->ends[i];
	int length = (int)(rows->ends[i + 1] - rows->ends[i]);
	const char *id = text + strlen("{\"id\":\"");
	int id_length = (int)strlen(ANSWER_ID_PREFIX) + ANSWER_ID_DIGITS;

	sqlite3_bind_text(rows->put_answer, 1, id, id_length, SQLITE_STATIC);
	sqlite3_bind_text(rows->put_answer, 2, text, length, SQLITE_STATIC);
	step(rows, rows->put_answer);
	if (!rows->alerts[i])
		return;
	sqlite3_bind_int64(
		rows->put_alert, 1, sqlite3_last_insert_rowid(rows->db));
	sqlite3_bind_text(rows->put_alert, 2, text, length, SQLITE_STATIC);
	step(rows, rows->put_alert);
}

static void
execute(struct rows *rows, const char *sql)
{
	must(rows, sqlite3_exec(rows->db, sql, NULL, NULL, NULL) == SQLITE_OK);
}

static double
measure(struct rows *rows)
{
	int64_t start = stopwatch_ns();
	int64_t count = rows->answers.count;

	for (int64_t first = 0; first < count; first += rows->batch) {
		int64_t end = first + rows->batch;

		execute(rows, "BEGIN");
		for (int64_t i = first; i < (end < count ? end : count); i++)
			put(rows, (size_t)i);
		execute(rows, "COMMIT");
	}
	return (double)(stopwatch_ns() - start) / 1e9;
}

int
main(int argc, char **argv)
{
	struct rows rows = {
		.answers = {.seed = 1, .count = 200000, .last = time(NULL)},
		.batch = 500,
	};
	double cpu;
	double seconds;
	char *path;
	int option;

	while ((option = getopt(argc, argv, "n:b:s:")) != -1) {
		if (option == 'n')
			rows.answers.count = strtoll(optarg, NULL, 10);
		else if (option == 'b')
			rows.batch = strtoll(optarg, NULL, 10);
		else if (option == 's')
			rows.answers.seed = strtoull(optarg, NULL, 10);
		else
			return 2;
	}
	if (optind + 1 != argc || rows.batch <= 0)
		return 2;
	path = mem_printf("%s/limit-rows.db", argv[optind]);
	make_texts(&rows);
	open_database(&rows, path);
	cpu = stopwatch_cpu();
	seconds = measure(&rows);
	printf("{\"rate\":%.1f,\"seconds\":%.4f,\"cpu_s\":%.3f}\n",
		(double)rows.answers.count / seconds, seconds,
		stopwatch_cpu() - cpu);
	sqlite3_finalize(rows.put_answer);
	sqlite3_finalize(rows.put_alert);
	sqlite3_close(rows.db);
	unlink(path);
	buf_done(&rows.texts);
	free(rows.ends);
	free(rows.alerts);
	free(path);
	return 0;
}
