/*
 * registry - names of slots to ids and back. It counts nothing.
 *
 *	surveys {"relationship": [ {"": 1},              whole
 *	                           {"NL": 2, "BE": 5},   segment 1
 *	                           null ]}               segment 2: none yet
 *
 * jansson's objects are the hash tables, since they are seeded; the keys in
 * them are the only copies of the names, and stay where they are until they
 * are deleted.
 */
#include "nps/registry.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* What was found last under a name: most answers name what others named just
 * before, and a seeded hash takes longer than all else here. */
struct registry_memo {
	const json_t *tables;
	size_t segment;
	const char *value; /* the registry's own copy */
	int64_t id;
};

enum { MEMO_PLACES = 512 }; /* a power of two */

struct registry {
	char **segments;
	size_t segment_count;
	size_t max_slots;
	int64_t next_id;
	json_t *surveys;
	struct registry_slot *slots; /* by id */
	size_t count, capacity;
	struct registry_memo memo[MEMO_PLACES];
};

struct registry *
registry_new(
	const char *const *segments, size_t segment_count, size_t max_slots)
{
	struct registry *registry = mem_new(1, sizeof(*registry));

	registry->segments = mem_new(segment_count, sizeof(char *));
	for (size_t i = 0; i < segment_count; i++)
		registry->segments[i] = mem_strdup(segments[i]);
	registry->segment_count = segment_count;
	registry->max_slots = max_slots;
	registry->next_id = 1;
	registry->surveys = json_object();
	return registry;
}

void
registry_free(struct registry *registry)
{
	if (!registry)
		return;
	for (size_t i = 0; i < registry->segment_count; i++)
		free(registry->segments[i]);
	free(registry->segments);
	json_decref(registry->surveys);
	free(registry->slots);
	free(registry);
}

int
registry_segment(const struct registry *registry, const char *name)
{
	if (!name || !*name)
		return REGISTRY_WHOLE;
	for (size_t i = 0; i < registry->segment_count; i++)
		if (strcmp(registry->segments[i], name) == 0)
			return (int)i + 1;
	return -1;
}

const char *
registry_segment_name(const struct registry *registry, size_t segment)
{
	return segment == REGISTRY_WHOLE ? "" : registry->segments[segment - 1];
}

size_t
registry_segment_count(const struct registry *registry)
{
	return registry->segment_count;
}

/* --- the tables of names --- */

static json_t *
tables_of(const struct registry *registry, const char *survey)
{
	return json_object_get(registry->surveys, survey);
}

/* 0 if it is not there; tables may be NULL. */
static int64_t
find(const json_t *tables, size_t segment, const char *value)
{
	const json_t *table = json_array_get(tables, segment);

	return json_integer_value(json_object_get(table, value));
}

static struct registry_memo *
memo_place(struct registry *registry, const json_t *tables, size_t segment,
	const char *value)
{
	uint64_t hash = ((uintptr_t)tables >> 4) + segment * 0x9e37;

	/* It need not be hard to guess: a place that two names share costs
	 * them a look-up and nothing else. */
	for (; *value; value++)
		hash = (hash ^ (unsigned char)*value) *
		       UINT64_C(0x100000001b3); /* FNV-1a */
	return &registry->memo[(hash ^ hash >> 32) % MEMO_PLACES];
}

/* As find, quicker the second time. */
static int64_t
find_again(struct registry *registry, const json_t *tables, size_t segment,
	const char *value)
{
	struct registry_memo *memo =
		memo_place(registry, tables, segment, value);
	size_t index;

	if (memo->id && memo->tables == tables && memo->segment == segment &&
		!strcmp(memo->value, value))
		return memo->id;
	int64_t id = find(tables, segment, value);

	if (id && registry_index(registry, id, &index))
		*memo = (struct registry_memo){
			tables, segment, registry->slots[index].value, id};
	return id;
}

static json_t *
make_tables(struct registry *registry, const char *survey)
{
	json_t *tables = json_array();

	for (size_t i = 0; i <= registry->segment_count; i++)
		json_array_append_new(tables, json_null());
	json_object_set_new_nocheck(registry->surveys, survey, tables);
	return tables;
}

static json_t *
make_table(json_t *tables, size_t segment)
{
	json_t *table = json_array_get(tables, segment);

	if (json_is_object(table))
		return table;
	table = json_object();
	json_array_set_new(tables, segment, table);
	return table;
}

/* The copy of the key that the object holds. */
static const char *
kept_key(json_t *object, const char *key)
{
	return json_object_iter_key(json_object_iter_at(object, key));
}

static void
forget_names(struct registry *registry, const struct registry_slot *slot)
{
	json_t *tables = tables_of(registry, slot->survey);

	json_object_del(json_array_get(tables, slot->segment), slot->value);
	for (size_t i = 0; i <= registry->segment_count; i++)
		if (json_object_size(json_array_get(tables, i)))
			return;
	json_object_del(registry->surveys, slot->survey);
}

/* --- the slots --- */

/* The first place whose id is not below `id`. Ids nearly always follow each
 * other without gaps, so the guess is right. */
static size_t
place_of(const struct registry *registry, int64_t id)
{
	const struct registry_slot *slots = registry->slots;
	size_t low = 0, high = registry->count;

	if (high && id >= slots[0].id) {
		uint64_t guess = (uint64_t)id - (uint64_t)slots[0].id;

		if (guess < high && slots[guess].id == id)
			return (size_t)guess;
	}
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (slots[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool
registry_index(const struct registry *registry, int64_t id, size_t *index)
{
	size_t place = place_of(registry, id);

	if (place == registry->count || registry->slots[place].id != id)
		return false;
	*index = place;
	return true;
}

/* Room for one more slot at a place. */
static struct registry_slot *
open_place(struct registry *registry, size_t place)
{
	if (registry->count == registry->capacity) {
		registry->capacity =
			registry->capacity ? 2 * registry->capacity : 16;
		registry->slots = mem_grow(registry->slots, registry->capacity,
			sizeof(*registry->slots));
	}
	struct registry_slot *slot = &registry->slots[place];

	memmove(slot + 1, slot, (registry->count - place) * sizeof(*slot));
	registry->count++;
	return slot;
}

static void
add(struct registry *registry, int64_t id, const char *survey, size_t segment,
	const char *value)
{
	json_t *tables = tables_of(registry, survey);

	if (!tables)
		tables = make_tables(registry, survey);
	json_t *table = make_table(tables, segment);

	json_object_set_new_nocheck(table, value, json_integer(id));
	*open_place(registry, place_of(registry, id)) = (struct registry_slot){
		.id = id,
		.survey = kept_key(registry->surveys, survey),
		.segment = segment,
		.value = kept_key(table, value),
	};
}

void
registry_load(struct registry *registry, int64_t id, const char *survey,
	const char *segment, const char *value)
{
	int number = registry_segment(registry, segment);
	size_t index;

	if (id >= registry->next_id)
		registry->next_id = id + 1;
	if (number < 0 || registry_index(registry, id, &index) ||
		find(tables_of(registry, survey), (size_t)number, value))
		return;
	add(registry, id, survey, (size_t)number, value);
}

static int64_t
make(struct registry *registry, const char *survey, size_t segment,
	const char *value, const struct registry_news *news)
{
	int64_t id = registry->next_id++;

	add(registry, id, survey, segment, value);
	if (news->on_new)
		news->on_new(id, survey,
			registry_segment_name(registry, segment), value,
			news->context);
	return id;
}

/* *survey becomes "other" where there is no room for it; *tables are its. */
static int64_t
survey_slot(struct registry *registry, const char **survey,
	const json_t **tables, const struct registry_news *news)
{
	*tables = tables_of(registry, *survey);
	int64_t id = find_again(registry, *tables, REGISTRY_WHOLE, "");

	if (id)
		return id;
	if (registry->count >= registry->max_slots) {
		*survey = REGISTRY_OTHER;
		id = find(tables_of(registry, *survey), REGISTRY_WHOLE, "");
	}
	if (!id)
		id = make(registry, *survey, REGISTRY_WHOLE, "", news);
	*tables = tables_of(registry, *survey);
	return id;
}

/* A value that has no slot yet: the first choice that there is or may be. */
static int64_t
new_value_slot(struct registry *registry, const char *survey, size_t segment,
	const char *value, const struct registry_news *news)
{
	const struct {
		const char *survey, *value;
		bool allowed;
	} choices[] = {
		{survey, value, registry->count < registry->max_slots},
		{survey, REGISTRY_OTHER,
			registry->count / 2 < registry->max_slots},
		{REGISTRY_OTHER, REGISTRY_OTHER, true},
	};

	for (size_t i = 0;; i++) {
		int64_t id = find(tables_of(registry, choices[i].survey),
			segment, choices[i].value);

		if (id)
			return id;
		if (choices[i].allowed)
			return make(registry, choices[i].survey, segment,
				choices[i].value, news);
	}
}

size_t
registry_slots_of(struct registry *registry, const char *survey,
	const char *const *values, int64_t *ids,
	const struct registry_news *news)
{
	const json_t *tables;
	size_t count = 0;

	ids[count++] = survey_slot(registry, &survey, &tables, news);

	for (size_t i = 0; i < registry->segment_count; i++) {
		if (!values[i])
			continue;
		int64_t id = find_again(registry, tables, i + 1, values[i]);

		ids[count++] = id ? id
				  : new_value_slot(registry, survey, i + 1,
					    values[i], news);
	}
	return count;
}

void
registry_drop(struct registry *registry, int64_t from)
{
	if (from < registry->next_id)
		memset(registry->memo, 0, sizeof(registry->memo));
	while (registry->count &&
		registry->slots[registry->count - 1].id >= from)
		forget_names(registry, &registry->slots[--registry->count]);
	if (from < registry->next_id)
		registry->next_id = from;
}

int64_t
registry_next_id(const struct registry *registry)
{
	return registry->next_id;
}

int64_t
registry_find(const struct registry *registry, const char *survey,
	size_t segment, const char *value)
{
	return find(tables_of(registry, survey), segment, value);
}

const struct registry_slot *
registry_slots(const struct registry *registry, size_t *count)
{
	*count = registry->count;
	return registry->slots;
}
