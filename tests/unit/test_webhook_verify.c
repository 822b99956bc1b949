/*
 * Requests that show from whom they come: FAULTS rows H12 (signatures), T08
 * (their times), X02 (no secret in errors).
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "conf/conf_file.h"
#include "crypt/digest.h"
#include "hook_house.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NOW_S INT64_C(1763711285)
#define CANARY "canary-secret-0123"

TestSuite(webhook_verify, .timeout = 60);

Test(webhook_verify, settings_X02)
{
	static const struct {
		const char *verify;
		const char *error; /* NULL: good */
	} rows[] = {
		{"{scheme: standard-webhooks, secret: " CANARY "}", NULL},
		{"{scheme: standard-webhooks, secret: whsec_MDEyMzQ1Njc4OQ==}",
			"warning: s.verify.secret: a key of 10 bytes"},
		{"{scheme: standard-webhooks, secret: whsec_" CANARY "}",
			"the secret is no base64 behind whsec_"},
		{"{scheme: standard-webhooks, secret: " CANARY ", hmac: sha1}",
			"hmac is fixed by scheme"},
		{"{scheme: standard-webhooks, secrets: [" CANARY ", " CANARY
		 "2], tolerance: 1m}",
			NULL},
		{"{signature: {header: X}, secret: " CANARY "}", NULL},
		{"{signature: {header: X}, secret: " CANARY ", key: base64}",
			"the secret is no base64"},
		{"{signature: {header: X}, secret: MDEy, key: base64}",
			"a key of 3 bytes"},
		{"{signature: {header: X}}", "expected a secret"},
		{"{signature: {header: X}, secret: \"\"}",
			"the secret is empty"},
		{"{signature: {header: X}, secret: }", "found nothing"},
		{"{signature: {header: X}, secrets: []}",
			"expected a list of 1 to 8 secrets"},
		{"{signature: {header: X}, secrets: " CANARY "}",
			"expected a list of 1 to 8 secrets"},
		{"{signature: {header: X}, secrets: [" CANARY ", \"\"]}",
			"s.verify.secrets[1]: the secret is empty"},
		{"{secret: " CANARY "}", "expected signature, token, or"},
		{"{signature: {header: X, query: y}, secret: " CANARY "}",
			"exactly one of header, query, field, pointer"},
		{"{signature: {header: X}, token: {query: y}, secret: " CANARY
		 "}",
			"has both signature and token"},
		{"{token: {pointer: token}, secret: " CANARY "}",
			"a JSON pointer such as"},
		{"{token: {pointer: /token}, secret: " CANARY "}", NULL},
		{"{token: {pointer: /token}, secret: sixteen-less-1}",
			"at least 16"},
		{"{signature: {header: X}, secret: " CANARY
		 ", signed: \"{body}{nothing}\"}",
			"expected text with {body}"},
		{"{signature: {header: X}, secret: " CANARY
		 ", signed: \"{body\"}",
			"expected text with {body}"},
		{"{signature: {header: X}, secret: " CANARY
		 ", timestamp: {header: T}}",
			"the time is not signed"},
		{"{signature: {header: X}, secret: " CANARY
		 ", timestamp: {header: T}, signed: \"{timestamp}{body}\"}",
			NULL},
		{"{signature: {header: X}, secret: " CANARY
		 ", timestamp: {header: T}, signed: \"{header:t}.{body}\"}",
			NULL},
		{"{signature: {header: X}, secret: " CANARY
		 ", signed: \"{method}{uri}{body}\"}",
			"server.public_url"},
		{"{signature: {header: X}, secret: " CANARY ", hmac: md5}",
			"expected sha256, sha1 or sha512"},
		{"{signature: {header: X}, secrit: " CANARY "}",
			"did you mean \"secret\"?"},
		{CANARY, "verify: expected a map of settings"},
		{"[" CANARY "]", "found a list, expected a map"},
		{"{open: true}, sgin: {secret: " CANARY "}",
			"unknown key \"sgin\""},
		{"", NULL},
	};
	struct source_case it;

	source_case_init(&it, &source_webhook);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *yaml =
			mem_printf("{path: /hook, verify: %s}", rows[i].verify);
		char *errors = source_case_check(&it, yaml);

		if (rows[i].error != NULL)
			cr_expect_not_null(strstr(errors, rows[i].error),
				"%s: %s", rows[i].verify, errors);
		else
			cr_expect_null(strstr(errors, "expected"), "%s: %s",
				rows[i].verify, errors);
		cr_expect_null(strstr(errors, "canary"), "told: %s", errors);
		free(errors);
		free(yaml);
	}
	source_case_done(&it);
}

/* A house whose clock stands still. */
static void
open_house(struct hook_house *house, struct clock_set *set, const char *verify)
{
	char *yaml = mem_printf("{path: /hook, verify: %s}", verify);

	hook_house_init(house, yaml);
	clock_set_init(set, NOW_S * 1000);
	house->it.clock = set->clock;
	free(yaml);
}

/* base64 or hex, of the text of a request. */
static char *
sign(enum digest_kind kind, const char *key, const char *text, bool base64)
{
	struct hmac *hmac = hmac_new_of(kind, key, strlen(key));
	uint8_t code[DIGEST_LIMIT_BYTES];
	struct buf out = {0};

	hmac_begin(hmac);
	hmac_add(hmac, text, strlen(text));
	hmac_end(hmac, code);
	if (base64) {
		base64_append(&out, code, hmac_bytes(hmac));
	} else {
		char hex[2 * DIGEST_LIMIT_BYTES + 1];

		digest_hex(code, hmac_bytes(hmac), hex);
		buf_append_text(&out, hex);
	}
	hmac_free(hmac);
	return buf_take(&out);
}

#define GOOD "{\"score\":9}"
#define KEY_1 "0123456789abcdef01234567"
#define KEY_2 "89abcdef0123456789abcdef"

static int
post_standard(struct hook_house *house, const char *key, const char *id,
	const char *stamp, const char *scheme, const char *body)
{
	char *text = mem_printf("%s.%s.%s", id, stamp, body);
	char *code = sign(DIGEST_SHA256, key, text, true);
	char *headers = mem_printf("webhook-id: %s\r\nwebhook-timestamp: %s\r\n"
				   "webhook-signature: v1,AAAA %s%s\r\n",
		id, stamp, scheme, code);
	char *answer;
	int status =
		hook_ask(house, "POST", headers, body, strlen(body), &answer);

	free(answer);
	free(headers);
	free(code);
	free(text);
	return status;
}

Test(webhook_verify, of_times_both_ways_T08)
{
	static const struct {
		int64_t off_s;
		int status;
	} rows[] = {{0, 200}, {-299, 200}, {299, 200}, {-300, 200}, {300, 200},
		{-301, 401}, {301, 401}, {-86400, 401}, {86400, 401},
		{-NOW_S, 401}};
	static const char *const odd[] = {"", "now", "1763711285.5", "-1",
		"0001763711285", "1763711285000", "99999999999999999999",
		"1763711285 "};
	struct hook_house house;
	struct clock_set set;

	open_house(
		&house, &set, "{scheme: standard-webhooks, secret: " KEY_1 "}");
	for (size_t i = 0; i < COUNT(rows); i++) {
		char stamp[32];

		snprintf(stamp, sizeof(stamp), "%lld",
			(long long)(NOW_S + rows[i].off_s));
		cr_expect_eq(post_standard(&house, KEY_1, "msg_1", stamp, "v1,",
				     GOOD),
			rows[i].status, "%lld s off: %s",
			(long long)rows[i].off_s, house.it.unverified_reason);
	}
	cr_expect_eq(house.it.unverified, 5, "each is told");
	for (size_t i = 0; i < COUNT(odd) - 1; i++)
		cr_expect_eq(post_standard(&house, KEY_1, "msg_1", odd[i],
				     "v1,", GOOD),
			401, "\"%s\"", odd[i]);
	hook_house_done(&house);
}

Test(webhook_verify, by_standard_webhooks_H12)
{
	struct hook_house house;
	struct clock_set set;
	char *answer;
	char stamp[32];

	snprintf(stamp, sizeof(stamp), "%lld", (long long)NOW_S);
	open_house(&house, &set,
		"{scheme: standard-webhooks, secrets: [" KEY_1 ", " KEY_2 "]}");
	/* while one is changed both are good */
	cr_expect_eq(post_standard(&house, KEY_1, "m", stamp, "v1,", GOOD), 200,
		"the first");
	cr_expect_eq(post_standard(&house, KEY_2, "m", stamp, "v1,", GOOD), 200,
		"the second");
	cr_expect_eq(post_standard(&house, "other", "m", stamp, "v1,", GOOD),
		401, "another");
	cr_expect_eq(post_standard(&house, "", "m", stamp, "v1,", GOOD), 401,
		"an empty one");
	cr_expect_eq(post_standard(&house, KEY_1, "m", stamp, "v2,", GOOD), 401,
		"another scheme");
	cr_expect_eq(post_standard(&house, KEY_1, "m", stamp, "", GOOD), 401,
		"no scheme");
	cr_expect_eq(hook_ask(&house, "POST", "", GOOD, strlen(GOOD), &answer),
		401, "no headers: %s", answer);
	cr_expect_not_null(strstr(answer, "urn:npsd:problem:unverified"),
		"a problem: %s", answer);
	cr_expect_not_null(
		strstr(answer, "there is no signature in webhook-signature"),
		"what to do: %s", answer);
	cr_expect_null(strstr(answer, KEY_1), "no secret");
	free(answer);
	cr_expect_eq(hook_ask(&house, "HEAD", "", "", 0, &answer), 200,
		"who only looks");
	free(answer);
	cr_expect_eq(house.it.counted, 2, "what is kept");
	cr_expect_str_eq(
		house.it.kept[0].id_name, "m", "the id is the sender's");
	hook_house_done(&house);
}

/* A template that says what some tool does: digest, encoding, place, text. */
/* Sent again with another key that nobody signed, it is the same still. */
Test(webhook_verify, takes_the_id_that_is_signed_H14)
{
	static const char *const more[] = {
		"", "Idempotency-Key: other\r\n", "idempotency-key: third\r\n"};
	struct hook_house house;
	struct clock_set set;
	char *text = mem_printf("m.%lld." GOOD, (long long)NOW_S);
	char *code = sign(DIGEST_SHA256, KEY_1, text, true);

	open_house(
		&house, &set, "{scheme: standard-webhooks, secret: " KEY_1 "}");
	for (size_t i = 0; i < COUNT(more); i++) {
		char *headers = mem_printf("webhook-id: m\r\n"
					   "webhook-timestamp: %lld\r\n"
					   "webhook-signature: v1,%s\r\n%s",
			(long long)NOW_S, code, more[i]);
		char *answer;

		cr_expect_eq(hook_ask(&house, "POST", headers, GOOD,
				     strlen(GOOD), &answer),
			200, "%s: %s", more[i], answer);
		cr_expect_str_eq(
			house.it.kept[i].id_name, "m", "\"%s\"", more[i]);
		free(answer);
		free(headers);
	}
	free(code);
	free(text);
	hook_house_done(&house);
}

Test(webhook_verify, by_a_template_H12)
{
	static const struct {
		const char *verify;
		enum digest_kind kind;
		bool base64;
		const char *text;    /* that is signed */
		const char *request; /* method and target; %s: the code */
		const char *headers; /* %s: the code */
		int status;
	} rows[] = {
		{"{signature: {header: X-Sign}, secret: " KEY_1 "}",
			DIGEST_SHA256, false, GOOD, "POST", "x-sign: %s\r\n",
			200},
		{"{signature: {header: X-Sign}, secret: " KEY_2 "}",
			DIGEST_SHA256, false, GOOD, "POST", "x-sign: %s\r\n",
			401},
		{"{signature: {header: X-Sign}, secret: " KEY_1 "}",
			DIGEST_SHA1, false, GOOD, "POST", "X-Sign: %s\r\n",
			401},
		{"{signature: {header: X-Sign}, secret: " KEY_1 "}",
			DIGEST_SHA256, true, GOOD, "POST", "X-Sign: %s\r\n",
			401},
		{"{signature: {header: X-Sign}, secret: " KEY_1 "}",
			DIGEST_SHA256, false, GOOD " ", "POST",
			"X-Sign: %s\r\n", 401},
		{"{hmac: sha1, prefix: sha1=, signature: {header: S}, "
		 "secret: " KEY_1 "}",
			DIGEST_SHA1, false, GOOD, "POST", "S: sha1=%s\r\n",
			200},
		{"{hmac: sha512, encoding: base64, signature: {query: s}, "
		 "secret: " KEY_1 "}",
			DIGEST_SHA512, true, GOOD, "POST /hook?a=1&s=%s", "",
			401}, /* + and / need escapes */
		{"{hmac: sha512, signature: {query: s}, secret: " KEY_1 "}",
			DIGEST_SHA512, false, GOOD, "POST /hook?a=1&s=%s", "",
			200},
		{"{signature: {header: S}, signed: \"{method} {header:A}!\", "
		 "secret: " KEY_1 "}",
			DIGEST_SHA256, false, "POST b!", "POST",
			"A: b\r\nS: %s\r\n", 200},
		{"{signature: {header: S}, signed: \"{method} {header:A}!\", "
		 "secret: " KEY_1 "}",
			DIGEST_SHA256, false, "POST !", "POST", "S: %s\r\n",
			401},
		{"{signature: {header: S}, signed: \"{timestamp}.{body}\", "
		 "timestamp: {header: T, unit: ms}, secret: " KEY_1 "}",
			DIGEST_SHA256, false, "1763711285999." GOOD, "POST",
			"S: t=1,v=%s\r\nT: 1763711285999\r\n", 401},
		{"{signature: {header: S}, signed: \"{timestamp}.{body}\", "
		 "prefix: v=, timestamp: {header: T, unit: ms}, secret: " KEY_1
		 "}",
			DIGEST_SHA256, false, "1763711285999." GOOD, "POST",
			"S: t=1,v=%s\r\nT: 1763711285999\r\n", 200},
		{"{signature: {field: S}, secret: " KEY_1 "}", DIGEST_SHA256,
			false, GOOD, "POST", "S: %s\r\n", 401},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *code =
			sign(rows[i].kind, KEY_1, rows[i].text, rows[i].base64);
		struct hook_house house;
		struct clock_set set;
		char request[512], headers[512], *answer;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(request, sizeof(request), rows[i].request, code);
		snprintf(headers, sizeof(headers), rows[i].headers, code);
#pragma GCC diagnostic pop
		open_house(&house, &set, rows[i].verify);
		cr_expect_eq(hook_ask(&house, request, headers, GOOD,
				     strlen(GOOD), &answer),
			rows[i].status, "row %zu: %s", i, answer);
		cr_expect_eq(house.it.unverified, rows[i].status != 200,
			"row %zu", i);
		free(answer);
		free(code);
		hook_house_done(&house);
	}
}

Test(webhook_verify, by_a_token_H12)
{
	static const struct {
		const char *token, *request, *headers, *body;
		int status;
	} rows[] = {
		{"{header: X-Token}", "POST", "X-Token: " KEY_1 "\r\n", GOOD,
			200},
		{"{header: X-Token}", "POST", "X-Token: " KEY_2 "\r\n", GOOD,
			401},
		{"{header: X-Token}", "POST", "X-Token: " KEY_1 "0\r\n", GOOD,
			401},
		{"{header: X-Token}", "POST", "X-Token:\r\n", GOOD, 401},
		{"{header: X-Token}", "POST", "", GOOD, 401},
		{"{query: key}", "POST /hook?key=" KEY_1, "", GOOD, 200},
		{"{query: key}", "POST /hook?kay=" KEY_1, "", GOOD, 401},
		{"{pointer: /a/1}", "POST", "",
			"{\"score\":9,\"a\":[0,\"" KEY_1 "\"]}", 200},
		{"{pointer: /a/0}", "POST", "",
			"{\"score\":9,\"a\":[0,\"" KEY_1 "\"]}", 401},
		{"{pointer: /a/1}", "POST", "", "{\"a\":", 401},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *verify = mem_printf(
			"{token: %s, secrets: [" KEY_1 "]}", rows[i].token);
		struct hook_house house;
		struct clock_set set;
		char *answer;

		open_house(&house, &set, verify);
		cr_expect_eq(
			hook_ask(&house, rows[i].request, rows[i].headers,
				rows[i].body, strlen(rows[i].body), &answer),
			rows[i].status, "row %zu: %s", i, answer);
		cr_expect_null(strstr(answer, KEY_1), "no secret: %s", answer);
		free(answer);
		free(verify);
		hook_house_done(&house);
	}
}

static char *
vendor_file(const char *name, size_t *length)
{
	const char *top = getenv("top_srcdir");
	char *path = mem_printf("%s/tests/vendors/%s", top, name);
	struct buf bytes = {0};
	struct err err = {""};

	cr_assert(conf_file_read(path, 1 << 20, &bytes, NULL, NULL, &err),
		"%s: %s", path, err.text);
	*length = bytes.length;
	free(path);
	return buf_take(&bytes);
}

/* As Formbricks signed them, at the time when it did; 301 s later they are
 * refused. */
Test(webhook_verify, of_a_tool_itself_H12_T08)
{
	static const struct {
		const char *file, *id, *signature;
	} rows[] = {
		{"formbricks_created.json", "msg_3f1a01",
			"v1,s2HchkfmUKBRqctzg/5IG8sAlDZeQQAToHi88r9IC+M="},
	};
	struct hook_house house;
	struct clock_set set;

	if (getenv("top_srcdir") == NULL)
		cr_skip_test("top_srcdir is not set");
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t length;
		char *body = vendor_file(rows[i].file, &length), *answer;
		char *headers = mem_printf("webhook-id: %s\r\n"
					   "webhook-timestamp: 1763711280\r\n"
					   "webhook-signature: %s\r\n",
			rows[i].id, rows[i].signature);

		open_house(&house, &set,
			"{scheme: standard-webhooks, secret: "
			"whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=}");
		cr_expect_eq(hook_ask(&house, "POST", headers, body, length,
				     &answer),
			200, "%s: %s", rows[i].file, answer);
		free(answer);
		body[length / 2]++;
		cr_expect_eq(hook_ask(&house, "POST", headers, body, length,
				     &answer),
			401, "%s: %s", rows[i].file, answer);
		free(answer);
		body[length / 2]--;
		clock_set_init(&set, (INT64_C(1763711280) + 301) * 1000);
		cr_expect_eq(hook_ask(&house, "POST", headers, body, length,
				     &answer),
			401, "%s: %s", rows[i].file, answer);
		free(answer);
		free(headers);
		free(body);
		hook_house_done(&house);
	}
}

/* Its own word is enough; a bearer token beside it must be good as well. */
Test(webhook_verify, says_who_may_ask)
{
	struct source_case it;

	source_case_init(&it, &source_webhook);
	free(source_case_check(&it, "{path: /hook, verify: {scheme: "
				    "standard-webhooks, secret: x}}"));
	cr_expect(source_webhook_access(it.settings).open, "by itself");
	free(source_case_check(&it, "{path: /hook, token: 0123456789abcdef, "
				    "verify: {scheme: standard-webhooks, "
				    "secret: x}}"));
	cr_expect_not(source_webhook_access(it.settings).open, "both");
	source_case_done(&it);
}
