/* Rows and fields: RFC 4180 and what programs write, cut at every byte. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

TestSuite(csv);

/* Every row as "[field|field]", a fault as "!SENTENCE's first word@OFFSET". */
static void
describe(const char *data, size_t length, char delimiter, size_t limit,
	struct buf *out)
{
	struct csv_row row = {0};
	size_t at = 0;

	while (at < length) {
		enum csv_end end = csv_row_read(
			&row, delimiter, data + at, length - at, true, limit);

		cr_assert_neq(end, CSV_MORE, "more at the end");
		cr_assert_gt(row.next, 0, "no way forward");
		if (end == CSV_ROW) {
			buf_append_char(out, '[');
			for (size_t i = 0; i < row.count; i++) {
				if (i > 0)
					buf_append_char(out, '|');
				csv_field_append(
					&row.fields[i], data + at, out);
			}
			buf_append_char(out, ']');
		} else if (end == CSV_FAULT) {
			buf_printf(out, "!%zu", row.fault_at);
		} else {
			buf_append_text(out, "!long");
		}
		at += row.next;
	}
	buf_append_text(out, "");
	csv_row_done(&row);
}

Test(csv, rows_and_fields)
{
	static const struct {
		const char *text;
		char delimiter;
		const char *rows;
	} rows[] = {
		{"a,b\r\nc,d\n", ',', "[a|b][c|d]"},
		{"a,b\rc,d", ',', "[a|b][c|d]"},
		{"a,,\n,\n", ',', "[a||][|]"},
		{"\n\r\n", ',', "[][]"},
		{"\"a,b\",\"c\r\nd\"\n", ',', "[a,b|c\r\nd]"},
		{"\"a \"\"b\"\"\",\"\"\"\"\n", ',', "[a \"b\"|\"]"},
		{"\"\",x\n", ',', "[|x]"},
		{" a b , \"c\" ,\td\n", ',', "[a b|c|d]"},
		{"a\t b\t\"c\"\n", '\t', "[a|b|c]"},
		/* a quote within a field is one */
		{"5\" pipe,b\"\"\n", ',', "[5\" pipe|b\"\"]"},
		{"a;b,c\n", ';', "[a|b,c]"},
		/* a quote that is not closed costs its line */
		{"a,\"b\nc,d\n", ',', "!2[c|d]"},
		{"a,\"b\nc,\"d\"\n", ',', "!8[c|d]"},
		{"a,\"b\"c\nd\n", ',', "!5[d]"},
		{"\"", ',', "!0"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out = {0};

		describe(rows[i].text, strlen(rows[i].text), rows[i].delimiter,
			1000, &out);
		cr_assert_str_eq(
			out.data, rows[i].rows, "row %zu: %s", i, out.data);
		buf_done(&out);
	}
}

/* Where bytes come in pieces, a row is told only when its end is certain. */
Test(csv, a_row_needs_its_end)
{
	static const char text[] = "a,\"b\"\"\r\nc\" ,d\r\ne\r\n";
	struct csv_row row = {0};

	for (size_t length = 1; length < 15; length++)
		cr_assert_eq(csv_row_read(&row, ',', text, length, false, 100),
			CSV_MORE, "%zu", length);
	cr_assert_eq(
		csv_row_read(&row, ',', text, sizeof(text) - 1, false, 100),
		CSV_ROW, "whole");
	cr_assert_eq(row.count, 3, "fields");
	cr_assert_eq(row.next, 15, "%zu", row.next);
	cr_assert_eq(row.lines, 2, "lines");
	csv_row_done(&row);
}

Test(csv, limits)
{
	static char many[3 * CSV_FIELDS_LIMIT];
	char text[64];
	struct csv_row row = {0};
	struct buf out = {0};

	memset(many, ',', sizeof(many));
	many[sizeof(many) - 1] = '\n';
	cr_assert_eq(
		csv_row_read(&row, ',', many, sizeof(many), true, sizeof(many)),
		CSV_FAULT, "fields");
	memset(text, 'x', sizeof(text));
	cr_assert_eq(csv_row_read(&row, ',', text, 21, false, 20), CSV_TOO_LONG,
		"no end");
	cr_assert_eq(row.next, 0, "its end is not there");
	text[0] = '"';
	text[10] = '\n';
	/* The quote is never closed: its first line goes, no more. */
	cr_assert_eq(csv_row_read(&row, ',', text, 21, false, 20), CSV_FAULT,
		"open quote");
	cr_assert_eq(row.next, 11, "%zu", row.next);
	text[40] = '\n';
	text[41] = 'y';
	text[42] = '\n';
	describe(text + 11, 32, ',', 20, &out);
	cr_assert_str_eq(out.data, "!long[y]", "%s", out.data);
	buf_done(&out);
	csv_row_done(&row);
}

Test(csv, blank_rows)
{
	static const struct {
		const char *text;
		bool blank;
	} rows[] = {{"\n", true}, {" ; ;\"\"\n", true}, {";x\n", false}};
	struct csv_row row = {0};

	for (size_t i = 0; i < COUNT(rows); i++) {
		cr_assert_eq(csv_row_read(&row, ';', rows[i].text,
				     strlen(rows[i].text), true, 100),
			CSV_ROW, "%zu", i);
		cr_assert_eq(csv_row_is_blank(&row), rows[i].blank, "%zu", i);
	}
	csv_row_done(&row);
}
