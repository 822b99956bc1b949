/*
 * digest_report - what one digest tells, before it is put into words: figures of
 * its days and of those before, what is usual, comments, follow-ups.
 */
#ifndef NPSD_NPS_DIGEST_REPORT_H
#define NPSD_NPS_DIGEST_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nps/counts.h"
#include "nps/digest_plan.h"
#include "nps/recovery.h"
#include "nps/schedule.h"

enum {
	/* The periods that tell what is usual. */
	DIGEST_EARLIER = 4,
	/* Where so many answers a period are usual, none is no chance: less
	 * than once in 20,000 by Poisson's distribution. */
	DIGEST_SILENCE_LEAST = 10,
	DIGEST_GROUPS_LIMIT = 12, /* shown, the largest first */
	DIGEST_REASONS_LIMIT = 8,
	DIGEST_COMMENT_BYTES = 400,
};

struct digest_group {
	char *name; /* a survey, or a value of the segment */
	struct counts now, then;
	int64_t earlier; /* answers in the DIGEST_EARLIER periods */
};
struct digest_groups {
	struct digest_group *items;
	size_t count;
};
/* The one of this name, added where it is missing. */
struct digest_group *digest_groups_at(
	struct digest_groups *groups, const char *name);
void digest_groups_done(struct digest_groups *groups);

struct digest_comment {
	int score;
	int64_t answered_ms;
	const char *survey, *text; /* without personal data */
};

struct digest_reason {
	const char *name;
	int64_t count;
};

struct digest_report {
	const struct digest_plan *plan;
	const char *value; /* of plan->by, that it is about alone; or NULL */
	int64_t due_ms;
	bool late, by_hand;
	int missed; /* before it */
	struct schedule_period period;
	struct digest_group total;
	/* Its surveys, or values of the segment; the largest first. */
	struct digest_groups groups;
	bool groups_are_surveys;
	/* Surveys that have fallen silent. */
	struct digest_groups silent;
	struct digest_comment comments[DIGEST_COMMENTS_LIMIT];
	size_t comment_count;
	bool has_recovery;
	struct recovery_figures recovery;
	struct {
		bool known;
		int64_t open, overdue;
		double value; /* of the accounts behind those */
		struct digest_reason reasons[DIGEST_REASONS_LIMIT];
		size_t reason_count;
	} follow_ups;
};

/* How many periods back the one lies that is compared with: `step` counts the
 * times of a week, so that a Sunday is compared with Sundays. */
int digest_report_step(const struct schedule *schedule);
/* Answers that are usual in a period. */
double digest_report_usual(const struct digest_group *group);
/* True if there were none, though there always are. */
bool digest_report_is_silent(const struct digest_group *group);
/* Sorts groups, cuts none. */
void digest_groups_sort(struct digest_groups *groups);

/* What a webhook sees as .digest, and --json shows. New. */
json_t *digest_report_json(const struct digest_report *report);

#endif
