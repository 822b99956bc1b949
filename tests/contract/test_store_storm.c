/* What every kind of store promises of storms. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "store/store_storm.h"
#include "store_shelf.h"

TestSuite(store_storm, .timeout = 120);

static enum store_found
find(struct shelf *shelf, const char *action, const char *recipient,
	struct storm_row *row)
{
	struct err err;

	*row = (struct storm_row){.action = action, .recipient = recipient};
	return store_find_storm(shelf->store, row, &err);
}

/* A storm's message without a body; returns its row. */
static int64_t
put_message(struct shelf *at, int number, int64_t due_ms)
{
	struct shelf shelf = *at;
	char id[DELIVERY_ID_BYTES];
	struct delivery_row message =
		shelf_delivery(number, "crm", 0, due_ms, id);

	message.cause = STORM_CAUSE;
	message.rule = NULL;
	message.body = NULL;
	GOOD(store_put_delivery(shelf.store, &message, &err));
	return message.row;
}

/* An alert of an answer that is folded into a message. */
static int64_t
put_folded(struct shelf *at, int number, int64_t answer, int64_t message)
{
	struct shelf shelf = *at;
	char id[DELIVERY_ID_BYTES];
	struct delivery_row alert =
		shelf_delivery(number, "crm", answer, 0, id);

	alert.state = DELIVERY_FOLDED;
	alert.body = NULL;
	GOOD(store_put_delivery(shelf.store, &alert, &err));
	GOOD(store_put_folded(shelf.store, alert.row, message, &err));
	return alert.row;
}

/* A storm of three answers: a, b, c, all folded into one message. */
struct weather {
	int64_t answers[3], alerts[3], message;
};

static struct weather
brew(struct shelf *shelf)
{
	static const char *const ids[] = {"a", "b", "c"};
	struct weather weather;

	for (int i = 0; i < 3; i++)
		weather.answers[i] =
			shelf_put(shelf, ids[i], 3, ANSWERED_MS, ids[i]);
	weather.message = put_message(shelf, 1, 1000);
	for (int i = 0; i < 3; i++)
		weather.alerts[i] = put_folded(
			shelf, 10 + i, weather.answers[i], weather.message);
	return weather;
}

static int64_t
count_folded(struct shelf *at, int64_t message)
{
	struct shelf shelf = *at;
	int64_t count;

	GOOD(store_count_folded(shelf.store, message, &count, &err));
	return count;
}

static void
on_folded(const struct folded_row *folded, void *context)
{
	char *text = context;

	snprintf(text + strlen(text), 40, "%lld/%lld/%s ",
		(long long)folded->delivery, (long long)folded->answer,
		folded->rule);
}

struct alert_seen {
	enum delivery_state state, message_state;
	int64_t message;
	bool was_claimed;
};

static void
on_alert(const struct delivery_row *delivery, void *context)
{
	*(struct alert_seen *)context =
		(struct alert_seen){delivery->state, delivery->message_state,
			delivery->message, delivery->was_claimed};
}

static struct alert_seen
alert_of(struct shelf *at, int64_t answer)
{
	struct shelf shelf = *at;
	struct alert_seen seen = {0};

	GOOD(store_each_alert(shelf.store, answer, on_alert, &seen, &err));
	return seen;
}

Test(store_storm, keeps_the_window_of_an_action_and_a_receiver)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		struct storm_row row, other;
		int removed;

		shelf_begin(&shelf);
		cr_assert_eq(find(&shelf, "crm", "", &row), STORE_NONE,
			"%s: none yet", shelf.kind);
		row.window = (struct storm_window){1000, 2000, 7, true};
		row.message = put_message(&shelf, 1, 2000);
		GOOD(store_put_storm(shelf.store, &row, &err));
		cr_assert_eq(
			find(&shelf, "crm", "a@b.c", &other), STORE_NONE, "");
		cr_assert_eq(find(&shelf, "mail", "", &other), STORE_NONE, "");
		shelf_commit(&shelf);
		shelf_reopen(&shelf);
		shelf_begin(&shelf);
		cr_assert_eq(find(&shelf, "crm", "", &other), STORE_FOUND,
			"%s: over a restart", shelf.kind);
		cr_assert(other.window.since_ms == 1000 &&
				  other.window.until_ms == 2000 &&
				  other.window.alerts == 7 &&
				  other.window.lasting,
			"%s: all of it", shelf.kind);
		cr_assert(other.message == row.message && other.message_waits,
			"%s: its message", shelf.kind);
		/* The clock is set: it moves along. */
		GOOD(store_shift_due(shelf.store, 500, &err));
		cr_assert_eq(find(&shelf, "crm", "", &other), STORE_FOUND, "");
		cr_assert(other.window.since_ms == 1500 &&
				  other.window.until_ms == 2500,
			"%s: moved", shelf.kind);
		/* Another in its place. */
		other.window.lasting = false;
		other.message = 0;
		GOOD(store_put_storm(shelf.store, &other, &err));
		cr_assert_eq(find(&shelf, "crm", "", &row), STORE_FOUND, "");
		cr_assert(!row.window.lasting && row.message == 0 &&
				  !row.message_waits,
			"%s: replaced", shelf.kind);
		GOOD(store_prune_storms(shelf.store, 2500, 9, &removed, &err));
		cr_assert_eq(removed, 0, "%s: not before", shelf.kind);
		GOOD(store_prune_storms(shelf.store, 2501, 9, &removed, &err));
		cr_assert_eq(removed, 1, "%s: its receiver may be a person",
			shelf.kind);
		cr_assert_eq(find(&shelf, "crm", "", &row), STORE_NONE, "");
		shelf_commit(&shelf);
	}
}

Test(store_storm, a_message_waits_until_it_is_claimed_or_cancelled)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		struct storm_row row = {.action = "crm", .recipient = ""};
		bool changed;

		shelf_begin(&shelf);
		row.message = put_message(&shelf, 1, 1000);
		GOOD(store_put_storm(shelf.store, &row, &err));
		cr_assert(find(&shelf, "crm", "", &row) == STORE_FOUND &&
				  row.message_waits,
			"%s: pending", shelf.kind);
		GOOD(store_put_off(shelf.store, row.message, 3000, &err));
		GOOD(store_put_off(shelf.store, row.message, 2000, &err));
		cr_assert_eq(shelf_claim(&shelf, "n1", "crm", 2999, 9, NULL), 0,
			"%s: put off", shelf.kind);
		cr_assert_eq(shelf_claim(&shelf, "n1", "crm", 3000, 9, NULL), 1,
			"%s: not for longer", shelf.kind);
		cr_assert(find(&shelf, "crm", "", &row) == STORE_FOUND &&
				  !row.message_waits,
			"%s: claimed", shelf.kind);
		/* Nothing was left of it. */
		cr_assert(shelf_settle(&shelf, row.message, DELIVERY_CANCELLED,
				  "unsent", 0),
			"%s: settled", shelf.kind);
		row.message = put_message(&shelf, 2, 1000);
		GOOD(store_put_storm(shelf.store, &row, &err));
		GOOD(store_cancel(
			shelf.store, row.message, 5, "x", &changed, &err));
		cr_assert(changed, "%s", shelf.kind);
		cr_assert(find(&shelf, "crm", "", &row) == STORE_FOUND &&
				  !row.message_waits,
			"%s: cancelled", shelf.kind);
		shelf_commit(&shelf);
	}
}

Test(store_storm, a_folded_alert_is_kept_and_not_sent)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		char told[200] = "", wanted[200] = "";
		struct alert_seen seen;
		struct weather weather;
		int64_t message, due_ms;

		shelf_begin(&shelf);
		weather = brew(&shelf);
		cr_assert_eq(count_folded(&shelf, weather.message), 3, "%s",
			shelf.kind);
		for (int i = 1; i < 3; i++)
			snprintf(wanted + strlen(wanted), 40, "%lld/%lld/r ",
				(long long)weather.alerts[i],
				(long long)weather.answers[i]);
		GOOD(store_each_folded(shelf.store, weather.message,
			weather.alerts[0], 9, on_folded, told, &err));
		cr_assert_str_eq(told, wanted, "%s: those behind", shelf.kind);
		told[0] = '\0';
		GOOD(store_each_folded(shelf.store, weather.message, 0, 1,
			on_folded, told, &err));
		cr_assert_not_null(strchr(told, ' '), "%s: one", shelf.kind);
		cr_assert_eq(strchr(told, ' '), strrchr(told, ' '), "%s: %s",
			shelf.kind, told);
		GOOD(store_message_of(
			shelf.store, weather.alerts[1], &message, &err));
		cr_assert_eq(message, weather.message, "%s", shelf.kind);
		GOOD(store_message_of(
			shelf.store, weather.message, &message, &err));
		cr_assert_eq(message, 0, "%s: it is not", shelf.kind);
		seen = alert_of(&shelf, weather.answers[0]);
		cr_assert(seen.state == DELIVERY_FOLDED &&
				  seen.message == weather.message &&
				  seen.message_state == DELIVERY_PENDING &&
				  !seen.was_claimed,
			"%s: as its message", shelf.kind);
		/* The message alone is due. */
		GOOD(store_next_due(shelf.store, "crm", &due_ms, &err));
		cr_assert_eq(due_ms, 1000, "%s", shelf.kind);
		cr_assert_eq(
			shelf_claim(&shelf, "n1", "crm", 1000, 9, &message), 1,
			"%s", shelf.kind);
		cr_assert_eq(message, weather.message, "%s", shelf.kind);
		seen = alert_of(&shelf, weather.answers[0]);
		cr_assert(seen.message_state == DELIVERY_CLAIMED &&
				  seen.was_claimed,
			"%s: bytes may have left", shelf.kind);
		/* Sent by itself: its message may have its words still. */
		bool changed;

		GOOD(store_retry(
			shelf.store, weather.alerts[0], 1000, &changed, &err));
		seen = alert_of(&shelf, weather.answers[0]);
		cr_assert(seen.state == DELIVERY_PENDING &&
				  seen.message == weather.message &&
				  seen.message_state == DELIVERY_CLAIMED &&
				  !seen.was_claimed,
			"%s: on its own", shelf.kind);
		shelf_commit(&shelf);
	}
}

Test(store_storm, a_folded_alert_can_be_taken_out_and_put_back)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		struct weather weather;
		struct alert_seen seen;
		int64_t other, rows[9];
		bool changed;

		shelf_begin(&shelf);
		weather = brew(&shelf);
		struct delivery_row change = {.row = weather.alerts[0],
			.rule = "r2",
			.state = DELIVERY_CANCELLED,
			.settled_ms = 7,
			.reason = "amended"};

		GOOD(store_change_delivery(shelf.store, &change, &err));
		cr_assert_eq(count_folded(&shelf, weather.message), 2, "%s",
			shelf.kind);
		cr_assert_eq(alert_of(&shelf, weather.answers[0]).state,
			DELIVERY_CANCELLED, "%s", shelf.kind);
		/* Wanted again, and into another message. */
		other = put_message(&shelf, 2, 2000);
		change.state = DELIVERY_FOLDED;
		GOOD(store_change_delivery(shelf.store, &change, &err));
		GOOD(store_put_folded(
			shelf.store, weather.alerts[0], other, &err));
		seen = alert_of(&shelf, weather.answers[0]);
		cr_assert(seen.state == DELIVERY_FOLDED &&
				  seen.message == other && !seen.was_claimed,
			"%s: put back", shelf.kind);
		cr_assert_eq(count_folded(&shelf, weather.message), 2, "%s",
			shelf.kind);
		cr_assert_eq(count_folded(&shelf, other), 1, "%s", shelf.kind);
		/* By a person's will, by itself. */
		GOOD(store_retry(
			shelf.store, weather.alerts[1], 500, &changed, &err));
		cr_assert(changed, "%s", shelf.kind);
		cr_assert_eq(count_folded(&shelf, weather.message), 1, "%s",
			shelf.kind);
		cr_assert_eq(shelf_claim(&shelf, "n1", "crm", 500, 9, rows), 1,
			"%s", shelf.kind);
		cr_assert_eq(
			rows[0], weather.alerts[1], "%s: that one", shelf.kind);
		cr_assert_eq(shelf.told, DELIVERY_PENDING, "%s: as a new one",
			shelf.kind);
		shelf_commit(&shelf);
	}
}

static void
on_action(const char *action, int64_t folded, void *context)
{
	snprintf(context, 40, "%s %lld", action, (long long)folded);
}

static void
expect_storm(struct shelf *shelf, json_t *delivery,
	const struct weather *weather, const char *state)
{
	const json_t *storm = json_object_get(delivery, "storm");
	int64_t row = 0;

	cr_assert(json_is_object(storm), "%s: no storm", shelf->kind);
	cr_assert(text_to_integer(
			  json_string_at(storm, "row"), 1, INT64_MAX, &row) &&
			  row == weather->message,
		"%s: %lld", shelf->kind, (long long)row);
	cr_assert_str_eq(
		json_string_at(storm, "state"), state, "%s", shelf->kind);
}

Test(store_storm, is_shown_where_deliveries_are)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		struct store_filter filter = shelf_any;
		struct weather weather;
		char counted[40] = "";
		int64_t next;
		json_t *rows, *one;

		shelf_begin(&shelf);
		weather = brew(&shelf);
		struct storm_row row = {.action = "crm",
			.recipient = "",
			.message = weather.message};

		GOOD(store_put_storm(shelf.store, &row, &err));
		shelf_put_delivery(&shelf, 40, "crm", weather.answers[0], 99);
		shelf_commit(&shelf);
		filter.storm = weather.message;
		rows = shelf_list(&shelf, STORE_DELIVERIES, &filter, &next);
		cr_assert_eq(json_array_size(rows), 3, "%s: %zu", shelf.kind,
			json_array_size(rows));
		one = json_array_get(rows, 0);
		cr_assert_str_eq(json_string_at(one, "state"), "folded", "%s",
			shelf.kind);
		expect_storm(&shelf, one, &weather, "pending");
		json_decref(rows);
		one = shelf_find_delivery(&shelf, weather.message);
		cr_assert_eq(json_integer_value(json_object_get(one, "folded")),
			3, "%s: of a message", shelf.kind);
		cr_assert(json_is_null(json_object_get(one, "storm")), "%s",
			shelf.kind);
		json_decref(one);
		rows = shelf_explain(&shelf, weather.answers[1]);
		expect_storm(&shelf,
			json_array_get(json_object_get(rows, "deliveries"), 0),
			&weather, "pending");
		json_decref(rows);
		GOOD(store_count_storms(
			shelf.reader, on_action, counted, &err));
		cr_assert_str_eq(counted, "crm 3", "%s", shelf.kind);
	}
}

Test(store_storm, many_are_chosen_by_their_message)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		struct delivery_choice choice = {
			.states = 1U << DELIVERY_FOLDED};
		int64_t rows[STORE_SPAN_ROWS], row = 0;
		struct weather weather;
		bool more;
		int count;

		shelf_begin(&shelf);
		weather = brew(&shelf);
		put_folded(&shelf, 30, weather.answers[0],
			put_message(&shelf, 2, 1000));
		choice.storm = weather.message;
		GOOD(store_choose_deliveries(shelf.store, &choice, 0, &row,
			rows, &count, &more, &err));
		cr_assert_eq(count, 3, "%s: %d", shelf.kind, count);
		shelf_commit(&shelf);
	}
}

Test(store_storm, holds_its_answers_until_it_left)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		struct weather weather;
		int removed;
		json_t *message;

		shelf_begin(&shelf);
		weather = brew(&shelf);
		GOOD(store_purge_answers(
			shelf.store, INT64_MAX / 2, 9, &removed, &err));
		cr_assert_eq(
			removed, 0, "%s: they are yet to be told", shelf.kind);
		shelf_claim(&shelf, "n1", "crm", 1000, 1, NULL);
		GOOD(store_set_body(
			shelf.store, weather.message, "a, b, c", 7, &err));
		shelf_settle(&shelf, weather.message, DELIVERY_DELIVERED,
			"delivered", 200);
		/* As long as they are known, so is what told of them. */
		GOOD(store_purge_deliveries(
			shelf.store, INT64_MAX / 2, 9, &removed, &err));
		cr_assert_eq(removed, 0, "%s", shelf.kind);
		shelf_commit(&shelf);
		shelf_begin(&shelf);
		GOOD(store_purge_answers(
			shelf.store, INT64_MAX / 2, 1, &removed, &err));
		cr_assert_eq(removed, 1, "%s: one of them", shelf.kind);
		cr_assert_eq(count_folded(&shelf, weather.message), 2, "%s",
			shelf.kind);
		shelf_commit(&shelf);
		message = shelf_find_delivery(&shelf, weather.message);
		cr_assert(json_is_null(json_object_get(message, "body")),
			"%s: what it quoted is forgotten, too", shelf.kind);
		json_decref(message);
		shelf_begin(&shelf);
		GOOD(store_purge_answers(
			shelf.store, INT64_MAX / 2, 9, &removed, &err));
		cr_assert_eq(removed, 2, "%s: the others", shelf.kind);
		GOOD(store_purge_deliveries(
			shelf.store, INT64_MAX / 2, 9, &removed, &err));
		cr_assert_eq(removed, 1, "%s: now it may go", shelf.kind);
		shelf_commit(&shelf);
	}
}

Test(store_storm, is_taken_back_with_its_answer)
{
	struct shelf shelf;

	EACH_KIND(shelf)
	{
		struct storm_row row = {.action = "crm", .recipient = ""};
		int64_t message;

		shelf_begin(&shelf);
		message = put_message(&shelf, 1, 1000);
		put_folded(&shelf, 10,
			shelf_put(&shelf, "a", 3, ANSWERED_MS, NULL), message);
		GOOD(store_savepoint(shelf.store, &err));
		row.message = message;
		put_folded(&shelf, 11,
			shelf_put(&shelf, "b", 3, ANSWERED_MS, NULL), message);
		GOOD(store_put_storm(shelf.store, &row, &err));
		cr_assert_eq(
			count_folded(&shelf, message), 2, "%s", shelf.kind);
		store_undo(shelf.store);
		cr_assert_eq(count_folded(&shelf, message), 1, "%s: undone",
			shelf.kind);
		cr_assert_eq(find(&shelf, "crm", "", &row), STORE_NONE,
			"%s: undone", shelf.kind);
		/* The rows are free for others. */
		put_folded(&shelf, 12,
			shelf_put(&shelf, "c", 3, ANSWERED_MS, NULL), message);
		shelf_commit(&shelf);
	}
}
