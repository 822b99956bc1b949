/*
 * drop_move - puts a file that was dealt with into a folder beside it.
 */
#ifndef NPSD_SOURCE_DROP_MOVE_H
#define NPSD_SOURCE_DROP_MOVE_H

#include <stdbool.h>

#include "base/err.h"

/* Renames NAME of the open folder to INTO/NAME, making the folder if needed. A
 * file that is there is never replaced: then the new name has a number at its
 * end. */
bool drop_move(int folder, const char *name, const char *into,
	struct err *err) must_check;

#endif
