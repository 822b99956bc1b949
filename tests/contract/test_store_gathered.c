/* Rows of a transaction that may be written later than they are put: nobody can
 * tell. And what becomes of them where one cannot be written. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sqlite_files.h"
#include "store_shelf.h"

TestSuite(store_gathered, .timeout = 120);

enum { ROUNDS = 3, ANSWERS = 75 }; /* some statements of many, and a rest */

/* Puts an answer with its alerts under a savepoint of its own. */
static void
put_one(struct shelf *shelf, int number, bool undone)
{
	char id[16];
	int64_t row;
	struct err err = {""};

	snprintf(id, sizeof(id), "r-%04d", number);
	cr_assert(store_savepoint(shelf->store, &err), "%s", err.text);
	row = shelf_put(shelf, id, number % 11, ANSWERED_MS + number,
		number % 4 == 0 ? NULL : "anna");
	for (int n = 0; n < number % 3; n++)
		shelf_put_delivery(
			shelf, 10 * number + n, "crm", row, ANSWERED_MS);
	if (undone)
		store_undo(shelf->store);
	else
		cr_assert(store_keep(shelf->store, &err), "%s", err.text);
}

/* What asks in between, of rows that may not be written yet. */
static void
look(struct shelf *shelf, int number)
{
	struct seen seen = {0};
	int64_t rows[8];
	char id[16];

	snprintf(id, sizeof(id), "r-%04d", number);
	if (number % 17 == 5)
		cr_assert_eq(store_find_answer(shelf->store, RESPONSE_ANSWER,
				     "s", id, on_found, &seen, NULL),
			number % 5 == 4 ? STORE_NONE : STORE_FOUND, "%s: %s",
			shelf->kind, id);
	if (number % 29 == 7)
		cr_assert_geq(
			previous_score(shelf, "anna", ANSWERED_MS + number + 1),
			0, "%s: %s", shelf->kind, id);
	if (number % 37 == 11)
		cr_assert_gt(
			shelf_claim(shelf, "node", "crm", ANSWERED_MS, 3, rows),
			0, "%s: %s", shelf->kind, id);
}

Test(store_gathered, nobody_can_tell)
{
	char *told[STORE_KINDS];
	struct shelf shelf;
	size_t kind = 0;

	EACH_KIND(shelf)
	{
		int number = 0;

		for (int round = 0; round < ROUNDS; round++) {
			shelf_begin(&shelf);
			for (int i = 0; i < ANSWERS; i++, number++) {
				put_one(&shelf, number, number % 5 == 4);
				look(&shelf, number);
			}
			if (round == 1) {
				store_rollback(shelf.store);
				number -= ANSWERS;
				continue;
			}
			shelf_commit(&shelf);
		}
		told[kind++] = shelf_tell(&shelf);
	}
	cr_assert_str_eq(told[0], told[1], "both kinds tell the same");
	free(told[0]);
	free(told[1]);
}

/* One id twice in one transaction: the second is none, as it always was. */
Test(store_gathered, a_delivery_is_there_once)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		int64_t row;

		shelf_begin(&shelf);
		row = shelf_put(&shelf, "a", 3, ANSWERED_MS, NULL);
		cr_assert_neq(
			shelf_put_delivery(&shelf, 1, "crm", row, ANSWERED_MS),
			0, "%s: new", shelf.kind);
		cr_assert_eq(
			shelf_put_delivery(&shelf, 1, "crm", row, ANSWERED_MS),
			0, "%s: there", shelf.kind);
		shelf_commit(&shelf);
		shelf_begin(&shelf);
		cr_assert_eq(
			shelf_put_delivery(&shelf, 1, "crm", row, ANSWERED_MS),
			0, "%s: there later", shelf.kind);
		shelf_commit(&shelf);
	}
}

static bool
put_kept(struct shelf *shelf, const char *id, struct err *err)
{
	struct answer_row answer = shelf_answer(id, 3, ANSWERED_MS, "anna");
	struct seen seen = {0};

	cr_assert(store_savepoint(shelf->store, err), "%s", err->text);
	cr_assert_eq(store_find_answer(shelf->store, answer.kind, answer.survey,
			     id, on_found, &seen, err),
		STORE_NONE, "%s", id);
	if (store_put_answer(shelf->store, &answer, err)) {
		cr_assert(store_keep(shelf->store, err), "%s", err->text);
		return true;
	}
	store_undo(shelf->store);
	return false;
}

/* Written together the one that cannot be written takes the transaction along,
 * once. Then each is written by itself, and it fails alone. */
Test(store_gathered, one_that_cannot_be_written_fails_alone)
{
	static const char refuse[] =
		"CREATE TRIGGER refuse BEFORE INSERT ON answer "
		"WHEN NEW.id = 'bad' BEGIN SELECT RAISE(ABORT, 'no'); END";
	struct shelf shelf;
	struct err first = {""};

	shelf_open(&shelf, "sqlite");
	run_sql(shelf.path, refuse);
	shelf_begin(&shelf);
	cr_assert(put_kept(&shelf, "a", &first), "%s", first.text);
	cr_assert(put_kept(&shelf, "bad", &first), "not yet written");
	cr_assert(put_kept(&shelf, "c", &first), "%s", first.text);
	BAD(store_put_place(shelf.store, "spool", "k", "p", &err) &&
		store_commit(shelf.store, &err));
	store_rollback(shelf.store);
	cr_assert_not(store_is_broken(shelf.store), "not the store's fault");
	cr_assert_eq(count_answers(&shelf), 0, "nothing of it stays");
	shelf_begin(&shelf);
	cr_assert(put_kept(&shelf, "a", &first), "%s", first.text);
	cr_assert_not(put_kept(&shelf, "bad", &first), "refused");
	cr_assert(put_kept(&shelf, "c", &first), "%s", first.text);
	shelf_commit(&shelf);
	cr_assert_eq(count_answers(&shelf), 2, "its neighbours");
	shelf_close(&shelf);
}

/* What follows in a transaction that can only be taken back fails, too. */
Test(store_gathered, nothing_follows_what_was_lost)
{
	static const char refuse[] =
		"CREATE TRIGGER refuse BEFORE INSERT ON answer "
		"WHEN NEW.id = 'bad' BEGIN SELECT RAISE(ABORT, 'no'); END";
	struct shelf shelf;
	struct seen seen = {0};
	struct err first = {""};

	shelf_open(&shelf, "sqlite");
	run_sql(shelf.path, refuse);
	shelf_begin(&shelf);
	/* The first of a stretch is written at once. */
	cr_assert(put_kept(&shelf, "a", &first), "%s", first.text);
	cr_assert(put_kept(&shelf, "bad", &first), "not yet written");
	cr_assert_eq(store_find_answer(shelf.store, RESPONSE_ANSWER, "s", "bad",
			     on_found, &seen, &first),
		STORE_ERROR, "whoever looks first hears of it");
	BAD(store_put_slot(shelf.store, 1, "s", "", "", &err));
	BAD(store_savepoint(shelf.store, &err));
	BAD(store_commit(shelf.store, &err));
	store_rollback(shelf.store);
	shelf_begin(&shelf);
	shelf_put(&shelf, "good", 3, ANSWERED_MS, NULL);
	shelf_commit(&shelf);
	cr_assert_eq(count_answers(&shelf), 1, "it goes on");
	shelf_close(&shelf);
}
