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

const struct zone *
policy_zone(const struct policy *policy, const struct calendar *hours)
{
	if (hours != NULL)
		return calendar_zone(hours);
	return policy->tally != NULL ? policy->tally->zone : NULL;
}
