/* watching - keeps the time of looks, and how each watch stands. */
#include "flow/watching.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "flow/watch_look.h"
#include "flow/watch_seats.h"

enum {
	/* A silence is not judged so soon after a start: what waited
	 * meanwhile comes in first. */
	WATCH_GRACE_MS = 15 * 60 * 1000,
	WATCH_AGAIN_MS = 60 * 1000, /* after a look that failed */
};

/* ---- opening ---- */

static struct watcher *
watcher_of(const struct watching *watching, const char *name)
{
	for (size_t i = 0; i < watching->watches->count; i++)
		if (strcmp(watching->items[i].watch->name, name) == 0)
			return &watching->items[i];
	return NULL;
}

static void
take_row(const struct watch_row *row, void *context)
{
	struct watching *watching = context;
	struct seat seat = {row->slot, {.since_ms = row->since_ms,
					       .alarm_ms = row->alarm_ms,
					       .quiet = row->quiet,
					       .level = row->level}};
	struct watcher *watcher;

	if (row->watch[0] == '\0') {
		if (row->slot >= 0)
			watching_set_mark(watching, row->slot, row->seen_ms);
		return;
	}
	watcher = watcher_of(watching, row->watch);
	if (watcher == NULL)
		return; /* configured no more */
	if (row->slot == 0)
		watcher->seen_ms = watcher->written_ms = row->seen_ms;
	if (row->since_ms != 0 || row->alarm_ms != 0)
		watcher_add_seat(watcher, &seat);
}

static int64_t
next_look_ms(const struct watch *watch, int64_t now_ms)
{
	return (now_ms / watch->every_ms + 1) * watch->every_ms;
}

static void
carry(struct watching *watching, const struct watching *before)
{
	watching->started_ms = before->started_ms;
	for (size_t i = 0; i < watching->watches->count; i++) {
		struct watcher *watcher = &watching->items[i];
		const struct watcher *old =
			watcher_of(before, watcher->watch->name);

		if (old == NULL)
			continue;
		watcher->looked_ms = old->looked_ms;
		if (old->seen_ms > watcher->seen_ms)
			watcher->seen_ms = old->seen_ms;
	}
}

struct watching *
watching_open(const struct watches *watches, const struct tally *tally,
	struct store_writer *store, int64_t now_ms,
	const struct watching *before, struct err *err)
{
	struct watching *watching = mem_new(1, sizeof(*watching));

	watching->watches = watches;
	watching->started_ms = now_ms;
	watching->items = mem_new(watches->count + 1, sizeof(struct watcher));
	for (size_t i = 0; i < watches->count; i++) {
		const struct watch *watch = watches->items[i];
		bool summed = watch->source == NULL;

		watching->items[i] = (struct watcher){
			.watch = watch,
			.now = summed ? tally_stretch(tally, watch->now_ms)
				      : -1,
			.all = summed && watch->all_ms > 0
				       ? tally_stretch(tally, watch->all_ms)
				       : -1,
			.next_ms = next_look_ms(watch, now_ms),
		};
	}
	if (watches->count == 0 ||
		store_each_watch(store, take_row, watching, err)) {
		if (before != NULL)
			carry(watching, before);
		return watching;
	}
	watching_free(watching);
	return NULL;
}

void
watching_free(struct watching *watching)
{
	if (watching == NULL)
		return;
	for (size_t i = 0; i < watching->watches->count; i++)
		free(watching->items[i].seats);
	free(watching->items);
	free(watching->marks);
	free(watching);
}

/* ---- answers ---- */

static bool
note_source(struct keeping *keeping, struct watcher *watcher, struct err *err)
{
	const struct seat *seat = watcher_seat(watcher, 0);
	struct watch_row row = {
		.watch = watcher->watch->name, .seen_ms = keeping->now_ms};

	watcher->seen_ms = keeping->now_ms;
	if (llabs(keeping->now_ms - watcher->written_ms) < WATCH_NOTE_MS)
		return true;
	if (seat != NULL) {
		row.since_ms = seat->stand.since_ms;
		row.alarm_ms = seat->stand.alarm_ms;
		row.quiet = seat->stand.quiet;
	}
	watcher->written_ms = keeping->now_ms;
	return store_put_watch(keeping->store, &row, err);
}

static bool
note_history(
	struct keeping *keeping, const struct slots *slots, struct err *err)
{
	struct watching *watching = keeping->watching;

	for (size_t i = 0; i < slots->count; i++) {
		struct watch_row row = {.watch = "",
			.slot = slots->ids[i],
			.seen_ms = keeping->now_ms};

		if (llabs(keeping->now_ms - watching_mark(watching, row.slot)) <
			WATCH_NOTE_MS)
			continue;
		if (!store_put_watch(keeping->store, &row, err))
			return false;
		watching_set_mark(watching, row.slot, keeping->now_ms);
	}
	return true;
}

bool
watching_note(struct keeping *keeping, const char *source,
	const struct slots *slots, int64_t answered_ms, bool history,
	struct err *err)
{
	struct watching *watching = keeping->watching;
	const struct watches *watches = watching->watches;

	if (history)
		return keeping->now_ms - answered_ms > watches->reach_ms ||
		       note_history(keeping, slots, err);
	for (size_t i = 0; i < watches->count; i++) {
		struct watcher *watcher = &watching->items[i];

		if (watcher->watch->source != NULL &&
			strcmp(watcher->watch->source, source) == 0 &&
			!note_source(keeping, watcher, err))
			return false;
	}
	return true;
}

/* ---- looks ---- */

static bool
is_too_early(const struct watching *watching, const struct watch *watch,
	int64_t now_ms)
{
	int64_t grace_ms = watch->silent_ms < WATCH_GRACE_MS ? watch->silent_ms
							     : WATCH_GRACE_MS;

	return watch->terms.kind == WATCH_SILENCE &&
	       now_ms - watching->started_ms < grace_ms;
}

/* Marks that every watch has seen. */
static bool
drop_marks(struct keeping *keeping, struct err *err)
{
	struct watching *watching = keeping->watching;
	int64_t seen_ms = INT64_MAX;

	for (size_t i = 0; i < watching->watches->count; i++)
		if (watching->items[i].looked_ms < seen_ms)
			seen_ms = watching->items[i].looked_ms;
	watching->marked = false;
	for (size_t slot = 0; slot < watching->mark_count; slot++) {
		struct watch_row none = {.watch = "", .slot = (int64_t)slot};

		if (watching->marks[slot] == 0)
			continue;
		if (watching->marks[slot] >= seen_ms - WATCH_NOTE_MS &&
			watching->marks[slot] <= keeping->now_ms) {
			watching->marked = true;
			continue;
		}
		watching->marks[slot] = 0;
		if (!store_put_watch(keeping->store, &none, err))
			return false;
	}
	return true;
}

/* A clock that was set back must not stop the looks. */
static bool
is_due(const struct watcher *watcher, int64_t now_ms)
{
	return now_ms >= watcher->next_ms ||
	       watcher->next_ms - now_ms > 2 * watcher->watch->every_ms;
}

bool
watching_is_due(const struct watching *watching, int64_t now_ms)
{
	for (size_t i = 0; i < watching->watches->count; i++)
		if (is_due(&watching->items[i], now_ms))
			return true;
	return false;
}

bool
watching_look(struct keeping *keeping, struct err *err)
{
	struct watching *watching = keeping->watching;
	bool good = true;

	for (size_t i = 0; good && i < watching->watches->count; i++) {
		struct watcher *watcher = &watching->items[i];

		if (!is_due(watcher, keeping->now_ms))
			continue;
		watcher->next_ms =
			next_look_ms(watcher->watch, keeping->now_ms);
		pulse_beat(keeping->pulse, keeping->clock);
		if (!is_too_early(watching, watcher->watch, keeping->now_ms))
			good = watch_look_once(keeping, watcher, err);
	}
	return good && (!watching->marked || drop_marks(keeping, err));
}

int64_t
watching_next_ms(const struct watching *watching)
{
	int64_t next_ms = INT64_MAX;

	for (size_t i = 0; i < watching->watches->count; i++)
		if (watching->items[i].next_ms < next_ms)
			next_ms = watching->items[i].next_ms;
	return next_ms;
}

bool
watching_looked(
	struct watching *watching, const struct watching_metrics *metrics)
{
	bool to_send = watching->to_send;

	metrics_clear(metrics->firing);
	metrics_clear(metrics->rates);
	for (size_t i = 0; i < watching->watches->count; i++) {
		struct watcher *watcher = &watching->items[i];
		const char *values[] = {watcher->watch->name};

		metric_add(metric_at(metrics->looks, values), watcher->looks);
		metric_add(metric_at(metrics->alarms, values), watcher->alarms);
		metric_set(metric_at(metrics->firing, values),
			watcher_firing(watcher));
		if (watcher->watch->terms.kind == WATCH_RATE &&
			watcher->seen.invitations > 0)
			metric_set(metric_at(metrics->rates, values),
				counts_number(&watcher->seen) /
					(double)watcher->seen.invitations);
		watcher->looks = watcher->alarms = 0;
	}
	watching->to_send = false;
	return to_send;
}

void
watching_lost(struct keeping *keeping)
{
	struct watching *old = keeping->watching, *again;
	struct err err;

	again = watching_open(old->watches, keeping->tally, keeping->store,
		keeping->now_ms, old, &err);
	if (again == NULL) {
		log_error("how watches stand could not be read: %s", err.text);
		again = old; /* as it was meant to be */
	}
	for (size_t i = 0; i < again->watches->count; i++)
		again->items[i].next_ms = keeping->now_ms + WATCH_AGAIN_MS;
	again->to_send = false;
	if (again != old)
		watching_free(old);
	keeping->watching = again;
}
