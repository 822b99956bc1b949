#include "expr/deadline.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

/* glibc names this field only in newer versions. */
#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

static int
deadline_signal(void)
{
	return SIGRTMIN + 3;
}

static void
on_signal(int number, siginfo_t *info, void *machine)
{
	(void)number;
	(void)machine;
	if (info->si_code != SI_TIMER)
		return;
	struct deadline *deadline = info->si_value.sival_ptr;
	if (!deadline_claim(deadline))
		return;
	deadline->late = 1;
	deadline->on_late(deadline->context);
}

void
deadline_init(struct deadline *deadline, void (*on_late)(void *context),
	void *context)
{
	*deadline = (struct deadline){
		.settled = ATOMIC_FLAG_INIT,
		.on_late = on_late,
		.context = context,
	};
	atomic_flag_test_and_set(&deadline->settled);
}

static void
drop_timer(struct deadline *deadline)
{
	/* A forked child has no timers; the number may be another's there. */
	if (deadline->process && deadline->process == getpid())
		timer_delete(deadline->timer);
	deadline->process = 0;
	deadline->thread = 0;
}

void
deadline_done(struct deadline *deadline)
{
	drop_timer(deadline);
}

static bool
hear_signal(struct err *err)
{
	struct sigaction action = {
		.sa_sigaction = on_signal,
		.sa_flags = SA_SIGINFO | SA_RESTART,
	};
	sigemptyset(&action.sa_mask);
	if (sigaction(deadline_signal(), &action, NULL) < 0)
		return err_errno(err, "cannot catch the deadline's signal");
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, deadline_signal());
	int failed = pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
	assert(failed == 0);
	return true;
}

static bool
make_timer(struct deadline *deadline, pid_t thread, struct err *err)
{
	drop_timer(deadline);
	if (!hear_signal(err))
		return false;
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID,
		.sigev_signo = deadline_signal(),
		.sigev_value.sival_ptr = deadline,
	};
	event.sigev_notify_thread_id = thread;
	/* Of the processor: a busy machine is not the expression's fault. */
	if (timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &deadline->timer) < 0)
		return err_errno(err, "cannot make a timer for the deadline");
	deadline->process = getpid();
	deadline->thread = thread;
	return true;
}

static bool
set_timer(struct deadline *deadline, long ms)
{
	struct itimerspec when = {
		.it_value.tv_sec = ms / 1000,
		.it_value.tv_nsec = ms % 1000 * 1000000,
	};
	return timer_settime(deadline->timer, 0, &when, NULL) == 0;
}

bool
deadline_start(struct deadline *deadline, long ms, struct err *err)
{
	pid_t thread = gettid();
	if (deadline->thread != thread && !make_timer(deadline, thread, err))
		return false;
	deadline->late = 0;
	atomic_flag_clear(&deadline->settled);
	if (set_timer(deadline, ms))
		return true;
	atomic_flag_test_and_set(&deadline->settled);
	return err_errno(err, "cannot set the timer of the deadline");
}

bool
deadline_claim(struct deadline *deadline)
{
	return !atomic_flag_test_and_set(&deadline->settled);
}

bool
deadline_stop(struct deadline *deadline)
{
	/* A signal that still comes finds the run settled and does nothing;
	 * none comes after the timer is off, since it is sent to this thread
	 * and delivered on the way back from the call. */
	(void)deadline_claim(deadline);
	bool stopped = set_timer(deadline, 0);
	assert(stopped);
	return deadline->late != 0;
}
