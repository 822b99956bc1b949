/* Bytes into lines: FAULTS rows S07, S09, S10, S12. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "source/line_cutter.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MARK "\xEF\xBB\xBF"

TestSuite(line_cutter);

/* What was cut, as "number:text|"; "!" before a line that is too long, and at
 * the end what was left after "~". */
static void
cut(struct buf *out, const char *data, size_t length, bool is_start, bool last)
{
	/* A copy of its own size, so that ASan guards the end. */
	char *copy = malloc(length ? length : 1);
	struct line_cutter cutter;
	struct line line;
	enum line_kind kind;

	memcpy(copy, data, length);
	line_cutter_init(&cutter, copy, length, 8, is_start, 100);
	buf_append_text(out, "");
	for (;;) {
		kind = line_cutter_next(&cutter, &line);
		if (kind == LINE_NONE && last) {
			kind = line_cutter_last(&cutter, &line);
			last = false;
		}
		if (kind == LINE_NONE)
			break;
		buf_printf(out, "%s%d:", kind == LINE_TOO_LONG ? "!" : "",
			(int)line.number - 100);
		buf_append(out, copy + line.start, line.length);
		buf_append_char(out, '|');
	}
	buf_append_char(out, '~');
	buf_append(out, copy + cutter.at, length - cutter.at);
	free(copy);
}

Test(line_cutter, cuts)
{
	static const struct {
		const char *bytes;
		const char *wanted;
		const char *wanted_last; /* where nothing follows */
		bool is_start;
	} rows[] = {
		{"", "~", "~", true},
		{"a\n", "1:a|~", "1:a|~", true},
		{"a", "~a", "1:a|~", true},
		{"a\nb\n", "1:a|2:b|~", "1:a|2:b|~", true},
		{"a\nb", "1:a|~b", "1:a|2:b|~", true},
		/* CR LF, and a CR that ends nothing */
		{"a\r\nb\r\n", "1:a|2:b|~", "1:a|2:b|~", true},
		{"a\rb\n", "1:a\rb|~", "1:a\rb|~", true},
		{"a\r", "~a\r", "1:a|~", true},
		/* blank ones are passed by and counted */
		{"\n\n a\n\t \n\r\nb\n", "3: a|6:b|~", "3: a|6:b|~", true},
		{"  ", "~  ", "~", true},
		{"\n", "~", "~", true},
		/* trailing blanks stay: the decoder trims */
		{"a  \n", "1:a  |~", "1:a  |~", true},
		/* a mark is one at the start only */
		{MARK "a\nb\n", "1:a|2:b|~", "1:a|2:b|~", true},
		{MARK "a\n", "1:" MARK "a|~", "1:" MARK "a|~", false},
		{"a\n" MARK "b\n", "1:a|2:" MARK "b|~", "1:a|2:" MARK "b|~",
			true},
		{MARK, "~", "~", true},
		{"\xEF\xBB", "~\xEF\xBB", "1:\xEF\xBB|~", true},
		/* the limit is 8 */
		{"12345678\n", "1:12345678|~", "1:12345678|~", true},
		{"12345678\r\n", "1:12345678|~", "1:12345678|~", true},
		{"123456789\n2\n", "!1:123456789|2:2|~", "!1:123456789|2:2|~",
			true},
		{"2\n123456789", "1:2|~123456789", "1:2|!2:123456789|~", true},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out = {0};

		cut(&out, rows[i].bytes, strlen(rows[i].bytes),
			rows[i].is_start, false);
		cr_assert_str_eq(out.data, rows[i].wanted, "row %zu: %s", i,
			rows[i].bytes);
		buf_clear(&out);
		cut(&out, rows[i].bytes, strlen(rows[i].bytes),
			rows[i].is_start, true);
		cr_assert_str_eq(out.data, rows[i].wanted_last,
			"row %zu, last: %s", i, rows[i].bytes);
		buf_done(&out);
	}
}

Test(line_cutter, nul_is_a_byte_like_others)
{
	struct buf out = {0};

	cut(&out, "a\0b\n\0\nc\n", 8, true, false);
	cr_assert_eq(out.length, strlen("1:a.b|2:.|3:c|~"), "%zu", out.length);
	cr_assert_arr_eq(out.data, "1:a\0b|2:\0|3:c|~", out.length, "NUL");
	buf_done(&out);
}

Test(line_cutter, any_split_gives_the_same_lines)
{
	static const char bytes[] =
		MARK "{\"a\":1}\r\n\n  \n[1,2]\n123456789012\nx\n";
	struct buf whole = {0};

	cut(&whole, bytes, sizeof(bytes) - 1, true, false);
	/* As a reader does it: what is left is cut again with what follows. */
	for (size_t size = 1; size < sizeof(bytes); size++) {
		struct buf out = {0};
		size_t at = 0, end = 0;
		int64_t number = 100;

		buf_append_text(&out, "");
		while (end < sizeof(bytes) - 1) {
			struct line_cutter cutter;
			struct line line;
			enum line_kind kind;

			end = end + size < sizeof(bytes) - 1
				      ? end + size
				      : sizeof(bytes) - 1;
			line_cutter_init(&cutter, bytes + at, end - at, 8,
				at == 0, number);
			while ((kind = line_cutter_next(&cutter, &line)) !=
				LINE_NONE) {
				buf_printf(&out, "%s%d:",
					kind == LINE_TOO_LONG ? "!" : "",
					(int)line.number - 100);
				buf_append(&out, bytes + at + line.start,
					line.length);
				buf_append_char(&out, '|');
			}
			if (cutter.number == number)
				continue;
			number = cutter.number;
			at += cutter.at;
		}
		buf_append_char(&out, '~');
		cr_assert_str_eq(out.data, whole.data, "pieces of %zu", size);
		buf_done(&out);
	}
	buf_done(&whole);
}
