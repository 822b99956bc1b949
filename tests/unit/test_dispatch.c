/*
 * dispatch - the lanes of a policy, and of the one after it.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "flow/dispatch.h"
#include "flow/policy.h"
#include "flow_house.h"

TestSuite(dispatch);

#define TWO                                                           \
	"actions: [crm, call]\nrules:\n  - {name: detractor, match: " \
	"{category: detractor}, do: [crm, call]}\n"

static void
reload(struct stage *stage, const char *yaml)
{
	struct err err = {""};

	cr_assert(stage_reload(stage, yaml, &err), "%s", err.text);
}

Test(dispatch, lets_go_of_a_policy_when_its_last_send_has_ended)
{
	struct stage *stage = flow_stage(FLOW_RULES);
	const struct policy *old = stage_policy(stage);

	stage_receiver(stage, "crm", 0, -1);
	stage_answer(stage, "spool", "{\"id\":\"r-1\",\"score\":3}");
	cr_assert_not(dispatch_is_free_of(stage_dispatch(stage), old), "used");
	reload(stage, FLOW_RULES);
	cr_assert_not(dispatch_is_free_of(stage_dispatch(stage), old),
		"a send is in flight");
	stage_receiver(stage, "crm", 200, -1);
	stage_pass(stage, 1);
	cr_assert(dispatch_is_free_of(stage_dispatch(stage), old), "free");
	cr_assert_not(
		dispatch_is_free_of(stage_dispatch(stage), stage_policy(stage)),
		"the new one is used");
	stage_close(stage);
}

Test(dispatch, hands_on_what_was_ready)
{
	struct stage *stage = flow_stage(FLOW_RULES);

	stage_receiver(stage, "crm", 0, -1);
	for (int i = 0; i < 20; i++) {
		char text[64];

		snprintf(
			text, sizeof(text), "{\"id\":\"r-%d\",\"score\":3}", i);
		stage_answer(stage, "spool", text);
	}
	cr_assert_eq(stage_seen(stage, "crm").tries, 8, "in flight");
	reload(stage, FLOW_RULES);
	stage_receiver(stage, "crm", 200, -1);
	cr_assert_eq(stage_seen(stage, "crm").taken, 20, "all are taken");
	cr_assert_eq(stage_seen(stage, "crm").tries, 20, "once each");
	cr_assert_eq(flow_deliveries(stage, "delivered"), 20, "and told");
	stage_close(stage);
}

/* A retired lane's outcomes say nothing of the lane that replaced it. */
Test(dispatch, an_old_lane_does_not_speak_for_the_new_one)
{
	struct stage *stage = flow_stage(FLOW_RULES);

	stage_receiver(stage, "crm", 0, -1);
	stage_answer(stage, "spool", "{\"id\":\"r-1\",\"score\":3}");
	reload(stage, FLOW_RULES);
	stage_receiver(stage, "crm", 401, -1);
	cr_assert(flow_lane_is(stage, "crm", "open"), "not asked yet");
	cr_assert_neq(flow_metric(stage, "npsd_action_held{action=\"crm\"} "),
		1.0, "nor measured");
	cr_assert_eq(flow_deliveries(stage, "retrying"), 1, "but kept");
	stage_pass(stage, DISPATCH_HOLD_FIRST_MS + 1);
	cr_assert(flow_lane_is(stage, "crm", "held"), "it asked itself");
	stage_close(stage);
}

/* What failed waits for the end of the hold, and no longer than that. */
Test(dispatch, a_reload_tries_at_once_what_was_held)
{
	struct stage *stage = flow_stage(FLOW_RULES);

	stage_receiver(stage, "crm", 401, -1);
	stage_answer(stage, "spool", "{\"id\":\"r-1\",\"score\":3}");
	stage_answer(stage, "spool", "{\"id\":\"r-2\",\"score\":3}");
	stage_pass(stage, 2 * DISPATCH_HOLD_CEILING_MS);
	cr_assert(flow_lane_is(stage, "crm", "held"), "for minutes");
	stage_receiver(stage, "crm", 200, -1);
	reload(stage, FLOW_RULES);
	cr_assert_eq(flow_deliveries(stage, "delivered"), 2, "at once");
	cr_assert(flow_lane_is(stage, "crm", "open"), "open");
	stage_close(stage);
}

Test(dispatch, an_action_that_is_gone_is_held_no_more)
{
	struct stage *stage = flow_stage(TWO);

	stage_receiver(stage, "call", 401, -1);
	stage_answer(stage, "spool", "{\"id\":\"r-1\",\"score\":3}");
	cr_assert_eq(flow_metric(stage, "npsd_action_held{action=\"call\"} "),
		1.0, "held");
	reload(stage, FLOW_RULES);
	cr_assert_eq(flow_metric(stage, "npsd_action_held{action=\"call\"} "),
		0.0, "gone");
	stage_close(stage);
}

Test(dispatch, a_pause_outlives_a_reload)
{
	struct stage *stage = flow_stage(FLOW_RULES);

	cr_assert(dispatch_pause(
			  stage_dispatch(stage), "crm", NULL, NULL, NULL, NULL),
		"pause");
	reload(stage, TWO);
	cr_assert(flow_lane_is(stage, "crm", "paused"), "still");
	cr_assert(flow_lane_is(stage, "call", "open"), "that one only");
	stage_answer(stage, "spool", "{\"id\":\"r-1\",\"score\":3}");
	cr_assert_eq(stage_seen(stage, "crm").tries, 0, "nothing");
	cr_assert_eq(stage_seen(stage, "call").tries, 1, "sent");
	stage_close(stage);
}

/* Held is held, whatever is prepared, given up or put in force. */
Test(dispatch, a_held_action_is_measured_so)
{
	static const char series[] = "npsd_action_held{action=\"crm\"} ";
	struct stage *stage = flow_stage(FLOW_RULES);
	struct policy *policy = (struct policy *)(uintptr_t)stage_policy(stage);
	struct err err = {""};

	cr_assert_eq(flow_metric(stage, series), 0.0, "at first");
	stage_receiver(stage, "crm", 401, -1);
	stage_answer(stage, "spool", "{\"id\":\"r-1\",\"score\":3}");
	cr_assert_eq(flow_metric(stage, series), 1.0, "held");
	cr_assert(dispatch_prepare(stage_dispatch(stage), policy, &err), "%s",
		err.text);
	cr_assert_eq(flow_metric(stage, series), 1.0, "prepared");
	dispatch_abandon(stage_dispatch(stage));
	cr_assert_eq(flow_metric(stage, series), 1.0, "given up");
	reload(stage, TWO);
	cr_assert_eq(flow_metric(stage, series), 1.0, "in force");
	cr_assert_eq(flow_metric(stage, "npsd_action_held{action=\"call\"} "),
		0.0, "the other one");
	stage_close(stage);
}

/* One that is prepared and given up leaves everything as it was. */
Test(dispatch, abandons_lanes)
{
	struct stage *stage = flow_stage(FLOW_RULES);
	struct policy *policy = (struct policy *)(uintptr_t)stage_policy(stage);
	int room = flow_room(stage, "crm");
	struct err err = {""};

	for (int i = 0; i < 3; i++)
		cr_assert(dispatch_prepare(stage_dispatch(stage), policy, &err),
			"%s", err.text);
	dispatch_abandon(stage_dispatch(stage));
	stage_turn(stage);
	cr_assert_eq(flow_room(stage, "crm"), room, "its tokens");
	stage_answer(stage, "spool", "{\"id\":\"r-1\",\"score\":3}");
	cr_assert_eq(stage_seen(stage, "crm").taken, 1, "it works on");
	stage_close(stage);
}

Test(dispatch, an_action_that_is_gone_loses_no_retry)
{
	struct stage *stage = flow_stage(TWO);

	stage_receiver(stage, "call", 503, -1);
	stage_answer(stage, "spool", "{\"id\":\"r-1\",\"score\":3}");
	reload(stage, FLOW_RULES);
	stage_pass(stage, MS_PER_DAY);
	cr_assert_eq(flow_deliveries(stage, "retrying"), 1, "it waits");
	stage_receiver(stage, "call", 200, -1);
	reload(stage, TWO);
	cr_assert_eq(flow_deliveries(stage, "delivered"), 2, "and goes out");
	stage_close(stage);
}

Test(dispatch, does_nothing_twice_when_told_to_drain_twice)
{
	struct stage *stage = flow_stage(TWO);

	dispatch_drain(stage_dispatch(stage));
	dispatch_drain(stage_dispatch(stage));
	stage_turn(stage);
	cr_assert(dispatch_is_idle(stage_dispatch(stage)), "idle");
	/* A reload that was under way comes to its end. */
	reload(stage, FLOW_RULES);
	cr_assert(dispatch_is_idle(stage_dispatch(stage)), "still");
	stage_answer(stage, "spool", "{\"id\":\"r-1\",\"score\":3}");
	cr_assert_eq(stage_seen(stage, "crm").tries, 0, "nothing goes out");
	cr_assert_eq(flow_deliveries(stage, "pending"), 1, "but it is kept");
	stage_close(stage);
}

static void
note_trouble(const struct drill_result *result, void *context)
{
	*(bool *)context = result->trouble != NULL;
}

/* A drill of which it was said that it was not sent is never sent. */
Test(dispatch, an_unsent_drill_does_not_stay_claimed)
{
	struct stage *stage = flow_stage(FLOW_RULES);
	bool told = false;

	cr_assert(dispatch_drill(stage_dispatch(stage), "crm", NULL,
			  note_trouble, &told),
		"known");
	dispatch_drain(stage_dispatch(stage));
	stage_turn(stage);
	cr_assert(told, "that nothing was sent");
	cr_assert_eq(flow_deliveries(stage, NULL), 1, "made");
	cr_assert_eq(flow_deliveries(stage, "cancelled"), 1, "settled");
	stage_close(stage);
}
