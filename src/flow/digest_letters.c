/* digest_letters - what was read, made into letters. */
#include "flow/digest_letters.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "nps/digest_words.h"

/* ---- from what was read to a report ---- */

static void
add_cell(struct digest_group *group, const struct digest_cell *cell)
{
	counts_add(&group->now, &cell->now, 1);
	counts_add(&group->then, &cell->then, 1);
	group->earlier += cell->earlier;
}

/* Counts of the whole (value NULL) or of one value. */
static void
take_counts(
	struct digest_report *report, const struct digest_gathered *gathered)
{
	const struct digest_plan *plan = report->plan;

	report->groups_are_surveys = plan->by == NULL || report->value != NULL;
	for (size_t i = 0; i < gathered->cell_count; i++) {
		const struct digest_cell *cell = &gathered->cells[i];

		if (text_same(cell->value, report->value))
			add_cell(&report->total, cell);
		if (report->groups_are_surveys
				? text_same(cell->value, report->value)
				: cell->value != NULL)
			add_cell(digest_groups_at(&report->groups,
					 report->groups_are_surveys
						 ? cell->survey
						 : cell->value),
				cell);
	}
	digest_groups_sort(&report->groups);
}

/* A survey alone needs no table; one that fell silent is told of, unless all
 * did. */
static void
take_silent(
	struct digest_report *report, const struct digest_gathered *gathered)
{
	if (report->groups_are_surveys && report->groups.count < 2)
		digest_groups_done(&report->groups);
	if (report->value != NULL || counts_total(&report->total.now) == 0)
		return;
	for (size_t i = 0; i < gathered->cell_count; i++) {
		const struct digest_cell *cell = &gathered->cells[i];
		struct digest_group group = {.earlier = cell->earlier};

		counts_add(&group.now, &cell->now, 1);
		if (cell->value == NULL && digest_report_is_silent(&group))
			add_cell(
				digest_groups_at(&report->silent, cell->survey),
				cell);
	}
}

static bool
is_about(const struct digest_report *report, const json_t *one)
{
	return report->value == NULL ||
	       text_same(json_string_at(one, "value"), report->value);
}

static void
take_comments(
	struct digest_report *report, const struct digest_gathered *gathered)
{
	json_t *one;
	size_t i;

	json_array_foreach(gathered->comments, i, one)
	{
		if (report->comment_count == (size_t)report->plan->comments)
			return;
		if (!is_about(report, one))
			continue;
		report->comments[report->comment_count++] =
			(struct digest_comment){
				(int)json_integer_value(
					json_object_get(one, "score")),
				json_integer_value(
					json_object_get(one, "answered_ms")),
				json_string_at(one, "survey"),
				json_string_at(one, "text")};
	}
}

/* An account with several follow-ups counts once. */
static void
take_open(struct digest_report *report, const struct digest_gathered *gathered)
{
	json_t *accounts = json_object(), *one;
	size_t i;

	json_array_foreach(gathered->follow_ups, i, one)
	{
		const char *account = json_string_at(one, "account");
		double worth = json_number_value(json_object_get(one, "worth"));

		if (!is_about(report, one))
			continue;
		report->follow_ups.open++;
		report->follow_ups.overdue +=
			json_is_true(json_object_get(one, "overdue"));
		if (account != NULL &&
			json_object_get(accounts, account) != NULL)
			continue;
		if (account != NULL)
			json_object_set_new(accounts, account, json_true());
		report->follow_ups.value += worth;
	}
	json_decref(accounts);
}

static void
count_reason(struct digest_report *report, const char *name)
{
	struct digest_reason *reasons = report->follow_ups.reasons;
	size_t count = report->follow_ups.reason_count;

	for (size_t i = 0; i < count; i++)
		if (text_same(reasons[i].name, name)) {
			reasons[i].count++;
			return;
		}
	if (count < DIGEST_REASONS_LIMIT)
		reasons[report->follow_ups.reason_count++] =
			(struct digest_reason){name, 1};
}

static int
by_count(const void *a, const void *b)
{
	const struct digest_reason *one = a, *other = b;

	if (one->count != other->count)
		return one->count > other->count ? -1 : 1;
	return strcmp(one->name, other->name);
}

static void
take_reasons(
	struct digest_report *report, const struct digest_gathered *gathered)
{
	json_t *one;
	size_t i;

	json_array_foreach(gathered->reasons, i, one)
	{
		const char *name = json_string_at(one, "reason");

		if (name != NULL && is_about(report, one))
			count_reason(report, name);
	}
	qsort(report->follow_ups.reasons, report->follow_ups.reason_count,
		sizeof(struct digest_reason), by_count);
}

static void
make_report(struct digest_report *report, const struct digest_plan *plan,
	const struct digest_occasion *occasion, const char *value,
	const struct digest_gathered *gathered)
{
	*report = (struct digest_report){
		.plan = plan,
		.value = value,
		.due_ms = occasion->due_ms,
		.late = occasion->late,
		.by_hand = occasion->by_hand,
		.missed = occasion->missed,
		.period = occasion->period,
		/* It is of customers, not of a segment's. */
		.has_recovery = gathered->has_recovery && value == NULL,
		.recovery = gathered->recovery,
	};
	take_counts(report, gathered);
	take_silent(report, gathered);
	take_comments(report, gathered);
	report->follow_ups.known = gathered->any_follow_up;
	take_open(report, gathered);
	take_reasons(report, gathered);
}

/* ---- letters ---- */

static void
copy_texts(struct setting_texts *to, const struct setting_texts *from)
{
	to->items = mem_new(from->count + 1, sizeof(char *));
	to->count = from->count;
	for (size_t i = 0; i < from->count; i++)
		to->items[i] = mem_strdup(from->items[i]);
}

/* The document that an action which is no email gets. */
static json_t *
document_of(const struct digest_report *report, const char *subject,
	const char *text)
{
	json_t *digest = digest_report_json(report);

	json_object_set_new(digest, "subject", json_string(subject));
	json_object_set_new(digest, "text", json_string(text));
	return json_pack("{s:n, s:n, s:n, s:n, s:{}, s:o}", "response",
		"category", "previous", "rule", "nps", "digest", digest);
}

static void
add_letter(struct digest_job *job, const struct digest_report *report,
	const struct setting_texts *to, const struct language *language)
{
	struct digest_words words;
	struct buf text = {0}, html = {0};
	struct digest_letter *letter;

	digest_words_init(&words, report, language);
	digest_text_append(&text, report, &words, language);
	digest_html_append(&html, report, &words, language);
	job->letters = mem_grow(job->letters, job->letter_count + 1,
		sizeof(struct digest_letter));
	letter = &job->letters[job->letter_count++];
	*letter = (struct digest_letter){
		.value = mem_strdup(report->value),
		.subject = buf_take(&words.subject),
		.text = buf_take(&text),
		.html = buf_take(&html),
		.language = mem_strdup(language_name(language)),
	};
	letter->document = document_of(report, letter->subject, letter->text);
	copy_texts(&letter->to, to);
	digest_words_done(&words);
}

static void
make_letter(struct digest_job *job, const struct digest_plan *plan,
	const struct digest_occasion *occasion, const char *value,
	const struct setting_texts *to, const struct digest_gathered *gathered,
	const struct language *language)
{
	struct digest_report report;

	make_report(&report, plan, occasion, value, gathered);
	add_letter(job, &report, to, language);
	digest_groups_done(&report.groups);
	digest_groups_done(&report.silent);
}

void
digest_letters_make(struct digest_job *job, const struct digest_plan *plan,
	const struct digest_occasion *occasion,
	const struct digest_gathered *gathered, const struct language *language)
{
	const struct digest_readers *readers = &plan->readers;

	if (plan->to.count > 0 || readers->count == 0)
		make_letter(job, plan, occasion, NULL, &plan->to, gathered,
			language);
	for (size_t i = 0; i < readers->count; i++)
		make_letter(job, plan, occasion, readers->values[i],
			&readers->to[i], gathered, language);
}

json_t *
digest_letters_json(const struct digest_job *job)
{
	json_t *letters = json_array();

	for (size_t i = 0; i < job->letter_count; i++) {
		const struct digest_letter *letter = &job->letters[i];
		json_t *to = json_array();

		for (size_t j = 0; j < letter->to.count; j++)
			json_array_append_new(
				to, json_string(letter->to.items[j]));
		json_array_append_new(letters,
			json_pack("{s:s?, s:o, s:s, s:s, s:s, s:s, s:O}",
				"value", letter->value, "to", to, "language",
				letter->language, "subject", letter->subject,
				"text", letter->text, "html", letter->html,
				"digest",
				json_object_get(letter->document, "digest")));
	}
	return letters;
}
