/*
 * keeper_own - what the store thread does unasked, each in a transaction of its
 * own: ends of silences, cooldowns of many, looks of watches.
 */
#include <stdatomic.h>

#include "base/log.h"
#include "flow/cooling.h"
#include "flow/keeper_private.h"
#include "flow/silencing.h"
#include "flow/watching.h"

enum {
	KEEPER_TELL_SILENCES_US = 60 * 1000000,
	KEEPER_COOLING_AGAIN_US = 10 * 1000000, /* after it failed */
};

void
keeper_nudge(struct keeper *keeper)
{
	if (!atomic_exchange(&keeper->nudged, true))
		inbox_push(keeper->out, &keeper->nudge.item);
}

void
keeper_note_broken(struct keeper *keeper, const struct err *err)
{
	if (!store_is_broken(keeper->store))
		return;
	keeper->broken = true;
	keeper->alarm.err = *err;
	inbox_push(keeper->out, &keeper->alarm.item);
}

/* ---- silences whose time is over ---- */

/* Where their ends cannot be noted they are over all the same, and that is tried
 * again. */
void
keeper_end_silences(struct keeper *keeper)
{
	struct keeping *keeping = &keeper->keeping;
	struct err err = {""};
	int64_t held;

	if (keeper->broken || keeping->silences.count == 0)
		return;
	keeping->now_ms = clock_wall_ms(keeper->settings.clock);
	if (!silencing_is_due(keeping))
		return;
	if (store_begin(keeper->store, &err) &&
		silencing_note_ends(keeping, &err) &&
		keeper_commit(keeper, &err)) {
		silencing_noted_ends(keeping);
		keeper_tell_silences(keeper);
		return;
	}
	store_rollback(keeper->store);
	if (log_limit_passes(&keeper->silences_limit,
		    clock_monotonic_us(keeper->settings.clock),
		    KEEPER_TELL_SILENCES_US, &held))
		log_warning("the end of a silence could not be noted: %s",
			err.text);
	keeper_note_broken(keeper, &err);
}

/* ---- cooldowns of many ---- */

/* What waits comes in between slices. */
void
keeper_go_on_cooling(struct keeper *keeper)
{
	struct keeping *keeping = &keeper->keeping;
	int64_t began_us = clock_monotonic_us(keeper->settings.clock);
	struct err err = {""};

	if (keeper->broken || !keeping->cooling_left ||
		began_us < keeper->cooling_us)
		return;
	keeper->cooling_us = 0;
	keeping->now_ms = clock_wall_ms(keeper->settings.clock);
	keeper_look_at_clock(keeper);
	keeper_advance(keeper);
	if (store_begin(keeper->store, &err) &&
		keeper_follow_clock(keeper, &err) &&
		cooling_go_on(keeping, &err) && keeper_commit(keeper, &err)) {
		keeper_succeeded(keeper, 0);
		keeper_observe_commit(keeper, began_us);
		keeper_nudge(keeper);
	} else {
		store_rollback(keeper->store);
		log_warning("cooldowns could not be ended, which is tried "
			    "again: %s",
			err.text);
		keeping->cooling_left = true;
		keeper->cooling_us = began_us + KEEPER_COOLING_AGAIN_US;
		keeper_forget_counts(keeper);
		keeper_note_broken(keeper, &err);
	}
	json_object_clear(keeping->figures);
	json_object_clear(keeping->figures_texts);
}

/* ---- looks of watches ---- */

static void
look_failed(struct keeper *keeper, const struct err *err)
{
	store_rollback(keeper->store);
	log_warning("the watches could not look: %s", err->text);
	keeper_forget_counts(keeper);
	watching_lost(&keeper->keeping);
	keeper_note_broken(keeper, err);
}

void
keeper_look(struct keeper *keeper)
{
	struct keeping *keeping = &keeper->keeping;
	struct err err = {""};

	keeping->now_ms = clock_wall_ms(keeper->settings.clock);
	if (keeper->broken ||
		!watching_is_due(keeping->watching, keeping->now_ms))
		return;
	keeper_look_at_clock(keeper);
	keeper_advance(keeper);
	if (!store_begin(keeper->store, &err) ||
		!keeper_follow_clock(keeper, &err) ||
		!watching_look(keeping, &err) || !keeper_commit(keeper, &err)) {
		look_failed(keeper, &err);
		return;
	}
	keeper->shift_ms = 0;
	keeper_tell_born_dead(keeper);
	if (watching_looked(keeping->watching, &keeper->watches))
		keeper_nudge(keeper);
}
