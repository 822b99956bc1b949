/* lane_try - one try, from its start to what follows from its end. */
#include "base/text.h"
#include "flow/lane_private.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"
#include "flow/settling.h"
#include "flow/tap.h"
#include "nps/retry.h"

void
lane_flight_free(struct flight *flight)
{
	*flight->here = flight->next;
	if (flight->next != NULL)
		flight->next->here = flight->here;
	flight->lane->in_flight--;
	claimed_free(flight->claimed);
	free(flight);
}

static void
judge(struct lane *lane, const struct outcome *outcome)
{
	struct lane_now now = lane_now(lane->host->clock);
	/* Good random numbers take long, and success asks for none. */
	double chance = outcome->end == OUTCOME_DELIVERED
				? 0
				: lane->host->chance(lane->host->context);

	if (!lane_stand_judge(&lane->stand, lane->action->name, outcome,
		    lane->probing, &now, chance))
		return;
	if (lane->stand.state == LANE_OPEN)
		lane->backlog = true;
	else
		lane_revoke(lane);
	lane_tell_held(lane);
}

static struct metric *
of_lane(const struct lane *lane, struct metric **found,
	struct metric_family *family, const char *label)
{
	const char *labels[] = {lane->action->name, label};

	if (*found == NULL)
		*found = metric_at(family, labels);
	return *found;
}

static void
count_outcome(struct lane *lane, const struct claimed *claimed,
	const struct outcome *outcome, const struct settlement *settlement)
{
	struct lane_metrics *metrics = &lane->host->metrics;
	enum delivery_state state = settlement->state;

	metric_add(of_lane(lane, &lane->attempts[outcome->end],
			   metrics->attempts, outcome_name(outcome->end)),
		1);
	if (state != DELIVERY_RETRYING)
		metric_add(
			of_lane(lane, &lane->ends[state], metrics->deliveries,
				delivery_state_name(state)),
			1);
	if (settlement->state == DELIVERY_DELIVERED)
		metric_observe(metrics->alert_seconds,
			settlement->at_ms > claimed->created_ms
				? (double)(settlement->at_ms -
					   claimed->created_ms) /
					  1e3
				: 0);
}

static void
try_later(struct lane *lane, const struct claimed *claimed,
	const struct outcome *outcome, struct settlement *settlement)
{
	int64_t first_ms = claimed->first_try_ms > 0 ? claimed->first_try_ms
						     : settlement->at_ms;

	settlement->state = DELIVERY_RETRYING;
	if (retry_next(&lane->action->settings->retry, claimed->tries + 1,
		    first_ms, settlement->at_ms, outcome->retry_after_ms,
		    lane->host->chance(lane->host->context),
		    &settlement->due_ms))
		return;
	settlement->state = DELIVERY_DEAD;
	log_warning("delivery %s of action %s is dead after %d %s: %s",
		claimed->id, lane->action->name, claimed->tries + 1,
		text_plural(claimed->tries + 1, "try", "tries"),
		outcome->reason);
}

static void
died(struct lane *lane, const char *reason)
{
	struct lane_now now = lane_now(lane->host->clock);

	lane_stand_died(&lane->stand, reason, &now);
}

/* They had no try that would be told; their rows say more. */
static void
tell_born_dead(const struct lane *lane, int count)
{
	char reason[120];
	struct tap_delivery told = {
		.action = lane->action->name,
		.state = DELIVERY_DEAD,
		.reason = reason,
	};

	snprintf(reason, sizeof(reason),
		"%d could not be made; npsd deliveries --state dead tells why",
		count);
	tap_tell_delivery(lane->host->tap, &told);
}

void
lane_count_born_dead(struct lane *lane)
{
	const char *end[] = {
		lane->action->name, delivery_state_name(DELIVERY_DEAD)};
	int count = atomic_exchange(&lane->action->died, 0);

	if (count == 0)
		return;
	metric_add(metric_at(lane->host->metrics.deliveries, end), count);
	tell_born_dead(lane, count);
	died(lane, "a delivery could not be made");
}

static void
on_sent(const struct outcome *outcome, void *context)
{
	struct flight *flight = context;
	struct lane *lane = flight->lane;
	struct claimed *claimed = flight->claimed;
	struct settlement settlement = {
		.delivery = claimed->row,
		.counts_as_try = true,
		.at_ms = clock_wall_ms(lane->host->clock),
		.outcome = outcome_name(outcome->end),
		.status = outcome->status,
		.reason = outcome->reason,
	};

	/* A retired lane's endpoint is judged by whoever serves the action. */
	if (!lane->retired)
		judge(lane, outcome);
	lane->probing = false;
	switch (outcome->end) {
	case OUTCOME_DELIVERED:
		settlement.state = DELIVERY_DELIVERED;
		break;
	case OUTCOME_TRY_LATER:
		try_later(lane, claimed, outcome, &settlement);
		break;
	case OUTCOME_GIVE_UP:
		settlement.state = DELIVERY_DEAD;
		log_warning("delivery %s of action %s is dead: %s", claimed->id,
			lane->action->name, outcome->reason);
		break;
	case OUTCOME_ENDPOINT_DOWN:
		settlement.state = DELIVERY_RETRYING;
		settlement.due_ms =
			lane->retired
				? settlement.at_ms + DISPATCH_HOLD_FIRST_MS
				: lane->stand.until_ms;
		break;
	}
	count_outcome(lane, claimed, outcome, &settlement);
	if (settlement.state == DELIVERY_DEAD)
		died(lane, outcome->reason);
	settling_put(lane->host, lane->action->name, &settlement, claimed);
	lane_flight_free(flight);
	lane->host->poke(lane->host);
}

void
lane_send_next(struct lane *lane)
{
	struct flight *flight = mem_new(1, sizeof(*flight));
	struct claimed *claimed = lane->ready;
	struct parcel parcel = {
		.delivery_id = claimed->id,
		.action = claimed->action,
		.recipient = claimed->recipient,
		.created_ms = claimed->created_ms,
		.tries = claimed->tries + 1,
		.body = claimed->body,
		.body_length = claimed->body_length,
	};

	lane->ready = claimed->next;
	if (lane->ready == NULL)
		lane->ready_end = &lane->ready;
	lane->ready_count--;
	claimed->next = NULL;
	flight->lane = lane;
	flight->claimed = claimed;
	flight->next = lane->flights;
	flight->here = &lane->flights;
	if (flight->next != NULL)
		flight->next->here = &flight->next;
	lane->flights = flight;
	lane->in_flight++;
	flight->send = lane->sender->kind->send(
		lane->sender, &parcel, on_sent, flight);
}
