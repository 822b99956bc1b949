/* follow_up_row - a follow-up as lists and the API show it (row_json.h). */
#ifndef NPSD_NPS_FOLLOW_UP_ROW_H
#define NPSD_NPS_FOLLOW_UP_ROW_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* As follow_up_is_overdue. */
bool follow_up_row_is_overdue(const json_t *row, int64_t now_ms);
/* The first deadline of an unfinished one; 0: it has none. */
int64_t follow_up_row_due_ms(const json_t *row);

#endif
