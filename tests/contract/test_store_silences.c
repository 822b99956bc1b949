/* What every kind of store promises of silences. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "store/store_silences.h"
#include "store_shelf.h"

TestSuite(store_silences, .timeout = 120);

static int64_t
put(struct shelf *shelf, const char *rule, int64_t since_ms)
{
	struct silence_row row = {
		.rule = rule,
		.match = "{\"category\":\"detractor\"}",
		.since_ms = since_ms,
		.until_ms = since_ms + 1000,
		.by = "ann",
		.why = "mail migration",
	};
	struct err err = {""};

	cr_assert(store_put_silence(shelf->store, &row, &err), "%s: %s",
		shelf->kind, err.text);
	return row.row;
}

/* "ROW RULE SINCE UNTIL ENDED ENDED_BY BY WHY SILENCED MATCH;" */
static void
on_silence(const struct silence_row *row, void *context)
{
	char *text = context;
	size_t used = strlen(text);

	snprintf(text + used, 1000 - used,
		"%lld %s %lld %lld %lld %s %s %s %lld %s;", (long long)row->row,
		row->rule != NULL ? row->rule : "-", (long long)row->since_ms,
		(long long)row->until_ms, (long long)row->ended_ms,
		row->ended_by != NULL ? row->ended_by : "-",
		row->by != NULL ? row->by : "-", row->why,
		(long long)row->silenced,
		row->match != NULL ? row->match : "-");
}

static void
each_is(struct shelf *shelf, const char *wanted, const char *what)
{
	char text[1000] = "";
	struct err err = {""};

	cr_assert(store_each_silence(shelf->store, on_silence, text, &err),
		"%s: %s", shelf->kind, err.text);
	cr_assert_str_eq(text, wanted, "%s: %s: %s", shelf->kind, what, text);
}

Test(store_silences, are_kept_until_their_end_is_noted)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		char text[1000] = "";
		bool changed = false;
		int64_t a, b;

		shelf_begin(&shelf);
		a = put(&shelf, NULL, 1000);
		b = put(&shelf, "unhappy", 2000);
		cr_assert_eq(a, 1, "%s: first row", shelf.kind);
		cr_assert_eq(b, 2, "%s: second row", shelf.kind);
		shelf_commit(&shelf);
		shelf_reopen(&shelf);
		shelf_begin(&shelf);
		each_is(&shelf,
			"1 - 1000 2000 0 - ann mail migration 0 "
			"{\"category\":\"detractor\"};"
			"2 unhappy 2000 3000 0 - ann mail migration 0 "
			"{\"category\":\"detractor\"};",
			"both, by row");
		GOOD(store_count_silenced(shelf.store, b, &err));
		GOOD(store_count_silenced(shelf.store, b, &err));
		GOOD(store_count_silenced(shelf.store, 77, &err));
		GOOD(store_end_silence(
			shelf.store, a, 1500, "jan", &changed, &err));
		cr_assert(changed, "%s: ended", shelf.kind);
		GOOD(store_end_silence(
			shelf.store, a, 1600, "eve", &changed, &err));
		cr_assert_not(changed, "%s: once", shelf.kind);
		GOOD(store_end_silence(
			shelf.store, 77, 1600, "eve", &changed, &err));
		cr_assert_not(changed, "%s: none such", shelf.kind);
		each_is(&shelf,
			"2 unhappy 2000 3000 0 - ann mail migration 2 "
			"{\"category\":\"detractor\"};",
			"the other");
		cr_assert_eq(store_get_silence(
				     shelf.store, a, on_silence, text, NULL),
			STORE_FOUND, "%s", shelf.kind);
		cr_assert_str_eq(text,
			"1 - 1000 2000 1500 jan ann mail migration 0 "
			"{\"category\":\"detractor\"};",
			"%s: as it ended: %s", shelf.kind, text);
		cr_assert_eq(store_get_silence(
				     shelf.store, 77, on_silence, text, NULL),
			STORE_NONE, "%s: none such", shelf.kind);
		shelf_commit(&shelf);
	}
}

Test(store_silences, are_taken_back_with_the_transaction)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		bool changed;
		int64_t row;

		shelf_begin(&shelf);
		put(&shelf, NULL, 1000);
		store_rollback(shelf.store);
		shelf_begin(&shelf);
		each_is(&shelf, "", "taken back");
		row = put(&shelf, NULL, 1000);
		shelf_commit(&shelf);
		shelf_begin(&shelf);
		GOOD(store_count_silenced(shelf.store, row, &err));
		GOOD(store_end_silence(
			shelf.store, row, 1500, NULL, &changed, &err));
		store_rollback(shelf.store);
		shelf_begin(&shelf);
		each_is(&shelf,
			"1 - 1000 2000 0 - ann mail migration 0 "
			"{\"category\":\"detractor\"};",
			"neither counted nor ended");
		shelf_commit(&shelf);
	}
}

static char *
rows_of(struct shelf *shelf, const struct store_filter *filter)
{
	static char text[200];
	json_t *rows, *row;
	int64_t next;
	size_t i;

	text[0] = '\0';
	rows = shelf_list(shelf, STORE_SILENCES, filter, &next);
	json_array_foreach(rows, i, row) snprintf(text + strlen(text),
		sizeof(text) - strlen(text), "%s ", text_at(row, "row"));
	json_decref(rows);
	return text;
}

Test(store_silences, are_listed_newest_first_and_filtered)
{
	struct shelf shelf;
	struct store_filter held = shelf_any, ended = shelf_any,
			    rule = shelf_any, since = shelf_any,
			    one = shelf_any;

	held.state = 0;
	ended.state = 1;
	rule.rule = "unhappy";
	since.since_ms = 2000;
	one.row = 1;
	EACH_KIND(shelf)
	{
		struct silence_row bare = {
			.since_ms = 3000, .until_ms = 4000, .why = "x"};
		json_t *rows, *row;
		bool changed;
		int64_t next;

		shelf_begin(&shelf);
		put(&shelf, NULL, 1000);
		put(&shelf, "unhappy", 2000);
		GOOD(store_put_silence(shelf.store, &bare, &err));
		GOOD(store_end_silence(
			shelf.store, 2, 2500, "jan", &changed, &err));
		shelf_commit(&shelf);
		cr_assert_str_eq(rows_of(&shelf, &shelf_any), "3 2 1 ", "%s",
			shelf.kind);
		cr_assert_str_eq(
			rows_of(&shelf, &held), "3 1 ", "%s", shelf.kind);
		cr_assert_str_eq(
			rows_of(&shelf, &ended), "2 ", "%s", shelf.kind);
		cr_assert_str_eq(
			rows_of(&shelf, &rule), "2 ", "%s", shelf.kind);
		cr_assert_str_eq(
			rows_of(&shelf, &since), "3 2 ", "%s", shelf.kind);
		cr_assert_str_eq(rows_of(&shelf, &one), "1 ", "%s", shelf.kind);
		rows = shelf_list(&shelf, STORE_SILENCES, &one, &next);
		row = json_array_get(rows, 0);
		cr_assert_str_eq(text_at(row, "since"), "1970-01-01T00:00:01Z",
			"%s", shelf.kind);
		cr_assert_str_eq(
			text_at(json_object_get(row, "match"), "category"),
			"detractor", "%s: as an object", shelf.kind);
		cr_assert_str_eq(
			text_at(row, "ended_at"), "null", "%s", shelf.kind);
		json_decref(rows);
	}
}

Test(store_silences, are_removed_when_they_ended_long_ago)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		bool changed;
		int removed;

		shelf_begin(&shelf);
		put(&shelf, NULL, 1000);
		put(&shelf, NULL, 1000);
		put(&shelf, NULL, 1000);
		put(&shelf, NULL, 1000);
		for (int64_t row = 1; row <= 3; row++)
			GOOD(store_end_silence(shelf.store, row, 1000 * row,
				"jan", &changed, &err));
		GOOD(store_purge_silences(
			shelf.store, 3000, 1, &removed, &err));
		cr_assert_eq(removed, 1, "%s: no more than asked", shelf.kind);
		GOOD(store_purge_silences(
			shelf.store, 3000, 10, &removed, &err));
		cr_assert_eq(removed, 1, "%s: what ended before", shelf.kind);
		shelf_commit(&shelf);
		cr_assert_str_eq(
			rows_of(&shelf, &shelf_any), "4 3 ", "%s", shelf.kind);
		shelf_begin(&shelf);
		cr_assert_eq(put(&shelf, NULL, 5000), 5,
			"%s: rows are not used again", shelf.kind);
		shelf_commit(&shelf);
	}
}
