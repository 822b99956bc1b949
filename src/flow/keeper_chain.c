/*
 * keeper_chain - batches of one place lie behind one another: where one was not
 * kept, those that follow it are not either.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "flow/jobs.h"
#include "flow/keeper_private.h"

static char *
chain_of(const struct batch *batch)
{
	return mem_printf("%s\n%s", batch->source->name, batch->place_key);
}

static void
cut_chain(struct keeper *keeper, const struct job *job)
{
	const struct batch *batch = ((const struct keep_job *)job)->batch;
	char *chain;

	if (job->type != JOB_KEEP || batch->place_key == NULL)
		return;
	chain = chain_of(batch);
	json_object_set_new(keeper->cut, chain, json_true());
	free(chain);
}

/* Whether it lies behind a batch that was not kept: then its place must not be
 * either. A batch that follows nobody begins anew. */
static bool
is_cut_off(struct keeper *keeper, const struct job *job)
{
	const struct batch *batch = ((const struct keep_job *)job)->batch;
	char *chain;
	bool cut;

	if (job->type != JOB_KEEP || batch->place_key == NULL ||
		json_object_size(keeper->cut) == 0)
		return false;
	chain = chain_of(batch);
	cut = batch->follows && json_object_get(keeper->cut, chain) != NULL;
	if (!cut)
		json_object_del(keeper->cut, chain);
	free(chain);
	return cut;
}

struct inbox_item *
keeper_without_cut_off(struct keeper *keeper, struct inbox_item *list)
{
	struct inbox_item *left = NULL, **end = &left;

	while (list != NULL) {
		struct job *job = job_of(list);

		list = list->next;
		job->item.next = NULL;
		if (is_cut_off(keeper, job)) {
			job->good = false;
			err_set(&job->err,
				"the batch before it could not be kept");
			inbox_push(keeper->out, &job->item);
			continue;
		}
		*end = &job->item;
		end = &job->item.next;
	}
	return left;
}

void
keeper_fail_jobs(
	struct keeper *keeper, struct inbox_item *list, const struct err *err)
{
	for (; list != NULL; list = list->next) {
		struct job *job = job_of(list);

		job->good = false;
		job->err = *err;
		jobs_take_back(&keeper->keeping, job);
		cut_chain(keeper, job);
	}
}
