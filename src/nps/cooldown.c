/* cooldown - for how long a rule alerts once about somebody. */
#include "nps/cooldown.h"

#include <stddef.h>

#include "base/memory.h"
#include "base/time.h"

#define FOR_LIMIT_MS (3660 * MS_PER_DAY)

static const char *const per_names[] = {
	[COOLDOWN_CUSTOMER] = "customer",
	[COOLDOWN_ACCOUNT] = "account",
	NULL,
};

const struct setting cooldown_settings[] = {
	{"for", SETTING_DURATION, offsetof(struct cooldown, for_ms),
		.required = true, .low = 1000, .high = (double)FOR_LIMIT_MS,
		.help = "How long, from the arrival of the answer that an "
			"alert went out for."},
	{"per", SETTING_CHOICE, offsetof(struct cooldown, per),
		.fallback = "customer", .choices = per_names,
		.help = "Whose answers are kept quiet: those of the same "
			"customer or of the same account. Answers that name "
			"none are never."},
	{.key = NULL},
};

char *
cooldown_key(const struct cooldown *cooldown, const struct response *response)
{
	const char *key = cooldown->per == COOLDOWN_ACCOUNT
				  ? response->account
				  : response->customer;

	if (cooldown->for_ms == 0 || key == NULL)
		return NULL;
	return mem_printf("%s %s", per_names[cooldown->per], key);
}

bool
cooldown_holds(
	const struct cooldown *cooldown, int64_t since_ms, int64_t now_ms)
{
	return now_ms - since_ms < cooldown->for_ms;
}
