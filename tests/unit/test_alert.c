/* The document that conditions, payloads and messages see. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "nps/alert.h"

TestSuite(alert);

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

Test(alert, document)
{
	const struct previous known = {true, 9, CATEGORY_PROMOTER, 1500};
	const struct previous unknown = {0};
	struct response *response = decode("{\"score\":3,\"x\":[1]}");
	struct subject subject = {response, &known};
	json_t *document = alert_subject(&subject);
	char *text = json_canonical(document);

	cr_assert_str_eq(text,
		"{\"category\":\"detractor\",\"follow_up\":null,\"owner\":null,"
		"\"previous\":{\"answered_at\":"
		"\"1970-01-01T00:00:01.500Z\",\"category\":\"promoter\","
		"\"movement\":\"down\",\"repeat_detractor\":false,"
		"\"score\":9},\"response\":{\"answered_at\":"
		"\"2026-11-21T10:00:00Z\",\"score\":3,\"survey\":\"s\",\"x\":"
		"[1]}}",
		"subject");
	free(text);

	json_t *nps = json_pack("{s:{s:i}}", "30d", "responses", 4);

	alert_complete(document, "unhappy", nps, "d-1");
	json_decref(nps);
	text = json_text(json_object_get(document, "nps"));
	cr_assert_str_eq(text, "{\"30d\":{\"responses\":4}}", "figures");
	free(text);
	/* completed once more, for another rule and delivery */
	alert_complete(document, "other", NULL, "d-2");
	text = json_text(json_object_get(document, "delivery"));
	cr_assert_str_eq(text, "{\"id\":\"d-2\"}", "delivery");
	free(text);
	cr_assert_str_eq(json_string_at(document, "rule"), "other", "rule");
	cr_assert_eq(json_object_size(json_object_get(document, "nps")), 0,
		"no figures");
	json_decref(document);

	subject.previous = &unknown;
	document = alert_subject(&subject);
	cr_assert(
		json_is_null(json_object_get(document, "previous")), "unknown");
	json_decref(document);
	subject.previous = NULL;
	document = alert_subject(&subject);
	cr_assert(json_is_null(json_object_get(document, "previous")), "NULL");
	json_decref(document);
	response_free(response);
}

/* The text is what most receivers get, the tree what the others' payloads see:
 * they must say the same. */
Test(alert, the_text_says_what_the_tree_says)
{
	static const char *const answers[] = {
		"{\"score\":3}",
		"{\"score\":6.0,\"survey\":\"r\",\"x\":[1,2.5,null,true,{}]}",
		" {\"score\" : 0,\n\"comment\":\"a \\\"b\\\" \\u00e9 "
		"\xC3\xA9\"} ",
		"{\"score\":9,\"customer\":{\"email\":\"A@Example.com\"}}",
	};
	static const char *const rules[] = {"unhappy", "\"quoted\"\n\xC3\xA9"};
	const struct previous known = {true, 9, CATEGORY_PROMOTER, 1500};
	const struct previous unknown = {0};
	const struct previous *const previous[] = {&known, &unknown, NULL};
	json_t *nps =
		json_pack("{s:{s:i,s:f}}", "30d", "responses", 4, "nps", -12.5);
	char *nps_text = json_text(nps);

	for (size_t i = 0; i < 4 * 2 * 3; i++) {
		struct response *response = decode(answers[i % 4]);
		struct subject subject = {response, previous[i / 8]};
		const char *rule = rules[i / 4 % 2];
		json_t *document = alert_subject(&subject);
		struct buf text = {0};
		struct json_fault fault;
		json_t *read;

		struct alert_people people = {NULL, NULL};

		if (i % 3 == 0) {
			people.owner = json_pack("{s:s}", "name", "an\"na");
			people.follow_up = json_pack("{s:b}", "folded", 1);
		}
		alert_set_people(document, &people);
		alert_complete(document, rule, nps, "d-1");
		alert_append_text(&text, &subject, &people, rule,
			text_of(nps_text), "d-1");
		alert_people_done(&people);
		read = json_read(text.data, text.length, &fault);
		cr_assert_not_null(read, "no JSON: %s", text.data);
		cr_assert(json_equal(read, document), "%s", text.data);
		json_decref(read);
		json_decref(document);
		buf_done(&text);
		response_free(response);
	}
	free(nps_text);
	json_decref(nps);
}
