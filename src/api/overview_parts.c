/* overview_parts - what all sections of the page are written with. */
#include "api/overview_parts.h"

#include <stdlib.h>
#include <string.h>

#include "api/follow_up_parts.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/time.h"

void
overview_add_text(struct buf *out, const char *text)
{
	size_t length = text != NULL ? strlen(text) : 0;
	size_t kept = length;
	char *cut;

	if (length == 0)
		return;
	if (length > OVERVIEW_TEXT_BYTES)
		kept = text_cut(text, length, OVERVIEW_TEXT_BYTES);
	cut = mem_copy(text, kept);
	buf_append_text(out, "<bdi>");
	page_escape(out, cut);
	buf_append_text(out, kept < length ? " …</bdi>" : "</bdi>");
	free(cut);
}

void
overview_add_time(struct buf *out, const char *text)
{
	static const size_t day = sizeof("2026-11-21") - 1;
	static const size_t minute = sizeof("2026-11-21T10:00") - 1;
	int64_t at_ms;
	struct err none;

	if (text == NULL ||
		!time_from_rfc3339(text, strlen(text), &at_ms, &none)) {
		overview_add_text(out, text);
		return;
	}
	buf_printf(out, "<span class=\"time\">%.*s %.*s UTC</span>", (int)day,
		text, (int)(minute - day - 1), text + day + 1);
}

void
overview_add_span(struct buf *out, int64_t span_ms)
{
	int64_t minutes = span_ms / MS_PER_MINUTE;
	int64_t hours = span_ms / MS_PER_HOUR;

	if (hours >= 48)
		buf_printf(out, "%lld&nbsp;days", (long long)(hours / 24));
	else if (hours >= 2)
		buf_printf(out, "%lld&nbsp;h", (long long)hours);
	else if (minutes == 0)
		buf_append_text(out, "less than a minute");
	else
		buf_printf(out, "%lld&nbsp;min", (long long)minutes);
}

void
overview_add_more(struct buf *out, int64_t more, const char *command)
{
	if (more > 0)
		buf_printf(out,
			"<p class=\"muted\">and %lld more: <code>%s</code>"
			"</p>\n",
			(long long)more, command);
}

void
overview_begin_section(struct buf *out, const char *title)
{
	buf_printf(out, "<section>\n<h2>%s</h2>\n", title);
}

void
overview_end_section(struct buf *out)
{
	buf_append_text(out, "</section>\n");
}

void
overview_add_nothing(struct buf *out, const char *sentence)
{
	buf_append_text(out, "<p class=\"muted\">");
	overview_add_text(out, sentence);
	buf_append_text(out, "</p>\n");
}
