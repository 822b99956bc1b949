/* lane - one action's way out. */
#include "flow/lane_private.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "flow/settling.h"

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

void
lane_free(struct lane *lane)
{
	while (lane->flights != NULL) {
		lane->sender->kind->cancel(lane->flights->send);
		lane_flight_free(lane->flights);
	}
	while (lane->ready != NULL) {
		struct claimed *claimed = lane->ready;

		lane->ready = claimed->next;
		claimed_free(claimed);
	}
	lane->sender->kind->sender_close(lane->sender);
	free(lane);
}

static bool
is_stopped(const struct lane *lane)
{
	return lane->retired || lane->stand.paused_ms != 0 ||
	       lane->frozen > 0 || lane->host->draining;
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
	lane->granted += claim->granted;
	if (is_stopped(lane) || lane->stand.state != LANE_OPEN)
		lane_revoke(lane);
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
		if (list->lease_ended &&
			lane->host->holds(lane->host, list->action, list->row))
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
	lane_send_next(lane);
}

static void
flow(struct lane *lane)
{
	int64_t concurrent = lane->action->settings->limit.concurrent;

	if (lane->backlog && !lane->claiming &&
		lane->ready_count <= DISPATCH_AHEAD / 2) {
		lane_revoke(lane);
		if (lane_room(lane) > 0)
			claim(lane, lane_room(lane));
	}
	if (!lane->backlog && !lane->claiming)
		lane_grant(lane);
	while (lane->ready != NULL && lane->in_flight < concurrent &&
		lane->stand.state == LANE_OPEN && may_send(lane))
		lane_send_next(lane);
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

/* What waits here is in flight for all others, an erasure too, and would leave
 * with words that are erased meanwhile. */
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
	if (left_ms > 0) {
		give_back_ready(lane);
		return left_ms;
	}
	if (lane->ready == NULL && !lane->backlog)
		return until_due(lane, now->wall_ms);
	probe(lane);
	return until_rate(lane);
}

int64_t
lane_tick(struct lane *lane, const struct lane_now *now)
{
	int64_t delay_ms;

	lane_count_born_dead(lane);
	lane_record_stand(lane);
	delay_ms = is_stopped(lane) ? INT64_MAX : work(lane, now);
	delay_ms = sooner(delay_ms, lane_tell_news(lane, now));
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

/* After a change of what may be sent. */
static void
stop_or_go(struct lane *lane)
{
	lane->backlog = true;
	if (is_stopped(lane)) {
		lane_revoke(lane);
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
	lane_probe_now(lane);
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
	lane_count_born_dead(old);
	lane->bucket = old->bucket;
	lane->stand = old->stand;
	lane->frozen = old->frozen;
	/* What is on its way, or was not stored, is stored again. */
	lane->stand.changed |= old->recording;
	/* A new configuration may have mended the endpoint. */
	lane_probe_now(lane);
}

void
lane_retire(struct lane *lane, bool replaced)
{
	lane_count_born_dead(lane);
	lane_record_stand(lane);
	lane->retired = true;
	lane->replaced = replaced;
	lane_tell_held(lane);
	lane_revoke(lane);
	give_back_ready(lane);
}

bool
lane_is_idle(struct lane *lane)
{
	if (lane->retired || lane->host->draining)
		lane_revoke(lane);
	return lane->in_flight == 0 && !lane->claiming && !lane->recording &&
	       !lane->telling && lane->lent == 0 && lane->granted == 0;
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
