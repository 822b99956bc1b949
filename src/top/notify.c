/* notify - what the service manager is told. */
#include "top/notify.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "base/buf.h"
#include "base/memory.h"
#include "base/text.h"
#include "nps/figures.h"
#include "store/store_follow_ups.h"

enum { STATUS_LIMIT_BYTES = 256 };
#define STATUS_WINDOW "30d" /* if it is counted, else the first that is */

struct notify {
	struct loop *loop;
	struct keeper *keeper;
	struct reader *reader;
	const struct dispatch *dispatch;
	struct loop_timer *timer; /* NULL: nobody listens */
	bool asking;		  /* the errand or the question is under way */
	bool own_turn;		  /* the turn that ends is that of our errand */
	bool again;		  /* something happened while asking */
	bool soon;		  /* the timer is set for soon */
	bool over;		  /* stopping has been told: the last word */
	char told[STATUS_LIMIT_BYTES];
};

/* ---- moments of a life ---- */

void
notify_starting(void)
{
	sd_notifyf(0, "STATUS=starting\nEXTEND_TIMEOUT_USEC=%" PRId64,
		(int64_t)NOTIFY_PATIENCE_MS * 1000);
}

void
notify_progress(int64_t *last_us)
{
	int64_t now_us = clock_monotonic_us(&clock_system);

	if (*last_us != 0 &&
		now_us - *last_us < (int64_t)NOTIFY_PROGRESS_MS * 1000)
		return;
	*last_us = now_us;
	sd_notifyf(0,
		"STATUS=starting: reading the store\n"
		"EXTEND_TIMEOUT_USEC=%" PRId64,
		(int64_t)NOTIFY_PATIENCE_MS * 1000);
}

void
notify_failed(const char *reason)
{
	sd_notifyf(0, "STATUS=cannot start: %s", reason);
}

void
notify_ready(void)
{
	sd_notify(0, "READY=1");
}

void
notify_reloading(void)
{
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
		clock_monotonic_us(&clock_system));
}

void
notify_stopping(struct notify *notify, int64_t patience_ms)
{
	notify->over = true;
	if (notify->timer != NULL)
		loop_timer_cancel(notify->timer);
	sd_notifyf(0,
		"STOPPING=1\nSTATUS=stopping: what is under way is brought to "
		"its end\nEXTEND_TIMEOUT_USEC=%" PRId64,
		patience_ms * 1000);
}

int64_t
notify_watchdog_ms(void)
{
	uint64_t limit_us = 0;

	if (sd_watchdog_enabled(0, &limit_us) <= 0)
		return 0;
	return limit_us < 1000 ? 1 : (int64_t)(limit_us / 1000);
}

void
notify_alive(void)
{
	sd_notify(0, "WATCHDOG=1");
}

/* ---- the status line ---- */

/* 1204 as 1,204. */
static void
append_count(struct buf *out, int64_t count)
{
	char digits[24];
	int length = snprintf(digits, sizeof(digits), "%" PRId64, count);

	for (int i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0 && digits[i - 1] != '-')
			buf_append_char(out, ',');
		buf_append_char(out, digits[i]);
	}
}

static void
append_things(struct buf *out, int64_t count, const char *one, const char *many,
	const char *state)
{
	if (count == 0)
		return;
	buf_append_text(out, ", ");
	append_count(out, count);
	buf_printf(out, " %s %s", text_plural(count, one, many), state);
}

struct status_errand {
	struct errand errand;	  /* first: the figures */
	struct question question; /* then the backlog */
	struct notify *notify;
	char window[WINDOW_NAME_BYTES];
	struct figures figures;
	int64_t waiting, dead;
	struct follow_up_counts follow_ups;
	bool good;
};

static struct status_errand *
errand_of(struct question *question)
{
	return (struct status_errand *)((char *)question -
					offsetof(struct status_errand,
						question));
}

static bool
run_figures(struct errand *base, struct store_writer *store,
	struct tally *tally, int64_t now_ms, struct err *err)
{
	struct status_errand *errand = (struct status_errand *)base;
	int window = tally_window(tally, STATUS_WINDOW);
	struct counts counts;

	(void)store;
	(void)now_ms;
	(void)err;
	if (tally_window_count(tally) == 0)
		return true;
	if (window < 0)
		window = 0;
	tally_total(tally, NULL, window, &counts);
	figures_of(&counts, &errand->figures);
	snprintf(errand->window, sizeof(errand->window), "%s",
		tally_window_name(tally, (size_t)window));
	return true;
}

static void
on_backlog(const char *action, int64_t waiting, int64_t dead, int64_t oldest_ms,
	void *context)
{
	struct status_errand *errand = context;

	(void)action;
	(void)oldest_ms;
	errand->waiting += waiting;
	errand->dead += dead;
}

static void
ask_backlog(struct question *question, struct store_reader *store)
{
	struct status_errand *errand = errand_of(question);
	struct err err;

	errand->good =
		store_backlog(store, on_backlog, errand, &err) &&
		store_count_follow_ups(store, clock_wall_ms(&clock_system),
			&errand->follow_ups, &err);
}

static void
append_lanes(const struct notify *notify, struct buf *out)
{
	json_t *actions = dispatch_state(notify->dispatch), *action;
	int64_t held = 0, paused = 0;
	size_t i;

	json_array_foreach(actions, i, action)
	{
		const char *state =
			json_string_value(json_object_get(action, "state"));

		if (strcmp(state, "paused") == 0)
			paused++;
		else if (strcmp(state, "open") != 0)
			held++;
	}
	append_things(out, held, "action", "actions", "held");
	append_things(out, paused, "action", "actions", "paused");
	json_decref(actions);
}

static void
append_figures(const struct status_errand *errand, struct buf *out)
{
	int64_t answers = errand->figures.responses;

	if (errand->window[0] == '\0') {
		buf_append_text(out, "no window is counted");
		return;
	}
	if (answers == 0) {
		buf_printf(out, "no answers (%s)", errand->window);
		return;
	}
	buf_printf(out, "NPS %ld (%s, ", lround(errand->figures.nps),
		errand->window);
	append_count(out, answers);
	buf_printf(out, " %s)", text_plural(answers, "answer", "answers"));
}

static void
tell(struct notify *notify, const struct status_errand *errand)
{
	struct buf line = {0};

	if (keeper_is_failing(notify->keeper))
		buf_append_text(&line, "nothing can be stored; ");
	append_figures(errand, &line);
	append_things(&line, errand->waiting, "alert", "alerts", "pending");
	append_things(&line, errand->dead, "alert", "alerts", "dead");
	append_lanes(notify, &line);
	append_things(&line, errand->follow_ups.states[FOLLOW_UP_OPEN],
		"follow-up", "follow-ups", "open");
	append_things(&line, errand->follow_ups.overdue, "follow-up",
		"follow-ups", "overdue");
	append_things(&line, keeper_silences(notify->keeper), "silence",
		"silences", "in force");
	if (line.length < sizeof(notify->told) &&
		strcmp(line.data, notify->told) != 0) {
		memcpy(notify->told, line.data, line.length + 1);
		sd_notifyf(0, "STATUS=%s", notify->told);
	}
	buf_done(&line);
}

static void
finish(struct status_errand *errand)
{
	struct notify *notify = errand->notify;

	notify->asking = false;
	notify->soon = notify->again;
	notify->again = false;
	if (!notify->over)
		loop_timer_set(notify->timer,
			notify->soon ? NOTIFY_STATUS_MS : NOTIFY_REFRESH_MS);
	free(errand);
}

static void
on_answer(struct question *question)
{
	struct status_errand *errand = errand_of(question);

	if (errand->good && !errand->notify->over)
		tell(errand->notify, errand);
	finish(errand);
}

static void
on_figures(struct job *job)
{
	struct status_errand *errand = (struct status_errand *)job;

	errand->notify->own_turn = true;
	if (!job->good ||
		!reader_ask(errand->notify->reader, &errand->question))
		finish(errand);
}

static void
on_time(void *context)
{
	struct notify *notify = context;
	struct status_errand *errand = mem_new(1, sizeof(*errand));

	notify->asking = true;
	notify->soon = false;
	errand->notify = notify;
	errand->errand.job.type = JOB_ERRAND;
	errand->errand.job.done = on_figures;
	errand->errand.run = run_figures;
	errand->question.ask = ask_backlog;
	errand->question.answer = on_answer;
	keeper_submit(notify->keeper, &errand->errand.job, 0);
}

void
notify_look_soon(struct notify *notify)
{
	bool own = notify->own_turn;

	notify->own_turn = false;
	if (notify->timer == NULL || notify->over || own)
		return;
	if (notify->asking) {
		notify->again = true;
		return;
	}
	if (notify->soon)
		return;
	notify->soon = true;
	loop_timer_set(notify->timer, NOTIFY_STATUS_MS);
}

struct notify *
notify_new(struct loop *loop, struct keeper *keeper, struct reader *reader,
	const struct dispatch *dispatch)
{
	struct notify *notify = mem_new(1, sizeof(*notify));
	const char *manager = getenv("NOTIFY_SOCKET");

	notify->loop = loop;
	notify->keeper = keeper;
	notify->reader = reader;
	notify->dispatch = dispatch;
	if (manager == NULL || *manager == '\0')
		return notify;
	notify->timer = loop_timer_new(loop, on_time, notify);
	loop_timer_set(notify->timer, 0);
	return notify;
}

void
notify_free(struct notify *notify)
{
	if (notify == NULL)
		return;
	loop_timer_free(notify->timer);
	free(notify);
}
