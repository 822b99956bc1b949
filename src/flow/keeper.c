/* keeper - the store thread: takes, decides, writes, commits, hands back. */
#include "flow/keeper.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "flow/backup.h"
#include "flow/jobs.h"
#include "flow/keep.h"
#include "flow/upkeep.h"
#include "base/wall_jump.h"

enum {
	KEEPER_IDLE_MS = 1000, /* longest sleep without a look around */
	KEEPER_MAINTAIN_MS = 60 * 1000, /* purge and prune this often ... */
	KEEPER_SLICE_MS = 20, /* ... or this soon while there is more */
	KEEPER_STOP_ROUNDS = 8,
};

struct keeper {
	struct inbox *in;  /* to the store thread */
	struct inbox *out; /* back to the loop */
	pthread_t thread;
	bool threaded;
	atomic_bool stopping;
	struct pulse pulse;
	atomic_bool broken;  /* the store cannot be used any more */
	atomic_bool failing; /* the last transaction that writes failed */
	atomic_bool stop_backup;
	atomic_llong wal_bytes, foreign; /* store_watch */
	struct job alarm; /* tells the loop of broken where no job does */

	/* the store thread's */
	struct keeping keeping;
	struct policy *policy;
	struct store_writer *store;
	struct inbox_item *deferred; /* settlements of a failed commit */
	json_t *cut;	     /* places whose last batch was not kept -> true */
	int64_t maintain_ms; /* when next */
	struct wall_jump jump;
	struct wall_hold hold;
	int64_t shift_ms;	   /* by which due times have yet to be moved */
	struct backup_job *backup; /* being copied, or NULL */
	bool wal_told;		   /* that it is long */
	struct log_limit failure_limit;

	/* the loop's */
	size_t under_way;
	struct backup_job *comparing; /* submitted and not back, or NULL */
	struct inbox_item *gathered, **gathered_end; /* of this turn */
	size_t gathered_weight;
	struct keeper_settings settings;
	struct metric *commit_seconds, *commit_batch;
	struct metric_family *rule_matches, *rule_errors;
};

static struct job *
job_of(struct inbox_item *item)
{
	return (struct job *)item;
}

/* ---- the policy ---- */

/* What is compiled for the store thread alone. */
struct compiled {
	struct judge *judge;
	struct renderers *renderers;
	struct tally *tally;
	struct verdict *verdicts;
	struct verdict_texts *verdict_texts;
};

static void
compiled_done(struct compiled *compiled)
{
	judge_free(compiled->judge);
	renderers_close(compiled->renderers);
	tally_free(compiled->tally);
	free(compiled->verdicts);
	verdict_texts_free(compiled->verdict_texts);
}

static void
on_slot(int64_t id, const char *survey, const char *segment, const char *value,
	void *context)
{
	tally_load_slot(context, id, survey, segment, value);
}

static bool
compile(struct keeper *keeper, const struct policy *policy,
	struct compiled *compiled, struct err *err)
{
	struct conf_errors *errors = conf_errors_new();
	struct buf text = {0};

	memset(compiled, 0, sizeof(*compiled));
	compiled->judge = judge_new(policy->rules, errors);
	if (compiled->judge == NULL) {
		conf_errors_write(errors, &text);
		err_set(err, "%s", text.length > 0 ? text.data : "rules");
		buf_done(&text);
	}
	conf_errors_free(errors);
	if (compiled->judge != NULL)
		compiled->renderers = renderers_open(policy, err);
	if (compiled->renderers != NULL) {
		compiled->tally = tally_new(policy->tally);
		compiled->verdicts = mem_new(
			policy->rules->count + 1, sizeof(struct verdict));
		compiled->verdict_texts = verdict_texts_new(policy->rules);
		if (store_each_slot(
			    keeper->store, on_slot, compiled->tally, err))
			return true;
	}
	compiled_done(compiled);
	return false;
}

static void
use(struct keeper *keeper, struct policy *policy, struct compiled *compiled)
{
	struct keeping *keeping = &keeper->keeping;
	struct compiled old = {keeping->judge, keeping->renderers,
		keeping->tally, keeping->verdicts, keeping->verdict_texts};

	keeping->judge = compiled->judge;
	keeping->renderers = compiled->renderers;
	keeping->tally = compiled->tally;
	keeping->verdicts = compiled->verdicts;
	keeping->verdict_texts = compiled->verdict_texts;
	keeping->policy = policy;
	keeper->policy = policy;
	compiled_done(&old);
}

static void
run_policy(struct keeper *keeper, struct policy_job *job)
{
	struct compiled compiled;

	job->old = NULL;
	job->job.good = compile(keeper, job->policy, &compiled, &job->job.err);
	if (!job->job.good)
		return;
	job->old = keeper->policy;
	use(keeper, job->policy, &compiled);
}

/* ---- one transaction ---- */

static bool
sum_buckets(enum bucket_width width, int64_t after, int64_t upto,
	void (*on_sum)(int64_t slot, const struct counts *counts, void *to),
	void *to, void *context)
{
	struct keeper *keeper = context;
	struct err err;

	if (store_sum_buckets(
		    keeper->store, width, after, upto, on_sum, to, &err))
		return true;
	log_error("counts could not be read: %s", err.text);
	return false;
}

static void
advance(struct keeper *keeper)
{
	if (!tally_advance(keeper->keeping.tally, keeper->keeping.now_ms,
		    sum_buckets, keeper))
		tally_forget_sums(keeper->keeping.tally);
}

/* The wall clock was set: what waits keeps its distance in time. */
static bool
follow_the_clock(struct keeper *keeper, struct err *err)
{
	return keeper->shift_ms == 0 ||
	       store_shift_due(keeper->store, keeper->shift_ms, err);
}

static void
look_at_the_clock(struct keeper *keeper)
{
	int64_t by_ms = wall_jump_look(&keeper->jump, keeper->settings.clock);

	keeper->shift_ms += by_ms;
	if (by_ms != 0 && wall_hold_set(&keeper->hold, by_ms,
				  clock_monotonic_us(keeper->settings.clock)))
		log_warning(
			"the clock was set %lld s ahead: nothing is removed "
			"for its age for a day, unless it is set back",
			(long long)(by_ms / 1000));
}

static bool
commit(struct keeper *keeper, struct inbox_item *list, size_t *records,
	struct err *err)
{
	look_at_the_clock(keeper);
	if (!store_begin(keeper->store, err) || !follow_the_clock(keeper, err))
		return false;
	for (; list != NULL; list = list->next) {
		struct job *job = job_of(list);

		if (!jobs_run(&keeper->keeping, job, err)) {
			err_prefix(err, "transaction");
			return false;
		}
		if (job->type == JOB_KEEP)
			*records += ((struct keep_job *)job)->batch->count;
	}
	return moves_write(keeper->keeping.moves, keeper->store,
		       keeper->keeping.now_ms, err) &&
	       store_commit(keeper->store, err);
}

/* ---- batches that lie behind one another ---- */

static char *
chain_of(const struct batch *batch)
{
	return mem_printf("%s\n%s", batch->source->name, batch->place_key);
}

static void
cut_chain(struct keeper *keeper, const struct job *job)
{
	const struct batch *batch = ((const struct keep_job *)job)->batch;
	char *chain;

	if (job->type != JOB_KEEP || batch->place_key == NULL)
		return;
	chain = chain_of(batch);
	json_object_set_new(keeper->cut, chain, json_true());
	free(chain);
}

/* Whether it lies behind a batch that was not kept: then its place must not be
 * either. A batch that follows nobody begins anew. */
static bool
is_cut_off(struct keeper *keeper, const struct job *job)
{
	const struct batch *batch = ((const struct keep_job *)job)->batch;
	char *chain;
	bool cut;

	if (job->type != JOB_KEEP || batch->place_key == NULL ||
		json_object_size(keeper->cut) == 0)
		return false;
	chain = chain_of(batch);
	cut = batch->follows && json_object_get(keeper->cut, chain) != NULL;
	if (!cut)
		json_object_del(keeper->cut, chain);
	free(chain);
	return cut;
}

/* Hands back those that are cut off; the others are left. */
static struct inbox_item *
without_cut_off(struct keeper *keeper, struct inbox_item *list)
{
	struct inbox_item *left = NULL, **end = &left;

	while (list != NULL) {
		struct job *job = job_of(list);

		list = list->next;
		job->item.next = NULL;
		if (is_cut_off(keeper, job)) {
			job->good = false;
			err_set(&job->err,
				"the batch before it could not be kept");
			inbox_push(keeper->out, &job->item);
			continue;
		}
		*end = &job->item;
		end = &job->item.next;
	}
	return left;
}

/* ---- questions ---- */

static bool
only_reads(const struct job *job)
{
	return job->type == JOB_ERRAND && ((const struct errand *)job)->reads;
}

/* Answers those that need no transaction, by what is committed; the others are
 * left. */
static struct inbox_item *
without_questions(struct keeper *keeper, struct inbox_item *list)
{
	struct inbox_item *left = NULL, **end = &left;

	while (list != NULL) {
		struct job *job = job_of(list);
		struct errand *errand = (struct errand *)job;

		list = list->next;
		job->item.next = NULL;
		if (only_reads(job)) {
			job->good = errand->run(errand, keeper->store,
				keeper->keeping.tally, keeper->keeping.now_ms,
				&job->err);
			inbox_push(keeper->out, &job->item);
			continue;
		}
		*end = &job->item;
		end = &job->item.next;
	}
	return left;
}

/* ---- the ends of a transaction ---- */

static void
tell_rule_hits(struct keeper *keeper)
{
	const char *name;
	json_t *hits;

	json_object_foreach(keeper->keeping.rule_hits, name, hits)
	{
		bool error = name[0] == '!';
		const char *values[] = {name + error};

		metric_add(metric_at(error ? keeper->rule_errors
					   : keeper->rule_matches,
				   values),
			(double)json_integer_value(hits));
	}
	json_object_clear(keeper->keeping.rule_hits);
}

static void
tell_born_dead(struct keeper *keeper)
{
	const char *name;
	json_t *count;

	json_object_foreach(keeper->keeping.born_dead, name, count)
	{
		struct policy_action *action =
			policy_action(keeper->policy, name);

		if (action != NULL)
			atomic_fetch_add(
				&action->died, (int)json_integer_value(count));
	}
	json_object_clear(keeper->keeping.born_dead);
}

static void
succeeded(struct keeper *keeper, size_t records, int64_t began_us)
{
	int64_t now_us = clock_monotonic_us(keeper->settings.clock);

	keeper->shift_ms = 0;
	moves_apply(keeper->keeping.moves, keeper->keeping.tally);
	tell_rule_hits(keeper);
	tell_born_dead(keeper);
	metric_observe(
		keeper->commit_seconds, (double)(now_us - began_us) / 1e6);
	if (records > 0)
		metric_observe(keeper->commit_batch, (double)records);
}

static void
failed(struct keeper *keeper, struct inbox_item *list, int64_t slots_mark,
	const struct err *err)
{
	int64_t held;

	store_rollback(keeper->store);
	keeper->broken = store_is_broken(keeper->store);
	for (; list != NULL; list = list->next) {
		struct job *job = job_of(list);

		job->good = false;
		job->err = *err;
		jobs_take_back(&keeper->keeping, job);
		cut_chain(keeper, job);
	}
	tally_drop_slots(keeper->keeping.tally, slots_mark);
	json_object_clear(keeper->keeping.rule_hits);
	json_object_clear(keeper->keeping.born_dead);
	if (log_limit_passes(&keeper->failure_limit,
		    clock_monotonic_us(keeper->settings.clock), 1000000, &held))
		log_error("nothing could be stored: %s; answers wait where "
			  "they are",
			err->text);
}

static bool
is_settlement(const struct inbox_item *item)
{
	return ((const struct job *)item)->type == JOB_SETTLE;
}

/* An outcome is never lost: those of a failed commit are tried again, until the
 * daemon stops (then the delivery is still claimed, and due at the next start).
 */
static void
hand_back(struct keeper *keeper, struct inbox_item *list)
{
	bool again = !keeper->broken && !atomic_load(&keeper->stopping);

	while (list != NULL) {
		struct inbox_item *item = list;

		list = item->next;
		if (!job_of(item)->good && is_settlement(item) && again) {
			item->next = keeper->deferred;
			keeper->deferred = item;
			continue;
		}
		inbox_push(keeper->out, item);
	}
}

/* Questions alone prove nothing of whether the disk takes more. */
static bool
writes(const struct inbox_item *list)
{
	for (; list != NULL; list = list->next)
		if (((const struct job *)list)->type != JOB_ERRAND)
			return true;
	return false;
}

static void
transact(struct keeper *keeper, struct inbox_item *list)
{
	struct keeping *keeping = &keeper->keeping;
	int64_t began_us = clock_monotonic_us(keeper->settings.clock);
	int64_t slots_mark;
	size_t records = 0;
	struct err err = {""};
	bool good;

	list = without_cut_off(keeper, list);
	if (list == NULL)
		return;
	keeping->now_ms = clock_wall_ms(keeper->settings.clock);
	advance(keeper);
	list = without_questions(keeper, list);
	if (list == NULL)
		return;
	slots_mark = tally_next_slot(keeping->tally);
	if (keeper->broken)
		err_set(&err, "the store is broken");
	good = !keeper->broken && commit(keeper, list, &records, &err);
	if (good)
		succeeded(keeper, records, began_us);
	else
		failed(keeper, list, slots_mark, &err);
	if (writes(list)) {
		if (good && keeper->failing)
			log_notice("answers are stored again");
		keeper->failing = !good;
	}
	moves_clear(keeping->moves);
	json_object_clear(keeping->figures);
	json_object_clear(keeping->figures_texts);
	hand_back(keeper, list);
}

/* ---- the thread's round ---- */

static size_t
job_records(const struct inbox_item *item)
{
	const struct job *job = (const struct job *)item;

	return job->type == JOB_KEEP
		       ? ((const struct keep_job *)job)->batch->count
		       : 1;
}

/* Not done in a transaction. */
static bool
stands_alone(const struct inbox_item *item)
{
	enum job_type type = ((const struct job *)item)->type;

	return type == JOB_POLICY || type == JOB_BACKUP;
}

/* Cuts the front part off that makes one commit. */
static struct inbox_item *
portion(struct inbox_item **list)
{
	struct inbox_item *first = *list, *last = first;
	size_t records = job_records(first);

	if (!stands_alone(first))
		while (last->next != NULL && !stands_alone(last->next) &&
			records + job_records(last->next) <=
				KEEPER_COMMIT_RECORDS) {
			last = last->next;
			records += job_records(last);
		}
	*list = last->next;
	last->next = NULL;
	return first;
}

/* ---- backups ---- */

static struct inbox *
backup_way(const struct keeper *keeper)
{
	return keeper->threaded ? keeper->out : NULL;
}

static void
run_backup(struct keeper *keeper, struct backup_job *job)
{
	if (keeper->broken || atomic_load(&keeper->stop_backup)) {
		job->job.good = false;
		err_set(&job->job.err, "the store is being closed");
	} else if (backup_begin(job, keeper->store,
			   clock_wall_ms(keeper->settings.clock),
			   &keeper->stop_backup)) {
		keeper->backup = job;
		return;
	}
	inbox_push(keeper->out, &job->job.item);
}

static void
step_backup(struct keeper *keeper)
{
	struct backup_job *job = keeper->backup;

	if (job == NULL)
		return;
	if (keeper->broken || atomic_load(&keeper->stop_backup)) {
		backup_abandon(job);
		inbox_push(keeper->out, &job->job.item);
		keeper->backup = NULL;
	} else if (backup_step(job, clock_monotonic_us(keeper->settings.clock),
			   backup_way(keeper))) {
		keeper->backup = NULL;
		if (backup_way(keeper) == NULL)
			inbox_push(keeper->out, &job->job.item);
	}
}

/* ---- what is watched ---- */

static void
look_at_store(struct keeper *keeper)
{
	struct store_watch watch;
	bool is_long;

	store_watch(keeper->store, &watch);
	is_long = watch.wal_bytes >= STORE_WAL_LONG_BYTES;
	if (watch.foreign != atomic_load(&keeper->foreign))
		log_warning("another program has written to the database, or "
			    "moved its WAL: only npsd may");
	if (is_long && !keeper->wal_told)
		log_warning("the database's WAL has %lld MiB: another program "
			    "reads the database in one long transaction; end "
			    "that one",
			(long long)(watch.wal_bytes / 1024 / 1024));
	else if (!is_long && keeper->wal_told)
		log_notice("the database's WAL is short again");
	keeper->wal_told = is_long;
	atomic_store(&keeper->wal_bytes, watch.wal_bytes);
	atomic_store(&keeper->foreign, watch.foreign);
}

static void
work(struct keeper *keeper, struct inbox_item *list)
{
	if (keeper->deferred != NULL) {
		struct inbox_item *last = keeper->deferred;

		while (last->next != NULL)
			last = last->next;
		last->next = list;
		list = keeper->deferred;
		keeper->deferred = NULL;
	}
	while (list != NULL) {
		struct inbox_item *part = portion(&list);

		if (job_of(part)->type == JOB_POLICY) {
			run_policy(keeper, (struct policy_job *)part);
			inbox_push(keeper->out, part);
		} else if (job_of(part)->type == JOB_BACKUP) {
			run_backup(keeper, (struct backup_job *)part);
		} else {
			transact(keeper, part);
			look_at_store(keeper);
		}
		pulse_beat(&keeper->pulse, keeper->settings.clock);
	}
}

/* One slice of the long work; soon again while there is more. */
static void
maintain(struct keeper *keeper)
{
	int64_t now_ms = clock_wall_ms(keeper->settings.clock);
	struct err err = {""};
	int removed = 0;

	look_at_the_clock(keeper);
	if (keeper->shift_ms == 0 && now_ms < keeper->maintain_ms &&
		keeper->maintain_ms - now_ms <= KEEPER_MAINTAIN_MS)
		return;
	keeper->maintain_ms = now_ms + KEEPER_MAINTAIN_MS;
	keeper->keeping.now_ms = now_ms;
	if (keeper->broken)
		return;
	if (store_begin(keeper->store, &err) &&
		follow_the_clock(keeper, &err) &&
		(wall_hold_is_on(&keeper->hold,
			 clock_monotonic_us(keeper->settings.clock)) ||
			upkeep_slice(&keeper->keeping, &removed, &err)) &&
		store_commit(keeper->store, &err)) {
		keeper->shift_ms = 0;
		if (removed > 0)
			keeper->maintain_ms = now_ms + KEEPER_SLICE_MS;
		return;
	}
	log_warning("old rows could not be removed: %s", err.text);
	store_rollback(keeper->store);
	if (!store_is_broken(keeper->store))
		return;
	keeper->broken = true;
	keeper->alarm.err = err;
	inbox_push(keeper->out, &keeper->alarm.item);
}

static int
sleep_ms(struct keeper *keeper)
{
	int64_t left =
		keeper->maintain_ms - clock_wall_ms(keeper->settings.clock);

	if (keeper->backup != NULL && left > BACKUP_PAUSE_MS)
		left = BACKUP_PAUSE_MS;
	if (left < 0 || atomic_load(&keeper->stopping))
		left = 0;
	return left < KEEPER_IDLE_MS ? (int)left : KEEPER_IDLE_MS;
}

static void *
keeper_thread(void *context)
{
	struct keeper *keeper = context;

	pthread_setname_np(pthread_self(), "npsd-store");
	for (;;) {
		struct inbox_item *list =
			inbox_wait(keeper->in, sleep_ms(keeper));

		pulse_beat(&keeper->pulse, keeper->settings.clock);
		if (list != NULL || keeper->deferred != NULL)
			work(keeper, list);
		else if (atomic_load(&keeper->stopping) &&
			 keeper->backup == NULL)
			return NULL;
		step_backup(keeper);
		if (!atomic_load(&keeper->stopping))
			maintain(keeper);
	}
}

/* ---- the loop's side ---- */

static void
make_metrics(struct keeper *keeper)
{
	static const char *const none[] = {NULL};
	static const char *const rule[] = {"rule", NULL};
	static const double seconds[] = {0.0005, 0.001, 0.0025, 0.005, 0.01,
		0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 0};
	static const double batch[] = {
		1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 0};
	struct metrics *metrics = keeper->settings.metrics;

	keeper->commit_seconds = metric_at(
		metrics_family(metrics, METRIC_HISTOGRAM, "npsd_commit_seconds",
			"Time of one commit, from begin to synced.", none,
			seconds),
		none);
	keeper->commit_batch = metric_at(
		metrics_family(metrics, METRIC_HISTOGRAM, "npsd_commit_batch",
			"Records of one commit.", none, batch),
		none);
	keeper->rule_matches = metrics_family(metrics, METRIC_COUNTER,
		"npsd_rule_matches_total", "Answers that fired a rule.", rule,
		NULL);
	keeper->rule_errors = metrics_family(metrics, METRIC_COUNTER,
		"npsd_rule_errors_total",
		"Answers whose when: failed and counted as matched.", rule,
		NULL);
}

/* Deliveries that this node held when it ended are due again. */
static bool
bring_back(struct keeper *keeper, struct err *err)
{
	if (!store_begin(keeper->store, err))
		return false;
	if (store_reclaim(keeper->store, keeper->keeping.node,
		    clock_wall_ms(keeper->settings.clock), err) &&
		store_commit(keeper->store, err))
		return true;
	store_rollback(keeper->store);
	return false;
}

/* A long statement gets on: the store thread's, or the loop's that opens. */
static void
on_progress(void *context)
{
	struct keeper *keeper = context;

	pulse_beat(&keeper->pulse, keeper->settings.clock);
	if (!keeper->threaded && keeper->settings.on_progress != NULL)
		keeper->settings.on_progress(keeper->settings.context);
}

struct keeper *
keeper_open(const struct keeper_settings *settings, struct err *err)
{
	struct keeper *keeper = mem_new(1, sizeof(*keeper));
	struct store_settings store = *settings->store;
	struct compiled compiled;

	keeper->settings = *settings;
	keeper->keeping.pulse = &keeper->pulse;
	keeper->keeping.clock = settings->clock;
	keeper->keeping.node = settings->store->node;
	keeper->keeping.moves = moves_new();
	keeper->keeping.figures = json_object();
	keeper->keeping.figures_texts = json_object();
	keeper->keeping.rule_hits = json_object();
	keeper->keeping.born_dead = json_object();
	keeper->cut = json_object();
	make_metrics(keeper);
	keeper->in = inbox_new(KEEPER_INBOX_BYTES, err);
	keeper->out = inbox_new(0, err);
	store.on_progress = on_progress;
	store.context = keeper;
	keeper->store = store_open(&store, err);
	keeper->keeping.store = keeper->store;
	if (keeper->in == NULL || keeper->out == NULL ||
		keeper->store == NULL || !bring_back(keeper, err) ||
		!compile(keeper, settings->policy, &compiled, err)) {
		keeper_close(keeper);
		return NULL;
	}
	use(keeper, settings->policy, &compiled);
	keeper->keeping.now_ms = clock_wall_ms(settings->clock);
	wall_jump_look(&keeper->jump, settings->clock);
	advance(keeper);
	pulse_beat(&keeper->pulse, settings->clock);
	return keeper;
}

bool
keeper_start(struct keeper *keeper, struct err *err)
{
	int failure;

	keeper->threaded = true; /* which the thread reads */
	failure = pthread_create(&keeper->thread, NULL, keeper_thread, keeper);
	if (failure == 0)
		return true;
	keeper->threaded = false;
	return err_set(
		err, "the store thread cannot start: %s", strerror(failure));
}

static void
refuse_all(struct keeper *keeper, struct inbox_item *list)
{
	while (list != NULL) {
		struct job *job = job_of(list);

		list = list->next;
		job->good = false;
		err_set(&job->err, "the store has been closed");
		inbox_push(keeper->out, &job->item);
	}
}

void
keeper_stop_backup(struct keeper *keeper)
{
	atomic_store(&keeper->stop_backup, true);
	inbox_wake(keeper->in);
}

/* Its thread hands it back. */
static void
wait_for_backup(struct keeper *keeper)
{
	while (keeper->comparing != NULL) {
		backup_join(keeper->comparing);
		keeper_collect(keeper);
	}
}

void
keeper_stop(struct keeper *keeper)
{
	struct inbox_item *list;
	int rounds = 0;

	keeper_flush(keeper);
	keeper_stop_backup(keeper);
	atomic_store(&keeper->stopping, true);
	if (keeper->threaded) {
		inbox_wake(keeper->in);
		pthread_join(keeper->thread, NULL);
		keeper->threaded = false;
	}
	/* What is handed back may cause more; nobody does it any more. */
	do {
		keeper_collect(keeper);
		keeper_flush(keeper);
		list = inbox_take(keeper->in);
		refuse_all(keeper, list);
	} while (list != NULL && ++rounds < KEEPER_STOP_ROUNDS);
	wait_for_backup(keeper);
}

void
keeper_close(struct keeper *keeper)
{
	struct compiled compiled;

	if (keeper == NULL)
		return;
	compiled = (struct compiled){keeper->keeping.judge,
		keeper->keeping.renderers, keeper->keeping.tally,
		keeper->keeping.verdicts, keeper->keeping.verdict_texts};
	compiled_done(&compiled);
	store_close(keeper->store);
	moves_free(keeper->keeping.moves);
	json_decref(keeper->keeping.figures);
	json_decref(keeper->keeping.figures_texts);
	json_decref(keeper->keeping.rule_hits);
	json_decref(keeper->keeping.born_dead);
	json_decref(keeper->cut);
	inbox_free(keeper->in);
	inbox_free(keeper->out);
	free(keeper);
}

void
keeper_step(struct keeper *keeper)
{
	struct inbox_item *list;

	list = inbox_take(keeper->in);
	if (list != NULL || keeper->deferred != NULL)
		work(keeper, list);
	keeper_collect(keeper);
	while (!keeper->broken && (list = inbox_take(keeper->in)) != NULL) {
		work(keeper, list);
		keeper_collect(keeper);
	}
	while (keeper->backup != NULL) {
		keeper->backup->next_us = 0;
		step_backup(keeper);
		keeper_collect(keeper);
	}
	maintain(keeper);
	keeper->keeping.now_ms = clock_wall_ms(keeper->settings.clock);
	advance(keeper);
}

int
keeper_fd(const struct keeper *keeper)
{
	return inbox_fd(keeper->out);
}

void
keeper_collect(struct keeper *keeper)
{
	struct inbox_item *list = inbox_take(keeper->out);
	char reason[ERR_LIMIT_BYTES] = "";

	if (list == NULL)
		return;
	while (list != NULL) {
		struct job *job = job_of(list);

		list = list->next;
		if (!job->good)
			memcpy(reason, job->err.text, sizeof(reason));
		if (job == &keeper->alarm)
			continue;
		keeper->under_way--;
		if (job->type == JOB_BACKUP) {
			backup_join((struct backup_job *)job);
			keeper->comparing = NULL;
		}
		job->done(job);
	}
	if (keeper->broken && keeper->settings.on_broken != NULL)
		keeper->settings.on_broken(reason, keeper->settings.context);
	if (keeper->settings.on_turn != NULL)
		keeper->settings.on_turn(keeper->settings.context);
}

void
keeper_submit(struct keeper *keeper, struct job *job, size_t weight)
{
	job->item.weight = weight;
	keeper->under_way++;
	assert(job->type != JOB_BACKUP || keeper->comparing == NULL);
	if (job->type == JOB_BACKUP)
		keeper->comparing = (struct backup_job *)job;
	if (keeper->settings.on_gather == NULL) {
		inbox_push(keeper->in, &job->item);
		return;
	}
	if (keeper->gathered == NULL) {
		keeper->gathered_end = &keeper->gathered;
		keeper->settings.on_gather(keeper->settings.context);
	}
	job->item.next = NULL;
	*keeper->gathered_end = &job->item;
	keeper->gathered_end = &job->item.next;
	keeper->gathered_weight += weight;
}

void
keeper_flush(struct keeper *keeper)
{
	struct inbox_item *list = keeper->gathered;

	keeper->gathered = NULL;
	keeper->gathered_weight = 0;
	if (list != NULL)
		inbox_push_all(keeper->in, list);
}

size_t
keeper_depth(const struct keeper *keeper)
{
	return inbox_depth(keeper->in) + keeper->gathered_weight;
}

bool
keeper_is_full(const struct keeper *keeper)
{
	return keeper_depth(keeper) >= inbox_capacity(keeper->in);
}

bool
keeper_is_failing(const struct keeper *keeper)
{
	return atomic_load(&keeper->failing);
}

size_t
keeper_under_way(const struct keeper *keeper)
{
	return keeper->under_way;
}

void
keeper_wake(struct keeper *keeper)
{
	inbox_wake(keeper->in);
}

int64_t
keeper_alive_us(const struct keeper *keeper)
{
	return pulse_last_us(&keeper->pulse);
}

void
keeper_watch_store(const struct keeper *keeper, struct store_watch *watch)
{
	*watch = (struct store_watch){
		.wal_bytes = atomic_load(&keeper->wal_bytes),
		.foreign = atomic_load(&keeper->foreign)};
}

struct store_writer *
keeper_store(const struct keeper *keeper)
{
	return keeper->store;
}

bool
keeper_each_place(struct keeper *keeper, const char *source,
	void (*on_place)(const char *key, const char *place, void *context),
	void *context, struct err *err)
{
	return store_each_place(keeper->store, source, on_place, context, err);
}

bool
keeper_each_lane(struct keeper *keeper,
	void (*on_lane)(const struct lane_row *lane, void *context),
	void *context, struct err *err)
{
	return store_each_lane(keeper->store, on_lane, context, err);
}
