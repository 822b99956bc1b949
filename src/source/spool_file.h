/*
 * spool_file - one file that grows: which it is, how far it was read, its
 * batches on their way.
 *
 * A file is known by device, inode, a fingerprint of its start, and by never
 * getting shorter; its name only says where to look. It is open while there may
 * be more of it, and rests otherwise:
 *
 *	resting --(changed)--> open --(read, and renamed or too many)--> resting
 *
 * A generation is one filling of it: where it was truncated, or is another file
 * under the same inode, a new generation begins at its first byte.
 */
#ifndef NPSD_SOURCE_SPOOL_FILE_H
#define NPSD_SOURCE_SPOOL_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/err.h"
#include "crypt/uuid.h"
#include "source/batch_queue.h"
#include "source/fingerprint.h"
#include "source/line_reader.h"
#include "source/place.h"

struct spool_file {
	struct source *source;
	char *path;		   /* as it was first named; its series */
	char *name;		   /* in its folder, as last seen */
	char key[UUID_TEXT_BYTES]; /* of its place, for ever */
	char generation[UUID_TEXT_BYTES];
	char *id_prefix;
	dev_t device;
	ino_t inode;
	struct timespec changed;  /* ctime when it was last looked at */
	struct timespec modified; /* mtime when it was found: its age */
	int64_t size;
	int64_t written_ms; /* mtime, when it was last looked at */
	struct fingerprint print;
	/* The whole fingerprint of the generation before, or "". */
	char former_sha256[SHA256_HEX_BYTES];
	struct line_reader reader; /* fd -1: resting */
	int watched;		   /* as folder_watch_file gave it, or -1 */
	struct batch_queue queue;
	int64_t kept;	   /* offset up to which all is kept */
	bool has_place;	   /* the store has one */
	int64_t placed_ms; /* at_ms of that of an earlier run; or 0 */
	bool unproven;	   /* of a place, and not compared with the file yet */
	bool replaced_unseen; /* at the last opening: it was truncated, or is
	                       * another file of that name */

	/* What the last look at the folder told. */
	bool seen;	/* under any name */
	bool was_seen;	/* by the look before it */
	bool same_name; /* as at the look before it */
	bool named;	/* under path */
	bool replaced;	/* another file has its path */
	bool deleted;	/* it has no name any more */

	bool dry;	    /* nothing more to read until something happens */
	bool partial;	    /* what is left is half a line */
	bool dead;	    /* its place is being removed */
	bool lost;	    /* it was deleted, for certain */
	char *trouble;	    /* why it cannot be read, or NULL */
	int64_t active_us;  /* when something last came of it */
	int64_t missing_us; /* since when no name was found; 0: there is one */
	int64_t gone_ms;    /* the same by the wall clock, as its place tells
	                     * it; 0: it tells of none */
};

enum spool_file_result {
	SPOOL_BATCH,  /* a batch was put into its queue */
	SPOOL_WORKED, /* not yet, but there is more to do */
	SPOOL_DRY,
	SPOOL_TRUNCATED, /* a new generation begins; call again */
	SPOOL_FAILED,
};

/* A file seen for the first time, under this path. */
struct spool_file *spool_file_new(struct source *source, const char *path);
/* One that the store remembers; place is lent. */
struct spool_file *spool_file_known(
	struct source *source, const char *key, const struct place *place);
void spool_file_free(struct spool_file *file); /* no batch under way */

/* Takes fd, just opened with this status. What was remembered holds only if
 * the file still has it: else it begins anew. False: it could not be read. */
bool spool_file_open(struct spool_file *file, int fd, const struct stat *status,
	struct err *err) must_check;
/* Closes it: nothing is waiting in it. */
void spool_file_rest(struct spool_file *file);
bool spool_file_is_open(const struct spool_file *file);
/* Whether its path lies in this folder itself. */
bool spool_file_is_in(const struct spool_file *file, const char *folder);

/* What to make of a last line without its end. */
enum spool_last {
	SPOOL_LAST_WAITS, /* more of it will come */
	SPOOL_LAST_WHOLE, /* a record if it is a whole one, else it waits */
	SPOOL_LAST_ENDS,  /* a record if it is a whole one, else refused */
};

/* Reads on; there is room in its queue. */
enum spool_file_result spool_file_read(
	struct spool_file *file, enum spool_last last, struct err *err);
/* Puts a batch into its queue that removes its place. */
void spool_file_remove_place(struct spool_file *file);
/* Puts one into it that tells in its place since when there is no such file; 0:
 * there is one again. Nothing of it is under way. */
void spool_file_tell_gone(struct spool_file *file, int64_t gone_ms);
/* The file whose batch this is. */
struct spool_file *spool_file_of(const struct batch *batch);
/* A batch came back. */
void spool_file_settled(struct spool_file *file, struct batch *batch);
/* Frees the batches that are not under way. */
void spool_file_drop(struct spool_file *file);
/* Bytes not kept yet. */
int64_t spool_file_behind(const struct spool_file *file);

#endif
