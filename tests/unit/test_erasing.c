/*
 * erasing - X04: wherever it stops, it goes on to its end; what is being sent is
 * waited for, and nobody else loses an alert.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
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
is_gone(struct stage *stage, const char *what, int at)
{
	char difference[200] = "";

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
	int kept = 0;

	for (int at = 0; at < 9; at++) {
		struct stage *stage = house();

		store_fault_set(FAULT_COMMIT, at, 1);
		if (forget(stage)) {
			kept++;
			stage_pass(stage, 5000);
			is_gone(stage, "a failed commit", at);
		} else {
			cr_assert(is_there(stage, "so bad"), "%d: refused", at);
		}
		store_fault_set(FAULT_NONE, 0, 0);
		stage_close(stage);
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
	cr_assert_eq(kept, 8, "all but the first: %d", kept);
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
