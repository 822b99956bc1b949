/*
 * drop_place - how far a dropped file was read, as the text that is kept in the
 * transaction of its records: so a daemon that is killed between the commit
 * and the move goes on where it was.
 *
 * The text is JSON; members are only ever added:
 *	{"name","inode","size","modified_ns","sha256","offset","line","good",
 *	 "finished"}
 */
#ifndef NPSD_SOURCE_DROP_PLACE_H
#define NPSD_SOURCE_DROP_PLACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/err.h"
#include "crypt/digest.h"

struct drop_place {
	char *name;
	uint64_t inode;
	int64_t size, modified_ns;
	char sha256[SHA256_HEX_BYTES];
	int64_t offset; /* bytes, or elements of an array */
	int64_t line;
	bool good;     /* something before it was good */
	bool finished; /* nothing comes behind it: only the move is left */
};

/* The caller frees it. */
char *drop_place_text(const struct drop_place *place);
/* False with a reason: no such text. drop_place_done in any case. */
bool drop_place_read(
	const char *text, struct drop_place *place, struct err *err) must_check;
void drop_place_done(struct drop_place *place);

/* Notes which file it is. */
void drop_place_set_file(struct drop_place *place, const struct stat *status);
/* Whether it is that file, unchanged. */
bool drop_place_is_file(
	const struct drop_place *place, const struct stat *status);

#endif
