/* command_backup - backup (asks the daemon), restore (while none runs). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/time.h"
#include "conf/setting.h"
#include "store/store.h"
#include "top/command.h"
#include "top/config.h"

enum { BACKUP_ASK_MS = 200 };

/* ---- backup ---- */

/* The daemon works in another folder. */
static char *
absolute(const char *path)
{
	char *folder, *whole;

	if (path[0] == '/')
		return mem_strdup(path);
	folder = getcwd(NULL, 0);
	whole = mem_printf("%s/%s", folder != NULL ? folder : "", path);
	free(folder);
	return whole;
}

static bool
runs(const json_t *state)
{
	const char *name = json_string_at(state, "state");

	return name != NULL && strcmp(name, "running") == 0;
}

static void
show_progress(const json_t *state, bool *shown)
{
	long long pages =
		(long long)json_integer_value(json_object_get(state, "pages"));
	long long left = (long long)json_integer_value(
		json_object_get(state, "pages_left"));

	if (!isatty(STDERR_FILENO) || pages == 0)
		return;
	*shown = true;
	if (left > 0)
		fprintf(stderr, "\rcopied %3lld %%", 100 - left * 100 / pages);
	else
		fputs("\rcomparing   ", stderr);
}

static int
wait_for_end(const struct command_options *options, json_t **state)
{
	const struct timespec pause = {0, BACKUP_ASK_MS * 1000000L};
	bool shown = false;
	int code = COMMAND_OK;

	while (code == COMMAND_OK && runs(*state)) {
		nanosleep(&pause, NULL);
		json_decref(*state);
		code = client_get(options, "GET", "/api/v1/backup", state);
		if (code == COMMAND_OK)
			show_progress(*state, &shown);
	}
	if (shown)
		fputs("\r              \r", stderr);
	return code;
}

static int
tell_backup(const struct command_options *options, const json_t *state)
{
	const char *name = json_string_at(state, "state");
	bool good = name != NULL && strcmp(name, "done") == 0;
	const char *reason = json_string_at(state, "reason");
	long long answers = (long long)json_integer_value(
		json_object_get(state, "answers"));
	long long deliveries = (long long)json_integer_value(
		json_object_get(state, "deliveries"));

	if (options->json)
		show_json(state);
	if (!good && !options->json)
		fprintf(stderr, "npsd: no backup: %s\n",
			reason != NULL ? reason : "the daemon forgot it");
	if (good && !options->json)
		printf("%s: %lld %s, %lld %s, %lld bytes, up to commit %lld; "
		       "compared and good\n",
			json_string_at(state, "file"), answers,
			text_plural(answers, "answer", "answers"), deliveries,
			text_plural(deliveries, "delivery", "deliveries"),
			(long long)json_integer_value(
				json_object_get(state, "bytes")),
			(long long)json_integer_value(
				json_object_get(state, "commit")));
	return good ? COMMAND_OK : COMMAND_NEGATIVE;
}

int
command_backup(const struct command_options *options)
{
	char *path = absolute(options->words[0]);
	struct buf route = {0};
	json_t *state;
	int code;

	buf_append_text(&route, "/api/v1/backup");
	client_add_query(&route, "file", path);
	client_add_query(&route, "force", options->force ? "1" : NULL);
	code = client_get(options, "POST", route.data, &state);
	buf_done(&route);
	free(path);
	if (code == COMMAND_OK)
		code = wait_for_end(options, &state);
	if (code == COMMAND_OK)
		code = tell_backup(options, state);
	json_decref(state);
	return code;
}

/* ---- restore ---- */

/* `store:` of a configuration that may be bad otherwise. */
static char *
store_of(const char *config, struct err *err)
{
	struct conf_errors *errors = conf_errors_new();
	struct conf_document *document = conf_document_load(config, errors);
	char *where = NULL;

	if (document != NULL) {
		const struct conf_node *node =
			conf_node_at(conf_document_root(document), "store");

		where = mem_strdup(node != NULL && node->type == CONF_SCALAR
					   ? node->text
					   : CONFIG_STORE);
		conf_document_free(document);
	} else {
		err_set(err, "%s cannot be read", config);
	}
	conf_errors_free(errors);
	return where;
}

static void
tell_restored(const struct command_options *options, const char *where,
	const struct store_restored *restored)
{
	const struct store_books *books = &restored->books;
	char made[TIME_TEXT_BYTES] = "";
	json_t *told;

	if (restored->made_ms > 0)
		time_to_rfc3339(restored->made_ms, made);
	if (!options->json) {
		printf("%s: %lld %s, %lld %s, up to commit %lld%s%s\n", where,
			(long long)books->answers,
			text_plural(books->answers, "answer", "answers"),
			(long long)books->deliveries,
			text_plural(
				books->deliveries, "delivery", "deliveries"),
			(long long)books->change,
			made[0] != '\0' ? ", as of " : "", made);
		if (restored->aside != NULL)
			printf("the store from before lies in %s\n",
				restored->aside);
		return;
	}
	told = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I}", "store", where,
		"answers", (json_int_t)books->answers, "deliveries",
		(json_int_t)books->deliveries, "rejected",
		(json_int_t)books->rejected, "commit",
		(json_int_t)books->change, "bytes", (json_int_t)books->bytes);
	json_object_set_new(told, "made_at",
		made[0] != '\0' ? json_string(made) : json_null());
	json_object_set_new(told, "aside",
		restored->aside != NULL ? json_string(restored->aside)
					: json_null());
	show_json(told);
	json_decref(told);
}

int
command_restore(const struct command_options *options)
{
	struct store_restored restored = {.aside = NULL};
	struct err err = {""};
	char *where = store_of(
		options->config != NULL ? options->config : CONFIG_PATH, &err);
	struct store_settings settings = {.where = where, .node = CONFIG_NODE};
	bool good;

	if (where == NULL) {
		fprintf(stderr, "npsd: %s\n", err.text);
		return COMMAND_CONFIG;
	}
	good = store_restore(&settings, options->words[0], &restored, &err);
	if (good)
		tell_restored(options, where, &restored);
	else
		fprintf(stderr, "npsd: not restored: %s\n", err.text);
	if (!good && restored.aside != NULL)
		fprintf(stderr, "npsd: the store from before lies in %s\n",
			restored.aside);
	free(restored.aside);
	free(where);
	return good ? COMMAND_OK : COMMAND_NEGATIVE;
}
