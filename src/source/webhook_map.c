/* webhook_map - a jq program that makes answers of what a survey tool sends. */
#include "source/webhook_map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date_format.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/time.h"
#include "crypt/digest.h"
#include "expr/expr.h"
#include "nps/program.h"
#include "nps/rejection.h"

enum {
	TEXTS_LIMIT = 200,     /* JSON texts inside of one body that are read */
	TEXTS_DEPTH_LIMIT = 4, /* and how often inside of one another */
	TRIES = 2, /* of a map that is late: others may be at work */
};

/* Greater integers are no whole numbers in jq. */
static const json_int_t exact_limit = INT64_C(1) << 53;

struct webhook_map {
	const struct map_settings *settings; /* lent */
	struct expr_set *set;
	struct zone *zone; /* NULL: times must say theirs */
};

struct webhook_map *
webhook_map_open(const struct map_settings *settings, struct err *err)
{
	struct webhook_map *map = mem_new(1, sizeof(*map));
	bool good = true;

	map->settings = settings;
	map->set = expr_set_new();
	expr_set_add_map(map->set, "map", settings->jq.text);
	good = program_compile(map->set, err);
	if (good && settings->timezone != NULL) {
		map->zone = zone_open(settings->timezone, err);
		good = map->zone != NULL;
	}
	if (good)
		return map;
	webhook_map_close(map);
	return NULL;
}

void
webhook_map_close(struct webhook_map *map)
{
	if (map == NULL)
		return;
	expr_set_free(map->set);
	zone_close(map->zone);
	free(map);
}

/* ---- what it sees ---- */

static void walk(json_t *value, json_t *texts, int depth);

/* A text that is JSON itself. */
static void
see_text(const json_t *value, json_t *texts, int depth)
{
	struct text text = text_trim((struct text){
		json_string_value(value), json_string_length(value)});
	struct json_fault fault;
	json_t *inner;

	if (depth == TEXTS_DEPTH_LIMIT || text.length == 0 ||
		(*text.data != '{' && *text.data != '[') ||
		json_object_size(texts) >= TEXTS_LIMIT ||
		json_object_get(texts, json_string_value(value)) != NULL)
		return;
	inner = json_read(text.data, text.length, &fault);
	if (inner == NULL)
		return;
	walk(inner, texts, depth + 1);
	json_object_set_new_nocheck(texts, json_string_value(value), inner);
}

/* An integer that a double cannot hold, as text; else NULL. */
static json_t *
exact_text(const json_t *value)
{
	json_int_t number = json_integer_value(value);
	json_t *text;
	char *digits;

	if (!json_is_integer(value) ||
		(number <= exact_limit && number >= -exact_limit))
		return NULL;
	digits = mem_printf("%" JSON_INTEGER_FORMAT, number);
	text = json_string_nocheck(digits);
	free(digits);
	return text;
}

/* Collects the JSON texts in a value, and makes great integers texts. */
static void
walk(json_t *value, json_t *texts, int depth)
{
	const char *key;
	json_t *member;
	size_t i;

	if (json_is_string(value))
		see_text(value, texts, depth);
	json_object_foreach(value, key, member)
	{
		json_t *text = exact_text(member);

		if (text != NULL)
			json_object_set_new_nocheck(value, key, text);
		else
			walk(member, texts, depth);
	}
	json_array_foreach(value, i, member)
	{
		json_t *text = exact_text(member);

		if (text != NULL)
			json_array_set_new(value, i, text);
		else
			walk(member, texts, depth);
	}
}

/* What lets somebody in is nobody's answer. */
static void
on_header(const char *name, const char *value, void *context)
{
	json_t *headers = context;
	char *lower = mem_strdup(name);
	size_t at;

	text_lower(lower);
	if (!text_same(lower, "authorization") && !text_same(lower, "cookie") &&
		text_is_utf8(value, strlen(value), &at) &&
		json_object_get(headers, lower) == NULL)
		json_object_set_new(headers, lower, json_string(value));
	free(lower);
}

static json_t *
query_of(const struct http_request *request)
{
	const char *query = strchr(http_request_target(request), '?');
	json_t *object = json_object();
	struct form form = {NULL, 0};
	struct err err;

	if (query != NULL &&
		form_read_urlencoded(&form, query + 1, strlen(query + 1), &err))
		for (size_t i = form.count; i > 0; i--)
			json_object_set_new(object, form.fields[i - 1].name,
				json_string(form.fields[i - 1].value));
	form_done(&form);
	return object;
}

static json_t *
request_of(const struct webhook_body *body)
{
	const struct http_request *request = body->request;
	uint8_t digest[SHA256_BYTES];
	char hex[SHA256_HEX_BYTES];
	json_t *headers = json_object(), *path;
	size_t at;
	const char *text = http_request_path(request);

	http_request_each_header(request, on_header, headers);
	digest_sha256(body->bytes, body->length, digest);
	digest_hex(digest, sizeof(digest), hex);
	path = text_is_utf8(text, strlen(text), &at) ? json_string(text)
						     : json_null();
	return json_pack("{s:s, s:o, s:o, s:o, s:s}", "method",
		http_request_method_text(request), "path", path, "query",
		query_of(request), "headers", headers, "body_sha256", hex);
}

static struct expr_input *
input_of(const struct webhook_body *body, json_t *tree)
{
	json_t *texts = json_object(), *whole = json_array();
	json_t *outer = json_pack("[O]", tree);
	struct expr_input *input;

	walk(outer, texts, 0);
	json_array_append(whole, json_array_get(outer, 0));
	json_array_append_new(whole, request_of(body));
	json_array_append_new(whole, texts);
	input = expr_input_new(whole);
	json_decref(whole);
	json_decref(outer);
	return input;
}

/* ---- what it gives ---- */

/* True if the text ends in a zone of its own, as 10:00+01:00 or 10:00 -0700. */
static bool
has_offset(const char *text)
{
	const char *colon = strchr(text, ':');

	return colon != NULL && strpbrk(colon, "+-Zz") != NULL;
}

static bool
read_time(const struct webhook_map *map, const json_t *value, int64_t *ms)
{
	const char *format = map->settings->date_format;
	const char *text = json_string_value(value);
	struct zone *utc = NULL;
	const struct zone *zone = map->zone;
	struct err err;
	size_t length, at;
	bool good;

	if (text == NULL)
		return false;
	length = json_string_length(value);
	if (time_from_rfc3339(text, length, ms, &err))
		return true;
	if (zone == NULL)
		zone = utc = zone_open("UTC", &err);
	good = (format != NULL && date_format_read(format, text, length, zone,
					  ms, &at, &err)) ||
	       ((map->zone != NULL || has_offset(text)) &&
		       date_iso_read(text, length, zone, ms, &err));
	zone_close(utc);
	return good;
}

/* Times as tools write them become RFC 3339; what is none stays, and whoever
 * reads the answer says so. A revision may be a time: later is higher. */
static void
convert_times(const struct webhook_map *map, json_t *answer)
{
	json_t *answered = json_object_get(answer, "answered_at");
	json_t *revision = json_object_get(answer, "revision");
	int64_t ms;

	if (read_time(map, answered, &ms)) {
		char text[TIME_TEXT_BYTES];

		time_to_rfc3339(ms, text);
		json_object_set_new(answer, "answered_at", json_string(text));
	}
	if (read_time(map, revision, &ms) && ms >= 0)
		json_object_set_new(answer, "revision", json_integer(ms));
}

/* What jq says stays, and what would mend it follows. */
static void
add_hint(struct err *err)
{
	static const char *const hints[][2] = {
		{"Cannot index string", "is it JSON inside a text? fromjson "
					"reads it"},
		{"Cannot iterate over string", "is it JSON inside a text? "
					       "fromjson reads it"},
		{"Cannot iterate over null",
			"the list is missing; (.list // [])[] goes on without"},
	};
	size_t length = strlen(err->text);

	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (strstr(err->text, hints[i][0]) != NULL)
			snprintf(err->text + length, sizeof(err->text) - length,
				": %s", hints[i][1]);
}

/* The whole body, refused. */
static void
refuse(struct batch *batch, enum rejection_reason reason, const char *text)
{
	struct record *record = batch_add_at(batch, 0, batch->bytes.length);

	record->refused = true;
	record->reason = reason;
	rejection_fill(&record->rejection, reason, NULL, NULL, "%s", text);
}

static void
run(struct webhook_map *map, struct batch *batch,
	const struct webhook_body *body, json_t *tree)
{
	struct expr_input *input = input_of(body, tree);
	enum expr_end end = EXPR_DEADLINE;
	json_t *values = NULL, *value;
	struct err err;
	size_t i;

	for (int try = 0; try < TRIES && end == EXPR_DEADLINE; try++)
		end = expr_run_values(map->set, 0, input, WEBHOOK_RECORDS_LIMIT,
			&values, &err);
	expr_input_free(input);
	if (end != EXPR_OK) {
		program_hush(&err);
		add_hint(&err);
		refuse(batch, REJECTED_MAP, err.text);
		return;
	}
	json_array_foreach(values, i, value)
	{
		struct record *record =
			batch_add_at(batch, 0, batch->bytes.length);

		convert_times(map, value);
		record->value = json_incref(value);
	}
	json_decref(values);
	webhook_body_give_ids(batch, body, batch->count > 1);
}

struct batch *
webhook_map_run(struct webhook_map *map, struct source *source,
	struct webhook_body *body)
{
	struct batch *batch = batch_new(source, "request");
	json_t *tree = webhook_body_tree(body);

	batch->mapped = true;
	buf_append(&batch->bytes, body->bytes, body->length);
	if (tree != NULL) {
		run(map, batch, body, tree);
	} else {
		refuse(batch, body->why.reason, body->why.text);
		batch->records[0].rejection = body->why;
	}
	return batch;
}
