/*
 * response - from bytes to an answer and back. What its members may be is
 * normal.c's, how a refusal reads is rejection.c's.
 *
 *	one allocation:  | struct response | content, NUL | room for an id |
 *
 * The text to keep is the record as it came; what was missing is added before
 * its last brace, so that most records are copied once and never written anew.
 */
#include "nps/response.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/json_memory.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/time.h"
#include "nps/normal.h"
#include "nps/rejection.h"
#include "nps/response_record.h"

/* Behind the content: enough for `,"id":"` and a UUID. */
enum { ID_ROOM_BYTES = 64 };

static char *
inline_content(struct response *response)
{
	return (char *)(response + 1);
}

/* room: bytes of content, with its NUL, that lie behind the struct. */
static struct response *
response_new(size_t room)
{
	struct response *response = json_memory_new(sizeof(*response) + room);

	*response = (struct response){.content_room = room};
	return response;
}

void
response_free(struct response *response)
{
	if (!response)
		return;
	if (response->content != inline_content(response))
		free(response->content);
	record_free(response);
	json_memory_free(response);
}

/* Takes a text as the content. */
static void
replace_content(struct response *response, char *text)
{
	if (response->content != inline_content(response))
		free(response->content);
	response->content = text;
	response->content_length = strlen(text);
}

static void
copy_content(struct response *response, const char *bytes, size_t length)
{
	response->content = inline_content(response);
	response->content_length = length;
	memcpy(response->content, bytes, length);
	response->content[length] = '\0';
}

/* Adds `,"name":"text"` before the last brace of the content. */
static void
splice(struct response *response, const char *name, const char *text)
{
	struct buf added = {0};
	size_t old = response->content_length - 1;

	assert(response->content[old] == '}');
	buf_append_char(&added, ',');
	json_append_string(&added, name, strlen(name));
	buf_append_char(&added, ':');
	json_append_string(&added, text, strlen(text));
	buf_append_char(&added, '}');
	if (response->content != inline_content(response) ||
		old + added.length >= response->content_room) {
		char *longer = mem_grow(NULL, old + added.length + 1, 1);

		memcpy(longer, response->content, old);
		longer[old] = '\0';
		replace_content(response, longer);
	}
	memcpy(response->content + old, added.data, added.length + 1);
	response->content_length = old + added.length;
	buf_done(&added);
}

/* The content as the record's values say it. */
static void
write_content(struct response *response)
{
	json_t *tree = response_tree(response);

	replace_content(response, json_text(tree));
	json_decref(tree);
}

/* The added members in the order in which normal_apply added them. */
static void
make_content(struct response *response, const char *bytes, size_t length,
	const struct normal *normal)
{
	if (normal->rewritten || memchr(bytes, '\n', length) ||
		memchr(bytes, '\r', length)) {
		write_content(response);
		return;
	}
	copy_content(response, bytes, length);
	if (normal->survey_added)
		splice(response, "survey", response->survey);
	if (normal->answered_added)
		splice(response, "answered_at",
			flat_member(response->record, "answered_at")->text);
}

static const char *
json_type_name(json_type type)
{
	if (type == JSON_ARRAY)
		return "a list";
	if (type == JSON_STRING)
		return "text";
	if (type == JSON_INTEGER || type == JSON_REAL)
		return "a number";
	return type == JSON_NULL ? "null" : "true or false";
}

static bool
refuse_not_object(json_type type, struct rejection *why)
{
	return rejection_fill(why, REJECTED_NOT_OBJECT, NULL, NULL,
		"a response must be one JSON object in { }; this is %s",
		json_type_name(type));
}

/* Whether the reader stopped at a character that may not be there, rather
 * than at a mistake in the writing: bytes that are no UTF-8, NUL, or an escape
 * of four good digits. */
static bool
is_encoding_fault(const char *bytes, size_t length, size_t at)
{
	static const char digits[] = "0123456789abcdefABCDEF";

	if (at >= length)
		return false;
	if (!bytes[at] || !text_sequence(bytes + at, length - at, NULL))
		return true;
	if (length - at < 6 || bytes[at] != '\\' || bytes[at + 1] != 'u')
		return false;
	for (size_t i = at + 2; i < at + 6; i++)
		if (!memchr(digits, bytes[i], sizeof(digits) - 1))
			return false;
	return true;
}

static bool
refuse_json(const char *bytes, size_t length, const struct json_fault *fault,
	struct rejection *why)
{
	enum rejection_reason reason =
		is_encoding_fault(bytes, length, fault->offset)
			? REJECTED_ENCODING
			: REJECTED_JSON;

	if (fault->line > 1)
		rejection_fill(why, reason, NULL, NULL,
			"not valid JSON: %s (line %d, character %d)",
			fault->reason, fault->line, fault->column);
	else
		rejection_fill(why, reason, NULL, NULL,
			"not valid JSON: %s (character %d)", fault->reason,
			fault->column);
	why->offset = fault->offset;
	why->offset_known = true;
	return false;
}

/* Reads the text as an object. False with *why filled if it is none. */
static bool
read_record(struct response *response, struct text text,
	struct record_room *room, struct rejection *why)
{
	struct json_fault fault;
	json_t *tree;

	if (!text.length)
		return rejection_fill(
			why, REJECTED_JSON, NULL, NULL, "the record is empty");
	if (!record_read(response, text.data, text.length, room)) {
		tree = json_read_strictly(text.data, text.length, &fault);
		if (!tree)
			return refuse_json(text.data, text.length, &fault, why);
		record_lay(response, tree);
		json_decref(tree);
	}
	if (response->record->type == JSON_OBJECT)
		return true;
	refuse_not_object(response->record->type, why);
	why->offset_known = true;
	return false;
}

/* Decodes without a limit to the length; offsets count from text.data. */
static struct response *
decode(struct text text, const struct response_defaults *defaults,
	struct rejection *why)
{
	struct normal normal = {0};
	struct record_room room;
	struct response *response =
		response_new(text.length + 1 + ID_ROOM_BYTES);
	bool good = read_record(response, text, &room, why);

	if (good && !normal_apply(response, defaults, &normal, why)) {
		rejection_locate(why, text.data, text.length);
		good = false;
	}
	if (response->record)
		record_settle(response, &room);
	if (good) {
		make_content(response, text.data, text.length, &normal);
		return response;
	}
	response_free(response);
	return NULL;
}

struct response *
response_decode(const char *bytes, size_t length,
	const struct response_defaults *defaults, struct rejection *why)
{
	struct text text = text_trim((struct text){bytes, length});

	if (text.length > RESPONSE_LIMIT_BYTES) {
		rejection_fill(why, REJECTED_TOO_LONG, NULL, NULL,
			"the record is %zu bytes long; at most %d are taken",
			text.length, RESPONSE_LIMIT_BYTES);
		return NULL;
	}
	struct response *response = decode(text, defaults, why);

	if (!response)
		why->offset += (size_t)(text.data - bytes);
	return response;
}

/* What json_read would have refused in a text: a map can make it. */
static bool
check_tree(const json_t *value, int depth, struct rejection *why)
{
	const char *key;
	json_t *member;
	size_t i;
	json_t *lent;

	if (depth > JSON_DEPTH_LIMIT)
		return rejection_fill(why, REJECTED_JSON, NULL, NULL,
			"nested deeper than %d levels", JSON_DEPTH_LIMIT);
	if (json_is_string(value) &&
		strlen(json_string_value(value)) != json_string_length(value))
		return rejection_fill(why, REJECTED_ENCODING, NULL, NULL,
			"a NUL character in a string");
	/* jansson's iterators take no const value, and change none. */
	memcpy(&lent, &value, sizeof(lent));
	json_object_foreach(lent, key, member)
	{
		if (strlen(key) !=
			json_object_iter_key_len(json_object_key_to_iter(key)))
			return rejection_fill(why, REJECTED_ENCODING, NULL,
				NULL, "a NUL character in a name");
		if (!check_tree(member, depth + 1, why))
			return false;
	}
	json_array_foreach(lent, i, member)
	{
		if (!check_tree(member, depth + 1, why))
			return false;
	}
	return true;
}

static bool
check_content_length(const struct response *response, struct rejection *why)
{
	if (response->content_length <= RESPONSE_LIMIT_BYTES)
		return true;
	return rejection_fill(why, REJECTED_TOO_LONG, NULL, NULL,
		"the record is %zu bytes long; at most %d are taken",
		response->content_length, RESPONSE_LIMIT_BYTES);
}

struct response *
response_from_json(json_t *document, const struct response_defaults *defaults,
	struct rejection *why)
{
	struct normal normal = {0};

	if (!json_is_object(document)) {
		refuse_not_object(json_typeof(document), why);
		json_decref(document);
		return NULL;
	}
	struct response *response = response_new(0);
	bool good = check_tree(document, 1, why);

	if (good) {
		record_lay(response, document);
		good = normal_apply(response, defaults, &normal, why);
	}
	json_decref(document);
	if (good) {
		write_content(response);
		good = check_content_length(response, why);
	}
	if (good)
		return response;
	response_free(response);
	return NULL;
}

struct response *
response_restore(
	const char *content, size_t length, bool contact_ok, struct err *err)
{
	/* No stored time is ahead of this one. */
	const struct response_defaults defaults = {
		.contact_ok = contact_ok, .now_ms = 10000 * 366 * MS_PER_DAY};
	struct rejection why;
	struct response *response =
		decode((struct text){content, length}, &defaults, &why);

	if (!response) {
		err_set(err, "a kept response is damaged: %s", why.text);
		return NULL;
	}
	if (response->id && response->survey && !response->answered_missing)
		return response;
	err_set(err, "a kept response is damaged: %s is missing",
		!response->id	    ? "id"
		: !response->survey ? "survey"
				    : "answered_at");
	response_free(response);
	return NULL;
}

/* What is no UTF-8 in the id becomes U+FFFD; the caller frees it. */
static char *
mend_id(const char *id)
{
	struct buf literal = {0};

	json_append_string(&literal, id, strlen(id));
	json_t *value =
		json_loadb(literal.data, literal.length, JSON_DECODE_ANY, NULL);
	char *mended = mem_strdup(json_string_value(value));

	json_decref(value);
	buf_done(&literal);
	return mended;
}

void
response_set_id(struct response *response, const char *id)
{
	assert(!response->id);
	const struct flat *null = flat_member(response->record, "id");
	char *mended = text_is_utf8(id, strlen(id), NULL) ? NULL : mend_id(id);

	if (mended)
		id = mended;
	if (null) {
		struct flat *value =
			response->record + (null - response->record);

		record_set_text(response, value, id);
		response->id = value->text;
		write_content(response);
	} else {
		response->id = record_add_text(response, "id", id);
		splice(response, "id", response->id);
	}
	free(mended);
}

bool
response_is_detractor(const struct response *response)
{
	return response->kind == RESPONSE_ANSWER &&
	       response->category == CATEGORY_DETRACTOR;
}
