/* What every kind of store promises of answers that are judged anew. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "store/store_replays.h"
#include "store_shelf.h"

TestSuite(store_replays, .timeout = 120);

static int64_t
put(struct shelf *shelf, const char *survey, const char *id, int score,
	int64_t arrived_ms)
{
	struct answer_row row = {
		.kind = score < 0 ? RESPONSE_INVITATION : RESPONSE_ANSWER,
		.survey = survey,
		.id = id,
		.source = score == 10 ? "api" : "spool",
		.score = score,
		.category = score < 0 ? CATEGORY_DETRACTOR : category_of(score),
		.answered_ms = arrived_ms,
		.arrived_ms = arrived_ms,
		.verdicts = "[]",
		.rules_hash = "h",
		.content = "{}",
		.content_length = 2,
	};
	struct err err = {""};

	cr_assert(store_put_answer(shelf->store, &row, &err), "%s: %s",
		shelf->kind, err.text);
	return row.row;
}

static const struct {
	const char *name;
	struct answer_choice choice;
	const char *rows;
} choices[] = {
	{"all", {.category = -1}, "1 2 4 5 "},
	{"a survey", {.survey = "b", .category = -1}, "4 5 "},
	{"an id", {.id = "x-2", .category = -1}, "2 "},
	{"a source", {.source = "api", .category = -1}, "5 "},
	{"a class", {.category = CATEGORY_DETRACTOR}, "1 4 "},
	{"since", {.category = -1, .since_ms = 400}, "4 5 "},
	{"two of these", {.survey = "b", .category = CATEGORY_PROMOTER}, "5 "},
	{"none", {.survey = "c", .category = -1}, ""},
};

Test(store_replays, chooses_answers_in_slices)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		int64_t last = -1;

		GOOD(store_begin(shelf.store, &err));
		GOOD(store_last_answer(shelf.store, &last, &err));
		cr_expect_eq(last, 0, "%s: none yet", shelf.kind);
		put(&shelf, "a", "x-1", 3, 100);
		put(&shelf, "a", "x-2", 7, 200);
		put(&shelf, "a", "i", -1, 300);
		put(&shelf, "b", "x-1", 0, 400);
		put(&shelf, "b", "x-3", 10, 500);
		GOOD(store_last_answer(shelf.store, &last, &err));
		cr_expect_eq(last, 5, "%s: %lld", shelf.kind, (long long)last);
		for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]);
			i++) {
			int64_t row = 0, rows[2];
			char text[80] = "";
			bool more = true;

			while (more) {
				int count;

				GOOD(store_choose_answers(shelf.store,
					&choices[i].choice, 5, &row, rows, 2,
					&count, &more, &err));
				for (int k = 0; k < count; k++) {
					size_t used = strlen(text);

					snprintf(text + used,
						sizeof(text) - used, "%lld ",
						(long long)rows[k]);
				}
			}
			cr_expect_str_eq(text, choices[i].rows, "%s: %s: %s",
				shelf.kind, choices[i].name, text);
		}
		GOOD(store_commit(shelf.store, &err));
	}
}

static const char *
replayed_by(struct shelf *shelf, int64_t row, char *room, size_t size)
{
	json_t *explained = shelf_explain(shelf, row);
	json_t *replayed = json_object_get(explained, "replayed");

	snprintf(room, size, "%s %s",
		json_is_object(replayed) ? text_at(replayed, "by") : "nobody",
		json_is_object(replayed) ? text_at(replayed, "rule") : "-");
	json_decref(explained);
	return room;
}

Test(store_replays, a_replay_is_told_of_the_revision_that_it_judged)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		struct replayed_row row = {.at_ms = 1000, .by = "ann"};
		char said[80];
		int64_t answer;

		GOOD(store_begin(shelf.store, &err));
		answer = put(&shelf, "a", "x-1", 3, 100);
		row.answer = answer;
		GOOD(store_put_replayed(shelf.store, &row, &err));
		GOOD(store_commit(shelf.store, &err));
		cr_expect_str_eq(
			replayed_by(&shelf, answer, said, sizeof(said)),
			"ann null", "%s: %s", shelf.kind, said);
		GOOD(store_begin(shelf.store, &err));
		row.by = "ben";
		row.rule = "det";
		GOOD(store_put_replayed(shelf.store, &row, &err));
		GOOD(store_commit(shelf.store, &err));
		cr_expect_str_eq(
			replayed_by(&shelf, answer, said, sizeof(said)),
			"ben det", "%s: %s", shelf.kind, said);
		GOOD(store_begin(shelf.store, &err));
		row.revision = 1;
		GOOD(store_put_replayed(shelf.store, &row, &err));
		GOOD(store_commit(shelf.store, &err));
		cr_expect_str_eq(
			replayed_by(&shelf, answer, said, sizeof(said)),
			"nobody -", "%s: %s", shelf.kind, said);
	}
}
