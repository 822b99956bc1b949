/* Digests in words: figures, what is missing, escaping; text and HTML. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/language.h"
#include "nps/digest_words.h"

static struct languages *languages;
static struct zone *zone;

static void
start(void)
{
	struct conf_errors *errors = conf_errors_new();
	struct err err;

	languages = languages_open(NULL, errors);
	conf_errors_free(errors);
	zone = zone_open("Europe/Amsterdam", &err);
	cr_assert_not_null(zone, "%s", err.text);
}

static void
stop(void)
{
	languages_free(languages);
	zone_close(zone);
}

TestSuite(digest_words, .init = start, .fini = stop);

static int64_t
ms(const char *text)
{
	int64_t instant;

	cr_assert(time_from_rfc3339(text, strlen(text), &instant, NULL));
	return instant;
}

/* A week with everything in it. */
static void
fill(struct digest_report *report, struct digest_plan *plan)
{
	static char name[] = "weekly", every[] = "mon 08:00", by[] = "region";
	static const char *const values[] = {"NL", "BE", "<b>&\"'\u202e", "DE"};

	*plan = (struct digest_plan){.name = name, .by = by, .zone = zone};
	plan->every.text = every;
	plan->benchmark.given = true;
	plan->benchmark.points = 45;
	*report = (struct digest_report){
		.plan = plan,
		.due_ms = ms("2026-11-23T07:00:00Z"),
		.period = {ms("2026-11-15T23:00:00Z"),
			ms("2026-11-22T23:00:00Z")},
		.total = {.now = {.of = {180, 520, 1300}},
			.then = {.of = {120, 480, 1400}},
			.earlier = 8000},
		.has_recovery = true,
		.recovery = {.returning = 640,
			.up = 120,
			.down = 180,
			.same = 340,
			.repeat_detractors = 41,
			.episodes = 88,
			.recovered = 37},
	};
	for (int i = 0; i < 4; i++) {
		struct digest_group *group =
			digest_groups_at(&report->groups, values[i]);

		group->now = (struct counts){.of = {40 + i, 100, 300 - 60 * i}};
		group->then = (struct counts){.of = {30, 100, i < 3 ? 300 : 0}};
		if (i == 3)
			group->then = (struct counts){.of = {0}};
	}
	digest_groups_sort(&report->groups);
	report->follow_ups.known = true;
	report->follow_ups.open = 17;
	report->follow_ups.overdue = 3;
	report->follow_ups.value = 1284000;
	report->follow_ups.reasons[0] = (struct digest_reason){"delivery", 9};
	report->follow_ups.reasons[1] = (struct digest_reason){"price", 4};
	report->follow_ups.reason_count = 2;
	report->comments[0] = (struct digest_comment){2,
		ms("2026-11-22T10:00:00Z"), "s",
		"<script>alert(1)</script> It took three weeks before anybody "
		"rang me back, and then […] knew nothing of it."};
	report->comments[1] = (struct digest_comment){
		5, ms("2026-11-20T10:00:00Z"), "s", "Te duur & te laat."};
	report->comment_count = 2;
}

/* Both parts, also as files where NPSD_DIGEST_OUT names a folder: to be looked
 * at. */
static void
write_parts(const struct digest_report *report, const char *name,
	const char *label, struct buf *text, struct buf *html)
{
	const struct language *language = languages_find(languages, name);
	const char *folder = getenv("NPSD_DIGEST_OUT");
	struct digest_words words;

	digest_words_init(&words, report, language);
	digest_text_append(text, report, &words, language);
	digest_html_append(html, report, &words, language);
	digest_words_done(&words);
	for (int i = 0; folder != NULL && i < 2; i++) {
		const struct buf *part = i == 0 ? text : html;
		char path[200];
		FILE *file;

		snprintf(path, sizeof(path), "%s/%s-%s.%s", folder, label, name,
			i == 0 ? "txt" : "html");
		file = fopen(path, "w");
		cr_assert_not_null(file);
		fwrite(part->data, 1, part->length, file);
		fclose(file);
	}
}

static void
expect(const struct buf *part, const char *needle, const char *name)
{
	cr_expect_not_null(strstr(part->data, needle), "%s: no \"%s\" in %s",
		name, needle, part->data);
}

Test(digest_words, each_language_has_its_decimals_dates_and_words)
{
	static const struct {
		const char *language;
		const char *needles[12];
	} rows[] = {
		{"en", {"16 November to 22 November 2026",
			       "NPS 56.0 (excellent)", "2,000 answers",
			       "−8.0 against the period before", "(NPS 64.0)",
			       "11.0 above the benchmark of 45.0", "Detractors",
			       "1,284,000", "ended in this period: 88;",
			       "better score in them: 37 (42%)"}},
		{"nl", {"16 november t/m 22 november 2026",
			       "NPS 56,0 (uitstekend)", "2.000 antwoorden",
			       "−8,0 ten opzichte van de periode",
			       "11,0 boven de benchmark van 45,0",
			       "Criticasters", "1.284.000", "(42%)"}},
		{"nb", {"16. november til 22. november 2026",
			       "NPS 56,0 (utmerket)", "2\u00a0000 svar",
			       "−8,0 mot perioden før",
			       "11,0 over referansen på 45,0", "Kritikere",
			       "1\u00a0284\u00a0000", "(42\u00a0%)"}},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct digest_plan plan;
		struct digest_report report;
		struct buf text = {0}, html = {0}, flat = {0};

		fill(&report, &plan);
		write_parts(&report, rows[i].language, "full", &text, &html);
		/* lines are broken at blanks */
		for (size_t at = 0; at < text.length; at++)
			buf_append_char(&flat,
				text.data[at] == '\n' ? ' ' : text.data[at]);
		for (size_t j = 0; rows[i].needles[j] != NULL; j++)
			expect(&flat, rows[i].needles[j], rows[i].language);
		cr_expect_null(strstr(html.data, "<script"), "escaped");
		cr_expect_null(strstr(html.data, "<b>"), "escaped");
		cr_expect_null(strstr(html.data, "\u202e"), "turned about");
		cr_expect_null(strstr(html.data, "{"), "a word is not filled");
		cr_expect_null(strstr(html.data, "digest."), "a key is shown");
		expect(&html, "&lt;script&gt;", rows[i].language);
		digest_groups_done(&report.groups);
		buf_done(&text);
		buf_done(&html);
		buf_done(&flat);
	}
}

struct silent_row {
	int64_t earlier;
	bool late;
	int missed;
	const char *subject, *text;
};

Test(digest_words, says_when_nothing_happened_and_when_something_should_have)
{
	static const struct silent_row rows[] = {
		{0, false, 0,
			"weekly: no answers, 16 November to 22 November 2026",
			"Nobody answered in this period."},
		{39, false, 0, "weekly: no answers, 16 Nov",
			"Nobody answered in this period."},
		{40, false, 0, "weekly: no answers where there should be some",
			"Something may be broken: nobody answered, where about "
			"10"},
		{0, true, 0, "weekly: no answers, ",
			"It was due Monday 23 November 2026, 08:00, when"},
		{0, true, 2, "weekly: no answers, ",
			"2 more digests before it were not sent"},
	};
	const struct language *english = languages_find(languages, "en");

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct digest_plan plan;
		struct digest_report report;
		struct digest_words words;
		struct buf text = {0}, html = {0}, notes = {0};

		fill(&report, &plan);
		digest_groups_done(&report.groups);
		report.total =
			(struct digest_group){.earlier = rows[i].earlier};
		report.late = rows[i].late;
		report.missed = rows[i].missed;
		report.has_recovery = report.follow_ups.known = false;
		report.comment_count = 0;
		digest_words_init(&words, &report, english);
		for (size_t j = 0; j < words.note_count; j++)
			buf_append_text(&notes, words.notes[j].data);
		expect(&words.subject, rows[i].subject, "subject");
		expect(&notes, rows[i].text, "text");
		cr_expect_eq(
			words.alarming, rows[i].earlier >= 40, "row %zu", i);
		digest_words_done(&words);
		write_parts(&report, "en", i == 2 ? "silent" : "nothing", &text,
			&html);
		buf_done(&text);
		buf_done(&html);
		buf_done(&notes);
	}
}

Test(digest_words, what_is_usual_is_that_of_the_same_weekdays)
{
	static const struct {
		const char *every;
		int step;
	} rows[] = {{"daily 08:00", 7}, {"mon-fri 08:00", 5}, {"mon 08:00", 1},
		{"1st 08:00", 1}};

	for (size_t i = 0; i < 4; i++) {
		struct schedule schedule;

		cr_assert(schedule_parse(&schedule, rows[i].every, NULL));
		cr_expect_eq(digest_report_step(&schedule), rows[i].step, "%s",
			rows[i].every);
	}
}
