/* time_fault - why a member is no time, and what mends it. */
#include "nps/time_fault.h"

#include <string.h>

#include "base/date_format.h"
#include "base/time.h"
#include "nps/rejection.h"

#define EXAMPLE "\"2026-11-21T10:00:00+01:00\""

/* Digits of a count since 1970 that from_epoch and from_epoch_ms take. */
enum { SECONDS_LEAST = 9, SECONDS_MOST = 11, MILLISECONDS_MOST = 14 };

static size_t
digits_of(const struct flat *value)
{
	const char *text = value->type == JSON_STRING ? value->text : NULL;
	size_t count = 0;

	if (value->type == JSON_INTEGER)
		for (int64_t n = value->integer; n > 0; n /= 10)
			count++;
	if (text != NULL && strspn(text, "0123456789") == strlen(text))
		count = strlen(text);
	return count >= SECONDS_LEAST && count <= MILLISECONDS_MOST ? count : 0;
}

/* As if it were UTC; false with a reason, which quotes numbers alone. */
static bool
reads_as_utc(const struct flat *value, struct err *err)
{
	struct zone *utc = zone_open("UTC", err);
	int64_t instant_ms;
	bool good =
		utc != NULL && date_iso_read(value->text, value->text_length,
				       utc, &instant_ms, err);

	zone_close(utc);
	return good;
}

static bool
has_offset(const char *text)
{
	const char *colon = strchr(text, ':');

	return colon != NULL && strpbrk(colon, "+-Zz") != NULL;
}

bool
time_fault_lacks_zone(const struct flat *value)
{
	struct err err;

	return value->type == JSON_STRING && !has_offset(value->text) &&
	       reads_as_utc(value, &err);
}

static bool
fill_count(struct rejection *why, bool in_seconds, bool mapped)
{
	const char *unit = in_seconds ? "seconds" : "milliseconds";

	if (mapped)
		return rejection_fill(why, REJECTED_TIME, NULL, "answered_at",
			"answered_at looks like %s since 1970: %s in the map "
			"makes a time of it",
			unit, in_seconds ? "from_epoch" : "from_epoch_ms");
	return rejection_fill(why, REJECTED_TIME, NULL, "answered_at",
		"answered_at looks like %s since 1970; it must be a date and "
		"time with a zone, such as " EXAMPLE,
		unit);
}

/* What begins as 2026-11-21 does, but is no moment, has a reason of its own. */
static bool
begins_with_date(const char *text)
{
	static const char form[] = "dddd-dd-dd";

	for (size_t i = 0; form[i] != '\0'; i++)
		if (form[i] == 'd' ? text[i] < '0' || text[i] > '9'
				   : text[i] != form[i])
			return false;
	return true;
}

static bool
fill_mapped(struct rejection *why, const struct flat *value)
{
	struct err err;

	if (begins_with_date(value->text) && !reads_as_utc(value, &err))
		return rejection_fill(why, REJECTED_TIME, NULL, "answered_at",
			"answered_at cannot be read: %s", err.text);
	return rejection_fill(why, REJECTED_TIME, NULL, "answered_at",
		"answered_at is written another way than " EXAMPLE
		": date_format can say how");
}

static bool
fill_strict(struct rejection *why, const struct flat *value)
{
	int64_t instant_ms;
	struct err err = {""};

	if (!time_from_rfc3339(
		    value->text, value->text_length, &instant_ms, &err))
		rejection_fill(why, REJECTED_TIME, NULL, "answered_at",
			"answered_at cannot be read: %s; it must be a date and "
			"time with a zone, such as " EXAMPLE,
			err.text);
	return false;
}

bool
time_fault_answered(
	struct rejection *why, const struct flat *value, bool mapped)
{
	size_t digits = digits_of(value);

	if (digits > 0)
		return fill_count(why, digits <= SECONDS_MOST, mapped);
	if (value->type != JSON_STRING)
		return rejection_fill(why, REJECTED_TIME, NULL, "answered_at",
			"answered_at must be a text with a date, a time and a "
			"zone, such as " EXAMPLE);
	if (time_fault_lacks_zone(value))
		return rejection_fill(why, REJECTED_TIME, NULL, "answered_at",
			"answered_at has no zone: %s",
			mapped ? "say in timezone whose clock it is"
			       : "write Z or +01:00 behind it, as in " EXAMPLE);
	return mapped ? fill_mapped(why, value) : fill_strict(why, value);
}
