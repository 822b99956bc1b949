/*
 * proof - what must be true of npsd whatever happened to it: everything that was
 * to be told was told or says why not, nothing twice, and the books are right.
 */
#ifndef NPSD_TESTS_PROOF_H
#define NPSD_TESTS_PROOF_H

#include <stdbool.h>

#include "../support/stage.h"
#include "base/buf.h"

/* Receivers are up, silences end, actions are resumed, and weeks pass. */
void proof_rest(struct stage *stage);
/* Of a stage at rest, on which no person retried what was told already. False:
 * *why gets the first thing that is wrong. */
bool proof_holds(struct stage *stage, struct buf *why);
/* Whether two stages stand alike, row by row. */
bool proof_same(struct stage *one, struct stage *other, struct buf *why);

#endif
