/*
 * csv_batch - rows of a table as records of a batch: each as JSON, beside the
 * row as it came.
 */
#ifndef NPSD_SOURCE_CSV_BATCH_H
#define NPSD_SOURCE_CSV_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/csv.h"
#include "nps/csv_table.h"
#include "source/source.h"

struct csv_piece {
	const char *data; /* begins with a row */
	size_t length;
	bool last;    /* nothing follows it */
	int64_t line; /* lines before it */
};

enum csv_piece_end {
	CSV_PIECE_READ, /* as many rows as there are, or have room */
	CSV_PIECE_LONG, /* then stands one that is too long, its end not there */
};

/* Adds records, up to `limit` of them in the batch. table: lent until the batch is
 * settled; row: to work with. *used, *lines: what was passed. */
enum csv_piece_end csv_batch_fill(struct batch *batch,
	const struct csv_table *table, struct csv_row *row,
	const struct csv_piece *piece, size_t limit, size_t *used,
	int64_t *lines);
/* Adds one record that stands for bytes which cannot be read at all. */
void csv_batch_refuse(struct batch *batch, const char *data, size_t length,
	int64_t line, const struct rejection *why);

#endif
