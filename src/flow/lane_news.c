/* lane_news - what is stored and told of how a lane stands. */
#include "flow/lane_private.h"

#include <stdlib.h>

#include "base/memory.h"
#include "flow/lane_record.h"
#include "flow/notice.h"

void
lane_tell_held(const struct lane *lane)
{
	const char *values[] = {lane->action->name};

	if (!lane->replaced)
		metric_set(metric_at(lane->host->metrics.held, values),
			!lane->retired && (lane->stand.state != LANE_OPEN ||
						  lane->stand.paused_ms != 0));
}

static void
on_recorded(bool good, void *context)
{
	struct lane *lane = context;
	int64_t now_us = clock_monotonic_us(lane->host->clock);

	lane->recording = false;
	if (good)
		return;
	lane->stand.changed = true;
	lane->record_after_us = now_us + LANE_RECORD_AGAIN_MS * 1000;
}

void
lane_record_stand(struct lane *lane)
{
	if (!lane->stand.changed || lane->recording || lane->replaced ||
		clock_monotonic_us(lane->host->clock) < lane->record_after_us)
		return;
	lane->stand.changed = false;
	lane->recording = true;
	lane_record_put(lane->host, lane->action->name, &lane->stand,
		on_recorded, lane);
}

static void
on_told(struct job *job)
{
	struct notice_job *notice = (struct notice_job *)job;
	struct lane *lane = job->context;
	struct lane_now now = lane_now(lane->host->clock);

	lane->telling = false;
	if (job->good) {
		lane_stand_told(&lane->stand, notice->news,
			notice->stand.failing_ms, &now);
		/* What changed meanwhile was not in the row. */
		lane->stand.changed = true;
	} else {
		char *what = mem_printf(
			"on_failure of action %s", lane->action->name);

		lane_record_failed(lane->host, what, &job->err);
		free(what);
		lane->tell_after_us =
			now.monotonic_us + LANE_RECORD_AGAIN_MS * 1000;
	}
	notice_free(notice);
	lane->host->poke(lane->host);
}

int64_t
lane_tell_news(struct lane *lane, const struct lane_now *now)
{
	const struct action_settings *settings = lane->action->settings;
	struct notice_job *notice;
	int64_t wait_ms;
	enum lane_news news = lane_stand_news(
		&lane->stand, settings->on_failure_after_ms, now, &wait_ms);

	if (settings->on_failure.count == 0 || lane->telling ||
		lane->host->draining || lane->retired)
		return INT64_MAX;
	if (news == NEWS_NONE)
		return wait_ms;
	if (now->monotonic_us < lane->tell_after_us)
		return LANE_RECORD_AGAIN_MS;
	notice = notice_new(lane->action->name, &settings->on_failure);
	notice->job.done = on_told;
	notice->job.context = lane;
	notice->news = news;
	notice->stand = notice->after = lane->stand;
	lane_stand_told(&notice->after, news, lane->stand.failing_ms, now);
	lane->telling = true;
	notice_send(lane->host->keeper, notice);
	return INT64_MAX;
}
