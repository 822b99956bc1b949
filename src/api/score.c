/* score - GET /api/v1/score: figures in total and by a segment's values. */
#include <stdlib.h>
#include <string.h>

#include "api/private.h"
#include "base/json_value.h"
#include "base/memory.h"
#include "base/text.h"
#include "loop/problem.h"
#include "nps/figures.h"
#include "nps/significance.h"

#define SCORE_WINDOW "30d" /* where none is asked for, if it is counted */

struct score_errand {
	struct errand errand;
	struct http_request *request;
	char *survey, *window, *segment; /* NULL: not asked for */
	bool compares;			 /* with the window before */
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

/* ---- the window before ---- */

/* What each slot had, and where its figures stand in the answer. */
struct before {
	struct score_errand *errand;
	struct store_writer *store;
	struct counts *by_slot;
	size_t count;
	json_t *places; /* value -> its group */
	struct err *err;
};

static bool
sum_buckets(enum bucket_width width, int64_t after, int64_t upto,
	void (*on_sum)(int64_t slot, const struct counts *counts, void *to),
	void *to, void *context)
{
	struct before *before = context;

	return store_sum_buckets(
		before->store, width, after, upto, on_sum, to, before->err);
}

static void
take_sum(int64_t slot, const struct counts *counts, void *to)
{
	struct before *before = to;
	size_t index = (size_t)slot;

	before->by_slot = mem_reach(before->by_slot, &before->count, index,
		sizeof(*before->by_slot));
	counts_add(&before->by_slot[index], counts, 1);
}

/* Counts as figures have them. */
static struct counts
counts_of_json(const json_t *figures)
{
	return (struct counts){
		.of = {[CATEGORY_PROMOTER] = json_integer_value(
			       json_object_get(figures, "promoters")),
			[CATEGORY_PASSIVE] = json_integer_value(
				json_object_get(figures, "passives")),
			[CATEGORY_DETRACTOR] = json_integer_value(
				json_object_get(figures, "detractors"))}};
}

/* Adds one slot's to the figures of its group, or of all. */
static void
add_before(json_t *figures, const struct counts *counts)
{
	json_t *old = json_object_get(figures, "previous");
	struct counts sum = counts_of_json(old);
	struct figures now;

	sum.invitations =
		json_integer_value(json_object_get(old, "invitations"));
	counts_add(&sum, counts, 1);
	figures_of(&sum, &now);
	json_object_set_new(figures, "previous", figures_json(&now));
}

static void
on_slot(int64_t id, const char *survey, const char *value, void *context)
{
	struct before *before = context;
	const struct score_errand *errand = before->errand;
	json_t *place = json_object_get(
		before->places, errand->segment != NULL ? value : survey);

	if ((size_t)id < before->count && place != NULL &&
		(errand->survey == NULL || strcmp(survey, errand->survey) == 0))
		add_before(place, &before->by_slot[id]);
}

static void
on_whole(int64_t id, const char *survey, const char *value, void *context)
{
	struct before *before = context;
	const char *asked = before->errand->survey;

	(void)value;
	if ((size_t)id < before->count &&
		(asked == NULL || strcmp(survey, asked) == 0))
		add_before(json_object_get(before->errand->result, "total"),
			&before->by_slot[id]);
}

/* The change and the mix, of figures that know what was before. */
static void
set_change(json_t *figures)
{
	const struct counts none = {.invitations = 0};
	struct counts now = counts_of_json(figures), then;
	struct score_change change;
	struct class_mix mix;

	if (json_object_get(figures, "previous") == NULL)
		add_before(figures, &none);
	then = counts_of_json(json_object_get(figures, "previous"));
	significance_change(&now, &then, &change);
	significance_mix(&now, &then, &mix);
	json_object_set_new(figures, "change",
		mix.known ? significance_change_json(&change) : json_null());
	json_object_set_new(figures, "mix", significance_mix_json(&mix));
}

static bool
compare(struct score_errand *errand, struct store_writer *store,
	const struct tally *tally, int window, int64_t now_ms, struct err *err)
{
	struct before before = {.errand = errand,
		.store = store,
		.places = json_object(),
		.err = err};
	json_t *groups = json_object_get(errand->result, "groups"), *group;
	size_t i;
	bool good = tally_sum_before(
		tally, window, now_ms, sum_buckets, take_sum, &before, &before);

	json_array_foreach(groups, i, group) json_object_set(before.places,
		json_string_value(json_object_get(group, "value")), group);
	if (good) {
		tally_each_slot(tally, NULL, on_whole, &before);
		tally_each_slot(tally, errand->segment, on_slot, &before);
		set_change(json_object_get(errand->result, "total"));
		json_array_foreach(groups, i, group) set_change(group);
	}
	json_decref(before.places);
	free(before.by_slot);
	return good;
}

/* ---- the route ---- */

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
		json_text_or_null(errand->survey), "window",
		tally_window_name(tally, (size_t)window), "computed_at", now,
		"total", figures_json(&figures), "groups");
	tally_each(tally, errand->survey, errand->segment, window, on_group,
		errand);
	return !errand->compares ||
	       compare(errand, store, tally, window, now_ms, err);
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
	const char *with = http_request_query(request, "compare");
	size_t at;

	(void)rest;
	if (survey != NULL && !text_is_utf8(survey, strlen(survey), &at)) {
		http_problem(request, 400, "bad-query",
			"A query parameter cannot be read", "Expected UTF-8.",
			"survey");
		return;
	}
	if (with != NULL && strcmp(with, "previous") != 0) {
		http_problem(request, 400, "bad-query",
			"A query parameter cannot be read",
			"Expected \"previous\".", "compare");
		return;
	}
	errand = mem_new(1, sizeof(*errand));
	errand->compares = with != NULL;
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
