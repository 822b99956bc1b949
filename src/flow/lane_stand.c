/* lane_stand - how a lane stands towards its endpoint. */
#include "flow/lane_stand.h"

#include <stdio.h>
#include <string.h>

#include "base/json_value.h"
#include "base/log.h"
#include "base/text.h"
#include "flow/dispatch.h"

struct lane_now
lane_now(const struct clock *clock)
{
	return (struct lane_now){
		clock_wall_ms(clock), clock_monotonic_us(clock)};
}

static void
copy_text(char *to, size_t size, const char *text)
{
	text = text != NULL ? text : "";
	snprintf(to, size, "%.*s", (int)text_cut(text, strlen(text), size - 1),
		text);
}

/* ---- what outlives the process ---- */

/* A clock that was ahead when this was stored: it began by now. */
static int64_t
earlier(int64_t instant_ms, int64_t now_ms)
{
	return instant_ms < now_ms ? instant_ms : now_ms;
}

void
lane_stand_restore(struct lane_stand *stand, const struct lane_row *row,
	const struct lane_now *now)
{
	int64_t left_ms = row->until_ms - now->wall_ms;

	memset(stand, 0, sizeof(*stand));
	if (row->state == LANE_BREAKER || row->state == LANE_HELD)
		stand->state = (enum lane_state)row->state;
	stand->failures = row->failures;
	stand->since_ms = earlier(row->since_ms, now->wall_ms);
	stand->pause_ms = row->pause_ms;
	if (left_ms > DISPATCH_HOLD_CEILING_MS)
		left_ms = row->pause_ms;
	if (left_ms < 0)
		left_ms = 0;
	stand->until_ms = now->wall_ms + left_ms;
	stand->until_us = now->monotonic_us + left_ms * 1000;
	copy_text(stand->reason, sizeof(stand->reason), row->reason);
	stand->paused_ms = earlier(row->paused_ms, now->wall_ms);
	copy_text(stand->paused_by, sizeof(stand->paused_by), row->paused_by);
	copy_text(
		stand->paused_why, sizeof(stand->paused_why), row->paused_why);
	stand->failing_ms = earlier(row->failing_ms, now->wall_ms);
	stand->told_ms = earlier(row->told_ms, now->wall_ms);
}

static const char *
text_or_null(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

void
lane_stand_row(const struct lane_stand *stand, const char *action,
	struct lane_row *row)
{
	*row = (struct lane_row){
		.action = action,
		.state = stand->state,
		.failures = stand->failures,
		.since_ms = stand->since_ms,
		.pause_ms = stand->pause_ms,
		.until_ms = stand->until_ms,
		.reason = text_or_null(stand->reason),
		.paused_ms = stand->paused_ms,
		.paused_by = text_or_null(stand->paused_by),
		.paused_why = text_or_null(stand->paused_why),
		.failing_ms = stand->failing_ms,
		.told_ms = stand->told_ms,
	};
}

/* ---- trouble ---- */

static void
trouble_begins(struct lane_stand *stand, const struct lane_now *now)
{
	stand->over = false;
	if (stand->failing_ms != 0)
		return;
	stand->failing_ms = now->wall_ms;
	stand->told_ms = 0;
	stand->changed = true;
}

void
lane_stand_died(struct lane_stand *stand, const char *reason,
	const struct lane_now *now)
{
	trouble_begins(stand, now);
	stand->died_ms = now->wall_ms;
	if (stand->state == LANE_OPEN)
		copy_text(stand->reason, sizeof(stand->reason), reason);
}

static void
trouble_may_end(struct lane_stand *stand, const struct lane_now *now)
{
	if (stand->failing_ms == 0 || stand->state != LANE_OPEN ||
		now->wall_ms - stand->died_ms < LANE_TROUBLE_MS)
		return;
	stand->over = stand->told_ms != 0;
	if (stand->over)
		return;
	stand->failing_ms = 0;
	stand->reason[0] = '\0';
	stand->changed = true;
}

enum lane_news
lane_stand_news(const struct lane_stand *stand, int64_t after_ms,
	const struct lane_now *now, int64_t *wait_ms)
{
	int64_t left_ms = stand->failing_ms + after_ms - now->wall_ms;

	*wait_ms = INT64_MAX;
	if (stand->failing_ms == 0 || stand->paused_ms != 0)
		return NEWS_NONE;
	if (stand->told_ms != 0)
		return stand->over ? NEWS_RECOVERED : NEWS_NONE;
	if (stand->died_ms - stand->failing_ms >= after_ms)
		return NEWS_FAILING;
	if (stand->state == LANE_OPEN)
		return NEWS_NONE;
	if (left_ms <= 0)
		return NEWS_FAILING;
	*wait_ms = left_ms;
	return NEWS_NONE;
}

void
lane_stand_told(struct lane_stand *stand, enum lane_news news, int64_t since_ms,
	const struct lane_now *now)
{
	switch (news) {
	case NEWS_FAILING:
		if (stand->failing_ms == 0) {
			stand->failing_ms = since_ms;
			stand->over = true;
		}
		stand->told_ms = now->wall_ms;
		break;
	case NEWS_RECOVERED:
		stand->failing_ms = stand->over ? 0 : now->wall_ms;
		stand->told_ms = 0;
		stand->over = false;
		if (stand->state == LANE_OPEN)
			stand->reason[0] = '\0';
		break;
	case NEWS_NONE:
		break;
	}
}

/* ---- states ---- */

static void
open_again(struct lane_stand *stand, const char *action,
	const struct lane_now *now)
{
	if (stand->state == LANE_OPEN)
		return;
	log_notice("action %s: the endpoint takes deliveries again", action);
	stand->state = LANE_OPEN;
	stand->since_ms = now->wall_ms;
	stand->pause_ms = stand->until_ms = stand->until_us = 0;
	stand->reason[0] = '\0';
	stand->changed = true;
}

/* The next pause: doubled from first to ceiling, its last quarter drawn. */
static int64_t
longer_pause(struct lane_stand *stand, int64_t first_ms, int64_t ceiling_ms,
	double chance)
{
	int64_t pause = stand->pause_ms * 2;

	if (pause < first_ms)
		pause = first_ms;
	if (pause > ceiling_ms)
		pause = ceiling_ms;
	stand->pause_ms = pause;
	return pause - (int64_t)((double)pause / 4 * chance);
}

static int64_t
longer_hold(struct lane_stand *stand, double chance)
{
	return longer_pause(stand, DISPATCH_HOLD_FIRST_MS,
		DISPATCH_HOLD_CEILING_MS, chance);
}

static void
stop_for(struct lane_stand *stand, const char *action, enum lane_state state,
	int64_t pause_ms, const char *reason, const struct lane_now *now)
{
	bool news = stand->state != state;

	if (news)
		stand->since_ms = now->wall_ms;
	stand->state = state;
	stand->until_ms = now->wall_ms + pause_ms;
	stand->until_us = now->monotonic_us + pause_ms * 1000;
	copy_text(stand->reason, sizeof(stand->reason), reason);
	stand->changed = true;
	trouble_begins(stand, now);
	if (news && state == LANE_HELD)
		log_error("action %s is held: %s; next probe in %lld s", action,
			reason, (long long)(pause_ms / 1000));
	else if (news)
		log_warning("action %s pauses: %s; next probe in %lld ms",
			action, reason, (long long)pause_ms);
}

/* A try that may be made again; true if the lane stops for it. */
static bool
judge_later(struct lane_stand *stand, const char *action,
	const struct outcome *outcome, bool probing, const struct lane_now *now,
	double chance)
{
	bool asked = outcome->status == 429 && outcome->retry_after_ms > 0;
	bool held = stand->state == LANE_HELD;
	int64_t pause;

	stand->failures++;
	if (!probing && (stand->state != LANE_OPEN ||
				(!asked && stand->failures <
						   DISPATCH_BREAKER_FAILURES)))
		return false;
	if (held)
		pause = longer_hold(stand, chance);
	else
		pause = longer_pause(stand, DISPATCH_BREAKER_FIRST_MS,
			DISPATCH_BREAKER_CEILING_MS, chance);
	if (asked && outcome->retry_after_ms > pause)
		pause = outcome->retry_after_ms < DISPATCH_ASKED_CEILING_MS
				? outcome->retry_after_ms
				: DISPATCH_ASKED_CEILING_MS;
	stop_for(stand, action, held ? LANE_HELD : LANE_BREAKER, pause,
		outcome->reason, now);
	return true;
}

bool
lane_stand_judge(struct lane_stand *stand, const char *action,
	const struct outcome *outcome, bool probing, const struct lane_now *now,
	double chance)
{
	enum lane_state before = stand->state;

	switch (outcome->end) {
	case OUTCOME_DELIVERED:
	case OUTCOME_GIVE_UP:
		stand->failures = 0;
		open_again(stand, action, now);
		if (outcome->end == OUTCOME_DELIVERED)
			trouble_may_end(stand, now);
		return stand->state != before;
	case OUTCOME_ENDPOINT_DOWN:
		if (stand->state == LANE_HELD && !probing)
			return false; /* others of the same moment */
		stop_for(stand, action, LANE_HELD, longer_hold(stand, chance),
			outcome->reason, now);
		return true;
	case OUTCOME_TRY_LATER:
		break;
	}
	return judge_later(stand, action, outcome, probing, now, chance);
}

void
lane_stand_pause(struct lane_stand *stand, const char *by, const char *why,
	const struct lane_now *now)
{
	if (stand->paused_ms == 0)
		stand->paused_ms = now->wall_ms;
	copy_text(stand->paused_by, sizeof(stand->paused_by), by);
	copy_text(stand->paused_why, sizeof(stand->paused_why), why);
	stand->changed = true;
}

void
lane_stand_resume(struct lane_stand *stand, const struct lane_now *now)
{
	if (stand->paused_ms != 0 && stand->failing_ms != 0 &&
		stand->told_ms == 0)
		stand->failing_ms = now->wall_ms;
	stand->changed = stand->changed || stand->paused_ms != 0;
	stand->paused_ms = 0;
	stand->paused_by[0] = stand->paused_why[0] = '\0';
}

int64_t
lane_stand_probe_now(struct lane_stand *stand, const struct lane_now *now)
{
	int64_t held_ms = stand->state == LANE_HELD ? stand->until_ms : 0;

	if (stand->state == LANE_OPEN)
		return 0;
	stand->until_ms = now->wall_ms;
	stand->until_us = now->monotonic_us;
	stand->pause_ms = 0;
	stand->changed = true;
	return held_ms;
}

/* ---- time ---- */

static void
shift(int64_t *instant_ms, int64_t by_ms)
{
	if (*instant_ms != 0)
		*instant_ms += by_ms;
}

void
lane_stand_shift(struct lane_stand *stand, int64_t by_ms)
{
	shift(&stand->since_ms, by_ms);
	shift(&stand->until_ms, by_ms);
	shift(&stand->paused_ms, by_ms);
	shift(&stand->failing_ms, by_ms);
	shift(&stand->died_ms, by_ms);
	shift(&stand->told_ms, by_ms);
	stand->changed |= stand->state != LANE_OPEN || stand->paused_ms != 0 ||
			  stand->failing_ms != 0;
}

int64_t
lane_stand_left_ms(const struct lane_stand *stand, const struct lane_now *now)
{
	int64_t left_us = stand->until_us - now->monotonic_us;

	return left_us > 0 ? (left_us + 999) / 1000 : 0;
}

/* ---- telling ---- */

static void
set_text(json_t *to, const char *name, const char *text)
{
	if (text[0] != '\0')
		json_object_set_new(to, name, json_string(text));
}

void
lane_stand_tell(const struct lane_stand *stand, json_t *to)
{
	static const char *const names[] = {
		[LANE_OPEN] = "open",
		[LANE_BREAKER] = "breaker",
		[LANE_HELD] = "held",
	};

	json_object_set_new(to, "state",
		json_string(stand->paused_ms != 0 ? "paused"
						  : names[stand->state]));
	if (stand->paused_ms != 0) {
		json_object_set_new(to, "since", json_time(stand->paused_ms));
		set_text(to, "by", stand->paused_by);
		set_text(to, "reason", stand->paused_why);
	} else if (stand->state != LANE_OPEN) {
		json_object_set_new(to, "since", json_time(stand->since_ms));
		set_text(to, "reason", stand->reason);
		json_object_set_new(to, "until", json_time(stand->until_ms));
	}
	if (stand->failing_ms != 0)
		json_object_set_new(
			to, "failing_since", json_time(stand->failing_ms));
}
