/* flow_house - a source whose batches come back, and counting rows. */
#include "flow_house.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/metrics.h"
#include "flow/dispatch.h"
#include "flow/intake.h"
#include "flow/policy.h"
#include "store/store.h"

static void
on_settled(struct source *source, struct batch *batch)
{
	struct tray *tray = (struct tray *)source;

	cr_assert_lt(tray->back_count, TRAY_LIMIT, "the tray is full");
	tray->back[tray->back_count++] = batch;
}

static void
on_room(struct source *source)
{
	struct tray *tray = (struct tray *)source;

	tray->rooms++;
	if (tray->on_room != NULL)
		tray->on_room(tray);
}

static void
on_close(struct source *source)
{
	((struct tray *)source)->closed = true;
}

static const struct source_kind tray_kind = {
	.setting = {.name = "tray"},
	.settled = on_settled,
	.room = on_room,
	.close = on_close,
};

void
tray_init(struct tray *tray, const char *name)
{
	memset(tray, 0, sizeof(*tray));
	tray->source = (struct source){&tray_kind, name, &tray->settings, NULL};
}

void
tray_done(struct tray *tray)
{
	for (int i = 0; i < tray->back_count; i++)
		batch_free(tray->back[i]);
	tray->back_count = 0;
}

struct batch *
tray_batch(struct tray *tray, const char *place_key, const char *place,
	const char *const *records)
{
	struct batch *batch = batch_new(&tray->source, "tray");

	batch->place_key = mem_strdup(place_key);
	batch->place = mem_strdup(place);
	for (; records != NULL && *records != NULL; records++)
		batch_add(batch, *records, strlen(*records));
	return batch;
}

void
tray_offer(struct tray *tray, struct stage *stage, struct batch *batch)
{
	struct intake *intake = stage_intake(stage);

	cr_assert_eq(batch->source, &tray->source, "its own");
	cr_assert(intake_host(intake)->offer(intake, batch), "offer");
}

struct stage *
flow_stage(const char *yaml)
{
	struct err err = {""};
	struct stage *stage = stage_open(yaml, FLOW_NOW, &err);

	cr_assert_not_null(stage, "%s", err.text);
	return stage;
}

int
flow_deliveries(struct stage *stage, const char *state)
{
	json_t *rows = stage_list(stage, STORE_DELIVERIES), *row;
	size_t i;
	int count = 0;

	json_array_foreach(rows, i, row)
	{
		if (state == NULL ||
			strcmp(json_string_at(row, "state"), state) == 0)
			count++;
	}
	json_decref(rows);
	return count;
}

int
flow_rows(struct stage *stage, int list)
{
	json_t *rows = stage_list(stage, list);
	int count = (int)json_array_size(rows);

	json_decref(rows);
	return count;
}

char *
flow_newest(struct stage *stage, const char *member)
{
	json_t *rows = stage_list(stage, STORE_DELIVERIES);
	char *text =
		mem_strdup(json_string_at(json_array_get(rows, 0), member));

	json_decref(rows);
	return text;
}

int
flow_room(const struct stage *stage, const char *action)
{
	return atomic_load(&policy_action(stage_policy(stage), action)->room);
}

bool
flow_lane_is(struct stage *stage, const char *action, const char *state)
{
	json_t *lanes = dispatch_state(stage_dispatch(stage)), *lane;
	size_t i;
	bool is = false;

	json_array_foreach(lanes, i, lane)
	{
		if (strcmp(json_string_at(lane, "action"), action) == 0)
			is = strcmp(json_string_at(lane, "state"), state) == 0;
	}
	json_decref(lanes);
	return is;
}

double
flow_metric(struct stage *stage, const char *series)
{
	struct buf text = {0};
	const char *at;
	double value = -1;

	metrics_write(stage_metrics(stage), &text);
	at = text.data != NULL ? strstr(text.data, series) : NULL;
	if (at != NULL)
		value = strtod(at + strlen(series), NULL);
	buf_done(&text);
	return value;
}
