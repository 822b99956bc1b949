/* What every kind of store promises of answers: the same tests over each. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "store_shelf.h"

TestSuite(store, .timeout = 120);

Test(store, names_its_kinds)
{
	static const struct {
		const char *where, *reason;
	} rows[] = {
		{"postgres:x", "must be"},
		{"", "must be"},
		{"sqlite", "must be"},
		{"sqlite:", "path"},
		{"memory:x", "nothing may follow"},
		{"sqlite:/nowhere/npsd.db", "/nowhere/npsd.db.lock: No such"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct store_settings settings = {.where = rows[i].where};
		struct err err = {""};

		cr_assert_null(
			store_open(&settings, &err), "%s", rows[i].where);
		cr_assert_not_null(strstr(err.text, rows[i].reason),
			"%s: \"%s\"", rows[i].where, err.text);
	}
}

/* ---- answers ---- */

Test(store, finds_what_it_was_given)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		struct answer_row a = shelf_answer("a", 6, ANSWERED_MS, "c-1");
		struct seen seen = {0};

		a.account = "acme";
		a.revision = 7;
		shelf_begin(&shelf);
		GOOD(store_put_answer(shelf.store, &a, &err));
		int64_t b = shelf_put(&shelf, "b", 9, ANSWERED_MS, NULL);
		int64_t invited = shelf_put(&shelf, "a", -1, ANSWERED_MS, NULL);

		shelf_commit(&shelf);
		shelf_reopen(&shelf);
		cr_assert(0 < a.row && a.row < b && b < invited, "rows rise");
		cr_assert_eq(store_find_answer(shelf.store, RESPONSE_ANSWER,
				     "s", "a", on_found, &seen, NULL),
			STORE_FOUND, "%s", shelf.kind);
		cr_assert_str_eq(seen.text,
			"s|a|spool|c-1|acme|"
			"[{\"rule\":\"r\",\"verdict\":\"fired\"}]|"
			"0123456789abcdef|{\"comment\":\"gr\xC3\xBC\xC3\x9F\"}",
			"%s", shelf.kind);
		cr_assert_eq(seen.answer.row, a.row, "row");
		cr_assert_eq(seen.answer.revision, 7, "revision");
		cr_assert_eq(seen.answer.score, 6, "score");
		cr_assert_eq(seen.answer.category, CATEGORY_DETRACTOR, "class");
		cr_assert_eq(seen.answer.answered_ms, ANSWERED_MS, "answered");
		cr_assert_eq(
			seen.answer.arrived_ms, ANSWERED_MS + 1000, "arrived");
		cr_assert_eq(seen.answer.slots.count, 2, "slots");
		cr_assert_eq(seen.answer.slots.ids[1], 300, "slots");
		cr_assert_eq(store_find_answer(shelf.store, RESPONSE_INVITATION,
				     "s", "a", on_found, &seen, NULL),
			STORE_FOUND, "invitations have names of their own");
		cr_assert_eq(seen.answer.row, invited, "the invitation");
		cr_assert_eq(
			store_get_answer(shelf.store, b, on_found, &seen, NULL),
			STORE_FOUND, "by row");
		cr_assert_eq(strncmp(seen.text, "s|b|", 4), 0, "by row");
		seen.calls = 0;
		cr_assert_eq(store_find_answer(shelf.store, RESPONSE_ANSWER,
				     "other", "a", on_found, &seen, NULL),
			STORE_NONE, "of another survey");
		cr_assert_eq(store_get_answer(
				     shelf.store, 99, on_found, &seen, NULL),
			STORE_NONE, "no such row");
		cr_assert_eq(seen.calls, 0, "nothing found, nothing told");
		shelf_begin(&shelf);
		a.row = 0;
		BAD(store_put_answer(shelf.store, &a, &err));
		store_rollback(shelf.store);
	}
}

Test(store, needs_a_transaction_to_write)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		struct answer_row a = shelf_answer("a", 6, ANSWERED_MS, NULL);

		BAD(store_put_answer(shelf.store, &a, &err));
		BAD(store_put_place(shelf.store, "spool", "k", "p", &err));
		BAD(store_savepoint(shelf.store, &err));
		BAD(store_commit(shelf.store, &err));
		BAD(store_commit_ahead(shelf.store, &err));
		store_rollback(shelf.store);
		shelf_begin(&shelf);
		BAD(store_begin(shelf.store, &err));
		store_rollback(shelf.store);
		cr_assert_not(store_is_broken(shelf.store), "only misused");
	}
}

Test(store, goes_on_before_it_is_synced)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		shelf_begin(&shelf);
		shelf_put(&shelf, "a", 1, 1, "anna");
		cr_assert(store_commit_ahead(shelf.store, NULL), "committed");
		shelf_begin(&shelf);
		cr_assert_eq(previous_score(&shelf, "anna", 99), 1, "seen");
		cr_assert(store_sync(shelf.store, NULL), "meanwhile");
		shelf_put(&shelf, "b", 2, 2, "anna");
		shelf_commit(&shelf);
		cr_assert_eq(previous_score(&shelf, "anna", 99), 2, "both");
	}
}

Test(store, keeps_history_on_amend)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		struct seen seen = {0};
		int64_t first_ms = 0, later_ms = 0;

		shelf_begin(&shelf);
		int64_t row = shelf_put(&shelf, "a", 3, ANSWERED_MS, "c-1");

		GOOD(store_first_arrival(shelf.store, row, &first_ms, &err));
		cr_assert_gt(first_ms, 0, "when it arrived");
		for (int revision = 1; revision < 3; revision++) {
			struct answer_row a = shelf_answer("a", 6 + revision,
				ANSWERED_MS + revision, "c-1");

			a.row = row;
			a.revision = revision;
			a.arrived_ms = first_ms + revision;
			a.slots = (struct slots){1, {revision}};
			GOOD(store_amend_answer(shelf.store, &a, &err));
		}
		GOOD(store_first_arrival(shelf.store, row, &later_ms, &err));
		cr_assert_eq(later_ms, first_ms, "of the first revision");
		BAD(store_first_arrival(shelf.store, 99, &later_ms, &err));
		shelf_commit(&shelf);
		cr_assert_eq(store_find_answer(shelf.store, RESPONSE_ANSWER,
				     "s", "a", on_found, &seen, NULL),
			STORE_FOUND, "%s", shelf.kind);
		cr_assert_eq(seen.answer.row, row, "in its row");
		cr_assert_eq(seen.answer.score, 8, "the newest");
		cr_assert_eq(seen.answer.revision, 2, "the newest");
		cr_assert_eq(seen.answer.slots.ids[0], 2, "the newest");
		json_t *told = shelf_explain(&shelf, row);
		json_t *past = json_object_get(told, "past");

		cr_assert_eq(json_array_size(past), 2, "both earlier ones");
		for (int i = 0; i < 2; i++) {
			json_t *one = json_array_get(past, (size_t)i);

			cr_assert_eq(json_integer_value(
					     json_object_get(one, "revision")),
				i, "in order");
			cr_assert_eq(json_integer_value(
					     json_object_get(one, "score")),
				i ? 7 : 3, "as it was");
			cr_assert(
				json_is_array(json_object_get(one, "verdicts")),
				"with its verdicts");
		}
		json_decref(told);
		struct answer_row none = shelf_answer("x", 1, 1, NULL);

		none.row = 99;
		shelf_begin(&shelf);
		BAD(store_amend_answer(shelf.store, &none, &err));
		store_rollback(shelf.store);
	}
}

/* ---- previous ---- */

Test(store, finds_the_answer_before)
{
	/* anna answered s: a at 10 (3), b at 20 (7), c at 20 (9), d at 5 (1);
	 * rows 1 to 4, then 5 is an invitation, 6 is of another survey. */
	static const struct {
		const char *what, *survey, *customer;
		int64_t before, except;
		int score; /* -1: none */
	} rows[] = {
		{"the newest of all", "s", "anna", 99, 0, 9},
		{"equal times: the later row", "s", "anna", 20, 0, 9},
		{"equal times before row 3", "s", "anna", 20, 3, 7},
		{"equal times before row 2", "s", "anna", 20, 2, 3},
		{"row 3 excepted", "s", "anna", 99, 3, 7},
		{"between", "s", "anna", 19, 0, 3},
		{"arrived later, answered earlier", "s", "anna", 9, 0, 1},
		{"before all", "s", "anna", 4, 0, -1},
		{"the first itself", "s", "anna", 5, 4, -1},
		{"another survey", "t", "anna", 99, 0, 10},
		{"no such customer", "s", "ann", 99, 0, -1},
		{"no such survey", "u", "anna", 99, 0, -1},
		{"names that run together", "", "annas", 99, 0, -1},
	};
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		shelf_begin(&shelf);
		shelf_put(&shelf, "a", 3, 10, "anna");
		shelf_put(&shelf, "b", 7, 20, "anna");
		shelf_put(&shelf, "c", 9, 20, "anna");
		shelf_put(&shelf, "d", 1, 5, "anna");
		shelf_put(&shelf, "i", -1, 30, "anna");
		put_of_survey(&shelf, "t", "e", 10, 40);
		for (int pass = 0; pass < 2; pass++) {
			for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]);
				i++) {
				struct previous previous;
				enum store_found found = store_find_previous(
					shelf.store, rows[i].survey,
					rows[i].customer, rows[i].before,
					rows[i].except, &previous, NULL);

				cr_assert_eq(found,
					rows[i].score < 0 ? STORE_NONE
							  : STORE_FOUND,
					"%s: %s", shelf.kind, rows[i].what);
				cr_assert_eq(previous.known, rows[i].score >= 0,
					"%s", rows[i].what);
				if (!previous.known)
					continue;
				cr_assert_eq(previous.score, rows[i].score,
					"%s: %s: %d", shelf.kind, rows[i].what,
					previous.score);
				cr_assert_eq(previous.category,
					category_of(rows[i].score), "%s",
					rows[i].what);
			}
			/* Once more from the file. */
			if (pass == 0)
				shelf_commit(&shelf);
			shelf_reopen(&shelf);
		}
	}
}

Test(store, moves_an_amended_answer_to_its_customer)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		shelf_begin(&shelf);
		int64_t row = shelf_put(&shelf, "a", 3, 10, "anna");

		shelf_put(&shelf, "b", 7, 5, "anna");
		shelf_commit(&shelf);
		struct answer_row a = shelf_answer("a", 4, 12, "bob");

		a.row = row;
		a.revision = 1;
		shelf_begin(&shelf);
		GOOD(store_savepoint(shelf.store, &err));
		GOOD(store_amend_answer(shelf.store, &a, &err));
		cr_assert_eq(previous_score(&shelf, "anna", 99), 7, "gone");
		cr_assert_eq(previous_score(&shelf, "bob", 99), 4, "come");
		store_undo(shelf.store);
		cr_assert_eq(previous_score(&shelf, "anna", 99), 3, "back");
		cr_assert_eq(previous_score(&shelf, "bob", 99), -1, "back");
		GOOD(store_amend_answer(shelf.store, &a, &err));
		shelf_commit(&shelf);
		shelf_reopen(&shelf);
		cr_assert_eq(previous_score(&shelf, "anna", 99), 7, "kept");
		cr_assert_eq(previous_score(&shelf, "bob", 11), -1, "its time");
		cr_assert_eq(previous_score(&shelf, "bob", 12), 4, "its time");
	}
}

Test(store, finds_nothing_of_what_was_taken_back)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		shelf_begin(&shelf);
		shelf_put(&shelf, "a", 3, 10, "anna");
		GOOD(store_savepoint(shelf.store, &err));
		shelf_put(&shelf, "b", 7, 20, "anna");
		store_undo(shelf.store);
		cr_assert_eq(previous_score(&shelf, "anna", 99), 3, "undone");
		shelf_commit(&shelf);
		shelf_begin(&shelf);
		shelf_put(&shelf, "b", 7, 20, "anna");
		store_rollback(shelf.store);
		cr_assert_eq(previous_score(&shelf, "anna", 99), 3, "%s: back",
			shelf.kind);
	}
}

/* Whether ids rise, fall or take turns, of whatever survey and kind. */
Test(store, finds_each_in_whatever_order_they_came)
{
	static const struct {
		enum response_kind kind;
		const char *survey, *id;
	} rows[] = {
		{RESPONSE_ANSWER, "s", "b"},
		{RESPONSE_ANSWER, "s", "b1"},
		{RESPONSE_ANSWER, "s", "c"},
		{RESPONSE_ANSWER, "t", "c"},
		{RESPONSE_INVITATION, "t", "c"},
		{RESPONSE_INVITATION, "s", "c"},
		{RESPONSE_ANSWER, "r", "c"},
		{RESPONSE_ANSWER, "t", "a"},
		{RESPONSE_ANSWER, "s", "\xC3\xA9"},
		{RESPONSE_ANSWER, "s", "z"},
		{RESPONSE_ANSWER, "", "\xF0\x9F\x98\x80"},
		{RESPONSE_ANSWER, "s", ""},
		{RESPONSE_ANSWER, "s", "m1"},
		{RESPONSE_ANSWER, "s", "x1"},
		{RESPONSE_ANSWER, "s", "m2"},
		{RESPONSE_ANSWER, "s", "x2"},
		{RESPONSE_ANSWER, "s", "d"},
		{RESPONSE_ANSWER, "s", "y"},
		{RESPONSE_ANSWER, "s", "e"},
		{RESPONSE_ANSWER, "s", "m3"},
		{RESPONSE_ANSWER, "s", "m2a"},
	};
	enum { COUNT = sizeof(rows) / sizeof(rows[0]) };
	struct shelf shelf;
	struct seen seen;

	EACH_KIND(shelf)
	{
		for (size_t i = 0; i < COUNT; i++) {
			struct answer_row answer =
				shelf_answer(rows[i].id, 3, 10, "anna");

			answer.kind = rows[i].kind;
			answer.survey = rows[i].survey;
			if (i % 5 == 4)
				shelf_reopen(&shelf);
			shelf_begin(&shelf);
			for (size_t j = 0; j < COUNT; j++)
				cr_assert_eq(store_find_answer(shelf.store,
						     rows[j].kind,
						     rows[j].survey, rows[j].id,
						     on_found, &seen, NULL),
					j < i ? STORE_FOUND : STORE_NONE,
					"%s: %zu of %zu", shelf.kind, j, i);
			GOOD(store_put_answer(shelf.store, &answer, &err));
			shelf_commit(&shelf);
		}
	}
}

/* ---- forgetting ---- */

static enum store_found
find(struct shelf *shelf, enum response_kind kind, const char *id)
{
	struct seen seen = {0};

	return store_find_answer(
		shelf->store, kind, "s", id, on_found, &seen, NULL);
}

static void
amend_at(struct shelf *at, const char *id, int64_t row, int64_t arrived_ms)
{
	struct shelf shelf = *at;
	struct answer_row answer = shelf_answer(id, 3, 1, NULL);

	answer.row = row;
	answer.revision = 1;
	answer.arrived_ms = arrived_ms;
	GOOD(store_amend_answer(shelf.store, &answer, &err));
}

static void
expect_left(struct shelf *at, int64_t before_ms, int limit, const char *left)
{
	struct shelf shelf = *at;
	char got[16] = "", id[2] = "";
	int removed = 0;

	shelf_begin(&shelf);
	GOOD(store_purge_answers(
		shelf.store, before_ms, limit, &removed, &err));
	shelf_commit(&shelf);
	for (char c = 'a'; c <= 'i'; c++) {
		id[0] = c;
		if (find(&shelf, RESPONSE_ANSWER, id) == STORE_FOUND)
			strcat(got, id);
	}
	if (left == NULL)
		left = got;
	cr_assert_str_eq(got, left, "%s: before %lld: %s, removed %d",
		shelf.kind, (long long)before_ms, got, removed);
}

/* Those that came together, late, early by the clock, amended, held, taken
 * back: each goes by its own arrival. A shelf's answer arrives at 1000 and so
 * much more. */
Test(store, forgets_each_by_its_own_arrival)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		int64_t held, amended, twice;

		shelf_begin(&shelf);
		shelf_put(&shelf, "a", 1, 10, NULL);
		amended = shelf_put(&shelf, "b", 1, 10, NULL);
		held = shelf_put(&shelf, "c", 1, 10, NULL);
		shelf_put(&shelf, "d", 1, 10, NULL);
		GOOD(store_savepoint(shelf.store, &err));
		shelf_put(&shelf, "x", 1, 10, NULL);
		shelf_put(&shelf, "y", 1, 900, NULL);
		store_undo(shelf.store);
		twice = shelf_put(&shelf, "e", 1, 10, NULL);
		amend_at(&shelf, "e", twice, 1010);
		shelf_put_delivery(&shelf, 1, "crm", held, 1);
		shelf_commit(&shelf);
		shelf_begin(&shelf);
		/* The clock was ahead, then behind. */
		shelf_put(&shelf, "f", 1, 500, NULL);
		shelf_put(&shelf, "g", 1, 5, NULL);
		shelf_put(&shelf, "h", 1, 6, NULL);
		amend_at(&shelf, "b", amended, 1200);
		shelf_commit(&shelf);
		shelf_begin(&shelf);
		shelf_put(&shelf, "i", 1, 1, NULL);
		store_rollback(shelf.store);
		shelf_reopen(&shelf);
		expect_left(&shelf, 1005, 9, "abcdefgh");
		expect_left(&shelf, 1006, 9, "abcdefh");
		/* Which go first is the store's own affair. */
		expect_left(&shelf, 1011, 2, NULL);
		expect_left(&shelf, 1011, 1, NULL);
		shelf_reopen(&shelf);
		expect_left(&shelf, 1011, 9, "bcf");
		expect_left(&shelf, 1200, 9, "bcf");
		expect_left(&shelf, 1201, 9, "cf");
		shelf_begin(&shelf);
		shelf_claim(&shelf, "n1", "crm", 1, 1, NULL);
		shelf_settle(&shelf, 1, DELIVERY_DELIVERED, "delivered", 200);
		shelf_commit(&shelf);
		expect_left(&shelf, 1201, 9, "f");
		expect_left(&shelf, INT64_MAX, 9, "");
	}
}

/* What is asked for between a forgetting and its taking back. */
Test(store, finds_what_was_forgotten_in_vain)
{
	struct shelf shelf;
	int removed;

	EACH_KIND(shelf)
	{
		shelf_begin(&shelf);
		shelf_put(&shelf, "b", 1, 1, NULL);
		shelf_commit(&shelf);
		for (int i = 0; i < 2; i++) {
			shelf_begin(&shelf);
			GOOD(store_savepoint(shelf.store, &err));
			GOOD(store_purge_answers(
				shelf.store, INT64_MAX, 9, &removed, &err));
			cr_assert_eq(find(&shelf, RESPONSE_ANSWER, "a"),
				STORE_NONE, "%s", shelf.kind);
			cr_assert_eq(find(&shelf, RESPONSE_ANSWER, "b"),
				STORE_FORGOTTEN, "%s", shelf.kind);
			if (i == 0)
				store_undo(shelf.store);
			else
				store_rollback(shelf.store);
			cr_assert_eq(find(&shelf, RESPONSE_ANSWER, "b"),
				STORE_FOUND, "%s: %d", shelf.kind, i);
			if (i == 0)
				shelf_commit(&shelf);
		}
	}
}

Test(store, forgets_and_stays_right)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		struct scene scene = build_scene(&shelf);
		struct seen seen = {0};
		int removed;

		shelf_begin(&shelf);
		shelf_put(&shelf, "old", -1, ANSWERED_MS, NULL);
		shelf_put_delivery(&shelf, 50, "done", scene.old, 1);
		shelf_claim(&shelf, "n1", "done", 1, 1, NULL);
		cr_assert_eq(find(&shelf, RESPONSE_ANSWER, "old"), STORE_FOUND,
			"before");
		GOOD(store_purge_answers(
			shelf.store, INT64_MAX, 10, &removed, &err));
		cr_assert_eq(removed, 1, "the invitation; the answers wait");
		store_rollback(shelf.store);
		shelf_begin(&shelf);
		GOOD(store_purge_answers(
			shelf.store, ANSWERED_MS + 1000, 10, &removed, &err));
		cr_assert_eq(removed, 0, "arrived later");
		GOOD(store_purge_answers(
			shelf.store, ANSWERED_MS + 1001, 10, &removed, &err));
		cr_assert_eq(removed, 1, "the old one");
		GOOD(store_purge_answers(
			shelf.store, INT64_MAX, 10, &removed, &err));
		cr_assert_eq(removed, 0, "the fresh one has work waiting");
		cr_assert_eq(find(&shelf, RESPONSE_ANSWER, "old"),
			STORE_FORGOTTEN, "known by its hash");
		cr_assert_eq(find(&shelf, RESPONSE_INVITATION, "old"),
			STORE_NONE, "another identity");
		cr_assert_eq(previous_score(&shelf, "anna", ANSWERED_MS + 1000),
			-1, "not the customer's any more");
		cr_assert_eq(store_get_answer(shelf.store, scene.old, on_found,
				     &seen, NULL),
			STORE_FORGOTTEN, "its row is bare");
		cr_assert_eq(seen.calls, 0, "nothing to tell");
		shelf_commit(&shelf);
		shelf_reopen(&shelf);
		cr_assert_eq(find(&shelf, RESPONSE_ANSWER, "old"),
			STORE_FORGOTTEN, "%s: still", shelf.kind);
		json_t *told = shelf_explain(&shelf, scene.old);

		cr_assert(json_is_true(json_object_get(told, "forgotten")), "");
		cr_assert(json_is_null(json_object_get(told, "id")), "id");
		cr_assert(json_is_null(json_object_get(told, "customer")), "");
		cr_assert(json_is_null(json_object_get(told, "response")), "");
		cr_assert_eq(json_integer_value(json_object_get(told, "score")),
			2, "what is counted stays");
		cr_assert_str_eq(text_at(told, "answered_at"),
			"2025-11-21T10:00:00Z", "when it is counted");
		json_decref(told);
		char *all = shelf_tell(&shelf);

		cr_assert_not_null(
			strstr(all, "recount s: 2 0 0\n"), "%s", all);
		free(all);
		/* Its row is not given to another. */
		shelf_begin(&shelf);
		cr_assert_gt(shelf_put(&shelf, "next", 9, 1, NULL), scene.fresh,
			"rows rise");
		shelf_commit(&shelf);
	}
}

Test(store, never_gives_a_row_twice)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		int removed;

		shelf_begin(&shelf);
		int64_t answer = shelf_put(&shelf, "a", 1, 1, NULL);
		int64_t delivery =
			shelf_put_delivery(&shelf, 1, "crm", answer, 1);

		shelf_claim(&shelf, "n1", "crm", 1, 1, NULL);
		shelf_settle(
			&shelf, delivery, DELIVERY_DELIVERED, "delivered", 200);
		put_rejected(&shelf, "x", 1, 1);
		shelf_commit(&shelf);
		shelf_begin(&shelf);
		GOOD(store_purge_answers(
			shelf.store, INT64_MAX, 9, &removed, &err));
		GOOD(store_purge_rejected(
			shelf.store, INT64_MAX, 9, &removed, &err));
		shelf_commit(&shelf);
		shelf_reopen(&shelf);
		shelf_begin(&shelf);
		cr_assert_gt(shelf_put(&shelf, "b", 1, 1, NULL), answer,
			"%s: answers", shelf.kind);
		cr_assert_gt(shelf_put_delivery(&shelf, 2, "crm", 0, 1),
			delivery, "%s: deliveries", shelf.kind);
		struct rejected_row rejected = {
			.source = "s", .bytes = "", .offset = -1};

		GOOD(store_put_rejected(shelf.store, &rejected, &err));
		cr_assert_gt(rejected.row, 1, "%s: rejected", shelf.kind);
		shelf_commit(&shelf);
	}
}

/* ---- one kind against the other ---- */

struct dice {
	uint64_t state;
};

static int
roll(struct dice *dice, int sides)
{
	dice->state = dice->state * UINT64_C(6364136223846793005) + 1;
	return (int)(dice->state >> 33) % sides;
}

/* One step that does the same in any store in the same state. */
static void
step(struct shelf *at, struct dice *dice, int number)
{
	struct shelf shelf = *at;
	char id[16], customer[16];
	int64_t rows[4];
	bool changed;
	int removed;

	snprintf(id, sizeof(id), "id%d", number);
	snprintf(customer, sizeof(customer), "c%d", roll(dice, 9));
	int64_t now = ANSWERED_MS + number * 1000;
	int64_t some = roll(dice, number + 1) + 1;

	switch (roll(dice, 12)) {
	case 0:
	case 1:
	case 2: {
		int64_t row = shelf_put(&shelf, id, roll(dice, 11),
			ANSWERED_MS + roll(dice, 50) * 1000, customer);

		shelf_put_delivery(&shelf, number, "crm", row, now);
		break;
	}
	case 3: {
		struct answer_row a = shelf_answer(id, roll(dice, 11),
			ANSWERED_MS + roll(dice, 50), customer);
		struct seen seen = {0};

		a.row = some;
		a.revision = number;
		if (store_get_answer(shelf.store, some, on_found, &seen,
			    NULL) == STORE_FOUND)
			GOOD(store_amend_answer(shelf.store, &a, &err));
		break;
	}
	case 4:
	case 5:
		shelf_claim(&shelf, roll(dice, 2) ? "n1" : "n2", "crm", now, 3,
			rows);
		break;
	case 6:
		shelf_settle(
			&shelf, some, DELIVERY_DELIVERED, "delivered", 200);
		break;
	case 7:
		shelf_settle(&shelf, some, DELIVERY_RETRYING, "try_later", 503);
		break;
	case 8:
		shelf_settle(&shelf, some, DELIVERY_DEAD, "give_up", 422);
		break;
	case 9:
		GOOD(store_retry(shelf.store, some, now, &changed, &err));
		break;
	case 10:
		if (roll(dice, 8) == 0)
			GOOD(store_purge_answers(
				shelf.store, now, 2, &removed, &err));
		break;
	default:
		GOOD(store_reclaim(shelf.store, "n1", now, &err));
		break;
	}
}

/* Same dice, same steps: commits, undone savepoints and rollbacks between. */
static void
play(struct shelf *at, uint64_t seed, struct buf *out)
{
	struct shelf shelf = *at;
	struct dice dice = {seed};

	shelf_begin(&shelf);
	for (int number = 1; number < 300; number++) {
		GOOD(store_savepoint(shelf.store, &err));
		step(&shelf, &dice, number);
		if (roll(&dice, 4) == 0)
			store_undo(shelf.store);
		else
			GOOD(store_keep(shelf.store, &err));
		char customer[16];

		snprintf(customer, sizeof(customer), "c%d", roll(&dice, 9));
		buf_printf(out, "%d ",
			previous_score(&shelf, customer,
				ANSWERED_MS + roll(&dice, 60) * 1000));
		if (roll(&dice, 10) == 0) {
			shelf_commit(&shelf);
			shelf_reopen(&shelf);
			*at = shelf;
			shelf_begin(&shelf);
		}
	}
	shelf_commit(&shelf);
}

Test(store, kinds_agree)
{
	for (uint64_t seed = 1; seed <= 8; seed++) {
		char *told[STORE_KINDS];
		struct buf scores[STORE_KINDS] = {{0}};
		struct shelf shelf;
		size_t i = 0;

		EACH_KIND(shelf)
		{
			play(&shelf, seed, &scores[i]);
			told[i++] = shelf_tell(&shelf);
		}
		cr_assert_str_eq(scores[0].data, scores[1].data,
			"seed %d: what was before", (int)seed);
		size_t same = 0;

		while (told[0][same] && told[0][same] == told[1][same])
			same++;
		cr_assert_str_eq(told[0], told[1],
			"seed %d, from byte %zu:\n%.300s\n---\n%.300s",
			(int)seed, same, told[0] + same, told[1] + same);
		for (i = 0; i < STORE_KINDS; i++) {
			free(told[i]);
			buf_done(&scores[i]);
		}
	}
}
