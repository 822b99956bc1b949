/* digest_report - what one digest tells, before it is put into words. */
#include "nps/digest_report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_value.h"
#include "base/memory.h"
#include "base/time.h"
#include "nps/figures.h"
#include "nps/significance.h"

/* ---- groups ---- */

struct digest_group *
digest_groups_at(struct digest_groups *groups, const char *name)
{
	for (size_t i = 0; i < groups->count; i++)
		if (strcmp(groups->items[i].name, name) == 0)
			return &groups->items[i];
	groups->items = mem_grow(
		groups->items, groups->count + 1, sizeof(struct digest_group));
	groups->items[groups->count] =
		(struct digest_group){.name = mem_strdup(name)};
	return &groups->items[groups->count++];
}

void
digest_groups_done(struct digest_groups *groups)
{
	for (size_t i = 0; i < groups->count; i++)
		free(groups->items[i].name);
	free(groups->items);
	*groups = (struct digest_groups){NULL, 0};
}

static int
compare(const void *a, const void *b)
{
	const struct digest_group *one = a, *other = b;
	int64_t first = counts_total(&one->now),
		second = counts_total(&other->now);

	if (first != second)
		return first > second ? -1 : 1;
	return strcmp(one->name, other->name);
}

void
digest_groups_sort(struct digest_groups *groups)
{
	if (groups->count > 1)
		qsort(groups->items, groups->count, sizeof(*groups->items),
			compare);
}

/* ---- what is usual ---- */

int
digest_report_step(const struct schedule *schedule)
{
	int step = 0;

	for (int i = 0; i < 7; i++)
		step += schedule->weekdays[i];
	return step > 0 ? step : 1;
}

double
digest_report_usual(const struct digest_group *group)
{
	return (double)group->earlier / DIGEST_EARLIER;
}

bool
digest_report_is_silent(const struct digest_group *group)
{
	return counts_total(&group->now) == 0 &&
	       digest_report_usual(group) >= DIGEST_SILENCE_LEAST;
}

/* ---- as JSON ---- */

static json_t *
counts_json(const struct counts *counts)
{
	struct figures figures;

	figures_of(counts, &figures);
	return figures_json(&figures);
}

static json_t *
change_json(const struct digest_group *group)
{
	struct score_change change;

	if (counts_total(&group->now) == 0 || counts_total(&group->then) == 0)
		return json_null();
	significance_change(&group->now, &group->then, &change);
	return significance_change_json(&change);
}

static json_t *
group_json(const struct digest_group *group)
{
	struct class_mix mix;

	significance_mix(&group->now, &group->then, &mix);
	return json_pack("{s:s?, s:o, s:o, s:o, s:o, s:f, s:b}", "name",
		group->name, "now", counts_json(&group->now), "then",
		counts_json(&group->then), "change", change_json(group), "mix",
		significance_mix_json(&mix), "usual_responses",
		digest_report_usual(group), "silent",
		digest_report_is_silent(group));
}

static json_t *
groups_json(const struct digest_groups *groups)
{
	json_t *list = json_array();

	for (size_t i = 0; i < groups->count; i++)
		json_array_append_new(list, group_json(&groups->items[i]));
	return list;
}

static json_t *
comments_json(const struct digest_report *report)
{
	json_t *list = json_array();

	for (size_t i = 0; i < report->comment_count; i++) {
		const struct digest_comment *one = &report->comments[i];

		json_array_append_new(list,
			json_pack("{s:i, s:s, s:o, s:s}", "score", one->score,
				"survey", one->survey, "answered_at",
				json_time(one->answered_ms), "comment",
				one->text));
	}
	return list;
}

static json_t *
follow_ups_json(const struct digest_report *report)
{
	json_t *reasons;

	if (!report->follow_ups.known)
		return json_null();
	reasons = json_object();
	for (size_t i = 0; i < report->follow_ups.reason_count; i++)
		json_object_set_new(reasons, report->follow_ups.reasons[i].name,
			json_integer(report->follow_ups.reasons[i].count));
	return json_pack("{s:I, s:I, s:f, s:o}", "open",
		(json_int_t)report->follow_ups.open, "overdue",
		(json_int_t)report->follow_ups.overdue, "account_value",
		report->follow_ups.value, "reasons", reasons);
}

json_t *
digest_report_json(const struct digest_report *report)
{
	const struct digest_plan *plan = report->plan;
	json_t *object = json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:b, "
				   "s:i, s:b}",
		"name", plan->name, "survey", json_text_or_null(plan->survey),
		"by", json_text_or_null(plan->by), "value",
		json_text_or_null(report->value), "due_at",
		json_time(report->due_ms), "from",
		json_time(report->period.from_ms), "to",
		json_time(report->period.to_ms), "late", report->late, "missed",
		report->missed, "by_hand", report->by_hand);

	json_object_set_new(object, "benchmark",
		plan->benchmark.given ? json_real(plan->benchmark.points)
				      : json_null());
	json_object_set_new(object, "total", group_json(&report->total));
	json_object_set_new(object,
		report->groups_are_surveys ? "surveys" : "groups",
		groups_json(&report->groups));
	json_object_set_new(object, "silent", groups_json(&report->silent));
	json_object_set_new(object, "comments", comments_json(report));
	json_object_set_new(object, "recovery",
		report->has_recovery ? recovery_json(&report->recovery)
				     : json_null());
	json_object_set_new(object, "follow_ups", follow_ups_json(report));
	return object;
}
