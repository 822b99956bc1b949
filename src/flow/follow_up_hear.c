/* follow_up_hear - what another system says of a follow-up. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "flow/follow_ups.h"
#include "nps/follow_up_record.h"

/* The record as a tree; a new reference or NULL. */
static json_t *
tree_of(const struct batch *batch, const struct record *record)
{
	struct json_fault fault;

	if (record->value != NULL)
		return json_incref(record->value);
	return json_read(
		batch->bytes.data + record->offset, record->length, &fault);
}

static void
refuse(struct rejection *why, const char *pointer, const char *text)
{
	why->reason = REJECTED_FIELD;
	why->offset_known = false;
	snprintf(why->pointer, sizeof(why->pointer), "%s", pointer);
	size_t length = text_cut(text, strlen(text), sizeof(why->text) - 1);

	memcpy(why->text, text, length);
	why->text[length] = '\0';
}

/* The same way as everybody else. */
static bool
apply(struct keeping *keeping, const struct batch *batch,
	const struct follow_up_record *heard, struct record *record,
	bool *taken, struct err *err)
{
	const char *survey =
		heard->survey != NULL ? heard->survey : batch_survey(batch);
	struct follow_up_change change = heard->change;
	struct follow_up_job *job =
		heard->row != 0 ? follow_up_job_new(heard->row)
				: follow_up_job_of_answer(survey, heard->id);
	bool good;

	if (change.who == NULL)
		change.who = batch_source(batch);
	follow_up_job_change(job, &change);
	good = follow_ups_run(keeping, job, err);
	*taken = good && (job->end == FOLLOW_UP_CHANGED ||
				 job->end == FOLLOW_UP_UNCHANGED);
	record->standing = job->end == FOLLOW_UP_CHANGED ? STANDING_AMENDS
							 : STANDING_DUPLICATE;
	if (good && job->end == FOLLOW_UP_REFUSED)
		refuse(&record->rejection, "/state", job->refusal.text);
	else if (good && !*taken)
		refuse(&record->rejection,
			heard->row != 0 ? "/follow_up" : "/id",
			"there is no such follow-up");
	follow_up_job_free(job);
	return good;
}

bool
follow_ups_hear(struct keeping *keeping, const struct batch *batch,
	struct record *record, bool *taken, struct err *err)
{
	json_t *tree = tree_of(batch, record);
	struct follow_up_record heard;
	struct rejection why;
	bool good = true;

	*taken = false;
	if (tree != NULL && follow_up_record_is_one(tree)) {
		if (follow_up_record_read(tree, &heard, &why))
			good = apply(
				keeping, batch, &heard, record, taken, err);
		else
			record->rejection = why;
	}
	json_decref(tree);
	return good;
}
