/*
 * api - which route answers what. The flow behind it is the stage; a client asks
 * over loopback, all in one thread.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/api.h"
#include "base/memory.h"
#include "flow_house.h"
#include "http_house.h"
#include "../support/store_fault.h"

TestSuite(api);

enum { TURNS_LIMIT = 2000 };
#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

struct rig {
	struct house house; /* its loop, server and listener */
	struct stage *stage;
	struct api *api;
	bool stopping;
	bool resumes;	    /* the action, as the next request is heard */
	const char *errors; /* of the next reload; NULL: it goes well */
};

static struct source *
on_source_at(void *context, const char *path)
{
	(void)context;
	(void)path;
	return NULL;
}

static bool
on_is_stopping(void *context)
{
	return ((const struct rig *)context)->stopping;
}

static void
on_reload(void *context, reload_done_fn on_done, void *to)
{
	const struct rig *rig = context;

	on_done(rig->errors, NULL, to);
}

static json_t *
on_about(void *context)
{
	(void)context;
	return json_pack("{s:s}", "version", "of the test");
}

static const char *const *
on_metric_segments(void *context, size_t *max_series)
{
	static const char *const segments[] = {"region", NULL};

	(void)context;
	*max_series = 10;
	return segments;
}

static void
on_request(struct http_request *request, void *context)
{
	struct rig *rig = context;
	struct dispatch *dispatch = stage_dispatch(rig->stage);

	if (rig->resumes) {
		cr_assert(
			dispatch_resume(dispatch, "crm", NULL, NULL), "known");
		dispatch_tick(dispatch);
		rig->resumes = false;
	}
	api_handle(request, rig->api);
}

static void
open_rig(struct rig *rig)
{
	static const struct api_access nobody = {NULL, 0};
	struct err err = {""};

	memset(rig, 0, sizeof(*rig));
	rig->stage = flow_stage("segments: [region]\n" FLOW_RULES);
	rig->house.loop = loop_new(&err);
	cr_assert_not_null(rig->house.loop, "%s", err.text);
	rig->house.server = http_server_new(rig->house.loop, on_request, rig);
	rig->house.listener =
		http_listen_tcp(rig->house.server, "127.0.0.1:0", NULL, &err);
	cr_assert_not_null(rig->house.listener, "%s", err.text);
	struct api_host host = {
		.loop = rig->house.loop,
		.keeper = stage_keeper(rig->stage),
		.reader = stage_reader(rig->stage),
		.dispatch = stage_dispatch(rig->stage),
		.intake = stage_intake(rig->stage),
		.metrics = stage_metrics(rig->stage),
		.clock = stage_clock(rig->stage),
		.context = rig,
		.source_at = on_source_at,
		.is_stopping = on_is_stopping,
		.reload = on_reload,
		.about = on_about,
		.metric_segments = on_metric_segments,
	};

	rig->api = api_new(&host, &nobody);
}

static void
close_rig(struct rig *rig)
{
	store_fault_set(FAULT_NONE, 0, 0);
	http_server_free(rig->house.server);
	loop_free(rig->house.loop);
	api_free(rig->api);
	stage_close(rig->stage);
}

/* "GET /path"; the caller frees the answer. */
static char *
ask_with(struct rig *rig, const char *what, const char *headers)
{
	int fd = house_connect(&rig->house);
	struct buf in = {0}, out = {0};
	char bytes[4096];
	ssize_t got = 1;

	buf_printf(&out, "%s HTTP/1.1\r\nHost: localhost\r\n%s" CLOSE "\r\n",
		what, headers);
	house_send_text(&rig->house, fd, out.data);
	buf_append_text(&in, "");
	for (int turn = 0; turn < TURNS_LIMIT && got != 0; turn++) {
		got = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		if (got > 0)
			buf_append(&in, bytes, (size_t)got);
		loop_step(rig->house.loop, 1);
		keeper_step(stage_keeper(rig->stage));
		reader_step(stage_reader(rig->stage));
	}
	close(fd);
	buf_done(&out);
	return buf_take(&in);
}

static char *
ask(struct rig *rig, const char *what)
{
	return ask_with(rig, what, "");
}

static int
status_of(const char *answer)
{
	return strncmp(answer, "HTTP/1.1 ", 9) == 0 ? atoi(answer + 9) : -1;
}

/* ---- routes ---- */

static const struct {
	const char *what;
	int status;
	const char *says; /* somewhere in the answer */
} routes[] = {
	{"GET /healthz", 200, "ok"},
	{"GET /readyz", 200, "ready"},
	{"GET /readyz?verbose", 200, "\"checks\":["},
	{"GET /metrics", 200, "npsd_inbox_depth"},
	{"GET /api/v1/status", 200, "\"version\":\"of the test\""},
	{"GET /api/v1/score", 200, "\"groups\":["},
	{"GET /api/v1/score?survey=nobody", 200, "\"responses\":0"},
	{"GET /api/v1/score?segment=survey", 200, "\"groups\":["},
	{"GET /api/v1/score?segment=region&window=7d", 200, "\"7d\""},
	{"GET /api/v1/score?window=8d", 400, "\"pointer\":"},
	{"GET /api/v1/score?segment=branch", 400, "segment"},
	{"GET /api/v1/score?survey=%ff", 400, "UTF-8"},
	{"GET /api/v1/score?window=%ff&segment=%ff", 400, "window"},
	{"GET /api/v1/responses", 200, "{\"items\":["},
	{"GET /api/v1/responses?limit=1&cursor=1", 200, "\"next\":null"},
	{"GET /api/v1/responses?survey=%ff&id=%ff", 200, "\"items\":[]"},
	{"GET /api/v1/responses?limit=0", 400, "limit"},
	{"GET /api/v1/responses?limit=1001", 400, "limit"},
	{"GET /api/v1/responses?limit=x", 400, "limit"},
	{"GET /api/v1/responses?cursor=-1", 400, "cursor"},
	{"GET /api/v1/responses?category=bad", 400, "category"},
	{"GET /api/v1/responses?since=yesterday", 400, "since"},
	{"GET /api/v1/responses?since=24h", 200, "items"},
	{"GET /api/v1/responses?since=2026-11-21T10:00:00Z", 200, "items"},
	{"GET /api/v1/responses/1", 200, "\"id\":\"r-1\""},
	{"GET /api/v1/responses/1/explain", 200, "\"verdicts\":["},
	{"GET /api/v1/responses/1/explode", 404, "not-found"},
	{"GET /api/v1/responses/2", 404, "not-found"},
	{"GET /api/v1/responses/2/explain", 404, "not-found"},
	{"GET /api/v1/responses/0", 404, "not-found"},
	{"GET /api/v1/responses/99999999999999999999", 404, "not-found"},
	{"GET /api/v1/responses/x", 404, "not-found"},
	{"GET /api/v1/responses/", 404, "not-found"},
	{"GET /api/v1/deliveries?state=dead", 200, "\"items\":[]"},
	{"GET /api/v1/deliveries?state=gone", 400, "state"},
	{"GET /api/v1/deliveries/1", 200, "\"attempts\":"},
	{"GET /api/v1/deliveries/1/explain", 404, "not-found"},
	{"GET /api/v1/rejected", 200, "items"},
	{"GET /api/v1/rejected/1", 404, "not-found"},
	{"POST /api/v1/deliveries/1/retry", 409, "not-dead"},
	{"POST /api/v1/deliveries/77/retry", 404, "not-found"},
	{"POST /api/v1/deliveries/x/retry", 404, "not-found"},
	{"POST /api/v1/deliveries/1", 404, "not-found"},
	{"POST /api/v1/actions/crm/pause", 200, "\"paused\":true"},
	{"POST /api/v1/actions/crm/resume", 200, "\"paused\":false"},
	{"POST /api/v1/actions/crn/pause", 404, "no such action"},
	{"POST /api/v1/actions/%ff/pause", 404, "no such action"},
	{"POST /api/v1/actions/crm/kill", 404, "not-found"},
	{"DELETE /api/v1/responses", 405, "Allow: GET, HEAD"},
	{"PUT /api/v1/deliveries/1", 405, "Allow: GET, HEAD, POST"},
	{"GET /api/v1/reload", 405, "Allow: POST"},
	{"POST /metrics", 405, "Allow: GET, HEAD"},
	{"GET /", 200, "Net Promoter Score"},
	{"GET /?x", 200, "of the test</bdi> takes answers"},
	{"POST /", 405, "Allow: GET, HEAD"},
	{"GET /index.html", 404, "not-found"},
	{"GET /api/v2/score", 404, "not-found"},
	{"POST /hooks/nobody", 404, "not-found"},
};

Test(api, routes)
{
	struct rig rig;

	open_rig(&rig);
	stage_answer(rig.stage, "spool",
		"{\"id\":\"r-1\",\"score\":3,\"segment\":{\"region\":\"NL\"}}");
	for (size_t i = 0; i < COUNT(routes); i++) {
		char *answer = ask(&rig, routes[i].what);

		cr_assert_eq(status_of(answer), routes[i].status, "%s: %s",
			routes[i].what, answer);
		cr_assert_not_null(strstr(answer, routes[i].says), "%s: %s",
			routes[i].what, answer);
		free(answer);
	}
	close_rig(&rig);
}

/* HEAD is GET without its body. */
Test(api, head)
{
	struct rig rig;
	char *answer;

	open_rig(&rig);
	answer = ask(&rig, "HEAD /api/v1/responses");
	cr_assert_eq(status_of(answer), 200, "%s", answer);
	cr_assert_null(strstr(answer, "items"), "no body: %s", answer);
	free(answer);
	close_rig(&rig);
}

/* ---- trouble ---- */

Test(api, our_own_trouble_is_503)
{
	static const char *const questions[] = {
		"POST /api/v1/deliveries/1/retry",
		"POST /api/v1/deliveries/retry?all=1",
		"POST /api/v1/deliveries/cancel?all=1",
		"POST /api/v1/actions/crm/pause"};
	struct rig rig;

	open_rig(&rig);
	for (size_t i = 0; i < COUNT(questions); i++) {
		char *answer;

		store_fault_set(FAULT_COMMIT, 0, 1);
		answer = ask(&rig, questions[i]);
		cr_assert_eq(
			status_of(answer), 503, "%s: %s", questions[i], answer);
		cr_assert_not_null(
			strstr(answer, "Retry-After: "), "%s", answer);
		free(answer);
	}
	/* P05: what lies in memory is told all the same. */
	store_fault_set(FAULT_BEGIN, 0, 1);
	char *answer = ask(&rig, "GET /api/v1/score");

	cr_assert_eq(status_of(answer), 200, "%s", answer);
	free(answer);
	store_fault_set(FAULT_COMMIT, 0, 1);
	answer = ask(&rig, "GET /metrics");

	cr_assert_eq(status_of(answer), 200, "%s", answer);
	free(answer);
	close_rig(&rig);
}

Test(api, a_store_that_fails_is_not_ready)
{
	struct rig rig;
	char *answer;

	open_rig(&rig);
	store_fault_set(FAULT_COMMIT, 0, 1);
	stage_answer(rig.stage, "spool", "{\"id\":\"r-1\",\"score\":3}");
	answer = ask(&rig, "GET /readyz?verbose");
	cr_assert_eq(status_of(answer), 503, "%s", answer);
	cr_assert_not_null(
		strstr(answer, "nothing could be stored"), "%s", answer);
	free(answer);
	stage_answer(rig.stage, "spool", "{\"id\":\"r-1\",\"score\":3}");
	answer = ask(&rig, "GET /readyz");
	cr_assert_eq(status_of(answer), 200, "%s", answer);
	free(answer);
	close_rig(&rig);
}

Test(api, stopping_is_not_the_senders_fault)
{
	struct rig rig;
	char *answer;

	open_rig(&rig);
	rig.stopping = true;
	answer = ask(&rig, "POST /hooks/typeform");
	cr_assert_eq(status_of(answer), 503, "%s", answer);
	cr_assert_not_null(strstr(answer, "Retry-After: "), "%s", answer);
	free(answer);
	answer = ask(&rig, "POST /api/v1/responses");
	cr_assert_eq(status_of(answer), 503, "%s", answer);
	free(answer);
	answer = ask(&rig, "GET /healthz");
	cr_assert_eq(status_of(answer), 200, "%s", answer);
	free(answer);
	close_rig(&rig);
}

/* What is being claimed as the cancelling begins comes back, and is cancelled. */
Test(api, cancels_what_is_just_claimed)
{
	struct rig rig;
	char *answer;

	open_rig(&rig);
	cr_assert(dispatch_pause(stage_dispatch(rig.stage), "crm", NULL, NULL,
			  NULL, NULL),
		"known");
	stage_turn(rig.stage);
	stage_answer(rig.stage, "spool", "{\"id\":\"r-1\",\"score\":3}");
	stage_answer(rig.stage, "spool", "{\"id\":\"r-2\",\"score\":3}");
	rig.resumes = true;
	answer = ask(&rig, "POST /api/v1/deliveries/cancel?all=1");
	cr_assert_eq(status_of(answer), 200, "%s", answer);
	cr_assert_not_null(strstr(answer, "\"cancelled\":2"), "%s", answer);
	free(answer);
	stage_turn(rig.stage);
	cr_assert_eq(stage_seen(rig.stage, "crm").tries, 0, "nothing is sent");
	cr_assert_eq(flow_deliveries(rig.stage, "cancelled"), 2, "all");
	close_rig(&rig);
}

Test(api, a_reload_tells_its_end)
{
	struct rig rig;
	char *answer;

	open_rig(&rig);
	answer = ask(&rig, "POST /api/v1/reload");
	cr_assert_eq(status_of(answer), 200, "%s", answer);
	free(answer);
	rig.errors = "npsd.yaml:1:1: bad";
	answer = ask(&rig, "POST /api/v1/reload");
	cr_assert_eq(status_of(answer), 422, "%s", answer);
	cr_assert_not_null(strstr(answer, rig.errors), "%s", answer);
	free(answer);
	/* It was under way when the daemon was told to end. */
	rig.stopping = true;
	answer = ask(&rig, "POST /api/v1/reload");
	cr_assert_eq(status_of(answer), 503, "%s", answer);
	free(answer);
	close_rig(&rig);
}

/* ---- who may see reasons ---- */

Test(api, reasons_are_not_for_everybody)
{
	static const struct api_token token = {
		"board", ROLE_FIGURES, "0123456789-board"};
	static const struct api_access access = {&token, 1};
	struct rig rig;
	char *answer;

	open_rig(&rig);
	api_set_access(rig.api, &access);
	answer = ask(&rig, "GET /readyz?verbose");
	cr_assert_eq(status_of(answer), 401, "%s", answer);
	free(answer);
	answer = ask(&rig, "GET /readyz");
	cr_assert_eq(status_of(answer), 200, "%s", answer);
	free(answer);
	answer = ask_with(&rig, "GET /readyz?verbose",
		"Authorization: Bearer 0123456789-board\r\n");
	cr_assert_eq(status_of(answer), 200, "%s", answer);
	free(answer);
	answer = ask(&rig, "GET /metrics");
	cr_assert_eq(status_of(answer), 401, "%s", answer);
	free(answer);
	close_rig(&rig);
}

/* To each what the lists would tell it; a person is told in HTML. */
Test(api, the_page_is_for_who_may_ask)
{
	static const struct api_token tokens[] = {
		{"in", ROLE_INTAKE, "0123456789-in"},
		{"board", ROLE_FIGURES, "0123456789-board"},
		{"team", ROLE_FOLLOW_UP, "0123456789-team"},
		{"desk", ROLE_READ, "0123456789-desk"},
	};
	static const struct api_access access = {tokens, COUNT(tokens)};
	static const struct {
		const char *token;
		int status;
		const char *says, *hides;
	} rows[] = {
		{NULL, 401, "<h1>A token is needed</h1>", "Net Promoter"},
		{"wrong", 401, "problem+json", "Net Promoter"},
		{"0123456789-in", 403, "problem+json", "Net Promoter"},
		{"0123456789-board", 200, "roles read and admin",
			"npsd rejected 1"},
		{"0123456789-team", 200, "roles read and admin",
			"npsd rejected 1"},
		{"0123456789-desk", 200, "Nothing that is still kept",
			"roles read and admin"},
	};
	struct rig rig;

	open_rig(&rig);
	api_set_access(rig.api, &access);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *header = rows[i].token != NULL
				       ? mem_printf("Authorization: Bearer "
						    "%s\r\n",
						 rows[i].token)
				       : mem_strdup("");
		char *answer = ask_with(&rig, "GET /", header);

		cr_assert_eq(status_of(answer), rows[i].status, "%zu: %s", i,
			answer);
		cr_assert_not_null(
			strstr(answer, rows[i].says), "%zu: %s", i, answer);
		cr_assert_null(
			strstr(answer, rows[i].hides), "%zu: %s", i, answer);
		free(answer);
		free(header);
	}
	close_rig(&rig);
}

/* ---- figures in the scrape ---- */

Test(api, a_scrape_shows_figures)
{
	static const char *const lines[] = {
		"npsd_score{survey=\"survey\",window=\"24h\",segment=\"\","
		"segment_value=\"\"} 0\n",
		"npsd_score{survey=\"survey\",window=\"24h\",segment=\"region\""
		",segment_value=\"NL\"} -100\n",
		"npsd_score_responses{survey=\"survey\",window=\"24h\","
		"segment=\"\",segment_value=\"\"} 2\n",
		"npsd_deliveries_dead{action=\"crm\"} 1\n",
		"npsd_deliveries_pending{action=\"crm\"} 0\n",
	};
	struct rig rig;
	char *answer;

	open_rig(&rig);
	stage_receiver(rig.stage, "crm", 422, -1);
	stage_answer(rig.stage, "spool",
		"{\"id\":\"1\",\"score\":3,\"segment\":{\"region\":\"NL\"}}");
	stage_answer(rig.stage, "spool",
		"{\"id\":\"2\",\"score\":9,\"segment\":{\"region\":\"BE\"}}");
	answer = ask(&rig, "GET /metrics");
	for (size_t i = 0; i < COUNT(lines); i++)
		cr_assert_not_null(
			strstr(answer, lines[i]), "%s: %s", lines[i], answer);
	free(answer);
	close_rig(&rig);
}
