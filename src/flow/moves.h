/*
 * moves - how the answers of one transaction change the counts: gathered while
 * it runs, written as bucket rows before the commit, and given to the tally
 * after it, so that the standing NPS never tells what a crash could take back.
 * Store thread.
 */
#ifndef NPSD_FLOW_MOVES_H
#define NPSD_FLOW_MOVES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "nps/tally.h"
#include "store/store.h"

struct moves;
struct moves *moves_new(void);
void moves_free(struct moves *moves);
/* One answer (counted: its category) or invitation (COUNTED_INVITATION) comes into (sign 1) or leaves (-1) the counts. */
void moves_add(struct moves *moves, const struct slots *slots,
	int64_t answered_ms, int counted, int sign);
/* A mark to come back to when a savepoint is undone. */
size_t moves_mark(const struct moves *moves);
void moves_back_to(struct moves *moves, size_t mark);
/* Writes the sums by bucket: hours always, minutes for answers young enough to
 * stand in a window of minutes. */
bool moves_write(const struct moves *moves, struct store_writer *store,
	int64_t now_ms, struct err *err) must_check;
/* After the commit. */
void moves_apply(const struct moves *moves, struct tally *tally);
void moves_clear(struct moves *moves);

#endif
