/*
 * registry - which slots there are: names to ids and back.
 *
 * A slot is (survey, segment, value); segments are numbers here, 0 the survey
 * as a whole (its value is ""). Names come from outside: they are kept in
 * seeded hash tables, and past a number of slots they become "other".
 * What is counted in a slot is the tally's.
 */
#ifndef NPSD_NPS_REGISTRY_H
#define NPSD_NPS_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REGISTRY_WHOLE = 0 };
#define REGISTRY_OTHER "other" /* survey or value past max_slots */

struct registry_slot {
	int64_t id;
	const char *survey; /* lent by the registry */
	const char *value;
	size_t segment;
};

/* Told of each new slot, so that it is written down; segment by its name. */
struct registry_news {
	void (*on_new)(int64_t id, const char *survey, const char *segment,
		const char *value, void *context);
	void *context;
};

struct registry;
/* The names of segments 1, 2, ... are copied. */
struct registry *registry_new(
	const char *const *segments, size_t segment_count, size_t max_slots);
void registry_free(struct registry *registry);

/* The number of a segment: 0 for NULL and "", -1 where there is none. */
int registry_segment(const struct registry *registry, const char *name);
/* The name of a segment; "" of REGISTRY_WHOLE. */
const char *registry_segment_name(
	const struct registry *registry, size_t segment);
size_t registry_segment_count(const struct registry *registry);

/* A slot as it was stored. One of a segment that is not configured is left
 * out, but its id is not given again. */
void registry_load(struct registry *registry, int64_t id, const char *survey,
	const char *segment, const char *value);
/*
 * The ids of an answer's slots: the survey's, then one for each segment whose
 * value is not NULL (values[0] is that of segment 1). New slots are made.
 * With max_slots there are no new surveys and values: "other" is made for them
 * in each segment of a survey, and with twice as many only in the survey
 * "other". Returns how many.
 */
size_t registry_slots_of(struct registry *registry, const char *survey,
	const char *const *values, int64_t *ids,
	const struct registry_news *news);
/* Forgets the slots with an id of `from` and above. */
void registry_drop(struct registry *registry, int64_t from);
int64_t registry_next_id(const struct registry *registry);

/* 0 where there is no such slot. */
int64_t registry_find(const struct registry *registry, const char *survey,
	size_t segment, const char *value);
/* All slots, by ascending id; valid until one is made or dropped. */
const struct registry_slot *registry_slots(
	const struct registry *registry, size_t *count);
/* Where an id stands among them. False if it is not there. */
bool registry_index(const struct registry *registry, int64_t id, size_t *index);

#endif
