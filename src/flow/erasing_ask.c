/* erasing_ask - what is asked for, and whether it can be done. */
#include <stdlib.h>

#include "base/json.h"
#include "flow/erasing_private.h"

static void
add_asked(struct person *person, const char *who)
{
	person_add(person, PERSON_ASKED, who, NULL);
	person_add(person, PERSON_EMAIL, who, NULL);
	person_add(person, PERSON_PHONE, who, NULL);
}

static void
on_there(const struct answer_row *row, void *context)
{
	bool *there = context;

	(void)row;
	*there = true;
}

bool
erasing_check(struct keeping *keeping, struct erasing_job *job, struct err *err)
{
	bool there = false;

	if (job->scope != ERASURE_OF_RESPONSE)
		return true;
	if (store_get_answer(keeping->store, job->response, on_there, &there,
		    err) == STORE_ERROR)
		return false;
	job->not_there = !there;
	return true;
}

bool
erasing_put_asked(struct keeping *keeping, const struct erasing_job *job,
	struct erasure_row *row, char **text, struct err *err)
{
	struct person person = {.words = NULL};
	json_t *report = erasing_report_new();
	bool good;

	*text = json_text(report);
	json_decref(report);

	*row = (struct erasure_row){
		.asked_ms = keeping->now_ms,
		.by = job->by,
		.why = job->why,
		.scope = job->scope,
		.mentions = job->mentions,
		.phase = ERASURE_FINDING,
		.report = *text,
	};
	if (job->who != NULL)
		add_asked(&person, job->who);
	good = store_put_erasure(keeping->store, row, err) &&
	       erasing_put_words(keeping, row->row, &person, 0, err) &&
	       (job->scope != ERASURE_OF_RESPONSE ||
		       store_plan_erased(
			       keeping->store, row->row, job->response, err));
	person_done(&person);
	return good;
}

struct erasing_one *
erasing_one_dry(struct erasing_job *job)
{
	const struct erasure_row row = {
		.scope = job->scope,
		.mentions = job->mentions,
		.phase = ERASURE_FINDING,
	};
	struct erasing_one *one = erasing_one_new(&row);

	one->job = job;
	one->report = erasing_report_new();
	if (job->who != NULL)
		add_asked(&one->person, job->who);
	if (job->scope == ERASURE_OF_RESPONSE)
		erasing_take(one, job->response);
	return one;
}
