/*
 * table_merge - records that stand in a CSV file: a map `SECTION: {file: PATH}`
 * becomes one with a member for each row.
 *
 *	owners: {file: owners.csv}      name,display,email,manager
 *	                                anna,Anna Visser,anna@example.com,jan
 *
 * The column `name` gives the member's key, each other one the key that its
 * head says. Empty cells are left out. All of it is told as standing where the
 * file was named.
 */
#ifndef NPSD_CONF_TABLE_MERGE_H
#define NPSD_CONF_TABLE_MERGE_H

#include <stdbool.h>

#include "conf/node.h"

enum { TABLE_ROWS_LIMIT = 10000 };

/* heads: pairs of a column's head and the key that it stands for, ended by
 * NULL; other heads are keys themselves. A relative path is one of `folder`
 * (may be NULL). False after an error. */
bool table_merge(struct conf_document *document, const char *section,
	const char *const *heads, const char *folder,
	struct conf_errors *errors);

#endif
