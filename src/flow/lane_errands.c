/*
 * lane_errands - what a lane asks of the store for what it waits for: leases
 * that are renewed, due times that are brought forward.
 */
#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"
#include "flow/lane_private.h"

struct lane_errand {
	struct errand errand; /* first */
	const char *node;     /* lent, lives as long as the process */
	char *action;
	int64_t upto_ms;
};

static void
submit(struct lane *lane,
	bool (*run)(struct errand *errand, struct store_writer *store,
		struct tally *tally, int64_t now_ms, struct err *err),
	job_fn done, int64_t upto_ms)
{
	struct lane_errand *asked = mem_new(1, sizeof(*asked));

	asked->errand.job.type = JOB_ERRAND;
	asked->errand.job.done = done;
	asked->errand.run = run;
	asked->node = lane->host->node;
	asked->action = mem_strdup(lane->action->name);
	asked->upto_ms = upto_ms;
	keeper_submit(lane->host->keeper, &asked->errand.job, 0);
}

static void
free_errand(struct job *job)
{
	free(((struct lane_errand *)job)->action);
	free(job);
}

/* ---- leases ---- */

static bool
run_renew(struct errand *errand, struct store_writer *store,
	struct tally *tally, int64_t now_ms, struct err *err)
{
	const struct lane_errand *asked = (const struct lane_errand *)errand;

	(void)tally;
	return store_renew(store, asked->node, asked->action,
		now_ms + CLAIM_LEASE_MS, err);
}

static void
on_renewed(struct job *job)
{
	if (!job->good)
		log_warning("leases could not be renewed: %s", job->err.text);
	free_errand(job);
}

void
lane_renew(struct lane *lane)
{
	if (lane->in_flight > 0 || lane->ready_count > 0)
		submit(lane, run_renew, on_renewed, 0);
}

/* ---- due times ---- */

static bool
run_hasten(struct errand *errand, struct store_writer *store,
	struct tally *tally, int64_t now_ms, struct err *err)
{
	const struct lane_errand *asked = (const struct lane_errand *)errand;

	(void)tally;
	return store_hasten(store, asked->action, asked->upto_ms, now_ms, err);
}

static void
on_hastened(struct job *job)
{
	if (!job->good)
		log_warning("what action %s held is tried when it would have "
			    "been: %s",
			((struct lane_errand *)job)->action, job->err.text);
	free_errand(job);
}

void
lane_probe_now(struct lane *lane)
{
	struct lane_now now = lane_now(lane->host->clock);
	int64_t held_ms = lane_stand_probe_now(&lane->stand, &now);

	lane->backlog = true;
	/* What failed was to wait until then. */
	if (held_ms > now.wall_ms)
		submit(lane, run_hasten, on_hastened, held_ms);
}
