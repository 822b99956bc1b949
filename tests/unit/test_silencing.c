/*
 * silencing - a silence holds from the commit that kept it, and not before; its
 * end is noted when the disk takes it.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "flow/keeper.h"
#include "flow/silencing.h"
#include "flow_house.h"
#include "../support/store_fault.h"

TestSuite(silencing);

static void
on_back(struct job *job)
{
	(void)job;
}

static struct silence *
asked(struct stage *stage, const char *text)
{
	json_t *body = json_loads(text, 0, NULL);
	const char *pointer = "";
	struct err err = {""};
	struct silence *silence =
		silence_read(body, stage_now_ms(stage), &pointer, &err);

	cr_assert_not_null(silence, "%s", err.text);
	json_decref(body);
	return silence;
}

/* Sends it, and lets all happen; silence_job_free is the caller's. */
static struct silence_job *
pass(struct stage *stage, struct silence_job *job)
{
	job->job.done = on_back;
	silence_job_send(stage_keeper(stage), job);
	stage_turn(stage);
	return job;
}

static struct silence_job *
begin(struct stage *stage)
{
	return pass(stage,
		silence_job_begin(
			asked(stage, "{\"match\":{\"category\":\"detractor\"},"
				     "\"for\":\"1h\",\"why\":\"test\"}"),
			"ann"));
}

static void
is_sent(struct stage *stage, const char *answer, int taken, const char *what)
{
	stage_answer(stage, "spool", answer);
	stage_turn(stage);
	cr_assert_eq(stage_seen(stage, "crm").taken, taken, "%s: %d were taken",
		what, stage_seen(stage, "crm").taken);
}

Test(silencing, holds_from_its_commit_alone)
{
	static const enum fault faults[] = {
		FAULT_SAVEPOINT, FAULT_KEEP, FAULT_COMMIT};

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct stage *stage = flow_stage(FLOW_RULES);
		struct silence_job *job;

		store_fault_set(faults[i], 0, 1);
		job = begin(stage);
		cr_assert_not(job->job.good, "%zu: it is not kept", i);
		cr_assert_eq(store_fault_hits(), 1, "%zu", i);
		cr_assert_eq(keeper_silences(stage_keeper(stage)), 0,
			"%zu: nor in force", i);
		silence_job_free(job);
		store_fault_set(FAULT_NONE, 0, 0);
		is_sent(stage, "{\"id\":\"r-1\",\"score\":3}", 1, "no silence");
		job = begin(stage);
		cr_assert(job->job.good, "%zu: %s", i, job->job.err.text);
		cr_assert_eq(job->end, SILENCE_CHANGED, "%zu", i);
		cr_assert_str_eq(json_string_at(job->silence, "by"), "ann",
			"%zu: who", i);
		is_sent(stage, "{\"id\":\"r-2\",\"score\":3}", 1, "silenced");
		silence_job_free(job);
		/* Nor does an end that could not be kept. */
		store_fault_set(faults[i], 0, 1);
		job = pass(stage, silence_job_end(1, NULL));
		cr_assert_not(job->job.good, "%zu: not ended", i);
		silence_job_free(job);
		store_fault_set(FAULT_NONE, 0, 0);
		is_sent(stage, "{\"id\":\"r-3\",\"score\":3}", 1, "silenced");
		job = pass(stage, silence_job_end(1, NULL));
		cr_assert_eq(job->end, SILENCE_CHANGED, "%zu: ended", i);
		silence_job_free(job);
		is_sent(stage, "{\"id\":\"r-4\",\"score\":3}", 2, "ended");
		stage_close(stage);
	}
}

static const char *
ended_at(struct stage *stage, char text[40])
{
	json_t *rows = stage_list(stage, STORE_SILENCES);
	const char *at = json_string_at(json_array_get(rows, 0), "ended_at");

	snprintf(text, 40, "%s", at != NULL ? at : "null");
	json_decref(rows);
	return text;
}

Test(silencing, is_over_in_time_though_that_cannot_be_noted)
{
	struct stage *stage = flow_stage(FLOW_RULES);
	struct silence_job *job = begin(stage);
	char text[40], until[40];

	snprintf(until, sizeof(until), "%s",
		json_string_at(job->silence, "until"));
	silence_job_free(job);
	stage_pass(stage, MS_PER_HOUR - 1000);
	store_fault_set(FAULT_COMMIT, 0, 3);
	stage_set_clock(stage, stage_now_ms(stage) + 1000);
	stage_turn(stage);
	cr_assert(store_fault_hits() > 0, "it was tried");
	cr_assert_eq(keeper_silences(stage_keeper(stage)), 1, "not noted yet");
	cr_assert_str_eq(ended_at(stage, text), "null", "%s", text);
	store_fault_set(FAULT_NONE, 0, 0);
	is_sent(stage, "{\"id\":\"r-1\",\"score\":3}", 1, "it is over");
	cr_assert_eq(keeper_silences(stage_keeper(stage)), 0, "noted");
	cr_assert_str_eq(ended_at(stage, text), until, "%s", text);
	stage_close(stage);
}

/* Those of one transaction are in force with its commit alone. */
Test(silencing, nor_more_in_one_commit)
{
	enum { AT_ONCE = SILENCES_LIMIT + 3 };
	struct stage *stage = flow_stage(FLOW_RULES);
	struct silence_job *jobs[AT_ONCE];
	int set = 0;

	for (int round = 0; round < 2; round++) {
		store_fault_set(round == 0 ? FAULT_COMMIT : FAULT_NONE, 0, 1);
		for (int i = 0; i < AT_ONCE; i++) {
			jobs[i] = silence_job_begin(
				asked(stage, "{\"rule\":\"detractor\",\"for\":"
					     "\"1h\",\"why\":\"test\"}"),
				"ann");
			jobs[i]->job.done = on_back;
			silence_job_send(stage_keeper(stage), jobs[i]);
		}
		stage_turn(stage);
		for (int i = 0; i < AT_ONCE; i++) {
			set += jobs[i]->job.good &&
			       jobs[i]->end == SILENCE_CHANGED;
			silence_job_free(jobs[i]);
		}
	}
	cr_assert_eq(set, SILENCES_LIMIT, "%d were set", set);
	cr_assert_eq(keeper_silences(stage_keeper(stage)), SILENCES_LIMIT,
		"%d are in force", keeper_silences(stage_keeper(stage)));
	stage_close(stage);
}

Test(silencing, there_may_be_so_many_at_once)
{
	struct stage *stage = flow_stage(FLOW_RULES);
	struct silence_job *job;

	for (int i = 0; i < SILENCES_LIMIT; i++) {
		job = begin(stage);
		cr_assert_eq(job->end, SILENCE_CHANGED, "%d", i);
		silence_job_free(job);
	}
	job = begin(stage);
	cr_assert_eq(job->end, SILENCE_REFUSED, "one too many");
	silence_job_free(job);
	job = pass(stage, silence_job_end(7, "jan"));
	cr_assert_eq(job->end, SILENCE_CHANGED, "one ends");
	silence_job_free(job);
	job = pass(stage, silence_job_end(7, "jan"));
	cr_assert_eq(job->end, SILENCE_UNCHANGED, "once");
	silence_job_free(job);
	job = pass(stage, silence_job_end(700, "jan"));
	cr_assert_eq(job->end, SILENCE_NOT_THERE, "none such");
	silence_job_free(job);
	job = begin(stage);
	cr_assert_eq(job->end, SILENCE_CHANGED, "there is room again");
	silence_job_free(job);
	stage_close(stage);
}
