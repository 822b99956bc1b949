/*
 * loop - the event loop: timers, readable descriptors, signals, things to do
 * soon. The door to libevent together with http_server.
 *
 * One thread runs it; every function is for that thread unless it says
 * otherwise. Callbacks never run inside the call that made them.
 */
#ifndef NPSD_LOOP_LOOP_H
#define NPSD_LOOP_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct loop;
struct loop_timer;
struct loop_watch;

struct loop *loop_new(struct err *err) must_check;
void loop_free(struct loop *loop); /* after all timers and watches */
/* Runs until loop_stop. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);
/* Runs what is ready and returns; waits at most timeout_ms for something. */
void loop_step(struct loop *loop, int timeout_ms);

/* A timer that stands still until it is set; one shot. */
struct loop_timer *loop_timer_new(
	struct loop *loop, void (*on_time)(void *context), void *context);
void loop_timer_free(struct loop_timer *timer);
/* Fires after delay_ms (0: at the next turn); replaces an earlier setting. */
void loop_timer_set(struct loop_timer *timer, int64_t delay_ms);
void loop_timer_cancel(struct loop_timer *timer);
bool loop_timer_is_set(const struct loop_timer *timer);

/* Calls on_ready each time fd is readable. The fd stays the caller's and must
 * outlive the watch. */
struct loop_watch *loop_watch_new(struct loop *loop, int fd,
	void (*on_ready)(void *context), void *context);
void loop_watch_free(struct loop_watch *watch);
void loop_watch_pause(struct loop_watch *watch);
void loop_watch_resume(struct loop_watch *watch);

/* Calls on_signal in the loop's thread. */
struct loop_watch *loop_signal_new(struct loop *loop, int signal_number,
	void (*on_signal)(void *context), void *context);

/* The base, for the other files of this room only. */
struct event_base;
struct event_base *loop_base(struct loop *loop);

#endif
