/*
 * intake - what a source gives and hears: ids, reasons, room, its state.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "crypt/uuid.h"
#include "flow/intake.h"
#include "flow/keeper.h"
#include "flow_house.h"
#include "store/store.h"

TestSuite(intake);

/* A text member of the newest row of a list; the caller frees. */
static char *
newest(struct stage *stage, int list, const char *member)
{
	json_t *rows = stage_list(stage, list);
	char *text =
		mem_strdup(json_string_at(json_array_get(rows, 0), member));

	json_decref(rows);
	return text;
}

/* ---- ids ---- */

static struct record *
one_without_id(struct tray *tray, struct batch **batch)
{
	static const char *const records[] = {"{\"score\":9}", NULL};

	*batch = tray_batch(tray, NULL, NULL, records);
	return &(*batch)->records[0];
}

static void
id_is(struct stage *stage, struct tray *tray, struct batch *batch,
	const char *wanted)
{
	char *id;

	tray_offer(tray, stage, batch);
	stage_turn(stage);
	cr_assert(batch->kept, "kept");
	id = newest(stage, STORE_RESPONSES, "id");
	if (wanted != NULL)
		cr_assert_str_eq(id, wanted, "its id");
	else
		cr_assert_eq(strlen(id), 36, "a random one: %s", id);
	free(id);
}

Test(intake, gives_an_id_where_there_is_none)
{
	struct stage *stage = flow_stage(FLOW_RULES);
	struct tray tray;
	struct batch *batch;
	struct record *record;
	char uuid[UUID_TEXT_BYTES];

	tray_init(&tray, "tray");
	record = one_without_id(&tray, &batch);
	id_is(stage, &tray, batch, NULL);
	record = one_without_id(&tray, &batch);
	record->id_name = mem_strdup("key-1");
	record->id_name_is_id = true;
	id_is(stage, &tray, batch, "key-1");
	record = one_without_id(&tray, &batch);
	record->id_name = mem_strdup("a/b/c");
	uuid_from_name("a/b/c", 5, uuid);
	id_is(stage, &tray, batch, uuid);
	record = one_without_id(&tray, &batch);
	batch->id_prefix = mem_strdup("tray/generation/");
	record->id_number = 4711;
	uuid_from_name("tray/generation/4711", 20, uuid);
	id_is(stage, &tray, batch, uuid);
	/* The same again is the same answer. */
	record = one_without_id(&tray, &batch);
	batch->id_prefix = mem_strdup("tray/generation/");
	record->id_number = 4711;
	tray_offer(&tray, stage, batch);
	stage_turn(stage);
	cr_assert_eq(batch->records[0].standing, STANDING_DUPLICATE, "known");
	tray_done(&tray);
	stage_close(stage);
}

Test(intake, the_survey_is_the_sources)
{
	struct stage *stage = flow_stage(FLOW_RULES);
	struct tray tray;
	struct batch *batch;
	char survey[] = "relationship";
	char *found;

	tray_init(&tray, "tray");
	one_without_id(&tray, &batch);
	tray_offer(&tray, stage, batch);
	stage_turn(stage);
	found = newest(stage, STORE_RESPONSES, "survey");
	cr_assert_str_eq(found, "tray", "its name");
	free(found);
	tray.settings.survey = survey;
	one_without_id(&tray, &batch);
	tray_offer(&tray, stage, batch);
	stage_turn(stage);
	found = newest(stage, STORE_RESPONSES, "survey");
	cr_assert_str_eq(found, "relationship", "its setting");
	free(found);
	tray_done(&tray);
	stage_close(stage);
}

/* ---- what is refused ---- */

Test(intake, keeps_what_it_refuses)
{
	static const struct {
		const char *bytes;
		bool refused;
		enum rejection_reason reason;
		const char *name;
	} rows[] = {
		{"{\"score\":11}", false, REJECTED_SCORE, "score"},
		{"{\"score\":", false, REJECTED_JSON, "json"},
		{"{\"score\":9", true, REJECTED_INCOMPLETE, "incomplete"},
		{"xxxxxxxxxx", true, REJECTED_TOO_LONG, "too_long"},
		{"", false, REJECTED_JSON, "json"},
	};
	struct stage *stage = flow_stage(FLOW_RULES);
	struct tray tray;

	tray_init(&tray, "tray");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *const records[] = {rows[i].bytes, NULL};
		struct batch *batch = tray_batch(&tray, NULL, NULL, records);
		struct record *record = &batch->records[0];
		char *text;

		record->refused = rows[i].refused;
		record->reason = rows[i].reason;
		record->full_length = 100000;
		record->line = 7;
		tray_offer(&tray, stage, batch);
		stage_turn(stage);
		cr_assert(batch->kept && record->settled_rejected, "%zu", i);
		text = newest(stage, STORE_REJECTED, "reason");
		cr_assert_str_eq(text, rows[i].name, "%zu: reason", i);
		free(text);
		text = newest(stage, STORE_REJECTED, "place");
		cr_assert_str_eq(text, "tray:7", "%zu: place", i);
		free(text);
	}
	cr_assert_eq(
		flow_metric(stage, "npsd_rejected_total{source=\"tray\",reason="
				   "\"json\"} "),
		2.0, "counted by reason");
	tray_done(&tray);
	stage_close(stage);
}

/* The good one beside it is kept, and a second source has its own counts. */
Test(intake, counts_by_source)
{
	static const char *const records[] = {"{\"id\":\"1\",\"score\":9}",
		"{\"id\":\"2\",\"score\":99}", "{\"id\":\"1\",\"score\":9}",
		"{\"id\":\"1\",\"score\":8}",
		"{\"id\":\"1\",\"score\":7,\"revision\":1}", NULL};
	static const struct {
		const char *series;
		double value;
	} rows[] = {
		{"npsd_responses_total{source=\"a\",category=\"promoter\"} ",
			1},
		{"npsd_duplicates_total{source=\"a\"} ", 1},
		{"npsd_conflicts_total{source=\"a\"} ", 1},
		{"npsd_amended_total{source=\"a\"} ", 1},
		{"npsd_rejected_total{source=\"a\",reason=\"score\"} ", 1},
		{"npsd_source_last_response_timestamp_seconds{source=\"a\"} ",
			FLOW_NOW / 1000.0},
		{"npsd_responses_total{source=\"b\",category=\"promoter\"} ",
			1},
		{"npsd_duplicates_total{source=\"b\"} ", 1},
	};
	struct stage *stage = flow_stage(FLOW_RULES);
	struct tray a, b;

	tray_init(&a, "a");
	tray_init(&b, "b");
	tray_offer(&a, stage, tray_batch(&a, NULL, NULL, records));
	tray_offer(&b, stage, tray_batch(&b, NULL, NULL, records));
	stage_turn(stage);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_assert_float_eq(flow_metric(stage, rows[i].series),
			rows[i].value, 0.001, "%s", rows[i].series);
	tray_done(&a);
	tray_done(&b);
	stage_close(stage);
}

static json_t *state_of(struct stage *stage, const char *name);

/* What only fails has had no answer. */
Test(intake, tells_who_only_fails)
{
	static const char *const bad[] = {"{\"score\":99}", "7", NULL};
	static const char *const mixed[] = {"{\"score\":9}", "7", NULL};
	static const struct {
		const char *const *records;
		int64_t rejected;
		bool answered;
	} rows[] = {{bad, 2, false}, {mixed, 3, true}};
	struct stage *stage = flow_stage(FLOW_RULES);
	struct tray tray;

	tray_init(&tray, "tray");
	intake_source_opened(stage_intake(stage), "tray");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *state;

		tray_offer(&tray, stage,
			tray_batch(&tray, NULL, NULL, rows[i].records));
		stage_turn(stage);
		state = state_of(stage, "tray");
		cr_expect_eq(
			json_integer_value(json_object_get(state, "rejected")),
			rows[i].rejected, "%zu: rejected", i);
		cr_expect_eq(json_object_get(state, "last_response") != NULL,
			rows[i].answered, "%zu: last", i);
		json_decref(state);
	}
	tray_done(&tray);
	stage_close(stage);
}

/* ---- room ---- */

struct weight {
	struct errand errand;
};

static bool
run_nothing(struct errand *errand, struct store_writer *store,
	struct tally *tally, int64_t now_ms, struct err *err)
{
	(void)errand;
	(void)store;
	(void)tally;
	(void)now_ms;
	(void)err;
	return true;
}

static void
on_nothing(struct job *job)
{
	free(job);
}

/* Fills the inbox until the next turn. */
static void
fill(struct stage *stage)
{
	struct errand *errand = mem_new(1, sizeof(*errand));

	errand->job.type = JOB_ERRAND;
	errand->job.done = on_nothing;
	errand->run = run_nothing;
	keeper_submit(stage_keeper(stage), &errand->job, KEEPER_INBOX_BYTES);
}

static void
take_all_room(struct tray *tray)
{
	fill(tray->context);
}

static bool
offer_one(struct tray *tray, struct stage *stage)
{
	struct intake *intake = stage_intake(stage);
	struct batch *batch;
	bool taken;

	one_without_id(tray, &batch);
	taken = intake_host(intake)->offer(intake, batch);
	if (!taken)
		batch_free(batch);
	return taken;
}

Test(intake, tells_of_room_in_turn)
{
	struct stage *stage = flow_stage(FLOW_RULES);
	struct tray trays[3];
	static const char *const names[] = {"a", "b", "c"};

	for (int i = 0; i < 3; i++) {
		tray_init(&trays[i], names[i]);
		trays[i].on_room = take_all_room;
		trays[i].context = stage;
	}
	for (int round = 1; round <= 3; round++) {
		int rooms = 0;

		fill(stage);
		for (int i = 0; i < 3; i++)
			cr_assert_not(offer_one(&trays[i], stage), "full");
		keeper_step(stage_keeper(stage));
		intake_room(stage_intake(stage));
		keeper_step(stage_keeper(stage));
		for (int i = 0; i < 3; i++)
			rooms += trays[i].rooms;
		cr_assert_eq(rooms, round, "one a time, for it takes all");
	}
	for (int i = 0; i < 3; i++)
		cr_assert_eq(trays[i].rooms, 1, "%s: once each", names[i]);
	stage_close(stage);
}

Test(intake, forgets_who_waited_when_it_closes)
{
	struct stage *stage = flow_stage(FLOW_RULES);
	struct tray tray;

	tray_init(&tray, "tray");
	fill(stage);
	cr_assert_not(offer_one(&tray, stage), "full");
	intake_close_source(stage_intake(stage), &tray.source);
	cr_assert(tray.closed, "closed");
	keeper_step(stage_keeper(stage));
	intake_room(stage_intake(stage));
	cr_assert_eq(tray.rooms, 0, "not told");
	stage_close(stage);
}

Test(intake, drained_it_takes_nothing)
{
	struct stage *stage = flow_stage(FLOW_RULES);
	struct tray tray;

	tray_init(&tray, "tray");
	cr_assert(offer_one(&tray, stage), "taken");
	cr_assert_eq(intake_under_way(stage_intake(stage)), 1, "under way");
	intake_drain(stage_intake(stage));
	cr_assert_not(offer_one(&tray, stage), "refused");
	stage_turn(stage);
	cr_assert_eq(tray.back_count, 1, "what was taken comes back");
	cr_assert_eq(intake_under_way(stage_intake(stage)), 0, "nothing");
	intake_room(stage_intake(stage));
	cr_assert_eq(tray.rooms, 0, "nobody is told of room");
	tray_done(&tray);
	stage_close(stage);
}

/* ---- state ---- */

static json_t *
state_of(struct stage *stage, const char *name)
{
	json_t *state = intake_state(stage_intake(stage)), *item;
	json_t *found = NULL;
	size_t i;

	json_array_foreach(state, i, item)
	{
		if (strcmp(json_string_at(item, "source"), name) == 0)
			found = json_incref(item);
	}
	json_decref(state);
	return found;
}

Test(intake, tells_the_state_of_what_is_open)
{
	struct stage *stage = flow_stage(FLOW_RULES);
	struct intake *intake = stage_intake(stage);
	const struct source_host *host = intake_host(intake);
	struct tray old, new;
	json_t *state;

	tray_init(&old, "tray");
	tray_init(&new, "tray");
	cr_assert_null(state_of(stage, "tray"), "not open");
	intake_source_opened(intake, "tray");
	state = state_of(stage, "tray");
	cr_assert(json_is_true(json_object_get(state, "healthy")), "at first");
	json_decref(state);
	host->health(intake, "tray", false, "no \xff\n there");
	host->behind(intake, "tray", 17);
	state = state_of(stage, "tray");
	cr_assert(json_is_false(json_object_get(state, "healthy")), "ill");
	cr_assert_str_eq(json_string_at(state, "reason"), "no \\xff\\x0a there",
		"its reason, escaped");
	cr_assert_eq(json_integer_value(json_object_get(state, "behind_bytes")),
		17, "behind");
	cr_assert_eq(json_integer_value(json_object_get(state, "rejected")), 0,
		"nothing was refused");
	json_decref(state);
	/* A reload opens the new one before the old one is closed. */
	intake_source_opened(intake, "tray");
	intake_close_source(intake, &old.source);
	state = state_of(stage, "tray");
	cr_assert(json_is_false(json_object_get(state, "healthy")), "still");
	json_decref(state);
	intake_close_source(intake, &new.source);
	cr_assert_null(state_of(stage, "tray"), "gone");
	cr_assert_eq(
		flow_metric(stage, "npsd_spool_bytes_behind{source=\"tray\"} "),
		0.0, "nothing is behind");
	intake_source_opened(intake, "tray");
	state = state_of(stage, "tray");
	cr_assert(json_is_true(json_object_get(state, "healthy")), "anew");
	json_decref(state);
	stage_close(stage);
}
