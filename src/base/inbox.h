/*
 * inbox - how threads hand things over: many givers, one taker.
 *
 * Giving an item gives its ownership. The only locks of the program live here.
 * Items are linked through a struct inbox_item that they embed; the taker gets
 * everything that waits at once, in the order given.
 *
 * An inbox has a capacity for items that may be refused (offers); what must
 * never be refused (delivery outcomes, commands) is pushed past it.
 */
#ifndef NPSD_BASE_INBOX_H
#define NPSD_BASE_INBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct inbox_item {
	struct inbox_item *next;
	size_t weight; /* counted against the capacity while it waits */
};

struct inbox;

/* capacity: total weight that offers may fill. NULL only if the system refuses
 * an eventfd. */
struct inbox *inbox_new(size_t capacity, struct err *err) must_check;
void inbox_free(struct inbox *inbox); /* must be empty */

/* Any thread. False if the capacity is used up: the item stays the caller's.
 * An item heavier than the whole capacity is taken when the inbox is empty. */
bool inbox_offer(struct inbox *inbox, struct inbox_item *item) must_check;
/* Any thread. Always taken. */
void inbox_push(struct inbox *inbox, struct inbox_item *item);
/* Any thread. A chain of items, linked by next, at once: the taker gets them
 * together. */
void inbox_push_all(struct inbox *inbox, struct inbox_item *first);
/* Any thread. Whether nothing waits now. */
bool inbox_is_empty(struct inbox *inbox);
/* Any thread. Weight that waits now. */
size_t inbox_depth(const struct inbox *inbox);
size_t inbox_capacity(const struct inbox *inbox);

/* The taker. Everything that waits, oldest first, or NULL. */
struct inbox_item *inbox_take(struct inbox *inbox);
/* The taker. Waits until something is there or timeout_ms is over (-1: for
 * ever), then takes. */
struct inbox_item *inbox_wait(struct inbox *inbox, int timeout_ms);
/* Any thread. Ends the taker's wait once, with nothing. */
void inbox_wake(struct inbox *inbox);
/* An eventfd that is readable while something waits, for a taker with a loop;
 * inbox_take resets it. It may now and then be readable for nothing. Owned by the
 * inbox. */
int inbox_fd(struct inbox *inbox);

#endif
