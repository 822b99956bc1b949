/* keeper - its life, and the loop's side of it. */
#include "flow/keeper.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "flow/cooling.h"
#include "flow/erasing.h"
#include "flow/keeper_private.h"
#include "flow/silencing.h"
#include "store/store_follow_ups.h"
#include "flow/watching.h"

enum { KEEPER_STOP_ROUNDS = 8 };

static void
make_metrics(struct keeper *keeper)
{
	static const char *const none[] = {NULL};
	static const char *const rule[] = {"rule", NULL};
	static const char *const watch[] = {"watch", NULL};
	static const char *const action[] = {"action", NULL};
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
	keeper->rule_silenced = metrics_family(metrics, METRIC_COUNTER,
		"npsd_silenced_total",
		"Answers that fired a rule while a silence held.", rule, NULL);
	keeper->silences_gauge =
		metric_at(metrics_family(metrics, METRIC_GAUGE, "npsd_silences",
				  "Silences in force.", none, NULL),
			none);
	keeper->erasing_gauge = metric_at(
		metrics_family(metrics, METRIC_GAUGE, "npsd_erasures_running",
			"Erasures of persons that are not done.", none, NULL),
		none);
	keeper->folded =
		metrics_family(metrics, METRIC_COUNTER, "npsd_folded_total",
			"Alerts that were folded into the message of a storm.",
			action, NULL);
	keeper->watches.looks = metrics_family(metrics, METRIC_COUNTER,
		"npsd_watch_looks_total", "Looks of a watch.", watch, NULL);
	keeper->watches.alarms = metrics_family(metrics, METRIC_COUNTER,
		"npsd_watch_alarms_total", "Alarms of a watch.", watch, NULL);
	keeper->watches.firing = metrics_family(metrics, METRIC_GAUGE,
		"npsd_watch_firing",
		"Surveys or values for which an alarm of a watch holds.", watch,
		NULL);
	keeper->watches.rates = metrics_family(metrics, METRIC_GAUGE,
		"npsd_watch_response_rate",
		"Answers by invitation in the window of a watch of it.", watch,
		NULL);
}

/* Deliveries that this node held when it ended are due again; and what links
 * are signed with is read. */
static bool
bring_back(struct keeper *keeper, struct err *err)
{
	if (!store_begin(keeper->store, err))
		return false;
	if (store_reclaim(keeper->store, keeper->keeping.node,
		    clock_wall_ms(keeper->settings.clock), err) &&
		store_link_key(keeper->store, keeper->keeping.link_key, err) &&
		store_commit(keeper->store, err))
		return true;
	store_rollback(keeper->store);
	return false;
}

/* Nothing leaves before it is seen to that none of it is of somebody who is
 * forgotten. */
static bool
resume_erasing(struct keeper *keeper, struct err *err)
{
	keeper->keeping.now_ms = clock_wall_ms(keeper->settings.clock);
	if (!store_begin(keeper->store, err))
		return false;
	if (erasing_resume(keeper->erasing, &keeper->keeping, err) &&
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
	int64_t due_ms;
	bool is_open;

	keeper->settings = *settings;
	keeper->keeping.pulse = &keeper->pulse;
	keeper->keeping.clock = settings->clock;
	keeper->keeping.node = settings->store->node;
	keeper->keeping.moves = moves_new();
	keeper->keeping.figures = json_object();
	keeper->keeping.figures_texts = json_object();
	keeper->keeping.rule_hits = json_object();
	keeper->keeping.born_dead = json_object();
	keeper->keeping.folded = json_object();
	keeper->cut = json_object();
	keeper->erasing = erasing_new();
	make_metrics(keeper);
	keeper->in = inbox_new(KEEPER_INBOX_BYTES, err);
	keeper->out = inbox_new(0, err);
	is_open = keeper_sync_open(keeper, err);
	store.on_progress = on_progress;
	store.context = keeper;
	keeper->store = store_open(&store, err);
	keeper->keeping.store = keeper->store;
	if (keeper->in == NULL || keeper->out == NULL || !is_open ||
		keeper->store == NULL || !bring_back(keeper, err) ||
		!keeper_use_policy(keeper, settings->policy, err)) {
		keeper_close(keeper);
		return NULL;
	}
	if (!silencing_load(&keeper->keeping, err) ||
		!cooling_load(&keeper->keeping, err) ||
		!resume_erasing(keeper, err) ||
		!store_next_due_follow_up(keeper->store, &due_ms, err)) {
		keeper_close(keeper);
		return NULL;
	}
	atomic_init(&keeper->next_due_ms, due_ms);
	keeper_tell_silences(keeper);
	silencing_check_rules(&keeper->keeping);
	keeper->keeping.now_ms = clock_wall_ms(settings->clock);
	wall_jump_look(&keeper->jump, settings->clock);
	keeper_advance(keeper);
	pulse_beat(&keeper->pulse, settings->clock);
	return keeper;
}

bool
keeper_start(struct keeper *keeper, struct err *err)
{
	int failure;

	if (!keeper_sync_start(keeper, err))
		return false;
	keeper->threaded = true; /* which the thread reads */
	failure = pthread_create(&keeper->thread, NULL, keeper_thread, keeper);
	if (failure == 0)
		return true;
	keeper->threaded = false;
	keeper_sync_stop(keeper);
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
		keeper_sync_stop(keeper);
		keeper->threaded = false;
	}
	keeper_drop_erasing(keeper);
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
	if (keeper == NULL)
		return;
	keeper_drop_policy(keeper);
	erasing_free(keeper->erasing);
	silences_done(&keeper->keeping.silences);
	store_close(keeper->store);
	moves_free(keeper->keeping.moves);
	json_decref(keeper->keeping.figures);
	json_decref(keeper->keeping.figures_texts);
	json_decref(keeper->keeping.rule_hits);
	json_decref(keeper->keeping.born_dead);
	json_decref(keeper->keeping.folded);
	buf_done(&keeper->keeping.alert_text);
	buf_done(&keeper->keeping.alert_body);
	json_decref(keeper->cut);
	inbox_free(keeper->in);
	inbox_free(keeper->out);
	keeper_sync_close(keeper);
	free(keeper);
}

void
keeper_step(struct keeper *keeper)
{
	struct inbox_item *list;

	list = inbox_take(keeper->in);
	if (list != NULL || keeper->deferred != NULL)
		keeper_work(keeper, list);
	keeper_collect(keeper);
	while (!keeper->broken && (list = inbox_take(keeper->in)) != NULL) {
		keeper_work(keeper, list);
		keeper_collect(keeper);
	}
	while (keeper->backup != NULL) {
		keeper->backup->next_us = 0;
		keeper_step_backup(keeper);
		keeper_collect(keeper);
	}
	keeper_maintain(keeper);
	keeper->keeping.now_ms = clock_wall_ms(keeper->settings.clock);
	keeper_advance(keeper);
	keeper_end_silences(keeper);
	do {
		keeper_go_on_cooling(keeper);
	} while (keeper->keeping.cooling_left && keeper->cooling_us == 0 &&
		 !keeper->broken);
	keeper_look(keeper);
	while (!keeper->broken && keeper_erase_wait_ms(keeper, 1) == 0)
		keeper_erase(keeper);
	keeper_collect(keeper);
}

int64_t
keeper_next_look_ms(const struct keeper *keeper)
{
	return watching_next_ms(keeper->keeping.watching);
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
		if (!job->good && job != &keeper->nudge)
			memcpy(reason, job->err.text, sizeof(reason));
		if (job == &keeper->nudge)
			atomic_store(&keeper->nudged, false);
		if (job == &keeper->alarm || job == &keeper->nudge)
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
	if (++keeper->gathered_jobs == KEEPER_GATHER_JOBS)
		keeper_flush(keeper);
}

void
keeper_flush(struct keeper *keeper)
{
	struct inbox_item *list = keeper->gathered;

	keeper->gathered = NULL;
	keeper->gathered_weight = 0;
	keeper->gathered_jobs = 0;
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
keeper_next_due(const struct keeper *keeper)
{
	return atomic_load(&keeper->next_due_ms);
}

int
keeper_silences(const struct keeper *keeper)
{
	return atomic_load(&keeper->silences);
}

int
keeper_silences_cut(const struct keeper *keeper)
{
	return atomic_load(&keeper->silences_cut);
}

void
keeper_watch_store(const struct keeper *keeper, struct store_watch *watch)
{
	*watch = (struct store_watch){
		.wal_bytes = atomic_load(&keeper->wal_bytes),
		.foreign = atomic_load(&keeper->foreign)};
}

const uint8_t *
keeper_link_key(const struct keeper *keeper)
{
	return keeper->keeping.link_key;
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
