/*
 * inbox - how threads hand things over. The only locks of the hand-over are
 * here; what an item means is the business of those who give and take.
 *
 *   givers --offer/push--> [ first -> ... -> last ] --take/wait--> taker
 *
 * Everything but the two constants is shared and guarded by `lock`; `depth` is
 * also read without it.
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
	int event_fd;	 /* constant; readable while first is set */
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

/* With the lock held. */
static void
append(struct inbox *inbox, struct inbox_item *item)
{
	static const uint64_t one = 1;
	ssize_t written;

	item->next = NULL;
	inbox->depth += item->weight;
	if (inbox->first) {
		inbox->last->next = item;
		inbox->last = item;
		return;
	}
	inbox->first = inbox->last = item;
	/* From empty to filled: the one moment when the taker may sleep. */
	do
		written = write(inbox->event_fd, &one, sizeof(one));
	while (written < 0 && errno == EINTR);
	pthread_cond_signal(&inbox->filled);
}

bool
inbox_offer(struct inbox *inbox, struct inbox_item *item)
{
	pthread_mutex_lock(&inbox->lock);
	size_t depth = inbox->depth;
	bool fits = !inbox->first ||
		    (depth <= inbox->capacity &&
			    item->weight <= inbox->capacity - depth);

	if (fits)
		append(inbox, item);
	pthread_mutex_unlock(&inbox->lock);
	return fits;
}

void
inbox_push(struct inbox *inbox, struct inbox_item *item)
{
	pthread_mutex_lock(&inbox->lock);
	append(inbox, item);
	pthread_mutex_unlock(&inbox->lock);
}

void
inbox_push_all(struct inbox *inbox, struct inbox_item *first)
{
	pthread_mutex_lock(&inbox->lock);
	while (first) {
		struct inbox_item *next = first->next;

		append(inbox, first);
		first = next;
	}
	pthread_mutex_unlock(&inbox->lock);
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

	if (!items)
		return NULL;
	inbox->first = inbox->last = NULL;
	inbox->depth = 0;
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
inbox_fd(const struct inbox *inbox)
{
	return inbox->event_fd;
}
