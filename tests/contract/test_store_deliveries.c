/* What every kind of store promises of deliveries. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "store_shelf.h"

TestSuite(store_deliveries, .timeout = 120);

/* ---- deliveries ---- */

static void
next_of(struct shelf *at, const char *node, int64_t now_ms, int64_t wanted)
{
	struct shelf shelf = *at;
	int64_t next;

	GOOD(store_claim(shelf.store, node, 60000, "crm", now_ms, 0, NULL, NULL,
		&next, &err));
	cr_assert_eq(next, wanted, "%s: %s at %lld: next is %lld", shelf.kind,
		node, (long long)now_ms, (long long)next);
}

Test(store_deliveries, claims_what_is_due_oldest_first)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		int64_t rows[8], due;

		shelf_begin(&shelf);
		int64_t late = shelf_put_delivery(&shelf, 1, "crm", 0, 300);
		int64_t third = shelf_put_delivery(&shelf, 2, "crm", 0, 200);
		int64_t second = shelf_put_delivery(&shelf, 4, "crm", 0, 100);
		int64_t first = shelf_put_delivery(&shelf, 3, "crm", 0, 100);

		shelf_put_delivery(&shelf, 5, "mail", 0, 50);
		GOOD(store_next_due(shelf.store, "crm", &due, &err));
		cr_assert_eq(due, 100, "the earliest");
		GOOD(store_next_due(shelf.store, "none", &due, &err));
		cr_assert_eq(due, INT64_MAX, "none waits");
		cr_assert_eq(shelf_claim(&shelf, "n1", "crm", 99, 8, rows), 0,
			"nothing is due");
		cr_assert_eq(shelf_claim(&shelf, "n1", "crm", 200, 2, rows), 2,
			"no more than asked");
		cr_assert_eq(rows[0], first, "oldest due first");
		cr_assert_eq(rows[1], second, "then by age");
		/* Another node gets what is left, and nothing twice. */
		cr_assert_eq(shelf_claim(&shelf, "n2", "crm", 200, 8, rows), 1,
			"what is left");
		cr_assert_eq(rows[0], third, "what is left");
		cr_assert_eq(shelf_claim(&shelf, "n2", "crm", 200, 8, rows), 0,
			"nothing twice");
		GOOD(store_next_due(shelf.store, "crm", &due, &err));
		cr_assert_eq(due, 300, "what is claimed does not wait");
		next_of(&shelf, "n1", 200, 300);
		cr_assert_eq(shelf_claim(&shelf, "n1", "crm", 300, 8, rows), 1,
			"the late one");
		cr_assert_eq(rows[0], late, "the late one");
		/* n2's lease: 200 + 60000; one's own is not waited for. */
		next_of(&shelf, "n1", 300, 60200);
		next_of(&shelf, "n2", 300, 60200);
		shelf_commit(&shelf);
	}
}

/* However many a kind holds by one statement: each once, and all of them. */
Test(store_deliveries, claims_any_number)
{
	static const int counts[] = {1, 2, 4, 5, 31, 32, 33, 36, 37, 64, 70};
	enum { ALL = 315 }; /* their sum */
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		int64_t rows[ALL + 1];
		int count = 0;

		shelf_begin(&shelf);
		for (int i = 0; i < ALL; i++)
			shelf_put_delivery(&shelf, i + 1, "crm", 0, 100 + i);
		for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]);
			i++) {
			cr_assert_eq(shelf_claim(&shelf, "n1", "crm", 1000,
					     counts[i], rows + count),
				counts[i], "%d at once", counts[i]);
			count += counts[i];
		}
		cr_assert_eq(count, ALL, "all");
		cr_assert_eq(
			shelf_claim(&shelf, "n1", "crm", 1000, 1, rows + count),
			0, "nothing twice");
		for (int i = 0; i < ALL; i++) {
			cr_assert(i == 0 || rows[i] > rows[i - 1],
				"oldest due first");
			cr_assert(shelf_settle(&shelf, rows[i],
					  DELIVERY_DELIVERED, "delivered", 200),
				"%d is held", i);
		}
		shelf_commit(&shelf);
	}
}

Test(store_deliveries, leases_end_are_renewed_and_reclaimed)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		int64_t rows[8];

		shelf_begin(&shelf);
		int64_t a = shelf_put_delivery(&shelf, 1, "crm", 0, 100);
		int64_t b = shelf_put_delivery(&shelf, 2, "crm", 0, 100);

		cr_assert_eq(
			shelf_claim(&shelf, "n1", "crm", 100, 1, rows), 1, "a");
		cr_assert_eq(
			shelf_claim(&shelf, "n2", "crm", 200, 1, rows), 1, "b");
		cr_assert_eq(shelf_claim(&shelf, "n3", "crm", 60099, 8, rows),
			0, "both leases hold");
		GOOD(store_renew(shelf.store, "n1", "crm", 90000, &err));
		GOOD(store_renew(shelf.store, "n1", "mail", 99000, &err));
		cr_assert_eq(shelf_claim(&shelf, "n3", "crm", 60200, 8, rows),
			1, "n1 renewed, n2 did not");
		cr_assert_eq(rows[0], b, "n2's");
		cr_assert_eq(shelf.told, DELIVERY_CLAIMED, "it was claimed");
		cr_assert(shelf_settle(&shelf, b, DELIVERY_RETRYING,
				  "try_later", 503),
			"held");
		cr_assert_eq(shelf_claim(&shelf, "n3", "crm", 90000, 8, rows),
			1, "n1's lease is over");
		cr_assert_eq(rows[0], a, "n1's");
		/* n3 ends: what it held is due at once, others' is not. */
		GOOD(store_reclaim(shelf.store, "n1", 90001, &err));
		cr_assert_eq(shelf_claim(&shelf, "n1", "crm", 90001, 8, rows),
			0, "n3's is not n1's");
		GOOD(store_reclaim(shelf.store, "n3", 90001, &err));
		cr_assert_eq(shelf_claim(&shelf, "n1", "crm", 90001, 8, rows),
			1, "due at once");
		cr_assert_eq(rows[0], a, "what n3 held");
		cr_assert_eq(shelf.told, DELIVERY_RETRYING, "given back");
		shelf_commit(&shelf);
		json_t *told = shelf_find_delivery(&shelf, a);

		cr_assert_eq(json_integer_value(json_object_get(told, "tries")),
			0, "nothing of this was a try");
		json_decref(told);
	}
}

/* "outcome:status ..." of a delivery's attempts, and its state. */
static void
assert_attempts(struct shelf *shelf, int64_t row, const char *wanted)
{
	json_t *told = shelf_find_delivery(shelf, row), *attempt;
	struct buf text = {0};
	size_t i;

	json_array_foreach(json_object_get(told, "attempts"), i, attempt)
	{
		cr_assert_eq(json_integer_value(json_object_get(attempt, "n")),
			(json_int_t)i + 1, "numbered");
		buf_printf(&text, "%s:%d ", text_at(attempt, "outcome"),
			(int)json_integer_value(
				json_object_get(attempt, "status")));
	}
	buf_append_text(&text, text_at(told, "state"));
	cr_assert_str_eq(
		text.data, wanted, "%s: \"%s\"", shelf->kind, text.data);
	buf_done(&text);
	json_decref(told);
}

Test(store_deliveries, settles_only_what_is_claimed)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		shelf_begin(&shelf);
		int64_t row = shelf_put_delivery(&shelf, 1, "crm", 0, 100);

		cr_assert_not(shelf_settle(&shelf, row, DELIVERY_DELIVERED,
				      "delivered", 200),
			"pending");
		cr_assert_not(shelf_settle(&shelf, 999, DELIVERY_DELIVERED,
				      "delivered", 200),
			"no such");
		shelf_claim(&shelf, "n1", "crm", 100, 1, NULL);
		cr_assert(shelf_settle(&shelf, row, DELIVERY_RETRYING,
				  "try_later", 503),
			"held");
		cr_assert_not(shelf_settle(&shelf, row, DELIVERY_DELIVERED,
				      "delivered", 200),
			"retrying");
		shelf_claim(&shelf, "n1", "crm", ANSWERED_MS + 9000, 1, NULL);
		cr_assert(shelf_settle(
				  &shelf, row, DELIVERY_RETRYING, "unsent", 0),
			"given back");
		shelf_claim(&shelf, "n1", "crm", ANSWERED_MS + 9000, 1, NULL);
		cr_assert(shelf_settle(&shelf, row, DELIVERY_RETRYING,
				  "endpoint_down", 401),
			"held");
		shelf_claim(&shelf, "n1", "crm", ANSWERED_MS + 9000, 1, NULL);
		cr_assert(shelf_settle(&shelf, row, DELIVERY_DELIVERED,
				  "delivered", 202),
			"held");
		cr_assert_not(shelf_settle(&shelf, row, DELIVERY_DEAD,
				      "give_up", 400),
			"delivered for good");
		int64_t clean = shelf_put_delivery(&shelf, 2, "crm", 0, 100);

		shelf_claim(&shelf, "n1", "crm", 100, 1, NULL);
		shelf_settle(
			&shelf, clean, DELIVERY_DELIVERED, "delivered", 204);
		shelf_commit(&shelf);
		assert_attempts(&shelf, row,
			"try_later:503 endpoint_down:401 delivered:202 "
			"delivered");
		assert_attempts(&shelf, clean, "delivered:204 delivered");
		json_t *told = shelf_find_delivery(&shelf, row);

		cr_assert_eq(json_integer_value(json_object_get(told, "tries")),
			3, "unsent is no try");
		cr_assert_str_eq(text_at(told, "settled_at"),
			"2025-11-21T10:00:05Z", "when");
		cr_assert_str_eq(text_at(told, "body"), "body", "still there");
		cr_assert_str_eq(text_at(told, "due_at"), "null", "done");
		json_decref(told);
	}
}

struct renderer {
	struct store_writer *store;
	int64_t row;
};

static void
render_unrendered(const struct delivery_row *delivery, void *context)
{
	struct renderer *renderer = context;
	struct err err = {""};

	cr_assert_null(delivery->body, "not rendered yet");
	cr_assert_str_eq(delivery->rule, "r", "all else is there");
	renderer->row = delivery->row;
	cr_assert(store_set_body(
			  renderer->store, delivery->row, "made now", 8, &err),
		"%s", err.text);
	cr_assert_not(store_set_body(
			      renderer->store, delivery->row, "other", 5, &err),
		"one id, one body");
}

Test(store_deliveries, freezes_a_body_once_claimed)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		struct scene scene = build_scene(&shelf);
		struct renderer renderer = {.store = shelf.store};
		struct delivery_row change = {.state = DELIVERY_PENDING,
			.rule = "r",
			.body = "x",
			.body_length = 1};
		const int64_t frozen[] = {scene.claimed, scene.dead, 999};
		int64_t next;

		shelf_begin(&shelf);
		for (size_t i = 0; i < 3; i++) {
			change.row = frozen[i];
			BAD(store_change_delivery(shelf.store, &change, &err));
			BAD(store_set_body(
				shelf.store, frozen[i], "y", 1, &err));
			store_rollback(shelf.store);
			shelf_begin(&shelf);
		}
		GOOD(store_claim(shelf.store, "n1", 1000, "page",
			ANSWERED_MS * 2, 1, render_unrendered, &renderer, &next,
			&err));
		shelf_commit(&shelf);
		cr_assert_eq(renderer.row, scene.unrendered, "claimed");
		json_t *told = shelf_find_delivery(&shelf, scene.unrendered);

		cr_assert_str_eq(text_at(told, "body"), "made now", "rendered");
		json_decref(told);
	}
}

Test(store_deliveries, retries_by_hand)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		struct scene scene = build_scene(&shelf);
		const struct {
			const char *what;
			int64_t row;
			bool changes;
			const char *state, *body;
		} rows[] = {
			{"dead", scene.dead, true, "retrying", "body"},
			{"cancelled", scene.cancelled, true, "pending", "null"},
			{"pending", scene.pending, false, "pending", "body"},
			{"claimed", scene.claimed, false, "claimed", "body"},
		};
		bool changed;

		shelf_begin(&shelf);
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			GOOD(store_retry(shelf.store, rows[i].row,
				ANSWERED_MS + 77, &changed, &err));
			cr_assert_eq(changed, rows[i].changes, "%s: %s",
				shelf.kind, rows[i].what);
		}
		GOOD(store_retry(shelf.store, 999, 1, &changed, &err));
		cr_assert_not(changed, "no such");
		shelf_commit(&shelf);
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			json_t *told = shelf_find_delivery(&shelf, rows[i].row);

			cr_assert_str_eq(text_at(told, "state"), rows[i].state,
				"%s: %s", shelf.kind, rows[i].what);
			cr_assert_str_eq(text_at(told, "body"), rows[i].body,
				"%s: %s", shelf.kind, rows[i].what);
			if (rows[i].changes)
				cr_assert_str_eq(text_at(told, "due_at"),
					"2025-11-21T10:00:00.077Z", "now");
			json_decref(told);
		}
		/* What it did before stays told; its clock is new. */
		assert_attempts(&shelf, scene.dead, "give_up:422 retrying");
	}
}

static void
count_alert(const struct delivery_row *delivery, void *context)
{
	char *text = context;

	snprintf(text + strlen(text), 200 - strlen(text), "%s/%d%s%s ",
		delivery->action, delivery->state,
		delivery->was_claimed ? "!" : "",
		delivery->first_try_ms ? "t" : "");
}

Test(store_deliveries, tells_the_alerts_of_an_answer)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		struct scene scene = build_scene(&shelf);
		char text[200] = "", id[DELIVERY_ID_BYTES];
		struct delivery_row again =
			shelf_delivery(3, "crm", scene.fresh, ANSWERED_MS, id);

		shelf_begin(&shelf);
		GOOD(store_put_delivery(shelf.store, &again, &err));
		cr_assert_eq(again.row, 0, "there is one of that id");
		again.id = "no uuid";
		again.row = 5;
		if (strcmp(shelf.kind, "sqlite") == 0)
			BAD(store_put_delivery(shelf.store, &again, &err));
		again.id = "00000009-0000-5000-8000-00000000abcd";
		again.cause = "due";
		GOOD(store_put_delivery(shelf.store, &again, &err));
		cr_assert_gt(again.row, 0, "another id");
		again.id = "00000019-0000-5000-8000-00000000abcd";
		again.answer = 999;
		BAD(store_put_delivery(shelf.store, &again, &err) &&
			store_commit(shelf.store, &err));
		store_rollback(shelf.store);
		GOOD(store_each_alert(
			shelf.store, scene.fresh, count_alert, text, &err));
		cr_assert_str_eq(text, "crm/1! crm/4!t crm/0 mail/5 page/0 ",
			"%s: \"%s\"", shelf.kind, text);
	}
}
