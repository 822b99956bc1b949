/* client - one request from a command to the daemon. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "loop/loop.h"
#include "loop/transfer.h"
#include "top/command.h"
#include "top/config.h"

enum {
	CLIENT_TIMEOUT_MS = 60 * 1000,
	CLIENT_BODY_LIMIT_BYTES = 64 * 1024 * 1024,
	CLIENT_TOKEN_LIMIT_BYTES = 1024,
	CLIENT_LINE_LIMIT_BYTES = 1024 * 1024,
	CLIENT_SILENCE_MS = 60 * 1000, /* it gives signs of life more often */
};

struct answer {
	struct loop *loop;
	const struct client_follower *follower; /* or NULL */
	struct buf line;			/* what has come of one */
	struct loop_timer *silence;
	bool reached;
	int status;
	json_t *body;
	char reason[200];
	char *control; /* the socket that was asked; NULL: a server */
};

static void
on_done(const struct transfer_result *result, void *context)
{
	struct answer *answer = context;
	struct json_fault fault;

	answer->reached = result->end == TRANSFER_ANSWERED;
	answer->status = result->status;
	snprintf(answer->reason, sizeof(answer->reason), "%s", result->reason);
	if (answer->reached && result->body_length > 0)
		answer->body =
			json_read(result->body, result->body_length, &fault);
	loop_stop(answer->loop);
}

/* ---- line by line ---- */

static void
on_bytes(const char *bytes, size_t length, void *context)
{
	struct answer *answer = context;
	const char *end;

	loop_timer_set(answer->silence, CLIENT_SILENCE_MS);
	while ((end = memchr(bytes, '\n', length)) != NULL) {
		size_t part = (size_t)(end - bytes);

		buf_append(&answer->line, bytes, part);
		answer->follower->on_line(answer->line.data,
			answer->line.length, answer->follower->context);
		buf_clear(&answer->line);
		bytes += part + 1;
		length -= part + 1;
	}
	if (answer->line.length + length <= CLIENT_LINE_LIMIT_BYTES)
		buf_append(&answer->line, bytes, length);
}

static void
on_silence(void *context)
{
	struct answer *answer = context;

	answer->reached = false;
	snprintf(answer->reason, sizeof(answer->reason),
		"nothing was heard of it for %d s", CLIENT_SILENCE_MS / 1000);
	loop_stop(answer->loop);
}

/* The control socket's path from a configuration that may be bad otherwise. */
static char *
control_of(const char *config)
{
	struct conf_errors *errors = conf_errors_new();
	struct conf_document *document = conf_document_load(config, errors);
	char *path = NULL;

	if (document != NULL) {
		const struct conf_node *node = conf_node_at(
			conf_node_at(conf_document_root(document), "server"),
			"control");

		if (node != NULL && node->type == CONF_SCALAR)
			path = mem_strdup(node->text);
		conf_document_free(document);
	}
	conf_errors_free(errors);
	return path != NULL ? path : mem_strdup(CONFIG_CONTROL);
}

static char *
bearer(const char *token_file, struct err *err)
{
	char token[CLIENT_TOKEN_LIMIT_BYTES];
	FILE *file = fopen(token_file, "re");
	size_t length;

	if (file == NULL) {
		err_errno(err, "%s", token_file);
		return NULL;
	}
	length = fread(token, 1, sizeof(token) - 1, file);
	fclose(file);
	token[length] = '\0';
	token[strcspn(token, "\r\n")] = '\0';
	return mem_printf("Authorization: Bearer %s", token);
}

static bool
start(struct transfer_pool *pool, const struct command_options *options,
	struct transfer_request *request, const char *path,
	struct answer *answer, struct err *err)
{
	char *control = NULL, *url = NULL, *header = NULL;
	const char *headers[2] = {NULL, NULL};
	bool good = true;

	if (options->server != NULL) {
		url = mem_printf("%s%s", options->server, path);
	} else {
		control = options->control != NULL
				  ? mem_strdup(options->control)
				  : control_of(options->config != NULL
						       ? options->config
						       : CONFIG_PATH);
		request->unix_path = control;
		url = mem_printf("http://localhost%s", path);
	}
	if (options->token_file != NULL) {
		header = bearer(options->token_file, err);
		good = header != NULL;
		headers[0] = header;
	}
	request->url = url;
	request->headers = headers;
	good = good &&
	       transfer_start(pool, request, on_done, answer, err) != NULL;
	answer->control = control;
	free(url);
	free(header);
	return good;
}

/* The socket's path says more than the host that stands for it. */
static bool
tell_unreached(const struct answer *answer, struct err *err)
{
	static const char host[] = "cannot connect to localhost: ";
	const char *reason = answer->reason;

	if (answer->control == NULL)
		return err_set(err, "the daemon cannot be reached: %s", reason);
	if (text_starts(reason, host))
		reason += strlen(host);
	return err_set(err,
		"the daemon cannot be reached at %s: %s; does it run, and may "
		"you open its control socket (group npsd)?",
		answer->control, reason);
}

bool
client_ask(const struct command_options *options, const char *method,
	const char *path, int *status, json_t **body, struct err *err)
{
	return client_send(options, method, path, "", 0, status, body, err);
}

bool
client_send(const struct command_options *options, const char *method,
	const char *path, const void *bytes, size_t length, int *status,
	json_t **body, struct err *err)
{
	struct transfer_request request = {
		.method = method,
		.timeout_ms = CLIENT_TIMEOUT_MS,
		.body = bytes,
		.body_length = length,
		.body_limit = CLIENT_BODY_LIMIT_BYTES,
	};
	struct answer answer = {0};
	struct transfer_pool *pool = NULL;
	bool good;

	answer.loop = loop_new(err);
	if (answer.loop != NULL)
		pool = transfer_pool_new(answer.loop, 1, err);
	good = pool != NULL &&
	       start(pool, options, &request, path, &answer, err);
	if (good)
		loop_run(answer.loop);
	transfer_pool_free(pool);
	loop_free(answer.loop);
	*status = answer.status;
	*body = answer.body;
	if (good && !answer.reached)
		good = tell_unreached(&answer, err);
	free(answer.control);
	return good;
}

static void
tell_problem(int status, const json_t *body)
{
	const char *detail = json_string_at(body, "detail");
	const char *title = json_string_at(body, "title");

	fprintf(stderr, "npsd: %s (%d)\n",
		detail != NULL	? detail
		: title != NULL ? title
				: "the daemon refused",
		status);
}

/* The exit code of an answer; *body stays only where it is good. */
static int
judge(int status, const char *missing, json_t **body)
{
	if (status >= 200 && status < 300)
		return COMMAND_OK;
	if (status == 404 && missing != NULL)
		fprintf(stderr, "npsd: %s\n", missing);
	else
		tell_problem(status, *body);
	json_decref(*body);
	*body = NULL;
	return status == 503   ? COMMAND_UNREACHABLE
	       : status == 400 ? COMMAND_USAGE
			       : COMMAND_NEGATIVE;
}

static int
get(const struct command_options *options, const char *method, const char *path,
	const char *missing, json_t **body)
{
	struct err err = {""};
	int status;

	*body = NULL;
	if (client_ask(options, method, path, &status, body, &err))
		return judge(status, missing, body);
	fprintf(stderr, "npsd: %s\n", err.text);
	return COMMAND_UNREACHABLE;
}

int
client_follow(const struct command_options *options, const char *path,
	struct loop *loop, const struct client_follower *follower)
{
	struct transfer_request request = {
		.method = "GET",
		.on_bytes = on_bytes,
	};
	struct answer answer = {.loop = loop, .follower = follower};
	struct err err = {""};
	struct transfer_pool *pool = transfer_pool_new(loop, 1, &err);
	int code = COMMAND_UNREACHABLE;
	bool good;

	answer.silence = loop_timer_new(loop, on_silence, &answer);
	loop_timer_set(answer.silence, CLIENT_SILENCE_MS);
	good = pool != NULL &&
	       start(pool, options, &request, path, &answer, &err);
	if (good)
		loop_run(loop);
	transfer_pool_free(pool);
	loop_timer_free(answer.silence);
	if (good && answer.status == 0 && answer.reason[0] == '\0')
		code = COMMAND_OK; /* it was stopped by who follows */
	else if (good && (answer.status == 0 || !answer.reached))
		(void)!tell_unreached(&answer, &err);
	else if (good)
		code = judge(answer.status, NULL, &answer.body);
	if (err.text[0] != '\0')
		fprintf(stderr, "npsd: %s\n", err.text);
	json_decref(answer.body);
	buf_done(&answer.line);
	free(answer.control);
	return code;
}

int
client_post(const struct command_options *options, const char *path,
	const json_t *object, json_t **body)
{
	char *text = json_text(object);
	struct err err = {""};
	int status, code = COMMAND_UNREACHABLE;

	*body = NULL;
	if (client_send(options, "POST", path, text, strlen(text), &status,
		    body, &err))
		code = judge(status, NULL, body);
	else
		fprintf(stderr, "npsd: %s\n", err.text);
	free(text);
	return code;
}

int
client_get(const struct command_options *options, const char *method,
	const char *path, json_t **body)
{
	return get(options, method, path, NULL, body);
}

int
client_get_row(const struct command_options *options, const char *path,
	const char *missing, json_t **body)
{
	return get(options, "GET", path, missing, body);
}

void
client_add_query(struct buf *path, const char *name, const char *value)
{
	if (value == NULL)
		return;
	buf_append_char(path,
		path->length > 0 && strchr(path->data, '?') != NULL ? '&'
								    : '?');
	buf_printf(path, "%s=", name);
	for (const char *c = value; *c != '\0'; c++) {
		unsigned char byte = (unsigned char)*c;

		if (byte < 0x80 && (isalnum(byte) || strchr("-._~", byte)))
			buf_append_char(path, *c);
		else
			buf_printf(path, "%%%02X", byte);
	}
}
