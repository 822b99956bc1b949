/* follow_up_form - the buttons of the page, with their note and reason. */
#include <stdio.h>

#include "api/follow_up_parts.h"
#include "base/text.h"

enum { KEY_BYTES = 32 };

static void
add_button(struct buf *out, const struct follow_up_page *page, const char *act,
	const char *look, bool hint)
{
	char key[KEY_BYTES];

	buf_printf(out, "<button name=\"act\" value=\"%s\" class=\"%s\"", act,
		look);
	if (hint)
		buf_printf(out, " aria-describedby=\"hint-%s\"", act);
	buf_append_text(out, ">");
	snprintf(key, sizeof(key), "page.button.%s", act);
	page_say(out, page->language, key, NULL);
	buf_append_text(out, "</button>\n");
	if (!hint)
		return;
	buf_printf(out, "<p class=\"hint\" id=\"hint-%s\">", act);
	snprintf(key, sizeof(key), "page.hint.%s", act);
	page_say(out, page->language, key, NULL);
	buf_append_text(out, "</p>\n");
}

static void
add_note(struct buf *out, const struct follow_up_page *page)
{
	buf_append_text(out, "<label for=\"note\">");
	page_say(out, page->language, "page.note", NULL);
	buf_printf(out,
		"</label>\n<textarea id=\"note\" name=\"note\" "
		"rows=\"3\" maxlength=\"%d\" dir=\"auto\"",
		FOLLOW_UP_PAGE_NOTE_CHARACTERS);
	if (text_same(page->problem, "page.missing_note"))
		buf_append_text(out, " aria-invalid=\"true\" "
				     "aria-describedby=\"problem\"");
	/* The first line end behind the tag is not the text's. */
	buf_append_text(out, ">\n");
	page_escape(out, page->note != NULL ? page->note : "");
	buf_append_text(out, "</textarea>\n");
}

static void
add_reasons(struct buf *out, const struct follow_up_page *page)
{
	const json_t *reasons = json_object_get(page->view, "reasons");

	buf_append_text(out, "<label for=\"reason\">");
	page_say(out, page->language, "page.reason", NULL);
	buf_append_text(out, "</label>\n");
	/* The rule that named them is gone. */
	if (json_array_size(reasons) == 0) {
		buf_append_text(out, "<textarea id=\"reason\" name=\"reason\" "
				     "rows=\"1\" maxlength=\"60\">\n");
		page_escape(out, page->reason != NULL ? page->reason : "");
		buf_append_text(out, "</textarea>\n");
		return;
	}
	buf_append_text(out, "<select id=\"reason\" name=\"reason\"");
	if (text_same(page->problem, "page.missing_reason"))
		buf_append_text(out, " aria-invalid=\"true\" "
				     "aria-describedby=\"problem\"");
	buf_append_text(out, ">\n<option value=\"\">");
	page_say(out, page->language, "page.reason_choose", NULL);
	buf_append_text(out, "</option>\n");
	for (size_t i = 0; i < json_array_size(reasons); i++) {
		const char *reason =
			json_string_value(json_array_get(reasons, i));

		buf_append_text(out, "<option value=\"");
		page_escape(out, reason);
		buf_append_text(out, text_same(reason, page->reason)
					     ? "\" selected>"
					     : "\">");
		page_add_reason(out, page->language, reason);
		buf_append_text(out, "</option>\n");
	}
	buf_append_text(out, "</select>\n");
}

/* What can be said by one press. */
static void
add_quick(struct buf *out, const struct follow_up_page *page)
{
	bool claimed = page_of_follow_up(page, "claimed_by") != NULL;

	if (page_is_state(page, "open")) {
		buf_append_text(out, "<div class=\"quick\">\n<div>\n");
		if (!claimed) {
			add_button(out, page, "claim", "first", true);
			buf_append_text(out, "</div>\n<div>\n");
		}
		add_button(out, page, "contacted", claimed ? "first" : "plain",
			false);
		buf_append_text(out, "</div>\n<div>\n");
		add_button(out, page, "not_reached", "plain", true);
		buf_append_text(out, "</div>\n</div>\n");
	}
}

void
page_add_form(struct buf *out, const struct follow_up_page *page)
{
	bool finished = page_is_finished(page);

	buf_append_text(out, "<section aria-labelledby=\"what\">\n"
			     "<h2 id=\"what\">");
	page_say(out, page->language, "page.what", NULL);
	buf_append_text(out, "</h2>\n<form method=\"post\">\n");
	add_quick(out, page);
	add_note(out, page);
	if (!finished) {
		add_reasons(out, page);
		buf_append_text(out, "<div class=\"quick\">\n<div>\n");
		add_button(out, page, "resolved", "good", true);
		buf_append_text(out, "</div>\n<div>\n");
		add_button(out, page, "lost", "bad", true);
		buf_append_text(out, "</div>\n</div>\n");
	}
	buf_append_text(out, "<div class=\"more\">\n");
	add_button(out, page, "note", "plain", false);
	if (!page_is_state(page, "open"))
		add_button(out, page, "reopen", "plain", false);
	buf_append_text(out, "</div>\n</form>\n</section>\n");
}

void
page_add_tracked(struct buf *out, const struct follow_up_page *page)
{
	const struct language_word words[] = {
		{"system", page_of_follow_up(page, "tracked_in")},
		{NULL, NULL}};

	buf_append_text(out, "<p class=\"done\">");
	page_say(out, page->language, "page.tracked", words);
	buf_append_text(out, "</p>\n");
}
