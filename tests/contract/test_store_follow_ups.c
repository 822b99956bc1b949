/* What every kind of store promises of follow-ups. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "store/store_follow_ups.h"
#include "store_shelf.h"

TestSuite(store_follow_ups, .timeout = 120);

static struct follow_up
sample(const char *scope, int64_t answer, int64_t due_ms)
{
	struct follow_up one = {
		.scope = scope,
		.survey = "s",
		.customer = "c-1",
		.answer = answer,
		.rule = "r",
		.owner = "anna",
	};

	follow_up_start(&one, &follow_up_no_terms, 1000);
	one.next_due_ms = due_ms;
	return one;
}

static struct follow_up
put(struct shelf *at, const char *scope, int64_t answer, int64_t due_ms)
{
	struct shelf shelf = *at;
	struct follow_up one = sample(scope, answer, due_ms);
	struct follow_up_event event = {.act = FOLLOW_UP_OPENED,
		.who = "npsd",
		.how = "npsd",
		.at_ms = 1000,
		.answer = answer};

	GOOD(store_put_follow_up(shelf.store, &one, &err));
	event.follow_up = one.row;
	GOOD(store_put_follow_up_event(shelf.store, &event, &err));
	return one;
}

/* "1 open anna;" of each. */
static void
tell(const struct follow_up *one, void *context)
{
	char *text = context;
	size_t used = strlen(text);

	snprintf(text + used, 400 - used, "%d %s %s;", (int)one->row,
		follow_up_state_name(one->state),
		one->owner ? one->owner : "-");
}

static void
take(const struct follow_up *one, void *context)
{
	*(struct follow_up **)context = follow_up_copy(one);
}

Test(store_follow_ups, stand_as_they_were_put)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		struct follow_up *found = NULL;
		struct err why = {""};

		shelf_begin(&shelf);
		int64_t answer = shelf_put(&shelf, "a", 3, ANSWERED_MS, "c-1");
		struct follow_up one = put(&shelf, "[1]", answer, 5000);

		one.state = FOLLOW_UP_LOST;
		one.last_answer = 7;
		one.folds = 2;
		one.owner = "jan";
		one.claimed_ms = 11;
		one.claimed_by = "jan";
		one.clock_ms = 12;
		one.contact_by_ms = 13;
		one.resolve_by_ms = 14;
		one.contacted_ms = 15;
		one.closed_ms = 16;
		one.attempts = 3;
		one.try_again_ms = 17;
		one.reason = "unreachable";
		one.note = "gone";
		one.improved = true;
		one.tracked_in = "crm";
		one.fired = 5;
		one.fires = 6;
		one.next_due_ms = INT64_MAX;
		one.last_act = FOLLOW_UP_LOSE;
		one.last_by = "jan";
		one.last_ms = 18;
		GOOD(store_change_follow_up(shelf.store, &one, &err));
		shelf_commit(&shelf);
		shelf_reopen(&shelf);
		cr_assert_eq(store_get_follow_up(
				     shelf.store, one.row, take, &found, &why),
			STORE_FOUND, "%s: %s", shelf.kind, why.text);
		cr_assert(
			found->state == FOLLOW_UP_LOST &&
				found->answer == answer &&
				found->last_answer == 7 && found->folds == 2 &&
				found->claimed_ms == 11 &&
				found->opened_ms == 1000 &&
				found->clock_ms == 12 &&
				found->contact_by_ms == 13 &&
				found->resolve_by_ms == 14 &&
				found->contacted_ms == 15 &&
				found->closed_ms == 16 &&
				found->attempts == 3 &&
				found->try_again_ms == 17 && found->improved &&
				found->fired == 5 && found->fires == 6 &&
				found->next_due_ms == INT64_MAX &&
				found->last_act == FOLLOW_UP_LOSE &&
				found->last_ms == 18,
			"%s: numbers", shelf.kind);
		char *texts = mem_printf("%s %s %s %s %s %s %s %s %s %s %s",
			found->scope, found->survey, found->customer,
			found->account ? found->account : "-", found->rule,
			found->owner, found->claimed_by, found->reason,
			found->note, found->tracked_in, found->last_by);

		cr_assert_str_eq(texts,
			"[1] s c-1 - r jan jan unreachable gone crm jan",
			"%s: %s", shelf.kind, texts);
		free(texts);
		follow_up_free(found);
		cr_assert_eq(store_get_follow_up(
				     shelf.store, 99, take, &found, &why),
			STORE_NONE, "%s", shelf.kind);
		BAD(store_put_follow_up(shelf.store, &one, &err));
	}
}

Test(store_follow_ups, one_unfinished_under_a_scope)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		char told[400] = "";
		struct err why = {""};

		shelf_begin(&shelf);
		int64_t answer = shelf_put(&shelf, "a", 3, ANSWERED_MS, "c-1");
		int64_t other = shelf_put(&shelf, "b", 3, ANSWERED_MS, "c-1");
		struct follow_up one = put(&shelf, "[1]", answer, 5000);
		struct follow_up two = sample("[1]", answer, 5000);

		GOOD(store_savepoint(shelf.store, &err));
		BAD(store_put_follow_up(shelf.store, &two, &err));
		store_undo(shelf.store);
		cr_assert_eq(store_find_follow_up(
				     shelf.store, "[1]", tell, told, &why),
			STORE_FOUND, "%s", shelf.kind);
		cr_assert_eq(store_find_follow_up(
				     shelf.store, "[2]", tell, told, &why),
			STORE_NONE, "%s", shelf.kind);
		one.state = FOLLOW_UP_RESOLVED;
		one.next_due_ms = INT64_MAX;
		GOOD(store_change_follow_up(shelf.store, &one, &err));
		cr_assert_eq(store_find_follow_up(
				     shelf.store, "[1]", tell, told, &why),
			STORE_NONE, "%s: it is finished", shelf.kind);
		put(&shelf, "[1]", other, 5000);
		cr_assert_eq(store_find_follow_up_of(
				     shelf.store, answer, tell, told, &why),
			STORE_FOUND, "%s", shelf.kind);
		GOOD(store_each_follow_up(
			shelf.store, 0, 10, tell, told, &err));
		cr_assert_str_eq(told,
			"1 open anna;1 resolved anna;2 open anna;", "%s: %s",
			shelf.kind, told);
		shelf_commit(&shelf);
	}
}

Test(store_follow_ups, fall_due_in_order)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		char told[400] = "";
		int64_t due_ms;

		GOOD(store_next_due_follow_up(shelf.store, &due_ms, &err));
		cr_assert_eq(due_ms, INT64_MAX, "%s: none", shelf.kind);
		shelf_begin(&shelf);
		int64_t answer = shelf_put(&shelf, "a", 3, ANSWERED_MS, "c-1");

		put(&shelf, "[1]", answer, 3000);
		put(&shelf, "[2]", answer, INT64_MAX);
		put(&shelf, "[3]", answer, 1000);
		put(&shelf, "[4]", answer, 2000);
		GOOD(store_next_due_follow_up(shelf.store, &due_ms, &err));
		cr_assert_eq(due_ms, 1000, "%s", shelf.kind);
		GOOD(store_each_due_follow_up(
			shelf.store, 2999, 10, tell, told, &err));
		GOOD(store_each_due_follow_up(
			shelf.store, 9000, 1, tell, told, &err));
		cr_assert_str_eq(told, "3 open anna;4 open anna;3 open anna;",
			"%s: %s", shelf.kind, told);
		store_rollback(shelf.store);
		GOOD(store_next_due_follow_up(shelf.store, &due_ms, &err));
		cr_assert_eq(due_ms, INT64_MAX, "%s: taken back", shelf.kind);
	}
}

Test(store_follow_ups, take_turns)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		int64_t turn;

		shelf_begin(&shelf);
		for (int i = 0; i < 3; i++) {
			GOOD(store_take_turn(shelf.store, "r", &turn, &err));
			cr_assert_eq(turn, i, "%s: turn %d", shelf.kind, i);
		}
		shelf_commit(&shelf);
		shelf_reopen(&shelf);
		shelf_begin(&shelf);
		GOOD(store_take_turn(shelf.store, "r", &turn, &err));
		cr_assert_eq(turn, 3, "%s: over a restart", shelf.kind);
		GOOD(store_take_turn(shelf.store, "q", &turn, &err));
		cr_assert_eq(turn, 0, "%s: each rule its own", shelf.kind);
		shelf_commit(&shelf);
	}
}

/* ---- questions ---- */

static const char *
listed(struct shelf *shelf, struct store_filter filter)
{
	static char rows[100];
	json_t *items = shelf_list(shelf, STORE_FOLLOW_UPS, &filter, NULL);
	json_t *item;
	size_t i;

	rows[0] = '\0';
	json_array_foreach(items, i, item)
	{
		size_t used = strlen(rows);

		snprintf(rows + used, sizeof(rows) - used, "%s ",
			text_at(item, "row"));
	}
	json_decref(items);
	return rows;
}

Test(store_follow_ups, are_listed_and_counted)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		struct follow_up_counts counts;

		shelf_begin(&shelf);
		int64_t answer = shelf_put(&shelf, "a", 3, ANSWERED_MS, "c-1");
		struct follow_up one = put(&shelf, "[1]", answer, 5000);
		struct follow_up two = put(&shelf, "[2]", answer, 5000);
		struct follow_up three = put(&shelf, "[3]", answer, 5000);

		one.contact_by_ms = 2000;
		two.state = FOLLOW_UP_CONTACTED;
		two.contact_by_ms = 2000;
		two.resolve_by_ms = 3000;
		two.owner = "jan";
		three.state = FOLLOW_UP_RESOLVED;
		three.resolve_by_ms = 10;
		three.reason = "price";
		GOOD(store_change_follow_up(shelf.store, &one, &err));
		GOOD(store_change_follow_up(shelf.store, &two, &err));
		GOOD(store_change_follow_up(shelf.store, &three, &err));
		shelf_commit(&shelf);

#define OF(...)                                          \
	(struct store_filter)                            \
	{                                                \
		.category = -1, .state = -1, __VA_ARGS__ \
	}
		const struct {
			struct store_filter filter;
			const char *rows;
		} rows[] = {
			{OF(.limit = 10), "3 2 1 "},
			{OF(.owner = "jan"), "2 "},
			{OF(.reason = "price"), "3 "},
			{OF(.survey = "t"), ""},
			{{.category = -1, .state = FOLLOW_UP_OPEN}, "1 "},
			{OF(.since_ms = 1001), ""},
			{OF(.overdue_ms = 2000), ""},
			{OF(.overdue_ms = 2001), "1 "},
			{OF(.overdue_ms = 3001), "2 1 "},
			{OF(.row = 2), "2 "},
		};

		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			cr_assert_str_eq(listed(&shelf, rows[i].filter),
				rows[i].rows, "%s, row %zu: %s", shelf.kind, i,
				listed(&shelf, rows[i].filter));
		GOOD(store_count_follow_ups(shelf.reader, 2500, &counts, &err));
		cr_assert(counts.states[0] == 1 && counts.states[1] == 1 &&
				  counts.states[2] == 1 &&
				  counts.states[3] == 0 && counts.overdue == 1,
			"%s: counts", shelf.kind);
		struct store_filter by_row = OF(.row = 1);
		json_t *items =
			shelf_list(&shelf, STORE_FOLLOW_UPS, &by_row, NULL);
		json_t *events =
			json_object_get(json_array_get(items, 0), "events");
		json_t *explained = shelf_explain(&shelf, answer);

		cr_assert_eq(json_array_size(events), 1, "%s", shelf.kind);
		cr_assert_str_eq(text_at(json_array_get(events, 0), "act"),
			"opened", "%s", shelf.kind);
		cr_assert_eq(json_array_size(
				     json_object_get(explained, "follow_ups")),
			3, "%s: explain", shelf.kind);
		json_decref(items);
		json_decref(explained);
	}
}

/* ---- purge ---- */

Test(store_follow_ups, unfinished_ones_hold_their_answers)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		char told[400] = "";
		struct err why = {""};
		int removed;

		shelf_begin(&shelf);
		int64_t first = shelf_put(&shelf, "a", 3, ANSWERED_MS, "c-1");
		int64_t folded = shelf_put(&shelf, "b", 3, ANSWERED_MS, "c-1");
		struct follow_up one = put(&shelf, "[1]", first, 5000);
		struct follow_up_event fold = {.follow_up = one.row,
			.act = FOLLOW_UP_FOLD,
			.answer = folded};

		GOOD(store_put_follow_up_event(shelf.store, &fold, &err));
		cr_assert_eq(fold.n, 2, "%s: n", shelf.kind);
		shelf_put(&shelf, "c", 9, ANSWERED_MS, "c-2");
		GOOD(store_purge_answers(
			shelf.store, INT64_MAX, 10, &removed, &err));
		cr_assert_eq(removed, 1, "%s: %d", shelf.kind, removed);
		one.state = FOLLOW_UP_LOST;
		GOOD(store_change_follow_up(shelf.store, &one, &err));
		GOOD(store_purge_answers(
			shelf.store, INT64_MAX, 10, &removed, &err));
		cr_assert_eq(removed, 2, "%s: %d", shelf.kind, removed);
		cr_assert_eq(store_get_follow_up(
				     shelf.store, one.row, tell, told, &why),
			STORE_NONE, "%s: it goes along", shelf.kind);
		shelf_commit(&shelf);
		shelf_reopen(&shelf);
		shelf_begin(&shelf);
		int64_t again = shelf_put(&shelf, "d", 3, ANSWERED_MS, "c-1");

		if (strcmp(shelf.kind, "sqlite") == 0)
			cr_assert_eq(put(&shelf, "[1]", again, 1).row, 2,
				"no row is used again");
		shelf_commit(&shelf);
	}
}

/* Each store has a key of its own, and keeps it: links outlive restarts. */
Test(store_follow_ups, the_key_of_links_stays)
{
	struct shelf shelf;
	uint8_t key[LINK_KEY_BYTES], again[LINK_KEY_BYTES] = {0},
				     other[LINK_KEY_BYTES] = {0};

	EACH_KIND(shelf)
	{
		shelf_begin(&shelf);
		GOOD(store_link_key(shelf.store, key, &err));
		GOOD(store_link_key(shelf.store, again, &err));
		cr_assert_arr_eq(
			again, key, sizeof(key), "%s: at once", shelf.kind);
		shelf_commit(&shelf);
		shelf_reopen(&shelf);
		shelf_begin(&shelf);
		GOOD(store_link_key(shelf.store, again, &err));
		shelf_commit(&shelf);
		cr_assert_arr_eq(
			again, key, sizeof(key), "%s: opened anew", shelf.kind);
		cr_assert_arr_neq(
			other, key, sizeof(key), "%s: its own", shelf.kind);
		memcpy(other, key, sizeof(key));
	}
}
