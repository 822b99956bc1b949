/* command_recovery - what became of customers who answered again. */
#include <jansson.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/json.h"
#include "top/command.h"

static const char *const columns[] = {"SURVEY=survey", "NEW=new",
	"RETURNING=returning", "UP=up", "DOWN=down", "SAME=same",
	"REPEAT DETRACTORS=repeat_detractors", "EPISODES=episodes",
	"ANSWERED AGAIN=answered_again", "RECOVERED=recovered",
	"SHARE=recovered_share", NULL};

static const char *const owner_columns[] = {"OWNER=owner", "CASES=cases",
	"CONTACTED=contacted", "IN TIME=contacted_in_time",
	"SHARE=in_time_share", "MEDIAN s=first_contact_median_s",
	"P90 s=first_contact_p90_s", "RESOLVED=resolved", "LOST=lost",
	"RECOVERED=recovered", NULL};

/* The surveys, and a row of all where there are several. */
static json_t *
rows_of(const json_t *answer)
{
	json_t *rows = json_deep_copy(json_object_get(answer, "surveys"));
	json_t *total = json_deep_copy(json_object_get(answer, "total"));

	if (json_array_size(rows) > 1) {
		json_object_set_new(total, "survey", json_null());
		json_array_append(rows, total);
	}
	json_decref(total);
	return rows;
}

static void
show(const json_t *answer, json_t *rows)
{
	int days = (int)json_integer_value(json_object_get(answer, "days"));
	int least =
		(int)json_integer_value(json_object_get(answer, "cases_least"));

	const json_t *owners = json_object_get(answer, "owners");

	if (json_array_size(rows) == 0)
		fputs("no customer is known by an id, an address or a number\n",
			stderr);
	printf("window %s, at %s\n\n", json_string_at(answer, "window"),
		json_string_at(answer, "computed_at"));
	show_table(rows, columns);
	printf("\nUP and DOWN: customers whose class moved since their answer "
	       "before.\nEPISODES: detractors whose %d days ended in the "
	       "window; RECOVERED: those who gave a\nbetter score in them. "
	       "\"-\" "
	       "stands on fewer than %d cases.\n",
		days, least);
	if (json_array_size(owners) > 0) {
		puts("\nfollow-ups opened in the window, by owner:");
		show_table(owners, owner_columns);
	}
	if (json_is_false(json_object_get(answer, "complete")))
		fputs("too many answers: the oldest were left out\n", stderr);
}

int
command_recovery(const struct command_options *options)
{
	struct buf path = {0};
	json_t *answer, *rows;
	int code;

	buf_append_text(&path, "/api/v1/recovery");
	client_add_query(&path, "survey", options->survey);
	client_add_query(&path, "window", options->window);
	code = client_get(options, "GET", path.data, &answer);
	buf_done(&path);
	if (code != COMMAND_OK)
		return code;
	rows = rows_of(answer);
	if (options->json)
		show_json(answer);
	else if (options->csv && options->owners)
		show_csv(json_object_get(answer, "owners"), owner_columns);
	else if (options->csv)
		show_csv(rows, columns);
	else
		show(answer, rows);
	json_decref(rows);
	json_decref(answer);
	return COMMAND_OK;
}
