/* lane - one action's way out. */
#include "flow/lane.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "flow/lane_record.h"
#include "flow/notice.h"
#include "flow/rate_bucket.h"
#include "flow/settling.h"
#include "nps/retry.h"

enum { LANE_RECORD_AGAIN_MS = 1000 }; /* after one that failed */

/* One try under way. */
struct flight {
	struct flight *next, **here;
	struct lane *lane;
	struct claimed *claimed;
	struct send *send;
};

struct lane {
	struct lane_host *host;
	struct policy_action *action;
	const struct policy *policy;
	struct sender *sender;

	struct claimed *ready, **ready_end;
	int ready_count;
	struct flight *flights;
	int in_flight;
	int granted;   /* tokens out */
	bool claiming; /* a claim is with the store thread */
	int asked;     /* for how many */
	bool backlog;  /* due deliveries wait in the store */
	int64_t next_due_ms;

	struct rate_bucket bucket;
	struct lane_stand stand;
	bool recording;		 /* its stand is on its way to the store */
	int64_t record_after_us; /* and not before, after one that failed */
	int frozen;		 /* by how many */
	int lent;		 /* how often its sender is */
	bool telling;		 /* a notice is on its way to the store */
	int64_t tell_after_us;	 /* and not before, after one that failed */
	bool retired, probing;
	bool replaced; /* retired, and another lane serves the action */

	/* Found once, when first needed. */
	struct metric *attempts[OUTCOMES], *ends[DELIVERY_STATES];
};

void
lane_tell_held(const struct lane *lane)
{
	const char *values[] = {lane->action->name};

	if (!lane->replaced)
		metric_set(metric_at(lane->host->metrics.held, values),
			!lane->retired && (lane->stand.state != LANE_OPEN ||
						  lane->stand.paused_ms != 0));
}

struct lane *
lane_new(struct lane_host *host, struct policy_action *action,
	const struct policy *policy, struct sender *sender)
{
	struct lane *lane = mem_new(1, sizeof(*lane));

	lane->host = host;
	lane->action = action;
	lane->policy = policy;
	lane->sender = sender;
	lane->ready_end = &lane->ready;
	lane->backlog = true;
	lane->next_due_ms = INT64_MAX;
	return lane;
}

const char *
lane_name(const struct lane *lane)
{
	return lane->action->name;
}

const struct policy_action *
lane_action(const struct lane *lane)
{
	return lane->action;
}

const struct policy *
lane_policy(const struct lane *lane)
{
	return lane->policy;
}

static void
flight_free(struct flight *flight)
{
	*flight->here = flight->next;
	if (flight->next != NULL)
		flight->next->here = flight->here;
	flight->lane->in_flight--;
	claimed_free(flight->claimed);
	free(flight);
}

void
lane_free(struct lane *lane)
{
	while (lane->flights != NULL) {
		lane->sender->kind->cancel(lane->flights->send);
		flight_free(lane->flights);
	}
	while (lane->ready != NULL) {
		struct claimed *claimed = lane->ready;

		lane->ready = claimed->next;
		claimed_free(claimed);
	}
	lane->sender->kind->sender_close(lane->sender);
	free(lane);
}

/* ---- tokens ---- */

static void
revoke(struct lane *lane)
{
	lane->granted -= atomic_exchange(&lane->action->room, 0);
}

/* What is claimed keeps its bytes, amended or not: not far ahead of a rate. */
static int
ceiling(const struct lane *lane)
{
	const struct setting_rate *rate = &lane->action->settings->limit.rate;
	int64_t most =
		lane->action->settings->limit.concurrent + DISPATCH_AHEAD;

	if (rate->count > 0 && rate_in(rate, DISPATCH_RATE_AHEAD_MS) < most)
		most = rate_in(rate, DISPATCH_RATE_AHEAD_MS);
	return (int)most;
}

static int
lane_room(const struct lane *lane)
{
	return ceiling(lane) - lane->in_flight - lane->ready_count -
	       lane->granted - (lane->claiming ? lane->asked : 0);
}

static void
grant(struct lane *lane)
{
	int room = lane_room(lane);

	if (room <= 0)
		return;
	lane->granted += room;
	atomic_fetch_add(&lane->action->room, room);
}

/* ---- how it stands ---- */

static void
on_recorded(bool good, void *context)
{
	struct lane *lane = context;
	int64_t now_us = clock_monotonic_us(lane->host->clock);

	lane->recording = false;
	if (good)
		return;
	lane->stand.changed = true;
	lane->record_after_us = now_us + LANE_RECORD_AGAIN_MS * 1000;
}

static void
record(struct lane *lane)
{
	if (!lane->stand.changed || lane->recording || lane->replaced ||
		clock_monotonic_us(lane->host->clock) < lane->record_after_us)
		return;
	lane->stand.changed = false;
	lane->recording = true;
	lane_record_put(lane->host->keeper, lane->action->name, &lane->stand,
		on_recorded, lane);
}

static void
on_told(struct job *job)
{
	struct notice_job *notice = (struct notice_job *)job;
	struct lane *lane = job->context;
	struct lane_now now = lane_now(lane->host->clock);

	lane->telling = false;
	if (job->good) {
		lane_stand_told(&lane->stand, notice->news, &now);
		/* What changed meanwhile was not in the row. */
		lane->stand.changed = true;
	} else {
		log_warning("on_failure of action %s could not be stored: %s",
			lane->action->name, job->err.text);
		lane->tell_after_us =
			now.monotonic_us + LANE_RECORD_AGAIN_MS * 1000;
	}
	notice_free(notice);
	lane->host->poke(lane->host);
}

/* Has on_failure told what is news. Milliseconds until there may be any. */
static int64_t
tell(struct lane *lane, const struct lane_now *now)
{
	const struct action_settings *settings = lane->action->settings;
	struct notice_job *notice;
	int64_t wait_ms;
	enum lane_news news = lane_stand_news(
		&lane->stand, settings->on_failure_after_ms, now, &wait_ms);

	if (settings->on_failure.count == 0 || lane->telling ||
		lane->host->draining || lane->retired)
		return INT64_MAX;
	if (news == NEWS_NONE)
		return wait_ms;
	if (now->monotonic_us < lane->tell_after_us)
		return LANE_RECORD_AGAIN_MS;
	notice = notice_new(lane->action->name, &settings->on_failure);
	notice->job.done = on_told;
	notice->job.context = lane;
	notice->news = news;
	notice->stand = notice->after = lane->stand;
	lane_stand_told(&notice->after, news, now);
	lane->telling = true;
	notice_send(lane->host->keeper, notice);
	return INT64_MAX;
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
		revoke(lane);
	lane_tell_held(lane);
}

static bool
is_stopped(const struct lane *lane)
{
	return lane->retired || lane->stand.paused_ms != 0 ||
	       lane->frozen > 0 || lane->host->draining;
}

/* ---- the end of a try ---- */

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
	log_warning("delivery %s of action %s is dead after %d tries: %s",
		claimed->id, lane->action->name, claimed->tries + 1,
		outcome->reason);
}

static void
died(struct lane *lane, const char *reason)
{
	struct lane_now now = lane_now(lane->host->clock);

	lane_stand_died(&lane->stand, reason, &now);
}

/* What the store thread could not make. */
static void
count_born_dead(struct lane *lane)
{
	const char *end[] = {
		lane->action->name, delivery_state_name(DELIVERY_DEAD)};
	int count = atomic_exchange(&lane->action->died, 0);

	if (count == 0)
		return;
	metric_add(metric_at(lane->host->metrics.deliveries, end), count);
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
	settling_put(lane->host, lane->action->name, &settlement);
	flight_free(flight);
	lane->host->poke(lane->host);
}

/* ---- sending ---- */

static void
send_next(struct lane *lane)
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

void
lane_token_back(struct lane *lane)
{
	lane->granted--;
}

void
lane_take(struct lane *lane, struct claimed *claimed)
{
	if (is_stopped(lane)) {
		settling_give_back(lane->host, claimed);
		return;
	}
	claimed->next = NULL;
	*lane->ready_end = claimed;
	lane->ready_end = &claimed->next;
	lane->ready_count++;
}

static void
on_claims(struct job *job)
{
	struct claim_job *claim = (struct claim_job *)job;
	struct lane *lane = job->context;
	struct claimed *list = claimed_reversed(claim->claimed);

	lane->claiming = false;
	if (job->good) {
		if (claim->found == lane->asked)
			lane->backlog = true;
		if (claim->next_due_ms < lane->next_due_ms)
			lane->next_due_ms = claim->next_due_ms;
	} else {
		/* The store could not: look again after a while. */
		lane->backlog = false;
		lane->next_due_ms = clock_wall_ms(lane->host->clock) + 1000;
	}
	if (lane->retired) {
		lane->host->stray(lane->host, list);
		list = NULL;
	}
	while (list != NULL) {
		struct claimed *next = list->next;

		/* Its lease was over (the clock has jumped, or leases could not
		 * be renewed), but it is here: once is enough. */
		if (lane->host->holds(lane->host, list->action, list->row))
			claimed_free(list);
		else
			lane_take(lane, list);
		list = next;
	}
	free(claim);
	lane->host->poke(lane->host);
}

static void
claim(struct lane *lane, int n)
{
	struct claim_job *job = mem_new(1, sizeof(*job));

	job->job.type = JOB_CLAIM;
	job->job.done = on_claims;
	job->job.context = lane;
	job->action = lane->action;
	job->n = n;
	lane->claiming = true;
	lane->asked = n;
	/* What becomes due from here on, the claim may miss: it is added. */
	lane->backlog = false;
	lane->next_due_ms = INT64_MAX;
	keeper_submit(lane->host->keeper, &job->job, 0);
}

static bool
may_send(struct lane *lane)
{
	return rate_bucket_take(&lane->bucket,
		&lane->action->settings->limit.rate,
		clock_monotonic_us(lane->host->clock));
}

/* Milliseconds until the rate lets what is ready go; INT64_MAX: it is not what
 * that waits for. */
static int64_t
until_rate(struct lane *lane)
{
	int64_t wait_ms;

	if (lane->ready == NULL)
		return INT64_MAX;
	wait_ms = rate_bucket_wait_ms(&lane->bucket,
		&lane->action->settings->limit.rate,
		clock_monotonic_us(lane->host->clock));
	return wait_ms > 0 ? wait_ms : INT64_MAX;
}

/* One delivery to see whether the endpoint is back. */
static void
probe(struct lane *lane)
{
	if (lane->in_flight > 0 || lane->claiming)
		return;
	if (lane->ready == NULL) {
		claim(lane, 1);
		return;
	}
	if (!may_send(lane))
		return;
	lane->probing = true;
	send_next(lane);
}

static void
flow(struct lane *lane)
{
	int64_t concurrent = lane->action->settings->limit.concurrent;

	if (lane->backlog && !lane->claiming &&
		lane->ready_count <= DISPATCH_AHEAD / 2) {
		revoke(lane);
		if (lane_room(lane) > 0)
			claim(lane, lane_room(lane));
	}
	if (!lane->backlog && !lane->claiming)
		grant(lane);
	while (lane->ready != NULL && lane->in_flight < concurrent &&
		lane->stand.state == LANE_OPEN && may_send(lane))
		send_next(lane);
}

/* How long nothing need be done, by the times of deliveries. */
static int64_t
until_due(const struct lane *lane, int64_t now_ms)
{
	if (lane->backlog || lane->next_due_ms == INT64_MAX)
		return INT64_MAX;
	return lane->next_due_ms > now_ms ? lane->next_due_ms - now_ms : 0;
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
work(struct lane *lane, const struct lane_now *now)
{
	int64_t left_ms;

	if (atomic_exchange(&lane->action->waiting, false) ||
		lane->next_due_ms <= now->wall_ms)
		lane->backlog = true;
	if (lane->stand.state == LANE_OPEN) {
		flow(lane);
		return sooner(until_due(lane, now->wall_ms), until_rate(lane));
	}
	left_ms = lane_stand_left_ms(&lane->stand, now);
	if (left_ms > 0)
		return left_ms;
	if (lane->ready == NULL && !lane->backlog)
		return until_due(lane, now->wall_ms);
	probe(lane);
	return until_rate(lane);
}

int64_t
lane_tick(struct lane *lane, const struct lane_now *now)
{
	int64_t delay_ms;

	count_born_dead(lane);
	record(lane);
	delay_ms = is_stopped(lane) ? INT64_MAX : work(lane, now);
	delay_ms = sooner(delay_ms, tell(lane, now));
	if (lane->stand.changed && delay_ms > LANE_RECORD_AGAIN_MS)
		delay_ms = LANE_RECORD_AGAIN_MS;
	return delay_ms;
}

void
lane_shift(struct lane *lane, int64_t by_ms)
{
	lane_stand_shift(&lane->stand, by_ms);
	/* What the store says of times is moved there; ask again. */
	lane->backlog = true;
	lane->next_due_ms = INT64_MAX;
	for (struct claimed *ready = lane->ready; ready != NULL;
		ready = ready->next)
		if (ready->first_try_ms > 0)
			ready->first_try_ms += by_ms;
	for (struct flight *flight = lane->flights; flight != NULL;
		flight = flight->next)
		if (flight->claimed->first_try_ms > 0)
			flight->claimed->first_try_ms += by_ms;
}

void
lane_poke(struct lane *lane)
{
	lane->backlog = true;
}

void
lane_due(struct lane *lane, int64_t due_ms)
{
	if (due_ms < lane->next_due_ms)
		lane->next_due_ms = due_ms;
}

bool
lane_holds(const struct lane *lane, int64_t delivery)
{
	for (const struct claimed *ready = lane->ready; ready != NULL;
		ready = ready->next)
		if (ready->row == delivery)
			return true;
	for (const struct flight *flight = lane->flights; flight != NULL;
		flight = flight->next)
		if (flight->claimed->row == delivery)
			return true;
	return false;
}

static void
give_back_ready(struct lane *lane)
{
	while (lane->ready != NULL) {
		struct claimed *claimed = lane->ready;

		lane->ready = claimed->next;
		lane->ready_count--;
		settling_give_back(lane->host, claimed);
	}
	lane->ready_end = &lane->ready;
}

/* After a change of what may be sent. */
static void
stop_or_go(struct lane *lane)
{
	lane->backlog = true;
	if (is_stopped(lane)) {
		revoke(lane);
		give_back_ready(lane);
	}
	lane_tell_held(lane);
}

void
lane_pause(struct lane *lane, const char *by, const char *why)
{
	struct lane_now now = lane_now(lane->host->clock);

	lane_stand_pause(&lane->stand, by, why, &now);
	stop_or_go(lane);
}

void
lane_resume(struct lane *lane)
{
	struct lane_now now = lane_now(lane->host->clock);

	lane_stand_resume(&lane->stand, &now);
	stop_or_go(lane);
}

void
lane_freeze(struct lane *lane, bool freeze)
{
	if (freeze)
		lane->frozen++;
	else if (lane->frozen > 0)
		lane->frozen--;
	stop_or_go(lane);
}

struct sender *
lane_lend(struct lane *lane)
{
	lane->lent++;
	return lane->sender;
}

void
lane_return(struct lane *lane)
{
	lane->lent--;
}

const struct lane_stand *
lane_stand_of(const struct lane *lane)
{
	return &lane->stand;
}

void
lane_restore(struct lane *lane, const struct lane_stand *stand)
{
	lane->stand = *stand;
}

void
lane_succeed(struct lane *lane, struct lane *old)
{
	lane->ready = old->ready;
	lane->ready_end = old->ready != NULL ? old->ready_end : &lane->ready;
	lane->ready_count = old->ready_count;
	old->ready = NULL;
	old->ready_end = &old->ready;
	old->ready_count = 0;
	count_born_dead(old);
	lane->bucket = old->bucket;
	lane->stand = old->stand;
	lane->frozen = old->frozen;
	/* What is on its way, or was not stored, is stored again. */
	lane->stand.changed |= old->recording;
	/* A new configuration may have mended the endpoint: probe at once. */
	lane->stand.until_us = 0;
	lane->stand.pause_ms = 0;
}

void
lane_retire(struct lane *lane, bool replaced)
{
	count_born_dead(lane);
	record(lane);
	lane->retired = true;
	lane->replaced = replaced;
	lane_tell_held(lane);
	revoke(lane);
	give_back_ready(lane);
}

bool
lane_is_idle(struct lane *lane)
{
	if (lane->retired || lane->host->draining)
		revoke(lane);
	return lane->in_flight == 0 && !lane->claiming && !lane->recording &&
	       !lane->telling && lane->lent == 0 && lane->granted == 0;
}

/* What renewing needs to know on the store thread. */
struct renewal {
	struct errand errand;
	const char *node; /* lent, lives as long as the process */
	char *action;
};

static bool
run_renew(struct errand *errand, struct store_writer *store,
	struct tally *tally, int64_t now_ms, struct err *err)
{
	const struct renewal *renewal = (const struct renewal *)errand;

	(void)tally;
	return store_renew(store, renewal->node, renewal->action,
		now_ms + KEEPER_LEASE_MS, err);
}

static void
on_renewed(struct job *job)
{
	if (!job->good)
		log_warning("leases could not be renewed: %s", job->err.text);
	free(((struct renewal *)job)->action);
	free(job);
}

void
lane_renew(struct lane *lane)
{
	struct renewal *renewal;

	if (lane->in_flight == 0 && lane->ready_count == 0)
		return;
	renewal = mem_new(1, sizeof(*renewal));
	renewal->errand.job.type = JOB_ERRAND;
	renewal->errand.job.done = on_renewed;
	renewal->errand.run = run_renew;
	renewal->node = lane->host->node;
	renewal->action = mem_strdup(lane->action->name);
	keeper_submit(lane->host->keeper, &renewal->errand.job, 0);
}

json_t *
lane_json(const struct lane *lane)
{
	json_t *json = json_pack("{s:s, s:i, s:i}", "action",
		lane->action->name, "in_flight", lane->in_flight, "ready",
		lane->ready_count);

	lane_stand_tell(&lane->stand, json);
	return json;
}
