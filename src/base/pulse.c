/* pulse - when a thread last got on with its work. */
#include "base/pulse.h"

void
pulse_beat(struct pulse *pulse, const struct clock *clock)
{
	atomic_store_explicit(&pulse->last_us, clock_monotonic_us(clock),
		memory_order_relaxed);
}

int64_t
pulse_last_us(const struct pulse *pulse)
{
	return atomic_load_explicit(&pulse->last_us, memory_order_relaxed);
}
