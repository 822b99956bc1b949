/* What the SQLite kind promises of its file: ours, whole, and one writer's. */
#include <criterion/criterion.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "sqlite_files.h"
#include "store/sqlite_upgrade.h"
#include "store_shelf.h"

TestSuite(store_sqlite, .timeout = 120);

/* ---- opening ---- */

Test(store_sqlite, makes_files_for_its_group_only)
{
	static const char *const made[] = {"", "-wal", "-shm", ".lock"};
	struct shelf shelf;

	umask(0);
	shelf_open(&shelf, "sqlite");
	shelf_begin(&shelf);
	shelf_put(&shelf, "a", 1, 1, NULL);
	shelf_commit(&shelf);
	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
		struct stat status;

		cr_assert_eq(stat(path_of(&shelf, made[i]), &status), 0, "%s",
			made[i]);
		cr_assert_eq(status.st_mode & 0777, 0640, "%s: %o", made[i],
			status.st_mode & 0777);
	}
	cr_assert_neq(access(path_of(&shelf, ".new"), F_OK), 0,
		"it was moved to its place");
	shelf_close(&shelf);
}

Test(store_sqlite, sets_what_it_relies_on)
{
	struct shelf shelf;
	sqlite3 *db;
	sqlite3_stmt *ask;

	shelf_open(&shelf, "sqlite");
	cr_assert_eq(sqlite3_open(shelf.path, &db), SQLITE_OK, "open");
	cr_assert_eq(sqlite3_prepare_v2(db,
			     "SELECT j.journal_mode, a.application_id, "
			     "u.user_version, (SELECT count(*) FROM "
			     "sqlite_schema WHERE type = 'table' AND "
			     "sql NOT LIKE '%STRICT%' "
			     "AND name NOT LIKE 'sqlite%') "
			     "FROM pragma_journal_mode j, "
			     "pragma_application_id a, pragma_user_version u",
			     -1, &ask, NULL),
		SQLITE_OK, "%s", sqlite3_errmsg(db));
	cr_assert_eq(sqlite3_step(ask), SQLITE_ROW, "%s", sqlite3_errmsg(db));
	cr_assert_str_eq(
		(const char *)sqlite3_column_text(ask, 0), "wal", "journal");
	cr_assert_eq(sqlite3_column_int(ask, 1), SCHEMA_APPLICATION_ID, "ours");
	cr_assert_eq(sqlite3_column_int(ask, 2),
		schema_steps[schema_step_count - 1].version, "version");
	cr_assert_eq(sqlite3_column_int(ask, 3), 0, "every table is strict");
	sqlite3_finalize(ask);
	sqlite3_close(db);
	shelf_close(&shelf);
}

Test(store_sqlite, lets_one_writer_in)
{
	struct shelf shelf;
	struct err err = {""};

	shelf_open(&shelf, "sqlite");
	cr_assert_null(store_open(&shelf.settings, &err), "a second one");
	cr_assert_not_null(strstr(err.text, "in use by another npsd (process"),
		"%s", err.text);
	/* And the first is none the worse for it. */
	shelf_begin(&shelf);
	shelf_put(&shelf, "a", 1, 1, NULL);
	shelf_commit(&shelf);
	close_store(&shelf);

	/* kill -9 leaves no lock behind, and loses nothing. */
	int ready[2];

	cr_assert_eq(pipe(ready), 0, "pipe");
	pid_t child = fork();

	if (child == 0) {
		struct store_writer *store = store_open(&shelf.settings, &err);
		struct answer_row b = shelf_answer("b", 1, 1, NULL);
		struct answer_row c = shelf_answer("c", 1, 1, NULL);
		bool good = store && store_begin(store, NULL) &&
			    store_put_answer(store, &b, NULL) &&
			    store_commit(store, NULL) &&
			    store_begin(store, NULL) &&
			    store_put_answer(store, &c, NULL);

		if (write(ready[1], good ? "y" : "n", 1) == 1)
			pause();
		_exit(0);
	}
	char answer = '?';

	cr_assert_eq(read(ready[0], &answer, 1), 1, "the child tells");
	cr_assert_eq(answer, 'y', "it wrote");
	cr_assert_null(store_open(&shelf.settings, &err), "while it lives");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	close(ready[0]);
	close(ready[1]);
	shelf.store = store_open(&shelf.settings, &err);
	cr_assert_not_null(shelf.store, "%s", err.text);
	shelf.reader = store_reader_open(&shelf.settings, &err);
	cr_assert_eq(count_answers(&shelf), 2, "what was committed");
	shelf_close(&shelf);
}

/* P14: whatever way leads to it, it is one store with one lock. */
Test(store_sqlite, lets_one_writer_in_by_links_too)
{
	struct shelf shelf, linked;
	struct err err = {""};

	shelf_open(&shelf, "sqlite");
	linked = shelf;
	snprintf(linked.path, sizeof(linked.path), "%s/link.db", shelf.folder);
	snprintf(linked.where, sizeof(linked.where), "sqlite:%s", linked.path);
	linked.settings.where = linked.where;
	linked.settings.writer = NULL;
	cr_assert_eq(symlink("npsd.db", linked.path), 0, "linked");
	cr_assert_null(store_open(&linked.settings, &err), "a second one");
	cr_assert_not_null(strstr(err.text, "in use by another npsd (process"),
		"%s", err.text);
	close_store(&shelf);
	linked.store = store_open(&linked.settings, &err);
	cr_assert_not_null(linked.store, "%s", err.text);
	cr_assert_null(store_open(&shelf.settings, &err), "the other way");
	store_close(linked.store);
	/* P04: a disk that is not mounted is no reason to start empty. */
	cr_assert_eq(unlink(shelf.path), 0, "gone");
	cr_assert_null(store_open(&linked.settings, &err), "nowhere");
	cr_assert_not_null(
		strstr(err.text, "is a symbolic link"), "%s", err.text);
	cr_assert_eq(unlink(linked.path), 0, "the link is left");
	remove_folder(&shelf);
}

/* ---- never starts empty ---- */

static void
spoil_empty(struct shelf *shelf)
{
	write_file(shelf->path, "", 0);
}

static void
spoil_garbage(struct shelf *shelf)
{
	write_file(shelf->path, "this is no database at all, is it", 33);
}

static void
spoil_head(struct shelf *shelf)
{
	size_t length;
	char *bytes = read_file(shelf->path, &length);

	memset(bytes, 0, 100);
	write_file(shelf->path, bytes, length);
	free(bytes);
}

static void
spoil_missing(struct shelf *shelf)
{
	unlink(shelf->path);
	unlink(path_of(shelf, "-wal"));
}

static void
spoil_missing_beside_wal(struct shelf *shelf)
{
	unlink(shelf->path);
	unlink(path_of(shelf, ".lock"));
}

static void
spoil_wal_missing(struct shelf *shelf)
{
	unlink(path_of(shelf, "-wal"));
}

static void
spoil_wal_emptied(struct shelf *shelf)
{
	write_file(path_of(shelf, "-wal"), "", 0);
}

static void
spoil_wal_cut(struct shelf *shelf)
{
	size_t length;
	char *bytes = read_file(path_of(shelf, "-wal"), &length);

	write_file(path_of(shelf, "-wal"), bytes, length - 4000);
	free(bytes);
}

static void
spoil_wal_head_cut(struct shelf *shelf)
{
	size_t length;
	char *bytes = read_file(path_of(shelf, "-wal"), &length);

	write_file(path_of(shelf, "-wal"), bytes, 20);
	free(bytes);
}

static void
flip(struct shelf *shelf, const char *ending, size_t at)
{
	size_t length;
	char *bytes = read_file(path_of(shelf, ending), &length);

	cr_assert_lt(at, length, "within the file");
	bytes[at] = (char)(bytes[at] ^ 0x10);
	write_file(path_of(shelf, ending), bytes, length);
	free(bytes);
}

static void
spoil_wal_salt(struct shelf *shelf)
{
	flip(shelf, "-wal", 17);
}

static void
spoil_wal_first_frame(struct shelf *shelf)
{
	flip(shelf, "-wal", 32 + 24 + 1000);
}

static void
spoil_wal_garbage(struct shelf *shelf)
{
	char garbage[5000];

	memset(garbage, 'g', sizeof(garbage));
	write_file(path_of(shelf, "-wal"), garbage, sizeof(garbage));
}

/* The WAL of another store that went the same way. */
static void
spoil_wal_foreign(struct shelf *shelf)
{
	struct shelf other;
	struct image image = build_crashed(&other);

	write_file(path_of(shelf, "-wal"), image.bytes[1], image.length[1]);
	free_image(&image);
	remove_folder(&other);
}

static void
spoil_all_foreign(struct shelf *shelf)
{
	struct shelf other;
	struct image image = build_crashed(&other);

	write_file(shelf->path, image.bytes[0], image.length[0]);
	write_file(path_of(shelf, "-wal"), image.bytes[1], image.length[1]);
	free_image(&image);
	remove_folder(&other);
}

static void
start_anew(struct shelf *shelf)
{
	unlink(shelf->path);
	unlink(path_of(shelf, "-wal"));
	unlink(path_of(shelf, ".lock"));
}

static void
spoil_other_program(struct shelf *shelf)
{
	start_anew(shelf);
	run_sql(shelf->path, "CREATE TABLE t(x); PRAGMA user_version=1");
}

static void
spoil_other_application(struct shelf *shelf)
{
	start_anew(shelf);
	run_sql(shelf->path,
		"CREATE TABLE t(x); PRAGMA application_id=1196444487");
}

/* As npsd backup leaves it, put in place by hand. */
static void
spoil_backup(struct shelf *shelf)
{
	run_sql(shelf->path, "PRAGMA application_id=1852863330");
	run_sql(shelf->path, "PRAGMA wal_checkpoint(TRUNCATE)");
}

static void
spoil_newer(struct shelf *shelf)
{
	run_sql(shelf->path, "PRAGMA user_version=99");
	unlink(path_of(shelf, "-shm"));
}

/* The newer version stands in the WAL alone. */
static void
spoil_newer_in_wal(struct shelf *shelf)
{
	sqlite3 *db;

	sqlite3_open(shelf->path, &db);
	sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_exec(db, "PRAGMA user_version=99", NULL, NULL, NULL);
	sqlite3_close(db);
	unlink(path_of(shelf, "-shm"));
}

static void
spoil_table_lost(struct shelf *shelf)
{
	run_sql(shelf->path, "DROP TABLE place");
	unlink(path_of(shelf, "-shm"));
}

static void
spoil_meta_lost(struct shelf *shelf)
{
	run_sql(shelf->path, "DELETE FROM meta WHERE key = 'identity_key'");
	unlink(path_of(shelf, "-shm"));
}

static void
spoil_cut(struct shelf *shelf)
{
	size_t length;
	char *bytes;

	/* All in the file, then half of the file. */
	run_sql(shelf->path, "PRAGMA wal_checkpoint(TRUNCATE)");
	bytes = read_file(shelf->path, &length);
	write_file(shelf->path, bytes, length / 2 / 4096 * 4096);
	free(bytes);
}

Test(store_sqlite, never_starts_empty)
{
	static const struct {
		const char *what;
		void (*spoil)(struct shelf *shelf);
		const char *says, *advises;
	} rows[] = {
		{"an empty file", spoil_empty, "is empty", "good copy"},
		{"garbage", spoil_garbage, "is no SQLite database",
			"good copy"},
		{"a damaged head", spoil_head, "is no SQLite database",
			"good copy"},
		{"a missing file", spoil_missing, "is missing, though",
			"remove"},
		{"a missing file, WAL left", spoil_missing_beside_wal,
			"is missing beside", "Put it back"},
		{"a missing WAL", spoil_wal_missing, "ends at commit 0 of 3",
			"npsd restore"},
		{"an emptied WAL", spoil_wal_emptied, "ends at commit 0 of 3",
			"npsd restore"},
		{"a cut WAL", spoil_wal_cut, "ends at commit 2 of 3",
			"npsd restore"},
		{"a WAL of 20 bytes", spoil_wal_head_cut, "does not belong to",
			".lock"},
		{"a WAL with a flipped salt", spoil_wal_salt,
			"does not belong to", "right one back"},
		{"a WAL with a flipped bit", spoil_wal_first_frame,
			"ends at commit 0 of 3", "npsd restore"},
		{"a WAL of garbage", spoil_wal_garbage, "does not belong to",
			"right one back"},
		{"another store's WAL", spoil_wal_foreign, "is not the one",
			"npsd restore"},
		{"another store's files", spoil_all_foreign, "is not the one",
			"npsd restore"},
		{"another program's file", spoil_other_program,
			"another program", "store:"},
		{"another application", spoil_other_application,
			"another program", "store:"},
		{"a backup", spoil_backup, "is a backup", "npsd restore"},
		{"a newer schema", spoil_newer, "newer npsd", "backup"},
		{"a newer schema in the WAL", spoil_newer_in_wal, "newer npsd",
			"backup"},
		{"a lost table", spoil_table_lost, "lost a table", "place"},
		{"a lost identity", spoil_meta_lost, "does not know itself",
			"backup"},
		{"a cut file", spoil_cut, "malformed", ""},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct shelf shelf;
		struct image crashed = build_crashed(&shelf);
		struct err err = {""};

		rows[i].spoil(&shelf);
		struct image before = take_image(&shelf);

		for (int again = 0; again < 2; again++) {
			cr_assert_null(store_open(&shelf.settings, &err),
				"%s is refused", rows[i].what);
			cr_assert_not_null(strstr(err.text, rows[i].says),
				"%s: \"%s\"", rows[i].what, err.text);
			cr_assert_not_null(strstr(err.text, rows[i].advises),
				"%s: \"%s\"", rows[i].what, err.text);
		}
		struct image after = take_image(&shelf);

		if (rows[i].spoil != spoil_table_lost)
			cr_assert(same_image(&before, &after),
				"%s: left as it was", rows[i].what);
		put_image(&shelf, &crashed);
		shelf.store = store_open(&shelf.settings, &err);
		cr_assert_not_null(
			shelf.store, "put right again: %s", err.text);
		store_close(shelf.store);
		free_image(&before);
		free_image(&after);
		free_image(&crashed);
		remove_folder(&shelf);
	}
}

static void
mend_none(struct shelf *shelf)
{
	(void)shelf;
}

static void
mend_copy(struct shelf *shelf)
{
	run_sql(shelf->path, "PRAGMA wal_checkpoint(TRUNCATE)");
	unlink(path_of(shelf, "-wal"));
	unlink(path_of(shelf, ".lock"));
}

static void
mend_looked_at(struct shelf *shelf)
{
	run_sql(shelf->path, "SELECT * FROM answer");
}

static void
mend_zeroes(struct shelf *shelf)
{
	char zeroes[4096] = "";

	run_sql(shelf->path, "PRAGMA wal_checkpoint(TRUNCATE)");
	write_file(path_of(shelf, "-wal"), zeroes, sizeof(zeroes));
}

static void
mend_half_made(struct shelf *shelf)
{
	write_file(path_of(shelf, ".new"), "half", 4);
}

static void
mend_lock_garbage(struct shelf *shelf)
{
	write_file(path_of(shelf, ".lock"), "\0\0\xFFnpsd", 7);
}

Test(store_sqlite, starts_after_what_is_harmless)
{
	static const struct {
		const char *what;
		void (*mend)(struct shelf *shelf);
	} rows[] = {
		{"a crash", mend_none},
		{"a copy of the file alone, all moved", mend_copy},
		{"the sqlite3 shell after a crash", mend_looked_at},
		{"a WAL whose head was never synced", mend_zeroes},
		{"a file half made before", mend_half_made},
		{"a mark that cannot be read", mend_lock_garbage},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct shelf shelf;
		struct image crashed = build_crashed(&shelf);
		struct err err = {""};

		rows[i].mend(&shelf);
		shelf.store = store_open(&shelf.settings, &err);
		cr_assert_not_null(
			shelf.store, "%s: %s", rows[i].what, err.text);
		shelf.reader = store_reader_open(&shelf.settings, &err);
		cr_assert_not_null(
			shelf.reader, "%s: %s", rows[i].what, err.text);
		cr_assert_eq(count_answers(&shelf), 3, "%s: all is there",
			rows[i].what);
		cr_assert_eq(previous_score(&shelf, "anna", ANSWERED_MS), 2,
			"%s: and known", rows[i].what);
		close_store(&shelf);
		free_image(&crashed);
		remove_folder(&shelf);
	}
}

/* ---- schema ---- */

static int64_t
ask(sqlite3 *db, const char *text)
{
	sqlite3_stmt *statement;
	int64_t number = -1;

	if (sqlite3_prepare_v2(db, text, -1, &statement, NULL) == SQLITE_OK &&
		sqlite3_step(statement) == SQLITE_ROW)
		number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return number;
}

Test(store_sqlite, upgrades_step_by_step)
{
	/* An older schema as somebody might have: answers as text alone. */
	static const char old[] =
		"CREATE TABLE old(id TEXT, score TEXT);"
		"INSERT INTO old VALUES('a', '3'), ('b', '9');";
	static const struct schema_step good[] = {
		{.version = 1,
			.text = "CREATE TABLE answer(id TEXT, score INTEGER) "
				"STRICT;"
				"INSERT INTO answer SELECT id, score FROM old;"
				"DROP TABLE old"},
		{.version = 2,
			.text = "ALTER TABLE answer ADD COLUMN row INTEGER;"
				"UPDATE answer SET row = rowid"},
	};
	static const struct schema_step bad[] = {
		{.version = 1,
			.text = "CREATE TABLE answer(id TEXT, score INTEGER) "
				"STRICT;"
				"INSERT INTO answer SELECT id, score FROM old;"
				"DROP TABLE old"},
		{.version = 2,
			.text = "ALTER TABLE answer ADD COLUMN row INTEGER;"
				"UPDATE answer SET row = rowid;"
				"INSERT INTO answer VALUES('c', 'no number', "
				"3)"},
		{.version = 3, .text = "DROP TABLE answer"},
	};
	char path[] = "/tmp/npsd-upgrade-XXXXXX";
	struct err err = {""};

	close(mkstemp(path));
	run_sql(path, old);
	struct sql *sql = sql_open(path, SQL_WRITE, &err);

	cr_assert_not_null(sql, "%s", err.text);
	cr_assert_not(sqlite_upgrade(sql, bad, 3, &err), "step 2 fails");
	cr_assert_not_null(strstr(err.text, "schema 2: "), "%s", err.text);
	cr_assert_not(sql_in_transaction(sql), "nothing is left open");
	sql_close(sql);
	sqlite3 *db;

	sqlite3_open(path, &db);
	cr_assert_eq(ask(db, "PRAGMA user_version"), 1, "step 1 stays");
	cr_assert_eq(ask(db, "SELECT sum(score) FROM answer"), 12, "step 1");
	cr_assert_eq(
		ask(db, "SELECT count(*) FROM pragma_table_info('answer')"), 2,
		"step 2 left nothing");
	sqlite3_close(db);
	sql = sql_open(path, SQL_WRITE, &err);
	cr_assert(sqlite_upgrade(sql, good, 2, &err), "%s", err.text);
	cr_assert(sqlite_upgrade(sql, good, 2, &err), "nothing to do");
	cr_assert(sqlite_check_version(sql, 2, &err), "%s", err.text);
	cr_assert_not(sqlite_check_version(sql, 1, &err), "newer than known");
	sql_close(sql);
	sqlite3_open(path, &db);
	cr_assert_eq(ask(db, "PRAGMA user_version"), 2, "step 2");
	cr_assert_eq(ask(db, "SELECT sum(row * score) FROM answer"), 21, "2");
	sqlite3_close(db);
	static const char *const rest[] = {"", "-wal", "-shm"};
	char name[64];

	for (size_t i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "%s%s", path, rest[i]);
		unlink(name);
	}
}

/* ---- older schemas ---- */

/* A store as an older version left it, with what that text puts in. */
static void
open_older(struct shelf *shelf, size_t version, const char *text)
{
	static const char *const rest[] = {"", "-wal", "-shm", ".lock"};
	struct err err = {""};

	shelf_open(shelf, "sqlite");
	close_store(shelf);
	for (size_t i = 0; i < sizeof(rest) / sizeof(rest[0]); i++)
		unlink(path_of(shelf, rest[i]));
	struct sql *sql = sql_create(shelf->path, &err);

	cr_assert_not_null(sql, "%s", err.text);
	cr_assert(sqlite_upgrade(sql, schema_steps, version, &err), "%s",
		err.text);
	sql_close(sql);
	run_sql(shelf->path, "INSERT INTO meta VALUES('store_id', "
			     "'00112233445566778899aabbccddeeff'), "
			     "('identity_key', zeroblob(32)), ('change', 9), "
			     "('delivery_row', 0), ('seen_row', 0)");
	run_sql(shelf->path, text);
	shelf->store = store_open(&shelf->settings, &err);
	cr_assert_not_null(shelf->store, "%s", err.text);
	shelf->reader = store_reader_open(&shelf->settings, &err);
	cr_assert_not_null(shelf->reader, "%s", err.text);
}

static void
on_any_lane(const struct lane_row *lane, void *context)
{
	(void)lane;
	(*(int *)context)++;
}

Test(store_sqlite, brings_version_1_up_to_date)
{
	struct shelf shelf;
	struct lane_row lane = {.action = "crm", .state = 2};
	int lanes = 0;

	open_older(&shelf, 1,
		"INSERT INTO delivery VALUES(1, zeroblob(16), 'drill', NULL, "
		"'r', 'crm', '', 0, 0, 5, 100, 0, 0, 0, 0, NULL, NULL); "
		"INSERT INTO body VALUES(1, x'62')");
	shelf_begin(&shelf);
	cr_assert_eq(shelf_claim(&shelf, "n1", "crm", 100, 8, NULL), 1,
		"what waited still does");
	GOOD(store_put_lane(shelf.store, &lane, &err));
	GOOD(store_each_lane(shelf.store, on_any_lane, &lanes, &err));
	cr_assert_eq(lanes, 1, "lanes can be kept");
	shelf_commit(&shelf);
	shelf_close(&shelf);
}

static void
tell_sum(int64_t slot, const struct counts *counts, void *context)
{
	buf_printf(context, "%lld:%lld,%lld,%lld ", (long long)slot,
		(long long)counts->of[CATEGORY_DETRACTOR],
		(long long)counts->of[CATEGORY_PASSIVE],
		(long long)counts->of[CATEGORY_PROMOTER]);
}

/* A row a slot became a row a chunk of slots: promoters, passives, detractors
 * stood in this order. One of a slot that cannot be was never summed. */
Test(store_sqlite, brings_counts_of_version_2_up_to_date)
{
	static const struct {
		enum bucket_width width;
		int64_t after, upto;
		const char *sums;
	} rows[] = {
		{BUCKET_HOUR, INT64_MIN, INT64_MAX,
			"1:33,22,11 63:0,0,1 64:0,0,2 700:-1,0,5 "},
		{BUCKET_HOUR, 499999, 500000, "1:3,2,1 63:0,0,1 64:0,0,2 "},
		{BUCKET_HOUR, -8, -7, "700:-1,0,5 "},
		{BUCKET_MINUTE, INT64_MIN, INT64_MAX, "1:0,7,0 "},
	};
	struct shelf shelf;
	struct counts one = {.of = {1, 0, 0}};
	struct buf text = {0};

	open_older(&shelf, 2,
		"INSERT INTO slot VALUES(1, 's', '', ''), (63, 't', '', ''), "
		"(64, 'u', '', ''), (700, 'v', '', ''); "
		"INSERT INTO bucket VALUES(60, 500000, 1, 1, 2, 3, 4), "
		"(60, 500000, 63, 1, 0, 0, 4), (60, 500000, 64, 2, 0, 0, 4), "
		"(60, 500001, 1, 10, 20, 30, 5), (60, -7, 700, 5, 0, -1, 6), "
		"(60, 500000, -1, 9, 9, 9, 4), "
		"(60, 500000, 1152921504606846976, 9, 9, 9, 4), "
		"(1, 30000000, 1, 0, 7, 0, 7)");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		text.length = 0;
		GOOD(store_sum_buckets(shelf.store, rows[i].width,
			rows[i].after, rows[i].upto, tell_sum, &text, &err));
		cr_assert_str_eq(
			text.data, rows[i].sums, "row %zu: %s", i, text.data);
	}
	shelf_begin(&shelf);
	shelf_count(&shelf, 1, BUCKET_HOUR, 500000, &one);
	shelf_commit(&shelf);
	text.length = 0;
	GOOD(store_sum_buckets(shelf.store, BUCKET_HOUR, 499999, 500000,
		tell_sum, &text, &err));
	cr_assert_str_eq(
		text.data, "1:4,2,1 63:0,0,1 64:0,0,2 ", "%s", text.data);
	buf_done(&text);
	shelf_close(&shelf);
}

/* Answers that no index of arrivals knows any more go by their age, too. */
Test(store_sqlite, removes_answers_of_version_5)
{
	struct shelf shelf;
	struct seen seen = {0};
	int removed;

	open_older(&shelf, 5,
		"INSERT INTO answer(row, kind, survey, id, revision, source, "
		"score, category, answered_ms, arrived_ms, slots, content) "
		"VALUES"
		"(1, 0, 's', 'a', 0, 'x', 1, 0, 1, 300, x'', '{}'), "
		"(2, 0, 's', 'b', 0, 'x', 1, 0, 1, 100, x'', '{}'), "
		"(3, 0, 's', NULL, 0, 'x', 1, 0, 1, 50, x'', '{}'), "
		"(4, 0, 's', 'd', 0, 'x', 1, 0, 1, 200, x'', '{}')");
	shelf_begin(&shelf);
	GOOD(store_purge_answers(shelf.store, 201, 9, &removed, &err));
	cr_assert_eq(removed, 2, "%d", removed);
	cr_assert_eq(store_find_answer(shelf.store, RESPONSE_ANSWER, "s", "a",
			     on_found, &seen, NULL),
		STORE_FOUND, "the youngest");
	GOOD(store_purge_answers(shelf.store, 301, 9, &removed, &err));
	cr_assert_eq(removed, 1, "%d", removed);
	shelf_commit(&shelf);
	shelf_close(&shelf);
}
