/* silence - reading what is asked for, and what holds for an answer. */
#include "nps/silence.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "conf/json_node.h"

/* ---- what may be matched ---- */

/* A field that is nearly one of ours is a slip, and would match nothing. */
static bool
check_field(const char *name, struct err *err)
{
	struct field field = {0};
	const char *nearest = NULL;
	bool good = field_parse(&field, name, err);

	if (good && !field_is_known(&field)) {
		nearest = text_nearest(field.parts[0], field_known_names());
		good = nearest == NULL ||
		       err_set(err,
			       "match: \"%.80s\" is no field of the response "
			       "format; did you mean %s?",
			       field.parts[0], nearest);
	} else if (!good) {
		err_prefix(err, "match");
	}
	field_done(&field);
	return good;
}

static bool
check_fields(const json_t *match, struct err *err)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)match, name,
		value) if (!check_field(name, err)) return false;
	return true;
}

/* The first error, or what is warned of. */
static bool
take_faults(struct silence *silence, const struct conf_errors *errors,
	struct err *err)
{
	struct buf text = {0};
	struct json_fault fault;
	json_t *faults, *one;
	bool good = true;
	size_t i;

	conf_errors_write_json(errors, &text);
	faults = json_read(text.data, text.length, &fault);
	json_array_foreach(faults, i, one)
	{
		const char *path = json_string_at(one, "path");
		const char *message = json_string_at(one, "message");

		if (text_same(json_string_at(one, "severity"), "error")) {
			good = err_set(err, "%s: %s",
				path != NULL ? path : "match",
				message != NULL ? message : "it is bad");
			break;
		}
		if (silence->warnings == NULL)
			silence->warnings = json_array();
		json_array_append_new(silence->warnings,
			json_string(message != NULL ? message : ""));
	}
	json_decref(faults);
	buf_done(&text);
	return good;
}

/* By the same readers as a rule's match:. */
static bool
compile(struct silence *silence, const json_t *match, struct err *err)
{
	struct conf_errors *errors = conf_errors_new();
	struct setting_reader reader = {.errors = errors};
	struct conf_node *node = json_node_new("match", match);
	bool good = matchers_read(&reader, node, "match", &silence->matchers);

	good = take_faults(silence, errors, err) && good;
	json_node_free(node);
	conf_errors_free(errors);
	return good;
}

/* ---- what is asked for ---- */

/* What is read, and which member is to blame. */
struct reading {
	const json_t *asked;
	struct silence *silence;
	const char **pointer;
	struct err *err;
};

static bool
is_given(const json_t *value)
{
	return value != NULL && !json_is_null(value);
}

static bool
read_match(const struct reading *reading)
{
	const json_t *match = json_object_get(reading->asked, "match");
	struct silence *silence = reading->silence;

	*reading->pointer = "/match";
	if (!is_given(match))
		return silence->rule != NULL ||
		       err_set(reading->err,
			       "say which answers it is about: match, rule, or "
			       "both");
	if (!json_is_object(match) || json_object_size(match) == 0)
		return err_set(reading->err,
			"match: expected fields and what they must be, such as "
			"{\"category\": \"detractor\"}");
	silence->match = json_text(match);
	if (strlen(silence->match) > SILENCE_MATCH_LIMIT_BYTES)
		return err_set(reading->err, "match: longer than %d bytes",
			SILENCE_MATCH_LIMIT_BYTES);
	return check_fields(match, reading->err) &&
	       compile(silence, match, reading->err);
}

static bool
read_rule(const struct reading *reading)
{
	const json_t *rule = json_object_get(reading->asked, "rule");

	*reading->pointer = "/rule";
	reading->silence->rule = mem_strdup(json_string_value(rule));
	return !is_given(rule) || json_is_string(rule) ||
	       err_set(reading->err, "rule: expected the name of a rule");
}

/* One line, so that it makes no second one in a log or on a terminal. */
static bool
is_one_line(const char *text)
{
	size_t length = strlen(text), step;
	uint32_t code;

	for (size_t at = 0; at < length; at += step) {
		step = text_sequence(text + at, length - at, &code);
		if (step == 0 || text_moves(code))
			return false;
	}
	return true;
}

static bool
read_why(const struct reading *reading)
{
	const char *given = json_string_at(reading->asked, "why");
	struct text why = text_trim(text_of(given));
	char *text;

	*reading->pointer = "/why";
	if (why.length == 0)
		return err_set(reading->err,
			"say why: it is kept, and told to whoever looks for "
			"the alerts");
	if (why.length > SILENCE_WHY_LIMIT_BYTES)
		return err_set(reading->err, "why: longer than %d bytes",
			SILENCE_WHY_LIMIT_BYTES);
	text = mem_copy(why.data, why.length);
	reading->silence->why = text;
	return is_one_line(text) ||
	       err_set(reading->err,
		       "why: expected one line of text, without control "
		       "characters");
}

static bool
read_for(const struct reading *reading, const json_t *value)
{
	const char *text = json_string_value(value);
	int64_t for_ms;

	*reading->pointer = "/for";
	if (text == NULL || !duration_from_text(text, &for_ms, reading->err))
		return err_set(reading->err,
			"for: expected how long, as in 2h or 1d12h");
	if (for_ms < SILENCE_SHORTEST_MS)
		return err_set(reading->err, "for: at least 1s");
	/* A duration may be so long that no time is left to add it to. */
	if (for_ms > SILENCE_LONGEST_MS)
		for_ms = SILENCE_LONGEST_MS + 1;
	reading->silence->until_ms = reading->silence->since_ms + for_ms;
	return true;
}

static bool
read_until(const struct reading *reading, const json_t *value)
{
	const char *text = json_string_value(value);
	struct silence *silence = reading->silence;

	*reading->pointer = "/until";
	if (text == NULL || !time_from_rfc3339(text, strlen(text),
				    &silence->until_ms, reading->err))
		return err_set(reading->err, "until: expected RFC 3339, as in "
					     "2026-11-21T18:00:00+01:00");
	return silence->until_ms > silence->since_ms ||
	       err_set(reading->err, "until: that time is over");
}

static bool
read_end(const struct reading *reading)
{
	const json_t *span = json_object_get(reading->asked, "for");
	const json_t *until = json_object_get(reading->asked, "until");
	const struct silence *silence = reading->silence;

	*reading->pointer = "/for";
	if (is_given(span) == is_given(until))
		return err_set(reading->err,
			is_given(span) ? "say for or until, not both"
				       : "say how long: for, as in 2h, or "
					 "until, a time");
	if (is_given(span) ? !read_for(reading, span)
			   : !read_until(reading, until))
		return false;
	return silence->until_ms - silence->since_ms <= SILENCE_LONGEST_MS ||
	       err_set(reading->err,
		       "%s: it may hold for 31d at most, since one that is "
		       "forgotten is how alerts get lost; set it again when it "
		       "ends",
		       *reading->pointer + 1);
}

static bool
check_members(const struct reading *reading)
{
	static const char *const members[] = {
		"match", "rule", "for", "until", "why", NULL};
	const char *name;
	json_t *value;

	*reading->pointer = "";
	json_object_foreach((json_t *)(uintptr_t)reading->asked, name, value)
	{
		const char *nearest = text_nearest(name, members);
		bool known = false;

		for (size_t i = 0; members[i] != NULL; i++)
			known |= strcmp(name, members[i]) == 0;
		if (!known)
			return err_set(reading->err,
				"\"%.60s\" is none of match, rule, for, until, "
				"why%s%s%s",
				name, nearest != NULL ? "; did you mean " : "",
				nearest != NULL ? nearest : "",
				nearest != NULL ? "?" : "");
	}
	return true;
}

struct silence *
silence_read(const json_t *asked, int64_t now_ms, const char **pointer,
	struct err *err)
{
	struct silence *silence = mem_new(1, sizeof(*silence));
	const struct reading reading = {asked, silence, pointer, err};

	silence->since_ms = now_ms;
	if (check_members(&reading) && read_rule(&reading) &&
		read_match(&reading) && read_end(&reading) &&
		read_why(&reading))
		return silence;
	silence_free(silence);
	return NULL;
}

/* ---- kept ---- */

struct silence *
silence_restore(const struct silence *kept, struct err *err)
{
	struct silence *silence = mem_new(1, sizeof(*silence));
	struct json_fault fault = {.reason = ""};
	json_t *match = NULL;
	bool good = true;

	silence->row = kept->row;
	silence->rule = mem_strdup(kept->rule);
	silence->match = mem_strdup(kept->match);
	silence->since_ms = kept->since_ms;
	silence->until_ms = kept->until_ms;
	silence->by = mem_strdup(kept->by);
	silence->why = mem_strdup(kept->why);
	if (kept->match != NULL) {
		match = json_read(kept->match, strlen(kept->match), &fault);
		good = match != NULL ? compile(silence, match, err)
				     : err_set(err, "match: %s", fault.reason);
	}
	json_decref(match);
	if (good)
		return silence;
	silence_free(silence);
	return NULL;
}

void
silence_free(struct silence *silence)
{
	if (silence == NULL)
		return;
	matchers_done(&silence->matchers);
	json_decref(silence->warnings);
	free(silence->rule);
	free(silence->match);
	free(silence->by);
	free(silence->why);
	free(silence);
}

/* ---- those in force ---- */

static void
look_what_they_ask(struct silences *silences)
{
	silences->ask_previous = false;
	for (size_t i = 0; i < silences->count; i++)
		silences->ask_previous |=
			matchers_ask(&silences->items[i]->matchers, "previous");
}

void
silences_add(struct silences *silences, struct silence *silence)
{
	silences->items = mem_grow(
		silences->items, silences->count + 1, sizeof(struct silence *));
	silences->items[silences->count++] = silence;
	look_what_they_ask(silences);
}

void
silences_remove(struct silences *silences, int64_t row)
{
	size_t left = 0;

	for (size_t i = 0; i < silences->count; i++) {
		if (silences->items[i]->row == row)
			silence_free(silences->items[i]);
		else
			silences->items[left++] = silences->items[i];
	}
	silences->count = left;
	look_what_they_ask(silences);
}

void
silences_done(struct silences *silences)
{
	for (size_t i = 0; i < silences->count; i++)
		silence_free(silences->items[i]);
	free(silences->items);
	*silences = (struct silences){NULL, 0, false};
}

/* ---- what holds ---- */

static bool
holds(const struct silence *silence, const char *rule,
	const struct subject *subject, int64_t now_ms)
{
	if (now_ms >= silence->until_ms)
		return false;
	if (silence->rule != NULL && strcmp(silence->rule, rule) != 0)
		return false;
	if (subject == NULL)
		return silence->matchers.count == 0;
	return matchers_first_failed(&silence->matchers, subject) ==
	       silence->matchers.count;
}

const struct silence *
silences_find(const struct silences *silences, const char *rule,
	const struct subject *subject, int64_t now_ms)
{
	const struct silence *last = NULL;

	for (size_t i = 0; i < silences->count; i++) {
		const struct silence *one = silences->items[i];

		if ((last == NULL || one->until_ms > last->until_ms) &&
			holds(one, rule, subject, now_ms))
			last = one;
	}
	return last;
}

void
silences_decide(const struct silences *silences, const struct rules *rules,
	const struct subject *subject, int64_t now_ms, struct verdict *verdicts)
{
	for (size_t i = 0; i < rules->count; i++) {
		if (verdicts[i].end != VERDICT_FIRED)
			continue;
		verdicts[i].silence = silences_find(
			silences, rules->items[i]->name, subject, now_ms);
		if (verdicts[i].silence != NULL)
			verdicts[i].end = VERDICT_SILENCED;
	}
}
