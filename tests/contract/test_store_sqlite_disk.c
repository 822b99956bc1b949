/* What the SQLite kind does on disks that fail or fill, beside readers, with its
 * WAL, and with the bytes of what it forgot. */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/memory.h"
#include "sqlite_files.h"
#include "store_shelf.h"

TestSuite(store_sqlite_disk, .timeout = 120);

/* ---- durable, and broken ---- */

/* The system's own file functions, with faults between. It has several sets of
 * them (with locks and without); each gets its copy here. */
enum { FILE_KINDS = 8 };
static struct {
	sqlite3_vfs vfs;
	sqlite3_vfs *real;
	struct file_kind {
		sqlite3_io_methods faulty;
		const sqlite3_io_methods *real;
	} kinds[FILE_KINDS];
	int syncs;
	ino_t synced; /* the last file that was */
	bool fail_sync, fail_write, no_shared_memory;
} faults;

static const sqlite3_io_methods *
real_methods(const sqlite3_file *file)
{
	for (size_t i = 0; i < FILE_KINDS; i++)
		if (file->pMethods == &faults.kinds[i].faulty)
			return faults.kinds[i].real;
	abort();
}

/* SQLite's own, and those of a commit. */
int
fdatasync(int fd)
{
	struct stat status;

	faults.syncs++;
	if (fstat(fd, &status) == 0)
		faults.synced = status.st_ino;
	if (!faults.fail_sync)
		return (int)syscall(SYS_fdatasync, fd);
	errno = EIO;
	return -1;
}

static int
faulty_write(sqlite3_file *file, const void *data, int length, sqlite3_int64 at)
{
	if (faults.fail_write)
		return SQLITE_FULL;
	return real_methods(file)->xWrite(file, data, length, at);
}

static int
faulty_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
	int *out_flags)
{
	(void)vfs;
	int code =
		faults.real->xOpen(faults.real, name, file, flags, out_flags);

	if (code != SQLITE_OK || !file->pMethods)
		return code;
	struct file_kind *kind = faults.kinds;

	while (kind->real && kind->real != file->pMethods)
		kind++;
	kind->real = file->pMethods;
	kind->faulty = *kind->real;
	kind->faulty.xWrite = faulty_write;
	if (faults.no_shared_memory)
		kind->faulty.iVersion = 1;
	file->pMethods = &kind->faulty;
	return code;
}

static void
install_faults(void)
{
	sqlite3_initialize();
	faults.real = sqlite3_vfs_find(NULL);
	faults.vfs = *faults.real;
	faults.vfs.zName = "faulty";
	faults.vfs.xOpen = faulty_open;
	sqlite3_vfs_register(&faults.vfs, 1);
}

Test(store_sqlite_disk, refuses_where_a_pragma_does_not_hold)
{
	struct shelf shelf;
	struct err err = {""};

	shelf_open(&shelf, "sqlite");
	close_store(&shelf);
	/* Without shared memory there is no WAL; SQLite would quietly go on
	 * without. */
	install_faults();
	faults.no_shared_memory = true;
	run_sql(shelf.path, "PRAGMA locking_mode=EXCLUSIVE;"
			    "PRAGMA journal_mode=DELETE");
	cr_assert_null(store_open(&shelf.settings, &err), "refused");
	cr_assert_not_null(
		strstr(err.text, "refuses journal_mode=WAL"), "%s", err.text);
	sqlite3_vfs_unregister(&faults.vfs);
	remove_folder(&shelf);
}

Test(store_sqlite_disk, syncs_each_commit_and_never_twice)
{
	struct shelf shelf;
	struct err err = {""};

	install_faults();
	shelf_open(&shelf, "sqlite");
	shelf_begin(&shelf);
	shelf_put(&shelf, "a", 1, 1, "anna");
	int before = faults.syncs;

	shelf_commit(&shelf);
	cr_assert_gt(faults.syncs, before, "synced before it returns");
	shelf_begin(&shelf);
	shelf_put(&shelf, "b", 1, 1, "anna");
	faults.fail_sync = true;
	cr_assert_not(store_commit(shelf.store, &err), "not durable");
	cr_assert_str_neq(err.text, "", "with a reason");
	cr_assert(store_is_broken(shelf.store), "never again");
	store_rollback(shelf.store);
	faults.fail_sync = false;
	cr_assert(
		store_is_broken(shelf.store), "also when syncing works again");
	shelf_reopen(&shelf);
	cr_assert_not(
		store_is_broken(shelf.store), "a new start from the file");
	cr_assert_leq(count_answers(&shelf), 2, "b was never acknowledged");
	shelf_close(&shelf);
	sqlite3_vfs_unregister(&faults.vfs);
}

Test(store_sqlite_disk, syncs_what_was_committed_ahead_when_asked)
{
	struct shelf shelf;
	struct err err = {""};
	int before;

	shelf_open(&shelf, "sqlite");
	shelf_begin(&shelf);
	shelf_put(&shelf, "a", 1, 1, "anna");
	before = faults.syncs;
	cr_assert(store_commit_ahead(shelf.store, &err), "%s", err.text);
	cr_assert_eq(faults.syncs, before, "not yet");
	cr_assert(store_sync(shelf.store, &err), "%s", err.text);
	cr_assert_eq(faults.syncs, before + 1, "now");
	cr_assert(store_sync(shelf.store, &err), "%s", err.text);
	cr_assert_eq(faults.syncs, before + 1, "once");
	shelf_begin(&shelf);
	shelf_put(&shelf, "b", 1, 1, "anna");
	cr_assert(store_commit_ahead(shelf.store, &err), "%s", err.text);
	shelf_begin(&shelf);
	faults.fail_sync = true;
	cr_assert_not(store_sync(shelf.store, &err), "not durable");
	cr_assert(store_is_broken(shelf.store), "for ever");
	faults.fail_sync = false;
	cr_assert_not(store_sync(shelf.store, &err), "and never tried again");
	store_rollback(shelf.store);
	cr_assert_not(store_begin(shelf.store, &err), "nothing more");
	cr_assert_not_null(strstr(err.text, "sync"), "%s", err.text);
	store_rollback(shelf.store);
	shelf_reopen(&shelf);
	cr_assert_leq(count_answers(&shelf), 2, "a new start from the file");
	shelf_close(&shelf);
}

/* Beside the link there is no WAL, or one of before. */
Test(store_sqlite_disk, syncs_the_wal_where_a_link_leads)
{
	for (int stale = 0; stale < 2; stale++) {
		struct shelf shelf;
		struct stat wal;

		shelf_open(&shelf, "sqlite");
		close_store(&shelf);
		char *moved = mem_printf("%s/moved.db", shelf.folder);
		char *moved_wal = mem_printf("%s-wal", moved);

		cr_assert_eq(rename(shelf.path, moved), 0, "moved");
		cr_assert_eq(symlink("moved.db", shelf.path), 0, "linked");
		unlink(path_of(&shelf, "-shm"));
		if (!stale)
			unlink(path_of(&shelf, "-wal"));
		else
			write_file(path_of(&shelf, "-wal"), "", 0);
		shelf_reopen(&shelf);
		shelf_begin(&shelf);
		shelf_put(&shelf, "a", 1, 1, "anna");
		shelf_commit(&shelf);
		cr_assert_eq(stat(moved_wal, &wal), 0, "%d: WAL", stale);
		cr_assert_gt(wal.st_size, 0, "%d: written to", stale);
		cr_assert_eq(faults.synced, wal.st_ino, "%d: synced", stale);
		free(moved);
		free(moved_wal);
		shelf_close(&shelf);
	}
}

Test(store_sqlite_disk, survives_a_full_disk)
{
	struct shelf shelf;
	struct err err = {""};

	install_faults();
	shelf_open(&shelf, "sqlite");
	shelf_begin(&shelf);
	shelf_put(&shelf, "a", 1, 1, "anna");
	shelf_commit(&shelf);
	shelf_begin(&shelf);
	shelf_put(&shelf, "b", 2, 2, "anna");
	faults.fail_write = true;
	cr_assert_not(store_commit(shelf.store, &err), "no room");
	cr_assert_not_null(strstr(err.text, "full"), "%s", err.text);
	cr_assert_not(store_is_broken(shelf.store), "room may come back");
	store_rollback(shelf.store);
	cr_assert_eq(previous_score(&shelf, "anna", 99), 1, "b is gone");
	faults.fail_write = false;
	shelf_begin(&shelf);
	cr_assert_eq(shelf_put(&shelf, "b", 3, 3, "anna"), 2, "as if new");
	shelf_commit(&shelf);
	cr_assert_eq(previous_score(&shelf, "anna", 99), 3, "b is there");
	cr_assert_eq(count_answers(&shelf), 2, "both");
	shelf_close(&shelf);
	sqlite3_vfs_unregister(&faults.vfs);
}

/* A transaction that ran out of room half-way (a page had to be written early)
 * is gone as a whole: nothing put after that may commit by itself. */
Test(store_sqlite_disk, writes_nothing_after_losing_a_transaction)
{
	struct shelf shelf;
	struct err err = {""};
	static char content[60000];
	bool good = true;

	install_faults();
	memset(content, 'x', sizeof(content));
	shelf_open(&shelf, "sqlite");
	shelf_begin(&shelf);
	faults.fail_write = true;
	for (int i = 0; good && i < 1000; i++) {
		char id[16];

		snprintf(id, sizeof(id), "a%d", i);
		struct answer_row a = shelf_answer(id, 1, 1, NULL);

		a.content = content;
		a.content_length = sizeof(content);
		good = store_put_answer(shelf.store, &a, &err);
	}
	faults.fail_write = false;
	cr_assert_not(good, "the cache is full and cannot be written");
	struct answer_row late = shelf_answer("late", 1, 1, NULL);

	cr_assert_not(store_savepoint(shelf.store, &err), "no savepoint");
	cr_assert_not(store_put_answer(shelf.store, &late, &err), "no put");
	cr_assert_not(store_commit(shelf.store, &err), "no commit");
	cr_assert_not_null(strstr(err.text, "taken back"), "%s", err.text);
	store_rollback(shelf.store);
	cr_assert_eq(count_answers(&shelf), 0, "nothing");
	shelf_begin(&shelf);
	shelf_put(&shelf, "a", 1, 1, NULL);
	shelf_commit(&shelf);
	cr_assert_eq(count_answers(&shelf), 1, "and on it goes");
	shelf_close(&shelf);
	sqlite3_vfs_unregister(&faults.vfs);
}

/* ---- readers beside the writer ---- */

Test(store_sqlite_disk, reads_what_was_committed_while_it_writes)
{
	struct shelf shelf;

	shelf_open(&shelf, "sqlite");
	for (int i = 0; i < 20; i++) {
		char id[16];

		snprintf(id, sizeof(id), "a%d", i);
		shelf_begin(&shelf);
		shelf_put(&shelf, id, 1, 1, NULL);
		cr_assert_eq(count_answers(&shelf), i, "not before the commit");
		shelf_commit(&shelf);
		cr_assert_eq(count_answers(&shelf), i + 1, "after it");
	}
	shelf_close(&shelf);
}

static void *
read_all_the_time(void *context)
{
	struct shelf *shelf = context;
	int seen = 0;

	while (seen < 400) {
		int now = 0;
		int64_t next = 0;
		struct store_filter filter = shelf_any;

		do {
			filter.before_row = next;
			json_t *items = shelf_list(
				shelf, STORE_RESPONSES, &filter, &next);

			now += (int)json_array_size(items);
			json_decref(items);
		} while (next);
		cr_assert_geq(now, seen, "never less than before");
		seen = now;
	}
	return NULL;
}

Test(store_sqlite_disk, is_read_by_another_thread)
{
	struct shelf shelf;
	pthread_t thread;

	shelf_open(&shelf, "sqlite");
	pthread_create(&thread, NULL, read_all_the_time, &shelf);
	for (int i = 0; i < 400; i++) {
		char id[16];

		snprintf(id, sizeof(id), "a%d", i);
		shelf_begin(&shelf);
		shelf_put(&shelf, id, 1, i, "anna");
		shelf_commit(&shelf);
		if (i % 50 == 0) {
			struct err err = {""};

			cr_assert(store_checkpoint(shelf.store, false, &err),
				"%s", err.text);
		}
	}
	pthread_join(thread, NULL);
	shelf_close(&shelf);
}

Test(store_sqlite_disk, keeps_its_wal_short)
{
	struct shelf shelf;
	struct stat status;
	struct err err = {""};
	static char content[60000];

	memset(content, 'x', sizeof(content));
	shelf_open(&shelf, "sqlite");
	for (int i = 0; i < 1000; i++) {
		char id[16];

		snprintf(id, sizeof(id), "a%d", i);
		struct answer_row a = shelf_answer(id, 1, 1, NULL);

		a.content = content;
		a.content_length = sizeof(content);
		shelf_begin(&shelf);
		cr_assert(store_put_answer(shelf.store, &a, &err), "%s",
			err.text);
		shelf_commit(&shelf);
	}
	cr_assert_eq(stat(path_of(&shelf, "-wal"), &status), 0, "there");
	cr_assert_lt(
		status.st_size, 20 << 20, "of 60 MB: %d", (int)status.st_size);
	cr_assert(store_checkpoint(shelf.store, true, &err), "%s", err.text);
	cr_assert_eq(stat(path_of(&shelf, "-wal"), &status), 0, "there");
	cr_assert_eq(status.st_size, 0, "emptied");
	shelf_close(&shelf);
}

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Nothing else is stored meanwhile: who reads for long is waited for a second,
 * and a copy of what is committed next goes on. */
Test(store_sqlite_disk, waits_for_who_reads_for_a_second_at_most)
{
	struct shelf shelf;
	struct err err = {""};
	sqlite3 *db;
	int64_t began_ms, took_ms;

	shelf_open(&shelf, "sqlite");
	shelf_begin(&shelf);
	shelf_put(&shelf, "a", 1, 1, "anna");
	shelf_commit(&shelf);
	sqlite3_open(shelf.path, &db);
	sqlite3_exec(db, "BEGIN; SELECT * FROM answer", NULL, NULL, NULL);
	shelf_begin(&shelf);
	shelf_put(&shelf, "b", 1, 1, "anna");
	shelf_commit(&shelf);
	began_ms = now_ms();
	cr_assert_not(store_checkpoint(shelf.store, true, &err), "it is read");
	took_ms = now_ms() - began_ms;
	cr_assert(took_ms >= 500 && took_ms < 2500, "%d ms", (int)took_ms);
	cr_assert_not(store_is_broken(shelf.store), "%s", err.text);
	sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	sqlite3_close(db);
	cr_assert(store_checkpoint(shelf.store, true, &err), "%s", err.text);
	shelf_close(&shelf);
}

/* ---- forgetting, in the bytes ---- */

static bool
holds(const struct shelf *shelf, const char *ending, const char *text)
{
	size_t length;
	char *bytes = read_file(path_of(shelf, ending), &length);
	bool found = bytes && memmem(bytes, length, text, strlen(text));

	free(bytes);
	return found;
}

Test(store_sqlite_disk, leaves_no_byte_of_what_it_forgot)
{
	static const char *const canaries[] = {"canary-id", "canary-customer",
		"canary-content", "canary-body", "canary-recipient",
		"canary-past", "canary-refused", "canary-reason"};
	static const size_t count = sizeof(canaries) / sizeof(canaries[0]);
	struct shelf shelf;
	struct err err = {""};
	char id[DELIVERY_ID_BYTES];
	int removed;

	shelf_open(&shelf, "sqlite");
	shelf_begin(&shelf);
	for (int i = 0; i < 200; i++) { /* pages beside and between */
		char name[16];

		snprintf(name, sizeof(name), "a%d", i);
		shelf_put(&shelf, name, 1, INT64_MAX / 4, "bob");
	}
	struct answer_row a =
		shelf_answer("canary-id", 1, 1, "canary-customer");

	a.content = "{\"comment\":\"canary-past\"}";
	a.content_length = strlen(a.content);
	cr_assert(store_put_answer(shelf.store, &a, &err), "%s", err.text);
	a.content = "{\"comment\":\"canary-content\"}";
	a.content_length = strlen(a.content);
	a.revision = 1;
	cr_assert(store_amend_answer(shelf.store, &a, &err), "%s", err.text);
	struct delivery_row d = shelf_delivery(1, "mail", a.row, 1, id);

	d.body = "canary-body";
	d.body_length = strlen(d.body);
	d.recipient = "canary-recipient";
	cr_assert(store_put_delivery(shelf.store, &d, &err), "%s", err.text);
	shelf_claim(&shelf, "n1", "mail", 1, 1, NULL);
	struct settlement settlement = {.delivery = d.row,
		.state = DELIVERY_DEAD,
		.counts_as_try = true,
		.outcome = "give_up",
		.reason = "canary-reason"};
	bool held;

	cr_assert(store_settle(shelf.store, &settlement, &held, &err), "%s",
		err.text);
	put_rejected(&shelf, "canary-refused", 14, 1);
	shelf_commit(&shelf);
	for (size_t i = 0; i < count; i++)
		cr_assert(holds(&shelf, "", canaries[i]) ||
				  holds(&shelf, "-wal", canaries[i]),
			"%s is there", canaries[i]);
	shelf_begin(&shelf);
	cr_assert(store_purge_answers(
			  shelf.store, ANSWERED_MS, 10, &removed, &err),
		"%s", err.text);
	cr_assert_eq(removed, 1, "the one");
	cr_assert(store_purge_rejected(
			  shelf.store, ANSWERED_MS, 10, &removed, &err),
		"%s", err.text);
	shelf_commit(&shelf);
	cr_assert(store_checkpoint(shelf.store, true, &err), "%s", err.text);
	for (size_t i = 0; i < count; i++)
		cr_assert_not(holds(&shelf, "", canaries[i]) ||
				      holds(&shelf, "-wal", canaries[i]),
			"%s is gone", canaries[i]);
	shelf_close(&shelf);
}

/* ---- many customers ---- */

enum { MANY = 70000, MANY_CUSTOMERS = 900, MANY_IN_ONE = 500 };

/* Enough that runs of customers move to the file, with an end in between; what
 * is found must be as if all had been looked through. */
Test(store_sqlite_disk, finds_customers_in_memory_and_file)
{
	struct shelf shelf;
	int64_t *times = mem_new(MANY, sizeof(*times));
	unsigned state = 1;

	shelf_open(&shelf, "sqlite");
	for (int i = 0; i < MANY; i++) {
		char id[16], customer[16];

		if (i % MANY_IN_ONE == 0)
			shelf_begin(&shelf);
		state = state * 1103515245 + 12345;
		times[i] = (state >> 8) % 100000;
		snprintf(id, sizeof(id), "a%d", i);
		snprintf(customer, sizeof(customer), "c%d", i % MANY_CUSTOMERS);
		shelf_put(&shelf, id, i % 11, times[i], customer);
		if (i % MANY_IN_ONE != MANY_IN_ONE - 1)
			continue;
		if (i % 20000 == MANY_IN_ONE - 1) { /* once more, undone */
			store_rollback(shelf.store);
			shelf_begin(&shelf);
			for (int j = i - MANY_IN_ONE + 1; j <= i; j++) {
				snprintf(id, sizeof(id), "a%d", j);
				snprintf(customer, sizeof(customer), "c%d",
					j % MANY_CUSTOMERS);
				shelf_put(
					&shelf, id, j % 11, times[j], customer);
			}
		}
		shelf_commit(&shelf);
		if (i == 34999 || i == 47499 || i == 65499)
			shelf_reopen(&shelf);
		if (i % 10000 != 9999)
			continue;
		for (int c = 0; c < MANY_CUSTOMERS; c++) {
			int64_t before = 10000 + c * 100, best = -1;

			for (int j = c; j <= i; j += MANY_CUSTOMERS)
				if (times[j] <= before &&
					(best < 0 || times[j] >= times[best]))
					best = j;
			snprintf(customer, sizeof(customer), "c%d", c);
			cr_assert_eq(previous_score(&shelf, customer, before),
				best < 0 ? -1 : (int)(best % 11),
				"customer %d of %d answers", c, i + 1);
		}
	}
	shelf_close(&shelf);
	free(times);
}
