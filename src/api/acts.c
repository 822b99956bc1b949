/* acts - what changes something: retry, pause, resume, reload. */
#include <stdlib.h>
#include <string.h>

#include "api/access.h"
#include "api/private.h"
#include "base/memory.h"
#include "base/text.h"
#include "loop/problem.h"

/* ---- retry ---- */

struct retry_errand {
	struct errand errand;	  /* first: the act */
	struct question question; /* then, where there was nothing to do: why */
	struct api *api;
	struct http_request *request;
	int64_t delivery;
	bool changed, exists;
};

static struct retry_errand *
retry_of(struct question *question)
{
	return (struct retry_errand *)((char *)question -
				       offsetof(struct retry_errand, question));
}

static bool
run_retry(struct errand *base, struct store_writer *store, struct tally *tally,
	int64_t now_ms, struct err *err)
{
	struct retry_errand *errand = (struct retry_errand *)base;

	(void)tally;
	return store_retry(
		store, errand->delivery, now_ms, &errand->changed, err);
}

static void
ask_whether_there(struct question *question, struct store_reader *store)
{
	struct retry_errand *errand = retry_of(question);
	struct store_filter filter = {.category = -1,
		.state = -1,
		.row = errand->delivery,
		.limit = 1};
	struct err err;
	int64_t next;
	json_t *rows =
		store_list_rows(store, STORE_DELIVERIES, &filter, &next, &err);

	errand->exists = json_array_size(rows) > 0;
	json_decref(rows);
}

static void
tell_unchanged(struct question *question)
{
	struct retry_errand *errand = retry_of(question);

	if (errand->exists)
		http_problem(errand->request, 409, "not-dead",
			"This delivery is not dead",
			"Only a dead, cancelled or folded delivery can be "
			"tried again.",
			NULL);
	else
		http_problem(errand->request, 404, "not-found",
			"There is no such row", NULL, NULL);
	free(errand);
}

static void
on_retry(struct job *job)
{
	struct retry_errand *errand = (struct retry_errand *)job;

	if (job->good && !errand->changed) {
		if (reader_ask(errand->api->host.reader, &errand->question))
			return;
		http_problem_busy(
			errand->request, 1, "Too many questions wait.");
	} else if (!job->good) {
		http_problem_busy(errand->request, 5, job->err.text);
	} else {
		dispatch_poke(errand->api->host.dispatch);
		api_reply_json(errand->request, 202,
			json_pack("{s:b}", "retrying", 1));
	}
	free(errand);
}

/* "17/retry" */
void
api_delivery_act(
	struct api *api, struct http_request *request, const char *rest)
{
	size_t length = strcspn(rest, "/");
	struct retry_errand *errand;
	char *number;
	bool good;

	if (api_sweep(api, request, rest))
		return;
	number = mem_copy(rest, length);
	errand = mem_new(1, sizeof(*errand));
	good = text_to_integer(number, 1, INT64_MAX, &errand->delivery) &&
	       strcmp(rest + length, "/retry") == 0;
	free(number);
	if (!good) {
		free(errand);
		http_problem(request, 404, "not-found", "Nothing is here",
			"POST to /api/v1/deliveries/ROW/retry or /cancel, or "
			"to /api/v1/deliveries/retry or /cancel.",
			NULL);
		return;
	}
	errand->errand.job.type = JOB_ERRAND;
	errand->errand.job.done = on_retry;
	errand->errand.run = run_retry;
	errand->question.ask = ask_whether_there;
	errand->question.answer = tell_unchanged;
	errand->api = api;
	errand->request = request;
	keeper_submit(api->host.keeper, &errand->errand.job, 0);
}

/* ---- pause, resume ---- */

struct pausing {
	struct http_request *request;
	char *action;
	bool pause;
};

static void
on_stored(bool good, void *context)
{
	struct pausing *pausing = context;

	if (good)
		api_reply_json(pausing->request, 200,
			json_pack("{s:s, s:b}", "action", pausing->action,
				"paused", pausing->pause));
	else
		http_problem_busy(pausing->request, 5,
			"It holds now, but could not be stored: a restart "
			"would forget it.");
	free(pausing->action);
	free(pausing);
}

static bool
begin_pausing(struct api *api, struct pausing *pausing)
{
	const struct http_request *request = pausing->request;

	if (!pausing->pause)
		return dispatch_resume(api->host.dispatch, pausing->action,
			on_stored, pausing);
	return dispatch_pause(api->host.dispatch, pausing->action,
		access_who(&api->access, request),
		http_request_query(request, "why"), on_stored, pausing);
}

/* "crm/pause", "crm/resume" */
void
api_action_act(struct api *api, struct http_request *request, const char *rest)
{
	size_t length = strcspn(rest, "/");
	const char *verb = rest + length;
	struct pausing *pausing = mem_new(1, sizeof(*pausing));
	bool known;

	pausing->request = request;
	pausing->action = mem_copy(rest, length);
	pausing->pause = strcmp(verb, "/pause") == 0;
	known = pausing->pause || strcmp(verb, "/resume") == 0;
	if (known && begin_pausing(api, pausing))
		return;
	if (strcmp(verb, "/send") == 0) {
		known = true;
		if (api_drill(api, request, pausing->action)) {
			free(pausing->action);
			free(pausing);
			return;
		}
	}
	http_problem(request, 404, "not-found",
		known ? "There is no such action" : "Nothing is here",
		"POST to /api/v1/actions/NAME/pause, /resume or /send.", NULL);
	free(pausing->action);
	free(pausing);
}

/* ---- reload ---- */

static void
on_reloaded(const char *errors, json_t *warnings, void *context)
{
	struct http_request *request = context;
	const struct api *api = http_request_data(request);

	if (errors == NULL)
		api_reply_json(request, 200,
			json_pack("{s:b, s:o}", "reloaded", 1, "warnings",
				warnings != NULL ? json_incref(warnings)
						 : json_array()));
	else if (api->host.is_stopping(api->host.context))
		http_problem_busy(request, 10, "npsd is stopping.");
	else
		http_problem(request, 422, "bad-configuration",
			"The configuration is bad; the old one stays", errors,
			NULL);
}

void
api_reload(struct api *api, struct http_request *request, const char *rest)
{
	(void)rest;
	http_request_set_data(request, api);
	api->host.reload(api->host.context, on_reloaded, request);
}
