/* stage_script - what a scenario configures. */
#include "stage_script.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "conf/conf_file.h"
#include "nps/hours.h"

struct reading {
	struct conf_errors *errors;
	struct holiday_list *list; /* read last */
};

static const struct setting script_settings[] = {
	{"actions", SETTING_TEXTS, offsetof(struct script, actions),
		.fallback = "[crm]"},
	{"addressed", SETTING_TEXTS, offsetof(struct script, addressed),
		.help = ""},
	{"windows", SETTING_TEXTS, offsetof(struct script, windows),
		.fallback = "[24h, 7d, 30d, month]"},
	{"segments", SETTING_TEXTS, offsetof(struct script, segments),
		.help = ""},
	{"max_segments", SETTING_INTEGER, offsetof(struct script, max_segments),
		.fallback = "10000"},
	{"keep_responses", SETTING_DURATION, offsetof(struct script, keep_ms),
		.fallback = "400d"},
	{"retry_first", SETTING_DURATION, offsetof(struct script, first_ms),
		.fallback = "5s"},
	{"rate", SETTING_RATE, offsetof(struct script, rate), .help = ""},
	{"storm", SETTING_RECORD, offsetof(struct script, storm),
		.optional = true, .fields = storm_settings, .help = ""},
	{"on_failure", SETTING_TEXTS, offsetof(struct script, on_failure),
		.help = ""},
	{"timezone", SETTING_TEXT, offsetof(struct script, timezone),
		.fallback = "UTC"},
	{"owners", SETTING_MAP, offsetof(struct script, owner_items),
		.fields = owner_settings, .size = sizeof(struct owner)},
	{"hours", SETTING_MAP, offsetof(struct script, hours),
		.fields = hours_settings, .size = sizeof(struct hours)},
	{"reasons", SETTING_TEXTS, offsetof(struct script, reasons),
		.fallback = "[price, delivery]"},
	{"public_url", SETTING_TEXT, offsetof(struct script, public_url),
		.help = ""},
	{"links_valid", SETTING_DURATION, offsetof(struct script, links_ms),
		.fallback = "7d"},
	{"rules", SETTING_LIST, offsetof(struct script, items),
		.fields = rule_settings, .size = sizeof(struct rule)},
	{"watches", SETTING_LIST, offsetof(struct script, watch_items),
		.fields = watch_settings, .size = sizeof(struct watch)},
	{"digests", SETTING_LIST, offsetof(struct script, digests),
		.fields = digest_plan_settings,
		.size = sizeof(struct digest_plan)},
	{.key = NULL},
};

/* A list of holidays that comes with npsd. */
static const struct holiday_list *
shipped_list(const char *name, const struct conf_node *node, const char *path,
	void *context)
{
	struct reading *reading = context;
	const char *top = getenv("top_srcdir");
	char *file = mem_printf(
		"%s/etc/holidays/%s.txt", top != NULL ? top : "..", name);
	struct holiday_list *list = NULL;
	struct buf text = {0};
	struct err err;

	if (conf_file_read(file, 65536, &text, NULL, NULL, &err))
		list = holiday_list_read(text.data, text.length, &err);
	if (list == NULL)
		conf_error(
			reading->errors, node, path, "%s: %s", file, err.text);
	buf_done(&text);
	free(file);
	/* The calendar keeps nothing of it; the next one takes its place. */
	holiday_list_free(reading->list);
	reading->list = list;
	return list;
}

static bool
make_hours(struct script *script, struct conf_errors *errors)
{
	struct reading reading = {errors, NULL};

	for (size_t i = 0; i < script->hours.count; i++) {
		const struct setting_item *item = &script->hours.items[i];
		struct calendar *calendar = hours_calendar(item->record,
			item->node, item->name, script->timezone, shipped_list,
			&reading, errors);

		holiday_list_free(reading.list);
		reading.list = NULL;
		if (calendar == NULL)
			return false;
		calendars_add(&script->calendars, item->name, calendar);
	}
	return true;
}

static bool
make_watches(struct script *script, struct conf_errors *errors)
{
	static const char *const sources[] = {
		"spool", "kiosk", "arrivals", NULL};
	const struct watches_names names = {
		(const char *const *)script->actions.items,
		script->segments.count > 0
			? (const char *const *)script->segments.items
			: &sources[3],
		sources, &script->calendars};

	return watches_init(
		&script->watches, &script->watch_items, &names, errors);
}

static bool
bind_rules(struct script *script, struct conf_errors *errors)
{
	const struct rule_names names = {&script->owners, &script->calendars,
		&script->reasons, (const char *const *)script->actions.items};

	script->zone = zone_open(script->timezone, NULL);
	return owners_init(&script->owners, &script->owner_items, NULL,
		       script->zone, errors) &&
	       rules_bind(&script->rules, &names, errors);
}

static bool
read_settings(struct script *script, const char *yaml, struct err *err)
{
	struct conf_errors *errors = conf_errors_new();
	struct setting_reader reader = {.errors = errors};
	struct buf text = {0};
	bool good;

	script->document =
		conf_document_read("scenario", yaml, strlen(yaml), errors);
	good = script->document != NULL &&
	       setting_read(&reader, script_settings,
		       conf_document_root(script->document), "", script) &&
	       rules_init(&script->rules, &script->items,
		       (const char *const *)script->actions.items, errors) &&
	       make_hours(script, errors) && make_watches(script, errors) &&
	       bind_rules(script, errors);
	if (!good) {
		conf_errors_write(errors, &text);
		err_set(err, "%s", text.data);
	}
	buf_done(&text);
	conf_errors_free(errors);
	return good;
}

static bool
make_tally(struct script *script, struct err *err)
{
	if (script->zone == NULL)
		return err_set(err, "no zone %s", script->timezone);
	for (size_t i = 0; i < script->windows.count; i++)
		if (!window_parse(&script->window_list[i],
			    script->windows.items[i], err))
			return false;
	script->tally = (struct tally_settings){
		.windows = script->window_list,
		.window_count = script->windows.count,
		.segments = (const char *const *)script->segments.items,
		.segment_count = script->segments.count,
		.max_slots = (size_t)script->max_segments,
		.zone = script->zone,
		.stretches = script->watches.stretches,
		.stretch_count = script->watches.stretch_count,
	};
	return true;
}

static void
make_policy(struct script *script)
{
	size_t count = script->actions.count;

	script->policy = (struct policy){
		.rules = &script->rules,
		.actions = mem_new(count + 1, sizeof(struct policy_action)),
		.action_count = count,
		.tally = &script->tally,
		.watches = &script->watches,
		.contact_default = true,
		.public_url = script->public_url,
		.links_valid_ms = script->links_ms,
		.keep_responses_ms = script->keep_ms,
	};
	for (size_t i = 0; i < count; i++)
		script->policy.actions[i].name = script->actions.items[i];
}

/* All in the zone of the script, through the action they name or the first. */
static void
make_digests(struct script *script)
{
	size_t count = script->digests.count;
	const char *top = getenv("top_srcdir");
	char *folder = mem_printf("%s/etc", top != NULL ? top : "..");
	struct conf_errors *errors = conf_errors_new();

	if (count > 0)
		script->languages = languages_open(folder, errors);
	script->plan_list = mem_new(count + 1, sizeof(*script->plan_list));
	for (size_t i = 0; i < count; i++) {
		struct digest_plan *plan = script->digests.items[i].record;

		plan->zone = script->zone;
		plan->through = plan->action != NULL ? plan->action
						     : script->actions.items[0];
		script->plan_list[i] = plan;
	}
	script->plans = (struct digest_plans){
		script->plan_list, count, script->languages};
	conf_errors_free(errors);
	free(folder);
}

bool
script_is_addressed(const struct script *script, const char *action)
{
	for (size_t i = 0; i < script->addressed.count; i++)
		if (strcmp(script->addressed.items[i], action) == 0)
			return true;
	return false;
}

struct script *
script_read(const char *yaml, struct err *err)
{
	struct script *script = mem_new(1, sizeof(*script));

	if (!read_settings(script, yaml, err) || !make_tally(script, err)) {
		script_free(script);
		return NULL;
	}
	make_policy(script);
	make_digests(script);
	return script;
}

void
script_free(struct script *script)
{
	if (script == NULL)
		return;
	rules_done(&script->rules);
	watches_done(&script->watches);
	owners_done(&script->owners);
	calendars_done(&script->calendars);
	setting_done(script_settings, script);
	conf_document_free(script->document);
	zone_close(script->zone);
	languages_free(script->languages);
	free(script->plan_list);
	free(script->policy.actions);
	free(script);
}
