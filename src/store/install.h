/*
 * install - a file that is made beside its place and moved there when it is
 * whole and on disk, so that no half-made one is ever found under its name.
 */
#ifndef NPSD_STORE_INSTALL_H
#define NPSD_STORE_INSTALL_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/* Makes the empty file; one that an earlier try left there is removed, with
 * SQLite's files beside it. The mode is that whatever the umask. */
bool install_begin(const char *path, mode_t mode, struct err *err) must_check;
/* Syncs it, moves it to its name, syncs the folder. replace false: fails where
 * something has that name. */
bool install_end(const char *path, const char *name, bool replace,
	struct err *err) must_check;
/* Removes what install_begin removes. */
void install_drop(const char *path);
/* Syncs the folder that a file lies in. */
bool install_sync_folder(const char *path, struct err *err) must_check;

#endif
