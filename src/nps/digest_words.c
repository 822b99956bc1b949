/* digest_words - a digest's sentences in a reader's language. */
#include "nps/digest_words.h"

#include <math.h>
#include <string.h>

#include "base/time.h"
#include "nps/figures.h"
#include "nps/significance.h"

static const char dash[] = "–";

static const struct zone *
zone_of(const struct digest_report *report)
{
	return report->plan->zone;
}

/* ---- figures ---- */

static void
append_tenth(double value, const struct language *language, struct buf *out)
{
	language_append_number(language, value, 1, out);
}

void
digest_words_score(const struct counts *counts, const struct language *language,
	struct buf *out)
{
	struct figures figures;

	figures_of(counts, &figures);
	if (figures.known)
		append_tenth(figures.nps, language, out);
	else
		buf_append_text(out, dash);
}

void
digest_words_change(const struct digest_group *group,
	const struct language *language, struct buf *out)
{
	struct score_change change;

	if (counts_total(&group->now) == 0 || counts_total(&group->then) == 0) {
		buf_append_text(out, dash);
		return;
	}
	significance_change(&group->now, &group->then, &change);
	language_append_change(language, change.points, 1, out);
}

static void
append_percent(double share, const struct language *language, struct buf *out)
{
	struct buf number = {0};

	language_append_number(language, share * 100, 0, &number);
	language_append(language, "percent",
		(const struct language_word[]){
			{"number", number.data}, {NULL, NULL}},
		out);
	buf_done(&number);
}

void
digest_words_share(const struct counts *counts, enum category category,
	const struct language *language, struct buf *out)
{
	double total = counts_number(counts);

	if (total > 0)
		append_percent(
			(double)counts->of[category] / total, language, out);
	else
		buf_append_text(out, dash);
}

/* ---- the period ---- */

static void
write_period(struct digest_words *words, const struct digest_report *report,
	const struct language *language)
{
	struct civil from = zone_civil(zone_of(report), report->period.from_ms);
	/* Its last day. */
	struct civil to = zone_civil(zone_of(report), report->period.to_ms - 1);
	struct buf first = {0}, last = {0};

	if (from.year == to.year && from.month == to.month &&
		from.day == to.day) {
		language_append_time(
			language, "date.weekday", &from, &words->period);
		return;
	}
	language_append_time(language,
		from.year == to.year ? "date.no_year" : "date", &from, &first);
	language_append_time(language, "date", &to, &last);
	language_append(language, "digest.period",
		(const struct language_word[]){
			{"from", first.data}, {"to", last.data}, {NULL, NULL}},
		&words->period);
	buf_done(&first);
	buf_done(&last);
}

static void
write_title(struct digest_words *words, const struct digest_report *report)
{
	buf_append_text(&words->title, report->plan->name);
	if (report->value != NULL)
		buf_printf(&words->title, ", %s", report->value);
}

static void
write_subject(struct digest_words *words, const struct digest_report *report,
	const struct language *language)
{
	const struct digest_group *total = &report->total;
	const char *key = "digest.subject";
	struct buf change = {0};

	if (words->alarming && counts_total(&total->now) == 0)
		key = "digest.subject_silent";
	else if (counts_total(&total->now) == 0)
		key = "digest.subject_nothing";
	else if (counts_total(&total->then) > 0)
		key = "digest.subject_change";
	digest_words_change(total, language, &change);
	language_append(language, key,
		(const struct language_word[]){{"name", words->title.data},
			{"nps", words->nps.data}, {"change", change.data},
			{"period", words->period.data}, {NULL, NULL}},
		&words->subject);
	buf_done(&change);
}

/* ---- what wants attention ---- */

static struct buf *
note(struct digest_words *words)
{
	/* The last place holds what no longer has one of its own. */
	if (words->note_count < DIGEST_FINDINGS_LIMIT)
		words->note_count++;
	else
		buf_append_char(&words->notes[words->note_count - 1], ' ');
	return &words->notes[words->note_count - 1];
}

static void
note_late(struct digest_words *words, const struct digest_report *report,
	const struct language *language)
{
	struct civil due = zone_civil(zone_of(report), report->due_ms);
	struct buf time = {0};
	struct buf *out;

	if (report->by_hand)
		language_append(language, "digest.by_hand", NULL, note(words));
	if (!report->late)
		return;
	out = note(words);
	language_append_time(language, "date_time", &due, &time);
	language_append(language, "digest.late",
		(const struct language_word[]){
			{"time", time.data}, {NULL, NULL}},
		out);
	if (report->missed > 0) {
		buf_append_char(out, ' ');
		language_append_count(
			language, "digest.missed", report->missed, NULL, out);
	}
	buf_done(&time);
}

static void
note_silent(struct digest_words *words, const char *key, const char *survey,
	double usual, const struct language *language)
{
	struct buf number = {0};
	struct buf *out = note(words);

	words->alarming = true;
	language_append_number(language, usual, 0, &number);
	language_append(language, key,
		(const struct language_word[]){{"usual", number.data},
			{"survey", survey}, {NULL, NULL}},
		out);
	buf_append_char(out, ' ');
	language_append(language, "digest.silent_mend", NULL, out);
	buf_done(&number);
}

static void
write_notes(struct digest_words *words, const struct digest_report *report,
	const struct language *language)
{
	note_late(words, report, language);
	if (digest_report_is_silent(&report->total))
		note_silent(words, "digest.silent", NULL,
			digest_report_usual(&report->total), language);
	else if (counts_total(&report->total.now) == 0)
		language_append(language, "digest.nothing", NULL, note(words));
	for (size_t i = 0; i < report->silent.count; i++)
		note_silent(words, "digest.silent_survey",
			report->silent.items[i].name,
			digest_report_usual(&report->silent.items[i]),
			language);
}

/* ---- what the score is, and became ---- */

static void
write_score(struct digest_words *words, const struct digest_report *report,
	const struct language *language)
{
	struct buf low = {0}, high = {0}, band = {0};
	struct figures figures;

	figures_of(&report->total.now, &figures);
	digest_words_score(&report->total.now, language, &words->nps);
	language_append_count(language, "digest.answers", figures.responses,
		NULL, &words->answers);
	if (!figures.known)
		return;
	buf_printf(&band, "band.%s", figures.band);
	language_append(language, band.data, NULL, &words->band);
	append_tenth(figures.low, language, &low);
	append_tenth(figures.high, language, &high);
	language_append(language, "digest.range",
		(const struct language_word[]){
			{"low", low.data}, {"high", high.data}, {NULL, NULL}},
		&words->range);
	buf_done(&low);
	buf_done(&high);
	buf_done(&band);
}

static void
write_change(struct digest_words *words, const struct digest_report *report,
	const struct language *language)
{
	const struct digest_group *total = &report->total;
	struct buf points = {0}, then = {0}, margin = {0};
	struct score_change change;

	if (counts_total(&total->now) == 0)
		return;
	if (counts_total(&total->then) == 0) {
		language_append(
			language, "digest.no_change", NULL, &words->change);
		return;
	}
	significance_change(&total->now, &total->then, &change);
	language_append_change(language, change.points, 1, &points);
	digest_words_score(&total->then, language, &then);
	append_tenth(change.margin, language, &margin);
	language_append(language, "digest.change",
		(const struct language_word[]){{"change", points.data},
			{"nps", then.data}, {NULL, NULL}},
		&words->change);
	buf_append_char(&words->change, ' ');
	language_append(language,
		change.significant ? "digest.change_sure"
				   : "digest.change_unsure",
		(const struct language_word[]){
			{"margin", margin.data}, {NULL, NULL}},
		&words->change);
	buf_done(&points);
	buf_done(&then);
	buf_done(&margin);
}

static void
write_benchmark(struct digest_words *words, const struct digest_report *report,
	const struct language *language)
{
	struct buf points = {0}, benchmark = {0};
	struct figures figures;
	double apart;

	figures_of(&report->total.now, &figures);
	if (!figures.known || !report->plan->benchmark.given)
		return;
	apart = figures.nps - report->plan->benchmark.points;
	append_tenth(fabs(apart), language, &points);
	append_tenth(report->plan->benchmark.points, language, &benchmark);
	language_append(language,
		fabs(apart) < 0.05 ? "digest.equal"
		: apart > 0	   ? "digest.above"
				   : "digest.below",
		(const struct language_word[]){{"points", points.data},
			{"benchmark", benchmark.data}, {NULL, NULL}},
		&words->benchmark);
	buf_done(&points);
	buf_done(&benchmark);
}

/* "promoters", inside a sentence. */
static const char *
class_name(enum category category, const struct language *language)
{
	switch (category) {
	case CATEGORY_PROMOTER:
		return language_text(language, "plural.promoter");
	case CATEGORY_PASSIVE:
		return language_text(language, "plural.passive");
	case CATEGORY_DETRACTOR:
		break;
	}
	return language_text(language, "plural.detractor");
}

static void
write_mix(struct digest_words *words, const struct digest_report *report,
	const struct language *language)
{
	struct class_mix mix;
	struct buf share = {0};

	significance_mix(&report->total.now, &report->total.then, &mix);
	if (!mix.known || !mix.shifted || mix.by < 0.005)
		return;
	append_percent(mix.by, language, &share);
	language_append(language, "digest.mix_shift",
		(const struct language_word[]){{"share", share.data},
			{"lost", class_name(mix.lost, language)},
			{"gained", class_name(mix.gained, language)},
			{NULL, NULL}},
		&words->mix_shift);
	buf_done(&share);
}

/* ---- customers who answered before ---- */

static void
number(struct buf *out, int64_t value, const struct language *language)
{
	language_append_number(language, (double)value, 0, out);
}

static void
write_movement(struct digest_words *words,
	const struct recovery_figures *figures, const struct language *language)
{
	struct buf returning = {0}, up = {0}, down = {0}, repeat = {0};

	if (figures->returning < RECOVERY_CASES_LEAST)
		return;
	number(&returning, figures->returning, language);
	number(&up, figures->up, language);
	number(&down, figures->down, language);
	number(&repeat, figures->repeat_detractors, language);
	language_append(language, "digest.movement",
		(const struct language_word[]){{"returning", returning.data},
			{"up", up.data}, {"down", down.data},
			{"repeat", repeat.data}, {NULL, NULL}},
		&words->movement);
	buf_done(&returning);
	buf_done(&up);
	buf_done(&down);
	buf_done(&repeat);
}

static void
write_recovered(struct digest_words *words,
	const struct recovery_figures *figures, const struct language *language)
{
	struct buf episodes = {0}, recovered = {0}, share = {0}, days = {0};

	if (figures->episodes < RECOVERY_CASES_LEAST)
		return;
	number(&episodes, figures->episodes, language);
	number(&recovered, figures->recovered, language);
	number(&days, RECOVERY_DAYS, language);
	append_percent((double)figures->recovered / (double)figures->episodes,
		language, &share);
	language_append(language, "digest.recovered",
		(const struct language_word[]){{"episodes", episodes.data},
			{"recovered", recovered.data}, {"share", share.data},
			{"days", days.data}, {NULL, NULL}},
		&words->recovered);
	buf_done(&episodes);
	buf_done(&recovered);
	buf_done(&share);
	buf_done(&days);
}

/* ---- all of it ---- */

static void
write_groups(struct digest_words *words, const struct digest_report *report,
	const struct language *language)
{
	size_t count = report->groups.count;

	words->groups_shown =
		count < DIGEST_GROUPS_LIMIT ? count : DIGEST_GROUPS_LIMIT;
	language_append(language,
		report->groups_are_surveys ? "digest.by_survey" : "digest.by",
		(const struct language_word[]){
			{"segment", report->plan->by}, {NULL, NULL}},
		&words->groups);
	if (words->groups_shown < count)
		language_append_count(language, "digest.more",
			(int64_t)(count - words->groups_shown), NULL,
			&words->more_groups);
}

void
digest_words_init(struct digest_words *words,
	const struct digest_report *report, const struct language *language)
{
	*words = (struct digest_words){.note_count = 0};
	write_title(words, report);
	write_period(words, report, language);
	write_score(words, report, language);
	write_change(words, report, language);
	write_benchmark(words, report, language);
	write_mix(words, report, language);
	if (report->groups.count > 0)
		write_groups(words, report, language);
	if (report->has_recovery) {
		write_movement(words, &report->recovery, language);
		write_recovered(words, &report->recovery, language);
	}
	write_notes(words, report, language);
	write_subject(words, report, language);
	language_append(language, "digest.footer",
		(const struct language_word[]){
			{"name", report->plan->name}, {NULL, NULL}},
		&words->footer);
}

void
digest_words_done(struct digest_words *words)
{
	struct buf *const all[] = {&words->subject, &words->title,
		&words->period, &words->answers, &words->nps, &words->band,
		&words->range, &words->change, &words->benchmark,
		&words->mix_shift, &words->movement, &words->recovered,
		&words->footer, &words->groups, &words->more_groups};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		buf_done(all[i]);
	for (size_t i = 0; i < words->note_count; i++)
		buf_done(&words->notes[i]);
	words->note_count = 0;
}
