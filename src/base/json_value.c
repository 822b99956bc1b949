/* json_value - texts and times as members of JSON. */
#include "base/json_value.h"

#include <string.h>

#include "base/json.h"
#include "base/time.h"

json_t *
json_text_or_null(const char *text)
{
	return text != NULL ? json_string(text) : json_null();
}

json_t *
json_time(int64_t at_ms)
{
	char text[TIME_TEXT_BYTES];

	time_to_rfc3339(at_ms, text);
	return json_string(text);
}

json_t *
json_time_or_null(int64_t at_ms)
{
	return at_ms != 0 ? json_time(at_ms) : json_null();
}

json_t *
json_zoned_or_null(const struct zone *zone, int64_t at_ms)
{
	char text[TIME_TEXT_BYTES];

	if (at_ms == 0)
		return json_null();
	zone_to_rfc3339(zone, at_ms, text);
	return json_string(text);
}

int64_t
json_time_at(const json_t *object, const char *name)
{
	const char *text = json_string_at(object, name);
	int64_t at_ms;

	return text != NULL && time_from_rfc3339(
				       text, strlen(text), &at_ms, NULL)
		       ? at_ms
		       : 0;
}
