/* hours - the setting `hours:`, and the calendar that is made of one. */
#include "nps/hours.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "nps/weekday.h"

const struct setting hours_settings[] = {
	{"days", SETTING_NODE, offsetof(struct hours, days),
		.help = "The days that are worked, mon-fri by default: a day, "
			"a run such as mon-fri or a list; or a map of days to "
			"their ranges, as in {mon-thu: \"09:00-12:00 "
			"13:00-17:30\", fri: \"09:00-13:00\"}. Then from and "
			"to are left out."},
	{"from", SETTING_TEXT, offsetof(struct hours, from), .low = 1,
		.high = 8, .help = "When each of the days begins, as 09:00."},
	{"to", SETTING_TEXT, offsetof(struct hours, to), .low = 1, .high = 8,
		.help = "When it ends, as 17:30; 24:00 is its last minute."},
	{"timezone", SETTING_TEXT, offsetof(struct hours, timezone), .low = 1,
		.high = 64,
		.help = "The zone of these times, as in Europe/Amsterdam. "
			"score.timezone by default."},
	{"holidays", SETTING_TEXTS, offsetof(struct hours, holidays), .low = 1,
		.high = HOLIDAY_LINE_LIMIT_BYTES,
		.help = "Days that are not worked: names of lists (nl, no, se, "
			"dk, de, be, gb, and your own), dates "
			"(\"2026-12-24\"), and rules such as \"12-31\" and "
			"\"easter-2\"; see HOURS."},
	{.key = NULL},
};

/* A calendar that is being made. */
struct making {
	const struct hours *hours;
	struct calendar *calendar;
	const struct conf_node *node;
	const char *path;
	struct conf_errors *errors;
	bool set[7]; /* by a map of days */
};

static bool
refuse(const struct making *making, const struct conf_node *node,
	const char *key, const char *message)
{
	char *path = mem_printf("%s.%s", making->path, key);

	conf_error(making->errors, node != NULL ? node : making->node, path,
		"%s", message);
	free(path);
	return false;
}

/* ---- ranges ---- */

/* "09:00" or "9:00" in minutes; 24:00 is one. */
static bool
read_time(struct text text, int *minutes)
{
	int64_t parts[2] = {0, 0};
	size_t digits[2] = {0, 0};
	int part = 0;

	for (size_t i = 0; i < text.length; i++) {
		char c = text.data[i];

		if (c == ':' && part == 0) {
			part = 1;
			continue;
		}
		if (c < '0' || c > '9' || ++digits[part] > 2)
			return false;
		parts[part] = parts[part] * 10 + (c - '0');
	}
	*minutes = (int)(parts[0] * 60 + parts[1]);
	return digits[0] > 0 && digits[1] == 2 && parts[1] < 60 &&
	       *minutes <= CALENDAR_MINUTES;
}

/* "09:00-12:00" on all those days. */
static bool
open_range(struct making *making, const bool days[7], struct text text,
	struct err *err)
{
	const char *dash = memchr(text.data, '-', text.length);
	size_t before = dash != NULL ? (size_t)(dash - text.data) : 0;
	int from, to;

	if (dash == NULL ||
		!read_time((struct text){text.data, before}, &from) ||
		!read_time((struct text){dash + 1, text.length - before - 1},
			&to) ||
		from == CALENDAR_MINUTES)
		return err_set(err,
			"\"%.*s\" is no range of hours such as 09:00-17:30",
			(int)(text.length > 40 ? 40 : text.length), text.data);
	for (int i = 0; i < 7; i++)
		if (days[i] &&
			!calendar_open(making->calendar, i, from, to, err))
			return false;
	return true;
}

/* Ranges with blanks or commas between them. */
static bool
open_ranges(struct making *making, const bool days[7], const char *text,
	struct err *err)
{
	static const char between[] = " ,\t";

	text += strspn(text, between);
	if (*text == '\0')
		return err_set(err, "expected hours such as 09:00-17:30");
	while (*text != '\0') {
		size_t length = strcspn(text, between);

		if (!open_range(making, days, (struct text){text, length}, err))
			return false;
		text += length;
		text += strspn(text, between);
	}
	return true;
}

/* ---- days ---- */

/* A day, a run or a list of them: each from..to. */
static bool
open_days(struct making *making)
{
	const struct conf_node *node = making->hours->days;
	bool days[7] = {false};
	struct err err;
	char *range;
	bool good = true;

	if (making->hours->from == NULL || making->hours->to == NULL)
		return refuse(making, node, "days",
			"wants from: and to: beside it, as in from: \"09:00\", "
			"to: \"17:30\", or the hours of each day, as in "
			"{mon-fri: \"09:00-17:30\"}");
	if (node == NULL || conf_node_is_null(node))
		good = weekdays_from_text("mon-fri", days, &err);
	else if (node->type == CONF_SCALAR)
		good = weekdays_from_text(node->text, days, &err);
	for (size_t i = 0; good && node != NULL && node->type == CONF_LIST &&
			   i < node->count;
		i++)
		good = node->values[i]->type == CONF_SCALAR
			       ? weekdays_from_text(
					 node->values[i]->text, days, &err)
			       : err_set(&err, "expected days such as mon");
	if (!good)
		return refuse(making, node, "days", err.text);
	range = mem_printf("%s-%s", making->hours->from, making->hours->to);
	if (!open_range(making, days, text_of(range), &err))
		good = refuse(making, conf_node_at(making->node, "from"),
			"from", err.text);
	free(range);
	return good;
}

static bool
open_entry(struct making *making, const struct conf_node *map, size_t i)
{
	const struct conf_node *value = map->values[i];
	bool days[7] = {false};
	struct err err;
	bool good = weekdays_from_text(map->keys[i]->text, days, &err);

	for (int day = 0; good && day < 7; day++) {
		if (days[day] && making->set[day])
			good = err_set(&err,
				"a day has its hours in one place; give "
				"several ranges as \"09:00-12:00 "
				"13:00-17:30\"");
		making->set[day] |= days[day];
	}
	if (!good)
		return refuse(making, map->keys[i], "days", err.text);
	if (value->type == CONF_SCALAR)
		good = open_ranges(making, days, value->text, &err);
	else if (value->type == CONF_LIST)
		for (size_t j = 0; good && j < value->count; j++)
			good = value->values[j]->type == CONF_SCALAR
				       ? open_ranges(making, days,
						 value->values[j]->text, &err)
				       : err_set(&err, "expected hours such as "
						       "09:00-17:30");
	else
		good = err_set(&err, "expected hours such as 09:00-17:30");
	return good || refuse(making, value, "days", err.text);
}

static bool
open_map(struct making *making)
{
	const struct conf_node *map = making->hours->days;
	bool good = true;

	if (making->hours->from != NULL || making->hours->to != NULL)
		return refuse(making, map, "days",
			"names hours itself, so that from: and to: say nothing "
			"beside it; leave them out");
	for (size_t i = 0; i < map->count; i++)
		good &= open_entry(making, map, i);
	return good;
}

/* ---- holidays ---- */

bool
hours_is_list_name(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_-";

	return *text != '\0' && (*text < '0' || *text > '9') &&
	       strspn(text, allowed) == strlen(text) &&
	       !text_starts(text, "easter");
}

static bool
close_by_rule(struct making *making, const char *text, struct err *err)
{
	struct holiday_list *list =
		strchr(text, '\n') != NULL
			? NULL
			: holiday_list_read(text, strlen(text), err);

	if (list == NULL)
		return false;
	calendar_close(making->calendar, list);
	holiday_list_free(list);
	return true;
}

static bool
close_holiday(
	struct making *making, size_t i, hours_list_fn *list_of, void *context)
{
	const char *text = making->hours->holidays.items[i];
	const struct conf_node *node = conf_node_at(making->node, "holidays");
	const struct holiday_list *list;
	struct err err = {"expected one day"};
	char *path;

	if (node != NULL && node->type == CONF_LIST && i < node->count)
		node = node->values[i];
	if (!hours_is_list_name(text))
		return close_by_rule(making, text, &err) ||
		       refuse(making, node, "holidays", err.text);
	path = mem_printf("%s.holidays", making->path);
	list = list_of(text, node, path, context);
	free(path);
	if (list != NULL)
		calendar_close(making->calendar, list);
	return list != NULL;
}

/* ---- all of it ---- */

static bool
fill(struct making *making, hours_list_fn *list_of, void *context)
{
	const struct conf_node *days = making->hours->days;
	struct err err;
	bool good = days != NULL && days->type == CONF_MAP ? open_map(making)
							   : open_days(making);

	for (size_t i = 0; i < making->hours->holidays.count; i++)
		good &= close_holiday(making, i, list_of, context);
	if (good && !calendar_check(making->calendar, &err))
		good = conf_error(making->errors, making->node, making->path,
			"%s", err.text);
	return good;
}

struct calendar *
hours_calendar(const struct hours *hours, const struct conf_node *node,
	const char *path, const char *timezone, hours_list_fn *list_of,
	void *context, struct conf_errors *errors)
{
	struct making making = {hours, NULL, node, path, errors, {false}};
	struct err err;
	struct zone *zone = zone_open(
		hours->timezone != NULL ? hours->timezone : timezone, &err);

	if (zone == NULL) {
		refuse(&making, conf_node_at(node, "timezone"), "timezone",
			err.text);
		return NULL;
	}
	making.calendar = calendar_new(zone);
	if (fill(&making, list_of, context))
		return making.calendar;
	calendar_free(making.calendar);
	return NULL;
}
