/* Handing over between threads: order, capacity, waking. */
#include <criterion/criterion.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/inbox.h"
#include "base/memory.h"

TestSuite(inbox);

struct parcel {
	struct inbox_item item; /* first, so that one is the other */
	int giver;
	int number;
};

static struct parcel *
parcel_new(int giver, int number, size_t weight)
{
	struct parcel *parcel = mem_new(1, sizeof(*parcel));

	parcel->item.weight = weight;
	parcel->giver = giver;
	parcel->number = number;
	return parcel;
}

static struct inbox *
open_inbox(size_t capacity)
{
	struct err err = {""};
	struct inbox *inbox = inbox_new(capacity, &err);

	cr_assert_not_null(inbox, "%s", err.text);
	return inbox;
}

static bool
is_readable(struct inbox *inbox)
{
	struct pollfd poll_fd = {.fd = inbox_fd(inbox), .events = POLLIN};

	return poll(&poll_fd, 1, 0) == 1;
}

/* Frees the list and says how many there were. */
static int
drop(struct inbox_item *item)
{
	int count = 0;

	while (item) {
		struct inbox_item *next = item->next;

		free((struct parcel *)(void *)item);
		item = next;
		count++;
	}
	return count;
}

Test(inbox, keeps_order_and_capacity)
{
	struct inbox *inbox = open_inbox(10);

	cr_assert_eq(inbox_capacity(inbox), 10, "as asked");
	cr_assert_null(inbox_take(inbox), "empty");
	cr_assert_not(is_readable(inbox), "nothing waits");

	struct parcel *first = parcel_new(0, 1, 6);
	struct parcel *second = parcel_new(0, 2, 4);
	struct parcel *third = parcel_new(0, 3, 1);

	cr_assert(inbox_offer(inbox, &first->item), "6 of 10");
	cr_assert(is_readable(inbox), "something waits");
	cr_assert(inbox_offer(inbox, &second->item), "10 of 10");
	cr_assert_eq(inbox_depth(inbox), 10, "full");
	cr_assert_not(inbox_offer(inbox, &third->item), "11 of 10");
	cr_assert_eq(inbox_depth(inbox), 10, "refused ones do not count");
	inbox_push(inbox, &third->item);
	cr_assert_eq(inbox_depth(inbox), 11, "pushed past it");
	struct parcel *late = parcel_new(0, 4, 0);

	cr_assert_not(inbox_offer(inbox, &late->item), "even of no weight");

	struct inbox_item *item = inbox_take(inbox);

	cr_assert_eq(item, &first->item, "oldest first");
	cr_assert_eq(item->next, &second->item, "then the second");
	cr_assert_eq(item->next->next, &third->item, "then the third");
	cr_assert_null(item->next->next->next, "and no more");
	cr_assert_eq(inbox_depth(inbox), 0, "empty");
	cr_assert_not(is_readable(inbox), "taking resets it");
	cr_assert(inbox_offer(inbox, &late->item), "room again");
	cr_assert(is_readable(inbox), "and wakes again");
	drop(item);
	cr_assert_eq(drop(inbox_take(inbox)), 1, "one");
	inbox_free(inbox);
	inbox_free(NULL);
}

Test(inbox, takes_what_is_heavier_than_everything)
{
	struct inbox *inbox = open_inbox(10);
	struct parcel *heavy = parcel_new(0, 1, 1000);
	struct parcel *light = parcel_new(0, 2, 1);
	struct parcel *huge = parcel_new(0, 3, SIZE_MAX);

	cr_assert(inbox_offer(inbox, &heavy->item), "empty inbox");
	cr_assert_not(inbox_offer(inbox, &light->item), "over the capacity");
	cr_assert_not(inbox_offer(inbox, &huge->item), "no wrap-around");
	cr_assert_eq(drop(inbox_take(inbox)), 1, "one");
	cr_assert(inbox_offer(inbox, &light->item), "1 of 10");
	cr_assert_not(inbox_offer(inbox, &huge->item), "not empty");
	cr_assert_eq(drop(inbox_take(inbox)), 1, "one");
	free(huge);
	inbox_free(inbox);
}

Test(inbox, waits_no_longer_than_asked)
{
	struct inbox *inbox = open_inbox(10);

	cr_assert_null(inbox_wait(inbox, 0), "does not wait");
	cr_assert_null(inbox_wait(inbox, 20), "waits and gives up");
	struct parcel *parcel = parcel_new(0, 1, 1);

	inbox_push(inbox, &parcel->item);
	cr_assert_eq(drop(inbox_wait(inbox, 0)), 1, "there already");
	parcel = parcel_new(0, 2, 1);
	inbox_push(inbox, &parcel->item);
	cr_assert_eq(drop(inbox_wait(inbox, -1)), 1, "there already");
	cr_assert_not(is_readable(inbox), "waiting resets it too");
	inbox_free(inbox);
}

enum { GIVERS = 4, PARCELS = 20000, CAPACITY = 64 };

struct giver {
	struct inbox *inbox;
	int number;
	int refused;
	pthread_t thread;
};

/* Every third is pushed, the others are offered until they are taken. */
static void *
give(void *context)
{
	struct giver *giver = context;

	for (int i = 0; i < PARCELS; i++) {
		struct parcel *parcel = parcel_new(giver->number, i, 1);

		if (i % 3 == 0) {
			inbox_push(giver->inbox, &parcel->item);
			continue;
		}
		while (!inbox_offer(giver->inbox, &parcel->item)) {
			giver->refused++;
			sched_yield();
		}
	}
	return NULL;
}

static void
start_givers(struct giver *givers, struct inbox *inbox)
{
	for (int i = 0; i < GIVERS; i++) {
		givers[i] = (struct giver){.inbox = inbox, .number = i};
		cr_assert_eq(pthread_create(
				     &givers[i].thread, NULL, give, &givers[i]),
			0, "thread");
	}
}

/* Checks that each giver's parcels come in its order; gives how many came. */
static int
check_and_drop(struct inbox_item *item, int next[GIVERS])
{
	for (struct inbox_item *at = item; at; at = at->next) {
		struct parcel *parcel = (struct parcel *)(void *)at;

		cr_assert_eq(parcel->number, next[parcel->giver],
			"giver %d: %d", parcel->giver, parcel->number);
		next[parcel->giver]++;
	}
	return drop(item);
}

Test(inbox, many_givers_and_one_that_waits, .timeout = 60)
{
	struct inbox *inbox = open_inbox(CAPACITY);
	struct giver givers[GIVERS];
	int next[GIVERS] = {0};
	int count = 0;

	start_givers(givers, inbox);
	while (count < GIVERS * PARCELS) {
		struct inbox_item *items =
			inbox_wait(inbox, count % 2 ? -1 : 10000);

		cr_assert_not_null(items, "stalled at %d", count);
		count += check_and_drop(items, next);
	}
	for (int i = 0; i < GIVERS; i++)
		pthread_join(givers[i].thread, NULL);
	cr_assert_null(inbox_take(inbox), "nothing twice");
	cr_assert_eq(inbox_depth(inbox), 0, "nothing is left");
	inbox_free(inbox);
}

Test(inbox, many_givers_and_one_with_a_loop, .timeout = 60)
{
	struct inbox *inbox = open_inbox(CAPACITY);
	struct giver givers[GIVERS];
	int next[GIVERS] = {0};
	int count = 0;

	start_givers(givers, inbox);
	while (count < GIVERS * PARCELS) {
		struct pollfd poll_fd = {
			.fd = inbox_fd(inbox), .events = POLLIN};

		cr_assert_eq(
			poll(&poll_fd, 1, 10000), 1, "stalled at %d", count);
		count += check_and_drop(inbox_take(inbox), next);
	}
	for (int i = 0; i < GIVERS; i++)
		pthread_join(givers[i].thread, NULL);
	cr_assert_not(is_readable(inbox), "nothing is left");
	inbox_free(inbox);
}
