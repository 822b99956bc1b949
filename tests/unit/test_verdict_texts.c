/*
 * verdict_texts - what is remembered is what would have been made.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "flow/verdict_texts.h"
#include "nps/decide.h"
#include "nps/silence.h"

TestSuite(verdict_texts);

enum { RULES = 2 };

static char migration[] = "mail \"migration\"", drill[] = "drill";
static const struct silence one = {.row = 1, .until_ms = 0, .why = migration};
static const struct silence two = {.row = 2, .until_ms = 0, .why = drill};

static const struct verdict rows[][RULES] = {
	{{.end = VERDICT_FIRED}, {.end = VERDICT_NOT_ASKED}},
	{{.end = VERDICT_NOT_ASKED}, {.end = VERDICT_FIRED}},
	{{.end = VERDICT_TOO_OLD}, {.end = VERDICT_WHEN_FALSE}},
	{{.end = VERDICT_FIRED, .matcher = 3}, {.end = VERDICT_NOT_ASKED}},
	{{.end = VERDICT_FIRED, .tripped = true}, {.end = VERDICT_NOT_ASKED}},
	{{.end = VERDICT_FIRED, .when_failed = true, .error = "one"},
		{.end = VERDICT_NOT_ASKED}},
	{{.end = VERDICT_FIRED, .when_failed = true, .error = "two"},
		{.end = VERDICT_NOT_ASKED}},
	{{.end = VERDICT_SILENCED, .silence = &one},
		{.end = VERDICT_NOT_ASKED}},
	{{.end = VERDICT_SILENCED, .silence = &two},
		{.end = VERDICT_NOT_ASKED}},
};

Test(verdict_texts, are_those_of_the_verdicts)
{
	static char first_name[] = "first", second_name[] = "second";
	struct rule first = {.name = first_name};
	struct rule second = {.name = second_name};
	struct rule *items[] = {&first, &second};
	struct rules rules = {.count = RULES, .items = items};
	struct verdict_texts *texts = verdict_texts_new(&rules);

	for (size_t i = 0; i < 5 * sizeof(rows) / sizeof(rows[0]); i++) {
		size_t row = i * 3 % (sizeof(rows) / sizeof(rows[0]));
		char *made = verdicts_text(&rules, rows[row]);

		cr_assert_str_eq(verdict_texts_of(texts, rows[row]), made,
			"row %zu", row);
		free(made);
	}
	cr_assert_str_eq(verdict_texts_of(texts, rows[7]),
		"[{\"rule\":\"first\",\"verdict\":\"silenced\",\"silence\":1,"
		"\"until\":\"1970-01-01T00:00:00Z\",\"why\":\"mail "
		"\\\"migration\\\"\"},{\"rule\":\"second\",\"verdict\":"
		"\"not_asked\"}]",
		"a silence, with its end and why");
	cr_assert_eq(verdict_texts_of(texts, rows[0]),
		verdict_texts_of(texts, rows[0]), "remembered");
	verdict_texts_free(texts);
	verdict_texts_free(NULL);
}
