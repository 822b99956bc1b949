/* follow_up_page - what the page shows, and that it shows all of it as text. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "api/follow_up_page.h"
#include "api/follow_up_style.h"
#include "base/memory.h"
#include "conf/errors.h"

static struct conf_errors *errors;
static struct languages *languages;
static json_t *view;

static void
start(void)
{
	errors = conf_errors_new();
	languages = languages_open(NULL, errors);
	view = json_pack(
		"{s:{s:s, s:s, s:b, s:i, s:i, s:b, s:s, s:s, s:[{s:s, s:s}]},"
		" s:{s:i, s:s, s:{s:s, s:s, s:s}, s:{s:s, s:i}, s:{s:s},"
		" s:s}, s:{s:s, s:s}, s:{s:i}, s:[s, s]}",
		"follow_up", "survey", "nps", "state", "open", "overdue", 1,
		"folds", 2, "attempts", 1, "improved", 0, "contact_by",
		"2026-11-23T17:30:00+01:00", "try_again_at",
		"2026-11-24T09:00:00Z", "events", "act", "opened", "at",
		"2026-11-21T12:00:00+00:00", "response", "score", 3, "comment",
		"too late", "customer", "name", "Jo Berg", "phone",
		"+31 (20) 123-45.67", "email", "jo@example.com", "account",
		"name", "Acme", "value", 12000, "segment", "region", "NL",
		"answered_at", "2026-11-21T12:00:00+01:00", "owner", "name",
		"anna", "display", "Anna Visser", "previous", "score", 9,
		"reasons", "price", "service");
	cr_assert_not_null(view);
}

static void
stop(void)
{
	json_decref(view);
	languages_free(languages);
	conf_errors_free(errors);
}

TestSuite(follow_up_page, .init = start, .fini = stop);

/* The caller frees it. */
static char *
page_of(const char *language, const char *done, const char *problem,
	const char *note, const char *reason)
{
	struct buf out = {0};
	const struct follow_up_page page = {
		.language = languages_find(languages, language),
		.view = view,
		.done = done,
		.problem = problem,
		.detail = problem != NULL ? "a <sentence>" : NULL,
		.note = note,
		.reason = reason,
	};

	follow_up_page_append(&out, &page);
	return buf_take(&out);
}

static void
expect(const char *page, bool there, const char *text)
{
	cr_expect_eq(strstr(page, text) != NULL, there, "%s \"%s\" in:\n%s",
		there ? "no" : "there is", text, page);
}

static json_t *
part(const char *name)
{
	return json_object_get(view, name);
}

static void
set(const char *object, const char *key, json_t *value)
{
	json_object_set_new(part(object), key, value);
}

Test(follow_up_page, shows_all_that_is_needed)
{
	static const char *const texts[] = {"<html lang=\"en\">",
		"<title>Call back: Jo Berg</title>", "3 out of 10", "too late",
		"<a class=\"reach\" href=\"tel:+31201234567\">+31 (20) "
		"123-45.67</a>",
		"href=\"mailto:jo@example.com\"", "Acme", "12,000",
		"region: NL", "Anna Visser",
		"Monday 23 November 2026, 17:30 <strong",
		"Tuesday 24 November 2026, 09:00 UTC", "overdue", ">9<",
		"2 more low scores", "value=\"claim\" class=\"first\"",
		"value=\"contacted\"", "value=\"not_reached\"",
		"value=\"resolved\"", "value=\"lost\"", "value=\"note\"",
		"<label for=\"note\">", "<label for=\"reason\">",
		"<option value=\"price\">price</option>", "opened",
		"<form method=\"post\">", NULL};
	char *page = page_of("en", NULL, NULL, NULL, NULL);

	for (size_t i = 0; texts[i] != NULL; i++)
		expect(page, true, texts[i]);
	expect(page, false, "value=\"reopen\"");
	expect(page, false, "<script");
	expect(page, false, "role=\"alert\"");
	expect(page, false, "http");
	free(page);
	page = page_of("nl", NULL, NULL, NULL, NULL);
	expect(page, true, "<html lang=\"nl\">");
	expect(page, true, "maandag 23 november 2026");
	expect(page, true, "12.000");
	free(page);
}

Test(follow_up_page, buttons_fit_the_state)
{
	char *page;

	set("follow_up", "claimed_by", json_string("anna"));
	page = page_of("en", NULL, NULL, NULL, NULL);
	expect(page, false, "value=\"claim\"");
	expect(page, true, "value=\"contacted\" class=\"first\"");
	free(page);
	set("follow_up", "state", json_string("contacted"));
	page = page_of("en", NULL, NULL, NULL, NULL);
	expect(page, false, "value=\"not_reached\"");
	expect(page, true, "value=\"resolved\"");
	expect(page, true, "value=\"reopen\"");
	free(page);
	set("follow_up", "state", json_string("lost"));
	set("follow_up", "reason", json_string("unreachable"));
	page = page_of("en", NULL, NULL, NULL, NULL);
	expect(page, false, "value=\"resolved\"");
	expect(page, true, "value=\"reopen\"");
	expect(page, true, "could not be reached");
	expect(page, true, "This follow-up is closed.");
	free(page);
	page = page_of("en", NULL, "page.refused", NULL, NULL);
	expect(page, false, "This follow-up is closed.");
	free(page);
	set("follow_up", "tracked_in", json_string("crm"));
	page = page_of("en", NULL, NULL, NULL, NULL);
	expect(page, false, "<form");
	expect(page, false, "<button");
	expect(page, true, "crm keeps track of this follow-up");
	free(page);
}

/* The address says what was done; it is believed only if that was the last. */
Test(follow_up_page, says_what_was_done)
{
	json_t *events = json_object_get(part("follow_up"), "events");
	char *page;

	set("follow_up", "overdue", json_false());
	page = page_of("en", "claim", NULL, NULL, NULL);

	expect(page, false, "role=\"status\"");
	free(page);
	json_array_append_new(
		events, json_pack("{s:s, s:s, s:s}", "act", "claim", "who",
				"anna", "at", "2026-11-21T12:10:00+01:00"));
	page = page_of("en", "claim", NULL, NULL, NULL);
	expect(page, true,
		"This is yours now. Call by Monday 23 November 2026, 17:30.");
	expect(page, true, "taken by anna</span></li>");
	free(page);
	set("follow_up", "overdue", json_true());
	page = page_of("en", "claim", NULL, NULL, NULL);
	expect(page, true, "The time to call has passed");
	free(page);
	json_array_append_new(
		events, json_pack("{s:s, s:s, s:s, s:s}", "act", "contacted",
				"who", "j<n", "how", "link", "note", "a note"));
	json_array_append_new(events,
		json_pack("{s:s, s:s, s:s, s:s}", "act", "escalated", "who",
			"npsd", "how", "npsd", "note", "escalate 1"));
	page = page_of("en", "claim", NULL, NULL, NULL);
	expect(page, true,
		"called</span> <span class=\"muted\" dir=\"auto\">j&lt;n</span>"
		"<p class=\"said\" dir=\"auto\">a note</p>");
	expect(page, true, "escalated</span></li>");
	free(page);
	json_array_remove(events, json_array_size(events) - 1);
	json_array_remove(events, json_array_size(events) - 1);
	page = page_of("en", "<script>", NULL, NULL, NULL);
	expect(page, false, "role=\"status\"");
	expect(page, false, "<script>");
	free(page);
	page = page_of("en", "already", NULL, NULL, NULL);
	expect(page, true, "That has been noted before.");
	free(page);
}

Test(follow_up_page, keeps_what_was_typed)
{
	char *page = page_of("en", NULL, "page.missing_reason",
		"</textarea><b>\"x\" & y", "service");

	expect(page, true, "role=\"alert\"");
	expect(page, true, "Please choose a reason.");
	expect(page, true, "A &lt;sentence&gt;.");
	expect(page, true, "aria-invalid");
	expect(page, true,
		"&lt;/textarea&gt;&lt;b&gt;&quot;x&quot; &amp; y</textarea>");
	expect(page, true, "value=\"service\" selected>");
	free(page);
}

/* What a telephone or a mailbox would not take is no link. */
Test(follow_up_page, links_are_only_what_can_be_dialled)
{
	static const char *const phones[] = {"javascript:alert(1)", "12;ext=3",
		"1", "+1 2#3*", "call me", "123456789012345678901234567890123",
		NULL};
	static const char *const emails[] = {
		"a@b?bcc=c@d", "a b@c", "@b", "a@", "a@b@c", "\"a\"@b", NULL};

	for (size_t i = 0; phones[i] != NULL; i++) {
		char *page;

		json_object_set_new(
			json_object_get(part("response"), "customer"), "phone",
			json_string(phones[i]));
		page = page_of("en", NULL, NULL, NULL, NULL);
		expect(page, false, "tel:");
		free(page);
	}
	for (size_t i = 0; emails[i] != NULL; i++) {
		char *page;

		json_object_set_new(
			json_object_get(part("response"), "customer"), "email",
			json_string(emails[i]));
		page = page_of("en", NULL, NULL, NULL, NULL);
		expect(page, false, "mailto:");
		free(page);
	}
}

/* Signs that turn a line round are left out. */
Test(follow_up_page, signs_that_move_text_are_left_out)
{
	char *page;

	set("response", "comment",
		json_string("a\xe2\x80\xae"
			    "b\x01\x1b[31mc\nd"));
	page = page_of("en", NULL, NULL, NULL, NULL);
	expect(page, true, "a b  [31mc\nd</blockquote>");
	free(page);
}

Test(follow_up_page, forgotten_answer)
{
	char *page;

	json_object_set_new(view, "response", json_null());
	json_object_set_new(view, "previous", json_null());
	json_object_set_new(view, "owner", json_null());
	json_object_set_new(view, "reasons", json_array());
	page = page_of("en", NULL, NULL, NULL, NULL);
	expect(page, true, "Call back: a customer");
	expect(page, true, "The answer is no longer kept.");
	expect(page, true, "nobody yet");
	expect(page, true, "<textarea id=\"reason\"");
	free(page);
}

Test(follow_up_page, texts_and_policy)
{
	struct buf out = {0};

	follow_up_page_append_text(&out, languages_find(languages, "nb"),
		"page.moved_on", "<Eva>");
	expect(out.data, true, "Noen andre");
	expect(out.data, true, "&lt;Eva&gt;");
	buf_clear(&out);
	follow_up_page_append_policy(&out);
	expect(out.data, true, "default-src 'none'; style-src 'sha256-");
	expect(out.data, true,
		"; form-action 'self'; base-uri 'none'; "
		"frame-ancestors 'none'");
	expect(follow_up_style, false, "</");
	buf_done(&out);
}
