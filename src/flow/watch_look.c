/* watch_look - one look of one watch. */
#include "flow/watch_look.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "flow/frozen.h"
#include "flow/watch_document.h"
#include "flow/watching.h"

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
	struct seat *seat = watcher_seat(watcher, slot);
	struct seat now = seat != NULL ? *seat : (struct seat){.slot = slot};
	const struct watch_stand before = now.stand;
	enum watch_news news = watch_look(&look->terms, watcher->watch->bound,
		view, quiet, look->keeping->now_ms, &now.stand);

	if (is_same(&before, &now.stand))
		return true;
	if (seat != NULL)
		*seat = now;
	else
		watcher_add_seat(watcher, &now);
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
	int64_t mark_ms = watching_mark(look->keeping->watching, slot);

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
	counts_add(&watcher->seen, &view.now, 1);
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

bool
watch_look_once(
	struct keeping *keeping, struct watcher *watcher, struct err *err)
{
	struct look look = {.keeping = keeping,
		.watcher = watcher,
		.good = true,
		.err = err};

	watcher->slots = 0;
	watcher->seen = (struct counts){.invitations = 0};
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
