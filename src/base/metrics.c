/*
 * metrics - families of series and their exposition. What is counted, and
 * when, is the business of those who hold the pointers.
 *
 * The lock of a registry guards which families and series there are; values
 * are atomics and need none.
 */
#include "base/metrics.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

struct metric {
	const struct metric_family *family;
	char *labels;	      /* as exposed, without braces: a="x",b="y" */
	_Atomic double value; /* the sum, for a histogram */
	/* Of a histogram: observations up to each bound and above the one
	 * before it; the one after the last bound is +Inf's. */
	_Atomic uint64_t buckets[METRIC_BUCKETS_LIMIT + 1];
};

struct metric_family {
	struct metrics *owner;
	enum metric_type type;
	const char *name;
	const char *help;
	const char *const *labels;
	const double *bounds;
	size_t bound_count;
	/* Sorted by their labels' text. */
	struct metric **series;
	size_t count;
	size_t capacity;
	struct metric_family *next;
};

struct metrics {
	pthread_mutex_t lock;
	struct metric_family *first;
	struct metric_family **end; /* where the next family goes */
};

struct metrics *
metrics_new(void)
{
	struct metrics *metrics = mem_new(1, sizeof(*metrics));

	pthread_mutex_init(&metrics->lock, NULL);
	metrics->end = &metrics->first;
	return metrics;
}

static void
drop_series(struct metric_family *family)
{
	for (size_t i = 0; i < family->count; i++) {
		free(family->series[i]->labels);
		free(family->series[i]);
	}
	family->count = 0;
}

void
metrics_free(struct metrics *metrics)
{
	if (!metrics)
		return;
	while (metrics->first) {
		struct metric_family *family = metrics->first;

		metrics->first = family->next;
		drop_series(family);
		free(family->series);
		free(family);
	}
	pthread_mutex_destroy(&metrics->lock);
	free(metrics);
}

struct metric_family *
metrics_family(struct metrics *metrics, enum metric_type type, const char *name,
	const char *help, const char *const *labels, const double *bounds)
{
	struct metric_family *family = mem_new(1, sizeof(*family));

	family->owner = metrics;
	family->type = type;
	family->name = name;
	family->help = help;
	family->labels = labels;
	family->bounds = bounds;
	while (bounds && family->bound_count < METRIC_BUCKETS_LIMIT &&
		bounds[family->bound_count] != 0)
		family->bound_count++;
	pthread_mutex_lock(&metrics->lock);
	*metrics->end = family;
	metrics->end = &family->next;
	pthread_mutex_unlock(&metrics->lock);
	return family;
}

/* Appends the text with what the format cannot carry escaped; bytes that are
 * not UTF-8 become U+FFFD. */
static void
append_escaped(struct buf *out, const char *text, bool quotes)
{
	size_t length = strlen(text);

	for (size_t i = 0; i < length;) {
		size_t bytes = text_sequence(text + i, length - i, NULL);

		if (!bytes)
			buf_append_text(out, "\xEF\xBF\xBD");
		else if (text[i] == '\\')
			buf_append_text(out, "\\\\");
		else if (text[i] == '\n')
			buf_append_text(out, "\\n");
		else if (text[i] == '"' && quotes)
			buf_append_text(out, "\\\"");
		else
			buf_append(out, text + i, bytes);
		i += bytes ? bytes : 1;
	}
}

/* The labels as they are exposed; the caller frees it. */
static char *
labels_text(const struct metric_family *family, const char *const *values)
{
	struct buf text = {0};

	for (size_t i = 0; family->labels && family->labels[i]; i++) {
		const char *value = values ? values[i] : NULL;

		if (i)
			buf_append_char(&text, ',');
		buf_printf(&text, "%s=\"", family->labels[i]);
		append_escaped(&text, value ? value : "", true);
		buf_append_char(&text, '"');
	}
	return buf_take(&text);
}

/* Where the series with these labels is or belongs. */
static size_t
find_series(const struct metric_family *family, const char *labels, bool *found)
{
	size_t low = 0;
	size_t high = family->count;

	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(family->series[middle]->labels, labels);

		if (order == 0) {
			*found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Takes the labels. */
static struct metric *
add_series(struct metric_family *family, size_t at, char *labels)
{
	struct metric *metric = mem_new(1, sizeof(*metric));

	metric->family = family;
	metric->labels = labels;
	if (family->count == family->capacity) {
		family->capacity = family->capacity ? family->capacity * 2 : 4;
		family->series = mem_grow(family->series, family->capacity,
			sizeof(struct metric *));
	}
	memmove(family->series + at + 1, family->series + at,
		(family->count - at) * sizeof(struct metric *));
	family->series[at] = metric;
	family->count++;
	return metric;
}

struct metric *
metric_at(struct metric_family *family, const char *const *values)
{
	char *labels = labels_text(family, values);
	struct metric *metric;
	bool found;

	pthread_mutex_lock(&family->owner->lock);
	size_t at = find_series(family, labels, &found);

	if (found) {
		metric = family->series[at];
		free(labels);
	} else {
		metric = add_series(family, at, labels);
	}
	pthread_mutex_unlock(&family->owner->lock);
	return metric;
}

void
metrics_clear(struct metric_family *family)
{
	pthread_mutex_lock(&family->owner->lock);
	drop_series(family);
	pthread_mutex_unlock(&family->owner->lock);
}

void
metric_add(struct metric *metric, double amount)
{
	double old = atomic_load_explicit(&metric->value, memory_order_relaxed);

	while (!atomic_compare_exchange_weak_explicit(&metric->value, &old,
		old + amount, memory_order_relaxed, memory_order_relaxed))
		;
}

void
metric_set(struct metric *metric, double value)
{
	atomic_store_explicit(&metric->value, value, memory_order_relaxed);
}

void
metric_observe(struct metric *metric, double value)
{
	const struct metric_family *family = metric->family;
	size_t i = 0;

	while (i < family->bound_count && !(value <= family->bounds[i]))
		i++;
	atomic_fetch_add_explicit(&metric->buckets[i], 1, memory_order_relaxed);
	metric_add(metric, value);
}

double
metric_value(const struct metric *metric)
{
	return atomic_load_explicit(&metric->value, memory_order_relaxed);
}

static void
append_number(struct buf *out, double value)
{
	if (isnan(value))
		buf_append_text(out, "NaN");
	else if (isinf(value))
		buf_append_text(out, value > 0 ? "+Inf" : "-Inf");
	else
		text_append_double(out, value);
}

/* "name_suffix{labels,le="0.5"} " with what there is of it. */
static void
append_name(struct buf *out, const struct metric *metric, const char *suffix,
	const double *bound)
{
	buf_printf(out, "%s%s", metric->family->name, suffix);
	if (*metric->labels || bound) {
		buf_printf(out, "{%s", metric->labels);
		if (bound) {
			buf_append_text(
				out, *metric->labels ? ",le=\"" : "le=\"");
			append_number(out, *bound);
			buf_append_char(out, '"');
		}
		buf_append_char(out, '}');
	}
	buf_append_char(out, ' ');
}

static void
append_histogram(struct buf *out, const struct metric *metric)
{
	static const double infinite = INFINITY;
	const struct metric_family *family = metric->family;
	uint64_t count = 0;

	/* The count is what the buckets held when they were read, so that both
	 * agree even while somebody observes. */
	for (size_t i = 0; i <= family->bound_count; i++) {
		count += atomic_load_explicit(
			&metric->buckets[i], memory_order_relaxed);
		append_name(out, metric, "_bucket",
			i < family->bound_count ? &family->bounds[i]
						: &infinite);
		buf_printf(out, "%llu\n", (unsigned long long)count);
	}
	append_name(out, metric, "_sum", NULL);
	append_number(out, metric_value(metric));
	buf_append_char(out, '\n');
	append_name(out, metric, "_count", NULL);
	buf_printf(out, "%llu\n", (unsigned long long)count);
}

static void
append_family(struct buf *out, const struct metric_family *family)
{
	static const char *const types[] = {
		[METRIC_COUNTER] = "counter",
		[METRIC_GAUGE] = "gauge",
		[METRIC_HISTOGRAM] = "histogram",
	};

	buf_printf(out, "# HELP %s ", family->name);
	append_escaped(out, family->help, false);
	buf_printf(out, "\n# TYPE %s %s\n", family->name, types[family->type]);
	for (size_t i = 0; i < family->count; i++) {
		if (family->type == METRIC_HISTOGRAM) {
			append_histogram(out, family->series[i]);
			continue;
		}
		append_name(out, family->series[i], "", NULL);
		append_number(out, metric_value(family->series[i]));
		buf_append_char(out, '\n');
	}
}

void
metrics_write(struct metrics *metrics, struct buf *out)
{
	pthread_mutex_lock(&metrics->lock);
	for (const struct metric_family *family = metrics->first; family;
		family = family->next)
		if (family->count)
			append_family(out, family);
	pthread_mutex_unlock(&metrics->lock);
}
