/*
 * loop - one event_base and the few kinds of events the daemon needs.
 *
 * Not here: sockets that talk HTTP (http_server) or go out (transfer); those
 * take the base and make their own events.
 */
#include "loop/loop.h"

#include <signal.h>
#include <stdlib.h>

#include <event2/event.h>

#include "base/log.h"
#include "base/memory.h"

struct loop {
	struct event_base *base;
	struct event *step_end; /* bounds the wait of loop_step */
	bool stopped;
};

struct loop_timer {
	struct event *event;
	void (*on_time)(void *context);
	void *context;
};

/* A readable descriptor, or a signal. */
struct loop_watch {
	struct event *event;
	void (*on_ready)(void *context);
	void *context;
};

static void
on_step_end(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	(void)context; /* its only work is to end the wait */
}

/*
 * Precise timers: the default clock ticks at about 4 ms. The change list
 * gathers what is added and removed in one turn, which saves half the
 * epoll_ctl calls of an HTTP answer; it asks that no watched descriptor is a
 * dup of another, and none of ours is.
 */
static struct event_base *
make_base(void)
{
	struct event_config *config = event_config_new();
	if (config == NULL)
		return NULL;
	int flags = EVENT_BASE_FLAG_PRECISE_TIMER | EVENT_BASE_FLAG_NOLOCK |
		    EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST;
	struct event_base *base = NULL;
	if (event_config_set_flag(config, flags) == 0)
		base = event_base_new_with_config(config);
	event_config_free(config);
	return base;
}

/* libevent would write to stderr past our log's form. */
static void
on_library_log(int severity, const char *text)
{
	if (severity == EVENT_LOG_WARN || severity == EVENT_LOG_ERR)
		log_warning("libevent: %s", text);
}

struct loop *
loop_new(struct err *err)
{
	event_set_log_callback(on_library_log);
	/* Else it uses calloc, which is slow: see base/memory.c. */
	event_set_mem_functions(malloc, realloc, free);
	struct event_base *base = make_base();
	if (base == NULL) {
		err_errno(err, "cannot make the event loop");
		return NULL;
	}
	/* A peer that has gone must be an error of write, not our end. */
	signal(SIGPIPE, SIG_IGN);
	struct loop *loop = mem_new(1, sizeof *loop);
	loop->base = base;
	loop->step_end = event_new(base, -1, 0, on_step_end, NULL);
	if (loop->step_end == NULL)
		abort();
	return loop;
}

void
loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	event_free(loop->step_end);
	event_base_free(loop->base);
	free(loop);
}

void
loop_run(struct loop *loop)
{
	if (!loop->stopped)
		event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY);
	loop->stopped = false;
}

void
loop_stop(struct loop *loop)
{
	loop->stopped = true;
	event_base_loopbreak(loop->base);
}

static struct timeval
timeval_of_ms(int64_t ms)
{
	if (ms < 0)
		ms = 0;
	return (struct timeval){.tv_sec = ms / 1000,
		.tv_usec = (suseconds_t)(ms % 1000 * 1000)};
}

void
loop_step(struct loop *loop, int timeout_ms)
{
	if (timeout_ms <= 0) {
		event_base_loop(loop->base, EVLOOP_NONBLOCK);
		return;
	}
	struct timeval wait = timeval_of_ms(timeout_ms);
	event_add(loop->step_end, &wait);
	event_base_loop(loop->base, EVLOOP_ONCE);
	event_del(loop->step_end);
}

static void
on_timer_event(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	struct loop_timer *timer = context;
	timer->on_time(timer->context); /* may free the timer */
}

struct loop_timer *
loop_timer_new(struct loop *loop, void (*on_time)(void *context), void *context)
{
	struct loop_timer *timer = mem_new(1, sizeof *timer);
	timer->on_time = on_time;
	timer->context = context;
	timer->event = event_new(loop->base, -1, 0, on_timer_event, timer);
	if (timer->event == NULL)
		abort();
	return timer;
}

void
loop_timer_free(struct loop_timer *timer)
{
	if (timer == NULL)
		return;
	event_free(timer->event);
	free(timer);
}

void
loop_timer_set(struct loop_timer *timer, int64_t delay_ms)
{
	struct timeval delay = timeval_of_ms(delay_ms);
	event_add(timer->event, &delay);
}

void
loop_timer_cancel(struct loop_timer *timer)
{
	event_del(timer->event);
}

bool
loop_timer_is_set(const struct loop_timer *timer)
{
	return event_pending(timer->event, EV_TIMEOUT, NULL) != 0;
}

static void
on_watch_event(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	struct loop_watch *watch = context;
	watch->on_ready(watch->context); /* may free the watch */
}

static struct loop_watch *
watch_new(struct loop *loop, int fd_or_signal, short what,
	void (*on_ready)(void *context), void *context)
{
	struct loop_watch *watch = mem_new(1, sizeof *watch);
	watch->on_ready = on_ready;
	watch->context = context;
	watch->event = event_new(
		loop->base, fd_or_signal, what, on_watch_event, watch);
	if (watch->event == NULL || event_add(watch->event, NULL) != 0)
		abort();
	return watch;
}

struct loop_watch *
loop_watch_new(struct loop *loop, int fd, void (*on_ready)(void *context),
	void *context)
{
	return watch_new(loop, fd, EV_READ | EV_PERSIST, on_ready, context);
}

struct loop_watch *
loop_signal_new(struct loop *loop, int signal_number,
	void (*on_signal)(void *context), void *context)
{
	return watch_new(loop, signal_number, EV_SIGNAL | EV_PERSIST, on_signal,
		context);
}

void
loop_watch_free(struct loop_watch *watch)
{
	if (watch == NULL)
		return;
	event_free(watch->event);
	free(watch);
}

void
loop_watch_pause(struct loop_watch *watch)
{
	event_del(watch->event);
}

void
loop_watch_resume(struct loop_watch *watch)
{
	event_add(watch->event, NULL);
}

struct event_base *
loop_base(struct loop *loop)
{
	return loop->base;
}
