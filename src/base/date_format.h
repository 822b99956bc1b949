/*
 * date_format - dates as tables write them, by a format of strftime's letters.
 *
 * Stricter than strptime: a day must be one of its month, an offset one that
 * can be, and nothing may be left over.
 *
 *	%Y %y  year, of four or two digits (69 is 1969, 68 is 2068)
 *	%m %d %H %I  one or two digits; %e, %k and %l are the same as %d, %H, %I
 *	%M %S  two digits
 *	%f     digits of a fraction of a second
 *	%b %B  the month's English name, short or whole; %h is the same
 *	%a %A  the weekday's English name, which must be that of the date
 *	%p     AM or PM, in any letters
 *	%z     Z, +hh, +hhmm or +hh:mm
 *	%s     seconds since 1970, alone
 *	%F %T %R  %Y-%m-%d, %H:%M:%S, %H:%M
 *	%%     a percent sign
 *
 * A blank stands for one or more blanks, anything else for itself.
 */
#ifndef NPSD_BASE_DATE_FORMAT_H
#define NPSD_BASE_DATE_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/time.h"

enum { DATE_FORMAT_LIMIT_BYTES = 100 };

/* False with a reason: it is no format that names a moment. */
bool date_format_check(const char *format, struct err *err) must_check;

/* Reads a date by a format that was checked. Where it bears no offset it is a
 * time of the zone: one that a change of clocks skips is the instant after the
 * gap, one that comes twice is the first. No time of day is midnight. *at is
 * where it does not fit. */
bool date_format_read(const char *format, const char *data, size_t length,
	const struct zone *zone, int64_t *instant_ms, size_t *at,
	struct err *err) must_check;

/* Reads RFC 3339, or the same with a blank for the T, without seconds, without
 * an offset, or a day alone. */
bool date_iso_read(const char *data, size_t length, const struct zone *zone,
	int64_t *instant_ms, struct err *err) must_check;

#endif
