/* command_forget - forget: erases what is kept of a person, and tells what. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "top/command.h"

enum {
	FORGET_ASK_MS = 100,
	FORGET_TELL_ASKS = 10, /* then it is told what is waited for */
};

/* ---- the report, for people ---- */

static long long
number_of(const json_t *object, const char *name)
{
	return (long long)json_integer_value(json_object_get(object, name));
}

static const struct {
	const char *name, *one, *says;
} lines[] = {
	{"answers", "answer (score, class, survey and time stay)",
		"answers (score, class, survey and time stay)"},
	{"invitations", "invitation", "invitations"},
	{"revisions", "former revision of them", "former revisions of them"},
	{"deliveries", "delivery (what became of it stays)",
		"deliveries (what became of them stays)"},
	{"bodies", "body of a delivery", "bodies of deliveries"},
	{"attempts", "reason of an attempt", "reasons of attempts"},
	{"cancelled", "delivery that waited or was dead: cancelled",
		"deliveries that waited or were dead: cancelled"},
	{"follow_ups", "follow-up (its course stays)",
		"follow-ups (their course stays)"},
	{"closed", "of them was open: closed as lost, forgotten",
		"of them were open: closed as lost, forgotten"},
	{"notes", "note on follow-ups", "notes on follow-ups"},
	{"cooldowns", "cooldown", "cooldowns"},
	{"rejected", "rejected record", "rejected records"},
	{"silences", "silence", "silences"},
	{"storms", "message of a storm", "messages of storms"},
	{"digests", "digest since, which may quote a comment: its body",
		"digests since, which may quote a comment: their bodies"},
	{"others", "other delivery that named the person",
		"other deliveries that named the person"},
};

static void
print_numbers(const json_t *numbers, const char *says)
{
	const char *name, *between = "";
	const json_t *value;

	if (json_object_size(numbers) == 0)
		return;
	fputs(says, stdout);
	json_object_foreach((json_t *)(uintptr_t)numbers, name, value)
	{
		printf("%s%s (%lld)", between, name,
			(long long)json_integer_value(value));
		between = ", ";
	}
	putchar('\n');
}

static void
print_erased(const json_t *report)
{
	const json_t *erased = json_object_get(report, "erased");

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		long long count = number_of(erased, lines[i].name);

		if (count > 0)
			printf("  %6lld  %s\n", count,
				text_plural(
					count, lines[i].one, lines[i].says));
	}
}

static void
print_known_by(const json_t *report)
{
	const json_t *list = json_object_get(report, "known_by");
	size_t i;
	const json_t *one;

	if (json_array_size(list) == 0)
		return;
	fputs("known by:", stdout);
	json_array_foreach(list, i, one)
	{
		char *text = show_text(one);

		printf("%s %s", i > 0 ? "," : "", text);
		free(text);
	}
	putchar('\n');
}

static void
print_named(const json_t *report)
{
	const json_t *rows = json_object_get(report, "named_in");
	const json_t *row;
	long long count = number_of(report, "named");
	size_t i;

	if (count == 0)
		return;
	printf("named in %lld %s (--mentions takes %s, too): %s", count,
		text_plural(count, "answer of another, which stays",
			"answers of others, which stay"),
		text_plural(count, "it", "them"),
		text_plural(count, "row", "rows"));
	json_array_foreach(rows, i, row)
		printf("%s %s", i > 0 ? "," : "", json_string_value(row));
	puts(count > (long long)json_array_size(rows) ? " ..." : "");
}

static void
print_proof(const json_t *report)
{
	const json_t *file = json_object_get(report, "file");

	if (!json_is_object(file)) {
		puts("The write-ahead log was emptied.");
		return;
	}
	printf("The write-ahead log was emptied, and the database file "
	       "searched: %lld bytes, %lld %s.\n",
		number_of(file, "bytes"), number_of(file, "found"),
		text_plural(number_of(file, "found"), "hit", "hits"));
	if (number_of(file, "found") > 0)
		puts("Hits are in answers of others that name the person, or "
		     "in longer words.");
}

static void
print_left(const json_t *report)
{
	long long anew = number_of(report, "sent_anew");

	if (anew > 0)
		printf("%lld %s\n", anew,
			text_plural(anew,
				"alert of another stood in a message that had "
				"not been taken: it goes out by itself",
				"alerts of others stood in a message that had "
				"not been taken: they go out by themselves"));
	print_numbers(json_object_get(report, "digests_cancelled"),
		"digests that waited, and may quote a comment, are not sent; "
		"npsd digest NAME makes one anew: ");
	print_numbers(json_object_get(report, "sources"),
		"came from, and may lie there still: ");
	print_numbers(json_object_get(report, "told"),
		"was sent to, and is to be erased there: ");
	print_named(report);
}

static void
print_report(const json_t *report)
{
	const json_t *erased = json_object_get(report, "erased");
	const char *row = json_string_at(report, "row");
	bool any = false;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		any |= number_of(erased, lines[i].name) > 0;
	if (row != NULL)
		printf("erasure %s, %s\n", row,
			json_string_at(report, "ended_at"));
	else
		print_known_by(report);
	puts(!any	      ? "nothing is known of that person"
		: row != NULL ? "erased:"
			      : "would be erased:");
	print_erased(report);
	if (number_of(report, "found") > number_of(report, "counted"))
		printf("These are of the first %lld answers; %lld were "
		       "found.\n",
			number_of(report, "counted"),
			number_of(report, "found"));
	print_left(report);
	if (row == NULL)
		return;
	print_proof(report);
	puts("Backups from before hold it still; they are yours to remove.");
}

static bool
found_any(const json_t *report)
{
	const json_t *value;
	const char *name;

	json_object_foreach(json_object_get(report, "erased"), name, value)
	{
		if (json_integer_value(value) > 0)
			return true;
	}
	return false;
}

/* ---- asking ---- */

static int
post(const struct command_options *options, const json_t *asked, bool dry,
	json_t **report)
{
	json_t *body = json_copy((json_t *)(uintptr_t)asked);
	struct buf path = {0};
	int code;

	buf_append_text(&path, "/api/v1/forget");
	client_add_query(&path, "by", client_name());
	if (dry)
		json_object_set_new(body, "dry_run", json_true());
	code = client_post(options, path.data, body, report);
	buf_done(&path);
	json_decref(body);
	return code;
}

/* Those that were asked for before it and are not done. */
static void
tell_before(const struct command_options *options, const char *row)
{
	json_t *page = NULL;
	const json_t *one;
	size_t i;

	if (client_get(options, "GET", "/api/v1/erasures", &page) == COMMAND_OK)
		json_array_foreach(json_object_get(page, "items"), i, one)
		{
			const char *other = json_string_at(one, "row");

			if (!text_same(json_string_at(one, "state"), "done") &&
				atoll(other) < atoll(row))
				fprintf(stderr,
					"npsd: erasure %s comes first (%s)\n",
					other, json_string_at(one, "state"));
		}
	json_decref(page);
}

/* Once, what takes long. */
static void
tell_waiting(const struct command_options *options, const json_t *report)
{
	const char *state = json_string_at(report, "state");

	if (text_same(state, "settling") && number_of(report, "in_flight") > 0)
		fputs("npsd: something of it is being sent right now; waiting "
		      "for its end\n",
			stderr);
	else if (text_same(state, "cleaning"))
		fputs("npsd: another program reads the database in one long "
		      "transaction; waiting for its end\n",
			stderr);
	else
		tell_before(options, json_string_at(report, "row"));
}

/* It goes on whether anybody waits for it or not. */
static int
wait_for_end(const struct command_options *options, json_t **report)
{
	const struct timespec pause = {0, FORGET_ASK_MS * 1000000L};
	char *path = mem_printf(
		"/api/v1/erasures/%s", json_string_at(*report, "row"));
	char *state = mem_strdup(json_string_at(*report, "state"));
	int code = COMMAND_OK, asks = 0;

	while (code == COMMAND_OK && !text_same(state, "done")) {
		if (++asks == FORGET_TELL_ASKS)
			tell_waiting(options, *report);
		nanosleep(&pause, NULL);
		json_decref(*report);
		*report = NULL;
		code = client_get(options, "GET", path, report);
		if (code != COMMAND_OK ||
			text_same(json_string_at(*report, "state"), state))
			continue;
		free(state);
		state = mem_strdup(json_string_at(*report, "state"));
		asks = 0;
	}
	if (code != COMMAND_OK)
		fprintf(stderr,
			"npsd: the erasure goes on by itself; see GET %s\n",
			path);
	free(state);
	free(path);
	return code;
}

/* As on a terminal: only "y" goes on. */
static bool
is_confirmed(void)
{
	char line[16] = "";

	if (!isatty(STDIN_FILENO)) {
		fputs("npsd: say --yes to go on without being asked, or "
		      "--dry-run\n",
			stderr);
		return false;
	}
	fputs("This cannot be undone. Go on? [y/N] ", stderr);
	return fgets(line, sizeof(line), stdin) != NULL &&
	       (strcmp(line, "y\n") == 0 || strcmp(line, "yes\n") == 0);
}

static void
show(const struct command_options *options, const json_t *report)
{
	if (options->json)
		show_json(report);
	else
		print_report(report);
}

static int
erase(const struct command_options *options, const json_t *asked)
{
	json_t *report = NULL;
	int code = post(options, asked, false, &report);

	if (code == COMMAND_OK)
		code = wait_for_end(options, &report);
	if (code == COMMAND_OK) {
		show(options, report);
		code = found_any(report) ? COMMAND_OK : COMMAND_NEGATIVE;
	}
	json_decref(report);
	return code;
}

static int
look_first(const struct command_options *options, const json_t *asked)
{
	json_t *report = NULL;
	int code = post(options, asked, true, &report);
	bool any;

	if (code != COMMAND_OK)
		return code;
	any = found_any(report);
	if (options->dry_run || !options->json)
		show(options, report);
	json_decref(report);
	if (options->dry_run || !any)
		return any ? COMMAND_OK : COMMAND_NEGATIVE;
	return is_confirmed() ? erase(options, asked) : COMMAND_NEGATIVE;
}

static int
list(const struct command_options *options)
{
	static const char *const columns[] = {"ROW=row", "STATE=state",
		"ASKED=asked_at", "ENDED=ended_at", "BY=by", "WHY=why", NULL};
	json_t *page = NULL;
	int code = client_get(options, "GET", "/api/v1/erasures", &page);
	const json_t *rows = json_object_get(page, "items"), *row;
	size_t i;

	if (code == COMMAND_OK && options->json) {
		json_array_foreach(rows, i, row) show_json(row);
	} else if (code == COMMAND_OK) {
		show_table(rows, columns);
	}
	json_decref(page);
	return code;
}

int
command_forget(const struct command_options *options)
{
	const char *who = options->count > 0 ? options->words[0] : NULL;
	json_t *asked;
	int code;

	if (options->list)
		return who != NULL ? command_misused("--list stands alone")
				   : list(options);
	if ((who != NULL) + (options->customer != NULL) +
			(options->response != NULL) !=
		1)
		return command_misused(
			"say who: an address, a telephone number or a "
			"customer's id; or --customer ID; or "
			"--response ROW");
	asked = json_object();
	if (who != NULL)
		json_object_set_new(asked, "who", json_string(who));
	if (options->customer != NULL)
		json_object_set_new(
			asked, "customer", json_string(options->customer));
	if (options->response != NULL)
		json_object_set_new(
			asked, "response", json_string(options->response));
	if (options->mentions)
		json_object_set_new(asked, "mentions", json_true());
	if (options->why != NULL)
		json_object_set_new(asked, "why", json_string(options->why));
	code = options->yes && !options->dry_run ? erase(options, asked)
						 : look_first(options, asked);
	json_decref(asked);
	return code;
}
