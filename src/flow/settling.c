/* settling - outcomes on their way to the store. */
#include "flow/settling.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"

struct settling {
	struct settle_job settle; /* first */
	struct lane_host *host;
	struct settling *next, **here;
	char action[]; /* its name */
};

static void
on_settled(struct job *job)
{
	struct settling *settling = (struct settling *)job;
	struct lane_host *host = settling->host;
	const struct settlement *settlement = &settling->settle.settlement;

	*settling->here = settling->next;
	if (settling->next != NULL)
		settling->next->here = settling->here;
	if (!job->good)
		log_error("the outcome of delivery %lld could not be stored: "
			  "%s",
			(long long)settlement->delivery, job->err.text);
	else if (settlement->state == DELIVERY_RETRYING)
		host->due(host, settling->action, settlement->due_ms);
	free(settling);
	host->poke(host);
}

void
settling_put(struct lane_host *host, const char *action,
	const struct settlement *settlement)
{
	size_t name = strlen(action) + 1;
	struct settling *settling = mem_new(1, sizeof(*settling) + name);
	struct settle_job *settle = &settling->settle;

	settle->job.type = JOB_SETTLE;
	settle->job.done = on_settled;
	settle->settlement = *settlement;
	if (settlement->reason != NULL) {
		snprintf(settle->reason, sizeof(settle->reason), "%s",
			settlement->reason);
		settle->settlement.reason = settle->reason;
	}
	settling->host = host;
	memcpy(settling->action, action, name);
	settling->next = host->settling;
	settling->here = &host->settling;
	if (settling->next != NULL)
		settling->next->here = &settling->next;
	host->settling = settling;
	keeper_submit(host->keeper, &settle->job, 0);
}

void
settling_give_back(struct lane_host *host, struct claimed *claimed)
{
	int64_t now_ms = clock_wall_ms(host->clock);
	struct settlement settlement = {
		.delivery = claimed->row,
		.state = DELIVERY_RETRYING,
		.at_ms = now_ms,
		.due_ms = now_ms,
		.outcome = "unsent",
	};

	settling_put(host, claimed->action, &settlement);
	claimed_free(claimed);
}

bool
settling_holds(const struct lane_host *host, int64_t delivery)
{
	for (const struct settling *settling = host->settling; settling != NULL;
		settling = settling->next)
		if (settling->settle.settlement.delivery == delivery)
			return true;
	return false;
}
