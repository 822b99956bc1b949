/*
 * import_progress - how far an import is, on stderr: a bar on a terminal, else
 * a line every few seconds.
 */
#ifndef NPSD_TOP_IMPORT_PROGRESS_H
#define NPSD_TOP_IMPORT_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

enum { IMPORT_PROGRESS_LINE_MS = 5000, IMPORT_PROGRESS_BAR_MS = 100 };

struct import_progress {
	const char *name; /* of the file; lent */
	int64_t size;	  /* bytes */
	bool is_terminal;
	bool shown; /* a bar stands on the terminal */
	int64_t began_us, told_us;
};

void import_progress_start(
	struct import_progress *progress, const char *name, int64_t size);
void import_progress_tell(
	struct import_progress *progress, int64_t done, int64_t rows);
/* Takes the bar away, so that other things can be written. */
void import_progress_clear(struct import_progress *progress);

#endif
