/* Rules: their settings, and how they judge. */
#include <criterion/criterion.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/time.h"
#include "nps/rule.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NOW_MS INT64_C(1795255200000) /* 2026-11-21T10:00:00Z */

TestSuite(rule);

struct config {
	struct setting_items rules;
};
static const struct setting config_settings[] = {
	{"rules", SETTING_LIST, offsetof(struct config, rules),
		.fields = rule_settings, .size = sizeof(struct rule),
		.help = "rules"},
	{.key = NULL},
};
static const char *const actions[] = {"crm", "call", "mail", NULL};

/* A configuration of rules, with what was said about it. */
struct reading {
	struct conf_errors *errors;
	struct conf_document *document;
	struct config config;
	struct rules rules;
	bool ok;
	struct buf said;
};

static void
reading_init(struct reading *reading, const char *yaml)
{
	struct setting_reader reader = {0};

	*reading = (struct reading){.errors = conf_errors_new()};
	reader.errors = reading->errors;
	reading->document =
		conf_document_read("test", yaml, strlen(yaml), reading->errors);
	cr_assert_not_null(reading->document, "%s", yaml);
	reading->ok = setting_read(&reader, config_settings,
		conf_document_root(reading->document), "", &reading->config);
	reading->ok = rules_init(&reading->rules, &reading->config.rules,
			      actions, reading->errors) &&
		      reading->ok;
	conf_errors_write(reading->errors, &reading->said);
	buf_append(&reading->said, "", 0);
	cr_assert_eq(reading->ok, conf_errors_count(reading->errors) == 0,
		"%s: %s", yaml, reading->said.data);
}

static void
reading_done(struct reading *reading)
{
	rules_done(&reading->rules);
	setting_done(config_settings, &reading->config);
	conf_document_free(reading->document);
	conf_errors_free(reading->errors);
	buf_done(&reading->said);
}

static struct judge *
judge_of(struct reading *reading)
{
	cr_assert(reading->ok, "%s", reading->said.data);
	struct judge *judge = judge_new(&reading->rules, reading->errors);

	if (!judge)
		conf_errors_write(reading->errors, &reading->said);
	cr_assert_not_null(judge, "%s", reading->said.data);
	return judge;
}

static struct response *
decode(const char *text)
{
	const struct response_defaults defaults = {
		.survey = "s", .contact_ok = true, .now_ms = NOW_MS};
	struct rejection why;
	struct response *response =
		response_decode(text, strlen(text), &defaults, &why);

	cr_assert_not_null(response, "%s: %s", text, why.text);
	return response;
}

/* Judges one answer; verdicts are the caller's. */
static void
judge_text(struct judge *judge, const char *text, struct verdict *verdicts)
{
	const struct previous previous = {true, 9, CATEGORY_PROMOTER, 1000};
	struct response *response = decode(text);

	judge_answer(judge, &(struct subject){response, &previous}, NOW_MS,
		verdicts);
	response_free(response);
}

Test(rule, settings)
{
	struct reading reading;

	reading_init(&reading,
		"rules:\n"
		"- {name: unhappy, match: {category: detractor}, do: [crm]}\n"
		"- name: A.b-c_9\n"
		"  when: '.response.score < 3'\n"
		"  do: mail\n"
		"  continue: true\n"
		"  max_age: 48h\n");
	cr_assert(reading.ok, "%s", reading.said.data);
	cr_assert_eq(conf_warnings_count(reading.errors), 0, "%s",
		reading.said.data);
	cr_assert_eq(reading.rules.count, 2, "count");
	const struct rule *first = reading.rules.items[0];
	const struct rule *second = reading.rules.items[1];

	cr_assert_str_eq(first->name, "unhappy", "name");
	cr_assert_eq(first->match.count, 1, "match");
	cr_assert_null(first->when, "when");
	cr_assert_eq(first->max_age_ms, 7 * MS_PER_DAY, "max_age");
	cr_assert(!first->go_on, "continue");
	cr_assert_str_eq(first->actions.items[0], "crm", "do");
	cr_assert_eq(second->match.count, 0, "no match");
	cr_assert_eq(second->actions.count, 1, "do");
	cr_assert_eq(second->max_age_ms, 2 * MS_PER_DAY, "max_age");
	cr_assert(second->go_on, "continue");
	reading_done(&reading);
}

#define RULE(rest) "rules: [{name: x, do: [crm], " rest "}]"

Test(rule, refuses)
{
	static const struct {
		const char *yaml;
		const char *says;
	} rows[] = {
		{"rules: [{do: [crm]}]", "name"},
		{"rules: [{name: x}]", "do"},
		{"rules: [{name: x, do: []}]", "needs an action"},
		{"rules: [{name: x, do: [cmr]}]", "did you mean crm?"},
		{"rules: [{name: x, do: [crm, nothing]}]",
			"there is no action \"nothing\""},
		{"rules: [{name: x, do: [crm, crm]}]", "twice"},
		{"rules: [{name: \"\", do: crm}]", "name"},
		{"rules: [{name: \"a b\", do: crm}]", "letters, digits"},
		{"rules: [{name: \"a/b\", do: crm}]", "letters, digits"},
		{"rules: [{name: \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaaaaaaaaaaaaaaaaa\", do: crm}]",
			"name"},
		{"rules: [{name: x, do: crm}, {name: x, do: call}]", "x"},
		{RULE("mach: {score: 3}"), "did you mean"},
		{RULE("match: {score: 30}"), "from 0 to 10"},
		{RULE("max_age: soon"), "max_age"},
		{RULE("max_age: 0"), "max_age"},
		{RULE("continue: perhaps"), "continue"},
		{RULE("when: \"\""), "when"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct reading reading;

		reading_init(&reading, rows[i].yaml);
		cr_assert(!reading.ok, "%s is taken", rows[i].yaml);
		cr_assert_not_null(strstr(reading.said.data, rows[i].says),
			"%s: %s", rows[i].yaml, reading.said.data);
		reading_done(&reading);
	}
}

Test(rule, warns_of_paths)
{
	static const struct {
		const char *when;
		const char *says; /* NULL: nothing */
	} rows[] = {
		{".scor <= 6", "there is no .scor"},
		{".score <= 6", "did you mean .response.score?"},
		{".segment.region == \"NL\"", ".response.segment?"},
		{".response.scor <= 6", "did you mean score?"},
		{".previous.scor <= 6",
			"score, category, answered_at, movement"},
		{".owner == 1", "there is no .owner"},
		{".response.ticket == 1", "\"ticket\" is no field"},
		{".response.score <= 6", NULL},
		{".response.segment.anything == 1", NULL},
		{".category == \"detractor\" and .previous.score > 8", NULL},
		{".previous == null", NULL},
		{".response | .score < 3", NULL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct reading reading;
		struct buf yaml = {0};

		buf_printf(&yaml, "rules: [{name: x, do: crm, when: '%s'}]",
			rows[i].when);
		reading_init(&reading, yaml.data);
		cr_assert(reading.ok, "%s: %s", yaml.data, reading.said.data);
		cr_assert_eq(conf_warnings_count(reading.errors),
			rows[i].says ? 1 : 0, "%s: %s", yaml.data,
			reading.said.data);
		if (rows[i].says)
			cr_assert_not_null(
				strstr(reading.said.data, rows[i].says),
				"%s: %s", yaml.data, reading.said.data);
		reading_done(&reading);
		buf_done(&yaml);
	}
}

Test(rule, hash_of_what_decides)
{
	static const char same[] = "rules: [{name: x, do: [crm, call]}]";
	static const char *const others[] = {
		"rules: [{name: y, do: [crm, call]}]",
		"rules: [{name: x, do: [call, crm]}]",
		"rules: [{name: x, do: [crm]}]",
		"rules: [{name: x, do: [crm, call], continue: true}]",
		"rules: [{name: x, do: [crm, call], max_age: 8d}]",
		"rules: [{name: x, do: [crm, call], when: 'true'}]",
		"rules: [{name: x, do: [crm, call], match: {score: 3}}]",
		"rules: [{name: x, do: [crm, call], match: {score: 4}}]",
		"rules: [{name: x, do: [crm, call], match: {a: [b, c]}}]",
		"rules: [{name: x, do: [crm, call], match: {a: [\"b, c\"]}}]",
		"rules: [{name: x, do: [crm, call], match: {a: present}}]",
		"rules: [{name: x, do: [crm, call], match: {a: \"present\"}}]",
		"rules: []",
	};
	char seen[COUNT(others) + 1][17];
	struct reading reading;

	reading_init(&reading, same);
	cr_assert_eq(strlen(reading.rules.hash), 16, "16 characters");
	memcpy(seen[0], reading.rules.hash, 17);
	reading_done(&reading);
	reading_init(&reading,
		"rules:\n- name: x # said otherwise\n  continue: false\n"
		"  max_age: 168h\n  do:\n  - crm\n  - call\n");
	cr_assert_str_eq(reading.rules.hash, seen[0], "the same rules");
	reading_done(&reading);
	for (size_t i = 0; i < COUNT(others); i++) {
		reading_init(&reading, others[i]);
		for (size_t j = 0; j <= i; j++)
			cr_assert_str_neq(
				reading.rules.hash, seen[j], "%s", others[i]);
		memcpy(seen[i + 1], reading.rules.hash, 17);
		reading_done(&reading);
	}
}

Test(rule, judges_in_order)
{
	static const char yaml[] =
		"rules:\n"
		"- {name: nl, match: {segment.region: NL}, continue: true,\n"
		"   do: crm}\n"
		"- {name: old, match: {category: detractor}, max_age: 1h,\n"
		"   do: crm, continue: true}\n"
		"- {name: cancel, match: {category: detractor},\n"
		"   when: '.response.comment | test(\"cancel\"; \"i\")',\n"
		"   do: mail}\n"
		"- {name: rest, match: {category: detractor}, do: call}\n"
		"- {name: last, do: mail}\n";
	static const struct {
		const char *text;
		enum verdict_end ends[5];
	} rows[] = {
		{"{\"score\":3,\"comment\":\"I Cancel\",\"segment\":"
		 "{\"region\":\"NL\"}}",
			{VERDICT_FIRED, VERDICT_FIRED, VERDICT_FIRED,
				VERDICT_NOT_ASKED, VERDICT_NOT_ASKED}},
		{"{\"score\":3,\"comment\":\"slow\"}",
			{VERDICT_NO_MATCH, VERDICT_FIRED, VERDICT_WHEN_FALSE,
				VERDICT_FIRED, VERDICT_NOT_ASKED}},
		{"{\"score\":9,\"comment\":\"cancel\"}",
			{VERDICT_NO_MATCH, VERDICT_NO_MATCH, VERDICT_NO_MATCH,
				VERDICT_NO_MATCH, VERDICT_FIRED}},
		{"{\"score\":3,\"comment\":\"cancel\",\"answered_at\":"
		 "\"2026-11-21T09:00:00Z\"}",
			{VERDICT_NO_MATCH, VERDICT_TOO_OLD, VERDICT_FIRED,
				VERDICT_NOT_ASKED, VERDICT_NOT_ASKED}},
		{"{\"score\":3,\"comment\":\"cancel\",\"answered_at\":"
		 "\"2026-11-21T09:00:00.001Z\"}",
			{VERDICT_NO_MATCH, VERDICT_FIRED, VERDICT_FIRED,
				VERDICT_NOT_ASKED, VERDICT_NOT_ASKED}},
		{"{\"score\":3,\"comment\":\"cancel\",\"answered_at\":"
		 "\"2026-11-14T10:00:00Z\"}",
			{VERDICT_NO_MATCH, VERDICT_TOO_OLD, VERDICT_TOO_OLD,
				VERDICT_TOO_OLD, VERDICT_TOO_OLD}},
		{"{\"score\":3,\"comment\":\"cancel\",\"answered_at\":"
		 "\"2026-11-22T09:00:00Z\"}",
			{VERDICT_NO_MATCH, VERDICT_FIRED, VERDICT_FIRED,
				VERDICT_NOT_ASKED, VERDICT_NOT_ASKED}},
	};
	struct reading reading;
	struct verdict verdicts[5];

	reading_init(&reading, yaml);
	struct judge *judge = judge_of(&reading);

	for (size_t i = 0; i < COUNT(rows); i++) {
		memset(verdicts, 0xAA, sizeof(verdicts));
		judge_text(judge, rows[i].text, verdicts);
		for (size_t j = 0; j < COUNT(verdicts); j++) {
			cr_assert_str_eq(verdict_end_name(verdicts[j].end),
				verdict_end_name(rows[i].ends[j]),
				"%s: rule %zu", rows[i].text, j);
			cr_assert(!verdicts[j].when_failed &&
					  !verdicts[j].tripped,
				"%s: rule %zu", rows[i].text, j);
		}
	}
	judge_free(judge);
	reading_done(&reading);
}

Test(rule, what_fails_counts_as_fired)
{
	static const struct {
		const char *when;
		const char *says; /* NULL: did not fail */
	} rows[] = {
		{"error(\"broken\")", "broken"},
		{".response.score.x == 1", "index"},
		{".response.score", ""},
		{"null", ""},
		{"empty", ""},
		{"true, true", ""},
		{"true", NULL},
		{".previous.score == 9 and .category == \"detractor\"", NULL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct reading reading;
		struct verdict verdict;
		struct buf yaml = {0};

		buf_printf(&yaml, "rules: [{name: x, do: crm, when: '%s'}]",
			rows[i].when);
		reading_init(&reading, yaml.data);
		struct judge *judge = judge_of(&reading);

		for (int round = 0; round < RULE_TRIP_DEADLINES + 1; round++) {
			judge_text(judge, "{\"score\":3}", &verdict);
			cr_assert_eq(
				verdict.end, VERDICT_FIRED, "%s", rows[i].when);
			cr_assert_eq(verdict.when_failed, rows[i].says != NULL,
				"%s: %s", rows[i].when, verdict.error);
			cr_assert(!verdict.tripped, "%s", rows[i].when);
			if (rows[i].says)
				cr_assert(verdict.error[0] &&
						  strstr(verdict.error,
							  rows[i].says),
					"%s: %s", rows[i].when, verdict.error);
		}
		cr_assert(!judge_is_tripped(judge, 0), "%s: errors trip none",
			rows[i].when);
		judge_free(judge);
		reading_done(&reading);
		buf_done(&yaml);
	}
}

Test(rule, deadlines_trip, .timeout = 60)
{
	static const char yaml[] =
		"rules:\n"
		"- {name: slow, do: crm, continue: true, when:\n"
		"   'if .response.score == 1 then [range(1e9)] | length > 0\n"
		"   else true end'}\n"
		"- {name: quick, do: crm, when: 'false'}\n";
	/* 1: takes too long; 2: does not */
	static const struct {
		int score;
		bool failed, tripped;
	} rows[] = {
		{1, true, false},
		{1, true, false},
		{2, false, false}, /* begins to count anew */
		{1, true, false},
		{1, true, false},
		{1, true, false},
		{2, false, true},
		{1, false, true},
	};
	struct reading reading;
	struct verdict verdicts[2];

	reading_init(&reading, yaml);
	struct judge *judge = judge_of(&reading);

	for (size_t i = 0; i < COUNT(rows); i++) {
		judge_text(judge,
			rows[i].score == 1 ? "{\"score\":1}" : "{\"score\":2}",
			verdicts);
		cr_assert_eq(verdicts[0].end, VERDICT_FIRED, "row %zu", i);
		cr_assert_eq(verdicts[0].when_failed, rows[i].failed,
			"row %zu: %s", i, verdicts[0].error);
		cr_assert_eq(
			verdicts[0].tripped, rows[i].tripped, "row %zu", i);
		cr_assert_eq(verdicts[1].end, VERDICT_WHEN_FALSE,
			"row %zu: the other goes on", i);
	}
	cr_assert(judge_is_tripped(judge, 0), "slow");
	cr_assert(!judge_is_tripped(judge, 1), "quick");
	judge_free(judge);
	reading_done(&reading);
}

Test(rule, names_each_bad_condition)
{
	struct reading reading;

	reading_init(&reading, "rules:\n"
			       "- {name: a, do: crm, when: 'true'}\n"
			       "- {name: b, do: crm, when: '.response |'}\n"
			       "- {name: c, do: crm}\n"
			       "- {name: d, do: crm, when: 'nothing(1)'}\n");
	cr_assert(reading.ok, "%s", reading.said.data);
	cr_assert_null(judge_new(&reading.rules, NULL), "without errors");
	cr_assert_null(judge_new(&reading.rules, reading.errors), "refused");
	cr_assert_eq(conf_errors_count(reading.errors), 2, "both");
	buf_clear(&reading.said);
	conf_errors_write(reading.errors, &reading.said);
	cr_assert_not_null(
		strstr(reading.said.data, "test:3:"), "%s", reading.said.data);
	cr_assert_not_null(strstr(reading.said.data, "rules[3].when"), "%s",
		reading.said.data);
	reading_done(&reading);
}

Test(rule, none_at_all)
{
	struct reading reading;
	struct verdict none;

	reading_init(&reading, "rules: []");
	struct judge *judge = judge_of(&reading);

	judge_text(judge, "{\"score\":3}", &none);
	judge_free(judge);
	reading_done(&reading);
	judge_free(NULL);
}
