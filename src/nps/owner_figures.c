/* owner_figures - how owners do with their follow-ups. */
#include "nps/owner_figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_value.h"
#include "base/memory.h"
#include "nps/recovery.h"

struct figured_owner {
	char *name; /* NULL: nobody's */
	struct owner_case *cases;
	size_t count;
};

struct owner_figures {
	struct figured_owner *owners;
	size_t count;
	json_t *numbers; /* name -> index */
	ssize_t nobody;	 /* index, or -1 */
};

struct owner_figures *
owner_figures_new(void)
{
	struct owner_figures *figures = mem_new(1, sizeof(*figures));

	figures->numbers = json_object();
	figures->nobody = -1;
	return figures;
}

void
owner_figures_free(struct owner_figures *figures)
{
	if (figures == NULL)
		return;
	for (size_t i = 0; i < figures->count; i++) {
		free(figures->owners[i].name);
		free(figures->owners[i].cases);
	}
	free(figures->owners);
	json_decref(figures->numbers);
	free(figures);
}

static struct figured_owner *
owner_at(struct owner_figures *figures, const char *name)
{
	const json_t *known =
		name != NULL ? json_object_get(figures->numbers, name) : NULL;

	if (known != NULL)
		return &figures->owners[json_integer_value(known)];
	if (name == NULL && figures->nobody >= 0)
		return &figures->owners[figures->nobody];
	figures->owners = mem_grow(figures->owners, figures->count + 1,
		sizeof(struct figured_owner));
	figures->owners[figures->count] =
		(struct figured_owner){.name = mem_strdup(name)};
	if (name != NULL)
		json_object_set_new(figures->numbers, name,
			json_integer((json_int_t)figures->count));
	else
		figures->nobody = (ssize_t)figures->count;
	return &figures->owners[figures->count++];
}

void
owner_figures_add(struct owner_figures *figures, const struct owner_case *one)
{
	struct figured_owner *owner = owner_at(figures, one->owner);

	owner->cases = mem_grow(
		owner->cases, owner->count + 1, sizeof(struct owner_case));
	owner->cases[owner->count] = *one;
	owner->cases[owner->count++].owner = NULL;
}

/* ---- telling ---- */

static int
by_time(const void *a, const void *b)
{
	int64_t one = *(const int64_t *)a, other = *(const int64_t *)b;

	return (one > other) - (one < other);
}

/* The nearest rank; times are sorted, count is at least 1. */
static int64_t
percentile(const int64_t *times, size_t count, double share)
{
	size_t rank = (size_t)ceil(share * (double)count);

	return times[rank > 0 ? rank - 1 : 0];
}

static void
set_count(json_t *row, const char *name, int64_t value, bool shown)
{
	json_object_set_new(
		row, name, shown ? json_integer(value) : json_null());
}

static void
add_times(json_t *row, int64_t *times, size_t count)
{
	bool shown = count >= RECOVERY_CASES_LEAST;

	qsort(times, count, sizeof(*times), by_time);
	set_count(row, "first_contact_median_s",
		shown ? percentile(times, count, 0.5) / MS_PER_SECOND : 0,
		shown);
	set_count(row, "first_contact_p90_s",
		shown ? percentile(times, count, 0.9) / MS_PER_SECOND : 0,
		shown);
}

static json_t *
owner_json(const struct figured_owner *owner, int64_t now_ms)
{
	int64_t *times = mem_new(owner->count + 1, sizeof(*times));
	int64_t contacted = 0, due = 0, in_time = 0, resolved = 0, lost = 0,
		recovered = 0;
	bool shown = owner->count >= RECOVERY_CASES_LEAST;
	json_t *row = json_object();

	for (size_t i = 0; i < owner->count; i++) {
		const struct owner_case *one = &owner->cases[i];

		if (one->contacted_ms > 0)
			times[contacted++] = one->contacted_ms - one->opened_ms;
		if (one->contact_by_ms > 0 &&
			(one->contacted_ms > 0 ||
				one->contact_by_ms < now_ms)) {
			due++;
			in_time += one->contacted_ms > 0 &&
				   one->contacted_ms <= one->contact_by_ms;
		}
		resolved += one->resolved;
		lost += one->lost;
		recovered += one->recovered;
	}
	json_object_set_new(row, "owner", json_text_or_null(owner->name));
	set_count(row, "cases", (int64_t)owner->count, true);
	set_count(row, "contacted", contacted, shown);
	set_count(row, "due", due, shown);
	shown = due >= RECOVERY_CASES_LEAST;
	set_count(row, "contacted_in_time", in_time, shown);
	json_object_set_new(row, "in_time_share",
		shown ? json_real(round(1000 * (double)in_time / (double)due) /
				  1000)
		      : json_null());
	add_times(row, times, (size_t)contacted);
	shown = owner->count >= RECOVERY_CASES_LEAST;
	set_count(row, "resolved", resolved, shown);
	set_count(row, "lost", lost, shown);
	set_count(row, "recovered", recovered, shown);
	free(times);
	return row;
}

static int
by_name(const void *a, const void *b)
{
	const struct figured_owner *one =
		*(const struct figured_owner *const *)a;
	const struct figured_owner *other =
		*(const struct figured_owner *const *)b;

	if (one->name == NULL || other->name == NULL)
		return (one->name == NULL) - (other->name == NULL);
	return strcmp(one->name, other->name);
}

json_t *
owner_figures_json(const struct owner_figures *figures, int64_t now_ms)
{
	const struct figured_owner **sorted =
		mem_new(figures->count + 1, sizeof(*sorted));
	json_t *rows = json_array();

	for (size_t i = 0; i < figures->count; i++)
		sorted[i] = &figures->owners[i];
	if (figures->count > 1)
		qsort(sorted, figures->count, sizeof(*sorted), by_name);
	for (size_t i = 0; i < figures->count; i++)
		json_array_append_new(rows, owner_json(sorted[i], now_ms));
	free(sorted);
	return rows;
}
