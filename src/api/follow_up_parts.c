/* follow_up_parts - what all parts of the page are written with. */
#include "api/follow_up_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/time.h"

/* ---- texts ---- */

/* As the text of an element or between the quotes of an attribute. Signs that
 * turn or hide what stands around them are left out. */
void
page_escape(struct buf *out, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		uint32_t code = 0;
		size_t length = text_sequence(text, left, &code);
		const char *entity = text_html_entity(code);

		if (length == 0)
			length = 1;
		else if (entity != NULL)
			buf_append_text(out, entity);
		else if (text_moves(code) && code != '\n' && code != '\t')
			buf_append_char(out, ' ');
		else
			buf_append(out, text, length);
		text += length;
		left -= length;
	}
}

void
page_say(struct buf *out, const struct language *language, const char *key,
	const struct language_word *words)
{
	struct buf text = {0};

	language_append(language, key, words, &text);
	page_escape(out, text.length > 0 ? text.data : "");
	buf_done(&text);
}

/* "2026-11-23T17:30:00+01:00" as the language writes it. Appends nothing where
 * there is none. Not escaped. */
void
page_append_time(
	struct buf *out, const struct language *language, const char *text)
{
	static const size_t clock = sizeof("2026-11-23T17:30:00") - 1;
	char *utc;
	int64_t at_ms;
	struct err none;
	size_t length = text != NULL ? strlen(text) : 0;

	if (length <= clock)
		return;
	utc = mem_printf("%.*sZ", (int)clock, text);
	if (time_from_rfc3339(utc, clock + 1, &at_ms, &none)) {
		const struct civil civil = civil_from_utc_ms(at_ms);

		language_append_time(language, "date_time", &civil, out);
		if (text_same(text + length - 1, "Z") ||
			text_same(text + length - 6, "+00:00"))
			buf_append_text(out, " UTC");
	}
	free(utc);
}

/* ---- what stands in the view ---- */

const json_t *
page_part(const struct follow_up_page *page, const char *object,
	const char *member)
{
	return json_object_get(json_object_get(page->view, object), member);
}

const char *
page_of_follow_up(const struct follow_up_page *page, const char *member)
{
	return json_string_value(page_part(page, "follow_up", member));
}

bool
page_is_state(const struct follow_up_page *page, const char *state)
{
	return text_same(page_of_follow_up(page, "state"), state);
}

bool
page_is_finished(const struct follow_up_page *page)
{
	return page_is_state(page, "resolved") || page_is_state(page, "lost");
}

void
page_add_reason(
	struct buf *out, const struct language *language, const char *reason)
{
	if (text_same(reason, "unreachable"))
		page_say(out, language, "reason.unreachable", NULL);
	else
		page_escape(out, reason);
}
