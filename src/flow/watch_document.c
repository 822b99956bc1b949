/* watch_document - the document of a watch. */
#include "flow/watch_document.h"

#include "base/json_value.h"
#include "nps/figures.h"

static json_t *
duration_json(int64_t length_ms)
{
	char text[TIME_TEXT_BYTES];

	if (length_ms <= 0)
		return json_null();
	duration_to_text(length_ms, text);
	return json_string(text);
}

static json_t *
figures_of_counts(const struct counts *counts)
{
	struct figures figures;

	figures_of(counts, &figures);
	return figures_json(&figures);
}

/* What the watch is for. */
static void
set_terms(json_t *object, const struct watch *watch)
{
	const struct watch_terms *terms = &watch->terms;
	bool silence = terms->kind == WATCH_SILENCE;

	json_object_set_new(
		object, "kind", json_string(watch_kind_name(terms->kind)));
	json_object_set_new(object, "window", duration_json(terms->window_ms));
	json_object_set_new(
		object, "baseline", duration_json(terms->baseline_ms));
	json_object_set_new(object, "drop",
		terms->kind == WATCH_FALL ? json_real(terms->drop)
					  : json_null());
	json_object_set_new(object, "below",
		terms->kind == WATCH_BELOW ? json_real(terms->below)
					   : json_null());
	json_object_set_new(object, "target",
		terms->kind == WATCH_RATE ? json_real(terms->target)
					  : json_null());
	json_object_set_new(object, "silent_for",
		silence ? duration_json(terms->window_ms) : json_null());
	json_object_set_new(object, "confidence", json_real(terms->confidence));
}

static void
set_view(json_t *object, const struct watch_sight *sight)
{
	const struct watch_view *view = sight->view;
	bool compares = view != NULL && sight->watch->terms.baseline_ms > 0;
	struct score_change change;
	struct class_mix mix;

	json_object_set_new(object, "now",
		view != NULL ? figures_of_counts(&view->now) : json_null());
	json_object_set_new(object, "then",
		compares ? figures_of_counts(&view->then) : json_null());
	if (!compares) {
		json_object_set_new(object, "change", json_null());
		json_object_set_new(object, "mix", json_null());
		return;
	}
	significance_change(&view->now, &view->then, &change);
	significance_mix(&view->now, &view->then, &mix);
	json_object_set_new(object, "change",
		mix.known ? significance_change_json(&change) : json_null());
	json_object_set_new(object, "mix", significance_mix_json(&mix));
}

json_t *
watch_document(const struct watch_sight *sight, const struct tally *tally)
{
	const struct watch *watch = sight->watch;
	json_t *object = json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:b}",
		"name", watch->name, "survey", json_text_or_null(sight->survey),
		"segment", json_text_or_null(watch->by), "value",
		watch->by != NULL ? json_text_or_null(sight->value)
				  : json_null(),
		"source", json_text_or_null(watch->source), "since",
		json_time_or_null(sight->since_ms), "last_answer",
		json_time_or_null(sight->last_ms), "recovered",
		sight->recovered);

	set_terms(object, watch);
	set_view(object, sight);
	return json_pack("{s:n, s:n, s:n, s:n, s:o, s:o}", "response",
		"category", "previous", "rule", "nps",
		tally_figures_json(tally, sight->survey), "watch", object);
}
