/*
 * lane - one action's way out: tokens, order, pauses. Seen through the stage;
 * the long stories stand in the scenarios.
 */
#include <criterion/criterion.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/memory.h"
#include "flow/dispatch.h"
#include "flow/job.h"
#include "flow/keeper.h"
#include "flow/policy.h"
#include "flow_house.h"
#include "../support/store_fault.h"

TestSuite(lane);

enum { CONCURRENT = 8 }; /* of the stage's actions */

static void
answer(struct stage *stage, int first, int count)
{
	for (int i = first; i < first + count; i++) {
		char *text = mem_printf("{\"id\":\"r-%d\",\"score\":3}", i);

		stage_answer(stage, "spool", text);
		free(text);
	}
}

/* What is free, in flight and ready is always the ceiling. */
static void
tokens_hold(struct stage *stage, int in_flight, int ready, const char *when)
{
	json_t *lanes = dispatch_state(stage_dispatch(stage));
	json_t *lane = json_array_get(lanes, 0);

	cr_assert_eq(json_integer_value(json_object_get(lane, "in_flight")),
		in_flight, "%s: in flight", when);
	cr_assert_eq(json_integer_value(json_object_get(lane, "ready")), ready,
		"%s: ready", when);
	cr_assert_eq(flow_room(stage, "crm"),
		CONCURRENT + DISPATCH_AHEAD - in_flight - ready, "%s: room",
		when);
	json_decref(lanes);
}

Test(lane, its_tokens_come_back)
{
	struct stage *stage = flow_stage(FLOW_RULES);

	tokens_hold(stage, 0, 0, "at first");
	answer(stage, 0, 3);
	tokens_hold(stage, 0, 0, "delivered at once");
	stage_receiver(stage, "crm", 0, -1);
	answer(stage, 10, 20);
	tokens_hold(stage, CONCURRENT, 12, "a silent receiver");
	stage_answer(stage, "spool", "{\"id\":\"r-10\",\"score\":3}");
	tokens_hold(stage, CONCURRENT, 12, "a duplicate");
	store_fault_set(FAULT_COMMIT, 0, 1);
	answer(stage, 100, 1);
	store_fault_set(FAULT_PUT_DELIVERY, 0, 1);
	answer(stage, 101, 1);
	store_fault_set(FAULT_NONE, 0, 0);
	tokens_hold(stage, CONCURRENT, 12, "undone");
	stage_receiver(stage, "crm", 200, -1);
	tokens_hold(stage, 0, 0, "in the end");
	cr_assert_eq(stage_seen(stage, "crm").taken, 23, "all");
	stage_close(stage);
}

static int
count_lines(const char *file, const char *text)
{
	FILE *said = fopen(file, "r");
	char line[1024];
	int count = 0;

	cr_assert_not_null(said, "%s", file);
	while (fgets(line, sizeof(line), said) != NULL)
		count += strstr(line, text) != NULL;
	fclose(said);
	return count;
}

/* Each lane tries again every second; the log is not filled with that. */
Test(lane, says_little_of_a_full_disk_P05)
{
	static const char said[] = "/tmp/npsd-lane-said";
	struct stage *stage = flow_stage(FLOW_RULES);
	int before;

	cr_assert_not_null(freopen(said, "w", stderr), "%s", said);
	stage_receiver(stage, "crm", 401, -1);
	answer(stage, 0, 1);
	cr_assert(dispatch_pause(
			  stage_dispatch(stage), "crm", NULL, NULL, NULL, NULL),
		"pause");
	store_fault_set(FAULT_COMMIT, 0, -1);
	for (int i = 0; i < 50; i++)
		stage_pass(stage, MS_PER_SECOND);
	before = store_fault_hits();
	store_fault_set(FAULT_NONE, 0, 0);
	stage_pass(stage, 2 * MS_PER_MINUTE);
	cr_assert_gt(before, 40, "it tried");
	cr_assert_eq(count_lines(said, "how action crm stands"), 1, "one line");
	unlink(said);
	stage_close(stage);
}

Test(lane, what_has_no_room_waits_in_the_store)
{
	struct stage *stage = flow_stage(FLOW_RULES);
	const int held = CONCURRENT + DISPATCH_AHEAD;

	stage_receiver(stage, "crm", 0, -1);
	answer(stage, 0, held + 10);
	cr_assert_eq(flow_room(stage, "crm"), 0, "no room");
	cr_assert_eq(flow_deliveries(stage, "claimed"), held, "held");
	cr_assert_eq(flow_deliveries(stage, "pending"), 10, "waiting");
	stage_receiver(stage, "crm", 200, -1);
	cr_assert_eq(stage_seen(stage, "crm").taken, held + 10, "all");
	cr_assert_eq(stage_seen(stage, "crm").ids, held + 10, "once each");
	tokens_hold(stage, 0, 0, "afterwards");
	stage_close(stage);
}

/* A claim of all the room there is, at the store ahead of what comes next. */
struct early_claim {
	struct claim_job job; /* first */
	bool done;
};

static void
on_early_claim(struct job *job)
{
	((struct early_claim *)job)->done = true;
}

static void
claim_early(struct stage *stage, struct early_claim *claim)
{
	struct policy_action *action =
		policy_action(stage_policy(stage), "crm");

	*claim = (struct early_claim){
		.job = {.job = {.type = JOB_CLAIM, .done = on_early_claim},
			.action = action,
			.n = atomic_exchange(&action->room, 0)}};
	keeper_submit(stage_keeper(stage), &claim->job.job, 0);
}

/* Else an answer that comes while a claim is under way would wait for the next
 * one, and under load each would. */
Test(lane, room_that_a_claim_leaves_is_there_at_once)
{
	static const char commits[] = "npsd_commit_seconds_count ";
	struct stage *stage = flow_stage(FLOW_RULES);
	struct early_claim claim;
	double before;

	stage_receiver(stage, "crm", 0, -1);
	stage_turn(stage);
	claim_early(stage, &claim);
	before = flow_metric(stage, commits);
	answer(stage, 0, 1);
	cr_assert(claim.done, "claimed");
	cr_assert_eq(claim.job.granted, CONCURRENT + DISPATCH_AHEAD, "granted");
	cr_assert_eq(flow_metric(stage, commits), before + 1,
		"the answer's alert needs no claim");
	tokens_hold(stage, 1, 0, "born claimed");
	claim_early(stage, &claim);
	store_fault_set(FAULT_COMMIT, 0, 1);
	answer(stage, 1, 1);
	store_fault_set(FAULT_NONE, 0, 0);
	cr_assert(claim.done && !claim.job.job.good, "undone");
	tokens_hold(stage, 1, 0, "undone");
	stage_close(stage);
}

Test(lane, paused_it_sends_nothing)
{
	struct stage *stage = flow_stage(FLOW_RULES);

	cr_assert_not(dispatch_pause(stage_dispatch(stage), "crn", NULL, NULL,
			      NULL, NULL),
		"no such action");
	cr_assert(dispatch_pause(stage_dispatch(stage), "crm", "ops", "moving",
			  NULL, NULL),
		"known");
	stage_turn(stage);
	cr_assert(flow_lane_is(stage, "crm", "paused"), "told");
	cr_assert_eq(flow_metric(stage, "npsd_action_held{action=\"crm\"} "),
		1.0, "measured");
	answer(stage, 0, 2);
	stage_pass(stage, MS_PER_DAY);
	cr_assert_eq(stage_seen(stage, "crm").tries, 0, "nothing is sent");
	cr_assert(dispatch_resume(stage_dispatch(stage), "crm", NULL, NULL),
		"known");
	stage_turn(stage);
	cr_assert(flow_lane_is(stage, "crm", "open"), "told");
	cr_assert_eq(flow_metric(stage, "npsd_action_held{action=\"crm\"} "),
		0.0, "measured");
	cr_assert_eq(stage_seen(stage, "crm").taken, 2, "sent");
	tokens_hold(stage, 0, 0, "afterwards");
	stage_close(stage);
}

/* A person who says go knows that it is mended. */
Test(lane, resumed_it_probes_at_once)
{
	for (int paused = 0; paused < 2; paused++) {
		struct stage *stage = flow_stage(FLOW_RULES);
		struct dispatch *dispatch = stage_dispatch(stage);
		int tries;

		stage_receiver(stage, "crm", 401, -1);
		answer(stage, 0, 2);
		stage_pass(stage, 2 * MS_PER_MINUTE);
		if (paused != 0)
			cr_assert(dispatch_pause(dispatch, "crm", NULL, NULL,
					  NULL, NULL),
				"pause");
		stage_turn(stage);
		tries = stage_seen(stage, "crm").tries;
		cr_assert(
			dispatch_resume(dispatch, "crm", NULL, NULL), "resume");
		stage_turn(stage);
		cr_assert_eq(stage_seen(stage, "crm").tries, tries + 1,
			"paused %d: one probe", paused);
		cr_assert_not(flow_lane_is(stage, "crm", "open"),
			"paused %d: still", paused);
		stage_receiver(stage, "crm", 200, -1);
		cr_assert(
			dispatch_resume(dispatch, "crm", NULL, NULL), "resume");
		stage_turn(stage);
		cr_assert(flow_lane_is(stage, "crm", "open"), "paused %d",
			paused);
		cr_assert_eq(flow_deliveries(stage, "delivered"), 2,
			"paused %d: all", paused);
		stage_close(stage);
	}
}

Test(lane, tells_why_it_stands_still)
{
	static const struct {
		int status, answers;
		const char *state;
	} rows[] = {
		{401, 1, "held"},
		{503, DISPATCH_BREAKER_FAILURES, "breaker"},
		{503, DISPATCH_BREAKER_FAILURES - 1, "open"},
		{422, DISPATCH_BREAKER_FAILURES + 1, "open"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct stage *stage = flow_stage(FLOW_RULES);
		bool open = strcmp(rows[i].state, "open") == 0;
		json_t *lanes;

		stage_receiver(stage, "crm", rows[i].status, -1);
		answer(stage, 0, rows[i].answers);
		cr_assert(flow_lane_is(stage, "crm", rows[i].state), "%d: %s",
			rows[i].status, rows[i].state);
		lanes = dispatch_state(stage_dispatch(stage));
		cr_assert_eq(json_string_at(
				     json_array_get(lanes, 0), "until") == NULL,
			open, "%d: until", rows[i].status);
		cr_assert_eq(
			flow_metric(stage,
				"npsd_action_held{action=\"crm\"} ") == 1.0,
			!open, "%d: measured", rows[i].status);
		json_decref(lanes);
		stage_close(stage);
	}
}

/* A breaker that finds the endpoint down holds the action, and says so. */
Test(lane, goes_from_breaker_to_held)
{
	struct stage *stage = flow_stage(FLOW_RULES);

	stage_receiver(stage, "crm", 503, -1);
	answer(stage, 0, DISPATCH_BREAKER_FAILURES);
	stage_receiver(stage, "crm", 401, -1);
	stage_pass(stage, 2 * MS_PER_MINUTE);
	cr_assert(flow_lane_is(stage, "crm", "held"), "held");
	stage_receiver(stage, "crm", 200, -1);
	stage_pass(stage, DISPATCH_HOLD_CEILING_MS * 2);
	cr_assert_eq(flow_deliveries(stage, "delivered"),
		DISPATCH_BREAKER_FAILURES, "all in the end");
	stage_close(stage);
}

/* What cannot be made does not hold up what is due behind it. */
Test(lane, goes_on_behind_what_cannot_be_made)
{
	struct stage *stage = flow_stage(FLOW_RULES);
	const int count = CONCURRENT + DISPATCH_AHEAD + 20;

	stage_renders(stage, false);
	answer(stage, 0, count);
	cr_assert_eq(flow_deliveries(stage, "dead"), count, "cannot be made");
	cr_assert_eq(flow_metric(stage, "npsd_deliveries_total{action=\"crm\","
					"outcome=\"dead\"} "),
		count, "counted, born dead");
	cr_assert(dispatch_pause(stage_dispatch(stage), "crm", "ops", "moving",
			  NULL, NULL),
		"pause");
	for (int i = 1; i <= count; i++)
		cr_assert(stage_retry(stage, i), "by hand");
	cr_assert_eq(flow_deliveries(stage, "dead"), 0, "to be tried");
	cr_assert(dispatch_resume(stage_dispatch(stage), "crm", NULL, NULL),
		"on");
	stage_turn(stage);
	cr_assert_eq(
		flow_deliveries(stage, "dead"), count, "all are looked at");
	cr_assert_eq(flow_metric(stage, "npsd_deliveries_total{action=\"crm\","
					"outcome=\"dead\"} "),
		2 * count, "counted, dead at the claim");
	stage_close(stage);
}

/* What is given back unsent bears no trace of it. */
Test(lane, gives_back_what_it_did_not_send)
{
	struct stage *stage = flow_stage(FLOW_RULES);
	struct err err = {""};
	char *reason;

	stage_receiver(stage, "crm", 0, -1);
	answer(stage, 0, CONCURRENT + 3);
	dispatch_drain(stage_dispatch(stage));
	stage_turn(stage);
	cr_assert_eq(
		flow_deliveries(stage, "claimed"), CONCURRENT, "in flight");
	cr_assert_eq(flow_deliveries(stage, "retrying"), 3, "given back");
	reason = flow_newest(stage, "reason");
	cr_assert_null(reason, "no reason: %s", reason);
	cr_assert_not(dispatch_is_idle(stage_dispatch(stage)), "not yet");
	stage_receiver(stage, "crm", 200, -1);
	cr_assert(dispatch_is_idle(stage_dispatch(stage)), "idle");
	cr_assert_eq(flow_deliveries(stage, "delivered"), CONCURRENT, "those");
	answer(stage, 100, 1);
	cr_assert_eq(stage_seen(stage, "crm").tries, CONCURRENT, "no more");
	cr_assert(stage_kill(stage, &err), "%s", err.text);
	cr_assert_eq(stage_seen(stage, "crm").taken, CONCURRENT + 4,
		"at the next start");
	stage_close(stage);
}

/* A clock that jumps ahead ends every lease at once. What is here is not sent
 * again: neither what is ready, nor in flight, nor being written down. */
Test(lane, sends_nothing_twice_when_its_leases_end)
{
	struct stage *stage = flow_stage(FLOW_RULES);
	struct err err = {""};

	stage_receiver(stage, "crm", 0, -1);
	answer(stage, 0, CONCURRENT + 5);
	for (int i = 0; i < 3; i++) {
		stage_set_clock(stage, stage_now_ms(stage) + MS_PER_DAY);
		dispatch_poke(stage_dispatch(stage));
		stage_turn(stage);
		tokens_hold(stage, CONCURRENT, 5, "as they were");
	}
	cr_assert(stage_reload(stage, FLOW_RULES, &err), "%s", err.text);
	stage_set_clock(stage, stage_now_ms(stage) + MS_PER_DAY);
	dispatch_poke(stage_dispatch(stage));
	stage_turn(stage);
	stage_receiver(stage, "crm", 200, -1);
	cr_assert_eq(stage_seen(stage, "crm").tries, CONCURRENT + 5, "tries");
	cr_assert_eq(stage_seen(stage, "crm").ids, CONCURRENT + 5, "ids");
	cr_assert_eq(
		flow_deliveries(stage, "delivered"), CONCURRENT + 5, "told");
	stage_close(stage);
}
