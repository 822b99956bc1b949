/* policy - what the configuration says of the way of a response. */
#include "flow/policy.h"

#include <string.h>

struct policy_action *
policy_action(const struct policy *policy, const char *name)
{
	for (size_t i = 0; i < policy->action_count; i++)
		if (strcmp(policy->actions[i].name, name) == 0)
			return &policy->actions[i];
	return NULL;
}

bool
policy_is_mail(const struct policy *policy, const char *action)
{
	const struct policy_action *found = policy_action(policy, action);

	return found != NULL && found->kind->recipients != NULL;
}

bool
policy_any_is_mail(
	const struct policy *policy, const struct setting_texts *actions)
{
	for (size_t i = 0; i < actions->count; i++)
		if (policy_is_mail(policy, actions->items[i]))
			return true;
	return false;
}

const struct zone *
policy_zone(const struct policy *policy, const struct calendar *hours)
{
	if (hours != NULL)
		return calendar_zone(hours);
	return policy->tally != NULL ? policy->tally->zone : NULL;
}
