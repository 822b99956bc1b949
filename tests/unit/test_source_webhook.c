/*
 * Answers that come as HTTP requests, over real sockets: FAULTS rows H10, H11,
 * H15, H17, H18; the replies of DESIGN.md, section 7.
 */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/json.h"
#include "base/memory.h"
#include "hook_house.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define GOOD "{\"score\":9}"
#define BAD "{\"score\":11}"

TestSuite(source_webhook, .timeout = 60);

#define OPEN "{path: /hook, open: true}"

Test(source_webhook, settings)
{
	static const struct {
		const char *yaml;
		const char *error; /* NULL: good */
	} rows[] = {
		{"{path: /hooks/typeform, open: true}", NULL},
		{"{path: /h, token: 0123456789abcdef}", NULL},
		{"{path: /h, token: short}", "16"},
		{"{path: /h, token: 0123456789abcdef, open: true}",
			"everybody"},
		{"{open: true}", "path"},
		{"{path: hook, open: true}", "expected a path"},
		{"{path: \"/a?b\", open: true}", "expected a path"},
		{"{path: \"/a b\", open: true}", "expected a path"},
		{"{path: //a, open: true}", "expected a path"},
		{"{path: /api/v1/responses, open: true}", "npsd itself"},
		{"{path: /f/x, open: true}", "npsd itself"},
		{"{path: /healthz, open: true}", "npsd itself"},
		{"{path: /metrics, open: true}", "npsd itself"},
		{"{path: /feedback, open: true}", NULL},
		{"{path: /apis, open: true}", NULL},
	};
	struct source_case it;

	source_case_init(&it, &source_webhook);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *errors = source_case_check(&it, rows[i].yaml);

		if (rows[i].error != NULL)
			cr_assert(strstr(errors, rows[i].error), "%s: %s",
				rows[i].yaml, errors);
		else
			cr_assert(!strstr(errors, "expected") &&
					  !strstr(errors, "npsd itself"),
				"%s: %s", rows[i].yaml, errors);
		free(errors);
	}
	free(source_case_check(&it, rows[1].yaml));
	cr_assert_str_eq(source_webhook_access(it.settings).token,
		"0123456789abcdef", "token");
	cr_assert_not(source_webhook_access(it.settings).open, "open");
	cr_assert_str_eq(source_webhook.path(it.settings), "/h", "path");
	cr_assert_str_eq(source_webhook.path(source_webhook_api_settings()),
		"/api/v1/responses", "path");
	source_case_done(&it);
}

#define JSON "Content-Type: application/json\r\n"
#define LINES "Content-Type: application/x-ndjson\r\n"

Test(source_webhook, a_configured_source)
{
	static const struct {
		const char *method, *headers, *body;
		int status;
		const char *answer; /* its body, or a part of it */
		int records;
	} rows[] = {
		{"POST", JSON, GOOD, 200, "{\"accepted\":1}", 1},
		{"POST", "", GOOD, 200, "{\"accepted\":1}", 1},
		{"POST", "Content-Type: application/json; charset=utf-8\r\n",
			GOOD, 200, "{\"accepted\":1}", 1},
		{"POST", "Content-Type: Application/JSON\r\n", GOOD, 200,
			"{\"accepted\":1}", 1},
		{"POST", "Content-Type: application/cloudevents+json\r\n", GOOD,
			200, "{\"accepted\":1}", 1},
		{"POST", JSON, " [" GOOD "," GOOD "]\n", 200,
			"{\"accepted\":2}", 2},
		{"POST", JSON, "[]", 200, "{\"accepted\":0}", 0},
		{"POST", LINES, GOOD "\r\n\n" GOOD "\n" GOOD, 200,
			"{\"accepted\":3}", 3},
		{"POST", LINES, "", 200, "{\"accepted\":0}", 0},
		/* what is refused is kept, and not sent again */
		{"POST", JSON, BAD, 200, "{\"accepted\":0}", 1},
		{"POST", JSON, "", 200, "{\"accepted\":0}", 1},
		{"POST", JSON, "[" GOOD "," BAD ",7]", 200, "{\"accepted\":1}",
			3},
		{"POST", JSON, "[" GOOD ",", 200, "{\"accepted\":0}", 1},
		{"POST", JSON, GOOD GOOD, 200, "{\"accepted\":0}", 1},
		{"GET", "", "", 200, "{}", 0},
		{"HEAD", "", "", 200, "", 0},
		{"PUT", JSON, GOOD, 405, "GET, HEAD, POST", 0},
		{"DELETE", "", "", 405, "method-not-allowed", 0},
		{"POST", "Content-Type: text/plain\r\n", GOOD, 415,
			"application/x-ndjson", 0},
		{"POST", "Content-Type: application/x-www-form-urlencoded\r\n",
			"a=b", 415, "unsupported", 0},
		{"POST", JSON "Content-Encoding: gzip\r\n", "\x1f\x8b", 415,
			"not compressed", 0},
		{"POST", JSON "Content-Encoding: identity\r\n", GOOD, 200,
			"{\"accepted\":1}", 1},
	};
	struct hook_house house;

	hook_house_init(&house, OPEN);
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t before = house.it.counted;
		char *answer;
		int status = hook_ask(&house, rows[i].method, rows[i].headers,
			rows[i].body, strlen(rows[i].body), &answer);

		cr_assert_eq(status, rows[i].status, "row %zu: %s", i, answer);
		if (status == 200)
			cr_assert_str_eq(hook_body(answer), rows[i].answer,
				"row %zu: %s", i, answer);
		else
			cr_assert(strstr(answer, rows[i].answer), "row %zu: %s",
				i, answer);
		cr_assert_eq(house.it.counted - before, (size_t)rows[i].records,
			"row %zu", i);
		free(answer);
	}
	hook_house_done(&house);
}

#define COUNTS(a, d, l, c, r)                                    \
	"\"accepted\":" #a ",\"duplicates\":" #d ",\"late\":" #l \
	",\"conflicts\":" #c ",\"rejected\":" #r ",\"items\":["
#define ID(id) "{\"id\":\"" id "\",\"score\":1}"

Test(source_webhook, the_api)
{
	static const struct {
		const char *body;
		int status;
		const char *answer;
	} rows[] = {
		{GOOD, 202,
			"{" COUNTS(1, 0, 0, 0,
				0) "{\"index\":0,\"status\":\"accepted\"}]}"},
		{ID("dup1"), 200,
			"{" COUNTS(0, 1, 0, 0,
				0) "{\"index\":0,\"status\":\"duplicate\"}]}"},
		{"[" ID("dup1") "," ID("late1") "," ID("conf1") "]", 200,
			"{" COUNTS(0, 1, 1, 1,
				0) "{\"index\":0,\"status\":\"duplicate\"},"
				   "{\"index\":1,\"status\":\"late\"},"
				   "{\"index\":2,\"status\":\"conflict\"}]}"},
		{"[" ID("dup1") "," ID("new") "]", 202,
			"{" COUNTS(1, 1, 0, 0,
				0) "{\"index\":0,\"status\":\"duplicate\"},"
				   "{\"index\":1,\"status\":\"accepted\"}]}"},
		{"[]", 200, "{" COUNTS(0, 0, 0, 0, 0) "]}"},
	};
	struct hook_house house;

	hook_house_init(&house, NULL);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *answer;
		int status = hook_ask(&house, "POST", JSON, rows[i].body,
			strlen(rows[i].body), &answer);

		cr_assert_eq(status, rows[i].status, "row %zu: %s", i, answer);
		cr_assert_str_eq(
			hook_body(answer), rows[i].answer, "row %zu", i);
		free(answer);
	}
	hook_house_done(&house);
}

static const char *
item_text(const json_t *body, size_t index, const char *key)
{
	const char *text = json_string_at(
		json_array_get(json_object_get(body, "items"), index), key);

	return text != NULL ? text : "(none)";
}

Test(source_webhook, the_api_tells_what_is_wrong)
{
	static const char *const bodies[] = {
		BAD, "[" GOOD "," BAD ",7]", "{", "[" ID("dup") "," BAD "]"};
	static const struct {
		int status;
		size_t index;
		const char *reason, *pointer;
	} wanted[] = {
		{422, 0, "score", "/score"},
		{202, 1, "score", "/score"},
		{422, 0, "json", "(none)"},
		{200, 1, "score", "/score"},
	};
	struct hook_house house;

	hook_house_init(&house, NULL);
	for (size_t i = 0; i < COUNT(bodies); i++) {
		struct json_fault fault;
		size_t at = wanted[i].index;
		char *answer;
		json_t *body;
		int status = hook_ask(&house, "POST", JSON, bodies[i],
			strlen(bodies[i]), &answer);

		cr_assert_eq(status, wanted[i].status, "%s", answer);
		body = json_read(
			hook_body(answer), strlen(hook_body(answer)), &fault);
		cr_assert_not_null(body, "%s: %s", fault.reason, answer);
		cr_assert_str_eq(item_text(body, at, "status"), "rejected",
			"%s", answer);
		cr_assert_str_eq(item_text(body, at, "reason"),
			wanted[i].reason, "%s", answer);
		cr_assert_str_eq(item_text(body, at, "pointer"),
			wanted[i].pointer, "%s", answer);
		cr_assert_gt(strlen(item_text(body, at, "detail")), 10, "%s",
			answer);
		if (status == 422) {
			cr_assert(strstr(answer, "application/problem+json"),
				"%s", answer);
			cr_assert_str_eq(json_string_at(body, "type"),
				"urn:npsd:problem:rejected", "%s", answer);
			cr_assert_not_null(
				json_string_at(body, "detail"), "%s", answer);
		}
		json_decref(body);
		free(answer);
	}
	hook_house_done(&house);
}

Test(source_webhook, ids_from_headers)
{
	static char long_key[700];
	static const struct {
		const char *headers, *body;
		const char *first, *second; /* id names; NULL: none */
	} rows[] = {
		{"", GOOD, NULL, NULL},
		{"Idempotency-Key: k1\r\n", GOOD, "k1", NULL},
		{"webhook-id: w1\r\n", GOOD, "w1", NULL},
		{"webhook-id: w1\r\nIdempotency-Key: k1\r\n", GOOD, "k1", NULL},
		{"Idempotency-Key: k1\r\n", "[" GOOD "," GOOD "]", "k1#0",
			"k1#1"},
		{"Idempotency-Key: k1\r\n" LINES, GOOD "\n" GOOD, "k1#0",
			"k1#1"},
		{"Idempotency-Key: k1\r\n", "[" GOOD "]", "k1#0", NULL},
	};
	struct hook_house house;
	char *headers, *answer;

	hook_house_init(&house, OPEN);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct kept_record *kept;
		size_t before = house.it.kept_count;

		hook_ask(&house, "POST", rows[i].headers, rows[i].body,
			strlen(rows[i].body), &answer);
		kept = &house.it.kept[before];
		if (rows[i].first == NULL)
			cr_assert_null(kept->id_name, "row %zu", i);
		else
			cr_assert_str_eq(
				kept->id_name, rows[i].first, "row %zu", i);
		if (rows[i].second != NULL)
			cr_assert_str_eq(
				kept[1].id_name, rows[i].second, "row %zu", i);
		free(answer);
	}
	/* what can be no id is hashed, whole: told by the name's length */
	memset(long_key, 'k', sizeof(long_key) - 1);
	headers = mem_printf("Idempotency-Key: %s\r\n", long_key);
	house.it.by_hand = true;
	int fd = hook_client_start(&house, "POST", headers, GOOD, strlen(GOOD));
	source_case_until(&house.it, house.it.held_count == 1);
	cr_assert_not(house.it.held[0]->records[0].id_name_is_id, "hashed");
	cr_assert_str_eq(
		house.it.held[0]->records[0].id_name, long_key, "all of it");
	house.it.by_hand = false;
	free(hook_client_read(&house, fd));
	free(headers);
	hook_house_done(&house);
}

Test(source_webhook, limits)
{
	size_t size = 1024 * 1024 + 1;
	char *big = mem_new(size, 1);
	struct buf many = {0};
	struct hook_house house;
	char *answer;

	hook_house_init(&house, OPEN);
	memset(big, ' ', size);
	memcpy(big, GOOD, strlen(GOOD));
	cr_assert_eq(hook_ask(&house, "POST", JSON, big, size, &answer), 413,
		"%s", answer);
	cr_assert(strstr(answer, "1 MiB"), "%s", answer);
	free(answer);
	cr_assert_eq(hook_ask(&house, "POST", JSON, big, size - 1, &answer),
		200, "%s", answer);
	free(answer);
	cr_assert_eq(house.it.counted, 1, "one");
	/* 1000 records are taken, 1001 not, in both forms */
	for (int more = 0; more < 2; more++) {
		int status = more ? 413 : 200;

		buf_clear(&many);
		buf_append_char(&many, '[');
		for (int i = 0; i < 1000 + more; i++)
			buf_printf(&many, "%s" GOOD, i > 0 ? "," : "");
		buf_append_char(&many, ']');
		cr_assert_eq(hook_ask(&house, "POST", JSON, many.data,
				     many.length, &answer),
			status, "array %d: %s", more, answer);
		free(answer);
		buf_clear(&many);
		for (int i = 0; i < 1000 + more; i++)
			buf_append_text(&many, GOOD "\n");
		many.length--; /* the last line has no end */
		cr_assert_eq(hook_ask(&house, "POST", LINES, many.data,
				     many.length, &answer),
			status, "lines %d: %s", more, answer);
		free(answer);
	}
	cr_assert_eq(house.it.counted, 2001, "%zu", house.it.counted);
	/* a line that is too long is refused by itself */
	memset(big, 'x', 70000);
	memcpy(big + 70000, "\n" GOOD "\n", strlen(GOOD) + 2);
	cr_assert_eq(hook_ask(&house, "POST", LINES, big,
			     70000 + strlen(GOOD) + 2, &answer),
		200, "%s", answer);
	cr_assert_str_eq(hook_body(answer), "{\"accepted\":1}", "%s", answer);
	free(answer);
	cr_assert_eq(house.it.kept[2001].reason, REJECTED_TOO_LONG, "reason");
	cr_assert_eq(house.it.kept[2001].full_length, 70000, "length");
	cr_assert_eq(house.it.kept[2002].line, 2, "line");
	/* deep nesting costs nothing (H15) */
	memset(big, '[', size - 1);
	cr_assert_eq(hook_ask(&house, "POST", JSON, big, size - 1, &answer),
		200, "%s", answer);
	cr_assert_str_eq(hook_body(answer), "{\"accepted\":0}", "%s", answer);
	free(answer);
	free(big);
	buf_done(&many);
	hook_house_done(&house);
}

/* H18 */
Test(source_webhook, our_own_trouble_is_503)
{
	struct hook_house house;
	struct buf many = {0};
	char *answer;

	hook_house_init(&house, OPEN);
	house.it.full = true;
	cr_assert_eq(
		hook_ask(&house, "POST", JSON, GOOD, strlen(GOOD), &answer),
		503, "%s", answer);
	cr_assert(strstr(answer, "Retry-After: 1\r\n"), "%s", answer);
	free(answer);
	/* Nothing of it is read: it would be 413. */
	buf_append_char(&many, '[');
	for (int i = 0; i < 1001; i++)
		buf_append_text(&many, i > 0 ? ",1" : "1");
	buf_append_char(&many, ']');
	cr_assert_eq(
		hook_ask(&house, "POST", JSON, many.data, many.length, &answer),
		503, "%s", answer);
	free(answer);
	buf_done(&many);
	source_case_room(&house.it);
	house.it.broken = true;
	cr_assert_eq(
		hook_ask(&house, "POST", JSON, GOOD, strlen(GOOD), &answer),
		503, "%s", answer);
	cr_assert(strstr(answer, "Retry-After: 5\r\n"), "%s", answer);
	free(answer);
	house.it.broken = false;
	cr_assert_eq(
		hook_ask(&house, "POST", JSON, GOOD, strlen(GOOD), &answer),
		200, "%s", answer);
	free(answer);
	cr_assert_eq(house.it.counted, 1, "kept once");
	hook_house_done(&house);
}

/* Nothing is said before the commit; H17: who left early is missed by nobody. */
Test(source_webhook, answers_after_the_commit)
{
	static const struct linger reset = {1, 0};
	struct hook_house house;
	char byte;
	int waits, left;

	hook_house_init(&house, OPEN);
	house.it.by_hand = true;
	waits = hook_client_start(&house, "POST", JSON, GOOD, strlen(GOOD));
	left = hook_client_start(&house, "POST", JSON, GOOD, strlen(GOOD));
	source_case_until(&house.it, house.it.held_count == 2);
	source_case_run(&house.it, 30);
	cr_assert_lt(read(waits, &byte, 1), 0, "answered too early");
	setsockopt(left, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(left);
	source_case_run(&house.it, 10);
	/* closed while both are under way, as at a reload */
	house.it.kind->close(house.it.source);
	cr_assert_eq(house.it.closed, 0, "too early");
	house.it.by_hand = false;
	source_case_settle(&house.it, 2);
	cr_assert_eq(house.it.closed, 1, "closed");
	cr_assert_eq(house.it.counted, 2, "both are kept");
	char *answer = hook_client_read(&house, waits);
	cr_assert_str_eq(hook_body(answer), "{\"accepted\":1}", "%s", answer);
	free(answer);
	hook_house_done(&house);
}
