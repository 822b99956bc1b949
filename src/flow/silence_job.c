/* silence_job - a silence that is to be set or ended, on its way. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "flow/keeper.h"
#include "flow/silencing.h"

static struct silence_job *
job_new(const char *by)
{
	struct silence_job *job = mem_new(1, sizeof(*job));

	job->job.type = JOB_SILENCE;
	if (by != NULL)
		job->by = mem_copy(
			by, text_cut(by, strlen(by), SILENCE_BY_LIMIT_BYTES));
	job->pointer = "";
	return job;
}

struct silence_job *
silence_job_begin(struct silence *asked, const char *by)
{
	struct silence_job *job = job_new(by);

	job->asked = asked;
	return job;
}

struct silence_job *
silence_job_end(int64_t row, const char *by)
{
	struct silence_job *job = job_new(by);

	job->row = row;
	return job;
}

void
silence_job_send(struct keeper *keeper, struct silence_job *job)
{
	keeper_submit(keeper, &job->job, 0);
}

void
silence_job_free(struct silence_job *job)
{
	if (job == NULL)
		return;
	silence_free(job->asked);
	json_decref(job->silence);
	free(job->by);
	free(job);
}
