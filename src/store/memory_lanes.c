/*
 * memory_lanes - how lanes stand, of the memory kind.
 */
#include "base/memory.h"
#include "base/text.h"
#include "store/memory_kind.h"

bool
memory_put_lane(
	struct store_writer *base, const struct lane_row *lane, struct err *err)
{
	struct memory_store *store = memory_of(base);
	size_t index = 0;
	struct kept_lane *put;

	if (!memory_may_write(store, err))
		return false;
	for (; index < table_count(store, TABLE_LANES); index++) {
		const struct kept_lane *old =
			table_row(store, TABLE_LANES, index);

		if (text_same(old->row.action, lane->action))
			break;
	}
	put = mem_new(1, sizeof(*put));
	put->row = *lane;
	put->row.action = keep_text(&put->kept, lane->action);
	put->row.reason = keep_text(&put->kept, lane->reason);
	put->row.paused_by = keep_text(&put->kept, lane->paused_by);
	put->row.paused_why = keep_text(&put->kept, lane->paused_why);
	table_put(store, TABLE_LANES, index, &put->kept);
	return true;
}

bool
memory_each_lane(struct store_writer *base,
	void (*on_lane)(const struct lane_row *lane, void *context),
	void *context, struct err *err)
{
	struct memory_store *store = memory_of(base);

	(void)err;
	for (size_t i = 0; i < table_count(store, TABLE_LANES); i++) {
		const struct kept_lane *lane = table_row(store, TABLE_LANES, i);

		on_lane(&lane->row, context);
	}
	return true;
}
