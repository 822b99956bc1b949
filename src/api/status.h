/*
 * status - how the daemon does, and what wants a person with its mend: what
 * GET /api/v1/status and the page tell. Made on the loop, looked up on the
 * reader's thread, told on the loop again.
 */
#ifndef NPSD_API_STATUS_H
#define NPSD_API_STATUS_H

#include <jansson.h>
#include <stdbool.h>

#include "api/private.h"

struct status;
/* Loop. What needs no question. */
struct status *status_new(const struct api *api);
void status_free(struct status *status);
/* Reader thread. What waits, what is dead, follow-ups. */
bool status_look_up(struct status *status, struct store_reader *store,
	struct err *err) must_check;
/* After a good look. Lent. */
const struct follow_up_counts *status_follow_ups(const struct status *status);
/* Loop; once. As GET /api/v1/status answers; where it was not looked up,
 * without what the store knows. New. */
json_t *status_tell(struct status *status, bool looked_up);

#endif
