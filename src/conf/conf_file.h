/*
 * conf_file - a small regular file, read whole. Devices, sockets, pipes and
 * folders are refused before they are read, so that none can block or grow.
 */
#ifndef NPSD_CONF_CONF_FILE_H
#define NPSD_CONF_CONF_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

/* Which file it was, whatever its name. */
struct conf_file_identity {
	dev_t device;
	ino_t inode;
	mode_t mode;
};

/* Appends the bytes of the file. False, with a reason without its name, if it
 * cannot be read, is no regular file or is larger than the limit; *missing tells
 * if that is because there is none. identity and missing may be NULL. */
bool conf_file_read(const char *path, size_t limit, struct buf *out,
	struct conf_file_identity *identity, bool *missing,
	struct err *err) must_check;

/* `path` as seen from a folder, which may be NULL; the caller frees it. */
char *conf_file_path(const char *folder, const char *path);

#endif
