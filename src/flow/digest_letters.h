/*
 * digest_letters - what was read, made into letters: one to those who read all,
 * one to the readers of each value of the segment.
 */
#ifndef NPSD_FLOW_DIGEST_LETTERS_H
#define NPSD_FLOW_DIGEST_LETTERS_H

#include "conf/language.h"
#include "flow/digest_gather.h"
#include "flow/digest_job.h"

/* How this one came about. */
struct digest_occasion {
	int64_t due_ms;
	bool late, by_hand;
	int missed;
	struct schedule_period period;
};

/* Adds the letters to the job. */
void digest_letters_make(struct digest_job *job, const struct digest_plan *plan,
	const struct digest_occasion *occasion,
	const struct digest_gathered *gathered,
	const struct language *language);
/* Of the API and --json. New. */
json_t *digest_letters_json(const struct digest_job *job);

#endif
