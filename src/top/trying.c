/* trying - loads a configuration to try it, shows what it would do. */
#include "top/trying.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "conf/conf_file.h"

int
trying_open(const struct command_options *options, struct trying_setup *setup)
{
	const char *path =
		options->config != NULL ? options->config : CONFIG_PATH;
	struct conf_errors *errors = conf_errors_new();
	struct buf text = {0};
	struct err err;

	memset(setup, 0, sizeof(*setup));
	setup->config = config_load(path, true, errors);
	if (setup->config == NULL)
		conf_errors_write(errors, &text);
	conf_errors_free(errors);
	if (text.length > 0)
		fputs(text.data, stderr);
	buf_done(&text);
	if (setup->config == NULL)
		return COMMAND_CONFIG;
	setup->trial = trial_new(&setup->config->policy, &err);
	if (setup->trial != NULL)
		return COMMAND_OK;
	fprintf(stderr, "npsd: %s\n", err.text);
	trying_close(setup);
	return COMMAND_CONFIG;
}

void
trying_close(struct trying_setup *setup)
{
	trial_free(setup->trial);
	config_free(setup->config);
	memset(setup, 0, sizeof(*setup));
}

static bool
read_stdin(struct buf *out, struct err *err)
{
	char piece[4096];
	size_t got;

	while ((got = fread(piece, 1, sizeof(piece), stdin)) > 0) {
		buf_append(out, piece, got);
		if (out->length > TRYING_INPUT_LIMIT_BYTES)
			return err_set(err,
				"standard input has more than %d bytes",
				TRYING_INPUT_LIMIT_BYTES);
	}
	return !ferror(stdin) || err_set(err, "standard input cannot be read");
}

bool
trying_read(const char *path, struct buf *out, struct err *err)
{
	struct err why;

	if (strcmp(path, "-") == 0)
		return read_stdin(out, err);
	if (conf_file_read(
		    path, TRYING_INPUT_LIMIT_BYTES, out, NULL, NULL, &why))
		return true;
	return err_set(err, "%s: %s", path, why.text);
}

static int
show_rejected(const json_t *rejected)
{
	printf("it would be refused (%s): %s\n",
		json_string_at(rejected, "reason"),
		json_string_at(rejected, "text"));
	return COMMAND_NEGATIVE;
}

/* A body as it is, each line behind a bar. */
static void
show_body(const char *body)
{
	for (const char *line = body; *line != '\0';) {
		size_t length = strcspn(line, "\n");
		struct buf shown = {0};
		size_t cut = length;

		if (cut > 0 && line[cut - 1] == '\r')
			cut--;
		text_append_escaped(&shown, line, cut, SIZE_MAX);
		printf("    | %s\n", shown.data != NULL ? shown.data : "");
		buf_done(&shown);
		line += length + (line[length] == '\n');
	}
}

static void
show_alert(const json_t *alert)
{
	const char *body = json_string_at(alert, "body");
	const char *to = json_string_at(alert, "recipient");

	printf("  %s (%s), for rule %s%s%s\n", json_string_at(alert, "action"),
		json_string_at(alert, "type"), json_string_at(alert, "rule"),
		*to != '\0' ? ", to " : "", to);
	if (body != NULL)
		show_body(body);
	else
		printf("    cannot be made: %s\n",
			json_string_at(alert, "reason"));
}

int
trying_show(const json_t *result)
{
	const json_t *answer = json_object_get(result, "answer");
	const json_t *rejected = json_object_get(result, "rejected");
	const json_t *alerts = json_object_get(result, "alerts");
	json_t *alert;
	size_t i;

	if (rejected != NULL)
		return show_rejected(rejected);
	printf("survey %s, score %lld: %s\n", json_string_at(answer, "survey"),
		(long long)json_integer_value(json_object_get(answer, "score")),
		json_string_at(answer, "category"));
	puts("\nrules:");
	show_verdicts(json_object_get(result, "verdicts"));
	puts("\nwould be sent:");
	json_array_foreach(alerts, i, alert) show_alert(alert);
	if (json_array_size(alerts) == 0)
		puts("  nothing");
	return COMMAND_OK;
}
