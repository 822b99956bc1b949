/* command_replay - kept answers judged anew, by the rules of today. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "flow/replaying.h"
#include "top/command.h"

static long long
number_of(const json_t *object, const char *name)
{
	return (long long)json_integer_value(json_object_get(object, name));
}

static bool
says_which(const struct command_options *options)
{
	return options->survey != NULL || options->id != NULL ||
	       options->source != NULL || options->category != NULL ||
	       options->since != NULL;
}

/* ---- asking, page by page ---- */

/* row: NULL where they are chosen. */
static void
write_path(const struct command_options *options, const char *row, bool dry,
	const char *cursor, struct buf *path)
{
	if (row != NULL)
		buf_printf(path, "/api/v1/responses/%s/replay", row);
	else
		buf_append_text(path, "/api/v1/responses/replay");
	client_add_query(path, "survey", options->survey);
	client_add_query(path, "id", options->id);
	client_add_query(path, "source", options->source);
	client_add_query(path, "category", options->category);
	client_add_query(path, "since", options->since);
	client_add_query(path, "rule", options->rule);
	client_add_query(path, "all", options->all ? "1" : NULL);
	client_add_query(path, "dry", dry ? "1" : NULL);
	client_add_query(path, "cursor", cursor);
	client_add_query(path, "by", client_name());
}

/* Adds all pages to the report. */
static int
ask(const struct command_options *options, const char *row, bool dry,
	json_t *report)
{
	char *cursor = NULL;
	int code;

	do {
		struct buf path = {0};
		json_t *page = NULL;

		write_path(options, row, dry, cursor, &path);
		code = client_get(options, "POST", path.data, &page);
		buf_done(&path);
		free(cursor);
		cursor = NULL;
		if (code != COMMAND_OK)
			break;
		replay_report_add(report, page);
		json_object_set(report, "last_due_at",
			json_object_get(page, "last_due_at"));
		cursor = mem_strdup(json_string_at(page, "next"));
		json_decref(page);
	} while (cursor != NULL);
	free(cursor);
	return code;
}

/* Rows, or those that are chosen. */
static int
ask_all(const struct command_options *options, bool dry, json_t *report)
{
	int code = COMMAND_OK;

	if (options->count == 0)
		return ask(options, NULL, dry, report);
	for (int i = 0; i < options->count && code == COMMAND_OK; i++)
		code = ask(options, options->words[i], dry, report);
	return code;
}

/* ---- the report ---- */

static void
print_item(const json_t *item)
{
	char *id = show_text(json_object_get(item, "id"));
	const json_t *one;
	size_t i;

	printf("answer %s (%s)\n", json_string_at(item, "row"), id);
	free(id);
	json_array_foreach(json_object_get(item, "verdicts"), i, one)
	{
		const char *before = json_string_at(one, "before");
		const char *now = json_string_at(one, "now");

		printf("  %-24s %s, was %s\n", json_string_at(one, "rule"),
			now != NULL ? now : "gone",
			before != NULL ? before : "not there");
	}
	json_array_foreach(json_object_get(item, "alerts"), i, one)
		printf("  alert to %s by %s\n", json_string_at(one, "action"),
			json_string_at(one, "rule"));
}

static void
print_items(const json_t *report)
{
	const json_t *items = json_object_get(report, "items"), *item;
	size_t i;

	json_array_foreach(items, i, item) print_item(item);
	if (json_array_size(items) == REPLAY_ITEMS_LIMIT)
		puts("... and so on: the first answers are shown");
	if (json_array_size(items) > 0)
		putchar('\n');
}

static void
print_rules(const json_t *report)
{
	const char *name;
	const json_t *rule;

	json_object_foreach(
		(json_t *)(uintptr_t)json_object_get(report, "rules"), name,
		rule)
		printf("  %-24s fired for %lld, fires for %lld, alerts: %lld\n",
			name, number_of(rule, "before"), number_of(rule, "now"),
			number_of(rule, "alerts"));
}

static void
print_actions(const json_t *report, const char *says)
{
	const char *name, *between = "";
	const json_t *value;
	const json_t *actions = json_object_get(report, "actions");

	if (json_object_size(actions) == 0)
		return;
	printf("%s: ", says);
	json_object_foreach((json_t *)(uintptr_t)actions, name, value)
	{
		printf("%s%s (%lld)", between, name,
			(long long)json_integer_value(value));
		between = ", ";
	}
	putchar('\n');
}

static void
print_reasons(const json_t *report)
{
	static const struct {
		const char *name, *says;
	} lines[] = {
		{"alerted", "alerts are there already, and stay as they are"},
		{"too_old", "answers are older than a rule's max_age"},
		{"cooldown", "answers are kept quiet by a cooldown"},
		{"silenced", "answers are kept quiet by a silence"},
		{"unreadable", "answers are forgotten"},
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (number_of(report, lines[i].name) > 0)
			printf("%6lld  %s\n", number_of(report, lines[i].name),
				lines[i].says);
}

static void
print_report(const json_t *report, bool dry)
{
	const char *last = json_string_at(report, "last_due_at");

	print_items(report);
	printf("answers judged anew: %lld; verdicts that %s: %lld\n"
	       "%s: alerts %lld, follow-ups %lld\n",
		number_of(report, "looked"), dry ? "would change" : "changed",
		number_of(report, "changed"), dry ? "would be new" : "new",
		number_of(report, "alerts"), number_of(report, "follow_ups"));
	print_rules(report);
	print_actions(report, dry ? "would be sent" : "are sent");
	print_reasons(report);
	if (!dry && last != NULL && number_of(report, "alerts") > 0)
		printf("the last alert is due at %s\n", last);
}

static void
show(const struct command_options *options, const json_t *report, bool dry)
{
	if (options->json)
		show_json(report);
	else
		print_report(report, dry);
}

static bool
changes_anything(const json_t *report)
{
	return number_of(report, "changed") > 0 ||
	       number_of(report, "alerts") > 0 ||
	       number_of(report, "follow_ups") > 0;
}

/* ---- the command ---- */

static bool
is_confirmed(void)
{
	char line[16] = "";

	fputs("Do so? [y/N] ", stderr);
	return fgets(line, sizeof(line), stdin) != NULL &&
	       (line[0] == 'y' || line[0] == 'Y');
}

static int
replay(const struct command_options *options)
{
	json_t *report = replay_report_new();
	int code = ask_all(options, false, report);

	/* What was done before it was cut off is told, too. */
	if (code == COMMAND_OK || number_of(report, "looked") > 0)
		show(options, report, false);
	if (code == COMMAND_OK && !changes_anything(report))
		code = COMMAND_NEGATIVE;
	json_decref(report);
	return code;
}

static int
look_first(const struct command_options *options)
{
	json_t *report = replay_report_new();
	int code = ask_all(options, true, report);
	bool any = changes_anything(report);

	if (code == COMMAND_OK)
		show(options, report, true);
	json_decref(report);
	if (code != COMMAND_OK)
		return code;
	if (!any)
		return COMMAND_NEGATIVE;
	if (options->dry_run)
		return COMMAND_OK;
	if (is_confirmed())
		return replay(options);
	puts("nothing is done");
	return COMMAND_NEGATIVE;
}

static bool
are_rows(const struct command_options *options)
{
	int64_t row;

	for (int i = 0; i < options->count; i++) {
		if (text_to_integer(options->words[i], 1, INT64_MAX, &row))
			continue;
		fprintf(stderr,
			"npsd: \"%s\" is no row, a number that npsd responses "
			"shows; for an answer's id say --id\n",
			options->words[i]);
		return false;
	}
	return true;
}

int
command_replay(const struct command_options *options)
{
	if ((options->count > 0) + says_which(options) + options->all != 1)
		return command_misused(
			"say which answers: rows, or what they share, "
			"or --all; npsd replay --help");
	if (!are_rows(options))
		return COMMAND_USAGE;
	if (options->yes && !options->dry_run)
		return replay(options);
	if (!options->dry_run && (options->json || isatty(STDIN_FILENO) == 0))
		return command_misused(
			"nobody can be asked here: say --dry-run, or "
			"--yes");
	return look_first(options);
}
