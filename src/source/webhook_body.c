/* webhook_body - the body of a request: what it is, its parts, its records. */
#include "source/webhook_body.h"

#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "loop/media_type.h"
#include "loop/problem.h"
#include "nps/rejection.h"
#include "source/line_cutter.h"

/* ---- judging ---- */

static enum body_form
form_of(const struct http_request *request)
{
	struct text type = media_type(request);

	if (media_type_is_json(type))
		return BODY_JSON;
	if (media_type_is(type, "application/x-ndjson"))
		return BODY_LINES;
	if (media_type_is(type, "application/x-www-form-urlencoded"))
		return BODY_URLENCODED;
	return media_type_is(type, "multipart/form-data") ? BODY_MULTIPART
							  : BODY_OTHER;
}

static bool
is_taken(enum body_form form, bool mapped)
{
	switch (form) {
	case BODY_JSON:
		return true;
	case BODY_LINES:
		return !mapped;
	case BODY_URLENCODED:
	case BODY_MULTIPART:
		return mapped;
	case BODY_OTHER:
		break;
	}
	return false;
}

static void
refuse_type(struct http_request *request, bool mapped)
{
	http_problem(request, 415, "unsupported-media-type",
		"Unsupported media type",
		mapped ? "Send application/json, "
			 "application/x-www-form-urlencoded or "
			 "multipart/form-data, in UTF-8 and not compressed."
		       : "Send application/json (one object, or an array of "
			 "objects) or application/x-ndjson (one object a "
			 "line), in UTF-8 and not compressed.",
		NULL);
}

static void
refuse_size(struct http_request *request, const char *detail)
{
	http_problem(request, 413, "too-large", "Too large", detail, NULL);
}

bool
webhook_body_open(
	struct webhook_body *body, struct http_request *request, bool mapped)
{
	*body = (struct webhook_body){
		.request = request, .form = form_of(request)};
	body->bytes = http_request_body(request, &body->length);
	if (body->bytes == NULL)
		body->bytes = "";
	if (!is_taken(body->form, mapped) || media_type_is_encoded(request)) {
		refuse_type(request, mapped);
		return false;
	}
	if (body->length <= WEBHOOK_BODY_LIMIT_BYTES)
		return true;
	refuse_size(request, "A request may have 1 MiB: send fewer answers at "
			     "once.");
	return false;
}

void
webhook_body_done(struct webhook_body *body)
{
	form_done(&body->fields);
	json_decref(body->tree);
}

/* ---- parts ---- */

const struct form *
webhook_body_fields(struct webhook_body *body)
{
	if (body->form != BODY_URLENCODED && body->form != BODY_MULTIPART)
		return NULL;
	if (!body->fields_read) {
		body->fields_read = true;
		body->fields_good =
			body->form == BODY_URLENCODED
				? form_read_urlencoded(&body->fields,
					  body->bytes, body->length,
					  &body->fields_err)
				: form_read_multipart(&body->fields,
					  http_request_header(body->request,
						  "Content-Type"),
					  body->bytes, body->length,
					  &body->fields_err);
	}
	return body->fields_good ? &body->fields : NULL;
}

/* JSON that came as a form, as curl's -d sends it: one field with an odd name,
 * and a map's select would drop it. */
static bool
is_json(const struct webhook_body *body)
{
	struct text text = text_trim((struct text){body->bytes, body->length});

	if (body->form != BODY_URLENCODED || text.length == 0)
		return false;
	if (text.data[0] == '[')
		text = text_trim((struct text){text.data + 1, text.length - 1});
	return text.length > 0 && text.data[0] == '{';
}

static void
read_tree(struct webhook_body *body)
{
	const struct form *fields = webhook_body_fields(body);
	struct json_fault fault;
	struct err err = body->fields_err;

	if (body->form == BODY_JSON) {
		body->tree = json_read(body->bytes, body->length, &fault);
		if (body->tree != NULL)
			return;
		rejection_fill(&body->why, REJECTED_JSON, NULL, NULL, "%s",
			fault.reason);
		body->why.offset = fault.offset;
		body->why.offset_known = true;
		return;
	}
	if (is_json(body))
		err_set(&err, "this is JSON that was sent as a form: send it "
			      "with Content-Type: application/json");
	else if (fields != NULL)
		body->tree = form_to_json(fields, &err);
	if (body->tree == NULL)
		rejection_fill(
			&body->why, REJECTED_FORM, NULL, NULL, "%s", err.text);
}

json_t *
webhook_body_tree(struct webhook_body *body)
{
	if (!body->tree_read)
		read_tree(body);
	body->tree_read = true;
	return body->tree;
}

/* ---- records ---- */

static void
add_line(struct batch *batch, enum line_kind kind, const struct line *line)
{
	size_t length = line->length;
	struct record *record;

	if (kind == LINE_TOO_LONG && length > WEBHOOK_KEPT_BYTES)
		length = WEBHOOK_KEPT_BYTES;
	record = batch_add_at(batch, line->start, length);
	record->line = line->number;
	record->refused = kind == LINE_TOO_LONG;
	record->reason = REJECTED_TOO_LONG;
	record->full_length = line->length;
}

/* False: too many. */
static bool
read_lines(struct batch *batch)
{
	struct line_cutter cutter;
	struct line line;
	enum line_kind kind;

	line_cutter_init(&cutter, batch->bytes.data, batch->bytes.length,
		RESPONSE_LIMIT_BYTES, true, 0);
	while ((kind = line_cutter_next(&cutter, &line)) != LINE_NONE) {
		if (batch->count == WEBHOOK_RECORDS_LIMIT)
			return false;
		add_line(batch, kind, &line);
	}
	kind = line_cutter_last(&cutter, &line);
	if (kind != LINE_NONE)
		add_line(batch, kind, &line);
	return batch->count <= WEBHOOK_RECORDS_LIMIT;
}

static bool
is_array(const char *bytes, size_t length)
{
	struct text text = text_trim((struct text){bytes, length});

	return text.length > 0 && text.data[0] == '[';
}

/* An array gives its elements. What is no array, or no JSON at all, is one
 * record, and whoever decodes it says what is wrong. */
static bool
read_json(struct batch *batch, bool *is_batch)
{
	struct buf *bytes = &batch->bytes;
	struct json_fault fault;
	json_t *array = NULL, *element;
	size_t i;
	bool fits;

	if (is_array(bytes->data, bytes->length))
		array = json_read(bytes->data, bytes->length, &fault);
	*is_batch = array != NULL;
	if (array == NULL) {
		batch_add_at(batch, 0, bytes->length);
		return true;
	}
	fits = json_array_size(array) <= WEBHOOK_RECORDS_LIMIT;
	json_array_foreach(array, i, element)
	{
		if (!fits)
			break;
		batch_add_value(batch, json_incref(element));
	}
	json_decref(array);
	return fits;
}

/* ---- ids ---- */

static const char *
key_of(const struct webhook_body *body)
{
	const struct http_request *request = body->request;
	const char *key = http_request_header(
		request, body->key_header != NULL ? body->key_header
						  : "Idempotency-Key");

	if (body->key_header != NULL)
		return key != NULL && *key != '\0' ? key : NULL;
	if (key == NULL || *key == '\0')
		key = http_request_header(request, "webhook-id");
	return key != NULL && *key != '\0' ? key : NULL;
}

/* The key is the id where it can be one, else the id is made from it. */
static void
give_ids(struct batch *batch, const char *key, bool is_batch)
{
	size_t length = strlen(key), at;
	bool is_id = length + sizeof("#1000") <= RESPONSE_ID_LIMIT_BYTES &&
		     text_is_utf8(key, length, &at);

	for (size_t i = 0; i < batch->count; i++) {
		struct record *record = &batch->records[i];

		record->id_name_is_id = is_id;
		record->id_name = is_batch ? mem_printf("%s#%zu", key, i)
					   : mem_strdup(key);
	}
}

void
webhook_body_give_ids(
	struct batch *batch, const struct webhook_body *body, bool is_batch)
{
	const char *key = key_of(body);

	if (key != NULL)
		give_ids(batch, key, is_batch);
}

struct batch *
webhook_body_read(struct source *source, struct webhook_body *body)
{
	struct batch *batch = batch_new(source, "request");
	bool is_batch = true;

	buf_append(&batch->bytes, body->bytes, body->length);
	if (body->form == BODY_LINES ? !read_lines(batch)
				     : !read_json(batch, &is_batch)) {
		batch_free(batch);
		refuse_size(body->request,
			"A request may have 1000 answers: send several "
			"requests.");
		return NULL;
	}
	webhook_body_give_ids(batch, body, is_batch);
	return batch;
}
