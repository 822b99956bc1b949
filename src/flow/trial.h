/*
 * trial - what would follow from an answer that nobody gave: its class, what
 * every rule says, and the exact bytes of every alert.
 *
 * The same functions decide and render as on an answer's real way, but nothing
 * is kept, counted or sent. For commands that try a configuration; one thread.
 */
#ifndef NPSD_FLOW_TRIAL_H
#define NPSD_FLOW_TRIAL_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "flow/policy.h"
#include "nps/field.h"

/* A supposed answer. All lent. */
struct trial_answer {
	const char *bytes; /* one record in npsd's own format */
	size_t length;
	const char *survey; /* where it names none */
	int64_t now_ms;	    /* when it arrives */
	struct previous previous;
};

struct trial;
/* Compiles rules and opens renderers; the policy is lent. NULL with the first
 * reason. */
struct trial *trial_new(
	const struct policy *policy, struct err *err) must_check;
void trial_free(struct trial *trial); /* NULL is fine */

/*
 * {"answer":{id,survey,revision,score,category,answered_at},
 *  "verdicts":[{"rule","verdict",...}], "rules":[names of those that fired],
 *  "alerts":[{"action","type","rule","recipient","id","body"|"reason"}]}
 * or {"rejected":{"reason","pointer","text"}}. An alert without "body" cannot be
 * made: "reason" says why. New reference.
 */
json_t *trial_run(struct trial *trial, const struct trial_answer *answer);
/* The alert of one action as in "alerts", whether a rule asks for it or not.
 * rule: the name it is said to come from; NULL: the first rule that names the
 * action, or "". An array, one item a receiver; or {"rejected":...}. */
json_t *trial_render(struct trial *trial, const struct trial_answer *answer,
	const struct policy_action *action, const char *rule);

#endif
