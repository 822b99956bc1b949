/* watch_seats - what the watches remember between two looks. */
#include "flow/watch_seats.h"

#include "base/memory.h"

struct seat *
watcher_seat(const struct watcher *watcher, int64_t slot)
{
	size_t low = 0, high = watcher->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (watcher->seats[middle].slot < slot)
			low = middle + 1;
		else
			high = middle;
	}
	return low < watcher->count && watcher->seats[low].slot == slot
		       ? &watcher->seats[low]
		       : NULL;
}

void
watcher_add_seat(struct watcher *watcher, const struct seat *seat)
{
	size_t at = watcher->count;

	if (watcher->count == watcher->capacity) {
		watcher->capacity = watcher->capacity * 2 + 8;
		watcher->seats = mem_grow(
			watcher->seats, watcher->capacity, sizeof(struct seat));
	}
	for (; at > 0 && watcher->seats[at - 1].slot > seat->slot; at--)
		watcher->seats[at] = watcher->seats[at - 1];
	watcher->seats[at] = *seat;
	watcher->count++;
}

int
watcher_firing(const struct watcher *watcher)
{
	int count = 0;

	for (size_t i = 0; i < watcher->count; i++)
		count += watcher->seats[i].stand.since_ms > 0;
	return count;
}

void
watching_set_mark(struct watching *watching, int64_t slot, int64_t at_ms)
{
	size_t index = (size_t)slot;

	watching->marks = mem_reach(watching->marks, &watching->mark_count,
		index, sizeof(*watching->marks));
	watching->marks[index] = at_ms;
	watching->marked |= at_ms != 0;
}

int64_t
watching_mark(const struct watching *watching, int64_t slot)
{
	size_t index = (size_t)slot;

	return index < watching->mark_count ? watching->marks[index] : 0;
}
