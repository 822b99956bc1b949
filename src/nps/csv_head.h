/*
 * csv_head - the start of a table: its delimiter, its header, and so which
 * column is which. For csv_table.c alone.
 */
#ifndef NPSD_NPS_CSV_HEAD_H
#define NPSD_NPS_CSV_HEAD_H

#include "nps/csv_table.h"
#include "nps/csv_value.h"

struct csv_column {
	char *group; /* "customer" and so on, or NULL */
	char *name;
	enum csv_value_kind kind;
	size_t field; /* from 0 */
};

struct csv_head {
	char delimiter;
	size_t length; /* bytes before the first row */
	int64_t lines;
	size_t width;		    /* fields of the header; 0: there is none */
	struct csv_column *columns; /* by group, those without first */
	size_t count;
};

enum csv_start csv_head_read(struct csv_head *head,
	const struct csv_settings *settings, const char *data, size_t length,
	bool last, struct rejection *why);
void csv_head_done(struct csv_head *head);
/* Appends what a field says, as UTF-8. False: it is none; *at is where in the
 * field. */
bool csv_head_text(const struct csv_settings *settings, const char *data,
	const struct csv_field *field, struct buf *out, size_t *at);

#endif
