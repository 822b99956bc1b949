/*
 * calendars - the calendars of `hours:`, with the lists of holidays that they
 * name: etc/holidays/NAME.txt, looked up as presets are.
 */
#ifndef NPSD_TOP_CALENDARS_H
#define NPSD_TOP_CALENDARS_H

#include <stdbool.h>

#include "conf/setting.h"
#include "nps/calendar.h"

/* Makes a calendar of every record of hours_settings; their names stay the
 * records'. `folder` is the configuration's. False after conf_error; what is
 * there is done away with calendars_done all the same. */
bool calendars_make(struct calendars *calendars,
	const struct setting_items *hours, const char *timezone,
	const char *folder, struct conf_errors *errors) must_check;

#endif
