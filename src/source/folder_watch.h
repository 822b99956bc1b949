/*
 * folder_watch - hears what happens in folders (inotify(7)).
 *
 * A hint, never the truth: events get lost when too many come, or where the
 * system gives no watches; so whoever uses this also looks by itself every now
 * and then.
 */
#ifndef NPSD_SOURCE_FOLDER_WATCH_H
#define NPSD_SOURCE_FOLDER_WATCH_H

#include <stdbool.h>

#include "loop/loop.h"

enum folder_event {
	FOLDER_NAMES,	 /* a name came, went or changed its rights */
	FOLDER_MOVED_IN, /* a name came by rename, so its file is complete */
	FOLDER_WRITTEN,	 /* bytes were written to this file */
	FOLDER_CLOSED,	 /* who wrote this file has closed it */
	FOLDER_LOST,	 /* events were lost, or the folder itself went: look
	                  * at everything; folder and name are NULL */
};

struct folder_watch;
/* on_event: folder as it was added; name of the file in it. It must not free
 * the watch. */
struct folder_watch *folder_watch_new(struct loop *loop,
	void (*on_event)(void *context, enum folder_event event,
		const char *folder, const char *name),
	void *context);
void folder_watch_free(struct folder_watch *watch);
/*
 * Of writes only those to files named by folder_watch_file are heard from here
 * on, so that who else writes in the same folders (a database, say) wakes nobody:
 * on_written instead of FOLDER_WRITTEN, with what folder_watch_file gave. Before
 * the first folder is added.
 */
void folder_watch_only_files(struct folder_watch *watch,
	void (*on_written)(void *context, int file));
/* Hears of writes to this open file, whatever its name, until
 * folder_watch_leave or its end. -1: the system gives no watch. */
int folder_watch_file(struct folder_watch *watch, int fd);
void folder_watch_leave(struct folder_watch *watch, int file);
/* Watches the folder that has this path now; cheap if it does so already.
 * Where that is not possible, nothing is heard of it. */
void folder_watch_add(struct folder_watch *watch, const char *path);

#endif
