/* Which alerts go out by themselves, which are folded; what a storm's message
 * tells. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/time.h"
#include "nps/alert.h"
#include "nps/storm.h"
#include "nps/storm_report.h"

TestSuite(storm);

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
enum { MINUTE = 60 * 1000 };

/* 'a' alone, 'f' folded, by the minutes of the alerts. */
static void
play(const int *minutes, size_t count, char *out)
{
	const struct storm_terms terms = {2, 10 * MINUTE};
	struct storm_window window = {0};

	for (size_t i = 0; i < count; i++)
		out[i] = storm_take(&window, &terms,
				 1000000 + (int64_t)minutes[i] * MINUTE)
				 ? 'f'
				 : 'a';
	out[count] = '\0';
}

Test(storm, folds_what_is_too_much_for_its_window)
{
	static const struct {
		int minutes[12];
		const char *ends;
	} rows[] = {
		{{0, 0, 0, 0}, "aaff"},
		{{0, 1, 9, 9}, "aaff"},
		/* The window ends ten minutes after its first. */
		{{0, 1, 10, 11}, "aaaa"},
		{{0, 9, 9, 10}, "aaff"},
		/* The storm lasts: the next window folds from its first on. */
		{{0, 0, 0, 10, 15}, "aafff"},
		{{0, 0, 0, 19, 19}, "aafff"},
		/* Ten minutes of peace, and it is over. */
		{{0, 0, 0, 20, 21, 22}, "aafaaf"},
		/* A window that was no storm any more ends it. */
		{{0, 0, 0, 10, 11, 20, 20, 20}, "aafffaaf"},
		{{0, 0, 0, 10, 11, 12, 20, 20}, "aaffffff"},
		/* Two in a window are no storm, however often. */
		{{0, 0, 10, 10, 20, 20}, "aaaaaa"},
		/* A clock that is set back a little. */
		{{5, 3, 4, 0}, "aaff"},
		/* By more than a window: a new one. */
		{{50, 50, 50, 20, 20, 20}, "aafaaf"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char ends[16];
		size_t count = strlen(rows[i].ends);

		play(rows[i].minutes, count, ends);
		cr_expect_str_eq(ends, rows[i].ends, "row %zu: %s, not %s", i,
			ends, rows[i].ends);
	}
}

Test(storm, other_terms_hold_at_once_but_for_the_end)
{
	struct storm_window window = {0};
	struct storm_terms terms = {1, 10 * MINUTE};

	cr_assert_not(storm_take(&window, &terms, 1000), "the first");
	cr_assert(storm_take(&window, &terms, 2000), "the second");
	terms = (struct storm_terms){3, MINUTE};
	cr_assert_not(storm_take(&window, &terms, 3000), "three may go");
	cr_assert(storm_take(&window, &terms, 4000), "not four");
	cr_assert_eq(window.until_ms, 1000 + 10 * MINUTE, "it keeps its end");
	cr_assert(storm_take(&window, &terms, 10 * MINUTE), "to its end");
	cr_assert_eq(window.alerts, 5, "all are counted");
	cr_assert(storm_take(&window, &terms, 1000 + 10 * MINUTE), "it lasts");
	cr_assert_eq(window.until_ms, 1000 + 11 * MINUTE, "by the new length");
	cr_assert_eq(window.alerts, 1, "counted anew");
}

/* ---- the report ---- */

static struct response *
decode(const char *text)
{
	const struct response_defaults defaults = {
		.survey = "s", .contact_ok = true, .now_ms = 1795255200000};
	struct rejection why;
	struct response *response =
		response_decode(text, strlen(text), &defaults, &why);

	cr_assert_not_null(response, "%s: %s", text, why.text);
	return response;
}

static void
add(struct storm_report *report, const char *rule, int64_t at_ms,
	const char *text)
{
	struct response *response = decode(text);
	struct previous previous = {.known = false};
	struct subject subject = {response, &previous};
	json_t *alert = alert_subject(&subject);

	alert_complete(alert, rule, NULL, "");
	storm_report_add(report, response, rule, at_ms);
	if (storm_report_wants_more(report))
		storm_report_show(report, alert, 7, 8);
	json_decref(alert);
	response_free(response);
}

static void
expect(const json_t *told, const char *member, const char *expected)
{
	char *text = json_text_with(
		json_object_get(told, member), JSON_ENCODE_ANY | JSON_COMPACT);

	cr_expect_str_eq(text, expected, "%s: %s", member, text);
	free(text);
}

Test(storm, tells_how_many_of_what)
{
	static const struct owner jan = {.name = "jan",
		.display = (char *)(uintptr_t) "Jan de Vries",
		.email = (char *)(uintptr_t) "jan@example.com"};
	const struct owner *items[] = {&jan};
	const struct owners owners = {.count = 1, .items = items};
	struct storm_report report;
	json_t *told;

	storm_report_init(&report);
	add(&report, "low", 1795255200000,
		"{\"id\":\"a\",\"score\":3,\"segment\":{\"region\":\"BE\","
		"\"agent\":\"jan@example.com\"}}");
	cr_assert_str_eq(storm_report_survey(&report), "s", "one survey");
	add(&report, "worth", 1795255260000,
		"{\"id\":\"b\",\"score\":8,\"survey\":\"t\",\"segment\":{"
		"\"region\":\"NL\"}}");
	cr_assert_null(storm_report_survey(&report), "two");
	add(&report, "low", 1795255320000,
		"{\"id\":\"c\",\"score\":1,\"segment\":{\"region\":\"NL\"}}");
	/* One that was forgotten meanwhile. */
	storm_report_add(&report, NULL, "low", 1795255380000);
	told = storm_report_json(&report, &owners, 5);
	expect(told, "count", "5");
	expect(told, "looked_at", "4");
	expect(told, "more", "2");
	expect(told, "from", "\"2026-11-21T10:00:00Z\"");
	expect(told, "until", "\"2026-11-21T10:03:00Z\"");
	expect(told, "rules",
		"[{\"rule\":\"low\",\"count\":2},{\"rule\":\"worth\","
		"\"count\":1}]");
	expect(told, "categories",
		"[{\"category\":\"detractor\",\"count\":2},{\"category\":"
		"\"passive\",\"count\":1}]");
	expect(told, "surveys",
		"[{\"survey\":\"s\",\"count\":2},{\"survey\":\"t\","
		"\"count\":1}]");
	expect(told, "segments",
		"[{\"segment\":\"region\",\"value\":\"NL\",\"count\":2},"
		"{\"segment\":\"agent\",\"value\":\"jan@example.com\","
		"\"display\":\"Jan de Vries\",\"count\":1},"
		"{\"segment\":\"region\",\"value\":\"BE\",\"count\":1}]");
	cr_assert_eq(json_array_size(json_object_get(told, "first")), 3, "3");
	json_decref(told);
	storm_report_done(&report);
}

/* What many customers wrote must not become too much for a body. */
Test(storm, shows_the_first_and_cuts_what_they_wrote)
{
	struct storm_report report;
	char *long_text = mem_new(60001, 1);
	json_t *told, *first;

	memset(long_text, 'x', 60000);
	memcpy(long_text + STORM_TEXT_BYTES - 1, "\xc3\xa9", 2);
	storm_report_init(&report);
	for (int i = 0; i < STORM_FIRST + 30; i++) {
		char *text = mem_printf("{\"id\":\"%d\",\"score\":2,"
					"\"comment\":\"%s\",\"customer\":{"
					"\"name\":\"Anna\",\"x\":{\"y\":1}},"
					"\"segment\":{\"agent\":\"a%d\"}}",
			i, long_text, i);

		add(&report, "low", 1795255200000, text);
		free(text);
	}
	told = storm_report_json(&report, NULL, STORM_FIRST + 30);
	first = json_object_get(told, "first");
	cr_assert_eq(json_array_size(first), STORM_FIRST, "%zu",
		json_array_size(first));
	first = json_object_get(json_array_get(first, 0), "response");
	cr_assert_eq(json_string_length(json_object_get(first, "comment")),
		STORM_TEXT_BYTES - 1, "between characters");
	expect(first, "customer", "{\"name\":\"Anna\"}");
	cr_assert_eq(json_array_size(json_object_get(told, "segments")),
		STORM_VALUES, "the most frequent");
	char *text = json_text(told);

	cr_assert_lt(strlen(text), 20000, "%zu bytes", strlen(text));
	free(text);
	json_decref(told);
	storm_report_done(&report);
	free(long_text);
}
