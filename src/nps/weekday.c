/* weekday - days of the week by name and number. */
#include "nps/weekday.h"

#include <string.h>

#include "base/text.h"

static const char names[7][4] = {
	"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

static int
named(struct text text)
{
	for (int i = 0; i < 7; i++)
		if (text_equal(text, names[i]))
			return i;
	return -1;
}

int
weekday_from_text(const char *text)
{
	return named(text_of(text));
}

int
weekday_of_day(int day)
{
	int rest = (day + 3) % 7; /* 1970-01-01 was a Thursday */

	return rest < 0 ? rest + 7 : rest;
}

/* "mon" or "mon-fri" */
static bool
read_run(struct text text, bool days[7], struct err *err)
{
	const char *dash =
		text.length > 0 ? memchr(text.data, '-', text.length) : NULL;
	struct text first = text, last = text;
	int from, to;

	if (dash != NULL) {
		first.length = (size_t)(dash - text.data);
		last.data = dash + 1;
		last.length = text.length - first.length - 1;
	}
	from = named(text_trim(first));
	to = named(text_trim(last));
	if (from < 0 || to < 0)
		return err_set(err,
			"\"%.*s\" is no day of the week: they are mon tue wed "
			"thu fri sat sun, and runs of them such as mon-fri",
			(int)(text.length > 40 ? 40 : text.length), text.data);
	for (; from != to; from = (from + 1) % 7)
		days[from] = true;
	days[to] = true;
	return true;
}

bool
weekdays_from_text(const char *text, bool days[7], struct err *err)
{
	for (;;) {
		size_t length = strcspn(text, ",");

		if (!read_run(
			    text_trim((struct text){text, length}), days, err))
			return false;
		if (text[length] == '\0')
			return true;
		text += length + 1;
	}
}
