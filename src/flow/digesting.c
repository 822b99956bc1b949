/* digesting - digests on their way. */
#include "flow/digesting.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "flow/digest_gather.h"
#include "flow/digest_job.h"
#include "flow/digest_letters.h"

/* One that is configured, by name: it outlives a reload. */
struct digest_stand {
	char *name;
	int64_t sent_ms; /* for that time nothing is left to do; 0: not known */
	int64_t retry_ms;
	bool busy, told;
};

struct digesting {
	struct digesting_settings settings;
	struct digest_plans plans;
	struct digest_stand *stands;
	size_t count;
	bool stopping;
	struct metric_family *sent;
};

struct run {
	struct digesting *digesting;
	char *name;
	struct digest_occasion occasion;
	int64_t read_ms; /* since then */
	bool send;
	digest_made_fn on_made; /* NULL: by its schedule */
	void *context;
};

static int64_t
now_of(const struct digesting *digesting)
{
	return clock_wall_ms(digesting->settings.clock);
}

static const struct digest_plan *
plan_named(const struct digesting *digesting, const char *name)
{
	for (size_t i = 0; i < digesting->plans.count; i++)
		if (strcmp(digesting->plans.items[i]->name, name) == 0)
			return digesting->plans.items[i];
	return NULL;
}

static struct digest_stand *
stand_of(struct digesting *digesting, const char *name)
{
	for (size_t i = 0; i < digesting->count; i++)
		if (strcmp(digesting->stands[i].name, name) == 0)
			return &digesting->stands[i];
	digesting->stands = mem_grow(digesting->stands, digesting->count + 1,
		sizeof(struct digest_stand));
	digesting->stands[digesting->count] =
		(struct digest_stand){.name = mem_strdup(name)};
	return &digesting->stands[digesting->count++];
}

struct digesting *
digesting_new(const struct digesting_settings *settings)
{
	static const char *const labels[] = {"digest", NULL};
	struct digesting *digesting = mem_new(1, sizeof(*digesting));

	digesting->settings = *settings;
	digesting->sent = metrics_family(settings->metrics, METRIC_COUNTER,
		"npsd_digests_sent_total",
		"Digests that went out, by schedule or asked for.", labels,
		NULL);
	return digesting;
}

void
digesting_free(struct digesting *digesting)
{
	if (digesting == NULL)
		return;
	for (size_t i = 0; i < digesting->count; i++)
		free(digesting->stands[i].name);
	free(digesting->stands);
	free(digesting);
}

void
digesting_stop(struct digesting *digesting)
{
	if (digesting != NULL)
		digesting->stopping = true;
}

static void
run_free(struct run *run)
{
	free(run->name);
	free(run);
}

/* ---- its end ---- */

static void
end_run(struct run *run, json_t *letters, const struct err *why)
{
	struct digesting *digesting = run->digesting;
	struct digest_stand *standing;

	if (run->on_made != NULL) {
		run->on_made(letters, why, run->context);
		run_free(run);
		return;
	}
	standing = stand_of(digesting, run->name);
	standing->busy = false;
	if (letters != NULL) {
		standing->sent_ms = run->occasion.due_ms;
		standing->told = false;
	} else {
		standing->retry_ms = now_of(digesting) + DIGEST_RETRY_MS;
		if (!standing->told)
			log_warning("digest %s cannot be made now (%s); it is "
				    "tried again",
				run->name, why->text);
		standing->told = true;
	}
	run_free(run);
	digesting_tick(digesting);
}

static void
on_put(struct job *base)
{
	struct digest_job *job = (struct digest_job *)base;
	struct run *run = base->context;
	json_t *letters = base->good ? digest_letters_json(job) : NULL;

	if (base->good && job->put > 0) {
		const char *values[] = {run->name};

		metric_add(metric_at(run->digesting->sent, values), 1);
	}
	if (base->good && run->on_made == NULL && job->put > 0)
		log_notice("digest %s: letters in the queue: %lld", run->name,
			(long long)job->put);
	end_run(run, letters, &base->err);
	json_decref(letters);
	digest_job_free(job);
}

/* ---- what was read is put into words ---- */

static void
on_gathered(const struct digest_gathered *gathered, const struct err *err,
	void *context)
{
	struct run *run = context;
	struct digesting *digesting = run->digesting;
	const struct digest_plan *plan = plan_named(digesting, run->name);
	struct err gone = {"it is not in the configuration any more"};
	struct digest_job *job;
	json_t *letters;

	if (gathered == NULL || plan == NULL) {
		end_run(run, NULL, gathered == NULL ? err : &gone);
		return;
	}
	job = mem_new(1, sizeof(*job));
	job->job.type = JOB_DIGEST;
	job->job.done = on_put;
	job->job.context = run;
	job->name = mem_strdup(run->name);
	job->action = mem_strdup(plan->through);
	job->due_ms = run->occasion.due_ms;
	job->read_ms = run->read_ms;
	job->by_hand = run->occasion.by_hand;
	digest_letters_make(job, plan, &run->occasion, gathered,
		languages_find(digesting->plans.languages, plan->language));
	if (run->send) {
		keeper_submit(digesting->settings.keeper, &job->job, 0);
		return;
	}
	letters = digest_letters_json(job);
	digest_job_free(job);
	end_run(run, letters, NULL);
	json_decref(letters);
}

static bool
gather(struct run *run, const struct digest_plan *plan)
{
	struct digesting *digesting = run->digesting;
	const struct schedule *schedule = &plan->every.schedule;
	int64_t due_ms = run->occasion.due_ms;
	int step = digest_report_step(schedule);
	struct digest_wish wish = {
		.survey = plan->survey,
		.by = plan->by,
		.mark = language_text(languages_find(digesting->plans.languages,
					      plan->language),
			"digest.redacted"),
		.comments = plan->comments > 0,
		.now_ms = now_of(digesting),
		.period = run->occasion.period,
		.before = schedule_period(schedule, plan->zone, due_ms, 1),
	};

	run->read_ms = wish.now_ms;
	for (int i = 0; i < DIGEST_EARLIER; i++)
		wish.earlier[i] = schedule_period(
			schedule, plan->zone, due_ms, step * (i + 1));
	return digest_gather(
		digesting->settings.reader, &wish, on_gathered, run);
}

/* ---- by its schedule ---- */

/* What fell due behind `sent_ms` and before this one. */
static int
missed_between(const struct digest_plan *plan, int64_t sent_ms, int64_t due_ms)
{
	int missed = 0;

	for (;;) {
		due_ms = schedule_last(
			&plan->every.schedule, plan->zone, due_ms - 1);
		if (due_ms <= sent_ms || missed == DIGEST_MISSED_LIMIT)
			return missed;
		missed++;
	}
}

struct look {
	struct errand errand; /* first */
	struct run *run;
	int64_t sent_ms;
	bool first; /* it was never sent: it begins with the next one */
};

static bool
look_up(struct errand *base, struct store_writer *store, struct tally *tally,
	int64_t now_ms, struct err *err)
{
	struct look *look = (struct look *)base;
	const struct run *run = look->run;

	(void)tally;
	if (!digest_find_sent(store, run->name, &look->sent_ms, err))
		return false;
	/* A clock that was far ahead must not silence it until then. */
	look->first = look->sent_ms == 0 || look->sent_ms > now_ms + MS_PER_DAY;
	if (!look->first)
		return true;
	look->sent_ms = run->occasion.due_ms;
	return digest_keep_sent(store, run->name, look->sent_ms, err);
}

static void
on_looked(struct job *base)
{
	struct look *look = (struct look *)base;
	struct run *run = look->run;
	struct digesting *digesting = run->digesting;
	const struct digest_plan *plan = plan_named(digesting, run->name);
	struct digest_stand *standing = stand_of(digesting, run->name);
	struct err err = base->err;
	bool good = base->good;
	int64_t sent_ms = look->sent_ms;

	free(look);
	if (good && sent_ms >= run->occasion.due_ms) {
		standing->sent_ms = run->occasion.due_ms;
		standing->busy = false;
		run_free(run);
		digesting_tick(digesting);
		return;
	}
	if (good && plan != NULL)
		run->occasion.missed =
			missed_between(plan, sent_ms, run->occasion.due_ms);
	if (good && (plan == NULL || !gather(run, plan)))
		good = err_set(&err, "%s",
			plan == NULL ? "it is not in the configuration any more"
				     : "too many questions wait");
	if (!good)
		end_run(run, NULL, &err);
}

static void
begin(struct digesting *digesting, const struct digest_plan *plan,
	int64_t due_ms)
{
	struct run *run = mem_new(1, sizeof(*run));
	struct look *look = mem_new(1, sizeof(*look));

	run->digesting = digesting;
	run->name = mem_strdup(plan->name);
	run->send = true;
	run->occasion = (struct digest_occasion){
		.due_ms = due_ms,
		.late = now_of(digesting) - due_ms > DIGEST_LATE_MS,
		.period = schedule_period(
			&plan->every.schedule, plan->zone, due_ms, 0),
	};
	look->run = run;
	look->errand.job.type = JOB_ERRAND;
	look->errand.job.done = on_looked;
	look->errand.run = look_up;
	keeper_submit(digesting->settings.keeper, &look->errand.job, 0);
}

/* Begins it if it is due; when to look again. */
static int64_t
look_at(struct digesting *digesting, const struct digest_plan *plan)
{
	struct digest_stand *standing = stand_of(digesting, plan->name);
	int64_t now_ms = now_of(digesting);
	int64_t due_ms =
		schedule_last(&plan->every.schedule, plan->zone, now_ms);

	if (standing->sent_ms < due_ms && !standing->busy &&
		standing->retry_ms <= now_ms) {
		standing->busy = true;
		begin(digesting, plan, due_ms);
	} else if (standing->sent_ms < due_ms && !standing->busy) {
		return standing->retry_ms;
	}
	return schedule_next(&plan->every.schedule, plan->zone, now_ms);
}

void
digesting_tick(struct digesting *digesting)
{
	int64_t now_ms = now_of(digesting), next_ms = INT64_MAX;

	if (digesting->stopping || digesting->plans.count == 0)
		return;
	for (size_t i = 0; i < digesting->plans.count; i++) {
		int64_t at_ms = look_at(digesting, digesting->plans.items[i]);

		if (at_ms < next_ms)
			next_ms = at_ms;
	}
	next_ms -= now_ms;
	if (next_ms > DIGEST_LOOK_MS)
		next_ms = DIGEST_LOOK_MS;
	digesting->settings.wake_in(
		next_ms > 0 ? next_ms : 1, digesting->settings.context);
}

void
digesting_set(struct digesting *digesting, const struct digest_plans *plans)
{
	digesting->plans = *plans;
	/* Another schedule may be due another time. */
	for (size_t i = 0; i < digesting->count; i++)
		digesting->stands[i].sent_ms = 0;
	digesting_tick(digesting);
}

/* ---- asked for ---- */

static json_t *
plan_json(const struct digesting *digesting, const struct digest_plan *plan)
{
	char next[TIME_TEXT_BYTES];
	json_t *to = json_array();

	for (size_t i = 0; i < plan->to.count; i++)
		json_array_append_new(to, json_string(plan->to.items[i]));
	time_to_rfc3339(schedule_next(&plan->every.schedule, plan->zone,
				now_of(digesting)),
		next);
	return json_pack("{s:s, s:s, s:s?, s:s, s:s?, s:s?, s:o, s:s, s:s}",
		"name", plan->name, "every", plan->every.text, "timezone",
		plan->timezone, "language", plan->language, "survey",
		plan->survey, "by", plan->by, "to", to, "action", plan->through,
		"next_at", next);
}

json_t *
digesting_list(const struct digesting *digesting)
{
	json_t *list = json_array();

	for (size_t i = 0; i < digesting->plans.count; i++)
		json_array_append_new(
			list, plan_json(digesting, digesting->plans.items[i]));
	return list;
}

bool
digesting_make(struct digesting *digesting, const char *name, bool send,
	digest_made_fn on_made, void *context, bool *unknown, struct err *err)
{
	const struct digest_plan *plan = plan_named(digesting, name);
	struct run *run;
	int64_t due_ms;

	*unknown = plan == NULL;
	if (plan == NULL)
		return err_set(err, "there is no digest \"%s\"", name);
	if (digesting->stopping)
		return err_set(err, "npsd is being stopped");
	due_ms = schedule_last(
		&plan->every.schedule, plan->zone, now_of(digesting));
	run = mem_new(1, sizeof(*run));
	run->digesting = digesting;
	run->name = mem_strdup(name);
	run->send = send;
	run->on_made = on_made;
	run->context = context;
	run->occasion = (struct digest_occasion){
		.due_ms = due_ms,
		.by_hand = send,
		.period = schedule_period(
			&plan->every.schedule, plan->zone, due_ms, 0),
	};
	if (gather(run, plan))
		return true;
	run_free(run);
	return err_set(err, "too many questions wait");
}
