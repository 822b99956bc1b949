/* The exposition format: escapes, histograms, order, threads. */
#include <criterion/criterion.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/metrics.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

TestSuite(metrics);

static const char *const no_labels[] = {NULL};
static const char *const two_labels[] = {"source", "category", NULL};

static const char *
written(struct metrics *metrics, struct buf *out)
{
	buf_clear(out);
	buf_append(out, "", 0);
	metrics_write(metrics, out);
	return out->data;
}

Test(metrics, whole_exposition)
{
	static const double bounds[] = {0.005, 0.1, 2.5, 0};
	struct metrics *metrics = metrics_new();
	struct buf out = {0};
	struct metric_family *responses =
		metrics_family(metrics, METRIC_COUNTER, "npsd_responses_total",
			"Responses.", two_labels, NULL);
	struct metric_family *depth = metrics_family(metrics, METRIC_GAUGE,
		"npsd_inbox_depth", "A \\ and\na \"quote\".", no_labels, NULL);
	struct metric_family *commits =
		metrics_family(metrics, METRIC_HISTOGRAM, "npsd_commit_seconds",
			"Commits.", NULL, bounds);

	cr_assert_str_eq(written(metrics, &out), "", "no series, no family");
	metric_add(
		metric_at(responses, (const char *const[]){"web", "promoter"}),
		1);
	metric_add(metric_at(responses,
			   (const char *const[]){"spool", "detractor"}),
		2);
	metric_add(
		metric_at(responses, (const char *const[]){"web", "promoter"}),
		1);
	metric_at(responses, (const char *const[]){NULL, "a\\b\"c\nd\xFF"});
	metric_set(metric_at(depth, NULL), -0.25);
	struct metric *commit = metric_at(commits, NULL);

	metric_observe(commit, 0.005); /* bounds are included */
	metric_observe(commit, 0.006);
	metric_observe(commit, 2.5);
	metric_observe(commit, 100);
	static const char wanted[] =
		"# HELP npsd_responses_total Responses.\n"
		"# TYPE npsd_responses_total counter\n"
		"npsd_responses_total{source=\"\","
		"category=\"a\\\\b\\\"c\\nd\xEF\xBF\xBD\"} 0\n"
		"npsd_responses_total{source=\"spool\","
		"category=\"detractor\"} 2\n"
		"npsd_responses_total{source=\"web\",category=\"promoter\"} 2\n"
		"# HELP npsd_inbox_depth A \\\\ and\\na \"quote\".\n"
		"# TYPE npsd_inbox_depth gauge\n"
		"npsd_inbox_depth -0.25\n"
		"# HELP npsd_commit_seconds Commits.\n"
		"# TYPE npsd_commit_seconds histogram\n"
		"npsd_commit_seconds_bucket{le=\"0.005\"} 1\n"
		"npsd_commit_seconds_bucket{le=\"0.1\"} 2\n"
		"npsd_commit_seconds_bucket{le=\"2.5\"} 3\n"
		"npsd_commit_seconds_bucket{le=\"+Inf\"} 4\n"
		"npsd_commit_seconds_sum 102.511\n"
		"npsd_commit_seconds_count 4\n";

	cr_assert_str_eq(written(metrics, &out), wanted, "got\n%s", out.data);
	buf_done(&out);
	metrics_free(metrics);
	metrics_free(NULL);
}

Test(metrics, histogram_with_labels)
{
	static const char *const labels[] = {"action", NULL};
	static const double bounds[] = {1, 0};
	struct metrics *metrics = metrics_new();
	struct buf out = {0};
	struct metric_family *family = metrics_family(
		metrics, METRIC_HISTOGRAM, "h", "H.", labels, bounds);

	metric_observe(metric_at(family, (const char *const[]){"mail"}), NAN);
	cr_assert_str_eq(written(metrics, &out),
		"# HELP h H.\n# TYPE h histogram\n"
		"h_bucket{action=\"mail\",le=\"1\"} 0\n"
		"h_bucket{action=\"mail\",le=\"+Inf\"} 1\n"
		"h_sum{action=\"mail\"} NaN\n"
		"h_count{action=\"mail\"} 1\n",
		"got\n%s", out.data);
	buf_done(&out);
	metrics_free(metrics);
}

Test(metrics, values)
{
	static const struct {
		double value;
		const char *line;
	} rows[] = {
		{0, "g 0\n"},
		{1e9, "g 1000000000\n"},
		{1732179600.123, "g 1732179600.123\n"},
		{0.1, "g 0.1\n"},
		{1e100, "g 1e+100\n"},
		{NAN, "g NaN\n"},
		{INFINITY, "g +Inf\n"},
		{-INFINITY, "g -Inf\n"},
	};
	struct metrics *metrics = metrics_new();
	struct buf out = {0};
	struct metric_family *family = metrics_family(
		metrics, METRIC_GAUGE, "g", "G.", no_labels, NULL);
	struct metric *metric = metric_at(family, NULL);

	for (size_t i = 0; i < COUNT(rows); i++) {
		metric_set(metric, rows[i].value);
		const char *line =
			strstr(written(metrics, &out), "gauge\n") + 6;

		cr_assert_str_eq(line, rows[i].line, "row %zu: %s", i, line);
	}
	metric_set(metric, 3);
	cr_assert(metric_value(metric) == 3, "value");
	buf_done(&out);
	metrics_free(metrics);
}

Test(metrics, many_series_and_clear)
{
	static const char *const labels[] = {"rule", NULL};
	struct metrics *metrics = metrics_new();
	struct buf out = {0};
	struct metric_family *family =
		metrics_family(metrics, METRIC_GAUGE, "g", "G.", labels, NULL);
	struct metric *seen[1000];
	char name[16];
	const char *const values[] = {name};

	for (int i = 0; i < 1000; i++) {
		(void)snprintf(name, sizeof(name), "r%d", i * 7919 % 1000);
		seen[i] = metric_at(family, values);
		metric_set(seen[i], i);
	}
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(name, sizeof(name), "r%d", i * 7919 % 1000);
		cr_assert_eq(metric_at(family, values), seen[i], "r%d", i);
		cr_assert(metric_value(seen[i]) == i, "r%d", i);
	}
	metrics_clear(family);
	cr_assert_str_eq(written(metrics, &out), "", "all are gone");
	cr_assert(metric_value(metric_at(family, values)) == 0, "anew");
	buf_done(&out);
	metrics_free(metrics);
}

enum { COUNTERS = 4, ROUNDS = 20000 };

struct shared {
	struct metric_family *counter;
	struct metric_family *histogram;
};

static void *
count(void *context)
{
	const struct shared *shared = context;
	struct metric *counter = metric_at(shared->counter, NULL);
	struct metric *histogram = metric_at(shared->histogram, NULL);

	for (int i = 0; i < ROUNDS; i++) {
		metric_add(counter, 1);
		metric_observe(histogram, i % 2);
	}
	return NULL;
}

Test(metrics, threads_lose_nothing, .timeout = 60)
{
	static const double bounds[] = {0.5, 0};
	struct metrics *metrics = metrics_new();
	struct buf out = {0};
	struct shared shared = {
		metrics_family(
			metrics, METRIC_COUNTER, "c", "C.", no_labels, NULL),
		metrics_family(metrics, METRIC_HISTOGRAM, "h", "H.", no_labels,
			bounds),
	};
	pthread_t threads[COUNTERS];

	for (int i = 0; i < COUNTERS; i++)
		cr_assert_eq(pthread_create(&threads[i], NULL, count, &shared),
			0, "thread");
	written(metrics, &out); /* a scrape in between harms nobody */
	for (int i = 0; i < COUNTERS; i++)
		pthread_join(threads[i], NULL);
	cr_assert_not_null(strstr(written(metrics, &out), "c 80000\n"),
		"got\n%s", out.data);
	cr_assert_not_null(
		strstr(out.data, "h_bucket{le=\"0.5\"} 40000\n"), "half");
	cr_assert_not_null(strstr(out.data, "h_sum 40000\n"), "sum");
	cr_assert_not_null(strstr(out.data, "h_count 80000\n"), "count");
	buf_done(&out);
	metrics_free(metrics);
}
