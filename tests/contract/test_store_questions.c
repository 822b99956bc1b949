/* What every kind of store counts, lists and explains. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store_shelf.h"

TestSuite(store_questions, .timeout = 120);

/* ---- counts and places ---- */

static void
tell_sum(int64_t slot, const struct counts *counts, void *context)
{
	char *text = context;

	snprintf(text + strlen(text), 200 - strlen(text), "%d:%d,%d,%d ",
		(int)slot, (int)counts->of[CATEGORY_DETRACTOR],
		(int)counts->of[CATEGORY_PASSIVE],
		(int)counts->of[CATEGORY_PROMOTER]);
}

Test(store_questions, sums_buckets)
{
	static const struct {
		enum bucket_width width;
		int64_t after, upto;
		const char *sums;
	} rows[] = {
		{BUCKET_MINUTE, INT64_MIN, INT64_MAX, "1:2,2,0 99:0,0,5 "},
		{BUCKET_MINUTE, 9, 10, "1:2,1,0 "},
		{BUCKET_MINUTE, 10, 11, "1:0,1,0 99:0,0,5 "},
		{BUCKET_MINUTE, 11, 99, ""},
		{BUCKET_HOUR, INT64_MIN, INT64_MAX, "1:7,0,0 "},
		{BUCKET_HOUR, -4, -3, "1:7,0,0 "},
		{BUCKET_HOUR, -3, 99, ""},
	};
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		struct counts one = {.of = {1, 1, 0}}, two = {.of = {1, 0, 0}},
			      three = {.of = {0, 1, 0}},
			      five = {.of = {0, 0, 5}},
			      seven = {.of = {7, 0, 0}};
		int removed;

		shelf_begin(&shelf);
		GOOD(store_put_slot(shelf.store, 1, "s", "", "", &err));
		GOOD(store_put_slot(shelf.store, 99, "t", "", "", &err));
		shelf_count(&shelf, 1, BUCKET_MINUTE, 10, &one);
		shelf_count(&shelf, 1, BUCKET_MINUTE, 10, &two);
		shelf_count(&shelf, 1, BUCKET_MINUTE, 11, &three);
		shelf_count(&shelf, 99, BUCKET_MINUTE, 11, &five);
		shelf_count(&shelf, 1, BUCKET_HOUR, -3, &seven);
		shelf_commit(&shelf);
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			char text[200] = "";

			GOOD(store_sum_buckets(shelf.store, rows[i].width,
				rows[i].after, rows[i].upto, tell_sum, text,
				&err));
			cr_assert_str_eq(text, rows[i].sums, "%s: row %zu: %s",
				shelf.kind, i, text);
		}
		shelf_begin(&shelf);
		GOOD(store_prune_buckets(
			shelf.store, BUCKET_MINUTE, 12, 2, &removed, &err));
		cr_assert_eq(removed, 2, "no more than asked");
		GOOD(store_prune_buckets(
			shelf.store, BUCKET_MINUTE, 12, 2, &removed, &err));
		cr_assert_eq(removed, 1, "the rest");
		GOOD(store_prune_buckets(
			shelf.store, BUCKET_MINUTE, 12, 2, &removed, &err));
		cr_assert_eq(removed, 0, "hours stay");
		shelf_commit(&shelf);
	}
}

Test(store_questions, keeps_slots_and_places)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		shelf_begin(&shelf);
		GOOD(store_put_slot(shelf.store, 1, "s", "", "", &err));
		GOOD(store_put_slot(shelf.store, 2, "s", "region", "NL", &err));
		GOOD(store_put_place(shelf.store, "spool", "b", "1", &err));
		GOOD(store_put_place(shelf.store, "spool", "a", "2", &err));
		GOOD(store_put_place(shelf.store, "other", "a", "3", &err));
		GOOD(store_put_place(shelf.store, "spool", "b", "4", &err));
		GOOD(store_put_place(shelf.store, "spool", "none", NULL, &err));
		shelf_commit(&shelf);
		shelf_begin(&shelf);
		BAD(store_put_slot(shelf.store, 2, "t", "", "", &err));
		store_rollback(shelf.store);
		shelf_begin(&shelf);
		BAD(store_put_slot(shelf.store, 3, "s", "region", "NL", &err));
		store_rollback(shelf.store);
		shelf_reopen(&shelf);
		char *told = shelf_tell(&shelf);

		cr_assert_not_null(strstr(told, "slot 1 s//\n"
						"slot 2 s/region/NL\n"),
			"%s: %s", shelf.kind, told);
		cr_assert_not_null(strstr(told, "place b: 4\n"), "%s", told);
		cr_assert_not_null(strstr(told, "place a: 2\n"), "%s", told);
		cr_assert_null(strstr(told, "none"), "%s", told);
		free(told);
	}
}

static void
tell_count(const char *survey, const char *segment, const char *value,
	const struct counts *counts, void *context)
{
	char *text = context;

	snprintf(text + strlen(text), 200 - strlen(text), "%s/%s/%s:%d,%d,%d ",
		survey, segment, value, (int)counts->of[CATEGORY_DETRACTOR],
		(int)counts->of[CATEGORY_PASSIVE],
		(int)counts->of[CATEGORY_PROMOTER]);
}

Test(store_questions, tells_what_was_counted_by_slot)
{
	static const struct {
		int64_t after, upto;
		const char *counts;
	} rows[] = {
		{INT64_MIN, INT64_MAX, "s//:2,2,0 s/region/NL:0,0,5 "},
		{9, 10, "s//:1,1,0 "},
		{10, 12, "s//:1,1,0 s/region/NL:0,0,5 "},
		{11, 12, ""},
	};
	struct counts one = {.of = {1, 1, 0}}, five = {.of = {0, 0, 5}};
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		shelf_begin(&shelf);
		GOOD(store_put_slot(shelf.store, 1, "s", "", "", &err));
		GOOD(store_put_slot(shelf.store, 2, "s", "region", "NL", &err));
		shelf_count(&shelf, 1, BUCKET_HOUR, 10, &one);
		shelf_count(&shelf, 1, BUCKET_HOUR, 11, &one);
		shelf_count(&shelf, 2, BUCKET_HOUR, 11, &five);
		shelf_count(&shelf, 1, BUCKET_MINUTE, 11, &five);
		shelf_commit(&shelf);
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			char text[200] = "";

			GOOD(store_read_counts(shelf.reader, BUCKET_HOUR,
				rows[i].after, rows[i].upto, tell_count, text,
				&err));
			cr_assert_str_eq(text, rows[i].counts,
				"%s: row %zu: %s", shelf.kind, i, text);
		}
	}
}

/* ---- customers ---- */

static void
tell_customer(const struct customer_answer *answer, void *context)
{
	char *text = context;

	snprintf(text + strlen(text), 200 - strlen(text), "%d:%s/%s/%d/%d ",
		(int)answer->row, answer->survey, answer->customer,
		(int)answer->category,
		(int)(answer->answered_ms - ANSWERED_MS));
}

Test(store_questions, tells_answers_of_known_customers_newest_first)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		char text[200] = "";
		int64_t row = 0;
		bool more = true;

		GOOD(store_each_customer_answer(
			shelf.reader, &row, &more, tell_customer, text, &err));
		cr_assert_str_eq(text, "", "%s: %s", shelf.kind, text);
		cr_assert_not(more, "%s: nothing", shelf.kind);
		shelf_begin(&shelf);
		shelf_put(&shelf, "1", 3, ANSWERED_MS + 5, "anna");
		shelf_put(&shelf, "2", 9, ANSWERED_MS, NULL);
		shelf_put(&shelf, "3", -1, ANSWERED_MS, "anna");
		shelf_put(&shelf, "4", 10, ANSWERED_MS + 2, "bob");
		shelf_commit(&shelf);
		row = 0;
		GOOD(store_each_customer_answer(
			shelf.reader, &row, &more, tell_customer, text, &err));
		cr_assert_str_eq(text, "4:s/bob/2/2 1:s/anna/0/5 ", "%s: %s",
			shelf.kind, text);
		cr_assert_not(more, "%s: all", shelf.kind);
		/* from a row on */
		text[0] = '\0';
		row = 4;
		GOOD(store_each_customer_answer(
			shelf.reader, &row, &more, tell_customer, text, &err));
		cr_assert_str_eq(
			text, "1:s/anna/0/5 ", "%s: %s", shelf.kind, text);
		cr_assert_eq(row, 1, "%s", shelf.kind);
	}
}

/* ---- lists ---- */

/* The ids (of rejected: places) in the order they are listed. */
static void
listed(struct shelf *shelf, enum store_list list,
	const struct store_filter *filter, int64_t *next, char text[200])
{
	json_t *items = shelf_list(shelf, list, filter, next), *item;
	size_t i;

	text[0] = '\0';
	json_array_foreach(items, i, item)
		snprintf(text + strlen(text), 200 - strlen(text), "%.8s ",
			text_at(item, list == STORE_REJECTED ? "place" : "id"));
	json_decref(items);
}

static void
build_lists(struct shelf *at)
{
	struct shelf shelf = *at;

	shelf_begin(&shelf);
	for (int i = 1; i <= 6; i++) {
		char id[16];

		snprintf(id, sizeof(id), "a%d", i);
		struct answer_row a = shelf_answer(
			id, i == 6 ? -1 : 2 * i, ANSWERED_MS + i, NULL);

		a.survey = i % 2 ? "odd" : "even";
		a.source = i < 3 ? "spool" : "api";
		a.arrived_ms = ANSWERED_MS + i;
		GOOD(store_put_answer(shelf.store, &a, &err));
		struct rejected_row r = {.source = a.source,
			.place = id,
			.reason = i < 5 ? REJECTED_JSON : REJECTED_SCORE,
			.offset = -1,
			.arrived_ms = ANSWERED_MS + i,
			.bytes = "\xFF\0{",
			.length = 3,
			.full_length = 99};

		GOOD(store_put_rejected(shelf.store, &r, &err));
		int64_t d = shelf_put_delivery(
			&shelf, i, i < 3 ? "crm" : "mail", i % 3 ? i : 0, i);

		if (i > 4) {
			shelf_claim(&shelf, "n", "mail", i, 9, NULL);
			shelf_settle(&shelf, d, DELIVERY_DEAD, "give_up", 400);
		}
	}
	shelf_commit(&shelf);
}

Test(store_questions, lists_what_fits_newest_first)
{
#define OF(...)                                          \
	{                                                \
		.category = -1, .state = -1, __VA_ARGS__ \
	}
	static const struct {
		enum store_list list;
		struct store_filter filter;
		const char *ids;
		int64_t next;
	} rows[] = {
		{STORE_RESPONSES, OF(), "a6 a5 a4 a3 a2 a1 ", 0},
		{STORE_RESPONSES, OF(.survey = "odd"), "a5 a3 a1 ", 0},
		{STORE_RESPONSES, OF(.source = "spool"), "a2 a1 ", 0},
		{STORE_RESPONSES, OF(.id = "a4"), "a4 ", 0},
		{STORE_RESPONSES, OF(.id = "a4", .survey = "odd"), "", 0},
		{STORE_RESPONSES, OF(.row = 3), "a3 ", 0},
		{STORE_RESPONSES, OF(.row = 33), "", 0},
		{STORE_RESPONSES, OF(.since_ms = ANSWERED_MS + 5), "a6 a5 ", 0},
		{STORE_RESPONSES, OF(.limit = 2), "a6 a5 ", 5},
		{STORE_RESPONSES, OF(.limit = 2, .before_row = 5), "a4 a3 ", 3},
		{STORE_RESPONSES, OF(.limit = 2, .before_row = 3), "a2 a1 ", 0},
		{STORE_RESPONSES, OF(.before_row = 1), "", 0},
		{STORE_DELIVERIES, OF(),
			"00000006 00000005 00000004 00000003 00000002 "
			"00000001 ",
			0},
		{STORE_DELIVERIES, OF(.action = "crm"), "00000002 00000001 ",
			0},
		{STORE_DELIVERIES, OF(.survey = "odd"), "00000005 00000001 ",
			0},
		{STORE_DELIVERIES, OF(.rule = "none"), "", 0},
		{STORE_DELIVERIES, OF(.since_ms = ANSWERED_MS + 6), "00000006 ",
			0},
		{STORE_DELIVERIES,
			OF(.id = "00000003-0000-5000-8000-00000000abcd"),
			"00000003 ", 0},
		{STORE_DELIVERIES,
			OF(.id = "00000002-0000-5000-8000-00000000abcd"),
			"00000002 ", 0},
		{STORE_DELIVERIES, OF(.id = "nonsense"), "", 0},
		{STORE_REJECTED, OF(.source = "api"), "a6 a5 a4 a3 ", 0},
		{STORE_REJECTED, OF(.reason = "score"), "a6 a5 ", 0},
		{STORE_REJECTED, OF(.reason = "json", .limit = 3), "a4 a3 a2 ",
			2},
		{STORE_REJECTED, OF(.row = 2), "a2 ", 0},
	};
	static const struct {
		int category, state;
		const char *responses, *deliveries;
	} enums[] = {
		{CATEGORY_DETRACTOR, DELIVERY_DEAD, "a3 a2 a1 ",
			"00000006 00000005 "},
		{CATEGORY_PROMOTER, DELIVERY_CLAIMED, "a5 ",
			"00000004 00000003 "},
	};
	struct shelf shelf;
	char text[200];
	int64_t next;

	EACH_KIND(shelf)
	{
		build_lists(&shelf);
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			listed(&shelf, rows[i].list, &rows[i].filter, &next,
				text);
			cr_assert_str_eq(text, rows[i].ids,
				"%s: row %zu: \"%s\"", shelf.kind, i, text);
			cr_assert_eq(next, rows[i].next, "%s: row %zu: next %d",
				shelf.kind, i, (int)next);
		}
		for (size_t i = 0; i < sizeof(enums) / sizeof(enums[0]); i++) {
			struct store_filter filter = shelf_any;

			filter.category = enums[i].category;
			listed(&shelf, STORE_RESPONSES, &filter, &next, text);
			cr_assert_str_eq(text, enums[i].responses, "%s: %s",
				shelf.kind, text);
			filter = shelf_any;
			filter.state = enums[i].state;
			listed(&shelf, STORE_DELIVERIES, &filter, &next, text);
			cr_assert_str_eq(text, enums[i].deliveries, "%s: %s",
				shelf.kind, text);
		}
	}
}

static void
assert_json(const char *kind, json_t *taken, const char *wanted)
{
	char *text = json_dumps(taken, JSON_SORT_KEYS | JSON_COMPACT);

	cr_assert_str_eq(text, wanted, "%s:\n%s\n%s", kind, text, wanted);
	free(text);
	json_decref(taken);
}

Test(store_questions, shows_rows_with_the_names_of_the_api)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		struct scene scene = build_scene(&shelf);
		struct store_filter filter = shelf_any;

		filter.row = scene.old;
		assert_json(shelf.kind,
			shelf_list(&shelf, STORE_RESPONSES, &filter, NULL),
			"[{\"account\":null,"
			"\"answered_at\":\"2025-11-21T10:00:00Z\","
			"\"arrived_at\":\"2025-11-21T10:00:01Z\","
			"\"category\":\"detractor\",\"customer\":\"anna\","
			"\"forgotten\":false,\"id\":\"old\","
			"\"kind\":\"answer\","
			"\"response\":{\"comment\":\"gr\xC3\xBC\xC3\x9F\"},"
			"\"revision\":0,\"row\":\"1\",\"score\":2,"
			"\"source\":\"spool\",\"survey\":\"s\"}]");
		filter.row = scene.dead;
		assert_json(shelf.kind,
			shelf_list(&shelf, STORE_DELIVERIES, &filter, NULL),
			"[{\"action\":\"crm\",\"attempts\":[{"
			"\"at\":\"2025-11-21T10:00:05Z\",\"n\":1,"
			"\"outcome\":\"give_up\",\"reason\":\"said no\","
			"\"status\":422}],\"body\":\"body\","
			"\"body_bytes\":4,\"cause\":\"alert\","
			"\"created_at\":\"2025-11-21T10:00:00.002Z\","
			"\"due_at\":null,\"folded\":null,"
			"\"id\":\"00000002-0000-5000-8000-00000000abcd\","
			"\"reason\":\"said no\",\"recipient\":\"\","
			"\"response\":\"2\",\"row\":\"2\",\"rule\":\"r\","
			"\"settled_at\":\"2025-11-21T10:00:05Z\","
			"\"state\":\"dead\",\"status\":422,"
			"\"storm\":null,\"tries\":1}]");
		filter.row = 1;
		assert_json(shelf.kind,
			shelf_list(&shelf, STORE_REJECTED, &filter, NULL),
			"[{\"arrived_at\":\"2025-11-21T10:00:00Z\","
			"\"bytes\":\"{\\\"score\\\":11}\",\"length\":17,"
			"\"offset\":9,\"place\":\"f:17\","
			"\"pointer\":\"/score\",\"reason\":\"score\","
			"\"row\":\"1\",\"source\":\"spool\","
			"\"text\":\"score: 11 is above 10\"}]");
		filter = shelf_any;
		filter.state = DELIVERY_PENDING;
		json_t *items =
			shelf_list(&shelf, STORE_DELIVERIES, &filter, NULL);
		json_t *bare = json_array_get(items, 0);

		cr_assert_null(json_object_get(bare, "body"), "no body");
		cr_assert(json_is_null(json_object_get(bare, "body_bytes")),
			"%s: not rendered yet", shelf.kind);
		json_decref(items);
	}
}

Test(store_questions, escapes_bytes_that_are_no_text)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		shelf_begin(&shelf);
		put_rejected(&shelf, "a\xFF\0\\", 4, 1);
		shelf_commit(&shelf);
		json_t *items =
			shelf_list(&shelf, STORE_REJECTED, &shelf_any, NULL);

		cr_assert_str_eq(text_at(json_array_get(items, 0), "bytes"),
			"a\\xff\\x00\\\\", "%s: %s", shelf.kind,
			text_at(json_array_get(items, 0), "bytes"));
		json_decref(items);
	}
}

Test(store_questions, explains_an_answer)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		struct scene scene = build_scene(&shelf);
		struct err err = {"left from before"};
		json_t *told = shelf_explain(&shelf, scene.fresh);

		cr_assert_eq(json_array_size(json_object_get(told, "past")), 0,
			"never amended");
		cr_assert_eq(
			json_array_size(json_object_get(told, "deliveries")), 5,
			"all of them");
		cr_assert_str_eq(text_at(told, "rules_hash"),
			"0123456789abcdef", "judged by");
		json_t *dead =
			json_array_get(json_object_get(told, "deliveries"), 1);

		cr_assert_eq(json_array_size(json_object_get(dead, "attempts")),
			1, "with attempts");
		cr_assert_null(json_object_get(dead, "body"), "not the body");
		json_decref(told);
		cr_assert_null(store_explain(shelf.reader, 99, &err), "none");
		cr_assert_str_eq(err.text, "", "no such row is no error");
		cr_assert_eq(store_row_of(shelf.reader, "s", "fresh", &err),
			scene.fresh, "row of");
		cr_assert_eq(store_row_of(shelf.reader, NULL, "old", &err),
			scene.old, "of any survey");
		cr_assert_eq(store_row_of(shelf.reader, "t", "old", &err), 0,
			"of another survey");
	}
}

static void
tell_backlog(const char *action, int64_t waiting, int64_t dead,
	int64_t oldest_ms, void *context)
{
	char *text = context;

	snprintf(text + strlen(text), 200 - strlen(text), "%s:%d,%d,%d ",
		action, (int)waiting, (int)dead,
		oldest_ms ? (int)(oldest_ms - ANSWERED_MS) : -1);
}

static void
tell_survey(const char *survey, const struct counts *counts, void *context)
{
	char *text = context;

	snprintf(text + strlen(text), 200 - strlen(text), "%s:%d,%d,%d ",
		survey, (int)counts->of[CATEGORY_DETRACTOR],
		(int)counts->of[CATEGORY_PASSIVE],
		(int)counts->of[CATEGORY_PROMOTER]);
}

Test(store_questions, counts_what_waits_and_recounts_answers)
{
	static const struct {
		enum bucket_width width;
		int64_t after, upto;
		const char *sums;
	} rows[] = {
		{BUCKET_HOUR, INT64_MIN, INT64_MAX, "s:1,1,1 t:0,0,1 "},
		{BUCKET_HOUR, -1, INT64_MAX, "s:0,1,1 t:0,0,1 "},
		{BUCKET_HOUR, -2, -1, "s:1,0,0 "},
		{BUCKET_MINUTE, -2, -1, "s:1,0,0 "},
		{BUCKET_MINUTE, 0, 1, "s:0,0,1 "},
		{BUCKET_MINUTE, 1, 1, ""},
	};
	struct shelf shelf;
	char text[200] = "";

	EACH_KIND(shelf)
	{
		text[0] = '\0';
		build_scene(&shelf);
		GOOD(store_backlog(shelf.reader, tell_backlog, text, &err));
		cr_assert_str_eq(text, "crm:2,1,1 page:1,0,5 ", "%s: %s",
			shelf.kind, text);
	}
	EACH_KIND(shelf)
	{
		shelf_begin(&shelf);
		shelf_put(&shelf, "a", 1, -1, NULL);
		shelf_put(&shelf, "b", 7, 0, NULL);
		shelf_put(&shelf, "c", 9, 60000, NULL);
		shelf_put(&shelf, "i", -1, 0, NULL);
		put_of_survey(&shelf, "t", "d", 10, 7200000);
		shelf_commit(&shelf);
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			text[0] = '\0';
			GOOD(store_recount(shelf.reader, rows[i].width,
				rows[i].after, rows[i].upto, tell_survey, text,
				&err));
			cr_assert_str_eq(text, rows[i].sums, "%s: row %zu: %s",
				shelf.kind, i, text);
		}
	}
}
