/*
 * patience - the deadline of an expression counts the time that it ran, not that
 * of others on a busy machine. Linked with -Wl,--wrap=timer_create.
 */
#include <signal.h>
#include <time.h>

int __real_timer_create(
	clockid_t clock, struct sigevent *event, timer_t *timer);
int __wrap_timer_create(
	clockid_t clock, struct sigevent *event, timer_t *timer);

int
__wrap_timer_create(clockid_t clock, struct sigevent *event, timer_t *timer)
{
	(void)clock;
	return __real_timer_create(CLOCK_THREAD_CPUTIME_ID, event, timer);
}
