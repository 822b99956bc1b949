/*
 * spool_history - tells rotated files that hold answers nobody has read from
 * those that are history, where no place in the store knows them.
 *
 * A file that came and was rotated while nobody looked is news. History is what
 * had been rotated before this source first looked into its folder, and a copy
 * of a file that was read (copytruncate).
 */
#ifndef NPSD_SOURCE_SPOOL_HISTORY_H
#define NPSD_SOURCE_SPOOL_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "source/spool_file.h"

/* One that is not read. */
struct spool_ignored {
	dev_t device;
	ino_t inode;
	int64_t modified_ms;
};

struct spool_history {
	struct spool_ignored *ignored;
	size_t count;
};

/* A rotated file that is not known; all lent. */
struct spool_rotated {
	int folder; /* it lies in, open */
	const char *name;
	const char *path; /* before it was rotated */
	const struct stat *status;
	bool is_first_look; /* at its folder, in this run */
};

void spool_history_done(struct spool_history *history);
/* files: all that are known. What is no news is remembered as such, as long as
 * it is not written to. */
bool spool_history_is_news(struct spool_history *history,
	const struct spool_rotated *rotated, struct spool_file *const *files,
	size_t count);

#endif
