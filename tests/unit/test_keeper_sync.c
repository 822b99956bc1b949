/*
 * keeper_sync - the store thread goes on while the disk syncs, nothing is handed
 * back before that is done, and a sync that fails ends it all.
 */
#include <criterion/criterion.h>
#include <poll.h>
#include <semaphore.h>
#include <string.h>

#include "flow/keeper.h"
#include "flow/policy.h"
#include "flow_house.h"
#include "../support/stage_script.h"
#include "../support/store_fault.h"

TestSuite(keeper_sync, .timeout = 20);

enum { LONG_MS = 10 * 1000 };

struct syncs {
	struct script *script;
	struct keeper *keeper;
	struct metrics *metrics;
	struct clock_set clock;
	int broken, back;
	sem_t in_first, second_is_there, in_second;
	struct step {
		struct errand errand;
		struct syncs *syncs;
		int n, place; /* the how-manieth to come back; 0: not yet */
	} steps[2];
};

static void
on_broken(const char *reason, void *context)
{
	cr_assert_str_eq(reason, "the test's disk is full", "the reason");
	((struct syncs *)context)->broken++;
}

static void
on_back(struct job *job)
{
	struct step *step = (struct step *)job;

	step->place = ++step->syncs->back;
}

/* The first one is committed while the second one waits. */
static bool
run_step(struct errand *errand, struct store_writer *store, struct tally *tally,
	int64_t now_ms, struct err *err)
{
	struct step *step = (struct step *)errand;
	struct syncs *syncs = step->syncs;
	const char *key = step->n == 0 ? "first" : "second";

	(void)tally;
	(void)now_ms;
	if (step->n == 0) {
		sem_post(&syncs->in_first);
		sem_wait(&syncs->second_is_there);
	} else {
		sem_post(&syncs->in_second);
	}
	if (errand->reads)
		return true;
	return store_put_place(store, "step", key, "here", err);
}

static void
submit(struct syncs *syncs, int n, bool reads)
{
	struct step *step = &syncs->steps[n];

	step->syncs = syncs;
	step->n = n;
	step->errand.job.type = JOB_ERRAND;
	step->errand.job.done = on_back;
	step->errand.run = run_step;
	step->errand.reads = reads;
	keeper_submit(syncs->keeper, &step->errand.job, 0);
}

/* Up to where the second one is done, unless it asks, and the first one is not
 * synced. */
static void
start(struct syncs *syncs, bool asks)
{
	static const struct store_settings store = {
		.where = "memory:", .node = "alone"};
	struct err err = {""};

	memset(syncs, 0, sizeof(*syncs));
	sem_init(&syncs->in_first, 0, 0);
	sem_init(&syncs->second_is_there, 0, 0);
	sem_init(&syncs->in_second, 0, 0);
	clock_set_init(&syncs->clock, FLOW_NOW);
	clock_set_advance(&syncs->clock, 1000);
	syncs->script = script_read("actions: []\nrules: []\n", &err);
	cr_assert_not_null(syncs->script, "%s", err.text);
	syncs->metrics = metrics_new();
	struct keeper_settings settings = {
		.store = &store,
		.clock = &syncs->clock.clock,
		.metrics = syncs->metrics,
		.policy = &syncs->script->policy,
		.on_broken = on_broken,
		.context = syncs,
	};

	syncs->keeper = keeper_open(&settings, &err);
	cr_assert_not_null(syncs->keeper, "%s", err.text);
	keeper_step(syncs->keeper); /* what it does unasked */
	store_fault_hold_sync();
	cr_assert(keeper_start(syncs->keeper, &err), "%s", err.text);
	submit(syncs, 0, false);
	sem_wait(&syncs->in_first);
	submit(syncs, 1, asks);
	sem_post(&syncs->second_is_there);
	if (!asks)
		sem_wait(&syncs->in_second);
}

static void
collect(struct syncs *syncs, int upto)
{
	struct pollfd fd = {.fd = keeper_fd(syncs->keeper), .events = POLLIN};

	while (syncs->back < upto && poll(&fd, 1, LONG_MS) > 0)
		keeper_collect(syncs->keeper);
	cr_assert_eq(syncs->back, upto, "handed back");
}

static void
finish(struct syncs *syncs)
{
	keeper_stop(syncs->keeper);
	cr_assert_eq(keeper_under_way(syncs->keeper), 0, "nothing is left");
	store_fault_set(FAULT_NONE, 0, 0);
	keeper_close(syncs->keeper);
	metrics_free(syncs->metrics);
	script_free(syncs->script);
}

Test(keeper_sync, the_store_goes_on_while_the_disk_syncs)
{
	struct syncs syncs;

	start(&syncs, false);
	keeper_collect(syncs.keeper);
	cr_assert_eq(syncs.back, 0, "nothing is durable");
	store_fault_let_sync_go();
	collect(&syncs, 2);
	for (int i = 0; i < 2; i++) {
		cr_assert(syncs.steps[i].errand.job.good, "kept");
		cr_assert_eq(syncs.steps[i].place, i + 1, "in their order");
	}
	cr_assert_eq(syncs.broken, 0, "all is well");
	finish(&syncs);
}

/* What a crash could take back is told to nobody. */
Test(keeper_sync, a_question_waits_for_the_sync)
{
	struct syncs syncs;

	start(&syncs, true);
	store_fault_let_sync_go();
	collect(&syncs, 2);
	cr_assert_eq(syncs.steps[0].place, 1, "durable");
	cr_assert_eq(syncs.steps[1].place, 2, "then told of");
	finish(&syncs);
}

Test(keeper_sync, a_sync_that_hangs_is_noticed)
{
	struct syncs syncs;
	int64_t since_us;

	start(&syncs, false);
	since_us = keeper_alive_us(syncs.keeper);
	clock_set_advance(&syncs.clock, 30 * MS_PER_SECOND);
	keeper_wake(syncs.keeper);
	cr_assert_eq(keeper_alive_us(syncs.keeper), since_us, "since then");
	store_fault_let_sync_go();
	collect(&syncs, 2);
	keeper_stop(syncs.keeper);
	cr_assert_gt(keeper_alive_us(syncs.keeper), since_us, "alive again");
	finish(&syncs);
}

Test(keeper_sync, a_sync_that_fails_breaks_the_store)
{
	struct syncs syncs;

	start(&syncs, false);
	store_fault_set(FAULT_SYNC, 0, 1);
	store_fault_let_sync_go();
	collect(&syncs, 2);
	for (int i = 0; i < 2; i++) {
		cr_assert_not(syncs.steps[i].errand.job.good, "not kept");
		cr_assert_eq(syncs.steps[i].place, i + 1, "in their order");
	}
	cr_assert_gt(syncs.broken, 0, "told");
	finish(&syncs);
}
