/* span - how long a clock runs, as the configuration says it. */
#include "nps/span.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

/* "2wd" at the start, and what is behind it. */
static bool
read_working_days(const char **text, struct span *span, struct err *err)
{
	size_t digits = strspn(*text, "0123456789");
	int64_t number;
	char *copy;
	bool good;

	if (digits == 0 || !text_starts(*text + digits, "wd"))
		return true;
	copy = mem_copy(*text, digits);
	good = text_to_integer(copy, 0, SPAN_WORKING_DAYS_LIMIT, &number) ||
	       err_set(err, "\"%.20swd\" are not 0 to %d working days", copy,
		       SPAN_WORKING_DAYS_LIMIT);
	free(copy);
	if (good)
		span->working_days = (int)number;
	*text += digits + strlen("wd");
	return good;
}

static bool
parse(const char *text, struct span *span, struct err *err)
{
	const char *rest = text;

	*span = (struct span){0};
	if (!read_working_days(&rest, span, err))
		return false;
	if (*rest == '\0' && rest != text)
		return true;
	if (!duration_from_text(rest, &span->ms, NULL))
		return err_set(err,
			"\"%.40s\" is no length of time: it is written as in "
			"90m, 8h, 1wd (working day) or 2wd4h, large units "
			"first",
			text);
	if (span->ms > SPAN_LIMIT_MS)
		return err_set(err, "\"%.40s\" is longer than 366d", text);
	span->has_days = strchr(rest, 'd') != NULL;
	return true;
}

bool
span_suits(const struct span *span, bool with_hours, struct err *err)
{
	if (with_hours && span->has_days)
		return err_set(err,
			"d does not count where hours: are named: say 1wd for "
			"the same time on the next working day, or hours of "
			"theirs such as 8h");
	if (!with_hours && span->working_days > 0)
		return err_set(err,
			"working days (wd) need hours: to be named beside; "
			"without, say 24h or 1d");
	return true;
}

bool
span_from_text(
	const char *text, bool with_hours, struct span *span, struct err *err)
{
	return parse(text, span, err) && span_suits(span, with_hours, err);
}

bool
span_read(struct setting_reader *reader, const struct conf_node *node,
	const char *path, void *where)
{
	char *text = NULL;
	struct err err;
	bool good = setting_read_text(reader, node, path, &text);

	if (good && !parse(text, where, &err))
		good = conf_error(reader->errors, node, path, "%s", err.text);
	free(text);
	return good;
}

bool
span_is_zero(const struct span *span)
{
	return span->ms == 0 && span->working_days == 0;
}

void
span_to_text(const struct span *span, char out[TIME_TEXT_BYTES * 2])
{
	char rest[TIME_TEXT_BYTES] = "";

	if (span->ms != 0 || span->working_days == 0)
		duration_to_text(span->ms, rest);
	if (span->working_days > 0)
		(void)snprintf(out, TIME_TEXT_BYTES * 2, "%dwd%s",
			span->working_days, rest);
	else
		(void)snprintf(out, TIME_TEXT_BYTES * 2, "%s", rest);
}
