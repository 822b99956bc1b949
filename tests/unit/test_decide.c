/* What follows from an answer: standing, alerts, plan (DESIGN 2.2, 2.3). */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "nps/decide.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

TestSuite(decide);

static struct response *
decode(int64_t revision, int score)
{
	const struct response_defaults defaults = {
		.survey = "s", .contact_ok = true, .now_ms = 1795255200000};
	struct rejection why;
	char *text = mem_printf("{\"id\":\"r\",\"score\":%d,\"revision\":%lld}",
		score, (long long)revision);
	struct response *response =
		response_decode(text, strlen(text), &defaults, &why);

	cr_assert_not_null(response, "%s: %s", text, why.text);
	free(text);
	return response;
}

Test(decide, standing_S13)
{
	static const struct {
		bool known, forgotten, by_arrival;
		int64_t old_revision, new_revision;
		int old_score, new_score;
		enum standing standing;
		int64_t revision;
	} rows[] = {
		{false, false, false, 0, 0, 3, 3, STANDING_NEW, 0},
		{false, false, false, 0, 5, 3, 3, STANDING_NEW, 5},
		{false, false, true, 0, 0, 3, 3, STANDING_NEW, 0},
		{true, false, false, 0, 0, 3, 3, STANDING_DUPLICATE, 0},
		{true, false, false, 4, 4, 3, 3, STANDING_DUPLICATE, 4},
		{true, false, false, 0, 0, 3, 4, STANDING_CONFLICT, 0},
		{true, false, false, 0, 1, 3, 4, STANDING_AMENDS, 1},
		{true, false, false, 0, 1, 3, 3, STANDING_AMENDS, 1},
		{true, false, false, 2, 1, 3, 3, STANDING_LATE, 1},
		{true, false, false, 2, 1, 3, 4, STANDING_LATE, 1},
		/* purged or erased: never counted again */
		{true, true, false, 0, 0, 3, 3, STANDING_DUPLICATE, 0},
		{true, true, false, 0, 9, 3, 4, STANDING_DUPLICATE, 9},
		{true, true, true, 0, 9, 3, 4, STANDING_DUPLICATE, 9},
		/* revisions: arrival */
		{true, false, true, 0, 0, 3, 3, STANDING_DUPLICATE, 0},
		{true, false, true, 0, 0, 3, 4, STANDING_AMENDS, 1},
		{true, false, true, 7, 0, 3, 4, STANDING_AMENDS, 8},
		{true, false, true, 7, 7, 3, 4, STANDING_AMENDS, 8},
		{true, false, true, 7, 20, 3, 4, STANDING_AMENDS, 20},
		{true, false, true, INT64_MAX, 0, 3, 4, STANDING_CONFLICT, 0},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct response *old =
			decode(rows[i].old_revision, rows[i].old_score);
		struct response *answer =
			decode(rows[i].new_revision, rows[i].new_score);
		struct earlier earlier = {rows[i].known, rows[i].forgotten,
			rows[i].old_revision, old};
		int64_t revision = -1;

		if (!rows[i].known)
			earlier.response = NULL;
		enum standing standing = decide_standing(
			answer, &earlier, rows[i].by_arrival, &revision);

		cr_assert_str_eq(standing_name(standing),
			standing_name(rows[i].standing), "row %zu", i);
		if (standing == STANDING_NEW || standing == STANDING_AMENDS)
			cr_assert_eq(revision, rows[i].revision,
				"row %zu: %lld", i, (long long)revision);
		response_free(old);
		response_free(answer);
	}
}

Test(decide, names)
{
	static const char *const standings[] = {
		"accepted", "amended", "duplicate", "late", "conflict"};
	static const char *const states[DELIVERY_STATES] = {"pending",
		"claimed", "retrying", "delivered", "dead", "cancelled",
		"folded"};
	enum delivery_state state;

	for (size_t i = 0; i < COUNT(standings); i++)
		cr_assert_str_eq(standing_name((enum standing)i), standings[i],
			"%zu", i);
	for (size_t i = 0; i < COUNT(states); i++) {
		cr_assert_str_eq(delivery_state_name((enum delivery_state)i),
			states[i], "%zu", i);
		cr_assert(delivery_state_from_name(states[i], &state) &&
				  state == (enum delivery_state)i,
			"%s", states[i]);
	}
	cr_assert(!delivery_state_from_name("sent", &state), "sent");
	cr_assert(!delivery_state_from_name(NULL, &state), "NULL");
}

Test(decide, first_rule_owns_the_action)
{
	static char crm[] = "crm", mail[] = "mail", call[] = "call";
	static char page[] = "page", a[] = "a", b[] = "b", c[] = "c";
	char *first[] = {crm, mail};
	char *second[] = {mail, call, crm};
	char *third[] = {page};
	struct rule rules[] = {
		{.name = a, .actions = {2, first}},
		{.name = b, .actions = {3, second}},
		{.name = c, .actions = {1, third}},
	};
	struct rule *items[] = {&rules[0], &rules[1], &rules[2]};
	const struct rules all = {.count = 3, .items = items};
	static const struct {
		enum verdict_end ends[3];
		const char *wanted;
	} rows[] = {
		{{VERDICT_FIRED, VERDICT_FIRED, VERDICT_FIRED},
			"crm:0 mail:0 call:1 page:2 "},
		{{VERDICT_NO_MATCH, VERDICT_FIRED, VERDICT_NOT_ASKED},
			"mail:1 call:1 crm:1 "},
		{{VERDICT_FIRED, VERDICT_WHEN_FALSE, VERDICT_TOO_OLD},
			"crm:0 mail:0 "},
		{{VERDICT_TOO_OLD, VERDICT_NO_MATCH, VERDICT_WHEN_FALSE}, ""},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct verdict verdicts[3] = {{.end = rows[i].ends[0]},
			{.end = rows[i].ends[1]}, {.end = rows[i].ends[2]}};
		struct wanted wanted[8];
		char text[128] = "";
		size_t count = decide_wanted(&all, verdicts, wanted, 8);

		for (size_t j = 0; j < count; j++) {
			size_t used = strlen(text);

			(void)snprintf(text + used, sizeof(text) - used,
				"%s:%zu ", wanted[j].action, wanted[j].rule);
			cr_assert_str_eq(wanted[j].recipient, "", "row %zu", i);
		}
		cr_assert_str_eq(text, rows[i].wanted, "row %zu", i);
		cr_assert_leq(decide_wanted(&all, verdicts, wanted, 1), 1,
			"row %zu: the room", i);
	}
}

Test(decide, plan)
{
	static const struct {
		const char *what;
		struct wanted wanted[3];
		struct existing existing[3];
		const char *plan;
	} rows[] = {
		{"nothing", {{0}}, {{0}}, ""},
		{"new", {{"crm", "", 0, false}, {"mail", "a", 1, false}}, {{0}},
			"add0 add1 "},
		{"two receivers",
			{{"mail", "a", 0, false}, {"mail", "b", 0, false}},
			{{1, "mail", "a", DELIVERY_PENDING, false}},
			"render0 add1 "},
		{"pending and wanted", {{"crm", "", 0, false}},
			{{1, "crm", "", DELIVERY_PENDING, false}}, "render0 "},
		{"pending and no longer wanted", {{0}},
			{{1, "crm", "", DELIVERY_PENDING, false}}, "cancel0 "},
		{"cancelled and wanted again", {{"crm", "", 0, false}},
			{{1, "crm", "", DELIVERY_CANCELLED, false}},
			"revive0 "},
		{"cancelled and not wanted", {{0}},
			{{1, "crm", "", DELIVERY_CANCELLED, false}}, ""},
		{"claimed", {{"crm", "", 0, false}},
			{{1, "crm", "", DELIVERY_CLAIMED, true}}, ""},
		{"claimed, not wanted", {{0}},
			{{1, "crm", "", DELIVERY_CLAIMED, true}}, ""},
		{"retrying", {{"crm", "", 0, false}},
			{{1, "crm", "", DELIVERY_RETRYING, true}}, ""},
		{"delivered", {{"crm", "", 0, false}},
			{{1, "crm", "", DELIVERY_DELIVERED, true}}, ""},
		{"dead", {{"crm", "", 0, false}},
			{{1, "crm", "", DELIVERY_DEAD, true}}, ""},
		{"pending after a claim", {{"crm", "", 0, false}},
			{{1, "crm", "", DELIVERY_PENDING, true}}, ""},
		{"pending after a claim, not wanted", {{0}},
			{{1, "crm", "", DELIVERY_PENDING, true}}, ""},
		{"cancelled by hand after a claim", {{"crm", "", 0, false}},
			{{1, "crm", "", DELIVERY_CANCELLED, true}}, ""},
		{"wanted twice", {{"crm", "", 0, false}, {"crm", "", 1, false}},
			{{0}}, "add0 "},
		{"another receiver", {{"mail", "b", 0, false}},
			{{1, "mail", "a", DELIVERY_PENDING, false}},
			"add0 cancel0 "},
		{"another receiver, the first was told",
			{{"mail", "b", 0, false}},
			{{1, "mail", "a", DELIVERY_DELIVERED, true}}, "add0 "},
		{"two for one receiver", {{"crm", "", 0, false}},
			{{1, "crm", "", DELIVERY_CANCELLED, false},
				{2, "crm", "", DELIVERY_PENDING, false}},
			"render1 "},
		{"folded and wanted", {{"crm", "", 0, false}},
			{{1, "crm", "", DELIVERY_FOLDED, false}}, "render0 "},
		{"folded and no longer wanted", {{0}},
			{{1, "crm", "", DELIVERY_FOLDED, false}}, "cancel0 "},
		{"folded, and its message left", {{"crm", "", 0, false}},
			{{1, "crm", "", DELIVERY_FOLDED, true}}, ""},
		{"folded, its message left, not wanted", {{0}},
			{{1, "crm", "", DELIVERY_FOLDED, true}}, ""},
		{"folded, and wanted of the past", {{"crm", "", 0, true}},
			{{1, "crm", "", DELIVERY_FOLDED, false}}, "render0 "},
		{"one cancelled, one folded", {{"crm", "", 0, false}},
			{{1, "crm", "", DELIVERY_CANCELLED, false},
				{2, "crm", "", DELIVERY_FOLDED, false}},
			"render1 "},
		{"one sent, one pending", {{"crm", "", 0, false}},
			{{1, "crm", "", DELIVERY_PENDING, false},
				{2, "crm", "", DELIVERY_DELIVERED, true}},
			"cancel0 "},
	};
	static const char *const steps[] = {
		"add", "render", "revive", "cancel"};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct plan plan[6];
		char text[128] = "";
		size_t wanted = 0;
		size_t existing = 0;

		while (wanted < 3 && rows[i].wanted[wanted].action)
			wanted++;
		while (existing < 3 && rows[i].existing[existing].action)
			existing++;
		size_t count = decide_plan(rows[i].wanted, wanted,
			rows[i].existing, existing, plan);

		for (size_t j = 0; j < count; j++) {
			bool old = plan[j].step != PLAN_ADD;
			size_t used = strlen(text);

			(void)snprintf(text + used, sizeof(text) - used,
				"%s%zu ", steps[plan[j].step],
				old ? plan[j].existing : plan[j].wanted);
		}
		cr_assert_str_eq(text, rows[i].plan, "%s", rows[i].what);
	}
}

/* A world of deliveries that a plan changes, for the property below. */
enum { ACTIONS = 4, RECEIVERS = 2, KEYS = ACTIONS * RECEIVERS };

struct world {
	struct existing rows[64];
	size_t count;
	unsigned seed;
};

static const char *const action_names[ACTIONS] = {"a", "b", "c", "d"};
static const char *const receiver_names[RECEIVERS] = {"", "x"};

static bool
settled(const struct existing *row)
{
	return row->was_claimed || (row->state != DELIVERY_PENDING &&
					   row->state != DELIVERY_FOLDED &&
					   row->state != DELIVERY_CANCELLED);
}

/* Dispatch: some are claimed, some of those come to an end; of the folded ones
 * some messages leave. */
static void
world_dispatch(struct world *world)
{
	for (size_t i = 0; i < world->count; i++) {
		struct existing *row = &world->rows[i];

		if (row->state == DELIVERY_FOLDED && rand_r(&world->seed) % 4)
			row->was_claimed = true;
		if (row->state == DELIVERY_FOLDED ||
			(row->state == DELIVERY_PENDING &&
				rand_r(&world->seed) % 4))
			continue;
		if (row->state == DELIVERY_PENDING) {
			row->state = DELIVERY_CLAIMED;
			row->was_claimed = true;
		} else if (row->was_claimed && rand_r(&world->seed) % 2) {
			row->state = (enum delivery_state)(
				rand_r(&world->seed) % DELIVERY_STATES);
		}
	}
}

static size_t
world_want(struct world *world, struct wanted *wanted)
{
	size_t count = (size_t)(rand_r(&world->seed) % 7);

	for (size_t i = 0; i < count; i++)
		wanted[i] = (struct wanted){
			action_names[rand_r(&world->seed) % ACTIONS],
			receiver_names[rand_r(&world->seed) % RECEIVERS], i,
			false};
	return count;
}

/* How an alert stands that begins. */
static enum delivery_state
world_begin(struct world *world)
{
	return rand_r(&world->seed) % 3 ? DELIVERY_PENDING : DELIVERY_FOLDED;
}

static void
world_apply(struct world *world, const struct wanted *wanted,
	const struct plan *plan, size_t steps)
{
	for (size_t i = 0; i < steps; i++) {
		struct existing *row = &world->rows[plan[i].existing];

		if (plan[i].step == PLAN_ADD) {
			cr_assert_lt(world->count, COUNT(world->rows), "room");
			world->rows[world->count++] =
				(struct existing){(int64_t)world->count,
					wanted[plan[i].wanted].action,
					wanted[plan[i].wanted].recipient,
					world_begin(world), false};
			continue;
		}
		cr_assert(!settled(row), "what was claimed is touched");
		cr_assert_eq(row->state == DELIVERY_CANCELLED,
			plan[i].step == PLAN_REVIVE, "step and state");
		if (plan[i].step == PLAN_CANCEL)
			row->state = DELIVERY_CANCELLED;
		else if (plan[i].step == PLAN_REVIVE)
			row->state = world_begin(world);
	}
}

/* Never two for one receiver, and pending is exactly what is wanted and has
 * not been claimed. */
static void
world_check(const struct world *world, const struct wanted *wanted,
	size_t wanted_count)
{
	for (int key = 0; key < KEYS; key++) {
		const char *action = action_names[key / RECEIVERS];
		const char *receiver = receiver_names[key % RECEIVERS];
		int rows = 0, pending = 0, claimed = 0;
		bool is_wanted = false;

		for (size_t i = 0; i < world->count; i++) {
			const struct existing *row = &world->rows[i];

			if (strcmp(row->action, action) ||
				strcmp(row->recipient, receiver))
				continue;
			rows++;
			claimed += settled(row);
			pending += !settled(row) &&
				   row->state != DELIVERY_CANCELLED;
		}
		for (size_t i = 0; i < wanted_count; i++)
			is_wanted =
				is_wanted ||
				(!strcmp(wanted[i].action, action) &&
					!strcmp(wanted[i].recipient, receiver));
		cr_assert_leq(
			rows, 1, "two alerts for %s %s", action, receiver);
		cr_assert_eq(pending, is_wanted && !claimed,
			"%s %s: pending %d, wanted %d, claimed %d", action,
			receiver, pending, is_wanted, claimed);
	}
}

Test(decide, plan_holds_on_random_walks)
{
	for (unsigned walk = 1; walk <= 2000; walk++) {
		struct world world = {.seed = walk};

		for (int amendment = 0; amendment < 20; amendment++) {
			struct wanted wanted[8];
			struct plan plan[8 + COUNT(world.rows)];
			size_t count = world_want(&world, wanted);
			size_t steps = decide_plan(
				wanted, count, world.rows, world.count, plan);

			cr_assert_leq(steps, count + world.count, "room");
			world_apply(&world, wanted, plan, steps);
			world_check(&world, wanted, count);
			/* once more changes nothing but bodies */
			steps = decide_plan(
				wanted, count, world.rows, world.count, plan);
			for (size_t i = 0; i < steps; i++)
				cr_assert_eq(plan[i].step, PLAN_RENDER,
					"walk %u", walk);
			world_dispatch(&world);
		}
	}
}

Test(decide, delivery_ids)
{
	static const struct {
		const char *cause, *key;
		int n;
		const char *action, *recipient;
	} rows[] = {
		{"alert", "[\"s\",\"r\"]", 0, "crm", ""},
		{"amend", "[\"s\",\"r\"]", 0, "crm", ""},
		{"alert", "[\"s\",\"q\"]", 0, "crm", ""},
		{"alert", "[\"s\",\"r\"]", 1, "crm", ""},
		{"alert", "[\"s\",\"r\"]", 0, "crn", ""},
		{"alert", "[\"s\",\"r\"]", 0, "crm", "a@b"},
		{"alert", "[\"s\",\"r\"]", 0, "crm\",\"", ""},
		{"alert", "[\"s\",\"r\"]", 0, "crm", "\",\""},
	};
	char ids[COUNT(rows)][DELIVERY_ID_BYTES];
	char again[DELIVERY_ID_BYTES];

	for (size_t i = 0; i < COUNT(rows); i++) {
		delivery_id(rows[i].cause, rows[i].key, rows[i].n,
			rows[i].action, rows[i].recipient, ids[i]);
		delivery_id(rows[i].cause, rows[i].key, rows[i].n,
			rows[i].action, rows[i].recipient, again);
		cr_assert_str_eq(ids[i], again, "row %zu", i);
		cr_assert_eq(strlen(ids[i]), 36, "row %zu", i);
		cr_assert_eq(ids[i][14], '5', "row %zu: version 5", i);
		for (size_t j = 0; j < i; j++)
			cr_assert_str_neq(ids[i], ids[j], "rows %zu %zu", i, j);
	}
	/* Ids outlive the program: this one must never change. */
	cr_assert_str_eq(
		ids[0], "f9bdb981-9acc-5ef0-8d8a-c5b11a5f1a67", "the first");
	char *key = delivery_key_of_answer("s", "a\"b");

	cr_assert_str_eq(key, "[\"s\",\"a\\\"b\"]", "key");
	free(key);
}

/* Nothing begins for an answer of the past; what waits may stay or go. */
Test(decide, history)
{
	static char crm[] = "crm", mail[] = "mail", a[] = "a", b[] = "b";
	char *crms[] = {crm}, *mails[] = {mail};
	struct rule rules[] = {{.name = a, .actions = {1, crms}},
		{.name = b, .actions = {1, mails}}};
	struct rule *items[] = {&rules[0], &rules[1]};
	const struct rules all = {.count = 2, .items = items};
	struct verdict verdicts[] = {
		{.end = VERDICT_FIRED}, {.end = VERDICT_NO_MATCH}};
	struct wanted wanted[4];
	struct plan plan[8];
	static const struct {
		enum delivery_state state;
		bool was_claimed;
		size_t steps;
		enum plan_step step;
	} rows[] = {
		{DELIVERY_PENDING, false, 1, PLAN_RENDER},
		{DELIVERY_CANCELLED, false, 0, PLAN_ADD},
		{DELIVERY_DELIVERED, true, 0, PLAN_ADD},
	};

	decide_history(&all, verdicts);
	cr_assert_eq(verdicts[0].end, VERDICT_HISTORY, "fired");
	cr_assert_eq(verdicts[1].end, VERDICT_NO_MATCH, "the others stay");
	cr_assert_str_eq(verdict_end_name(verdicts[0].end), "history", "name");
	cr_assert_eq(decide_wanted(&all, verdicts, wanted, 4), 1, "wanted");
	cr_assert(wanted[0].history, "as history");
	cr_assert_eq(decide_plan(wanted, 1, NULL, 0, plan), 0, "none begins");
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct existing existing = {
			1, "crm", "", rows[i].state, rows[i].was_claimed};

		cr_assert_eq(decide_plan(wanted, 1, &existing, 1, plan),
			rows[i].steps, "row %zu", i);
		if (rows[i].steps > 0)
			cr_assert_eq(plan[0].step, rows[i].step, "%zu", i);
	}
}

Test(decide, verdicts_text)
{
	static char a[] = "a", b[] = "b";
	struct rule rules[] = {{.name = a}, {.name = b}};
	struct rule *items[] = {&rules[0], &rules[1]};
	const struct rules all = {.count = 2, .items = items};
	const struct verdict verdicts[] = {
		{.end = VERDICT_FIRED, .when_failed = true, .error = "a \"b\""},
		{.end = VERDICT_FIRED, .tripped = true}};
	const struct verdict others[] = {
		{.end = VERDICT_TOO_OLD}, {.end = VERDICT_NOT_ASKED}};
	const struct rules none = {0};
	char *text = verdicts_text(&all, verdicts);

	cr_assert_str_eq(text,
		"[{\"rule\":\"a\",\"verdict\":\"fired\",\"when_failed\":"
		"\"a \\\"b\\\"\"},{\"rule\":\"b\",\"verdict\":\"fired\","
		"\"tripped\":true}]",
		"fired");
	free(text);
	text = verdicts_text(&all, others);
	cr_assert_str_eq(text,
		"[{\"rule\":\"a\",\"verdict\":\"too_old\"},"
		"{\"rule\":\"b\",\"verdict\":\"not_asked\"}]",
		"others");
	free(text);
	text = verdicts_text(&none, NULL);
	cr_assert_str_eq(text, "[]", "none");
	free(text);
}
