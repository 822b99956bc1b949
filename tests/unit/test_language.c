/* Languages: files of texts, numbers and dates. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/text.h"
#include "conf/language.h"
#include "conf_folder.h"

static struct conf_folder folder;
static struct conf_errors *errors;
static struct languages *languages;

static void
start(void)
{
	conf_folder_init(&folder);
	cr_assert_eq(mkdir("languages", 0700), 0);
	errors = conf_errors_new();
}

static void
stop(void)
{
	languages_free(languages);
	conf_errors_free(errors);
	conf_folder_done(&folder);
}

TestSuite(language, .init = start, .fini = stop);

static char *
told(void)
{
	languages_check(languages, errors);
	return conf_errors_text(errors);
}

/* The three that come with npsd have every key, none too many, and no word in
 * braces that nothing fills in. */
Test(language, those_that_come_with_it_are_whole)
{
	static const char *const names[] = {"en", "nl", "nb", "nl-BE", "NB"};
	char *text, *list;

	languages = languages_open(NULL, errors);
	text = told();
	cr_expect_str_eq(text, "", "%s", text);
	list = languages_list(languages);
	cr_expect_str_eq(list, "en, nb, nl", "%s", list);
	for (size_t i = 0; i < 5; i++)
		cr_expect(languages_has(languages, names[i]), "%s", names[i]);
	cr_expect_not(languages_has(languages, "de"), "de");
	cr_expect_not(languages_has(languages, ""), "none");
	cr_expect_str_eq(language_name(languages_find(languages, "de")), "en");
	cr_expect_str_eq(language_name(languages_find(languages, NULL)), "en");
	cr_expect_str_eq(language_text(languages_find(languages, "nl"),
				 "class.detractor"),
		"criticaster");
	cr_expect_str_eq(language_text(languages_find(languages, "nb"),
				 "class.detractor"),
		"kritiker");
	free(text);
	free(list);
}

struct number {
	double value;
	int decimals;
	bool change;
	const char *en, *nl, *nb;
};

static void
expect_number(const struct number *row, const char *name, const char *expected)
{
	const struct language *language = languages_find(languages, name);
	struct buf out = {0};

	if (row->change)
		language_append_change(
			language, row->value, row->decimals, &out);
	else
		language_append_number(
			language, row->value, row->decimals, &out);
	cr_expect_str_eq(out.data, expected, "%s: %g: found %s, expected %s",
		name, row->value, out.data, expected);
	buf_done(&out);
}

Test(language, numbers_have_the_signs_of_their_language)
{
	static const struct number rows[] = {
		{12, 1, false, "12.0", "12,0", "12,0"},
		{-1.5, 1, false, "−1.5", "−1,5", "−1,5"},
		{0.05, 1, false, "0.1", "0,1", "0,1"},
		{-0.04, 1, false, "0.0", "0,0", "0,0"},
		{99.96, 1, false, "100.0", "100,0", "100,0"},
		{999, 0, false, "999", "999", "999"},
		{1234, 0, false, "1,234", "1.234", "1\u00a0234"},
		{-1234567.8, 1, false, "−1,234,567.8", "−1.234.567,8",
			"−1\u00a0234\u00a0567,8"},
		{3.25, 2, false, "3.25", "3,25", "3,25"},
		{3.2, 1, true, "+3.2", "+3,2", "+3,2"},
		{-3.2, 1, true, "−3.2", "−3,2", "−3,2"},
		{0.04, 1, true, "0.0", "0,0", "0,0"},
		{0, 0, true, "0", "0", "0"},
	};

	languages = languages_open(NULL, errors);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		expect_number(&rows[i], "en", rows[i].en);
		expect_number(&rows[i], "nl", rows[i].nl);
		expect_number(&rows[i], "nb", rows[i].nb);
	}
}

Test(language, times_have_the_pattern_of_their_language)
{
	static const struct civil at = {2026, 11, 2, 8, 5, 0};
	static const struct {
		const char *language, *key, *text;
	} rows[] = {
		{"en", "date", "2 November 2026"},
		{"nl", "date", "2 november 2026"},
		{"nb", "date", "2. november 2026"},
		{"en", "date.short", "2 Nov"},
		{"nb", "date.short", "2. nov."},
		{"nl", "date.weekday", "maandag 2 november 2026"},
		{"en", "time", "08:05"},
		{"nl", "time", "08.05 uur"},
		{"nb", "time", "kl. 08.05"},
		{"nl", "date_time", "maandag 2 november 2026 om 08.05 uur"},
	};

	languages = languages_open(NULL, errors);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out = {0};

		language_append_time(
			languages_find(languages, rows[i].language),
			rows[i].key, &at, &out);
		cr_expect_str_eq(out.data, rows[i].text, "%s", out.data);
		buf_done(&out);
	}
}

Test(language, a_file_added_is_a_language_added)
{
	const struct language *german, *dutch;
	struct buf out = {0};
	char *text;

	conf_folder_write_text("languages/de.yaml",
		"class.detractor: Kritiker\n"
		"page.title: \"Rückruf: {kunde}\"\n"
		"page.tilte: x\n"
		"date: \"{day}. {month} {year}, {weekday}\"\n");
	/* of one's own, over what came with npsd */
	conf_folder_write_text(
		"languages/nl.yaml", "class.detractor: klager\n");
	/* not those */
	conf_folder_write_text("languages/README", "x");
	conf_folder_write_text("languages/d.yaml", "x: y\n");
	languages = languages_open(folder.path, errors);
	text = told();
	german = languages_find(languages, "de-AT");
	dutch = languages_find(languages, "nl");
	cr_expect_str_eq(language_text(german, "class.detractor"), "Kritiker");
	cr_expect_str_eq(language_text(german, "class.promoter"), "promoter",
		"English stands in");
	cr_expect_str_eq(language_text(german, "no.such"), "no.such");
	cr_expect_str_eq(language_text(dutch, "class.detractor"), "klager");
	cr_expect_str_eq(language_text(dutch, "class.promoter"), "promotor");
	cr_expect_eq(conf_errors_count(errors), 0, "%s", text);
	cr_expect_eq(conf_warnings_count(errors), 3, "%s", text);
	cr_expect_not_null(strstr(text, "language de lacks "), "%s", text);
	cr_expect_not_null(strstr(text, "class.passive, "), "%s", text);
	cr_expect_not_null(
		strstr(text, "nothing fills in {kunde}"), "%s", text);
	cr_expect_not_null(
		strstr(text, "page.tilte: no text has this key"), "%s", text);
	language_append(german, "page.title",
		(const struct language_word[]){{"customer", "A"}, {NULL, NULL}},
		&out);
	cr_expect_str_eq(out.data, "Rückruf: {kunde}", "%s", out.data);
	buf_done(&out);
	free(text);
}

Test(language, texts_are_filled_in)
{
	static const struct language_word words[] = {
		{"time", "{who}"}, {"who", "x"}, {NULL, NULL}};
	const struct language *english;
	struct buf out = {0};

	languages = languages_open(NULL, errors);
	english = languages_find(languages, "en");
	language_append(english, "page.done.claim", words, &out);
	cr_expect_str_eq(out.data, "This is yours now. Call by {who}.",
		"what is filled in is not read again: %s", out.data);
	buf_clear(&out);
	language_append_count(english, "page.folds", 1, NULL, &out);
	cr_expect_str_eq(out.data, "Another low score has come in since.");
	buf_clear(&out);
	language_append_count(languages_find(languages, "nl"), "page.folds",
		1200, words, &out);
	cr_expect_str_eq(
		out.data, "Sindsdien kwamen er nog 1.200 lage scores binnen.");
	buf_done(&out);
}

Test(language, a_bad_file_is_an_error_with_its_place)
{
	static const struct {
		const char *data, *expected;
	} rows[] = {
		{"- a\n", "languages/xx.yaml:1:1"},
		{"a: [1]\n", "languages/xx.yaml:1:4: a: expected a text"},
		{"a: b: c\n", "languages/xx.yaml:1:"},
		{"a: 1\na: 2\n", "languages/xx.yaml:2:1"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct conf_errors *own = conf_errors_new();
		struct languages *all;
		char *text;

		conf_folder_write_text("languages/xx.yaml", rows[i].data);
		all = languages_open(".", own);
		text = conf_errors_text(own);
		cr_expect_gt(conf_errors_count(own), 0, "%s", rows[i].data);
		cr_expect_not_null(strstr(text, rows[i].expected), "%s", text);
		languages_free(all);
		conf_errors_free(own);
		free(text);
	}
}
