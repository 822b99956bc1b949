/*
 * audit - what became of a detractor, in one line: arrived, decided, sent, taken,
 * contacted, resolved; or why not. Pure; made of what explain tells.
 */
#ifndef NPSD_NPS_AUDIT_H
#define NPSD_NPS_AUDIT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* An alert that was due so long ago, and waits, hangs. */
#define AUDIT_PATIENCE_MS (INT64_C(3600) * 1000)

/*
 * {"row","survey","id","score","answered_at","arrived_at", "rule": the first
 * that fired or null, "why_not": where none fired, "alert": delivered, waiting,
 * dead, cancelled or null (of one that was folded, its storm's message's),
 * "alerted_at": when the first was taken, "follow_up":
 * row or null, "state","owner","contacted_at","in_time": or null,
 * "closed_at","reason", "erased_at": when what is personal was forgotten, or null,
 * "hangs": what is wrong, or null}. explained: as
 * store_explain makes it. New.
 */
json_t *audit_line(const json_t *explained, int64_t now_ms);

#endif
