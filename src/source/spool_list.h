/*
 * spool_list - the files of one file source: looks into its folders, tells by
 * identity which file is which, and opens what has more to read.
 *
 * The order is that of age, so that a rotated file is read to its end before
 * the one that took its name.
 */
#ifndef NPSD_SOURCE_SPOOL_LIST_H
#define NPSD_SOURCE_SPOOL_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "source/folder_watch.h"
#include "source/place.h"
#include "source/source.h"
#include "source/spool_file.h"
#include "source/spool_history.h"

enum {
	SPOOL_OPEN_LIMIT = 256, /* files open at the same time */
	/* A file that was moved to where it cannot be found is closed after
	 * this time without a byte. */
	SPOOL_AWAY_MS = 10 * 60 * 1000,
};

struct spool_list {
	struct source *source;	    /* lent */
	struct folder_watch *watch; /* lent */
	char *folders;		    /* pattern of the folders */
	char *names;		    /* pattern of the names in them */
	int64_t quiet_ms;	    /* how long a rotated file is waited for */
	int64_t forget_ms;	    /* when the place of a lost file goes */
	struct spool_file **files;  /* by age, the oldest first */
	size_t count;
	size_t open;
	size_t losses; /* found by looks: for whoever counts them to take */
	struct spool_history history;
	struct buf known_folders; /* those looked at once, each with a NUL */
};

void spool_list_init(struct spool_list *list, struct source *source,
	struct folder_watch *watch, const char *path);
void spool_list_done(struct spool_list *list); /* no batch under way */
/* A place that the store has; one that cannot be read is passed by. */
void spool_list_know(
	struct spool_list *list, const char *key, const char *text);

/* Looks at all folders and files. False with the first thing that is wrong;
 * all else was looked at all the same. */
bool spool_list_look(struct spool_list *list, struct err *err) must_check;
/* Ends files that rotated away: takes their last line, closes them; removes
 * the places of those that are gone for good. Batches go to their queues. */
void spool_list_leave(struct spool_list *list);
/* Something was written to the file of this name. True: it is open and will
 * be read on. */
bool spool_list_wake(
	struct spool_list *list, const char *folder, const char *name);
/* The same of the file that folder_watch_file gave this number. */
void spool_list_wake_file(struct spool_list *list, int watched);
/* Whether a name in a folder could be of interest. */
bool spool_list_wants(const struct spool_list *list, const char *name);
/* Whether an older file of the same name has to be read before. */
bool spool_list_must_wait(const struct spool_list *list, size_t index);
int64_t spool_list_behind(const struct spool_list *list);

#endif
