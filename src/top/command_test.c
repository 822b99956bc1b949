/* command_test - the tests that stand beside a configuration, run. */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/time.h"
#include "top/command.h"
#include "top/test_case.h"
#include "top/trying.h"

#define TEST_PATTERN "*.test.yaml"

/* All files of one command. */
struct tests {
	const struct command_options *options;
	struct trial *trial;
	size_t count, wrong;
	int code;
	json_t *results;
};

static void
tell(struct tests *tests, const char *file, const struct setting_item *item,
	const json_t *wrong)
{
	bool holds = json_array_size(wrong) == 0;
	json_t *sentence;
	size_t i;

	tests->count++;
	tests->wrong += !holds;
	if (tests->options->json) {
		json_array_append_new(tests->results,
			json_pack("{s:s, s:i, s:s, s:b, s:O}", "file", file,
				"line", item->node->line, "name", item->name,
				"holds", holds, "wrong", wrong));
		return;
	}
	printf("%s  %s\n", holds ? "holds" : "WRONG", item->name);
	json_array_foreach(wrong, i, sentence) printf("         %s:%d: %s\n",
		file, item->node->line, json_string_value(sentence));
}

static void
run_all(struct tests *tests, const char *file, const struct test_file *read)
{
	for (size_t i = 0; i < read->tests.count; i++) {
		json_t *wrong = test_case_run(&read->tests.items[i],
			tests->trial, clock_wall_ms(&clock_system));

		tell(tests, file, &read->tests.items[i], wrong);
		json_decref(wrong);
	}
}

static void
run_file(struct tests *tests, const char *file)
{
	struct conf_errors *errors = conf_errors_new();
	struct conf_document *document = conf_document_load(file, errors);
	struct setting_reader reader = {errors, NULL, true};
	struct test_file read = {0};
	struct buf text = {0};

	if (document != NULL && conf_errors_count(errors) == 0 &&
		setting_read(&reader, test_file_settings,
			conf_document_root(document), "", &read))
		run_all(tests, file, &read);
	if (conf_errors_count(errors) > 0) {
		tests->code = COMMAND_CONFIG;
		conf_errors_write(errors, &text);
		fputs(text.data, stderr);
	}
	setting_done(test_file_settings, &read);
	buf_done(&text);
	conf_document_free(document);
	conf_errors_free(errors);
}

/* Those beside the configuration, in sorted order. */
static bool
run_beside(struct tests *tests, const char *config)
{
	const char *slash = strrchr(config, '/');
	char *pattern = slash == NULL ? mem_strdup(TEST_PATTERN)
				      : mem_printf("%.*s/" TEST_PATTERN,
						(int)(slash - config), config);
	glob_t found;
	bool any = glob(pattern, 0, NULL, &found) == 0;

	for (size_t i = 0; any && i < found.gl_pathc; i++)
		run_file(tests, found.gl_pathv[i]);
	if (any)
		globfree(&found);
	else
		fprintf(stderr,
			"npsd: no %s; npsd.yaml(5) tells how to write tests\n",
			pattern);
	free(pattern);
	return any;
}

static int
conclude(struct tests *tests)
{
	if (tests->options->json)
		show_json(tests->results);
	else
		printf("%zu of %zu %s\n", tests->count - tests->wrong,
			tests->count,
			text_plural((int64_t)tests->count, "test holds",
				"tests hold"));
	if (tests->code == COMMAND_OK && tests->wrong > 0)
		return COMMAND_NEGATIVE;
	return tests->code;
}

int
command_test(const struct command_options *options)
{
	struct trying_setup setup;
	struct tests tests = {.options = options};
	int code = trying_open(options, &setup);

	if (code != COMMAND_OK)
		return code;
	tests.trial = setup.trial;
	tests.results = json_array();
	if (options->count == 0 && !run_beside(&tests, setup.config->path))
		tests.code = COMMAND_USAGE;
	for (int i = 0; i < options->count; i++)
		run_file(&tests, options->words[i]);
	code = tests.count > 0 || tests.code == COMMAND_OK ? conclude(&tests)
							   : tests.code;
	json_decref(tests.results);
	trying_close(&setup);
	return code;
}
