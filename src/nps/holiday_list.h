/*
 * holiday_list - days off that come back each year, as rules: data, so that a
 * country is a text file (etc/holidays) and no code.
 *
 *	# one rule a line: DAY, then conditions, then its name
 *	04-27 if sun -1 from 2014: Koningsdag
 *	easter+39: Ascension Day
 *	last mon in may except 2022: Spring bank holiday
 *	sat on-or-after 06-20: Midsummer Day
 *	12-25 also if sat +2 also if sun +2: Christmas Day
 *	2022-09-19: State funeral
 *
 * "if sun -1": where it falls on a Sunday it is kept one day before instead;
 * "also if": that day as well. from, until: the first and the last year;
 * "every 5": years that 5 divides; except: years in which it was not.
 *
 * Pure: the text comes in, days come out.
 */
#ifndef NPSD_NPS_HOLIDAY_LIST_H
#define NPSD_NPS_HOLIDAY_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum {
	HOLIDAY_RULES_LIMIT = 400, /* of one list */
	HOLIDAY_LINE_LIMIT_BYTES = 400,
	HOLIDAY_EXCEPT_LIMIT = 8,
	HOLIDAY_SHIFT_LIMIT_DAYS = 100, /* of easter+N and of if DAY +N */
};

struct holiday_list;
/* NULL with a reason that names the line. Free with holiday_list_free. */
struct holiday_list *holiday_list_read(
	const char *data, size_t length, struct err *err) must_check;
void holiday_list_free(struct holiday_list *list);

/* Tells every day off of a year (1583 to 9999) by its number, counted from
 * 1970-01-01, in the order of the rules. name is "" where the rule has none. */
void holiday_list_year(const struct holiday_list *list, int year,
	void (*on_day)(int day, const char *name, void *context),
	void *context);

#endif
