/* overview_figures - the section of the page that tells NPS, in total by window
 * and by survey. */
#include <math.h>

#include "api/overview_parts.h"
#include "base/json.h"

static long long
answers_of(const json_t *figures)
{
	return json_integer_value(json_object_get(figures, "responses"));
}

/* With a sign that is as wide as a plus. */
static void
add_tenth(struct buf *out, double value)
{
	buf_printf(out, "%s%.1f", value < 0 ? "−" : "", fabs(value));
}

static void
add_cells(struct buf *out, const json_t *figures)
{
	const json_t *nps = json_object_get(figures, "nps");

	if (!json_is_number(nps)) {
		buf_append_text(out, "<td class=\"none\" colspan=\"4\">no "
				     "answers</td></tr>\n");
		return;
	}
	buf_append_text(out, "<td><strong>");
	add_tenth(out, json_number_value(nps));
	buf_append_text(out, "</strong></td><td>±&nbsp;");
	add_tenth(out, json_number_value(json_object_get(figures, "margin")));
	buf_printf(out, "</td><td>%lld</td><td class=\"band\">",
		answers_of(figures));
	overview_add_text(out, json_string_at(figures, "band"));
	buf_append_text(out, "</td></tr>\n");
}

static void
begin_table(struct buf *out, const char *first)
{
	buf_printf(out,
		"<table>\n<thead><tr><th scope=\"col\">%s</th>"
		"<th scope=\"col\">NPS</th><th scope=\"col\">95&nbsp;%%</th>"
		"<th scope=\"col\">answers</th>"
		"<th scope=\"col\" "
		"class=\"band\">band</th></tr></thead>\n<tbody>\n",
		first);
}

static void
begin_row(struct buf *out, const char *name)
{
	buf_append_text(out, "<tr><th scope=\"row\">");
	overview_add_text(out, *name != '\0' ? name : "(no name)");
	buf_append_text(out, "</th>");
}

static void
add_windows(struct buf *out, json_t *windows)
{
	json_t *figures;
	const char *window;

	begin_table(out, "window");
	json_object_foreach(windows, window, figures)
	{
		begin_row(out, window);
		add_cells(out, figures);
	}
	buf_append_text(out, "</tbody>\n</table>\n");
}

static void
add_surveys(struct buf *out, const struct overview_page *page)
{
	const json_t *figures;
	size_t i, shown = json_array_size(page->surveys);

	buf_append_text(out, "<h3>By survey, ");
	overview_add_text(out, page->survey_window);
	buf_append_text(out, "</h3>\n");
	begin_table(out, "survey");
	json_array_foreach(page->surveys, i, figures)
	{
		const char *name = json_string_at(figures, "value");

		begin_row(out, name != NULL ? name : "");
		add_cells(out, figures);
	}
	buf_append_text(out, "</tbody>\n</table>\n");
	overview_add_more(
		out, page->survey_count - (int64_t)shown, "npsd score");
}

void
overview_add_figures(struct buf *out, const struct overview_page *page)
{
	overview_begin_section(out, "Net Promoter Score");
	if (page->windows == NULL)
		overview_add_nothing(
			out, "Not known now: the store does not answer.");
	else if (json_object_size(page->windows) == 0)
		overview_add_nothing(
			out, "No window is counted: score.windows names them.");
	else
		add_windows(out, page->windows);
	if (page->survey_count > 1)
		add_surveys(out, page);
	overview_end_section(out);
}
