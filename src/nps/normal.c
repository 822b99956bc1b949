/*
 * normal - the members of a record, one function each.
 */
#include "nps/normal.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/time.h"
#include "nps/normal_member.h"
#include "nps/normal_parts.h"
#include "nps/rejection.h"
#include "nps/response_record.h"
#include "nps/time_fault.h"

/* Puts an integer in the place of a value that is there. */
static void
rewrite_integer(struct normal_work *work, struct flat *value, int64_t integer)
{
	value->type = JSON_INTEGER;
	value->integer = integer;
	work->normal->rewritten = true;
}

/* 2^63, the first double past the range of int64_t; -2^63 is in it. */
static const double past_int64 = 9223372036854775808.0;

/* True if the number is an integer, also when it was written as a real. */
static bool
to_integer(const struct flat *value, int64_t *integer)
{
	if (value->type == JSON_INTEGER) {
		*integer = value->integer;
		return true;
	}
	if (value->type != JSON_REAL)
		return false;
	double real = value->real;

	if (!(real >= -past_int64 && real < past_int64) || real != trunc(real))
		return false;
	*integer = (int64_t)real;
	return true;
}

/* A hint for a score that stands under a name in other letters. */
static const char *
score_in_other_letters(const struct flat *record)
{
	for (const struct flat *at = record + 1; at < record + record->span;
		at += at->span)
		if (!strcasecmp(at->key, "score"))
			return " (names are written in small letters)";
	return "";
}

static bool
refuse_score(struct normal_work *work, const struct flat *score)
{
	struct buf said = {0};

	if (!score)
		return rejection_fill(work->why, REJECTED_SCORE, NULL, "score",
			"score is missing; it must be a whole number from %d "
			"to %d%s",
			SCORE_LOW, SCORE_HIGH,
			score_in_other_letters(work->response->record));
	if (score->type == JSON_INTEGER)
		buf_printf(&said, "%lld", (long long)score->integer);
	else if (score->type == JSON_REAL)
		text_append_double(&said, score->real);
	else
		buf_append_text(&said, normal_describe(score));
	rejection_fill(work->why, REJECTED_SCORE, NULL, "score",
		"score must be a whole number from %d to %d; this is %s",
		SCORE_LOW, SCORE_HIGH, said.data);
	buf_done(&said);
	return false;
}

static bool
take_score(struct normal_work *work)
{
	struct flat *value = work->members[MEMBER_SCORE];
	int64_t score;

	if (work->response->kind == RESPONSE_INVITATION)
		return true;
	if (!value || !to_integer(value, &score) || score < SCORE_LOW ||
		score > SCORE_HIGH)
		return refuse_score(work, value);
	if (value->type != JSON_INTEGER)
		rewrite_integer(work, value, score);
	work->response->score = (int)score;
	work->response->category = category_of((int)score);
	return true;
}

static bool
take_kind(struct normal_work *work)
{
	const struct flat *value = work->members[MEMBER_KIND];
	const char *kind = normal_is_text(value) ? value->text : NULL;

	if (flat_is_missing(value) || (kind && !strcmp(kind, "response"))) {
		work->response->kind = RESPONSE_ANSWER;
		return true;
	}
	if (kind && !strcmp(kind, "invitation")) {
		work->response->kind = RESPONSE_INVITATION;
		return true;
	}
	return rejection_fill(work->why, REJECTED_FIELD, NULL, "kind",
		"kind must be \"response\", \"invitation\" or \"follow-up\"; "
		"this "
		"is %s",
		kind ? "another text" : normal_describe(value));
}

static bool
take_id(struct normal_work *work)
{
	const char *id;

	if (!normal_take_key(work, work->members[MEMBER_ID], NULL, "id", &id))
		return false;
	if (id && !*id)
		return rejection_fill(work->why, REJECTED_FIELD, NULL, "id",
			"id must not be empty; leave it out if there is none");
	work->response->id = id;
	return true;
}

/* Puts a text where the member is missing. */
static const char *
fill_in(struct normal_work *work, const char *name, struct flat *there,
	const char *text, bool *added)
{
	*added = !there;
	if (!there)
		return record_add_text(work->response, name, text);
	normal_rewrite_text(work, there, text);
	return there->text;
}

static bool
take_survey(struct normal_work *work)
{
	struct flat *value = work->members[MEMBER_SURVEY];

	if (flat_is_missing(value)) {
		work->response->survey = NULL;
		if (work->defaults->survey)
			work->response->survey = fill_in(work, "survey", value,
				work->defaults->survey,
				&work->normal->survey_added);
		return true;
	}
	if (!normal_is_text(value) || !value->text_length)
		return normal_refuse_type(
			work, NULL, "survey", value, "text that is not empty");
	if (value->text_length > RESPONSE_NAME_LIMIT_BYTES)
		return rejection_fill(work->why, REJECTED_FIELD, NULL, "survey",
			"survey is %zu bytes long; at most %d are taken",
			(size_t)value->text_length, RESPONSE_NAME_LIMIT_BYTES);
	work->response->survey = value->text;
	return true;
}

static bool
refuse_revision(struct normal_work *work, const struct flat *value)
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
		flat_is_number(value) ? "another number"
				      : normal_describe(value),
		mapped && normal_is_text(value)
			? ": tonumber in the map makes a number of it"
			: "");
}

static bool
take_revision(struct normal_work *work)
{
	struct flat *value = work->members[MEMBER_REVISION];
	int64_t revision = 0;

	if (flat_is_missing(value))
		return true;
	if (!to_integer(value, &revision) || revision < 0)
		return refuse_revision(work, value);
	if (value->type != JSON_INTEGER)
		rewrite_integer(work, value, revision);
	work->response->revision = revision;
	return true;
}

static bool
take_answered_at(struct normal_work *work)
{
	struct flat *value = work->members[MEMBER_ANSWERED_AT];
	struct response *response = work->response;
	struct err err;

	if (flat_is_missing(value) ||
		(normal_is_text(value) && !value->text_length)) {
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
	if (!normal_is_text(value) ||
		!time_from_rfc3339(value->text, value->text_length,
			&response->answered_ms, &err))
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
take_contact_ok(struct normal_work *work)
{
	const struct flat *value = work->members[MEMBER_CONTACT_OK];

	work->response->contact_ok = work->defaults->contact_ok;
	if (flat_is_missing(value))
		return true;
	if (value->type != JSON_TRUE && value->type != JSON_FALSE)
		return normal_refuse_type(
			work, NULL, "contact_ok", value, "true or false");
	work->response->contact_ok = value->type == JSON_TRUE;
	return true;
}

static bool
check_weight(struct normal_work *work)
{
	const struct flat *value = work->members[MEMBER_WEIGHT];

	if (flat_is_missing(value))
		return true;
	if (!flat_is_number(value))
		return normal_refuse_type(
			work, NULL, "weight", value, "a number");
	if (flat_number(value) < 0)
		return rejection_fill(work->why, REJECTED_FIELD, NULL, "weight",
			"weight must not be below 0");
	return true;
}

bool
normal_apply(struct response *response,
	const struct response_defaults *defaults, struct normal *normal,
	struct rejection *why)
{
	struct normal_work work = {.response = response,
		.defaults = defaults,
		.normal = normal,
		.why = why};

	normal_find_members(&work);
	/* The score first: it is what most refusals are about. survey before
	 * answered_at: what is added stands at the end in this order. */
	return take_kind(&work) && take_score(&work) && take_id(&work) &&
	       take_survey(&work) && take_revision(&work) &&
	       take_answered_at(&work) && take_contact_ok(&work) &&
	       check_weight(&work) && normal_take_parts(&work);
}
