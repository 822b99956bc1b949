/* What every kind of store promises of lanes, and of deliveries by the many. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "store_shelf.h"

TestSuite(store_lanes, .timeout = 120);

/* ---- lanes ---- */

struct told {
	int count;
	char text[400];
};

static void
on_lane(const struct lane_row *lane, void *context)
{
	struct told *told = context;
	size_t used = strlen(told->text);

	told->count++;
	snprintf(told->text + used, sizeof(told->text) - used,
		"%s %d %d %d %d %d %s %d %s %s %d %d;", lane->action,
		lane->state, lane->failures, (int)lane->since_ms,
		(int)lane->pause_ms, (int)lane->until_ms,
		lane->reason ? lane->reason : "-", (int)lane->paused_ms,
		lane->paused_by ? lane->paused_by : "-",
		lane->paused_why ? lane->paused_why : "-",
		(int)lane->failing_ms, (int)lane->told_ms);
}

static struct told
tell_lanes(struct shelf *at)
{
	struct shelf shelf = *at;
	struct told told = {0};

	GOOD(store_each_lane(shelf.store, on_lane, &told, &err));
	return told;
}

Test(store_lanes, stand_as_they_were_put)
{
	static const struct lane_row held = {.action = "crm",
		.state = 2,
		.failures = 3,
		.since_ms = 10,
		.pause_ms = 30,
		.until_ms = 40,
		.reason = "answered 401",
		.failing_ms = 7,
		.told_ms = 8};
	static const struct lane_row paused = {.action = "crm",
		.paused_ms = 50,
		.paused_by = "ops",
		.paused_why = "moving house"};
	static const struct lane_row mail = {.action = "call"};
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		struct told told;

		BAD(store_put_lane(shelf.store, &held, &err));
		shelf_begin(&shelf);
		GOOD(store_put_lane(shelf.store, &held, &err));
		shelf_commit(&shelf);
		shelf_reopen(&shelf);
		told = tell_lanes(&shelf);
		cr_assert_str_eq(told.text,
			"crm 2 3 10 30 40 answered 401 0 - - 7 8;", "%s: %s",
			shelf.kind, told.text);
		shelf_begin(&shelf);
		GOOD(store_put_lane(shelf.store, &paused, &err));
		GOOD(store_put_lane(shelf.store, &mail, &err));
		store_rollback(shelf.store);
		told = tell_lanes(&shelf);
		cr_assert_eq(told.count, 1, "%s: taken back", shelf.kind);
		shelf_begin(&shelf);
		GOOD(store_put_lane(shelf.store, &paused, &err));
		shelf_commit(&shelf);
		told = tell_lanes(&shelf);
		cr_assert_str_eq(told.text,
			"crm 0 0 0 0 0 - 50 ops moving house 0 0;", "%s: %s",
			shelf.kind, told.text);
	}
}

/* ---- choosing ---- */

/* "1,3," of the rows chosen. */
static const char *
choose(struct shelf *at, struct delivery_choice choice, int64_t upto)
{
	static char text[200];
	static int64_t rows[STORE_SPAN_ROWS];
	struct shelf shelf = *at;
	int64_t row = 0;
	bool more = true;
	int count;

	text[0] = '\0';
	while (more) {
		GOOD(store_choose_deliveries(shelf.store, &choice, upto, &row,
			rows, &count, &more, &err));
		for (int i = 0; i < count; i++) {
			size_t used = strlen(text);

			snprintf(text + used, sizeof(text) - used, "%d,",
				(int)rows[i]);
		}
	}
	return text;
}

Test(store_lanes, chooses_deliveries)
{
	enum {
		PENDING = 1 << DELIVERY_PENDING,
		RETRYING = 1 << DELIVERY_RETRYING,
		DEAD = 1 << DELIVERY_DEAD,
	};
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		shelf_begin(&shelf);
		int64_t answer = shelf_put(&shelf, "a", 3, ANSWERED_MS, NULL);

		shelf_put_delivery(&shelf, 1, "crm", answer, 100);
		shelf_put_delivery(&shelf, 2, "mail", answer, 100);
		shelf_put_delivery(&shelf, 3, "crm", 0, 100);
		shelf_put_delivery(&shelf, 4, "crm", 0, 900);
		shelf_claim(&shelf, "n1", "mail", 100, 8, NULL);
		shelf_settle(&shelf, 2, DELIVERY_DEAD, "give_up", 422);
		const struct {
			struct delivery_choice choice;
			int64_t upto;
			const char *rows;
		} rows[] = {
			{{.states = PENDING}, 0, "1,3,4,"},
			{{.states = PENDING}, 3, "1,3,"},
			{{.states = PENDING | DEAD}, 0, "1,2,3,4,"},
			{{.states = RETRYING}, 0, ""},
			{{.states = PENDING, .action = "crm"}, 0, "1,3,4,"},
			{{.states = PENDING, .action = "mail"}, 0, ""},
			{{.states = PENDING, .rule = "r"}, 0, "1,3,4,"},
			{{.states = PENDING, .rule = "q"}, 0, ""},
			{{.states = PENDING, .answer = answer}, 0, "1,"},
			{{.states = PENDING, .since_ms = ANSWERED_MS + 4}, 0,
				"4,"},
			{{.states = DEAD, .status = 422}, 0, "2,"},
			{{.states = DEAD, .status = 423}, 0, ""},
			{{.states = PENDING, .reason = "x"}, 0, ""},
		};

		int64_t waiting, dead;

		GOOD(store_count_deliveries(
			shelf.store, "crm", &waiting, &dead, &err));
		cr_assert(waiting == 3 && dead == 0, "%s: crm", shelf.kind);
		GOOD(store_count_deliveries(
			shelf.store, "mail", &waiting, &dead, &err));
		cr_assert(waiting == 0 && dead == 1, "%s: mail", shelf.kind);
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			cr_assert_str_eq(
				choose(&shelf, rows[i].choice, rows[i].upto),
				rows[i].rows, "%s, row %zu: %s", shelf.kind, i,
				choose(&shelf, rows[i].choice, rows[i].upto));
		shelf_commit(&shelf);
	}
}

Test(store_lanes, chooses_a_span_at_a_time)
{
	static int64_t rows[STORE_SPAN_ROWS];
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		struct delivery_choice choice = {.states = 1};
		int64_t row = 0;
		int count, wanted = STORE_SPAN_ROWS + 5;
		bool more, memory = strcmp(shelf.kind, "memory") == 0;

		if (memory) /* it looks through all rows for each id */
			wanted = 5;
		shelf_begin(&shelf);
		for (int i = 0; i < wanted; i++)
			shelf_put_delivery(&shelf, i, "crm", 0, 100);
		GOOD(store_choose_deliveries(shelf.store, &choice, 0, &row,
			rows, &count, &more, &err));
		cr_assert_eq(more, !memory, "%s: there is more", shelf.kind);
		cr_assert_eq(count, memory ? 5 : STORE_SPAN_ROWS, "%d", count);
		if (more)
			GOOD(store_choose_deliveries(shelf.store, &choice, 0,
				&row, rows, &count, &more, &err));
		cr_assert_eq(count, 5, "%s: the rest", shelf.kind);
		cr_assert_not(more, "%s: the end", shelf.kind);
		shelf_commit(&shelf);
	}
}

/* ---- cancelling ---- */

static bool
cancel(struct shelf *at, int64_t delivery)
{
	struct shelf shelf = *at;
	bool changed;

	GOOD(store_cancel(
		shelf.store, delivery, 777, "by ops", &changed, &err));
	return changed;
}

Test(store_lanes, cancels_what_waits)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		int64_t due;
		bool changed;

		shelf_begin(&shelf);
		int64_t answer = shelf_put(&shelf, "a", 3, ANSWERED_MS, NULL);
		int64_t pending =
			shelf_put_delivery(&shelf, 1, "crm", answer, 100);
		int64_t retrying =
			shelf_put_delivery(&shelf, 2, "call", answer, 100);
		int64_t claimed =
			shelf_put_delivery(&shelf, 3, "log", answer, 100);

		shelf_claim(&shelf, "n1", "call", 100, 1, NULL);
		shelf_claim(&shelf, "n1", "log", 100, 1, NULL);
		shelf_settle(
			&shelf, retrying, DELIVERY_RETRYING, "try_later", 503);
		cr_assert(cancel(&shelf, pending), "%s: pending", shelf.kind);
		cr_assert(cancel(&shelf, retrying), "%s: retrying", shelf.kind);
		cr_assert_not(cancel(&shelf, claimed),
			"%s: it may be on its "
			"way",
			shelf.kind);
		cr_assert_not(cancel(&shelf, pending), "%s: once", shelf.kind);
		cr_assert_not(cancel(&shelf, 99), "%s: none such", shelf.kind);
		GOOD(store_next_due(shelf.store, "crm", &due, &err));
		cr_assert_eq(due, INT64_MAX, "%s: nothing is due", shelf.kind);
		/* No amendment revives it, a person does. */
		struct delivery_row revived = {
			.row = pending, .rule = "r", .due_ms = 5};

		BAD(store_change_delivery(shelf.store, &revived, &err));
		GOOD(store_retry(shelf.store, pending, 200, &changed, &err));
		cr_assert(changed, "%s: again", shelf.kind);
		GOOD(store_retry(shelf.store, retrying, 200, &changed, &err));
		cr_assert(changed, "%s: again", shelf.kind);
		shelf_commit(&shelf);
		json_t *made_anew = shelf_find_delivery(&shelf, pending);
		json_t *as_sent = shelf_find_delivery(&shelf, retrying);

		cr_assert_str_eq(text_at(made_anew, "body"), "null", "%s: %s",
			shelf.kind, text_at(made_anew, "body"));
		cr_assert_str_eq(text_at(as_sent, "body"), "body", "%s: %s",
			shelf.kind, text_at(as_sent, "body"));
		cr_assert_str_eq(
			text_at(as_sent, "reason"), "by ops", "%s", shelf.kind);
		json_decref(made_anew);
		json_decref(as_sent);
	}
}

/* What was bound to its bytes before it was sent cannot be made anew. */
Test(store_lanes, cancelled_ones_keep_frozen_bytes)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		char id[DELIVERY_ID_BYTES];
		struct delivery_row frozen =
			shelf_delivery(1, "crm", 0, 100, id);
		bool changed;

		frozen.was_claimed = true;
		shelf_begin(&shelf);
		GOOD(store_put_delivery(shelf.store, &frozen, &err));
		cr_assert(cancel(&shelf, frozen.row), "%s", shelf.kind);
		GOOD(store_retry(shelf.store, frozen.row, 200, &changed, &err));
		cr_assert(changed, "%s: again", shelf.kind);
		shelf_commit(&shelf);
		json_t *again = shelf_find_delivery(&shelf, frozen.row);

		cr_assert_str_eq(text_at(again, "body"), "body", "%s: %s",
			shelf.kind, text_at(again, "body"));
		json_decref(again);
	}
}

/* ---- the clock was set ---- */

Test(store_lanes, move_with_the_clock_T05)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		int64_t due;

		shelf_begin(&shelf);
		shelf_put_delivery(&shelf, 1, "crm", 0, 1000);
		shelf_put_delivery(&shelf, 2, "call", 0, 1000);
		shelf_put_delivery(&shelf, 3, "log", 0, 1000);
		shelf_claim(&shelf, "n1", "log", 1000, 1, NULL);
		shelf_settle(&shelf, 3, DELIVERY_DELIVERED, "delivered", 200);
		shelf_claim(&shelf, "n1", "call", 1000, 1, NULL);
		GOOD(store_shift_due(shelf.store, -400, &err));
		GOOD(store_next_due(shelf.store, "crm", &due, &err));
		cr_assert_eq(due, 600, "%s: %lld", shelf.kind, (long long)due);
		cr_assert_eq(shelf_claim(&shelf, "n2", "call", 60599, 1, NULL),
			0, "%s: the lease", shelf.kind);
		cr_assert_eq(shelf_claim(&shelf, "n2", "call", 60600, 1, NULL),
			1, "%s: the lease", shelf.kind);
		cr_assert_eq(shelf_claim(&shelf, "n2", "log", INT64_MAX / 2, 1,
				     NULL),
			0, "%s: what is settled stays", shelf.kind);
		shelf_commit(&shelf);
	}
}

/* ---- a hold that ends early ---- */

/* Only what is tried again, of that action, and no later than asked for. */
Test(store_lanes, hasten_what_is_tried_again)
{
	enum { RETRIED_MS = 9000, NOW_MS = 6000 };
	static const struct {
		const char *action;
		int upto_ms, due_ms;
	} rows[] = {{"log", RETRIED_MS, RETRIED_MS},
		{"crm", RETRIED_MS - 1, RETRIED_MS},
		{"crm", RETRIED_MS, NOW_MS}};
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		int64_t row, due;

		shelf_begin(&shelf);
		shelf_put_delivery(&shelf, 1, "crm", 0, ANSWERED_MS);
		shelf_put_delivery(&shelf, 2, "crm", 0, ANSWERED_MS + 10000);
		shelf_claim(&shelf, "n1", "crm", ANSWERED_MS, 1, &row);
		shelf_settle(
			&shelf, row, DELIVERY_RETRYING, "endpoint_down", 401);
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			GOOD(store_hasten(shelf.store, rows[i].action,
				ANSWERED_MS + rows[i].upto_ms,
				ANSWERED_MS + NOW_MS, &err));
			GOOD(store_next_due(shelf.store, "crm", &due, &err));
			cr_assert_eq(due, ANSWERED_MS + rows[i].due_ms,
				"%s, row %zu: %lld", shelf.kind, i,
				(long long)due);
		}
		GOOD(store_hasten(shelf.store, "crm", INT64_MAX,
			ANSWERED_MS + NOW_MS, &err));
		cr_assert_eq(shelf_claim(&shelf, "n1", "crm",
				     ANSWERED_MS + 9999, 2, NULL),
			1, "%s: what is pending stays", shelf.kind);
		shelf_commit(&shelf);
	}
}

/* ---- removing ---- */

Test(store_lanes, purges_deliveries_without_an_answer)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		int removed;

		shelf_begin(&shelf);
		int64_t answer = shelf_put(&shelf, "a", 3, ANSWERED_MS, NULL);

		shelf_put_delivery(&shelf, 1, "crm", answer, 100);
		shelf_put_delivery(&shelf, 2, "crm", 0, 100);
		shelf_put_delivery(&shelf, 3, "crm", 0, 900);
		shelf_put_delivery(&shelf, 4, "crm", 0, 100);
		shelf_claim(&shelf, "n1", "crm", 100, 8, NULL);
		shelf_settle(&shelf, 1, DELIVERY_DELIVERED, "delivered", 200);
		shelf_settle(&shelf, 2, DELIVERY_DELIVERED, "delivered", 200);
		shelf_settle(&shelf, 4, DELIVERY_DEAD, "give_up", 400);
		GOOD(store_purge_deliveries(
			shelf.store, 0, 10, &removed, &err));
		cr_assert_eq(removed, 0, "%s: too young", shelf.kind);
		GOOD(store_purge_deliveries(
			shelf.store, INT64_MAX, 1, &removed, &err));
		cr_assert_eq(removed, 1, "%s: a slice", shelf.kind);
		GOOD(store_purge_deliveries(
			shelf.store, INT64_MAX, 10, &removed, &err));
		cr_assert_eq(removed, 1,
			"%s: not the answer's, not what "
			"waits: %d",
			shelf.kind, removed);
		shelf_commit(&shelf);
		shelf_reopen(&shelf);
		shelf_begin(&shelf);
		cr_assert_eq(shelf_put_delivery(&shelf, 5, "crm", 0, 1), 5,
			"%s: no row is used again", shelf.kind);
		shelf_commit(&shelf);
	}
}
