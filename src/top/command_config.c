/* command_config - run, check, config: what reads the configuration itself. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/text.h"
#include "conf/setting.h"
#include "top/command.h"
#include "top/config.h"
#include "top/npsd.h"

static const char *
path_of(const struct command_options *options)
{
	return options->config != NULL ? options->config : CONFIG_PATH;
}

static bool
set_up_log(const struct command_options *options)
{
	enum log_level level = LOG_LEVEL_INFO;
	enum log_form form = getenv("JOURNAL_STREAM") != NULL ? LOG_FORM_JOURNAL
							      : LOG_FORM_PLAIN;

	if (options->log_level != NULL &&
		!log_level_from_text(options->log_level, &level)) {
		fputs("npsd: --log-level is error, warning, notice, info or "
		      "debug\n",
			stderr);
		return false;
	}
	if (options->log_form != NULL) {
		if (strcmp(options->log_form, "plain") == 0) {
			form = LOG_FORM_PLAIN;
		} else if (strcmp(options->log_form, "journal") == 0) {
			form = LOG_FORM_JOURNAL;
		} else if (strcmp(options->log_form, "json") == 0) {
			form = LOG_FORM_JSON;
		} else {
			fputs("npsd: --log-form is plain, journal or json\n",
				stderr);
			return false;
		}
	}
	log_setup(level, form);
	return true;
}

int
command_run(const struct command_options *options)
{
	if (!set_up_log(options))
		return COMMAND_USAGE;
	return npsd_run(path_of(options));
}

static void
tell(const struct command_options *options, const struct conf_errors *errors,
	bool good)
{
	struct buf text = {0};

	if (options->json) {
		conf_errors_write_json(errors, &text);
		printf("{\"good\":%s,\"problems\":%s}\n",
			good ? "true" : "false",
			text.length > 0 ? text.data : "[]");
	} else {
		conf_errors_write(errors, &text);
		if (text.length > 0)
			fputs(text.data, stderr);
	}
	buf_done(&text);
}

/* "2 rules, " */
static void
append_count(struct buf *out, size_t count, const char *one, const char *more)
{
	if (out->length > 0)
		buf_append_text(out, ", ");
	buf_printf(
		out, "%zu %s", count, text_plural((int64_t)count, one, more));
}

static void
say_good(const char *path, const struct config *config)
{
	struct buf parts = {0};

	append_count(&parts, config->sources.count, "source", "sources");
	append_count(&parts, config->actions.count, "action", "actions");
	append_count(&parts, config->rules.count, "rule", "rules");
	if (config->owners.count > 0)
		append_count(&parts, config->owners.count, "owner", "owners");
	if (config->watches.count > 0)
		append_count(&parts, config->watches.count, "watch", "watches");
	if (config->digests.count > 0)
		append_count(
			&parts, config->digests.count, "digest", "digests");
	printf("%s is good: %s\n", path, parts.data);
	buf_done(&parts);
}

int
command_check(const struct command_options *options)
{
	const char *path = path_of(options);
	struct conf_errors *errors = conf_errors_new();
	struct config *config = config_load(path, options->offline, errors);
	bool good = config != NULL &&
		    !(options->strict && conf_warnings_count(errors) > 0);

	tell(options, errors, good);
	if (!options->json && good)
		say_good(path, config);
	config_free(config);
	conf_errors_free(errors);
	return good ? COMMAND_OK : COMMAND_CONFIG;
}

static int
print_effective(const struct command_options *options)
{
	struct conf_errors *errors = conf_errors_new();
	struct conf_document *document = config_read(path_of(options), errors);
	struct buf text = {0};
	bool good = document != NULL && conf_errors_count(errors) == 0;

	if (!good)
		conf_errors_write(errors, &text);
	else if (options->json)
		setting_print_json(
			config_settings, conf_document_root(document), &text);
	else
		setting_print(
			config_settings, conf_document_root(document), &text);
	if (text.length > 0)
		fputs(text.data, good ? stdout : stderr);
	if (good && options->json)
		putchar('\n');
	buf_done(&text);
	conf_document_free(document);
	conf_errors_free(errors);
	return good ? COMMAND_OK : COMMAND_CONFIG;
}

int
command_config(const struct command_options *options)
{
	struct buf text = {0};

	if (options->count == 0)
		return print_effective(options);
	if (strcmp(options->words[0], "schema") == 0)
		setting_schema(config_settings, &text);
	else if (strcmp(options->words[0], "manual") == 0)
		setting_manual(config_settings, &text);
	else {
		fprintf(stderr,
			"npsd: config prints schema or manual, not "
			"\"%s\"\n",
			options->words[0]);
		return COMMAND_USAGE;
	}
	if (text.length > 0)
		fputs(text.data, stdout);
	if (text.length > 0 && text.data[text.length - 1] != '\n')
		putchar('\n');
	buf_done(&text);
	return COMMAND_OK;
}
