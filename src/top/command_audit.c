/* command_audit - what became of every detractor. */
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "top/command.h"
#include "top/list.h"

static const char *const columns[] = {"ROW=row", "SCORE=score",
	"ARRIVED=arrived_at", "RULE=rule", "WHY NOT=why_not", "ALERT=alert",
	"FOLLOW-UP=follow_up", "STATE=state", "OWNER=owner",
	"CONTACTED=contacted_at", "IN TIME=in_time", "?ERASED=erased_at",
	"HANGS=hangs", NULL};

static const char *const cells[] = {"=row", "=survey", "=id", "=score",
	"=answered_at", "=arrived_at", "=rule", "=why_not", "=alert",
	"=alerted_at", "=follow_up", "=state", "=owner", "=contacted_at",
	"=in_time", "=closed_at", "=reason", "=erased_at", "=hangs", NULL};

struct audit {
	const struct command_options *options;
	json_t *rows; /* of the table */
	long long detractors, hanging, unheard;
};

static void
on_page(const json_t *items, void *context)
{
	struct audit *audit = context;
	json_t *row;
	size_t i;

	json_array_foreach(items, i, row)
	{
		audit->detractors++;
		audit->hanging += json_is_string(json_object_get(row, "hangs"));
		audit->unheard +=
			json_is_string(json_object_get(row, "why_not"));
		if (audit->options->json)
			show_json(row);
	}
	if (audit->options->csv && !audit->options->json)
		show_csv_rows(items, cells);
	else if (!audit->options->json)
		json_array_extend(audit->rows, (json_t *)(uintptr_t)items);
}

static void
show_audit(const struct audit *audit)
{
	if (audit->options->json || audit->options->csv)
		return;
	if (audit->detractors > 0)
		show_table(audit->rows, columns);
	printf("%s%lld %s, %lld without an alert, %lld hanging\n",
		audit->detractors > 0 ? "\n" : "", audit->detractors,
		text_plural(audit->detractors, "detractor", "detractors"),
		audit->unheard, audit->hanging);
}

int
command_audit(const struct command_options *options)
{
	struct audit audit = {.options = options, .rows = json_array()};
	struct buf path = {0};
	int code;

	buf_append_text(&path, "/api/v1/audit");
	client_add_query(&path, "survey", options->survey);
	client_add_query(&path, "since", options->since);
	if (options->csv && !options->json)
		show_csv_head(cells);
	code = list_each_page(options, path.data, on_page, &audit);
	buf_done(&path);
	if (code == COMMAND_OK)
		show_audit(&audit);
	json_decref(audit.rows);
	if (code == COMMAND_OK && audit.hanging > 0)
		return COMMAND_NEGATIVE;
	return code;
}
