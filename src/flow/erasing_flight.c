/* erasing_flight - what is being sent as the words of it go. */
#include <stdlib.h>

#include "base/memory.h"
#include "flow/erasing_private.h"

static struct erasing_flight *
find_flight(struct erasing_one *one, int64_t row, bool lone)
{
	for (size_t i = 0; i < one->flight_count; i++)
		if (one->flights[i].row == row && one->flights[i].lone == lone)
			return &one->flights[i];
	return NULL;
}

void
erasing_note_flight(
	struct erasing_one *one, int64_t row, bool lone, int64_t count)
{
	struct erasing_flight *flight = find_flight(one, row, lone);

	if (flight == NULL && count == 0)
		return;
	if (count == 0) {
		*flight = one->flights[--one->flight_count];
		return;
	}
	if (flight == NULL) {
		one->flights = mem_grow(one->flights, one->flight_count + 1,
			sizeof(*one->flights));
		flight = &one->flights[one->flight_count++];
	}
	*flight = (struct erasing_flight){row, count, lone, false};
}

void
erasing_tell_flights(struct erasing_one *one)
{
	int64_t count = 0;

	for (size_t i = 0; i < one->flight_count; i++)
		count += one->flights[i].count;
	json_object_set_new(one->report, "in_flight", json_integer(count));
}

/* ---- has it ended ---- */

static void
on_lone(const struct words_row *words, void *context)
{
	*(int64_t *)context = words->state == DELIVERY_CLAIMED;
}

static bool
count_now(struct keeping *keeping, const struct erasing_flight *flight,
	int64_t *count, struct err *err)
{
	int64_t at = flight->row - 1;
	bool more;

	*count = 0;
	return flight->lone
		       ? store_read_words(keeping->store, WORDS_LONE,
				 flight->row, &at, &more, on_lone, count, err)
		       : store_count_in_flight(
				 keeping->store, flight->row, count, err);
}

bool
erasing_look_at_flights(struct erasing_one *one, struct keeping *keeping,
	bool *ended, struct err *err)
{
	*ended = one->flight_count == 0;
	for (size_t i = 0; i < one->flight_count; i++) {
		struct erasing_flight *flight = &one->flights[i];
		int64_t count;

		pulse_beat(keeping->pulse, keeping->clock);
		if (!count_now(keeping, flight, &count, err))
			return false;
		flight->ended = count < flight->count;
		*ended |= flight->ended;
	}
	return true;
}
