/*
 * reach - rules that no answer gets to. Only what can be told for sure is: a
 * rule above that takes all of them, alone or (by scores alone) with others.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "nps/rule.h"

/* No answer that it takes goes on, whatever else the answer is like. */
static bool
is_final_for(const struct rule *above, const struct rule *rule)
{
	bool passes_by = above->follow_up.given &&
			 above->follow_up.contact != FOLLOW_UP_CONTACT_ANY;

	return !above->go_on && !above->shadow && above->when == NULL &&
	       !passes_by && above->max_age_ms >= rule->max_age_ms;
}

static bool
takes_all_of(const struct rule *above, const struct rule *rule)
{
	bool others;
	unsigned scores = matchers_scores(&rule->match, &others);
	unsigned above_scores = matchers_scores(&above->match, &others);

	return is_final_for(above, rule) && (scores & ~above_scores) == 0 &&
	       matchers_imply(&rule->match, &above->match);
}

/* The scores that the rules above it leave to this one. */
static unsigned
scores_left(const struct rules *rules, size_t number)
{
	const struct rule *rule = rules->items[number];
	bool others;
	unsigned left = matchers_scores(&rule->match, &others);

	for (size_t i = 0; i < number; i++) {
		const struct rule *above = rules->items[i];
		unsigned scores = matchers_scores(&above->match, &others);

		if (!others && is_final_for(above, rule))
			left &= ~scores;
	}
	return left;
}

static void
warn(const struct rules *rules, size_t number, struct conf_errors *errors)
{
	const struct rule *rule = rules->items[number];
	const struct conf_node *node = conf_node_at(rule->node, "name");
	char *path = mem_printf("rules[%zu]", number);
	bool others;

	node = node != NULL ? node : rule->node;
	if (matchers_scores(&rule->match, &others) == 0) {
		conf_warning(errors, node, path,
			"the rule never matches: no score is as its match: "
			"wants it");
		free(path);
		return;
	}
	for (size_t i = 0; i < number; i++)
		if (takes_all_of(rules->items[i], rule)) {
			conf_warning(errors, node, path,
				"the rule is never reached: rule \"%s\" above "
				"takes all that it would match; move it up, or "
				"say continue: true there",
				rules->items[i]->name);
			free(path);
			return;
		}
	if (scores_left(rules, number) == 0)
		conf_warning(errors, node, path,
			"the rule is never reached: the rules above take "
			"every score that it would match; move it up, or say "
			"continue: true there");
	free(path);
}

void
rules_warn(const struct rules *rules, struct conf_errors *errors)
{
	for (size_t i = 0; i < rules->count; i++)
		warn(rules, i, errors);
}
