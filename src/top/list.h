/*
 * list - the pages of a list, as a table, as JSON lines, or as CSV.
 */
#ifndef NPSD_TOP_LIST_H
#define NPSD_TOP_LIST_H

#include <jansson.h>

struct buf;
struct command_options;

/* Appends the filters of the options as a query. */
void list_add_filters(struct buf *path, const struct command_options *options);
/* Shows the list at the route, with the filters: a page, but as CSV, where no
 * --limit is said, all of it. The exit code. */
int list_show(const struct command_options *options, const char *route,
	const char *const *columns);
/* All pages of a route (with "?..." or not), each to on_page; the exit code of
 * the first that failed. */
int list_each_page(const struct command_options *options, const char *route,
	void (*on_page)(const json_t *items, void *context), void *context);

#endif
