/* settling - outcomes on their way to the store. */
#include "flow/settling.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "flow/tap.h"

struct settling {
	struct settle_job settle; /* first */
	struct lane_host *host;
	struct settling *next, **here;
	/* For who listens; rule NULL: nobody did. */
	int64_t answer;
	int tries;
	char *rule;
	char action[]; /* its name */
};

static void
tell_listeners(const struct settling *settling)
{
	const struct settlement *settlement = &settling->settle.settlement;
	struct tap_delivery told = {
		.row = settlement->delivery,
		.answer = settling->answer,
		.action = settling->action,
		.rule = settling->rule,
		.state = settlement->state,
		.tries = settling->tries,
		.status = settlement->status,
		.due_ms = settlement->due_ms,
		.reason = settlement->reason,
	};

	if (settling->rule != NULL && settling->settle.held)
		tap_tell_delivery(settling->host->tap, &told);
}

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
	if (job->good)
		tell_listeners(settling);
	free(settling->rule);
	free(settling);
	host->poke(host);
}

void
settling_put(struct lane_host *host, const char *action,
	const struct settlement *settlement, const struct claimed *claimed)
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
	if (claimed != NULL && tap_is_open(host->tap)) {
		settling->answer = claimed->answer;
		settling->tries = claimed->tries + 1;
		settling->rule = mem_strdup(claimed->rule);
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

	settling_put(host, claimed->action, &settlement, NULL);
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
