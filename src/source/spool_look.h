/*
 * spool_look - a look at the folders of one file source: tells by identity which
 * file is which, opens what has more to read, notes what is missing.
 */
#ifndef NPSD_SOURCE_SPOOL_LOOK_H
#define NPSD_SOURCE_SPOOL_LOOK_H

#include <stdbool.h>

#include "base/err.h"
#include "source/spool_list.h"

/* Looks at all folders and files. False with the first thing that is wrong;
 * all else was looked at all the same. */
bool spool_look(struct spool_list *list, struct err *err) must_check;

#endif
