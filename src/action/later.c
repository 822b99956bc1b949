/* later - a list and a timer that stands at nothing. */
#include "action/later.h"

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"

struct later {
	struct loop_timer *timer;
	void (*on_turn)(struct later_item *item);
	struct later_item *first, *last;
};

void
later_remove(struct later *later, struct later_item *item)
{
	if (item->previous != NULL)
		item->previous->next = item->next;
	else
		later->first = item->next;
	if (item->next != NULL)
		item->next->previous = item->previous;
	else
		later->last = item->previous;
	item->previous = item->next = NULL;
}

/* Nothing is touched once it has been told: it may all be gone. */
static void
on_time(void *context)
{
	struct later *later = context;
	struct later_item *item = later->first;

	if (item == NULL)
		return;
	later_remove(later, item);
	if (later->first != NULL)
		loop_timer_set(later->timer, 0);
	later->on_turn(item);
}

struct later *
later_new(struct loop *loop, void (*on_turn)(struct later_item *item))
{
	struct later *later = mem_new(1, sizeof(*later));

	later->on_turn = on_turn;
	later->timer = loop_timer_new(loop, on_time, later);
	return later;
}

void
later_free(struct later *later)
{
	if (later == NULL)
		return;
	assert(later->first == NULL);
	loop_timer_free(later->timer);
	free(later);
}

void
later_add(struct later *later, struct later_item *item)
{
	item->next = NULL;
	item->previous = later->last;
	if (later->last != NULL)
		later->last->next = item;
	else
		later->first = item;
	later->last = item;
	if (!loop_timer_is_set(later->timer))
		loop_timer_set(later->timer, 0);
}
