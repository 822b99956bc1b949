/*
 * scrape - GET /metrics. Gauges that belong to the store are asked for at each
 * scrape: figures of the store thread, backlog of the reader.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "api/private.h"
#include "base/memory.h"
#include "loop/problem.h"
#include "nps/figures.h"
#include "store/store_follow_ups.h"

/* Follow-ups are counted anew when the last count is so old. */
enum { COUNTED_FRESH_US = 10 * 1000000 };

struct scrape {
	struct errand errand;	  /* first: figures */
	struct question question; /* then: backlog */
	struct api *api;
	struct http_request *request;
	json_t *scores;	 /* [survey, window, segment, value, nps, responses] */
	json_t *backlog; /* [action, waiting, dead, oldest_ms] */
	bool counts;	 /* follow-ups too */
	int64_t now_ms;
	struct follow_up_counts follow_ups;
	const char *const *segments;
	size_t max_series;
	/* while one window is read */
	const char *window, *survey, *segment;
	struct tally *tally;
};

static struct scrape *
scrape_of(struct question *question)
{
	return (struct scrape *)((char *)question -
				 offsetof(struct scrape, question));
}

/* ---- on the store thread ---- */

static void
add_score(struct scrape *scrape, const char *survey, const char *value,
	const struct counts *counts)
{
	struct figures figures;

	figures_of(counts, &figures);
	if (!figures.known ||
		json_array_size(scrape->scores) >= scrape->max_series)
		return;
	json_array_append_new(scrape->scores,
		json_pack("[s, s, s, s, f, I]", survey, scrape->window,
			scrape->segment != NULL ? scrape->segment : "", value,
			figures.nps, (json_int_t)figures.responses));
}

static void
on_value(const char *value, const struct counts *counts, void *context)
{
	struct scrape *scrape = context;

	add_score(scrape, scrape->survey, value, counts);
}

static void
on_survey(const char *survey, const struct counts *counts, void *context)
{
	struct scrape *scrape = context;
	int window = tally_window(scrape->tally, scrape->window);

	add_score(scrape, survey, "", counts);
	scrape->survey = survey;
	for (size_t i = 0; scrape->segments[i] != NULL; i++) {
		scrape->segment = scrape->segments[i];
		tally_each(scrape->tally, survey, scrape->segment, window,
			on_value, scrape);
	}
	scrape->segment = NULL;
}

static bool
run_figures(struct errand *base, struct store_writer *store,
	struct tally *tally, int64_t now_ms, struct err *err)
{
	struct scrape *scrape = (struct scrape *)base;

	(void)store;
	(void)now_ms;
	(void)err;
	scrape->tally = tally;
	for (size_t i = 0; i < tally_window_count(tally); i++) {
		scrape->window = tally_window_name(tally, i);
		tally_each(tally, NULL, NULL, (int)i, on_survey, scrape);
	}
	return true;
}

/* ---- on the reader thread ---- */

static void
on_backlog(const char *action, int64_t waiting, int64_t dead, int64_t oldest_ms,
	void *context)
{
	json_array_append_new(
		context, json_pack("[s, I, I, I]", action, (json_int_t)waiting,
				 (json_int_t)dead, (json_int_t)oldest_ms));
}

static void
ask_backlog(struct question *question, struct store_reader *store)
{
	struct scrape *scrape = scrape_of(question);
	struct err err;

	/* Without it the other figures still stand. */
	(void)!store_backlog(store, on_backlog, scrape->backlog, &err);
	if (scrape->counts)
		scrape->counts = store_count_follow_ups(
			store, scrape->now_ms, &scrape->follow_ups, &err);
}

/* ---- on the loop ---- */

static const char *
text_at(const json_t *row, size_t i)
{
	return json_string_value(json_array_get(row, i));
}

static void
fill_scores(struct scrape *scrape)
{
	struct api *api = scrape->api;
	json_t *row;
	size_t i;

	metrics_clear(api->score);
	metrics_clear(api->score_responses);
	json_array_foreach(scrape->scores, i, row)
	{
		const char *labels[] = {text_at(row, 0), text_at(row, 1),
			text_at(row, 2), text_at(row, 3)};

		metric_set(metric_at(api->score, labels),
			json_real_value(json_array_get(row, 4)));
		metric_set(metric_at(api->score_responses, labels),
			(double)json_integer_value(json_array_get(row, 5)));
	}
}

static void
fill_backlog(struct scrape *scrape)
{
	struct api *api = scrape->api;
	double now_s = (double)clock_wall_ms(api->host.clock) / 1e3;
	json_t *row;
	size_t i;

	metrics_clear(api->pending);
	metrics_clear(api->dead);
	metrics_clear(api->oldest);
	json_array_foreach(scrape->backlog, i, row)
	{
		const char *labels[] = {text_at(row, 0)};
		double oldest_s =
			(double)json_integer_value(json_array_get(row, 3)) /
			1e3;

		metric_set(metric_at(api->pending, labels),
			(double)json_integer_value(json_array_get(row, 1)));
		metric_set(metric_at(api->dead, labels),
			(double)json_integer_value(json_array_get(row, 2)));
		metric_set(metric_at(api->oldest, labels),
			oldest_s > 0 ? now_s - oldest_s : 0);
	}
}

static void
fill_follow_ups(struct scrape *scrape)
{
	static const char *const none[] = {NULL};
	struct api *api = scrape->api;

	if (scrape->counts)
		api->counted = (struct follow_ups_counted){scrape->follow_ups,
			clock_monotonic_us(api->host.clock)};
	if (api->counted.at_us == 0)
		return;
	for (int i = 0; i < FOLLOW_UP_STATES; i++) {
		const char *labels[] = {
			follow_up_state_name((enum follow_up_state)i)};

		metric_set(metric_at(api->follow_ups, labels),
			(double)api->counted.counts.states[i]);
	}
	metric_set(metric_at(api->follow_ups_overdue, none),
		(double)api->counted.counts.overdue);
}

/* process_*, as the client libraries name them. */
enum {
	PROCESS_CPU,
	PROCESS_RESIDENT,
	PROCESS_FDS,
	PROCESS_MAX_FDS,
	PROCESS_START
};

static double
resident_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	unsigned long pages = 0;

	if (file == NULL)
		return 0;
	if (fscanf(file, "%*u %lu", &pages) != 1)
		pages = 0;
	fclose(file);
	return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static double
open_fds(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int count = 0;

	if (folder == NULL)
		return 0;
	while (readdir(folder) != NULL)
		count++;
	closedir(folder);
	return count - 3; /* ".", ".." and the folder itself */
}

static void
fill_process(struct api *api)
{
	static const char *const none[] = {NULL};
	struct store_watch watch;
	struct rusage usage;
	struct rlimit limit;

	keeper_watch_store(api->host.keeper, &watch);
	metric_set(metric_at(api->wal_bytes, none), (double)watch.wal_bytes);
	getrusage(RUSAGE_SELF, &usage);
	getrlimit(RLIMIT_NOFILE, &limit);
	metric_set(metric_at(api->process[PROCESS_CPU], none),
		(double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
			(double)(usage.ru_utime.tv_usec +
				 usage.ru_stime.tv_usec) /
				1e6);
	metric_set(metric_at(api->process[PROCESS_RESIDENT], none),
		resident_bytes());
	metric_set(metric_at(api->process[PROCESS_FDS], none), open_fds());
	metric_set(metric_at(api->process[PROCESS_MAX_FDS], none),
		(double)limit.rlim_cur);
}

static void
finish(struct scrape *scrape)
{
	struct buf text = {0};

	fill_scores(scrape);
	fill_backlog(scrape);
	fill_follow_ups(scrape);
	fill_process(scrape->api);
	metrics_write(scrape->api->host.metrics, &text);
	http_reply(scrape->request, 200, "text/plain; version=0.0.4", text.data,
		text.length);
	buf_done(&text);
	json_decref(scrape->scores);
	json_decref(scrape->backlog);
	free(scrape);
}

static void
on_asked(struct question *question)
{
	finish(scrape_of(question));
}

static void
on_figures(struct job *job)
{
	struct scrape *scrape = (struct scrape *)job;

	if (reader_ask(scrape->api->host.reader, &scrape->question))
		return;
	scrape->counts = false;
	finish(scrape);
}

void
api_metrics(struct api *api, struct http_request *request, const char *rest)
{
	struct scrape *scrape = mem_new(1, sizeof(*scrape));

	(void)rest;
	scrape->errand.job.type = JOB_ERRAND;
	scrape->errand.job.done = on_figures;
	scrape->errand.run = run_figures;
	scrape->errand.reads = true;
	scrape->question.ask = ask_backlog;
	scrape->question.answer = on_asked;
	scrape->api = api;
	scrape->request = request;
	scrape->counts =
		api->counted.at_us == 0 ||
		clock_monotonic_us(api->host.clock) - api->counted.at_us >=
			COUNTED_FRESH_US;
	scrape->now_ms = clock_wall_ms(api->host.clock);
	scrape->scores = json_array();
	scrape->backlog = json_array();
	scrape->segments = api->host.metric_segments(
		api->host.context, &scrape->max_series);
	keeper_submit(api->host.keeper, &scrape->errand.job, 0);
}

void
api_make_metrics(struct api *api)
{
	static const char *const none[] = {NULL};
	static const char *const action[] = {"action", NULL};
	static const char *const state[] = {"state", NULL};
	static const char *const score[] = {
		"survey", "window", "segment", "segment_value", NULL};
	struct metrics *metrics = api->host.metrics;

	api->score = metrics_family(metrics, METRIC_GAUGE, "npsd_score",
		"The Net Promoter Score, -100 to 100.", score, NULL);
	api->score_responses =
		metrics_family(metrics, METRIC_GAUGE, "npsd_score_responses",
			"Answers behind npsd_score.", score, NULL);
	api->pending =
		metrics_family(metrics, METRIC_GAUGE, "npsd_deliveries_pending",
			"Deliveries not at their end.", action, NULL);
	api->dead = metrics_family(metrics, METRIC_GAUGE,
		"npsd_deliveries_dead", "Deliveries given up.", action, NULL);
	api->oldest = metrics_family(metrics, METRIC_GAUGE,
		"npsd_oldest_pending_seconds",
		"Age of the oldest delivery not at its end.", action, NULL);
	api->follow_ups =
		metrics_family(metrics, METRIC_GAUGE, "npsd_follow_ups",
			"Follow-ups, of the last 10 seconds.", state, NULL);
	api->follow_ups_overdue =
		metrics_family(metrics, METRIC_GAUGE, "npsd_follow_ups_overdue",
			"Unfinished follow-ups past a deadline, of the last 10 "
			"seconds.",
			none, NULL);
	api->wal_bytes = metrics_family(metrics, METRIC_GAUGE, "npsd_wal_bytes",
		"Bytes of the database's WAL in use.", none, NULL);
	api->backup_stamp = metrics_family(metrics, METRIC_GAUGE,
		"npsd_backup_last_success_timestamp_seconds",
		"When the last backup succeeded.", none, NULL);
	api->process[PROCESS_CPU] = metrics_family(metrics, METRIC_COUNTER,
		"process_cpu_seconds_total", "CPU time.", none, NULL);
	api->process[PROCESS_RESIDENT] = metrics_family(metrics, METRIC_GAUGE,
		"process_resident_memory_bytes", "Resident memory.", none,
		NULL);
	api->process[PROCESS_FDS] = metrics_family(metrics, METRIC_GAUGE,
		"process_open_fds", "Open file descriptors.", none, NULL);
	api->process[PROCESS_MAX_FDS] = metrics_family(metrics, METRIC_GAUGE,
		"process_max_fds", "Most file descriptors.", none, NULL);
	api->process[PROCESS_START] = metrics_family(metrics, METRIC_GAUGE,
		"process_start_time_seconds", "When the process started.", none,
		NULL);
	metric_set(metric_at(api->process[PROCESS_START], none),
		(double)clock_wall_ms(api->host.clock) / 1e3);
}
