/* follow_up_page - the page behind a link to a follow-up, as HTML: its frame,
 * and what was said just now. */
#include "api/follow_up_page.h"

#include <stdlib.h>
#include <string.h>

#include "api/follow_up_parts.h"
#include "api/follow_up_style.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "crypt/digest.h"

/* ---- what was said just now ---- */

static const json_t *
last_event(const struct follow_up_page *page)
{
	const json_t *events = page_part(page, "follow_up", "events");
	size_t count = json_array_size(events);

	return count > 0 ? json_array_get(events, count - 1) : NULL;
}

/* The key, or NULL where the last event is another one. */
static const char *
done_key(const struct follow_up_page *page)
{
	static const char *const keys[][2] = {
		{"claim", "page.done.claim"},
		{"contacted", "page.done.contacted"},
		{"not_reached", "page.done.not_reached"},
		{"resolved", "page.done.resolved"},
		{"lost", "page.done.lost"},
		{"reopen", "page.done.reopen"},
		{"note", "page.done.note"},
	};
	const json_t *event = last_event(page);

	if (text_same(page->done, "already"))
		return "page.already";
	if (page->done == NULL ||
		!text_same(page->done, json_string_at(event, "act")))
		return NULL;
	if (text_same(json_string_at(event, "reason"), "unreachable"))
		return "page.done.unreachable";
	if (text_same(page->done, "claim") &&
		page_of_follow_up(page, "contact_by") == NULL)
		return "page.done.claim_no_clock";
	if (text_same(page->done, "claim") &&
		json_is_true(page_part(page, "follow_up", "overdue")))
		return "page.done.claim_late";
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (text_same(page->done, keys[i][0]))
			return keys[i][1];
	return NULL;
}

static void
add_done(struct buf *out, const struct follow_up_page *page)
{
	const char *key = done_key(page);
	struct buf time = {0};
	struct language_word words[] = {{"time", ""}, {NULL, NULL}};

	if (key == NULL || page->problem != NULL)
		return;
	page_append_time(&time, page->language,
		page_of_follow_up(page, text_same(page->done, "claim")
						? "contact_by"
						: "try_again_at"));
	if (time.length > 0)
		words[0].text = time.data;
	buf_append_text(out, "<p class=\"done\" role=\"status\" "
			     "tabindex=\"-1\" autofocus>");
	page_say(out, page->language, key, words);
	buf_append_text(out, "</p>\n");
	buf_done(&time);
}

/* What was a part of a line of a log. */
static void
add_sentence(struct buf *out, const char *text)
{
	char *sentence = mem_printf("%s.", text);

	if (*sentence >= 'a' && *sentence <= 'z')
		*sentence = (char)(*sentence - 'a' + 'A');
	page_escape(out, sentence);
	free(sentence);
}

static void
add_problem(struct buf *out, const struct follow_up_page *page)
{
	if (page->problem == NULL)
		return;
	buf_append_text(out, "<div class=\"problem\" role=\"alert\" "
			     "id=\"problem\" tabindex=\"-1\" autofocus><p>");
	page_say(out, page->language, page->problem, NULL);
	buf_append_text(out, "</p>\n");
	if (page->detail != NULL) {
		buf_append_text(out, "<p lang=\"en\">");
		add_sentence(out, page->detail);
		buf_append_text(out, "</p>\n");
	}
	buf_append_text(out, "</div>\n");
}

/* ---- the whole ---- */

void
page_begin_styled(struct buf *out, const char *language, const char *title,
	const char *style)
{
	buf_append_text(out, "<!DOCTYPE html>\n<html lang=\"");
	page_escape(out, language);
	buf_append_text(out,
		"\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, "
		"initial-scale=1\">\n"
		"<meta name=\"robots\" content=\"noindex, nofollow\">\n"
		"<title>");
	page_escape(out, title);
	buf_append_text(out, "</title>\n<style>");
	buf_append_text(out, style);
	buf_append_text(out, "</style>\n</head>\n<body>\n<main>\n");
}

void
page_begin(struct buf *out, const struct language *language, const char *title)
{
	page_begin_styled(out, language_name(language), title, follow_up_style);
}

void
page_end(struct buf *out)
{
	buf_append_text(out, "</main>\n</body>\n</html>\n");
}

/* "Call back: Anna Visser". The caller frees it. */
static char *
title_of(const struct follow_up_page *page)
{
	const char *name =
		json_string_at(page_part(page, "response", "customer"), "name");
	struct language_word words[] = {{"customer", name}, {NULL, NULL}};
	struct buf title = {0};

	if (name == NULL || *name == '\0')
		words[0].text =
			language_text(page->language, "page.customer_unnamed");
	language_append(page->language, "page.title", words, &title);
	return buf_take(&title);
}

void
follow_up_page_append(struct buf *out, const struct follow_up_page *page)
{
	char *title = title_of(page);

	page_begin(out, page->language, title);
	buf_append_text(out, "<h1 dir=\"auto\">");
	page_escape(out, title);
	buf_append_text(out, "</h1>\n");
	add_problem(out, page);
	add_done(out, page);
	if (page_is_finished(page) && page->done == NULL &&
		page->problem == NULL) {
		buf_append_text(out, "<p class=\"done\">");
		page_say(out, page->language, "page.closed", NULL);
		buf_append_text(out, "</p>\n");
	}
	page_add_answer(out, page);
	page_add_customer(out, page);
	page_add_standing(out, page);
	if (page_of_follow_up(page, "tracked_in") != NULL)
		page_add_tracked(out, page);
	else
		page_add_form(out, page);
	page_add_history(out, page);
	page_end(out);
	free(title);
}

void
follow_up_page_append_text(struct buf *out, const struct language *language,
	const char *key, const char *name)
{
	const struct language_word words[] = {{"name", name}, {NULL, NULL}};

	page_begin(out, language, "npsd");
	buf_append_text(out, "<h1 class=\"calm\">");
	page_say(out, language, key, NULL);
	buf_append_text(out, "</h1>\n");
	if (name != NULL) {
		buf_append_text(out, "<p dir=\"auto\">");
		page_say(out, language, "page.who", words);
		buf_append_text(out, "</p>\n");
	}
	page_end(out);
}

void
page_append_policy(struct buf *out, const char *style, const char *form_action)
{
	uint8_t hash[SHA256_BYTES];

	digest_sha256(style, strlen(style), hash);
	buf_append_text(out, "default-src 'none'; style-src 'sha256-");
	base64_append(out, hash, sizeof(hash));
	buf_printf(out,
		"'; form-action %s; base-uri 'none'; frame-ancestors 'none'",
		form_action);
}

void
follow_up_page_append_policy(struct buf *out)
{
	page_append_policy(out, follow_up_style, "'self'");
}
