/*
 * retry_after - seconds or an HTTP date. No locale and no library is asked:
 * both would accept more than the RFC does.
 */
#include "loop/retry_after.h"

#include <stdbool.h>
#include <string.h>

#include "base/time.h"

/* What is still to be read. */
struct cursor {
	const char *at;
	const char *end;
};

static bool
take_text(struct cursor *cursor, const char *text)
{
	size_t length = strlen(text);
	if ((size_t)(cursor->end - cursor->at) < length ||
		memcmp(cursor->at, text, length) != 0)
		return false;
	cursor->at += length;
	return true;
}

/* Exactly `digits` digits. */
static bool
take_number(struct cursor *cursor, int digits, int *number)
{
	*number = 0;
	for (int i = 0; i < digits; i++) {
		if (cursor->at == cursor->end || *cursor->at < '0' ||
			*cursor->at > '9')
			return false;
		*number = *number * 10 + (*cursor->at++ - '0');
	}
	return true;
}

/* One of the names; *index from 0. */
static bool
take_name(struct cursor *cursor, const char *const *names, int *index)
{
	for (*index = 0; names[*index] != NULL; (*index)++)
		if (take_text(cursor, names[*index]))
			return true;
	return false;
}

static bool
take_month(struct cursor *cursor, int *month)
{
	static const char *const names[] = {"Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", NULL};
	if (!take_name(cursor, names, month))
		return false;
	++*month;
	return true;
}

static bool
take_clock(struct cursor *cursor, struct civil *civil)
{
	return take_number(cursor, 2, &civil->hour) && take_text(cursor, ":") &&
	       take_number(cursor, 2, &civil->minute) &&
	       take_text(cursor, ":") && take_number(cursor, 2, &civil->second);
}

static const char *const short_days[] = {
	"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", NULL};
static const char *const long_days[] = {"Monday", "Tuesday", "Wednesday",
	"Thursday", "Friday", "Saturday", "Sunday", NULL};

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
static bool
take_fixdate(struct cursor *cursor, struct civil *civil, int *weekday)
{
	return take_name(cursor, short_days, weekday) &&
	       take_text(cursor, ", ") && take_number(cursor, 2, &civil->day) &&
	       take_text(cursor, " ") && take_month(cursor, &civil->month) &&
	       take_text(cursor, " ") && take_number(cursor, 4, &civil->year) &&
	       take_text(cursor, " ") && take_clock(cursor, civil) &&
	       take_text(cursor, " GMT");
}

/* "Sunday, 06-Nov-94 08:49:37 GMT" (RFC 850) */
static bool
take_rfc850(struct cursor *cursor, struct civil *civil, int *weekday)
{
	return take_name(cursor, long_days, weekday) &&
	       take_text(cursor, ", ") && take_number(cursor, 2, &civil->day) &&
	       take_text(cursor, "-") && take_month(cursor, &civil->month) &&
	       take_text(cursor, "-") && take_number(cursor, 2, &civil->year) &&
	       take_text(cursor, " ") && take_clock(cursor, civil) &&
	       take_text(cursor, " GMT");
}

/* "Sun Nov  6 08:49:37 1994" (asctime) */
static bool
take_asctime(struct cursor *cursor, struct civil *civil, int *weekday)
{
	if (!take_name(cursor, short_days, weekday) ||
		!take_text(cursor, " ") || !take_month(cursor, &civil->month) ||
		!take_text(cursor, " "))
		return false;
	int digits = take_text(cursor, " ") ? 1 : 2;
	return take_number(cursor, digits, &civil->day) &&
	       take_text(cursor, " ") && take_clock(cursor, civil) &&
	       take_text(cursor, " ") && take_number(cursor, 4, &civil->year);
}

/* A year of two digits that seems more than 50 years ahead is in the past. */
static int
whole_year(int year, int64_t now_ms)
{
	int this_year = civil_from_utc_ms(now_ms).year;
	int whole = this_year - this_year % 100 + year;
	return whole > this_year + 50 ? whole - 100 : whole;
}

/* The way there and back shows a 30 February. :60 is the next minute's :00. */
static bool
is_real(struct civil civil, int weekday)
{
	if (civil.hour > 23 || civil.minute > 59 || civil.second > 60 ||
		civil.day < 1 || civil.day > 31 || civil.year < 1)
		return false;
	civil.hour = civil.minute = civil.second = 0;
	struct civil back = civil_from_utc_ms(civil_to_utc_ms(civil));
	return back.month == civil.month && back.day == civil.day &&
	       civil_weekday(civil) == weekday;
}

static bool
read_date(const char *value, size_t length, int64_t now_ms, int64_t *date_ms)
{
	typedef bool (*form_fn)(struct cursor *, struct civil *, int *);
	static const form_fn forms[] = {
		take_fixdate, take_rfc850, take_asctime};
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		struct cursor cursor = {value, value + length};
		struct civil civil = {0};
		int weekday = 0;
		if (!forms[i](&cursor, &civil, &weekday) ||
			cursor.at != cursor.end)
			continue;
		if (forms[i] == take_rfc850)
			civil.year = whole_year(civil.year, now_ms);
		if (!is_real(civil, weekday))
			return false;
		*date_ms = civil_to_utc_ms(civil);
		return true;
	}
	return false;
}

static bool
is_digits(const char *value, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (value[i] < '0' || value[i] > '9')
			return false;
	return length > 0;
}

/* Stops at the limit, so that no run of digits overflows. */
static int64_t
read_seconds(const char *value, size_t length, int64_t limit_ms)
{
	int64_t ms = 0;
	for (size_t i = 0; i < length && ms < limit_ms; i++)
		ms = ms * 10 + (value[i] - '0') * MS_PER_SECOND;
	return ms < limit_ms ? ms : limit_ms;
}

int64_t
retry_after_read(
	const char *value, size_t length, int64_t now_ms, int64_t limit_ms)
{
	if (is_digits(value, length))
		return read_seconds(value, length, limit_ms);
	int64_t date_ms;
	if (!read_date(value, length, now_ms, &date_ms))
		return -1;
	if (date_ms <= now_ms)
		return 0;
	return date_ms - now_ms < limit_ms ? date_ms - now_ms : limit_ms;
}
