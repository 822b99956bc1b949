/* answer_restore - a kept answer as what it was when it came. Store thread. */
#ifndef NPSD_FLOW_ANSWER_RESTORE_H
#define NPSD_FLOW_ANSWER_RESTORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "flow/keep.h"
#include "nps/response.h"

/* *response (response_free) is NULL where the answer was forgotten, or cannot be
 * read any more. False: the store failed. */
bool answer_restore(struct keeping *keeping, int64_t answer,
	struct response **response, struct err *err) must_check;

#endif
