/* watching_list - how the watches stand, as a list. */
#include "base/json_value.h"
#include "flow/watch_seats.h"
#include "flow/watching.h"

struct listing {
	const struct watcher *watcher;
	json_t *firing;
};

static void
list_alarm(const struct listing *listing, int64_t slot, const char *survey,
	const char *value)
{
	const struct seat *seat = watcher_seat(listing->watcher, slot);

	if (seat == NULL || seat->stand.since_ms <= 0)
		return;
	json_array_append_new(listing->firing,
		json_pack("{s:o, s:o, s:o, s:b}", "survey",
			json_text_or_null(survey), "value",
			json_text_or_null(value), "since",
			json_time_or_null(seat->stand.since_ms), "quiet",
			seat->stand.quiet));
}

static void
list_slot(int64_t id, const char *survey, const char *value, void *context)
{
	const struct listing *listing = context;

	list_alarm(listing, id, survey,
		listing->watcher->watch->by != NULL ? value : NULL);
}

json_t *
watching_json(const struct watching *watching, const struct tally *tally)
{
	json_t *items = json_array();

	for (size_t i = 0; i < watching->watches->count; i++) {
		const struct watcher *watcher = &watching->items[i];
		const struct watch *watch = watcher->watch;
		struct listing listing = {watcher, json_array()};

		if (watch->source != NULL)
			list_alarm(&listing, 0, NULL, watch->source);
		else
			tally_each_slot(tally, watch->by, list_slot, &listing);
		json_array_append_new(items,
			json_pack("{s:s, s:s, s:s, s:o, s:o, s:i, s:o, s:o, "
				  "s:o}",
				"name", watch->name, "kind",
				watch_kind_name(watch->terms.kind), "state",
				watcher_firing(watcher) > 0 ? "firing"
							    : "armed",
				"by", json_text_or_null(watch->by), "source",
				json_text_or_null(watch->source), "slots",
				(int)watcher->slots, "last_look",
				json_time_or_null(watcher->looked_ms),
				"next_look",
				json_time_or_null(watcher->next_ms), "firing",
				listing.firing));
	}
	return items;
}
