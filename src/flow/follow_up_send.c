/* follow_up_send - a job of a follow-up on its way to the store thread. */
#include "flow/follow_ups.h"
#include "flow/keeper.h"

void
follow_up_job_send(struct keeper *keeper, struct follow_up_job *job)
{
	keeper_submit(keeper, &job->job, 0);
}
