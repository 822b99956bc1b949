/*
 * follow_up_settings - what a rule says of its follow-ups.
 */
#include "nps/follow_up.h"

#define AT(member) offsetof(struct follow_up_terms, member)
#define IN(member) offsetof(struct follow_up_escalation, member)

enum { NAME_LIMIT = 64 };

static const char *const clocks[] = {"contact", "resolve", NULL};
static const char *const pers[] = {"customer", "account", NULL};
static const char *const contacts[] = {"ok", "any", NULL};

static const struct setting escalation_settings[] = {
	{"overdue", SETTING_CUSTOM, IN(overdue), .required = true,
		.read = span_read, .schema = SPAN_SCHEMA,
		.help = "How long behind the deadline."},
	{"clock", SETTING_CHOICE, IN(clock), .choices = clocks,
		.fallback = "contact", .help = "Which deadline."},
	{"do", SETTING_TEXTS, IN(actions), .required = true, .low = 1,
		.high = NAME_LIMIT,
		.help = "The actions that tell of it, by name."},
	{.key = NULL},
};

/* Called for the whole record. */
bool
follow_up_note_given(struct setting_reader *reader,
	const struct conf_node *node, const char *path, void *where)
{
	struct follow_up_terms *terms = where;

	terms->given = !conf_node_is_null(node);
	if (terms->escalations.count <= FOLLOW_UP_ESCALATIONS_LIMIT)
		return true;
	return conf_error(reader->errors, conf_node_at(node, "escalate"), path,
		"there may be %d escalations at most",
		FOLLOW_UP_ESCALATIONS_LIMIT);
}

const struct setting follow_up_settings[] = {
	{"contact_within", SETTING_CUSTOM, AT(contact_within),
		.read = span_read, .schema = SPAN_SCHEMA,
		.help = "How soon the customer is to be called, such as 8h or "
			"1wd (the same time on the next working day)."},
	{"resolve_within", SETTING_CUSTOM, AT(resolve_within),
		.read = span_read, .schema = SPAN_SCHEMA,
		.help = "How soon it is to be resolved."},
	{"hours", SETTING_TEXT, AT(hours), .low = 1, .high = NAME_LIMIT,
		.help = "The hours: in which the clocks run; without it they "
			"run day and night."},
	{"remind_before", SETTING_CUSTOM, AT(remind_before), .read = span_read,
		.schema = SPAN_SCHEMA,
		.help = "How long before contact_within is over the owner is "
			"reminded."},
	{"claimed_within", SETTING_CUSTOM, AT(claimed_within),
		.read = span_read, .schema = SPAN_SCHEMA,
		.help = "How long somebody who claimed it has to call; then "
			"the "
			"claim is taken off. The default is contact_within."},
	{"escalate", SETTING_LIST, AT(escalations),
		.fields = escalation_settings,
		.size = sizeof(struct follow_up_escalation),
		.help = "Whom to tell when a deadline is over by how much."},
	{"do", SETTING_TEXTS, AT(actions), .low = 1, .high = NAME_LIMIT,
		.help = "The actions that remind; the default is the rule's "
			"mails, or all that it does where none is a mail."},
	{"per", SETTING_CHOICE, AT(per), .choices = pers,
		.fallback = "customer",
		.help = "Of a customer (in a survey) or of an account at most "
			"one follow-up is open: a further low score is folded "
			"into it."},
	{"contact", SETTING_CHOICE, AT(contact), .choices = contacts,
		.fallback = "ok",
		.help = "Whether the rule passes by who asked not to be "
			"contacted (ok), or takes them too (any)."},
	{"tracked_in", SETTING_TEXT, AT(tracked_in), .low = 1,
		.high = NAME_LIMIT,
		.help = "The action whose receiver (a CRM) owns the clock: "
			"npsd "
			"keeps what it hears of it and neither reminds nor "
			"escalates."},
	{.key = NULL},
};
