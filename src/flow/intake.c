/* intake - from a source's bytes to the keeper, and back to the source. */
#include "flow/intake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "crypt/uuid.h"

enum {
	/* Memory that one record costs while it waits, beside its bytes
	 * (several times: text, tree, content). */
	INTAKE_RECORD_BYTES = 1024,
	INTAKE_BYTES_FACTOR = 4,
};

/* What intake knows of one source. */
struct gate {
	struct gate *next;
	char *name;
	int open;		/* sources of this name */
	struct source *waiting; /* for room, or NULL */
	bool good;
	char *reason;
	int64_t behind_bytes;
	int64_t last_ms;  /* when the last answer was taken */
	int64_t rejected; /* records, since the start */
	struct log_limit limit, unverified_limit;
	struct metric *unverified, *ignored;
	struct metric *responses[CATEGORIES];
	struct metric *duplicates, *amended, *conflicts, *behind, *lost, *last;
};

struct intake_metrics {
	struct metric_family *responses, *duplicates, *amended, *conflicts,
		*rejected, *last, *behind, *lost, *unverified, *ignored;
	struct metric *depth;
};

struct intake {
	struct intake_settings settings;
	struct source_host host;
	struct wall_watch wall;
	struct intake_metrics metrics;
	struct gate *gates;
	struct gate *served; /* who got room last */
	json_t *places;	     /* source -> key -> place */
	size_t under_way;
	bool draining;
};

static struct metric *
of_source(struct metric_family *family, const char *source)
{
	return metric_at(family, (const char *const[]){source});
}

static struct gate *
gate_new(struct intake *intake, const char *name)
{
	struct gate *gate = mem_new(1, sizeof(*gate));
	const struct intake_metrics *metrics = &intake->metrics;

	gate->name = mem_strdup(name);
	gate->good = true;
	gate->next = intake->gates;
	intake->gates = gate;
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

static struct gate *
gate_of(struct intake *intake, const char *name)
{
	for (struct gate *gate = intake->gates; gate != NULL; gate = gate->next)
		if (strcmp(gate->name, name) == 0)
			return gate;
	return gate_new(intake, name);
}

/* ---- decoding ---- */

static void
give_id(struct response *response, const struct batch *batch,
	const struct record *record)
{
	char id[UUID_TEXT_BYTES];
	char *name = NULL;

	if (response->id != NULL)
		return;
	if (record->id_name != NULL && record->id_name_is_id) {
		response_set_id(response, record->id_name);
		return;
	}
	if (record->id_name != NULL)
		name = mem_strdup(record->id_name);
	else if (batch->id_prefix != NULL)
		name = mem_printf("%s%lld", batch->id_prefix,
			(long long)record->id_number);
	if (name != NULL)
		uuid_from_name(name, strlen(name), id);
	else
		uuid_random(id);
	free(name);
	response_set_id(response, id);
}

static void
refuse(struct record *record)
{
	struct rejection *why = &record->rejection;

	if (why->text[0] != '\0')
		return; /* the source has said why */
	memset(why, 0, sizeof(*why));
	why->reason = record->reason;
	if (record->reason == REJECTED_TOO_LONG)
		snprintf(why->text, sizeof(why->text),
			"the record has %zu bytes; the limit is %d",
			record->full_length, RESPONSE_LIMIT_BYTES);
	else
		snprintf(why->text, sizeof(why->text),
			"the last line has no end and is no whole record");
}

static struct response *
decode(struct intake *intake, struct batch *batch, struct record *record)
{
	struct response_defaults defaults = {
		.survey = batch_survey(batch),
		.missing_ms = batch->missing_ms,
		.contact_ok = intake->settings.contact_default,
		.mapped = batch->mapped,
		.now_ms = clock_wall_ms(intake->settings.clock),
	};
	struct response *response;

	if (record->refused) {
		refuse(record);
		return NULL;
	}
	if (record->value != NULL)
		response = response_from_json(json_incref(record->value),
			&defaults, &record->rejection);
	else
		response = response_decode(batch->bytes.data + record->offset,
			record->length, &defaults, &record->rejection);
	if (response != NULL)
		give_id(response, batch, record);
	else if (batch->locate != NULL)
		batch->locate(batch, record, &record->rejection);
	return response;
}

/* ---- settling ---- */

static void
count_record(struct intake *intake, struct gate *gate,
	const struct record *record, const struct response *response)
{
	if (record->settled_rejected) {
		metric_add(metric_at(intake->metrics.rejected,
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
tell_rejected(struct intake *intake, struct gate *gate,
	const struct batch *batch, const struct record *record)
{
	int64_t held;
	char line[24] = "";

	if (!log_limit_passes(&gate->limit,
		    clock_monotonic_us(intake->settings.clock), 1000000, &held))
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

static void
count_batch(struct intake *intake, const struct keep_job *job)
{
	const struct batch *batch = job->batch;
	struct gate *gate = gate_of(intake, batch_source(batch));
	int64_t rejected = 0;

	for (size_t i = 0; i < batch->count; i++) {
		const struct record *record = &batch->records[i];

		count_record(intake, gate, record, job->responses[i]);
		if (!record->settled_rejected)
			continue;
		rejected++;
		tell_rejected(intake, gate, batch, record);
	}
	gate->rejected += rejected;
	if ((int64_t)batch->count == rejected)
		return;
	gate->last_ms = clock_wall_ms(intake->settings.clock);
	metric_set(gate->last, (double)gate->last_ms / 1e3);
}

/* Tells who listens of what was kept, and frees the notes. */
static void
tell_listeners(struct intake *intake, struct keep_job *job)
{
	const struct batch *batch = job->batch;

	if (job->notes == NULL)
		return;
	for (size_t i = 0; i < batch->count; i++) {
		if (batch->kept)
			tap_tell_record(intake->settings.tap, batch,
				&batch->records[i], job->responses[i],
				job->notes[i]);
		free(job->notes[i]);
	}
	free(job->notes);
}

static void
on_kept(struct job *base)
{
	struct keep_job *job = (struct keep_job *)base;
	struct intake *intake = base->context;
	struct batch *batch = job->batch;

	intake->under_way--;
	batch->kept = base->good;
	if (base->good) {
		count_batch(intake, job);
		if (job->claimed != NULL)
			dispatch_take(intake->settings.dispatch, job->claimed);
	}
	tell_listeners(intake, job);
	for (size_t i = 0; i < batch->count; i++)
		response_free(job->responses[i]);
	free(job->responses);
	free(job);
	batch->source->kind->settled(batch->source, batch);
}

/* ---- the host ---- */

static size_t
weight_of(const struct batch *batch)
{
	size_t bytes = batch->bytes.length;

	for (size_t i = 0; i < batch->count; i++)
		if (batch->records[i].value != NULL)
			bytes += RESPONSE_LIMIT_BYTES / 16;
	return bytes * INTAKE_BYTES_FACTOR + batch->count * INTAKE_RECORD_BYTES;
}

static bool
on_has_room(void *context)
{
	const struct intake *intake = context;

	return !intake->draining && !keeper_is_full(intake->settings.keeper);
}

static bool
on_offer(void *context, struct batch *batch)
{
	struct intake *intake = context;
	struct keeper *keeper = intake->settings.keeper;
	struct keep_job *job;

	/* Asked before decoding: a full house costs nothing. */
	if (intake->draining)
		return false;
	if (keeper_is_full(keeper)) {
		gate_of(intake, batch->source->name)->waiting = batch->source;
		return false;
	}
	job = mem_new(1, sizeof(*job));
	job->job.type = JOB_KEEP;
	job->job.done = on_kept;
	job->job.context = intake;
	job->batch = batch;
	job->responses = mem_new(batch->count + 1, sizeof(struct response *));
	if (tap_is_open(intake->settings.tap))
		job->notes = mem_new(batch->count + 1, sizeof(char *));
	for (size_t i = 0; i < batch->count; i++)
		job->responses[i] = decode(intake, batch, &batch->records[i]);
	intake->under_way++;
	/* There was some room; one batch may pass it. */
	keeper_submit(keeper, &job->job, weight_of(batch));
	metric_set(intake->metrics.depth, (double)keeper_depth(keeper));
	return true;
}

static bool
on_each_place(void *context, const char *source,
	void (*on_place)(const char *key, const char *place, void *to),
	void *to, struct err *err)
{
	const struct intake *intake = context;
	const char *key;
	json_t *place;

	(void)err;
	json_object_foreach(json_object_get(intake->places, source), key, place)
		on_place(key, json_string_value(place), to);
	return true;
}

static const struct source *
on_find(void *context, const char *source)
{
	const struct intake *intake = context;

	return intake->settings.find != NULL
		       ? intake->settings.find(intake->settings.context, source)
		       : NULL;
}

static void
on_lost(void *context, const char *source)
{
	metric_add(gate_of(context, source)->lost, 1);
}

static void
on_behind(void *context, const char *source, int64_t bytes)
{
	struct gate *gate = gate_of(context, source);

	gate->behind_bytes = bytes;
	metric_set(gate->behind, (double)bytes);
}

static void
on_health(void *context, const char *source, bool good, const char *reason)
{
	struct intake *intake = context;
	struct gate *gate = gate_of(intake, source);
	bool news = gate->good != good;
	struct buf text = {0};

	gate->good = good;
	free(gate->reason);
	/* It may name a file, and names are bytes. */
	if (!good)
		text_append_escaped(&text, reason, strlen(reason), SIZE_MAX);
	gate->reason = good ? NULL : buf_take(&text);
	if (news && good)
		log_notice("source %s: works again", source);
	else if (news)
		log_warning("source %s: %s", source, reason);
}

static void
on_unverified(void *context, const char *source, const char *reason)
{
	struct intake *intake = context;
	struct gate *gate = gate_of(intake, source);
	int64_t held;

	metric_add(gate->unverified, 1);
	if (log_limit_passes(&gate->unverified_limit,
		    clock_monotonic_us(intake->settings.clock), 1000000, &held))
		log_warning("source %s: a request was refused: %s%s", source,
			reason,
			held > 0 ? " (others before it not shown)" : "");
}

static void
on_ignored(void *context, const char *source)
{
	metric_add(gate_of(context, source)->ignored, 1);
}

static void
on_closed(void *context, struct source *source)
{
	struct intake *intake = context;

	intake->settings.on_closed(intake->settings.context, source);
}

static void
make_metrics(struct intake *intake)
{
	static const char *const none[] = {NULL};
	static const char *const source[] = {"source", NULL};
	static const char *const category[] = {"source", "category", NULL};
	static const char *const reason[] = {"source", "reason", NULL};
	struct metrics *metrics = intake->settings.metrics;
	struct intake_metrics *made = &intake->metrics;

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
	made->depth = metric_at(
		metrics_family(metrics, METRIC_GAUGE, "npsd_inbox_depth",
			"Memory that answers waiting for a commit hold, in "
			"bytes.",
			none, NULL),
		none);
}

struct intake *
intake_new(const struct intake_settings *settings)
{
	struct intake *intake = mem_new(1, sizeof(*intake));

	intake->settings = *settings;
	intake->places = json_object();
	intake->host = (struct source_host){
		.context = intake,
		.loop = settings->loop,
		.clock = settings->clock,
		.wall = &intake->wall,
		.offer = on_offer,
		.has_room = on_has_room,
		.each_place = on_each_place,
		.find = on_find,
		.lost = on_lost,
		.behind = on_behind,
		.closed = on_closed,
		.unverified = on_unverified,
		.ignored = on_ignored,
		.health = on_health,
	};
	wall_watch_believes(&intake->wall, settings->clock);
	make_metrics(intake);
	return intake;
}

void
intake_set_contact_default(struct intake *intake, bool contact_ok)
{
	intake->settings.contact_default = contact_ok;
}

void
intake_add_place(struct intake *intake, const char *source, const char *key,
	const char *place)
{
	json_t *places = json_object_get(intake->places, source);

	if (places == NULL) {
		places = json_object();
		json_object_set_new(intake->places, source, places);
	}
	json_object_set_new(places, key, json_string(place));
}

void
intake_forget_places(struct intake *intake)
{
	json_object_clear(intake->places);
}

const struct source_host *
intake_host(const struct intake *intake)
{
	return &intake->host;
}

void
intake_drain(struct intake *intake)
{
	intake->draining = true;
}

/* Round and round. */
static struct gate *
next_gate(const struct intake *intake, const struct gate *gate)
{
	return gate != NULL && gate->next != NULL ? gate->next : intake->gates;
}

/* Each in turn is first, for the first may take all the room there is. */
void
intake_room(struct intake *intake)
{
	struct keeper *keeper = intake->settings.keeper;
	struct gate *first = next_gate(intake, intake->served), *gate = first;

	metric_set(intake->metrics.depth, (double)keeper_depth(keeper));
	if (gate == NULL)
		return;
	do {
		struct source *source = gate->waiting;

		if (keeper_is_full(keeper))
			return;
		gate->waiting = NULL;
		if (source != NULL) {
			intake->served = gate;
			source->kind->room(source);
		}
		gate = next_gate(intake, gate);
	} while (gate != first);
}

void
intake_source_opened(struct intake *intake, const char *name)
{
	gate_of(intake, name)->open++;
}

void
intake_close_source(struct intake *intake, struct source *source)
{
	struct gate *gate = gate_of(intake, source->name);

	if (gate->waiting == source)
		gate->waiting = NULL;
	/* The last of its name takes its troubles with it. */
	if (--gate->open == 0) {
		gate->good = true;
		free(gate->reason);
		gate->reason = NULL;
		gate->behind_bytes = 0;
		metric_set(gate->behind, 0);
	}
	source->kind->close(source);
}

json_t *
intake_state(const struct intake *intake)
{
	json_t *state = json_array();

	for (const struct gate *gate = intake->gates; gate != NULL;
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

size_t
intake_under_way(const struct intake *intake)
{
	return intake->under_way;
}

void
intake_free(struct intake *intake)
{
	if (intake == NULL)
		return;
	while (intake->gates != NULL) {
		struct gate *gate = intake->gates;

		intake->gates = gate->next;
		free(gate->name);
		free(gate->reason);
		free(gate);
	}
	json_decref(intake->places);
	free(intake);
}
