/*
 * recent - which answers customers gave lately: what is not yet in the file's
 * index of customers, which is in random order and therefore filled in bulk.
 *
 *	heads: key -> newest entry      entries, in order of arrival
 *	[ . . 5 . . 4 . ]               0  1  2  3  4  5
 *	                                ^-----------'  ^ prev
 */
#ifndef NPSD_STORE_RECENT_H
#define NPSD_STORE_RECENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RECENT_LIMIT = 32768 }; /* entries when it is full; a power of two */

struct recent_entry {
	uint64_t key; /* of customer and survey */
	int64_t answered_ms;
	int64_t row;	   /* rises; 0: taken out */
	int64_t latest_ms; /* of this and all before it of the key */
	uint32_t prev;	   /* index + 1 of the one before of the key; 0: none */
};

struct recent;
struct recent *recent_new(void);
void recent_free(struct recent *recent);

size_t recent_count(const struct recent *recent);
bool recent_is_full(const struct recent *recent);
const struct recent_entry *recent_at(const struct recent *recent, size_t index);

/* row must be above all before. It may be full, but not twice so. */
void recent_add(
	struct recent *recent, uint64_t key, int64_t answered_ms, int64_t row);
/* Takes entries with rows above `row` back. */
void recent_back_to(struct recent *recent, int64_t row);
/* Takes one entry out; true if it was there. */
bool recent_take_out(struct recent *recent, uint64_t key, int64_t row);
/* The latest entry of the key with answered_ms before before_ms, or equal to it
 * with a row below `except` (any row where that is 0), but not `except`. NULL:
 * none. */
const struct recent_entry *recent_find(const struct recent *recent,
	uint64_t key, int64_t before_ms, int64_t except);
/* Indexes of all entries, sorted by key, time and row; the caller frees. */
uint32_t *recent_sorted(const struct recent *recent);

#endif
