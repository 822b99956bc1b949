/*
 * play - reads scenarios, a sentence a line, and plays them on the stage.
 *
 *	play FILE...	TAP on stdout, one case a scenario
 *
 * A scenario begins with "Scenario: NAME" and "Rules:" followed by indented
 * YAML. Each other line is one sentence of the table `sentences`; words in
 * capitals there are its blanks. tests/scenarios/README names them all.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/json_memory.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/time.h"
#include "flow/dispatch.h"
#include "flow/follow_ups.h"
#include "flow/keeper.h"
#include "flow/replaying.h"
#include "flow/silencing.h"
#include "nps/audit.h"
#include "../support/stage.h"
#include "forgetting.h"
#include "links.h"
#include "proof.h"
#include "store/store.h"

enum { BLANKS_LIMIT = 4, LINE_BYTES = 8192 };

struct play {
	struct stage *stage;
	struct buf rules;
	struct buf lines; /* of the scenario so far */
	bool memory;	  /* played again in that store */
	int unkept;	  /* answers that were not taken */
	int64_t start_ms;
	struct stage_result last;
	char refusal[512]; /* of what somebody wanted last; or "" */
	int many;	   /* answers that came without a name */
	const char *file;
	int line;
	char failure[512]; /* empty: good so far */
};

static void failed(struct play *play, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void
failed(struct play *play, const char *format, ...)
{
	va_list arguments;
	int used;

	if (play->failure[0] != '\0')
		return;
	used = snprintf(play->failure, sizeof(play->failure),
		"%s:%d: ", play->file, play->line);
	va_start(arguments, format);
	vsnprintf(play->failure + used, sizeof(play->failure) - (size_t)used,
		format, arguments);
	va_end(arguments);
}

static struct stage *
stage_of(struct play *play)
{
	struct err err;

	if (play->stage != NULL)
		return play->stage;
	play->stage = (play->memory ? stage_open_in_memory : stage_open)(
		play->rules.data != NULL ? play->rules.data : "rules: []\n",
		play->start_ms, &err);
	if (play->stage == NULL) {
		fprintf(stderr, "%s", err.text);
		failed(play, "the rules are bad: %s", err.text);
	}
	return play->stage;
}

/* ---- what sentences do ---- */

typedef void (*sentence_fn)(struct play *play, char **blanks);

static void
at(struct play *play, char **blanks)
{
	int64_t instant;
	struct err err;

	if (!time_from_rfc3339(blanks[0], strlen(blanks[0]), &instant, &err))
		failed(play, "%s", err.text);
	else if (play->stage == NULL)
		play->start_ms = instant;
	else
		stage_set_clock(play->stage, instant);
}

static void
passes(struct play *play, char **blanks)
{
	int64_t ms;
	struct err err;

	if (!duration_from_text(blanks[0], &ms, &err))
		failed(play, "%s", err.text);
	else if (stage_of(play) != NULL)
		stage_pass(play->stage, ms);
}

static void
is_set(struct play *play, const char *duration, int sign)
{
	int64_t ms = 0;
	struct err err;

	if (!duration_from_text(duration, &ms, &err))
		failed(play, "%s", err.text);
	else if (stage_of(play) != NULL)
		stage_jump(play->stage, sign * ms);
}

static void
is_set_ahead(struct play *play, char **blanks)
{
	is_set(play, blanks[0], 1);
}

static void
is_set_back(struct play *play, char **blanks)
{
	is_set(play, blanks[0], -1);
}

static void
arrives_by(struct play *play, char **blanks)
{
	if (stage_of(play) == NULL)
		return;
	play->last = stage_answer(play->stage, blanks[0], blanks[1]);
	play->unkept += !play->last.kept;
}

static void
arrives_of_the_past(struct play *play, char **blanks)
{
	if (stage_of(play) == NULL)
		return;
	play->last = stage_history(play->stage, "spool", blanks[0]);
	play->unkept += !play->last.kept;
}

static void
arrives(struct play *play, char **blanks)
{
	char *by[] = {(char[]){"spool"}, blanks[0]};

	arrives_by(play, by);
}

/* Many at once: members is what stands in each but its id. */
static void
bring(struct play *play, const char *number, bool past, const char *members)
{
	for (int i = atoi(number); i > 0 && stage_of(play) != NULL; i--) {
		char *text = mem_printf(
			"{\"id\":\"many-%d\",%s}", ++play->many, members);

		play->last = past ? stage_history(play->stage, "spool", text)
				  : stage_answer(play->stage, "spool", text);
		free(text);
		if (!play->last.kept || play->last.rejected)
			failed(play, "one is not kept: %s",
				play->last.rejection.text);
	}
}

static void
many_arrive(struct play *play, char **blanks)
{
	bring(play, blanks[0], false, "\"score\":3");
}

static void
many_score(struct play *play, char **blanks)
{
	char *members = mem_printf("\"score\":%s", blanks[1]);

	bring(play, blanks[0], false, members);
	free(members);
}

static void
many_of_segment(struct play *play, char **blanks)
{
	char *equals = strchr(blanks[1], '=');
	char *members;

	if (equals == NULL) {
		failed(play, "expected SEGMENT=VALUE");
		return;
	}
	*equals = '\0';
	members = mem_printf("\"score\":%s,\"segment\":{\"%s\":\"%s\"}",
		blanks[2], blanks[1], equals + 1);
	bring(play, blanks[0], false, members);
	free(members);
}

static void
many_of_survey(struct play *play, char **blanks)
{
	char *members = mem_printf(
		"\"survey\":\"%s\",\"score\":%s", blanks[1], blanks[2]);

	bring(play, blanks[0], false, members);
	free(members);
}

static void
many_of_the_past(struct play *play, char **blanks)
{
	char *members = mem_printf(
		"\"score\":%s,\"answered_at\":\"%s\"", blanks[1], blanks[2]);

	bring(play, blanks[0], true, members);
	free(members);
}

static void
many_are_invited(struct play *play, char **blanks)
{
	bring(play, blanks[0], false, "\"kind\":\"invitation\"");
}

static const char *
end_of(const struct stage_result *result)
{
	return !result->kept	  ? "not kept"
	       : result->rejected ? "rejected"
				  : standing_name(result->standing);
}

static void
it_is(struct play *play, char **blanks)
{
	if (strcmp(end_of(&play->last), blanks[0]) != 0)
		failed(play, "it is %s (%s), not %s", end_of(&play->last),
			play->last.rejected ? play->last.rejection.text : "",
			blanks[0]);
}

static void
rejected_for(struct play *play, char **blanks)
{
	char *rejected[] = {(char[]){"rejected"}};
	const char *reason;

	it_is(play, rejected);
	reason = rejection_reason_name(play->last.rejection.reason);
	if (strcmp(reason, blanks[0]) != 0)
		failed(play, "it is rejected for %s", reason);
}

static void
answers_once(struct play *play, char **blanks)
{
	if (stage_of(play) != NULL)
		stage_receiver_once(play->stage, blanks[0], atoi(blanks[1]));
}

static void
answers(struct play *play, char **blanks)
{
	if (stage_of(play) != NULL)
		stage_receiver(play->stage, blanks[0], atoi(blanks[1]), -1);
}

static void
answers_wait(struct play *play, char **blanks)
{
	int64_t ms = 0;
	struct err err;

	if (!duration_from_text(blanks[2], &ms, &err))
		failed(play, "%s", err.text);
	if (stage_of(play) != NULL)
		stage_receiver(play->stage, blanks[0], atoi(blanks[1]), ms);
}

static void
is_silent(struct play *play, char **blanks)
{
	if (stage_of(play) != NULL)
		stage_receiver(play->stage, blanks[0], 0, -1);
}

static void
compare(struct play *play, const char *what, int found, const char *wanted)
{
	if (found != atoi(wanted))
		failed(play, "%s: %d, not %s", what, found, wanted);
}

static void
was_tried(struct play *play, char **blanks)
{
	compare(play, "tries", stage_seen(stage_of(play), blanks[0]).tries,
		blanks[1]);
}

static void
took(struct play *play, char **blanks)
{
	compare(play, "taken", stage_seen(stage_of(play), blanks[0]).taken,
		blanks[1]);
}

static void
saw_ids(struct play *play, char **blanks)
{
	compare(play, "ids", stage_seen(stage_of(play), blanks[0]).ids,
		blanks[1]);
}

static void
saw_bodies(struct play *play, char **blanks)
{
	compare(play, "bodies", stage_seen(stage_of(play), blanks[0]).bodies,
		blanks[1]);
}

/* Whether a value is that JSON; NULL is none. */
static void
compare_json(struct play *play, const char *what, const json_t *found,
	const char *json)
{
	json_t *wanted = json_loads(json, JSON_DECODE_ANY, NULL);
	char *text;

	if (wanted == NULL || !json_equal(wanted, found)) {
		text = found != NULL ? json_text_with(found, JSON_ENCODE_ANY)
				     : mem_strdup("nothing");
		failed(play, "%s is %s", what, text);
		free(text);
	}
	json_decref(wanted);
}

/* The member of the last body; *root is to be freed. */
static const json_t *
body_member(
	struct play *play, const char *action, const char *where, json_t **root)
{
	const char *body = stage_seen(stage_of(play), action).last_body;
	char *path = mem_strdup(where);
	const json_t *member;

	*root = body != NULL ? json_loads(body, 0, NULL) : NULL;
	member = *root;
	for (char *save = NULL, *part = strtok_r(path, ".", &save);
		part != NULL; part = strtok_r(NULL, ".", &save))
		member = json_object_get(member, part);
	free(path);
	return member;
}

static void
body_holds(struct play *play, char **blanks)
{
	json_t *root;
	const char *text = json_string_value(
		body_member(play, blanks[0], blanks[1], &root));

	if (text == NULL || strstr(text, blanks[2]) == NULL)
		failed(play, "%s is %s", blanks[1],
			text != NULL ? text : "no text");
	json_decref(root);
}

/* PATH of the last body is JSON. */
static void
body_says(struct play *play, char **blanks)
{
	json_t *root;
	const json_t *member = body_member(play, blanks[0], blanks[1], &root);

	compare_json(play, blanks[1], member, blanks[2]);
	json_decref(root);
}

static void
are_in_state(struct play *play, char **blanks)
{
	json_t *rows = stage_list(stage_of(play), STORE_DELIVERIES), *row;
	size_t i;
	int count = 0;

	json_array_foreach(rows, i, row) count +=
		strcmp(json_string_at(row, "state"), blanks[1]) == 0;
	json_decref(rows);
	compare(play, blanks[1], count, blanks[0]);
}

static void
listed(struct play *play, int list, const char *what, const char *wanted)
{
	json_t *rows = stage_list(stage_of(play), list);

	compare(play, what, (int)json_array_size(rows), wanted);
	json_decref(rows);
}

static void
answers_kept(struct play *play, char **blanks)
{
	listed(play, STORE_RESPONSES, "answers", blanks[0]);
}

static void
rejected_kept(struct play *play, char **blanks)
{
	listed(play, STORE_REJECTED, "rejected records", blanks[0]);
}

static void
retried_by_hand(struct play *play, char **blanks)
{
	json_t *rows = stage_list(stage_of(play), STORE_DELIVERIES), *row;
	size_t i;

	(void)blanks;
	json_array_foreach(rows, i,
		row) if (strcmp(json_string_at(row, "state"), "dead") == 0)
		stage_retry(play->stage, atoll(json_string_at(row, "row")));
	json_decref(rows);
}

/* By a person; what is done to each delivery in that state, of that action. */
static void
do_to_all(struct play *play, const char *state, const char *action,
	bool (*act)(struct stage *stage, int64_t delivery))
{
	json_t *rows, *row;
	size_t i;

	if (stage_of(play) == NULL)
		return;
	rows = stage_list(play->stage, STORE_DELIVERIES);
	json_array_foreach(rows, i, row)
	{
		if (text_same(json_string_at(row, "state"), state) &&
			text_same(json_string_at(row, "action"), action))
			act(play->stage, atoll(json_string_at(row, "row")));
	}
	json_decref(rows);
}

static void
cancelled_by_hand(struct play *play, char **blanks)
{
	do_to_all(play, blanks[0], blanks[1], stage_cancel);
}

static void
state_retried(struct play *play, char **blanks)
{
	do_to_all(play, blanks[0], blanks[1], stage_retry);
}

/* The alerts of the answer with ID. */
static void
alert_retried(struct play *play, char **blanks)
{
	int64_t row = stage_row_of(stage_of(play), NULL, blanks[0]);
	json_t *explained = stage_explain(play->stage, row), *delivery;
	bool any = false;
	size_t i;

	json_array_foreach(json_object_get(explained, "deliveries"), i,
		delivery) any |= stage_retry(play->stage,
		atoll(json_string_at(delivery, "row")));
	if (!any)
		failed(play, "there is none that can be");
	json_decref(explained);
}

/* Of ID audit says NAME is JSON. */
static void
audited(struct play *play, char **blanks)
{
	int64_t row = stage_row_of(stage_of(play), NULL, blanks[0]);
	json_t *explained = stage_explain(play->stage, row);
	json_t *line = audit_line(explained, stage_now_ms(play->stage));
	const json_t *found = json_object_get(line, blanks[1]);

	compare_json(play, blanks[1], found, blanks[2]);
	json_decref(line);
	json_decref(explained);
}

static void
score_is(struct play *play, const char *survey, const char *segment,
	const char *value, char **blanks)
{
	json_t *figures = stage_figures(
		stage_of(play), survey, segment, value, blanks[0]);
	json_t *nps = json_object_get(figures, "nps");
	int responses =
		(int)json_integer_value(json_object_get(figures, "responses"));
	char found[32];

	if (json_is_number(nps))
		snprintf(found, sizeof(found), "%.1f", json_number_value(nps));
	else
		snprintf(found, sizeof(found), "unknown");
	if (strcmp(found, blanks[1]) != 0 || responses != atoi(blanks[2]))
		failed(play, "the score is %s of %d answers", found, responses);
	json_decref(figures);
}

static void
total_is(struct play *play, char **blanks)
{
	score_is(play, NULL, NULL, NULL, blanks);
}

static void
segment_is(struct play *play, char **blanks)
{
	char *equals = strchr(blanks[0], '=');
	char *rest[] = {blanks[1], blanks[2], blanks[3]};

	if (equals == NULL) {
		failed(play, "expected SEGMENT=VALUE");
		return;
	}
	*equals = '\0';
	score_is(play, NULL, blanks[0], equals + 1, rest);
}

static void
counts_hold(struct play *play, char **blanks)
{
	char difference[200];

	(void)blanks;
	if (!stage_counts_hold(stage_of(play), difference, sizeof(difference)))
		failed(play, "%s", difference);
}

/* As a scrape shows it, since the last start. */
static void
metric_is(struct play *play, char **blanks)
{
	struct buf text = {0};
	char *line = mem_printf("\n%s %s\n", blanks[0], blanks[1]);
	const char *at;

	buf_append_text(&text, "\n");
	if (stage_of(play) != NULL)
		metrics_write(stage_metrics(play->stage), &text);
	at = strstr(text.data, blanks[0]);
	if (strstr(text.data, line) == NULL)
		failed(play, "it is %.*s",
			at != NULL ? (int)strcspn(at, "\n") : 7,
			at != NULL ? at : "nowhere");
	free(line);
	buf_done(&text);
}

static void
killed(struct play *play, char **blanks)
{
	struct err err;

	(void)blanks;
	if (stage_of(play) != NULL && !stage_kill(play->stage, &err))
		failed(play, "%s", err.text);
}

static void
is_down(struct play *play, char **blanks)
{
	int64_t ms = 0;
	struct err err;

	if (!duration_from_text(blanks[0], &ms, &err) ||
		(stage_of(play) != NULL && !stage_down(play->stage, ms, &err)))
		failed(play, "%s", err.text);
}

static void
new_rules(struct play *play, char **blanks)
{
	(void)blanks;
	buf_clear(&play->rules);
}

static void
started_with_them(struct play *play, char **blanks)
{
	struct err err;

	(void)blanks;
	if (stage_of(play) != NULL &&
		!stage_restart_with(play->stage, play->rules.data, &err))
		failed(play, "it does not start: %s", err.text);
}

static void
reloaded(struct play *play, char **blanks)
{
	struct err err;

	(void)blanks;
	if (stage_of(play) != NULL &&
		!stage_reload(play->stage, play->rules.data, &err))
		failed(play, "the reload is refused: %s", err.text);
}

/* The verdict of RULE on the answer with ID. */
static void
explained(struct play *play, char **blanks)
{
	int64_t row = stage_row_of(stage_of(play), NULL, blanks[0]);
	json_t *explain = stage_explain(play->stage, row);
	json_t *verdicts = json_object_get(explain, "verdicts");
	json_t *verdict;
	size_t i;
	const char *found = "not there";

	json_array_foreach(verdicts, i,
		verdict) if (strcmp(json_string_at(verdict, "rule"),
				     blanks[1]) == 0) found =
		json_string_at(verdict, "verdict");
	if (strcmp(found, blanks[2]) != 0)
		failed(play, "the verdict of %s is %s", blanks[1], found);
	json_decref(explain);
}

/* What each rule says of ID, in order; "fires" whatever then keeps it quiet. */
static void
judged(struct play *play, char **blanks)
{
	static const char *const quiet[] = {"cooldown", "silenced"};
	int64_t row = stage_row_of(stage_of(play), NULL, blanks[0]);
	json_t *explain = stage_explain(play->stage, row), *verdict;
	struct buf text = {0};
	size_t i;

	json_array_foreach(json_object_get(explain, "verdicts"), i, verdict)
	{
		const char *name = json_string_at(verdict, "verdict");

		for (size_t k = 0; k < sizeof(quiet) / sizeof(quiet[0]); k++)
			if (text_same(name, quiet[k]))
				name = "fired";
		buf_printf(&text, "%s%s %s", i > 0 ? ", " : "",
			json_string_at(verdict, "rule"), name);
	}
	buf_append_char(&text, '\0');
	if (!text_same(text.data, blanks[1]))
		failed(play, "they say: %s", text.data);
	buf_done(&text);
	json_decref(explain);
}

/* ---- digests ---- */

/* Each that NAME sent has the id that its instant gives it. */
static bool
is_sent(const json_t *rows, const char *name, int64_t due_ms)
{
	json_t *parts =
		json_pack("[s, I, s, s]", name, (json_int_t)due_ms, "", "");
	char *key = json_text(parts);
	const json_t *row;
	bool found = false;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		char id[DELIVERY_ID_BYTES];

		if (!text_same(json_string_at(row, "cause"), "digest"))
			continue;
		delivery_id("digest", key, 0, json_string_at(row, "action"),
			json_string_at(row, "recipient"), id);
		found |= text_same(id, json_string_at(row, "id"));
	}
	free(key);
	json_decref(parts);
	return found;
}

static void
was_sent(struct play *play, char **blanks)
{
	json_t *rows = stage_list(stage_of(play), STORE_DELIVERIES);

	for (char *save = NULL, *at = strtok_r(blanks[1], ", ", &save);
		at != NULL; at = strtok_r(NULL, ", ", &save)) {
		int64_t due_ms;
		struct err err;

		if (!time_from_rfc3339(at, strlen(at), &due_ms, &err))
			failed(play, "%s", err.text);
		else if (!is_sent(rows, blanks[0], due_ms))
			failed(play, "there is none for %s", at);
	}
	json_decref(rows);
}

/* ---- links ---- */

/* Link N of all that were told, with ACT and perhaps a reason. */
static void
link_followed(struct play *play, char **blanks)
{
	struct follow_up_change change = {
		.who = "link",
		.how = "link",
		.reason = blanks[2],
		.note = blanks[2] != NULL ? "said so" : NULL,
	};
	struct buf why = {0};

	if (!follow_up_act_from_name(blanks[1], &change.act))
		failed(play, "%s is no act", blanks[1]);
	else if (stage_of(play) != NULL &&
		 !links_follow(play->stage, atoi(blanks[0]), &change, &why))
		failed(play, "%s", why.data);
	buf_done(&why);
}

static void
link_spoilt(struct play *play, char **blanks)
{
	struct buf why = {0};

	if (stage_of(play) != NULL &&
		!links_spoil(play->stage, atoi(blanks[0]), &why))
		failed(play, "%s", why.data);
	buf_done(&why);
}

/* ---- lanes ---- */

static void
is_paused(struct play *play, char **blanks)
{
	if (stage_of(play) == NULL)
		return;
	if (!dispatch_pause(stage_dispatch(play->stage), blanks[0], "ops", NULL,
		    NULL, NULL))
		failed(play, "there is no action %s", blanks[0]);
	stage_turn(play->stage);
}

static void
is_resumed(struct play *play, char **blanks)
{
	if (stage_of(play) == NULL)
		return;
	if (!dispatch_resume(
		    stage_dispatch(play->stage), blanks[0], NULL, NULL))
		failed(play, "there is no action %s", blanks[0]);
	stage_turn(play->stage);
}

static void
stands(struct play *play, char **blanks)
{
	json_t *lanes = dispatch_state(stage_dispatch(stage_of(play))), *lane;
	const char *found = "not there";
	size_t i;

	json_array_foreach(lanes, i,
		lane) if (strcmp(json_string_at(lane, "action"), blanks[0]) ==
			  0) found = json_string_at(lane, "state");
	if (strcmp(found, blanks[1]) != 0)
		failed(play, "%s is %s", blanks[0], found);
	json_decref(lanes);
}

/* ---- follow-ups ---- */

/* False: there is none. */
static bool
try_to_change(struct play *play, const char *id,
	const struct follow_up_change *change)
{
	struct follow_up_job *job;
	bool there;

	if (stage_of(play) == NULL)
		return true;
	job = stage_follow_up(play->stage, id, change);
	there = job->end != FOLLOW_UP_NOT_THERE;
	snprintf(play->refusal, sizeof(play->refusal), "%s",
		job->end == FOLLOW_UP_REFUSED ? job->refusal.text : "");
	follow_up_job_free(job);
	return there;
}

static void
change_follow_up(struct play *play, const char *id,
	const struct follow_up_change *change)
{
	if (!try_to_change(play, id, change))
		failed(play, "there is no follow-up of %s", id);
}

/* WHO says ACT of ID, blanks in this order; then a reason and a note. */
static void
says(struct play *play, char **blanks)
{
	char *note = blanks[3] != NULL ? strchr(blanks[3], ' ') : NULL;
	struct follow_up_change change = {
		.who = blanks[0],
		.how = "api",
		.reason = blanks[3],
	};

	if (note != NULL) {
		*note = '\0';
		change.note = note + 1;
	}
	if (!follow_up_act_from_name(blanks[1], &change.act))
		failed(play, "%s is no act", blanks[1]);
	else
		change_follow_up(play, blanks[2], &change);
}

/* The same, where there is one. */
static void
tries(struct play *play, char **blanks)
{
	struct follow_up_change change = {
		.who = blanks[0],
		.how = "api",
		.reason = blanks[3],
		.note = blanks[3] != NULL ? "said so" : NULL,
	};

	if (follow_up_act_from_name(blanks[1], &change.act))
		try_to_change(play, blanks[2], &change);
	else
		failed(play, "%s is no act", blanks[1]);
}

static void
assigns(struct play *play, char **blanks)
{
	struct follow_up_change change = {
		.act = FOLLOW_UP_ASSIGN,
		.who = blanks[0],
		.how = "api",
		.owner = blanks[2],
	};

	change_follow_up(play, blanks[1], &change);
}

static void
refused(struct play *play, char **blanks)
{
	if (strstr(play->refusal, blanks[0]) == NULL)
		failed(play, "refused: \"%s\"", play->refusal);
}

/* NAME of the follow-up of ID is JSON. */
static void
follow_up_says(struct play *play, char **blanks)
{
	struct follow_up_job *job;
	const json_t *found;

	if (stage_of(play) == NULL)
		return;
	job = stage_follow_up(play->stage, blanks[1], NULL);
	found = json_object_get(job->follow_up, blanks[0]);
	compare_json(play, blanks[0], found, blanks[2]);
	follow_up_job_free(job);
}

static void
is_not_followed(struct play *play, char **blanks)
{
	struct follow_up_job *job;

	if (stage_of(play) == NULL)
		return;
	job = stage_follow_up(play->stage, blanks[0], NULL);
	if (job->end != FOLLOW_UP_NOT_THERE)
		failed(play, "there is one");
	follow_up_job_free(job);
}

/* What was done to the follow-up of ID, by whom: "opened npsd, claim jan". */
static void
was_done(struct play *play, char **blanks)
{
	struct follow_up_job *job;
	struct buf text = {0};
	const char *before = "";
	json_t *event;
	size_t i;

	if (stage_of(play) == NULL)
		return;
	job = stage_follow_up(play->stage, blanks[0], NULL);
	json_array_foreach(json_object_get(job->follow_up, "events"), i, event)
	{
		buf_printf(&text, "%s%s %s", before,
			json_string_at(event, "act"),
			json_string_at(event, "who"));
		before = ", ";
	}
	if (!text_same(text.data, blanks[1]))
		failed(play, "it was: %s", text.data);
	buf_done(&text);
	follow_up_job_free(job);
}

static void
follow_ups_in_state(struct play *play, char **blanks)
{
	json_t *rows = stage_list(stage_of(play), STORE_FOLLOW_UPS), *row;
	size_t i;
	int count = 0;

	json_array_foreach(rows, i, row) count +=
		strcmp(json_string_at(row, "state"), blanks[1]) == 0;
	json_decref(rows);
	compare(play, blanks[1], count, blanks[0]);
}

/* ---- replays ---- */

static void
keep_replay_job(struct job *job)
{
	(void)job;
}

/* Slice by slice. rule: NULL: all; wanted: how many alerts were new, or would be;
 * NULL: that does not matter. */
static void
replay(struct play *play, const char *rule, bool dry, const char *wanted)
{
	struct replay_job job = {
		.job = {.type = JOB_REPLAY, .done = keep_replay_job},
		.choice = {.category = -1},
		.rule = rule,
		.by = "ops",
		.dry = dry,
		.cooled = json_object(),
	};
	long long alerts = 0;

	do {
		keeper_submit(stage_keeper(stage_of(play)), &job.job, 0);
		stage_turn(play->stage);
		alerts +=
			json_integer_value(json_object_get(job.told, "alerts"));
		json_decref(job.told);
		job.told = NULL;
		if (!job.job.good || job.no_rule)
			failed(play, "it could not be done: %s",
				job.job.err.text);
	} while (job.job.good && job.more);
	json_decref(job.cooled);
	dispatch_poke(stage_dispatch(play->stage));
	stage_turn(play->stage);
	if (wanted != NULL)
		compare(play, "alerts", alerts, wanted);
}

static void
replayed(struct play *play, char **blanks)
{
	if (stage_of(play) != NULL)
		replay(play, NULL, false, blanks[0]);
}

static void
replayed_somehow(struct play *play, char **blanks)
{
	(void)blanks;
	if (stage_of(play) != NULL)
		replay(play, NULL, false, NULL);
}

static void
rule_replayed(struct play *play, char **blanks)
{
	if (stage_of(play) != NULL)
		replay(play, blanks[0], false, blanks[1]);
}

static void
would_replay(struct play *play, char **blanks)
{
	if (stage_of(play) != NULL)
		replay(play, NULL, true, blanks[0]);
}

/* Whether explain says that the verdicts of ID are of a replay; FLAG: yes, no. */
static void
is_of_a_replay(struct play *play, char **blanks)
{
	int64_t row = stage_row_of(stage_of(play), NULL, blanks[0]);
	json_t *explain = stage_explain(play->stage, row);
	bool is = json_is_object(json_object_get(explain, "replayed"));

	if (is != (strcmp(blanks[1], "yes") == 0))
		failed(play, "it is %s", is ? "of one" : "of none");
	json_decref(explain);
}

/* ---- silences ---- */

static void
keep_silence_job(struct job *job)
{
	(void)job;
}

/* Sends it, and takes what came back. */
static void
send_silence(struct play *play, struct silence_job *job)
{
	job->job.done = keep_silence_job;
	silence_job_send(stage_keeper(play->stage), job);
	stage_turn(play->stage);
	if (!job->job.good)
		failed(play, "it could not be done: %s", job->job.err.text);
	else if (job->end == SILENCE_NOT_THERE)
		failed(play, "there is no such silence");
	snprintf(play->refusal, sizeof(play->refusal), "%s",
		job->end == SILENCE_REFUSED ? job->refusal.text : "");
	silence_job_free(job);
}

/* WHO silences what JSON asks for. */
static void
silences(struct play *play, char **blanks)
{
	json_t *asked = json_loads(blanks[1], 0, NULL);
	const char *pointer = "";
	struct silence *silence;
	struct err err;

	if (stage_of(play) == NULL)
		return;
	silence =
		silence_read(asked, stage_now_ms(play->stage), &pointer, &err);
	if (silence != NULL)
		send_silence(play, silence_job_begin(silence, blanks[0]));
	else
		snprintf(play->refusal, sizeof(play->refusal), "%s", err.text);
	json_decref(asked);
}

static void
ends_silence(struct play *play, char **blanks)
{
	if (stage_of(play) != NULL)
		send_silence(
			play, silence_job_end(atoll(blanks[1]), blanks[0]));
}

/* Where there is one. */
static void
tries_to_end(struct play *play, char **blanks)
{
	struct silence_job *job;

	if (stage_of(play) == NULL)
		return;
	job = silence_job_end(atoll(blanks[1]), blanks[0]);
	job->job.done = keep_silence_job;
	silence_job_send(stage_keeper(play->stage), job);
	stage_turn(play->stage);
	if (!job->job.good)
		failed(play, "it could not be done: %s", job->job.err.text);
	silence_job_free(job);
}

static void
in_force(struct play *play, char **blanks)
{
	compare(play, "in force", keeper_silences(stage_keeper(stage_of(play))),
		blanks[0]);
}

static void
silences_kept(struct play *play, char **blanks)
{
	listed(play, STORE_SILENCES, "silences", blanks[0]);
}

/* NAME of row N of a list is JSON; NAME may be PART.NAME. */
static void
row_says(struct play *play, int list, char **blanks)
{
	json_t *rows = stage_list(stage_of(play), list), *row;
	const json_t *found = NULL;
	size_t i;

	json_array_foreach(rows, i,
		row) if (strcmp(json_string_at(row, "row"), blanks[1]) == 0)
		found = row;
	for (char *save = NULL, *part = strtok_r(blanks[0], ".", &save);
		part != NULL; part = strtok_r(NULL, ".", &save))
		found = json_object_get(found, part);
	compare_json(play, "it", found, blanks[2]);
	json_decref(rows);
}

/* NAME of silence N is JSON. */
static void
silence_says(struct play *play, char **blanks)
{
	row_says(play, STORE_SILENCES, blanks);
}

/* ---- forgetting ---- */

/* WHO forgets whom JSON says. */
static void
forgets(struct play *play, char **blanks)
{
	json_t *asked = json_loads(blanks[1], 0, NULL);
	struct buf why = {0};

	play->refusal[0] = '\0';
	if (!json_is_object(asked))
		failed(play, "expected JSON");
	else if (stage_of(play) != NULL &&
		 !forgetting_ask(play->stage, blanks[0], asked, &why))
		snprintf(play->refusal, sizeof(play->refusal), "%s", why.data);
	buf_done(&why);
	json_decref(asked);
}

/* NAME of erasure N is JSON. */
static void
erasure_says(struct play *play, char **blanks)
{
	row_says(play, STORE_ERASURES, blanks);
}

static void
says_nothing(struct play *play, char **blanks)
{
	const char *where = stage_of(play) != NULL
				    ? forgetting_finds(play->stage, blanks[0])
				    : NULL;

	if (where != NULL)
		failed(play, "it is in %s", where);
}

static void
says_something(struct play *play, char **blanks)
{
	if (stage_of(play) != NULL &&
		forgetting_finds(play->stage, blanks[0]) == NULL)
		failed(play, "it is nowhere");
}

/* ---- the end ---- */

static void
rests(struct play *play, char **blanks)
{
	(void)blanks;
	if (stage_of(play) != NULL)
		proof_rest(play->stage);
}

static void
holds(struct play *play, char **blanks)
{
	struct buf why = {0};

	(void)blanks;
	if (stage_of(play) == NULL)
		return;
	if (play->unkept > 0)
		failed(play, "answers not kept: %d", play->unkept);
	else if (!proof_holds(play->stage, &why))
		failed(play, "%s", why.data);
	buf_done(&why);
}

static void take_line(struct play *play, const char *line);
static void end_play(struct play *play);

/* Plays all of it again, up to here. */
static void
ends_alike(struct play *play, char **blanks)
{
	struct play twin = {.memory = true, .file = play->file};
	struct buf lines = {0}, why = {0};

	(void)blanks;
	if (play->memory || stage_of(play) == NULL)
		return;
	buf_append(&lines, play->lines.data, play->lines.length);
	buf_append_char(&lines, '\0');
	for (char *save = NULL, *line = strtok_r(lines.data, "\n", &save);
		line != NULL; line = strtok_r(NULL, "\n", &save))
		take_line(&twin, line);
	if (twin.failure[0] != '\0')
		failed(play, "in memory: %s", twin.failure);
	else if (!proof_same(play->stage, twin.stage, &why))
		failed(play, "in memory: %s", why.data);
	buf_done(&why);
	buf_done(&lines);
	end_play(&twin);
}

/* ---- the language ---- */

struct sentence {
	const char *form; /* words in capitals are blanks */
	sentence_fn run;
};

/* A blank takes one word; one at the end of the line takes the rest, so a longer
 * form stands before its own beginning. */
static const struct sentence sentences[] = {
	{"At INSTANT", at},
	{"DURATION passes", passes},
	{"The clock is set DURATION ahead", is_set_ahead},
	{"The clock is set DURATION back", is_set_back},
	{"N answers arrive", many_arrive},
	{"N answers with score SCORE arrive", many_score},
	{"N answers of segment SEGMENT with score SCORE arrive",
		many_of_segment},
	{"N answers of survey SURVEY with score SCORE arrive", many_of_survey},
	{"N answers of the past with score SCORE given INSTANT arrive",
		many_of_the_past},
	{"N invitations arrive", many_are_invited},
	{"Answer JSON", arrives},
	{"By SOURCE answer JSON", arrives_by},
	{"Of the past JSON", arrives_of_the_past},
	{"It is refused: TEXT", refused},
	{"It is STANDING", it_is},
	{"Rejected for REASON", rejected_for},
	{"ACTION answers STATUS and asks to wait DURATION", answers_wait},
	{"ACTION answers STATUS once", answers_once},
	{"ACTION answers STATUS", answers},
	{"ACTION is silent", is_silent},
	{"ACTION is paused", is_paused},
	{"ACTION is resumed", is_resumed},
	{"ACTION stands STATE", stands},
	{"ACTION was tried N times", was_tried},
	{"ACTION took N alerts", took},
	{"ACTION saw N ids", saw_ids},
	{"ACTION saw N bodies", saw_bodies},
	{"ACTION was told PATH is JSON", body_says},
	{"ACTION was told PATH holds TEXT", body_holds},
	{"Deliveries: N STATE", are_in_state},
	{"Answers kept: N", answers_kept},
	{"Records rejected: N", rejected_kept},
	{"The dead are retried by hand", retried_by_hand},
	{"What is STATE of ACTION is cancelled by hand", cancelled_by_hand},
	{"What is STATE of ACTION is retried by hand", state_retried},
	{"The alert of ID is retried by hand", alert_retried},
	{"Of ID audit says NAME is JSON", audited},
	{"Score in WINDOW is NPS of N answers", total_is},
	{"Score of SEGMENT in WINDOW is NPS of N answers", segment_is},
	{"The counts equal a recount", counts_hold},
	{"Metric SERIES is N", metric_is},
	{"The daemon is killed and starts again with them", started_with_them},
	{"The daemon is killed and starts again", killed},
	{"The daemon is down for DURATION", is_down},
	{"New rules:", new_rules},
	{"The daemon reloads", reloaded},
	{"Of ID rule RULE says VERDICT", explained},
	{"Of ID the rules say VERDICTS", judged},
	{"Digest NAME went out for INSTANTS", was_sent},
	{"Link N says ACT because REASON", link_followed},
	{"Link N says ACT", link_followed},
	{"Link N is spoilt", link_spoilt},
	{"Follow-ups: N STATE", follow_ups_in_state},
	{"NAME of the follow-up of ID is JSON", follow_up_says},
	{"There is no follow-up of ID", is_not_followed},
	{"The follow-up of ID was WHAT", was_done},
	{"WHO says ACT of ID because REASON", says},
	{"WHO says ACT of ID", says},
	{"WHO tries ACT of ID because REASON", tries},
	{"WHO tries ACT of ID", tries},
	{"WHO gives ID to OWNER", assigns},
	{"All is replayed: N alerts", replayed},
	{"All is replayed", replayed_somehow},
	{"Rule RULE is replayed: N alerts", rule_replayed},
	{"A replay would bring N alerts", would_replay},
	{"Of ID a replay decided: FLAG", is_of_a_replay},
	{"WHO silences JSON", silences},
	{"WHO ends silence N", ends_silence},
	{"WHO tries to end silence N", tries_to_end},
	{"Silences in force: N", in_force},
	{"Silences kept: N", silences_kept},
	{"NAME of silence N is JSON", silence_says},
	{"WHO forgets JSON", forgets},
	{"NAME of erasure N is JSON", erasure_says},
	{"Nothing kept says TEXT", says_nothing},
	{"Something kept says TEXT", says_something},
	{"All comes to rest", rests},
	{"All holds", holds},
	{"Both stores end alike", ends_alike},
};

static bool
is_blank(const char *word, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (word[i] < 'A' || word[i] > 'Z')
			return false;
	return length > 0 && !(length == 1 && word[0] == 'A');
}

/* Fills blanks with parts of `line`, which is cut up. */
static bool
matches(const char *form, char *line, char **blanks)
{
	size_t filled = 0;

	while (*form != '\0') {
		size_t length = strcspn(form, " ");
		bool last = form[length] == '\0';
		size_t word = last ? strlen(line) : strcspn(line, " ");

		if (word == 0)
			return false;
		if (is_blank(form, length))
			blanks[filled++] = line;
		else if (word != length || strncmp(form, line, length) != 0)
			return false;
		form += length + !last;
		if (last)
			return true;
		if (line[word] == '\0')
			return false;
		line[word] = '\0';
		line += word + 1;
	}
	return *line == '\0';
}

static void
say(struct play *play, const char *line)
{
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
		char *blanks[BLANKS_LIMIT] = {NULL};
		char *copy = mem_strdup(line);
		bool fits = matches(sentences[i].form, copy, blanks);

		if (fits && play->failure[0] == '\0')
			sentences[i].run(play, blanks);
		free(copy);
		if (fits)
			return;
	}
	failed(play, "not understood: %s", line);
}

/* ---- files ---- */

static int cases, failures;

static void
end_play(struct play *play)
{
	stage_close(play->stage);
	buf_done(&play->rules);
	buf_done(&play->lines);
}

static void
take_line(struct play *play, const char *line)
{
	if (line[0] == ' ' || line[0] == '\t')
		buf_printf(&play->rules, "%s\n", line);
	else if (line[0] != '\0' && line[0] != '#' &&
		 strcmp(line, "Rules:") != 0)
		say(play, line);
	buf_printf(&play->lines, "%s\n", line);
}

static void
end_scenario(struct play *play, const char *name)
{
	if (name[0] == '\0') { /* what stands above the first */
		end_play(play);
		return;
	}
	cases++;
	if (play->failure[0] != '\0') {
		failures++;
		printf("not ok %d - %s\n# %s\n", cases, name, play->failure);
	} else {
		printf("ok %d - %s\n", cases, name);
	}
	fflush(stdout);
	end_play(play);
}

static void
play_file(const char *path)
{
	FILE *file = fopen(path, "re");
	char line[LINE_BYTES], name[200] = "";
	struct play play = {0};
	const char *base = strrchr(path, '/');
	int number = 0;

	if (file == NULL) {
		printf("Bail out! %s cannot be read\n", path);
		exit(1);
	}
	while (fgets(line, sizeof(line), file) != NULL) {
		number++;
		line[strcspn(line, "\n")] = '\0';
		if (text_starts(line, "Scenario: ")) {
			end_scenario(&play, name);
			memset(&play, 0, sizeof(play));
			play.file = base != NULL ? base + 1 : path;
			snprintf(name, sizeof(name), "%.190s", line + 10);
		} else {
			play.line = number;
			take_line(&play, line);
		}
	}
	end_scenario(&play, name);
	fclose(file);
}

int
main(int argc, char **argv)
{
	json_memory_init();
	for (int i = 1; i < argc; i++)
		play_file(argv[i]);
	printf("1..%d\n", cases);
	return failures > 0;
}
