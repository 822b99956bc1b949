/* Rules that no answer reaches are told, and no others. */
#include <criterion/criterion.h>
#include <stddef.h>
#include <string.h>

#include "base/buf.h"
#include "nps/rule.h"

struct config {
	struct setting_items rules;
};
static const struct setting config_settings[] = {
	{"rules", SETTING_LIST, offsetof(struct config, rules),
		.fields = rule_settings, .size = sizeof(struct rule),
		.help = "rules"},
	{.key = NULL},
};
static const char *const actions[] = {"crm", NULL};

#define A(text) "- {name: a, do: crm, " text "}\n"
#define B(text) "- {name: b, do: crm, " text "}\n"
#define C(text) "- {name: c, do: crm, " text "}\n"
#define ABOVE "\"a\" above"

/* What is said of the last rule; NULL: nothing of any. */
static const struct {
	const char *rules, *said;
} rows[] = {
	/* scores and categories are one thing */
	{A("match: {category: detractor}") B("match: {score: 3}"), ABOVE},
	{A("match: {score: \"<=6\"}") B("match: {category: detractor}"), ABOVE},
	{A("match: {category: [passive, promoter]}") B("match: {score: 7-10}"),
		ABOVE},
	{A("match: {score: 0-6}") B("match: {score: 0-7}"), NULL},
	{A("match: {score: present}") B("match: {score: 0-7}"), ABOVE},
	{A("match: {score: 0-3}") B("match: {score: [4, 5]}")
			C("match: {score: 2-5}"),
		"rules above take every score"},
	{A("match: {category: detractor}") B("match: {category: passive}")
			C("match: {category: promoter}"),
		NULL},
	{A("match: {score: 2, category: promoter}"), "never matches"},
	{A("match: {score: \"<0\"}"), "never matches"},
	/* a rule without a match takes all */
	{A("max_age: 7d") B("match: {survey: x}"), ABOVE},
	{A("match: {}") B("max_age: 1d"), ABOVE},
	/* what lets answers through */
	{A("continue: true") B("match: {survey: x}"), NULL},
	{A("when: .response.score < 3") B("match: {survey: x}"), NULL},
	{A("max_age: 1d") B("match: {survey: x}"), NULL},
	{A("max_age: 7d") B("when: .response.score < 3"), ABOVE},
	/* other fields */
	{A("match: {survey: x}") B("match: {survey: x, score: 3}"), ABOVE},
	{A("match: {survey: x}") B("match: {survey: X}"), NULL},
	{A("match: {survey: x, score: 3}") B("match: {survey: x}"), NULL},
	{A("match: {survey: [x, y]}") B("match: {survey: y}"), ABOVE},
	{A("match: {survey: y}") B("match: {survey: [x, y]}"), NULL},
	{A("match: {segment.a: x}") B("match: {segment.b: x}"), NULL},
	{A("match: {segment.a: present}") B("match: {segment.a: x}"), ABOVE},
	{A("match: {segment.a: present}") B("match: {segment.a: \"\"}"), NULL},
	{A("match: {segment.a: present}") B("match: {segment.a: absent}"),
		NULL},
	{A("match: {segment.a: absent}") B("match: {segment.a: absent}"),
		ABOVE},
	{A("match: {comment: {contains: [cancel]}}")
			B("match: {comment: {contains: [Cancelled, cancels]}}"),
		ABOVE},
	{A("match: {comment: {contains: [cancels]}}")
			B("match: {comment: {contains: [cancel]}}"),
		NULL},
	/* a text may be as it is written, so only comparisons count */
	{A("match: {segment.size: 0-100}") B("match: {segment.size: 11-50}"),
		NULL},
	{A("match: {account.value: \">=10\"}") B("match: {account.value: 12}"),
		NULL},
	{A("match: {account.value: \">=10\"}")
			B("match: {account.value: \">=20\"}"),
		ABOVE},
	{A("match: {account.value: \">=10\"}")
			B("match: {account.value: \">10\"}"),
		ABOVE},
	{A("match: {account.value: \">10\"}")
			B("match: {account.value: \">=10\"}"),
		NULL},
	{A("match: {account.value: \"<20\"}")
			B("match: {account.value: \"=5\"}"),
		ABOVE},
	{A("match: {account.value: \"<20\"}")
			B("match: {account.value: \">5\"}"),
		NULL},
	{A("match: {account.value: \"!=20\"}")
			B("match: {account.value: \"=5\"}"),
		NULL},
	/* the customer's answer before is another one */
	{A("match: {previous.score: 0-6}") B("match: {score: 3}"), NULL},
	{A("match: {previous.category: detractor}")
			B("match: {previous.score: 3}"),
		NULL},
};

Test(reach, tells_what_is_never_reached)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct setting_reader reader = {.errors = conf_errors_new()};
		struct config config = {{0}};
		struct rules rules;
		struct buf yaml = {0}, said = {0};

		buf_printf(&yaml, "rules:\n%s", rows[i].rules);
		struct conf_document *document = conf_document_read(
			"test", yaml.data, yaml.length, reader.errors);
		cr_assert_not_null(document, "%s", yaml.data);
		cr_assert(setting_read(&reader, config_settings,
				  conf_document_root(document), "", &config) &&
				  rules_init(&rules, &config.rules, actions,
					  reader.errors),
			"%s", yaml.data);
		rules_warn(&rules, reader.errors);
		conf_errors_write(reader.errors, &said);
		buf_append(&said, "", 0);
		cr_assert_eq(conf_warnings_count(reader.errors),
			rows[i].said != NULL, "%s%s", yaml.data, said.data);
		cr_assert(rows[i].said == NULL ||
				  strstr(said.data, rows[i].said) != NULL,
			"%s%s", yaml.data, said.data);
		rules_done(&rules);
		setting_done(config_settings, &config);
		conf_document_free(document);
		conf_errors_free(reader.errors);
		buf_done(&yaml);
		buf_done(&said);
	}
}
