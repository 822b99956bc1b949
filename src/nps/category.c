/*
 * category - detractor, passive, promoter.
 */
#include "nps/category.h"

#include <assert.h>
#include <string.h>

static const char *const names[CATEGORIES] = {
	[CATEGORY_DETRACTOR] = "detractor",
	[CATEGORY_PASSIVE] = "passive",
	[CATEGORY_PROMOTER] = "promoter",
};

enum category
category_of(int score)
{
	assert(score >= SCORE_LOW && score <= SCORE_HIGH);
	if (score <= SCORE_DETRACTOR_HIGH)
		return CATEGORY_DETRACTOR;
	if (score <= SCORE_PASSIVE_HIGH)
		return CATEGORY_PASSIVE;
	return CATEGORY_PROMOTER;
}

const char *
category_name(enum category category)
{
	assert((unsigned)category < CATEGORIES);
	return names[category];
}

bool
category_from_name(const char *name, enum category *category)
{
	for (int i = 0; name && i < CATEGORIES; i++) {
		if (!strcmp(name, names[i])) {
			*category = (enum category)i;
			return true;
		}
	}
	return false;
}
