/* watching - keeps the time of looks, and how each watch stands. */
#include "flow/watching.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_value.h"
#include "base/log.h"
#include "base/memory.h"
#include "flow/frozen.h"
#include "flow/watch_document.h"

enum {
	/* A silence is not judged so soon after a start: what waited
	 * meanwhile comes in first. */
	WATCH_GRACE_MS = 15 * 60 * 1000,
	WATCH_AGAIN_MS = 60 * 1000, /* after a look that failed */
	/* What is noted at each answer is written this often at most. */
	WATCH_NOTE_MS = 60 * 1000,
};

/* A slot that alarmed once. */
struct seat {
	int64_t slot;
	struct watch_stand stand;
};

struct watcher {
	const struct watch *watch;
	int now, all; /* stretches of the tally; -1: not summed */
	int64_t looked_ms, next_ms;
	int64_t seen_ms, written_ms; /* of a source: its last answer */
	struct seat *seats;	     /* by slot */
	size_t count, capacity;
	size_t slots;	   /* seen by the last look */
	int looks, alarms; /* not told to the metrics yet */
};

struct watching {
	const struct watches *watches;
	struct watcher *items;
	int64_t started_ms;
	/* By slot: when history came in last; 0: no mark. */
	int64_t *marks;
	size_t mark_count;
	bool marked; /* any */
	bool to_send;
};

/* ---- seats and marks ---- */

static struct seat *
seat_of(const struct watcher *watcher, int64_t slot)
{
	size_t low = 0, high = watcher->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (watcher->seats[middle].slot < slot)
			low = middle + 1;
		else
			high = middle;
	}
	return low < watcher->count && watcher->seats[low].slot == slot
		       ? &watcher->seats[low]
		       : NULL;
}

/* Of a slot that has none. */
static void
seat_add(struct watcher *watcher, const struct seat *seat)
{
	size_t at = watcher->count;

	if (watcher->count == watcher->capacity) {
		watcher->capacity = watcher->capacity * 2 + 8;
		watcher->seats = mem_grow(
			watcher->seats, watcher->capacity, sizeof(struct seat));
	}
	for (; at > 0 && watcher->seats[at - 1].slot > seat->slot; at--)
		watcher->seats[at] = watcher->seats[at - 1];
	watcher->seats[at] = *seat;
	watcher->count++;
}

static void
mark_set(struct watching *watching, int64_t slot, int64_t at_ms)
{
	size_t index = (size_t)slot;

	watching->marks = mem_reach(watching->marks, &watching->mark_count,
		index, sizeof(*watching->marks));
	watching->marks[index] = at_ms;
	watching->marked |= at_ms != 0;
}

static int64_t
mark_of(const struct watching *watching, int64_t slot)
{
	size_t index = (size_t)slot;

	return index < watching->mark_count ? watching->marks[index] : 0;
}

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
			mark_set(watching, row->slot, row->seen_ms);
		return;
	}
	watcher = watcher_of(watching, row->watch);
	if (watcher == NULL)
		return; /* configured no more */
	if (row->slot == 0)
		watcher->seen_ms = watcher->written_ms = row->seen_ms;
	if (row->since_ms != 0 || row->alarm_ms != 0)
		seat_add(watcher, &seat);
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
	const struct seat *seat = seat_of(watcher, 0);
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

		if (llabs(keeping->now_ms - mark_of(watching, row.slot)) <
			WATCH_NOTE_MS)
			continue;
		if (!store_put_watch(keeping->store, &row, err))
			return false;
		mark_set(watching, row.slot, keeping->now_ms);
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

/* ---- a look ---- */

/* One look of one watch. */
struct look {
	struct keeping *keeping;
	struct watcher *watcher;
	struct watch_terms terms; /* its baseline in open time */
	/* Of a silence with hours, once it is needed: what was answered in so
	 * many open hours, by slot. */
	int64_t *answered;
	size_t answered_count;
	bool counted;
	bool good;
	struct err *err;
};

static void
take_answered(int64_t slot, const struct counts *counts, void *context)
{
	struct look *look = context;
	size_t index = (size_t)slot;

	look->answered = mem_reach(look->answered, &look->answered_count, index,
		sizeof(*look->answered));
	look->answered[index] = counts_total(counts);
}

/* Since when nothing must have come for a silence. */
static int64_t
silent_since_ms(const struct look *look)
{
	const struct watch *watch = look->watcher->watch;
	struct span span = {.ms = watch->silent_ms};

	return watch->calendar == NULL
		       ? look->keeping->now_ms - watch->silent_ms
		       : calendar_subtract(
				 watch->calendar, look->keeping->now_ms, &span);
}

/* Whether an answer lies in that many open hours, though none does in that
 * many. */
static bool
answered_in_hours(struct look *look, int64_t slot)
{
	struct keeping *keeping = look->keeping;

	if (!look->counted)
		look->good = store_sum_buckets(keeping->store, BUCKET_HOUR,
			bucket_number(silent_since_ms(look), BUCKET_HOUR) - 1,
			bucket_number(keeping->now_ms, BUCKET_HOUR),
			take_answered, look, look->err);
	look->counted = true;
	return (size_t)slot < look->answered_count && look->answered[slot] > 0;
}

static bool
put_stand(struct look *look, const struct seat *seat)
{
	struct watch_row row = {
		.watch = look->watcher->watch->name,
		.slot = seat->slot,
		.since_ms = seat->stand.since_ms,
		.alarm_ms = seat->stand.alarm_ms,
		.quiet = seat->stand.quiet,
		.level = seat->stand.level,
		.seen_ms = seat->slot == 0 ? look->watcher->seen_ms : 0,
	};

	return store_put_watch(look->keeping->store, &row, look->err);
}

/* The key names the episode, n its beginning or its end. */
static bool
tell(struct look *look, const struct seat *seat,
	const struct watch_sight *sight)
{
	const struct watch *watch = look->watcher->watch;
	char *key = mem_printf("%s %lld %lld", watch->name,
		(long long)seat->slot, (long long)sight->since_ms);
	struct frozen frozen = {
		.cause = WATCH_CAUSE,
		.key = key,
		.n = sight->recovered,
		.rule = watch->name,
		.document = watch_document(sight, look->keeping->tally),
	};
	bool good = true;

	for (size_t i = 0; good && i < watch->actions.count; i++)
		good = frozen_put(look->keeping, &frozen,
			watch->actions.items[i], look->err);
	json_decref(frozen.document);
	free(key);
	look->keeping->watching->to_send = true;
	return good;
}

static bool
is_same(const struct watch_stand *a, const struct watch_stand *b)
{
	return a->since_ms == b->since_ms && a->alarm_ms == b->alarm_ms &&
	       a->quiet == b->quiet;
}

/* Judges one slot; sight lacks what follows from that. */
static bool
judge_slot(struct look *look, int64_t slot, bool quiet,
	const struct watch_view *view, struct watch_sight *sight)
{
	struct watcher *watcher = look->watcher;
	struct seat *seat = seat_of(watcher, slot);
	struct seat now = seat != NULL ? *seat : (struct seat){.slot = slot};
	const struct watch_stand before = now.stand;
	enum watch_news news = watch_look(&look->terms, watcher->watch->bound,
		view, quiet, look->keeping->now_ms, &now.stand);

	if (is_same(&before, &now.stand))
		return true;
	if (seat != NULL)
		*seat = now;
	else
		seat_add(watcher, &now);
	watcher->alarms += news == WATCH_ALARM;
	sight->recovered = news == WATCH_RECOVERED;
	sight->since_ms =
		sight->recovered ? before.since_ms : now.stand.since_ms;
	return put_stand(look, &now) &&
	       ((news != WATCH_ALARM && (news != WATCH_RECOVERED ||
						!watcher->watch->recovery)) ||
		       tell(look, &now, sight));
}

/* History that came in since this watch last looked. */
static bool
is_quiet(const struct look *look, int64_t slot)
{
	int64_t mark_ms = mark_of(look->keeping->watching, slot);

	return mark_ms != 0 &&
	       mark_ms >= look->watcher->looked_ms - WATCH_NOTE_MS;
}

static void
on_slot(int64_t id, const char *survey, const char *value, void *context)
{
	struct look *look = context;
	struct watcher *watcher = look->watcher;
	const struct tally *tally = look->keeping->tally;
	struct watch_view view = {.now = {.invitations = 0}};
	struct watch_sight sight = {.watch = watcher->watch,
		.survey = survey,
		.value = value,
		.view = &view};

	if (!look->good || !watch_wants_survey(watcher->watch, survey))
		return;
	watcher->slots++;
	tally_sum(tally, id, watcher->now, &view.now);
	if (watcher->all >= 0) {
		tally_sum(tally, id, watcher->all, &view.then);
		counts_add(&view.then, &view.now, -1);
	}
	if (watcher->watch->calendar != NULL && counts_total(&view.now) == 0 &&
		counts_total(&view.then) > 0 && answered_in_hours(look, id)) {
		/* One that is told of as long over: it is not silent. */
		view.now.of[CATEGORY_PASSIVE] = 1;
		view.then.of[CATEGORY_PASSIVE]--;
	}
	look->good = look->good &&
		     judge_slot(look, id, is_quiet(look, id), &view, &sight);
}

/* A source counts nothing by itself: it has answered since, or it has not. */
static void
look_at_source(struct look *look)
{
	struct watcher *watcher = look->watcher;
	bool answered = watcher->seen_ms >= silent_since_ms(look);
	struct watch_view view = {
		.now = {.of = {[CATEGORY_PASSIVE] = answered}},
		.then = {.of = {[CATEGORY_PASSIVE] =
					 watcher->seen_ms > 0 ? INT32_MAX : 0}},
	};
	struct watch_sight sight = {
		.watch = watcher->watch, .last_ms = watcher->seen_ms};

	watcher->slots = 1;
	look->good = judge_slot(look, 0, false, &view, &sight);
}

/* In open time, where there are hours. */
static void
set_terms(struct look *look)
{
	const struct watch *watch = look->watcher->watch;
	int64_t end_ms;

	look->terms = watch->terms;
	if (watch->calendar == NULL)
		return;
	end_ms = look->keeping->now_ms - watch->now_ms;
	look->terms.baseline_ms = calendar_between(
		watch->calendar, end_ms - watch->baseline_ms, end_ms);
	if (look->terms.baseline_ms <= 0)
		look->terms.baseline_ms = 1;
}

static bool
is_too_early(const struct watching *watching, const struct watch *watch,
	int64_t now_ms)
{
	int64_t grace_ms = watch->silent_ms < WATCH_GRACE_MS ? watch->silent_ms
							     : WATCH_GRACE_MS;

	return watch->terms.kind == WATCH_SILENCE &&
	       now_ms - watching->started_ms < grace_ms;
}

static bool
look_once(struct keeping *keeping, struct watcher *watcher, struct err *err)
{
	struct look look = {.keeping = keeping,
		.watcher = watcher,
		.good = true,
		.err = err};

	watcher->slots = 0;
	watcher->looks++;
	set_terms(&look);
	if (watcher->watch->source != NULL)
		look_at_source(&look);
	else
		tally_each_slot(
			keeping->tally, watcher->watch->by, on_slot, &look);
	watcher->looked_ms = keeping->now_ms;
	free(look.answered);
	return look.good;
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
			good = look_once(keeping, watcher, err);
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

static int
holding(const struct watcher *watcher)
{
	int count = 0;

	for (size_t i = 0; i < watcher->count; i++)
		count += watcher->seats[i].stand.since_ms > 0;
	return count;
}

bool
watching_looked(struct watching *watching, struct metric_family *looks,
	struct metric_family *alarms, struct metric_family *firing)
{
	bool to_send = watching->to_send;

	metrics_clear(firing);
	for (size_t i = 0; i < watching->watches->count; i++) {
		struct watcher *watcher = &watching->items[i];
		const char *values[] = {watcher->watch->name};

		metric_add(metric_at(looks, values), watcher->looks);
		metric_add(metric_at(alarms, values), watcher->alarms);
		metric_set(metric_at(firing, values), holding(watcher));
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

/* ---- the list ---- */

struct listing {
	const struct watcher *watcher;
	json_t *firing;
};

static void
list_alarm(const struct listing *listing, int64_t slot, const char *survey,
	const char *value)
{
	const struct seat *seat = seat_of(listing->watcher, slot);

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
				holding(watcher) > 0 ? "firing" : "armed", "by",
				json_text_or_null(watch->by), "source",
				json_text_or_null(watch->source), "slots",
				(int)watcher->slots, "last_look",
				json_time_or_null(watcher->looked_ms),
				"next_look",
				json_time_or_null(watcher->next_ms), "firing",
				listing.firing));
	}
	return items;
}
