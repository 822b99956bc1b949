/* recovery_route - GET /api/v1/recovery: what became of returning customers. */
#include <stdlib.h>
#include <string.h>

#include "api/private.h"
#include "base/memory.h"
#include "base/text.h"
#include "flow/owner_gather.h"
#include "flow/recovering.h"
#include "loop/problem.h"
#include "nps/window.h"

#define RECOVERY_WINDOW "90d" /* where none is asked for */

struct recovery_asked {
	struct api *api;
	struct http_request *request;
	char *window, *survey;
	bool complete;
	struct recovery *recovery;
	int64_t after_ms, upto_ms;
	json_t *groups;
	struct recovery_figures total;
};

static void
on_survey(const char *survey, const struct recovery_figures *figures,
	void *context)
{
	struct recovery_asked *asked = context;
	json_t *group = json_pack("{s:s}", "survey", survey);

	json_object_update_new(group, recovery_json(figures));
	json_array_append_new(asked->groups, group);
	recovery_sum(&asked->total, figures);
}

static void
asked_free(struct recovery_asked *asked)
{
	recovery_free(asked->recovery);
	json_decref(asked->groups);
	free(asked->window);
	free(asked->survey);
	free(asked);
}

static void
reply(struct recovery_asked *asked, json_t *owners)
{
	char since[TIME_TEXT_BYTES], now[TIME_TEXT_BYTES];

	time_to_rfc3339(asked->after_ms, since);
	time_to_rfc3339(asked->upto_ms, now);
	api_reply_json(asked->request, 200,
		json_pack("{s:s, s:s, s:s, s:b, s:i, s:i, s:o, s:O, s:o}",
			"window", asked->window, "since", since, "computed_at",
			now, "complete", asked->complete, "days", RECOVERY_DAYS,
			"cases_least", RECOVERY_CASES_LEAST, "total",
			recovery_json(&asked->total), "surveys", asked->groups,
			"owners", owners));
}

static void
on_owners(json_t *owners, const struct err *err, void *context)
{
	struct recovery_asked *asked = context;

	if (owners == NULL)
		http_problem_busy(asked->request, 5, err->text);
	else
		reply(asked, owners);
	asked_free(asked);
}

static void
on_read(struct recovery *recovery, bool complete, const struct err *err,
	void *context)
{
	struct recovery_asked *asked = context;

	if (recovery != NULL) {
		asked->recovery = recovery;
		asked->complete = complete;
		recovery_read(recovery, asked->after_ms, asked->upto_ms,
			on_survey, asked);
		if (owner_gather(asked->api->host.reader, asked->survey,
			    recovery, asked->after_ms, asked->upto_ms,
			    on_owners, asked))
			return;
	}
	http_problem_busy(asked->request, 5,
		recovery == NULL ? err->text : "Too many questions wait.");
	asked_free(asked);
}

/* False after the problem was told. */
static bool
read_query(struct api *api, struct http_request *request,
	struct recovery_asked *asked)
{
	const char *survey = http_request_query(request, "survey");
	const char *name = http_request_query(request, "window");
	struct window window;
	struct err err;
	size_t at;

	if (survey != NULL && !text_is_utf8(survey, strlen(survey), &at)) {
		http_problem(request, 400, "bad-query",
			"A query parameter cannot be read", "Expected UTF-8.",
			"survey");
		return false;
	}
	if (!window_parse(
		    &window, name != NULL ? name : RECOVERY_WINDOW, &err) ||
		window.kind != WINDOW_ROLLING) {
		http_problem(request, 400, "bad-query",
			"A query parameter cannot be read",
			"Expected a length of time such as 90d.", "window");
		return false;
	}
	asked->upto_ms = clock_wall_ms(api->host.clock);
	asked->after_ms = asked->upto_ms - window.width_ms;
	asked->window = mem_strdup(window.name);
	asked->survey = mem_strdup(survey);
	return true;
}

void
api_recovery(struct api *api, struct http_request *request, const char *rest)
{
	struct recovery_asked *asked = mem_new(1, sizeof(*asked));

	(void)rest;
	asked->api = api;
	asked->request = request;
	if (read_query(api, request, asked)) {
		asked->groups = json_array();
		if (recovering_ask(api->host.reader,
			    http_request_query(request, "survey"), on_read,
			    asked))
			return;
		http_problem_busy(request, 1, "Too many questions wait.");
	}
	asked_free(asked);
}
