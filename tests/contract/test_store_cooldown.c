/* What every kind of store promises of cooldowns. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "store/store_cooldown.h"
#include "store_shelf.h"

TestSuite(store_cooldown, .timeout = 120);

static void
on_rule(const char *rule, void *context)
{
	strncat(context, rule, 20);
}

struct silenced {
	int count;
	int64_t rows[8];
};

static void
on_answer(int64_t row, void *context)
{
	struct silenced *silenced = context;

	if (silenced->count < 8)
		silenced->rows[silenced->count] = row;
	silenced->count++;
}

static enum store_found
find(struct shelf *shelf, const char *rule, const char *key, int64_t *answer)
{
	struct cooldown_row row = {.rule = rule, .key = key};
	struct err err;
	enum store_found found = store_find_cooldown(shelf->store, &row, &err);

	*answer = found == STORE_FOUND ? row.answer : 0;
	return found;
}

Test(store_cooldown, belongs_to_a_rule_and_a_key)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		int64_t a, b, seen;
		char rules[64] = "";

		shelf_begin(&shelf);
		a = shelf_put(&shelf, "a", 3, ANSWERED_MS, "c-1");
		b = shelf_put(&shelf, "b", 3, ANSWERED_MS, "c-1");
		struct cooldown_row row = {"rule", "key", a, 1000};

		cr_assert_eq(find(&shelf, "rule", "key", &seen), STORE_NONE,
			"%s: none yet", shelf.kind);
		GOOD(store_put_cooldown(shelf.store, &row, &err));
		cr_assert_eq(find(&shelf, "rule", "key", &seen), STORE_FOUND,
			"%s", shelf.kind);
		cr_assert_eq(seen, a, "whose alert began it");
		cr_assert_eq(find(&shelf, "rule", "other", &seen), STORE_NONE,
			"another key");
		cr_assert_eq(find(&shelf, "other", "key", &seen), STORE_NONE,
			"another rule");
		GOOD(store_each_cooldown_of(
			shelf.store, a, on_rule, rules, &err));
		cr_assert_str_eq(rules, "rule", "began with it");
		row.answer = b;
		GOOD(store_put_cooldown(shelf.store, &row, &err));
		cr_assert_eq(find(&shelf, "rule", "key", &seen), STORE_FOUND,
			"replaced");
		cr_assert_eq(seen, b, "by the new one");
		rules[0] = '\0';
		GOOD(store_each_cooldown_of(
			shelf.store, a, on_rule, rules, &err));
		cr_assert_str_eq(rules, "", "not with the old one any more");
		GOOD(store_end_cooldown(shelf.store, b, "other", &err));
		cr_assert_eq(find(&shelf, "rule", "key", &seen), STORE_FOUND,
			"another rule's end");
		GOOD(store_end_cooldown(shelf.store, b, "rule", &err));
		cr_assert_eq(find(&shelf, "rule", "key", &seen), STORE_NONE,
			"ended");
		shelf_commit(&shelf);
	}
}

Test(store_cooldown, gives_up_those_it_silenced_in_order)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		struct silenced silenced = {0}, none = {0};
		int64_t a, b, c;

		shelf_begin(&shelf);
		a = shelf_put(&shelf, "a", 3, ANSWERED_MS, "c-1");
		b = shelf_put(&shelf, "b", 3, ANSWERED_MS, "c-1");
		c = shelf_put(&shelf, "c", 3, ANSWERED_MS, "c-1");
		GOOD(store_put_suppressed(shelf.store, a, c, &err));
		GOOD(store_put_suppressed(shelf.store, a, b, &err));
		GOOD(store_put_suppressed(shelf.store, a, c, &err));
		shelf_commit(&shelf);
		shelf_begin(&shelf);
		GOOD(store_take_suppressed(
			shelf.store, b, on_answer, &none, &err));
		cr_assert_eq(none.count, 0, "none began with that one");
		GOOD(store_take_suppressed(
			shelf.store, a, on_answer, &silenced, &err));
		cr_assert_eq(silenced.count, 2, "%s: each once", shelf.kind);
		cr_assert_eq(silenced.rows[0], b, "in order of arrival");
		cr_assert_eq(silenced.rows[1], c, "in order of arrival");
		GOOD(store_take_suppressed(
			shelf.store, a, on_answer, &none, &err));
		cr_assert_eq(none.count, 0, "once");
		store_rollback(shelf.store);
		shelf_begin(&shelf);
		GOOD(store_take_suppressed(
			shelf.store, a, on_answer, &none, &err));
		cr_assert_eq(none.count, 2, "%s: taken back", shelf.kind);
		shelf_commit(&shelf);
	}
}

Test(store_cooldown, goes_with_the_answer_that_is_forgotten)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		int64_t a, seen;
		int removed;

		shelf_begin(&shelf);
		a = shelf_put(&shelf, "a", 3, ANSWERED_MS, "c-1");
		struct cooldown_row row = {"rule", "key of c-1", a, 1000};

		GOOD(store_put_cooldown(shelf.store, &row, &err));
		GOOD(store_purge_answers(
			shelf.store, INT64_MAX / 2, 10, &removed, &err));
		cr_assert_eq(removed, 1, "%s", shelf.kind);
		cr_assert_eq(find(&shelf, "rule", "key of c-1", &seen),
			STORE_NONE, "%s: its key is personal", shelf.kind);
		shelf_commit(&shelf);
	}
}

static void
on_verdicts(const struct answer_row *answer, void *context)
{
	char *text = context;

	snprintf(text, 64, "%s %s", answer->verdicts, answer->rules_hash);
}

Test(store_cooldown, changes_what_rules_said_of_an_answer)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		char text[64] = "";
		int64_t a;

		shelf_begin(&shelf);
		a = shelf_put(&shelf, "a", 3, ANSWERED_MS, "c-1");
		GOOD(store_set_verdicts(shelf.store, a, "[1]", "abc", &err));
		cr_assert_eq(store_get_answer(
				     shelf.store, a, on_verdicts, text, NULL),
			STORE_FOUND, "%s", shelf.kind);
		cr_assert_str_eq(text, "[1] abc", "%s", shelf.kind);
		shelf_commit(&shelf);
	}
}
