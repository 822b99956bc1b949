#include <criterion/criterion.h>

#include <stdlib.h>

#include "nps/cooldown.h"

TestSuite(cooldown);

Test(cooldown, belongs_to_whoever_the_rule_says)
{
	const struct response both = {.customer = "c-1", .account = "a-1"};
	const struct response account = {.account = "a-1"};
	const struct {
		struct cooldown cooldown;
		const struct response *response;
		const char *key;
	} cases[] = {
		{{1000, COOLDOWN_CUSTOMER}, &both, "customer c-1"},
		{{1000, COOLDOWN_ACCOUNT}, &both, "account a-1"},
		{{1000, COOLDOWN_ACCOUNT}, &account, "account a-1"},
		{{1000, COOLDOWN_CUSTOMER}, &account, NULL},
		{{0, COOLDOWN_CUSTOMER}, &both, NULL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *key = cooldown_key(&cases[i].cooldown, cases[i].response);

		if (cases[i].key == NULL)
			cr_assert_null(key, "%zu: nobody's", i);
		else
			cr_assert_str_eq(key, cases[i].key, "%zu", i);
		free(key);
	}
}

Test(cooldown, holds_until_its_end)
{
	const struct cooldown cooldown = {.for_ms = 1000};

	cr_assert(cooldown_holds(&cooldown, 5000, 5000), "at once");
	cr_assert(cooldown_holds(&cooldown, 5000, 5999), "to the end");
	cr_assert_not(cooldown_holds(&cooldown, 5000, 6000), "not beyond");
	cr_assert(cooldown_holds(&cooldown, 5000, 4000),
		"though the clock was set back");
}
