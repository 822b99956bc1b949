/* Copies of a SQLite store while it is at work, what becomes of them, and what
 * the store does about others that use its file. */
#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sqlite_files.h"
#include "store_shelf.h"

TestSuite(store_backup, .timeout = 120);

static const atomic_bool never;

static void
put_some(struct shelf *shelf, const char *prefix, int from, int count)
{
	for (int i = from; i < from + count; i++) {
		char id[32];

		snprintf(id, sizeof(id), "%s%d", prefix, i);
		shelf_begin(shelf);
		shelf_put(shelf, id, i % 11, ANSWERED_MS, "anna");
		shelf_commit(shelf);
	}
}

/* Copies to the end, with `between` commits after each slice. */
static bool
back_up(struct shelf *shelf, const char *path, bool replace, int between,
	const atomic_bool *stop, struct store_books *books, struct err *err)
{
	struct store_backup *backup =
		store_backup_start(shelf->store, path, replace, 1000, err);
	int64_t left = 1, total;
	bool good = backup != NULL;

	for (int round = 0; good && left > 0; round++) {
		good = store_backup_copy(backup, 4, &left, &total, err);
		if (left > 0)
			put_some(shelf, "between", round * between, between);
	}
	good = good && store_backup_end(backup, stop, books, err);
	store_backup_free(backup);
	return good;
}

static bool
exists(const struct shelf *shelf, const char *ending)
{
	return access(path_of(shelf, ending), F_OK) == 0;
}

static int64_t
ask_file(const char *path, const char *text)
{
	sqlite3 *db;
	sqlite3_stmt *ask;
	int64_t number = -1;

	sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL);
	if (sqlite3_prepare_v2(db, text, -1, &ask, NULL) == SQLITE_OK &&
		sqlite3_step(ask) == SQLITE_ROW)
		number = sqlite3_column_int64(ask, 0);
	sqlite3_finalize(ask);
	sqlite3_close(db);
	return number;
}

Test(store_backup, copies_what_is_committed_meanwhile)
{
	struct shelf shelf;
	struct store_books books;
	struct stat status;
	struct err err = {""};

	umask(0);
	shelf_open(&shelf, "sqlite");
	put_some(&shelf, "a", 0, 300);
	char *path = strdup(path_of(&shelf, ".backup"));

	cr_assert(back_up(&shelf, path, false, 3, &never, &books, &err), "%s",
		err.text);
	cr_assert_gt(books.answers, 310, "those between came along");
	cr_assert_eq(books.answers, count_answers(&shelf), "all of them");
	cr_assert_eq(stat(path, &status), 0, "in its place");
	cr_assert_eq(status.st_mode & 07777, 0600, "for its owner only: %o",
		status.st_mode & 07777);
	cr_assert_eq(status.st_size, books.bytes, "its size is told");
	cr_assert_not(exists(&shelf, ".backup.npsd-part"), "under one name");
	cr_assert_not(exists(&shelf, ".backup-wal"), "a single file");
	cr_assert_eq(ask_file(path, "SELECT count(*) FROM answer"),
		books.answers, "readable by the shell");
	cr_assert_eq(ask_file(path, "SELECT value FROM meta "
				    "WHERE key = 'backup_ms'"),
		1000, "it knows when it was made");
	unlink(path);
	free(path);
	shelf_close(&shelf);
}

Test(store_backup, replaces_nothing_but_an_older_backup)
{
	struct shelf shelf;
	struct store_books books;
	struct err err = {""};

	shelf_open(&shelf, "sqlite");
	put_some(&shelf, "a", 0, 3);
	char *path = strdup(path_of(&shelf, ".backup"));
	char *other = strdup(path_of(&shelf, ".other"));
	const char *const own[] = {"", "-wal", "-shm", ".lock"};

	cr_assert(back_up(&shelf, path, true, 0, &never, &books, &err), "%s",
		err.text);
	cr_assert_not(back_up(&shelf, path, false, 0, &never, &books, &err),
		"not over it");
	cr_assert_not_null(strstr(err.text, "--force"), "%s", err.text);
	put_some(&shelf, "b", 0, 2);
	cr_assert(back_up(&shelf, path, true, 0, &never, &books, &err), "%s",
		err.text);
	cr_assert_eq(books.answers, 5, "the newer one");
	write_file(other, "somebody's own", 14);
	cr_assert_not(back_up(&shelf, other, true, 0, &never, &books, &err),
		"not over anything else");
	cr_assert_not_null(strstr(err.text, "no backup"), "%s", err.text);
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		cr_assert_not(back_up(&shelf, path_of(&shelf, own[i]), true, 0,
				      &never, &books, &err),
			"not over %s", own[i]);
		cr_assert_not_null(
			strstr(err.text, "store itself"), "%s", err.text);
	}
	cr_assert_not(back_up(&shelf, "here", true, 0, &never, &books, &err),
		"where is here?");
	put_some(&shelf, "c", 0, 1);
	cr_assert_eq(count_answers(&shelf), 6, "the store goes on");
	unlink(path);
	unlink(other);
	free(path);
	free(other);
	shelf_close(&shelf);
}

/* It must not be called good, nor replace a good one. */
Test(store_backup, leaves_nothing_of_one_that_failed)
{
	struct shelf shelf;
	struct store_books books;
	struct err err = {""};
	static const atomic_bool at_once = true;

	shelf_open(&shelf, "sqlite");
	put_some(&shelf, "a", 0, 200);
	char *path = strdup(path_of(&shelf, ".backup"));

	cr_assert_not(back_up(&shelf, path, false, 0, &at_once, &books, &err),
		"told to stop");
	cr_assert_not(exists(&shelf, ".backup"), "no file");
	cr_assert_not(exists(&shelf, ".backup.npsd-part"), "and no part");
	cr_assert(back_up(&shelf, path, false, 0, &never, &books, &err), "%s",
		err.text);
	/* A table and its index do not agree any more. */
	run_sql(shelf.path,
		"PRAGMA writable_schema=ON; UPDATE sqlite_schema SET "
		"sql = replace(sql, '(id, survey, kind)', '(id, kind, "
		"survey)') "
		"WHERE name = 'answer_identity'");
	cr_assert_not(back_up(&shelf, path, true, 0, &never, &books, &err),
		"damaged");
	cr_assert_not_null(strstr(err.text, "damaged"), "%s", err.text);
	cr_assert_eq(ask_file(path, "SELECT count(*) FROM answer"), 200,
		"the good one from before stays");
	cr_assert_not(exists(&shelf, ".backup.npsd-part"), "and no part");
	unlink(path);
	free(path);
	shelf_close(&shelf);
}

static struct store_restored
restore(struct shelf *shelf, const char *from)
{
	struct store_restored restored;
	struct err err = {""};

	cr_assert(store_restore(&shelf->settings, from, &restored, &err), "%s",
		err.text);
	return restored;
}

static void
open_again(struct shelf *shelf)
{
	struct err err = {""};

	shelf->store = store_open(&shelf->settings, &err);
	cr_assert_not_null(shelf->store, "%s", err.text);
	shelf->reader = store_reader_open(&shelf->settings, &err);
	cr_assert_not_null(shelf->reader, "%s", err.text);
}

static void
drop_aside(struct store_restored *restored)
{
	static const char *const endings[] = {"", "-wal", "-shm"};
	char name[200];

	for (size_t i = 0; restored->aside && i < 3; i++) {
		snprintf(name, sizeof(name), "%s%s", restored->aside,
			endings[i]);
		unlink(name);
	}
	free(restored->aside);
}

Test(store_backup, is_restored)
{
	struct shelf shelf;
	struct store_books books;
	struct store_restored restored;
	struct err err = {""};

	shelf_open(&shelf, "sqlite");
	put_some(&shelf, "a", 0, 5);
	char *path = strdup(path_of(&shelf, ".backup"));

	cr_assert(back_up(&shelf, path, false, 0, &never, &books, &err), "%s",
		err.text);
	put_some(&shelf, "b", 0, 5);
	cr_assert_not(store_restore(&shelf.settings, path, &restored, &err),
		"not while it is open");
	cr_assert_not_null(strstr(err.text, "in use"), "%s", err.text);
	free(restored.aside);
	close_store(&shelf);

	restored = restore(&shelf, path);
	cr_assert_eq(restored.made_ms, 1000, "as of then");
	cr_assert_eq(restored.books.answers, 5, "as many as then");
	cr_assert_not_null(restored.aside, "the other is not lost");
	cr_assert_eq(ask_file(restored.aside, "SELECT count(*) FROM answer"),
		10, "it has all");
	open_again(&shelf);
	cr_assert_eq(count_answers(&shelf), 5, "the older store");
	put_some(&shelf, "b", 0, 5);
	cr_assert_eq(count_answers(&shelf), 10, "which goes on");
	close_store(&shelf);

	/* The one from before is a store too. */
	struct store_restored again = restore(&shelf, restored.aside);

	cr_assert_eq(again.books.answers, 10, "all of it");
	cr_assert_str_neq(again.aside, restored.aside, "none is written over");
	open_again(&shelf);
	cr_assert_eq(count_answers(&shelf), 10, "back again");
	close_store(&shelf);
	drop_aside(&again);
	drop_aside(&restored);
	unlink(path);
	free(path);
	remove_folder(&shelf);
}

static void
spoil_nothing(struct shelf *shelf)
{
	(void)shelf;
}

static void
lose_file(struct shelf *shelf)
{
	unlink(shelf->path);
}

static void
lose_wal(struct shelf *shelf)
{
	unlink(path_of(shelf, "-wal"));
}

static void
lose_mark(struct shelf *shelf)
{
	unlink(path_of(shelf, ".lock"));
}

static void
spoil_file(struct shelf *shelf)
{
	write_file(shelf->path, "garbage", 7);
}

/* Whatever state the store was in: that is what a backup is for. */
Test(store_backup, is_restored_over_any_wreck)
{
	static void (*const wrecks[])(struct shelf * shelf) = {
		spoil_nothing, lose_file, lose_wal, lose_mark, spoil_file};

	for (size_t i = 0; i < sizeof(wrecks) / sizeof(wrecks[0]); i++) {
		struct shelf shelf;
		struct store_books books;
		struct err err = {""};

		shelf_open(&shelf, "sqlite");
		put_some(&shelf, "a", 0, 4);
		char *path = strdup(path_of(&shelf, ".backup"));

		cr_assert(back_up(&shelf, path, false, 0, &never, &books, &err),
			"%s", err.text);
		put_some(&shelf, "b", 0, 4);
		struct image crashed = take_image(&shelf);

		close_store(&shelf);
		put_image(&shelf, &crashed);
		wrecks[i](&shelf);
		struct store_restored restored = restore(&shelf, path);

		open_again(&shelf);
		cr_assert_eq(count_answers(&shelf), 4, "wreck %zu", i);
		close_store(&shelf);
		drop_aside(&restored);
		free_image(&crashed);
		unlink(path);
		free(path);
		remove_folder(&shelf);
	}
}

/* To go on without what is lost, on purpose. */
Test(store_backup, accepts_a_store_that_lacks_commits)
{
	struct shelf shelf;
	struct image crashed = build_crashed(&shelf);
	struct err err = {""};

	unlink(path_of(&shelf, "-wal"));
	cr_assert_null(store_open(&shelf.settings, &err), "refused");
	struct store_restored restored = restore(&shelf, shelf.path);

	cr_assert_null(restored.aside, "it stays where it is");
	open_again(&shelf);
	cr_assert_eq(count_answers(&shelf), 0, "what the file had");
	close_store(&shelf);
	free_image(&crashed);
	remove_folder(&shelf);
}

Test(store_backup, restores_nothing_that_is_none)
{
	static const struct {
		const char *what, *bytes, *says;
	} rows[] = {
		{"nothing", NULL, "no such file"},
		{"garbage", "garbage", "neither"},
		{"an empty file", "", "neither"},
	};
	struct shelf shelf;

	shelf_open(&shelf, "sqlite");
	put_some(&shelf, "a", 0, 3);
	close_store(&shelf);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *path = strdup(path_of(&shelf, ".from"));
		struct store_restored restored;
		struct err err = {""};

		if (rows[i].bytes)
			write_file(path, rows[i].bytes, strlen(rows[i].bytes));
		cr_assert_not(
			store_restore(&shelf.settings, path, &restored, &err),
			"%s", rows[i].what);
		cr_assert_not_null(strstr(err.text, rows[i].says), "%s: %s",
			rows[i].what, err.text);
		cr_assert_null(restored.aside, "nothing was moved");
		unlink(path);
		free(path);
	}
	open_again(&shelf);
	cr_assert_eq(count_answers(&shelf), 3, "the store is as it was");
	close_store(&shelf);
	remove_folder(&shelf);
}

/* ---- copies, and others ---- */

Test(store_backup, refuses_a_copy_beside_its_original_P14)
{
	struct shelf shelf;
	struct err err = {""};
	size_t length;

	shelf_open(&shelf, "sqlite");
	put_some(&shelf, "a", 0, 3);
	close_store(&shelf);
	char *copy = strdup(path_of(&shelf, ".copy"));
	char *bytes = read_file(shelf.path, &length);
	char where[200];
	struct store_settings settings = shelf.settings;

	write_file(copy, bytes, length);
	free(bytes);
	snprintf(where, sizeof(where), "sqlite:%s", copy);
	settings.where = where;
	cr_assert_null(store_open(&settings, &err), "two of one");
	cr_assert_not_null(strstr(err.text, "is a copy of"), "%s", err.text);
	/* Moved, it is the one. */
	unlink(shelf.path);
	unlink(path_of(&shelf, ".lock"));
	struct store_writer *moved = store_open(&settings, &err);

	cr_assert_not_null(moved, "%s", err.text);
	store_close(moved);
	const char *const endings[] = {"", "-wal", "-shm", ".lock"};

	for (size_t i = 0; i < 4; i++) {
		char name[200];

		snprintf(name, sizeof(name), "%s%s", copy, endings[i]);
		unlink(name);
	}
	free(copy);
	remove_folder(&shelf);
}

Test(store_backup, notices_who_else_writes_P16)
{
	struct shelf shelf;
	struct store_watch watch;
	struct err err = {""};

	shelf_open(&shelf, "sqlite");
	put_some(&shelf, "a", 0, 3);
	store_watch(shelf.store, &watch);
	cr_assert_eq(watch.foreign, 0, "nobody");
	/* A reader is none. */
	run_sql(shelf.path, "SELECT count(*) FROM answer");
	put_some(&shelf, "b", 0, 1);
	store_watch(shelf.store, &watch);
	cr_assert_eq(watch.foreign, 0, "reading harms nobody");
	/* It takes the very row that we would. */
	run_sql(shelf.path,
		"INSERT INTO answer SELECT 5, kind, survey, 'foreign', "
		"revision, source, score, category, answered_ms, arrived_ms, "
		"customer, account, slots, verdicts, rules_hash, content "
		"FROM answer WHERE row = 4");
	shelf_begin(&shelf);
	cr_assert_eq(store_find_answer(shelf.store, RESPONSE_ANSWER, "s",
			     "foreign", on_found, &(struct seen){0}, &err),
		STORE_FOUND, "its answer is known");
	shelf_commit(&shelf);
	put_some(&shelf, "c", 0, 1);
	store_watch(shelf.store, &watch);
	cr_assert_eq(watch.foreign, 1, "seen");
	cr_assert_eq(count_answers(&shelf), 6, "and nothing collided");
	cr_assert(store_checkpoint(shelf.store, true, &err), "%s", err.text);
	shelf_close(&shelf);
}

/* A reader that stays keeps the WAL from beginning anew: it grows up to its
 * limit, then nothing is taken until the reader has gone; and none is lost. */
Test(store_backup, bounds_the_wal_beside_a_reader_that_stays_P16)
{
	struct shelf shelf;
	struct store_watch watch;
	struct stat status;
	struct err err = {""};
	static char content[60000];
	sqlite3 *reader;
	int kept = 0;
	bool good = true;

	shelf_open(&shelf, "sqlite");
	close_store(&shelf);
	shelf.settings.wal_limit_bytes = 20 * 1024 * 1024;
	open_again(&shelf);
	put_some(&shelf, "a", 0, 1);
	sqlite3_open(shelf.path, &reader);
	sqlite3_exec(
		reader, "BEGIN; SELECT count(*) FROM answer", NULL, NULL, NULL);
	memset(content, 'x', sizeof(content));
	while (good && kept < 1000) {
		char id[16];

		snprintf(id, sizeof(id), "b%d", kept);
		struct answer_row a = shelf_answer(id, 1, 1, NULL);

		a.content = content;
		a.content_length = sizeof(content);
		good = store_begin(shelf.store, &err);
		if (good) {
			cr_assert(store_put_answer(shelf.store, &a, &err), "%s",
				err.text);
			shelf_commit(&shelf);
			kept++;
		} else {
			store_rollback(shelf.store);
		}
	}
	cr_assert_not(good, "at its limit");
	cr_assert_not_null(
		strstr(err.text, "long transaction"), "%s", err.text);
	cr_assert_not(store_is_broken(shelf.store), "it waits");
	store_watch(shelf.store, &watch);
	cr_assert_geq(
		watch.wal_bytes, shelf.settings.wal_limit_bytes, "it tells");
	cr_assert_eq(stat(path_of(&shelf, "-wal"), &status), 0, "there");
	cr_assert_lt(
		status.st_size, 21 << 20, "bounded: %d", (int)status.st_size);
	sqlite3_close(reader);
	put_some(&shelf, "c", 0, 1);
	store_watch(shelf.store, &watch);
	cr_assert_lt(watch.wal_bytes, 1 << 20, "short again");
	cr_assert_eq(count_answers(&shelf), kept + 2, "all are there");
	shelf_close(&shelf);
}
