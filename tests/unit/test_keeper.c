/*
 * keeper - transactions that fail lose nothing, double nothing, and leave the
 * neighbours alone. The store behind it fails when it is told to.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "flow/erasing.h"
#include "flow/keeper.h"
#include "flow/policy.h"
#include "flow_house.h"
#include "../support/stage_script.h"
#include "../support/store_fault.h"

TestSuite(keeper);

static const char *const detractor[] = {"{\"id\":\"r-1\",\"score\":3}", NULL};

static void
open_house(struct stage **stage, struct tray *tray)
{
	*stage = flow_stage(FLOW_RULES);
	tray_init(tray, "tray");
}

static void
close_house(struct stage *stage, struct tray *tray)
{
	char difference[200] = "";

	cr_assert(stage_counts_hold(stage, difference, sizeof(difference)),
		"%s", difference);
	tray_done(tray);
	store_fault_set(FAULT_NONE, 0, 0);
	stage_close(stage);
}

/* ---- each verb fails once ---- */

struct failure {
	const char *name;
	enum fault fault;
	int after;
	bool kept;     /* the batch, at the first try */
	bool rejected; /* its record, because the store refused it alone */
};

static const struct failure failures[] = {
	{"begin", FAULT_BEGIN, 0, false, false},
	{"savepoint", FAULT_SAVEPOINT, 0, false, false},
	{"savepoint of the second", FAULT_SAVEPOINT, 1, false, false},
	{"keep", FAULT_KEEP, 0, false, false},
	{"keep of the second", FAULT_KEEP, 1, false, false},
	{"put_answer", FAULT_PUT_ANSWER, 0, true, true},
	{"put_delivery", FAULT_PUT_DELIVERY, 0, true, true},
	{"put_place", FAULT_PUT_PLACE, 0, false, false},
	{"add_count", FAULT_ADD_COUNT, 0, false, false},
	{"commit", FAULT_COMMIT, 0, false, false},
};

static void
fails_once(const struct failure *failure)
{
	static const char *const records[] = {"{\"id\":\"r-1\",\"score\":3}",
		"{\"id\":\"r-2\",\"score\":2}", NULL};
	struct stage *stage;
	struct tray tray;
	struct batch *batch;
	int room;

	open_house(&stage, &tray);
	stage_receiver(stage, "crm", 0, -1);
	room = flow_room(stage, "crm");
	batch = tray_batch(&tray, "file", "17", records);
	store_fault_set(failure->fault, failure->after, 1);
	tray_offer(&tray, stage, batch);
	stage_turn(stage);
	cr_assert_eq(store_fault_hits(), 1, "%s: fails", failure->name);
	cr_assert_eq(tray.back_count, 1, "%s: comes back", failure->name);
	cr_assert_eq(batch->kept, failure->kept, "%s: kept", failure->name);
	cr_assert_eq(batch->records[0].settled_rejected, failure->rejected,
		"%s: rejected", failure->name);
	if (failure->kept) {
		cr_assert_eq(batch->records[0].rejection.reason, REJECTED_STORE,
			"%s: its reason", failure->name);
		cr_assert_not(batch->records[1].settled_rejected,
			"%s: its neighbour", failure->name);
		cr_assert_eq(flow_room(stage, "crm"), room - 1,
			"%s: one token is used", failure->name);
		close_house(stage, &tray);
		return;
	}
	cr_assert_eq(flow_rows(stage, STORE_RESPONSES), 0, "%s: nothing stays",
		failure->name);
	cr_assert_eq(flow_room(stage, "crm"), room, "%s: every token is back",
		failure->name);
	cr_assert_eq(stage_seen(stage, "crm").tries, 0, "%s: nothing was sent",
		failure->name);
	/* The same batch once more. */
	tray.back_count = 0;
	tray_offer(&tray, stage, batch);
	stage_turn(stage);
	cr_assert(batch->kept, "%s: kept the second time", failure->name);
	for (size_t i = 0; i < 2; i++) {
		cr_assert_not(batch->records[i].settled_rejected,
			"%s: not rejected", failure->name);
		cr_assert_eq(batch->records[i].standing, STANDING_NEW,
			"%s: new", failure->name);
	}
	stage_receiver(stage, "crm", 200, -1);
	cr_assert_eq(stage_seen(stage, "crm").taken, 2, "%s: both are taken",
		failure->name);
	cr_assert_eq(flow_room(stage, "crm"), room, "%s: room", failure->name);
	cr_assert_eq(flow_metric(stage,
			     "npsd_responses_total{source=\"tray\",category="
			     "\"detractor\"} "),
		2.0, "%s: counted once", failure->name);
	cr_assert_eq(flow_metric(stage,
			     "npsd_rule_matches_total{rule=\"detractor\"} "),
		2.0, "%s: hits", failure->name);
	close_house(stage, &tray);
}

Test(keeper, a_verb_that_fails_once)
{
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++)
		fails_once(&failures[i]);
}

/* A record that was set aside in a transaction that failed is no rejected one
 * the next time. */
Test(keeper, nothing_sticks_to_a_record)
{
	struct stage *stage;
	struct tray tray;
	struct batch *batch;

	open_house(&stage, &tray);
	batch = tray_batch(&tray, "file", "1", detractor);
	batch->records[0].settled_rejected = true;
	batch->records[0].row = 99;
	tray_offer(&tray, stage, batch);
	stage_turn(stage);
	cr_assert(batch->kept, "kept");
	cr_assert_not(batch->records[0].settled_rejected, "not rejected");
	cr_assert_eq(batch->records[0].row, 1, "its own row");
	close_house(stage, &tray);
}

Test(keeper, hits_of_an_undone_answer_are_not_counted)
{
	struct stage *stage;
	struct tray tray;

	open_house(&stage, &tray);
	store_fault_set(FAULT_PUT_DELIVERY, 0, 1);
	tray_offer(&tray, stage, tray_batch(&tray, NULL, NULL, detractor));
	stage_turn(stage);
	cr_assert(tray.back[0]->records[0].settled_rejected, "set aside");
	cr_assert_eq(flow_metric(stage,
			     "npsd_rule_matches_total{rule=\"detractor\"} "),
		-1.0, "no rule has fired");
	cr_assert_eq(flow_rows(stage, STORE_REJECTED), 1, "and is kept so");
	close_house(stage, &tray);
}

/* A batch may have a place and no record (blank lines only). */
Test(keeper, an_empty_batch_comes_back)
{
	struct stage *stage;
	struct tray tray;
	struct batch *batch;

	open_house(&stage, &tray);
	batch = tray_batch(&tray, "file", "1", NULL);
	store_fault_set(FAULT_COMMIT, 0, 1);
	tray_offer(&tray, stage, batch);
	stage_turn(stage);
	cr_assert_not(batch->kept, "not kept");
	tray.back_count = 0;
	tray_offer(&tray, stage, batch);
	stage_turn(stage);
	cr_assert(batch->kept, "kept");
	close_house(stage, &tray);
}

/* ---- batches behind one another ---- */

static struct batch *
batch_of_many(struct tray *tray, const char *key, int number, bool follows)
{
	struct batch *batch = tray_batch(tray, key, "place", NULL);

	for (int i = 0; i < 600; i++) {
		char *text = mem_printf(
			"{\"id\":\"%s-%d-%d\",\"score\":9}", key, number, i);

		batch_add(batch, text, strlen(text));
		free(text);
	}
	batch->follows = follows;
	return batch;
}

/* 600 records each, so that each is a transaction of its own. */
Test(keeper, a_batch_behind_one_that_failed_fails_too)
{
	struct stage *stage;
	struct tray tray;
	struct batch *first, *second, *other;

	open_house(&stage, &tray);
	first = batch_of_many(&tray, "a", 1, false);
	second = batch_of_many(&tray, "a", 2, true);
	other = batch_of_many(&tray, "b", 1, false);
	store_fault_set(FAULT_COMMIT, 0, 1);
	tray_offer(&tray, stage, first);
	tray_offer(&tray, stage, second);
	tray_offer(&tray, stage, other);
	stage_turn(stage);
	cr_assert_eq(store_fault_hits(), 1, "one commit fails");
	cr_assert_not(first->kept, "the first");
	cr_assert_not(second->kept, "what lies behind it");
	cr_assert(other->kept, "another file is left alone");
	cr_assert_eq(tray.back[0], first, "in their order");
	cr_assert_eq(tray.back[1], second, "in their order");
	tray.back_count = 0;
	first->follows = false;
	second->follows = true;
	tray_offer(&tray, stage, first);
	tray_offer(&tray, stage, second);
	stage_turn(stage);
	cr_assert(first->kept && second->kept, "both the next time");
	tray.back[tray.back_count++] = other;
	close_house(stage, &tray);
}

Test(keeper, batches_of_one_transaction_fail_together)
{
	static const char *const more[] = {
		"{\"id\":\"r-2\",\"score\":9}", NULL};
	struct stage *stage;
	struct tray tray;
	struct batch *first, *second;

	open_house(&stage, &tray);
	first = tray_batch(&tray, "a", "1", detractor);
	second = tray_batch(&tray, "a", "2", more);
	second->follows = true;
	store_fault_set(FAULT_COMMIT, 0, 1);
	tray_offer(&tray, stage, first);
	tray_offer(&tray, stage, second);
	stage_turn(stage);
	cr_assert_not(first->kept || second->kept, "neither");
	tray.back_count = 0;
	tray_offer(&tray, stage, first);
	stage_turn(stage);
	tray_offer(&tray, stage, second);
	stage_turn(stage);
	cr_assert(first->kept && second->kept, "both");
	close_house(stage, &tray);
}

/* ---- outcomes ---- */

static const enum fault settling_faults[] = {
	FAULT_BEGIN, FAULT_SETTLE, FAULT_COMMIT};

/* A 2xx that could not be written down is written down later, and the delivery
 * does not go out again meanwhile. */
Test(keeper, an_outcome_waits_for_the_disk)
{
	for (size_t i = 0; i < 3; i++) {
		struct stage *stage;
		struct tray tray;

		open_house(&stage, &tray);
		stage_receiver(stage, "crm", 0, -1);
		stage_answer(stage, "spool", "{\"id\":\"r-1\",\"score\":3}");
		cr_assert_eq(flow_deliveries(stage, "claimed"), 1, "in flight");
		store_fault_set(settling_faults[i], 0, 3);
		stage_receiver(stage, "crm", 200, -1);
		cr_assert_eq(store_fault_hits(), 3, "it was tried");
		cr_assert_eq(flow_deliveries(stage, "delivered"), 1,
			"and is written down");
		stage_pass(stage, 20 * MS_PER_MINUTE);
		cr_assert_eq(stage_seen(stage, "crm").tries, 1, "sent once");
		close_house(stage, &tray);
	}
}

/* The same for one that is to be tried again: it must not be forgotten. */
Test(keeper, a_retry_that_waited_for_the_disk_is_made)
{
	struct stage *stage;
	struct tray tray;

	open_house(&stage, &tray);
	stage_receiver(stage, "crm", 0, -1);
	stage_answer(stage, "spool", "{\"id\":\"r-1\",\"score\":3}");
	store_fault_set(FAULT_COMMIT, 0, 2);
	stage_receiver(stage, "crm", 503, -1);
	cr_assert_eq(flow_deliveries(stage, "retrying"), 1, "to be tried");
	stage_receiver(stage, "crm", 200, -1);
	stage_pass(stage, MS_PER_MINUTE);
	cr_assert_eq(stage_seen(stage, "crm").taken, 1, "taken");
	close_house(stage, &tray);
}

Test(keeper, a_claim_that_failed_is_made_again)
{
	static const enum fault faults[] = {
		FAULT_CLAIM, FAULT_COMMIT, FAULT_BEGIN};

	for (size_t i = 0; i < 3; i++) {
		struct stage *stage;
		struct tray tray;

		open_house(&stage, &tray);
		stage_receiver(stage, "crm", 503, -1);
		stage_answer(stage, "spool", "{\"id\":\"r-1\",\"score\":3}");
		stage_receiver(stage, "crm", 200, -1);
		store_fault_set(faults[i], 0, 2);
		stage_pass(stage, MS_PER_MINUTE);
		cr_assert_eq(store_fault_hits(), 2, "the claim fails");
		cr_assert_eq(stage_seen(stage, "crm").taken, 1, "taken");
		cr_assert_eq(flow_deliveries(stage, "delivered"), 1, "told");
		close_house(stage, &tray);
	}
}

/* A body that only the store could not take is no reason to give it up. */
Test(keeper, a_full_disk_kills_no_delivery)
{
	struct stage *stage;
	struct tray tray;

	open_house(&stage, &tray);
	stage_renders(stage, false);
	stage_answer(stage, "spool", "{\"id\":\"r-1\",\"score\":3}");
	cr_assert_eq(flow_deliveries(stage, "dead"), 1, "cannot be made");
	stage_renders(stage, true);
	store_fault_set(FAULT_SET_BODY, 0, 1);
	cr_assert(stage_retry(stage, 1), "by hand");
	cr_assert_eq(store_fault_hits(), 1, "the body cannot be kept");
	cr_assert_eq(flow_deliveries(stage, "dead"), 0, "not given up");
	stage_pass(stage, 5 * MS_PER_SECOND);
	cr_assert_eq(flow_deliveries(stage, "delivered"), 1, "delivered");
	close_house(stage, &tray);
}

/* ---- errands ---- */

struct note {
	struct errand errand;
	const char *key;
	bool fails, done;
};

static bool
run_note(struct errand *errand, struct store_writer *store, struct tally *tally,
	int64_t now_ms, struct err *err)
{
	struct note *note = (struct note *)errand;

	(void)tally;
	(void)now_ms;
	return store_put_place(store, "note", note->key, "here", err) &&
	       (!note->fails || err_set(err, "it does not want to"));
}

static void
on_note(struct job *job)
{
	((struct note *)job)->done = true;
}

static void
submit_note(struct stage *stage, struct note *note)
{
	note->errand.job.type = JOB_ERRAND;
	note->errand.job.done = on_note;
	note->errand.run = run_note;
	keeper_submit(stage_keeper(stage), &note->errand.job, 0);
}

static void
on_place(const char *key, const char *place, void *context)
{
	(void)place;
	buf_append_text(context, key);
}

Test(keeper, an_errands_failure_is_its_own)
{
	struct stage *stage;
	struct tray tray;
	struct note bad = {.key = "bad", .fails = true}, good = {.key = "good"};
	struct buf places = {0};
	struct err err;

	open_house(&stage, &tray);
	submit_note(stage, &bad);
	submit_note(stage, &good);
	tray_offer(&tray, stage, tray_batch(&tray, NULL, NULL, detractor));
	stage_turn(stage);
	cr_assert(bad.done && !bad.errand.job.good, "fails");
	cr_assert_str_eq(bad.errand.job.err.text, "it does not want to", "why");
	cr_assert(good.done && good.errand.job.good, "is done");
	cr_assert(tray.back[0]->kept, "and so is the batch");
	cr_assert(keeper_each_place(
			  stage_keeper(stage), "note", on_place, &places, &err),
		"read");
	cr_assert_str_eq(places.data, "good", "nothing of the bad one stays");
	buf_done(&places);
	close_house(stage, &tray);
}

/* ---- trouble is told ---- */

Test(keeper, is_failing_until_something_is_written)
{
	struct stage *stage;
	struct tray tray;
	struct note note = {.key = "n"};
	struct batch *batch;

	open_house(&stage, &tray);
	batch = tray_batch(&tray, NULL, NULL, detractor);
	store_fault_set(FAULT_COMMIT, 0, 1);
	tray_offer(&tray, stage, batch);
	stage_turn(stage);
	cr_assert(keeper_is_failing(stage_keeper(stage)), "failed");
	submit_note(stage, &note);
	stage_turn(stage);
	cr_assert(keeper_is_failing(stage_keeper(stage)),
		"a question proves nothing");
	tray.back_count = 0;
	tray_offer(&tray, stage, batch);
	stage_turn(stage);
	cr_assert_not(keeper_is_failing(stage_keeper(stage)), "stored");
	close_house(stage, &tray);
}

/* ---- a keeper alone ---- */

struct alone {
	struct script *script;
	struct keeper *keeper;
	struct metrics *metrics;
	struct clock_set clock;
	int broken, turns, gatherings;
};

static void
on_broken(const char *reason, void *context)
{
	struct alone *alone = context;

	cr_assert(alone->broken++ > 0 ||
			  strcmp(reason, "the test's disk is full") == 0,
		"the reason");
}

static void
on_turn(void *context)
{
	((struct alone *)context)->turns++;
}

static void
on_gather(void *context)
{
	((struct alone *)context)->gatherings++;
}

static void
open_alone_with(struct alone *alone, void (*gather)(void *context))
{
	static const struct store_settings store = {
		.where = "memory:", .node = "alone"};
	struct err err = {""};

	*alone = (struct alone){0};
	clock_set_init(&alone->clock, FLOW_NOW);
	alone->script = script_read("actions: []\nrules: []\n", &err);
	cr_assert_not_null(alone->script, "%s", err.text);
	alone->metrics = metrics_new();
	struct keeper_settings settings = {
		.store = &store,
		.clock = &alone->clock.clock,
		.metrics = alone->metrics,
		.policy = &alone->script->policy,
		.on_turn = on_turn,
		.on_gather = gather,
		.on_broken = on_broken,
		.context = alone,
	};

	alone->keeper = keeper_open(&settings, &err);
	cr_assert_not_null(alone->keeper, "%s", err.text);
}

static void
open_alone(struct alone *alone)
{
	open_alone_with(alone, NULL);
}

static void
close_alone(struct alone *alone)
{
	store_fault_set(FAULT_NONE, 0, 0);
	keeper_close(alone->keeper);
	metrics_free(alone->metrics);
	script_free(alone->script);
}

Test(keeper, upkeep_that_breaks_the_store_is_told)
{
	struct alone alone;

	open_alone(&alone);
	store_fault_set(FAULT_BROKEN, 0, 1);
	keeper_step(alone.keeper);
	keeper_collect(alone.keeper);
	cr_assert_eq(alone.broken, 1, "told");
	cr_assert_eq(keeper_under_way(alone.keeper), 0, "no job of anybody's");
	close_alone(&alone);
}

static int told;

static void
on_erasing(struct job *job)
{
	told++;
	cr_assert_not(job->good, "nobody is told that it will be done");
}

static struct erasing_job *
ask_to_forget(struct alone *alone)
{
	struct erasing_job *job = erasing_job_new(
		ERASURE_OF_PERSON, "anna@example.com", 0, NULL, NULL);

	job->job.done = on_erasing;
	erasing_job_send(alone->keeper, job);
	keeper_step(alone->keeper);
	return job;
}

Test(keeper, an_erasure_that_breaks_the_store_is_told_X04)
{
	struct alone alone;
	struct erasing_job *job;

	open_alone(&alone);
	keeper_step(alone.keeper);
	told = 0;
	store_fault_set(FAULT_BROKEN, 0, 1);
	job = ask_to_forget(&alone);
	cr_assert_eq(told, 1, "to who asked");
	cr_assert_str_eq(job->job.err.text, "the test's disk is full", "%s",
		job->job.err.text);
	cr_assert_eq(alone.broken, 1, "and to the daemon, which ends");
	erasing_job_free(job);
	job = ask_to_forget(&alone);
	cr_assert_eq(told, 2, "another one");
	cr_assert_str_eq(job->job.err.text, "the store is being closed", "%s",
		job->job.err.text);
	erasing_job_free(job);
	close_alone(&alone);
}

Test(keeper, upkeep_that_fails_waits_for_its_next_time)
{
	struct alone alone;

	open_alone(&alone);
	store_fault_set(FAULT_BEGIN, 0, -1);
	for (int i = 0; i < 10; i++)
		keeper_step(alone.keeper);
	cr_assert_eq(store_fault_hits(), 1, "once");
	clock_set_advance(&alone.clock, 61 * MS_PER_SECOND);
	keeper_step(alone.keeper);
	cr_assert_eq(store_fault_hits(), 2, "a minute later again");
	close_alone(&alone);
}

static int back;

static void
on_back(struct job *job)
{
	cr_assert_not(job->good, "nothing was stored");
	cr_assert_str_neq(job->err.text, "", "with the reason");
	back++;
}

static void
on_back_again(struct job *job)
{
	struct job *next = job->context;

	on_back(job);
	keeper_submit(next->context, next, 0);
}

/* However full the disk is. */
Test(keeper, stops_with_outcomes_that_cannot_be_stored, .timeout = 20)
{
	struct alone alone;
	struct settle_job settle = {
		.job = {.type = JOB_SETTLE, .done = on_back},
		.settlement = {.delivery = 1, .outcome = "delivered"}};
	struct err err;

	open_alone(&alone);
	back = 0;
	store_fault_set(FAULT_COMMIT, 0, -1);
	keeper_submit(alone.keeper, &settle.job, 0);
	cr_assert(keeper_start(alone.keeper, &err), "%s", err.text);
	keeper_stop(alone.keeper);
	cr_assert_eq(back, 1, "handed back");
	cr_assert_eq(keeper_under_way(alone.keeper), 0, "nothing is left");
	close_alone(&alone);
}

Test(keeper, hands_back_what_comes_too_late, .timeout = 20)
{
	struct alone alone;
	struct note second = {.key = "x"};
	struct settle_job first = {.job = {.type = JOB_SETTLE},
		.settlement = {.delivery = 1, .outcome = "delivered"}};
	struct err err;

	open_alone(&alone);
	back = 0;
	second.errand.job.type = JOB_ERRAND;
	second.errand.job.done = on_back;
	second.errand.run = run_note;
	first.job.done = on_back_again;
	first.job.context = &second.errand.job;
	second.errand.job.context = alone.keeper;
	cr_assert(keeper_start(alone.keeper, &err), "%s", err.text);
	store_fault_set(FAULT_COMMIT, 0, -1);
	keeper_submit(alone.keeper, &first.job, 0);
	keeper_stop(alone.keeper);
	cr_assert_eq(back, 2, "both come back, undone");
	cr_assert_eq(keeper_under_way(alone.keeper), 0, "nothing is left");
	close_alone(&alone);
}

Test(keeper, is_full_by_weight)
{
	struct alone alone;
	struct note heavy = {.key = "x"};

	open_alone(&alone);
	heavy.errand.job.type = JOB_ERRAND;
	heavy.errand.job.done = on_note;
	heavy.errand.run = run_note;
	cr_assert_not(keeper_is_full(alone.keeper), "empty");
	keeper_submit(alone.keeper, &heavy.errand.job, KEEPER_INBOX_BYTES);
	cr_assert(keeper_is_full(alone.keeper), "full");
	keeper_step(alone.keeper);
	cr_assert(heavy.done && !keeper_is_full(alone.keeper), "empty again");
	close_alone(&alone);
}

/* So that the store thread begins while the loop reads on. */
Test(keeper, gathers_no_more_than_its_jobs)
{
	struct note notes[KEEPER_GATHER_JOBS + 1];
	struct alone alone;

	open_alone_with(&alone, on_gather);
	memset(notes, 0, sizeof(notes));
	for (int i = 0; i <= KEEPER_GATHER_JOBS; i++) {
		notes[i].key = "x";
		notes[i].errand.job.type = JOB_ERRAND;
		notes[i].errand.job.done = on_note;
		notes[i].errand.run = run_note;
		keeper_submit(alone.keeper, &notes[i].errand.job, 1);
		keeper_step(alone.keeper);
		cr_assert_eq(notes[0].done, i >= KEEPER_GATHER_JOBS - 1,
			"after job %d", i + 1);
	}
	cr_assert(notes[KEEPER_GATHER_JOBS - 1].done, "with all that gathered");
	cr_assert_not(notes[KEEPER_GATHER_JOBS].done, "the next gathers anew");
	cr_assert_eq(alone.gatherings, 2, "and is told anew");
	cr_assert_eq(keeper_depth(alone.keeper), 1, "and is counted");
	keeper_flush(alone.keeper);
	keeper_step(alone.keeper);
	cr_assert(notes[KEEPER_GATHER_JOBS].done, "at the end of the turn");
	close_alone(&alone);
}

Test(keeper, refuses_a_policy_and_goes_on)
{
	struct stage *stage;
	struct tray tray;
	struct err err = {""};
	int room;

	open_house(&stage, &tray);
	room = flow_room(stage, "crm");
	stage_opens_renderers(stage, false);
	cr_assert_not(stage_reload(stage, FLOW_RULES, &err), "refused");
	cr_assert_str_eq(
		err.text, "crm: the stage opens no renderer", "with a reason");
	stage_answer(stage, "spool", "{\"id\":\"r-1\",\"score\":3}");
	cr_assert_eq(stage_seen(stage, "crm").taken, 1, "the old one goes on");
	cr_assert_eq(flow_room(stage, "crm"), room, "with all its tokens");
	for (int i = 0; i < 3; i++)
		cr_assert_not(stage_reload(stage, FLOW_RULES, &err), "again");
	stage_opens_renderers(stage, true);
	cr_assert(stage_reload(stage, FLOW_RULES, &err), "%s", err.text);
	stage_answer(stage, "spool", "{\"id\":\"r-2\",\"score\":3}");
	cr_assert_eq(stage_seen(stage, "crm").taken, 2, "and the new one");
	cr_assert_eq(flow_room(stage, "crm"), room, "with all its tokens");
	close_house(stage, &tray);
}
