/*
 * holiday_list - the shipped lists against what was published for the years
 * 2024 to 2028, and what a rule may say.
 *
 * Sources of the tables: nl rijksoverheid.nl "officiele feestdagen"; no lov om
 * 1. og 17. mai and helligdagsfredloven; se lag (1989:253) om allmaenna
 * helgdagar and semesterlagen 3 a §; dk folkekirken.dk, and lov nr. 214 of 2023
 * that ended store bededag; de Einigungsvertrag art. 2 and the laws of the
 * states; be koninklijk besluit of 18 April 1974; gb gov.uk/bank-holidays
 * (England and Wales) to 2027. Dates of Easter and of moving days were compared
 * with python3-holidays 0.10.1 and python3-dateutil 2.8.2 of Debian 12.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/memory.h"
#include "base/time.h"
#include "conf/conf_file.h"
#include "nps/holiday_list.h"

TestSuite(holiday_list);

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void
on_day(int day, const char *name, void *context)
{
	bool *days = context; /* of the year, by month and day */
	struct civil civil = civil_from_utc_ms(day * MS_PER_DAY);

	(void)name;
	days[civil.month * 32 + civil.day] = true;
}

/* "01-01 03-31 ...": each day once, in order. */
static char *
year_of(const struct holiday_list *list, int year)
{
	bool days[13 * 32] = {false};
	struct buf out = {0};

	holiday_list_year(list, year, on_day, days);
	buf_append_text(&out, "");
	for (int i = 0; i < (int)COUNT(days); i++)
		if (days[i])
			buf_printf(&out, "%s%02d-%02d", out.length ? " " : "",
				i / 32, i % 32);
	return buf_take(&out);
}

static struct holiday_list *
list_of(const char *text)
{
	struct err err;
	struct holiday_list *list = holiday_list_read(text, strlen(text), &err);

	cr_assert_not_null(list, "%s: %s", text, err.text);
	return list;
}

static struct holiday_list *
shipped(const char *name)
{
	const char *top = getenv("top_srcdir");
	char *path = mem_printf(
		"%s/etc/holidays/%s.txt", top != NULL ? top : "..", name);
	struct buf text = {0};
	struct err err;
	struct holiday_list *list;

	cr_assert(conf_file_read(path, 65536, &text, NULL, NULL, &err),
		"%s: %s", path, err.text);
	list = list_of(text.data);
	buf_done(&text);
	free(path);
	return list;
}

Test(holiday_list, as_published)
{
	static const struct {
		const char *name;
		const char *years[5]; /* from 2024 */
	} rows[] = {
		{"nl", {"01-01 03-31 04-01 04-27 05-09 05-19 05-20 12-25 "
			"12-26",
			       "01-01 04-20 04-21 04-26 05-05 05-29 06-08 "
			       "06-09 12-25 12-26",
			       "01-01 04-05 04-06 04-27 05-14 05-24 05-25 "
			       "12-25 12-26",
			       "01-01 03-28 03-29 04-27 05-06 05-16 05-17 "
			       "12-25 12-26",
			       "01-01 04-16 04-17 04-27 05-25 06-04 06-05 "
			       "12-25 12-26"}},
		{"no", {"01-01 03-28 03-29 03-31 04-01 05-01 05-09 05-17 "
			"05-19 05-20 12-25 12-26",
			       "01-01 04-17 04-18 04-20 04-21 05-01 05-17 "
			       "05-29 06-08 06-09 12-25 12-26",
			       "01-01 04-02 04-03 04-05 04-06 05-01 05-14 "
			       "05-17 05-24 05-25 12-25 12-26",
			       "01-01 03-25 03-26 03-28 03-29 05-01 05-06 "
			       "05-16 05-17 12-25 12-26",
			       "01-01 04-13 04-14 04-16 04-17 05-01 05-17 "
			       "05-25 06-04 06-05 12-25 12-26"}},
		{"se", {"01-01 01-06 03-29 03-31 04-01 05-01 05-09 05-19 "
			"06-06 06-21 06-22 11-02 12-24 12-25 12-26 12-31",
			       "01-01 01-06 04-18 04-20 04-21 05-01 05-29 "
			       "06-06 06-08 06-20 06-21 11-01 12-24 12-25 "
			       "12-26 12-31",
			       "01-01 01-06 04-03 04-05 04-06 05-01 05-14 "
			       "05-24 06-06 06-19 06-20 10-31 12-24 12-25 "
			       "12-26 12-31",
			       "01-01 01-06 03-26 03-28 03-29 05-01 05-06 "
			       "05-16 06-06 06-25 06-26 11-06 12-24 12-25 "
			       "12-26 12-31",
			       "01-01 01-06 04-14 04-16 04-17 05-01 05-25 "
			       "06-04 06-06 06-23 06-24 11-04 12-24 12-25 "
			       "12-26 12-31"}},
		{"dk", {"01-01 03-28 03-29 03-31 04-01 05-09 05-19 05-20 "
			"12-25 12-26",
			       "01-01 04-17 04-18 04-20 04-21 05-29 06-08 "
			       "06-09 12-25 12-26",
			       "01-01 04-02 04-03 04-05 04-06 05-14 05-24 "
			       "05-25 12-25 12-26",
			       "01-01 03-25 03-26 03-28 03-29 05-06 05-16 "
			       "05-17 12-25 12-26",
			       "01-01 04-13 04-14 04-16 04-17 05-25 06-04 "
			       "06-05 12-25 12-26"}},
		{"de", {"01-01 03-29 04-01 05-01 05-09 05-20 10-03 12-25 "
			"12-26",
			       "01-01 04-18 04-21 05-01 05-29 06-09 10-03 "
			       "12-25 12-26",
			       "01-01 04-03 04-06 05-01 05-14 05-25 10-03 "
			       "12-25 12-26",
			       "01-01 03-26 03-29 05-01 05-06 05-17 10-03 "
			       "12-25 12-26",
			       "01-01 04-14 04-17 05-01 05-25 06-05 10-03 "
			       "12-25 12-26"}},
		{"be", {"01-01 04-01 05-01 05-09 05-20 07-21 08-15 11-01 "
			"11-11 12-25",
			       "01-01 04-21 05-01 05-29 06-09 07-21 08-15 "
			       "11-01 11-11 12-25",
			       "01-01 04-06 05-01 05-14 05-25 07-21 08-15 "
			       "11-01 11-11 12-25",
			       "01-01 03-29 05-01 05-06 05-17 07-21 08-15 "
			       "11-01 11-11 12-25",
			       "01-01 04-17 05-01 05-25 06-05 07-21 08-15 "
			       "11-01 11-11 12-25"}},
		{"gb", /* and the days that have a substitute */
			{"01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26",
				"01-01 04-18 04-21 05-05 05-26 08-25 12-25 "
				"12-26",
				"01-01 04-03 04-06 05-04 05-25 08-31 12-25 "
				"12-26 12-28",
				"01-01 03-26 03-29 05-03 05-31 08-30 12-25 "
				"12-26 12-27 12-28",
				"01-01 01-03 04-14 04-17 05-01 05-29 08-28 "
				"12-25 12-26"}},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct holiday_list *list = shipped(rows[i].name);

		for (int year = 2024; year <= 2028; year++) {
			char *found = year_of(list, year);

			cr_assert_str_eq(found, rows[i].years[year - 2024],
				"%s %d: %s", rows[i].name, year, found);
			free(found);
		}
		holiday_list_free(list);
	}
}

Test(holiday_list, as_it_was)
{
	static const struct {
		const char *name;
		int year;
		const char *day;
		bool off;
	} rows[] = {
		{"nl", 2013, "04-30", true}, {"nl", 2013, "04-27", false},
		{"nl", 2014, "04-26", true}, /* the 27th was a Sunday */
		{"nl", 2014, "04-27", false}, {"nl", 2020, "05-05", true},
		{"dk", 2023, "05-05", true}, /* the last store bededag */
		{"se", 2004, "05-31", true}, {"se", 2005, "05-16", false},
		{"de", 2017, "10-31", true}, {"de", 2018, "10-31", false},
		{"gb", 2020, "05-04", false}, {"gb", 2020, "05-08", true},
		{"gb", 2022, "05-30", false}, {"gb", 2022, "06-02", true},
		{"gb", 2022, "06-03", true}, {"gb", 2022, "09-19", true},
		{"gb", 2023, "05-08", true}, {"gb", 2022, "01-03", true},
		{"gb", 2022, "12-27", true}, /* Christmas Day on a Sunday */
		{"gb", 2020, "12-28", true}, /* Boxing Day on a Saturday */
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct holiday_list *list = shipped(rows[i].name);
		char *found = year_of(list, rows[i].year);

		cr_assert_eq(strstr(found, rows[i].day) != NULL, rows[i].off,
			"%s %d-%s: %s", rows[i].name, rows[i].year, rows[i].day,
			found);
		free(found);
		holiday_list_free(list);
	}
}

/* Easter Sundays from python3-dateutil (dateutil.easter), among them the
 * earliest and the latest that there are. */
Test(holiday_list, easter)
{
	static const struct {
		int year;
		const char *day;
	} rows[] = {{1818, "03-22"}, {1943, "04-25"}, {1954, "04-18"},
		{1981, "04-19"}, {2000, "04-23"}, {2008, "03-23"},
		{2011, "04-24"}, {2019, "04-21"}, {2038, "04-25"},
		{2049, "04-18"}, {2076, "04-19"}, {2099, "04-12"},
		{2285, "03-22"}};
	struct holiday_list *list = list_of("easter");

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *found = year_of(list, rows[i].year);

		cr_assert_str_eq(found, rows[i].day, "%d", rows[i].year);
		free(found);
	}
	holiday_list_free(list);
}

Test(holiday_list, rules)
{
	static const struct {
		const char *text;
		int year;
		const char *days;
	} rows[] = {
		{"", 2026, ""},
		{"# nothing\n\n  \r\n", 2026, ""},
		{"12-24", 2026, "12-24"},
		{"12-24: a name: with a colon # and why", 2026, "12-24"},
		{"2026-12-24", 2026, "12-24"},
		{"2026-12-24", 2027, ""},
		{"02-29", 2027, ""},
		{"02-29", 2028, "02-29"},
		{"first mon in may", 2026, "05-04"},
		{"fourth thu in nov", 2026, "11-26"},
		{"last fri in feb", 2028, "02-25"},
		{"last sun in dec", 2026, "12-27"},
		{"wed on-or-before 11-22", 2026, "11-18"},
		{"wed on-or-before 11-22", 2023, "11-22"},
		{"sat on-or-after 06-20", 2026, "06-20"},
		{"easter-2 from 2027", 2026, ""},
		{"easter-2 from 2026", 2026, "04-03"},
		{"easter-2 until 2025", 2026, ""},
		{"05-05 every 5", 2026, ""},
		{"05-05 every 5", 2030, "05-05"},
		{"05-05 except 2025, except 2026", 2026, ""},
		{"01-01 if thu -1", 2026, "12-31"}, /* 2025's, by its day */
		{"05-01 if fri +3", 2026, "05-04"},
		{"05-01 also if fri +3", 2026, "05-01 05-04"},
		{"05-01\n05-01", 2026, "05-01"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct holiday_list *list = list_of(rows[i].text);
		char *found = year_of(list, rows[i].year);

		cr_assert_str_eq(
			found, rows[i].days, "%s: %s", rows[i].text, found);
		free(found);
		holiday_list_free(list);
	}
}

Test(holiday_list, refused)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{"12-32", "line 1: found \"12-32\", expected a day such as"},
		{"01-01\n\n13-01", "line 3: found \"13-01\""},
		{"2026-13-01", "expected a day such as"},
		{"2027-02-29", "a day that there is"},
		{"1-1", "expected a day such as 12-25"},
		{"Christmas", "expected a day such as"},
		{"easter+", "expected easter, easter+1"},
		{"easter+500", "expected easter, easter+1"},
		{"first monday in may", "expected a weekday: mon"},
		{"first mon of may", "expected in"},
		{"first mon in mai", "expected a month"},
		{"fifth mon in may", "expected a day such as"},
		{"sat after 06-20", "expected on-or-after"},
		{"sat on-or-after june", "expected a day such as 06-20"},
		{"12-25 if", "expected a weekday"},
		{"12-25 if sat", "expected days to move by"},
		{"12-25 if sat 2", "expected days to move by"},
		{"12-25 also sat +2", "expected if, as in"},
		{"12-25 from", "expected a year"},
		{"12-25 from 20", "expected a year"},
		{"12-25 every 0", "expected a number of years"},
		{"12-25 Christmas", "or a colon and a name"},
		{"12-25 except 2001 except 2002 except 2003 except 2004 except "
		 "2005 except 2006 except 2007 except 2008 except 2009",
			"at most 8 years"},
		{"12-25: \xff", "no UTF-8 text"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = {""};

		cr_assert_null(holiday_list_read(rows[i].text,
				       strlen(rows[i].text), &err),
			"%s", rows[i].text);
		cr_assert_not_null(strstr(err.text, rows[i].why), "%s: %s",
			rows[i].text, err.text);
	}
}
