/* The native conditions of a rule: what they hold for, how they read. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "nps/matcher.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

TestSuite(matcher);

/* The matchers of a YAML map, with what was said about it. */
struct reading {
	struct conf_errors *errors;
	struct conf_document *document;
	struct matchers matchers;
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
	cr_assert_eq(conf_errors_count(reading->errors), 0, "%s", yaml);
	reading->ok =
		matchers_read(&reader, conf_document_root(reading->document),
			"match", &reading->matchers);
	conf_errors_write(reading->errors, &reading->said);
	buf_append(&reading->said, "", 0);
	cr_assert_eq(reading->ok, conf_errors_count(reading->errors) == 0,
		"%s: %s", yaml, reading->said.data);
}

static void
reading_done(struct reading *reading)
{
	matchers_done(&reading->matchers);
	conf_document_free(reading->document);
	conf_errors_free(reading->errors);
	buf_done(&reading->said);
}

static const char subject_text[] =
	"{\"id\":\"r\",\"score\":3,\"comment\":\"Ik wil OPZEGGEN, \xC3\xA9\","
	"\"answered_at\":\"2026-11-21T10:00:00Z\",\"empty\":\"\",\"no\":null,"
	"\"customer\":{\"email\":\"a@b\"},\"account\":{\"value\":12000.5},"
	"\"segment\":{\"region\":\"NL\",\"size\":\"11-50\",\"month\":"
	"\"2026-11\",\"vip\":true,\"floor\":-3,\"zero\":0,\"code\":\"007\","
	"\"text\":"
	"\"5\",\"odd\":\">=5\"},\"list\":[1]}";

static struct response *
decode(void)
{
	const struct response_defaults defaults = {
		.survey = "s", .contact_ok = true, .now_ms = 1795255200000};
	struct rejection why;
	struct response *response = response_decode(
		subject_text, strlen(subject_text), &defaults, &why);

	cr_assert_not_null(response, "%s", why.text);
	return response;
}

Test(matcher, holds)
{
	static const struct {
		const char *yaml;
		bool holds;
	} rows[] = {
		{"{}", true},
		{"category: detractor", true},
		{"category: passive", false},
		{"category: [detractor, passive]", true},
		{"category: [promoter, passive]", false},
		{"response.score: 3", true},
		{"score: 3.0", true},
		{"score: 4", false},
		{"score: 0-3", true},
		{"score: 3-3", true},
		{"score: 4-10", false},
		{"score: [0, 1, 2-3]", true},
		{"score: \"<3\"", false},
		{"score: \"<=3\"", true},
		{"score: \">3\"", false},
		{"score: \">= 3\"", true},
		{"score: \"=3\"", true},
		{"score: \"!=3\"", false},
		{"score: \"!=4\"", true},
		{"segment.region: NL", true},
		{"segment.region: nl", false},
		{"segment.region: [BE, NL]", true},
		{"segment.region: [BE, DE]", false},
		{"segment.region: \"!=5\"", false},
		{"segment.size: 11-50", true},
		{"segment.size: 12-50", false},
		{"segment.month: 2026-11", true},
		{"segment.vip: true", true},
		{"segment.vip: false", false},
		{"segment.floor: -3", true},
		{"segment.zero: 0", true},
		{"segment.zero: NL", false},
		{"segment.floor: -5--1", true},
		{"segment.floor: -2-5", false},
		{"segment.code: 007", true},
		{"segment.code: 7", false},
		{"segment.text: 5", true},
		{"segment.text: \">4\"", false},
		{"segment.odd: absent", false},
		{"account.value: \">=10000\"", true},
		{"account.value: \">=12001\"", false},
		{"account.value: 12000-12001", true},
		{"account.value: 1.20005e4", true},
		{"customer.email: present", true},
		{"customer.email: absent", false},
		{"customer.email: \"present\"", false},
		{"customer.phone: absent", true},
		{"customer.phone: present", false},
		{"empty: absent", true},
		{"empty: present", false},
		{"empty: \"\"", true},
		{"no: absent", true},
		{"list: present", true},
		{"list: 1", false},
		{"segment.none: [absent, NL]", true},
		{"segment.region: [absent, NL]", true},
		{"segment.region: [absent, BE]", false},
		/* a missing value matches nothing else */
		{"segment.none: NL", false},
		{"segment.none: \"!=5\"", false},
		{"segment.none: \"<5\"", false},
		{"segment.none: \"\"", false},
		{"previous.score: 0-10", false},
		{"previous.category: absent", true},
		{"comment: {contains: opzeg}", true},
		{"comment: {contains: [stop, Opzeggen]}", true},
		{"comment: {contains: [stop, cancel]}", false},
		{"comment: {contains: \"\xC3\xA9\"}", true},
		{"comment: {contains: \"\xC3\x89\"}", false},
		{"score: 3\nsegment.region: NL", true},
		{"score: 3\nsegment.region: BE", false},
		{"contact_ok: true", true},
		{"contact_ok: false", false},
	};
	struct response *response = decode();
	const struct previous none = {0};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct reading reading;

		reading_init(&reading, rows[i].yaml);
		cr_assert(
			reading.ok, "%s: %s", rows[i].yaml, reading.said.data);
		size_t failed = matchers_first_failed(
			&reading.matchers, &(struct subject){response, &none});

		cr_assert_eq(failed == reading.matchers.count, rows[i].holds,
			"%s", rows[i].yaml);
		reading_done(&reading);
	}
	response_free(response);
}

Test(matcher, first_that_failed)
{
	struct response *response = decode();
	struct reading reading;
	struct buf out = {0};

	reading_init(&reading,
		"score: 3\nsegment.region: [BE, \"a, b\"]\ncomment: present");
	size_t failed = matchers_first_failed(
		&reading.matchers, &(struct subject){response, NULL});

	cr_assert_eq(failed, 1, "%zu", failed);
	matcher_describe(&reading.matchers, failed, &out);
	cr_assert_str_eq(
		out.data, "segment.region in [BE, \"a, b\"]", "described");
	buf_done(&out);
	reading_done(&reading);
	response_free(response);
}

Test(matcher, describes)
{
	static const struct {
		const char *yaml;
		const char *text;
	} rows[] = {
		{"category: detractor", "category is detractor"},
		{"segment.region: [NL, BE]", "segment.region in [NL, BE]"},
		{"account.value: \">=10000\"", "account.value >= 10000"},
		{"account.value: \"<  0.5\"", "account.value < 0.5"},
		{"score: 0-3", "score in 0-3"},
		{"score: [0-3, \">8\"]", "score in [0-3, > 8]"},
		{"customer.email: present", "customer.email present"},
		{"customer.email: \"absent\"", "customer.email is \"absent\""},
		{"comment: {contains: Stop}", "comment contains stop"},
		{"comment: {contains: [a, \"b]\"]}",
			"comment contains any of [a, \"b]\"]"},
		{"x: \"\"", "x is \"\""},
		{"x: \"a\\nb\"", "x is \"a\\nb\""},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct reading reading;
		struct buf out = {0};

		reading_init(&reading, rows[i].yaml);
		cr_assert(
			reading.ok, "%s: %s", rows[i].yaml, reading.said.data);
		matcher_describe(&reading.matchers, 0, &out);
		cr_assert_str_eq(out.data, rows[i].text, "%s", rows[i].yaml);
		buf_done(&out);
		reading_done(&reading);
	}
}

Test(matcher, refuses)
{
	static const struct {
		const char *yaml;
		const char *says;
	} rows[] = {
		{"[category]", "map of fields"},
		{"detractor", "map of fields"},
		{"category: detracter", "did you mean detractor?"},
		{"category: [passive, Promoter]", "did you mean promoter?"},
		{"category: 0-6", "no category"},
		{"category: \">6\"", "no category"},
		{"previous.category: sad", "no category"},
		{"score: 11", "from 0 to 10"},
		{"score: -1", "from 0 to 10"},
		{"score: 0-11", "from 0 to 10"},
		{"score: \">=12\"", "from 0 to 10"},
		{"previous.score: 90", "from 0 to 10"},
		{"score: 6.5", "whole number"},
		{"score: low", "a number"},
		{"score: 7-3", "a number"},
		{"score: detractor", "did you mean category: detractor?"},
		{"score: {contains: [3]}", "a number"},
		{"contact_ok: yes", "true or false"},
		{"customer.email: null", "absent"},
		{"customer.email:", "absent"},
		{"customer.email: ~", "absent"},
		{"segment.region: [NL, null]", "absent"},
		{"segment.region: []", "empty"},
		{"segment.region: [[NL]]", "plain value"},
		{"account.value: \">=10k\"", "a number is expected after >="},
		{"account.value: \"<\"", "a number is expected after <"},
		{"comment: {contain: [a]}", "did you mean contains?"},
		{"segment: {region: NL}", "with a dot"},
		{"comment: {}", "contains"},
		{"comment: {contains: \"\"}", "empty word"},
		{"comment: {contains: []}", "empty"},
		{"comment: {contains: [a], with: b}", "unknown key \"with\""},
		{"segment..region: NL", "empty"},
		{"previous.scor: 3", "movement and repeat_detractor"},
		{"category.name: x", "no members"},
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

Test(matcher, warns_of_unknown_fields)
{
	static const struct {
		const char *yaml;
		const char *says; /* NULL: nothing */
	} rows[] = {
		{"scor: 3", "did you mean score?"},
		{"segments.region: NL", "did you mean segment?"},
		{"ticket: present", "\"ticket\" is no field"},
		{"segment.anything: NL", NULL},
		{"previous.score: 3", NULL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct reading reading;

		reading_init(&reading, rows[i].yaml);
		cr_assert(
			reading.ok, "%s: %s", rows[i].yaml, reading.said.data);
		cr_assert_eq(conf_warnings_count(reading.errors),
			rows[i].says ? 1 : 0, "%s", rows[i].yaml);
		if (rows[i].says)
			cr_assert_not_null(
				strstr(reading.said.data, rows[i].says),
				"%s: %s", rows[i].yaml, reading.said.data);
		reading_done(&reading);
	}
}

Test(matcher, tells_all_errors_at_once)
{
	struct reading reading;

	reading_init(&reading, "score: 11\ncategory: [x, y]\ncomment: null");
	cr_assert_eq(
		conf_errors_count(reading.errors), 4, "%s", reading.said.data);
	cr_assert_not_null(strstr(reading.said.data, "test:1:8: match.score:"),
		"its place: %s", reading.said.data);
	reading_done(&reading);
}
