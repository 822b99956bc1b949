/* Strings and bytes from outside: UTF-8 (row S11), numbers, distances. */
#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BYTES(literal) literal, sizeof(literal) - 1

TestSuite(text);

Test(text, a_noun_for_so_many)
{
	cr_assert_str_eq(text_plural(0, "answer", "answers"), "answers", "0");
	cr_assert_str_eq(text_plural(1, "answer", "answers"), "answer", "1");
	cr_assert_str_eq(text_plural(2, "answer", "answers"), "answers", "2");
}

Test(text, utf8_S11)
{
	static const struct {
		const char *data;
		size_t length;
		int bad; /* offset of the first bad byte, -1: none */
	} rows[] = {
		{BYTES(""), -1},
		{BYTES("plain ASCII of more than eight bytes"), -1},
		{BYTES("a\0b"), -1},
		{BYTES("\x7F"), -1},
		{BYTES("\xC2\x80"), -1},
		{BYTES("\xDF\xBF"), -1},
		{BYTES("\xE0\xA0\x80"), -1},
		{BYTES("\xED\x9F\xBF"), -1},
		{BYTES("\xEE\x80\x80"), -1},
		{BYTES("\xEF\xBF\xBF"), -1},
		{BYTES("\xF0\x90\x80\x80"), -1},
		{BYTES("\xF4\x8F\xBF\xBF"), -1},
		{BYTES("gr\xC3\xBC\xC3\x9F"), -1},
		/* lone continuation, lead without rest */
		{BYTES("\x80"), 0},
		{BYTES("ab\xBF"), 2},
		{BYTES("12345678\xC3"), 8},
		{BYTES("\xE2\x82"), 0},
		{BYTES("\xF0\x9F\x98"), 0},
		{BYTES("\xC3(x"), 0},
		{BYTES("\xE2\x28\xA1"), 0},
		{BYTES("\xF0\x28\x8C\xBC"), 0},
		/* overlong */
		{BYTES("\xC0\x80"), 0},
		{BYTES("\xC1\xBF"), 0},
		{BYTES("\xE0\x80\xAF"), 0},
		{BYTES("\xE0\x9F\xBF"), 0},
		{BYTES("\xF0\x80\x80\xAF"), 0},
		{BYTES("\xF0\x8F\xBF\xBF"), 0},
		/* surrogates, alone and as a pair */
		{BYTES("x\xED\xA0\x80"), 1},
		{BYTES("\xED\xBF\xBF"), 0},
		{BYTES("\xED\xA0\xBD\xED\xB8\x80"), 0},
		/* past U+10FFFF, and bytes that never are */
		{BYTES("\xF4\x90\x80\x80"), 0},
		{BYTES("\xF5\x80\x80\x80"), 0},
		{BYTES("\xF8\x88\x80\x80\x80"), 0},
		{BYTES("\xFE\xFF"), 0},
		{BYTES("a long run of plain text, and then\xFF"), 34},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		/* A copy of exact size, so that ASan sees a step too far. */
		char *copy = malloc(rows[i].length);
		size_t at = 999;

		if (rows[i].length)
			memcpy(copy, rows[i].data, rows[i].length);
		bool good = text_is_utf8(copy, rows[i].length, &at);

		free(copy);
		cr_assert_eq(good, rows[i].bad < 0, "row %zu", i);
		if (!good)
			cr_assert_eq(at, (size_t)rows[i].bad, "row %zu: at %zu",
				i, at);
	}
}

Test(text, sequence_decodes)
{
	uint32_t code = 0;

	/* Every code point there and back. */
	for (uint32_t c = 0; c < 0x110000; c++) {
		char s[4];
		size_t n = 1;

		if (c < 0x80) {
			s[0] = (char)c;
		} else if (c < 0x800) {
			n = 2;
			s[0] = (char)(0xC0 | c >> 6);
		} else if (c < 0x10000) {
			n = 3;
			s[0] = (char)(0xE0 | c >> 12);
		} else {
			n = 4;
			s[0] = (char)(0xF0 | c >> 18);
		}
		for (size_t i = 1; i < n; i++)
			s[i] = (char)(0x80 | (c >> 6 * (n - 1 - i) & 0x3F));
		bool surrogate = c >= 0xD800 && c <= 0xDFFF;
		size_t got = text_sequence(s, n, &code);

		if (got != (surrogate ? 0 : n) || (got && code != c))
			cr_assert_fail("U+%04X", (unsigned)c);
		if (n > 1 && text_sequence(s, n - 1, &code))
			cr_assert_fail("U+%04X cut", (unsigned)c);
	}
	cr_assert_eq(text_sequence("", 0, NULL), 0, "nothing there");
}

Test(text, cut_keeps_sequences_whole)
{
	static const struct {
		const char *data;
		size_t limit, length;
	} rows[] = {
		{"abc", 9, 3},
		{"abc", 3, 3},
		{"abc", 2, 2},
		{"abc", 0, 0},
		{"", 0, 0},
		{"a\xC3\xBC", 2, 1},
		{"a\xC3\xBC", 3, 3},
		{"\xE2\x82\xAC", 2, 0},
		{"\xE2\x82\xACx", 3, 3},
		{"\xF0\x9F\x98\x80", 3, 0},
		{"z\xF0\x9F\x98\x80", 1, 1},
		/* what is no UTF-8 is cut anywhere */
		{"\x80\x80\x80\x80\x80\x80", 4, 4},
		{"a\x80\x80", 2, 2},
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		cr_assert_eq(text_cut(rows[i].data, strlen(rows[i].data),
				     rows[i].limit),
			rows[i].length, "row %zu", i);
}

Test(text, compares_and_trims)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{"", ""},
		{" \t\r\n", ""},
		{" a b ", "a b"},
		{"a", "a"},
		{"\r\nx", "x"},
		{"\va", "\va"},
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		cr_assert(
			text_equal(text_trim(text_of(rows[i].in)), rows[i].out),
			"row %zu", i);
	cr_assert(text_equal(text_of(NULL), ""), "NULL is empty");
	cr_assert_not(text_equal(text_of("ab"), "a"), "longer");
	cr_assert_not(text_equal(text_of("a"), "ab"), "shorter");
	cr_assert(text_same(NULL, NULL), "none and none");
	cr_assert_not(text_same("", NULL), "empty is not none");
	cr_assert_not(text_same(NULL, ""), "none is not empty");
	cr_assert(text_same("a", "a"), "same");
	cr_assert_not(text_same("a", "b"), "other");
	cr_assert(text_starts("score", "sc"), "starts");
	cr_assert(text_starts("score", ""), "starts with nothing");
	cr_assert_not(text_starts("sc", "score"), "shorter than the prefix");
	char word[] = "ScORE \xC3\x84Z[";

	text_lower(word);
	cr_assert_str_eq(word, "score \xC3\x84z[", "ASCII alone");
}

Test(text, reads_integers)
{
	static const struct {
		const char *text;
		int64_t low, high;
		bool good;
		int64_t value;
	} rows[] = {
		{"0", 0, 10, true, 0},
		{"10", 0, 10, true, 10},
		{"11", 0, 10, false, 0},
		{"-1", 0, 10, false, 0},
		{"-1", -1, 10, true, -1},
		{"9223372036854775807", INT64_MIN, INT64_MAX, true, INT64_MAX},
		{"9223372036854775808", INT64_MIN, INT64_MAX, false, 0},
		{"-9223372036854775808", INT64_MIN, INT64_MAX, true, INT64_MIN},
		{"-9223372036854775809", INT64_MIN, INT64_MAX, false, 0},
		{"18446744073709551622", 0, 10, false, 0},
		{"4294967302", 0, 10, false, 0},
		{"", 0, 10, false, 0},
		{"-", -10, 10, false, 0},
		{"-0", -10, 10, false, 0},
		{"06", 0, 10, false, 0},
		{"00", 0, 10, false, 0},
		{"+6", 0, 10, false, 0},
		{" 6", 0, 10, false, 0},
		{"6 ", 0, 10, false, 0},
		{"6.0", 0, 10, false, 0},
		{"6e0", 0, 10, false, 0},
		{"0x6", 0, 10, false, 0},
		{"\xD9\xA6", 0, 10, false, 0},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t value = 77;
		bool good = text_to_integer(
			rows[i].text, rows[i].low, rows[i].high, &value);

		cr_assert_eq(good, rows[i].good, "\"%s\"", rows[i].text);
		cr_assert_eq(value, good ? rows[i].value : 77, "\"%s\"",
			rows[i].text);
	}
}

Test(text, writes_shortest_doubles)
{
	static const struct {
		double value;
		const char *text;
	} rows[] = {
		{0, "0"},
		{-0.0, "-0"},
		{6, "6"},
		{0.1, "0.1"},
		{0.1 + 0.2, "0.30000000000000004"},
		{1.0 / 3, "0.3333333333333333"},
		{-33.5, "-33.5"},
		{-0.1, "-0.1"},
		{-100, "-100"},
		{12.25, "12.25"},
		{99999999.9, "99999999.9"},
		{99999999.95, "99999999.95"},
		{100000000.1, "100000000.1"},
		{0.05, "0.05"},
		{1e15, "1e+15"},
		{123456789012, "123456789012"},
		{5e-324, "4.94065645841247e-324"},
		{DBL_MAX, "1.7976931348623157e+308"},
	};
	struct buf out = {0};

	for (size_t i = 0; i < COUNT(rows); i++) {
		buf_clear(&out);
		text_append_double(&out, rows[i].value);
		cr_assert_str_eq(
			out.data, rows[i].text, "row %zu: %s", i, out.data);
		cr_assert(
			strtod(out.data, NULL) == rows[i].value, "row %zu", i);
	}
	/* The short way to a text gives the one of the long way. */
	for (int i = -20000; i <= 20000; i++) {
		char wanted[32];

		snprintf(wanted, sizeof(wanted), "%.15g", i / 10.0);
		buf_clear(&out);
		text_append_double(&out, i / 10.0);
		cr_assert_str_eq(out.data, wanted, "%d tenths", i);
	}
	/* Bits of all kinds read back as themselves. */
	uint64_t bits = 1;

	for (int i = 0; i < 20000; i++) {
		double value;

		bits = bits * UINT64_C(6364136223846793005) +
		       UINT64_C(1442695040888963407);
		memcpy(&value, &bits, sizeof(value));
		if (!isfinite(value))
			continue;
		buf_clear(&out);
		text_append_double(&out, value);
		cr_assert(strtod(out.data, NULL) == value, "%s", out.data);
	}
	buf_done(&out);
}

Test(text, distances)
{
	static const struct {
		const char *a, *b;
		size_t limit, distance;
	} rows[] = {
		{"", "", 3, 0},
		{"", "abc", 3, 3},
		{"score", "score", 2, 0},
		{"score", "scroe", 2, 1},
		{"score", "scor", 2, 1},
		{"score", "scorre", 2, 1},
		{"score", "skore", 2, 1},
		{"score", "cosre", 5, 2},
		{"ca", "abc", 5, 3},
		{"kitten", "sitting", 5, 3},
		{"kitten", "sitting", 2, 3},
		{"kitten", "sitting", 1, 2},
		{"a", "abcdefgh", 2, 3},
		{"listen", "silent", 9, 4},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		cr_assert_eq(text_distance(rows[i].a, rows[i].b, rows[i].limit),
			rows[i].distance, "row %zu", i);
		cr_assert_eq(text_distance(rows[i].b, rows[i].a, rows[i].limit),
			rows[i].distance, "row %zu turned round", i);
	}
}

Test(text, nearest_word)
{
	static const char *const words[] = {
		"store", "sources", "score", "rules", "m", NULL};
	static const struct {
		const char *word, *nearest;
	} rows[] = {
		{"scroe", "score"},
		{"stor", "store"},
		{"source", "sources"},
		{"rule", "rules"},
		{"sore", "store"}, /* both are one away: the first */
		{"score", "score"},
		{"k", "m"},
		{"elephants", NULL},
		{"xxore", NULL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *nearest = text_nearest(rows[i].word, words);

		cr_assert(text_same(nearest, rows[i].nearest), "%s: %s",
			rows[i].word, nearest ? nearest : "(none)");
	}
	cr_assert_null(text_nearest("x", words + COUNT(words) - 1), "no words");
}

Test(text, percent_decoding)
{
	static const struct {
		const char *in;
		const char *plain, *form;
	} rows[] = {
		{"", "", ""},
		{"a+b", "a+b", "a b"},
		{"%41%7a%7A", "Azz", "Azz"},
		{"%2B+", "++", "+ "},
		{"100%", "100%", "100%"},
		{"%4", "%4", "%4"},
		{"%4g%%41", "%4g%A", "%4g%A"},
		{"%2541", "%41", "%41"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		for (int form = 0; form < 2; form++) {
			const char *out = form ? rows[i].form : rows[i].plain;
			char text[16];
			size_t length;

			strcpy(text, rows[i].in);
			length = text_percent_decode(
				text, strlen(text), form != 0);
			cr_assert(length == strlen(out) &&
					  memcmp(text, out, length) == 0,
				"%s: %.*s", rows[i].in, (int)length, text);
		}
	}
}

Test(text, escapes_for_one_line)
{
	static const struct {
		const char *in;
		size_t length, limit;
		const char *out;
	} rows[] = {
		{BYTES("plain"), 99, "plain"},
		{BYTES("gr\xC3\xBC\xC3\x9F \xF0\x9F\x98\x80"), 99,
			"gr\xC3\xBC\xC3\x9F \xF0\x9F\x98\x80"},
		{BYTES("a\nnpsd: error: forged"), 99,
			"a\\x0anpsd: error: forged"},
		{BYTES("\x1B[31mred\x7F\t\r"), 99,
			"\\x1b[31mred\\x7f\\x09\\x0d"},
		{BYTES("a\0b"), 99, "a\\x00b"},
		{BYTES("\\n"), 99, "\\\\n"},
		{BYTES("\xFF\xC3"), 99, "\\xff\\xc3"},
		{BYTES("\xC2\x9B"
		       "31m"),
			99, "\\u{009b}31m"},
		{BYTES("\xE2\x80\xAE\xE2\x81\xA6\xD8\x9C\xE2\x80\x8F"), 99,
			"\\u{202e}\\u{2066}\\u{061c}\\u{200f}"},
		{BYTES("\xE2\x80\xA8"), 99, "\\u{2028}"},
		{BYTES("abcdef"), 3, "abc..."},
		{BYTES("ab\xC3\xBC"), 3, "ab..."},
		{BYTES("abc"), 3, "abc"},
	};
	struct buf out = {0};

	for (size_t i = 0; i < COUNT(rows); i++) {
		buf_clear(&out);
		text_append_escaped(
			&out, rows[i].in, rows[i].length, rows[i].limit);
		cr_assert_str_eq(
			out.data, rows[i].out, "row %zu: %s", i, out.data);
	}
	/* Whatever the bytes, the result is one line of valid UTF-8. */
	for (unsigned a = 0; a < 256; a++) {
		for (unsigned b = 0; b < 256; b++) {
			char bytes[] = {(char)a, (char)b, 'x'};

			buf_clear(&out);
			text_append_escaped(&out, bytes, 3, 3);
			for (size_t i = 0; i < out.length; i++)
				cr_assert((unsigned char)out.data[i] >= 0x20,
					"%02x %02x", a, b);
			cr_assert(text_is_utf8(out.data, out.length, NULL),
				"%02x %02x", a, b);
		}
	}
	buf_done(&out);
}

Test(text, entities_of_html)
{
	static const char *const entities[128] = {['&'] = "&amp;",
		['<'] = "&lt;",
		['>'] = "&gt;",
		['"'] = "&quot;",
		['\''] = "&#39;"};

	for (uint32_t code = 0; code < 300; code++) {
		const char *entity = text_html_entity(code);

		cr_assert(text_same(entity, code < 128 ? entities[code] : NULL),
			"%u: %s", code, entity != NULL ? entity : "itself");
	}
}
