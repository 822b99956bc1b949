/*
 * recovery - what became of customers who answer more than once: new and
 * returning ones, who moved up or down, which detractors recovered.
 *
 * Answers are put in any order, then read once. An episode begins with a
 * detractor's answer where the one before was none's, or there was none; it is
 * recovered if any answer within RECOVERY_DAYS of its beginning is not a
 * detractor's. It is counted in the period in which these days end, so that
 * every one had the same time.
 */
#ifndef NPSD_NPS_RECOVERY_H
#define NPSD_NPS_RECOVERY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"
#include "nps/category.h"

enum {
	RECOVERY_DAYS = 90,
	/* Of fewer nothing is told: it would tell of persons. */
	RECOVERY_CASES_LEAST = 10,
	RECOVERY_SURVEYS_LIMIT = 1000, /* further ones are not counted */
	/* 24 bytes each; older ones are left out. */
	RECOVERY_ANSWERS_LIMIT = 1000 * 1000,
};

struct recovery_figures {
	/* Answers in the period by customers who are known by name. */
	int64_t first, returning; /* without and with one before */
	int64_t up, down, same;	  /* of the returning ones, by class */
	int64_t repeat_detractors;
	/* Episodes whose days ended in the period. */
	int64_t episodes, answered_again, recovered;
};

struct recovery;
struct recovery *recovery_new(void);
void recovery_free(struct recovery *recovery);
/* False: it is full, and this one and older ones are not counted. Put newest
 * first (by arrival: a rising row), so that the newest are those that count. */
bool recovery_add(struct recovery *recovery, const char *survey,
	const char *customer, int64_t answered_ms, enum category category,
	int64_t row);
/* Figures of the period (after, upto], by survey in the order of their names.
 * Nothing can be added afterwards. */
void recovery_read(struct recovery *recovery, int64_t after_ms, int64_t upto_ms,
	void (*on_survey)(const char *survey,
		const struct recovery_figures *figures, void *context),
	void *context);
/* Once it was read: whether the customer gave an answer that is no detractor's
 * after that time and within RECOVERY_DAYS of it. */
bool recovery_recovered(const struct recovery *recovery, const char *survey,
	const char *customer, int64_t since_ms);
void recovery_sum(
	struct recovery_figures *sum, const struct recovery_figures *more);

/* {"new":12,"returning":30,"up":..,"down":..,"same":..,"repeat_detractors":..,
 * "episodes":12,"answered_again":8,"recovered":5,"recovered_share":0.417}. What
 * stands on fewer than RECOVERY_CASES_LEAST cases is null. New. */
json_t *recovery_json(const struct recovery_figures *figures);

#endif
