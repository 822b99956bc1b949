/*
 * drop_names - which names of a folder are to be looked at next, in bounded
 * memory however many there are; and what is known of files that are still
 * being written.
 *
 * The folder is read in portions, each in the order of names. A file that is
 * taken moves away, so that a later portion does not see it again.
 */
#ifndef NPSD_SOURCE_DROP_NAMES_H
#define NPSD_SOURCE_DROP_NAMES_H

#include <dirent.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum {
	DROP_NAMES_LIMIT = 1000, /* of a portion */
	DROP_MARKS_LIMIT = 4096, /* names that something is known of */
};

struct drop_names {
	DIR *folder;  /* being read, or NULL */
	char **names; /* the portion */
	size_t count, at;
	json_t *written;  /* written to and not closed since */
	json_t *complete; /* renamed in */
};

void drop_names_init(struct drop_names *names);
void drop_names_done(struct drop_names *names);
/* Begins to read the folder from its start; takes fd. */
bool drop_names_start(
	struct drop_names *names, int fd, struct err *err) must_check;
/* The next name, lent until the next call; NULL: all were told. */
const char *drop_names_next(struct drop_names *names);
/* Whether all were told, or none were asked for. */
bool drop_names_at_end(const struct drop_names *names);

void drop_names_note_written(struct drop_names *names, const char *name);
void drop_names_note_closed(struct drop_names *names, const char *name);
void drop_names_note_complete(struct drop_names *names, const char *name);
void drop_names_forget(struct drop_names *names, const char *name);
/* Events were lost: nothing is known any more. */
void drop_names_forget_all(struct drop_names *names);
bool drop_names_is_written(const struct drop_names *names, const char *name);
bool drop_names_is_complete(const struct drop_names *names, const char *name);

#endif
