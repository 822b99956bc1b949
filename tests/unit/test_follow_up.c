/* What becomes of an unhappy customer, and what falls due when. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_value.h"
#include "nps/follow_up.h"
#include "nps/follow_up_row.h"

#define HOUR INT64_C(3600000)
#define START INT64_C(1000000000)

TestSuite(follow_up);

static char price[] = "price", delivery[] = "delivery";
static char *reason_items[] = {price, delivery};
static const struct setting_texts reasons = {2, reason_items};

static struct follow_up_terms
terms_of(void)
{
	return (struct follow_up_terms){
		.contact_within = {.ms = 8 * HOUR},
		.resolve_within = {.ms = 40 * HOUR},
		.remind_before = {.ms = 2 * HOUR},
		.reasons = &reasons,
	};
}

static struct follow_up
open_one(const struct follow_up_terms *terms)
{
	struct follow_up one = {.row = 1,
		.survey = "s",
		.rule = "r",
		.answer = 7,
		.owner = "anna"};

	follow_up_start(&one, terms, START);
	return one;
}

/* An act of a table: who does what, at which hour, and what comes of it. */
struct said {
	enum follow_up_act act;
	const char *who, *owner, *reason, *note;
	double hour;
	const char *refusal; /* a part of it; NULL: accepted */
	bool unchanged;
	enum follow_up_state state; /* afterwards */
	enum follow_up_act became;  /* if it is not act; else 0 */
};

static void
play(const char *name, const struct said *rows, size_t count,
	struct follow_up *one)
{
	struct follow_up_terms terms = terms_of();

	*one = open_one(&terms);
	for (size_t i = 0; i < count; i++) {
		const struct said *row = &rows[i];
		struct follow_up_change change = {
			.act = row->act,
			.who = row->who,
			.how = "api",
			.owner = row->owner,
			.reason = row->reason,
			.note = row->note,
			.at_ms = START + (int64_t)(row->hour * (double)HOUR),
		};
		struct err err = {""};
		bool changed;
		bool good =
			follow_up_apply(one, &change, &terms, &changed, &err);

		cr_assert_eq(good, row->refusal == NULL, "%s %zu: %s", name, i,
			err.text);
		if (row->refusal)
			cr_assert_not_null(strstr(err.text, row->refusal),
				"%s %zu: %s", name, i, err.text);
		else
			cr_assert_eq(changed, !row->unchanged,
				"%s %zu: changed %d", name, i, changed);
		cr_assert_eq(one->state, row->state, "%s %zu: %s", name, i,
			follow_up_state_name(one->state));
		if (row->became)
			cr_assert_eq(change.act, row->became, "%s %zu: %s",
				name, i, follow_up_act_name(change.act));
	}
}

#define PLAY(name, one, ...)                                                \
	do {                                                                \
		const struct said rows_[] = {__VA_ARGS__};                  \
		play(name, rows_, sizeof(rows_) / sizeof(rows_[0]), (one)); \
	} while (0)

Test(follow_up, goes_its_way)
{
	struct follow_up one;

	PLAY("called and resolved", &one, {FOLLOW_UP_CLAIM, "jan", .hour = 1},
		{FOLLOW_UP_CLAIM, "jan", .hour = 3, .unchanged = true},
		{FOLLOW_UP_CONTACT, "jan", .hour = 2,
			.state = FOLLOW_UP_CONTACTED},
		{FOLLOW_UP_CONTACT, "piet", .hour = 2, .unchanged = true,
			.state = FOLLOW_UP_CONTACTED},
		{FOLLOW_UP_NOT_REACHED, "jan", .refusal = "contacted already",
			.state = FOLLOW_UP_CONTACTED},
		{FOLLOW_UP_RESOLVE, "jan", .refusal = "one of price, delivery",
			.state = FOLLOW_UP_CONTACTED},
		{FOLLOW_UP_RESOLVE, "jan", .reason = "weather",
			.refusal = "no reason \"weather\"",
			.state = FOLLOW_UP_CONTACTED},
		{FOLLOW_UP_RESOLVE, "jan", .reason = "price", .hour = 5,
			.state = FOLLOW_UP_RESOLVED},
		{FOLLOW_UP_RESOLVE, "jan", .reason = "price", .hour = 6,
			.unchanged = true, .state = FOLLOW_UP_RESOLVED},
		{FOLLOW_UP_RESOLVE, "jan", .reason = "delivery", .hour = 6,
			.refusal = "resolved already",
			.state = FOLLOW_UP_RESOLVED},
		{FOLLOW_UP_CLAIM, "piet", .refusal = "reopen it first",
			.state = FOLLOW_UP_RESOLVED});
	cr_assert(one.owner && !strcmp(one.owner, "jan"), "claimed");
	cr_assert_eq(one.contacted_ms, START + 2 * HOUR, "contacted");
	cr_assert_eq(one.closed_ms, START + 5 * HOUR, "closed");
	cr_assert_eq(one.next_due_ms, INT64_MAX, "nothing is due");

	PLAY("lost", &one,
		{FOLLOW_UP_LOSE, "jan", .reason = "price",
			.refusal = "asks for a note"},
		{FOLLOW_UP_LOSE, "jan", .reason = "price", .note = "went away",
			.state = FOLLOW_UP_LOST},
		{FOLLOW_UP_NOTE, "jan", .note = "left word",
			.state = FOLLOW_UP_LOST},
		{FOLLOW_UP_REOPEN, "piet", .hour = 50},
		{FOLLOW_UP_REOPEN, "piet", .hour = 50, .unchanged = true},
		{FOLLOW_UP_ASSIGN, "ops", .refusal = "asks for an owner"},
		{FOLLOW_UP_ASSIGN, "ops", .owner = "eva"});
	cr_assert_eq(one.contact_by_ms, START + 58 * HOUR, "its clock is new");
	cr_assert_str_eq(one.owner, "eva", "assigned");
	cr_assert_eq(one.closed_ms, 0, "open again");
}

Test(follow_up, three_times_not_reached)
{
	struct follow_up one;

	PLAY("not reached", &one, {FOLLOW_UP_NOT_REACHED, "jan", .hour = 1},
		/* a double click is no second attempt */
		{FOLLOW_UP_NOT_REACHED, "jan", .hour = 1.01, .unchanged = true},
		{FOLLOW_UP_NOT_REACHED, "jan", .hour = 5.5});
	cr_assert_eq(one.attempts, 2, "attempts %d", one.attempts);
	cr_assert_eq(one.try_again_ms, START + 9 * HOUR + HOUR / 2, "again");
	PLAY("not reached", &one, {FOLLOW_UP_NOT_REACHED, "jan", .hour = 1},
		{FOLLOW_UP_NOT_REACHED, "jan", .hour = 5},
		{FOLLOW_UP_NOT_REACHED, "jan", .hour = 9,
			.state = FOLLOW_UP_LOST, .became = FOLLOW_UP_LOSE},
		{FOLLOW_UP_NOT_REACHED, "jan", .hour = 9.01, .unchanged = true,
			.state = FOLLOW_UP_LOST});
	cr_assert_str_eq(one.reason, "unreachable", "%s", one.reason);
	cr_assert_not_null(one.note, "it says so");
}

Test(follow_up, says_what_is_new_beside_an_act_done_before)
{
	struct follow_up one;

	PLAY("beside", &one,
		{FOLLOW_UP_CONTACT, "crm", .state = FOLLOW_UP_CONTACTED},
		{FOLLOW_UP_CONTACT, "crm", .owner = "eva", .hour = 1,
			.state = FOLLOW_UP_CONTACTED,
			.became = FOLLOW_UP_ASSIGN},
		{FOLLOW_UP_CONTACT, "crm", .owner = "eva", .note = "hm",
			.hour = 2, .state = FOLLOW_UP_CONTACTED,
			.became = FOLLOW_UP_NOTE});
	cr_assert_str_eq(one.owner, "eva", "%s", one.owner);
	cr_assert_str_eq(one.note, "hm", "%s", one.note);
}

Test(follow_up, folds_and_improves)
{
	struct follow_up_terms terms = terms_of();
	struct follow_up one = open_one(&terms);
	struct follow_up_change change = {
		.act = FOLLOW_UP_FOLD, .who = "npsd", .answer = 9};
	struct err err;
	bool changed;

	for (int i = 0; i < 2; i++)
		cr_assert(
			follow_up_apply(&one, &change, &terms, &changed, &err),
			"fold");
	cr_assert(!changed && one.folds == 1 && one.last_answer == 9, "once");
	change.act = FOLLOW_UP_IMPROVE;
	cr_assert(follow_up_apply(&one, &change, &terms, &changed, &err), "up");
	cr_assert(changed && one.improved && one.state == FOLLOW_UP_OPEN, "up");
}

/* ---- names ---- */

Test(follow_up, names_go_both_ways)
{
	for (int i = 0; i < FOLLOW_UP_ACTS; i++) {
		enum follow_up_act act;

		cr_assert(follow_up_act_from_name(
				  follow_up_act_name((enum follow_up_act)i),
				  &act) &&
				  (int)act == i,
			"act %d", i);
	}
	for (int i = 0; i < FOLLOW_UP_STATES; i++) {
		enum follow_up_state state;

		cr_assert(follow_up_state_from_name(
				  follow_up_state_name((enum follow_up_state)i),
				  &state) &&
				  (int)state == i,
			"state %d", i);
	}
}

Test(follow_up, scopes)
{
	static const struct {
		enum follow_up_per per;
		const char *customer, *account, *scope;
	} rows[] = {
		{FOLLOW_UP_PER_CUSTOMER, "c\"1", "a",
			"[\"customer\",\"s\",\"c\\\"1\"]"},
		{FOLLOW_UP_PER_ACCOUNT, "c", "a", "[\"account\",\"a\"]"},
		{FOLLOW_UP_PER_ACCOUNT, "c", NULL,
			"[\"customer\",\"s\",\"c\"]"},
		{FOLLOW_UP_PER_CUSTOMER, NULL, "a", "[\"answer\",\"7\"]"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *scope = follow_up_scope(
			rows[i].per, "s", rows[i].customer, rows[i].account, 7);

		cr_assert_str_eq(scope, rows[i].scope, "%zu: %s", i, scope);
		free(scope);
	}
}

/* ---- what falls due ---- */

/* "remind@6 escalate@12 " of all that falls due, in order. */
static const char *
all_due(struct follow_up *one, const struct follow_up_terms *terms)
{
	static char text[300];
	struct follow_up_due due;

	text[0] = '\0';
	while (follow_up_next_due(one, terms, &due)) {
		struct follow_up_change change;
		size_t used = strlen(text);

		cr_assert_eq(due.due_ms, one->next_due_ms, "next_due");
		cr_assert_eq(due.n, one->fires, "n");
		cr_assert_lt(used, sizeof(text) - 30, "it ends: %s", text);
		snprintf(text + used, sizeof(text) - used, "%s@%d ",
			follow_up_step_name(due.step),
			(int)((due.due_ms - START) / HOUR));
		follow_up_fire(one, terms, &due, due.due_ms, &change);
	}
	return text;
}

Test(follow_up, steps_fall_due_once)
{
	struct follow_up_escalation contact = {.overdue = {.ms = 4 * HOUR}};
	struct follow_up_escalation resolve = {
		.overdue = {.ms = HOUR}, .clock = FOLLOW_UP_RESOLVE_CLOCK};
	struct setting_item items[] = {
		{.record = &resolve}, {.record = &contact}};
	struct follow_up_terms terms = terms_of();
	struct follow_up one = open_one(&terms);
	struct follow_up_change change = {
		.act = FOLLOW_UP_CLAIM, .who = "jan", .at_ms = START + HOUR};
	struct err err;
	bool changed;

	cr_assert_str_eq(all_due(&one, &terms), "remind@6 ", "no escalation");
	terms.escalations = (struct setting_items){2, items};
	one = open_one(&terms);
	cr_assert_str_eq(all_due(&one, &terms),
		"remind@6 escalate@12 escalate@41 ", "%s",
		all_due(&one, &terms));

	one = open_one(&terms);
	cr_assert(follow_up_apply(&one, &change, &terms, &changed, &err), "");
	cr_assert_str_eq(all_due(&one, &terms),
		"remind@6 forgotten@9 escalate@12 escalate@41 ", "claimed");
	cr_assert(one.claimed_ms == 0, "the claim is taken off");

	one = open_one(&terms);
	change.act = FOLLOW_UP_NOT_REACHED;
	cr_assert(follow_up_apply(&one, &change, &terms, &changed, &err), "");
	cr_assert_str_eq(all_due(&one, &terms),
		"try_again@5 remind@6 escalate@12 escalate@41 ", "an attempt");

	one = open_one(&terms);
	change.act = FOLLOW_UP_CONTACT;
	cr_assert(follow_up_apply(&one, &change, &terms, &changed, &err), "");
	cr_assert_str_eq(all_due(&one, &terms), "escalate@41 ", "contacted");

	char crm[] = "crm";

	terms.tracked_in = crm;
	one = open_one(&terms);
	cr_assert_str_eq(all_due(&one, &terms), "", "the CRM owns the clock");
	cr_assert_not(follow_up_is_overdue(&one, INT64_MAX), "nor is it late");
}

/* As the API shows one, it is overdue as it is itself. */
static bool
shown_is_overdue(const struct follow_up *one, int64_t now_ms)
{
	json_t *row = json_pack("{s:s, s:o, s:o, s:s?}", "state",
		follow_up_state_name(one->state), "contact_by",
		json_time_or_null(one->contact_by_ms), "resolve_by",
		json_time_or_null(one->resolve_by_ms), "tracked_in",
		one->tracked_in);
	bool overdue = follow_up_row_is_overdue(row, now_ms);

	cr_assert_eq(overdue, follow_up_is_overdue(one, now_ms));
	json_decref(row);
	return overdue;
}

Test(follow_up, is_overdue)
{
	struct follow_up_terms terms = terms_of();
	struct follow_up one = open_one(&terms);
	json_t *nothing = json_object();

	cr_assert_not(follow_up_row_is_overdue(nothing, INT64_MAX));
	json_decref(nothing);

	cr_assert_not(shown_is_overdue(&one, START + 8 * HOUR), "not yet");
	cr_assert(shown_is_overdue(&one, START + 8 * HOUR + 1), "contact");
	one.state = FOLLOW_UP_CONTACTED;
	cr_assert_not(shown_is_overdue(&one, START + 9 * HOUR), "resolve");
	cr_assert(shown_is_overdue(&one, START + 41 * HOUR), "resolve");
	one.state = FOLLOW_UP_RESOLVED;
	cr_assert_not(shown_is_overdue(&one, START + 41 * HOUR), "done");
	one.state = FOLLOW_UP_OPEN;
	one.tracked_in = "crm";
	cr_assert_not(shown_is_overdue(&one, START + 41 * HOUR), "theirs");
}
