/*
 * safe_file - opens a file that others put into a folder, and nothing else
 * that may lie there: no symbolic link is followed, a FIFO or a device never
 * blocks and is never read.
 */
#ifndef NPSD_SOURCE_SAFE_FILE_H
#define NPSD_SOURCE_SAFE_FILE_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/err.h"

/* An open folder, or -1 with a reason. That it is a symbolic link is good only
 * where root or npsd's own user made it. */
int safe_folder_open(const char *path, struct err *err);
/* Whether this may be read: a regular file, and no hard link that somebody
 * else's file got in a folder that is not theirs. The reason names it. */
bool safe_file_check(int folder, const char *name, const struct stat *status,
	struct err *err);
/* Opens it for reading and looks at it; -1 with a reason (errno is ENOENT where
 * there is none). */
int safe_file_open(
	int folder, const char *name, struct stat *status, struct err *err);

#endif
