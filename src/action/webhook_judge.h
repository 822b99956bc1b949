/*
 * webhook_judge - what a receiver's answer means for a delivery.
 *
 *	2xx				delivered
 *	408 425 429 5xx, network	try later, when Retry-After says
 *	401 403 404 407 410 3xx, TLS,	endpoint down
 *	    an address that is denied
 *	other 4xx			give up
 *
 * `success` and `retry_when` go before that. A 2xx that is no success is tried
 * later. Loop thread.
 */
#ifndef NPSD_ACTION_WEBHOOK_JUDGE_H
#define NPSD_ACTION_WEBHOOK_JUDGE_H

#include "action/action.h"
#include "action/webhook_rule.h"

struct webhook_judge;
/* Both are lent. */
struct webhook_judge *webhook_judge_open(const struct webhook_rule *success,
	const struct webhook_rule *retry_when, struct err *err) must_check;
void webhook_judge_close(struct webhook_judge *judge);
void webhook_judge(struct webhook_judge *judge,
	const struct transfer_result *result, struct outcome *outcome);

#endif
