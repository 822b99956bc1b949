/*
 * lane - one action's way out: what is ready, what is in flight, whether the
 * endpoint takes anything now.
 *
 *	           DELIVERED, GIVE_UP            ENDPOINT_DOWN
 *	    .------------------------> OPEN ------------------> HELD --.
 *	    |                           |  ten failures in a row        |
 *	    |                           |  or "wait" (429)              |
 *	    |                           v                               |
 *	    '------- one probe ---- BREAKER <-- probe failed: longer ---'
 *
 * Room for deliveries that come claimed with their answers is granted in
 * tokens: each is in policy_action.room, or with the store thread, or back as a
 * delivery; `granted` counts the first two. What a claim does not find is granted
 * by the store thread itself.
 */
#ifndef NPSD_FLOW_LANE_H
#define NPSD_FLOW_LANE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"
#include "flow/dispatch.h"
#include "flow/lane_stand.h"

struct lane_metrics {
	struct metric_family *deliveries, *attempts, *held;
	struct metric *alert_seconds;
};

/* What lanes share. */
struct lane_host {
	struct keeper *keeper;
	struct tap *tap; /* or NULL */
	const struct clock *clock;
	const char *node;
	struct lane_metrics metrics;
	double (*chance)(void *context);
	void *context;
	bool draining;
	struct drilling *drillings; /* that are being sent */
	struct settling *settling;  /* outcomes on their way to the store */
	struct log_limit unstored;  /* lines on what the store does not take */
	/* Deliveries of a lane that has retired while they were claimed. */
	void (*stray)(struct lane_host *host, struct claimed *list);
	/* A delivery of the action is to be tried again then; to whoever serves
	 * it now. */
	void (*due)(struct lane_host *host, const char *action, int64_t due_ms);
	/* True if any lane has it ready or in flight, or its outcome is under
	 * way. */
	bool (*holds)(
		struct lane_host *host, const char *action, int64_t delivery);
	/* A turn of dispatch_tick is wanted soon. */
	void (*poke)(struct lane_host *host);
};

/* For one send beside its own; it stays alive until the sender is returned. */
struct lane;
struct sender *lane_lend(struct lane *lane);
void lane_return(struct lane *lane);
struct lane *lane_new(struct lane_host *host, struct policy_action *action,
	const struct policy *policy, struct sender *sender);
/* Ends what is in flight without settling it. */
void lane_free(struct lane *lane);
const char *lane_name(const struct lane *lane);
/* Sets the gauge that says whether it is held: once it is in force. */
void lane_tell_held(const struct lane *lane);
/* The policy's action that it serves: tokens are that one's. */
const struct policy_action *lane_action(const struct lane *lane);
const struct policy *lane_policy(const struct lane *lane);

/* Takes a delivery that this node has claimed; older ones come first. */
void lane_take(struct lane *lane, struct claimed *claimed);
/* A token of this lane came back as a delivery. */
void lane_token_back(struct lane *lane);
/* Claims, sends, probes as the moment asks. Returns in how many ms it wants to be
 * looked at again, INT64_MAX: only when something comes. */
int64_t lane_tick(struct lane *lane, const struct lane_now *now);
/* The wall clock was set. */
void lane_shift(struct lane *lane, int64_t by_ms);
/* Due deliveries may be in the store. */
void lane_poke(struct lane *lane);
/* One of its deliveries is due then. */
void lane_due(struct lane *lane, int64_t due_ms);
/* True if it has the delivery ready or in flight. */
bool lane_holds(const struct lane *lane, int64_t delivery);
void lane_pause(struct lane *lane, const char *by, const char *why);
void lane_resume(struct lane *lane);
/* Frozen it sends nothing and holds nothing but what is in flight; freezes are
 * counted. */
void lane_freeze(struct lane *lane, bool freeze);
const struct lane_stand *lane_stand_of(const struct lane *lane);
/* As it stood when its action was served last. */
void lane_restore(struct lane *lane, const struct lane_stand *stand);
/* Takes over what the lane it replaces had ready, and its state. */
void lane_succeed(struct lane *lane, struct lane *old);
/* Starts nothing any more; what was ready goes back to the store. replaced:
 * another lane serves the action now. */
void lane_retire(struct lane *lane, bool replaced);
/* Nothing in flight, nothing on its way from the store. */
bool lane_is_idle(struct lane *lane);
/* Prolongs the leases of what it holds. */
void lane_renew(struct lane *lane);
json_t *lane_json(const struct lane *lane);

#endif
