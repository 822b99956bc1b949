/* follow_up_view - what the page of a follow-up shows. */
#include "flow/follow_up_view.h"

#include <string.h>

#include "base/json.h"
#include "base/json_value.h"
#include "nps/calendar.h"
#include "nps/owner.h"

/* ---- times ---- */

static void
set_local(const struct zone *zone, json_t *object, const char *key)
{
	int64_t at_ms = json_time_at(object, key);

	if (at_ms != 0)
		json_object_set_new(
			object, key, json_zoned_or_null(zone, at_ms));
}

static void
set_all_local(const struct zone *zone, json_t *view)
{
	static const char *const keys[] = {"opened_at", "claimed_at",
		"contact_by", "resolve_by", "contacted_at", "closed_at",
		"try_again_at", NULL};
	json_t *follow_up = json_object_get(view, "follow_up");
	json_t *event;
	size_t i;

	for (const char *const *key = keys; *key != NULL; key++)
		set_local(zone, follow_up, *key);
	json_array_foreach(json_object_get(follow_up, "events"), i, event)
		set_local(zone, event, "at");
	set_local(zone, json_object_get(view, "response"), "answered_at");
}

/* ---- the rest ---- */

struct last {
	int64_t answered_ms;
	bool known;
};

static void
on_answer(const struct answer_row *row, void *context)
{
	struct last *last = context;

	*last = (struct last){row->answered_ms, true};
}

static bool
add_previous(struct keeping *keeping, const struct follow_up *follow_up,
	json_t *view, struct err *err)
{
	struct last last = {0, false};
	struct previous previous = {.known = false};

	if (store_get_answer(keeping->store, follow_up->last_answer, on_answer,
		    &last, err) == STORE_ERROR)
		return false;
	if (last.known && follow_up->customer != NULL &&
		store_find_previous(keeping->store, follow_up->survey,
			follow_up->customer, last.answered_ms,
			follow_up->last_answer, &previous, err) == STORE_ERROR)
		return false;
	json_object_set_new(view, "previous",
		previous.known
			? json_pack("{s:i, s:s}", "score", previous.score,
				  "category", category_name(previous.category))
			: json_null());
	return true;
}

static json_t *
reasons_of(const struct follow_up_terms *terms)
{
	json_t *list = json_array();

	for (size_t i = 0; terms->reasons != NULL && i < terms->reasons->count;
		i++)
		json_array_append_new(
			list, json_string(terms->reasons->items[i]));
	return list;
}

json_t *
follow_up_view(struct keeping *keeping, const struct follow_up *follow_up,
	const struct follow_up_terms *terms, const json_t *follow_up_json,
	const json_t *response, struct err *err)
{
	const struct policy *policy = keeping->policy;
	json_t *view = json_pack("{s:o, s:o, s:o, s:o}", "follow_up",
		json_deep_copy(follow_up_json), "response",
		response != NULL ? json_deep_copy(response) : json_null(),
		"owner", owner_json(policy->rules->owners, follow_up->owner),
		"reasons", reasons_of(terms));

	set_all_local(policy_zone(policy, terms->calendar), view);
	if (add_previous(keeping, follow_up, view, err))
		return view;
	json_decref(view);
	return NULL;
}
