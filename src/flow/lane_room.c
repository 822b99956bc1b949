/* lane_room - room for deliveries that come claimed: tokens. */
#include "flow/lane_private.h"

#include <stdatomic.h>

void
lane_revoke(struct lane *lane)
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

int
lane_room(const struct lane *lane)
{
	return ceiling(lane) - lane->in_flight - lane->ready_count -
	       lane->granted - (lane->claiming ? lane->asked : 0);
}

void
lane_grant(struct lane *lane)
{
	int room = lane_room(lane);

	if (room <= 0)
		return;
	lane->granted += room;
	atomic_fetch_add(&lane->action->room, room);
}
