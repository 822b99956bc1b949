/*
 * digest_html - a digest as HTML that mail programs show: nested tables, styles
 * on each element, no picture, no style sheet, nothing from elsewhere. Outlook
 * for Windows lays out with Word: it knows widths of cells and backgrounds, but
 * no max-width, so that it gets a table of its own around everything.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "nps/digest_words.h"

#define FONT "font-family:Segoe UI,Helvetica,Arial,sans-serif;"
#define INK "#1f2933"
#define SOFT "#5b6770"
#define LINE "#dfe4e8"
#define COLOUR_PROMOTER "#2f855a"
#define COLOUR_PASSIVE "#c3cbd2"
#define COLOUR_DETRACTOR "#c53030"
#define TABLE                                                            \
	"<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" " \
	"cellspacing=\"0\" border=\"0\""

/* Text into HTML. What moves text about, such as the controls that turn its
 * direction, becomes a blank. */
static void
escape(struct buf *out, const char *text)
{
	while (*text != '\0') {
		uint32_t code = 0;
		size_t length = text_sequence(text, strlen(text), &code);
		const char *entity = text_html_entity(code);

		if (length == 0) {
			text++;
			continue;
		}
		if (code == '\n')
			buf_append_text(out, "<br>");
		else if (entity != NULL)
			buf_append_text(out, entity);
		else if (text_moves(code))
			buf_append_char(out, ' ');
		else
			buf_append(out, text, length);
		text += length;
	}
}

/* ---- pieces ---- */

static void
open_row(struct buf *out, const char *style)
{
	buf_printf(out, "<tr><td style=\"%s%s\">", FONT, style);
}

static void
close_row(struct buf *out)
{
	buf_append_text(out, "</td></tr>\n");
}

static void
add_row(struct buf *out, const char *style, const char *text)
{
	open_row(out, style);
	escape(out, text);
	close_row(out);
}

static void
add_sentence(struct buf *out, const struct buf *text)
{
	if (text->length > 0)
		add_row(out,
			"padding:4px 24px 0 24px;font-size:15px;"
			"line-height:22px;color:" INK ";",
			text->data);
}

static void
add_heading(struct buf *out, const char *text)
{
	open_row(out, "padding:26px 24px 8px 24px;");
	buf_append_text(out,
		"<h2 style=\"margin:0;" FONT
		"font-size:17px;line-height:24px;color:" INK ";\">");
	escape(out, text);
	buf_append_text(out, "</h2>");
	close_row(out);
}

static void
add_cell(struct buf *out, const char *tag, const char *style, const char *text)
{
	buf_printf(out, "<%s style=\"%s%s\"%s>", tag, FONT, style,
		strcmp(tag, "th") == 0 ? " scope=\"col\"" : "");
	escape(out, text);
	buf_printf(out, "</%s>", tag);
}

#define CELL                                                  \
	"padding:7px 8px 7px 0;border-bottom:1px solid " LINE \
	";font-size:15px;line-height:20px;color:" INK ";"
#define HEAD                                                  \
	"padding:4px 8px 6px 0;border-bottom:2px solid " LINE \
	";font-size:13px;line-height:18px;font-weight:normal;color:" SOFT ";"
#define LEFT "text-align:left;"
#define RIGHT "text-align:right;white-space:nowrap;"

/* ---- its parts ---- */

static void
add_top(struct buf *out, const struct digest_words *words)
{
	open_row(out, "padding:26px 24px 0 24px;");
	buf_append_text(out,
		"<h1 style=\"margin:0;" FONT
		"font-size:21px;line-height:28px;color:" INK ";\">");
	escape(out, words->title.data);
	buf_append_text(out, "</h1>");
	close_row(out);
	add_row(out,
		"padding:2px 24px 6px 24px;font-size:15px;line-height:22px;"
		"color:" SOFT ";",
		words->period.data);
}

static void
add_notes(struct buf *out, const struct digest_words *words)
{
	for (size_t i = 0; i < words->note_count; i++) {
		open_row(out, "padding:10px 24px 0 24px;");
		buf_printf(out,
			"%s><tr><td width=\"4\" bgcolor=\"%s\" style=\""
			"width:4px;font-size:1px;line-height:1px;\">"
			"&nbsp;</td><td bgcolor=\"%s\" style=\"" FONT
			"padding:10px 14px;font-size:15px;"
			"line-height:22px;color:" INK ";\">",
			TABLE, words->alarming ? COLOUR_DETRACTOR : "#8a6d1a",
			words->alarming ? "#fdecec" : "#fdf6e0");
		escape(out, words->notes[i].data);
		buf_append_text(out, "</td></tr></table>");
		close_row(out);
	}
}

static void
add_score(struct buf *out, const struct digest_report *report,
	const struct digest_words *words)
{
	if (counts_total(&report->total.now) == 0)
		return;
	add_row(out,
		"padding:12px 24px 0 24px;font-size:46px;line-height:52px;"
		"font-weight:bold;color:" INK ";",
		words->nps.data);
	open_row(out, "padding:0 24px 8px 24px;font-size:15px;"
		      "line-height:22px;color:" SOFT ";");
	buf_append_text(out, "NPS, ");
	escape(out, words->band.data);
	buf_append_text(out, " &middot; ");
	escape(out, words->answers.data);
	close_row(out);
	add_sentence(out, &words->change);
	add_sentence(out, &words->benchmark);
	add_sentence(out, &words->range);
}

static const struct {
	enum category category;
	const char *key, *colour;
} classes[] = {
	{CATEGORY_PROMOTER, "classes.promoter", COLOUR_PROMOTER},
	{CATEGORY_PASSIVE, "classes.passive", COLOUR_PASSIVE},
	{CATEGORY_DETRACTOR, "classes.detractor", COLOUR_DETRACTOR},
};
enum { CLASSES = sizeof(classes) / sizeof(classes[0]) };

/* A bar of coloured cells. What it shows stands in figures below it. */
static void
add_bar(struct buf *out, const struct counts *counts)
{
	double total = counts_number(counts);

	open_row(out, "padding:2px 24px 10px 24px;");
	buf_append_text(out, TABLE " aria-hidden=\"true\"><tr>");
	for (size_t i = 0; i < CLASSES; i++) {
		double share =
			100 * (double)counts->of[classes[i].category] / total;

		if (counts->of[classes[i].category] > 0)
			buf_printf(out,
				"<td width=\"%.1f%%\" height=\"16\" "
				"bgcolor=\"%s\" style=\"width:%.1f%%;"
				"height:16px;font-size:1px;line-height:16px;"
				"\">&nbsp;</td>",
				share, classes[i].colour, share);
	}
	buf_append_text(out, "</tr></table>");
	close_row(out);
}

static void
add_class(struct buf *out, size_t index, const struct digest_group *total,
	const struct language *language)
{
	struct buf now = {0}, then = {0};

	digest_words_share(
		&total->now, classes[index].category, language, &now);
	digest_words_share(
		&total->then, classes[index].category, language, &then);
	buf_printf(out,
		"<tr><td style=\"%s%s%s\"><span style=\"color:%s;\" "
		"aria-hidden=\"true\">&#9632;</span>&nbsp; ",
		FONT, CELL, LEFT, classes[index].colour);
	escape(out, language_text(language, classes[index].key));
	buf_append_text(out, "</td>");
	add_cell(out, "td", CELL RIGHT, now.data);
	add_cell(out, "td", CELL RIGHT "color:" SOFT ";", then.data);
	buf_append_text(out, "</tr>\n");
	buf_done(&now);
	buf_done(&then);
}

static void
add_mix(struct buf *out, const struct digest_report *report,
	const struct digest_words *words, const struct language *language)
{
	const struct digest_group *total = &report->total;

	if (counts_total(&total->now) == 0)
		return;
	add_heading(out, language_text(language, "digest.mix"));
	add_bar(out, &total->now);
	open_row(out, "padding:0 24px 4px 24px;");
	buf_append_text(out, "<table width=\"100%\" cellpadding=\"0\" "
			     "cellspacing=\"0\" border=\"0\"><tr>");
	add_cell(out, "td", HEAD LEFT, "");
	add_cell(out, "th", HEAD RIGHT, language_text(language, "digest.now"));
	add_cell(out, "th", HEAD RIGHT, language_text(language, "digest.then"));
	buf_append_text(out, "</tr>\n");
	for (size_t i = 0; i < CLASSES; i++)
		add_class(out, i, total, language);
	buf_append_text(out, "</table>");
	close_row(out);
	add_sentence(out, &words->mix_shift);
}

static void
add_group(struct buf *out, const struct digest_group *group,
	const struct language *language)
{
	struct buf answers = {0}, nps = {0}, change = {0};

	language_append_number(
		language, counts_number(&group->now), 0, &answers);
	digest_words_score(&group->now, language, &nps);
	digest_words_change(group, language, &change);
	buf_append_text(out, "<tr>");
	add_cell(out, "td", CELL LEFT "word-break:break-word;", group->name);
	add_cell(out, "td", CELL RIGHT, answers.data);
	add_cell(out, "td", CELL RIGHT "font-weight:bold;", nps.data);
	add_cell(out, "td", CELL RIGHT, change.data);
	buf_append_text(out, "</tr>\n");
	buf_done(&answers);
	buf_done(&nps);
	buf_done(&change);
}

static void
add_groups(struct buf *out, const struct digest_report *report,
	const struct digest_words *words, const struct language *language)
{
	if (words->groups_shown == 0)
		return;
	add_heading(out, words->groups.data);
	open_row(out, "padding:0 24px 4px 24px;");
	buf_append_text(out, "<table width=\"100%\" cellpadding=\"0\" "
			     "cellspacing=\"0\" border=\"0\"><tr>");
	add_cell(out, "td", HEAD LEFT, "");
	add_cell(out, "th", HEAD RIGHT,
		language_text(language, "digest.column.answers"));
	add_cell(out, "th", HEAD RIGHT,
		language_text(language, "digest.column.nps"));
	add_cell(out, "th", HEAD RIGHT,
		language_text(language, "digest.column.change"));
	buf_append_text(out, "</tr>\n");
	for (size_t i = 0; i < words->groups_shown; i++)
		add_group(out, &report->groups.items[i], language);
	buf_append_text(out, "</table>");
	close_row(out);
	if (words->more_groups.length > 0)
		add_sentence(out, &words->more_groups);
}

static void
add_number(struct buf *out, const char *name, double value, const char *colour,
	const struct language *language)
{
	struct buf number = {0};
	char style[400];

	language_append_number(language, value, 0, &number);
	buf_append_text(out, "<tr>");
	add_cell(out, "td", CELL LEFT "word-break:break-word;", name);
	snprintf(style, sizeof(style), "%sfont-weight:bold;color:%s;",
		CELL RIGHT, colour);
	add_cell(out, "td", style, number.data);
	buf_append_text(out, "</tr>\n");
	buf_done(&number);
}

static void
open_numbers(struct buf *out, const char *heading)
{
	add_heading(out, heading);
	open_row(out, "padding:0 24px 4px 24px;");
	buf_append_text(out, "<table width=\"100%\" cellpadding=\"0\" "
			     "cellspacing=\"0\" border=\"0\">");
}

static void
close_numbers(struct buf *out)
{
	buf_append_text(out, "</table>");
	close_row(out);
}

static void
add_follow_ups(struct buf *out, const struct digest_report *report,
	const struct language *language)
{
	if (!report->follow_ups.known)
		return;
	open_numbers(out, language_text(language, "digest.follow_ups"));
	add_number(out, language_text(language, "digest.open"),
		(double)report->follow_ups.open, INK, language);
	add_number(out, language_text(language, "digest.overdue"),
		(double)report->follow_ups.overdue,
		report->follow_ups.overdue > 0 ? COLOUR_DETRACTOR : INK,
		language);
	if (report->follow_ups.value > 0)
		add_number(out, language_text(language, "digest.value"),
			report->follow_ups.value, INK, language);
	close_numbers(out);
	if (report->follow_ups.reason_count == 0)
		return;
	open_numbers(out, language_text(language, "digest.reasons"));
	for (size_t i = 0; i < report->follow_ups.reason_count; i++)
		add_number(out, report->follow_ups.reasons[i].name,
			(double)report->follow_ups.reasons[i].count, INK,
			language);
	close_numbers(out);
}

static void
add_comment(struct buf *out, const struct digest_comment *comment,
	const struct digest_report *report, const struct language *language)
{
	struct civil at = zone_civil(report->plan->zone, comment->answered_ms);
	struct buf date = {0};

	language_append_time(language, "date.short", &at, &date);
	open_row(out, "padding:4px 24px 8px 24px;");
	buf_printf(out,
		"%s><tr><td width=\"34\" valign=\"top\" align=\"center\" "
		"bgcolor=\"" COLOUR_DETRACTOR "\" style=\"" FONT
		"width:34px;padding:8px 0;font-size:17px;"
		"line-height:22px;font-weight:bold;color:#ffffff;\">"
		"%d</td><td bgcolor=\"#f6f7f9\" style=\"" FONT
		"padding:8px 14px;font-size:15px;line-height:22px;"
		"word-break:break-word;color:" INK ";\">",
		TABLE, comment->score);
	escape(out, comment->text);
	buf_append_text(out, " <span style=\"color:" SOFT ";font-size:13px;"
			     "white-space:nowrap;\">&middot; ");
	escape(out, date.data);
	buf_append_text(out, "</span></td></tr></table>");
	close_row(out);
	buf_done(&date);
}

static void
add_comments(struct buf *out, const struct digest_report *report,
	const struct language *language)
{
	if (report->comment_count == 0)
		return;
	add_heading(out, language_text(language, "digest.comments"));
	for (size_t i = 0; i < report->comment_count; i++)
		add_comment(out, &report->comments[i], report, language);
	add_row(out,
		"padding:2px 24px 0 24px;font-size:13px;line-height:18px;"
		"color:" SOFT ";",
		language_text(language, "digest.comments_note"));
}

/* ---- the frame ---- */

static void
open_page(struct buf *out, const struct digest_words *words,
	const struct language *language)
{
	buf_append_text(out, "<!DOCTYPE html>\n<html lang=\"");
	escape(out, language_name(language));
	buf_append_text(out,
		"\">\n<head><meta charset=\"utf-8\">"
		"<meta name=\"viewport\" content=\"width=device-width\">"
		"<meta name=\"color-scheme\" content=\"light\"><title>");
	escape(out, words->subject.data);
	buf_append_text(out,
		"</title></head>\n<body style=\"margin:0;padding:0;"
		"background:#eceff2;\" bgcolor=\"#eceff2\">\n" TABLE
		" bgcolor=\"#eceff2\"><tr><td align=\"center\" "
		"style=\"padding:16px 8px;\">\n"
		"<!--[if mso]><table role=\"presentation\" width=\"600\" "
		"align=\"center\" cellpadding=\"0\" cellspacing=\"0\" "
		"border=\"0\"><tr><td><![endif]-->\n" TABLE
		" bgcolor=\"#ffffff\" style=\"max-width:600px;"
		"background:#ffffff;text-align:left;\">\n");
}

static void
close_page(struct buf *out, const struct digest_words *words)
{
	add_row(out,
		"padding:26px 24px 24px 24px;font-size:13px;line-height:18px;"
		"color:" SOFT ";",
		words->footer.data);
	buf_append_text(out, "</table>\n<!--[if mso]></td></tr></table>"
			     "<![endif]-->\n</td></tr></table>\n</body>\n"
			     "</html>\n");
}

void
digest_html_append(struct buf *out, const struct digest_report *report,
	const struct digest_words *words, const struct language *language)
{
	open_page(out, words, language);
	add_top(out, words);
	add_notes(out, words);
	add_score(out, report, words);
	add_mix(out, report, words, language);
	add_groups(out, report, words, language);
	add_follow_ups(out, report, language);
	if (words->movement.length > 0 || words->recovered.length > 0)
		add_heading(out, language_text(language, "digest.customers"));
	add_sentence(out, &words->movement);
	add_sentence(out, &words->recovered);
	add_comments(out, report, language);
	close_page(out, words);
}
