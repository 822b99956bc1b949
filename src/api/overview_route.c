/*
 * overview_route - GET /: the page of the daemon. Figures are the store
 * thread's, rows the reader's:
 *
 *	loop            store thread      reader thread
 *	api_overview -> figures
 *	on_figures      <-
 *	                               -> ask: status, follow-ups, rejected
 *	answer                         <-
 */
#include <stdlib.h>
#include <string.h>

#include "api/access.h"
#include "api/link_reply.h"
#include "api/overview_page.h"
#include "api/private.h"
#include "api/status.h"
#include "base/json.h"
#include "base/json_value.h"
#include "base/memory.h"
#include "base/text.h"
#include "loop/problem.h"
#include "nps/follow_up_row.h"

#define SURVEY_WINDOW "30d" /* of figures by survey, if it is counted */

struct overview;
struct overview_errand {
	struct errand errand; /* first */
	struct overview *overview;
};
struct overview_question {
	struct question question; /* first */
	struct overview *overview;
};

/* On one thread at a time. */
struct overview {
	struct overview_errand figures;
	struct overview_question rows;
	struct api *api;
	struct http_request *request;
	struct status *status;
	struct overview_page page;
	json_t *surveys;
	char *survey_window;
	json_t *follow_ups, *rejected;
	struct err err;
	bool good; /* rows were read */
};

static void
overview_free(struct overview *overview)
{
	status_free(overview->status);
	json_decref(overview->page.windows);
	json_decref(overview->surveys);
	json_decref(overview->follow_ups);
	json_decref(overview->rejected);
	free(overview->survey_window);
	free(overview);
}

/* Empties the page. */
static void
reply(struct http_request *request, int status, struct buf *page)
{
	struct buf policy = {0};

	overview_page_append_policy(&policy);
	page_reply_headers(request, policy.data);
	http_reply(request, status, "text/html; charset=utf-8", page->data,
		page->length);
	buf_done(&policy);
	buf_done(page);
}

/* ---- the order of rows ---- */

/* By a number of theirs: the highest first where sign is 1. */
static void
keep_first(json_t **rows, int64_t (*number_of)(const json_t *row), int sign,
	size_t limit)
{
	json_t *kept = json_array();

	while (json_array_size(kept) < limit && json_array_size(*rows) > 0) {
		size_t best = 0;

		for (size_t i = 1; i < json_array_size(*rows); i++) {
			int64_t one = number_of(json_array_get(*rows, i));
			int64_t other = number_of(json_array_get(*rows, best));

			if (sign > 0 ? one > other : one < other)
				best = i;
		}
		json_array_append(kept, json_array_get(*rows, best));
		json_array_remove(*rows, best);
	}
	json_decref(*rows);
	*rows = kept;
}

static int64_t
answers_of(const json_t *figures)
{
	return json_integer_value(json_object_get(figures, "responses"));
}

static int64_t
row_of(const json_t *row)
{
	int64_t number = 0;

	return text_to_integer(
		       json_string_at(row, "row"), 1, INT64_MAX, &number)
		       ? number
		       : 0;
}

/* ---- store thread: figures ---- */

static void
on_survey(const char *survey, const struct counts *counts, void *context)
{
	struct overview *overview = context;
	struct figures figures;
	json_t *group;

	figures_of(counts, &figures);
	if (figures.responses == 0)
		return;
	group = figures_json(&figures);
	json_object_set_new(group, "value", json_string(survey));
	json_array_append_new(overview->surveys, group);
}

static bool
run_figures(struct errand *base, struct store_writer *store,
	struct tally *tally, int64_t now_ms, struct err *err)
{
	struct overview *overview = ((struct overview_errand *)base)->overview;
	int window = tally_window(tally, SURVEY_WINDOW);

	(void)store;
	(void)now_ms;
	(void)err;
	overview->page.windows = tally_figures_json(tally, NULL);
	if (tally_window_count(tally) == 0)
		return true;
	if (window < 0)
		window = 0;
	overview->survey_window =
		mem_strdup(tally_window_name(tally, (size_t)window));
	tally_each(tally, NULL, NULL, window, on_survey, overview);
	overview->page.survey_count =
		(int64_t)json_array_size(overview->surveys);
	keep_first(&overview->surveys, answers_of, 1, OVERVIEW_SURVEYS);
	return true;
}

/* ---- reader thread: rows ---- */

/* Adds those of a state that are overdue, or those that are not. */
static bool
find_follow_ups(struct overview *overview, struct store_reader *store,
	int state, bool overdue, json_t *to)
{
	int64_t now_ms = overview->page.now_ms, next;
	struct store_filter filter = {.category = -1,
		.state = state,
		.overdue_ms = overdue ? now_ms : 0,
		/* Fewer than so many are overdue when others are asked for. */
		.limit = overdue ? STORE_LIST_LIMIT : 2 * OVERVIEW_FOLLOW_UPS};
	json_t *rows = store_list_rows(
		store, STORE_FOLLOW_UPS, &filter, &next, &overview->err);
	json_t *row;
	size_t i;

	json_array_foreach(rows, i,
		row) if (follow_up_row_is_overdue(row, now_ms) == overdue)
		json_array_append(to, row);
	json_decref(rows);
	return rows != NULL;
}

/* The most overdue, then the newest of the others. */
static bool
look_up_follow_ups(struct overview *overview, struct store_reader *store)
{
	const struct follow_up_counts *counts =
		status_follow_ups(overview->status);
	json_t *late = json_array(), *others = json_array();
	bool good = counts->overdue == 0 ||
		    find_follow_ups(overview, store, -1, true, late);

	keep_first(&late, follow_up_row_due_ms, -1, OVERVIEW_FOLLOW_UPS);
	for (int state = FOLLOW_UP_OPEN; state <= FOLLOW_UP_CONTACTED; state++)
		if (good && json_array_size(late) < OVERVIEW_FOLLOW_UPS &&
			counts->states[state] > 0)
			good = find_follow_ups(
				overview, store, state, false, others);
	keep_first(&others, row_of, 1,
		OVERVIEW_FOLLOW_UPS - json_array_size(late));
	json_array_extend(late, others);
	json_decref(others);
	overview->follow_ups = late;
	return good;
}

static bool
look_up_rejected(struct overview *overview, struct store_reader *store)
{
	struct store_filter filter = {
		.category = -1, .state = -1, .limit = OVERVIEW_REJECTED};
	int64_t next = 0;

	overview->rejected = store_list_rows(
		store, STORE_REJECTED, &filter, &next, &overview->err);
	overview->page.more_rejected = next > 0;
	return overview->rejected != NULL;
}

static void
ask(struct question *base, struct store_reader *store)
{
	struct overview *overview =
		((struct overview_question *)base)->overview;
	const struct overview_page *page = &overview->page;

	overview->good =
		status_look_up(overview->status, store, &overview->err) &&
		(!page->sees_follow_ups ||
			look_up_follow_ups(overview, store)) &&
		(!page->sees_rejected || look_up_rejected(overview, store));
}

/* ---- loop ---- */

static void
answer(struct question *base)
{
	struct overview *overview =
		((struct overview_question *)base)->overview;
	struct overview_page *page = &overview->page;
	json_t *status = status_tell(overview->status, overview->good);
	struct buf out = {0};

	page->status = status;
	page->trouble = overview->good ? NULL : overview->err.text;
	page->survey_window = overview->survey_window;
	page->surveys = overview->surveys;
	page->follow_ups = overview->follow_ups;
	page->rejected = overview->rejected;
	overview_page_append(&out, page);
	reply(overview->request, 200, &out);
	json_decref(status);
	overview_free(overview);
}

static void
ask_rows(struct overview *overview)
{
	struct buf out = {0};

	if (reader_ask(overview->api->host.reader, &overview->rows.question))
		return;
	http_reply_header(overview->request, "Retry-After", "1");
	overview_page_append_later(&out);
	reply(overview->request, 503, &out);
	overview_free(overview);
}

static void
on_figures(struct job *job)
{
	ask_rows(((struct overview_errand *)job)->overview);
}

/* As lists and figures are told: who sends no token is a person, as a rule. */
static bool
passes(struct api *api, struct http_request *request)
{
	struct buf out = {0};

	if (access_judge(&api->access, request, ROLE_FIGURES, NULL) !=
			ACCESS_UNKNOWN ||
		http_request_header(request, "Authorization") != NULL)
		return access_passes(
			&api->access, request, ROLE_FIGURES, NULL, api->guard);
	http_reply_header(request, "WWW-Authenticate", "Bearer realm=\"npsd\"");
	overview_page_append_refusal(&out);
	reply(request, 401, &out);
	return false;
}

static bool
may(const struct api *api, const struct http_request *request,
	enum api_role role)
{
	return access_judge(&api->access, request, role, NULL) ==
	       ACCESS_GRANTED;
}

void
api_overview(struct api *api, struct http_request *request, const char *rest)
{
	struct overview *overview;

	(void)rest;
	if (!passes(api, request))
		return;
	overview = mem_new(1, sizeof(*overview));
	overview->figures.overview = overview->rows.overview = overview;
	overview->figures.errand.job.type = JOB_ERRAND;
	overview->figures.errand.job.done = on_figures;
	overview->figures.errand.run = run_figures;
	overview->figures.errand.reads = true;
	overview->rows.question.ask = ask;
	overview->rows.question.answer = answer;
	overview->api = api;
	overview->request = request;
	overview->surveys = json_array();
	overview->page.now_ms = clock_wall_ms(api->host.clock);
	overview->page.sees_follow_ups =
		may(api, request, ROLE_SEES_FOLLOW_UPS);
	overview->page.sees_rejected = may(api, request, ROLE_READ);
	overview->status = status_new(api);
	/* A store that hangs is told of, not waited for. */
	if (api_store_is_silent(api))
		ask_rows(overview);
	else
		keeper_submit(
			api->host.keeper, &overview->figures.errand.job, 0);
}
