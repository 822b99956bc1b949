/*
 * json_value - texts and times as members of JSON, made and read.
 *
 * Times are RFC 3339 in UTC (base/time.h); 0 is no time.
 * Values handed out are the caller's.
 */
#ifndef NPSD_BASE_JSON_VALUE_H
#define NPSD_BASE_JSON_VALUE_H

#include <jansson.h>
#include <stdint.h>

/* A string, or null where there is none. It must be UTF-8. */
json_t *json_text_or_null(const char *text);
json_t *json_time(int64_t at_ms);
/* null for 0 */
json_t *json_time_or_null(int64_t at_ms);
/* As the zone's clocks show it (zone_to_rfc3339); null for 0. */
struct zone;
json_t *json_zoned_or_null(const struct zone *zone, int64_t at_ms);
/* The time under a member's name; 0 where there is none, or it is no time. */
int64_t json_time_at(const json_t *object, const char *name);

#endif
