/*
 * batch_queue - a few batches of one file on their way to the store, in order.
 *
 *	[ offered ... | waiting ... ]
 *
 * What the inbox had no room for, and what the store could not keep, waits
 * here and is offered again; never out of order, for each carries a place that
 * lies behind those before it.
 */
#ifndef NPSD_SOURCE_BATCH_QUEUE_H
#define NPSD_SOURCE_BATCH_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "source/source.h"

enum { BATCH_QUEUE_LIMIT = 2 };

struct batch_queue {
	struct batch *batches[BATCH_QUEUE_LIMIT];
	size_t count;
	size_t offered;	 /* of them */
	size_t returned; /* of those offered, since one was not kept */
	bool failed;	 /* one was not kept: nothing is offered until
	                  * batch_queue_again */
};

bool batch_queue_has_room(const struct batch_queue *queue);
bool batch_queue_is_empty(const struct batch_queue *queue);
/* Takes the batch; there must be room. */
void batch_queue_put(struct batch_queue *queue, struct batch *batch);
/* Offers what waits. False: the inbox is full. */
bool batch_queue_offer(
	struct batch_queue *queue, const struct source_host *host);
/* A batch came back. True: it was kept and is the caller's. False: it stays
 * here for another try. */
bool batch_queue_settled(
	struct batch_queue *queue, struct batch *batch) must_check;
/* After a failure, when all are back: they may be offered again. */
void batch_queue_again(struct batch_queue *queue);
/* Frees what waits and, where they are back, what failed. Those under way stay
 * in it. */
void batch_queue_drop(struct batch_queue *queue);

#endif
