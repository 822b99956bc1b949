/*
 * recent - entries in order of arrival, chained by key.
 */
#include "store/recent.h"

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"

enum {
	HEADS = 2 * RECENT_LIMIT,
	BIN_BITS = 13, /* so that a full one has about four entries a bin */
	BINS = 1 << BIN_BITS,
};

struct recent {
	struct recent_entry *entries;
	size_t count, capacity;
	uint32_t *heads; /* index + 1 of a chain's newest; 0: free */
};

struct recent *
recent_new(void)
{
	return mem_new(1, sizeof(struct recent));
}

void
recent_free(struct recent *recent)
{
	if (!recent)
		return;
	free(recent->entries);
	free(recent->heads);
	free(recent);
}

size_t
recent_count(const struct recent *recent)
{
	return recent->count;
}

bool
recent_is_full(const struct recent *recent)
{
	return recent->count >= RECENT_LIMIT;
}

const struct recent_entry *
recent_at(const struct recent *recent, size_t index)
{
	return &recent->entries[index];
}

/* Where the chain of the key starts, or would. Chains are never emptied but
 * from the end of all entries backwards, so that no hole can hide another. */
static uint32_t *
find_head(const struct recent *recent, uint64_t key)
{
	for (size_t at = (size_t)key;; at++) {
		uint32_t *head = &recent->heads[at % HEADS];

		if (!*head || recent->entries[*head - 1].key == key)
			return head;
	}
}

/* Grows with what is in it, so that an idle store holds little. */
static void
make_room(struct recent *recent)
{
	if (!recent->heads)
		recent->heads = mem_new(HEADS, sizeof(*recent->heads));
	if (recent->count < recent->capacity)
		return;
	recent->capacity = recent->capacity ? 2 * recent->capacity : 256;
	recent->entries = mem_grow(
		recent->entries, recent->capacity, sizeof(*recent->entries));
}

void
recent_add(
	struct recent *recent, uint64_t key, int64_t answered_ms, int64_t row)
{
	assert(recent->count < HEADS - 1);
	make_room(recent);
	uint32_t *head = find_head(recent, key);
	struct recent_entry *entry = &recent->entries[recent->count++];

	*entry = (struct recent_entry){.key = key,
		.answered_ms = answered_ms,
		.row = row,
		.latest_ms = answered_ms,
		.prev = *head};
	if (*head && recent->entries[*head - 1].latest_ms > answered_ms)
		entry->latest_ms = recent->entries[*head - 1].latest_ms;
	*head = (uint32_t)recent->count;
}

void
recent_back_to(struct recent *recent, int64_t row)
{
	while (recent->count) {
		struct recent_entry *last = &recent->entries[recent->count - 1];

		/* One that was taken out does not tell; it may stay. */
		if (last->row <= row)
			return;
		*find_head(recent, last->key) = last->prev;
		recent->count--;
	}
}

bool
recent_take_out(struct recent *recent, uint64_t key, int64_t row)
{
	if (!recent->heads)
		return false;
	for (uint32_t at = *find_head(recent, key); at;
		at = recent->entries[at - 1].prev) {
		if (recent->entries[at - 1].row != row)
			continue;
		recent->entries[at - 1].row = 0;
		return true;
	}
	return false;
}

static bool
is_before(const struct recent_entry *entry, int64_t before_ms, int64_t except)
{
	if (entry->row == 0 || entry->row == except)
		return false;
	if (entry->answered_ms == before_ms)
		return except == 0 || entry->row < except;
	return entry->answered_ms < before_ms;
}

const struct recent_entry *
recent_find(const struct recent *recent, uint64_t key, int64_t before_ms,
	int64_t except)
{
	const struct recent_entry *best = NULL;

	if (!recent->heads)
		return NULL;
	for (uint32_t at = *find_head(recent, key); at;) {
		const struct recent_entry *entry = &recent->entries[at - 1];

		/* Of equal times the first met has the higher row. */
		if (best && best->answered_ms >= entry->latest_ms)
			break;
		if (is_before(entry, before_ms, except) &&
			(!best || entry->answered_ms > best->answered_ms))
			best = entry;
		at = entry->prev;
	}
	return best;
}

static int
compare(const void *a, const void *b, void *context)
{
	const struct recent_entry *entries = context;
	const struct recent_entry *left = &entries[*(const uint32_t *)a];
	const struct recent_entry *right = &entries[*(const uint32_t *)b];

	if (left->key != right->key) /* as SQLite sorts them: signed */
		return (int64_t)left->key < (int64_t)right->key ? -1 : 1;
	if (left->answered_ms != right->answered_ms)
		return left->answered_ms < right->answered_ms ? -1 : 1;
	return left->row < right->row ? -1 : left->row > right->row;
}

/* The first bits of a key in the order of compare. */
static size_t
bin_of(uint64_t key)
{
	return (size_t)((key ^ UINT64_C(1) << 63) >> (64 - BIN_BITS));
}

/* Keys are hashes: by their first bits alone they are nearly sorted, and only
 * the few that share these are compared. */
uint32_t *
recent_sorted(const struct recent *recent)
{
	uint32_t *order = mem_new(recent->count + 1, sizeof(*order));
	uint32_t *ends = mem_new(BINS, sizeof(*ends));

	for (size_t i = 0; i < recent->count; i++)
		ends[bin_of(recent->entries[i].key)]++;
	for (size_t bin = 1; bin < BINS; bin++)
		ends[bin] += ends[bin - 1];
	for (size_t i = recent->count; i-- > 0;)
		order[--ends[bin_of(recent->entries[i].key)]] = (uint32_t)i;
	/* Each end stands where its bin begins now. */
	for (size_t bin = 0; bin < BINS; bin++) {
		uint32_t end = bin + 1 < BINS ? ends[bin + 1]
					      : (uint32_t)recent->count;

		if (end - ends[bin] > 1)
			qsort_r(order + ends[bin], end - ends[bin],
				sizeof(*order), compare, recent->entries);
	}
	free(ends);
	return order;
}
