/* batch_queue - a few batches of one file on their way, in order. */
#include "source/batch_queue.h"

#include <assert.h>
#include <string.h>

bool
batch_queue_has_room(const struct batch_queue *queue)
{
	return queue->count < BATCH_QUEUE_LIMIT && !queue->failed;
}

bool
batch_queue_is_empty(const struct batch_queue *queue)
{
	return queue->count == 0;
}

void
batch_queue_put(struct batch_queue *queue, struct batch *batch)
{
	assert(batch_queue_has_room(queue));
	queue->batches[queue->count++] = batch;
}

/* As it was before it was offered the first time. */
static void
make_ready(struct batch *batch, bool follows)
{
	batch->follows = follows;
	batch->kept = false;
	for (size_t i = 0; i < batch->count; i++) {
		batch->records[i].settled_rejected = false;
		batch->records[i].row = 0;
	}
}

bool
batch_queue_offer(struct batch_queue *queue, const struct source_host *host)
{
	while (!queue->failed && queue->offered < queue->count) {
		struct batch *batch = queue->batches[queue->offered];

		make_ready(batch, queue->offered > 0);
		/* Counted before, as it may be settled during the offer. */
		queue->offered++;
		if (host->offer(host->context, batch))
			continue;
		queue->offered--;
		return false;
	}
	return true;
}

static void
remove_first(struct batch_queue *queue)
{
	queue->count--;
	queue->offered--;
	memmove(queue->batches, queue->batches + 1,
		queue->count * sizeof(queue->batches[0]));
}

bool
batch_queue_settled(struct batch_queue *queue, struct batch *batch)
{
	assert(queue->returned < queue->offered &&
		queue->batches[queue->returned] == batch);
	if (batch->kept && !queue->failed) {
		remove_first(queue);
		return true;
	}
	queue->failed = true;
	queue->returned++;
	if (queue->returned == queue->offered)
		queue->offered = queue->returned = 0;
	return false;
}

void
batch_queue_again(struct batch_queue *queue)
{
	if (queue->offered == 0)
		queue->failed = false;
}

void
batch_queue_drop(struct batch_queue *queue)
{
	while (queue->count > queue->offered)
		batch_free(queue->batches[--queue->count]);
}
