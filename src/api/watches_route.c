/* watches_route - GET /api/v1/watches: how each watch stands. */
#include <stdlib.h>

#include "api/private.h"
#include "base/memory.h"
#include "flow/watching.h"
#include "loop/problem.h"

struct watches_errand {
	struct errand errand;
	struct http_request *request;
	json_t *items;
	int64_t now_ms;
};

static bool
run_watches(struct errand *base, struct store_writer *store,
	struct tally *tally, int64_t now_ms, struct err *err)
{
	struct watches_errand *errand = (struct watches_errand *)base;

	(void)store;
	(void)err;
	errand->now_ms = now_ms;
	errand->items = watching_json(base->watching, tally);
	return true;
}

static void
on_watches(struct job *job)
{
	struct watches_errand *errand = (struct watches_errand *)job;
	char now[TIME_TEXT_BYTES];

	time_to_rfc3339(errand->now_ms, now);
	if (job->good) {
		api_reply_json(errand->request, 200,
			json_pack("{s:s, s:o}", "computed_at", now, "items",
				errand->items));
	} else {
		json_decref(errand->items);
		http_problem_busy(
			errand->request, 5, "The store cannot answer now.");
	}
	free(errand);
}

void
api_watches(struct api *api, struct http_request *request, const char *rest)
{
	struct watches_errand *errand = mem_new(1, sizeof(*errand));

	(void)rest;
	errand->errand.job.type = JOB_ERRAND;
	errand->errand.job.done = on_watches;
	errand->errand.run = run_watches;
	errand->errand.reads = true;
	errand->request = request;
	keeper_submit(api->host.keeper, &errand->errand.job, 0);
}
