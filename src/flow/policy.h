/*
 * policy - what the configuration says of the way of a response: rules,
 * actions, tally. Immutable once made, but for each lane's room; both threads
 * read it. A reload makes a new one.
 */
#ifndef NPSD_FLOW_POLICY_H
#define NPSD_FLOW_POLICY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "action/action.h"
#include "nps/calendar.h"
#include "nps/rule.h"
#include "nps/tally.h"
#include "nps/watches.h"

/* One configured action. */
struct policy_action {
	const char *name;
	const struct action_kind *kind;
	const struct action_settings *settings; /* the kind's own struct */
	/* How many more deliveries the dispatch would start at once: the store
	 * thread takes from it and hands those over already claimed, so that
	 * the alert of an idle daemon needs no second commit. */
	atomic_int room;
	/* Set by the store thread when a delivery that is due stayed in the
	 * store for want of room; cleared by the dispatch, which then claims,
	 * and by a claim that leaves none there. */
	atomic_bool waiting;
	/* Deliveries that died because they could not be made: added to by the
	 * store thread once that is committed, taken by the dispatch. */
	atomic_int died;
};

struct policy {
	const struct rules *rules;
	struct policy_action *actions;
	size_t action_count;
	const struct tally_settings *tally;
	const struct watches *watches; /* NULL: none */
	bool contact_default;
	/* Of links to follow-ups. NULL: no links. Without a slash at its end. */
	const char *public_url;
	int64_t links_valid_ms;
	int64_t keep_responses_ms; /* 0: for ever */
	int64_t keep_rejected_ms;
};

/* NULL if there is none of that name. */
struct policy_action *policy_action(
	const struct policy *policy, const char *name);

/* Whether an action writes to people, each a mail of their own; any of a list. */
bool policy_is_mail(const struct policy *policy, const char *action);
bool policy_any_is_mail(
	const struct policy *policy, const struct setting_texts *actions);

/* Whose clocks people are told times by: the zone of these hours, else
 * score.timezone. NULL: UTC. Lent. */
const struct zone *policy_zone(
	const struct policy *policy, const struct calendar *hours);

#endif
