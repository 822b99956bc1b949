/*
 * movement - how a customer's answer stands to the one before it.
 */
#ifndef NPSD_NPS_MOVEMENT_H
#define NPSD_NPS_MOVEMENT_H

#include <stdbool.h>

#include "nps/category.h"

/* Between classes: 9 after 10 is no movement, 6 after 7 is. */
enum movement { MOVEMENT_DOWN, MOVEMENT_SAME, MOVEMENT_UP };
enum movement movement_between(enum category before, enum category now);
/* "down" "same" "up". */
const char *movement_name(enum movement movement);
/* A detractor before and now. */
bool movement_repeats(enum category before, enum category now);

#endif
