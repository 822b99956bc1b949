/* notice - that an action fails, on its way to the store thread. */
#include "flow/notice.h"

#include <stdlib.h>

#include "base/memory.h"
#include "flow/keeper.h"

struct notice_job *
notice_new(const char *action, const struct setting_texts *to)
{
	struct notice_job *notice = mem_new(1, sizeof(*notice));

	notice->job.type = JOB_NOTICE;
	notice->action = mem_strdup(action);
	notice->to.count = to->count;
	notice->to.items = mem_new(to->count + 1, sizeof(char *));
	for (size_t i = 0; i < to->count; i++)
		notice->to.items[i] = mem_strdup(to->items[i]);
	return notice;
}

void
notice_free(struct notice_job *notice)
{
	setting_texts_done(&notice->to);
	free(notice->action);
	free(notice);
}

void
notice_send(struct keeper *keeper, struct notice_job *notice)
{
	keeper_submit(keeper, &notice->job, 0);
}
