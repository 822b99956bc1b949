/*
 * watchdog - sees that every thread makes progress, and says so only then.
 *
 * In rounds: each thread is asked for a sign of life, an idle one is woken for
 * it; when all have given one since they were asked, `feed` is called and the
 * next round begins. That a round is looked at is the loop's own sign. A thread
 * that stays silent is told once in the log; whoever waits to be fed (systemd,
 * WatchdogSec=) draws the consequence.
 */
#ifndef NPSD_TOP_WATCHDOG_H
#define NPSD_TOP_WATCHDOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"
#include "loop/loop.h"

enum {
	WATCHDOG_ROUND_MS = 2000,  /* longest time between two rounds ... */
	WATCHDOG_ROUNDS = 4,	   /* ... or so many within the limit */
	WATCHDOG_LIMIT_MS = 30000, /* where nobody says another */
};

struct watchdog_thread {
	const char *name; /* for the log: "store" */
	void (*wake)(void *thread);
	int64_t (*alive_us)(const void *thread); /* monotonic, the last sign */
	void *thread;
};

struct watchdog_settings {
	struct loop *loop;
	const struct clock *clock;
	const struct watchdog_thread *threads; /* copied */
	size_t count;
	int64_t limit_ms; /* how long a thread may be silent; 0: the default */
	void (*feed)(void *context); /* NULL: only the log is told */
	void *context;
};

/* Loop thread. The first round begins at once; the threads must run. */
struct watchdog *watchdog_new(const struct watchdog_settings *settings);
void watchdog_free(struct watchdog *watchdog);

#endif
