/*
 * jobs - what each job does inside the transaction. Store thread; the caller
 * begins and commits.
 */
#ifndef NPSD_FLOW_JOBS_H
#define NPSD_FLOW_JOBS_H

#include <stdbool.h>

#include "base/err.h"
#include "flow/keep.h"
#include "flow/job.h"

/* Anything but JOB_POLICY. False: the transaction must be rolled back. */
bool jobs_run(
	struct keeping *keeping, struct job *job, struct err *err) must_check;
/* After a rollback: takes back what the job had made in memory. */
void jobs_take_back(struct keeping *keeping, struct job *job);

#endif
