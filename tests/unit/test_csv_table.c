/* Tables as records: headers, delimiters, encodings, values. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nps/csv_table.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

TestSuite(csv_table);

static char *
read_settings(const char *yaml, struct csv_settings *settings)
{
	struct conf_errors *errors = conf_errors_new();
	struct setting_reader reader = {.errors = errors};
	struct conf_document *document =
		conf_document_read("t", yaml, strlen(yaml), errors);
	struct buf out = {0};

	*settings = (struct csv_settings){0};
	if (document != NULL &&
		setting_read(&reader, csv_settings,
			conf_document_root(document), "", settings))
		csv_settings_check(
			settings, conf_document_root(document), "csv", errors);
	conf_errors_write(errors, &out);
	buf_append_text(&out, "");
	conf_document_free(document);
	conf_errors_free(errors);
	return buf_take(&out);
}

Test(csv_table, settings)
{
	static const struct {
		const char *yaml, *error;
	} rows[] = {
		{"{}", ""},
		{"{delimiter: tab, encoding: Windows-1252}", ""},
		{"{columns: {score: How likely?, customer.email: E, plan: P}}",
			""},
		{"{header: false, columns: {score: 2}}", ""},
		{"{delimiter: ab}", "or the word tab"},
		{"{delimiter: '\"'}", "or the word tab"},
		{"{encoding: latin1}", "utf-8 or windows-1252"},
		{"{timezone: Mars/Base}", "no time zone"},
		{"{date_format: '%d-%m'}", "a year, a month and a day"},
		{"{columns: {kunde.email: E}}", "no member of an answer"},
		{"{columns: {Score: E}}", "is written \"score\""},
		{"{columns: {score: ''}}", "has no name"},
		{"{header: false, columns: {score: Points}}", "by its number"},
		{"{header: false, columns: {id: 1}}", "column of score"},
		{"{colums: {}}", "columns"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct csv_settings settings;
		char *errors = read_settings(rows[i].yaml, &settings);

		if (*rows[i].error == '\0')
			cr_assert_str_eq(
				errors, "", "%s: %s", rows[i].yaml, errors);
		else
			cr_assert(strstr(errors, rows[i].error), "%s: %s",
				rows[i].yaml, errors);
		free(errors);
		setting_done(csv_settings, &settings);
	}
}

static void
add_rows(const struct csv_table *table, const char *text, size_t at,
	struct buf *out)
{
	struct csv_row row = {0};
	size_t length = strlen(text);

	while (at < length) {
		struct rejection why = {0};

		cr_assert_eq(csv_row_read(&row, csv_table_delimiter(table),
				     text + at, length - at, true,
				     RESPONSE_LIMIT_BYTES),
			CSV_ROW, "%s", text);
		if (!csv_row_is_blank(&row) &&
			!csv_table_record(table, text + at, &row, out, &why))
			buf_printf(out, "!%s %s@%zu",
				rejection_reason_name(why.reason), why.pointer,
				why.offset);
		if (why.reason == REJECTED_TIME)
			buf_printf(out, ": %s", why.text);
		at += row.next;
	}
	csv_row_done(&row);
}

/* All records one behind the other; what cannot be started as "!REASON: ". */
static void
expect(const char *yaml, const char *text, const char *expected)
{
	struct csv_settings settings;
	char *errors = read_settings(yaml, &settings);
	struct csv_table *table = csv_table_new(&settings);
	struct rejection why;
	struct buf out = {0};
	int64_t lines;

	cr_assert_str_eq(errors, "", "%s", errors);
	if (csv_table_start(table, text, strlen(text), true, &why) ==
		CSV_STARTED)
		add_rows(table, text, csv_table_head(table, &lines), &out);
	else
		buf_printf(&out, "!%s: %s", rejection_reason_name(why.reason),
			why.text);
	buf_append_text(&out, "");
	if (expected[0] == '!' && expected[1] == '~')
		cr_assert(strstr(out.data, expected + 2), "%s: %s", text,
			out.data);
	else
		cr_assert_str_eq(out.data, expected, "%s: %s", text, out.data);
	buf_done(&out);
	csv_table_free(table);
	setting_done(csv_settings, &settings);
	free(errors);
}

Test(csv_table, headers_and_delimiters)
{
	static const char *const rows[][3] = {
		{"{}", "id,score\na,3\n", "{\"id\":\"a\",\"score\":3}"},
		{"{}", "id;score;comment\na;3;b,c,d\n",
			"{\"id\":\"a\",\"score\":3,\"comment\":\"b,c,d\"}"},
		{"{}", "score\tid\n3\ta\n", "{\"score\":3,\"id\":\"a\"}"},
		{"{}", "score|id\n3|a\n", "{\"score\":3,\"id\":\"a\"}"},
		{"{}", "score\n3\n", "{\"score\":3}"},
		/* more commas than semicolons, but no score among them */
		{"{}", "score;a,b,c,d\n3;x\n", "{\"score\":3}"},
		{"{}", "\xEF\xBB\xBFscore,id\r\n\r\n3,a\r\n",
			"{\"score\":3,\"id\":\"a\"}"},
		{"{}", "sep=;\r\nscore;x,y\r\n3;a\r\n", "{\"score\":3}"},
		{"{}", "\n\nscore,id\n3,a", "{\"score\":3,\"id\":\"a\"}"},
		{"{}", "Score,Customer.Email,Segment.Region,other\n3,e,NL,x\n",
			"{\"score\":3,\"segment\":{\"Region\":\"NL\"},"
			"\"customer\":{\"email\":\"e\"}}"},
		/* groups are put together */
		{"{}", "customer.id,score,segment.a,customer.name\nc,3,s,n\n",
			"{\"score\":3,\"segment\":{\"a\":\"s\"},"
			"\"customer\":{\"id\":\"c\",\"name\":\"n\"}}"},
		{"{columns: {score: 'How likely, 0 to 10?', plan: PLAN}}",
			"\"How likely, 0 to 10?\",id,plan\n3,a,b\n",
			"{\"score\":3,\"plan\":\"b\",\"id\":\"a\"}"},
		{"{columns: {score: 2}}", "a,b\nx,3\n", "{\"score\":3}"},
		{"{header: false, columns: {score: 2, id: 1}}", "a,3\nb,4\n",
			"{\"score\":3,\"id\":\"a\"}{\"score\":4,\"id\":\"b\"}"},
		{"{header: false, columns: {score: 2}}", "a,b,c;3\n",
			"{\"score\":3}"},
		{"{delimiter: '|'}", "score|a,b,c\n3|x\n", "{\"score\":3}"},
		{"{}", "", ""},
		{"{}", "id,points\na,3\n", "!~no column is called score"},
		{"{}", "id,points\na,3\n", "!~\"id\", \"points\""},
		{"{columns: {score: X}}", "a,b\n", "!~gives for score"},
		{"{columns: {score: a}}", "a,A\n", "!~2 columns"},
		{"{}", "\"id,score\n", "!~first row cannot be read"},
		{"{}", "\xFF\xFEi\n", "!~UTF-16"},
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		expect(rows[i][0], rows[i][1], rows[i][2]);
}

Test(csv_table, values)
{
	static const char *const rows[][2] = {
		{"score;weight\n\"4,0\";1,5\n",
			"{\"score\":4.0,\"weight\":1.5}"},
		{"score;x\n4,5;\n", "{\"score\":4.5}"},
		{"score\n 7 \n", "{\"score\":7}"},
		{"score\nx\n", "{\"score\":\"x\"}"},
		{"score\n04\n", "{\"score\":\"04\"}"},
		{"score\n-1\n", "{\"score\":-1}"},
		{"score\n1e1\n", "{\"score\":\"1e1\"}"},
		{"score\n4.\n", "{\"score\":\"4.\"}"},
		{"score;id\n3;7\n", "{\"score\":3,\"id\":\"7\"}"},
		{"score;contact_ok\n3;Yes\n3;0\n3;maybe\n",
			"{\"score\":3,\"contact_ok\":true}"
			"{\"score\":3,\"contact_ok\":false}"
			"{\"score\":3,\"contact_ok\":\"maybe\"}"},
		{"score;answers.a;answers.b\n3;4;x\n",
			"{\"score\":3,\"answers\":{\"a\":4,\"b\":\"x\"}}"},
		{"score;account.value;account.id\n3;12000,50;9\n",
			"{\"score\":3,\"account\":{\"value\":12000.50,"
			"\"id\":\"9\"}}"},
		{"score;comment\n3;\n3\n", "{\"score\":3}{\"score\":3}"},
		{"score;comment\n;x\n", "{\"comment\":\"x\"}"},
		{"score;comment\n3;\"a \"\"b\"\"\nc\"\n",
			"{\"score\":3,\"comment\":\"a \\\"b\\\"\\nc\"}"},
		{"score;answered_at\n3;2026-01-02 10:00\n",
			"{\"score\":3,\"answered_at\":"
			"\"2026-01-02T09:00:00Z\"}"},
		{"score;answered_at\n3;02-01-2026\n",
			"!time /answered_at@2: "
			"answered_at cannot be read: date_format can say how "
			"it is written: it is not as 2026-11-21T10:00:00+01:00,"
			" 2026-11-21 10:00 or 2026-11-21"},
		{"score;answered_at\n3;1763700125\n",
			"!time /answered_at@2: "
			"answered_at cannot be read: it looks like seconds "
			"since 1970, which date_format \"%s\" reads"},
		{"score;answered_at\n3;2026-02-30\n",
			"!time /answered_at@2: "
			"answered_at cannot be read: 2026-02 has no day 30"},
		{"score;comment\n3;a;\n", "{\"score\":3,\"comment\":\"a\"}"},
		{"score;comment\n3;a;b\n", "!csv @4"},
		{"score;comment\n3;a\xe9\n", "!encoding /comment@3"},
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		expect("{timezone: Europe/Amsterdam}", rows[i][0], rows[i][1]);
	expect("{encoding: windows-1252}", "score;comment\n3;a\xe9\x80\n",
		"{\"score\":3,\"comment\":\"a\xc3\xa9\xe2\x82\xac\"}");
	expect("{encoding: windows-1252}", "score;comment\n3;a\x81\n",
		"!encoding /comment@3");
	expect("{date_format: '%s'}", "score,answered_at\n3,1763700125\n",
		"{\"score\":3,\"answered_at\":\"2025-11-21T04:42:05Z\"}");
	expect("{date_format: '%d/%m/%Y'}", "score,answered_at\n3,2/1/2026\n",
		"{\"score\":3,\"answered_at\":\"2026-01-02T00:00:00Z\"}");
}

/* In pieces: it starts when the first row is whole, and never otherwise. */
Test(csv_table, starts_when_it_can)
{
	static const char text[] =
		"\xEF\xBB\xBF\"sc\"\"ore\";\"score\"\r\n1;3\r\n";
	struct csv_settings settings;
	char *errors = read_settings("{}", &settings);
	struct csv_table *table = csv_table_new(&settings);
	struct rejection why;
	int64_t lines;
	size_t length = 1;

	while (csv_table_start(table, text, length, false, &why) ==
		CSV_START_MORE)
		length++;
	cr_assert_eq(csv_table_head(table, &lines), 22, "head");
	cr_assert_eq(length, 22, "%zu", length);
	cr_assert_eq(lines, 1, "lines");
	csv_table_free(table);
	setting_done(csv_settings, &settings);
	free(errors);
}

Test(csv_table, finds_the_field_of_a_refusal)
{
	static const char row[] = "\"a;b\";  x ;c";
	struct csv_settings settings;
	char *errors = read_settings("{}", &settings);
	struct csv_table *table = csv_table_new(&settings);
	struct rejection why = {.reason = REJECTED_SCORE, .pointer = "/score"};

	cr_assert_eq(csv_table_start(table, "id;score;customer.email\n", 24,
			     true, &why),
		CSV_STARTED, "%s", why.text);
	memcpy(why.pointer, "/score", 7);
	csv_table_locate(table, row, sizeof(row) - 1, &why);
	cr_assert(why.offset_known, "known");
	cr_assert_eq(why.offset, 8, "%zu", why.offset);
	memcpy(why.pointer, "/customer/email", 16);
	csv_table_locate(table, row, sizeof(row) - 1, &why);
	cr_assert_eq(why.offset, 11, "%zu", why.offset);
	memcpy(why.pointer, "/segment", 9);
	csv_table_locate(table, row, sizeof(row) - 1, &why);
	cr_assert_not(why.offset_known, "there is no such column");
	csv_table_free(table);
	setting_done(csv_settings, &settings);
	free(errors);
}
