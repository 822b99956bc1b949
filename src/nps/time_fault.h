/*
 * time_fault - why a member is no time, in words that say what mends it.
 */
#ifndef NPSD_NPS_TIME_FAULT_H
#define NPSD_NPS_TIME_FAULT_H

#include <stdbool.h>

#include "base/flat.h"
#include "nps/response.h"

/* Fills *why for an answered_at that time_from_rfc3339 does not read; mapped: a
 * map gave it, so that date_format, timezone and from_epoch are at hand. Always
 * false. */
bool time_fault_answered(
	struct rejection *why, const struct flat *value, bool mapped);
/* True for a text that is a date and time but for its zone. */
bool time_fault_lacks_zone(const struct flat *value);

#endif
