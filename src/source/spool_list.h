/*
 * spool_list - the files of one file source: which is which by identity, how many
 * are open, when one is let go. spool_look finds them in their folders.
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

/* Puts one behind those that are as old as it is, or older. Takes it. */
void spool_list_insert(struct spool_list *list, struct spool_file *file);
/* One that is in it moves to where its new age belongs. */
void spool_list_set_age(struct spool_list *list, struct spool_file *file,
	struct timespec modified);
/* The file with this identity, or NULL. The device number of a disk may change
 * between two starts; then inode, path and fingerprint must do. */
struct spool_file *spool_list_find(const struct spool_list *list,
	const struct stat *status, const char *path);
/* Closes a file that has nothing to say, so that another can be opened. */
bool spool_list_make_room(struct spool_list *list);
/* By the monotonic clock of its source. */
int64_t spool_list_now_us(const struct spool_list *list);

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
