/* due - the loop's side: when to look, and what is under way. */
#include "flow/due.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"
#include "flow/keeper.h"

struct due {
	struct due_settings settings;
	bool under_way; /* a job of it */
	bool stopped;
	bool recomputes; /* is to be done, or is being done */
	bool again;	 /* from the first row: a newer policy came */
	int64_t after;	 /* where that goes on */
	int cut;	 /* silences that had been ended then */
	int64_t rest_us; /* the monotonic time before which nothing is tried */
	bool failed;	 /* the last job; told once */
	struct due_orphans orphans;  /* of the last count */
	struct due_orphans counting; /* of the one under way */
	struct metric_family *steps;
};

struct due *
due_new(const struct due_settings *settings)
{
	static const char *const labels[] = {"step", NULL};
	struct due *due = mem_new(1, sizeof(*due));

	due->settings = *settings;
	due->steps = metrics_family(settings->metrics, METRIC_COUNTER,
		"npsd_due_steps_total",
		"Steps of follow-ups that fell due and were taken.", labels,
		NULL);
	due->recomputes = true;
	return due;
}

void
due_free(struct due *due)
{
	free(due);
}

void
due_stop(struct due *due)
{
	due->stopped = true;
}

static void
rest(struct due *due)
{
	due->rest_us = clock_monotonic_us(due->settings.clock) +
		       (int64_t)DUE_RETRY_MS * 1000;
}

static void
tell(struct due *due, const struct due_job *job)
{
	if (job->job.good && due->failed)
		log_notice("what is due of follow-ups is sent again");
	else if (!job->job.good && !due->failed && !due->stopped)
		log_error("what is due of follow-ups has to wait: %s",
			job->job.err.text);
	due->failed = !job->job.good;
}

/* After the commit. */
static void
count(struct due *due, const struct due_job *job)
{
	for (int i = 0; i < FOLLOW_UP_STEPS; i++) {
		const char *values[] = {
			follow_up_step_name((enum follow_up_step)i)};

		if (job->fired[i] > 0)
			metric_add(
				metric_at(due->steps, values), job->fired[i]);
	}
}

/* What nobody is told of any more is told here. */
static void
tell_orphans(const struct due_orphans *orphans)
{
	if (orphans->of_rules > 0)
		log_warning("follow-ups: %lld unfinished of rules that open "
			    "none any more, such as \"%s\": their deadlines "
			    "stand, and nobody is reminded of them",
			(long long)orphans->of_rules, orphans->rule);
	if (orphans->of_owners > 0)
		log_warning("follow-ups: %lld unfinished of somebody who is "
			    "none of owners any more, such as %lld: give them "
			    "to somebody (npsd follow-ups ROW --assign OWNER)",
			(long long)orphans->of_owners,
			(long long)orphans->of_owner);
}

static void
on_done(struct job *base)
{
	struct due_job *job = (struct due_job *)base;
	struct due *due = base->context;

	due->under_way = false;
	if (base->good)
		count(due, job);
	tell(due, job);
	if (!base->good) {
		rest(due);
	} else if (!job->recomputes) {
		/* Told that something is due, and there was nothing. */
		if (job->handled == 0)
			rest(due);
	} else if (due->again || job->more) {
		due->after = due->again ? 0 : job->after;
		due->again = false;
		due->counting = job->orphans;
	} else {
		due->recomputes = false;
		due->orphans = job->orphans;
		tell_orphans(&due->orphans);
	}
	free(job);
	due_look(due);
}

static void
submit(struct due *due)
{
	struct due_job *job = mem_new(1, sizeof(*job));

	job->job.type = JOB_DUE;
	job->job.done = on_done;
	job->job.context = due;
	job->recomputes = due->recomputes;
	job->after = due->after;
	if (due->after > 0)
		job->orphans = due->counting;
	due->under_way = true;
	keeper_submit(due->settings.keeper, &job->job, 0);
}

static void
sleep_until(struct due *due, int64_t delay_ms)
{
	if (delay_ms > DUE_LOOK_MS)
		delay_ms = DUE_LOOK_MS;
	due->settings.wake_in(
		delay_ms > 0 ? delay_ms : 1, due->settings.context);
}

/* Deadlines are counted anew, from the first. */
static void
begin_anew(struct due *due)
{
	due->again = due->recomputes && due->under_way;
	due->recomputes = true;
	due->after = 0;
}

/* What waited for the end of a silence need not wait any more. */
static void
look_at_silences(struct due *due)
{
	int cut = keeper_silences_cut(due->settings.keeper);

	if (cut != due->cut)
		begin_anew(due);
	due->cut = cut;
}

void
due_look(struct due *due)
{
	int64_t rest_ms =
		(due->rest_us - clock_monotonic_us(due->settings.clock)) / 1000;
	int64_t next_ms;

	look_at_silences(due);
	if (due->under_way || due->stopped)
		return;
	next_ms = keeper_next_due(due->settings.keeper);
	if (!due->recomputes && next_ms == INT64_MAX)
		return;
	if (rest_ms > 0) {
		sleep_until(due, rest_ms);
		return;
	}
	next_ms -= clock_wall_ms(due->settings.clock);
	if (due->recomputes || next_ms <= 0)
		submit(due);
	else
		sleep_until(due, next_ms);
}

const struct due_orphans *
due_orphans(const struct due *due)
{
	return &due->orphans;
}

bool
due_waits(const struct due *due)
{
	return due->failed;
}

void
due_recompute(struct due *due)
{
	begin_anew(due);
	due_look(due);
}
