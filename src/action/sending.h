/*
 * sending - one try that goes over the network: a transfer under way, or one
 * that could not even start and is told about at the loop's next turn. What
 * its result means is asked of the kind. Loop thread.
 */
#ifndef NPSD_ACTION_SENDING_H
#define NPSD_ACTION_SENDING_H

#include "action/action.h"

typedef void (*sending_judge_fn)(const struct transfer_result *result,
	struct outcome *outcome, void *judge);

/* The tries of one sender. */
struct sending_desk;
struct sending_desk *sending_desk_new(
	const struct action_host *host, sending_judge_fn judge_fn, void *judge);
void sending_desk_free(struct sending_desk *desk);

/* As send() and cancel() of struct action_kind. */
struct send *sending_start(struct sending_desk *desk,
	const struct transfer_request *request, send_done_fn on_done,
	void *context);
void sending_cancel(struct send *send);

#endif
