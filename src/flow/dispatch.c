/* dispatch - due deliveries out, outcomes back: the lanes and who tends them. */
#include "flow/dispatch.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "flow/lane.h"
#include "flow/drilling.h"
#include "flow/lane_record.h"
#include "flow/settling.h"
#include "base/wall_jump.h"

struct dispatch {
	struct lane_host host; /* first */
	struct dispatch_settings settings;
	struct lane **lanes; /* of the policy in force */
	size_t count;
	struct lane **retired; /* until their last send has ended */
	size_t retired_count;
	struct lane **next; /* of the policy that is to come, or NULL */
	size_t next_count;
	struct lane_past {
		char *action;
		struct lane_stand stand;
	} * past; /* how actions stood that are not served now */
	size_t past_count;
	int64_t renew_us; /* when leases are prolonged next */
	struct wall_jump jump;
};

static void
on_poke(struct lane_host *host)
{
	struct dispatch *dispatch = (struct dispatch *)host;

	dispatch->settings.wake_in(0, dispatch->settings.context);
}

static struct lane *
find_lane(const struct dispatch *dispatch, const char *name)
{
	for (size_t i = 0; i < dispatch->count; i++)
		if (strcmp(lane_name(dispatch->lanes[i]), name) == 0)
			return dispatch->lanes[i];
	return NULL;
}

/* The lane that granted the room, in force or retired. */
static struct lane *
granting_lane(
	const struct dispatch *dispatch, const struct policy_action *action)
{
	for (size_t i = 0; i < dispatch->count; i++)
		if (lane_action(dispatch->lanes[i]) == action)
			return dispatch->lanes[i];
	for (size_t i = 0; i < dispatch->retired_count; i++)
		if (lane_action(dispatch->retired[i]) == action)
			return dispatch->retired[i];
	return NULL;
}

static void
on_due(struct lane_host *host, const char *action, int64_t due_ms)
{
	struct lane *lane = find_lane((struct dispatch *)host, action);

	if (lane != NULL)
		lane_due(lane, due_ms);
}

static bool
on_holds(struct lane_host *host, const char *action, int64_t delivery)
{
	const struct dispatch *dispatch = (struct dispatch *)host;
	const struct lane *lane = find_lane(dispatch, action);

	if (settling_holds(host, delivery) ||
		(lane != NULL && lane_holds(lane, delivery)))
		return true;
	for (size_t i = 0; i < dispatch->retired_count; i++)
		if (lane_holds(dispatch->retired[i], delivery))
			return true;
	return false;
}

/* Claimed under a policy that is gone: to whoever serves the action now. */
static void
on_stray(struct lane_host *host, struct claimed *list)
{
	struct dispatch *dispatch = (struct dispatch *)host;

	while (list != NULL) {
		struct claimed *next = list->next;
		struct lane *lane = find_lane(dispatch, list->action);

		if (lane == NULL)
			lane = dispatch->retired[0]; /* gives it back */
		lane_take(lane, list);
		list = next;
	}
}

static void
make_metrics(struct dispatch *dispatch)
{
	static const char *const outcome[] = {"action", "outcome", NULL};
	static const char *const action[] = {"action", NULL};
	static const char *const none[] = {NULL};
	static const double seconds[] = {
		0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 3600, 21600, 86400, 0};
	struct metrics *metrics = dispatch->settings.metrics;
	struct lane_metrics *made = &dispatch->host.metrics;

	made->deliveries = metrics_family(metrics, METRIC_COUNTER,
		"npsd_deliveries_total",
		"Deliveries that came to an end, by how.", outcome, NULL);
	made->attempts =
		metrics_family(metrics, METRIC_COUNTER, "npsd_attempts_total",
			"Tries to deliver, by outcome.", outcome, NULL);
	made->held = metrics_family(metrics, METRIC_GAUGE, "npsd_action_held",
		"1 while an action is held, pausing or paused.", action, NULL);
	made->alert_seconds = metric_at(
		metrics_family(metrics, METRIC_HISTOGRAM, "npsd_alert_seconds",
			"Time from an answer's arrival to its delivery.", none,
			seconds),
		none);
}

struct dispatch *
dispatch_new(const struct dispatch_settings *settings)
{
	struct dispatch *dispatch = mem_new(1, sizeof(*dispatch));

	dispatch->settings = *settings;
	dispatch->host = (struct lane_host){
		.keeper = settings->keeper,
		.tap = settings->tap,
		.clock = settings->clock,
		.node = settings->node,
		.chance = settings->chance,
		.context = settings->context,
		.stray = on_stray,
		.due = on_due,
		.holds = on_holds,
		.poke = on_poke,
	};
	make_metrics(dispatch);
	return dispatch;
}

static void
free_lanes(struct lane **lanes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		lane_free(lanes[i]);
	free(lanes);
}

/* ---- how actions stood ---- */

static struct lane_past *
past_of(struct dispatch *dispatch, const char *action)
{
	for (size_t i = 0; i < dispatch->past_count; i++)
		if (strcmp(dispatch->past[i].action, action) == 0)
			return &dispatch->past[i];
	return NULL;
}

static struct lane_stand *
past_put(struct dispatch *dispatch, const char *action)
{
	struct lane_past *past = past_of(dispatch, action);

	if (past != NULL)
		return &past->stand;
	dispatch->past = mem_grow(dispatch->past, dispatch->past_count + 1,
		sizeof(*dispatch->past));
	past = &dispatch->past[dispatch->past_count++];
	past->action = mem_strdup(action);
	return &past->stand;
}

void
dispatch_restore(struct dispatch *dispatch, const struct lane_row *row)
{
	struct lane_now now = lane_now(dispatch->settings.clock);

	lane_stand_restore(past_put(dispatch, row->action), row, &now);
}

/* ---- the lanes of a policy ---- */

static struct lane **
open_lanes(struct dispatch *dispatch, struct policy *policy, struct err *err)
{
	struct lane **lanes =
		mem_new(policy->action_count + 1, sizeof(struct lane *));

	for (size_t i = 0; i < policy->action_count; i++) {
		struct policy_action *action = &policy->actions[i];
		struct sender *sender = action->kind->sender_open(action->name,
			action->settings, &dispatch->settings.host, err);

		if (sender == NULL) {
			free_lanes(lanes, i);
			return NULL;
		}
		lanes[i] = lane_new(&dispatch->host, action, policy, sender);
		if (past_of(dispatch, action->name) != NULL)
			lane_restore(lanes[i],
				&past_of(dispatch, action->name)->stand);
	}
	return lanes;
}

static void
retire(struct dispatch *dispatch, struct lane *lane, bool replaced)
{
	dispatch->retired = mem_grow(dispatch->retired,
		dispatch->retired_count + 1, sizeof(struct lane *));
	dispatch->retired[dispatch->retired_count++] = lane;
	lane_retire(lane, replaced);
}

bool
dispatch_prepare(
	struct dispatch *dispatch, struct policy *policy, struct err *err)
{
	struct lane **lanes = open_lanes(dispatch, policy, err);

	if (lanes == NULL)
		return false;
	dispatch_abandon(dispatch);
	dispatch->next = lanes;
	dispatch->next_count = policy->action_count;
	return true;
}

void
dispatch_abandon(struct dispatch *dispatch)
{
	free_lanes(dispatch->next, dispatch->next_count);
	dispatch->next = NULL;
	dispatch->next_count = 0;
}

void
dispatch_switch(struct dispatch *dispatch)
{
	struct lane **old = dispatch->lanes;
	size_t old_count = dispatch->count;

	dispatch->lanes = dispatch->next;
	dispatch->count = dispatch->next_count;
	dispatch->next = NULL;
	dispatch->next_count = 0;
	for (size_t i = 0; i < old_count; i++) {
		struct lane *heir = find_lane(dispatch, lane_name(old[i]));

		if (heir != NULL)
			lane_succeed(heir, old[i]);
		else
			*past_put(dispatch, lane_name(old[i])) =
				*lane_stand_of(old[i]);
		retire(dispatch, old[i], heir != NULL);
	}
	for (size_t i = 0; i < dispatch->count; i++)
		lane_tell_held(dispatch->lanes[i]);
	free(old);
	if (dispatch->host.draining)
		dispatch_drain(dispatch);
	on_poke(&dispatch->host);
}

bool
dispatch_set_policy(
	struct dispatch *dispatch, struct policy *policy, struct err *err)
{
	if (!dispatch_prepare(dispatch, policy, err))
		return false;
	dispatch_switch(dispatch);
	return true;
}

bool
dispatch_is_free_of(
	const struct dispatch *dispatch, const struct policy *policy)
{
	for (size_t i = 0; i < dispatch->count; i++)
		if (lane_policy(dispatch->lanes[i]) == policy)
			return false;
	for (size_t i = 0; i < dispatch->retired_count; i++)
		if (lane_policy(dispatch->retired[i]) == policy)
			return false;
	return true;
}

void
dispatch_take(struct dispatch *dispatch, struct claimed *list)
{
	list = claimed_reversed(list);
	while (list != NULL) {
		struct claimed *next = list->next;
		struct lane *from = granting_lane(dispatch, list->room_of);
		struct lane *to = find_lane(dispatch, list->action);

		lane_token_back(from);
		lane_take(to != NULL ? to : from, list);
		list = next;
	}
}

static void
bury_retired(struct dispatch *dispatch)
{
	size_t kept = 0;

	for (size_t i = 0; i < dispatch->retired_count; i++) {
		if (lane_is_idle(dispatch->retired[i]))
			lane_free(dispatch->retired[i]);
		else
			dispatch->retired[kept++] = dispatch->retired[i];
	}
	dispatch->retired_count = kept;
}

static void
renew(struct dispatch *dispatch)
{
	int64_t now_us = clock_monotonic_us(dispatch->settings.clock);

	if (now_us < dispatch->renew_us)
		return;
	if (dispatch->renew_us != 0)
		for (size_t i = 0; i < dispatch->count; i++)
			lane_renew(dispatch->lanes[i]);
	dispatch->renew_us = now_us + (int64_t)DISPATCH_RENEW_MS * 1000;
}

static void
look_at_the_clock(struct dispatch *dispatch)
{
	int64_t by_ms =
		wall_jump_look(&dispatch->jump, dispatch->settings.clock);

	if (by_ms == 0)
		return;
	log_notice("the clock was set by %lld s: pauses keep their length",
		(long long)(by_ms / 1000));
	for (size_t i = 0; i < dispatch->count; i++)
		lane_shift(dispatch->lanes[i], by_ms);
	for (size_t i = 0; i < dispatch->retired_count; i++)
		lane_shift(dispatch->retired[i], by_ms);
}

void
dispatch_tick(struct dispatch *dispatch)
{
	int64_t wake_ms = DISPATCH_RENEW_MS;
	struct lane_now now;

	look_at_the_clock(dispatch);
	now = lane_now(dispatch->settings.clock);
	if (!dispatch->host.draining)
		renew(dispatch);
	bury_retired(dispatch);
	for (size_t i = 0; i < dispatch->count; i++) {
		int64_t delay_ms = lane_tick(dispatch->lanes[i], &now);

		if (delay_ms < wake_ms)
			wake_ms = delay_ms;
	}
	dispatch->settings.wake_in(
		wake_ms > 0 ? wake_ms : 1, dispatch->settings.context);
}

void
dispatch_poke(struct dispatch *dispatch)
{
	for (size_t i = 0; i < dispatch->count; i++)
		lane_poke(dispatch->lanes[i]);
	on_poke(&dispatch->host);
}

void
dispatch_drain(struct dispatch *dispatch)
{
	dispatch->host.draining = true;
	for (size_t i = 0; i < dispatch->count; i++)
		lane_retire(dispatch->lanes[i], false);
}

bool
dispatch_is_idle(const struct dispatch *dispatch)
{
	for (size_t i = 0; i < dispatch->count; i++)
		if (!lane_is_idle(dispatch->lanes[i]))
			return false;
	for (size_t i = 0; i < dispatch->retired_count; i++)
		if (!lane_is_idle(dispatch->retired[i]))
			return false;
	return dispatch->host.settling == NULL &&
	       dispatch->host.drillings == NULL;
}

void
dispatch_free(struct dispatch *dispatch)
{
	if (dispatch == NULL)
		return;
	drilling_cancel_all(&dispatch->host);
	dispatch_abandon(dispatch);
	free_lanes(dispatch->lanes, dispatch->count);
	free_lanes(dispatch->retired, dispatch->retired_count);
	for (size_t i = 0; i < dispatch->past_count; i++)
		free(dispatch->past[i].action);
	free(dispatch->past);
	free(dispatch);
}

json_t *
dispatch_state(const struct dispatch *dispatch)
{
	json_t *state = json_array();

	for (size_t i = 0; i < dispatch->count; i++)
		json_array_append_new(state, lane_json(dispatch->lanes[i]));
	return state;
}

/* ---- what a person does ---- */

static void
store_stand(struct dispatch *dispatch, const struct lane *lane,
	dispatch_stored_fn on_stored, void *context)
{
	on_poke(&dispatch->host);
	if (on_stored != NULL)
		lane_record_put(&dispatch->host, lane_name(lane),
			lane_stand_of(lane), on_stored, context);
}

bool
dispatch_pause(struct dispatch *dispatch, const char *action, const char *by,
	const char *why, dispatch_stored_fn on_stored, void *context)
{
	struct lane *lane = find_lane(dispatch, action);

	if (lane == NULL)
		return false;
	lane_pause(lane, by, why);
	store_stand(dispatch, lane, on_stored, context);
	return true;
}

bool
dispatch_resume(struct dispatch *dispatch, const char *action,
	dispatch_stored_fn on_stored, void *context)
{
	struct lane *lane = find_lane(dispatch, action);

	if (lane == NULL)
		return false;
	lane_resume(lane);
	store_stand(dispatch, lane, on_stored, context);
	return true;
}

static void
freeze(struct dispatch *dispatch, const char *action, bool freeze)
{
	for (size_t i = 0; i < dispatch->count; i++)
		if (action == NULL ||
			strcmp(action, lane_name(dispatch->lanes[i])) == 0)
			lane_freeze(dispatch->lanes[i], freeze);
	on_poke(&dispatch->host);
}

void
dispatch_freeze(struct dispatch *dispatch, const char *action)
{
	freeze(dispatch, action, true);
}

void
dispatch_thaw(struct dispatch *dispatch, const char *action)
{
	freeze(dispatch, action, false);
}

static struct lane *
on_find(struct lane_host *host, const char *action)
{
	return find_lane((struct dispatch *)host, action);
}

bool
dispatch_drill(struct dispatch *dispatch, const char *action, const char *to,
	dispatch_drilled_fn on_done, void *context)
{
	if (find_lane(dispatch, action) == NULL)
		return false;
	drilling_start(&dispatch->host, action, to, on_find, on_done, context);
	return true;
}
