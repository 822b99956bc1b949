/* Dates by a format: what strptime takes wrongly is refused. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/date_format.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

TestSuite(date_format);

Test(date_format, formats)
{
	static const struct {
		const char *format;
		bool good;
	} rows[] = {
		{"%d-%m-%Y", true},
		{"%m/%d/%y %I:%M %p", true},
		{"%FT%T.%f%z", true},
		{"%a, %d %b %Y %T %z", true},
		{"%s", true},
		{"%Y%m%d 100%%", true},
		{"%d-%m", false},	   /* no year */
		{"%d-%m-%Y %d", false},	   /* the day twice */
		{"%F %d", false},	   /* the same */
		{"%Y-%m-%d %I:%M", false}, /* which half of the day? */
		{"%Y-%m-%d %H %p", false},
		{"%s %Y", false},
		{"%Q", false},
		{"%F %", false},
		{"%c", false},
		{"", false},
	};
	struct err err;

	for (size_t i = 0; i < COUNT(rows); i++)
		cr_assert_eq(date_format_check(rows[i].format, &err),
			rows[i].good, "%s", rows[i].format);
}

/* Expected "" : refused. */
static void
expect(const char *format, const char *text, const struct zone *zone,
	const char *expected)
{
	char got[TIME_TEXT_BYTES] = "";
	int64_t instant_ms;
	size_t at;
	struct err err = {""};
	bool good = format != NULL
			    ? date_format_read(format, text, strlen(text), zone,
				      &instant_ms, &at, &err)
			    : date_iso_read(text, strlen(text), zone,
				      &instant_ms, &err);

	if (good)
		time_to_rfc3339(instant_ms, got);
	else
		cr_assert_neq(err.text[0], '\0', "a reason");
	cr_assert_str_eq(got, expected, "%s by %s: %s %s", text,
		format != NULL ? format : "ISO", got, err.text);
}

Test(date_format, dates)
{
	static const char *const rows[][3] = {
		{"%d-%m-%Y", "1-2-2026", "2026-02-01T00:00:00Z"},
		{"%d-%m-%Y", "29-02-2024", "2024-02-29T00:00:00Z"},
		{"%d-%m-%Y", "29-02-2026", ""},
		{"%d-%m-%Y", "30-02-2024", ""},
		{"%d-%m-%Y", "31-04-2026", ""},
		{"%d-%m-%Y", "00-04-2026", ""},
		{"%d-%m-%Y", "01-13-2026", ""},
		{"%d-%m-%Y", "01-02-26", ""},
		{"%d-%m-%Y", "01-02-2026 ", ""},
		{"%d-%m-%Y", " 01-02-2026", ""},
		{"%d-%m-%Y", "01/02/2026", ""},
		{"%d-%m-%Y", "", ""},
		{"%d-%m-%y", "01-02-68", "2068-02-01T00:00:00Z"},
		{"%d-%m-%y", "01-02-69", "1969-02-01T00:00:00Z"},
		{"%Y%m%d%H%M", "202602011530", "2026-02-01T15:30:00Z"},
		{"%m/%d/%Y %I:%M %p", "2/1/2026 12:05 am",
			"2026-02-01T00:05:00Z"},
		{"%m/%d/%Y %I:%M %p", "2/1/2026 12:05 PM",
			"2026-02-01T12:05:00Z"},
		{"%m/%d/%Y %I:%M %p", "2/1/2026  3:05   PM",
			"2026-02-01T15:05:00Z"},
		{"%m/%d/%Y %I:%M %p", "2/1/2026 0:05 PM", ""},
		{"%m/%d/%Y %I:%M %p", "2/1/2026 13:05 PM", ""},
		{"%F %T", "2026-02-01 24:00:00", ""},
		{"%F %T", "2026-02-01 23:60:00", ""},
		{"%F %T", "2026-02-01 23:59:60", ""},
		{"%F %T.%f", "2026-02-01 23:59:59.1239",
			"2026-02-01T23:59:59.123Z"},
		{"%F %T %z", "2026-02-01 10:00:00 +0130",
			"2026-02-01T08:30:00Z"},
		{"%F %T %z", "2026-02-01 10:00:00 -08", "2026-02-01T18:00:00Z"},
		{"%F %T %z", "2026-02-01 10:00:00 Z", "2026-02-01T10:00:00Z"},
		{"%F %T %z", "2026-02-01 10:00:00 +99:00", ""},
		{"%F %T %z", "2026-02-01 10:00:00 +01:60", ""},
		{"%F %T %z", "2026-02-01 10:00:00 +01:", ""},
		{"%F %T %z", "2026-02-01 10:00:00 1", ""},
		{"%a %d %B %Y", "Sun 1 February 2026", "2026-02-01T00:00:00Z"},
		{"%A %d %b %Y", "sunday 1 FEB 2026", "2026-02-01T00:00:00Z"},
		{"%a %d %B %Y", "Mon 1 February 2026", ""},
		{"%a %d %B %Y", "Sun 1 Febr 2026", ""},
		{"%s", "1769940000", "2026-02-01T10:00:00Z"},
		{"%s", "999999999999", ""},
		{"%Y-%m-%d", "0000-01-01", ""},
	};
	static const char *const iso[][2] = {
		{"2026-02-01T10:00:00+01:00", "2026-02-01T09:00:00Z"},
		{"2026-02-01 10:00:00.5", "2026-02-01T10:00:00.500Z"},
		{"2026-02-01T10:00", "2026-02-01T10:00:00Z"},
		{"2026-02-01", "2026-02-01T00:00:00Z"},
		{"2026-02-01 10:00:00 +0100", "2026-02-01T09:00:00Z"},
		{"2026-02-30", ""},
		{"01-02-2026", ""},
		{"", ""},
	};
	struct zone *utc = zone_open("UTC", NULL);

	for (size_t i = 0; i < COUNT(rows); i++)
		expect(rows[i][0], rows[i][1], utc, rows[i][2]);
	for (size_t i = 0; i < COUNT(iso); i++)
		expect(NULL, iso[i][0], utc, iso[i][1]);
	zone_close(utc);
}

/* Skipped: the instant after the gap. Twice: the first. */
Test(date_format, changes_of_clocks)
{
	static const char *const rows[][2] = {
		{"2026-03-29 01:59:59", "2026-03-29T00:59:59Z"},
		{"2026-03-29 02:30:00", "2026-03-29T01:00:00Z"},
		{"2026-03-29 03:00:00", "2026-03-29T01:00:00Z"},
		{"2026-10-25 02:30:00", "2026-10-25T00:30:00Z"},
		{"2026-10-25 03:00:00", "2026-10-25T02:00:00Z"},
	};
	struct zone *zone = zone_open("Europe/Amsterdam", NULL);

	for (size_t i = 0; i < COUNT(rows); i++)
		expect("%F %T", rows[i][0], zone, rows[i][1]);
	zone_close(zone);
}
