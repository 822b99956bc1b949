/*
 * memory_counts - slots, buckets and places of the memory kind.
 */
#include <inttypes.h>

#include "base/memory.h"
#include "base/text.h"
#include "store/memory_kind.h"

bool
memory_put_slot(struct store_writer *base, int64_t id, const char *survey,
	const char *segment, const char *value, struct err *err)
{
	struct memory_store *store = memory_of(base);

	if (!memory_may_write(store, err))
		return false;
	for (size_t i = 0; i < table_count(store, TABLE_SLOTS); i++) {
		const struct kept_slot *slot = table_row(store, TABLE_SLOTS, i);

		if (slot->id == id ||
			(text_same(slot->survey, survey) &&
				text_same(slot->segment, segment) &&
				text_same(slot->value, value)))
			return err_set(err, "memory: slot %" PRId64 " exists",
				slot->id);
	}
	struct kept_slot *slot = mem_new(1, sizeof(*slot));

	slot->id = id;
	slot->survey = keep_text(&slot->kept, survey);
	slot->segment = keep_text(&slot->kept, segment);
	slot->value = keep_text(&slot->kept, value);
	table_append(store, TABLE_SLOTS, &slot->kept);
	return true;
}

bool
memory_each_slot(struct store_writer *base,
	void (*on_slot)(int64_t id, const char *survey, const char *segment,
		const char *value, void *context),
	void *context, struct err *err)
{
	struct memory_store *store = memory_of(base);

	(void)err;
	for (size_t i = 0; i < table_count(store, TABLE_SLOTS); i++) {
		const struct kept_slot *slot = table_row(store, TABLE_SLOTS, i);

		on_slot(slot->id, slot->survey, slot->segment, slot->value,
			context);
	}
	return true;
}

/* The index of the bucket, or of a new one. */
static size_t
find_bucket(const struct memory_store *store, int64_t slot,
	enum bucket_width width, int64_t bucket, struct counts *counts)
{
	size_t count = table_count(store, TABLE_BUCKETS);

	*counts = (struct counts){.of = {0}};
	for (size_t i = 0; i < count; i++) {
		const struct kept_bucket *kept =
			table_row(store, TABLE_BUCKETS, i);

		if (kept && kept->slot == slot && kept->width == width &&
			kept->bucket == bucket) {
			*counts = kept->counts;
			return i;
		}
	}
	return count;
}

static void
add_count(struct memory_store *store, const struct count_change *change)
{
	struct kept_bucket *kept = mem_new(1, sizeof(*kept));
	size_t index = find_bucket(store, change->slot, change->width,
		change->bucket, &kept->counts);

	kept->slot = change->slot;
	kept->width = change->width;
	kept->bucket = change->bucket;
	counts_add(&kept->counts, &change->delta, 1);
	table_put(store, TABLE_BUCKETS, index, &kept->kept);
}

bool
memory_add_counts(struct store_writer *base, const struct count_change *changes,
	size_t count, struct err *err)
{
	struct memory_store *store = memory_of(base);

	if (!memory_may_write(store, err))
		return false;
	for (size_t i = 0; i < count; i++)
		add_count(store, &changes[i]);
	return true;
}

/* The smallest slot above `above` that has buckets in the range; its sum. */
static bool
next_sum(const struct memory_store *store, enum bucket_width width,
	int64_t after, int64_t upto, int64_t above, int64_t *slot,
	struct counts *sum)
{
	bool found = false;

	for (size_t i = 0; i < table_count(store, TABLE_BUCKETS); i++) {
		const struct kept_bucket *kept =
			table_row(store, TABLE_BUCKETS, i);

		if (!kept || kept->width != width || kept->bucket <= after ||
			kept->bucket > upto || kept->slot <= above ||
			(found && kept->slot > *slot))
			continue;
		if (!found || kept->slot < *slot)
			*sum = (struct counts){.of = {0}};
		found = true;
		*slot = kept->slot;
		counts_add(sum, &kept->counts, 1);
	}
	return found;
}

bool
memory_sum_buckets(struct store_writer *base, enum bucket_width width,
	int64_t after, int64_t upto,
	void (*on_sum)(
		int64_t slot, const struct counts *counts, void *context),
	void *context, struct err *err)
{
	struct counts sum;
	int64_t slot = INT64_MIN;

	(void)err;
	while (next_sum(memory_of(base), width, after, upto, slot, &slot, &sum))
		on_sum(slot, &sum, context);
	return true;
}

bool
memory_prune_buckets(struct store_writer *base, enum bucket_width width,
	int64_t before, int limit, int *removed, struct err *err)
{
	struct memory_store *store = memory_of(base);

	*removed = 0;
	if (!memory_may_write(store, err))
		return false;
	for (size_t i = 0; i < table_count(store, TABLE_BUCKETS); i++) {
		const struct kept_bucket *kept =
			table_row(store, TABLE_BUCKETS, i);

		if (!kept || kept->width != width || kept->bucket >= before ||
			*removed == limit)
			continue;
		table_put(store, TABLE_BUCKETS, i, NULL);
		(*removed)++;
	}
	return true;
}

bool
memory_put_place(struct store_writer *base, const char *source, const char *key,
	const char *text, struct err *err)
{
	struct memory_store *store = memory_of(base);
	size_t count = table_count(store, TABLE_PLACES), index = count;
	struct kept_place *place = NULL;

	if (!memory_may_write(store, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		place = table_row(store, TABLE_PLACES, i);
		if (place && text_same(place->source, source) &&
			text_same(place->key, key))
			index = i;
	}
	if (!text && index == count)
		return true;
	place = NULL;
	if (text) {
		place = mem_new(1, sizeof(*place));
		place->source = keep_text(&place->kept, source);
		place->key = keep_text(&place->kept, key);
		place->place = keep_text(&place->kept, text);
	}
	table_put(store, TABLE_PLACES, index, place ? &place->kept : NULL);
	return true;
}

bool
memory_each_place(struct store_writer *base, const char *source,
	void (*on_place)(const char *key, const char *place, void *context),
	void *context, struct err *err)
{
	struct memory_store *store = memory_of(base);

	(void)err;
	for (size_t i = 0; i < table_count(store, TABLE_PLACES); i++) {
		const struct kept_place *place =
			table_row(store, TABLE_PLACES, i);

		if (place && text_same(place->source, source))
			on_place(place->key, place->place, context);
	}
	return true;
}
