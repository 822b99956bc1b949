/* command_silence - silence: set one, end one, list them. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "conf/node.h"
#include "conf/node_json.h"
#include "top/command.h"
#include "top/list.h"

#define ROUTE "/api/v1/silences"

static const char *const columns[] = {"ROW=row", "STATE=state", "UNTIL=until",
	"ENDED=ended_at", "SILENCED=silenced", "RULE=rule", "MATCH=match",
	"BY=by", "WHY=why", NULL};

static const char *const cells[] = {"=row", "=state", "=since", "=until",
	"=ended_at", "=ended_by", "=silenced", "=rule", "=match", "=by", "=why",
	NULL};

/* ---- what to match ---- */

/* As a rule's match: would have it: "{contains: [cancel]}", "\"a, b\"". */
static json_t *
read_yaml(const char *text)
{
	struct conf_errors *errors = conf_errors_new();
	struct conf_document *document =
		conf_document_read("--match", text, strlen(text), errors);
	json_t *value = NULL;

	if (document != NULL && conf_errors_count(errors) == 0)
		value = conf_node_json(conf_document_root(document));
	conf_document_free(document);
	conf_errors_free(errors);
	return value;
}

/* "NL", "NL,BE", ">=10000", "present" */
static json_t *
read_words(const char *text)
{
	json_t *list = json_array(), *only;

	for (;;) {
		size_t length = strcspn(text, ",");
		struct text word = text_trim((struct text){text, length});

		json_array_append_new(
			list, json_stringn(word.data, word.length));
		if (text[length] == '\0')
			break;
		text += length + 1;
	}
	if (json_array_size(list) > 1)
		return list;
	only = json_incref(json_array_get(list, 0));
	json_decref(list);
	return only;
}

/* False after it was told. */
static bool
add_match(json_t *match, const char *text)
{
	const char *equals = strchr(text, '=');
	char *field;
	json_t *value;
	bool good;

	if (equals == NULL || equals == text) {
		fprintf(stderr, "npsd: --match: expected FIELD=VALUE, as in "
				"category=detractor\n");
		return false;
	}
	field = mem_copy(text, (size_t)(equals - text));
	value = strchr("{[\"'", equals[1]) != NULL && equals[1] != '\0'
			? read_yaml(equals + 1)
			: read_words(equals + 1);
	good = value != NULL && json_object_get(match, field) == NULL;
	if (value == NULL)
		fprintf(stderr,
			"npsd: --match: the value of %s is no YAML, as in "
			"{contains: [cancel]}\n",
			field);
	else if (!good)
		fprintf(stderr,
			"npsd: --match: %s stands there twice; for either of "
			"two values say %s=ONE,OTHER\n",
			field, field);
	if (!good || json_object_set_new(match, field, value) != 0) {
		if (!good)
			json_decref(value);
		good = false;
	}
	free(field);
	return good;
}

static bool
read_matches(const struct command_options *options, json_t *match)
{
	for (size_t i = 0; options->matches[i] != NULL; i++)
		if (!add_match(match, options->matches[i]))
			return false;
	return true;
}

/* ---- set, end ---- */

static void
set(json_t *asked, const char *name, const char *text)
{
	if (text != NULL)
		json_object_set_new(asked, name, json_string(text));
}

static void
show_warnings(const json_t *warnings)
{
	json_t *warning;
	size_t i;

	json_array_foreach(warnings, i, warning)
	{
		char *text = show_text(warning);

		fprintf(stderr, "npsd: warning: %s\n", text);
		free(text);
	}
}

static void
show_one(const struct command_options *options, const json_t *silence)
{
	json_t *rows = json_array();

	show_warnings(json_object_get(silence, "warnings"));
	if (options->json) {
		show_json(silence);
	} else {
		if (json_is_false(json_object_get(silence, "changed")))
			fputs("npsd: it had ended already\n", stderr);
		json_array_append(rows, (json_t *)(uintptr_t)silence);
		show_table(rows, columns);
	}
	json_decref(rows);
}

/* asked NULL: without a body. */
static int
post(const struct command_options *options, const char *route,
	const json_t *asked)
{
	struct buf path = {0};
	json_t *silence = NULL;
	int code;

	buf_append_text(&path, route);
	client_add_query(&path, "by", client_name());
	code = asked != NULL ? client_post(options, path.data, asked, &silence)
			     : client_get(options, "POST", path.data, &silence);
	if (code == COMMAND_OK)
		show_one(options, silence);
	json_decref(silence);
	buf_done(&path);
	return code;
}

static int
begin(const struct command_options *options)
{
	json_t *asked = json_object(), *match = json_object();
	int code = COMMAND_USAGE;

	if (read_matches(options, match)) {
		if (json_object_size(match) > 0)
			json_object_set(asked, "match", match);
		set(asked, "rule", options->rule);
		set(asked, "for", options->span);
		set(asked, "until", options->until);
		set(asked, "why", options->why);
		code = post(options, ROUTE, asked);
	}
	json_decref(match);
	json_decref(asked);
	return code;
}

static int
end(const struct command_options *options)
{
	char *route = mem_printf(ROUTE "/%s/end", options->end);
	int64_t row;
	int code = COMMAND_USAGE;

	if (text_to_integer(options->end, 1, INT64_MAX, &row))
		code = post(options, route, NULL);
	else
		code = command_misused(
			"--end: expected the row of a silence; npsd "
			"silence lists them");
	free(route);
	return code;
}

int
command_silence(const struct command_options *options)
{
	bool sets = options->matches[0] != NULL || options->span != NULL ||
		    options->until != NULL || options->why != NULL;
	bool lists = options->list || options->state != NULL ||
		     options->since != NULL || options->limit != NULL ||
		     options->cursor != NULL || options->csv;

	if (options->end != NULL)
		return sets || lists || options->rule != NULL
			       ? command_misused("--end stands alone")
			       : end(options);
	if (!sets)
		return list_show(
			options, ROUTE, options->csv ? cells : columns);
	if (lists)
		return command_misused(
			"set one, or list them: --list and its filters "
			"do not go with --match, --for, --until and "
			"--why");
	if (options->matches[0] == NULL && options->rule == NULL)
		return command_misused(
			"say which answers: --match FIELD=VALUE, --rule "
			"NAME or both");
	if ((options->span == NULL) == (options->until == NULL))
		return command_misused("say how long: --for or --until");
	if (options->why == NULL)
		return command_misused(
			"say --why: it is kept, and told to whoever "
			"looks for the alerts");
	return begin(options);
}
