/* drilling - drills on their way. */
#include "flow/drilling.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "flow/drill.h"
#include "flow/settling.h"
#include "loop/exchange.h"

struct drilling {
	struct drill_job drill;	       /* first */
	struct drilling *next, **here; /* while it is being sent */
	struct lane_host *host;
	struct lane *(*find)(struct lane_host *host, const char *action);
	struct lane *lane;
	struct send *send;
	struct exchange exchange;
	dispatch_drilled_fn on_done;
	void *context;
};

static void
drilling_free(struct drilling *drilling)
{
	claimed_free(drilling->drill.claimed);
	buf_done(&drilling->exchange.text);
	free(drilling->drill.action);
	free(drilling->drill.to);
	free(drilling);
}

static void
tell(struct drilling *drilling, const struct outcome *outcome,
	const char *trouble)
{
	const struct claimed *claimed = drilling->drill.claimed;
	struct drill_result result = {
		.trouble = trouble,
		.outcome = outcome,
		.exchange = drilling->exchange.text.data,
	};

	if (claimed != NULL) {
		result.delivery = claimed->row;
		result.recipient = claimed->recipient;
		result.body = claimed->body;
		result.body_length = claimed->body_length;
	}
	drilling->on_done(&result, drilling->context);
	drilling_free(drilling);
}

static void
settle(struct drilling *drilling, const struct outcome *outcome)
{
	char reason[sizeof(outcome->reason)];
	struct settlement settlement = {
		.delivery = drilling->drill.claimed->row,
		.state = outcome->end == OUTCOME_DELIVERED ? DELIVERY_DELIVERED
							   : DELIVERY_CANCELLED,
		.counts_as_try = true,
		.at_ms = clock_wall_ms(drilling->host->clock),
		.outcome = outcome_name(outcome->end),
		.status = outcome->status,
		.reason = reason,
	};

	snprintf(reason, sizeof(reason), "%s", outcome->reason);
	settling_put(drilling->host, drilling->drill.action, &settlement, NULL);
}

/* Made, but not to be sent: it must not come due. */
static void
withdraw(struct drilling *drilling, const char *trouble)
{
	struct settlement settlement = {
		.delivery = drilling->drill.claimed->row,
		.state = DELIVERY_CANCELLED,
		.at_ms = clock_wall_ms(drilling->host->clock),
		.outcome = "unsent",
		.reason = trouble,
	};

	settling_put(drilling->host, drilling->drill.action, &settlement, NULL);
	tell(drilling, NULL, trouble);
}

static void
on_sent(const struct outcome *outcome, void *context)
{
	struct drilling *drilling = context;

	*drilling->here = drilling->next;
	if (drilling->next != NULL)
		drilling->next->here = drilling->here;
	lane_return(drilling->lane);
	settle(drilling, outcome);
	drilling->host->poke(drilling->host);
	tell(drilling, outcome, NULL);
}

static void
start(struct drilling *drilling)
{
	struct lane_host *host = drilling->host;
	const struct claimed *claimed = drilling->drill.claimed;
	struct parcel parcel = {
		.delivery_id = claimed->id,
		.action = claimed->action,
		.recipient = claimed->recipient,
		.created_ms = claimed->created_ms,
		.tries = 1,
		.body = claimed->body,
		.body_length = claimed->body_length,
		.exchange = &drilling->exchange,
	};
	struct sender *sender = lane_lend(drilling->lane);

	drilling->next = host->drillings;
	drilling->here = &host->drillings;
	if (drilling->next != NULL)
		drilling->next->here = &drilling->next;
	host->drillings = drilling;
	drilling->send = sender->kind->send(sender, &parcel, on_sent, drilling);
}

static void
on_made(struct job *job)
{
	struct drilling *drilling = (struct drilling *)job;

	if (!job->good) {
		tell(drilling, NULL, job->err.text);
		return;
	}
	drilling->lane = drilling->host->draining
				 ? NULL
				 : drilling->find(drilling->host,
					   drilling->drill.action);
	if (drilling->lane == NULL)
		withdraw(
			drilling, drilling->host->draining
					  ? "npsd is being stopped"
					  : "the action is not there any more");
	else
		start(drilling);
}

void
drilling_start(struct lane_host *host, const char *action, const char *to,
	struct lane *(*find)(struct lane_host *host, const char *action),
	dispatch_drilled_fn on_done, void *context)
{
	struct drilling *drilling = mem_new(1, sizeof(*drilling));

	drilling->drill.job.type = JOB_DRILL;
	drilling->drill.job.done = on_made;
	drilling->drill.action = mem_strdup(action);
	drilling->drill.to = mem_strdup(to);
	drilling->host = host;
	drilling->find = find;
	drilling->on_done = on_done;
	drilling->context = context;
	keeper_submit(host->keeper, &drilling->drill.job, 0);
}

void
drilling_cancel_all(struct lane_host *host)
{
	while (host->drillings != NULL) {
		struct drilling *drilling = host->drillings;
		struct sender *sender = lane_lend(drilling->lane);

		lane_return(drilling->lane);
		host->drillings = drilling->next;
		if (drilling->next != NULL)
			drilling->next->here = &host->drillings;
		sender->kind->cancel(drilling->send);
		tell(drilling, NULL, "npsd is being stopped");
	}
}
