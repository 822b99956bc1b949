/* tally_figures - what is asked of a tally: windows, sums, groups, figures. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "nps/tally_private.h"

size_t
tally_window_count(const struct tally *tally)
{
	return tally->told_count;
}

const char *
tally_window_name(const struct tally *tally, size_t window)
{
	return tally->windows[window].window.name;
}

int
tally_window(const struct tally *tally, const char *name)
{
	for (size_t w = 0; w < tally->told_count; w++)
		if (strcmp(tally->windows[w].window.name, name) == 0)
			return (int)w;
	return -1;
}

bool
tally_sum_before(const struct tally *tally, int window, int64_t now_ms,
	tally_sum_fn sum,
	void (*on_sum)(int64_t slot, const struct counts *counts, void *to),
	void *to, void *context)
{
	enum bucket_width width;
	struct bucket_range range = window_before(
		&tally->windows[window].window, tally->zone, now_ms, &width);

	return sum(width, range.after, range.upto, on_sum, to, context);
}

bool
tally_has_segment(const struct tally *tally, const char *segment)
{
	return registry_segment(tally->registry, segment) >= 0;
}

struct group {
	const char *value;
	struct counts counts;
};

static int
compare_groups(const void *a, const void *b)
{
	const struct group *left = a, *right = b;

	return strcmp(left->value, right->value);
}

/* The slots of a segment that have answers in the window; the caller frees. */
static struct group *
groups_of(const struct tally *tally, const char *survey, size_t segment,
	size_t window, size_t *count)
{
	size_t slot_count;
	const struct registry_slot *slots =
		registry_slots(tally->registry, &slot_count);
	struct group *groups = mem_new(slot_count, sizeof(*groups));

	*count = 0;
	for (size_t i = 0; i < slot_count; i++) {
		const struct counts *sum = tally_sum_at(tally, i, window);

		if (slots[i].segment != segment || counts_are_none(sum))
			continue;
		if (survey && strcmp(survey, slots[i].survey) != 0)
			continue;
		groups[(*count)++] = (struct group){segment == REGISTRY_WHOLE
							    ? slots[i].survey
							    : slots[i].value,
			*sum};
	}
	return groups;
}

/* The sum of one slot; zero for id 0. */
static struct counts
sum_of(const struct tally *tally, int64_t id, size_t window)
{
	size_t row;

	return registry_index(tally->registry, id, &row)
		       ? *tally_sum_at(tally, row, window)
		       : (struct counts){.of = {0}};
}

void
tally_total(const struct tally *tally, const char *survey, int window,
	struct counts *counts)
{
	size_t slot_count;
	const struct registry_slot *slots =
		registry_slots(tally->registry, &slot_count);

	*counts = (struct counts){.of = {0}};
	if (window < 0 || (size_t)window >= tally->told_count)
		return;
	if (survey) {
		*counts = sum_of(tally,
			registry_find(
				tally->registry, survey, REGISTRY_WHOLE, ""),
			(size_t)window);
		return;
	}
	for (size_t i = 0; i < slot_count; i++)
		if (slots[i].segment == REGISTRY_WHOLE)
			counts_add(counts,
				tally_sum_at(tally, i, (size_t)window), 1);
}

void
tally_each(const struct tally *tally, const char *survey, const char *segment,
	int window,
	void (*on_group)(
		const char *value, const struct counts *counts, void *context),
	void *context)
{
	int number = registry_segment(tally->registry, segment);
	size_t count;

	if (number < 0 || window < 0 || (size_t)window >= tally->told_count)
		return;
	struct group *groups = groups_of(
		tally, survey, (size_t)number, (size_t)window, &count);

	qsort(groups, count, sizeof(*groups), compare_groups);
	for (size_t i = 0, next; i < count; i = next) {
		/* The same value of several surveys. */
		for (next = i + 1; next < count && compare_groups(&groups[i],
							   &groups[next]) == 0;
			next++)
			counts_add(&groups[i].counts, &groups[next].counts, 1);
		on_group(groups[i].value, &groups[i].counts, context);
	}
	free(groups);
}

void
tally_sum(const struct tally *tally, int64_t slot, int window,
	struct counts *counts)
{
	*counts = window >= 0 && (size_t)window < tally->window_count
			  ? sum_of(tally, slot, (size_t)window)
			  : (struct counts){.of = {0}};
}

void
tally_each_slot(const struct tally *tally, const char *segment,
	void (*on_slot)(int64_t id, const char *survey, const char *value,
		void *context),
	void *context)
{
	int number = registry_segment(tally->registry, segment);
	size_t count;
	const struct registry_slot *slots =
		registry_slots(tally->registry, &count);

	for (size_t i = 0; i < count; i++)
		if (number >= 0 && slots[i].segment == (size_t)number)
			on_slot(slots[i].id, slots[i].survey, slots[i].value,
				context);
}

void
tally_append_figures(
	const struct tally *tally, const char *survey, struct buf *out)
{
	buf_append_char(out, '{');
	for (size_t w = 0; w < tally->told_count; w++) {
		const char *name = tally->windows[w].window.name;
		struct counts counts;
		struct figures figures;

		tally_total(tally, survey, (int)w, &counts);
		figures_of(&counts, &figures);
		if (w > 0)
			buf_append_char(out, ',');
		json_append_string(out, name, strlen(name));
		buf_append_char(out, ':');
		figures_append_json(out, &figures);
	}
	buf_append_char(out, '}');
}

json_t *
tally_figures_json(const struct tally *tally, const char *survey)
{
	struct buf text = {0};
	json_t *object;

	tally_append_figures(tally, survey, &text);
	object = json_written(&text);
	buf_done(&text);
	return object;
}
