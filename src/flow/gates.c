/* gates - what intake knows of each source. */
#include "flow/gates.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

/* ---- one ---- */

static struct metric *
of_source(struct metric_family *family, const char *source)
{
	return metric_at(family, (const char *const[]){source});
}

static struct gate *
gate_new(struct gates *gates, const char *name)
{
	struct gate *gate = mem_new(1, sizeof(*gate));
	const struct gates_metrics *metrics = &gates->metrics;

	gate->name = mem_strdup(name);
	gate->good = true;
	gate->next = gates->first;
	gates->first = gate;
	for (int i = 0; i < CATEGORIES; i++)
		gate->responses[i] = metric_at(metrics->responses,
			(const char *const[]){
				name, category_name((enum category)i)});
	gate->duplicates = of_source(metrics->duplicates, name);
	gate->amended = of_source(metrics->amended, name);
	gate->conflicts = of_source(metrics->conflicts, name);
	gate->behind = of_source(metrics->behind, name);
	gate->lost = of_source(metrics->lost, name);
	gate->last = of_source(metrics->last, name);
	gate->unverified = of_source(metrics->unverified, name);
	gate->ignored = of_source(metrics->ignored, name);
	return gate;
}

struct gate *
gates_find(struct gates *gates, const char *name)
{
	for (struct gate *gate = gates->first; gate != NULL; gate = gate->next)
		if (strcmp(gate->name, name) == 0)
			return gate;
	return gate_new(gates, name);
}

void
gate_set_health(struct gate *gate, bool good, const char *reason)
{
	bool news = gate->good != good;
	struct buf text = {0};

	gate->good = good;
	free(gate->reason);
	/* It may name a file, and names are bytes. */
	if (!good)
		text_append_escaped(&text, reason, strlen(reason), SIZE_MAX);
	gate->reason = good ? NULL : buf_take(&text);
	if (news && good)
		log_notice("source %s: works again", gate->name);
	else if (news)
		log_warning("source %s: %s", gate->name, reason);
}

void
gate_tell_unverified(
	struct gate *gate, const struct clock *clock, const char *reason)
{
	int64_t held;

	metric_add(gate->unverified, 1);
	if (log_limit_passes(&gate->unverified_limit, clock_monotonic_us(clock),
		    1000000, &held))
		log_warning("source %s: a request was refused: %s%s",
			gate->name, reason,
			held > 0 ? " (others before it not shown)" : "");
}

/* ---- what became of records ---- */

static void
count_record(struct gates *gates, struct gate *gate,
	const struct record *record, const struct response *response)
{
	if (record->settled_rejected) {
		metric_add(metric_at(gates->metrics.rejected,
				   (const char *const[]){gate->name,
					   rejection_reason_name(
						   record->rejection.reason)}),
			1);
		return;
	}
	if (response == NULL) /* news of a follow-up */
		return;
	switch (record->standing) {
	case STANDING_NEW:
		if (response->kind == RESPONSE_ANSWER)
			metric_add(gate->responses[response->category], 1);
		break;
	case STANDING_AMENDS:
		metric_add(gate->amended, 1);
		break;
	case STANDING_CONFLICT:
		metric_add(gate->conflicts, 1);
		break;
	case STANDING_DUPLICATE:
	case STANDING_LATE:
		metric_add(gate->duplicates, 1);
		break;
	}
}

/* One line for each refused record, at most one a second and source. */
static void
tell_rejected(struct gates *gates, struct gate *gate, const struct batch *batch,
	const struct record *record)
{
	int64_t held;
	char line[24] = "";

	if (!log_limit_passes(&gate->limit, clock_monotonic_us(gates->clock),
		    1000000, &held))
		return;
	if (record->line > 0)
		snprintf(line, sizeof(line), ":%lld", (long long)record->line);
	log_warning("source %s: %s%s refused (%s): %s [rejected %lld%s]",
		gate->name, batch->label, line,
		rejection_reason_name(record->rejection.reason),
		/* It names the columns, which are a customer's where the
		 * heading is missing. */
		record->rejection.reason == REJECTED_CSV
			? "npsd rejected tells why"
			: record->rejection.text,
		(long long)record->row,
		held > 0 ? ", others before it not shown" : "");
}

void
gates_count(struct gates *gates, const struct keep_job *job)
{
	const struct batch *batch = job->batch;
	struct gate *gate = gates_find(gates, batch_source(batch));
	int64_t rejected = 0;

	for (size_t i = 0; i < batch->count; i++) {
		const struct record *record = &batch->records[i];

		count_record(gates, gate, record, job->responses[i]);
		if (!record->settled_rejected)
			continue;
		rejected++;
		tell_rejected(gates, gate, batch, record);
	}
	gate->rejected += rejected;
	if ((int64_t)batch->count == rejected)
		return;
	gate->last_ms = clock_wall_ms(gates->clock);
	metric_set(gate->last, (double)gate->last_ms / 1e3);
}

/* ---- all of them ---- */

static void
make_metrics(struct gates *gates, struct metrics *metrics)
{
	static const char *const source[] = {"source", NULL};
	static const char *const category[] = {"source", "category", NULL};
	static const char *const reason[] = {"source", "reason", NULL};
	struct gates_metrics *made = &gates->metrics;

	made->responses =
		metrics_family(metrics, METRIC_COUNTER, "npsd_responses_total",
			"Answers counted, by class.", category, NULL);
	made->duplicates = metrics_family(metrics, METRIC_COUNTER,
		"npsd_duplicates_total",
		"Answers that were known already, or late.", source, NULL);
	made->amended =
		metrics_family(metrics, METRIC_COUNTER, "npsd_amended_total",
			"Answers amended by a later revision.", source, NULL);
	made->conflicts =
		metrics_family(metrics, METRIC_COUNTER, "npsd_conflicts_total",
			"Answers with a known identity and other content.",
			source, NULL);
	made->rejected =
		metrics_family(metrics, METRIC_COUNTER, "npsd_rejected_total",
			"Records refused, by reason.", reason, NULL);
	made->last = metrics_family(metrics, METRIC_GAUGE,
		"npsd_source_last_response_timestamp_seconds",
		"When the last good answer of a source came.", source, NULL);
	made->lost = metrics_family(metrics, METRIC_COUNTER,
		"npsd_spool_losses_total",
		"Times that answers may have been lost before they were read.",
		source, NULL);
	made->behind = metrics_family(metrics, METRIC_GAUGE,
		"npsd_spool_bytes_behind", "Bytes not read yet.", source, NULL);
	made->unverified = metrics_family(metrics, METRIC_COUNTER,
		"npsd_verify_failures_total",
		"Requests refused for their signature or token.", source, NULL);
	made->ignored = metrics_family(metrics, METRIC_COUNTER,
		"npsd_ignored_total", "Requests of which a map made no answer.",
		source, NULL);
}

void
gates_init(
	struct gates *gates, struct metrics *metrics, const struct clock *clock)
{
	*gates = (struct gates){.clock = clock};
	make_metrics(gates, metrics);
}

void
gates_done(struct gates *gates)
{
	while (gates->first != NULL) {
		struct gate *gate = gates->first;

		gates->first = gate->next;
		free(gate->name);
		free(gate->reason);
		free(gate);
	}
}

json_t *
gates_state(const struct gates *gates)
{
	json_t *state = json_array();

	for (const struct gate *gate = gates->first; gate != NULL;
		gate = gate->next) {
		json_t *item = json_pack("{s:s, s:b, s:I, s:I}", "source",
			gate->name, "healthy", gate->good, "behind_bytes",
			(json_int_t)gate->behind_bytes, "rejected",
			(json_int_t)gate->rejected);
		char text[TIME_TEXT_BYTES];

		if (gate->open == 0) {
			json_decref(item);
			continue;
		}
		if (gate->reason != NULL)
			json_object_set_new(
				item, "reason", json_string(gate->reason));
		if (gate->last_ms > 0) {
			time_to_rfc3339(gate->last_ms, text);
			json_object_set_new(
				item, "last_response", json_string(text));
		}
		json_array_append_new(state, item);
	}
	return state;
}
