/* watchdog - sees that every thread makes progress. */
#include "top/watchdog.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"

struct watchdog {
	struct watchdog_settings settings;
	struct watchdog_thread *threads;
	bool *was_told; /* of each: that it is silent */
	struct loop_timer *timer;
	int64_t round_ms;
	int64_t asked_us; /* when this round began */
};

static void
ask_all(struct watchdog *watchdog)
{
	watchdog->asked_us = clock_monotonic_us(watchdog->settings.clock);
	for (size_t i = 0; i < watchdog->settings.count; i++)
		watchdog->threads[i].wake(watchdog->threads[i].thread);
}

/* Once when it has been silent for half of what it may, once when it is back. */
static void
tell(struct watchdog *watchdog, size_t number, bool answered)
{
	const char *name = watchdog->threads[number].name;
	int64_t silent_us = clock_monotonic_us(watchdog->settings.clock) -
			    watchdog->asked_us;

	if (answered && watchdog->was_told[number])
		log_notice("the %s thread answers again", name);
	else if (!answered && !watchdog->was_told[number])
		log_error("the %s thread has not answered for %.1f s", name,
			(double)silent_us / 1e6);
	watchdog->was_told[number] = !answered;
}

static bool
has_answered(struct watchdog *watchdog, size_t number)
{
	const struct watchdog_thread *thread = &watchdog->threads[number];
	bool answered = thread->alive_us(thread->thread) >= watchdog->asked_us;
	int64_t silent_us = clock_monotonic_us(watchdog->settings.clock) -
			    watchdog->asked_us;

	if (answered || silent_us >= watchdog->settings.limit_ms * 1000 / 2)
		tell(watchdog, number, answered);
	return answered;
}

static void
on_round(void *context)
{
	struct watchdog *watchdog = context;
	bool all = true;

	for (size_t i = 0; i < watchdog->settings.count; i++)
		if (!has_answered(watchdog, i))
			all = false;
	if (all) {
		if (watchdog->settings.feed != NULL)
			watchdog->settings.feed(watchdog->settings.context);
		ask_all(watchdog);
	}
	loop_timer_set(watchdog->timer, watchdog->round_ms);
}

static int64_t
round_of(int64_t limit_ms)
{
	int64_t round_ms = limit_ms / WATCHDOG_ROUNDS;

	if (round_ms > WATCHDOG_ROUND_MS)
		return WATCHDOG_ROUND_MS;
	return round_ms > 0 ? round_ms : 1;
}

struct watchdog *
watchdog_new(const struct watchdog_settings *settings)
{
	struct watchdog *watchdog = mem_new(1, sizeof(*watchdog));

	watchdog->settings = *settings;
	if (settings->limit_ms == 0)
		watchdog->settings.limit_ms = WATCHDOG_LIMIT_MS;
	watchdog->threads =
		mem_new(settings->count + 1, sizeof(*watchdog->threads));
	memcpy(watchdog->threads, settings->threads,
		settings->count * sizeof(*watchdog->threads));
	watchdog->was_told = mem_new(settings->count + 1, sizeof(bool));
	watchdog->round_ms = round_of(watchdog->settings.limit_ms);
	watchdog->timer = loop_timer_new(settings->loop, on_round, watchdog);
	ask_all(watchdog);
	loop_timer_set(watchdog->timer, watchdog->round_ms);
	return watchdog;
}

void
watchdog_free(struct watchdog *watchdog)
{
	if (watchdog == NULL)
		return;
	loop_timer_free(watchdog->timer);
	free(watchdog->threads);
	free(watchdog->was_told);
	free(watchdog);
}
