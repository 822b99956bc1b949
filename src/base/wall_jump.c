/* wall_jump - notices that the wall clock was set. */
#include "base/wall_jump.h"

int64_t
wall_jump_look(struct wall_jump *jump, const struct clock *clock)
{
	int64_t offset_ms =
		clock_wall_ms(clock) - clock_monotonic_us(clock) / 1000;
	int64_t by_ms = jump->known ? offset_ms - jump->offset_ms : 0;

	jump->known = true;
	jump->offset_ms = offset_ms;
	return by_ms >= WALL_JUMP_MS || by_ms <= -WALL_JUMP_MS ? by_ms : 0;
}

/* Jumps are measured to a few milliseconds: there and back is no jump. */
enum { WALL_HOLD_NEAR_MS = 1000 };

bool
wall_hold_set(struct wall_hold *hold, int64_t by_ms, int64_t now_us)
{
	bool held = wall_hold_is_on(hold, now_us);

	hold->ahead_ms += by_ms;
	/* Set back to before: what it says now is no later than ever. */
	if (hold->ahead_ms < 0)
		hold->ahead_ms = 0;
	if (by_ms > 0)
		hold->until_us = now_us + WALL_HOLD_US;
	return !held && hold->ahead_ms > 0;
}

bool
wall_hold_is_on(struct wall_hold *hold, int64_t now_us)
{
	if (hold->ahead_ms > WALL_HOLD_NEAR_MS && now_us < hold->until_us)
		return true;
	if (now_us >= hold->until_us)
		hold->ahead_ms = 0;
	return false;
}

bool
wall_watch_believes(struct wall_watch *watch, const struct clock *clock)
{
	int64_t now_us = clock_monotonic_us(clock);
	int64_t by_ms = wall_jump_look(&watch->jump, clock);

	if (by_ms != 0)
		wall_hold_set(&watch->hold, by_ms, now_us);
	return !wall_hold_is_on(&watch->hold, now_us);
}
