/* lane_record - a lane's stand on its way to the store. */
#include "flow/lane_record.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"

enum { TELL_EVERY_US = 60 * 1000000 };

struct record_errand {
	struct errand errand; /* first */
	struct lane_host *host;
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

	if (!job->good) {
		char *what = mem_printf("how action %s stands", record->action);

		lane_record_failed(record->host, what, &job->err);
		free(what);
	}
	record->on_done(job->good, record->context);
	free(record->action);
	free(record);
}

void
lane_record_put(struct lane_host *host, const char *action,
	const struct lane_stand *stand,
	void (*on_done)(bool good, void *context), void *context)
{
	struct record_errand *record = mem_new(1, sizeof(*record));

	record->errand.job.type = JOB_ERRAND;
	record->errand.job.done = on_recorded;
	record->errand.run = run;
	record->host = host;
	record->action = mem_strdup(action);
	record->stand = *stand;
	record->on_done = on_done;
	record->context = context;
	keeper_submit(host->keeper, &record->errand.job, 0);
}

void
lane_record_failed(
	struct lane_host *host, const char *what, const struct err *reason)
{
	int64_t held;

	if (!log_limit_passes(&host->unstored, clock_monotonic_us(host->clock),
		    TELL_EVERY_US, &held))
		return;
	if (held > 0)
		log_warning("%s could not be stored: %s [%lld such lines were "
			    "left out]",
			what, reason->text, (long long)held);
	else
		log_warning("%s could not be stored: %s", what, reason->text);
}
