/* overview_page - the page of the daemon: its frame, and what wants a person. */
#include "api/overview_page.h"

#include <stdlib.h>

#include "api/follow_up_parts.h"
#include "api/follow_up_style.h"
#include "api/overview_parts.h"
#include "api/overview_style.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"

/* The caller frees it. */
static char *
style_of_all(void)
{
	return mem_printf("%s%s", follow_up_style, overview_style);
}

static void
begin(struct buf *out, const char *title)
{
	char *style = style_of_all();

	page_begin_styled(out, "en", title, style);
	free(style);
}

/* ---- what wants a person ---- */

static long long
count_bad(const json_t *checks)
{
	const json_t *check;
	long long count = 0;
	size_t i;

	json_array_foreach(checks, i, check) count +=
		!json_is_true(json_object_get(check, "good"));
	return count;
}

static void
add_check(struct buf *out, const json_t *check)
{
	const char *subject = json_string_at(check, "subject");

	buf_append_text(out, "<li><strong>");
	overview_add_text(out, json_string_at(check, "name"));
	if (subject != NULL) {
		buf_append_text(out, " ");
		overview_add_text(out, subject);
	}
	buf_append_text(out, "</strong>: ");
	overview_add_text(out, json_string_at(check, "detail"));
	buf_append_text(out, "<p class=\"muted\">");
	overview_add_text(out, json_string_at(check, "mend"));
	buf_append_text(out, "</p></li>\n");
}

static void
add_checks(struct buf *out, const json_t *checks, long long bad)
{
	const json_t *check;
	int shown = 0;
	size_t i;

	buf_append_text(out, "<div class=\"problem\">\n<ol>\n");
	json_array_foreach(checks, i, check)
	{
		if (json_is_true(json_object_get(check, "good")) ||
			shown == OVERVIEW_CHECKS)
			continue;
		add_check(out, check);
		shown++;
	}
	buf_append_text(out, "</ol>\n");
	overview_add_more(out, bad - shown, "npsd status");
	buf_append_text(out, "</div>\n");
}

/* "npsd 1.0, up since ..., takes answers. As of ..." */
static void
add_state(struct buf *out, const struct overview_page *page)
{
	const char *started = json_string_at(page->status, "started_at");
	long long silences =
		json_integer_value(json_object_get(page->status, "silences"));
	char now[TIME_TEXT_BYTES];

	buf_append_text(out, "<p class=\"muted\">npsd ");
	overview_add_text(out, json_string_at(page->status, "version"));
	buf_append_text(
		out, json_is_true(json_object_get(page->status, "ready"))
			     ? " takes answers"
			     : " <strong class=\"late\">takes no answers "
			       "now</strong>");
	if (started != NULL) {
		buf_append_text(out, ", up since ");
		overview_add_time(out, started);
	}
	if (silences > 0)
		buf_printf(out, ", %lld %s in force", silences,
			text_plural(silences, "silence", "silences"));
	buf_append_text(out, ". As of ");
	time_to_rfc3339(page->now_ms, now);
	overview_add_time(out, now);
	buf_append_text(out, ".</p>\n");
}

static void
add_trouble(struct buf *out, const struct overview_page *page)
{
	if (page->trouble == NULL)
		return;
	buf_append_text(out, "<p class=\"problem\">What the store keeps could "
			     "not be read now: ");
	overview_add_text(out, page->trouble);
	buf_append_text(out, "</p>\n");
}

/* ---- the whole ---- */

void
overview_page_append(struct buf *out, const struct overview_page *page)
{
	const json_t *checks = json_object_get(page->status, "checks");
	long long bad = count_bad(checks);
	char *title = bad > 0 ? mem_printf("%lld %s a person", bad,
					text_plural(bad, "thing wants",
						"things want"))
		      : page->trouble != NULL
			      ? mem_strdup("The store could not be read")
			      : mem_strdup("All is well");
	char *head = mem_printf("npsd: %s", title);

	begin(out, head);
	buf_printf(out, "<h1%s>%s</h1>\n",
		bad > 0 || page->trouble != NULL ? " class=\"late\"" : "",
		title);
	add_state(out, page);
	add_trouble(out, page);
	if (bad > 0)
		add_checks(out, checks, bad);
	buf_append_text(out, "<div class=\"sections\">\n<div>\n");
	overview_add_figures(out, page);
	overview_add_deliveries(out, page);
	buf_append_text(out, "</div>\n<div>\n");
	overview_add_follow_ups(out, page);
	overview_add_rejected(out, page);
	buf_append_text(out, "</div>\n</div>\n");
	page_end(out);
	free(title);
	free(head);
}

void
overview_page_append_refusal(struct buf *out)
{
	begin(out, "npsd: a token is needed");
	buf_append_text(out,
		"<h1>A token is needed</h1>\n"
		"<p>npsd shows how it does to who has a token that its "
		"configuration names under <code>server.tokens</code>, of the "
		"role figures, follow-up, read or admin. Where it names none, "
		"it answers programs on its own machine alone, asked as "
		"<code>localhost</code> and through no proxy.</p>\n"
		"<p>A browser cannot send a token by itself. Let the proxy "
		"that people sign in to add the header <code>Authorization: "
		"Bearer TOKEN</code>, or keep the page as a file:</p>\n"
		"<p><code>curl -H 'Authorization: Bearer TOKEN' -o npsd.html "
		"https://NPSD/</code></p>\n"
		"<p>On the machine itself no token is needed:</p>\n"
		"<p><code>npsd status</code>, <code>npsd score</code>, "
		"<code>npsd follow-ups</code>; or this page, <code>curl "
		"--unix-socket /run/npsd/control.sock -o npsd.html "
		"http://localhost/</code></p>\n");
	page_end(out);
}

void
overview_page_append_later(struct buf *out)
{
	begin(out, "npsd: please try again");
	buf_append_text(out,
		"<h1>Please try again</h1>\n<p>Too many questions wait just "
		"now. <code>GET /readyz?verbose</code> tells how npsd does "
		"without them.</p>\n");
	page_end(out);
}

void
overview_page_append_policy(struct buf *out)
{
	char *style = style_of_all();

	page_append_policy(out, style, "'none'");
	free(style);
}
