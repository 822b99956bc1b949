/*
 * memory_tables - rows in memory, and how changes to them are taken back.
 */
#include "store/memory_tables.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

const char *
keep_bytes(struct kept *kept, const void *bytes, size_t length)
{
	if (!bytes)
		return NULL;
	assert(kept->count < KEPT_TEXTS_LIMIT);
	kept->texts[kept->count] = mem_copy(bytes, length);
	return kept->texts[kept->count++];
}

const char *
keep_text(struct kept *kept, const char *text)
{
	return keep_bytes(kept, text, text ? strlen(text) : 0);
}

void
kept_free(struct kept *kept)
{
	if (!kept)
		return;
	for (size_t i = 0; i < kept->count; i++)
		free(kept->texts[i]);
	free(kept);
}

void *
table_row(const struct memory_store *store, enum table_name table, size_t index)
{
	return store->tables[table].rows[index];
}

size_t
table_count(const struct memory_store *store, enum table_name table)
{
	return store->tables[table].count;
}

static void
log_change(struct memory_store *store, enum table_name table, size_t index,
	bool appended)
{
	if (store->log_count == store->log_capacity) {
		store->log_capacity = 2 * store->log_capacity + 16;
		store->log = mem_grow(
			store->log, store->log_capacity, sizeof(*store->log));
	}
	store->log[store->log_count++] = (struct change){.table = table,
		.index = index,
		.before = appended ? NULL : store->tables[table].rows[index],
		.appended = appended};
}

void
table_append(struct memory_store *store, enum table_name name, struct kept *row)
{
	struct table *table = &store->tables[name];

	log_change(store, name, table->count, true);
	if (table->count == table->capacity) {
		table->capacity = 2 * table->capacity + 16;
		table->rows = mem_grow(
			table->rows, table->capacity, sizeof(*table->rows));
	}
	table->rows[table->count++] = row;
}

void
table_put(struct memory_store *store, enum table_name name, size_t index,
	struct kept *row)
{
	if (index == table_count(store, name)) {
		table_append(store, name, row);
		return;
	}
	log_change(store, name, index, false);
	store->tables[name].rows[index] = row;
}

void
log_undo(struct memory_store *store, size_t count)
{
	while (store->log_count > count) {
		struct change *change = &store->log[--store->log_count];
		struct table *table = &store->tables[change->table];

		kept_free(table->rows[change->index]);
		table->rows[change->index] = change->before;
		if (change->appended)
			table->count--;
	}
}

void
log_clear(struct memory_store *store)
{
	for (size_t i = 0; i < store->log_count; i++)
		kept_free(store->log[i].before);
	store->log_count = 0;
}
