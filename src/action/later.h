/*
 * later - what is known already but must be told by the loop, never from
 * inside the call that asked: outcomes of tries that ended at once. Told in
 * the order in which they were added, one a turn of the loop, so that whoever
 * is told may end everything. Loop thread.
 */
#ifndef NPSD_ACTION_LATER_H
#define NPSD_ACTION_LATER_H

#include "loop/loop.h"

/* Part of the struct that is told about. */
struct later_item {
	struct later_item *previous, *next;
};

struct later;
/* on_turn gets an item that is no longer listed. */
struct later *later_new(
	struct loop *loop, void (*on_turn)(struct later_item *item));
/* Nothing may be listed. */
void later_free(struct later *later);
void later_add(struct later *later, struct later_item *item);
/* Takes a listed one off. */
void later_remove(struct later *later, struct later_item *item);

#endif
