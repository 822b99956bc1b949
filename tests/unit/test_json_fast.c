/*
 * The quick reader must never take what the strict one refuses, nor read it
 * otherwise (rows C02, C05, S11); what it leaves alone costs time only.
 * test_json.c holds both against its tables too.
 */
#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/json_fast.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BYTES(literal) literal, sizeof(literal) - 1

TestSuite(json_fast);

/* Texts that hold all that the quick reader takes. */
static const char *const good[] = {
	"{\"id\":\"r-1\",\"score\":6,\"customer\":{\"id\":\"c-7\"},\"a\":[]}",
	"{\"score\":10,\"contact_ok\":true,\"x\":null,\"y\":false,\"\":{}}",
	"[{\"a\":1,\"b\":[2,[3,{\"c\":-4}]]},\"x\\n\\\"\\\\\\/\\b\\f\\r\\t\"]",
	"{\"comment\":\"gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\x98\x80\"}",
	" {\n\t\"a\" : [ 1 , 0 , -0 , \"\" ] ,\r\n\"b\" : \"\x7F\" } ",
	"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
	"[999999999999999999,-999999999999999999,123456789012345678]",
	"{\"a\":{\"a\":{\"a\":1,\"b\":2},\"b\":3},\"b\":{\"a\":4}}",
	"\"\\u00fc\\u0041\\u20aC\\ud83d\\ude00 \\uFFFF\\u007f\\u07FF\\u0800\"",
	"{\"a\\n\":\"b\\n\",\"a\\u006e\":{\"\\\\\":\"\\\"x\"}}",
	"\"text\\\\u\"",
	"true",
	"0",
};

/* Texts that are good, but not for the quick reader; some that are not. */
static const struct {
	const char *data;
	size_t length;
} others[] = {
	{BYTES("[1.5,1e3,-0.0]")},
	{BYTES("1000000000000000000")},
	{BYTES("")},
	{BYTES(" ")},
	{BYTES("\xEF\xBB\xBF{}")},
	{BYTES("{\"a\":1,\"b\":{},\"a\":1}")},
	{BYTES("{\"a\":{\"b\":1},\"a\":{\"b\":1}}")},
	{BYTES("[1]\0")},
	{BYTES("[1,\v2]")},
	{BYTES("[1,\f2]")},
	{BYTES("\"\\ud800\"")},
	{BYTES("\"\\ud800\\u0041\"")},
	{BYTES("\"\\udc00\\ud800\"")},
	{BYTES("{\"a\\u0062\":1,\"ab\":2}")},
	{BYTES("\"\\u0000\"")},
	{BYTES("\"\xC0\x80\"")},
	{BYTES("\"\xED\xA0\x80\"")},
	{BYTES("\"\n\"")},
	{BYTES("[1,]")},
	{BYTES("[01]")},
	{BYTES("[-]")},
	{BYTES("[1] 2")},
	{BYTES("[1]]")},
	{BYTES("{}\"")},
	{BYTES("{} tru")},
	{BYTES("[1")},
	{BYTES("/**/1")},
	{BYTES("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1"
	       "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]")},
};

/* Whether the quick reader takes the text, which then must be what the strict
 * one makes of it, the order of the keys and all. */
static bool
takes(const char *data, size_t length)
{
	struct json_fault fault;
	char *copy = malloc(length); /* so that ASan sees a step too far */

	if (length)
		memcpy(copy, data, length);
	json_t *fast = json_fast_read(copy, length);

	if (!fast) {
		free(copy);
		return false;
	}
	json_t *strict = json_read_strictly(copy, length, &fault);

	cr_assert_not_null(strict, "taken, but %s at %zu: %.*s", fault.reason,
		fault.offset, (int)length, data);
	cr_assert(json_equal(fast, strict), "%.*s", (int)length, data);
	char *left = json_text(fast);
	char *right = json_text(strict);

	cr_assert_str_eq(left, right, "%.*s", (int)length, data);
	free(left);
	free(right);
	json_decref(strict);
	json_decref(fast);
	free(copy);
	return true;
}

Test(json_fast, takes_what_is_common)
{
	for (size_t i = 0; i < COUNT(good); i++)
		cr_assert(takes(good[i], strlen(good[i])), "%s", good[i]);
}

Test(json_fast, leaves_what_is_not)
{
	for (size_t i = 0; i < COUNT(others); i++)
		cr_assert_not(takes(others[i].data, others[i].length),
			"row %zu: %s", i, others[i].data);
}

/* Every byte in every place: instead of one, before one, and all cuts. */
Test(json_fast, every_byte_everywhere)
{
	struct buf text = {0};

	for (size_t i = 0; i < COUNT(good); i++) {
		size_t length = strlen(good[i]);

		for (size_t at = 0; at <= length; at++) {
			(void)takes(good[i], at);
			for (int byte = 0; byte < 256; byte++) {
				buf_clear(&text);
				buf_append(&text, good[i], at);
				buf_append_char(&text, (char)byte);
				buf_append(&text, good[i] + at, length - at);
				(void)takes(text.data, text.length);
				if (at == length)
					continue;
				memmove(text.data + at + 1, text.data + at + 2,
					length - at - 1);
				(void)takes(text.data, length);
			}
		}
	}
	buf_done(&text);
}

static uint32_t
draw(uint64_t *state, size_t below)
{
	*state = *state * UINT64_C(6364136223846793005) +
		 UINT64_C(1442695040888963407);
	return (uint32_t)((*state >> 33) % below);
}

/* Bytes of JSON, or a piece of the text itself, in place of some bytes. */
static void
spoil(struct buf *out, const struct buf *text, uint64_t *state)
{
	static const char *const pieces[] = {"\"", "\\", "{", "}", "[", "]",
		":", ",", "0", "1", "-", "9223372036854775808", ".", "e", "E+",
		" ", "\t", "\n", "\v", "\f", "/", "//", "/**/", "\\u",
		"\\u0000", "\\ud800", "\\n", "true", "null", "NaN", "'", "\x1F",
		"\x7F", "\x80", "\xC3", "\xBC", "\xE2\x82\xAC", "\xED\xA0\x80",
		"\xEF\xBB\xBF", "\xFF", "\"a\":1", "\"a\":", "[[[[[[[[[[", "{}",
		"\"\"", "]]", "}}"};
	size_t at = draw(state, text->length + 1);
	size_t lost = draw(state, 4);
	size_t from = draw(state, text->length + 1);
	size_t taken = draw(state, 12);

	if (lost > text->length - at)
		lost = text->length - at;
	if (taken > text->length - from)
		taken = text->length - from;
	buf_clear(out);
	buf_append(out, text->data, at);
	if (draw(state, 3))
		buf_append_text(out, pieces[draw(state, COUNT(pieces))]);
	else
		buf_append(out, text->data + from, taken);
	buf_append(out, text->data + at + lost, text->length - at - lost);
}

Test(json_fast, never_takes_what_is_refused)
{
	enum { ROUNDS = 200000, TAKEN_AT_LEAST = ROUNDS / 20 };
	struct buf text = {0};
	struct buf spoilt = {0};
	uint64_t state = 20261121;
	int taken = 0;

	for (int i = 0; i < ROUNDS; i++) {
		buf_clear(&text);
		buf_append_text(&text, good[draw(&state, COUNT(good))]);
		for (uint32_t n = draw(&state, 3) + 1; n; n--) {
			struct buf other = text;

			spoil(&spoilt, &text, &state);
			text = spoilt;
			spoilt = other;
		}
		taken += takes(text.data, text.length);
	}
	cr_assert_gt(taken, TAKEN_AT_LEAST, "only %d were taken", taken);
	buf_done(&text);
	buf_done(&spoilt);
}
