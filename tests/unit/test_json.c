/* The strict reader (rows C02, C05, C06, H15, S11) and the writer. */
#include <criterion/criterion.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/json.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BYTES(literal) literal, sizeof(literal) - 1

TestSuite(json);

/* Reads from a copy of exact size, so that ASan sees a step too far; and twice,
 * since the strict reader alone must make the same of it. */
static json_t *
read_copy(const char *data, size_t length, struct json_fault *fault)
{
	char *copy = malloc(length);

	if (length)
		memcpy(copy, data, length);
	json_t *strict = json_read_strictly(copy, length, NULL);
	json_t *value = json_read(copy, length, fault);

	cr_assert(value ? json_equal(value, strict) : !strict, "%s", data);
	json_decref(strict);
	free(copy);
	return value;
}

Test(json, accepts)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{"6", "6"},
		{" \t\r\n6 \n", "6"},
		{"-0", "0"},
		{"6.0", "6.0"},
		{"6e0", "6.0"},
		{"6E+0", "6.0"},
		{"-0.0", "-0.0"},
		{"0.1", "0.1"},
		{"1e5", "100000.0"},
		{"1.5e300", "1.5e+300"},
		{"0e-999", "0.0"},
		{"0.000e-400", "0.0"},
		{"1e-300", "1e-300"},
		{"100000e-320", "9.99999998481684e-316"},
		{"9223372036854775807", "9223372036854775807"},
		{"-9223372036854775808", "-9223372036854775808"},
		{"true", "true"},
		{"false", "false"},
		{"null", "null"},
		{"\"\"", "\"\""},
		{"[]", "[]"},
		{"{}", "{}"},
		{"{\"\":1}", "{\"\":1}"},
		{"{\"b\":1,\"a\":[1,{\"d\":2,\"c\":null}]}",
			"{\"b\":1,\"a\":[1,{\"d\":2,\"c\":null}]}"},
		{"{\"score\":1,\"Score\":2}", "{\"score\":1,\"Score\":2}"},
		{"\"\\u0041\\u00fc\\ud83d\\ude00\\/\"",
			"\"A\xC3\xBC\xF0\x9F\x98\x80/\""},
		{"\"\\b\\f\\n\\r\\t\\\"\\\\\"", "\"\\b\\f\\n\\r\\t\\\"\\\\\""},
		{"\"\x7F\xC2\x9B\xE2\x80\xAE\xE2\x80\xA8\"",
			"\"\\u007f\\u009b\\u202e\\u2028\""},
		{"\"\\u001f'<>&\"", "\"\\u001f'<>&\""},
		{"\"\xEF\xBB\xBF\"", "\"\xEF\xBB\xBF\""},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct json_fault fault = {0};
		json_t *value =
			read_copy(rows[i].in, strlen(rows[i].in), &fault);

		cr_assert_not_null(value, "%s: %s", rows[i].in, fault.reason);
		char *text = json_text(value);

		cr_assert_str_eq(text, rows[i].out, "%s: %s", rows[i].in, text);
		/* What is written can be read, and stays what it is. */
		json_t *again = json_read(text, strlen(text), &fault);

		cr_assert(json_equal(value, again), "%s again", text);
		json_decref(again);
		json_decref(value);
		free(text);
	}
}

Test(json, refuses_C05)
{
	static const char number[] = "not a number as JSON writes it";
	static const char word[] =
		"a bare word that is not true, false or null";
	static const char special[] = "NaN and Infinity are not JSON numbers";
	static const char comment[] = "a comment; JSON has none";
	static const char value[] = "a value is expected";
	static const char early[] = "the text ends too early";
	static const char trailing[] = "a comma before a closing bracket";
	static const char follows[] = "something follows the text";
	static const char utf8[] = "invalid UTF-8";
	static const char half[] = "half of a surrogate pair";
	static const char small[] = "a number too small to be kept";
	static const char large[] = "a number too large to be kept";
	static const char control[] = "a raw control character in a string";
	static const struct {
		const char *data;
		size_t length;
		size_t offset;
		int line, column;
		const char *reason;
	} rows[] = {
		{BYTES(""), 0, 1, 1, "the text is empty"},
		{BYTES(" \n"), 0, 1, 1, "the text is empty"},
		/* numbers, C02 and C05 */
		{BYTES("NaN"), 0, 1, 1, special},
		{BYTES("{\"score\": NaN}"), 10, 1, 11, special},
		{BYTES("[Infinity]"), 1, 1, 2, special},
		{BYTES("-Infinity"), 0, 1, 1, special},
		{BYTES("06"), 0, 1, 1, number},
		{BYTES("-06"), 0, 1, 1, number},
		{BYTES("+6"), 0, 1, 1, number},
		{BYTES("0x6"), 0, 1, 1, number},
		{BYTES("6."), 0, 1, 1, number},
		{BYTES(".6"), 0, 1, 1, number},
		{BYTES("6.e1"), 0, 1, 1, number},
		{BYTES("6e"), 0, 1, 1, number},
		{BYTES("6e+"), 0, 1, 1, number},
		{BYTES("-"), 0, 1, 1, number},
		{BYTES("6,5"), 1, 1, 2, follows},
		{BYTES("1_000"), 0, 1, 1, number},
		{BYTES("[1, 1e400]"), 4, 1, 5, large},
		{BYTES("-1e400"), 0, 1, 1, large},
		{BYTES("9223372036854775808"), 0, 1, 1, large},
		{BYTES("18446744073709551622"), 0, 1, 1, large},
		{BYTES("-9223372036854775809"), 0, 1, 1, large},
		{BYTES("1e-400"), 0, 1, 1, small},
		{BYTES("[-1.5E-400]"), 1, 1, 2, small},
		{BYTES("0.0001e-330"), 0, 1, 1, small},
		{BYTES("123e-400"), 0, 1, 1, small},
		{BYTES("1e-99999999999999999999"), 0, 1, 1, small},
		/* comments, commas, quotes, what follows */
		{BYTES("/* x */ 6"), 0, 1, 1, comment},
		{BYTES("6 // x"), 2, 1, 3, follows},
		{BYTES("{ // x\n}"), 2, 1, 3, comment},
		{BYTES("# x\n6"), 0, 1, 1, comment},
		{BYTES("{\"a\":1,}"), 7, 1, 8, trailing},
		{BYTES("[1, ]"), 4, 1, 5, trailing},
		{BYTES("[,1]"), 1, 1, 2, value},
		{BYTES("[1,,2]"), 3, 1, 4, value},
		{BYTES("{'a':1}"), 1, 1, 2,
			"a single quote; strings stand in double quotes"},
		{BYTES("{a:1}"), 1, 1, 2, word},
		{BYTES("{1:2}"), 1, 1, 2, "a key in double quotes is expected"},
		{BYTES("{\"a\" 1}"), 5, 1, 6,
			"a colon is expected after the key"},
		{BYTES("{\"a\":1 \"b\":2}"), 7, 1, 8,
			"a comma or } is expected"},
		{BYTES("[1 2]"), 3, 1, 4, "a comma or ] is expected"},
		{BYTES("{\"a\":}"), 5, 1, 6, value},
		{BYTES("]"), 0, 1, 1, value},
		{BYTES("True"), 0, 1, 1, word},
		{BYTES("nul"), 0, 1, 1, word},
		{BYTES("undefined"), 0, 1, 1, word},
		{BYTES("6 7"), 2, 1, 3, follows},
		{BYTES("{} x"), 3, 1, 4, follows},
		{BYTES("{}{}"), 2, 1, 3, follows},
		{BYTES("{}\n{}"), 3, 2, 1, follows},
		{BYTES("[1]]"), 3, 1, 4, follows},
		{BYTES("\xEF\xBB\xBF{}"), 0, 1, 1,
			"a byte order mark before the text"},
		{BYTES("\xFF\xFE{\0}\0"), 0, 1, 1, utf8},
		/* duplicate keys, plain and escaped */
		{BYTES("{\"score\":6,\n \"score\":9}"), 13, 2, 2,
			"a key stands twice"},
		{BYTES("{\"a\":1,\"\\u0061\":2}"), 7, 1, 8,
			"a key stands twice"},
		{BYTES("[{\"x\":{\"\":1,\"\":2}}]"), 12, 1, 13,
			"a key stands twice"},
		{BYTES("{\"\\n\":1,\"\\n\":2}"), 8, 1, 9, "a key stands twice"},
		/* ends too early */
		{BYTES("{"), 1, 1, 2, early},
		{BYTES("{\"a\""), 4, 1, 5, early},
		{BYTES("{\"a\":"), 5, 1, 6, early},
		{BYTES("{\"a\":1,"), 7, 1, 8, early},
		{BYTES("[[1]"), 4, 1, 5, early},
		{BYTES("[\"abc"), 1, 1, 2, "a string that does not end"},
		{BYTES("\"abc\\"), 4, 1, 5, "incomplete escape"},
		{BYTES("\"\\u12"), 1, 1, 2, "incomplete escape"},
		/* inside strings, S11 */
		{BYTES("\"\\u00g0\""), 1, 1, 2, "incomplete escape"},
		{BYTES("\"a\\q\""), 2, 1, 3, "unknown escape"},
		{BYTES("\"\\'\""), 1, 1, 2, "unknown escape"},
		{BYTES("\"\xC3\xBC\n\""), 3, 1, 3, control},
		{BYTES("\"\t\""), 1, 1, 2, control},
		{BYTES("\"a\\u0000\""), 2, 1, 3, "a NUL character in a string"},
		{BYTES("{\"a\\u0000\":1}"), 3, 1, 4,
			"a NUL character in a string"},
		{BYTES("\"a\0b\""), 2, 1, 3, "a NUL byte"},
		{BYTES("6\0"), 1, 1, 2, "a NUL byte"},
		{BYTES("\"\\ud800\""), 1, 1, 2, half},
		{BYTES("\"\\udc00\""), 1, 1, 2, half},
		{BYTES("\"\\ud800\\u0041\""), 1, 1, 2, half},
		{BYTES("\"\\ud800\\ud800\""), 1, 1, 2, half},
		{BYTES("\"\xC0\x80\""), 1, 1, 2, utf8},
		{BYTES("\"\xED\xA0\x80\""), 1, 1, 2, utf8},
		{BYTES("\"gr\xC3\xBC\xDF\""), 5, 1, 5, utf8},
		{BYTES("{\"\xF4\x90\x80\x80\":1}"), 2, 1, 3, utf8},
		{BYTES("\"\xE2\x82"), 1, 1, 2, utf8},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct json_fault fault = {0};
		json_t *got = read_copy(rows[i].data, rows[i].length, &fault);

		cr_assert_null(got, "row %zu: %s", i, rows[i].data);
		cr_assert_str_eq(fault.reason, rows[i].reason,
			"row %zu: %s: %s", i, rows[i].data, fault.reason);
		cr_assert(fault.offset == rows[i].offset &&
				  fault.line == rows[i].line &&
				  fault.column == rows[i].column,
			"row %zu: %s: offset %zu, line %d, column %d", i,
			rows[i].data, fault.offset, fault.line, fault.column);
		cr_assert_null(read_copy(rows[i].data, rows[i].length, NULL),
			"nobody asks why");
	}
}

/* A text of `depth` opening brackets, and as many closing ones if asked. */
static void
nest(struct buf *out, size_t depth, const char *open, const char *close)
{
	buf_clear(out);
	for (size_t i = 0; i < depth; i++)
		buf_append_text(out, open);
	buf_append_text(out, "1");
	for (size_t i = 0; close && i < depth; i++)
		buf_append_text(out, close);
}

Test(json, depth_is_bounded_H15)
{
	static const struct {
		size_t depth;
		const char *open, *close;
		bool good;
		size_t offset;
	} rows[] = {
		{32, "[", "]", true, 0},
		{33, "[", "]", false, 32},
		{32, "{\"a\":", "}", true, 0},
		{33, "{\"a\":", "}", false, 32 * 5},
		{16, "[{\"a\":", "}]", true, 0},
		{17, "[{\"a\":", "}]", false, 16 * 6},
		{1000000, "[", "]", false, 32},
		{1000000, "[", NULL, false, 32},
		{1000000, "{\"a\":", NULL, false, 32 * 5},
	};
	struct buf text = {0};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct json_fault fault = {0};

		nest(&text, rows[i].depth, rows[i].open, rows[i].close);
		clock_t start = clock();
		json_t *value = json_read(text.data, text.length, &fault);
		double seconds =
			(double)(clock() - start) / (double)CLOCKS_PER_SEC;

		cr_assert_eq(value != NULL, rows[i].good, "row %zu", i);
		cr_assert_lt(seconds, 0.5, "row %zu took %g s", i, seconds);
		json_decref(value);
		if (rows[i].good)
			continue;
		cr_assert_str_eq(fault.reason, "nested deeper than 32 levels",
			"row %zu: %s", i, fault.reason);
		cr_assert_eq(fault.offset, rows[i].offset, "row %zu: %zu", i,
			fault.offset);
	}
	/* Brackets inside a string are no nesting, nor do closed ones add. */
	buf_clear(&text);
	buf_append_text(&text, "[\"\\\"");
	for (int i = 0; i < 100; i++)
		buf_append_text(&text, "[{");
	buf_append_text(&text, "\"");
	for (int i = 0; i < 100; i++)
		buf_append_text(&text, ",[{}]");
	buf_append_text(&text, "]");
	json_t *value = json_read(text.data, text.length, NULL);

	cr_assert_eq(json_array_size(value), 101, "flat");
	json_decref(value);
	buf_done(&text);
}

Test(json, big_texts_H15)
{
	struct buf text = {0};
	struct json_fault fault;

	buf_append_char(&text, '{');
	for (int i = 0; i < 100000; i++)
		buf_printf(&text, "%s\"key%d\":%d", i ? "," : "", i, i);
	clock_t start = clock();

	cr_assert_null(json_read(text.data, text.length, &fault), "no end");
	buf_append_char(&text, '}');
	json_t *value = json_read(text.data, text.length, &fault);

	cr_assert_eq(json_object_size(value), 100000, "all keys");
	char *written = json_text(value);

	cr_assert_str_eq(written, text.data, "in the order they were read");
	cr_assert_lt((double)(clock() - start) / (double)CLOCKS_PER_SEC, 10.0,
		"in bounded time");
	free(written);
	json_decref(value);

	buf_clear(&text);
	buf_append_char(&text, '"');
	for (int i = 0; i < 1 << 20; i++)
		buf_append_text(&text, "\xE2\x82\xAC.");
	cr_assert_null(json_read(text.data, text.length, &fault), "no end");
	cr_assert_eq(fault.offset, 0, "where it starts");
	buf_append_char(&text, '"');
	value = json_read(text.data, text.length, &fault);
	cr_assert_eq(json_string_length(value), 4U << 20, "huge string");
	json_decref(value);
	buf_done(&text);
}

Test(json, number_of_many_digits)
{
	struct buf text = {0};

	/* 0.000...1 with and without an exponent that makes up for it */
	buf_append_text(&text, "0.");
	for (int i = 0; i < 400; i++)
		buf_append_char(&text, '0');
	buf_append_char(&text, '1');
	cr_assert_null(json_read(text.data, text.length, NULL), "too small");
	buf_append_text(&text, "e401");
	json_t *value = json_read(text.data, text.length, NULL);

	cr_assert(json_real_value(value) == 1.0, "it is one");
	json_decref(value);
	buf_done(&text);
}

Test(json, locale_C06)
{
	static const char in[] = "[0.5,-1.25e-3,6.0]";
	static const char *const locales[] = {
		"de_DE", "de_DE.UTF-8", "nl_NL.UTF-8", "fr_FR.UTF-8"};
	const char *found = NULL;
	char folder[] = "/tmp/npsd-test-XXXXXX";
	char command[256];

	/* Few machines have one, most can make one. */
	cr_assert_not_null(mkdtemp(folder), "no folder");
	(void)snprintf(command, sizeof(command),
		"localedef -i de_DE -f ISO-8859-1 --no-archive %s/de_DE "
		">/dev/null 2>&1",
		folder);
	if (system(command) == 0)
		setenv("LOCPATH", folder, 1);
	for (size_t i = 0; i < COUNT(locales) && !found; i++)
		found = setlocale(LC_ALL, locales[i]);
	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	cr_assert_eq(system(command), 0, "cannot clean up");
	if (!found)
		cr_skip_test("no locale with a decimal comma on this machine");
	(void)snprintf(command, sizeof(command), "%.1f", 0.5);
	cr_assert_str_eq(command, "0,5", "the locale is at work");

	json_t *value = json_read(in, strlen(in), NULL);

	cr_assert_not_null(value, "points are read");
	cr_assert(json_real_value(json_array_get(value, 0)) == 0.5, "value");
	char *text = json_text(value);

	cr_assert_str_eq(text, "[0.5,-0.00125,6.0]", "written: %s", text);
	free(text);
	json_decref(value);
	cr_assert_null(json_read("[0,5,]", 6, NULL), "no comma");
}

Test(json, canonical)
{
	static const struct {
		const char *a, *b;
		bool same;
	} rows[] = {
		{"{\"a\":1,\"b\":{\"c\":2,\"d\":3}}",
			" {\"b\": {\"d\":3, \"c\":2}, \"a\":1 }", true},
		{"[{\"x\":1,\"y\":2}]", "[{\"y\":2,\"x\":1}]", true},
		{"\"\\u00e9\"", "\"\xC3\xA9\"", true},
		{"[1,2]", "[2,1]", false},
		{"{\"a\":1}", "{\"A\":1}", false},
		{"6", "\"6\"", false},
		{"0.5", "5e-1", true},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		json_t *a = json_read(rows[i].a, strlen(rows[i].a), NULL);
		json_t *b = json_read(rows[i].b, strlen(rows[i].b), NULL);
		char *left = json_canonical(a);
		char *right = json_canonical(b);

		cr_assert_eq(!strcmp(left, right), rows[i].same,
			"row %zu: %s and %s", i, left, right);
		free(left);
		free(right);
		json_decref(a);
		json_decref(b);
	}
}

Test(json, strings)
{
	static const struct {
		const char *data;
		size_t length;
		const char *out;
	} rows[] = {
		{BYTES(""), "\"\""},
		{BYTES("a\0b"), "\"a\\u0000b\""},
		{BYTES("\xFFx\xC3"), "\"\xEF\xBF\xBDx\xEF\xBF\xBD\""},
		{BYTES("\xED\xA0\x80"),
			"\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
		{BYTES("a\"\\\n\x1B"), "\"a\\\"\\\\\\n\\u001b\""},
	};
	struct buf out = {0};

	for (size_t i = 0; i < COUNT(rows); i++) {
		buf_clear(&out);
		json_append_string(&out, rows[i].data, rows[i].length);
		cr_assert_str_eq(
			out.data, rows[i].out, "row %zu: %s", i, out.data);
	}
	buf_done(&out);

	json_t *object = json_read("{\"a\":\"x\",\"b\":1}", 15, NULL);

	cr_assert_str_eq(json_string_at(object, "a"), "x", "there");
	cr_assert_null(json_string_at(object, "b"), "no string");
	cr_assert_null(json_string_at(object, "c"), "absent");
	cr_assert_null(json_string_at(NULL, "c"), "no object");
	json_decref(object);
}
