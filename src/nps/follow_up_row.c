/* follow_up_row - a follow-up as lists and the API show it. */
#include "nps/follow_up_row.h"

#include "base/json.h"
#include "base/json_value.h"
#include "nps/follow_up.h"

bool
follow_up_row_is_overdue(const json_t *row, int64_t now_ms)
{
	struct follow_up follow_up = {
		.contact_by_ms = json_time_at(row, "contact_by"),
		.resolve_by_ms = json_time_at(row, "resolve_by"),
		.tracked_in = json_string_at(row, "tracked_in"),
	};

	return follow_up_state_from_name(
		       json_string_at(row, "state"), &follow_up.state) &&
	       follow_up_is_overdue(&follow_up, now_ms);
}

int64_t
follow_up_row_due_ms(const json_t *row)
{
	int64_t contact_ms = json_time_at(row, "contact_by");
	int64_t resolve_ms = json_time_at(row, "resolve_by");
	enum follow_up_state state;

	if (!follow_up_state_from_name(json_string_at(row, "state"), &state) ||
		(state != FOLLOW_UP_OPEN && state != FOLLOW_UP_CONTACTED))
		return 0;
	if (state == FOLLOW_UP_CONTACTED || contact_ms == 0 ||
		(resolve_ms != 0 && resolve_ms < contact_ms))
		return resolve_ms;
	return contact_ms;
}
