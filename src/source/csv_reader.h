/*
 * csv_reader - records out of a file that is a table, a batch at a time, in
 * bounded memory.
 */
#ifndef NPSD_SOURCE_CSV_READER_H
#define NPSD_SOURCE_CSV_READER_H

#include "source/csv_batch.h"
#include "source/line_reader.h"

struct csv_reader {
	struct line_reader lines; /* where it stands; passes what is too long */
	struct csv_table *table;
	struct csv_row row;
	struct buf chunk;
	bool started;
};

/* As line_reader_init; settings are lent for its life. */
void csv_reader_init(struct csv_reader *reader,
	const struct csv_settings *settings, int fd, int64_t offset,
	int64_t line);
void csv_reader_done(struct csv_reader *reader);
/* As line_reader_fill, of a file that is whole: it ends at `end`. */
enum line_reader_result csv_reader_fill(struct csv_reader *reader, int64_t end,
	struct batch *batch, struct err *err);

#endif
