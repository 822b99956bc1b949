/*
 * line_reader - records out of a file of lines, a batch at a time, in bounded
 * memory however long a line is.
 *
 *	0          offset                         end
 *	|---read-----|---lines---|---half a line---|
 *
 * The offset only ever lies behind a line's end, so what is half written is
 * read again when there is more of it. Where a line is past the limit, bytes
 * are only searched for its end (`scanned`); its start is booked as refused.
 */
#ifndef NPSD_SOURCE_LINE_READER_H
#define NPSD_SOURCE_LINE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "source/source.h"

enum {
	LINE_READER_KEPT_BYTES = 8 * 1024, /* of a line that is too long */
	LINE_READER_SCAN_BYTES = 4 * 1024 * 1024, /* searched in one call */
};

struct line_reader {
	int fd;
	int64_t offset;
	int64_t line;	 /* lines before it */
	int64_t scanned; /* 0, or: no end of the line at offset before this */
	size_t hint;	 /* what made a full batch last time */
};

enum line_reader_result {
	LINE_READER_WORKED,  /* something was read: call again */
	LINE_READER_NOTHING, /* no whole line up to `end` any more */
	LINE_READER_FAILED,
};

/* At the start, or at a place that was kept. */
void line_reader_init(
	struct line_reader *reader, int fd, int64_t offset, int64_t line);
/* Adds records that lie before `end` (the file's size) to an empty batch, at
 * most SOURCE_BATCH_RECORDS. It may add none and still have worked. last:
 * nothing will ever follow, so that what has no end is the last line. */
enum line_reader_result line_reader_fill(struct line_reader *reader,
	int64_t end, bool last, struct batch *batch, struct err *err);

#endif
