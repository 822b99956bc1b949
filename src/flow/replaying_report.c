/* replaying_report - what a replay tells, summed over its slices. */
#include "flow/replaying.h"

#include "base/memory.h"

static const char *const numbers[] = {"looked", "changed", "alerts",
	"follow_ups", "alerted", "too_old", "cooldown", "silenced",
	"unreadable"};
enum { NUMBERS = sizeof(numbers) / sizeof(numbers[0]) };

json_t *
replay_report_new(void)
{
	json_t *report = json_object();

	for (size_t i = 0; i < NUMBERS; i++)
		json_object_set_new(report, numbers[i], json_integer(0));
	json_object_set_new(report, "rules", json_object());
	json_object_set_new(report, "actions", json_object());
	json_object_set_new(report, "items", json_array());
	return report;
}

static void
add_number(json_t *to, const char *name, const json_t *from)
{
	json_object_set_new(to, name,
		json_integer(json_integer_value(json_object_get(to, name)) +
			     json_integer_value(json_object_get(from, name))));
}

static void
add_numbers(json_t *to, const json_t *from)
{
	const char *name;
	const json_t *value;

	json_object_foreach((json_t *)(uintptr_t)from, name, value)
		add_number(to, name, from);
}

void
replay_report_add(json_t *report, const json_t *more)
{
	json_t *items = json_object_get(report, "items");
	json_t *rules = json_object_get(report, "rules"), *one;
	const char *name;
	size_t i;

	for (size_t n = 0; n < NUMBERS; n++)
		add_number(report, numbers[n], more);
	add_numbers(json_object_get(report, "actions"),
		json_object_get(more, "actions"));
	json_object_foreach(json_object_get(more, "rules"), name, one)
	{
		if (json_object_get(rules, name) == NULL)
			json_object_set_new(rules, name, json_object());
		add_numbers(json_object_get(rules, name), one);
	}
	json_array_foreach(json_object_get(more, "items"), i, one)
	{
		if (json_array_size(items) == REPLAY_ITEMS_LIMIT)
			break;
		json_array_append(items, one);
	}
}
