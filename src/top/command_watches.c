/* command_watches - how watches stand. */
#include <jansson.h>
#include <stdio.h>

#include "base/json.h"
#include "top/command.h"

static const char *const columns[] = {"WATCH=watch", "LOOKS FOR=kind",
	"STATE=state", "SURVEY=survey", "VALUE=value", "SINCE=since",
	"LAST LOOK=last_look", NULL};

/* A row for each alarm that holds, or one of the watch. */
static void
add_rows(json_t *rows, const json_t *watch)
{
	json_t *firing = json_object_get(watch, "firing"), *alarm;
	json_t *row = json_pack("{s:O, s:O, s:O, s:n, s:O, s:n, s:O}", "watch",
		json_object_get(watch, "name"), "kind",
		json_object_get(watch, "kind"), "state",
		json_object_get(watch, "state"), "survey", "value",
		json_object_get(watch, "source"), "since", "last_look",
		json_object_get(watch, "last_look"));
	size_t i;

	json_array_foreach(firing, i, alarm)
	{
		json_t *one = json_copy(row);

		json_object_update(one, alarm);
		if (json_is_true(json_object_get(alarm, "quiet")))
			json_object_set_new(
				one, "state", json_string("firing, not told"));
		json_array_append_new(rows, one);
	}
	if (json_array_size(firing) == 0)
		json_array_append(rows, row);
	json_decref(row);
}

int
command_watches(const struct command_options *options)
{
	json_t *answer, *rows, *watch;
	size_t i;
	int code = client_get(options, "GET", "/api/v1/watches", &answer);

	if (code != COMMAND_OK)
		return code;
	rows = json_array();
	json_array_foreach(json_object_get(answer, "items"), i, watch)
		add_rows(rows, watch);
	if (options->json)
		show_json(answer);
	else if (options->csv)
		show_csv(rows, columns);
	else if (json_array_size(rows) == 0)
		fputs("no watches are configured\n", stderr);
	else
		show_table(rows, columns);
	json_decref(rows);
	json_decref(answer);
	return COMMAND_OK;
}
