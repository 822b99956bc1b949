/* date_format - dates as tables write them. */
#include "base/date_format.h"

#include <string.h>
#include <strings.h>

static const char *const months[] = {"January", "February", "March", "April",
	"May", "June", "July", "August", "September", "October", "November",
	"December"};
static const char *const weekdays[] = {"Monday", "Tuesday", "Wednesday",
	"Thursday", "Friday", "Saturday", "Sunday"};
enum { NAME_SHORT = 3, EPOCH_DIGITS = 11 };

/* What is known of the moment so far. */
struct moment {
	struct civil civil;
	int fraction_ms;
	int weekday; /* -1: not said */
	int half;    /* 0 AM, 1 PM, -1: not said */
	bool has_offset;
	int offset_minutes;
	bool has_epoch;
	int64_t epoch_s;
};

struct reading {
	const char *data;
	size_t length, at;
	struct moment moment;
};

/* ---- the pieces ---- */

static bool
is_digit(const struct reading *reading)
{
	return reading->at < reading->length &&
	       reading->data[reading->at] >= '0' &&
	       reading->data[reading->at] <= '9';
}

static bool
read_number(struct reading *reading, int least, int most, int *value)
{
	int count = 0;

	*value = 0;
	for (; count < most && is_digit(reading); count++)
		*value = *value * 10 + (reading->data[reading->at++] - '0');
	return count >= least;
}

static bool
read_epoch(struct reading *reading)
{
	int count = 0;

	reading->moment.has_epoch = true;
	for (; count < EPOCH_DIGITS && is_digit(reading); count++)
		reading->moment.epoch_s = reading->moment.epoch_s * 10 +
					  (reading->data[reading->at++] - '0');
	return count > 0;
}

static bool
read_fraction(struct reading *reading)
{
	int weight = 100, count = 0;

	for (; is_digit(reading); count++, weight /= 10)
		reading->moment.fraction_ms +=
			weight * (reading->data[reading->at++] - '0');
	return count > 0;
}

/* The whole name, or its first three letters. */
static bool
read_name(struct reading *reading, const char *const *names, int count,
	int *which)
{
	const char *at = reading->data + reading->at;
	size_t left = reading->length - reading->at;

	for (int i = 0; i < count; i++) {
		size_t whole = strlen(names[i]);

		if (left < NAME_SHORT ||
			strncasecmp(at, names[i], NAME_SHORT) != 0)
			continue;
		reading->at +=
			left >= whole && strncasecmp(at, names[i], whole) == 0
				? whole
				: NAME_SHORT;
		*which = i;
		return true;
	}
	return false;
}

static bool
read_half(struct reading *reading)
{
	const char *at = reading->data + reading->at;

	if (reading->length - reading->at < 2)
		return false;
	reading->moment.half = strncasecmp(at, "am", 2) == 0   ? 0
			       : strncasecmp(at, "pm", 2) == 0 ? 1
							       : -1;
	reading->at += 2;
	return reading->moment.half >= 0;
}

static bool
read_offset(struct reading *reading)
{
	struct moment *moment = &reading->moment;
	char sign;
	int hours, minutes = 0;

	if (reading->at == reading->length)
		return false;
	sign = reading->data[reading->at++];
	moment->has_offset = true;
	if (sign == 'Z' || sign == 'z')
		return true;
	if ((sign != '+' && sign != '-') || !read_number(reading, 2, 2, &hours))
		return false;
	if (reading->at < reading->length && reading->data[reading->at] == ':')
		reading->at++;
	if (is_digit(reading) && !read_number(reading, 2, 2, &minutes))
		return false;
	moment->offset_minutes = hours * 60 + minutes;
	if (sign == '-')
		moment->offset_minutes = -moment->offset_minutes;
	return hours <= 23 && minutes <= 59 &&
	       reading->data[reading->at - 1] != ':';
}

static bool
read_blanks(struct reading *reading)
{
	size_t before = reading->at;

	while (reading->at < reading->length &&
		(reading->data[reading->at] == ' ' ||
			reading->data[reading->at] == '\t'))
		reading->at++;
	return reading->at > before;
}

/* ---- letters ---- */

static bool
read_year(struct reading *reading, char letter)
{
	struct civil *civil = &reading->moment.civil;

	if (letter == 'Y')
		return read_number(reading, 4, 4, &civil->year);
	if (!read_number(reading, 2, 2, &civil->year))
		return false;
	civil->year += civil->year < 69 ? 2000 : 1900;
	return true;
}

static bool
read_month_name(struct reading *reading)
{
	int month;

	if (!read_name(reading, months, 12, &month))
		return false;
	reading->moment.civil.month = month + 1;
	return true;
}

static bool read_format(struct reading *reading, const char *format);

static bool
read_letter(struct reading *reading, char letter)
{
	struct moment *moment = &reading->moment;
	struct civil *civil = &moment->civil;

	switch (letter) {
	case 'Y':
	case 'y':
		return read_year(reading, letter);
	case 'm':
		return read_number(reading, 1, 2, &civil->month);
	case 'd':
	case 'e':
		return read_number(reading, 1, 2, &civil->day);
	case 'H':
	case 'k':
	case 'I':
	case 'l':
		return read_number(reading, 1, 2, &civil->hour);
	case 'M':
		return read_number(reading, 2, 2, &civil->minute);
	case 'S':
		return read_number(reading, 2, 2, &civil->second);
	case 'f':
		return read_fraction(reading);
	case 'b':
	case 'B':
	case 'h':
		return read_month_name(reading);
	case 'a':
	case 'A':
		return read_name(reading, weekdays, 7, &moment->weekday);
	case 'p':
		return read_half(reading);
	case 'z':
		return read_offset(reading);
	case 's':
		return read_epoch(reading);
	case 'F':
		return read_format(reading, "%Y-%m-%d");
	case 'T':
		return read_format(reading, "%H:%M:%S");
	case 'R':
		return read_format(reading, "%H:%M");
	default:
		return false;
	}
}

static bool
read_format(struct reading *reading, const char *format)
{
	for (; *format != '\0'; format++) {
		if (*format == '%' && format[1] != '%') {
			if (!read_letter(reading, *++format))
				return false;
		} else if (*format == ' ') {
			if (!read_blanks(reading))
				return false;
			while (format[1] == ' ')
				format++;
		} else {
			format += *format == '%';
			if (reading->at == reading->length ||
				reading->data[reading->at] != *format)
				return false;
			reading->at++;
		}
	}
	return true;
}

/* ---- the format itself ---- */

/* What a letter says; letters that say the same must not stand twice. */
static const char *
meaning_of(char letter)
{
	static const struct {
		const char *letters, *meaning;
	} rows[] = {
		{"Yy", "Y"},
		{"mbBh", "m"},
		{"de", "d"},
		{"Hk", "H"},
		{"Il", "I"},
		{"M", "M"},
		{"S", "S"},
		{"f", "f"},
		{"aA", "a"},
		{"p", "p"},
		{"z", "z"},
		{"s", "s"},
		{"F", "Ymd"},
		{"T", "HMS"},
		{"R", "HM"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strchr(rows[i].letters, letter) != NULL)
			return rows[i].meaning;
	return NULL;
}

/* Notes what the letters of a format say, each in a place of its own. */
static bool
note_letters(const char *format, bool said[128], struct err *err)
{
	for (; *format != '\0'; format++) {
		const char *meaning;

		if (*format != '%' || *++format == '%')
			continue;
		meaning = *format != '\0' ? meaning_of(*format) : NULL;
		if (meaning == NULL)
			return err_set(err,
				"%%%c is no letter of a date format here; "
				"there are %%Y %%y %%m %%b %%d %%H %%I %%p "
				"%%M %%S %%f %%a %%z %%s %%F %%T %%R",
				*format >= ' ' && *format < 127 ? *format
								: '?');
		for (; *meaning != '\0'; meaning++) {
			if (said[(unsigned char)*meaning])
				return err_set(err,
					"the same thing stands twice in the "
					"date format, at %%%c",
					*format);
			said[(unsigned char)*meaning] = true;
		}
	}
	return true;
}

bool
date_format_check(const char *format, struct err *err)
{
	bool said[128] = {false};

	if (strlen(format) > DATE_FORMAT_LIMIT_BYTES)
		return err_set(err, "a date format has at most %d bytes",
			DATE_FORMAT_LIMIT_BYTES);
	if (!note_letters(format, said, err))
		return false;
	if (said['s'] && (said['Y'] || said['m'] || said['d'] || said['H'] ||
				 said['I'] || said['z']))
		return err_set(err,
			"%%s is the whole moment: nothing else may stand "
			"beside it");
	if (!said['s'] && !(said['Y'] && said['m'] && said['d']))
		return err_set(err,
			"a date format needs a year, a month and a day, as in "
			"%%d-%%m-%%Y %%H:%%M");
	if (said['I'] != said['p'])
		return err_set(err, "%%I (hours of half a day) and %%p (AM or "
				    "PM) go together");
	if (said['H'] && said['I'])
		return err_set(err, "%%H and %%I both say the hour");
	return true;
}

/* ---- the moment ---- */

static bool
apply_half(struct moment *moment, struct err *err)
{
	struct civil *civil = &moment->civil;

	if (moment->half < 0)
		return true;
	if (civil->hour < 1 || civil->hour > 12)
		return err_set(
			err, "with AM or PM there is no hour %d", civil->hour);
	civil->hour = civil->hour % 12 + moment->half * 12;
	return true;
}

static bool
check_moment(const struct moment *moment, struct err *err)
{
	if (!civil_check(&moment->civil, err))
		return false;
	if (moment->civil.second > 59)
		return err_set(err, "there is no second 60");
	if (moment->weekday >= 0 &&
		civil_weekday(moment->civil) != moment->weekday)
		return err_set(
			err, "that day was no %s", weekdays[moment->weekday]);
	return true;
}

static bool
resolve(struct moment *moment, const struct zone *zone, int64_t *instant_ms,
	struct err *err)
{
	struct civil utc;

	if (moment->has_epoch) {
		*instant_ms = moment->epoch_s * MS_PER_SECOND;
	} else {
		if (!apply_half(moment, err) || !check_moment(moment, err))
			return false;
		*instant_ms =
			moment->has_offset
				? civil_to_utc_ms(moment->civil) -
					  moment->offset_minutes * MS_PER_MINUTE
				: zone_instant(zone, moment->civil);
	}
	*instant_ms += moment->fraction_ms;
	utc = civil_from_utc_ms(*instant_ms);
	return (utc.year >= 1 && utc.year <= 9999) ||
	       err_set(err, "outside the years 0001 to 9999");
}

bool
date_format_read(const char *format, const char *data, size_t length,
	const struct zone *zone, int64_t *instant_ms, size_t *at,
	struct err *err)
{
	struct reading reading = {.data = data,
		.length = length,
		.moment = {.weekday = -1, .half = -1}};
	bool fits = read_format(&reading, format) && reading.at == length;

	*at = reading.at < length ? reading.at : length;
	if (!fits)
		return err_set(err, "it does not follow the format %s", format);
	*at = 0;
	return resolve(&reading.moment, zone, instant_ms, err);
}

bool
date_iso_read(const char *data, size_t length, const struct zone *zone,
	int64_t *instant_ms, struct err *err)
{
	static const char *const formats[] = {"%FT%T", "%F %T", "%F", "%FT%R",
		"%F %R", "%FT%T.%f", "%F %T.%f", "%F %T%z", "%F %T %z",
		"%FT%T%z", "%F %T.%f%z", "%FT%R%z", "%F %R%z"};
	size_t at;
	struct err reason;
	bool found = false;

	if (time_from_rfc3339(data, length, instant_ms, &reason))
		return true;
	err_set(err, "date_format can say how it is written: it is not as "
		     "2026-11-21T10:00:00+01:00, 2026-11-21 10:00 or "
		     "2026-11-21");
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (date_format_read(formats[i], data, length, zone, instant_ms,
			    &at, &reason))
			return true;
		/* It has the form, but there is no such day. */
		if (at == 0 && length > 0 && !found && data[0] >= '0' &&
			data[0] <= '9') {
			found = true;
			*err = reason;
		}
	}
	return false;
}
