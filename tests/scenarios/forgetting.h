/*
 * forgetting - somebody is forgotten, and what is kept then is searched for
 * words, as it lies on disk and as it is listed.
 */
#ifndef NPSD_TESTS_FORGETTING_H
#define NPSD_TESTS_FORGETTING_H

#include <stdbool.h>

#include "../support/stage.h"
#include "base/buf.h"

/* What asked says: one of who, customer, response; mentions. False: *why gets
 * why it is not done. */
bool forgetting_ask(struct stage *stage, const char *by, const json_t *asked,
	struct buf *why);
/* Where a text still stands; NULL: nowhere. */
const char *forgetting_finds(struct stage *stage, const char *text);

#endif
