/* storm_page - the page behind the link of a storm's message, as HTML. */
#include "api/storm_page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/follow_up_page.h"
#include "api/follow_up_parts.h"
#include "base/json.h"
#include "base/json_value.h"
#include "base/memory.h"
#include "base/text.h"
#include "flow/follow_up_link.h"

/* ---- one alert ---- */

/* "Anna Visser, Acme"; the caller frees it. */
static char *
who_of(const struct storm_page *page, const json_t *response)
{
	const char *customer =
		json_string_at(json_object_get(response, "customer"), "name");
	const char *account =
		json_string_at(json_object_get(response, "account"), "name");
	bool named = customer != NULL && *customer != '\0';
	bool of = account != NULL && *account != '\0';

	if (!named && of)
		return mem_strdup(account);
	return mem_printf("%s%s%s",
		named ? customer
		      : language_text(page->language, "page.customer_unnamed"),
		of ? ", " : "", of ? account : "");
}

static void
add_score(struct buf *out, const struct storm_page *page, const json_t *answer)
{
	char number[24];
	const struct language_word words[] = {{"score", number}, {NULL, NULL}};
	const json_t *score = json_object_get(answer, "score");

	if (!json_is_integer(score))
		return;
	snprintf(number, sizeof(number), "%lld",
		(long long)json_integer_value(score));
	page_say(out, page->language, "page.score", words);
	buf_append_text(out, " · ");
}

/* The newest is the one that may be unfinished. */
static const json_t *
follow_up_of(const json_t *answer)
{
	const json_t *follow_ups = json_object_get(answer, "follow_ups");
	size_t count = json_array_size(follow_ups);

	return count > 0 ? json_array_get(follow_ups, count - 1) : NULL;
}

static const char *
holder_of(const char *owner)
{
	return owner != NULL ? owner : FOLLOW_UP_LINK_NOBODY;
}

/* Whose it was when the message left. */
static const char *
holder_then(const struct storm_page *page, const json_t *follow_up)
{
	const char *owner = NULL;
	const json_t *event;
	size_t i;

	json_array_foreach(json_object_get(follow_up, "events"), i, event)
	{
		const char *next = json_string_at(event, "owner");

		if (json_time_at(event, "at") > page->told_ms)
			break;
		if (next == NULL &&
			text_same(json_string_at(event, "act"), "claim"))
			next = json_string_at(event, "who");
		if (next != NULL)
			owner = next;
	}
	return holder_of(owner);
}

/* False: there is none. */
static bool
begin_link(
	struct buf *out, const struct storm_page *page, const json_t *follow_up)
{
	const char *holder = holder_of(json_string_at(follow_up, "owner"));
	char token[LINK_TOKEN_LENGTH + 1], *written_for;
	int64_t row = 0;

	if (!text_to_integer(
		    json_string_at(follow_up, "row"), 1, INT64_MAX, &row))
		return false;
	if (page->told_ms != 0 &&
		!text_same(holder, holder_then(page, follow_up)))
		return false;
	written_for = follow_up_link_for(page->owners,
		json_string_at(follow_up, "owner"), page->action,
		page->recipient);
	link_token_write(
		page->link_key, row, written_for, page->expires_ms, token);
	free(written_for);
	/* Beside this page, which a proxy may have put elsewhere. */
	buf_printf(out, "<a class=\"reach\" href=\"%s\">", token);
	return true;
}

static void
add_comment(struct buf *out, const json_t *response)
{
	const char *comment = json_string_at(response, "comment");
	size_t length = comment != NULL ? strlen(comment) : 0;
	char *cut;

	if (length == 0)
		return;
	cut = mem_copy(
		comment, text_cut(comment, length, STORM_PAGE_TEXT_BYTES));
	buf_append_text(out, "<p dir=\"auto\">");
	page_escape(out, cut);
	buf_append_text(out, strlen(cut) < length ? " …</p>" : "</p>");
	free(cut);
}

static void
add_standing(
	struct buf *out, const struct storm_page *page, const json_t *follow_up)
{
	const char *state = json_string_at(follow_up, "state");
	const char *owner = json_string_at(follow_up, "owner");
	char *key;

	if (state == NULL)
		return;
	key = mem_printf("state.%s", state);
	buf_append_text(out, "<p class=\"muted\">");
	page_say(out, page->language, key, NULL);
	if (owner != NULL) {
		buf_append_text(out, ", ");
		page_escape(out, owner);
	}
	buf_append_text(out, "</p>");
	free(key);
}

static void
add_alert(struct buf *out, const struct storm_page *page, const json_t *answer)
{
	const json_t *response = json_object_get(answer, "response");
	const json_t *follow_up = follow_up_of(answer);
	bool linked;
	char *who;

	buf_append_text(out, "<li>");
	if (!json_is_object(response)) {
		page_say(out, page->language, "page.forgotten_answer", NULL);
		buf_append_text(out, "</li>\n");
		return;
	}
	who = who_of(page, response);
	linked = follow_up != NULL && begin_link(out, page, follow_up);
	add_score(out, page, answer);
	buf_append_text(out, "<bdi>");
	page_escape(out, who);
	buf_append_text(out, "</bdi>");
	if (linked)
		buf_append_text(out, "</a>");
	add_comment(out, response);
	add_standing(out, page, follow_up);
	buf_append_text(out, "</li>\n");
	free(who);
}

/* ---- the whole ---- */

void
storm_page_append(struct buf *out, const struct storm_page *page)
{
	struct buf title = {0};
	const json_t *answer;
	size_t i;

	language_append_count(
		page->language, "storm.title", page->count, NULL, &title);
	page_begin(out, page->language, title.data);
	buf_append_text(out, "<h1>");
	page_escape(out, title.data);
	buf_append_text(out, "</h1>\n<p>");
	page_say(out, page->language, "storm.what", NULL);
	buf_append_text(out, "</p>\n<ol>\n");
	json_array_foreach(page->answers, i, answer)
		add_alert(out, page, answer);
	buf_append_text(out, "</ol>\n");
	if (page->next > 0) {
		buf_printf(out, "<p><a class=\"reach\" href=\"?cursor=%lld\">",
			(long long)page->next);
		page_say(out, page->language, "storm.more", NULL);
		buf_append_text(out, "</a></p>\n");
	}
	page_end(out);
	buf_done(&title);
}
