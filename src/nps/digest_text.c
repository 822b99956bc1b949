/* digest_text - a digest as plain text. */
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "nps/digest_words.h"

enum { TEXT_WIDTH = 72, NAME_WIDTH = 24 };

/* Characters, as most fonts of one width show them. */
static size_t
width(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += ((unsigned char)*text & 0xC0) != 0x80;
	return count;
}

/* Lines of at most TEXT_WIDTH with something in front, broken at blanks. */
static void
append_wrapped(struct buf *out, const char *before, const char *text)
{
	size_t used = 0;

	while (*text != '\0') {
		size_t word = strcspn(text, " \n");
		char copy[TEXT_WIDTH * 4 + 1];
		size_t fit = word < sizeof(copy) ? word : sizeof(copy) - 1;

		memcpy(copy, text, fit);
		copy[fit] = '\0';
		if (used > 0 &&
			used + 1 + width(copy) + width(before) > TEXT_WIDTH) {
			buf_append_char(out, '\n');
			used = 0;
		}
		buf_append_text(out, used > 0 ? " " : before);
		buf_append(out, text, word);
		used += (used > 0) + width(copy);
		text += word;
		if (*text == '\n') {
			buf_append_char(out, '\n');
			used = 0;
		}
		text += *text != '\0';
	}
	buf_append_char(out, '\n');
}

static void
append_line(struct buf *out, const struct buf *line)
{
	if (line->length > 0)
		append_wrapped(out, "", line->data);
}

static void
append_heading(struct buf *out, const char *text)
{
	size_t count = width(text);

	buf_printf(out, "\n%s\n", text);
	while (count-- > 0)
		buf_append_char(out, '-');
	buf_append_char(out, '\n');
}

static void
append_padded(struct buf *out, const char *text, size_t to, bool right)
{
	size_t count = width(text), gap = count < to ? to - count : 1;

	if (!right)
		buf_append_text(out, text);
	while (gap-- > 0)
		buf_append_char(out, ' ');
	if (right)
		buf_append_text(out, text);
}

static void
append_class(struct buf *out, const char *name, enum category category,
	const struct digest_group *total, const struct language *language)
{
	struct buf now = {0}, then = {0};

	digest_words_share(&total->now, category, language, &now);
	digest_words_share(&total->then, category, language, &then);
	append_padded(out, name, NAME_WIDTH, false);
	append_padded(out, now.data, 16, true);
	append_padded(out, then.data, 14, true);
	buf_append_char(out, '\n');
	buf_done(&now);
	buf_done(&then);
}

static void
append_mix(struct buf *out, const struct digest_report *report,
	const struct digest_words *words, const struct language *language)
{
	const struct digest_group *total = &report->total;

	if (counts_total(&total->now) == 0)
		return;
	append_heading(out, language_text(language, "digest.mix"));
	append_padded(out, "", NAME_WIDTH, false);
	append_padded(out, language_text(language, "digest.now"), 16, true);
	append_padded(out, language_text(language, "digest.then"), 14, true);
	buf_append_char(out, '\n');
	append_class(out, language_text(language, "classes.promoter"),
		CATEGORY_PROMOTER, total, language);
	append_class(out, language_text(language, "classes.passive"),
		CATEGORY_PASSIVE, total, language);
	append_class(out, language_text(language, "classes.detractor"),
		CATEGORY_DETRACTOR, total, language);
	append_line(out, &words->mix_shift);
}

static void
append_group(struct buf *out, const struct digest_group *group,
	const struct language *language)
{
	struct buf answers = {0}, nps = {0}, change = {0}, name = {0};

	/* A value comes from outside: one line. */
	text_append_escaped(&name, group->name, strlen(group->name), 60);
	language_append_number(
		language, counts_number(&group->now), 0, &answers);
	digest_words_score(&group->now, language, &nps);
	digest_words_change(group, language, &change);
	append_padded(out, name.data, NAME_WIDTH, false);
	append_padded(out, answers.data, 12, true);
	append_padded(out, nps.data, 12, true);
	append_padded(out, change.data, 12, true);
	buf_append_char(out, '\n');
	buf_done(&answers);
	buf_done(&nps);
	buf_done(&change);
	buf_done(&name);
}

static void
append_groups(struct buf *out, const struct digest_report *report,
	const struct digest_words *words, const struct language *language)
{
	if (words->groups_shown == 0)
		return;
	append_heading(out, words->groups.data);
	append_padded(out, "", NAME_WIDTH, false);
	append_padded(out, language_text(language, "digest.column.answers"), 12,
		true);
	append_padded(
		out, language_text(language, "digest.column.nps"), 12, true);
	append_padded(
		out, language_text(language, "digest.column.change"), 12, true);
	buf_append_char(out, '\n');
	for (size_t i = 0; i < words->groups_shown; i++)
		append_group(out, &report->groups.items[i], language);
	if (words->more_groups.length > 0) {
		buf_append_text(out, words->more_groups.data);
		buf_append_char(out, '\n');
	}
}

static void
append_number_line(struct buf *out, const char *name, double value,
	const struct language *language)
{
	struct buf number = {0};

	language_append_number(language, value, 0, &number);
	append_padded(out, name, 44, false);
	append_padded(out, number.data, 12, true);
	buf_append_char(out, '\n');
	buf_done(&number);
}

static void
append_follow_ups(struct buf *out, const struct digest_report *report,
	const struct language *language)
{
	if (!report->follow_ups.known)
		return;
	append_heading(out, language_text(language, "digest.follow_ups"));
	append_number_line(out, language_text(language, "digest.open"),
		(double)report->follow_ups.open, language);
	append_number_line(out, language_text(language, "digest.overdue"),
		(double)report->follow_ups.overdue, language);
	if (report->follow_ups.value > 0)
		append_number_line(out, language_text(language, "digest.value"),
			report->follow_ups.value, language);
	if (report->follow_ups.reason_count > 0)
		append_heading(out, language_text(language, "digest.reasons"));
	for (size_t i = 0; i < report->follow_ups.reason_count; i++)
		append_number_line(out, report->follow_ups.reasons[i].name,
			(double)report->follow_ups.reasons[i].count, language);
}

static void
append_comments(struct buf *out, const struct digest_report *report,
	const struct language *language)
{
	if (report->comment_count == 0)
		return;
	append_heading(out, language_text(language, "digest.comments"));
	for (size_t i = 0; i < report->comment_count; i++) {
		const struct digest_comment *one = &report->comments[i];
		struct civil at =
			zone_civil(report->plan->zone, one->answered_ms);

		buf_printf(out, "%s%d, ", i > 0 ? "\n" : "", one->score);
		language_append_time(language, "date.short", &at, out);
		buf_append_text(out, ":\n");
		append_wrapped(out, "  ", one->text);
	}
	buf_printf(out, "\n(%s)\n",
		language_text(language, "digest.comments_note"));
}

void
digest_text_append(struct buf *out, const struct digest_report *report,
	const struct digest_words *words, const struct language *language)
{
	buf_printf(out, "%s\n%s\n\n", words->title.data, words->period.data);
	for (size_t i = 0; i < words->note_count; i++) {
		append_wrapped(out, "", words->notes[i].data);
		buf_append_char(out, '\n');
	}
	if (counts_total(&report->total.now) > 0)
		buf_printf(out, "NPS %s (%s), %s\n", words->nps.data,
			words->band.data, words->answers.data);
	append_line(out, &words->range);
	append_line(out, &words->change);
	append_line(out, &words->benchmark);
	append_mix(out, report, words, language);
	append_groups(out, report, words, language);
	append_follow_ups(out, report, language);
	if (words->movement.length > 0 || words->recovered.length > 0)
		append_heading(
			out, language_text(language, "digest.customers"));
	append_line(out, &words->movement);
	append_line(out, &words->recovered);
	append_comments(out, report, language);
	buf_printf(out, "\n-- \n%s\n", words->footer.data);
}
