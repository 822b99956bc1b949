/*
 * erasing - X04: wherever it stops, it goes on to its end; what is being sent is
 * waited for, and nobody else loses an alert.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/memory.h"
#include "flow/digest_job.h"
#include "flow/erasing.h"
#include "flow/keeper.h"
#include "flow_house.h"
#include "../support/store_fault.h"

TestSuite(erasing, .timeout = 120);

#define WHO "anna@example.com"
#define HER                                           \
	"{\"id\":\"a\",\"score\":2,\"comment\":\"so " \
	"bad\",\"customer\":{\"id\":"                 \
	"\"c-1\",\"email\":\"Anna@example.com\"},\"account\":{\"id\":\"x\"}}"
#define HER_TOO                                                                \
	"{\"id\":\"b\",\"score\":9,\"customer\":{\"id\":\"c-1\"},\"account\":" \
	"{\"id\":\"x\"}}"
#define OTHER                                                                  \
	"{\"id\":\"o\",\"score\":3,\"customer\":{\"id\":\"c-2\"},\"account\":" \
	"{\"id\":\"x\"}}"

static void
on_back(struct job *job)
{
	(void)job;
}

static struct erasing_job *
pass(struct stage *stage, struct erasing_job *job)
{
	job->job.done = on_back;
	erasing_job_send(stage_keeper(stage), job);
	stage_turn(stage);
	return job;
}

static bool
forget(struct stage *stage)
{
	struct erasing_job *job = pass(
		stage, erasing_job_new(ERASURE_OF_PERSON, WHO, 0, "ann", "14"));
	bool good = job->job.good;

	erasing_job_free(job);
	return good;
}

/* The last one; the caller drops it. NULL: there is none. */
static json_t *
erasure(struct stage *stage)
{
	json_t *rows = stage_list(stage, STORE_ERASURES);
	json_t *row = json_incref(json_array_get(rows, 0));

	json_decref(rows);
	return row;
}

static bool
is_in(struct stage *stage, const char *state)
{
	json_t *row = erasure(stage);
	bool is =
		row != NULL && strcmp(json_string_at(row, "state"), state) == 0;

	json_decref(row);
	return is;
}

static int
number(struct stage *stage, const char *name)
{
	json_t *row = erasure(stage);
	int value = (int)json_integer_value(
		json_object_get(json_object_get(row, "erased"), name));

	json_decref(row);
	return value;
}

/* Whether anything that is listed has the text. */
static bool
is_there(struct stage *stage, const char *text)
{
	bool found = false;

	for (int list = STORE_RESPONSES; list <= STORE_ERASURES; list++) {
		json_t *rows = stage_list(stage, list);
		char *all = json_text(rows);

		found |= strstr(all, text) != NULL;
		free(all);
		json_decref(rows);
	}
	return found;
}

static struct stage *
house(void)
{
	struct stage *stage = flow_stage(
		"rules:\n  - {name: detractor, match: {category: detractor}, "
		"do: [crm], follow_up: {contact_within: 8h}}\n");

	stage_receiver(stage, "crm", 503, -1);
	stage_answer(stage, "spool", HER);
	stage_answer(stage, "spool", HER_TOO);
	stage_answer(stage, "spool", OTHER);
	stage_answer(stage, "spool", "{\"score\":11,\"x\":\"" WHO "\"}");
	stage_turn(stage);
	cr_assert(is_there(stage, "so bad"), "there is something");
	return stage;
}

static void
on_word(const struct erasure_word *word, void *context)
{
	(void)word;
	++*(int *)context;
}

/* What was looked for. */
static int
words_left(struct stage *stage)
{
	struct err err;
	int count = 0;

	cr_assert(store_each_erasure_word(keeper_store(stage_keeper(stage)), 1,
			  on_word, &count, &err),
		"%s", err.text);
	return count;
}

static void
is_gone(struct stage *stage, const char *what, int at)
{
	char difference[200] = "";

	cr_assert_eq(words_left(stage), 0, "%s %d: words", what, at);

	cr_assert(is_in(stage, "done"), "%s %d: it is done", what, at);
	cr_assert_not(
		is_there(stage, "so bad"), "%s %d: the comment", what, at);
	cr_assert_not(
		is_there(stage, "nna@example"), "%s %d: the address", what, at);
	cr_assert_not(
		is_there(stage, "\"c-1\""), "%s %d: the customer", what, at);
	cr_assert(is_there(stage, "\"c-2\""), "%s %d: the other", what, at);
	cr_assert_eq(number(stage, "answers"), 2, "%s %d: answers", what, at);
	cr_assert_eq(number(stage, "closed"), 1, "%s %d: closed", what, at);
	cr_assert_eq(number(stage, "rejected"), 1, "%s %d: rejected", what, at);
	cr_assert(stage_counts_hold(stage, difference, sizeof(difference)),
		"%s %d: %s", what, at, difference);
	cr_assert_eq(flow_deliveries(stage, "retrying"), 1,
		"%s %d: the other's alert waits", what, at);
}

/* A commit that fails, and one behind which the machine stops. */
Test(erasing, goes_on_wherever_it_stopped_X04)
{
	struct err err = {""};
	int kept = 0, told = 0;

	for (int at = 0; at < 16; at++) {
		struct stage *stage = house();

		store_fault_set(FAULT_COMMIT, at, 1);
		if (forget(stage)) {
			kept++;
			told += store_fault_hits();
			stage_pass(stage, 5000);
			is_gone(stage, "a failed commit", at);
		} else {
			cr_assert(is_there(stage, "so bad"), "%d: refused", at);
		}
		store_fault_set(FAULT_NONE, 0, 0);
		stage_close(stage);
		if (at >= 9)
			continue;
		stage = house();
		store_fault_set(FAULT_COMMIT, at, -1);
		bool good = forget(stage);

		cr_assert_eq(good, at > 0, "%d: told when it is kept", at);
		cr_assert_not(at < 4 && is_in(stage, "done"),
			"%d: not done before it is", at);
		store_fault_set(FAULT_NONE, 0, 0);
		cr_assert(stage_kill(stage, &err), "%d: %s", at, err.text);
		stage_receiver(stage, "crm", 503, -1);
		stage_turn(stage);
		if (good)
			is_gone(stage, "a kill", at);
		else
			cr_assert(is_there(stage, "so bad"), "%d: kept", at);
		stage_close(stage);
	}
	cr_assert_eq(kept, 15, "all but the first: %d", kept);
	cr_assert_geq(told, 12, "every slice failed once: %d", told);
}

Test(erasing, waits_for_what_is_being_sent)
{
	struct stage *stage = flow_stage(FLOW_RULES);
	struct err err = {""};

	stage_receiver(stage, "crm", 0, -1);
	stage_answer(stage, "spool", HER);
	stage_turn(stage);
	cr_assert_eq(stage_seen(stage, "crm").tries, 1, "it is being sent");
	cr_assert(forget(stage), "kept");
	stage_pass(stage, 1000);
	cr_assert(is_in(stage, "settling"), "it waits");
	cr_assert_not(is_there(stage, "so bad"), "gone all the same");
	/* What was being sent would be sent once more, and has no words left. */
	cr_assert(stage_kill(stage, &err), "%s", err.text);
	stage_receiver(stage, "crm", 200, -1);
	stage_pass(stage, 60000);
	cr_assert(is_in(stage, "done"), "nothing is in flight");
	cr_assert_eq(stage_seen(stage, "crm").taken, 0, "nothing was sent");
	cr_assert_eq(flow_deliveries(stage, "cancelled"), 1, "cancelled");
	stage_close(stage);
}

Test(erasing, lets_those_alert_whom_hers_kept_quiet)
{
	struct stage *stage = flow_stage(
		"rules:\n  - {name: detractor, match: {category: detractor}, "
		"do: [crm], wait: 5m, cooldown: {for: 1d, per: account}}\n");

	stage_answer(stage, "spool", HER);
	stage_answer(stage, "spool", OTHER);
	stage_turn(stage);
	cr_assert_eq(flow_deliveries(stage, NULL), 1, "one for the account");
	cr_assert(forget(stage), "kept");
	stage_pass(stage, 600 * 1000);
	cr_assert(is_in(stage, "done"), "done");
	cr_assert_eq(stage_seen(stage, "crm").taken, 1, "the other's");
	cr_assert_not_null(
		strstr(stage_seen(stage, "crm").last_body, "\"c-2\""), "%s",
		stage_seen(stage, "crm").last_body);
	stage_close(stage);
}

Test(erasing, tells_beforehand_and_changes_nothing)
{
	struct stage *stage = house();
	json_t *before = stage_explain(stage, 1), *after;
	struct erasing_job *job =
		erasing_job_new(ERASURE_OF_PERSON, WHO, 0, "ann", NULL);

	job->dry = true;
	pass(stage, job);
	cr_assert(job->job.good, "%s", job->job.err.text);
	cr_assert_eq(
		json_integer_value(json_object_get(
			json_object_get(job->report, "erased"), "answers")),
		2, "answers");
	cr_assert_eq(json_array_size(json_object_get(job->report, "known_by")),
		2, "her key and her address");
	erasing_job_free(job);
	after = stage_explain(stage, 1);
	cr_assert(json_equal(before, after), "as before");
	json_decref(before);
	json_decref(after);
	cr_assert_null(erasure(stage), "nothing is kept of it");
	/* An answer that is not there. */
	job = erasing_job_new(ERASURE_OF_RESPONSE, NULL, 99, NULL, NULL);
	pass(stage, job);
	cr_assert(job->job.good && job->not_there, "there is none");
	erasing_job_free(job);
	cr_assert_null(erasure(stage), "nor is it kept");
	stage_close(stage);
}

/* ---- what is being sent ---- */

Test(erasing, writes_nothing_while_it_waits)
{
	struct stage *stage = flow_stage(FLOW_RULES);

	stage_receiver(stage, "crm", 0, -1);
	stage_answer(stage, "spool", HER);
	stage_turn(stage);
	cr_assert(forget(stage), "kept");
	stage_pass(stage, 1000);
	cr_assert(is_in(stage, "settling"), "it waits");
	store_fault_set(FAULT_COMMIT, 0, -1);
	stage_pass(stage, 2000);
	cr_assert_eq(store_fault_hits(), 0, "commits: %d", store_fault_hits());
	store_fault_set(FAULT_NONE, 0, 0);
	/* It comes to its end: refused, which would be tried again. */
	stage_receiver(stage, "crm", 503, -1);
	stage_pass(stage, 120 * 1000);
	cr_assert(is_in(stage, "done"), "done");
	cr_assert_eq(flow_deliveries(stage, "cancelled"), 1, "cancelled");
	cr_assert_eq(number(stage, "cancelled"), 1, "and counted");
	stage_close(stage);
}

Test(erasing, knows_after_a_failed_slice_what_was_being_sent)
{
	for (int at = 1; at < 7; at++) {
		struct stage *stage = flow_stage(FLOW_RULES);

		stage_receiver(stage, "crm", 0, -1);
		stage_answer(stage, "spool", HER);
		stage_turn(stage);
		store_fault_set(FAULT_COMMIT, at, 1);
		cr_assert(forget(stage), "%d: kept", at);
		stage_pass(stage, 5000);
		cr_assert(is_in(stage, "settling"), "%d: it waits", at);
		store_fault_set(FAULT_NONE, 0, 0);
		stage_receiver(stage, "crm", 503, -1);
		stage_pass(stage, 120 * 1000);
		cr_assert(is_in(stage, "done"), "%d: done", at);
		cr_assert_eq(flow_deliveries(stage, "cancelled"), 1,
			"%d: cancelled", at);
		cr_assert_eq(number(stage, "answers"), 1, "%d: once", at);
		stage_close(stage);
	}
}

/* ---- digests ---- */

#define DIGESTS                                                    \
	"digests:\n  - {name: daily, every: \"daily 12:00\", to: " \
	"[cx@example.com]}\nrules: []\n"
enum { DAY_MS = 24 * 60 * 60 * 1000 };

/* "STATE BYTES " of each digest, the newest first; the caller frees. */
static char *
digests(struct stage *stage)
{
	json_t *rows = stage_list(stage, STORE_DELIVERIES), *row;
	struct buf text = {0};
	size_t i;

	buf_append_text(&text, "");
	json_array_foreach(rows, i, row)
	{
		if (strcmp(json_string_at(row, "cause"), "digest") != 0)
			continue;
		buf_printf(&text, "%s %s ", json_string_at(row, "state"),
			json_is_null(json_object_get(row, "body_bytes"))
				? "bare"
				: "whole");
	}
	json_decref(rows);
	return buf_take(&text);
}

static void
digests_are(struct stage *stage, const char *wanted, const char *what, int at)
{
	char *found = digests(stage);

	cr_assert_str_eq(found, wanted, "%s %d: %s", what, at, found);
	free(found);
}

/* Two digests, of which the later one may quote her. */
static struct stage *
digest_house(void)
{
	struct stage *stage = flow_stage(DIGESTS);

	stage_answer(stage, "spool", OTHER);
	stage_pass(stage, DAY_MS);
	stage_answer(stage, "spool", HER);
	stage_pass(stage, DAY_MS);
	digests_are(stage, "delivered whole delivered whole ", "before", 0);
	return stage;
}

Test(erasing, takes_digests_since_the_first_answer_wherever_it_stopped)
{
	struct err err = {""};

	static const int commits[] = {0, 4, 5, 6, 8};

	for (size_t i = 0; i < sizeof(commits) / sizeof(commits[0]); i++) {
		struct stage *stage = digest_house();
		int at = commits[i];

		store_fault_set(FAULT_COMMIT, at, at > 0 ? 1 : 0);
		cr_assert(forget(stage), "%d: kept", at);
		stage_pass(stage, 5000);
		store_fault_set(FAULT_NONE, 0, 0);
		cr_assert(is_in(stage, "done"), "%d: done", at);
		digests_are(stage, "delivered bare delivered whole ",
			"a failed commit", at);
		cr_assert_eq(number(stage, "digests"), 1, "%d: told", at);
		stage_close(stage);
		if (at == 0)
			continue;
		stage = digest_house();
		store_fault_set(FAULT_COMMIT, at, -1);
		cr_assert(forget(stage), "%d: kept", at);
		store_fault_set(FAULT_NONE, 0, 0);
		cr_assert(stage_kill(stage, &err), "%d: %s", at, err.text);
		stage_turn(stage);
		digests_are(
			stage, "delivered bare delivered whole ", "a kill", at);
		json_t *row = erasure(stage);

		cr_assert_null(json_object_get(row, "since_ms"), "not told");
		json_decref(row);
		stage_close(stage);
	}
}

/* One that waits goes to nobody; one that is being sent loses its words. */
Test(erasing, sends_no_digest_that_may_quote_her)
{
	struct stage *stage = flow_stage(DIGESTS);
	json_t *row;

	stage_answer(stage, "spool", HER);
	stage_receiver(stage, "crm", 503, -1);
	stage_pass(stage, DAY_MS);
	digests_are(stage, "retrying whole ", "refused", 0);
	cr_assert(forget(stage), "kept");
	digests_are(stage, "cancelled bare ", "forgotten", 0);
	row = erasure(stage);
	cr_assert_eq(
		json_integer_value(json_object_get(
			json_object_get(row, "digests_cancelled"), "daily")),
		1, "told which");
	json_decref(row);
	stage_receiver(stage, "crm", 200, -1);
	stage_pass(stage, 60 * 60 * 1000);
	cr_assert_eq(stage_seen(stage, "crm").taken, 0, "not sent");
	/* Asked for once more, it has no words either. */
	row = stage_list(stage, STORE_DELIVERIES);
	stage_retry(
		stage, atoll(json_string_at(json_array_get(row, 0), "row")));
	json_decref(row);
	stage_pass(stage, 60 * 1000);
	cr_assert_eq(stage_seen(stage, "crm").taken, 0, "nor by hand");
	stage_close(stage);

	stage = flow_stage(DIGESTS);
	stage_answer(stage, "spool", HER);
	stage_receiver(stage, "crm", 0, -1);
	stage_pass(stage, DAY_MS / 4);
	digests_are(stage, "claimed whole ", "being sent", 0);
	cr_assert(forget(stage), "kept");
	stage_pass(stage, 1000);
	cr_assert(is_in(stage, "settling"), "it is waited for");
	stage_receiver(stage, "crm", 503, -1);
	stage_pass(stage, 120 * 1000);
	cr_assert(is_in(stage, "done"), "done");
	digests_are(stage, "cancelled bare ", "afterwards", 0);
	stage_close(stage);
}

/* What it quotes was read before somebody was forgotten. */
Test(erasing, lets_no_digest_be_put_that_was_read_before)
{
	struct stage *stage = flow_stage(DIGESTS);

	stage_answer(stage, "spool", HER);
	cr_assert(forget(stage), "kept");
	for (int later = 0; later < 2; later++) {
		struct digest_job *job = mem_new(1, sizeof(*job));

		job->job.type = JOB_DIGEST;
		job->job.done = on_back;
		job->name = mem_strdup("daily");
		job->action = mem_strdup("crm");
		job->by_hand = true;
		job->read_ms = FLOW_NOW + later;
		keeper_submit(stage_keeper(stage), &job->job, 0);
		stage_turn(stage);
		cr_assert_eq(job->job.good, later == 1, "%d: %s", later,
			job->job.err.text);
		digest_job_free(job);
	}
	stage_close(stage);
}

/* ---- somebody reads the database for long ---- */

#define OTHER_TOO "c-2"

static struct erasing_job *
look(struct stage *stage, const char *who)
{
	struct erasing_job *job =
		erasing_job_new(ERASURE_OF_PERSON, who, 0, NULL, NULL);

	job->dry = true;
	return pass(stage, job);
}

static char *
states(struct stage *stage)
{
	json_t *rows = stage_list(stage, STORE_ERASURES), *row;
	struct buf text = {0};
	size_t i;

	json_array_foreach(rows, i, row)
		buf_printf(&text, "%s ", json_string_at(row, "state"));
	json_decref(rows);
	return buf_take(&text);
}

static void
states_are(struct stage *stage, const char *wanted)
{
	char *found = states(stage);

	cr_assert_str_eq(found, wanted, "%s", found);
	free(found);
}

Test(erasing, lets_others_go_by_while_it_cannot_be_cleaned)
{
	struct stage *stage = house();
	struct erasing_job *job;

	store_fault_set(FAULT_CHECKPOINT, 0, -1);
	cr_assert(forget(stage), "kept");
	states_are(stage, "cleaning ");
	job = look(stage, OTHER_TOO);
	cr_assert(job->job.good, "told: %s", job->job.err.text);
	cr_assert_eq(
		json_integer_value(json_object_get(
			json_object_get(job->report, "erased"), "answers")),
		1, "the other's answer");
	cr_assert_eq(json_integer_value(json_object_get(job->report, "found")),
		1, "found");
	erasing_job_free(job);
	job = pass(stage, erasing_job_new(ERASURE_OF_CUSTOMER, OTHER_TOO, 0,
				  "ann", NULL));
	cr_assert(job->job.good, "%s", job->job.err.text);
	erasing_job_free(job);
	states_are(stage, "cleaning cleaning ");
	cr_assert_not(is_there(stage, "\"c-2\""), "she does not wait");
	cr_assert(flow_metric(stage, "\nnpsd_erasures_running") == 1, "told");
	/* Looked at every half minute, and both are done. */
	int hits = store_fault_hits();

	stage_pass(stage, 29 * 1000);
	cr_assert_eq(store_fault_hits(), hits, "not at once");
	stage_pass(stage, 31 * 1000);
	cr_assert_gt(store_fault_hits(), hits, "again");
	store_fault_set(FAULT_NONE, 0, 0);
	stage_pass(stage, 60 * 1000);
	states_are(stage, "done done ");
	cr_assert(flow_metric(stage, "\nnpsd_erasures_running") == 0, "told");
	stage_close(stage);
}

Test(erasing, a_dry_one_that_fails_is_handed_back)
{
	struct stage *stage = house();
	struct erasing_job *job;

	for (int at = 0; at < 3; at++) {
		store_fault_set(FAULT_BEGIN, at, 1);
		job = look(stage, WHO);
		stage_turn(stage);
		cr_assert_not(job->job.good, "%d: it failed", at);
		cr_assert_str_neq(job->job.err.text, "", "%d: why", at);
		erasing_job_free(job);
		store_fault_set(FAULT_NONE, 0, 0);
	}
	job = look(stage, WHO);
	cr_assert(job->job.good, "%s", job->job.err.text);
	erasing_job_free(job);
	stage_close(stage);
}

/* ---- very many ---- */

Test(erasing, of_very_many_a_dry_one_counts_the_first)
{
	struct err err = {""};
	struct stage *stage =
		stage_open_in_memory("rules: []\n", FLOW_NOW, &err);
	struct erasing_job *job;

	cr_assert_not_null(stage, "%s", err.text);
	for (int i = 0; i < 600; i++) {
		char text[100];

		snprintf(text, sizeof(text),
			"{\"id\":\"%d\",\"score\":9,\"customer\":{\"id\":"
			"\"c-1\"}}",
			i);
		stage_answer(stage, "spool", text);
	}
	job = look(stage, "c-1");
	cr_assert(job->job.good, "%s", job->job.err.text);
	cr_assert_eq(json_integer_value(json_object_get(job->report, "found")),
		600, "found");
	cr_assert_eq(
		json_integer_value(json_object_get(job->report, "counted")),
		200, "counted");
	cr_assert_eq(
		json_integer_value(json_object_get(
			json_object_get(job->report, "erased"), "answers")),
		200, "answers");
	erasing_job_free(job);
	job = pass(stage,
		erasing_job_new(ERASURE_OF_CUSTOMER, "c-1", 0, NULL, NULL));
	erasing_job_free(job);
	cr_assert(is_in(stage, "done"), "done");
	cr_assert_eq(number(stage, "answers"), 600, "all of them");
	stage_close(stage);
}
