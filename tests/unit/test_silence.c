/* Silences: what may be asked for, and what holds. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "nps/silence.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* 2026-11-21T10:00:00Z */
#define NOW_MS INT64_C(1795255200000)

TestSuite(silence);

static struct silence *
ask(const char *text, const char **pointer, struct err *err)
{
	struct json_fault fault = {.reason = ""};
	json_t *asked = json_read(text, strlen(text), &fault);
	struct silence *silence;

	cr_assert_not_null(asked, "%s: %s", text, fault.reason);
	silence = silence_read(asked, NOW_MS, pointer, err);
	json_decref(asked);
	return silence;
}

#define REST ",\"for\":\"2h\",\"why\":\"x\"}"

Test(silence, what_is_refused_says_what_to_do)
{
	static const struct {
		const char *asked, *pointer, *says;
	} rows[] = {
		{"{\"for\":\"2h\",\"why\":\"x\"}", "/match", "match, rule, or"},
		{"{\"match\":{}" REST, "/match", "expected fields"},
		{"{\"match\":\"category\"" REST, "/match", "expected fields"},
		{"{\"match\":[1]" REST, "/match", "expected fields"},
		{"{\"rule\":7" REST, "/rule", "name of a rule"},
		{"{\"match\":{\"categry\":\"detractor\"}" REST, "/match",
			"\"categry\" is no field of the response format; did "
			"you mean category?"},
		{"{\"match\":{\"segmnt.region\":\"NL\"}" REST, "/match",
			"did you mean segment?"},
		{"{\"match\":{\"category\":\"detractors\"}" REST, "/match",
			"did you mean detractor?"},
		{"{\"match\":{\"score\":11}" REST, "/match", "from 0 to 10"},
		{"{\"match\":{\"score\":\"low\"}" REST, "/match",
			"a score is a number"},
		{"{\"match\":{\"account.value\":\">=much\"}" REST, "/match",
			"a number is expected"},
		{"{\"match\":{\"comment\":{\"contain\":\"x\"}}" REST, "/match",
			"did you mean contains?"},
		{"{\"match\":{\"segment\":{\"region\":\"NL\"}}" REST, "/match",
			"with a dot: segment.region"},
		{"{\"match\":{\"comment\":null}" REST, "/match",
			"write absent"},
		{"{\"match\":{\"comment\":[]}" REST, "/match", "is empty"},
		{"{\"match\":{\"comment\":[[1]]}" REST, "/match",
			"a plain value"},
		{"{\"match\":{\"a..b\":\"1\"}" REST, "/match", "match"},
		{"{\"match\":{\"\":\"1\"}" REST, "/match", "match"},
		{"{\"rule\":\"r\",\"why\":\"x\"}", "/for", "how long"},
		{"{\"rule\":\"r\",\"for\":\"2h\",\"until\":\"2026-11-21T12:00:"
		 "00Z\",\"why\":\"x\"}",
			"/for", "not both"},
		{"{\"rule\":\"r\",\"for\":\"0\",\"why\":\"x\"}", "/for",
			"at least 1s"},
		{"{\"rule\":\"r\",\"for\":\"-2h\",\"why\":\"x\"}", "/for",
			"as in 2h"},
		{"{\"rule\":\"r\",\"for\":\"2\",\"why\":\"x\"}", "/for",
			"as in 2h"},
		{"{\"rule\":\"r\",\"for\":7200,\"why\":\"x\"}", "/for",
			"as in 2h"},
		{"{\"rule\":\"r\",\"for\":\"400d\",\"why\":\"x\"}", "/for",
			"for: it may hold for 31d at most"},
		{"{\"rule\":\"r\",\"for\":\"106751991167d\",\"why\":\"x\"}",
			"/for", "for: "},
		{"{\"rule\":\"r\",\"until\":\"2026-11-21T10:00:00Z\",\"why\":"
		 "\"x\"}",
			"/until", "is over"},
		{"{\"rule\":\"r\",\"until\":\"tomorrow\",\"why\":\"x\"}",
			"/until", "expected RFC 3339"},
		{"{\"rule\":\"r\",\"until\":\"2027-11-21T10:00:00Z\",\"why\":"
		 "\"x\"}",
			"/until", "until: it may hold for 31d at most"},
		{"{\"rule\":\"r\",\"for\":\"2h\"}", "/why", "say why"},
		{"{\"rule\":\"r\",\"for\":\"2h\",\"why\":\" \\t\"}", "/why",
			"say why"},
		{"{\"rule\":\"r\",\"for\":\"2h\",\"why\":7}", "/why",
			"say why"},
		{"{\"rule\":\"r\",\"for\":\"2h\",\"why\":\"a\\nb\"}", "/why",
			"one line"},
		{"{\"rule\":\"r\",\"for\":\"2h\",\"why\":\"\\u001b[2J\"}",
			"/why", "one line"},
		{"{\"rule\":\"r\",\"for\":\"2h\",\"why\":\"a\\u202eb\"}",
			"/why", "one line"},
		{"{\"rule\":\"r\",\"fro\":\"2h\",\"why\":\"x\"}", "",
			"did you mean for?"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *pointer = "?";
		struct err err = {""};
		struct silence *silence = ask(rows[i].asked, &pointer, &err);

		cr_assert_null(silence, "%s", rows[i].asked);
		cr_assert_str_eq(pointer, rows[i].pointer, "%s", rows[i].asked);
		cr_assert_not_null(strstr(err.text, rows[i].says), "%s: %s",
			rows[i].asked, err.text);
	}
}

Test(silence, what_is_too_long_is_refused)
{
	char why[400], asked[6000], many[5000];
	const char *pointer = "";
	struct err err = {""};
	struct silence *silence;

	memset(why, 'x', sizeof(why));
	why[SILENCE_WHY_LIMIT_BYTES + 1] = '\0';
	snprintf(asked, sizeof(asked),
		"{\"rule\":\"r\",\"for\":\"2h\",\"why\":\"%s\"}", why);
	cr_assert_null(ask(asked, &pointer, &err), "a byte too many");
	cr_assert_str_eq(pointer, "/why", "%s", err.text);
	snprintf(asked, sizeof(asked),
		"{\"rule\":\"r\",\"for\":\"31d\",\"why\":\"%s\"}", why + 1);
	silence = ask(asked, &pointer, &err);
	cr_assert_not_null(silence, "as long as may be: %s", err.text);
	cr_assert_eq(silence->until_ms, NOW_MS + SILENCE_LONGEST_MS, "so long");
	silence_free(silence);
	memset(many, 'x', sizeof(many));
	many[sizeof(many) - 1] = '\0';
	snprintf(asked, sizeof(asked), "{\"match\":{\"comment\":\"%s\"}" REST,
		many);
	cr_assert_null(ask(asked, &pointer, &err), "a match too long");
	cr_assert_str_eq(pointer, "/match", "%s", err.text);
}

/* An own field is no slip where none of ours is near; but it is told. */
Test(silence, own_fields_are_warned_of)
{
	const char *pointer = "";
	struct err err = {""};
	struct silence *silence = ask(
		"{\"match\":{\"vendor_tier\":\"gold\"}" REST, &pointer, &err);

	cr_assert_not_null(silence, "%s", err.text);
	cr_assert_eq(json_array_size(silence->warnings), 1, "one warning");
	cr_assert_not_null(
		strstr(json_string_value(json_array_get(silence->warnings, 0)),
			"vendor_tier"),
		"names it");
	silence_free(silence);
}

static struct silence *
make(const char *asked, int64_t row)
{
	const char *pointer = "";
	struct err err = {""};
	struct silence *silence = ask(asked, &pointer, &err);

	cr_assert_not_null(silence, "%s: %s", asked, err.text);
	silence->row = row;
	return silence;
}

static struct response *
answer(const char *text)
{
	const struct response_defaults defaults = {
		.survey = "survey", .contact_ok = true, .now_ms = NOW_MS};
	struct rejection why;
	struct response *response =
		response_decode(text, strlen(text), &defaults, &why);

	cr_assert_not_null(response, "%s: %s", text, why.text);
	return response;
}

Test(silence, holds_for_what_it_matches_until_its_end)
{
	static const struct {
		const char *match;
		bool holds;
	} rows[] = {
		{"{\"category\":\"detractor\"}", true},
		{"{\"category\":\"passive\"}", false},
		{"{\"category\":[\"passive\",\"detractor\"]}", true},
		{"{\"score\":3}", true},
		{"{\"score\":\"0-3\"}", true},
		{"{\"score\":\"<3\"}", false},
		{"{\"segment.region\":\"NL\"}", true},
		{"{\"segment.region\":[\"BE\",\"NL\"]}", true},
		{"{\"segment.region\":\"nl\"}", false},
		{"{\"segment.region\":\"NL\",\"score\":9}", false},
		{"{\"comment\":\"present\"}", true},
		{"{\"comment\":\"absent\"}", false},
		{"{\"segment.agent\":\"absent\"}", true},
		{"{\"comment\":{\"contains\":\"WAIT\"}}", true},
		{"{\"comment\":{\"contains\":[\"a\",\"zz\"]}}", true},
		{"{\"contact_ok\":true}", true},
		{"{\"contact_ok\":\"false\"}", false},
		{"{\"segment.odd\":\"a\xE2\x80\xA8"
		 "b\"}",
			true},
		{"{\"segment.null\":\"null\"}", true},
	};
	struct response *response =
		answer("{\"id\":\"r\",\"score\":3,\"comment\":\"We wait.\","
		       "\"segment\":{\"region\":\"NL\",\"odd\":\"a\xE2\x80\xA8"
		       "b\",\"null\":\"null\"}}");
	struct previous previous = {.known = false};
	struct subject subject = {response, &previous};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct silences silences = {0};
		char asked[300];

		snprintf(asked, sizeof(asked), "{\"match\":%s" REST,
			rows[i].match);
		silences_add(&silences, make(asked, 1));
		cr_assert_eq(silences_find(&silences, "rule", &subject,
				     NOW_MS) != NULL,
			rows[i].holds, "%s", rows[i].match);
		cr_assert_null(silences_find(&silences, "rule", NULL, NOW_MS),
			"%s: of a forgotten one nothing is known",
			rows[i].match);
		cr_assert_null(silences_find(&silences, "rule", &subject,
				       NOW_MS + 2 * MS_PER_HOUR),
			"%s: over", rows[i].match);
		silences_done(&silences);
	}
	response_free(response);
}

/* What was kept holds as what was asked for. */
Test(silence, is_restored_as_it_was)
{
	struct silence *silence = make(
		"{\"rule\":\"r\",\"match\":{\"segment.region\":[\"NL\",\"BE\"]"
		",\"previous.score\":\"<5\"}" REST,
		7);
	struct silence bad = *silence, *again;
	struct silences silences = {0};
	static char broken[] = "{\"category\":";
	struct err err = {""};

	again = silence_restore(silence, &err);
	cr_assert_not_null(again, "%s", err.text);
	cr_assert_eq(again->row, 7, "row");
	cr_assert_str_eq(again->rule, "r", "rule");
	cr_assert_str_eq(again->match, silence->match, "match");
	cr_assert_eq(again->until_ms, NOW_MS + 2 * MS_PER_HOUR, "end");
	cr_assert_str_eq(again->why, "x", "why");
	cr_assert_eq(again->matchers.count, 2, "matchers");
	bad.match = broken;
	cr_assert_null(silence_restore(&bad, &err), "damaged");
	silences_add(&silences, again);
	cr_assert(silences.ask_previous, "it asks for the answer before");
	silences_remove(&silences, 8);
	cr_assert_eq(silences.count, 1, "another row");
	silences_remove(&silences, 7);
	cr_assert_eq(silences.count, 0, "removed");
	cr_assert_not(silences.ask_previous, "nobody asks any more");
	silences_done(&silences);
	silence_free(silence);
	silence_free(NULL);
}

Test(silence, silences_what_fired_by_the_one_that_ends_last)
{
	static char first_name[] = "first", second_name[] = "second",
		    third_name[] = "third";
	struct rule first = {.name = first_name},
		    second = {.name = second_name},
		    third = {.name = third_name};
	struct rule *items[] = {&first, &second, &third};
	const struct rules rules = {.count = 3, .items = items};
	struct verdict verdicts[3] = {{.end = VERDICT_FIRED},
		{.end = VERDICT_NO_MATCH}, {.end = VERDICT_FIRED}};
	struct response *response = answer("{\"id\":\"r\",\"score\":3}");
	struct previous previous = {.known = false};
	struct subject subject = {response, &previous};
	struct silences silences = {0};

	silences_decide(&silences, &rules, &subject, NOW_MS, verdicts);
	cr_assert_eq(verdicts[0].end, VERDICT_FIRED, "none is in force");
	silences_add(&silences,
		make("{\"rule\":\"first\",\"for\":\"1h\",\"why\":\"x\"}", 1));
	silences_add(&silences,
		make("{\"match\":{\"score\":3},\"rule\":\"first\",\"for\":"
		     "\"3h\",\"why\":\"x\"}",
			2));
	silences_add(&silences,
		make("{\"rule\":\"first\",\"for\":\"2h\",\"why\":\"x\"}", 3));
	silences_decide(&silences, &rules, &subject, NOW_MS, verdicts);
	cr_assert_eq(verdicts[0].end, VERDICT_SILENCED, "silenced");
	cr_assert_eq(verdicts[0].silence->row, 2, "by the last to end");
	cr_assert_eq(verdicts[1].end, VERDICT_NO_MATCH, "did not fire");
	cr_assert_eq(verdicts[2].end, VERDICT_FIRED, "another rule");
	cr_assert_eq(silences_find(&silences, "first", NULL, NOW_MS)->row, 3,
		"of a forgotten answer only what asks for nothing of it");
	silences_done(&silences);
	response_free(response);
}
