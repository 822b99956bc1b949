/* overview_parts - what the page is written with, and its sections. */
#ifndef NPSD_API_OVERVIEW_PARTS_H
#define NPSD_API_OVERVIEW_PARTS_H

#include <jansson.h>

#include "api/overview_page.h"

/* A text from outside: escaped, cut to OVERVIEW_TEXT_BYTES, on its own as to the
 * direction it is written in. Nothing where it is NULL. */
void overview_add_text(struct buf *out, const char *text);
/* "2026-11-21T10:00:00Z" as "2026-11-21 10:00 UTC". */
void overview_add_time(struct buf *out, const char *text);
/* "5 min", "3 h", "4 days". */
void overview_add_span(struct buf *out, int64_t span_ms);
/* "and 3 more: <code>npsd status</code>" where there are any. */
void overview_add_more(struct buf *out, int64_t more, const char *command);
void overview_begin_section(struct buf *out, const char *title);
void overview_end_section(struct buf *out);
/* A section's only sentence. */
void overview_add_nothing(struct buf *out, const char *sentence);

/* overview_figures.c */
void overview_add_figures(struct buf *out, const struct overview_page *page);
/* overview_rows.c */
void overview_add_deliveries(struct buf *out, const struct overview_page *page);
void overview_add_follow_ups(struct buf *out, const struct overview_page *page);
void overview_add_rejected(struct buf *out, const struct overview_page *page);

#endif
