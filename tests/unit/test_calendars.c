/* calendars - what hours: means and refuses, with lists of holidays in files. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "conf_folder.h"
#include "top/config.h"

static struct conf_folder folder;

static void
enter(void)
{
	conf_folder_init(&folder);
	cr_assert_eq(mkdir("holidays", 0700), 0, "a folder");
	conf_folder_write_text("holidays/ours.txt", "12-24: Christmas Eve\n");
	conf_folder_write_text("holidays/bad.txt", "# x\n12-33\n");
}

static void
leave(void)
{
	conf_folder_done(&folder);
}

TestSuite(calendars, .init = enter, .fini = leave);

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static struct config *
load(const char *hours, char **errors)
{
	struct conf_errors *list = conf_errors_new();
	char *yaml = mem_printf("score: {timezone: Europe/Amsterdam}\n"
				"sources:\n"
				"  spool: {type: file, path: /tmp/x}\n"
				"actions: {journal: {type: log}}\n"
				"rules:\n"
				"  - {name: all, do: [journal]}\n"
				"hours:\n%s\n",
		hours);
	struct config *config;

	conf_folder_write_text("npsd.yaml", yaml);
	config = config_load("npsd.yaml", false, list);
	*errors = conf_errors_text(list);
	conf_errors_free(list);
	free(yaml);
	return config;
}

static int64_t
at(const char *text)
{
	int64_t instant;

	cr_assert(time_from_rfc3339(text, strlen(text), &instant, NULL), "%s",
		text);
	return instant;
}

Test(calendars, meant)
{
	static const struct {
		const char *hours;
		const char *at;
		bool open;
	} rows[] = {
		{"{from: \"09:00\", to: \"17:30\"}",
			"2026-11-20T17:29:00+01:00", true},
		{"{from: \"09:00\", to: \"17:30\"}",
			"2026-11-21T12:00:00+01:00", false},
		/* unquoted it is text all the same */
		{"{from: 9:00, to: 17:30}", "2026-11-20T09:00:00+01:00", true},
		{"{days: mon-sat, from: 09:00, to: 17:30}",
			"2026-11-21T12:00:00+01:00", true},
		{"{days: [mon, \"wed-thu\"], from: 09:00, to: 17:30}",
			"2026-11-24T12:00:00+01:00", false},
		{"{days: \"mon, sat-sun\", from: 00:00, to: 24:00}",
			"2026-11-22T23:59:00+01:00", true},
		{"{days: fri-mon, from: 00:00, to: 24:00}",
			"2026-11-22T12:00:00+01:00", true},
		{"{days: {mon-thu: \"09:00-12:00 13:00-17:30\", fri: "
		 "\"09:00-13:00\"}}",
			"2026-11-23T12:30:00+01:00", false},
		{"{days: {mon-thu: [\"09:00-12:00\", \"13:00-17:30\"]}}",
			"2026-11-23T13:00:00+01:00", true},
		{"{from: 09:00, to: 17:30, timezone: Europe/London}",
			"2026-11-23T09:30:00+01:00", false},
		{"{from: 09:00, to: 17:30, holidays: ours}",
			"2026-12-24T12:00:00+01:00", false},
		{"{from: 09:00, to: 17:30, holidays: [\"2026-12-24\"]}",
			"2026-12-24T12:00:00+01:00", false},
		{"{from: 09:00, to: 17:30, holidays: [\"12-24\", easter-2]}",
			"2026-04-03T12:00:00+02:00", false},
		{"{from: 09:00, to: 17:30, holidays: [\"last fri in nov\"]}",
			"2026-11-27T12:00:00+01:00", false},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *errors,
			*hours = mem_printf("  office: %s", rows[i].hours);
		struct config *config = load(hours, &errors);

		cr_assert_not_null(config, "%s: %s", hours, errors);
		cr_assert_str_eq(errors, "", "%s: %s", hours, errors);
		cr_assert_eq(calendar_is_open(calendars_find(&config->calendars,
						      "office"),
				     at(rows[i].at)),
			rows[i].open, "%s at %s", hours, rows[i].at);
		cr_assert_null(calendars_find(&config->calendars, "other"),
			"another name");
		config_free(config);
		free(errors);
		free(hours);
	}
}

Test(calendars, refused)
{
	static const struct {
		const char *hours, *why;
	} rows[] = {
		{"{days: mon-fri}", "office.days: wants from: and to: beside"},
		{"{from: \"22:00\", to: \"06:00\"}",
			"office.from: 22:00-06:00 goes over midnight; give "
			"the two days a part each"},
		{"{from: \"9\", to: \"17:30\"}", "\"9-17:30\" is no range of "
						 "hours"},
		{"{from: \"09:60\", to: \"17:30\"}", "no range of hours"},
		{"{from: \"-9:00\", to: \"17:30\"}", "no range of hours"},
		{"{from: \"24:00\", to: \"24:00\"}", "no range of hours"},
		{"{from: \"09:00\", to: \"25:00\"}", "no range of hours"},
		{"{days: weekdays, from: 09:00, to: 17:00}",
			"no day of the week: they are mon tue"},
		{"{days: {mon: \"09:00-12:00\"}, from: 09:00, to: 17:00}",
			"leave them out"},
		{"{days: {mon-thu: \"09:00-12:00\", tue: \"13:00-14:00\"}}",
			"a day has its hours in one place"},
		{"{days: {mon: \"09:00-12:00 11:00-14:00\"}}",
			"meet on the same day"},
		{"{days: {mon: \"\"}}", "expected hours such as"},
		{"{days: {mon: {a: b}}}", "expected hours such as"},
		{"{days: {mon: morning}}", "no range of hours such as"},
		{"{days: {}}", "no day of the week has an hour"},
		{"{from: 09:00, to: 17:00, timezone: Europe/Amsterdm}",
			"office.timezone: there is no time zone"},
		{"{from: 09:00, to: 17:00, holidays: [our]}",
			"no list of holidays \"our\" in ./holidays; did you "
			"mean \"ours\"?"},
		{"{from: 09:00, to: 17:00, holidays: [bad]}",
			"bad.txt: line 2: found \"12-33\""},
		{"{from: 09:00, to: 17:00, holidays: [\"2026-12-33\"]}",
			"expected a day such as"},
		{"{from: 09:00, to: 17:00, holidays: [\"../x\"]}",
			"expected a day such as"},
		{"{form: 09:00}", "did you mean \"from\""},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *errors,
			*hours = mem_printf("  office: %s", rows[i].hours);
		struct config *config = load(hours, &errors);

		cr_assert_null(config, "%s", hours);
		cr_assert_not_null(
			strstr(errors, rows[i].why), "%s: %s", hours, errors);
		free(errors);
		free(hours);
	}
}
