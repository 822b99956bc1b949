#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "../support/store_fault.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/time.h"
#include "flow/storming.h"
#include "flow_house.h"
#include "store/store.h"

TestSuite(cooling);

/* Folded: two slices, and some more. */
enum { CROWD = 2 * STORMING_SLICE + 100 };

/* One answer each of a crowd of customers. */
static void
bring(struct stage *stage, struct tray *tray, const char *prefix)
{
	char *records[CROWD + 1] = {NULL};

	for (int i = 0; i < CROWD; i++)
		records[i] = mem_printf("{\"id\":\"%s-%d\",\"score\":3,"
					"\"customer\":{\"id\":\"c-%d\"}}",
			prefix, i, i);
	tray_offer(tray, stage,
		tray_batch(tray, prefix, "1", (const char *const *)records));
	stage_turn(stage);
	for (int i = 0; i < CROWD; i++)
		free(records[i]);
}

/* Alerts of answers, and in *messages those that tell of a storm. */
static int
alerts(struct stage *stage, int *messages)
{
	json_t *rows = stage_list(stage, STORE_DELIVERIES), *row;
	int count = 0;
	size_t i;

	*messages = 0;
	json_array_foreach(rows, i, row)
	{
		bool alert = text_same(json_string_at(row, "cause"), "alert");

		count += alert;
		*messages += !alert;
	}
	json_decref(rows);
	return count;
}

/* A message that told of a crowd dies: that takes a transaction a slice, and a
 * daemon that dies between two goes on where it was. */
Test(cooling, of_a_crowd_ends_slice_by_slice_over_a_death)
{
	struct stage *stage = flow_stage(
		"storm: {more_than: 1, within: 10m}\n"
		"rules:\n  - {name: detractor, match: {category: detractor}, "
		"cooldown: {for: 30d}, do: [crm]}\n");
	struct tray tray;
	struct err err;
	int messages;

	tray_init(&tray, "spool");
	stage_receiver(stage, "crm", 400, -1);
	bring(stage, &tray, "first");
	cr_assert_eq(alerts(stage, &messages), CROWD + 0, "all are alerted of");
	cr_assert_eq(messages, 1, "by one message, and one by itself");
	bring(stage, &tray, "second");
	/* The one that went out by itself is dead already. */
	cr_assert_eq(alerts(stage, &messages), CROWD + 1,
		"the others are "
		"quiet");
	/* The first slice is in the transaction of the death; the place that
	 * the second one writes cannot be written. */
	store_fault_set(FAULT_PUT_PLACE, 1, 1);
	stage_pass(stage, 10 * MS_PER_MINUTE);
	cr_assert_eq(store_fault_hits(), 1, "the second slice failed");
	cr_assert_eq(alerts(stage, &messages), CROWD + 1 + STORMING_SLICE,
		"a slice is decided again, not %d", alerts(stage, &messages));
	store_fault_set(FAULT_NONE, 0, 0);
	cr_assert(stage_kill(stage, &err), "%s", err.text);
	cr_assert_eq(alerts(stage, &messages), 2 * CROWD,
		"all are decided again, not %d", alerts(stage, &messages));
	cr_assert(stage_kill(stage, &err), "%s", err.text);
	stage_receiver(stage, "crm", 200, -1);
	stage_pass(stage, MS_PER_DAY);
	cr_assert_eq(alerts(stage, &messages), 2 * CROWD, "and once");
	cr_assert_eq(flow_deliveries(stage, "pending"), 0, "nothing waits");
	stage_close(stage);
	tray_done(&tray);
}

/* Where it failed it is tried again without a new start. */
Test(cooling, of_a_crowd_goes_on_after_a_failure)
{
	struct stage *stage = flow_stage(
		"storm: {more_than: 1, within: 10m}\n"
		"rules:\n  - {name: detractor, match: {category: detractor}, "
		"cooldown: {for: 30d}, do: [crm]}\n");
	struct tray tray;
	int messages;

	tray_init(&tray, "spool");
	bring(stage, &tray, "first");
	bring(stage, &tray, "second");
	stage_receiver(stage, "crm", 400, -1);
	store_fault_set(FAULT_PUT_PLACE, 1, 1);
	stage_pass(stage, 10 * MS_PER_MINUTE);
	store_fault_set(FAULT_NONE, 0, 0);
	cr_assert_eq(alerts(stage, &messages), CROWD + STORMING_SLICE,
		"a slice is decided again");
	stage_pass(stage, MS_PER_MINUTE);
	stage_turn(stage);
	cr_assert_eq(alerts(stage, &messages), 2 * CROWD - 1,
		"all but the one that was told are decided again, not %d",
		alerts(stage, &messages));
	stage_close(stage);
	tray_done(&tray);
}
