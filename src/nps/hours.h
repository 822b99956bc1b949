/*
 * hours - the setting `hours:`, and the calendar that is made of one.
 *
 *	hours:
 *	  office: {days: mon-fri, from: "09:00", to: "17:30",
 *	           timezone: Europe/Amsterdam, holidays: [nl, "2026-12-24"]}
 *	  desk:   {days: {mon-thu: "09:00-12:00 13:00-17:30", fri: "09:00-13:00"}}
 *
 * Files are not read here: whoever reads them hands in the lists.
 */
#ifndef NPSD_NPS_HOURS_H
#define NPSD_NPS_HOURS_H

#include <stdbool.h>

#include "conf/setting.h"
#include "nps/calendar.h"

/* One record of hours: as it was read. */
struct hours {
	const struct conf_node *days; /* lent; NULL: mon-fri */
	char *from, *to;
	char *timezone;
	struct setting_texts holidays;
};
extern const struct setting hours_settings[];

/* What `holidays:` says that is no rule by itself is the name of a list. */
bool hours_is_list_name(const char *text);
/* The list of that name; NULL after conf_error. It stays the lender's. */
typedef const struct holiday_list *hours_list_fn(const char *name,
	const struct conf_node *node, const char *path, void *context);

/* The calendar of a record, which stood at `node` under `path`; NULL after
 * conf_error. timezone is taken where the record names none. */
struct calendar *hours_calendar(const struct hours *hours,
	const struct conf_node *node, const char *path, const char *timezone,
	hours_list_fn *list_of, void *context,
	struct conf_errors *errors) must_check;

#endif
