/* notice_write - makes the deliveries that tell of an action that fails. */
#include <stdlib.h>

#include "base/memory.h"
#include "flow/frozen.h"
#include "flow/notice.h"

#define NOTICE_CAUSE "failure"

static const char *
state_name(const struct lane_stand *stand)
{
	switch (stand->state) {
	case LANE_HELD:
		return "held";
	case LANE_BREAKER:
		return "breaker";
	case LANE_OPEN:
		break;
	}
	return "open";
}

/* What a message sees: nothing of any customer. */
static json_t *
document_of(const struct notice_job *notice, int64_t waiting, int64_t dead)
{
	char since[TIME_TEXT_BYTES];

	time_to_rfc3339(notice->stand.failing_ms, since);
	return json_pack("{s:n, s:n, s:n, s:n, s:{}, s:{s:s, s:s, s:s, s:s, "
			 "s:I, s:I, s:b}}",
		"response", "category", "previous", "rule", "nps", "failure",
		"action", notice->action, "state", state_name(&notice->stand),
		"since", since, "reason", notice->stand.reason, "waiting",
		(json_int_t)waiting, "dead", (json_int_t)dead, "recovered",
		notice->news == NEWS_RECOVERED);
}

bool
notice_write(
	struct keeping *keeping, struct notice_job *notice, struct err *err)
{
	struct frozen frozen = {.cause = NOTICE_CAUSE};
	struct lane_row row;
	int64_t waiting, dead;
	char *key;
	bool good;

	if (!store_count_deliveries(
		    keeping->store, notice->action, &waiting, &dead, err))
		return false;
	/* n tells the beginning of an episode from its end. */
	key = mem_printf(
		"%s %lld", notice->action, (long long)notice->stand.failing_ms);
	frozen.key = key;
	frozen.n = notice->news == NEWS_RECOVERED;
	frozen.document = document_of(notice, waiting, dead);
	lane_stand_row(&notice->after, notice->action, &row);
	good = store_put_lane(keeping->store, &row, err);
	for (size_t i = 0; good && i < notice->to.count; i++)
		good = frozen_put(keeping, &frozen, notice->to.items[i], err);
	json_decref(frozen.document);
	free(key);
	return good;
}
