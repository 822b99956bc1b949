/*
 * source_import - answers that `npsd import` brings: files, piece by piece.
 *
 * Those of the past are counted in their own time and fire nothing, unless the
 * request says fire=true. They go through the one writer like any others.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "crypt/digest.h"
#include "loop/problem.h"
#include "source/import_body.h"
#include "source/import_reply.h"
#include "source/source.h"

#define IMPORT_PATH "/api/v1/import"

struct import {
	struct source source; /* first */
	size_t under_way;
	bool closing;
};

/* A request on its way. */
struct asking {
	struct http_request *request;
	struct import_body body;
	struct csv_settings csv; /* its own */
	bool has_csv;
	struct csv_settings now; /* those in force, lent; of this piece */
};

static const struct source_settings no_settings;

/* ---- what a request says ---- */

static bool
refuse(struct http_request *request, const char *detail)
{
	http_problem(request, 400, "bad-request", "Bad request", detail, NULL);
	return false;
}

static bool
is_said(const struct http_request *request, const char *name)
{
	return text_same(http_request_query(request, name), "true");
}

static bool
read_number(struct http_request *request, const char *name, int64_t *number)
{
	const char *text = http_request_query(request, name);
	char *detail;

	*number = 0;
	if (text == NULL || text_to_integer(text, 0, INT64_MAX / 2, number))
		return true;
	detail = mem_printf("%s is no whole number", name);
	refuse(request, detail);
	free(detail);
	return false;
}

/* The block `csv:` as text. */
static bool
read_own_csv(struct asking *asking, const char *text)
{
	struct conf_errors *errors = conf_errors_new();
	struct setting_reader reader = {.errors = errors};
	struct conf_document *document =
		conf_document_read("csv", text, strlen(text), errors);
	const struct conf_node *root =
		document != NULL ? conf_document_root(document) : NULL;
	struct buf said = {0};
	bool good;

	asking->has_csv = true;
	if (root != NULL &&
		setting_read(&reader, csv_settings, root, "csv", &asking->csv))
		csv_settings_check(&asking->csv, root, "csv", errors);
	good = conf_errors_count(errors) == 0;
	conf_errors_write(errors, &said);
	if (!good)
		refuse(asking->request, said.data);
	buf_done(&said);
	conf_document_free(document);
	conf_errors_free(errors);
	return good;
}

/* A table of which nothing is said is read as the source reads its own. */
static bool
read_csv(struct asking *asking, const struct source *as)
{
	const char *text = http_request_query(asking->request, "csv");
	const struct csv_settings *own =
		as != NULL ? source_directory_csv(as) : NULL;

	asking->body.csv = &asking->csv;
	if (text == NULL && own != NULL) {
		asking->body.csv = own;
		return true;
	}
	return read_own_csv(asking, text != NULL ? text : "{}");
}

/* The delimiter that was found before holds for the whole file. */
static void
read_delimiter(struct asking *asking)
{
	const char *delimiter =
		http_request_query(asking->request, "delimiter");

	if (delimiter == NULL || *delimiter == '\0')
		return;
	asking->now = *asking->body.csv;
	asking->now.delimiter = *delimiter;
	asking->body.csv = &asking->now;
}

static bool
read_form(struct asking *asking, const struct source *as)
{
	struct http_request *request = asking->request;
	const char *format = http_request_query(request, "format");

	if (text_same(format, "jsonl"))
		return true;
	if (!text_same(format, "csv"))
		return refuse(request, "format is csv or jsonl");
	if (!read_csv(asking, as))
		return false;
	read_delimiter(asking);
	return true;
}

static bool
read_body(struct asking *asking, const struct source *as)
{
	struct http_request *request = asking->request;
	struct import_body *body = &asking->body;
	int64_t head;

	if (!read_form(asking, as) || !read_number(request, "head", &head) ||
		!read_number(request, "line", &body->line))
		return false;
	body->data = http_request_body(request, &body->length);
	if (body->data == NULL)
		body->data = "";
	if (body->length > IMPORT_BODY_LIMIT_BYTES)
		return refuse(request, "A request may have 2 MiB.");
	if (head > (int64_t)body->length)
		return refuse(request, "head goes past the body");
	body->head = (size_t)head;
	body->started = is_said(request, "started");
	if (body->head > 0 && !body->started)
		return refuse(request, "head goes with started=true");
	body->last = is_said(request, "last");
	body->skip = is_said(request, "skip");
	return true;
}

/* Whose answers they are, and of when. */
static bool
read_batch(struct asking *asking, const struct source *as, struct batch *batch)
{
	struct http_request *request = asking->request;
	const char *survey = http_request_query(request, "survey");
	const char *digest = http_request_query(request, "digest");
	const char *at = http_request_query(request, "answered_at");
	struct err err;

	batch->history = !is_said(request, "fire");
	batch->missing_ms = batch->history ? RESPONSE_TIME_NEEDED : 0;
	if (at != NULL &&
		!time_from_rfc3339(at, strlen(at), &batch->missing_ms, &err))
		return refuse(request, err.text);
	if (survey != NULL &&
		(*survey == '\0' || strlen(survey) > RESPONSE_NAME_LIMIT_BYTES))
		return refuse(request, "survey has 1 to 128 bytes");
	if (digest != NULL && strlen(digest) != SHA256_HEX_BYTES - 1)
		return refuse(request, "digest is no SHA-256 in hex");
	if (digest != NULL)
		batch->id_prefix = mem_printf("%s\n", digest);
	if (as != NULL) {
		batch->as = mem_strdup(as->name);
		batch->as_by_arrival = as->settings->by_arrival;
		batch->survey = mem_strdup(as->settings->survey);
	}
	if (survey != NULL) {
		free(batch->survey);
		batch->survey = mem_strdup(survey);
	}
	return true;
}

/* ---- requests ---- */

static void
asking_free(struct asking *asking)
{
	import_body_done(&asking->body);
	if (asking->has_csv)
		setting_done(csv_settings, &asking->csv);
	free(asking);
}

/* False: the request was answered. */
static bool
find_as(const struct import *import, struct http_request *request,
	const struct source **as)
{
	const struct source_host *host = import->source.host;
	const char *name = http_request_query(request, "source");

	*as = NULL;
	if (name == NULL)
		return true;
	*as = host->find(host->context, name);
	return *as != NULL ||
	       refuse(request, "There is no source of that name: leave it out, "
			       "or name one of the configuration.");
}

static struct batch *
read_request(struct import *import, struct asking *asking)
{
	struct http_request *request = asking->request;
	const char *label = http_request_query(request, "label");
	const struct source *as;
	struct batch *batch;

	if (!find_as(import, request, &as) || !read_body(asking, as))
		return NULL;
	batch = batch_new(&import->source, label != NULL ? label : "import");
	if (!read_batch(asking, as, batch)) {
		batch_free(batch);
		return NULL;
	}
	import_body_read(&asking->body, batch);
	batch->receipt = asking;
	return batch;
}

static void
import_request(struct source *source, struct http_request *request)
{
	struct import *import = (struct import *)source;
	const struct source_host *host = source->host;
	struct asking *asking;
	struct batch *batch;

	if (http_request_method(request) != HTTP_POST) {
		http_problem_method(request, "POST");
		return;
	}
	asking = mem_new(1, sizeof(*asking));
	asking->request = request;
	batch = read_request(import, asking);
	if (batch == NULL) {
		asking_free(asking);
		return;
	}
	import->under_way++;
	if (host->offer(host->context, batch))
		return;
	import->under_way--;
	batch_free(batch);
	asking_free(asking);
	http_problem_busy(request, 1,
		"More answers wait than can be kept at once. Send it again.");
}

static void
end_if_done(struct import *import)
{
	const struct source_host *host = import->source.host;

	if (!import->closing || import->under_way > 0)
		return;
	host->closed(host->context, &import->source);
	free(import);
}

static void
import_settled(struct source *source, struct batch *batch)
{
	struct import *import = (struct import *)source;
	struct asking *asking = batch->receipt;

	if (batch->kept)
		import_reply(asking->request, batch, &asking->body);
	else
		http_problem_busy(asking->request, 1,
			"Nothing of this request was kept. Send it again.");
	batch_free(batch);
	asking_free(asking);
	import->under_way--;
	end_if_done(import);
}

/* ---- life ---- */

static struct source *
import_open(const char *name, const void *settings,
	const struct source_host *host, struct err *err)
{
	struct import *import = mem_new(1, sizeof(*import));

	(void)settings;
	(void)err;
	import->source =
		(struct source){&source_import, name, &no_settings, host};
	return &import->source;
}

static void
import_close(struct source *source)
{
	struct import *import = (struct import *)source;

	import->closing = true;
	end_if_done(import);
}

static void
import_room(struct source *source)
{
	(void)source;
}

static const char *
import_path(const void *settings)
{
	(void)settings;
	return IMPORT_PATH;
}

const struct source_kind source_import = {
	.setting = {"import", source_settings, sizeof(struct source_settings),
		"Answers that a command brings."},
	.open = import_open,
	.close = import_close,
	.settled = import_settled,
	.room = import_room,
	.path = import_path,
	.privileged = true,
	.request = import_request,
};
