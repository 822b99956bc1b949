/*
 * row_json - rows as JSON objects.
 */
#include "store/row_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/json_value.h"
#include "base/text.h"
#include "base/time.h"
#include "store/store_storm.h"

/* ---- values ---- */

/* Bytes that came from outside: what is no UTF-8 is escaped. */
static json_t *
bytes_or_null(const char *bytes, size_t length)
{
	struct buf escaped = {0};

	if (!bytes)
		return json_null();
	if (text_is_utf8(bytes, length, NULL))
		return json_stringn(bytes, length);
	text_append_escaped(&escaped, bytes, length, length);
	json_t *string = json_stringn(escaped.data, escaped.length);

	buf_done(&escaped);
	return string;
}

static json_t *
text_or_null(const char *text)
{
	return bytes_or_null(text, text ? strlen(text) : 0);
}

static json_t *
row_or_null(int64_t row)
{
	char text[24];

	if (!row)
		return json_null();
	snprintf(text, sizeof(text), "%" PRId64, row);
	return json_string(text);
}

static json_t *
number_or_null(int64_t number, bool known)
{
	return known ? json_integer(number) : json_null();
}

/* What the store keeps as JSON text; null where it cannot be read. */
static json_t *
value_or_null(const char *text, size_t length)
{
	struct json_fault fault;
	json_t *value = text ? json_read(text, length, &fault) : NULL;

	return value ? value : json_null();
}

/* ---- answers ---- */

static void
add_revision(json_t *object, const struct answer_row *answer, bool counts)
{
	json_object_set_new(object, "revision", json_integer(answer->revision));
	json_object_set_new(object, "source", text_or_null(answer->source));
	json_object_set_new(
		object, "score", number_or_null(answer->score, counts));
	json_object_set_new(object, "category",
		counts ? json_string(category_name(answer->category))
		       : json_null());
	json_object_set_new(
		object, "answered_at", json_time(answer->answered_ms));
	json_object_set_new(
		object, "arrived_at", json_time(answer->arrived_ms));
	json_object_set_new(object, "customer", text_or_null(answer->customer));
	json_object_set_new(object, "account", text_or_null(answer->account));
	json_object_set_new(object, "response",
		value_or_null(answer->content, answer->content_length));
}

json_t *
row_json_answer(const struct answer_row *answer)
{
	json_t *object = json_object();
	bool is_answer = answer->kind == RESPONSE_ANSWER;

	json_object_set_new(object, "row", row_or_null(answer->row));
	json_object_set_new(object, "survey", text_or_null(answer->survey));
	json_object_set_new(object, "id", text_or_null(answer->id));
	json_object_set_new(object, "kind",
		json_string(is_answer ? "answer" : "invitation"));
	add_revision(object, answer, is_answer);
	json_object_set_new(
		object, "forgotten", json_boolean(answer->content == NULL));
	return object;
}

json_t *
row_json_past(const struct answer_row *answer)
{
	json_t *object = json_object();

	add_revision(object, answer, answer->kind == RESPONSE_ANSWER);
	return object;
}

void
row_json_explain(json_t *object, const struct answer_row *answer, json_t *past,
	json_t *deliveries)
{
	json_object_set_new(object, "verdicts",
		value_or_null(answer->verdicts,
			answer->verdicts ? strlen(answer->verdicts) : 0));
	json_object_set_new(
		object, "rules_hash", text_or_null(answer->rules_hash));
	if (past)
		json_object_set_new(object, "past", past);
	if (deliveries)
		json_object_set_new(object, "deliveries", deliveries);
}

/* ---- deliveries ---- */

static bool
waits(const struct delivery_row *delivery)
{
	return delivery->state == DELIVERY_PENDING ||
	       delivery->state == DELIVERY_RETRYING;
}

json_t *
row_json_delivery(const struct delivery_row *delivery, bool has_body)
{
	json_t *object = json_object();

	json_object_set_new(object, "row", row_or_null(delivery->row));
	json_object_set_new(object, "id", text_or_null(delivery->id));
	json_object_set_new(object, "cause", text_or_null(delivery->cause));
	json_object_set_new(object, "response", row_or_null(delivery->answer));
	json_object_set_new(object, "rule", text_or_null(delivery->rule));
	json_object_set_new(object, "action", text_or_null(delivery->action));
	json_object_set_new(
		object, "recipient", text_or_null(delivery->recipient));
	json_object_set_new(object, "state",
		json_string(delivery_state_name(delivery->state)));
	json_object_set_new(
		object, "created_at", json_time_or_null(delivery->created_ms));
	json_object_set_new(object, "due_at",
		waits(delivery) ? json_time(delivery->due_ms) : json_null());
	json_object_set_new(object, "tries", json_integer(delivery->tries));
	json_object_set_new(object, "status",
		number_or_null(delivery->status, delivery->status != 0));
	json_object_set_new(object, "reason", text_or_null(delivery->reason));
	json_object_set_new(
		object, "settled_at", json_time_or_null(delivery->settled_ms));
	json_object_set_new(object, "body_bytes",
		number_or_null((int64_t)delivery->body_length, has_body));
	json_object_set_new(object, "storm", json_null());
	json_object_set_new(object, "folded", json_null());
	return object;
}

bool
row_json_is_storm(const struct delivery_row *delivery)
{
	return text_same(delivery->cause, STORM_CAUSE);
}

void
row_json_add_storm(json_t *object, const struct delivery_row *message)
{
	static const char *const members[] = {"row", "state", "created_at",
		"due_at", "settled_at", "tries", "reason"};
	json_t *whole = row_json_delivery(message, false);
	json_t *storm = json_object();

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		json_object_set(
			storm, members[i], json_object_get(whole, members[i]));
	json_object_set_new(object, "storm", storm);
	json_decref(whole);
}

void
row_json_add_folded(json_t *object, int64_t count)
{
	json_object_set_new(object, "folded", json_integer(count));
}

void
row_json_add_body(json_t *object, const struct delivery_row *delivery)
{
	json_object_set_new(object, "body",
		bytes_or_null(delivery->body, delivery->body_length));
}

json_t *
row_json_attempt(const struct attempt_row *attempt)
{
	json_t *object = json_object();

	json_object_set_new(object, "n", json_integer(attempt->n));
	json_object_set_new(object, "at", json_time(attempt->at_ms));
	json_object_set_new(object, "outcome", text_or_null(attempt->outcome));
	json_object_set_new(object, "status",
		number_or_null(attempt->status, attempt->status != 0));
	json_object_set_new(object, "reason", text_or_null(attempt->reason));
	return object;
}

void
row_json_add_attempts(
	json_t *object, const struct delivery_row *delivery, json_t *attempts)
{
	struct attempt_row last = {.n = (int)json_array_size(attempts) + 1,
		.at_ms = delivery->settled_ms,
		.outcome = "delivered",
		.status = delivery->status};

	if (delivery->state == DELIVERY_DELIVERED)
		json_array_append_new(attempts, row_json_attempt(&last));
	json_object_set_new(object, "attempts", attempts);
}

/* ---- rejected ---- */

json_t *
row_json_rejected(const struct rejected_row *rejected, const char *reason_name)
{
	json_t *object = json_object();

	json_object_set_new(object, "row", row_or_null(rejected->row));
	json_object_set_new(object, "source", text_or_null(rejected->source));
	json_object_set_new(object, "place", text_or_null(rejected->place));
	json_object_set_new(object, "reason", text_or_null(reason_name));
	json_object_set_new(object, "pointer", text_or_null(rejected->pointer));
	json_object_set_new(object, "offset",
		number_or_null(rejected->offset, rejected->offset >= 0));
	json_object_set_new(object, "text", text_or_null(rejected->text));
	json_object_set_new(
		object, "arrived_at", json_time(rejected->arrived_ms));
	json_object_set_new(object, "bytes",
		bytes_or_null(rejected->bytes ? rejected->bytes : "",
			rejected->length));
	json_object_set_new(
		object, "length", json_integer(rejected->full_length));
	return object;
}

/* ---- follow-ups ---- */

static void
add_times(json_t *object, const struct follow_up *follow_up)
{
	const struct {
		const char *name;
		int64_t at_ms;
	} times[] = {
		{"opened_at", follow_up->opened_ms},
		{"contact_by", follow_up->contact_by_ms},
		{"resolve_by", follow_up->resolve_by_ms},
		{"contacted_at", follow_up->contacted_ms},
		{"closed_at", follow_up->closed_ms},
		{"try_again_at", follow_up->try_again_ms},
		{"next_due_at", follow_up->next_due_ms == INT64_MAX
					? 0
					: follow_up->next_due_ms},
	};

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		json_object_set_new(object, times[i].name,
			json_time_or_null(times[i].at_ms));
}

json_t *
row_json_follow_up(const struct follow_up *follow_up)
{
	json_t *object = json_object();

	json_object_set_new(object, "row", row_or_null(follow_up->row));
	json_object_set_new(object, "survey", text_or_null(follow_up->survey));
	json_object_set_new(
		object, "customer", text_or_null(follow_up->customer));
	json_object_set_new(
		object, "account", text_or_null(follow_up->account));
	json_object_set_new(object, "response", row_or_null(follow_up->answer));
	json_object_set_new(
		object, "last_response", row_or_null(follow_up->last_answer));
	json_object_set_new(object, "folds", json_integer(follow_up->folds));
	json_object_set_new(object, "rule", text_or_null(follow_up->rule));
	json_object_set_new(object, "state",
		json_string(follow_up_state_name(follow_up->state)));
	json_object_set_new(object, "owner", text_or_null(follow_up->owner));
	json_object_set_new(
		object, "claimed_at", json_time_or_null(follow_up->claimed_ms));
	json_object_set_new(
		object, "claimed_by", text_or_null(follow_up->claimed_by));
	add_times(object, follow_up);
	json_object_set_new(
		object, "attempts", json_integer(follow_up->attempts));
	json_object_set_new(object, "reason", text_or_null(follow_up->reason));
	json_object_set_new(object, "note", text_or_null(follow_up->note));
	json_object_set_new(
		object, "improved", json_boolean(follow_up->improved));
	json_object_set_new(
		object, "tracked_in", text_or_null(follow_up->tracked_in));
	return object;
}

json_t *
row_json_event(const struct follow_up_event *event)
{
	json_t *object = json_object();

	json_object_set_new(object, "n", json_integer(event->n));
	json_object_set_new(object, "at", json_time(event->at_ms));
	json_object_set_new(
		object, "act", json_string(follow_up_act_name(event->act)));
	json_object_set_new(object, "who", text_or_null(event->who));
	json_object_set_new(object, "how", text_or_null(event->how));
	json_object_set_new(object, "owner", text_or_null(event->owner));
	json_object_set_new(object, "reason", text_or_null(event->reason));
	json_object_set_new(object, "note", text_or_null(event->note));
	json_object_set_new(object, "response", row_or_null(event->answer));
	return object;
}

/* ---- silences ---- */

static json_t *
json_or_null(const char *text)
{
	struct json_fault fault;
	json_t *value =
		text != NULL ? json_read(text, strlen(text), &fault) : NULL;

	return value != NULL ? value : json_null();
}

json_t *
row_json_silence(const struct silence_row *silence)
{
	json_t *object = json_object();

	json_object_set_new(object, "row", row_or_null(silence->row));
	json_object_set_new(object, "rule", text_or_null(silence->rule));
	json_object_set_new(object, "match", json_or_null(silence->match));
	json_object_set_new(object, "since", json_time(silence->since_ms));
	json_object_set_new(object, "until", json_time(silence->until_ms));
	json_object_set_new(
		object, "ended_at", json_time_or_null(silence->ended_ms));
	json_object_set_new(
		object, "ended_by", text_or_null(silence->ended_by));
	json_object_set_new(object, "by", text_or_null(silence->by));
	json_object_set_new(object, "why", text_or_null(silence->why));
	json_object_set_new(
		object, "silenced", json_integer(silence->silenced));
	return object;
}

/* ---- erasures ---- */

json_t *
row_json_erasure(const struct erasure_row *erasure)
{
	json_t *object = json_object();
	json_t *report = json_or_null(erasure->report);

	json_object_set_new(object, "row", row_or_null(erasure->row));
	json_object_set_new(object, "asked_at", json_time(erasure->asked_ms));
	json_object_set_new(object, "by", text_or_null(erasure->by));
	json_object_set_new(object, "why", text_or_null(erasure->why));
	json_object_set_new(object, "state",
		json_string(erasure_phase_name(erasure->phase)));
	json_object_set_new(
		object, "ended_at", json_time_or_null(erasure->ended_ms));
	json_object_update(object, report);
	json_object_del(object, ERASURE_SINCE);
	json_decref(report);
	return object;
}

void
row_json_add_erased(json_t *object, int64_t erased_ms)
{
	json_object_set_new(object, "erased_at", json_time_or_null(erased_ms));
}

void
row_json_add_replayed(json_t *object, const struct replayed_row *row)
{
	json_t *replayed = json_null();

	if (row != NULL) {
		replayed = json_object();
		json_object_set_new(replayed, "at", json_time(row->at_ms));
		json_object_set_new(replayed, "by", text_or_null(row->by));
		json_object_set_new(replayed, "rule", text_or_null(row->rule));
	}
	json_object_set_new(object, "replayed", replayed);
}
