/* command_digest - which digests there are, what one says, one more of it. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/memory.h"
#include "top/command.h"

static int
list(const struct command_options *options)
{
	static const char *const columns[] = {"NAME=name", "EVERY=every",
		"TIMEZONE=timezone", "LANGUAGE=language", "BY=by", "TO=to",
		"ACTION=action", "NEXT=next_at", NULL};
	json_t *page, *items;
	int code = client_get(options, "GET", "/api/v1/digests", &page);

	if (code != COMMAND_OK)
		return code;
	items = json_object_get(page, "items");
	if (options->json)
		show_json(page);
	else if (options->csv)
		show_csv(items, columns);
	else if (json_array_size(items) == 0)
		fputs("none\n", stderr);
	else
		show_table(items, columns);
	json_decref(page);
	return COMMAND_OK;
}

/* As it would stand in a mail. */
static void
show_letter(const json_t *letter, bool html)
{
	const json_t *to = json_object_get(letter, "to"), *one;
	size_t i;

	if (html) {
		fputs(json_string_at(letter, "html"), stdout);
		return;
	}
	json_array_foreach(to, i, one)
		printf("%s%s", i > 0 ? ", " : "To: ", json_string_value(one));
	printf("%sSubject: %s\n\n%s\n", json_array_size(to) > 0 ? "\n" : "",
		json_string_at(letter, "subject"),
		json_string_at(letter, "text"));
}

static void
show_sent(const json_t *letters)
{
	json_t *letter;
	size_t i;

	json_array_foreach(letters, i, letter)
	{
		const json_t *to = json_object_get(letter, "to");
		const json_t *one;
		size_t j;

		json_array_foreach(to, j, one)
			printf("%s%s", j > 0 ? ", " : "in the queue for ",
				json_string_value(one));
		printf(": %s\n", json_string_at(letter, "subject"));
	}
}

int
command_digest(const struct command_options *options)
{
	json_t *made, *letters, *letter;
	char *path;
	size_t i;
	int code;

	if (options->count == 0)
		return list(options);
	path = mem_printf("/api/v1/digests/%s%s", options->words[0],
		options->dry_run ? "" : "/send");
	code = options->dry_run
		       ? client_get_row(options, path,
				 "there is no such digest: npsd digest lists "
				 "them",
				 &made)
		       : client_get(options, "POST", path, &made);
	free(path);
	if (code != COMMAND_OK)
		return code;
	letters = json_object_get(made, "letters");
	if (options->json)
		show_json(made);
	else if (!options->dry_run)
		show_sent(letters);
	else
		json_array_foreach(letters, i, letter)
			show_letter(letter, options->html);
	json_decref(made);
	return COMMAND_OK;
}
