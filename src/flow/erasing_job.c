/* erasing_job - somebody who is to be forgotten, on the way to the store. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "flow/erasing.h"
#include "flow/keeper.h"

static char *
cut(const char *text, size_t limit)
{
	return text != NULL && *text != '\0'
		       ? mem_copy(text, text_cut(text, strlen(text), limit))
		       : NULL;
}

struct erasing_job *
erasing_job_new(enum erasure_scope scope, const char *who, int64_t response,
	const char *by, const char *why)
{
	struct erasing_job *job = mem_new(1, sizeof(*job));

	job->job.type = JOB_ERASE;
	job->scope = scope;
	job->who = mem_strdup(who);
	job->response = response;
	job->by = cut(by, ERASING_BY_LIMIT_BYTES);
	job->why = cut(why, ERASING_WHY_LIMIT_BYTES);
	return job;
}

void
erasing_job_send(struct keeper *keeper, struct erasing_job *job)
{
	keeper_submit(keeper, &job->job, 0);
}

void
erasing_job_free(struct erasing_job *job)
{
	if (job == NULL)
		return;
	json_decref(job->report);
	free(job->who);
	free(job->by);
	free(job->why);
	free(job);
}
