/* audit - one detractor's way, read off what explain tells. */
#include "nps/audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_value.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/time.h"
#include "nps/follow_up_row.h"

enum { AUDIT_WORDS_BYTES = 120 };

static void
copy(json_t *line, const char *name, const json_t *from, const char *member)
{
	json_t *value = json_object_get(from, member);

	json_object_set(line, name, value != NULL ? value : json_null());
}

static void
set_text(json_t *line, const char *name, const char *text)
{
	json_object_set_new(line, name, json_text_or_null(text));
}

/* ---- decided ---- */

/* The words for a verdict that is no firing; those above tell more. */
static const struct {
	const char *verdict, *words;
} silences[] = {
	{"cooldown", NULL}, /* by whose alert */
	{"silenced", NULL}, /* by which silence, and why */
	{"contact_not_ok", "asked not to be contacted"},
	{"shadow", "shadow"},
	{"history", "an answer of the past"},
	{"too_old", "too old"},
};

static const json_t *
find_verdict(const json_t *verdicts, const char *name)
{
	const json_t *verdict;
	size_t i;

	json_array_foreach(verdicts, i, verdict)
	{
		if (text_same(json_string_at(verdict, "verdict"), name))
			return verdict;
	}
	return NULL;
}

/* The caller frees it. */
static char *
words_of(const json_t *verdict)
{
	const char *why = json_string_at(verdict, "why");

	if (json_object_get(verdict, "silence") == NULL)
		return mem_printf("cooldown by %lld",
			(long long)json_integer_value(
				json_object_get(verdict, "by")));
	return mem_printf("silenced by %lld: %s",
		(long long)json_integer_value(
			json_object_get(verdict, "silence")),
		why != NULL ? why : "");
}

static void
tell_silence(json_t *line, const json_t *explained)
{
	const json_t *verdicts = json_object_get(explained, "verdicts");
	const char *words;
	char *own;

	/* Of one that was erased it is known still. */
	if (json_is_true(json_object_get(explained, "forgotten")) &&
		!json_is_array(verdicts)) {
		set_text(line, "why_not", "forgotten");
		return;
	}
	for (size_t i = 0; i < sizeof(silences) / sizeof(silences[0]); i++) {
		const json_t *verdict =
			find_verdict(verdicts, silences[i].verdict);

		if (verdict == NULL)
			continue;
		words = silences[i].words;
		own = words == NULL ? words_of(verdict) : NULL;
		set_text(line, "why_not", words != NULL ? words : own);
		free(own);
		return;
	}
	set_text(line, "why_not", "no rule");
}

static void
tell_decision(json_t *line, const json_t *explained)
{
	const json_t *fired =
		find_verdict(json_object_get(explained, "verdicts"), "fired");

	copy(line, "rule", fired, "rule");
	if (fired == NULL)
		tell_silence(line, explained);
	else
		set_text(line, "why_not", NULL);
}

/* ---- sent and taken ---- */

/* What was folded stands as the message that tells of it. */
static const json_t *
told_by(const json_t *delivery)
{
	const json_t *storm = json_object_get(delivery, "storm");

	return text_same(json_string_at(delivery, "state"), "folded") &&
			       json_is_object(storm)
		       ? storm
		       : delivery;
}

static bool
waits(const json_t *delivery)
{
	const char *state = json_string_at(delivery, "state");

	return text_same(state, "pending") || text_same(state, "claimed") ||
	       text_same(state, "retrying");
}

/* Pending: when it is due; tried already: since it was made. */
static bool
waits_too_long(const json_t *delivery, int64_t now_ms)
{
	int64_t from_ms = json_time_at(delivery, "created_at");

	if (!waits(delivery))
		return false;
	if (text_same(json_string_at(delivery, "state"), "pending") &&
		json_time_at(delivery, "due_at") > from_ms)
		from_ms = json_time_at(delivery, "due_at");
	return from_ms + AUDIT_PATIENCE_MS < now_ms;
}

static const json_t *
find_delivery(const json_t *deliveries, const char *state)
{
	const json_t *delivery;
	size_t i;

	json_array_foreach(deliveries, i, delivery)
	{
		const json_t *told = told_by(delivery);

		if (state == NULL ? waits(told)
				  : text_same(json_string_at(told, "state"),
					    state))
			return told;
	}
	return NULL;
}

static void
tell_alert(json_t *line, const json_t *deliveries)
{
	static const char *const told[] = {
		"dead", NULL, "delivered", "cancelled"};
	const char *worst = NULL;

	for (size_t i = 0; worst == NULL && i < 4; i++)
		if (find_delivery(deliveries, told[i]) != NULL)
			worst = told[i] != NULL ? told[i] : "waiting";
	set_text(line, "alert", worst);
	copy(line, "alerted_at", find_delivery(deliveries, "delivered"),
		"settled_at");
}

/* ---- followed up ---- */

static void
tell_follow_up(json_t *line, const json_t *follow_up)
{
	int64_t by_ms = json_time_at(follow_up, "contact_by");
	int64_t contacted_ms = json_time_at(follow_up, "contacted_at");

	copy(line, "follow_up", follow_up, "row");
	copy(line, "state", follow_up, "state");
	copy(line, "owner", follow_up, "owner");
	copy(line, "contacted_at", follow_up, "contacted_at");
	json_object_set_new(line, "in_time",
		by_ms != 0 && contacted_ms != 0
			? json_boolean(contacted_ms <= by_ms)
			: json_null());
	copy(line, "closed_at", follow_up, "closed_at");
	copy(line, "reason", follow_up, "reason");
}

/* ---- what hangs ---- */

static bool
delivery_hangs(
	const json_t *delivery, int64_t now_ms, char words[AUDIT_WORDS_BYTES])
{
	const json_t *told = told_by(delivery);
	bool dead = text_same(json_string_at(told, "state"), "dead");

	if (!dead && !waits_too_long(told, now_ms))
		return false;
	snprintf(words, AUDIT_WORDS_BYTES, "delivery %s%s to %.60s %s",
		json_string_at(told, "row"),
		told != delivery ? ", a storm," : "",
		json_string_at(delivery, "action"),
		dead ? "is dead" : "still waits");
	return true;
}

static void
tell_hanging(json_t *line, const json_t *deliveries, const json_t *follow_up,
	int64_t now_ms)
{
	char words[AUDIT_WORDS_BYTES];
	const json_t *delivery;
	size_t i;

	if (follow_up_row_is_overdue(follow_up, now_ms)) {
		snprintf(words, sizeof(words), "follow-up %s is overdue",
			json_string_at(follow_up, "row"));
		set_text(line, "hangs", words);
		return;
	}
	json_array_foreach(deliveries, i, delivery)
	{
		if (delivery_hangs(delivery, now_ms, words)) {
			set_text(line, "hangs", words);
			return;
		}
	}
	set_text(line, "hangs", NULL);
}

json_t *
audit_line(const json_t *explained, int64_t now_ms)
{
	static const char *const same[] = {
		"row", "survey", "id", "score", "answered_at", "arrived_at"};
	const json_t *deliveries = json_object_get(explained, "deliveries");
	const json_t *follow_ups = json_object_get(explained, "follow_ups");
	/* The newest is the one that may be unfinished. */
	const json_t *follow_up =
		json_array_get(follow_ups, json_array_size(follow_ups) - 1);
	json_t *line = json_object();

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		copy(line, same[i], explained, same[i]);
	tell_decision(line, explained);
	tell_alert(line, deliveries);
	tell_follow_up(line, follow_up);
	tell_hanging(line, deliveries, follow_up, now_ms);
	copy(line, "erased_at", explained, "erased_at");
	return line;
}
