/*
 * dispatch - due deliveries out, outcomes back.
 *
 * One lane an action, each on its own: a dead receiver stops nobody else.
 *
 *	             claim            send
 *	store: due ---------> ready ---------> in flight ---> outcome
 *	  ^                                                      |
 *	  '------------------- settle ---------------------------'
 *
 * A lane is open, or held: by an endpoint that is down, or by a run of failures
 * (breaker), or paused by a person. A held lane is probed with one delivery
 * after growing pauses; what is due stays where it is meanwhile.
 * Everything on the loop's thread. Only dispatch turns an outcome into a time.
 */
#ifndef NPSD_FLOW_DISPATCH_H
#define NPSD_FLOW_DISPATCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "action/action.h"
#include "base/metrics.h"
#include "flow/keeper.h"
#include "flow/policy.h"
#include "flow/tap.h"

enum {
	DISPATCH_AHEAD = 768, /* claimed and ready beyond the ceiling */
	DISPATCH_RATE_AHEAD_MS = 30 * 1000, /* what a rate sends meanwhile */
	DISPATCH_BREAKER_FAILURES = 10,	    /* in a row that open the breaker */
	DISPATCH_BREAKER_FIRST_MS = 1000,
	DISPATCH_BREAKER_CEILING_MS = 60 * 1000,
	DISPATCH_HOLD_FIRST_MS = 30 * 1000, /* endpoint down */
	DISPATCH_HOLD_CEILING_MS = 15 * 60 * 1000,
	DISPATCH_ASKED_CEILING_MS = 5 * 60 * 1000, /* a lane obeys Retry-After
	                              * this long; the delivery up to a day */
	DISPATCH_RENEW_MS = 5 * 60 * 1000,
};

struct dispatch;

struct dispatch_settings {
	struct keeper *keeper;
	const struct clock *clock;
	struct metrics *metrics;
	struct tap *tap; /* NULL: nobody ever listens */
	struct action_host host;
	const char *node; /* this node's name, lent */
	/* When to call dispatch_tick next, in ms from now; -1: not needed. */
	void (*wake_in)(int64_t delay_ms, void *context);
	/* A random number in [0, 1). */
	double (*chance)(void *context);
	void *context;
};

struct dispatch *dispatch_new(const struct dispatch_settings *settings);
/*
 * The lanes of a policy, in two steps, for the store thread's part may fail
 * between them: dispatch_prepare opens a sender for each action and leaves
 * everything as it was (false: one cannot be opened); dispatch_switch puts them
 * in force, each taking over what the action's old lane had ready. Old lanes
 * live until their sends have ended.
 */
bool dispatch_prepare(struct dispatch *dispatch, struct policy *policy,
	struct err *err) must_check;
void dispatch_switch(struct dispatch *dispatch);
/* Instead of the switch. */
void dispatch_abandon(struct dispatch *dispatch);
/* Both at once (start). */
bool dispatch_set_policy(struct dispatch *dispatch, struct policy *policy,
	struct err *err) must_check;
/* True when no lane of that policy is alive any more. */
bool dispatch_is_free_of(
	const struct dispatch *dispatch, const struct policy *policy);

/* How an action stood when the process before this one ended; before its lane
 * is made. */
void dispatch_restore(struct dispatch *dispatch, const struct lane_row *row);

/* Takes a list of deliveries that were claimed with their answers, newest
 * first. */
void dispatch_take(struct dispatch *dispatch, struct claimed *list);
/* Looks at every lane: claims, sends, probes. Cheap if nothing is due. */
void dispatch_tick(struct dispatch *dispatch);
/* Something may have become due (after commits, retries by hand). */
void dispatch_poke(struct dispatch *dispatch);

/* Starts nothing any more; gives back what was not sent. */
void dispatch_drain(struct dispatch *dispatch);
bool dispatch_is_idle(const struct dispatch *dispatch);
/* Ends sends in flight: their deliveries stay claimed and are taken up at the
 * next start. */
void dispatch_free(struct dispatch *dispatch);

/* For status and /readyz: [{"action","state":"open|held|breaker|paused",
 * "since","reason","by","until","failing_since","in_flight","ready"}]. New. */
json_t *dispatch_state(const struct dispatch *dispatch);
/* A person stops an action, and lets it go on. It holds from now on; on_stored
 * (may be NULL) hears when it would outlive the process. by, why: NULL where not
 * said. False: no such action. */
typedef void (*dispatch_stored_fn)(bool good, void *context);
bool dispatch_pause(struct dispatch *dispatch, const char *action,
	const char *by, const char *why, dispatch_stored_fn on_stored,
	void *context);
bool dispatch_resume(struct dispatch *dispatch, const char *action,
	dispatch_stored_fn on_stored, void *context);
/* While something is done with what waits: the action (NULL: each) claims and
 * sends nothing, and what it had claimed and not sent is with the store again
 * after the jobs that are submitted by now. Counted: as many thaws follow. */
void dispatch_freeze(struct dispatch *dispatch, const char *action);
void dispatch_thaw(struct dispatch *dispatch, const char *action);

/* How a drill went. All lent for the call. */
struct drill_result {
	const char *trouble; /* why nothing was sent; NULL: it was */
	const struct outcome *outcome;
	int64_t delivery; /* its row */
	const char *recipient;
	const char *body;
	size_t body_length;
	const char *exchange; /* lines; NULL: the kind tells none */
};
typedef void (*dispatch_drilled_fn)(
	const struct drill_result *result, void *context);
/* Sends one marked delivery made of a sample answer, at once, whether the action
 * is held, paused or not, and without a second try; to: the recipient, or NULL.
 * What comes of it changes nothing of how the action stands. on_done comes once.
 * False: no such action. */
bool dispatch_drill(struct dispatch *dispatch, const char *action,
	const char *to, dispatch_drilled_fn on_done, void *context);

#endif
