/*
 * replay_route - POST /api/v1/responses/replay and /api/v1/responses/ROW/replay:
 * kept answers judged anew. In slices on the store thread, between other work,
 * and as many of these as one request may have: the answer then has a cursor, by
 * which the next request goes on.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/access.h"
#include "api/private.h"
#include "base/memory.h"
#include "base/text.h"
#include "flow/alerts.h"
#include "flow/replaying.h"
#include "loop/problem.h"

enum {
	REPLAY_PAGE_ANSWERS = 5000,
	REPLAY_PAGE_SLICES = 500,
};

struct replay {
	struct replay_job job; /* first */
	struct api *api;
	struct http_request *request;
	json_t *report;
	char *survey, *id, *source, *rule, *by; /* what the job points at */
	int slices;
	/* as of the last commit */
	int64_t row, due_ms;
};

static void
drop(struct replay *replay)
{
	json_decref(replay->job.told);
	json_decref(replay->job.cooled);
	json_decref(replay->report);
	free(replay->survey);
	free(replay->id);
	free(replay->source);
	free(replay->rule);
	free(replay->by);
	free(replay);
}

/* ---- cursors: "ROW-UPTO-DUE" ---- */

static json_t *
cursor_of(const struct replay *replay)
{
	char text[80];

	if (!replay->job.more)
		return json_null();
	snprintf(text, sizeof(text), "%" PRId64 "-%" PRId64 "-%" PRId64,
		replay->row, replay->job.upto, replay->due_ms);
	return json_string(text);
}

/* Takes one number and what is behind it off the front. */
static bool
next_number(const char **text, int64_t *number)
{
	size_t length = strcspn(*text, "-");
	char *digits = mem_copy(*text, length);
	bool good = text_to_integer(digits, 0, INT64_MAX, number);

	free(digits);
	*text += length + ((*text)[length] == '-');
	return good;
}

static bool
read_cursor(struct replay *replay)
{
	const char *text = http_request_query(replay->request, "cursor");
	struct replay_job *job = &replay->job;

	if (text == NULL ||
		(next_number(&text, &job->row) &&
			next_number(&text, &job->upto) &&
			next_number(&text, &job->due_ms) && *text == '\0'))
		return true;
	http_problem(replay->request, 400, "bad-query",
		"A query parameter cannot be read",
		"Expected a cursor as it was told.", "cursor");
	return false;
}

/* ---- cooldowns that a dry one expects, from page to page ---- */

static void
forget_expected(struct api *api)
{
	json_decref(api->replay_cooled);
	free(api->replay_next);
	api->replay_cooled = NULL;
	api->replay_next = NULL;
}

static void
keep_expected(struct replay *replay, const json_t *cursor)
{
	if (!replay->job.dry || !json_is_string(cursor))
		return;
	replay->api->replay_cooled = json_incref(replay->job.cooled);
	replay->api->replay_next = mem_strdup(json_string_value(cursor));
}

/* Those of the page before, where this one goes on behind it. */
static void
take_expected(struct replay *replay)
{
	const char *cursor = http_request_query(replay->request, "cursor");
	struct api *api = replay->api;

	if (replay->job.dry && cursor != NULL && api->replay_next != NULL &&
		strcmp(cursor, api->replay_next) == 0)
		replay->job.cooled = json_incref(api->replay_cooled);
	else
		replay->job.cooled = json_object();
	forget_expected(api);
}

void
api_replay_free(struct api *api)
{
	forget_expected(api);
}

/* ---- the answer ---- */

static void
reply(struct replay *replay)
{
	json_t *report = replay->report;
	json_t *next = cursor_of(replay);
	char due[TIME_TEXT_BYTES];

	replay->report = NULL;
	keep_expected(replay, next);
	json_object_set_new(report, "dry", json_boolean(replay->job.dry));
	json_object_set_new(report, "next", next);
	if (replay->due_ms > 0 && !replay->job.dry) {
		time_to_rfc3339(replay->due_ms - ALERTS_REPLAY_PACE_MS, due);
		json_object_set_new(report, "last_due_at", json_string(due));
	} else {
		json_object_set_new(report, "last_due_at", json_null());
	}
	api_reply_json(replay->request, 200, report);
}

static void
finish(struct replay *replay, const char *problem)
{
	replay->api->replay_runs = false;
	dispatch_poke(replay->api->host.dispatch);
	if (problem != NULL) {
		char *text = mem_printf(
			"%s; it stopped behind row %lld: what was replayed by "
			"then stays, and to replay it again sends nothing "
			"twice",
			problem, (long long)replay->row);

		http_problem_busy(replay->request, 5, text);
		free(text);
	} else if (replay->job.no_rule) {
		http_problem(replay->request, 404, "not-found",
			"There is no such rule",
			"Name a rule of the configuration in force.", "rule");
	} else if (replay->job.only > 0 &&
		   json_integer_value(
			   json_object_get(replay->report, "unreadable")) > 0) {
		http_problem(replay->request, 404, "not-found",
			"There is no such answer",
			"It was never there, or it is forgotten.", NULL);
	} else {
		reply(replay);
	}
	drop(replay);
}

static bool
is_page_full(const struct replay *replay)
{
	return replay->slices >= REPLAY_PAGE_SLICES ||
	       json_integer_value(json_object_get(replay->report, "looked")) >=
		       REPLAY_PAGE_ANSWERS ||
	       replay->api->host.is_stopping(replay->api->host.context);
}

static void on_slice(struct job *job);

static void
next_slice(struct replay *replay)
{
	replay->job.job.type = JOB_REPLAY;
	replay->job.job.done = on_slice;
	keeper_submit(replay->api->host.keeper, &replay->job.job, 0);
}

static void
on_slice(struct job *base)
{
	struct replay *replay = (struct replay *)base;

	if (!base->good) {
		finish(replay, base->err.text);
		return;
	}
	replay->row = replay->job.row;
	replay->due_ms = replay->job.due_ms;
	replay->slices++;
	if (replay->job.told != NULL)
		replay_report_add(replay->report, replay->job.told);
	if (replay->job.more && !is_page_full(replay))
		next_slice(replay);
	else
		finish(replay, NULL);
}

/* ---- what is asked ---- */

static char *
text_query(const struct replay *replay, const char *name)
{
	const char *text = http_request_query(replay->request, name);

	return text != NULL && *text != '\0' ? mem_strdup(text) : NULL;
}

static bool
read_category(struct replay *replay)
{
	const char *name = http_request_query(replay->request, "category");
	enum category category = CATEGORY_DETRACTOR;

	replay->job.choice.category = -1;
	if (name == NULL)
		return true;
	if (!category_from_name(name, &category)) {
		http_problem(replay->request, 400, "bad-query",
			"A query parameter cannot be read",
			"Expected detractor, passive or promoter.", "category");
		return false;
	}
	replay->job.choice.category = (int)category;
	return true;
}

static bool
says_which(const struct replay *replay)
{
	const struct answer_choice *choice = &replay->job.choice;

	if (replay->job.only > 0 || choice->survey != NULL ||
		choice->id != NULL || choice->source != NULL ||
		choice->category >= 0 || choice->since_ms > 0 ||
		http_request_query(replay->request, "all") != NULL)
		return true;
	http_problem(replay->request, 400, "which", "Which answers is not said",
		"Name a survey, id, source, category or since; or all=1 for "
		"each.",
		NULL);
	return false;
}

static bool
read_asked(struct replay *replay)
{
	struct replay_job *job = &replay->job;

	job->choice.survey = replay->survey = text_query(replay, "survey");
	job->choice.id = replay->id = text_query(replay, "id");
	job->choice.source = replay->source = text_query(replay, "source");
	job->rule = replay->rule = text_query(replay, "rule");
	job->dry = http_request_query(replay->request, "dry") != NULL;
	job->by = replay->by =
		mem_strdup(access_who(&replay->api->access, replay->request));
	return read_category(replay) &&
	       api_query_since(
		       replay->api, replay->request, &job->choice.since_ms) &&
	       read_cursor(replay) && says_which(replay);
}

static bool
is_free(const struct replay *replay)
{
	if (!replay->api->replay_runs)
		return true;
	http_problem(replay->request, 409, "replay-running",
		"A replay is under way", "Ask again when it has ended.", NULL);
	return false;
}

/* "replay", or "17/replay". */
static bool
read_path(const char *rest, int64_t *row)
{
	size_t length = strcspn(rest, "/");
	char *number = mem_copy(rest, length);
	bool one = text_to_integer(number, 1, INT64_MAX, row) &&
		   strcmp(rest + length, "/replay") == 0;

	free(number);
	return one || strcmp(rest, "replay") == 0;
}

void
api_replay(struct api *api, struct http_request *request, const char *rest)
{
	struct replay *replay;
	int64_t only = 0;

	if (!read_path(rest, &only)) {
		http_problem(request, 404, "not-found", "Nothing is here",
			"Look at the manual, npsd(1), for the paths.", NULL);
		return;
	}
	replay = mem_new(1, sizeof(*replay));
	replay->api = api;
	replay->request = request;
	replay->job.only = only;
	if (!read_asked(replay) || !is_free(replay)) {
		drop(replay);
		return;
	}
	replay->report = replay_report_new();
	take_expected(replay);
	replay->row = replay->job.row;
	replay->due_ms = replay->job.due_ms;
	api->replay_runs = true;
	next_slice(replay);
}
