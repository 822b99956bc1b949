/* list - the pages of a list, shown. */
#include "top/list.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/memory.h"
#include "top/command.h"

#define LIST_PAGE "1000" /* rows of a page where all are wanted */

void
list_add_filters(struct buf *path, const struct command_options *options)
{
	client_add_query(path, "survey", options->survey);
	client_add_query(path, "id", options->id);
	client_add_query(path, "category", options->category);
	client_add_query(path, "state", options->state);
	client_add_query(path, "source", options->source);
	client_add_query(path, "action", options->action);
	client_add_query(path, "rule", options->rule);
	client_add_query(path, "owner", options->owner);
	client_add_query(path, "overdue", options->overdue ? "1" : NULL);
	client_add_query(path, "reason", options->reason);
	client_add_query(path, "storm", options->storm);
	client_add_query(path, "since", options->since);
}

int
list_each_page(const struct command_options *options, const char *route,
	void (*on_page)(const json_t *items, void *context), void *context)
{
	char *cursor = mem_strdup(options->cursor);
	int code;

	do {
		struct buf path = {0};
		json_t *page;

		buf_append_text(&path, route);
		client_add_query(&path, "cursor", cursor);
		code = client_get(options, "GET", path.data, &page);
		buf_done(&path);
		free(cursor);
		cursor = NULL;
		if (code != COMMAND_OK)
			break;
		on_page(json_object_get(page, "items"), context);
		cursor = mem_strdup(json_string_at(page, "next"));
		json_decref(page);
	} while (cursor != NULL);
	free(cursor);
	return code;
}

/* ---- CSV ---- */

static void
on_csv_page(const json_t *items, void *context)
{
	const char *const *const *columns = context;

	show_csv_rows(items, *columns);
}

static int
show_all(const struct command_options *options, const char *route,
	const char *const *columns)
{
	struct buf path = {0};
	int code;

	buf_append_text(&path, route);
	list_add_filters(&path, options);
	client_add_query(&path, "limit", LIST_PAGE);
	show_csv_head(columns);
	code = list_each_page(options, path.data, on_csv_page, &columns);
	buf_done(&path);
	return code;
}

/* ---- a page ---- */

static void
show_page(const struct command_options *options, const json_t *items,
	const char *const *columns)
{
	json_t *row;
	size_t i;

	if (options->json)
		json_array_foreach(items, i, row) show_json(row);
	else if (options->csv)
		show_csv(items, columns);
	else if (json_array_size(items) == 0)
		fputs("none\n", stderr);
	else
		show_table(items, columns);
}

int
list_show(const struct command_options *options, const char *route,
	const char *const *columns)
{
	struct buf path = {0};
	json_t *page;
	const char *next;
	int code;

	if (options->csv && !options->json && options->limit == NULL)
		return show_all(options, route, columns);
	buf_append_text(&path, route);
	list_add_filters(&path, options);
	client_add_query(&path, "limit", options->limit);
	client_add_query(&path, "cursor", options->cursor);
	code = client_get(options, "GET", path.data, &page);
	buf_done(&path);
	if (code != COMMAND_OK)
		return code;
	next = json_string_at(page, "next");
	show_page(options, json_object_get(page, "items"), columns);
	if (next != NULL)
		fprintf(stderr, "more: --cursor %s\n", next);
	json_decref(page);
	return COMMAND_OK;
}
