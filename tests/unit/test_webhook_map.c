/*
 * What a map makes of a body: FAULTS rows T04 (times by their unit), H10 (types
 * and encodings), and that nothing is lost where it fails.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "hook_house.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define JSON "application/json"
#define FORM "application/x-www-form-urlencoded"

TestSuite(webhook_map, .timeout = 60);

static void
open_house(struct hook_house *house, const char *map, const char *more)
{
	char *yaml =
		mem_printf("{path: /hook, open: true, map: '%s'%s}", map, more);

	hook_house_init(house, yaml);
	free(yaml);
}

/* All records that a body gives, a line each: a refused one with its reason and
 * its bytes. The caller frees it. */
static char *
records_of(struct hook_house *house, const char *type, const char *headers,
	const char *body)
{
	struct buf out = {0};
	size_t before = house->it.kept_count;
	char *answer,
		*all = mem_printf("Content-Type: %s\r\n%s", type, headers);
	int status = hook_ask(house, "POST /hook?a=1&b=x%20y&a=2", all, body,
		strlen(body), &answer);

	if (status != 200)
		buf_printf(&out, "%d", status);
	buf_append_text(&out, "");
	for (size_t i = before; i < house->it.kept_count; i++) {
		const struct kept_record *kept = &house->it.kept[i];

		buf_append_text(&out, i > before ? "\n" : "");
		if (kept->refused)
			buf_printf(&out,
				"%s: ", rejection_reason_name(kept->reason));
		buf_append_text(&out, kept->text);
	}
	free(answer);
	free(all);
	return buf_take(&out);
}

struct map_row {
	const char *map, *type, *body, *wanted;
};

/* Rows behind one another with the same map share a source: compiling is what
 * takes the time. */
static void
expect_rows(const struct map_row *rows, size_t count, const char *more)
{
	struct hook_house house;
	const char *open = NULL;

	for (size_t i = 0; i < count; i++) {
		char *found;

		if (open == NULL || strcmp(open, rows[i].map) != 0) {
			if (open != NULL)
				hook_house_done(&house);
			open_house(&house, rows[i].map, more);
			open = rows[i].map;
		}
		found = records_of(&house, rows[i].type, "", rows[i].body);
		cr_expect_str_eq(found, rows[i].wanted, "%s over %s: %s",
			rows[i].map, rows[i].body, found);
		free(found);
	}
	hook_house_done(&house);
}

Test(webhook_map, of_bodies_of_all_forms_H10)
{
	static const struct map_row rows[] = {
		{"{score: .s}", JSON, "{\"s\":3}", "{\"score\":3}"},
		{"{score: .s}", "application/vnd.x+json", "{\"s\":3}",
			"{\"score\":3}"},
		/* one, many, none */
		{".[] | select(.s) | {score: .s}", JSON,
			"[{\"s\":1},{},{\"s\":2}]",
			"{\"score\":1}\n{\"score\":2}"},
		{"empty", JSON, "{}", ""},
		{"select(.event == \"x\")", JSON, "{\"event\":\"ping\"}", ""},
		{".", JSON, "7", "7"},
		/* forms */
		{"{score: (.r.score | tonumber), comment: .r.text}", FORM,
			"r[score]=3&r[text]=too+late%21",
			"{\"score\":3,\"comment\":\"too late!\"}"},
		{"{score: (.q | tonumber), n: .n}",
			"multipart/form-data; boundary=B",
			"--B\r\nContent-Disposition: form-data; name=\"q\"\r\n"
			"\r\n4\r\n--B\r\nContent-Disposition: form-data; "
			"name=n\r\n\r\n\r\n--B--",
			"{\"score\":4,\"n\":\"\"}"},
		/* JSON inside of a text, and inside of that */
		{".m | fromjson | {score: .s, comment: (.t | fromjson | .[0])}",
			FORM, "m=%20{\"s\":3,\"t\":\"[\\\"x\\\"]\"}",
			"{\"score\":3,\"comment\":\"x\"}"},
		{"{a: (.a | fromjson)}", JSON, "{\"a\":\"4.5\"}",
			"{\"a\":4.5}"},
		{"[.a[] | fromjson] | {a: .}", JSON,
			"{\"a\":[\"true\",\"null\",\"{}\",\" -1e2 \"]}",
			"{\"a\":[true,null,{},-100]}"},
		{".a | try fromjson catch {e: .}", JSON, "{\"a\":\"{\"}",
			"{\"e\":\"fromjson: the text is no JSON\"}"},
		{".a | try fromjson catch {e: .}", JSON,
			"{\"a\":\"{\\\"b\\\":1,\\\"b\\\":2}\"}",
			"{\"e\":\"fromjson: the text is no JSON\"}"},
		{"try (.a | tonumber) catch {e: .}", JSON, "{\"a\":\"4x\"}",
			"{\"e\":\"tonumber: the text is no number\"}"},
		{"{a: (.a | tonumber)}", JSON, "{\"a\":7}", "{\"a\":7}"},
		/* what no double holds is a text */
		{"{id, n, l}", JSON,
			"{\"id\":6084250982513018472,\"n\":9007199254740992,"
			"\"l\":[-9007199254740993]}",
			"{\"id\":\"6084250982513018472\",\"n\":"
			"9007199254740992,\"l\":[\"-9007199254740993\"]}"},
		/* what cannot be read is kept */
		{".", JSON, "{\"s\":", "json: {\"s\":"},
		{".", FORM, "a=%00", "form: a=%00"},
		{".", FORM, "a=1&a[b]=2", "form: a=1&a[b]=2"},
		{".", "multipart/form-data; boundary=B", "--C", "form: --C"},
		/* JSON as a form, which a select would drop */
		{"select(.event == \"x\") | {score: .s}", FORM,
			"{\"event\":\"x\",\"s\":3}",
			"form: {\"event\":\"x\",\"s\":3}"},
		{"empty", FORM, " [ {\"text\":\"a&b=c\"}]",
			"form:  [ {\"text\":\"a&b=c\"}]"},
		{"empty", FORM, "[0]=x&a=%7B", ""},
		/* nor is it where the map fails */
		{".a.b", JSON, "{\"a\":\"Anna\"}", "map: {\"a\":\"Anna\"}"},
		{"{score: 1}, error(\"no\")", JSON, "{}", "map: {}"},
		{"range(1001) | {score: 1}", JSON, "{}", "map: {}"},
		{"until(false; .)", JSON, "{}", "map: {}"},
		/* types that nobody speaks */
		{".", "text/plain", "{}", "415"},
		{".", "application/x-ndjson", "{}", "415"},
		{".", JSON "\r\nContent-Encoding: gzip", "{}", "415"},
	};

	expect_rows(rows, COUNT(rows), "");
}

Test(webhook_map, sees_the_request)
{
	struct hook_house house;
	char *found;

	open_house(&house,
		"$request | {method, path, a: .query.a, b: .query.b, t: "
		".headers[\"x-tool\"], s: .headers.authorization, "
		"body_sha256}",
		"");
	found = records_of(
		&house, JSON, "X-Tool: T\r\nAuthorization: Bearer x\r\n", "{}");
	cr_expect_str_eq(found,
		"{\"method\":\"POST\",\"path\":\"/hook\",\"a\":\"1\",\"b\":"
		"\"x y\",\"t\":\"T\",\"s\":null,\"body_sha256\":"
		"\"44136fa355b3678a1146ad16f7e8649e"
		"94fb4fc21fe77e8310c060f61caaff8a\"}",
		"%s", found);
	free(found);
	hook_house_done(&house);
}

#define AT(expression) "{answered_at: (" expression ")}"
#define GAVE(text) "{\"answered_at\":\"" text "\"}"

Test(webhook_map, times_have_one_unit_T04)
{
	static const struct map_row rows[] = {
		{AT(".t | from_epoch"), JSON, "{\"t\":1763715600}",
			GAVE("2025-11-21T09:00:00Z")},
		{AT(".t | from_epoch"), JSON, "{\"t\":\"1763700125\"}",
			GAVE("2025-11-21T04:42:05Z")},
		{AT(".t | from_epoch"), JSON, "{\"t\":1763715600.25}",
			GAVE("2025-11-21T09:00:00.250Z")},
		{AT(".t | from_epoch_ms"), JSON, "{\"t\":1763714399000}",
			GAVE("2025-11-21T08:39:59Z")},
		{AT(".t | from_epoch_ms"), JSON, "{\"t\":\"1763714399007\"}",
			GAVE("2025-11-21T08:39:59.007Z")},
		/* the wrong unit is refused, not taken for another time */
		{AT(".t | from_epoch"), JSON, "{\"t\":1763714399000}",
			"map: {\"t\":1763714399000}"},
		{AT(".t | from_epoch_ms"), JSON, "{\"t\":1763714399}",
			"map: {\"t\":1763714399}"},
		{AT(".t | from_epoch_ms"), JSON, "{\"t\":1763714399000000}",
			"map: {\"t\":1763714399000000}"},
		{AT(".t | from_epoch"), JSON, "{\"t\":1000000000000000000}",
			"map: {\"t\":1000000000000000000}"},
		{AT(".t | from_epoch"), JSON, "{\"t\":-1}", "map: {\"t\":-1}"},
		{AT(".t | from_epoch"), JSON, "{\"t\":0}", "map: {\"t\":0}"},
		{AT(".t | from_epoch"), JSON, "{\"t\":\"nan\"}",
			"map: {\"t\":\"nan\"}"},
		{AT(".t | from_epoch"), JSON, "{\"t\":null}",
			"map: {\"t\":null}"},
		/* a number is no time by itself: the strict reader refuses it */
		{AT(".t"), JSON, "{\"t\":1763715600}",
			"{\"answered_at\":1763715600}"},
		/* texts with a zone */
		{AT(".t"), JSON, "{\"t\":\"2025-11-21T13:57:26.558-07:00\"}",
			GAVE("2025-11-21T20:57:26.558Z")},
		{AT(".t"), JSON, "{\"t\":\"2025-11-21 13:57:26 -0700\"}",
			GAVE("2025-11-21T20:57:26Z")},
		/* and without: not guessed */
		{AT(".t"), JSON, "{\"t\":\"2025-11-21 13:57:26\"}",
			GAVE("2025-11-21 13:57:26")},
		/* revisions */
		{"{revision: .t}", JSON, "{\"t\":\"2025-11-21T07:47:56.116Z\"}",
			"{\"revision\":1763711276116}"},
		{"{revision: .t}", JSON, "{\"t\":3}", "{\"revision\":3}"},
	};
	static const struct map_row zoned[] = {
		{AT(".t"), JSON, "{\"t\":\"2025-11-21 13:57:26\"}",
			GAVE("2025-11-21T12:57:26Z")},
		{AT(".t"), JSON, "{\"t\":\"2025-07-01 13:57\"}",
			GAVE("2025-07-01T11:57:00Z")},
		{AT(".t"), JSON, "{\"t\":\"2025-11-21T07:47:56Z\"}",
			GAVE("2025-11-21T07:47:56Z")},
		{AT(".t"), JSON, "{\"t\":\"2025-02-30 13:57:26\"}",
			GAVE("2025-02-30 13:57:26")},
	};
	static const struct map_row formatted[] = {
		{AT(".t"), JSON, "{\"t\":\"21-11-2025 14:03:22\"}",
			GAVE("2025-11-21T13:03:22Z")},
		{AT(".t"), JSON, "{\"t\":\"30-02-2025 14:03:22\"}",
			GAVE("30-02-2025 14:03:22")},
		{AT(".t"), JSON, "{\"t\":\"2025-11-21T07:47:56Z\"}",
			GAVE("2025-11-21T07:47:56Z")},
	};

	expect_rows(rows, COUNT(rows), "");
	expect_rows(zoned, COUNT(zoned), ", timezone: Europe/Amsterdam");
	expect_rows(formatted, COUNT(formatted),
		", timezone: Europe/Amsterdam, date_format: "
		"\"%d-%m-%Y %H:%M:%S\"");
}

/* Where the map gives none, the request's own key is the id. */
Test(webhook_map, ids)
{
	struct hook_house house;
	char *answer;

	open_house(&house, ".[]", "");
	free((hook_ask(&house, "POST", "webhook-id: m1\r\n", "[{\"score\":1}]",
		      13, &answer),
		answer));
	free((hook_ask(&house, "POST", "Idempotency-Key: k\r\n",
		      "[{\"score\":1},{\"score\":2}]", 25, &answer),
		answer));
	cr_assert_eq(house.it.kept_count, 3, "three");
	cr_expect_str_eq(house.it.kept[0].id_name, "m1", "one");
	cr_expect_str_eq(house.it.kept[1].id_name, "k#0", "first of two");
	cr_expect_str_eq(house.it.kept[2].id_name, "k#1", "second of two");
	hook_house_done(&house);
}

Test(webhook_map, settings)
{
	static const struct {
		const char *more, *error;
	} rows[] = {
		{"map: .", NULL},
		{"map: '.a |'", "s.map: "},
		{"map: '$nothing'", "nothing"},
		{"map: '$request.method'", NULL},
		{"map: 'input'", NULL}, /* refused as it runs */
		{"map: ''", "empty"},
		{"map: [1]", "expected"},
		{"map: {file: nothing.jq}", "cannot read nothing.jq"},
		{"map: {flie: nothing.jq}", "expected a jq text or {file:"},
		{"timezone: UTC", "there is no map"},
		{"map: ., timezone: Mars", "Mars"},
		{"map: ., date_format: '%d-%m-%Y'", "has no %z"},
		{"map: ., date_format: '%d-%m-%Y %z'", NULL},
		{"map: ., date_format: '%d-%m-%Y', timezone: UTC", NULL},
		{"map: ., date_format: 'x'", "s.date_format"},
	};
	struct source_case it;

	source_case_init(&it, &source_webhook);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *yaml = mem_printf(
			"{path: /hook, open: true, %s}", rows[i].more);
		char *errors = source_case_check(&it, yaml);

		if (rows[i].error != NULL)
			cr_expect_not_null(strstr(errors, rows[i].error),
				"%s: %s", rows[i].more, errors);
		else
			cr_expect_str_eq(
				errors, "", "%s: %s", rows[i].more, errors);
		free(errors);
		free(yaml);
	}
	source_case_done(&it);
}
