/*
 * import_body - the body of a request of `npsd import`: the next bytes of a
 * file, as records.
 *
 * The sender knows nothing of rows: it sends bytes from where the answer before
 * said that reading stopped, and with a table the header's bytes before them.
 *
 *	| header | row row row ro      used: up to here
 *	          '------------'^
 */
#ifndef NPSD_SOURCE_IMPORT_BODY_H
#define NPSD_SOURCE_IMPORT_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nps/csv_table.h"
#include "source/source.h"

enum {
	IMPORT_RECORDS_LIMIT = 1000,		   /* of a request */
	IMPORT_BODY_LIMIT_BYTES = 2 * 1024 * 1024, /* and its bytes */
};

struct import_body {
	/* What the request says. */
	const char *data;
	size_t length;
	const struct csv_settings *csv; /* NULL: lines of JSON */
	size_t head;  /* of them, the header's as it was told before */
	bool started; /* the header was told, or there is none */
	bool last;    /* the file ends with them */
	bool skip;    /* they begin within a record that was refused */
	int64_t line; /* lines before them, the header's too */
	/* What was made of them. */
	size_t used;	  /* bytes behind the header */
	int64_t lines;	  /* in them */
	size_t next_head; /* the header's bytes */
	char delimiter;
	bool next_skip;
	struct csv_table *table; /* what refusals are located by */
	bool ended; /* the table cannot be read: nothing more is to be sent */
};

/* Adds records to the batch, which is lent the body until it was offered. */
void import_body_read(struct import_body *body, struct batch *batch);
void import_body_done(struct import_body *body);

#endif
