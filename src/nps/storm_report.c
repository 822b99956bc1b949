/* storm_report - what the message of a storm tells. */
#include "nps/storm_report.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/time.h"

void
storm_report_init(struct storm_report *report)
{
	*report = (struct storm_report){
		.rules = json_object(),
		.categories = json_object(),
		.surveys = json_object(),
		.segments = json_object(),
		.first = json_array(),
	};
}

void
storm_report_done(struct storm_report *report)
{
	json_decref(report->rules);
	json_decref(report->categories);
	json_decref(report->surveys);
	json_decref(report->segments);
	json_decref(report->first);
}

/* ---- counting ---- */

static void
count(json_t *counts, const char *name)
{
	json_t *one = json_object_get(counts, name);

	if (one != NULL)
		json_integer_set(one, json_integer_value(one) + 1);
	else
		json_object_set_new(counts, name, json_integer(1));
}

static void
count_segments(struct storm_report *report, const struct response *response)
{
	const struct flat *segment = flat_member(response->record, "segment");
	char name[2 * RESPONSE_NAME_LIMIT_BYTES + 2];

	if (flat_is_missing(segment) || segment->type != JSON_OBJECT)
		return;
	for (uint32_t i = 1; i < segment->span; i += segment[i].span) {
		const struct flat *value = &segment[i];

		if (value->type != JSON_STRING ||
			value->key_length > RESPONSE_NAME_LIMIT_BYTES ||
			value->text_length > RESPONSE_NAME_LIMIT_BYTES)
			continue;
		/* A name holds no line's end: it could not be matched. */
		snprintf(name, sizeof(name), "%s\n%s", value->key, value->text);
		count(report->segments, name);
	}
}

void
storm_report_add(struct storm_report *report, const struct response *response,
	const char *rule, int64_t at_ms)
{
	if (report->looked_at++ == 0)
		report->from_ms = at_ms;
	report->until_ms = at_ms;
	if (response == NULL)
		return;
	if (rule != NULL && *rule != '\0')
		count(report->rules, rule);
	count(report->categories, category_name(response->category));
	count(report->surveys, response->survey);
	count_segments(report, response);
}

/* ---- the first few ---- */

bool
storm_report_wants_more(const struct storm_report *report)
{
	return json_array_size(report->first) < STORM_FIRST;
}

/* Texts are cut, objects left out. */
static void
take_member(json_t *to, const json_t *from, const char *name)
{
	json_t *value = json_object_get(from, name);
	const char *text = json_string_value(value);
	size_t length = json_string_length(value);

	if (text != NULL && length > STORM_TEXT_BYTES)
		json_object_set_new(to, name,
			json_stringn(text,
				text_cut(text, length, STORM_TEXT_BYTES)));
	else if (value != NULL && !json_is_object(value) &&
		 !json_is_array(value))
		json_object_set(to, name, value);
}

static json_t *
take_members(const json_t *from, const char *const *names)
{
	json_t *to = json_object();

	for (; from != NULL && *names != NULL; names++)
		take_member(to, from, *names);
	return to;
}

static json_t *
take_response(const json_t *response)
{
	static const char *const own[] = {
		"id", "survey", "score", "comment", "answered_at", NULL};
	static const char *const customer[] = {
		"id", "name", "email", "phone", NULL};
	static const char *const account[] = {"id", "name", "value", NULL};
	json_t *taken = take_members(response, own);
	json_t *segment = json_object_get(response, "segment"), *value;
	json_t *segments = json_object();
	const char *name;

	json_object_set_new(taken, "customer",
		take_members(json_object_get(response, "customer"), customer));
	json_object_set_new(taken, "account",
		take_members(json_object_get(response, "account"), account));
	json_object_foreach(segment, name, value)
		take_member(segments, segment, name);
	json_object_set_new(taken, "segment", segments);
	return taken;
}

static json_t *
member(const json_t *alert, const char *name)
{
	json_t *value = json_object_get(alert, name);

	return value != NULL ? value : json_null();
}

void
storm_report_show(struct storm_report *report, const json_t *alert, int64_t row,
	int64_t delivery)
{
	char *answer = mem_printf("%lld", (long long)row);
	char *number = mem_printf("%lld", (long long)delivery);

	json_array_append_new(report->first,
		json_pack("{s:o, s:O, s:O, s:O, s:O, s:s, s:s}", "response",
			take_response(json_object_get(alert, "response")),
			"category", member(alert, "category"), "owner",
			member(alert, "owner"), "follow_up",
			member(alert, "follow_up"), "rule",
			member(alert, "rule"), "row", answer, "delivery",
			number));
	free(answer);
	free(number);
}

const char *
storm_report_survey(const struct storm_report *report)
{
	if (json_object_size(report->surveys) != 1)
		return NULL;
	return json_object_iter_key(json_object_iter(report->surveys));
}

/* ---- as JSON ---- */

struct counted {
	const char *name;
	json_int_t count;
};

static int
by_count(const void *a, const void *b)
{
	const struct counted *one = a, *other = b;

	if (one->count != other->count)
		return one->count > other->count ? -1 : 1;
	return strcmp(one->name, other->name);
}

/* What people call the owner with this address; NULL: it is none's. */
static const char *
display_of(const struct owners *owners, const char *value)
{
	const struct owner *owner =
		strchr(value, '@') != NULL ? owners_find(owners, value) : NULL;

	return owner != NULL ? owner->display : NULL;
}

static json_t *
counted_json(const struct counted *counted, const char *kind,
	const struct owners *owners)
{
	const char *value = strchr(counted->name, '\n');

	if (value == NULL)
		return json_pack("{s:s, s:I}", kind, counted->name, "count",
			counted->count);
	return json_pack("{s:s%, s:s, s:s*, s:I}", kind, counted->name,
		(int)(value - counted->name), "value", value + 1, "display",
		display_of(owners, value + 1), "count", counted->count);
}

/* The most frequent, in order. */
static json_t *
most(const json_t *counts, const char *kind, const struct owners *owners)
{
	size_t size = json_object_size(counts), at = 0;
	struct counted *list = mem_new(size + 1, sizeof(*list));
	json_t *array = json_array(), *one;
	const char *name;

	json_object_foreach((json_t *)(uintptr_t)counts, name, one) list[at++] =
		(struct counted){name, json_integer_value(one)};
	qsort(list, size, sizeof(*list), by_count);
	for (size_t i = 0; i < size && i < STORM_VALUES; i++)
		json_array_append_new(
			array, counted_json(&list[i], kind, owners));
	free(list);
	return array;
}

static json_t *
time_of(int64_t at_ms)
{
	char text[TIME_TEXT_BYTES];

	time_to_rfc3339(at_ms, text);
	return json_string(text);
}

json_t *
storm_report_json(const struct storm_report *report,
	const struct owners *owners, int64_t count)
{
	json_int_t shown = (json_int_t)json_array_size(report->first);

	return json_pack("{s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:O, s:I}",
		"count", (json_int_t)count, "looked_at",
		(json_int_t)report->looked_at, "from", time_of(report->from_ms),
		"until", time_of(report->until_ms), "rules",
		most(report->rules, "rule", NULL), "categories",
		most(report->categories, "category", NULL), "surveys",
		most(report->surveys, "survey", NULL), "segments",
		most(report->segments, "segment", owners), "first",
		report->first, "more", (json_int_t)count - shown);
}
