/* wall_jump - notices that the wall clock was set. */
#include "flow/wall_jump.h"

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
