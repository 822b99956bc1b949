/*
 * transfer_judge - what a transfer that has ended amounts to: which end, which
 * status, and the sentence about it. Pure; libcurl's codes have been sorted
 * into failures before.
 */
#ifndef NPSD_LOOP_TRANSFER_JUDGE_H
#define NPSD_LOOP_TRANSFER_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "loop/smtp_dialogue.h"
#include "loop/transfer.h"

enum transfer_failure {
	FAILURE_NONE,
	FAILURE_NAME, /* the host has no address */
	FAILURE_CONNECT,
	FAILURE_TIMEOUT,
	FAILURE_LOST, /* reset, closed, or something that is no protocol */
	FAILURE_TLS,
	FAILURE_LOGIN,	/* no way to log in that both know */
	FAILURE_PROXY,	/* it answers, and not with a way to the host */
	FAILURE_DENIED, /* the address, by the policy */
	FAILURE_MISUSE,
};

struct transfer_facts {
	const char *host; /* for the sentence; with its port if it says */
	enum transfer_failure failure;
	const char *detail; /* of the failure; no secret; may be NULL */
	int64_t timeout_ms;
	/* HTTP */
	int http_status;   /* of a whole block of headers; 0: none came */
	bool request_went; /* some of the request left us */
	bool via_proxy;
	int proxy_status; /* FAILURE_PROXY: what it said; 0: nothing */
	/* SMTP; NULL for HTTP */
	const struct smtp_dialogue *mail;
};

/* Fills end, status, stage and reason. */
void transfer_judge(
	const struct transfer_facts *facts, struct transfer_result *result);

#endif
