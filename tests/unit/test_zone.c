/* Named zones: changes of clocks, far years, damaged files; glibc agrees. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/time.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

TestSuite(zone);

static struct zone *
open_zone(const char *name)
{
	struct err err = {""};
	struct zone *zone = zone_open(name, &err);

	cr_assert_not_null(zone, "%s: %s", name, err.text);
	return zone;
}

static int64_t
instant(const char *text)
{
	int64_t instant_ms = 0;

	cr_assert(time_from_rfc3339(text, strlen(text), &instant_ms, NULL),
		"%s", text);
	return instant_ms;
}

static void
civil_text(struct civil civil, char out[64])
{
	(void)snprintf(out, 64, "%04d-%02d-%02d %02d:%02d:%02d", civil.year,
		civil.month, civil.day, civil.hour, civil.minute, civil.second);
}

static struct civil
civil_of(const char *text)
{
	struct civil civil = {0};

	cr_assert_eq(
		sscanf(text, "%d-%d-%d %d:%d:%d", &civil.year, &civil.month,
			&civil.day, &civil.hour, &civil.minute, &civil.second),
		6, "%s", text);
	return civil;
}

Test(zone, shows_the_wall_clock)
{
	static const struct {
		const char *zone, *instant, *civil;
	} rows[] = {
		{"UTC", "2026-11-21T09:00:00Z", "2026-11-21 09:00:00"},
		{"UTC", "1969-12-31T23:59:59.999Z", "1969-12-31 23:59:59"},
		{"Europe/Amsterdam", "2026-11-21T09:00:00Z",
			"2026-11-21 10:00:00"},
		{"Europe/Amsterdam", "2026-03-29T00:59:59.999Z",
			"2026-03-29 01:59:59"},
		{"Europe/Amsterdam", "2026-03-29T01:00:00Z",
			"2026-03-29 03:00:00"},
		{"Europe/Amsterdam", "2026-10-25T00:59:59Z",
			"2026-10-25 02:59:59"},
		{"Europe/Amsterdam", "2026-10-25T01:00:00Z",
			"2026-10-25 02:00:00"},
		{"America/New_York", "2026-03-08T06:59:59Z",
			"2026-03-08 01:59:59"},
		{"America/New_York", "2026-03-08T07:00:00Z",
			"2026-03-08 03:00:00"},
		{"America/New_York", "1900-01-01T00:00:00Z",
			"1899-12-31 19:00:00"},
		{"Asia/Kolkata", "2026-11-21T09:00:00Z", "2026-11-21 14:30:00"},
		/* half an hour of summer time, south of the equator */
		{"Australia/Lord_Howe", "2026-01-01T00:00:00Z",
			"2026-01-01 11:00:00"},
		{"Australia/Lord_Howe", "2026-07-01T00:00:00Z",
			"2026-07-01 10:30:00"},
		/* after the last transition of the file */
		{"Europe/Amsterdam", "2100-07-01T12:00:00Z",
			"2100-07-01 14:00:00"},
		{"Europe/Amsterdam", "2100-12-31T23:30:00Z",
			"2101-01-01 00:30:00"},
		{"America/New_York", "2100-07-01T12:00:00Z",
			"2100-07-01 08:00:00"},
		{"Australia/Lord_Howe", "2100-01-01T00:00:00Z",
			"2100-01-01 11:00:00"},
		{"Asia/Kolkata", "9999-12-31T00:00:00Z", "9999-12-31 05:30:00"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct zone *zone = open_zone(rows[i].zone);
		char text[64];

		civil_text(zone_civil(zone, instant(rows[i].instant)), text);
		cr_assert_str_eq(text, rows[i].civil, "%s %s: %s", rows[i].zone,
			rows[i].instant, text);
		zone_close(zone);
	}
}

Test(zone, writes_what_its_clocks_show)
{
	static const struct {
		const char *zone, *instant, *text;
	} rows[] = {
		{"Europe/Amsterdam", "2026-11-23T16:30:00Z",
			"2026-11-23T17:30:00+01:00"},
		{"Europe/Amsterdam", "2026-11-23T16:30:00.999Z",
			"2026-11-23T17:30:00+01:00"},
		{"Europe/Amsterdam", "2026-07-01T22:00:00.001Z",
			"2026-07-02T00:00:00+02:00"},
		{"Asia/Kolkata", "2026-11-23T00:00:00Z",
			"2026-11-23T05:30:00+05:30"},
		{"America/St_Johns", "2026-01-01T00:00:00.5Z",
			"2025-12-31T20:30:00-03:30"},
		{"America/New_York", "1969-12-31T23:59:59.999Z",
			"1969-12-31T18:59:59-05:00"},
		{"Europe/London", "2026-01-01T12:00:00.5Z",
			"2026-01-01T12:00:00Z"},
		{"UTC", "2026-01-01T12:00:00Z", "2026-01-01T12:00:00Z"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct zone *zone = open_zone(rows[i].zone);
		char text[TIME_TEXT_BYTES];

		zone_to_rfc3339(zone, instant(rows[i].instant), text);
		cr_expect_str_eq(text, rows[i].text, "%s", rows[i].zone);
		zone_to_rfc3339(NULL, instant(rows[i].instant), text);
		cr_expect_eq(instant(text), instant(rows[i].instant));
		zone_close(zone);
	}
}

Test(zone, finds_the_instant)
{
	static const struct {
		const char *zone, *civil, *instant;
	} rows[] = {
		{"UTC", "2026-11-21 09:00:00", "2026-11-21T09:00:00Z"},
		{"Europe/Amsterdam", "2026-11-21 10:00:00",
			"2026-11-21T09:00:00Z"},
		/* gap: 02:00 to 03:00 is skipped */
		{"Europe/Amsterdam", "2026-03-29 01:59:59",
			"2026-03-29T00:59:59Z"},
		{"Europe/Amsterdam", "2026-03-29 02:00:00",
			"2026-03-29T01:00:00Z"},
		{"Europe/Amsterdam", "2026-03-29 02:30:00",
			"2026-03-29T01:00:00Z"},
		{"Europe/Amsterdam", "2026-03-29 02:59:59",
			"2026-03-29T01:00:00Z"},
		{"Europe/Amsterdam", "2026-03-29 03:00:00",
			"2026-03-29T01:00:00Z"},
		{"Europe/Amsterdam", "2026-03-29 03:00:01",
			"2026-03-29T01:00:01Z"},
		/* overlap: 02:00 to 03:00 comes twice, the first is meant */
		{"Europe/Amsterdam", "2026-10-25 01:59:59",
			"2026-10-24T23:59:59Z"},
		{"Europe/Amsterdam", "2026-10-25 02:00:00",
			"2026-10-25T00:00:00Z"},
		{"Europe/Amsterdam", "2026-10-25 02:59:59",
			"2026-10-25T00:59:59Z"},
		{"Europe/Amsterdam", "2026-10-25 03:00:00",
			"2026-10-25T02:00:00Z"},
		{"America/New_York", "2026-03-08 02:30:00",
			"2026-03-08T07:00:00Z"},
		{"America/New_York", "2026-11-01 01:30:00",
			"2026-11-01T05:30:00Z"},
		{"America/New_York", "2100-03-14 02:30:00",
			"2100-03-14T07:00:00Z"},
		/* the clock jumps from 02:00 to 02:30, and back to 01:30 */
		{"Australia/Lord_Howe", "2026-10-04 02:15:00",
			"2026-10-03T15:30:00Z"},
		{"Australia/Lord_Howe", "2026-04-05 01:45:00",
			"2026-04-04T14:45:00Z"},
		/* a whole day is skipped at the date line */
		{"Pacific/Apia", "2011-12-30 12:00:00", "2011-12-30T10:00:00Z"},
		/* summer time that is less than standard time */
		{"Europe/Dublin", "2026-01-15 12:00:00",
			"2026-01-15T12:00:00Z"},
		{"Europe/Dublin", "2090-07-15 12:00:00",
			"2090-07-15T11:00:00Z"},
		/* fields out of range are carried first */
		{"Europe/Amsterdam", "2026-13-01 00:00:00",
			"2026-12-31T23:00:00Z"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct zone *zone = open_zone(rows[i].zone);
		char text[TIME_TEXT_BYTES];

		time_to_rfc3339(
			zone_instant(zone, civil_of(rows[i].civil)), text);
		cr_assert_str_eq(text, rows[i].instant, "%s %s: %s",
			rows[i].zone, rows[i].civil, text);
		zone_close(zone);
	}
}

/* Compares at one second; says nothing if both agree. */
static void
compare(const struct zone *zone, const char *name, int64_t second)
{
	struct civil civil = zone_civil(zone, second * 1000 + 500);
	time_t t = (time_t)second;
	struct tm tm;

	localtime_r(&t, &tm);
	bool same = civil.year == tm.tm_year + 1900 &&
		    civil.month == tm.tm_mon + 1 && civil.day == tm.tm_mday &&
		    civil.hour == tm.tm_hour && civil.minute == tm.tm_min &&
		    civil.second == tm.tm_sec;

	cr_assert(same, "%s at %lld", name, (long long)second);
	int64_t back_ms = zone_instant(zone, civil);
	struct civil again = zone_civil(zone, back_ms);

	cr_assert(back_ms <= second * 1000, "%s at %lld: the first", name,
		(long long)second);
	cr_assert_eq(civil_to_utc_ms(again), civil_to_utc_ms(civil),
		"%s at %lld: there and back", name, (long long)second);
}

Test(zone, agrees_with_the_c_library)
{
	static const char *const names[] = {"Europe/Amsterdam",
		"America/New_York", "Asia/Kolkata", "Australia/Lord_Howe",
		"UTC", "Europe/Dublin", "Africa/Casablanca", "Asia/Tehran",
		"America/Sao_Paulo", "Pacific/Apia", "America/Nuuk"};

	for (size_t i = 0; i < COUNT(names); i++) {
		struct zone *zone = open_zone(names[i]);

		setenv("TZ", names[i], 1);
		tzset();
		for (int64_t second = -4000000000; second < 7000000000;
			second += 6 * 86400 + 3601)
			compare(zone, names[i], second);
		/* Each quarter of an hour of a year near, and of one far. */
		for (int64_t second = 0; second < 366 * 86400; second += 900) {
			compare(zone, names[i], 1767225600 + second);
			compare(zone, names[i], 4102444800 + second);
		}
		zone_close(zone);
	}
}

Test(zone, refuses_names)
{
	static const char *const names[] = {"", "/etc/passwd", "../etc/passwd",
		"Europe/../../etc/passwd", "Europe", "Europe/", "Mars/Olympus",
		"Europe/Amsterdam/x", "CET-1CEST,M3.5.0,M10.5.0/3", "a b",
		"tzdata.zi", "Europe\n", ":UTC"};
	char longer[1000];

	for (size_t i = 0; i < COUNT(names); i++) {
		struct err err = {""};

		cr_assert_null(zone_open(names[i], &err), "%s", names[i]);
		cr_assert_gt(
			strlen(err.text), 10, "%s: %s", names[i], err.text);
		cr_assert_null(zone_open(names[i], NULL), "nobody asks why");
	}
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	cr_assert_null(zone_open(longer, NULL), "too long");
	cr_assert_null(zone_open(NULL, NULL), "none");
	zone_close(NULL);
}

/* A number of four bytes, most significant first. */
static void
append_number(struct buf *file, uint32_t value)
{
	char bytes[] = {(char)(value >> 24), (char)(value >> 16),
		(char)(value >> 8), (char)value};

	buf_append(file, bytes, sizeof(bytes));
}

struct sample {
	const char *magic;
	uint32_t leaps, times, types, chars;
	uint32_t first, second; /* low halves of two times, if there are two */
	uint32_t offset;
	unsigned char index;
	const char *footer;
};

static void
append_header(struct buf *file, const struct sample *sample, bool empty)
{
	buf_append(file, sample->magic, 5);
	buf_append(file, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 15);
	append_number(file, 0);
	append_number(file, 0);
	append_number(file, empty ? 0 : sample->leaps);
	append_number(file, empty ? 0 : sample->times);
	append_number(file, empty ? 0 : sample->types);
	append_number(file, empty ? 0 : sample->chars);
}

static void
write_sample(const char *path, const struct sample *sample, size_t cut)
{
	struct buf file = {0};

	append_header(&file, sample, true);
	append_header(&file, sample, false);
	if (sample->times == 2) {
		append_number(&file, 0);
		append_number(&file, sample->first);
		append_number(&file, 0);
		append_number(&file, sample->second);
		buf_append_char(&file, (char)sample->index);
		buf_append_char(&file, 0);
	}
	append_number(&file, sample->offset);
	buf_append(&file, "\0\0", 2);
	buf_append(&file, "ABC", 4);
	buf_append_text(&file, sample->footer);
	FILE *out = fopen(path, "wb");

	cr_assert_not_null(out, "%s", path);
	cr_assert_lt(cut, file.length, "the cut is inside");
	cr_assert_eq(fwrite(file.data, 1, file.length - cut, out),
		file.length - cut, "write");
	cr_assert_eq(fclose(out), 0, "close");
	buf_done(&file);
}

/* Opens what was written, in a folder of our own. */
static struct zone *
open_sample(const struct sample *sample, size_t cut)
{
	char folder[] = "/tmp/npsd-test-XXXXXX";
	char path[64];

	cr_assert_not_null(mkdtemp(folder), "no folder");
	(void)snprintf(path, sizeof(path), "%s/Sample", folder);
	write_sample(path, sample, cut);
	setenv("TZDIR", folder, 1);
	struct zone *zone = zone_open("Sample", NULL);

	unsetenv("TZDIR");
	unlink(path);
	rmdir(folder);
	return zone;
}

Test(zone, reads_files_of_TZDIR)
{
	static const struct {
		struct sample sample;
		const char *civil; /* at 2026-07-01T00:00:00Z; NULL: refused */
	} rows[] = {
		{{"TZif2", 0, 0, 1, 4, 0, 0, 3600, 0, "\n\n"},
			"2026-07-01 01:00:00"},
		{{"TZif3", 0, 0, 1, 4, 0, 0, 3600, 0, "\nABC-2\n"},
			"2026-07-01 02:00:00"},
		{{"TZif4", 0, 2, 1, 4, 5, 9, 3600, 0, "\nABC-1\n"},
			"2026-07-01 01:00:00"},
		{{"TZif2", 0, 0, 1, 4, 0, 0, 0, 0, "\n<+0530>-5:30\n"},
			"2026-07-01 05:30:00"},
		{{"TZif2", 0, 0, 1, 4, 0, 0, 0, 0,
			 "\nABC3DEF,J60/-1,300/167:59:59\n"},
			"2026-06-30 22:00:00"},
		{{"TZif2", 0, 0, 1, 4, 0, 0, 0, 0,
			 "\nABC3DEF1:30,M12.5.0,M3.1.6\n"},
			"2026-06-30 21:00:00"},
		/* summer for ever */
		{{"TZif2", 0, 0, 1, 4, 0, 0, 0, 0, "\nXXX3EDT4,0/0,J365/23\n"},
			"2026-06-30 20:00:00"},
		/* damaged, or not for us */
		{{"TZix2", 0, 0, 1, 4, 0, 0, 0, 0, "\n\n"}, NULL},
		{{"TZif\0", 0, 0, 1, 4, 0, 0, 0, 0, "\n\n"}, NULL},
		{{"TZif2", 1, 0, 1, 4, 0, 0, 0, 0, "\n\n            "}, NULL},
		{{"TZif2", 0, 0, 0, 4, 0, 0, 0, 0, "\n\n"}, NULL},
		{{"TZif2", 0, 0x7FFFFFFF, 1, 4, 0, 0, 0, 0, "\n\n"}, NULL},
		{{"TZif2", 0, 0, 0xFFFFFFFF, 4, 0, 0, 0, 0, "\n\n"}, NULL},
		{{"TZif2", 0, 0, 1, 400, 0, 0, 0, 0, "\n\n"}, NULL},
		{{"TZif2", 0, 0, 1, 4, 0, 0, 100000, 0, "\n\n"}, NULL},
		{{"TZif2", 0, 0, 1, 4, 0, 0, 0x80000000, 0, "\n\n"}, NULL},
		{{"TZif2", 0, 2, 1, 4, 9, 9, 0, 0, "\n\n"}, NULL},
		{{"TZif2", 0, 2, 1, 4, 5, 9, 0, 7, "\n\n"}, NULL},
		{{"TZif2", 0, 0, 1, 4, 0, 0, 0, 0, "\nABC-1"}, NULL},
		{{"TZif2", 0, 0, 1, 4, 0, 0, 0, 0, "ABC-1\n"}, NULL},
		{{"TZif2", 0, 0, 1, 4, 0, 0, 0, 0, "\nAB-1\n"}, NULL},
		{{"TZif2", 0, 0, 1, 4, 0, 0, 0, 0, "\n<-1\n"}, NULL},
		{{"TZif2", 0, 0, 1, 4, 0, 0, 0, 0, "\n<>-1\n"}, NULL},
		{{"TZif2", 0, 0, 1, 4, 0, 0, 0, 0, "\nABC\n"}, NULL},
		{{"TZif2", 0, 0, 1, 4, 0, 0, 0, 0, "\nABC-25\n"}, NULL},
		{{"TZif2", 0, 0, 1, 4, 0, 0, 0, 0, "\nABC-1:60\n"}, NULL},
		{{"TZif2", 0, 0, 1, 4, 0, 0, 0, 0, "\nABC-1DEF\n"}, NULL},
		{{"TZif2", 0, 0, 1, 4, 0, 0, 0, 0, "\nABC-1DEF,1\n"}, NULL},
		{{"TZif2", 0, 0, 1, 4, 0, 0, 0, 0, "\nABC-1DEF,1,366\n"}, NULL},
		{{"TZif2", 0, 0, 1, 4, 0, 0, 0, 0, "\nABC-1DEF,J0,9\n"}, NULL},
		{{"TZif2", 0, 0, 1, 4, 0, 0, 0, 0, "\nABC-1DEF,M13.1.0,9\n"},
			NULL},
		{{"TZif2", 0, 0, 1, 4, 0, 0, 0, 0, "\nABC-1DEF,M1.6.0,9\n"},
			NULL},
		{{"TZif2", 0, 0, 1, 4, 0, 0, 0, 0, "\nABC-1DEF,1/168,9\n"},
			NULL},
		{{"TZif2", 0, 0, 1, 4, 0, 0, 0, 0, "\nABC-1DEF,1,9x\n"}, NULL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct zone *zone = open_sample(&rows[i].sample, 0);
		char text[64];

		cr_assert_eq(zone != NULL, rows[i].civil != NULL, "row %zu", i);
		if (!zone)
			continue;
		civil_text(zone_civil(zone, instant("2026-07-01T00:00:00Z")),
			text);
		cr_assert_str_eq(text, rows[i].civil, "row %zu: %s", i, text);
		zone_close(zone);
	}
	/* A file that was cut anywhere is refused. */
	for (size_t cut = 1; cut < 100; cut++)
		cr_assert_null(
			open_sample(&rows[2].sample, cut), "cut by %zu", cut);
}
