/*
 * alert - puts the document together that expressions see.
 */
#include "nps/alert.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/time.h"
#include "nps/category.h"
#include "nps/movement.h"

enum { ALERT_AROUND_BYTES = 400 }; /* of a text, about: but response, nps */

static json_t *
previous_value(const struct subject *subject)
{
	const struct previous *previous = subject->previous;
	enum category now = subject->response->category;
	char answered_at[TIME_TEXT_BYTES];

	if (!previous || !previous->known)
		return json_null();
	time_to_rfc3339(previous->answered_ms, answered_at);
	json_t *value = json_object();

	json_object_set_new(value, "score", json_integer(previous->score));
	json_object_set_new(value, "category",
		json_string(category_name(previous->category)));
	json_object_set_new(value, "answered_at", json_string(answered_at));
	json_object_set_new(value, "movement",
		json_string(movement_name(
			movement_between(previous->category, now))));
	json_object_set_new(value, "repeat_detractor",
		json_boolean(movement_repeats(previous->category, now)));
	return value;
}

json_t *
alert_subject(const struct subject *subject)
{
	const struct response *response = subject->response;
	json_t *document = json_object();

	json_object_set_new(document, "response", response_tree(response));
	json_object_set_new(document, "category",
		response->kind == RESPONSE_ANSWER
			? json_string(category_name(response->category))
			: json_null());
	json_object_set_new(document, "previous", previous_value(subject));
	json_object_set_new(document, "owner", json_null());
	json_object_set_new(document, "follow_up", json_null());
	return document;
}

void
alert_people_done(struct alert_people *people)
{
	json_decref(people->owner);
	json_decref(people->follow_up);
	*people = (struct alert_people){NULL, NULL};
}

void
alert_set_people(json_t *document, const struct alert_people *people)
{
	json_object_set_new(document, "owner",
		people->owner ? json_incref(people->owner) : json_null());
	json_object_set_new(document, "follow_up",
		people->follow_up ? json_incref(people->follow_up)
				  : json_null());
}

void
alert_complete(json_t *document, const char *rule, json_t *nps,
	const char *delivery_id)
{
	json_t *delivery = json_object();

	json_object_set_new(delivery, "id", json_string(delivery_id));
	json_object_set_new(
		document, "rule", rule ? json_string(rule) : json_null());
	if (nps)
		json_object_set(document, "nps", nps);
	else
		json_object_set_new(document, "nps", json_object());
	json_object_set_new(document, "delivery", delivery);
}

static void
append_previous(struct buf *out, const struct subject *subject)
{
	const struct previous *previous = subject->previous;
	enum category now = subject->response->category;
	char answered_at[TIME_TEXT_BYTES];

	if (!previous || !previous->known) {
		buf_append_text(out, "null");
		return;
	}
	time_to_rfc3339(previous->answered_ms, answered_at);
	buf_printf(out,
		"{\"score\":%d,\"category\":\"%s\",\"answered_at\":\"%s\","
		"\"movement\":\"%s\",\"repeat_detractor\":%s}",
		previous->score, category_name(previous->category), answered_at,
		movement_name(movement_between(previous->category, now)),
		movement_repeats(previous->category, now) ? "true" : "false");
}

static void
append_value(struct buf *out, const json_t *value)
{
	char *text = value ? json_text(value) : NULL;

	buf_append_text(out, text ? text : "null");
	free(text);
}

void
alert_append_text(struct buf *out, const struct subject *subject,
	const struct alert_people *people, const char *rule, struct text nps,
	const char *delivery_id)
{
	const struct response *response = subject->response;

	buf_reserve(out,
		response->content_length + nps.length + ALERT_AROUND_BYTES);
	buf_append_text(out, "{\"response\":");
	buf_append(out, response->content, response->content_length);
	buf_append_text(out, ",\"category\":\"");
	buf_append_text(out, category_name(response->category));
	buf_append_text(out, "\",\"previous\":");
	append_previous(out, subject);
	buf_append_text(out, ",\"owner\":");
	append_value(out, people->owner);
	buf_append_text(out, ",\"follow_up\":");
	append_value(out, people->follow_up);
	buf_append_text(out, ",\"rule\":");
	json_append_string(out, rule, strlen(rule));
	buf_append_text(out, ",\"nps\":");
	buf_append(out, nps.data, nps.length);
	buf_append_text(out, ",\"delivery\":{\"id\":\"");
	buf_append_text(out, delivery_id);
	buf_append_text(out, "\"}}");
}
