/*
 * deadline - stops what runs too long in this thread.
 *
 * A timer of the kernel sends a real-time signal (SIGRTMIN + 3, taken for
 * this alone) to the thread that runs, and its handler calls on_late there,
 * once, in the middle of whatever the thread is doing. Between runs no signal
 * comes. Not for waiting: the loop has timers for that.
 */
#ifndef NPSD_EXPR_DEADLINE_H
#define NPSD_EXPR_DEADLINE_H

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include "base/err.h"

struct deadline {
	timer_t timer;
	pid_t process;	     /* whose timer it is; 0 none */
	pid_t thread;	     /* to which it sends */
	atomic_flag settled; /* the run has its end, or there is none */
	volatile sig_atomic_t late;
	void (*on_late)(void *context);
	void *context;
};

/* on_late must be safe in a signal handler. The deadline must not move. */
void deadline_init(struct deadline *deadline, void (*on_late)(void *context),
	void *context);
void deadline_done(struct deadline *deadline);

/* Starts a run; the first one of a thread (or of a forked child) also makes
 * its timer. False if the kernel gives none. */
bool deadline_start(
	struct deadline *deadline, long ms, struct err *err) must_check;
/* True for the first who asks in this run, the handler among them: only that
 * one may end it. */
bool deadline_claim(struct deadline *deadline);
/* Ends the run; true if on_late was called in it. */
bool deadline_stop(struct deadline *deadline);

#endif
