/* Fed only when every thread has answered since it was asked. */
#include <criterion/criterion.h>

#include "top/watchdog.h"

struct actor {
	bool answers; /* when it is woken */
	int woken;
	int64_t alive_us;
	struct clock_set *clock;
};

static void
wake(void *thread)
{
	struct actor *actor = thread;

	actor->woken++;
	if (actor->answers)
		actor->alive_us = actor->clock->monotonic_us;
}

static int64_t
alive_us(const void *thread)
{
	return ((const struct actor *)thread)->alive_us;
}

static void
on_feed(void *context)
{
	++*(int *)context;
}

struct kennel {
	struct loop *loop;
	struct clock_set clock;
	struct actor store, reader;
	struct watchdog *watchdog;
	int fed;
};

static void
open_kennel(struct kennel *kennel)
{
	struct err err = {""};

	*kennel = (struct kennel){.loop = loop_new(&err)};
	cr_assert_not_null(kennel->loop, "%s", err.text);
	clock_set_init(&kennel->clock, 0);
	clock_set_advance(&kennel->clock, 1000);
	kennel->store =
		(struct actor){.answers = true, .clock = &kennel->clock};
	kennel->reader =
		(struct actor){.answers = true, .clock = &kennel->clock};
	struct watchdog_thread threads[] = {
		{"store", wake, alive_us, &kennel->store},
		{"reader", wake, alive_us, &kennel->reader},
	};
	struct watchdog_settings settings = {
		.loop = kennel->loop,
		.clock = &kennel->clock.clock,
		.threads = threads,
		.count = 2,
		.limit_ms = 4,
		.feed = on_feed,
		.context = &kennel->fed,
	};
	kennel->watchdog = watchdog_new(&settings);
}

static void
close_kennel(struct kennel *kennel)
{
	watchdog_free(kennel->watchdog);
	loop_free(kennel->loop);
}

/* One round: a millisecond of the loop's own time. */
static void
look(struct kennel *kennel)
{
	clock_set_advance(&kennel->clock, 1);
	loop_step(kennel->loop, 1000);
}

Test(watchdog, idle_threads_are_asked)
{
	struct kennel kennel;

	open_kennel(&kennel);
	cr_assert_eq(kennel.store.woken, 1, "at once");
	cr_assert_eq(kennel.fed, 0, "not before an answer");
	for (int round = 1; round <= 3; round++) {
		look(&kennel);
		cr_assert_eq(kennel.fed, round, "round %d", round);
		cr_assert_eq(kennel.reader.woken, round + 1, "asked anew");
	}
	close_kennel(&kennel);
}

Test(watchdog, one_silent_thread_is_enough)
{
	static const struct {
		bool store, reader;
		int fed;
	} rows[] = {{false, true, 0}, {true, false, 0}, {false, false, 0},
		{true, true, 3}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kennel kennel;

		open_kennel(&kennel);
		look(&kennel);
		cr_assert_eq(kennel.fed, 1, "%zu: the first", i);
		kennel.store.answers = rows[i].store;
		kennel.reader.answers = rows[i].reader;
		look(&kennel); /* answered before it fell silent */
		kennel.fed = 0;
		for (int round = 0; round < 3; round++)
			look(&kennel);
		cr_assert_eq(kennel.fed, rows[i].fed, "%zu: fed %d times", i,
			kennel.fed);
		close_kennel(&kennel);
	}
}

Test(watchdog, work_is_an_answer_too)
{
	struct kennel kennel;

	open_kennel(&kennel);
	kennel.store.answers = false;
	look(&kennel); /* it answered the first time */
	look(&kennel);
	cr_assert_eq(kennel.fed, 1, "silent");
	kennel.store.alive_us = kennel.clock.monotonic_us;
	look(&kennel);
	cr_assert_eq(kennel.fed, 2, "it gets on with a long work");
	close_kennel(&kennel);
}
