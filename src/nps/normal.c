/*
 * normal - the members of a record, one function each.
 */
#include "nps/normal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/time.h"
#include "nps/rejection.h"
#include "nps/time_fault.h"

enum { NAME_SHOWN_BYTES = 40 }; /* of a name in a sentence */

/* What all the functions below work on. */
struct work {
	struct response *response;
	json_t *document;
	const struct response_defaults *defaults;
	struct normal *normal;
	struct rejection *why;
};

static bool
is_missing(const json_t *value)
{
	return !value || json_is_null(value);
}

/* What a value is, for a sentence that must not quote it. */
static const char *
describe_type(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "a list";
	case JSON_STRING:
		return json_string_length(value) ? "text" : "empty text";
	case JSON_INTEGER:
	case JSON_REAL:
		return "a number";
	case JSON_TRUE:
		return "true";
	case JSON_FALSE:
		return "false";
	case JSON_NULL:
		break;
	}
	return "null";
}

/* "must be EXPECTED; this is ..." for a member whose type is wrong. */
static bool
refuse_type(struct work *work, const char *parent, const char *name,
	const json_t *value, const char *expected)
{
	return rejection_fill(work->why, REJECTED_FIELD, parent, name,
		"%s%s%s must be %s; this is %s", parent ? parent : "",
		parent ? "." : "", name, expected, describe_type(value));
}

/* Puts another value in the place of one that is there; takes it. */
static void
rewrite(struct work *work, json_t *object, const char *name, json_t *value)
{
	json_object_set_new_nocheck(object, name, value);
	work->normal->rewritten = true;
}

/* 2^63, the first double past the range of int64_t; -2^63 is in it. */
static const double past_int64 = 9223372036854775808.0;

/* True if the number is an integer, also when it was written as a real. */
static bool
to_integer(const json_t *value, int64_t *integer)
{
	if (json_is_integer(value)) {
		*integer = json_integer_value(value);
		return true;
	}
	if (!json_is_real(value))
		return false;
	double real = json_real_value(value);

	if (!(real >= -past_int64 && real < past_int64) || real != trunc(real))
		return false;
	*integer = (int64_t)real;
	return true;
}

/* A hint for a score that stands under a name in other letters. */
static const char *
score_in_other_letters(json_t *document)
{
	for (void *at = json_object_iter(document); at;
		at = json_object_iter_next(document, at))
		if (!strcasecmp(json_object_iter_key(at), "score"))
			return " (names are written in small letters)";
	return "";
}

static bool
refuse_score(struct work *work, const json_t *score)
{
	struct buf said = {0};

	if (!score)
		return rejection_fill(work->why, REJECTED_SCORE, NULL, "score",
			"score is missing; it must be a whole number from %d "
			"to %d%s",
			SCORE_LOW, SCORE_HIGH,
			score_in_other_letters(work->document));
	if (json_is_integer(score))
		buf_printf(&said, "%" JSON_INTEGER_FORMAT,
			json_integer_value(score));
	else if (json_is_real(score))
		text_append_double(&said, json_real_value(score));
	else
		buf_append_text(&said, describe_type(score));
	rejection_fill(work->why, REJECTED_SCORE, NULL, "score",
		"score must be a whole number from %d to %d; this is %s",
		SCORE_LOW, SCORE_HIGH, said.data);
	buf_done(&said);
	return false;
}

static bool
take_score(struct work *work)
{
	const json_t *value = json_object_get(work->document, "score");
	int64_t score;

	if (work->response->kind == RESPONSE_INVITATION)
		return true;
	if (!value || !to_integer(value, &score) || score < SCORE_LOW ||
		score > SCORE_HIGH)
		return refuse_score(work, value);
	if (!json_is_integer(value))
		rewrite(work, work->document, "score", json_integer(score));
	work->response->score = (int)score;
	work->response->category = category_of((int)score);
	return true;
}

static bool
take_kind(struct work *work)
{
	const json_t *value = json_object_get(work->document, "kind");
	const char *kind = json_string_value(value);

	if (is_missing(value) || (kind && !strcmp(kind, "response"))) {
		work->response->kind = RESPONSE_ANSWER;
		return true;
	}
	if (kind && !strcmp(kind, "invitation")) {
		work->response->kind = RESPONSE_INVITATION;
		return true;
	}
	return rejection_fill(work->why, REJECTED_FIELD, NULL, "kind",
		"kind must be \"response\" or \"invitation\"; this is %s",
		kind ? "another text" : describe_type(value));
}

/*
 * A text or an integer, which becomes its decimal text; NULL in *text where it
 * is missing. Bounds are the caller's.
 */
static bool
take_key(struct work *work, json_t *object, const char *parent,
	const char *name, const char **text)
{
	json_t *value = json_object_get(object, name);

	*text = NULL;
	if (is_missing(value))
		return true;
	if (json_is_integer(value)) {
		char digits[24];

		(void)snprintf(digits, sizeof(digits), "%" JSON_INTEGER_FORMAT,
			json_integer_value(value));
		rewrite(work, object, name, json_string(digits));
		value = json_object_get(object, name);
	}
	if (!json_is_string(value))
		return refuse_type(work, parent, name, value, "text");
	if (json_string_length(value) > RESPONSE_ID_LIMIT_BYTES)
		return rejection_fill(work->why, REJECTED_FIELD, parent, name,
			"%s%s%s is %zu bytes long; at most %d are taken",
			parent ? parent : "", parent ? "." : "", name,
			json_string_length(value), RESPONSE_ID_LIMIT_BYTES);
	*text = json_string_value(value);
	return true;
}

static bool
take_id(struct work *work)
{
	const char *id;

	if (!take_key(work, work->document, NULL, "id", &id))
		return false;
	if (id && !*id)
		return rejection_fill(work->why, REJECTED_FIELD, NULL, "id",
			"id must not be empty; leave it out if there is none");
	work->response->id = id;
	return true;
}

/* Puts a text where the member is missing. */
static const char *
fill_in(struct work *work, const char *name, const json_t *there,
	const char *text, bool *added)
{
	json_t *value = json_string(text);

	if (there)
		rewrite(work, work->document, name, value);
	else
		json_object_set_new_nocheck(work->document, name, value);
	*added = !there;
	return json_string_value(value);
}

static bool
take_survey(struct work *work)
{
	const json_t *value = json_object_get(work->document, "survey");

	if (is_missing(value)) {
		work->response->survey = NULL;
		if (work->defaults->survey)
			work->response->survey = fill_in(work, "survey", value,
				work->defaults->survey,
				&work->normal->survey_added);
		return true;
	}
	if (!json_is_string(value) || !json_string_length(value))
		return refuse_type(
			work, NULL, "survey", value, "text that is not empty");
	if (json_string_length(value) > RESPONSE_NAME_LIMIT_BYTES)
		return rejection_fill(work->why, REJECTED_FIELD, NULL, "survey",
			"survey is %zu bytes long; at most %d are taken",
			json_string_length(value), RESPONSE_NAME_LIMIT_BYTES);
	work->response->survey = json_string_value(value);
	return true;
}

static bool
refuse_revision(struct work *work, const json_t *value)
{
	bool mapped = work->defaults->mapped;

	if (mapped && time_fault_lacks_zone(value))
		return rejection_fill(work->why, REJECTED_FIELD, NULL,
			"revision",
			"revision is a time without a zone: say in timezone "
			"whose clock it is");
	return rejection_fill(work->why, REJECTED_FIELD, NULL, "revision",
		"revision must be a whole number from 0%s; this is %s%s",
		mapped ? ", or a time" : "",
		json_is_number(value) ? "another number" : describe_type(value),
		mapped && json_is_string(value)
			? ": tonumber in the map makes a number of it"
			: "");
}

static bool
take_revision(struct work *work)
{
	const json_t *value = json_object_get(work->document, "revision");
	int64_t revision = 0;

	if (is_missing(value))
		return true;
	if (!to_integer(value, &revision) || revision < 0)
		return refuse_revision(work, value);
	if (!json_is_integer(value))
		rewrite(work, work->document, "revision",
			json_integer(revision));
	work->response->revision = revision;
	return true;
}

static bool
take_answered_at(struct work *work)
{
	const json_t *value = json_object_get(work->document, "answered_at");
	struct response *response = work->response;
	struct err err;

	if (is_missing(value) ||
		(json_is_string(value) && !json_string_length(value))) {
		char text[TIME_TEXT_BYTES];

		if (work->defaults->missing_ms == RESPONSE_TIME_NEEDED)
			return rejection_fill(work->why, REJECTED_TIME, NULL,
				"answered_at",
				"answered_at is missing: an answer of the past "
				"counts in its own time; name its column, or "
				"say when with --answered-at");
		response->answered_ms = work->defaults->missing_ms != 0
						? work->defaults->missing_ms
						: work->defaults->now_ms;
		time_to_rfc3339(response->answered_ms, text);
		response->answered_missing = true;
		fill_in(work, "answered_at", value, text,
			&work->normal->answered_added);
		return true;
	}
	if (!json_is_string(value) ||
		!time_from_rfc3339(json_string_value(value),
			json_string_length(value), &response->answered_ms,
			&err))
		return time_fault_answered(
			work->why, value, work->defaults->mapped);
	if (response->answered_ms - work->defaults->now_ms >
		RESPONSE_AHEAD_LIMIT_MS)
		return rejection_fill(work->why, REJECTED_TIME, NULL,
			"answered_at",
			"answered_at lies more than 24 hours in the future");
	return true;
}

static bool
take_contact_ok(struct work *work)
{
	const json_t *value = json_object_get(work->document, "contact_ok");

	work->response->contact_ok = work->defaults->contact_ok;
	if (is_missing(value))
		return true;
	if (!json_is_boolean(value))
		return refuse_type(
			work, NULL, "contact_ok", value, "true or false");
	work->response->contact_ok = json_is_true(value);
	return true;
}

static bool
check_weight(struct work *work)
{
	const json_t *value = json_object_get(work->document, "weight");

	if (is_missing(value))
		return true;
	if (!json_is_number(value))
		return refuse_type(work, NULL, "weight", value, "a number");
	if (json_number_value(value) < 0)
		return rejection_fill(work->why, REJECTED_FIELD, NULL, "weight",
			"weight must not be below 0");
	return true;
}

/* The member as an object; NULL in *object where it is missing. */
static bool
take_object(struct work *work, const char *name, json_t **object)
{
	json_t *value = json_object_get(work->document, name);

	*object = NULL;
	if (is_missing(value))
		return true;
	if (!json_is_object(value))
		return refuse_type(work, NULL, name, value, "an object");
	*object = value;
	return true;
}

/* An address with a control character could write lines of its own into a
 * mail's header. */
static bool
check_email(struct work *work, const char *email)
{
	size_t length = strlen(email);
	uint32_t code = 0;

	for (size_t i = 0; i < length;) {
		size_t bytes = text_sequence(email + i, length - i, &code);

		if (!bytes || text_moves(code))
			return rejection_fill(work->why, REJECTED_FIELD,
				"customer", "email",
				"customer.email must not hold control "
				"characters");
		i += bytes;
	}
	return true;
}

/* The address as a key: equal however its ASCII letters are written. */
static const char *
lowered(struct response *response, const char *email)
{
	for (const char *c = email; *c; c++) {
		if (*c < 'A' || *c > 'Z')
			continue;
		response->owned_customer = mem_strdup(email);
		text_lower(response->owned_customer);
		return response->owned_customer;
	}
	return email;
}

static bool
take_customer(struct work *work)
{
	json_t *customer;
	const char *id;
	const char *email;
	const char *phone;

	if (!take_object(work, "customer", &customer))
		return false;
	if (!customer)
		return true;
	if (!take_key(work, customer, "customer", "id", &id) ||
		!take_key(work, customer, "customer", "email", &email) ||
		!take_key(work, customer, "customer", "phone", &phone) ||
		(email && !check_email(work, email)))
		return false;
	/* Empty texts are what forms and tables send for "none". */
	if (id && *id)
		work->response->customer = id;
	else if (email && *email)
		work->response->customer = lowered(work->response, email);
	else if (phone && *phone)
		work->response->customer = phone;
	return true;
}

static bool
take_account(struct work *work)
{
	json_t *account;
	const char *id;

	if (!take_object(work, "account", &account))
		return false;
	if (!account)
		return true;
	if (!take_key(work, account, "account", "id", &id))
		return false;
	if (id && *id)
		work->response->account = id;
	return true;
}

static bool
check_count_and_name(struct work *work, const char *parent,
	const json_t *object, const char *name)
{
	if (json_object_size(object) > RESPONSE_SEGMENTS_LIMIT)
		return rejection_fill(work->why, REJECTED_FIELD, NULL, parent,
			"%s has %zu members; at most %d are taken", parent,
			json_object_size(object), RESPONSE_SEGMENTS_LIMIT);
	if (!*name || strlen(name) > RESPONSE_NAME_LIMIT_BYTES)
		return rejection_fill(work->why, REJECTED_FIELD, NULL, parent,
			"a name in %s must be 1 to %d bytes long", parent,
			RESPONSE_NAME_LIMIT_BYTES);
	return true;
}

/* Names of segments are those of a setting or a map, and may be told. */
static bool
check_segment_value(struct work *work, const char *name, const json_t *value)
{
	bool nested = json_is_object(value) || json_is_array(value);
	size_t length = json_string_length(value);
	struct buf shown = {0};

	if (!nested && length <= RESPONSE_NAME_LIMIT_BYTES)
		return true;
	text_append_escaped(&shown, name, strlen(name), NAME_SHOWN_BYTES);
	if (nested)
		rejection_fill(work->why, REJECTED_FIELD, "segment", name,
			"\"%s\" of segment must be text, a number, true or "
			"false; this is %s",
			shown.data, describe_type(value));
	else
		rejection_fill(work->why, REJECTED_FIELD, "segment", name,
			"\"%s\" of segment is %zu bytes long; at most %d are "
			"taken",
			shown.data, length, RESPONSE_NAME_LIMIT_BYTES);
	buf_done(&shown);
	return false;
}

static bool
check_segment(struct work *work)
{
	json_t *segment;
	const char *name;
	json_t *value;

	if (!take_object(work, "segment", &segment))
		return false;
	json_object_foreach(segment, name, value)
	{
		if (!check_count_and_name(work, "segment", segment, name))
			return false;
		if (!check_segment_value(work, name, value))
			return false;
	}
	return true;
}

static bool
check_answers(struct work *work)
{
	json_t *answers;
	const char *name;
	json_t *value;

	if (!take_object(work, "answers", &answers))
		return false;
	json_object_foreach(answers, name, value)
	{
		if (!check_count_and_name(work, "answers", answers, name))
			return false;
		if (!is_missing(value) && !json_is_number(value) &&
			!json_is_string(value))
			return rejection_fill(work->why, REJECTED_FIELD,
				"answers", name,
				"a value of answers must be a number or text; "
				"this is %s",
				describe_type(value));
	}
	return true;
}

bool
normal_apply(struct response *response,
	const struct response_defaults *defaults, struct normal *normal,
	struct rejection *why)
{
	struct work work = {.response = response,
		.document = response->document,
		.defaults = defaults,
		.normal = normal,
		.why = why};

	/* The score first: it is what most refusals are about. survey before
	 * answered_at: what is added stands at the end in this order. */
	return take_kind(&work) && take_score(&work) && take_id(&work) &&
	       take_survey(&work) && take_revision(&work) &&
	       take_answered_at(&work) && take_contact_ok(&work) &&
	       check_weight(&work) && take_customer(&work) &&
	       take_account(&work) && check_segment(&work) &&
	       check_answers(&work);
}
