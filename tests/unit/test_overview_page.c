/* overview_page - the page of the daemon: what it says of what it is given, where
 * that is nothing, and that all of it is text. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "api/overview_page.h"
#include "base/memory.h"
#include "base/time.h"

TestSuite(overview_page);

#define NOW INT64_C(1795255200000) /* 2026-11-21T10:00:00Z */
#define HOSTILE "</bdi><script>x()</script>\"'&"
#define AS_TEXT "&lt;/bdi&gt;&lt;script&gt;x()&lt;/script&gt;"

/* The caller frees it. */
static char *
shown(const struct overview_page *page)
{
	struct buf out = {0};

	overview_page_append(&out, page);
	return buf_take(&out);
}

static void
expect(const char *page, bool there, const char *text)
{
	cr_expect_eq(strstr(page, text) != NULL, there, "%s%s in %s",
		there ? "" : "no ", text, page);
}

static size_t
times(const char *page, const char *text)
{
	size_t count = 0;

	while ((page = strstr(page, text)) != NULL) {
		page += strlen(text);
		count++;
	}
	return count;
}

/* ---- nothing ---- */

Test(overview_page, says_what_is_empty_and_what_is_not_known)
{
	json_t *status = json_pack("{s:b, s:[], s:[], s:{s:i, s:i, s:i}}",
		"ready", 1, "checks", "actions", "follow_ups", "open", 0,
		"contacted", 0, "overdue", 0);
	json_t *none = json_array(), *windows = json_object();
	struct overview_page page = {.now_ms = NOW,
		.status = status,
		.windows = windows,
		.sees_follow_ups = true,
		.sees_rejected = true,
		.follow_ups = none,
		.rejected = none};
	char *text = shown(&page);

	expect(text, true, "<h1>All is well</h1>");
	expect(text, true, "No window is counted");
	expect(text, true, "No action is configured");
	expect(text, true, "None is unfinished.");
	expect(text, true, "Nothing that is still kept.");
	expect(text, true, "2026-11-21 10:00 UTC");
	free(text);
	/* The store is in trouble: nothing is called empty. */
	json_object_del(status, "follow_ups");
	json_object_set_new(status, "ready", json_false());
	page.windows = NULL;
	page.rejected = NULL;
	page.follow_ups = NULL;
	page.trouble = "the disk";
	text = shown(&page);
	expect(text, false, "All is well");
	expect(text, true, "could not be read now: <bdi>the disk");
	expect(text, true, "takes no answers now");
	expect(text, true, "the store does not answer");
	expect(text, false, "None is unfinished");
	expect(text, false, "still kept");
	free(text);
	json_decref(status);
	json_decref(none);
	json_decref(windows);
}

/* ---- all of it is text ---- */

Test(overview_page, shows_each_as_text)
{
	json_t *status = json_pack(
		"{s:s, s:b, s:[{s:s, s:s, s:b, s:s, s:s}, {s:s, s:b}],"
		" s:[{s:s, s:s, s:s, s:s, s:i, s:i, s:i}],"
		" s:{s:i, s:i, s:i}}",
		"version", HOSTILE, "ready", 1, "checks", "name", HOSTILE,
		"subject", HOSTILE, "good", 0, "detail", HOSTILE, "mend",
		HOSTILE, "name", "store", "good", 1, "actions", "action",
		HOSTILE, "state", HOSTILE, "by", HOSTILE, "reason", HOSTILE,
		"waiting", 3, "in_flight", 1, "dead", 2, "follow_ups", "open",
		1, "contacted", 0, "overdue", 1);
	json_t *rows = json_pack("[{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}]",
		"row", "7", "state", "open", "owner", HOSTILE, "claimed_by",
		HOSTILE, "customer", HOSTILE, "account", HOSTILE, "survey",
		HOSTILE, "contact_by", "2026-11-21T07:00:00Z");
	json_t *rejected = json_pack("[{s:s, s:s, s:s, s:s, s:s, s:s}]", "row",
		"9", "source", HOSTILE, "reason", HOSTILE, "pointer", HOSTILE,
		"text", HOSTILE, "arrived_at", HOSTILE);
	json_t *windows = json_pack("{s:{s:f, s:f, s:i, s:s}, s:{s:n}}",
		HOSTILE, "nps", -12.5, "margin", 3.25, "responses", 8, "band",
		HOSTILE, "7d", "nps");
	json_t *surveys = json_pack("[{s:s, s:f, s:f, s:i}]", "value", HOSTILE,
		"nps", 12.0, "margin", 3.0, "responses", 8);
	const struct overview_page page = {.now_ms = NOW,
		.status = status,
		.windows = windows,
		.survey_window = HOSTILE,
		.surveys = surveys,
		.survey_count = 12,
		.sees_follow_ups = true,
		.sees_rejected = true,
		.follow_ups = rows,
		.rejected = rejected};
	char *text = shown(&page);

	expect(text, false, "<script");
	cr_expect_eq(times(text, AS_TEXT), 23, "%zu of them in %s",
		times(text, AS_TEXT), text);
	expect(text, true, "1 thing wants a person");
	expect(text, true, "−12.5");
	expect(text, true, "no answers");
	expect(text, true, "and 11 more: <code>npsd score</code>");
	expect(text, true, "3 wait, 1 of them being sent");
	expect(text, true, "2 dead");
	expect(text, true, "overdue by 3&nbsp;h");
	expect(text, true, "npsd rejected <bdi>9</bdi>");
	free(text);
	json_decref(status);
	json_decref(rows);
	json_decref(rejected);
	json_decref(windows);
	json_decref(surveys);
}

/* ---- limits ---- */

Test(overview_page, is_bounded_and_says_what_it_leaves_out)
{
	char *long_text = mem_new(1001, 1);
	json_t *checks = json_array(), *actions = json_array();
	json_t *rows = json_array(), *status;
	char *text;

	memset(long_text, 'x', 1000);
	for (int i = 0; i < OVERVIEW_CHECKS + 2; i++)
		json_array_append_new(checks,
			json_pack("{s:s, s:b}", "name", long_text, "good", 0));
	for (int i = 0; i < OVERVIEW_ACTIONS + 3; i++)
		json_array_append_new(actions, json_pack("{s:s, s:s}", "action",
						       "crm", "state", "open"));
	status = json_pack("{s:o, s:o, s:{s:i, s:i, s:i}}", "checks", checks,
		"actions", actions, "follow_ups", "open", 4, "contacted", 3,
		"overdue", 0);
	const struct overview_page page = {.now_ms = NOW,
		.status = status,
		.sees_follow_ups = true,
		.follow_ups = rows};

	text = shown(&page);
	expect(text, false, long_text);
	expect(text, true, "xxx …");
	expect(text, true, "and 2 more: <code>npsd status</code>");
	expect(text, true, "and 3 more: <code>npsd status</code>");
	expect(text, true, "and 7 more: <code>npsd follow-ups</code>");
	expect(text, true, "roles read and admin");
	cr_expect_eq(
		times(text, "<strong><bdi>crm"), OVERVIEW_ACTIONS, "%s", text);
	free(text);
	free(long_text);
	json_decref(rows);
	json_decref(status);
}

Test(overview_page, a_deadline_is_the_one_that_counts)
{
	static const struct {
		const char *state, *contact_by, *resolve_by, *says;
	} table[] = {
		{"open", NULL, NULL, "no deadline"},
		{"open", "2026-11-21T09:15:00Z", "2026-11-25T10:00:00Z",
			"overdue by 45&nbsp;min"},
		{"open", "2026-11-21T15:00:00Z", "2026-11-25T10:00:00Z",
			"to be called in 5&nbsp;h"},
		{"contacted", "2026-11-21T09:15:00Z", "2026-11-25T10:00:00Z",
			"to be resolved in 4&nbsp;days"},
		{"contacted", "2026-11-21T09:15:00Z", NULL, "no deadline"},
		{"open", NULL, "2026-11-21T09:59:30Z",
			"overdue by less than a minute"},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		json_t *status =
			json_pack("{s:{s:i}}", "follow_ups", "open", 1);
		json_t *rows = json_pack("[{s:s, s:s?, s:s?}]", "state",
			table[i].state, "contact_by", table[i].contact_by,
			"resolve_by", table[i].resolve_by);
		const struct overview_page page = {.now_ms = NOW,
			.status = status,
			.sees_follow_ups = true,
			.follow_ups = rows};
		char *text = shown(&page);

		expect(text, true, table[i].says);
		free(text);
		json_decref(rows);
		json_decref(status);
	}
}
