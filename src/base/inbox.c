/*
 * inbox - how threads hand things over. The only locks of the hand-over are
 * here; what an item means is the business of those who give and take.
 *
 *   givers --offer/push--> [ first -> ... -> last ] --take/wait--> taker
 *
 * Everything but the two constants is shared and guarded by `lock`; `depth` and
 * `has_watcher` are also read without it.
 */
#include "base/inbox.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"

struct inbox {
	size_t capacity; /* constant */
	int event_fd;	 /* constant; readable soon after first is set */
	atomic_bool has_watcher; /* somebody has asked for event_fd */
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct inbox_item *first;
	struct inbox_item *last;
	_Atomic size_t depth;
	bool woken; /* the taker is not to wait once */
};

struct inbox *
inbox_new(size_t capacity, struct err *err)
{
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	if (fd < 0) {
		err_errno(err, "inbox: no eventfd");
		return NULL;
	}
	struct inbox *inbox = mem_new(1, sizeof(*inbox));
	pthread_condattr_t attributes;

	inbox->capacity = capacity;
	inbox->event_fd = fd;
	pthread_mutex_init(&inbox->lock, NULL);
	pthread_condattr_init(&attributes);
	/* Waiting must not notice when somebody sets the wall clock. */
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&inbox->filled, &attributes);
	pthread_condattr_destroy(&attributes);
	return inbox;
}

void
inbox_free(struct inbox *inbox)
{
	if (!inbox)
		return;
	close(inbox->event_fd);
	pthread_cond_destroy(&inbox->filled);
	pthread_mutex_destroy(&inbox->lock);
	free(inbox);
}

/* With the lock held. True from empty to filled: the one moment when the taker
 * may sleep. */
static bool
append(struct inbox *inbox, struct inbox_item *item)
{
	item->next = NULL;
	inbox->depth += item->weight;
	if (inbox->first) {
		inbox->last->next = item;
		inbox->last = item;
		return false;
	}
	inbox->first = inbox->last = item;
	return true;
}

static void
make_readable(struct inbox *inbox)
{
	static const uint64_t one = 1;
	ssize_t written;

	do
		written = write(inbox->event_fd, &one, sizeof(one));
	while (written < 0 && errno == EINTR);
}

/* Without the lock, on which the taker would only fall asleep again. It may
 * have taken everything by now: then it wakes for nothing, once. */
static void
tell_taker(struct inbox *inbox)
{
	if (atomic_load(&inbox->has_watcher))
		make_readable(inbox);
	pthread_cond_signal(&inbox->filled);
}

bool
inbox_offer(struct inbox *inbox, struct inbox_item *item)
{
	bool was_empty = false;

	pthread_mutex_lock(&inbox->lock);
	size_t depth = inbox->depth;
	bool fits = !inbox->first ||
		    (depth <= inbox->capacity &&
			    item->weight <= inbox->capacity - depth);

	if (fits)
		was_empty = append(inbox, item);
	pthread_mutex_unlock(&inbox->lock);
	if (was_empty)
		tell_taker(inbox);
	return fits;
}

void
inbox_push(struct inbox *inbox, struct inbox_item *item)
{
	item->next = NULL;
	inbox_push_all(inbox, item);
}

void
inbox_push_all(struct inbox *inbox, struct inbox_item *first)
{
	bool was_empty = false;

	pthread_mutex_lock(&inbox->lock);
	while (first) {
		struct inbox_item *next = first->next;

		was_empty |= append(inbox, first);
		first = next;
	}
	pthread_mutex_unlock(&inbox->lock);
	if (was_empty)
		tell_taker(inbox);
}

bool
inbox_is_empty(struct inbox *inbox)
{
	pthread_mutex_lock(&inbox->lock);
	bool is_empty = !inbox->first;
	pthread_mutex_unlock(&inbox->lock);
	return is_empty;
}

size_t
inbox_depth(const struct inbox *inbox)
{
	return atomic_load(&inbox->depth);
}

size_t
inbox_capacity(const struct inbox *inbox)
{
	return inbox->capacity;
}

/* With the lock held. */
static struct inbox_item *
take_all(struct inbox *inbox)
{
	struct inbox_item *items = inbox->first;
	uint64_t count;
	ssize_t got;

	inbox->first = inbox->last = NULL;
	inbox->depth = 0;
	if (!atomic_load(&inbox->has_watcher))
		return items;
	do
		got = read(inbox->event_fd, &count, sizeof(count));
	while (got < 0 && errno == EINTR);
	return items;
}

struct inbox_item *
inbox_take(struct inbox *inbox)
{
	pthread_mutex_lock(&inbox->lock);
	struct inbox_item *items = take_all(inbox);

	pthread_mutex_unlock(&inbox->lock);
	return items;
}

static struct timespec
moment_in(int timeout_ms)
{
	struct timespec moment;

	clock_gettime(CLOCK_MONOTONIC, &moment);
	moment.tv_sec += timeout_ms / 1000;
	moment.tv_nsec += timeout_ms % 1000 * 1000000L;
	if (moment.tv_nsec >= 1000000000L) {
		moment.tv_sec++;
		moment.tv_nsec -= 1000000000L;
	}
	return moment;
}

struct inbox_item *
inbox_wait(struct inbox *inbox, int timeout_ms)
{
	struct timespec until = {0};
	int result = 0;

	if (timeout_ms > 0)
		until = moment_in(timeout_ms);
	pthread_mutex_lock(&inbox->lock);
	while (!inbox->first && !inbox->woken && timeout_ms &&
		result != ETIMEDOUT) {
		if (timeout_ms < 0)
			pthread_cond_wait(&inbox->filled, &inbox->lock);
		else
			result = pthread_cond_timedwait(
				&inbox->filled, &inbox->lock, &until);
	}
	struct inbox_item *items = take_all(inbox);

	inbox->woken = false;
	pthread_mutex_unlock(&inbox->lock);
	return items;
}

void
inbox_wake(struct inbox *inbox)
{
	pthread_mutex_lock(&inbox->lock);
	inbox->woken = true;
	pthread_cond_signal(&inbox->filled);
	pthread_mutex_unlock(&inbox->lock);
}

int
inbox_fd(struct inbox *inbox)
{
	pthread_mutex_lock(&inbox->lock);
	if (!atomic_exchange(&inbox->has_watcher, true) && inbox->first)
		make_readable(inbox);
	pthread_mutex_unlock(&inbox->lock);
	return inbox->event_fd;
}
