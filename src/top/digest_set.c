/* digest_set - the digests of a configuration, checked. */
#include "top/digest_set.h"

#include <stdlib.h>
#include <string.h>

#include "action/mail_address.h"
#include "base/memory.h"
#include "base/text.h"
#include "top/config.h"
#include "top/kinds.h"

struct checker {
	const struct config *config;
	const struct conf_node *node; /* of the digest */
	char *path;
	struct conf_errors *errors;
};

static bool
fault(const struct checker *checker, const char *key, const char *text)
{
	const struct conf_node *node = conf_node_at(checker->node, key);
	char *path = mem_printf("%s.%s", checker->path, key);

	conf_error(checker->errors, node != NULL ? node : checker->node, path,
		"%s", text);
	free(path);
	return false;
}

static bool
is_email(const struct setting_item *action)
{
	return action->kind != NULL &&
	       action_kind_of(action->kind) == &action_email;
}

/* The action of that name, or the only one of type email. */
static bool
find_action(const struct checker *checker, struct digest_plan *plan)
{
	const struct setting_items *actions = &checker->config->actions;
	size_t emails = 0;

	for (size_t i = 0; i < actions->count; i++) {
		const struct setting_item *action = &actions->items[i];

		emails += is_email(action);
		if (plan->action != NULL ? text_same(action->name, plan->action)
					 : is_email(action))
			plan->through = action->name;
	}
	if (plan->action != NULL)
		return plan->through != NULL ||
		       fault(checker, "action", "there is no such action");
	if (emails == 1)
		return true;
	return fault(checker, "action",
		emails == 0 ? "a digest goes through an action of type email, "
			      "and there is none"
			    : "there are several actions of type email: say "
			      "which one it goes through");
}

/* Why a text says nobody; the nearest owner's name may have been meant. */
static void
no_reader(const struct checker *checker, const char *key, const char *text,
	const char *why)
{
	const struct owners *people = &checker->config->people;
	const char **names = mem_new(people->count + 1, sizeof(char *));
	const char *near;
	char *told;

	for (size_t i = 0; i < people->count; i++)
		names[i] = people->items[i]->name;
	near = text_nearest(text, names);
	told = near != NULL
		       ? mem_printf("there is no owner \"%s\"; did you "
				    "mean %s?",
				 text, near)
		       : mem_printf("\"%s\" is no mail address, nor a name "
				    "in owners: %s",
				 text, why);
	(void)fault(checker, key, told);
	free(told);
	free(names);
}

/* Names of owners become their addresses. */
static bool
find_addresses(const struct checker *checker, const char *key,
	struct setting_texts *to)
{
	bool good = true;

	for (size_t i = 0; i < to->count; i++) {
		const struct owner *owner =
			owners_find(&checker->config->people, to->items[i]);
		struct err err;

		if (owner != NULL && owner->email != NULL) {
			free(to->items[i]);
			to->items[i] = mem_strdup(owner->email);
		} else if (owner != NULL) {
			char *text = mem_printf(
				"owner %s has no email", owner->name);

			good = fault(checker, key, text);
			free(text);
		} else if (!checker->config->people.partial &&
			   !mail_address_is_good(to->items[i], &err)) {
			no_reader(checker, key, to->items[i], err.text);
			good = false;
		}
	}
	return good;
}

static bool
check_readers(const struct checker *checker, struct digest_plan *plan)
{
	bool good = find_addresses(checker, "to", &plan->to);

	for (size_t i = 0; i < plan->readers.count; i++)
		good &= find_addresses(
			checker, "readers", &plan->readers.to[i]);
	if (plan->readers.count > 0 && plan->by == NULL)
		good = fault(
			checker, "readers", "say by which segment: by: NAME");
	if (plan->readers.count == 0 && plan->to.count == 0)
		good = fault(checker, "to", "say who gets it");
	return good;
}

static bool
check_segment(const struct checker *checker, const struct digest_plan *plan)
{
	const struct setting_texts *segments = &checker->config->score.segments;

	for (size_t i = 0; plan->by != NULL && i < segments->count; i++)
		if (text_same(plan->by, segments->items[i]))
			return true;
	return plan->by == NULL ||
	       fault(checker, "by", "this is not among score.segments");
}

static bool
open_zone(const struct checker *checker, struct digest_plan *plan,
	struct zone **zone)
{
	struct err err;

	if (plan->timezone == NULL)
		plan->timezone = mem_strdup(checker->config->score.timezone);
	*zone = zone_open(plan->timezone, &err);
	plan->zone = *zone;
	return *zone != NULL || fault(checker, "timezone", err.text);
}

static bool
make_one(struct digest_set *set, const struct config *config, size_t index,
	struct conf_errors *errors)
{
	const struct setting_item *item = &config->digests.items[index];
	struct digest_plan *plan = item->record;
	struct checker checker = {
		config, item->node, mem_printf("digests[%zu]", index), errors};
	bool good = find_action(&checker, plan);

	good &= check_readers(&checker, plan);
	good &= check_segment(&checker, plan);
	good &= open_zone(&checker, plan, &set->zones[index]);
	set->items[index] = plan;
	free(checker.path);
	return good;
}

bool
digest_set_make(struct digest_set *set, struct config *config,
	struct conf_errors *errors)
{
	size_t count = config->digests.count;
	bool good = true;

	if (count > DIGESTS_LIMIT)
		return conf_error(errors, config->digests.items[0].node,
			"digests", "at most %d digests", DIGESTS_LIMIT);
	set->items = mem_new(count + 1, sizeof(*set->items));
	set->zones = mem_new(count + 1, sizeof(*set->zones));
	set->plans.items = set->items;
	set->plans.count = count;
	for (size_t i = 0; i < count; i++)
		good &= make_one(set, config, i, errors);
	return good;
}

void
digest_set_done(struct digest_set *set)
{
	for (size_t i = 0; i < set->plans.count; i++)
		zone_close(set->zones[i]);
	free(set->zones);
	free(set->items);
	*set = (struct digest_set){.items = NULL};
}
