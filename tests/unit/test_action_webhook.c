/* The action webhook: its settings, its bodies, its headers on the wire. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "../support/action_case.h"
#include "../support/receiver.h"
#include "action/webhook_sign.h"
#include "base/json.h"
#include "base/memory.h"
#include "conf_folder.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqrTwjU"

static struct conf_folder folder;

static void
init(void)
{
	conf_folder_init(&folder);
	conf_folder_write_text("token", "s3cret-token\n");
	conf_folder_write_text("broken", "two\nlines\n");
	conf_folder_write_text("sign", SECRET "\n");
	conf_folder_write_text("short", "whsec_YWJj\n");
	conf_folder_write_text("odd", "whsec_***\n");
	conf_folder_write_text("url", "https://hooks.example/services/T0/B0\n");
	conf_folder_write_text("good.jq", "{text: .response.comment}\n");
	conf_folder_write_text("bad.jq", "{text: .response.comment,\n +}\n");
}

static void
done(void)
{
	conf_folder_done(&folder);
}

TestSuite(action_webhook, .init = init, .fini = done);

#define URL "url: \"https://crm.example/x\""
#define U URL ", "

Test(action_webhook, settings)
{
	static const struct {
		const char *yaml;
		bool good;
		const char *told; /* a part of it; NULL: nothing */
	} rows[] = {
		{URL, true, NULL},
		{"url: {file: url}", true, NULL},
		{"url: \"http://127.0.0.1:80/x\"", true, NULL},
		{"url: \"http://[::1]/x\"", true, NULL},
		{"url: \"http://crm.example/x\"", true, "in the clear"},
		{"url: \"http://127.evil.example/\"", true, "in the clear"},
		{"method: PUT", false, "url: required"},
		{"url: \"ftp://crm.example\"", false, "https:// or http://"},
		{"url: \"crm\"", false, "actions.crm.url: expected"},
		{"url: \"https://a:b@crm.example\"", false, "user name"},
		{U "method: PATCH", true, NULL},
		{U "method: GET", false, "POST, PUT or PATCH"},
		{U "payload: '{text: .response.comment}'", true, NULL},
		{U "payload: {file: good.jq}", true, NULL},
		{U "payload: {file: none.jq}", false, "cannot read ./none.jq"},
		{U "payload: {files: x}", false, "{file: PATH}"},
		{U "payload: '{text: +}'", false,
			"payload: line 1, column 8: syntax error"},
		{U "payload: {file: bad.jq}", false,
			"bad.jq: line 2, column 2: syntax error"},
		{U "payload: '.respons.score'", true,
			"did you mean \".response\""},
		{U "payload: '.score'", true, "\".response.score\""},
		{U "format: cloudevents", true, NULL},
		{U "format: cloudevents, payload: '1'", false, "take one of"},
		{U "auth: {basic: {user: u, password: {file: token}}}", true,
			NULL},
		{U "auth: {basic: {user: {file: token}, password: {file: "
		   "token}}}",
			true, NULL},
		{U "auth: {basic: {user: u}}", false, "password: required"},
		{U "auth: {bearer: {file: token}}", true, NULL},
		{U "auth: {bearer: {file: broken}}", false, "a line break"},
		{U "auth: {header: {X-Key: {file: token}}}", true, NULL},
		{U "auth: {header: {\"X Key\": {file: token}}}", false,
			"header's name"},
		{U "auth: {header: {X-Key: {file: broken}}}", false,
			"a line break"},
		{U "auth: {header: {Host: {file: token}}}", false,
			"npsd sends itself"},
		{U "auth: {header: {}}", false, "expected one of basic"},
		{U "auth: {bearer: {file: token}, header: {X: {file: token}}}",
			false, "not several"},
		{U "headers: {X-Team: cx}", true, NULL},
		{U "headers: {X-Team: \"a\\r\\nb\"}", false, "a line break"},
		{U "headers: {\"X-Team:\": a}", false, "header's name"},
		{U "headers: {CE-Id: a}", false, "npsd sends itself"},
		{U "headers: {idempotency-key: a}", false, "sends itself"},
		{U "headers: {Authorization: a}", true, "belongs into"},
		{U "headers: {Authorization: a}, auth: {bearer: {file: token}}",
			false, "comes from"},
		{U "sign: {secret: {file: sign}}", true, NULL},
		{U "sign: {secrets: [{file: sign}, {file: sign}]}", true, NULL},
		{U "sign: {secrets: [{file: short}]}", true,
			"sign.secrets: the key has 3 bytes"},
		{U "sign: {secret: {file: sign}, secrets: [{file: sign}]}",
			false, "not both"},
		{U "sign: {secrets: []}", false, "list of 1 to 4"},
		{U "sign: {secrets: s3cret}", false, "list of 1 to 4"},
		{U "sign: {secrets: [{file: none}]}", false, "cannot read"},
		{U "sign: {secret: {file: short}}", true,
			"sign.secret: the key has 3 bytes"},
		{U "sign: {secret: {file: odd}}", false, "no base64"},
		{U "sign: {}", false, "expected a secret, or secrets"},
		{U "ca: none.pem", false, "cannot read ./none.pem"},
		{U "ca: token", true, NULL},
		{U "certificate: none.pem", false, "cannot read ./none.pem"},
		{U "certificate: token", true, "cannot use the certificate"},
		{U "certificate: token, key: token", true,
			"no delivery gets through"},
		{U "key: token", false, "expected \"certificate\""},
		{U "allow: 169.254.10.0/24", true, NULL},
		{U "allow: [10.0.0.0/8, \"fd00::/8\", 10.1.2.3]", true, NULL},
		{U "deny: example.com", false, "an address or a range"},
		{U "deny: 10.0.0.0/33", false, "0 to 32"},
		{U "deny: \"fd00::1/8\"", false, "bits behind its first 8"},
		{U "proxy: \"http://proxy.example:3128\"", true, NULL},
		{U "proxy: {url: \"http://proxy.example:3128\", auth: {user: "
		   "u, "
		   "password: {file: token}}}",
			true, NULL},
		{U "proxy: {auth: {user: u, password: {file: token}}}", false,
			"proxy.url: required"},
		{U "proxy: {url: \"http://p\", auth: {user: u}}", false,
			"password: required"},
		{U "proxy: {url: \"http://p\", auth: {user: u, password: "
		   "{file: "
		   "broken}}}",
			false, "a line break"},
		{U "proxy: \"socks5://p\"", false, "expected http://HOST:PORT"},
		{U "proxy: \"http://u:s3cret@p\"", false, "user name"},
		{U "proxy: \"http://p/x\"", false, "nothing behind"},
		{"url: \"https://b\xC3\xBC"
		 "cher.example/x\"",
			true, NULL},
		{"url: \"https://b\xC3\xBC"
		 "ch\xEF\xBC\x8F"
		 "er.example/x\"",
			false, "no name of a host"},
		{U "success: {status: 200, body: '.body == \"ok\"'}", true,
			NULL},
		{U "success: {status: [99]}", false, "from 100 to 599"},
		{U "success: {status: [9xx]}", false, "from 100 to 599"},
		{U "success: {status: []}", false, "at least one"},
		{U "success: {body: '.body =='}", false,
			"success.body: line 1"},
		{U "retry_when: {status: 4xx}", true, NULL},
		{U "limit: {concurrent: 0}", false, "1 to 256"},
		{U "limit: {concurrent: 257}", false, "1 to 256"},
		{U "timeout: 15", false, "duration"},
		{U "retry: {first: 1s}", true, NULL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct action_case it;
		bool good;

		action_case_init(&it);
		char *told = action_case_check(
			&it, &action_webhook, rows[i].yaml, false, &good);

		cr_assert_eq(good, rows[i].good, "%s: %s", rows[i].yaml, told);
		if (rows[i].told == NULL)
			cr_assert_str_eq(
				told, "", "%s: %s", rows[i].yaml, told);
		else
			cr_assert_not_null(strstr(told, rows[i].told), "%s: %s",
				rows[i].yaml, told);
		cr_assert_null(strstr(told, "s3cret"), "shows it: %s", told);
		free(told);
		action_case_done(&it);
	}
}

Test(action_webhook, defaults)
{
	struct action_case it;
	bool good;

	action_case_init(&it);
	free(action_case_check(&it, &action_webhook, URL, false, &good));
	const struct action_settings *common = it.settings;

	cr_assert_eq(common->limit.concurrent, 8, "concurrent");
	cr_assert_eq(common->timeout_ms, 15000, "timeout");
	cr_assert_eq(common->retry.first_ms, 5000, "retry.first");
	cr_assert_eq(common->retry.give_up_ms, 7 * MS_PER_DAY, "give_up");
	action_case_done(&it);
}

/* `check` on another machine: no secret is there. */
Test(action_webhook, offline)
{
	struct action_case it;
	bool good;

	action_case_init(&it);
	char *told = action_case_check(&it, &action_webhook,
		"url: {file: none}, sign: {secret: {file: none}}, auth: "
		"{bearer: {file: none}}, ca: none",
		true, &good);

	cr_assert(good, "%s", told);
	free(told);
	action_case_done(&it);
}

Test(action_webhook, bodies)
{
	static const struct {
		const char *yaml, *document, *body; /* NULL: fails */
	} rows[] = {
		{URL, "{\"b\":1,\"a\":\"\\u00e9\"}",
			"{\"b\":1,\"a\":\"\xC3\xA9\"}"},
		{U "format: cloudevents", "{\"b\":1}",
			"{\"specversion\":\"1.0\",\"id\":\"" ACTION_CASE_ID
			"\",\"source\":\"urn:npsd:crm\",\"type\":\"npsd.alert\""
			",\"time\":\"2026-11-21T09:00:00Z\","
			"\"datacontenttype\":\"application/json\","
			"\"data\":{\"b\":1}}"},
		{U "payload: '{text: .response.comment}'",
			"{\"response\":{\"comment\":\"a \\\"b\\\"\\n\"}}",
			"{\"text\":\"a \\\"b\\\"\\n\"}"},
		{U "payload: {file: good.jq}",
			"{\"response\":{\"comment\":null}}", "{\"text\":null}"},
		{U "payload: '[.a]'", "{}", "[null]"},
		{U "payload: '\"text=\\(.a|@uri)\"'", "{\"a\":\"x &\"}",
			"text=x%20%26"},
		{U "payload: '.a, .b'", "{}", NULL},
		{U "payload: 'empty'", "{}", NULL},
		{U "payload: '.a + 1'", "{\"a\":\"private\"}", NULL},
		{U "payload: 'def f: f; f'", "{}", NULL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct action_case it;
		struct buf body = {0};
		struct err err;

		action_case_init(&it);
		action_case_open(&it, &action_webhook, rows[i].yaml);
		json_t *document = action_case_document(rows[i].document);
		bool good = action_case_render(&it, document, "", &body, &err);

		cr_assert_eq(good, rows[i].body != NULL, "%s: %s", rows[i].yaml,
			err.text);
		if (good)
			cr_assert_str_eq(body.data, rows[i].body, "%s: %s",
				rows[i].yaml, body.data);
		else
			cr_assert_null(
				strstr(err.text, "private"), "%s", err.text);
		json_decref(document);
		buf_done(&body);
		action_case_done(&it);
	}
}

/* ---- on the wire ---- */

struct wire {
	struct action_case it;
	struct receiver *receiver;
	struct buf body;
};

static void
wire_open(struct wire *wire, const char *yaml)
{
	action_case_init(&wire->it);
	wire->receiver = receiver_open(wire->it.loop, RECEIVER_HTTP);
	char *whole = mem_printf("url: \"http://127.0.0.1:%d/private?k=v\"%s",
		receiver_port(wire->receiver), yaml);

	action_case_open(&wire->it, &action_webhook, whole);
	free(whole);
	wire->body = (struct buf){0};
	json_t *document = action_case_alert();
	struct err err;

	cr_assert(
		action_case_render(&wire->it, document, "", &wire->body, &err),
		"%s", err.text);
	json_decref(document);
}

static void
wire_done(struct wire *wire)
{
	buf_done(&wire->body);
	action_case_close(&wire->it);
	receiver_close(wire->receiver);
	action_case_done(&wire->it);
}

/* The value of a header of a request, or NULL; the caller frees it. */
static char *
header(const struct buf *request, const char *name)
{
	char *start = mem_printf("\r\n%s: ", name);
	const char *at = strstr(request->data, start);
	const char *end = strstr(request->data, "\r\n\r\n");
	char *value = NULL;

	if (at != NULL && at < end) {
		at += strlen(start);
		value = mem_copy(at, strcspn(at, "\r"));
	}
	free(start);
	return value;
}

static void
check_header(const struct buf *request, const char *name, const char *expected)
{
	char *value = header(request, name);

	if (expected == NULL)
		cr_assert_null(value, "%s: %s", name, value);
	else
		cr_assert(value != NULL && strcmp(value, expected) == 0,
			"%s: %s", name, value != NULL ? value : "missing");
	free(value);
}

static const char *
body_of(const struct buf *request)
{
	return strstr(request->data, "\r\n\r\n") + 4;
}

Test(action_webhook, a_request_by_default)
{
	struct wire wire;

	wire_open(&wire, "");
	struct outcome outcome = action_case_send(&wire.it, &wire.body, "", 1);
	const struct buf *request = receiver_seen(wire.receiver, 0);

	cr_assert_eq(outcome.end, OUTCOME_DELIVERED, "%s", outcome.reason);
	cr_assert_eq(outcome.status, 204, "status");
	cr_assert_eq(
		strncmp(request->data, "POST /private?k=v HTTP/1.1\r\n", 28), 0,
		"%s", request->data);
	cr_assert_str_eq(body_of(request), wire.body.data, "body");
	check_header(request, "Content-Type", "application/json");
	check_header(request, "Idempotency-Key", ACTION_CASE_ID);
	check_header(request, "npsd-attempt", "1");
	check_header(request, "ce-specversion", "1.0");
	check_header(request, "ce-type", "npsd.alert");
	check_header(request, "ce-source", "urn:npsd:crm");
	check_header(request, "ce-id", ACTION_CASE_ID);
	check_header(request, "ce-time", "2026-11-21T09:00:00Z");
	check_header(request, "webhook-id", NULL);
	check_header(request, "Authorization", NULL);
	wire_done(&wire);
}

Test(action_webhook, other_formats)
{
	static const struct {
		const char *yaml, *type, *ce_id;
	} rows[] = {
		{", format: cloudevents",
			"application/cloudevents+json; charset=utf-8", NULL},
		{", payload: '{a: 1}'", "application/json", NULL},
		{", payload: '\"a\"', headers: {content-type: text/plain}",
			NULL, NULL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct wire wire;

		wire_open(&wire, rows[i].yaml);
		action_case_send(&wire.it, &wire.body, "", 1);
		const struct buf *request = receiver_seen(wire.receiver, 0);

		check_header(request, "Content-Type", rows[i].type);
		check_header(request, "ce-id", rows[i].ce_id);
		check_header(request, "Idempotency-Key", ACTION_CASE_ID);
		wire_done(&wire);
	}
}

/* The kind of an event is told by its body: it was made by the settings of
 * that time. */
Test(action_webhook, a_body_from_before_a_reload)
{
	struct wire wire;
	struct buf body = {0};

	wire_open(&wire, "");
	buf_append_text(
		&body, "{\"specversion\":\"1.0\",\"id\":\"x\",\"data\":{}}");
	action_case_send(&wire.it, &body, "", 1);
	check_header(receiver_seen(wire.receiver, 0), "Content-Type",
		"application/cloudevents+json; charset=utf-8");
	check_header(receiver_seen(wire.receiver, 0), "ce-id", NULL);
	buf_done(&body);
	wire_done(&wire);
}

Test(action_webhook, who_we_are)
{
	static const struct {
		const char *yaml, *name, *value;
	} rows[] = {
		{", auth: {basic: {user: a/token, password: {file: token}}}",
			"Authorization", "Basic YS90b2tlbjpzM2NyZXQtdG9rZW4="},
		{", auth: {bearer: {file: token}}", "Authorization",
			"Bearer s3cret-token"},
		{", auth: {header: {X-Api-Key: {file: token}}}", "X-Api-Key",
			"s3cret-token"},
		{", headers: {X-Team: 'cx team'}", "X-Team", "cx team"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct wire wire;

		wire_open(&wire, rows[i].yaml);
		receiver_answer(wire.receiver, "",
			"HTTP/1.1 401 Unauthorized\r\nContent-Length: "
			"0\r\n\r\n");
		struct outcome outcome =
			action_case_send(&wire.it, &wire.body, "", 1);

		check_header(receiver_seen(wire.receiver, 0), rows[i].name,
			rows[i].value);
		cr_assert_eq(outcome.end, OUTCOME_ENDPOINT_DOWN, "%s",
			outcome.reason);
		cr_assert_null(
			strstr(outcome.reason, "s3cret"), "%s", outcome.reason);
		cr_assert_null(strstr(outcome.reason, "private"), "%s",
			outcome.reason);
		wire_done(&wire);
	}
}

/* FAULTS D12: the same id and body at each try, a fresh stamp. */
Test(action_webhook, each_try_is_signed_anew)
{
	struct wire wire;
	struct err err = {""};

	wire_open(&wire, ", method: PUT, sign: {secret: {file: sign}}");
	for (int i = 0; i < 3; i++) {
		receiver_answer(wire.receiver, "",
			i < 2 ? ""
			      : "HTTP/1.1 200 OK\r\nContent-Length: "
				"0\r\n\r\n");
		struct outcome outcome =
			action_case_send(&wire.it, &wire.body, "", i + 1);

		cr_assert_eq(outcome.end,
			i < 2 ? OUTCOME_TRY_LATER : OUTCOME_DELIVERED, "%s",
			outcome.reason);
		clock_set_advance(&wire.it.clock, 5000);
	}
	cr_assert_eq(receiver_count(wire.receiver), 3, "tries");
	const char *secrets[] = {SECRET};
	struct webhook_sign *sign = webhook_sign_open(secrets, 1, &err);

	for (int i = 0; i < 3; i++) {
		const struct buf *request = receiver_seen(wire.receiver, i);
		int64_t time_s = ACTION_CASE_NOW_MS / 1000 + i * 5;
		struct buf expected = {0};
		char number[24];

		cr_assert_eq(strncmp(request->data, "PUT ", 4), 0, "method");
		cr_assert_str_eq(body_of(request), wire.body.data, "body");
		snprintf(number, sizeof(number), "%d", i + 1);
		check_header(request, "npsd-attempt", number);
		snprintf(number, sizeof(number), "%lld", (long long)time_s);
		check_header(request, "webhook-timestamp", number);
		check_header(request, "webhook-id", ACTION_CASE_ID);
		webhook_sign_append(sign, &expected, ACTION_CASE_ID, time_s,
			wire.body.data, wire.body.length);
		check_header(request, "webhook-signature", expected.data);
		buf_done(&expected);
	}
	webhook_sign_close(sign);
	wire_done(&wire);
}

Test(action_webhook, answers_that_the_settings_name)
{
	static const struct {
		const char *answer;
		enum outcome_end end;
		int64_t retry_after_ms;
	} rows[] = {
		{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
			OUTCOME_DELIVERED, -1},
		{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno",
			OUTCOME_TRY_LATER, -1},
		{"HTTP/1.1 429 Slow\r\nRetry-After: 30\r\nContent-Length: "
		 "0\r\n\r\n",
			OUTCOME_TRY_LATER, 30000},
		{"HTTP/1.1 403 No\r\nContent-Length: 5\r\n\r\nLIMIT",
			OUTCOME_TRY_LATER, -1},
		{"HTTP/1.1 403 No\r\nContent-Length: 5\r\n\r\nnever",
			OUTCOME_ENDPOINT_DOWN, -1},
		{"HTTP/1.1 302 There\r\nLocation: http://127.0.0.1:1/\r\n"
		 "Content-Length: 0\r\n\r\n",
			OUTCOME_ENDPOINT_DOWN, -1},
	};
	struct wire wire;

	wire_open(&wire, ", success: {body: '.body == \"ok\"'}, retry_when: "
			 "{status: 403, body: '.body == \"LIMIT\"'}");
	for (size_t i = 0; i < COUNT(rows); i++) {
		receiver_answer(wire.receiver, "", rows[i].answer);
		struct outcome outcome =
			action_case_send(&wire.it, &wire.body, "", 1);

		cr_assert_eq(outcome.end, rows[i].end, "row %zu: %s", i,
			outcome.reason);
		cr_assert_eq(outcome.retry_after_ms, rows[i].retry_after_ms,
			"row %zu", i);
	}
	wire_done(&wire);
}
