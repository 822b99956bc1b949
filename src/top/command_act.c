/* command_act - the commands that change something in the running daemon. */
#include <jansson.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "top/command.h"

static long long
number_of(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

const char *
client_name(void)
{
	const char *name = getenv("SUDO_USER");
	const struct passwd *own = getpwuid(getuid());

	if (name != NULL && *name != '\0')
		return name;
	return own != NULL ? own->pw_name : NULL;
}

/* POST; the body goes to *body. */
static int
post(const struct command_options *options, struct buf *path, json_t **body)
{
	int code;

	client_add_query(path, "by", client_name());
	client_add_query(path, "why", options->why);
	code = client_get(options, "POST", path->data, body);
	buf_done(path);
	return code;
}

/* ---- pause, resume ---- */

static int
pause_or_resume(const struct command_options *options, const char *verb,
	const char *outcome)
{
	struct buf path = {0};
	json_t *body;
	int code;

	buf_printf(&path, "/api/v1/actions/%s/%s", options->words[0], verb);
	code = post(options, &path, &body);
	if (code == COMMAND_OK && options->json)
		show_json(body);
	else if (code == COMMAND_OK)
		printf("action %s %s\n", options->words[0], outcome);
	json_decref(body);
	return code;
}

int
command_pause(const struct command_options *options)
{
	return pause_or_resume(options, "pause",
		"is paused: what is due waits until npsd resume");
}

int
command_resume(const struct command_options *options)
{
	return pause_or_resume(options, "resume", "goes on");
}

/* ---- send ---- */

static const char *
text_at(const json_t *object, const char *name)
{
	const char *text = json_string_at(object, name);

	return text != NULL ? text : "";
}

static void
show_drill(const json_t *told)
{
	const json_t *line;
	size_t i;

	json_array_foreach(json_object_get(told, "exchange"), i, line)
		puts(json_string_value(line));
	printf("\n%s: %s\n%s\nnpsd deliveries %s shows what was sent.\n",
		text_at(told, "outcome"), text_at(told, "reason"),
		text_at(told, "means"), text_at(told, "delivery"));
}

int
command_send(const struct command_options *options)
{
	struct buf path = {0};
	bool delivered;
	json_t *told;
	int code;

	buf_printf(&path, "/api/v1/actions/%s/send", options->words[0]);
	client_add_query(&path, "to", options->to);
	code = post(options, &path, &told);
	if (code != COMMAND_OK)
		return code;
	if (options->json)
		show_json(told);
	else
		show_drill(told);
	delivered = strcmp(text_at(told, "outcome"), "delivered") == 0;
	json_decref(told);
	return delivered ? COMMAND_OK : COMMAND_NEGATIVE;
}

/* ---- many deliveries ---- */

static bool
says_which(const struct command_options *options)
{
	return options->rule != NULL || options->action != NULL ||
	       options->reason != NULL || options->since != NULL ||
	       options->status != NULL || options->response != NULL ||
	       options->storm != NULL;
}

static int
sweep(const struct command_options *options, const char *verb, bool dry,
	json_t **body)
{
	struct buf path = {0};

	buf_printf(&path, "/api/v1/deliveries/%s", verb);
	client_add_query(&path, "rule", options->rule);
	client_add_query(&path, "action", options->action);
	client_add_query(&path, "reason", options->reason);
	client_add_query(&path, "since", options->since);
	client_add_query(&path, "status", options->status);
	client_add_query(&path, "response", options->response);
	client_add_query(&path, "storm", options->storm);
	client_add_query(&path, "state", options->state);
	if (!says_which(options))
		client_add_query(&path, "all", "1");
	if (dry)
		client_add_query(&path, "dry", "1");
	return post(options, &path, body);
}

/* ---- retry ---- */

static int
retry_row(const struct command_options *options, const char *row)
{
	struct buf path = {0};
	json_t *body;
	int code;

	buf_printf(&path, "/api/v1/deliveries/%s/retry", row);
	code = post(options, &path, &body);
	if (code == COMMAND_OK && options->json)
		show_json(body);
	else if (code == COMMAND_OK)
		printf("delivery %s is tried again\n", row);
	json_decref(body);
	return code;
}

static int
retry_many(const struct command_options *options)
{
	json_t *body;
	int code = sweep(options, "retry", false, &body);
	const char *last;

	if (code != COMMAND_OK)
		return code;
	last = json_string_at(body, "last_due_at");
	if (options->json)
		show_json(body);
	else if (last == NULL)
		puts("there is none such");
	else
		printf("%lld %s tried again, the last one at %s\n",
			number_of(body, "retrying"),
			text_plural(number_of(body, "retrying"), "delivery is",
				"deliveries are"),
			last);
	code = last != NULL ? COMMAND_OK : COMMAND_NEGATIVE;
	json_decref(body);
	return code;
}

int
command_retry(const struct command_options *options)
{
	bool many = options->dead || options->state != NULL;
	int worst = COMMAND_OK;

	if (many == (options->count > 0))
		return command_misused(
			"say which: rows, or --dead with what they "
			"share; npsd retry --help");
	if (many)
		return retry_many(options);
	if (says_which(options))
		return command_misused(
			"say --dead, or --state cancelled or folded, "
			"beside what they share");
	for (int i = 0; i < options->count; i++) {
		int code = retry_row(options, options->words[i]);

		if (code > worst)
			worst = code;
	}
	return worst;
}

/* ---- cancel ---- */

static const char *
deliveries(long long count)
{
	return text_plural(count, "delivery", "deliveries");
}

static int
cancel_row(const struct command_options *options, const char *row)
{
	struct buf path = {0};
	json_t *body;
	long long cancelled;
	int code;

	buf_printf(&path, "/api/v1/deliveries/%s/cancel", row);
	code = post(options, &path, &body);
	if (code != COMMAND_OK)
		return code;
	cancelled = number_of(body, "cancelled");
	if (options->json)
		show_json(body);
	else if (cancelled == 1)
		printf("delivery %s is cancelled\n", row);
	else
		fprintf(stderr, "npsd: delivery %s does not wait%s\n", row,
			number_of(body, "in_flight") > 0 ? ": it is being sent"
							 : "");
	json_decref(body);
	return cancelled == 1 ? COMMAND_OK : COMMAND_NEGATIVE;
}

/* Asks on the terminal; anything but yes is no. */
static bool
is_wanted(const json_t *found)
{
	char line[16] = "";
	long long count = number_of(found, "waiting");
	long long more = number_of(found, "in_flight");

	fprintf(stderr, "%lld %s", count,
		text_plural(count, "delivery waits", "deliveries wait"));
	if (more > 0)
		fprintf(stderr, ", and up to %lld more %s at hand to be sent",
			more, text_plural(more, "is", "are"));
	fprintf(stderr, ". Cancel %s? [y/N] ",
		text_plural(count + more, "it", "them"));
	return fgets(line, sizeof(line), stdin) != NULL &&
	       (line[0] == 'y' || line[0] == 'Y');
}

/* The exit code where nothing is to be cancelled, or -1 to go on. */
static int
confirm(const struct command_options *options)
{
	json_t *found;
	int code;

	if (options->yes)
		return -1;
	if (options->json || isatty(STDIN_FILENO) == 0)
		return command_misused("nobody can be asked here: say --yes");
	code = sweep(options, "cancel", true, &found);
	if (code != COMMAND_OK)
		return code;
	if (number_of(found, "waiting") + number_of(found, "in_flight") == 0) {
		puts("there is none such");
		code = COMMAND_NEGATIVE;
	} else if (is_wanted(found)) {
		code = -1;
	} else {
		puts("nothing is cancelled");
		code = COMMAND_NEGATIVE;
	}
	json_decref(found);
	return code;
}

static int
cancel_many(const struct command_options *options)
{
	json_t *body;
	long long count, more;
	int code = confirm(options);

	if (code >= 0)
		return code;
	code = sweep(options, "cancel", false, &body);
	if (code != COMMAND_OK)
		return code;
	count = number_of(body, "cancelled");
	more = number_of(body, "in_flight");
	if (options->json)
		show_json(body);
	else
		printf("%lld %s cancelled\n", count, deliveries(count));
	if (!options->json && more > 0)
		printf("%lld %s to the end\n", more,
			text_plural(more, "is being sent, and runs",
				"are being sent, and run"));
	json_decref(body);
	return count > 0 ? COMMAND_OK : COMMAND_NEGATIVE;
}

int
command_cancel(const struct command_options *options)
{
	bool many = options->all_pending || says_which(options);
	int worst = COMMAND_OK;

	if (many == (options->count > 0) ||
		(options->all_pending && says_which(options)))
		return command_misused(
			"say which: rows, or what they share, or "
			"--all-pending; npsd cancel --help");
	if (many)
		return cancel_many(options);
	for (int i = 0; i < options->count; i++) {
		int code = cancel_row(options, options->words[i]);

		if (code > worst)
			worst = code;
	}
	return worst;
}

/* ---- reload ---- */

enum { WARNING_PART_BYTES = 2000 };

static void
append_member(struct buf *out, const json_t *fault, const char *name)
{
	const char *text = json_string_at(fault, name);

	if (text != NULL)
		text_append_escaped(
			out, text, strlen(text), WARNING_PART_BYTES);
}

/* As `npsd check` shows them, without the lines they are about. */
static void
print_warnings(const json_t *warnings)
{
	json_t *fault;
	size_t i;

	json_array_foreach(warnings, i, fault)
	{
		struct buf line = {0};

		append_member(&line, fault, "file");
		buf_printf(&line,
			":%lld:%lld: warning: ", number_of(fault, "line"),
			number_of(fault, "column"));
		append_member(&line, fault, "path");
		buf_append_text(&line, ": ");
		append_member(&line, fault, "message");
		fprintf(stderr, "%s\n", line.data);
		buf_done(&line);
	}
}

int
command_reload(const struct command_options *options)
{
	struct err err = {""};
	json_t *body;
	int status;

	if (!client_ask(
		    options, "POST", "/api/v1/reload", &status, &body, &err)) {
		fprintf(stderr, "npsd: %s\n", err.text);
		return COMMAND_UNREACHABLE;
	}
	if (options->json && body != NULL) {
		show_json(body);
	} else if (status == 200) {
		print_warnings(json_object_get(body, "warnings"));
		puts("the new configuration is in force");
	} else {
		fprintf(stderr, "%s\n",
			json_string_at(body, "detail") != NULL
				? json_string_at(body, "detail")
				: "-");
	}
	json_decref(body);
	return status == 200   ? COMMAND_OK
	       : status == 422 ? COMMAND_CONFIG
			       : COMMAND_NEGATIVE;
}
