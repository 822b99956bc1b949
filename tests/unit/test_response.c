/*
 * The response format: FAULTS rows C01-C05 (scores), T01-T03 (times), S10-S12
 * (bytes), and what is kept of a record.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/time.h"
#include "nps/response.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NOW_MS INT64_C(1795255200000) /* 2026-11-21T10:00:00Z */
#define FIT "\"answered_at\":\"2026-11-21T09:00:00Z\""

TestSuite(response);

static const struct response_defaults defaults = {
	.survey = "spool", .contact_ok = true, .now_ms = NOW_MS};

static struct response *
decode_bytes(const char *bytes, size_t length, struct rejection *why)
{
	/* A copy of its own size, so that ASan guards the end. */
	char *copy = malloc(length ? length : 1);

	if (length)
		memcpy(copy, bytes, length);
	struct response *response =
		response_decode(copy, length, &defaults, why);

	free(copy);
	return response;
}

static struct response *
decode(const char *text)
{
	struct rejection why;
	struct response *response = decode_bytes(text, strlen(text), &why);

	cr_assert_not_null(response, "%s: %s", text, why.text);
	cr_assert_eq(strlen(response->content), response->content_length,
		"%s: the length of the content", text);
	return response;
}

static void
refuse_bytes(const char *bytes, size_t length, enum rejection_reason reason,
	struct rejection *why)
{
	struct response *response = decode_bytes(bytes, length, why);

	cr_assert_null(response, "taken: %s", bytes);
	cr_assert_str_eq(rejection_reason_name(why->reason),
		rejection_reason_name(reason), "%s: %s", bytes, why->text);
	cr_assert(why->text[0], "%s: there is a sentence", bytes);
	if (why->offset_known)
		cr_assert_leq(why->offset, length, "%s: offset", bytes);
}

Test(response, scores_C01_C02_C03)
{
	static const struct {
		const char *score;
		int wanted; /* -1: refused as score, -2: as JSON */
	} rows[] = {
		{"0", 0},
		{"1", 1},
		{"6", 6},
		{"7", 7},
		{"8", 8},
		{"9", 9},
		{"10", 10},
		{"6.0", 6},
		{"6e0", 6},
		{"60e-1", 6},
		{"1e1", 10},
		{"0.6E+1", 6},
		{"-0", 0},
		{"-0.0", 0},
		{"0e5", 0},
		{"10.000000000000000000", 10},
		/* refused, never wrapped or rounded */
		{"-1", -1},
		{"11", -1},
		{"6.5", -1},
		{"10.0001", -1},
		{"-0.0001", -1},
		{"4294967302", -1},
		{"256", -1},
		{"65542", -1},
		{"9223372036854775807", -1},
		{"-9223372036854775808", -1},
		{"1e300", -1},
		{"18446744073709551616", -2},
		{"1e400", -2},
		{"-1e400", -2},
		{"1e-400", -2},
		{"1e-300", -1},
		{"9223372036854775808", -2},
		/* C04 */
		{"\"6\"", -1},
		{"\"06\"", -1},
		{"\" 6\"", -1},
		{"\"\"", -1},
		{"true", -1},
		{"false", -1},
		{"null", -1},
		{"[]", -1},
		{"[6]", -1},
		{"{}", -1},
		/* C05 */
		{"", -2},
		{"NaN", -2},
		{"Infinity", -2},
		{"-Infinity", -2},
		{"06", -2},
		{"+6", -2},
		{"0x6", -2},
		{"6.", -2},
		{".6", -2},
		{"6 6", -2},
		{"6,", -2},
		{"'6'", -2},
		{"6/**/", -2},
		{"6//", -2},
		{"1e", -2},
		{"--1", -2},
		{"1_0", -2},
		{"six", -2},
		{"True", -2},
		{"None", -2},
	};
	char text[128];

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct rejection why;

		(void)snprintf(
			text, sizeof(text), "{\"score\":%s}", rows[i].score);
		if (rows[i].wanted < 0) {
			refuse_bytes(text, strlen(text),
				rows[i].wanted == -1 ? REJECTED_SCORE
						     : REJECTED_JSON,
				&why);
			cr_assert(why.offset_known, "%s: has a place", text);
			continue;
		}
		struct response *response = decode(text);

		cr_assert_eq(response->score, rows[i].wanted, "%s: %d", text,
			response->score);
		cr_assert_eq(response->category, category_of(rows[i].wanted),
			"%s", text);
		cr_assert_eq(response_is_detractor(response),
			rows[i].wanted <= 6, "%s", text);
		cr_assert(flat_member(response->record, "score")->type ==
				  JSON_INTEGER,
			"%s: an integer", text);
		response_free(response);
	}
}

Test(response, broken_texts_C05_S10_S11)
{
#define ROW(literal, reason)                         \
	{                                            \
		literal, sizeof(literal) - 1, reason \
	}
	static const struct {
		const char *bytes;
		size_t length;
		enum rejection_reason reason;
	} rows[] = {
		ROW("", REJECTED_JSON),
		ROW(" \r\n\t ", REJECTED_JSON),
		ROW("{}", REJECTED_SCORE),
		ROW("{\"Score\":3}", REJECTED_SCORE),
		ROW("{\"SCORE\":3}", REJECTED_SCORE),
		ROW("[]", REJECTED_NOT_OBJECT),
		ROW("[{\"score\":3}]", REJECTED_NOT_OBJECT),
		ROW("3", REJECTED_NOT_OBJECT),
		ROW("\"score\"", REJECTED_NOT_OBJECT),
		ROW("null", REJECTED_NOT_OBJECT),
		ROW("true", REJECTED_NOT_OBJECT),
		ROW("{\"score\":3", REJECTED_JSON),
		ROW("{\"score\"", REJECTED_JSON),
		ROW("{", REJECTED_JSON),
		ROW("{\"score\":3}}", REJECTED_JSON),
		ROW("{\"score\":3}{\"score\":3}", REJECTED_JSON),
		ROW("{\"score\":3} x", REJECTED_JSON),
		ROW("{\"score\":3,}", REJECTED_JSON),
		ROW("{score:3}", REJECTED_JSON),
		ROW("{'score':3}", REJECTED_JSON),
		ROW("{\"score\":3,\"score\":3}", REJECTED_JSON),
		ROW("{\"score\":3,\"sc\\u006fre\":10}", REJECTED_JSON),
		ROW("{\"score\":3,\"a\":{\"b\":1,\"b\":1}}", REJECTED_JSON),
		ROW("{\"score\":3,\"a\":1e999}", REJECTED_JSON),
		ROW("/*x*/{\"score\":3}", REJECTED_JSON),
		ROW("{\"score\":3,\"a\":\"b\tc\"}", REJECTED_JSON),
		ROW("{\"score\":3,\"a\":\"\\x\"}", REJECTED_JSON),
		ROW("{\"score\":3,\"a\":\"\\u12\"}", REJECTED_JSON),
		ROW("\xEF\xBB\xBF{\"score\":3}", REJECTED_JSON),
		ROW("\0", REJECTED_ENCODING),
		ROW("{\"score\":3}\0", REJECTED_ENCODING),
		ROW("\0\0\0\0{\"score\":3}", REJECTED_ENCODING),
		ROW("{\"score\":3,\"a\":\"\0\"}", REJECTED_ENCODING),
		ROW("{\"score\":3,\"a\":\"\\u0000\"}", REJECTED_ENCODING),
		ROW("{\"score\":3,\"a\":\"\\uD800\"}", REJECTED_ENCODING),
		ROW("{\"score\":3,\"a\":\"\\uDC00x\"}", REJECTED_ENCODING),
		ROW("{\"score\":3,\"a\":\"\xFF\"}", REJECTED_ENCODING),
		ROW("{\"score\":3,\"a\":\"\xC0\x80\"}", REJECTED_ENCODING),
		ROW("{\"score\":3,\"a\":\"\xED\xA0\x80\"}", REJECTED_ENCODING),
		ROW("{\"score\":3,\"\xE9\":1}", REJECTED_ENCODING),
		ROW("{\"score\":3,\"a\":\"\xF4\x90\x80\x80\"}",
			REJECTED_ENCODING),
	};
#undef ROW

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct rejection why;

		refuse_bytes(
			rows[i].bytes, rows[i].length, rows[i].reason, &why);
	}
}

Test(response, blanks_around_S12)
{
	static const char *const rows[] = {"{\"score\":3," FIT "}\r",
		"  {\"score\":3," FIT "}  ", "\t{\"score\":3," FIT "}\r\n",
		"\n\n{\"score\":3," FIT "}\n"};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct response *response = decode(rows[i]);

		cr_assert_str_eq(response->content,
			"{\"score\":3," FIT ",\"survey\":\"spool\"}", "row %zu",
			i);
		response_free(response);
	}
}

Test(response, limits)
{
	struct buf text = {0};
	struct rejection why;

	/* 64 KiB, and one byte more */
	buf_append_text(&text, "{\"score\":3," FIT ",\"comment\":\"");
	while (text.length < RESPONSE_LIMIT_BYTES - 2)
		buf_append_char(&text, 'x');
	buf_append_text(&text, "\"}");
	struct response *response = decode(text.data);

	cr_assert_eq(response->content_length,
		RESPONSE_LIMIT_BYTES + strlen(",\"survey\":\"spool\""),
		"the limit holds for what came");
	struct response *again = response_restore(
		response->content, response->content_length, true, NULL);

	cr_assert_null(again, "no id yet");
	response_set_id(response, "r");
	again = response_restore(
		response->content, response->content_length, true, NULL);
	cr_assert_not_null(again, "what was kept is read back");
	response_free(again);
	response_free(response);
	text.data[text.length - 2] = 'x';
	buf_append_text(&text, " ");
	text.data[text.length - 2] = '"';
	text.data[text.length - 1] = '}';
	refuse_bytes(text.data, text.length, REJECTED_TOO_LONG, &why);
	buf_clear(&text);
	/* depth: the object itself is the first level */
	for (int depth = JSON_DEPTH_LIMIT - 1; depth <= JSON_DEPTH_LIMIT;
		depth++) {
		buf_clear(&text);
		buf_append_text(&text, "{\"score\":3,\"a\":");
		for (int i = 0; i < depth; i++)
			buf_append_char(&text, '[');
		for (int i = 0; i < depth; i++)
			buf_append_char(&text, ']');
		buf_append_char(&text, '}');
		if (depth < JSON_DEPTH_LIMIT)
			response_free(decode(text.data));
		else
			refuse_bytes(
				text.data, text.length, REJECTED_JSON, &why);
	}
	buf_done(&text);
}

Test(response, times_T01_T02_T03)
{
	static const struct {
		const char *text; /* JSON */
		int64_t wanted;	  /* -1: refused */
	} rows[] = {
		{"\"2026-11-21T10:00:00+01:00\"", NOW_MS - MS_PER_HOUR},
		{"\"2026-11-21T10:00:00Z\"", NOW_MS},
		{"\"2026-11-21t10:00:00z\"", NOW_MS},
		{"\"2026-11-21T10:00:00.123456789012Z\"", NOW_MS + 123},
		{"\"2026-11-22T00:00:00+14:00\"", NOW_MS},
		{"\"2026-11-20T20:00:00-14:00\"", NOW_MS},
		{"\"2026-11-22T10:00:00Z\"", NOW_MS + MS_PER_DAY},
		{"\"0001-01-01T00:00:00Z\"", INT64_C(-62135596800000)},
		{"\"1970-01-01T00:00:00Z\"", 0},
		{"\"1969-12-31T23:59:59Z\"", -1000},
		{"\"\"", NOW_MS},
		{"null", NOW_MS},
		/* refused */
		{"\"2026-11-22T10:00:00.001Z\"", -1},
		{"\"2099-01-01T00:00:00Z\"", -1},
		{"\"9999-12-31T23:59:59Z\"", -1},
		{"\"2026-02-30T00:00:00Z\"", -1},
		{"\"2026-11-21T10:00:00\"", -1},
		{"\"2026-11-21 10:00:00Z\"", -1},
		{"\"2026-11-21\"", -1},
		{"\"2026-11-21T10:00:00+99:00\"", -1},
		{"\"2026-11-21T10:00:00+0100\"", -1},
		{"\"2026-11-21T24:00:00Z\"", -1},
		{"\" 2026-11-21T10:00:00Z\"", -1},
		{"\"yesterday\"", -1},
		/* T04: no epochs */
		{"0", -1},
		{"1795255200", -1},
		{"1795255200000", -1},
		{"-1", -1},
		{"\"1795255200\"", -1},
		{"1.5", -1},
		{"true", -1},
		{"{}", -1},
		{"[]", -1},
	};
	char text[160];

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct rejection why;

		(void)snprintf(text, sizeof(text),
			"{\"score\":3,\"answered_at\":%s}", rows[i].text);
		if (rows[i].wanted == -1) {
			refuse_bytes(text, strlen(text), REJECTED_TIME, &why);
			cr_assert_str_eq(
				why.pointer, "/answered_at", "%s", text);
			cr_assert_eq(
				why.offset, 25, "%s: %zu", text, why.offset);
			continue;
		}
		struct response *response = decode(text);

		cr_assert_eq(response->answered_ms, rows[i].wanted, "%s: %lld",
			text, (long long)response->answered_ms);
		cr_assert_eq(response->answered_missing,
			strlen(rows[i].text) < 5, "%s", text);
		response_free(response);
	}
	struct response *response = decode("{\"score\":3}");

	cr_assert(response->answered_missing, "no answered_at");
	cr_assert_eq(response->answered_ms, NOW_MS, "time of arrival");
	cr_assert_str_eq(flat_member(response->record, "answered_at")->text,
		"2026-11-21T10:00:00Z", "filled in");
	response_free(response);
}

#define X16 "0123456789abcdef"
#define X128 X16 X16 X16 X16 X16 X16 X16 X16
#define X512 X128 X128 X128 X128

Test(response, other_fields)
{
	static const struct {
		const char *member;
		const char *pointer; /* NULL: taken */
	} rows[] = {
		{"\"id\":\"r\"", NULL},
		{"\"id\":17", NULL},
		{"\"id\":null", NULL},
		{"\"id\":\"" X512 "\"", NULL},
		{"\"id\":\"" X512 "x\"", "/id"},
		{"\"id\":\"\"", "/id"},
		{"\"id\":1.5", "/id"},
		{"\"id\":true", "/id"},
		{"\"id\":[1]", "/id"},
		{"\"survey\":\"" X128 "\"", NULL},
		{"\"survey\":null", NULL},
		{"\"survey\":\"" X128 "x\"", "/survey"},
		{"\"survey\":\"\"", "/survey"},
		{"\"survey\":7", "/survey"},
		{"\"revision\":0", NULL},
		{"\"revision\":2.0", NULL},
		{"\"revision\":9223372036854775807", NULL},
		{"\"revision\":null", NULL},
		{"\"revision\":-1", "/revision"},
		{"\"revision\":1.5", "/revision"},
		{"\"revision\":1e19", "/revision"},
		{"\"revision\":9223372036854775808.0", "/revision"},
		{"\"revision\":\"2\"", "/revision"},
		{"\"contact_ok\":false", NULL},
		{"\"contact_ok\":null", NULL},
		{"\"contact_ok\":0", "/contact_ok"},
		{"\"contact_ok\":\"no\"", "/contact_ok"},
		{"\"weight\":0", NULL},
		{"\"weight\":1.25", NULL},
		{"\"weight\":null", NULL},
		{"\"weight\":-0.5", "/weight"},
		{"\"weight\":\"1\"", "/weight"},
		{"\"kind\":\"response\"", NULL},
		{"\"kind\":\"invitation\"", NULL},
		{"\"kind\":null", NULL},
		{"\"kind\":\"reply\"", "/kind"},
		{"\"kind\":1", "/kind"},
		{"\"customer\":null", NULL},
		{"\"customer\":{}", NULL},
		{"\"customer\":[]", "/customer"},
		{"\"customer\":\"Anna\"", "/customer"},
		{"\"customer\":{\"id\":5}", NULL},
		{"\"customer\":{\"id\":5.5}", "/customer/id"},
		{"\"customer\":{\"id\":\"" X512 "x\"}", "/customer/id"},
		{"\"customer\":{\"email\":\"a@b\"}", NULL},
		{"\"customer\":{\"email\":\"a\\nb@c\"}", "/customer/email"},
		{"\"customer\":{\"email\":\"a\\u0085\"}", "/customer/email"},
		{"\"customer\":{\"email\":\"a\\u202eb\"}", "/customer/email"},
		{"\"customer\":{\"email\":\"\x7F\"}", "/customer/email"},
		{"\"customer\":{\"email\":false}", "/customer/email"},
		{"\"customer\":{\"phone\":31201234567}", NULL},
		{"\"customer\":{\"phone\":{}}", "/customer/phone"},
		{"\"account\":{\"id\":7}", NULL},
		{"\"account\":{\"id\":{}}", "/account/id"},
		{"\"account\":1", "/account"},
		{"\"segment\":null", NULL},
		{"\"segment\":{}", NULL},
		{"\"segment\":[]", "/segment"},
		{"\"segment\":{\"a\":\"x\",\"b\":1,\"c\":true,\"d\":null}",
			NULL},
		{"\"segment\":{\"a\":[]}", "/segment/a"},
		{"\"segment\":{\"a/b~\":{}}", "/segment/a~1b~0"},
		{"\"segment\":{\"\":1}", "/segment"},
		{"\"segment\":{\"" X128 "\":\"" X128 "\"}", NULL},
		{"\"segment\":{\"" X128 "x\":1}", "/segment"},
		{"\"segment\":{\"" X128 "\":[]}", "/segment"},
		{"\"segment\":{\"a\":\"" X128 "x\"}", "/segment/a"},
		{"\"answers\":{\"a\":1,\"b\":\"x\",\"c\":null}", NULL},
		{"\"answers\":{\"a\":\"" X512 "\"}", NULL},
		{"\"answers\":{\"a\":true}", "/answers/a"},
		{"\"answers\":{\"a\":[1]}", "/answers/a"},
		{"\"answers\":3", "/answers"},
		{"\"comment\":7", NULL},
		{"\"unknown\":{\"deep\":[1,{\"x\":null}]}", NULL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *text = mem_printf(
			"{ \"x\" : [\"\\\"}\", {}] , \"score\": 3, %s }",
			rows[i].member);
		struct rejection why;

		if (!rows[i].pointer) {
			response_free(decode(text));
			free(text);
			continue;
		}
		refuse_bytes(text, strlen(text), REJECTED_FIELD, &why);
		cr_assert_str_eq(why.pointer, rows[i].pointer, "%s", text);
		cr_assert(why.offset_known, "%s: has a place", text);
		/* The value's own first byte, behind its colon. */
		const char *at = text + why.offset;

		cr_assert(at[-1] == ':' && strchr("\"[{-0123456789tf", *at),
			"%s: \"%.10s\"", text, at);
		free(text);
	}
}

Test(response, members_are_limited)
{
	static const char *const names[] = {"segment", "answers"};

	for (size_t n = 0; n < COUNT(names); n++) {
		for (int count = 64; count <= 65; count++) {
			struct buf text = {0};
			struct rejection why;

			buf_printf(&text, "{\"score\":1,\"%s\":{\"0\":0",
				names[n]);
			for (int i = 1; i < count; i++)
				buf_printf(&text, ",\"%d\":%d", i, i);
			buf_append_text(&text, "}}");
			if (count == 64)
				response_free(decode(text.data));
			else
				refuse_bytes(text.data, text.length,
					REJECTED_FIELD, &why);
			buf_done(&text);
		}
	}
}

Test(response, keys_of_customer_and_account)
{
	static const struct {
		const char *member;
		const char *customer;
		const char *account;
	} rows[] = {
		{"\"x\":1", NULL, NULL},
		{"\"customer\":{\"id\":\"c\",\"email\":\"A@B\"}", "c", NULL},
		{"\"customer\":{\"id\":77}", "77", NULL},
		{"\"customer\":{\"email\":\"Anna@Example.COM\"}",
			"anna@example.com", NULL},
		{"\"customer\":{\"email\":\"anna@example.com\"}",
			"anna@example.com", NULL},
		{"\"customer\":{\"id\":\"\",\"email\":\"A@b\"}", "a@b", NULL},
		{"\"customer\":{\"id\":null,\"email\":null,\"phone\":\"+31\"}",
			"+31", NULL},
		{"\"customer\":{\"phone\":31}", "31", NULL},
		{"\"customer\":{\"name\":\"Anna\"}", NULL, NULL},
		{"\"account\":{\"id\":\"a\"}", NULL, "a"},
		{"\"account\":{\"id\":9}", NULL, "9"},
		{"\"account\":{\"id\":\"\"}", NULL, NULL},
		{"\"account\":{\"name\":\"Acme\"}", NULL, NULL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *text = mem_printf("{\"score\":3,%s}", rows[i].member);
		struct response *response = decode(text);

		if (rows[i].customer)
			cr_assert_str_eq(response->customer, rows[i].customer,
				"%s", text);
		else
			cr_assert_null(response->customer, "%s", text);
		if (rows[i].account)
			cr_assert_str_eq(
				response->account, rows[i].account, "%s", text);
		else
			cr_assert_null(response->account, "%s", text);
		response_free(response);
		free(text);
	}
}

Test(response, content_is_kept)
{
	static const struct {
		const char *came;
		const char *kept; /* NULL: as it came */
	} rows[] = {
		/* nothing to add: the bytes themselves */
		{"{ \"id\":\"r\", \"survey\":\"s\",\"score\" : 3," FIT " }",
			NULL},
		{"{\"score\":6,\"survey\":\"s\",\"id\":\"\\u0072\"," FIT
		 ",\"x\":1.50}",
			NULL},
		{"{\"id\":\"r\",\"survey\":\"s\",\"score\":-0," FIT "}", NULL},
		/* added at the end */
		{"{\"id\":\"r\",\"score\" : 3," FIT "}",
			"{\"id\":\"r\",\"score\" : 3," FIT
			",\"survey\":\"spool\"}"},
		{"{\"score\":3 }",
			"{\"score\":3 ,\"survey\":\"spool\",\"answered_at\":"
			"\"2026-11-21T10:00:00Z\"}"},
		/* written anew */
		{"{\"id\":\"r\",\"survey\":\"s\",\"score\": 6.0, "
		 "\"x\":1.50," FIT "}",
			"{\"id\":\"r\",\"survey\":\"s\",\"score\":6,\"x\":1."
			"5," FIT "}"},
		{"{\"id\":17,\"survey\":\"s\",\"score\":6," FIT "}",
			"{\"id\":\"17\",\"survey\":\"s\",\"score\":6," FIT "}"},
		{"{\"id\":\"r\",\"survey\":\"s\",\n\"score\":6,\r" FIT "}",
			"{\"id\":\"r\",\"survey\":\"s\",\"score\":6," FIT "}"},
		{"{\"id\":\"r\",\"survey\":\"s\",\r\"score\":6," FIT "}",
			"{\"id\":\"r\",\"survey\":\"s\",\"score\":6," FIT "}"},
		{"{\"id\":\"r\",\"survey\":null,\"score\":6," FIT "}",
			"{\"id\":\"r\",\"survey\":\"spool\",\"score\":6," FIT
			"}"},
		{"{\"id\":\"r\",\"survey\":\"s\",\"score\":6,"
		 "\"answered_at\":\"\",\"revision\":2.0}",
			"{\"id\":\"r\",\"survey\":\"s\",\"score\":6,"
			"\"answered_at\":\"2026-11-21T10:00:00Z\","
			"\"revision\":2}"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct response *response = decode(rows[i].came);

		cr_assert_str_eq(response->content,
			rows[i].kept ? rows[i].kept : rows[i].came, "row %zu",
			i);
		response_free(response);
	}
}

Test(response, set_id)
{
	static const struct {
		const char *came;
		const char *id;
		const char *kept;
	} rows[] = {
		{"{\"score\":3,\"survey\":\"s\"," FIT "}",
			"0f7b32c0-8a1e-5a5e-9d7c-0123456789ab",
			"{\"score\":3,\"survey\":\"s\"," FIT ",\"id\":"
			"\"0f7b32c0-8a1e-5a5e-9d7c-0123456789ab\"}"},
		{"{\"score\":3," FIT "}",
			"0f7b32c0-8a1e-5a5e-9d7c-0123456789ab",
			"{\"score\":3," FIT ",\"survey\":\"spool\",\"id\":"
			"\"0f7b32c0-8a1e-5a5e-9d7c-0123456789ab\"}"},
		{"{\"score\":3,\"survey\":\"s\"," FIT "}", X128,
			"{\"score\":3,\"survey\":\"s\"," FIT ",\"id\":\"" X128
			"\"}"},
		{"{\"id\":null,\"score\":3,\"survey\":\"s\"," FIT "}", "a\"b",
			"{\"id\":\"a\\\"b\",\"score\":3,\"survey\":\"s\"," FIT
			"}"},
		{"{\"score\":3.0,\"survey\":\"s\"," FIT "}", "a\nb",
			"{\"score\":3,\"survey\":\"s\"," FIT
			",\"id\":\"a\\nb\"}"},
		{"{\"score\":3,\"survey\":\"s\"," FIT "}", "caf\xE9",
			"{\"score\":3,\"survey\":\"s\"," FIT
			",\"id\":\"caf\xEF\xBF\xBD\"}"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct response *response = decode(rows[i].came);
		struct err err;

		cr_assert_null(response->id, "row %zu: no id yet", i);
		char *id = mem_strdup(rows[i].id);

		response_set_id(response, id);
		free(id);
		cr_assert_str_eq(response->content, rows[i].kept, "row %zu", i);
		struct response *again = response_restore(response->content,
			response->content_length, true, &err);

		cr_assert_not_null(again, "row %zu: %s", i, err.text);
		cr_assert_str_eq(again->id, response->id, "row %zu", i);
		cr_assert(response_same_content(response, again), "row %zu", i);
		cr_assert_eq(strlen(response->content),
			response->content_length, "row %zu", i);
		response_free(again);
		response_free(response);
	}
}

Test(response, contact_and_invitations)
{
	const struct response_defaults closed = {
		.survey = "s", .contact_ok = false, .now_ms = NOW_MS};
	static const char silent[] = "{\"score\":3}";
	static const char open[] = "{\"score\":3,\"contact_ok\":true}";
	static const char invitation[] =
		"{\"kind\":\"invitation\",\"id\":\"i\"}";
	struct rejection why;
	struct response *response =
		response_decode(silent, strlen(silent), &closed, &why);

	cr_assert(!response->contact_ok, "the default");
	response_free(response);
	response = response_decode(open, strlen(open), &closed, &why);
	cr_assert(response->contact_ok, "the record says so");
	response_free(response);
	response = decode(invitation);
	cr_assert_eq(response->kind, RESPONSE_INVITATION, "kind");
	cr_assert(!response_is_detractor(response), "no detractor");
	response_free(response);
}

Test(response, from_json)
{
	struct rejection why;
	struct response *response = response_from_json(
		json_pack("{s:f,s:s}", "score", 6.0, "id", "r"), &defaults,
		&why);

	cr_assert_not_null(response, "%s", why.text);
	cr_assert_str_eq(response->content,
		"{\"score\":6,\"id\":\"r\",\"survey\":\"spool\","
		"\"answered_at\":\"2026-11-21T10:00:00Z\"}",
		"content");
	response_free(response);
	cr_assert_null(
		response_from_json(json_array(), &defaults, &why), "a list");
	cr_assert_eq(why.reason, REJECTED_NOT_OBJECT, "a list");
	cr_assert_null(response_from_json(json_pack("{s:i}", "score", 11),
			       &defaults, &why),
		"11");
	cr_assert_eq(why.reason, REJECTED_SCORE, "11");
	cr_assert_null(response_from_json(json_pack("{s:i,s:o}", "score", 1,
						  "a", json_stringn("a\0b", 3)),
			       &defaults, &why),
		"NUL");
	cr_assert_eq(why.reason, REJECTED_ENCODING, "NUL");
	json_t *deep = json_array();

	for (int i = 0; i < JSON_DEPTH_LIMIT; i++)
		deep = json_pack("[o]", deep);
	cr_assert_null(response_from_json(
			       json_pack("{s:i,s:o}", "score", 1, "a", deep),
			       &defaults, &why),
		"depth");
	cr_assert_eq(why.reason, REJECTED_JSON, "depth");
	char *longest = mem_new(RESPONSE_LIMIT_BYTES + 1, 1);

	memset(longest, 'x', RESPONSE_LIMIT_BYTES);
	cr_assert_null(response_from_json(
			       json_pack("{s:i,s:s}", "score", 1, "a", longest),
			       &defaults, &why),
		"length");
	cr_assert_eq(why.reason, REJECTED_TOO_LONG, "length");
	free(longest);
}

Test(response, restore_refuses_damage)
{
	static const char *const rows[] = {"", "x", "{}", "{\"score\":3}",
		"{\"id\":\"r\",\"score\":3,\"survey\":\"s\"}",
		"{\"id\":\"r\",\"score\":3," FIT "}",
		"{\"score\":3,\"survey\":\"s\"," FIT "}",
		"{\"id\":\"r\",\"score\":13,\"survey\":\"s\"," FIT "}"};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = {""};

		cr_assert_null(
			response_restore(rows[i], strlen(rows[i]), true, &err),
			"%s", rows[i]);
		cr_assert(err.text[0], "%s: a reason", rows[i]);
	}
}

#define SAME "\"id\":\"r\",\"survey\":\"s\","

Test(response, same_content)
{
	static const struct {
		const char *a, *b;
		bool same;
	} rows[] = {
		{"{" SAME "\"score\":6," FIT "}",
			"{" FIT "," SAME "\"score\":6.0}", true},
		{"{" SAME "\"score\":6," FIT "}",
			"{" SAME "\"score\":6,\"revision\":4," FIT "}", true},
		{"{" SAME "\"score\":6," FIT "}",
			"{" SAME "\"score\":6,\"answered_at\":"
			"\"2026-11-21T10:00:00+01:00\"}",
			true},
		{"{" SAME "\"score\":6," FIT "}", "{" SAME "\"score\":6}",
			true},
		{"{\"id\":\"r\",\"score\":6," FIT "}",
			"{\"id\":\"r\",\"survey\":\"spool\",\"score\":6," FIT
			"}",
			true},
		{"{" SAME "\"score\":6," FIT ",\"kind\":\"response\"}",
			"{" SAME "\"score\":6," FIT ",\"kind\":null}", true},
		{"{" SAME "\"score\":6," FIT "}",
			"{" SAME "\"score\":6,\"contact_ok\":true," FIT "}",
			true},
		{"{" SAME "\"score\":6,\"a\":[6,{\"b\":1.0,\"c\":2}]," FIT "}",
			"{" SAME
			"\"score\":6,\"a\":[6.0,{\"c\":2e0,\"b\":1}]," FIT "}",
			true},
		{"{" SAME "\"score\":6,\"a\":\"\\u0061\"," FIT "}",
			"{" SAME "\"score\":6,\"a\":\"a\"," FIT "}", true},
		{"{\"id\":5,\"survey\":\"s\",\"score\":6," FIT "}",
			"{\"id\":\"5\",\"survey\":\"s\",\"score\":6," FIT "}",
			true},
		/* others */
		{"{" SAME "\"score\":6," FIT "}",
			"{" SAME "\"score\":7," FIT "}", false},
		{"{" SAME "\"score\":6," FIT "}",
			"{" SAME "\"score\":6,\"answered_at\":"
			"\"2026-11-21T09:00:00.001Z\"}",
			false},
		{"{" SAME "\"score\":6," FIT "}",
			"{" SAME "\"score\":6,\"contact_ok\":false," FIT "}",
			false},
		{"{" SAME "\"score\":6," FIT "}",
			"{" SAME "\"score\":6,\"comment\":\"late\"," FIT "}",
			false},
		{"{" SAME "\"score\":6,\"comment\":\"a\"," FIT "}",
			"{" SAME "\"score\":6,\"comment\":\"A\"," FIT "}",
			false},
		{"{" SAME "\"score\":6,\"a\":1," FIT "}",
			"{" SAME "\"score\":6,\"b\":1," FIT "}", false},
		{"{" SAME "\"score\":6,\"a\":1," FIT "}",
			"{" SAME "\"score\":6,\"a\":true," FIT "}", false},
		{"{" SAME "\"score\":6,\"a\":1," FIT "}",
			"{" SAME "\"score\":6,\"a\":\"1\"," FIT "}", false},
		{"{" SAME "\"score\":6,\"a\":[1,2]," FIT "}",
			"{" SAME "\"score\":6,\"a\":[2,1]," FIT "}", false},
		{"{" SAME "\"score\":6,\"a\":[1]," FIT "}",
			"{" SAME "\"score\":6,\"a\":[1,1]," FIT "}", false},
		{"{" SAME "\"score\":6,\"a\":{\"id\":1}," FIT "}",
			"{" SAME "\"score\":6,\"a\":{\"id\":2}," FIT "}",
			false},
		{"{" SAME "\"score\":6,\"a\":9007199254740993," FIT "}",
			"{" SAME "\"score\":6,\"a\":9007199254740992.0," FIT
			"}",
			false},
		{"{" SAME "\"score\":6,\"a\":9223372036854775807," FIT "}",
			"{" SAME "\"score\":6,\"a\":9223372036854775808.0," FIT
			"}",
			false},
		{"{\"id\":\"q\",\"survey\":\"s\",\"score\":6," FIT "}",
			"{" SAME "\"score\":6," FIT "}", false},
		{"{\"id\":\"r\",\"survey\":\"t\",\"score\":6," FIT "}",
			"{" SAME "\"score\":6," FIT "}", false},
		{"{\"kind\":\"invitation\"," SAME FIT "}",
			"{" SAME "\"score\":0," FIT "}", false},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct response *a = decode(rows[i].a);
		struct response *b = decode(rows[i].b);

		cr_assert_eq(response_same_content(a, b), rows[i].same,
			"row %zu", i);
		cr_assert_eq(response_same_content(b, a), rows[i].same,
			"row %zu turned round", i);
		cr_assert(response_same_content(a, a), "row %zu: itself", i);
		response_free(a);
		response_free(b);
	}
}

/* A support lead reads these; none quotes what a customer wrote. */
Test(response, sentences)
{
	static const struct {
		const char *text;
		const char *sentence;
	} rows[] = {
		{"{\"score\":11}", "score must be a whole number from 0 to 10; "
				   "this is 11"},
		{"{\"score\":6.5}", "score must be a whole number from 0 to "
				    "10; this is 6.5"},
		{"{\"score\":\"6\"}", "score must be a whole number from 0 to "
				      "10; this is text"},
		{"{\"score\":null}", "score must be a whole number from 0 to "
				     "10; this is null"},
		{"{}", "score is missing; it must be a whole number from 0 to "
		       "10"},
		{"{\"Score\":6}", "score is missing; it must be a whole number "
				  "from 0 to 10 (names are written in small "
				  "letters)"},
		{"[]", "a response must be one JSON object in { }; this is a "
		       "list"},
		{"", "the record is empty"},
		{"{\"score\":3,\"customer\":\"secret\"}",
			"customer must be an object; this is text"},
		{"{\"score\":3,\"kind\":\"secret\"}",
			"kind must be \"response\", \"invitation\" or "
			"\"follow-up\"; this is "
			"another text"},
		{"{\"score\":3,\"segment\":{\"secret\":[]}}",
			"\"secret\" of segment must be text, a number, true or "
			"false; this is a list"},
		{"{\"score\":3,\"segment\":{\"a\\\\\\n23456789012345678901234"
		 "5678901234567890\":{}}}",
			"\"a\\\\\\x0a2345678901234567890123456789012345678..."
			"\" "
			"of segment must be text, a number, true or false; "
			"this is an object"},
		{"{\"score\":3,\"revision\":\"7\"}",
			"revision must be a whole number from 0; this is text"},
		{"{\"score\":3,\"answered_at\":\"2026-11-21T10:00:00\"}",
			"answered_at has no zone: write Z or +01:00 behind it, "
			"as in \"2026-11-21T10:00:00+01:00\""},
		{"{\"score\":3,\"answered_at\":1763700125}",
			"answered_at looks like seconds since 1970; it must be "
			"a date and time with a zone, such as "
			"\"2026-11-21T10:00:00+01:00\""},
		{"{\"score\":3,\"answered_at\":true}",
			"answered_at must be a text with a date, a time and a "
			"zone, such as \"2026-11-21T10:00:00+01:00\""},
		{"{\"score\":3,\"answered_at\":\"2026-02-30T10:00:00Z\"}",
			"answered_at cannot be read: 2026-02 has no day 30; it "
			"must be a date and time with a zone, such as "
			"\"2026-11-21T10:00:00+01:00\""},
		{"{\"score\":3,\"answered_at\":\"2099-01-01T00:00:00Z\"}",
			"answered_at lies more than 24 hours in the future"},
		{"{\"score\":3,\"comment\":\"secret}",
			"not valid JSON: a string that does not end "
			"(character 22)"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct rejection why;

		cr_assert_null(
			decode_bytes(rows[i].text, strlen(rows[i].text), &why),
			"%s", rows[i].text);
		cr_assert_str_eq(
			why.text, rows[i].sentence, "%s", rows[i].text);
	}
}

/* They end in what mends it, within the width of a table of `npsd rejected`. */
Test(response, sentences_for_who_writes_a_map)
{
	static const struct response_defaults mapped = {
		.survey = "hook", .mapped = true, .now_ms = NOW_MS};
	static const struct {
		const char *member, *sentence;
	} rows[] = {
		{"\"answered_at\":\"1763700125\"",
			"answered_at looks like seconds since 1970: from_epoch "
			"in the map makes a time of it"},
		{"\"answered_at\":1763700125",
			"answered_at looks like seconds since 1970: from_epoch "
			"in the map makes a time of it"},
		{"\"answered_at\":\"1763700125000\"",
			"answered_at looks like milliseconds since 1970: "
			"from_epoch_ms in the map makes a time of it"},
		{"\"answered_at\":\"21-11-2025 14:03:22\"",
			"answered_at is written another way than "
			"\"2026-11-21T10:00:00+01:00\": date_format can say "
			"how"},
		{"\"answered_at\":\"20251121\"",
			"answered_at is written another way than "
			"\"2026-11-21T10:00:00+01:00\": date_format can say "
			"how"},
		{"\"answered_at\":\"2025-11-21 14:03:22\"",
			"answered_at has no zone: say in timezone whose clock "
			"it is"},
		{"\"answered_at\":\"2025-11-21\"",
			"answered_at has no zone: say in timezone whose clock "
			"it is"},
		{"\"answered_at\":\"2025-02-30 14:03:22\"",
			"answered_at cannot be read: 2025-02 has no day 30"},
		{"\"revision\":\"7\"",
			"revision must be a whole number from 0, or a time; "
			"this is text: tonumber in the map makes a number of "
			"it"},
		{"\"revision\":-1",
			"revision must be a whole number from 0, or a time; "
			"this is another number"},
		{"\"revision\":\"2025-11-21 14:03:22\"",
			"revision is a time without a zone: say in timezone "
			"whose clock it is"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[160];
		struct rejection why;

		(void)snprintf(
			text, sizeof(text), "{\"score\":3,%s}", rows[i].member);
		cr_assert_null(
			response_decode(text, strlen(text), &mapped, &why),
			"%s", text);
		cr_expect_str_eq(
			why.text, rows[i].sentence, "%s: %s", text, why.text);
		cr_expect_lt(strlen(why.text), 120, "%s", why.text);
	}
}

Test(response, drawing)
{
	static const struct {
		const char *text;
		size_t width;
		const char *drawn;
	} rows[] = {
		{"{\"score\": 11}", 80,
			"{\"score\": 11}\n"
			"          ^ score must be a whole number from 0 to "
			"10; "
			"this is 11\n"},
		{"  {\"x\":\"\xC3\xA9\xE2\x82\xAC\",\"score\":11}\r\n", 80,
			"  {\"x\":\"\xC3\xA9\xE2\x82\xAC\",\"score\":11}\n"
			"                    ^ score must be a whole number "
			"from 0 to 10; this is 11\n"},
		{"{\"sc\\u006fre\":\"6\",\"a\":\"\xE2\x80\xAE\"}", 80,
			"{\"sc\\u006fre\":\"6\",\"a\":\"\\u{202e}\"}\n"
			"              ^ score must be a whole number from 0 "
			"to 10; this is text\n"},
		{"{\"a\":1,\n\"score\":\n 12}", 80,
			" 12}\n"
			" ^ score must be a whole number from 0 to 10; this "
			"is 12\n"},
		{"{}", 80,
			"{}\n"
			"score is missing; it must be a whole number from 0 "
			"to 10\n"},
		{"{\"score\":3", 80,
			"{\"score\":3\n"
			"          ^ not valid JSON: the text ends too early "
			"(character 11)\n"},
		{"{\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\":1,\"score\":99,"
		 "\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\":1}",
			30,
			"...\":1,\"score\":99,\"bbbbbbbb...\n"
			"               ^ score must be a whole number from 0 "
			"to "
			"10; this is 99\n"},
		{"{\"score\":99,\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\":1}", 30,
			"{\"score\":99,\"bbbbbbbbbbbbbb...\n"
			"         ^ score must be a whole number from 0 to "
			"10; this is 99\n"},
		{"{\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\":1,\"score\":99}", 30,
			"...bbbbbbbbbbbb\":1,\"score\":99}\n"
			"                           ^ score must be a whole "
			"number from 0 to 10; this is 99\n"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct rejection why;
		struct buf out = {0};

		cr_assert_null(
			decode_bytes(rows[i].text, strlen(rows[i].text), &why),
			"%s", rows[i].text);
		rejection_draw(&why, rows[i].text, strlen(rows[i].text),
			rows[i].width, &out);
		cr_assert_str_eq(out.data, rows[i].drawn, "row %zu", i);
		buf_done(&out);
	}
}

/* Whatever the bytes and the place are: no crash, one line and its sentence,
 * nothing that moves a terminal, never much more than the width. */
Test(response, drawing_of_anything)
{
	unsigned seed = 7;

	for (int round = 0; round < 3000; round++) {
		char bytes[96];
		struct rejection why = {.text = "why", .offset_known = true};
		struct buf out = {0};
		size_t length = (size_t)(rand_r(&seed) % 96);
		size_t width = (size_t)(rand_r(&seed) % 60);

		for (size_t i = 0; i < length; i++)
			bytes[i] = (char)(rand_r(&seed) % 4
						  ? 'a' + rand_r(&seed) % 26
						  : rand_r(&seed) % 256);
		why.offset = (size_t)(rand_r(&seed) % 97);
		rejection_draw(&why, bytes, length, width, &out);
		const char *end = strchr(out.data, '\n');

		cr_assert(end && end[1] && strchr(end + 1, '\n')[1] == '\0',
			"two lines");
		cr_assert_leq(end - out.data, 60 * 4 + 12, "width");
		for (size_t i = 0; i < out.length; i++)
			cr_assert(out.data[i] == '\n' ||
					  (unsigned char)out.data[i] >= 0x20,
				"control character");
		buf_done(&out);
	}
}
