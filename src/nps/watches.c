/* watches - reads and checks watches. */
#include "nps/watches.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "nps/response.h"

enum { NAME_LIMIT_BYTES = 64, LOOKS_A_WINDOW = 96 };

#define AT(member) offsetof(struct watch, member)
#define LONGEST_MS (400.0 * MS_PER_DAY)

static const struct setting rate_settings[] = {
	{"target", SETTING_NUMBER, AT(rate.target) - AT(rate),
		.fallback = "0.2", .low = 0.001, .high = 0.999,
		.help = "The share that is to answer. The field takes 0.2 "
			"where consumers are asked, and 0.3 between firms."},
	{"min_invitations", SETTING_INTEGER,
		AT(rate.min_invitations) - AT(rate), .fallback = "100",
		.low = 1, .high = -1,
		.help = "With fewer invitations in the window nothing is "
			"said."},
	{.key = NULL},
};

const struct setting watch_settings[] = {
	{"name", SETTING_TEXT, AT(name), .required = true, .low = 1,
		.high = NAME_LIMIT_BYTES,
		.help = "What the watch is called in messages, lists and "
			"metrics: letters, digits, and . _ - in them. How it "
			"stands is kept under its name."},
	{"survey", SETTING_TEXTS, AT(surveys), .low = 1,
		.high = RESPONSE_NAME_LIMIT_BYTES,
		.help = "The surveys it looks at, each by itself. Without it "
			"every survey."},
	{"by", SETTING_TEXT, AT(by), .low = 1,
		.high = RESPONSE_NAME_LIMIT_BYTES,
		.help = "A segment of score.segments: each of its values is "
			"looked at by itself. Without it surveys as a whole."},
	{"source", SETTING_TEXT, AT(source), .low = 1, .high = NAME_LIMIT_BYTES,
		.help = "With silent_for, and instead of survey and by: a "
			"source that has brought answers before."},
	{"window", SETTING_DURATION, AT(window_ms), .fallback = "7d",
		.low = MS_PER_HOUR, .high = LONGEST_MS,
		.help = "The stretch up to now that is looked at."},
	{"baseline", SETTING_DURATION, AT(baseline_ms), .fallback = "30d",
		.low = MS_PER_HOUR, .high = LONGEST_MS,
		.help = "The stretch right before the window, which it is "
			"compared with."},
	{"drop", SETTING_NUMBER, AT(drop), .low = 0.1, .high = 200,
		.help = "Alarm where the score has fallen by at least so many "
			"points against the baseline, and by more than chance "
			"would."},
	{"below", SETTING_NUMBER, AT(below), .low = -99.9, .high = 100,
		.help = "Alarm where the score is below this, by more than "
			"chance would have it."},
	{"silent_for", SETTING_DURATION, AT(silent_ms), .low = MS_PER_MINUTE,
		.high = LONGEST_MS,
		.help = "Alarm where no answer was given for so long, though "
			"at the pace of the baseline some would have been."},
	{"response_rate", SETTING_RECORD, AT(rate), .fields = rate_settings,
		.optional = true,
		.help = "Alarm where fewer of the invited answer than the "
			"target, by more than chance would have it."},
	{"confidence", SETTING_NUMBER, AT(confidence), .fallback = "0.95",
		.low = 0.5, .high = 0.99999,
		.help = "The share of windows that pass without a false alarm "
			"where nothing changes, however often npsd looks: 0.95 "
			"with windows of 7d is about 2.6 false ones a year for "
			"each survey or value, 0.99 about 0.5."},
	{"min_responses", SETTING_INTEGER, AT(min_responses), .fallback = "30",
		.low = 1, .high = -1,
		.help = "With fewer answers in the window, or in the baseline "
			"where there is one, nothing is said."},
	{"rearm", SETTING_DURATION, AT(rearm_ms), .fallback = "7d", .low = 0,
		.high = LONGEST_MS,
		.help = "The shortest time from one alarm to the next of the "
			"same survey or value. One that holds is told once."},
	{"recovery", SETTING_BOOLEAN, AT(recovery), .fallback = "true",
		.help = "Whether the actions are also told that it is over."},
	{"hours", SETTING_TEXT, AT(hours), .low = 1, .high = NAME_LIMIT_BYTES,
		.help = "With silent_for: only time within these hours counts, "
			"so that a weekend is no silence."},
	{"do", SETTING_TEXTS, AT(actions), .required = true, .low = 1,
		.high = NAME_LIMIT_BYTES, .help = "The actions that tell it."},
	{.key = NULL},
};

/* What the checks of one watch need. */
struct check {
	struct conf_errors *errors;
	const struct watches_names *names;
	struct watch *watch;
	const struct conf_node *node;
	size_t number;
};

static bool
fail(const struct check *check, const char *key, const char *message)
{
	const struct conf_node *node = conf_node_at(check->node, key);
	char *path = mem_printf("watches[%zu].%s", check->number, key);

	conf_error(check->errors, node != NULL ? node : check->node, path, "%s",
		message);
	free(path);
	return false;
}

static bool
has(const struct check *check, const char *key)
{
	return conf_node_at(check->node, key) != NULL;
}

static bool
check_name(const struct check *check)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789_.-";
	const char *name = check->watch->name;

	if (name == NULL)
		return false; /* the settings have told */
	return strspn(name, allowed) == strlen(name) ||
	       fail(check, "name",
		       "a name is made of 1 to 64 letters, digits, and . _ -");
}

/* `what` as in "there is no action "x"". */
static bool
check_among(const struct check *check, const char *key, const char *what,
	const char *name, const char *const *names)
{
	const char *nearest;
	char *message;

	for (size_t i = 0; names[i] != NULL; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	nearest = text_nearest(name, names);
	message = mem_printf("there is no %s \"%s\"%s%s%s", what, name,
		nearest != NULL ? "; did you mean " : "",
		nearest != NULL ? nearest : "", nearest != NULL ? "?" : "");
	fail(check, key, message);
	free(message);
	return false;
}

static bool
check_names(const struct check *check)
{
	struct watch *watch = check->watch;
	bool good = true;

	for (size_t i = 0; i < watch->actions.count; i++)
		good &= check_among(check, "do", "action",
			watch->actions.items[i], check->names->actions);
	if (watch->by != NULL)
		good &= check_among(check, "by", "segment in score.segments",
			watch->by, check->names->segments);
	if (watch->source != NULL)
		good &= check_among(check, "source", "source", watch->source,
			check->names->sources);
	if (watch->hours == NULL)
		return good;
	watch->calendar = calendars_find(check->names->calendars, watch->hours);
	return good &
	       (calendars_know(check->names->calendars, watch->hours) ||
		       fail(check, "hours", "there are no hours of that name"));
}

/* Which of the four it is. */
static bool
find_kind(const struct check *check)
{
	static const struct {
		const char *key;
		enum watch_kind kind;
	} kinds[] = {
		{"drop", WATCH_FALL},
		{"below", WATCH_BELOW},
		{"silent_for", WATCH_SILENCE},
		{"response_rate", WATCH_RATE},
	};
	int found = 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!has(check, kinds[i].key))
			continue;
		check->watch->terms.kind = kinds[i].kind;
		found++;
	}
	return found == 1 ||
	       fail(check, "name",
		       found == 0
			       ? "says not what to watch for: give it one of "
				 "drop, below, silent_for and response_rate"
			       : "a watch looks for one thing: of drop, "
				 "below, silent_for and response_rate give "
				 "one, and make further watches");
}

/* Keys that say nothing for its kind are mistakes. */
static bool
check_keys(const struct check *check)
{
	static const struct {
		const char *key;
		unsigned kinds; /* 1 << kind */
		const char *message;
	} rows[] = {
		{"source", 1 << WATCH_SILENCE, "goes with silent_for only"},
		{"hours", 1 << WATCH_SILENCE, "goes with silent_for only"},
		{"window", ~(1U << WATCH_SILENCE), "silent_for is the window"},
		{"baseline", 1 << WATCH_FALL | 1 << WATCH_SILENCE,
			"goes with drop and silent_for only"},
		{"min_responses", ~(1U << WATCH_RATE),
			"response_rate has min_invitations for that"},
	};
	const struct watch *watch = check->watch;
	bool good = true;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (has(check, rows[i].key) &&
			!(rows[i].kinds & 1U << watch->terms.kind))
			good = fail(check, rows[i].key, rows[i].message);
	if (watch->source != NULL &&
		(watch->by != NULL || watch->surveys.count > 0))
		good = fail(check, "source",
			"a source is watched as a whole: leave survey and by "
			"out");
	return good;
}

/* ---- what is made of it ---- */

static int64_t
limited(int64_t value, int64_t low, int64_t high)
{
	return value < low ? low : value > high ? high : value;
}

/* As long as that, and the bucket that has only begun: whole buckets then hold
 * all of it. */
static int64_t
with_begun_bucket(int64_t length_ms)
{
	return length_ms +
	       (length_ms < MS_PER_DAY ? MS_PER_MINUTE : MS_PER_HOUR);
}

static void
make_terms(struct watch *watch)
{
	struct watch_terms *terms = &watch->terms;
	bool silence = terms->kind == WATCH_SILENCE;
	bool compares = terms->kind == WATCH_FALL || silence;

	terms->confidence = watch->confidence;
	terms->min_responses = terms->kind == WATCH_RATE
				       ? watch->rate.min_invitations
				       : watch->min_responses;
	terms->drop = watch->drop;
	terms->below = watch->below;
	terms->target = watch->rate.target;
	terms->window_ms = silence ? watch->silent_ms : watch->window_ms;
	terms->baseline_ms = compares ? watch->baseline_ms : 0;
	terms->rearm_ms = watch->rearm_ms;
	watch->bound = watch_bound(terms);
	watch->now_ms = silence ? with_begun_bucket(watch->silent_ms)
				: watch->window_ms;
	watch->all_ms = compares ? watch->now_ms + watch->baseline_ms : 0;
	watch->every_ms = limited(
		terms->window_ms / LOOKS_A_WINDOW, MS_PER_MINUTE, MS_PER_HOUR);
	watch->every_ms -= watch->every_ms % MS_PER_MINUTE;
}

static bool
add_stretch(struct watches *watches, int64_t width_ms)
{
	struct window *stretch = &watches->stretches[watches->stretch_count];

	for (size_t i = 0; i < watches->stretch_count; i++)
		if (watches->stretches[i].width_ms == width_ms)
			return true;
	if (watches->stretch_count == WATCH_STRETCHES_LIMIT)
		return false;
	window_of_width(stretch, width_ms);
	watches->stretch_count++;
	if (width_ms > watches->reach_ms)
		watches->reach_ms = width_ms;
	return true;
}

static bool
init_one(struct watches *watches, const struct check *check)
{
	struct watch *watch = check->watch;
	bool good = check_name(check);

	good &= check_names(check);
	good &= find_kind(check) && check_keys(check);
	if (!good)
		return false;
	make_terms(watch);
	if (watch->source != NULL)
		return true;
	return (add_stretch(watches, watch->now_ms) &&
		       (watch->all_ms == 0 ||
			       add_stretch(watches, watch->all_ms))) ||
	       fail(check, "window",
		       "watches count more than 32 different lengths of time: "
		       "let some have the same window and baseline");
}

bool
watches_init(struct watches *watches, const struct setting_items *items,
	const struct watches_names *names, struct conf_errors *errors)
{
	bool good = true;

	*watches = (struct watches){.count = 0};
	watches->items = mem_new(items->count + 1, sizeof(struct watch *));
	if (items->count > WATCHES_LIMIT)
		return conf_error(errors, items->items[0].node, "watches",
			"at most %d watches", WATCHES_LIMIT);
	for (size_t i = 0; i < items->count; i++) {
		struct check check = {errors, names, items->items[i].record,
			items->items[i].node, i};

		good &= init_one(watches, &check);
		watches->items[watches->count++] = check.watch;
	}
	return good;
}

void
watches_done(struct watches *watches)
{
	free(watches->items);
	*watches = (struct watches){.count = 0};
}

bool
watch_wants_survey(const struct watch *watch, const char *survey)
{
	for (size_t i = 0; i < watch->surveys.count; i++)
		if (strcmp(watch->surveys.items[i], survey) == 0)
			return true;
	return watch->surveys.count == 0 && watch->source == NULL;
}
