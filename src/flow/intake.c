/* intake - from a source's bytes to the keeper, and back to the source. */
#include "flow/intake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "crypt/uuid.h"
#include "flow/gates.h"

enum {
	/* Memory that one record costs while it waits, beside its bytes
	 * (several times: text, tree, content). */
	INTAKE_RECORD_BYTES = 1024,
	INTAKE_BYTES_FACTOR = 4,
};

struct intake {
	struct intake_settings settings;
	struct source_host host;
	struct wall_watch wall;
	struct gates gates;
	struct metric *depth;
	struct gate *served; /* who got room last */
	json_t *places;	     /* source -> key -> place */
	size_t under_way;
	bool draining;
};

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
		gates_count(&intake->gates, job);
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
		gates_find(&intake->gates, batch->source->name)->waiting =
			batch->source;
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
	metric_set(intake->depth, (double)keeper_depth(keeper));
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
	struct intake *intake = context;

	metric_add(gates_find(&intake->gates, source)->lost, 1);
}

static void
on_behind(void *context, const char *source, int64_t bytes)
{
	struct intake *intake = context;
	struct gate *gate = gates_find(&intake->gates, source);

	gate->behind_bytes = bytes;
	metric_set(gate->behind, (double)bytes);
}

static void
on_health(void *context, const char *source, bool good, const char *reason)
{
	struct intake *intake = context;

	gate_set_health(gates_find(&intake->gates, source), good, reason);
}

static void
on_unverified(void *context, const char *source, const char *reason)
{
	struct intake *intake = context;

	gate_tell_unverified(gates_find(&intake->gates, source),
		intake->settings.clock, reason);
}

static void
on_ignored(void *context, const char *source)
{
	struct intake *intake = context;

	metric_add(gates_find(&intake->gates, source)->ignored, 1);
}

static void
on_closed(void *context, struct source *source)
{
	struct intake *intake = context;

	intake->settings.on_closed(intake->settings.context, source);
}

struct intake *
intake_new(const struct intake_settings *settings)
{
	static const char *const none[] = {NULL};
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
	gates_init(&intake->gates, settings->metrics, settings->clock);
	intake->depth = metric_at(
		metrics_family(settings->metrics, METRIC_GAUGE,
			"npsd_inbox_depth",
			"Memory that answers waiting for a commit hold, in "
			"bytes.",
			none, NULL),
		none);
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
	return gate != NULL && gate->next != NULL ? gate->next
						  : intake->gates.first;
}

/* Each in turn is first, for the first may take all the room there is. */
void
intake_room(struct intake *intake)
{
	struct keeper *keeper = intake->settings.keeper;
	struct gate *first = next_gate(intake, intake->served), *gate = first;

	metric_set(intake->depth, (double)keeper_depth(keeper));
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
	gates_find(&intake->gates, name)->open++;
}

void
intake_close_source(struct intake *intake, struct source *source)
{
	struct gate *gate = gates_find(&intake->gates, source->name);

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
	return gates_state(&intake->gates);
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
	gates_done(&intake->gates);
	json_decref(intake->places);
	free(intake);
}
