/* lane_record - a lane's stand on its way to the store. */
#include "flow/lane_record.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"

struct record_errand {
	struct errand errand; /* first */
	char *action;
	struct lane_stand stand;
	void (*on_done)(bool good, void *context);
	void *context;
};

static bool
run(struct errand *errand, struct store_writer *store, struct tally *tally,
	int64_t now_ms, struct err *err)
{
	const struct record_errand *record =
		(const struct record_errand *)errand;
	struct lane_row row;

	(void)tally;
	(void)now_ms;
	lane_stand_row(&record->stand, record->action, &row);
	return store_put_lane(store, &row, err);
}

static void
on_recorded(struct job *job)
{
	struct record_errand *record = (struct record_errand *)job;

	if (!job->good)
		log_warning("how action %s stands could not be stored: %s",
			record->action, job->err.text);
	record->on_done(job->good, record->context);
	free(record->action);
	free(record);
}

void
lane_record_put(struct keeper *keeper, const char *action,
	const struct lane_stand *stand,
	void (*on_done)(bool good, void *context), void *context)
{
	struct record_errand *record = mem_new(1, sizeof(*record));

	record->errand.job.type = JOB_ERRAND;
	record->errand.job.done = on_recorded;
	record->errand.run = run;
	record->action = mem_strdup(action);
	record->stand = *stand;
	record->on_done = on_done;
	record->context = context;
	keeper_submit(keeper, &record->errand.job, 0);
}
