/* command_render - render, explain -: what the configuration would do. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/time.h"
#include "top/command.h"
#include "top/trying.h"

#define SAMPLE                                                           \
	"{\"id\":\"sample-1\",\"score\":3,"                              \
	"\"comment\":\"Waited three weeks for an answer.\","             \
	"\"customer\":{\"id\":\"c-77\",\"name\":\"Maria Lopez\","        \
	"\"email\":\"maria@example.com\",\"phone\":\"+31201234567\"},"   \
	"\"account\":{\"id\":\"a-9\",\"name\":\"Acme\",\"value\":12000," \
	"\"owner\":\"anna@example.com\"},"                               \
	"\"segment\":{\"region\":\"NL\"}}"

static struct trial_answer
answer_of(const struct buf *bytes)
{
	return (struct trial_answer){
		.bytes = bytes->data != NULL ? bytes->data : "",
		.length = bytes->length,
		.survey = "sample",
		.now_ms = clock_wall_ms(&clock_system),
	};
}

static int
try_supposed(const struct command_options *options, const struct buf *bytes)
{
	const struct trial_answer answer = answer_of(bytes);
	struct trying_setup setup;
	int code = trying_open(options, &setup);
	json_t *result;

	if (code != COMMAND_OK)
		return code;
	result = trial_run(setup.trial, &answer);
	if (options->json) {
		show_json(result);
		code = json_object_get(result, "rejected") != NULL
			       ? COMMAND_NEGATIVE
			       : COMMAND_OK;
	} else {
		code = trying_show(result);
	}
	json_decref(result);
	trying_close(&setup);
	return code;
}

int
command_explain_supposed(const struct command_options *options)
{
	struct buf bytes = {0};
	struct err err;
	int code = COMMAND_USAGE;

	if (trying_read("-", &bytes, &err))
		code = try_supposed(options, &bytes);
	else
		fprintf(stderr, "npsd: %s\n", err.text);
	buf_done(&bytes);
	return code;
}

static int
show_rendered(const json_t *alerts)
{
	int code = COMMAND_OK;
	json_t *alert;
	size_t i;

	json_array_foreach(alerts, i, alert)
	{
		const json_t *body = json_object_get(alert, "body");
		const char *to = json_string_at(alert, "recipient");

		if (json_array_size(alerts) > 1 || *to != '\0')
			fprintf(stderr, "%s%s:\n", i > 0 ? "\n" : "", to);
		if (body == NULL) {
			fprintf(stderr, "npsd: it cannot be made: %s\n",
				json_string_at(alert, "reason"));
			code = COMMAND_NEGATIVE;
			continue;
		}
		fwrite(json_string_value(body), 1, json_string_length(body),
			stdout);
		if (isatty(STDOUT_FILENO))
			putchar('\n');
	}
	return code;
}

static int
render(const struct command_options *options, const struct buf *bytes,
	const struct trying_setup *setup)
{
	const struct trial_answer answer = answer_of(bytes);
	const struct policy_action *action =
		policy_action(&setup->config->policy, options->words[0]);
	const json_t *rejected;
	json_t *result;
	int code;

	if (action == NULL) {
		fprintf(stderr,
			"npsd: no action is called \"%s\"; npsd config shows "
			"them\n",
			options->words[0]);
		return COMMAND_USAGE;
	}
	result = trial_render(setup->trial, &answer, action, NULL);
	rejected = json_object_get(result, "rejected");
	code = rejected != NULL ? COMMAND_NEGATIVE : COMMAND_OK;
	if (options->json)
		show_json(result);
	else if (rejected != NULL)
		fprintf(stderr, "npsd: the answer would be refused: %s\n",
			json_string_at(rejected, "text"));
	else
		code = show_rendered(result);
	json_decref(result);
	return code;
}

int
command_render(const struct command_options *options)
{
	struct trying_setup setup;
	struct buf bytes = {0};
	struct err err;
	int code = trying_open(options, &setup);

	if (code != COMMAND_OK)
		return code;
	if (options->count < 2)
		buf_append_text(&bytes, SAMPLE);
	else if (!trying_read(options->words[1], &bytes, &err)) {
		fprintf(stderr, "npsd: %s\n", err.text);
		code = COMMAND_USAGE;
	}
	if (code == COMMAND_OK)
		code = render(options, &bytes, &setup);
	buf_done(&bytes);
	trying_close(&setup);
	return code;
}
