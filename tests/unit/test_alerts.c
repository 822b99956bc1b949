/*
 * alerts - as many as the rules want, and one at a time. What is decided is
 * tested with decide; what a receiver sees, with the scenarios.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "flow_house.h"
#include "store/store.h"

TestSuite(alerts);

enum { ACTIONS = 40 };

/* Two rules with twenty actions each: more than one rule may name. */
static void
append_rules(struct buf *out)
{
	buf_append_text(out, "actions: [");
	for (int i = 0; i < ACTIONS; i++)
		buf_printf(out, "%sa%d", i > 0 ? ", " : "", i);
	buf_append_text(out, "]\nrules:\n");
	for (int rule = 0; rule < 2; rule++) {
		buf_printf(out,
			"  - {name: rule%d, match: {category: detractor}, "
			"continue: true, do: [",
			rule);
		for (int i = 0; i < ACTIONS / 2; i++)
			buf_printf(out, "%sa%d", i > 0 ? ", " : "",
				rule * ACTIONS / 2 + i);
		buf_append_text(out, "]}\n");
	}
}

Test(alerts, none_is_left_out)
{
	struct buf yaml = {0};
	struct stage *stage;

	append_rules(&yaml);
	stage = flow_stage(yaml.data);
	stage_answer(stage, "spool", "{\"id\":\"r-1\",\"score\":3}");
	cr_assert_eq(flow_deliveries(stage, "delivered"), ACTIONS, "all");
	/* And each of them again where the answer is amended. */
	stage_answer(
		stage, "spool", "{\"id\":\"r-1\",\"score\":2,\"revision\":1}");
	cr_assert_eq(flow_deliveries(stage, NULL), ACTIONS, "no second one");
	stage_close(stage);
	buf_done(&yaml);
}

/* What was pending and cannot be made any more is given up by its claim. */
Test(alerts, an_amendment_that_cannot_be_made)
{
	struct stage *stage = flow_stage(FLOW_RULES);
	char *reason;

	stage_receiver(stage, "crm", 401, -1);
	stage_answer(stage, "spool", "{\"id\":\"r-0\",\"score\":3}");
	stage_answer(stage, "spool", "{\"id\":\"r-1\",\"score\":3}");
	cr_assert_eq(flow_deliveries(stage, "pending"), 1, "waits");
	stage_renders(stage, false);
	stage_answer(
		stage, "spool", "{\"id\":\"r-1\",\"score\":2,\"revision\":1}");
	cr_assert_eq(flow_deliveries(stage, "pending"), 1, "still");
	stage_receiver(stage, "crm", 200, -1);
	stage_pass(stage, MS_PER_DAY);
	cr_assert_eq(flow_deliveries(stage, "delivered"), 1, "the other one");
	cr_assert_eq(flow_deliveries(stage, "dead"), 1, "given up");
	reason = flow_newest(stage, "reason");
	cr_assert_str_eq(reason, "the stage does not render", "its reason");
	free(reason);
	stage_close(stage);
}
