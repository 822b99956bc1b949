/*
 * owner_gather - how owners did with the follow-ups that were opened since, read
 * from the store a page at a time.
 */
#ifndef NPSD_FLOW_OWNER_GATHER_H
#define NPSD_FLOW_OWNER_GATHER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "flow/reader.h"
#include "nps/recovery.h"

enum { OWNER_GATHER_PAGES = 100 }; /* of 1000 follow-ups, the newest */

/* Loop thread. owners: see owner_figures_json; takes it. NULL: err says why. */
typedef void (*owners_gathered_fn)(
	json_t *owners, const struct err *err, void *context);
/* recovery was read, holds the same surveys, and is lent until on_done: who
 * recovered. Loop thread. False: too many questions wait; on_done is not called. */
bool owner_gather(struct reader *reader, const char *survey,
	const struct recovery *recovery, int64_t since_ms, int64_t now_ms,
	owners_gathered_fn on_done, void *context) must_check;

#endif
