/* weekday - days of the week by name and number: 0 Monday .. 6 Sunday. */
#ifndef NPSD_NPS_WEEKDAY_H
#define NPSD_NPS_WEEKDAY_H

#include <stdbool.h>

#include "base/err.h"

/* "mon" .. "sun"; -1: it is none. */
int weekday_from_text(const char *text);
/* Of a day counted from 1970-01-01. */
int weekday_of_day(int day);
/* "mon", "mon-fri", "fri-mon", "tue, thu": sets those of the seven. False with
 * a reason. */
bool weekdays_from_text(
	const char *text, bool days[7], struct err *err) must_check;

#endif
