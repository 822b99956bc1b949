/* overview_rows - the sections of the page that tell deliveries, follow-ups and
 * what was rejected. */
#include "api/overview_parts.h"
#include "base/json.h"
#include "base/json_value.h"
#include "base/text.h"
#include "nps/follow_up_row.h"

static long long
number_at(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

/* " since 2026-11-21 10:00 UTC", where there is one. */
static void
add_when(struct buf *out, const char *word, const char *time)
{
	if (time == NULL)
		return;
	buf_printf(out, " %s ", word);
	overview_add_time(out, time);
}

static void
add_said(struct buf *out, const char *before, const char *text)
{
	if (text == NULL || *text == '\0')
		return;
	buf_append_text(out, before);
	overview_add_text(out, text);
}

/* ---- deliveries ---- */

static void
add_stand(struct buf *out, const json_t *action)
{
	const char *state = json_string_at(action, "state");

	if (text_same(state, "open") &&
		json_string_at(action, "failing_since") == NULL)
		return;
	buf_append_text(out, "<p class=\"late\">");
	if (text_same(state, "open")) {
		buf_append_text(out, "failing");
		add_when(out, "since", json_string_at(action, "failing_since"));
	} else {
		overview_add_text(out, state);
		add_when(out, "since", json_string_at(action, "since"));
		add_said(out, " by ", json_string_at(action, "by"));
		add_said(out, ": ", json_string_at(action, "reason"));
		add_when(out, "· tried again by itself at",
			json_string_at(action, "until"));
	}
	buf_append_text(out, "</p>");
}

static void
add_backlog(struct buf *out, const json_t *action)
{
	long long waiting = number_at(action, "waiting");
	long long folded = number_at(action, "folded");
	long long dead = number_at(action, "dead");

	if (json_object_get(action, "waiting") == NULL)
		return;
	buf_append_text(out, "<p class=\"muted\">");
	if (waiting > 0) {
		buf_printf(out, "%lld %s, %lld of them being sent", waiting,
			text_plural(waiting, "waits", "wait"),
			number_at(action, "in_flight"));
		add_when(out, "· the oldest since",
			json_string_at(action, "oldest"));
	} else {
		buf_append_text(out, "nothing waits");
	}
	if (folded > 0)
		buf_printf(
			out, " · %lld folded into a storm's message", folded);
	if (dead > 0)
		buf_printf(
			out, " · <span class=\"late\">%lld dead</span>", dead);
	else
		buf_append_text(out, " · none dead");
	buf_append_text(out, "</p>");
}

void
overview_add_deliveries(struct buf *out, const struct overview_page *page)
{
	const json_t *actions = json_object_get(page->status, "actions");
	size_t count = json_array_size(actions);

	overview_begin_section(out, "Deliveries");
	if (count == 0)
		overview_add_nothing(
			out, "No action is configured, and nothing waits.");
	else
		buf_append_text(out, "<ol>\n");
	for (size_t i = 0; i < count && i < OVERVIEW_ACTIONS; i++) {
		const json_t *action = json_array_get(actions, i);

		buf_append_text(out, "<li><strong>");
		overview_add_text(out, json_string_at(action, "action"));
		buf_append_text(out, "</strong>");
		add_stand(out, action);
		add_backlog(out, action);
		buf_append_text(out, "</li>\n");
	}
	if (count > 0)
		buf_append_text(out, "</ol>\n");
	overview_add_more(
		out, (int64_t)count - OVERVIEW_ACTIONS, "npsd status");
	overview_end_section(out);
}

/* ---- follow-ups ---- */

static void
add_deadline(struct buf *out, const json_t *row, int64_t now_ms)
{
	int64_t due_ms = follow_up_row_due_ms(row);
	bool called = text_same(json_string_at(row, "state"), "contacted");

	if (follow_up_row_is_overdue(row, now_ms)) {
		buf_append_text(out, "<strong class=\"late\">overdue by ");
		overview_add_span(out, now_ms - due_ms);
		buf_append_text(out, "</strong>");
	} else if (due_ms != 0) {
		buf_append_text(out,
			called ? "to be resolved in " : "to be called in ");
		overview_add_span(out, due_ms > now_ms ? due_ms - now_ms : 0);
	} else {
		buf_append_text(out, "no deadline");
	}
}

static void
add_follow_up(struct buf *out, const json_t *row, int64_t now_ms)
{
	const char *owner = json_string_at(row, "owner");

	buf_append_text(out, "<li><strong>");
	overview_add_text(out, owner != NULL ? owner : "nobody's");
	buf_append_text(out, "</strong> · ");
	add_deadline(out, row, now_ms);
	buf_append_text(out, "<p class=\"muted\">#");
	overview_add_text(out, json_string_at(row, "row"));
	add_said(out, ", ", json_string_at(row, "state"));
	add_said(out, ", claimed by ", json_string_at(row, "claimed_by"));
	add_said(out, " · customer ", json_string_at(row, "customer"));
	add_said(out, " · account ", json_string_at(row, "account"));
	add_said(out, " · survey ", json_string_at(row, "survey"));
	add_when(out, "· opened", json_string_at(row, "opened_at"));
	add_said(out, " · kept in ", json_string_at(row, "tracked_in"));
	buf_append_text(out, "</p></li>\n");
}

static void
list_follow_ups(
	struct buf *out, const struct overview_page *page, int64_t unfinished)
{
	const json_t *row;
	size_t i;

	buf_append_text(out, "<ol>\n");
	json_array_foreach(page->follow_ups, i, row)
		add_follow_up(out, row, page->now_ms);
	buf_append_text(out, "</ol>\n");
	overview_add_more(out,
		unfinished - (int64_t)json_array_size(page->follow_ups),
		"npsd follow-ups");
}

void
overview_add_follow_ups(struct buf *out, const struct overview_page *page)
{
	const json_t *counts = json_object_get(page->status, "follow_ups");
	long long open = number_at(counts, "open");
	long long contacted = number_at(counts, "contacted");
	long long overdue = number_at(counts, "overdue");

	overview_begin_section(out, "Follow-ups");
	if (counts == NULL) {
		overview_add_nothing(out, "Not known now.");
	} else if (open + contacted == 0) {
		overview_add_nothing(out, "None is unfinished.");
	} else {
		buf_printf(out,
			"<p>%lld open, %lld contacted; <span%s>%lld "
			"overdue</span></p>\n",
			open, contacted, overdue > 0 ? " class=\"late\"" : "",
			overdue);
		if (page->sees_follow_ups)
			list_follow_ups(out, page, open + contacted);
		else
			overview_add_nothing(out,
				"Whose they are is told to tokens of the roles "
				"follow-up, read and admin.");
	}
	overview_end_section(out);
}

/* ---- rejected ---- */

static void
add_rejected(struct buf *out, const json_t *row)
{
	buf_append_text(out, "<li><strong>");
	overview_add_text(out, json_string_at(row, "source"));
	buf_append_text(out, "</strong>");
	add_when(out, "·", json_string_at(row, "arrived_at"));
	buf_append_text(out, "<p>");
	overview_add_text(out, json_string_at(row, "reason"));
	add_said(out, " at ", json_string_at(row, "pointer"));
	add_said(out, ": ", json_string_at(row, "text"));
	buf_append_text(out, "</p><p class=\"muted\"><code>npsd rejected ");
	overview_add_text(out, json_string_at(row, "row"));
	buf_append_text(out, "</code></p></li>\n");
}

void
overview_add_rejected(struct buf *out, const struct overview_page *page)
{
	const json_t *row;
	size_t i;

	overview_begin_section(out, "Rejected");
	if (!page->sees_rejected)
		overview_add_nothing(out,
			"What was rejected is told to tokens of the roles "
			"read and admin.");
	else if (page->rejected == NULL)
		overview_add_nothing(out, "Not known now.");
	else if (json_array_size(page->rejected) == 0)
		overview_add_nothing(out, "Nothing that is still kept.");
	if (page->sees_rejected && json_array_size(page->rejected) > 0) {
		buf_append_text(out, "<ol>\n");
		json_array_foreach(page->rejected, i, row)
			add_rejected(out, row);
		buf_append_text(out, "</ol>\n");
	}
	if (page->sees_rejected && page->more_rejected)
		buf_append_text(out, "<p class=\"muted\">These are the last; "
				     "all of them: <code>npsd rejected</code>"
				     "</p>\n");
	overview_end_section(out);
}
