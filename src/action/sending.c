/* sending - one try that goes over the network. */
#include "action/sending.h"

#include <stdlib.h>

#include "action/later.h"
#include "action/outcome.h"
#include "base/memory.h"

struct sending_desk {
	struct transfer_pool *transfers;
	struct later *later;
	sending_judge_fn judge_fn;
	void *judge;
	struct send *spare; /* one is kept, so that few are made */
};

struct send {
	struct later_item item; /* used where there is no transfer */
	struct sending_desk *desk;
	struct transfer *transfer;
	send_done_fn on_done;
	void *context;
	struct err why;
};

static void
put_away(struct send *send)
{
	free(send->desk->spare);
	send->desk->spare = send;
}

/* Whoever is told may end the desk. */
static void
tell(struct send *send, const struct outcome *outcome)
{
	send_done_fn on_done = send->on_done;
	void *context = send->context;

	put_away(send);
	on_done(outcome, context);
}

static void
on_transfer(const struct transfer_result *result, void *context)
{
	struct send *send = context;
	struct outcome outcome;

	send->desk->judge_fn(result, &outcome, send->desk->judge);
	tell(send, &outcome);
}

/* curl refused an option: the settings are to blame, not the message. */
static void
on_turn(struct later_item *item)
{
	struct send *send = (struct send *)item;
	struct outcome outcome;

	outcome_set(&outcome, OUTCOME_ENDPOINT_DOWN, 0, "%s", send->why.text);
	tell(send, &outcome);
}

struct sending_desk *
sending_desk_new(
	const struct action_host *host, sending_judge_fn judge_fn, void *judge)
{
	struct sending_desk *desk = mem_new(1, sizeof(*desk));

	desk->transfers = host->transfers;
	desk->later = later_new(host->loop, on_turn);
	desk->judge_fn = judge_fn;
	desk->judge = judge;
	return desk;
}

void
sending_desk_free(struct sending_desk *desk)
{
	if (desk == NULL)
		return;
	later_free(desk->later);
	free(desk->spare);
	free(desk);
}

struct send *
sending_start(struct sending_desk *desk, const struct transfer_request *request,
	send_done_fn on_done, void *context)
{
	struct send *send = desk->spare;

	if (send == NULL)
		send = mem_new(1, sizeof(*send));
	desk->spare = NULL;
	send->desk = desk;
	send->on_done = on_done;
	send->context = context;
	send->transfer = transfer_start(
		desk->transfers, request, on_transfer, send, &send->why);
	if (send->transfer == NULL)
		later_add(desk->later, &send->item);
	return send;
}

void
sending_cancel(struct send *send)
{
	if (send->transfer != NULL)
		transfer_cancel(send->transfer);
	else
		later_remove(send->desk->later, &send->item);
	put_away(send);
}
