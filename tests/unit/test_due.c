/*
 * due - what falls due of follow-ups: fired once, in one transaction with its
 * deliveries, in slices, whatever the store does. What it looks like in office
 * hours stands in tests/scenarios/clocks.scenario.
 */
#include "flow_house.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/store_fault.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/time.h"
#include "flow/due.h"
#include "flow/keeper.h"
#include "store/store_follow_ups.h"

TestSuite(due, .timeout = 60);

#define RULES                                                         \
	"actions: [crm, boss]\n"                                      \
	"rules:\n  - {name: detractor, match: {category: detractor}," \
	" do: [crm]}\n"

/* ---- follow-ups without a configuration that opens any ---- */

static struct follow_up_terms *
terms_of(struct stage *stage)
{
	const struct rule *rule = stage_policy(stage)->rules->items[0];
	struct rule *ours = (struct rule *)(uintptr_t)rule;

	ours->follow_up.given = true;
	return &ours->follow_up;
}

/* Contact within 8 h, reminded of 2 h before, escalated 4 h behind. */
static struct follow_up_escalation *
set_terms(struct stage *stage)
{
	static char name[] = "boss";
	static char *boss[] = {name};
	struct follow_up_escalation *escalation =
		mem_new(1, sizeof(*escalation));
	struct setting_item *item = mem_new(1, sizeof(*item));
	struct follow_up_terms *terms = terms_of(stage);

	escalation->overdue.ms = 4 * MS_PER_HOUR;
	escalation->actions = (struct setting_texts){1, boss};
	item->record = escalation;
	terms->contact_within.ms = 8 * MS_PER_HOUR;
	terms->remind_before.ms = 2 * MS_PER_HOUR;
	terms->escalations = (struct setting_items){1, item};
	return escalation;
}

static void
drop_terms(struct stage *stage)
{
	struct follow_up_terms *terms = terms_of(stage);

	free(terms->escalations.items[0].record);
	free(terms->escalations.items);
	*terms = (struct follow_up_terms){0};
}

struct opening {
	struct errand errand;
	struct stage *stage;
	int count;
	int64_t answer, at_ms;
};

static bool
run_opening(struct errand *errand, struct store_writer *store,
	struct tally *tally, int64_t now_ms, struct err *err)
{
	struct opening *opening = (struct opening *)errand;

	(void)tally;
	(void)now_ms;
	for (int i = 0; i < opening->count; i++) {
		char scope[32];
		struct follow_up one = {
			.scope = scope,
			.survey = "survey",
			.answer = opening->answer,
			.rule = "detractor",
		};

		snprintf(scope, sizeof(scope), "[\"answer\",\"%d\"]", i);
		follow_up_start(&one, terms_of(opening->stage), opening->at_ms);
		if (!store_put_follow_up(store, &one, err))
			return false;
	}
	return true;
}

static void
on_done(struct job *job)
{
	cr_assert(job->good, "%s", job->err.text);
}

/* So many of one answer, which began at FLOW_NOW; and a new start. */
static struct stage *
stage_with(int count)
{
	struct stage *stage = flow_stage(RULES);
	struct opening opening = {
		.errand = {.job = {.type = JOB_ERRAND, .done = on_done},
			.run = run_opening},
		.stage = stage,
		.count = count,
		.at_ms = FLOW_NOW,
	};
	struct err err;

	set_terms(stage);
	opening.answer = stage_answer(stage, "spool",
		"{\"id\":\"r-1\",\"score\":9,\"comment\":\"slow\"}")
				 .row;
	cr_assert_neq(opening.answer, 0, "an answer");
	keeper_submit(stage_keeper(stage), &opening.errand.job, 0);
	stage_turn(stage);
	cr_assert(stage_kill(stage, &err), "%s", err.text);
	return stage;
}

static void
close(struct stage *stage)
{
	store_fault_set(FAULT_NONE, 0, 0);
	drop_terms(stage);
	stage_close(stage);
}

static int
took(struct stage *stage, const char *action)
{
	return stage_seen(stage, action).taken;
}

/* A member of .due of the last body; new. */
static char *
told(struct stage *stage, const char *action, const char *member)
{
	json_t *body = json_loads(stage_seen(stage, action).last_body, 0, NULL);
	json_t *due = json_object_get(body, "due");
	char *text =
		json_text_with(json_object_get(due, member), JSON_ENCODE_ANY);

	json_decref(body);
	return text;
}

static void
says(struct stage *stage, const char *action, const char *member,
	const char *wanted)
{
	char *found = told(stage, action, member);

	cr_assert_str_eq(found, wanted, "%s: %s", member, found);
	free(found);
}

/* ---- tests ---- */

Test(due, each_step_once)
{
	struct stage *stage = stage_with(1);
	struct err err;

	cr_assert_eq(keeper_next_due(stage_keeper(stage)),
		FLOW_NOW + 6 * MS_PER_HOUR, "the reminder is next");
	stage_pass(stage, 6 * MS_PER_HOUR - 1);
	cr_assert_eq(took(stage, "crm"), 0, "not yet");
	stage_pass(stage, 1);
	cr_assert_eq(took(stage, "crm"), 1, "reminded to the millisecond");
	says(stage, "crm", "step", "\"remind\"");
	says(stage, "crm", "clock", "\"contact\"");
	says(stage, "crm", "deadline", "\"2026-11-21T18:00:00Z\"");
	says(stage, "crm", "overdue", "null");
	says(stage, "crm", "late", "false");
	stage_pass(stage, 6 * MS_PER_HOUR);
	cr_assert_eq(took(stage, "boss"), 1, "escalated");
	says(stage, "boss", "step", "\"escalate\"");
	says(stage, "boss", "level", "1");
	says(stage, "boss", "overdue", "\"4h\"");
	cr_assert_eq(keeper_next_due(stage_keeper(stage)), INT64_MAX,
		"nothing is left");
	cr_assert(stage_kill(stage, &err), "%s", err.text);
	stage_pass(stage, 30 * MS_PER_DAY);
	cr_assert_eq(
		took(stage, "crm") + took(stage, "boss"), 2, "never again");
	cr_assert_eq(flow_deliveries(stage, NULL), 2, "and nothing waits");
	close(stage);
}

/* Each action hears of the last step that names it. */
Test(due, what_fell_due_meanwhile_is_one_message_that_says_late)
{
	struct stage *stage = stage_with(1);
	char *crm[] = {(char[]){"crm"}};
	struct follow_up_escalation *escalation =
		terms_of(stage)->escalations.items[0].record;
	struct setting_texts boss = escalation->actions;

	escalation->actions = (struct setting_texts){1, crm};
	stage_set_clock(stage, FLOW_NOW + 20 * MS_PER_HOUR);
	cr_assert_eq(took(stage, "crm"), 1, "one for two steps");
	says(stage, "crm", "step", "\"escalate\"");
	says(stage, "crm", "late", "true");
	says(stage, "crm", "at", "\"2026-11-21T22:00:00Z\"");
	says(stage, "crm", "overdue", "\"12h\"");
	stage_pass(stage, 30 * MS_PER_DAY);
	cr_assert_eq(took(stage, "crm"), 1, "and no other");
	escalation->actions = boss;
	close(stage);
}

Test(due, a_clock_that_is_set_fires_once)
{
	struct stage *stage = stage_with(1);

	stage_jump(stage, 7 * MS_PER_HOUR);
	stage_pass(stage, DUE_LOOK_MS);
	cr_assert_eq(took(stage, "crm"), 1, "what lies before is due");
	stage_jump(stage, -7 * MS_PER_HOUR);
	stage_pass(stage, 7 * MS_PER_HOUR);
	cr_assert_eq(took(stage, "crm"), 1, "but once");
	close(stage);
}

Test(due, thousands_at_once_go_by_slices)
{
	enum { MANY = 3 * DUE_SLICE + 7 };
	struct stage *stage = stage_with(MANY);

	stage_set_clock(stage, FLOW_NOW + 6 * MS_PER_HOUR);
	cr_assert_eq(took(stage, "crm"), MANY, "each");
	cr_assert_eq(stage_seen(stage, "crm").ids, MANY, "by its own id");
	close(stage);
}

/* Nothing is half done, nothing twice. */
Test(due, a_store_that_fails_is_asked_again)
{
	static const enum fault faults[] = {FAULT_BEGIN, FAULT_COMMIT,
		FAULT_SAVEPOINT, FAULT_PUT_DELIVERY, FAULT_KEEP};

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct stage *stage = stage_with(3);

		/* Old rows are looked after in transactions too. */
		store_fault_set(faults[i], 0, 2);
		stage_set_clock(stage, FLOW_NOW + 6 * MS_PER_HOUR);
		cr_assert_geq(store_fault_hits(), 1, "%zu: it failed", i);
		cr_assert_lt(took(stage, "crm"), 3, "%zu: not all", i);
		stage_pass(stage, 3 * DUE_RETRY_MS);
		cr_assert_eq(took(stage, "crm"), 3, "%zu: each", i);
		cr_assert_eq(stage_seen(stage, "crm").ids, 3, "%zu: once", i);
		stage_pass(stage, MS_PER_HOUR);
		cr_assert_eq(took(stage, "crm"), 3, "%zu: and no more", i);
		close(stage);
	}
}

Test(due, what_cannot_be_made_is_dead_and_moves_on)
{
	struct stage *stage = stage_with(1);

	stage_renders(stage, false);
	stage_pass(stage, 6 * MS_PER_HOUR);
	cr_assert_eq(flow_deliveries(stage, "dead"), 1, "kept, and listed");
	stage_renders(stage, true);
	stage_pass(stage, 6 * MS_PER_HOUR);
	cr_assert_eq(took(stage, "crm"), 0, "it is not tried for ever");
	cr_assert_eq(took(stage, "boss"), 1, "the next step comes");
	close(stage);
}

/* By rows, over the border of a slice. */
Test(due, other_terms_count_from_the_next_moment)
{
	enum { MANY = DUE_RECOMPUTE_SLICE + 3 };
	struct stage *stage = stage_with(MANY);
	struct err err;

	terms_of(stage)->contact_within.ms = 4 * MS_PER_HOUR;
	cr_assert(stage_kill(stage, &err), "%s", err.text);
	cr_assert_eq(keeper_next_due(stage_keeper(stage)),
		FLOW_NOW + 2 * MS_PER_HOUR, "sooner");
	stage_pass(stage, 2 * MS_PER_HOUR);
	cr_assert_eq(took(stage, "crm"), MANY, "each of them");
	says(stage, "crm", "late", "false");
	close(stage);
}
