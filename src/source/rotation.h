/*
 * rotation - what the names of rotated files look like. Names only; whether a
 * file is the one that was read before is told by its identity.
 */
#ifndef NPSD_SOURCE_ROTATION_H
#define NPSD_SOURCE_ROTATION_H

#include <stdbool.h>

/* responses.jsonl.1.gz and the like: never read. */
bool rotation_is_compressed(const char *name);
/* Whether the name has what the pattern wants (fnmatch(3), a leading dot only
 * by a dot). */
bool rotation_matches(const char *pattern, const char *name);
/* Whether the name is one that a rotation gives to a file of the pattern:
 * "responses.jsonl.1", "responses.jsonl-20261122", "responses-20261122.jsonl",
 * "responses.1.jsonl", "responses.jsonl.old". If so, the name that it had
 * before; the caller frees it. NULL else. */
char *rotation_origin(const char *pattern, const char *name);
/* Whether it begins as a file of the pattern does, so that it may be one under
 * another name. */
bool rotation_is_near(const char *pattern, const char *name);

#endif
