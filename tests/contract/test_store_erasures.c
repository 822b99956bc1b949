/* What every kind of store promises of erasures. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "store/store_cooldown.h"
#include "store/store_erasures.h"
#include "store/store_follow_ups.h"
#include "store/store_silences.h"
#include "store/store_storm.h"
#include "store_shelf.h"

TestSuite(store_erasures, .timeout = 120);

/* GOOD where the shelf is lent. */
#define GOOD_IN(at, call)                                                   \
	do {                                                                \
		struct err err = {""};                                      \
		cr_assert(call, "%s: %s: %s", (at)->kind, #call, err.text); \
	} while (0)

static int64_t
put(struct shelf *shelf)
{
	struct erasure_row row = {
		.asked_ms = 1000,
		.by = "ann",
		.why = "request 14",
		.scope = ERASURE_OF_PERSON,
		.mentions = true,
		.report = "{\"named\":0}",
	};

	GOOD_IN(shelf, store_put_erasure(shelf->store, &row, &err));
	return row.row;
}

/* "ROW ASKED BY WHY PHASE UPTO REPORT ENDED;" */
static void
on_erasure(const struct erasure_row *row, void *context)
{
	char *text = context;

	snprintf(text + strlen(text), 300, "%lld %lld %s %s %s %lld %s %lld;",
		(long long)row->row, (long long)row->asked_ms, row->by,
		row->why, erasure_phase_name(row->phase), (long long)row->upto,
		row->report, (long long)row->ended_ms);
}

static void
on_word(const struct erasure_word *word, void *context)
{
	char *text = context;

	snprintf(text + strlen(text), 100, "%d %s %s;", word->kind, word->text,
		word->mark != NULL ? word->mark : "-");
}

static void
on_erased(int64_t answer, int64_t erased_ms, void *context)
{
	char *text = context;

	snprintf(text + strlen(text), 60, "%lld %lld;", (long long)answer,
		(long long)erased_ms);
}

Test(store_erasures, are_kept_until_they_are_done)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		static const struct erasure_word words[] = {
			{0, "anna@example.com", NULL}, {1, "c-1", "mark"}};
		char text[600] = "";
		int64_t a, b, row;

		shelf_begin(&shelf);
		a = shelf_put(&shelf, "a", 3, ANSWERED_MS, "c-1");
		b = shelf_put(&shelf, "b", 3, ANSWERED_MS, "c-1");
		cr_assert_eq(store_next_erasure(
				     shelf.store, 0, on_erasure, text, NULL),
			STORE_NONE, "%s: none yet", shelf.kind);
		row = put(&shelf);
		put(&shelf);
		for (size_t i = 0; i < 2; i++)
			GOOD(store_put_erasure_word(
				shelf.store, row, &words[i], &err));
		GOOD(store_plan_erased(shelf.store, row, b, &err));
		GOOD(store_plan_erased(shelf.store, row, a, &err));
		GOOD(store_plan_erased(shelf.store, row + 1, a, &err));
		shelf_commit(&shelf);
		shelf_reopen(&shelf);
		shelf_begin(&shelf);
		cr_assert_eq(store_next_erasure(
				     shelf.store, 0, on_erasure, text, NULL),
			STORE_FOUND, "%s: the first", shelf.kind);
		cr_assert_str_eq(text,
			"1 1000 ann request 14 finding 2 {\"named\":0} 0;",
			"%s: %s", shelf.kind, text);
		text[0] = '\0';
		GOOD(store_each_erasure_word(
			shelf.store, row, on_word, text, &err));
		cr_assert_str_eq(text, "0 anna@example.com -;1 c-1 mark;",
			"%s: words: %s", shelf.kind, text);
		text[0] = '\0';
		GOOD(store_each_erased(
			shelf.store, row, 0, 10, on_erased, text, &err));
		GOOD(store_each_erased(
			shelf.store, row, a, 10, on_erased, text, &err));
		GOOD(store_each_erased(
			shelf.store, row, 0, 1, on_erased, text, &err));
		cr_assert_str_eq(text, "1 0;2 0;2 0;1 0;", "%s: answers: %s",
			shelf.kind, text);
		struct erasure_row done = {.row = row,
			.phase = ERASURE_DONE,
			.report = "{}",
			.ended_ms = 2000};

		GOOD(store_drop_erasure_words(shelf.store, row, &err));
		GOOD(store_change_erasure(shelf.store, &done, &err));
		text[0] = '\0';
		GOOD(store_each_erasure_word(
			shelf.store, row, on_word, text, &err));
		cr_assert_eq(store_next_erasure(
				     shelf.store, 0, on_erasure, text, NULL),
			STORE_FOUND, "%s: the next", shelf.kind);
		cr_assert_eq(text[0], '2', "%s: %s", shelf.kind, text);
		cr_assert_eq(store_next_erasure(shelf.store, row + 1,
				     on_erasure, text, NULL),
			STORE_NONE, "%s: none behind it", shelf.kind);
		shelf_commit(&shelf);
		json_t *rows =
			shelf_list(&shelf, STORE_ERASURES, &shelf_any, NULL);

		cr_assert_eq(
			json_array_size(rows), 2, "%s: listed", shelf.kind);
		cr_assert_str_eq(text_at(json_array_get(rows, 1), "state"),
			"done", "%s", shelf.kind);
		cr_assert_str_eq(text_at(json_array_get(rows, 1), "ended_at"),
			"1970-01-01T00:00:02Z", "%s", shelf.kind);
		json_decref(rows);
	}
}

/* ---- an answer ---- */

struct erased {
	int64_t answer, other;
	int64_t pending, dead, taken, claimed;
};

static int64_t
put_follow_up(struct shelf *shelf, int64_t answer, int64_t folded)
{
	char scope[40];
	struct follow_up row = {
		.survey = "s",
		.customer = "c-1",
		.account = "a-1",
		.scope = scope,
		.answer = answer,
		.last_answer = folded != 0 ? folded : answer,
		.rule = "rule",
		.opened_ms = 1000,
		.next_due_ms = 5000,
		.note = "she said so",
	};
	struct follow_up_event event = {
		.at_ms = 1000,
		.act = FOLLOW_UP_OPENED,
		.who = "npsd",
		.how = "npsd",
		.note = "she said so",
		.answer = answer,
	};

	snprintf(scope, sizeof(scope), "[\"account\",\"%lld\"]",
		(long long)answer);
	GOOD_IN(shelf, store_put_follow_up(shelf->store, &row, &err));
	event.follow_up = row.row;
	GOOD_IN(shelf, store_put_follow_up_event(shelf->store, &event, &err));
	event.act = FOLLOW_UP_FOLD;
	event.answer = folded;
	if (folded != 0)
		GOOD_IN(shelf,
			store_put_follow_up_event(shelf->store, &event, &err));
	return row.row;
}

static struct erased
build(struct shelf *shelf)
{
	struct erased built;
	struct answer_row amended;
	struct cooldown_row cooldown = {"rule", "customer c-1", 0, 1000};
	int64_t row;

	shelf_begin(shelf);
	built.answer = shelf_put(shelf, "a", 3, ANSWERED_MS, "c-1");
	built.other = shelf_put(shelf, "b", 9, ANSWERED_MS, "c-2");
	amended = shelf_answer("a", 2, ANSWERED_MS, "c-1");
	amended.row = built.answer;
	amended.revision = 1;
	GOOD_IN(shelf, store_amend_answer(shelf->store, &amended, &err));
	cooldown.answer = built.answer;
	GOOD_IN(shelf, store_put_cooldown(shelf->store, &cooldown, &err));
	cooldown.key = "account a-1";
	GOOD_IN(shelf, store_put_cooldown(shelf->store, &cooldown, &err));
	GOOD_IN(shelf, store_put_suppressed(
			       shelf->store, built.other, built.answer, &err));
	built.dead = shelf_put_delivery(shelf, 1, "crm", built.answer, 100);
	built.taken = shelf_put_delivery(shelf, 2, "crm", built.answer, 100);
	built.claimed = shelf_put_delivery(shelf, 3, "crm", built.answer, 100);
	built.pending = shelf_put_delivery(shelf, 4, "call", built.answer, 100);
	shelf_put_delivery(shelf, 5, "call", built.other, 100);
	shelf_claim(shelf, "node", "crm", 200, 3, NULL);
	shelf_settle(shelf, built.dead, DELIVERY_DEAD, "give_up", 422);
	shelf_settle(shelf, built.taken, DELIVERY_DELIVERED, "delivered", 200);
	row = put(shelf);
	GOOD_IN(shelf,
		store_plan_erased(shelf->store, row, built.answer, &err));
	shelf_commit(shelf);
	return built;
}

static void
state_is(
	struct shelf *shelf, int64_t row, const char *state, const char *reason)
{
	json_t *one = shelf_find_delivery(shelf, row);

	cr_assert_str_eq(text_at(one, "state"), state, "%s: %lld: %s",
		shelf->kind, (long long)row, text_at(one, "state"));
	cr_assert_str_eq(text_at(one, "reason"), reason, "%s: %lld: %s",
		shelf->kind, (long long)row, text_at(one, "reason"));
	cr_assert_str_eq(text_at(one, "recipient"), "", "%s", shelf->kind);
	cr_assert(json_is_null(json_object_get(one, "body")), "%s: its body",
		shelf->kind);
	json_decref(one);
}

static void
on_left(const char *action, void *context)
{
	strncat(context, action, 20);
}

Test(store_erasures, leave_of_an_answer_what_is_counted)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		struct erased built = build(&shelf);
		struct erased_counts counts = {0};
		struct cooldown_row cooldown = {"rule", "customer c-1", 0, 0};
		struct seen seen = {0};
		int64_t in_flight = 0;
		char left[100] = "";

		shelf_begin(&shelf);
		GOOD(store_erase_answer(shelf.store, built.answer, "mark", true,
			9000, &counts, &err));
		GOOD(store_erase_deliveries(shelf.store, built.answer, 9000,
			&counts, &in_flight, &err));
		cr_assert_eq(in_flight, 1, "%s: is being sent", shelf.kind);
		in_flight = 0;
		GOOD(store_count_in_flight(
			shelf.store, built.answer, &in_flight, &err));
		cr_assert_eq(in_flight, 1, "%s: and counted", shelf.kind);
		GOOD(store_count_in_flight(
			shelf.store, built.other, &in_flight, &err));
		cr_assert_eq(in_flight, 0, "%s: of others", shelf.kind);
		cr_assert(counts.revisions == 1 && counts.deliveries == 4 &&
				  counts.cancelled == 2 && counts.bodies == 4 &&
				  counts.cooldowns == 1,
			"%s: %lld %lld %lld %lld %lld", shelf.kind,
			(long long)counts.revisions,
			(long long)counts.deliveries,
			(long long)counts.cancelled, (long long)counts.bodies,
			(long long)counts.cooldowns);
		cr_assert_eq(store_get_answer(shelf.store, built.answer,
				     on_found, &seen, NULL),
			STORE_FORGOTTEN, "%s: by row", shelf.kind);
		cr_assert_eq(store_find_answer(shelf.store, RESPONSE_ANSWER,
				     "s", "a", on_found, &seen, NULL),
			STORE_FORGOTTEN, "%s: stays known", shelf.kind);
		cr_assert_eq(previous_score(&shelf, "c-1", INT64_MAX), -1,
			"%s: no earlier answer of the customer", shelf.kind);
		cr_assert_eq(store_find_cooldown(shelf.store, &cooldown, NULL),
			STORE_NONE, "%s: the customer's", shelf.kind);
		cooldown.key = "account a-1";
		cr_assert_eq(store_find_cooldown(shelf.store, &cooldown, NULL),
			STORE_FOUND, "%s: the account's", shelf.kind);
		/* What comes back is erased with the next round. */
		shelf_settle(&shelf, built.claimed, DELIVERY_RETRYING,
			"try_later", 503);
		in_flight = 0;
		GOOD(store_erase_deliveries(shelf.store, built.answer, 9000,
			&counts, &in_flight, &err));
		cr_assert_eq(in_flight, 0, "%s: nothing", shelf.kind);
		cr_assert_eq(counts.cancelled, 3, "%s", shelf.kind);
		GOOD(store_each_left(
			shelf.store, built.answer, on_left, left, &err));
		cr_assert_str_eq(
			left, "crmcrmcrm", "%s: left: %s", shelf.kind, left);
		shelf_commit(&shelf);
		shelf_reopen(&shelf);
		json_t *one = shelf_explain(&shelf, built.answer);

		cr_assert_eq(json_integer_value(json_object_get(one, "score")),
			2, "%s: its score", shelf.kind);
		cr_assert_str_eq(
			text_at(one, "customer"), "mark", "%s", shelf.kind);
		cr_assert_str_eq(
			text_at(one, "account"), "null", "%s", shelf.kind);
		cr_assert_eq(strncmp(text_at(one, "id"), "forgotten-", 10), 0,
			"%s: %s", shelf.kind, text_at(one, "id"));
		cr_assert_str_eq(text_at(one, "erased_at"),
			"1970-01-01T00:00:09Z", "%s", shelf.kind);
		cr_assert(json_is_true(json_object_get(one, "forgotten")), "%s",
			shelf.kind);
		cr_assert(json_is_null(json_object_get(one, "response")), "%s",
			shelf.kind);
		cr_assert_eq(json_array_size(json_object_get(one, "past")), 0,
			"%s: its past", shelf.kind);
		json_decref(one);
		state_is(&shelf, built.pending, "cancelled", "forgotten");
		state_is(&shelf, built.dead, "cancelled", "forgotten");
		state_is(&shelf, built.claimed, "cancelled", "forgotten");
		state_is(&shelf, built.taken, "delivered", "null");
		/* Somebody else's. */
		one = shelf_explain(&shelf, built.other);
		cr_assert_str_eq(
			text_at(one, "customer"), "c-2", "%s", shelf.kind);
		cr_assert_str_eq(
			text_at(one, "erased_at"), "null", "%s", shelf.kind);
		json_decref(one);
		/* By its age it goes as any other. */
		int removed = 0;

		shelf_begin(&shelf);
		GOOD(store_purge_answers(
			shelf.store, INT64_MAX, 10, &removed, &err));
		cr_assert_eq(removed, 1, "%s: %d", shelf.kind, removed);
		shelf_commit(&shelf);
	}
}

Test(store_erasures, close_follow_ups_but_those_of_others_too)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		struct erased built = build(&shelf);
		struct erased_counts counts = {0};
		int64_t own, shared, due_ms;
		json_t *rows, *one;

		shelf_begin(&shelf);
		own = put_follow_up(&shelf, built.answer, 0);
		shared = put_follow_up(&shelf, built.other, built.answer);
		GOOD(store_erase_answer(shelf.store, built.answer, "mark",
			false, 9000, &counts, &err));
		cr_assert(counts.follow_ups == 2 && counts.closed == 1 &&
				  counts.notes == 3,
			"%s: %lld %lld %lld", shelf.kind,
			(long long)counts.follow_ups, (long long)counts.closed,
			(long long)counts.notes);
		GOOD(store_next_due_follow_up(shelf.store, &due_ms, &err));
		cr_assert_eq(due_ms, 5000, "%s: the other's", shelf.kind);
		shelf_commit(&shelf);
		rows = shelf_list(&shelf, STORE_FOLLOW_UPS,
			&(struct store_filter){
				.category = -1, .state = -1, .row = own},
			NULL);
		one = json_array_get(rows, 0);
		cr_assert_str_eq(
			text_at(one, "state"), "lost", "%s", shelf.kind);
		cr_assert_str_eq(
			text_at(one, "reason"), "forgotten", "%s", shelf.kind);
		cr_assert_str_eq(
			text_at(one, "customer"), "mark", "%s", shelf.kind);
		cr_assert_str_eq(
			text_at(one, "account"), "null", "%s", shelf.kind);
		cr_assert_str_eq(
			text_at(one, "note"), "null", "%s", shelf.kind);
		cr_assert_eq(json_array_size(json_object_get(one, "events")), 2,
			"%s: its end is an event", shelf.kind);
		json_decref(rows);
		rows = shelf_list(&shelf, STORE_FOLLOW_UPS,
			&(struct store_filter){
				.category = -1, .state = -1, .row = shared},
			NULL);
		one = json_array_get(rows, 0);
		cr_assert_str_eq(
			text_at(one, "state"), "open", "%s", shelf.kind);
		cr_assert_str_eq(
			text_at(one, "account"), "a-1", "%s", shelf.kind);
		cr_assert_str_eq(
			text_at(one, "note"), "null", "%s", shelf.kind);
		json_decref(rows);
	}
}

/* ---- what is of no answer ---- */

static void
on_words(const struct words_row *words, void *context)
{
	char *text = context;

	snprintf(text + strlen(text), 200, "%lld:%lld:", (long long)words->row,
		(long long)words->of);
	if (words->cause != NULL)
		snprintf(text + strlen(text), 200,
			"%s %s %d %lld:", words->cause,
			words->rule != NULL ? words->rule : "-",
			(int)words->state, (long long)words->created_ms);
	for (int i = 0; i < 3; i++)
		snprintf(text + strlen(text), 100, "%.*s|",
			(int)words->lengths[i],
			words->texts[i] != NULL ? words->texts[i] : "");
}

static void
words_are(struct shelf *shelf, enum store_words what, const char *wanted)
{
	char text[2000] = "";
	int64_t row = 0;
	bool more = true;

	GOOD_IN(shelf, store_read_words(shelf->store, what, 0, &row, &more,
			       on_words, text, &err));
	cr_assert_not(more, "%s: %d", shelf->kind, (int)what);
	cr_assert_str_eq(
		text, wanted, "%s: %d: %s", shelf->kind, (int)what, text);
}

Test(store_erasures, look_through_what_is_of_no_answer)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		struct rejected_row rejected = {
			.source = "spool",
			.reason = REJECTED_CONFLICT,
			.text = "answer 7 has the same survey",
			.bytes = "{}",
			.length = 2,
		};
		struct silence_row silence = {.match = "{\"score\":1}",
			.since_ms = 1,
			.until_ms = 9,
			.why = "anna"};
		struct storm_row storm = {.action = "crm", .recipient = "anna"};
		struct delivery_row lone;
		char id[DELIVERY_ID_BYTES];
		shelf_begin(&shelf);
		GOOD(store_put_rejected(shelf.store, &rejected, &err));
		GOOD(store_put_silence(shelf.store, &silence, &err));
		GOOD(store_put_storm(shelf.store, &storm, &err));
		lone = shelf_delivery(1, "crm", 0, 100, id);
		lone.cause = "digest";
		lone.rule = "weekly";
		lone.state = DELIVERY_DELIVERED;
		lone.recipient = "to";
		lone.created_ms = 50;
		GOOD(store_put_delivery(shelf.store, &lone, &err));
		words_are(&shelf, WORDS_REJECTED,
			"1:7:answer 7 has the same survey|{}||");
		words_are(
			&shelf, WORDS_LONE, "1:0:digest weekly 3 50:to||body|");
		words_are(&shelf, WORDS_SILENCES, "1:0:{\"score\":1}|anna||");
		GOOD(store_erase_words(
			shelf.store, WORDS_RECIPIENTS, 1, 7, &err));
		GOOD(store_erase_words(shelf.store, WORDS_LONE, 1, 7, &err));
		words_are(&shelf, WORDS_LONE, "1:0:digest weekly 3 50:|||");
		/* One that waits; what its tries said stands behind it. */
		lone = shelf_delivery(2, "crm", 0, 100, id);
		lone.cause = "notice";
		lone.rule = NULL;
		lone.created_ms = 60;
		GOOD(store_put_delivery(shelf.store, &lone, &err));
		shelf_claim(&shelf, "node", "crm", 200, 1, NULL);
		shelf_settle(&shelf, 2, DELIVERY_RETRYING, "try_later", 503);
		words_are(&shelf, WORDS_LONE,
			"1:0:digest weekly 3 50:|||"
			"2:0:notice - 2 60:|said no|body|"
			"2:0:notice - 2 60:|said no||");
		GOOD(store_erase_words(shelf.store, WORDS_LONE, 2, 7, &err));
		words_are(&shelf, WORDS_LONE,
			"1:0:digest weekly 3 50:|||2:0:notice - 2 60:|||");
		GOOD(store_erase_words(
			shelf.store, WORDS_REJECTED, 1, 7, &err));
		words_are(&shelf, WORDS_REJECTED, "");
		GOOD(store_erase_words(
			shelf.store, WORDS_SILENCES, 1, 7, &err));
		words_are(&shelf, WORDS_SILENCES, "1:0:{}|forgotten||");
		GOOD(store_drop_storms(shelf.store, "jan", &err));
		cr_assert_eq(store_find_storm(shelf.store, &storm, NULL),
			STORE_FOUND, "%s", shelf.kind);
		GOOD(store_drop_storms(shelf.store, "anna", &err));
		cr_assert_eq(store_find_storm(shelf.store, &storm, NULL),
			STORE_NONE, "%s", shelf.kind);
		BAD(store_erase_words(shelf.store, WORDS_ANSWERS, 1, 7, &err));
		shelf_commit(&shelf);
	}
}

Test(store_erasures, are_taken_back_with_the_transaction)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		struct erased built = build(&shelf);
		char *before = shelf_tell(&shelf), *after;
		struct erased_counts counts = {0};
		int64_t in_flight = 0;
		struct seen seen = {0};

		shelf_begin(&shelf);
		GOOD(store_erase_answer(shelf.store, built.answer, "mark", true,
			9000, &counts, &err));
		GOOD(store_erase_deliveries(shelf.store, built.answer, 9000,
			&counts, &in_flight, &err));
		store_rollback(shelf.store);
		after = shelf_tell(&shelf);
		cr_assert_str_eq(after, before, "%s: as before", shelf.kind);
		free(after);
		free(before);
		cr_assert_eq(store_find_answer(shelf.store, RESPONSE_ANSWER,
				     "s", "a", on_found, &seen, NULL),
			STORE_FOUND, "%s: found", shelf.kind);
		cr_assert_eq(previous_score(&shelf, "c-1", INT64_MAX), 2,
			"%s: and by its customer", shelf.kind);
	}
}
