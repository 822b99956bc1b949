/* follow_up_job - a question or a change of a follow-up. */
#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"
#include "flow/follow_ups.h"

struct follow_up_job *
follow_up_job_new(int64_t row)
{
	struct follow_up_job *job = mem_new(1, sizeof(*job));

	job->job.type = JOB_FOLLOW_UP;
	job->row = row;
	return job;
}

struct follow_up_job *
follow_up_job_of_answer(const char *survey, const char *id)
{
	struct follow_up_job *job = follow_up_job_new(0);

	job->survey = mem_strdup(survey);
	job->id = mem_strdup(id);
	return job;
}

struct follow_up_job *
follow_up_job_by_link(const struct link_token *link)
{
	struct follow_up_job *job = follow_up_job_new(link->follow_up);

	job->by_link = true;
	job->link = *link;
	return job;
}

static void
free_text(const char *text)
{
	free((void *)(uintptr_t)text);
}

static void
free_change(struct follow_up_change *change)
{
	free_text(change->who);
	free_text(change->how);
	free_text(change->owner);
	free_text(change->reason);
	free_text(change->note);
}

void
follow_up_job_change(
	struct follow_up_job *job, const struct follow_up_change *change)
{
	free_change(&job->change);
	job->changes = true;
	job->change = *change;
	job->change.who = mem_strdup(change->who);
	job->change.how = mem_strdup(change->how);
	job->change.owner = mem_strdup(change->owner);
	job->change.reason = mem_strdup(change->reason);
	job->change.note = mem_strdup(change->note);
}

void
follow_up_job_free(struct follow_up_job *job)
{
	if (job == NULL)
		return;
	free_change(&job->change);
	json_decref(job->follow_up);
	json_decref(job->response);
	json_decref(job->view);
	free(job->survey);
	free(job->id);
	free(job);
}
