/*
 * rule_bind - what rules name beside their actions: owners, hours, and the
 * actions of their follow-ups.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "nps/calendar.h"
#include "nps/rule.h"

struct binding {
	struct rule *rule;
	size_t number;
	const struct rule_names *names;
	struct conf_errors *errors;
	const struct conf_node *node; /* of follow_up */
};

static bool
fail(const struct binding *binding, const struct conf_node *node,
	const char *key, const char *message)
{
	char *path = mem_printf("rules[%zu].%s", binding->number, key);

	conf_error(binding->errors, node ? node : binding->rule->node, path,
		"%s", message);
	free(path);
	return false;
}

static bool
is_action(const struct binding *binding, const char *name)
{
	for (const char *const *action = binding->names->actions; *action;
		action++)
		if (!strcmp(*action, name))
			return true;
	return false;
}

static bool
check_actions(const struct binding *binding,
	const struct setting_texts *actions, const struct conf_node *node,
	const char *key)
{
	bool good = true;

	for (size_t i = 0; i < actions->count; i++) {
		if (is_action(binding, actions->items[i]))
			continue;
		char *message = mem_printf(
			"there is no action \"%s\"", actions->items[i]);

		good = fail(binding, node, key, message);
		free(message);
	}
	return good;
}

static bool
check_span(const struct binding *binding, const struct conf_node *map,
	const char *key, const struct span *span)
{
	struct err err;
	char *path;

	if (conf_node_at(map, key) != NULL && span_is_zero(span) &&
		strcmp(key, "overdue") != 0)
		err_set(&err, "0 is no length of time: leave %s out", key);
	else if (span_suits(span, binding->rule->follow_up.hours != NULL, &err))
		return true;
	path = mem_printf("follow_up.%s", key);
	fail(binding, conf_node_at(map, key), path, err.text);
	free(path);
	return false;
}

static bool
check_escalation(const struct binding *binding, size_t i)
{
	const struct follow_up_terms *terms = &binding->rule->follow_up;
	const struct follow_up_escalation *escalation =
		terms->escalations.items[i].record;
	const struct conf_node *node = terms->escalations.items[i].node;
	bool contact = escalation->clock == FOLLOW_UP_CONTACT_CLOCK;
	bool good = check_span(binding, node, "overdue", &escalation->overdue);

	if (span_is_zero(
		    contact ? &terms->contact_within : &terms->resolve_within))
		good = fail(binding, node, "follow_up.escalate",
			contact ? "the rule says no contact_within"
				: "the rule says no resolve_within");
	return check_actions(binding, &escalation->actions,
		       conf_node_at(node, "do"), "follow_up.escalate.do") &&
	       good;
}

static bool
find_hours(const struct binding *binding)
{
	struct follow_up_terms *terms = &binding->rule->follow_up;
	const struct calendars *calendars = binding->names->calendars;
	char *message;

	if (!terms->hours)
		return true;
	terms->calendar =
		calendars ? calendars_find(calendars, terms->hours) : NULL;
	/* Those that were refused have told of it. */
	if (calendars && calendars_know(calendars, terms->hours))
		return true;
	message = mem_printf("there is no \"%s\" under hours:", terms->hours);
	fail(binding, conf_node_at(binding->node, "hours"), "follow_up.hours",
		message);
	free(message);
	return false;
}

static bool
check_tracked_in(const struct binding *binding)
{
	const char *name = binding->rule->follow_up.tracked_in;

	return !name || is_action(binding, name) ||
	       fail(binding, conf_node_at(binding->node, "tracked_in"),
		       "follow_up.tracked_in",
		       "it must be the name of an action");
}

static bool
bind_follow_up(const struct binding *binding)
{
	struct follow_up_terms *terms = &binding->rule->follow_up;
	const struct {
		const char *key;
		const struct span *span;
	} spans[] = {
		{"contact_within", &terms->contact_within},
		{"resolve_within", &terms->resolve_within},
		{"remind_before", &terms->remind_before},
		{"claimed_within", &terms->claimed_within},
	};
	bool good = find_hours(binding);

	terms->reasons = binding->names->reasons;
	if (!span_is_zero(&terms->remind_before) &&
		span_is_zero(&terms->contact_within))
		good = fail(binding,
			conf_node_at(binding->node, "remind_before"),
			"follow_up.remind_before",
			"the rule says no contact_within");
	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++)
		good &= check_span(
			binding, binding->node, spans[i].key, spans[i].span);
	for (size_t i = 0; i < terms->escalations.count; i++)
		good &= check_escalation(binding, i);
	good &= check_tracked_in(binding);
	return check_actions(binding, &terms->actions,
		       conf_node_at(binding->node, "do"), "follow_up.do") &&
	       good;
}

static bool
bind_owner(const struct binding *binding)
{
	const struct owner_choice *choice = &binding->rule->owner;
	const struct conf_node *node =
		conf_node_at(binding->rule->node, "owner");
	char *path = mem_printf("rules[%zu].owner", binding->number);
	bool good = owner_choice_check(
		choice, binding->names->owners, node, path, binding->errors);

	free(path);
	if (owner_choice_takes_turns(choice) && !binding->rule->follow_up.given)
		good = fail(binding, node, "owner",
			"owners take turns in follow-ups: say follow_up: too, "
			"or name one owner");
	return good;
}

bool
rules_bind(struct rules *rules, const struct rule_names *names,
	struct conf_errors *errors)
{
	bool good = true;

	rules->owners = names->owners;
	for (size_t i = 0; i < rules->count; i++) {
		struct rule *rule = rules->items[i];
		const struct binding binding = {rule, i, names, errors,
			conf_node_at(rule->node, "follow_up")};

		good &= bind_owner(&binding);
		if (rule->follow_up.given)
			good &= bind_follow_up(&binding);
	}
	return good;
}
