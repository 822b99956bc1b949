/* recovery - what became of customers who answer more than once. */
#include "nps/recovery.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "nps/movement.h"

#define EPISODE_MS (RECOVERY_DAYS * MS_PER_DAY)

struct entry {
	uint64_t key; /* of the customer */
	int64_t answered_ms;
	uint32_t order; /* the lower part of the row: of equal times */
	uint16_t survey;
	uint8_t category;
};

struct recovery {
	struct entry *entries;
	size_t count, capacity;
	json_t *surveys; /* name -> number */
	size_t name_count;
};

struct recovery *
recovery_new(void)
{
	struct recovery *recovery = mem_new(1, sizeof(*recovery));

	recovery->surveys = json_object();
	return recovery;
}

void
recovery_free(struct recovery *recovery)
{
	if (recovery == NULL)
		return;
	free(recovery->entries);
	json_decref(recovery->surveys);
	free(recovery);
}

/* FNV-1a with the finish of MurmurHash3: its last bytes mix badly. */
static uint64_t
key_of(const char *customer)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *customer != '\0'; customer++) {
		hash ^= (unsigned char)*customer;
		hash *= UINT64_C(0x100000001b3);
	}
	hash ^= hash >> 33;
	hash *= UINT64_C(0xff51afd7ed558ccd);
	return hash ^ hash >> 33;
}

/* -1: there are too many. */
static int
survey_number(struct recovery *recovery, const char *survey)
{
	const json_t *known = json_object_get(recovery->surveys, survey);

	if (known != NULL)
		return (int)json_integer_value(known);
	if (recovery->name_count == RECOVERY_SURVEYS_LIMIT ||
		json_object_set_new(recovery->surveys, survey,
			json_integer((json_int_t)recovery->name_count)) != 0)
		return -1;
	return (int)recovery->name_count++;
}

bool
recovery_add(struct recovery *recovery, const char *survey,
	const char *customer, int64_t answered_ms, enum category category,
	int64_t row)
{
	int number = survey_number(recovery, survey);

	if (number < 0)
		return true;
	if (recovery->count == RECOVERY_ANSWERS_LIMIT)
		return false;
	if (recovery->count == recovery->capacity) {
		recovery->capacity =
			recovery->capacity > 0 ? recovery->capacity * 2 : 1024;
		recovery->entries = mem_grow(recovery->entries,
			recovery->capacity, sizeof(struct entry));
	}
	recovery->entries[recovery->count++] = (struct entry){
		.key = key_of(customer),
		.answered_ms = answered_ms,
		.order = (uint32_t)row,
		.survey = (uint16_t)number,
		.category = (uint8_t)category,
	};
	return true;
}

static int
compare(const void *a, const void *b)
{
	const struct entry *one = a, *other = b;

	if (one->survey != other->survey)
		return one->survey < other->survey ? -1 : 1;
	if (one->key != other->key)
		return one->key < other->key ? -1 : 1;
	if (one->answered_ms != other->answered_ms)
		return one->answered_ms < other->answered_ms ? -1 : 1;
	return (one->order > other->order) - (one->order < other->order);
}

struct period {
	int64_t after_ms, upto_ms;
};

static bool
holds(const struct period *period, int64_t instant_ms)
{
	return instant_ms > period->after_ms && instant_ms <= period->upto_ms;
}

/* The answer at `at`, of which `before` is the one before or NULL. */
static void
count_answer(const struct period *period, const struct entry *before,
	const struct entry *at, struct recovery_figures *figures)
{
	if (!holds(period, at->answered_ms))
		return;
	if (before == NULL) {
		figures->first++;
		return;
	}
	figures->returning++;
	switch (movement_between(
		(enum category)before->category, (enum category)at->category)) {
	case MOVEMENT_UP:
		figures->up++;
		break;
	case MOVEMENT_DOWN:
		figures->down++;
		break;
	case MOVEMENT_SAME:
		figures->same++;
		break;
	}
	if (movement_repeats((enum category)before->category,
		    (enum category)at->category))
		figures->repeat_detractors++;
}

/* An episode that begins with `at`; the customer's answers end before `end`. */
static void
count_episode(const struct period *period, const struct entry *at,
	const struct entry *end, struct recovery_figures *figures)
{
	int64_t ends_ms = at->answered_ms + EPISODE_MS;
	bool again = false, recovered = false;

	if (!holds(period, ends_ms))
		return;
	for (const struct entry *next = at + 1;
		next < end && next->answered_ms <= ends_ms; next++) {
		again = true;
		recovered |= next->category != CATEGORY_DETRACTOR;
	}
	figures->episodes++;
	figures->answered_again += again;
	figures->recovered += recovered;
}

static const struct entry *
count_customer(const struct period *period, const struct entry *first,
	const struct entry *last, struct recovery_figures *figures)
{
	const struct entry *end = first;

	while (end < last && end->survey == first->survey &&
		end->key == first->key)
		end++;
	for (const struct entry *at = first; at < end; at++) {
		const struct entry *before = at > first ? at - 1 : NULL;

		count_answer(period, before, at, figures);
		if (at->category == CATEGORY_DETRACTOR &&
			(before == NULL ||
				before->category != CATEGORY_DETRACTOR))
			count_episode(period, at, end, figures);
	}
	return end;
}

struct name {
	const char *text;
	struct recovery_figures figures;
};

static int
by_name(const void *a, const void *b)
{
	return strcmp(
		((const struct name *)a)->text, ((const struct name *)b)->text);
}

void
recovery_read(struct recovery *recovery, int64_t after_ms, int64_t upto_ms,
	void (*on_survey)(const char *survey,
		const struct recovery_figures *figures, void *context),
	void *context)
{
	struct period period = {after_ms, upto_ms};
	struct name *names =
		mem_new(recovery->name_count + 1, sizeof(struct name));
	const struct entry *at = recovery->entries;
	const struct entry *end = at + recovery->count;
	const char *text;
	json_t *number;

	json_object_foreach(recovery->surveys, text, number)
		names[json_integer_value(number)]
			.text = text;
	if (recovery->count > 0)
		qsort(recovery->entries, recovery->count, sizeof(struct entry),
			compare);
	while (at < end)
		at = count_customer(
			&period, at, end, &names[at->survey].figures);
	qsort(names, recovery->name_count, sizeof(struct name), by_name);
	for (size_t i = 0; i < recovery->name_count; i++)
		on_survey(names[i].text, &names[i].figures, context);
	free(names);
}

bool
recovery_recovered(const struct recovery *recovery, const char *survey,
	const char *customer, int64_t since_ms)
{
	const json_t *number = json_object_get(recovery->surveys, survey);
	struct entry wanted = {.key = key_of(customer),
		.answered_ms = since_ms + 1,
		.survey = (uint16_t)json_integer_value(number)};
	size_t low = 0, high = recovery->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&recovery->entries[middle], &wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; number != NULL && low < recovery->count; low++) {
		const struct entry *at = &recovery->entries[low];

		if (at->survey != wanted.survey || at->key != wanted.key ||
			at->answered_ms > since_ms + EPISODE_MS)
			return false;
		if (at->category != CATEGORY_DETRACTOR)
			return true;
	}
	return false;
}

void
recovery_sum(struct recovery_figures *sum, const struct recovery_figures *more)
{
	sum->first += more->first;
	sum->returning += more->returning;
	sum->up += more->up;
	sum->down += more->down;
	sum->same += more->same;
	sum->repeat_detractors += more->repeat_detractors;
	sum->episodes += more->episodes;
	sum->answered_again += more->answered_again;
	sum->recovered += more->recovered;
}

/* ---- telling ---- */

static void
set_if(json_t *object, const char *name, int64_t value, bool shown)
{
	json_object_set_new(
		object, name, shown ? json_integer(value) : json_null());
}

json_t *
recovery_json(const struct recovery_figures *figures)
{
	json_t *object = json_object();
	bool many = figures->returning >= RECOVERY_CASES_LEAST;
	bool cases = figures->episodes >= RECOVERY_CASES_LEAST;
	double share =
		cases ? (double)figures->recovered / (double)figures->episodes
		      : 0;

	set_if(object, "new", figures->first, true);
	set_if(object, "returning", figures->returning, true);
	set_if(object, "up", figures->up, many);
	set_if(object, "down", figures->down, many);
	set_if(object, "same", figures->same, many);
	set_if(object, "repeat_detractors", figures->repeat_detractors, many);
	set_if(object, "episodes", figures->episodes, true);
	set_if(object, "answered_again", figures->answered_again, cases);
	set_if(object, "recovered", figures->recovered, cases);
	json_object_set_new(object, "recovered_share",
		cases ? json_real(round(share * 1000) / 1000) : json_null());
	return object;
}
