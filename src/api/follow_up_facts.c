/* follow_up_facts - what the page tells: the answer, how to reach the customer,
 * how it stands, and what was done so far. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/follow_up_parts.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"

/* Above it a number is told as it came. */
#define WHOLE_LIMIT 1e15

enum { SIGNS_OF_PHONE_LIMIT = 32, NUMBER_BYTES = 32 };

/* ---- rows ---- */

/* A text, or a number as it is; NULL: neither. The caller frees it. */
static char *
value_text(const json_t *value)
{
	if (json_is_string(value))
		return *json_string_value(value) != '\0'
			       ? mem_strdup(json_string_value(value))
			       : NULL;
	if (json_is_number(value) || json_is_boolean(value))
		return json_text(value);
	return NULL;
}

static void
begin_row(struct buf *out, const struct follow_up_page *page, const char *key)
{
	buf_append_text(out, "<div><dt>");
	page_say(out, page->language, key, NULL);
	buf_append_text(out, "</dt><dd dir=\"auto\">");
}

static void
end_row(struct buf *out)
{
	buf_append_text(out, "</dd></div>\n");
}

static void
add_row(struct buf *out, const struct follow_up_page *page, const char *key,
	const char *text)
{
	if (text == NULL || *text == '\0')
		return;
	begin_row(out, page, key);
	page_escape(out, text);
	end_row(out);
}

static void
add_value(struct buf *out, const struct follow_up_page *page, const char *key,
	const json_t *value)
{
	char *text = value_text(value);

	add_row(out, page, key, text);
	free(text);
}

static void
add_amount(struct buf *out, const struct follow_up_page *page, const char *key,
	const json_t *value)
{
	struct buf text = {0};
	double amount = json_number_value(value);

	if (json_is_number(value) && fabs(amount) < WHOLE_LIMIT) {
		language_append_number(page->language, amount,
			amount == floor(amount) ? 0 : 2, &text);
		add_row(out, page, key, text.data);
	} else {
		add_value(out, page, key, value);
	}
	buf_done(&text);
}

static void
add_time(struct buf *out, const struct follow_up_page *page, const char *key,
	const char *at, bool late)
{
	struct buf text = {0};

	page_append_time(&text, page->language, at);
	if (text.length > 0) {
		begin_row(out, page, key);
		page_escape(out, text.data);
		if (late) {
			buf_append_text(out, " <strong class=\"late\">");
			page_say(out, page->language, "page.overdue", NULL);
			buf_append_text(out, "</strong>");
		}
		end_row(out);
	}
	buf_done(&text);
}

/* ---- what was answered ---- */

static void
add_score(struct buf *out, const struct follow_up_page *page)
{
	char number[NUMBER_BYTES];
	const struct language_word words[] = {{"score", number}, {NULL, NULL}};
	const json_t *score = page_part(page, "response", "score");

	if (!json_is_integer(score))
		return;
	snprintf(number, sizeof(number), "%lld",
		(long long)json_integer_value(score));
	buf_append_text(out, "<p class=\"score\">");
	page_say(out, page->language, "page.score", words);
	buf_append_text(out, "</p>\n");
}

void
page_add_answer(struct buf *out, const struct follow_up_page *page)
{
	const char *comment =
		json_string_value(page_part(page, "response", "comment"));
	bool kept = json_is_object(json_object_get(page->view, "response"));

	buf_append_text(out,
		"<section aria-labelledby=\"answer\">\n<h2 id=\"answer\">");
	page_say(out, page->language, "page.answer", NULL);
	buf_append_text(out, "</h2>\n");
	add_score(out, page);
	if (comment != NULL && *comment != '\0') {
		buf_append_text(out, "<blockquote dir=\"auto\">");
		page_escape(out, comment);
		buf_append_text(out, "</blockquote>\n");
	} else {
		buf_append_text(out, "<p class=\"muted\">");
		page_say(out, page->language,
			kept ? "page.no_comment" : "page.forgotten_answer",
			NULL);
		buf_append_text(out, "</p>\n");
	}
	buf_append_text(out, "</section>\n");
}

/* Digits and a plus in front: what a telephone dials. Else no link. */
static void
add_phone(struct buf *out, const struct follow_up_page *page, const char *phone)
{
	char number[SIGNS_OF_PHONE_LIMIT];
	size_t length = 0;

	for (const char *at = phone; *at != '\0'; at++) {
		bool counts = (*at >= '0' && *at <= '9') ||
			      (*at == '+' && length == 0);

		if (counts && length + 1 < sizeof(number))
			number[length++] = *at;
		else if (counts || strchr(" -./()", *at) == NULL)
			length = sizeof(number); /* no number of ours */
	}
	begin_row(out, page, "page.phone");
	if (length >= 3 && length < sizeof(number)) {
		number[length] = '\0';
		buf_printf(out, "<a class=\"reach\" href=\"tel:%s\">", number);
		page_escape(out, phone);
		buf_append_text(out, "</a>");
	} else {
		page_escape(out, phone);
	}
	end_row(out);
}

/* One plain address; else no link. */
static void
add_email(struct buf *out, const struct follow_up_page *page, const char *email)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789._+-";
	size_t local = strspn(email, plain);
	bool is_plain =
		local > 0 && email[local] == '@' && email[local + 1] != '\0' &&
		email[local + 1 + strspn(email + local + 1, plain)] == '\0';

	begin_row(out, page, "page.email");
	if (is_plain) {
		buf_printf(
			out, "<a class=\"reach\" href=\"mailto:%s\">", email);
		page_escape(out, email);
		buf_append_text(out, "</a>");
	} else {
		page_escape(out, email);
	}
	end_row(out);
}

static void
add_segments(struct buf *out, const struct follow_up_page *page)
{
	const json_t *segments = page_part(page, "response", "segment");
	const char *name;
	json_t *value;
	struct buf line = {0};
	void *at = json_object_iter((json_t *)(uintptr_t)segments);

	for (; at != NULL;
		at = json_object_iter_next((json_t *)(uintptr_t)segments, at)) {
		char *text;

		name = json_object_iter_key(at);
		value = json_object_iter_value(at);
		text = value_text(value);
		if (text != NULL)
			buf_printf(&line, "%s%s: %s",
				line.length > 0 ? ", " : "", name, text);
		free(text);
	}
	add_row(out, page, "page.segment", line.data);
	buf_done(&line);
}

void
page_add_customer(struct buf *out, const struct follow_up_page *page)
{
	const json_t *customer = page_part(page, "response", "customer");
	const json_t *account = page_part(page, "response", "account");
	const char *phone = json_string_at(customer, "phone");
	const char *email = json_string_at(customer, "email");
	const json_t *name = json_object_get(account, "name");

	buf_append_text(out, "<section aria-labelledby=\"customer\">\n"
			     "<h2 id=\"customer\">");
	page_say(out, page->language, "page.customer", NULL);
	buf_append_text(out, "</h2>\n<dl>\n");
	if (phone != NULL && *phone != '\0')
		add_phone(out, page, phone);
	if (email != NULL && *email != '\0')
		add_email(out, page, email);
	add_value(out, page, "page.account",
		name != NULL ? name : json_object_get(account, "id"));
	add_amount(out, page, "page.value", json_object_get(account, "value"));
	add_segments(out, page);
	add_value(out, page, "page.previous",
		page_part(page, "previous", "score"));
	add_row(out, page, "page.survey", page_of_follow_up(page, "survey"));
	add_time(out, page, "page.answered",
		json_string_value(page_part(page, "response", "answered_at")),
		false);
	buf_append_text(out, "</dl>\n</section>\n");
}

/* ---- how it stands ---- */

static void
add_state(struct buf *out, const struct follow_up_page *page)
{
	static const char *const names[] = {
		"open", "contacted", "resolved", "lost", NULL};
	const char *reason = page_of_follow_up(page, "reason");

	begin_row(out, page, "page.state");
	for (const char *const *name = names; *name != NULL; name++) {
		char key[NUMBER_BYTES];

		snprintf(key, sizeof(key), "state.%s", *name);
		if (page_is_state(page, *name))
			page_say(out, page->language, key, NULL);
	}
	if (reason != NULL && page_is_finished(page)) {
		buf_append_text(out, " (");
		page_add_reason(out, page->language, reason);
		buf_append_text(out, ")");
	}
	end_row(out);
}

static void
add_owner(struct buf *out, const struct follow_up_page *page)
{
	const json_t *owner = json_object_get(page->view, "owner");
	const char *display = json_string_at(owner, "display");
	struct buf nobody = {0};

	if (display == NULL)
		display = json_string_at(owner, "name");
	if (display == NULL) {
		language_append(page->language, "page.nobody", NULL, &nobody);
		display = nobody.data;
	}
	add_row(out, page, "page.owner", display);
	buf_done(&nobody);
}

static void
add_sentences(struct buf *out, const struct follow_up_page *page)
{
	json_int_t folds =
		json_integer_value(page_part(page, "follow_up", "folds"));
	struct buf text = {0};

	if (folds > 0) {
		language_append_count(
			page->language, "page.folds", folds, NULL, &text);
		buf_append_text(out, "<p>");
		page_escape(out, text.data);
		buf_append_text(out, "</p>\n");
	}
	if (json_is_true(page_part(page, "follow_up", "improved"))) {
		buf_append_text(out, "<p>");
		page_say(out, page->language, "page.improved", NULL);
		buf_append_text(out, "</p>\n");
	}
	buf_done(&text);
}

void
page_add_standing(struct buf *out, const struct follow_up_page *page)
{
	bool late = json_is_true(page_part(page, "follow_up", "overdue"));
	bool waits = page_is_state(page, "open");
	const json_t *attempts = page_part(page, "follow_up", "attempts");

	buf_append_text(
		out, "<section aria-labelledby=\"state\">\n<h2 id=\"state\">");
	page_say(out, page->language, "page.follow_up", NULL);
	buf_append_text(out, "</h2>\n<dl>\n");
	add_state(out, page);
	add_owner(out, page);
	if (!page_is_finished(page)) {
		add_time(out, page, "page.claimed",
			page_of_follow_up(page, "claimed_at"), false);
		if (waits)
			add_time(out, page, "page.contact_by",
				page_of_follow_up(page, "contact_by"), late);
		add_time(out, page, "page.resolve_by",
			page_of_follow_up(page, "resolve_by"), late && !waits);
		add_time(out, page, "page.try_again",
			page_of_follow_up(page, "try_again_at"), false);
	}
	if (json_integer_value(attempts) > 0)
		add_value(out, page, "page.attempts", attempts);
	buf_append_text(out, "</dl>\n");
	add_sentences(out, page);
	buf_append_text(out, "</section>\n");
}

/* ---- so far ---- */

static const char *
text_or(const char *text, const char *otherwise)
{
	return text != NULL ? text : otherwise;
}

/* Who did it, where the words don't tell. What npsd notes of its own steps is
 * for those who run it. */
static void
add_by(struct buf *out, const json_t *event)
{
	const char *who = json_string_at(event, "who");

	if (who == NULL || text_same(json_string_at(event, "how"), "npsd") ||
		text_same(json_string_at(event, "act"), "claim"))
		return;
	buf_append_text(out, " <span class=\"muted\" dir=\"auto\">");
	page_escape(out, who);
	buf_append_text(out, "</span>");
}

static void
add_event(
	struct buf *out, const struct follow_up_page *page, const json_t *event)
{
	const struct language_word words[] = {
		{"who", text_or(json_string_at(event, "who"), "")},
		{"owner", text_or(json_string_at(event, "owner"), "")},
		{NULL, NULL}};
	const char *reason = json_string_at(event, "reason");
	const char *note = json_string_at(event, "note");
	char *key = mem_printf(
		"page.event.%s", text_or(json_string_at(event, "act"), ""));
	struct buf time = {0};

	page_append_time(&time, page->language, json_string_at(event, "at"));
	buf_append_text(out, "<li><span class=\"muted\">");
	page_escape(out, text_or(time.data, ""));
	buf_append_text(out, "</span> <span dir=\"auto\">");
	page_say(out, page->language, key, words);
	if (reason != NULL) {
		buf_append_text(out, " (");
		page_add_reason(out, page->language, reason);
		buf_append_text(out, ")");
	}
	buf_append_text(out, "</span>");
	add_by(out, event);
	if (note != NULL && !text_same(json_string_at(event, "how"), "npsd")) {
		buf_append_text(out, "<p class=\"said\" dir=\"auto\">");
		page_escape(out, note);
		buf_append_text(out, "</p>");
	}
	buf_append_text(out, "</li>\n");
	buf_done(&time);
	free(key);
}

void
page_add_history(struct buf *out, const struct follow_up_page *page)
{
	const json_t *events = page_part(page, "follow_up", "events");

	buf_append_text(out, "<section aria-labelledby=\"history\">\n"
			     "<h2 id=\"history\">");
	page_say(out, page->language, "page.history", NULL);
	buf_append_text(out, "</h2>\n<ol>\n");
	for (size_t i = 0; i < json_array_size(events); i++)
		add_event(out, page, json_array_get(events, i));
	buf_append_text(out, "</ol>\n</section>\n");
}
