/* The three classes (row C01). */
#include <criterion/criterion.h>

#include "nps/category.h"

TestSuite(category);

Test(category, boundaries_C01)
{
	static const enum category wanted[SCORE_HIGH + 1] = {
		[7] = CATEGORY_PASSIVE,
		[8] = CATEGORY_PASSIVE,
		[9] = CATEGORY_PROMOTER,
		[10] = CATEGORY_PROMOTER,
	};

	for (int score = SCORE_LOW; score <= SCORE_HIGH; score++)
		cr_assert_eq(
			category_of(score), wanted[score], "score %d", score);
}

Test(category, names)
{
	static const char *const names[CATEGORIES] = {
		"detractor", "passive", "promoter"};
	static const char *const none[] = {
		"", "Detractor", "detractors", "passiv", " promoter", NULL};
	enum category category;

	for (int i = 0; i < CATEGORIES; i++) {
		cr_assert_str_eq(
			category_name((enum category)i), names[i], "%d", i);
		cr_assert(category_from_name(names[i], &category), "%s",
			names[i]);
		cr_assert_eq((int)category, i, "%s", names[i]);
	}
	for (int i = 0; none[i]; i++)
		cr_assert(!category_from_name(none[i], &category), "\"%s\"",
			none[i]);
	cr_assert(!category_from_name(NULL, &category), "NULL");
}
