/* span - lengths of time as the configuration says them. */
#include <criterion/criterion.h>
#include <string.h>

#include "nps/span.h"

TestSuite(span);

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define H MS_PER_HOUR

Test(span, texts)
{
	static const struct {
		const char *text;
		bool with_hours;
		int64_t ms;
		int working_days;
		const char *back; /* NULL: the same */
	} rows[] = {
		{"8h", true, 8 * H, 0, NULL},
		{"8h", false, 8 * H, 0, NULL},
		{"90m", true, 90 * MS_PER_MINUTE, 0, NULL},
		{"1h30m", true, 90 * MS_PER_MINUTE, 0, "90m"},
		{"1wd", true, 0, 1, NULL},
		{"2wd4h", true, 4 * H, 2, NULL},
		{"366wd", true, 0, 366, NULL},
		{"0", true, 0, 0, NULL},
		{"0wd", true, 0, 0, "0"},
		{"2d", false, 48 * H, 0, NULL},
		{"1d12h", false, 36 * H, 0, "36h"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char back[TIME_TEXT_BYTES * 2];
		struct span span;
		struct err err;

		cr_assert(span_from_text(rows[i].text, rows[i].with_hours,
				  &span, &err),
			"%s: %s", rows[i].text, err.text);
		cr_assert_eq(span.ms, rows[i].ms, "%s", rows[i].text);
		cr_assert_eq(span.working_days, rows[i].working_days, "%s",
			rows[i].text);
		span_to_text(&span, back);
		cr_assert_str_eq(back,
			rows[i].back ? rows[i].back : rows[i].text, "%s",
			rows[i].text);
	}
}

Test(span, refused)
{
	static const struct {
		const char *text;
		bool with_hours;
		const char *why;
	} rows[] = {
		{"1d", true, "say 1wd"},
		{"2wd1d", true, "say 1wd"},
		{"1wd", false, "need hours:"},
		{"367wd", true, "0 to 366 working days"},
		{"99999999999999999999wd", true, "0 to 366 working days"},
		{"367d", false, "longer than 366d"},
		{"4h1wd", true, "large units first"},
		{"wd", true, "no length of time"},
		{"-1h", true, "no length of time"},
		{"8", true, "no length of time"},
		{"", true, "no length of time"},
		{"eight hours", true, "no length of time"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct span span;
		struct err err = {""};

		cr_assert_not(span_from_text(rows[i].text, rows[i].with_hours,
				      &span, &err),
			"%s", rows[i].text);
		cr_assert_not_null(strstr(err.text, rows[i].why), "%s: %s",
			rows[i].text, err.text);
	}
}
