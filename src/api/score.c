/* score - GET /api/v1/score: figures in total and by a segment's values. */
#include <stdlib.h>
#include <string.h>

#include "api/private.h"
#include "base/memory.h"
#include "base/text.h"
#include "loop/problem.h"
#include "nps/figures.h"

#define SCORE_WINDOW "30d" /* where none is asked for, if it is counted */

struct score_errand {
	struct errand errand;
	struct http_request *request;
	char *survey, *window, *segment; /* NULL: not asked for */
	json_t *result;
	const char *unknown; /* "window" or "segment" */
};

static void
on_group(const char *value, const struct counts *counts, void *context)
{
	struct score_errand *errand = context;
	struct figures figures;
	json_t *group;

	figures_of(counts, &figures);
	group = json_pack("{s:s, s:s}", "segment",
		errand->segment != NULL ? errand->segment : "survey", "value",
		value);
	json_object_update_new(group, figures_json(&figures));
	json_array_append_new(json_object_get(errand->result, "groups"), group);
}

static json_t *
text_or_null(const char *text)
{
	return text != NULL ? json_string(text) : json_null();
}

static bool
run_score(struct errand *base, struct store_writer *store, struct tally *tally,
	int64_t now_ms, struct err *err)
{
	struct score_errand *errand = (struct score_errand *)base;
	int window = tally_window(
		tally, errand->window != NULL ? errand->window : SCORE_WINDOW);
	char now[TIME_TEXT_BYTES];
	struct counts counts;
	struct figures figures;

	(void)store;
	(void)err;
	if (window < 0 && errand->window == NULL)
		window = 0; /* the first that is counted */
	if (window < 0 || tally_window_count(tally) == 0)
		errand->unknown = "window";
	else if (errand->segment != NULL &&
		 !tally_has_segment(tally, errand->segment))
		errand->unknown = "segment";
	if (errand->unknown != NULL)
		return true;
	tally_total(tally, errand->survey, window, &counts);
	figures_of(&counts, &figures);
	time_to_rfc3339(now_ms, now);
	errand->result = json_pack("{s:o, s:s, s:s, s:o, s:[]}", "survey",
		text_or_null(errand->survey), "window",
		tally_window_name(tally, (size_t)window), "computed_at", now,
		"total", figures_json(&figures), "groups");
	tally_each(tally, errand->survey, errand->segment, window, on_group,
		errand);
	return true;
}

static void
on_score(struct job *job)
{
	struct score_errand *errand = (struct score_errand *)job;
	struct http_request *request = errand->request;

	if (!job->good) {
		json_decref(errand->result);
		http_problem_busy(request, 5, "The store cannot answer now.");
	} else if (errand->unknown != NULL) {
		http_problem(request, 400, "unknown-figure",
			strcmp(errand->unknown, "window") == 0
				? "This window is not counted"
				: "This segment is not counted",
			"The configuration names what is counted under score: "
			"windows and segments.",
			errand->unknown);
	} else {
		api_reply_json(request, 200, errand->result);
	}
	free(errand->survey);
	free(errand->window);
	free(errand->segment);
	free(errand);
}

void
api_score(struct api *api, struct http_request *request, const char *rest)
{
	struct score_errand *errand;
	const char *window = http_request_query(request, "window");
	const char *segment = http_request_query(request, "segment");
	const char *survey = http_request_query(request, "survey");
	size_t at;

	(void)rest;
	if (survey != NULL && !text_is_utf8(survey, strlen(survey), &at)) {
		http_problem(request, 400, "bad-query",
			"A query parameter cannot be read", "Expected UTF-8.",
			"survey");
		return;
	}
	errand = mem_new(1, sizeof(*errand));
	if (segment != NULL && strcmp(segment, "survey") == 0)
		segment = NULL;
	errand->errand.job.type = JOB_ERRAND;
	errand->errand.job.done = on_score;
	errand->errand.run = run_score;
	errand->errand.reads = true;
	errand->request = request;
	errand->survey = mem_strdup(survey);
	errand->window = mem_strdup(window);
	errand->segment = mem_strdup(segment);
	keeper_submit(api->host.keeper, &errand->errand.job, 0);
}
