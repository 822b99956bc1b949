/*
 * sqlite_rows - the columns of the big tables and the row structs of store.h:
 * one place that knows their order.
 */
#ifndef NPSD_STORE_SQLITE_ROWS_H
#define NPSD_STORE_SQLITE_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "store/sql.h"
#include "store/store.h"

/* Read by read_answer. */
#define ANSWER_COLUMNS                                                  \
	"row, kind, survey, id, revision, source, score, category, "    \
	"answered_ms, arrived_ms, customer, account, slots, verdicts, " \
	"rules_hash, content"
void read_answer(struct sql_statement *statement, struct answer_row *answer);

/* Read by read_past: no row, kind, survey, id, slots. */
#define PAST_COLUMNS                                                   \
	"revision, source, score, category, answered_ms, arrived_ms, " \
	"customer, account, verdicts, rules_hash, content"
void read_past(struct sql_statement *statement, struct answer_row *answer);

/* Read by read_delivery; body and its length stay unset. id is where the id's
 * text goes. */
#define DELIVERY_COLUMNS                                                 \
	"row, id, cause, answer, rule, action, recipient, state, "       \
	"claimed, created_ms, due_ms, first_try_ms, settled_ms, tries, " \
	"status, reason, node"
enum { DELIVERY_COLUMN_COUNT = 17, DELIVERY_ID_LENGTH = 16 };
void read_delivery(struct sql_statement *statement,
	struct delivery_row *delivery, char id[DELIVERY_ID_BYTES]);

#define REJECTED_COLUMNS                                                  \
	"row, source, place, reason, pointer, offset, text, arrived_ms, " \
	"bytes, full_length"
/* reason_name: the row keeps the name. */
void read_rejected(struct sql_statement *statement,
	struct rejected_row *rejected, const char **reason_name);

/* Ids as 16 bytes; false if the text is no UUID. */
bool delivery_id_pack(
	const char *text, unsigned char bytes[DELIVERY_ID_LENGTH]) must_check;

/* Slots as a run of LEB128 numbers. */
enum { SLOTS_LIMIT_BYTES = SLOTS_PER_ANSWER_LIMIT * 10 };
size_t slots_pack(
	const struct slots *slots, unsigned char bytes[SLOTS_LIMIT_BYTES]);

#endif
