/* The loop: timers, descriptors, signals, stopping. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "loop/loop.h"

TestSuite(loop, .timeout = 20);

/* What happened, a letter each. */
struct diary {
	struct loop *loop;
	struct loop_timer *timer;
	struct loop_watch *watch;
	int fd;
	char text[64];
};

static struct loop *
open_loop(void)
{
	struct err err = {""};
	struct loop *loop = loop_new(&err);
	cr_assert_not_null(loop, "%s", err.text);
	return loop;
}

static void
note(struct diary *diary, char letter)
{
	size_t length = strlen(diary->text);
	cr_assert_lt(length, sizeof diary->text - 1, "the diary is full");
	diary->text[length] = letter;
}

static void
on_a(void *context)
{
	note(context, 'a');
}

static void
on_b(void *context)
{
	note(context, 'b');
}

static void
on_end(void *context)
{
	struct diary *diary = context;
	note(diary, '.');
	loop_stop(diary->loop);
}

Test(loop, timers_fire_once_in_their_order)
{
	struct diary diary = {.loop = open_loop()};
	struct loop_timer *b = loop_timer_new(diary.loop, on_b, &diary);
	struct loop_timer *a = loop_timer_new(diary.loop, on_a, &diary);
	struct loop_timer *end = loop_timer_new(diary.loop, on_end, &diary);
	struct loop_timer *never = loop_timer_new(diary.loop, on_b, &diary);

	loop_timer_set(end, 30);
	loop_timer_set(b, 10);
	loop_timer_set(a, 5000);
	loop_timer_set(a, 0); /* the later setting counts */
	loop_timer_set(never, 1);
	loop_timer_cancel(never);
	cr_assert(loop_timer_is_set(a), "set");
	cr_assert_not(loop_timer_is_set(never), "cancelled");
	cr_assert_str_eq(diary.text, "", "nothing runs inside loop_timer_set");
	loop_run(diary.loop);
	cr_assert_str_eq(diary.text, "ab.", "each once, by time");
	cr_assert_not(loop_timer_is_set(a), "a timer that fired stands still");

	loop_timer_free(a);
	loop_timer_free(b);
	loop_timer_free(end);
	loop_timer_free(never);
	loop_timer_free(NULL);
	loop_free(diary.loop);
}

static void
on_free_itself(void *context)
{
	struct diary *diary = context;
	note(diary, 'f');
	loop_timer_free(diary->timer);
}

Test(loop, a_timer_may_free_itself)
{
	struct diary diary = {.loop = open_loop()};
	diary.timer = loop_timer_new(diary.loop, on_free_itself, &diary);
	loop_timer_set(diary.timer, 0);
	loop_step(diary.loop, 1000);
	cr_assert_str_eq(diary.text, "f", "fired");
	loop_free(diary.loop);
}

Test(loop, a_step_waits_no_longer_than_it_may)
{
	struct loop *loop = open_loop();
	int64_t before_us = clock_monotonic_us(&clock_system);
	loop_step(loop, 0);
	int64_t at_once_us = clock_monotonic_us(&clock_system) - before_us;
	loop_step(loop, 20);
	int64_t waited_us = clock_monotonic_us(&clock_system) - before_us;
	cr_assert_lt(at_once_us, 2000000, "0 does not wait");
	cr_assert_geq(waited_us, 19000, "20 ms were waited, not %ld us",
		(long)waited_us);
	loop_free(loop);
}

static void
on_readable(void *context)
{
	struct diary *diary = context;
	char byte;
	cr_assert_eq(read(diary->fd, &byte, 1), 1, "readable means readable");
	note(diary, byte);
	if (byte == '.')
		loop_watch_free(diary->watch);
}

Test(loop, a_watch_sees_what_is_readable)
{
	struct diary diary = {.loop = open_loop()};
	int ends[2];
	cr_assert_eq(pipe(ends), 0, "pipe");
	diary.fd = ends[0];
	diary.watch = loop_watch_new(diary.loop, ends[0], on_readable, &diary);

	loop_step(diary.loop, 0);
	cr_assert_str_eq(diary.text, "", "nothing to read");
	cr_assert_eq(write(ends[1], "xy", 2), 2, "write");
	for (int i = 0; i < 4; i++)
		loop_step(diary.loop, 0);
	cr_assert_str_eq(diary.text, "xy", "called while it is readable");

	loop_watch_pause(diary.watch);
	cr_assert_eq(write(ends[1], "z.", 2), 2, "write");
	loop_step(diary.loop, 0);
	cr_assert_str_eq(diary.text, "xy", "paused");
	loop_watch_resume(diary.watch);
	for (int i = 0; i < 4; i++)
		loop_step(diary.loop, 0);
	cr_assert_str_eq(diary.text, "xyz.", "resumed");

	close(ends[0]);
	close(ends[1]);
	loop_free(diary.loop);
}

Test(loop, a_descriptor_number_used_again_is_seen)
{
	struct diary diary = {.loop = open_loop()};
	for (int round = 0; round < 3; round++) {
		int ends[2];
		cr_assert_eq(pipe(ends), 0, "pipe");
		diary.fd = ends[0];
		diary.watch = loop_watch_new(
			diary.loop, ends[0], on_readable, &diary);
		cr_assert_eq(write(ends[1], "n.", 2), 2, "write");
		for (int i = 0; i < 3; i++)
			loop_step(diary.loop, 0);
		close(ends[0]);
		close(ends[1]);
	}
	cr_assert_str_eq(diary.text, "n.n.n.", "all rounds");
	loop_free(diary.loop);
}

Test(loop, a_signal_comes_as_a_call)
{
	struct diary diary = {.loop = open_loop()};
	struct loop_watch *watch =
		loop_signal_new(diary.loop, SIGUSR1, on_a, &diary);
	raise(SIGUSR1);
	cr_assert_str_eq(diary.text, "", "not inside the signal");
	loop_step(diary.loop, 1000);
	cr_assert_str_eq(diary.text, "a", "in the loop");
	raise(SIGPIPE); /* is not our end */
	loop_watch_free(watch);
	loop_watch_free(NULL);
	loop_free(diary.loop);
}

Test(loop, a_stop_before_the_run_is_no_less_a_stop)
{
	struct loop *loop = open_loop();
	loop_stop(loop);
	loop_run(loop); /* returns */
	loop_free(loop);
	loop_free(NULL);
}
