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
#include "store/store_erasures.h"
#include "store/store_follow_ups.h"
#include "store/store_silences.h"

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
enum {
	DELIVERY_ID_COLUMN = 1,
	DELIVERY_COLUMN_COUNT = 17,
	DELIVERY_ID_LENGTH = 16,
};
void read_delivery(struct sql_statement *statement,
	struct delivery_row *delivery, char id[DELIVERY_ID_BYTES]);

/* Read by read_message, behind DELIVERY_COLUMNS. */
#define MESSAGE_COLUMNS                                       \
	"(SELECT told.row FROM folded "                       \
	"JOIN delivery AS told ON told.row = folded.message " \
	"WHERE folded.delivery = delivery.row), "             \
	"(SELECT told.state * 2 + told.claimed FROM folded "  \
	"JOIN delivery AS told ON told.row = folded.message " \
	"WHERE folded.delivery = delivery.row)"
void read_message(
	struct sql_statement *statement, struct delivery_row *delivery);

#define REJECTED_COLUMNS                                                  \
	"row, source, place, reason, pointer, offset, text, arrived_ms, " \
	"bytes, full_length"
/* reason_name: the row keeps the name. */
void read_rejected(struct sql_statement *statement,
	struct rejected_row *rejected, const char **reason_name);

#define FOLLOW_UP_KEYS "scope, survey, customer, account, answer, rule"
#define FOLLOW_UP_STATE_COLUMNS                                             \
	"last_answer, folds, state, owner, claimed_ms, claimed_by, "        \
	"opened_ms, clock_ms, contact_by_ms, resolve_by_ms, contacted_ms, " \
	"closed_ms, attempts, try_again_ms, reason, note, improved, "       \
	"tracked_in, fired, fires, next_due_ms, last_act, last_by, last_ms"
/* Read by read_follow_up. */
#define FOLLOW_UP_COLUMNS "row, " FOLLOW_UP_KEYS ", " FOLLOW_UP_STATE_COLUMNS
void read_follow_up(
	struct sql_statement *statement, struct follow_up *follow_up);
/* Overdue as follow_up_is_overdue says; each half takes the time once. */
#define FOLLOW_UP_OVERDUE_1                                           \
	"(tracked_in IS NULL AND ((state < 2 AND resolve_by_ms <> 0 " \
	"AND resolve_by_ms < ?)"
#define FOLLOW_UP_OVERDUE_2 \
	" OR (state = 0 AND contact_by_ms <> 0 AND contact_by_ms < ?)))"

/* Read by read_silence. */
#define SILENCE_COLUMNS                                                  \
	"row, rule, match, since_ms, until_ms, ended_ms, ended_by, by, " \
	"why, silenced"
void read_silence(struct sql_statement *statement, struct silence_row *silence);

/* Read by read_erasure. */
#define ERASURE_COLUMNS                                                  \
	"row, asked_ms, by, why, scope, mentions, phase, upto, report, " \
	"ended_ms"
void read_erasure(struct sql_statement *statement, struct erasure_row *erasure);

/* Ids as 16 bytes; false if the text is no UUID. */
bool delivery_id_pack(
	const char *text, unsigned char bytes[DELIVERY_ID_LENGTH]) must_check;

/* Slots as a run of LEB128 numbers. */
enum { SLOTS_LIMIT_BYTES = SLOTS_PER_ANSWER_LIMIT * 10 };
size_t slots_pack(
	const struct slots *slots, unsigned char bytes[SLOTS_LIMIT_BYTES]);

#endif
