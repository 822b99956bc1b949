/* follow_up_record - what another system says of a follow-up. */
#include "nps/follow_up_record.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "nps/rejection.h"

bool
follow_up_record_is_one(const json_t *record)
{
	return text_same(json_string_at(record, "kind"), "follow-up");
}

static bool
fail(struct rejection *why, const char *name, const char *message)
{
	return rejection_fill(why, REJECTED_FIELD, NULL, name, "%s", message);
}

/* A text, or NULL where it is missing. */
static bool
take_text(const json_t *json, const char *name, const char **text,
	struct rejection *why)
{
	const json_t *value = json_object_get(json, name);

	*text = json_string_value(value);
	return *text || !value || json_is_null(value) ||
	       fail(why, name, "expected a text");
}

static bool
take_row(const json_t *json, struct follow_up_record *record,
	struct rejection *why)
{
	const json_t *value = json_object_get(json, "follow_up");

	if (!value || json_is_null(value)) {
		return record->id ||
		       fail(why, "follow_up",
			       "expected the id of a follow-up, or survey and "
			       "id of its answer");
	}
	if (json_is_integer(value))
		record->row = json_integer_value(value);
	else if (!json_is_string(value) ||
		 !text_to_integer(
			 json_string_value(value), 1, INT64_MAX, &record->row))
		return fail(why, "follow_up",
			"expected the id of a follow-up, such as \"7\"");
	return record->row > 0 ||
	       fail(why, "follow_up", "expected the id of a follow-up");
}

static bool
take_act(const json_t *json, struct follow_up_change *change,
	struct rejection *why)
{
	const char *state_name, *act_name;
	enum follow_up_state state;

	if (!take_text(json, "state", &state_name, why) ||
		!take_text(json, "act", &act_name, why))
		return false;
	if (state_name) {
		if (!follow_up_state_from_name(state_name, &state))
			return fail(why, "state",
				"expected open, contacted, resolved or lost");
		change->act = follow_up_act_to(state);
		return true;
	}
	if (act_name)
		return (follow_up_act_from_name(act_name, &change->act) &&
			       change->act != FOLLOW_UP_OPENED &&
			       change->act < FOLLOW_UP_FOLD) ||
		       fail(why, "act",
			       "expected claim, assign, contacted, "
			       "not_reached, "
			       "resolved, lost, reopen or note");
	change->act = change->owner ? FOLLOW_UP_ASSIGN : FOLLOW_UP_NOTE;
	return change->owner || change->note ||
	       fail(why, "state", "it says neither state, owner nor note");
}

bool
follow_up_record_read(const json_t *json, struct follow_up_record *record,
	struct rejection *why)
{
	struct follow_up_change *change = &record->change;

	*record = (struct follow_up_record){.row = 0};
	change->how = "webhook";
	return take_text(json, "survey", &record->survey, why) &&
	       take_text(json, "id", &record->id, why) &&
	       take_text(json, "owner", &change->owner, why) &&
	       take_text(json, "reason", &change->reason, why) &&
	       take_text(json, "note", &change->note, why) &&
	       take_text(json, "by", &change->who, why) &&
	       take_row(json, record, why) && take_act(json, change, why);
}
