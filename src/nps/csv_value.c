/* csv_value - a field of a table as a JSON value. */
#include "nps/csv_value.h"

#include <string.h>
#include <strings.h>

#include "base/date_format.h"
#include "base/json.h"
#include "base/text.h"

enum {
	DIGITS_LIMIT = 15, /* that a double holds */
	SECONDS_LEAST_DIGITS = 9,
	SECONDS_MOST_DIGITS = 11,
};

enum csv_value_kind
csv_value_kind_of(const char *group, const char *name)
{
	if (group != NULL && strcmp(group, "answers") == 0)
		return CSV_VALUE_GUESS;
	if (group != NULL)
		return strcmp(group, "account") == 0 &&
				       strcmp(name, "value") == 0
			       ? CSV_VALUE_NUMBER
			       : CSV_VALUE_TEXT;
	if (strcmp(name, "answered_at") == 0)
		return CSV_VALUE_TIME;
	if (strcmp(name, "contact_ok") == 0)
		return CSV_VALUE_BOOLEAN;
	if (strcmp(name, "score") == 0 || strcmp(name, "weight") == 0 ||
		strcmp(name, "revision") == 0)
		return CSV_VALUE_NUMBER;
	return CSV_VALUE_TEXT;
}

/* "-12", "12.5", with a comma for the point if that is allowed: -?(0|[1-9]d*)
 * and a fraction. Where the point stands, or length; 0: it is no number. */
static size_t
number_point(const char *data, size_t length, bool comma)
{
	size_t at = length > 0 && data[0] == '-', start = at, point;

	while (at < length && data[at] >= '0' && data[at] <= '9')
		at++;
	if (at == start || (data[start] == '0' && at > start + 1) ||
		length > DIGITS_LIMIT)
		return 0;
	point = at;
	if (at == length)
		return point;
	if (data[at] != '.' && !(comma && data[at] == ','))
		return 0;
	for (at++; at < length; at++)
		if (data[at] < '0' || data[at] > '9')
			return 0;
	return point + 1 < length ? point : 0;
}

static bool
append_number(const char *data, size_t length, bool comma, struct buf *out)
{
	size_t point = number_point(data, length, comma);

	if (point == 0)
		return false;
	buf_append(out, data, point);
	if (point < length) {
		buf_append_char(out, '.');
		buf_append(out, data + point + 1, length - point - 1);
	}
	return true;
}

static bool
append_boolean(const char *data, size_t length, struct buf *out)
{
	static const char *const words[] = {
		"false", "true", "no", "yes", "n", "y", "0", "1"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == length &&
			strncasecmp(words[i], data, length) == 0) {
			buf_append_text(out, i % 2 == 1 ? "true" : "false");
			return true;
		}
	return false;
}

/* Digits alone are no date of any form; counts of seconds have a letter. */
static void
tell_count(const char *data, size_t length, struct err *err)
{
	for (size_t i = 0; i < length; i++)
		if (data[i] < '0' || data[i] > '9')
			return;
	if (length >= SECONDS_LEAST_DIGITS && length <= SECONDS_MOST_DIGITS)
		err_set(err, "it looks like seconds since 1970, which "
			     "date_format \"%%s\" reads");
}

static bool
append_time(const char *data, size_t length,
	const struct csv_settings *settings, struct buf *out, struct err *err)
{
	char text[TIME_TEXT_BYTES];
	int64_t instant_ms;
	size_t at;
	bool good =
		settings->date_format != NULL
			? date_format_read(settings->date_format, data, length,
				  settings->zone, &instant_ms, &at, err)
			: date_iso_read(data, length, settings->zone,
				  &instant_ms, err);

	if (!good && settings->date_format == NULL)
		tell_count(data, length, err);
	if (!good)
		return false;
	time_to_rfc3339(instant_ms, text);
	json_append_string(out, text, strlen(text));
	return true;
}

bool
csv_value_append(enum csv_value_kind kind, const char *data, size_t length,
	const struct csv_settings *settings, struct buf *out, struct err *err)
{
	bool done = false;

	switch (kind) {
	case CSV_VALUE_TIME:
		return append_time(data, length, settings, out, err);
	case CSV_VALUE_NUMBER:
	case CSV_VALUE_GUESS:
		done = append_number(
			data, length, kind == CSV_VALUE_NUMBER, out);
		break;
	case CSV_VALUE_BOOLEAN:
		done = append_boolean(data, length, out);
		break;
	case CSV_VALUE_TEXT:
		break;
	}
	if (!done)
		json_append_string(out, data, length);
	return true;
}
