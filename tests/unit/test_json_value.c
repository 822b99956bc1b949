/* Texts and times as members of JSON. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/json_value.h"

TestSuite(json_value);

static void
says(json_t *value, const char *expected)
{
	char *text = json_text(value);

	cr_assert_str_eq(text, expected);
	free(text);
	json_decref(value);
}

Test(json_value, what_is_not_there_is_null)
{
	says(json_text_or_null(NULL), "null");
	says(json_text_or_null(""), "\"\"");
	says(json_time_or_null(0), "null");
	says(json_time(0), "\"1970-01-01T00:00:00Z\"");
	says(json_time_or_null(-1), "\"1969-12-31T23:59:59.999Z\"");
}

Test(json_value, a_time_is_read_as_it_was_written)
{
	static const int64_t times[] = {1, -1, 1795219200000, 1795219200001};
	json_t *object = json_pack("{s:s, s:i, s:n, s:s}", "no_time",
		"yesterday", "number", 5, "null", "date", "2026-11-21");

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		json_object_set_new(object, "at", json_time(times[i]));
		cr_assert_eq(json_time_at(object, "at"), times[i], "%zu", i);
	}
	cr_assert_eq(json_time_at(object, "no_time"), 0);
	cr_assert_eq(json_time_at(object, "number"), 0);
	cr_assert_eq(json_time_at(object, "null"), 0);
	cr_assert_eq(json_time_at(object, "date"), 0);
	cr_assert_eq(json_time_at(object, "missing"), 0);
	cr_assert_eq(json_time_at(NULL, "at"), 0);
	json_decref(object);
}
