/* action - the settings that every action has, and the names of outcomes. */
#include "action/action.h"

#include <stdlib.h>

#include "base/json.h"

#define IN_LIMIT(member)                                  \
	(offsetof(struct action_settings, limit.member) - \
		offsetof(struct action_settings, limit))

static const struct setting limit_settings[] = {
	{"rate", SETTING_RATE, IN_LIMIT(rate),
		.help = "Most deliveries of this action that start in a "
			"second, minute, hour or day, as in 200/m. They are "
			"spread evenly: what the rate gives in one second, "
			"and at least one, may go at once."},
	{"concurrent", SETTING_INTEGER, IN_LIMIT(concurrent), .fallback = "8",
		.low = 1, .high = ACTION_CONCURRENT_LIMIT,
		.help = "Most deliveries of this action on their way at the "
			"same time."},
	{.key = NULL},
};

const struct setting action_settings[] = {
	{"limit", SETTING_RECORD, offsetof(struct action_settings, limit),
		.fields = limit_settings,
		.help = "What the receiver can take."},
	{"retry", SETTING_RECORD, offsetof(struct action_settings, retry),
		.fields = retry_settings,
		.help = "When a delivery that failed is tried again."},
	{"timeout", SETTING_DURATION,
		offsetof(struct action_settings, timeout_ms), .fallback = "15s",
		.low = 100, .high = 10 * 60 * 1000,
		.help = "The longest that one try may take, from looking up "
			"the name to the last byte of the answer."},
	{"preset", SETTING_TEXT, offsetof(struct action_settings, preset),
		.low = 1, .high = 64,
		.help = "Settings that come ready made, for what this action's "
			"own keys do not say: NAME of the file NAME.yaml. It "
			"is looked for in presets/actions beside the "
			"configuration, in /etc/npsd/presets/actions, and "
			"among those that came with npsd."},
	{"on_failure", SETTING_TEXTS,
		offsetof(struct action_settings, on_failure), .low = 1,
		.high = 64,
		.help = "Other actions that are told, once, when this one has "
			"been failing for the time of on_failure_after: held, "
			"pausing for errors, or deliveries of it die; and once "
			"when it delivers again."},
	{"on_failure_after", SETTING_DURATION,
		offsetof(struct action_settings, on_failure_after_ms),
		.fallback = "1h", .low = 60 * 1000,
		.high = (double)(30 * MS_PER_DAY),
		.help = "How long an action fails before on_failure is told."},
	{"storm", SETTING_RECORD, offsetof(struct action_settings, storm),
		.optional = true, .fields = storm_settings,
		.help = "When alerts become too many to be read one by one: "
			"those beyond more_than are kept, and told in one "
			"message. Off where it is missing. See STORMS."},
	{.key = NULL},
};

const char *
outcome_name(enum outcome_end end)
{
	switch (end) {
	case OUTCOME_DELIVERED:
		return "delivered";
	case OUTCOME_TRY_LATER:
		return "try_later";
	case OUTCOME_GIVE_UP:
		return "give_up";
	case OUTCOME_ENDPOINT_DOWN:
		break;
	}
	return "endpoint_down";
}

void
action_append_document(struct buf *out, const struct alert *alert)
{
	char *text;

	if (alert->text.data != NULL) {
		buf_append(out, alert->text.data, alert->text.length);
		return;
	}
	text = json_text(alert->document);
	buf_append_text(out, text);
	free(text);
}
