/*
 * metrics - counters, gauges and histograms in Prometheus' text format 0.0.4
 * (prometheus.io/docs/instrumenting/exposition_formats).
 *
 * Families are made once at start; a series appears when it is first asked for.
 * Values may be changed by any thread (atomics); metric_at takes a lock, so
 * hot paths keep the pointer. A label value never carries personal data.
 */
#ifndef NPSD_BASE_METRICS_H
#define NPSD_BASE_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };
enum { METRIC_LABELS_LIMIT = 5, METRIC_BUCKETS_LIMIT = 20 };

struct metrics;
struct metric_family;
struct metric;

struct metrics *metrics_new(void);
void metrics_free(struct metrics *metrics);

/* labels: names, ended by NULL; bounds: upper bounds of a histogram in its
 * unit, ascending, ended by 0 (NULL for the other types). Strings are lent for
 * the life of the program (literals). */
struct metric_family *metrics_family(struct metrics *metrics,
	enum metric_type type, const char *name, const char *help,
	const char *const *labels, const double *bounds);

/* The series with these label values (as many as labels; NULL values print as
 * ""), made with value 0 if it is new. Lives as long as the family, unless
 * metrics_clear drops it. */
struct metric *metric_at(
	struct metric_family *family, const char *const *values);
/* Drops all series of a gauge family (it is filled anew at each scrape). */
void metrics_clear(struct metric_family *family);

void metric_add(struct metric *metric, double amount);
void metric_set(struct metric *metric, double value);
void metric_observe(struct metric *metric, double value);
double metric_value(const struct metric *metric);

/* Appends the whole exposition. Families without series are left out. */
void metrics_write(struct metrics *metrics, struct buf *out);

#endif
