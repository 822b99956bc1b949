/* command_map - what a webhook source would make of a request. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "top/command.h"
#include "top/posting.h"
#include "top/trying.h"

static struct setting_item *
find_source(struct config *config, const char *name)
{
	struct setting_items *items = &config->sources;

	for (size_t i = 0; i < items->count; i++)
		if (strcmp(items->items[i].name, name) == 0)
			return &items->items[i];
	return NULL;
}

/* The detail of a problem document (RFC 9457), or the first line. */
static void
tell_refusal(const struct posting *posting)
{
	const char *body = strstr(posting->answer.data, "\r\n\r\n");
	struct json_fault fault;
	json_t *problem = NULL;
	const char *detail = NULL;

	if (body != NULL)
		problem = json_read(body + 4, strlen(body + 4), &fault);
	detail = json_string_value(json_object_get(problem, "detail"));
	fprintf(stderr, "npsd: it would be answered with %d: %s\n",
		posting->status, detail != NULL ? detail : "");
	json_decref(problem);
}

static int
show(const struct posting *posting)
{
	int code = COMMAND_OK;
	json_t *record;
	size_t i;

	json_array_foreach(posting->records, i, record)
	{
		const json_t *rejected = json_object_get(record, "rejected");
		const char *pointer = json_string_at(rejected, "pointer");

		if (rejected == NULL) {
			show_json(json_object_get(record, "response"));
			continue;
		}
		code = COMMAND_NEGATIVE;
		fprintf(stderr,
			"npsd: answer %zu would be refused (%s%s%s): "
			"%s\n",
			i + 1, json_string_at(rejected, "reason"),
			*pointer != '\0' ? ", " : "", pointer,
			json_string_at(rejected, "text"));
	}
	if (json_array_size(posting->records) == 0)
		fputs("npsd: it holds no answer, and would be ignored\n",
			stderr);
	return code;
}

static int
show_as_json(const struct posting *posting, const json_t *unverified)
{
	json_t *all = json_pack("{s:i, s:O, s:O?}", "status", posting->status,
		"unverified", unverified, "records", posting->records);
	int code = COMMAND_OK;
	const json_t *record;
	size_t i;

	json_array_foreach(posting->records, i,
		record) if (json_object_get(record, "rejected") != NULL) code =
		COMMAND_NEGATIVE;
	show_json(all);
	json_decref(all);
	return code;
}

/* Once as it would be heard, and where that ends at the signature, once more for
 * the map. */
static int
try_source(const struct command_options *options, struct posting *posting,
	void *settings)
{
	json_t *unverified = json_null();
	struct err err;
	int code = COMMAND_NEGATIVE;
	bool good = posting_try(posting, &err);

	if (good && posting->unverified) {
		unverified = json_string(posting->why.text);
		if (!options->json)
			fprintf(stderr, "npsd: it would be refused: %s\n",
				posting->why.text);
		posting_done(posting);
		posting->records = NULL;
		posting->answer = (struct buf){0};
		source_webhook_trust(settings);
		good = posting_try(posting, &err);
	}
	if (!good)
		fprintf(stderr, "npsd: %s\n", err.text);
	else if (options->json)
		code = show_as_json(posting, unverified);
	else if (posting->records == NULL)
		tell_refusal(posting);
	else
		code = show(posting);
	if (!json_is_null(unverified) || posting->records == NULL)
		code = COMMAND_NEGATIVE;
	json_decref(unverified);
	return code;
}

static int
map(const struct command_options *options, const struct buf *body,
	struct config *config)
{
	struct setting_item *item = find_source(config, options->words[0]);
	struct posting posting = {
		.name = options->words[0],
		.headers = options->headers,
		.body = body,
		.contact_ok = config->privacy.contact_default,
	};
	int code;

	if (item == NULL || strcmp(item->kind->name, "webhook") != 0) {
		fprintf(stderr,
			"npsd: no source of type webhook is called \"%s\"; "
			"npsd "
			"config shows them\n",
			options->words[0]);
		return COMMAND_USAGE;
	}
	posting.settings = item->record;
	code = try_source(options, &posting, item->record);
	posting_done(&posting);
	return code;
}

int
command_map(const struct command_options *options)
{
	struct trying_setup setup;
	struct buf body = {0};
	struct err err;
	int code = trying_open(options, &setup);

	if (code != COMMAND_OK)
		return code;
	if (trying_read(options->words[1], &body, &err)) {
		code = map(options, &body, setup.config);
	} else {
		fprintf(stderr, "npsd: %s\n", err.text);
		code = COMMAND_USAGE;
	}
	buf_done(&body);
	trying_close(&setup);
	return code;
}
