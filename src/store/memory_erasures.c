/*
 * memory_erasures - erasures of the memory kind: what is asked for, which answers
 * are taken in, what is looked through.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "store/memory_kind.h"

/* ---- what is asked for ---- */

static void
put_at(struct memory_store *store, const struct erasure_row *from)
{
	struct kept_erasure *to = mem_new(1, sizeof(*to));

	to->row = *from;
	to->row.by = keep_text(&to->kept, from->by);
	to->row.why = keep_text(&to->kept, from->why);
	to->row.report = keep_text(&to->kept, from->report);
	table_put(store, TABLE_ERASURES, (size_t)from->row - 1, &to->kept);
}

static const struct erasure_row *
erasure_at(const struct memory_store *store, size_t index)
{
	const struct kept_erasure *kept =
		table_row(store, TABLE_ERASURES, index);

	return &kept->row;
}

bool
memory_put_erasure(
	struct store_writer *base, struct erasure_row *erasure, struct err *err)
{
	struct memory_store *store = memory_of(base);

	if (!memory_may_write(store, err))
		return false;
	erasure->row = (int64_t)table_count(store, TABLE_ERASURES) + 1;
	erasure->upto = (int64_t)table_count(store, TABLE_ANSWERS);
	put_at(store, erasure);
	return true;
}

bool
memory_change_erasure(struct store_writer *base,
	const struct erasure_row *erasure, struct err *err)
{
	struct memory_store *store = memory_of(base);
	struct erasure_row changed;

	if (!memory_may_write(store, err))
		return false;
	if (erasure->row < 1 ||
		(size_t)erasure->row > table_count(store, TABLE_ERASURES))
		return true;
	changed = *erasure_at(store, (size_t)erasure->row - 1);
	changed.phase = erasure->phase;
	changed.report = erasure->report;
	changed.ended_ms = erasure->ended_ms;
	put_at(store, &changed);
	return true;
}

enum store_found
memory_next_erasure(struct store_writer *base, int64_t after,
	on_erasure_fn on_found, void *context, struct err *err)
{
	const struct memory_store *store = memory_of(base);

	(void)err;
	for (size_t i = 0; i < table_count(store, TABLE_ERASURES); i++) {
		if (erasure_at(store, i)->phase == ERASURE_DONE ||
			erasure_at(store, i)->row <= after)
			continue;
		on_found(erasure_at(store, i), context);
		return STORE_FOUND;
	}
	return STORE_NONE;
}

json_t *
memory_list_erasure(const struct memory_store *store, size_t index,
	const struct store_filter *filter)
{
	const struct erasure_row *one = erasure_at(store, index);

	return one->asked_ms < filter->since_ms ? NULL : row_json_erasure(one);
}

/* ---- what it looks for ---- */

bool
memory_put_erasure_word(struct store_writer *base, int64_t erasure,
	const struct erasure_word *word, struct err *err)
{
	struct memory_store *store = memory_of(base);
	struct kept_word *put;

	if (!memory_may_write(store, err))
		return false;
	put = mem_new(1, sizeof(*put));
	put->erasure = erasure;
	put->row = *word;
	put->row.text = keep_text(&put->kept, word->text);
	put->row.mark = keep_text(&put->kept, word->mark);
	table_append(store, TABLE_WORDS, &put->kept);
	return true;
}

bool
memory_each_erasure_word(struct store_writer *base, int64_t erasure,
	void (*on_word)(const struct erasure_word *word, void *context),
	void *context, struct err *err)
{
	const struct memory_store *store = memory_of(base);

	(void)err;
	for (size_t i = 0; i < table_count(store, TABLE_WORDS); i++) {
		const struct kept_word *one = table_row(store, TABLE_WORDS, i);

		if (one && one->erasure == erasure)
			on_word(&one->row, context);
	}
	return true;
}

bool
memory_drop_erasure_words(
	struct store_writer *base, int64_t erasure, struct err *err)
{
	struct memory_store *store = memory_of(base);

	if (!memory_may_write(store, err))
		return false;
	for (size_t i = 0; i < table_count(store, TABLE_WORDS); i++) {
		const struct kept_word *one = table_row(store, TABLE_WORDS, i);

		if (one && one->erasure == erasure)
			table_put(store, TABLE_WORDS, i, NULL);
	}
	return true;
}

/* ---- the answers that it takes in ---- */

static const struct kept_erased *
erased_at(const struct memory_store *store, size_t index)
{
	return table_row(store, TABLE_ERASED, index);
}

int64_t
memory_erased_ms(const struct memory_store *store, int64_t answer)
{
	for (size_t i = 0; i < table_count(store, TABLE_ERASED); i++)
		if (erased_at(store, i)->answer == answer)
			return erased_at(store, i)->erased_ms;
	return -1;
}

bool
memory_plan_erased(struct store_writer *base, int64_t erasure, int64_t answer,
	struct err *err)
{
	struct memory_store *store = memory_of(base);
	struct kept_erased *put;

	if (!memory_may_write(store, err))
		return false;
	if (memory_erased_ms(store, answer) >= 0)
		return true;
	put = mem_new(1, sizeof(*put));
	put->erasure = erasure;
	put->answer = answer;
	table_append(store, TABLE_ERASED, &put->kept);
	return true;
}

/* The one with the lowest answer above `after`; NULL: none. */
static const struct kept_erased *
next_erased(const struct memory_store *store, int64_t erasure, int64_t after)
{
	const struct kept_erased *next = NULL;

	for (size_t i = 0; i < table_count(store, TABLE_ERASED); i++) {
		const struct kept_erased *one = erased_at(store, i);

		if (one->erasure == erasure && one->answer > after &&
			(!next || one->answer < next->answer))
			next = one;
	}
	return next;
}

bool
memory_each_erased(struct store_writer *base, int64_t erasure, int64_t after,
	int n,
	void (*on_answer)(int64_t answer, int64_t erased_ms, void *context),
	void *context, struct err *err)
{
	const struct memory_store *store = memory_of(base);
	const struct kept_erased *one = next_erased(store, erasure, after);

	(void)err;
	for (; one && n > 0; n--) {
		on_answer(one->answer, one->erased_ms, context);
		one = next_erased(store, erasure, one->answer);
	}
	return true;
}

static bool
has_left(const struct delivery_row *delivery)
{
	return delivery->tries > 0 || delivery->state == DELIVERY_DELIVERED;
}

bool
memory_each_left(struct store_writer *base, int64_t answer,
	void (*on_left)(const char *action, void *context), void *context,
	struct err *err)
{
	const struct memory_store *store = memory_of(base);

	(void)err;
	for (size_t i = 0; i < table_count(store, TABLE_DELIVERIES); i++) {
		const struct delivery_row *one = memory_delivery_at(store, i);
		const struct delivery_row *told =
			one && one->state == DELIVERY_FOLDED
				? memory_find_delivery(store, one->message)
				: one;

		if (one && one->answer == answer && told && has_left(told))
			on_left(one->action, context);
	}
	return true;
}

/* ---- what is looked through ---- */

static void
set_text(struct words_row *words, int at, const char *text)
{
	words->texts[at] = text;
	words->lengths[at] = text ? strlen(text) : 0;
}

static void
set_answer(struct words_row *words, const struct answer_row *answer)
{
	words->customer = answer->customer;
	words->source = answer->source;
	words->texts[0] = answer->content;
	words->lengths[0] = answer->content_length;
}

static void
tell_answer(const struct memory_store *store, size_t index,
	struct words_row *words,
	void (*on_words)(const struct words_row *words, void *context),
	void *context)
{
	const struct answer_row *answer = memory_answer_at(store, index);

	set_answer(words, answer);
	if (answer->content)
		on_words(words, context);
	for (size_t i = 0; i < table_count(store, TABLE_PAST); i++) {
		const struct kept_answer *past =
			table_row(store, TABLE_PAST, i);

		if (!past || past->row.row != words->row || !past->row.content)
			continue;
		set_answer(words, &past->row);
		on_words(words, context);
	}
}

static bool
set_rejected(
	const struct memory_store *store, size_t index, struct words_row *words)
{
	const struct kept_rejected *one =
		table_row(store, TABLE_REJECTED, index);
	long long answer;

	if (!one)
		return false;
	words->source = one->row.source;
	set_text(words, 0, one->row.text);
	words->texts[1] = one->row.bytes;
	words->lengths[1] = one->row.length;
	set_text(words, 2, one->row.place);
	if (one->row.reason == REJECTED_CONFLICT && one->row.text &&
		sscanf(one->row.text, "answer %lld has", &answer) == 1)
		words->of = answer;
	return true;
}

static bool
set_lone(
	const struct memory_store *store, size_t index, struct words_row *words)
{
	const struct delivery_row *one = memory_delivery_at(store, index);

	if (!one || one->answer != 0)
		return false;
	set_text(words, 0, one->recipient);
	set_text(words, 1, one->reason);
	words->texts[2] = one->body;
	words->lengths[2] = one->body_length;
	return true;
}

/* Its attempts stand behind it. */
static void
tell_lone(const struct memory_store *store, struct words_row *words,
	void (*on_words)(const struct words_row *words, void *context),
	void *context)
{
	const struct delivery_row *one =
		memory_delivery_at(store, (size_t)words->row - 1);

	words->cause = one->cause;
	words->rule = one->rule;
	words->state = one->state;
	words->created_ms = one->created_ms;
	on_words(words, context);
	set_text(words, 0, NULL);
	words->texts[2] = NULL;
	words->lengths[2] = 0;
	for (size_t i = 0; i < table_count(store, TABLE_ATTEMPTS); i++) {
		const struct kept_attempt *attempt =
			table_row(store, TABLE_ATTEMPTS, i);

		if (!attempt || attempt->delivery != words->row ||
			!attempt->row.reason)
			continue;
		set_text(words, 1, attempt->row.reason);
		on_words(words, context);
	}
}

static void
tell_notes(const struct memory_store *store, struct words_row *words,
	void (*on_words)(const struct words_row *words, void *context),
	void *context)
{
	for (size_t i = 0; i < table_count(store, TABLE_EVENTS); i++) {
		const struct kept_event *one =
			table_row(store, TABLE_EVENTS, i);

		if (!one || one->row.follow_up != words->row)
			continue;
		set_text(words, 0, one->row.note);
		set_text(words, 1, one->row.reason);
		on_words(words, context);
	}
}

static bool
set_silence(
	const struct memory_store *store, size_t index, struct words_row *words)
{
	const struct kept_silence *one =
		table_row(store, TABLE_SILENCES, index);

	if (!one)
		return false;
	set_text(words, 0, one->row.match);
	set_text(words, 1, one->row.why);
	return true;
}

static void
tell(const struct memory_store *store, enum store_words what, int64_t row,
	void (*on_words)(const struct words_row *words, void *context),
	void *context)
{
	struct words_row words = {.row = row};
	size_t index = (size_t)row - 1;
	bool is_there = false;

	switch (what) {
	case WORDS_ANSWERS:
		tell_answer(store, index, &words, on_words, context);
		return;
	case WORDS_NOTES:
		tell_notes(store, &words, on_words, context);
		return;
	case WORDS_REJECTED:
		is_there = set_rejected(store, index, &words);
		break;
	case WORDS_LONE:
		if (set_lone(store, index, &words))
			tell_lone(store, &words, on_words, context);
		return;
	case WORDS_SILENCES:
		is_there = set_silence(store, index, &words);
		break;
	case WORDS_RECIPIENTS:
		break;
	}
	if (is_there)
		on_words(&words, context);
}

bool
memory_read_words(struct store_writer *base, enum store_words what,
	int64_t upto, int64_t *row, bool *more,
	void (*on_words)(const struct words_row *words, void *context),
	void *context, struct err *err)
{
	static const enum table_name tables[STORE_WORDS] = {
		[WORDS_ANSWERS] = TABLE_ANSWERS,
		[WORDS_REJECTED] = TABLE_REJECTED,
		[WORDS_LONE] = TABLE_DELIVERIES,
		[WORDS_NOTES] = TABLE_FOLLOW_UPS,
		[WORDS_SILENCES] = TABLE_SILENCES,
	};
	const struct memory_store *store = memory_of(base);
	int64_t last = (int64_t)table_count(store, tables[what]);
	int64_t end;

	(void)err;
	if (upto > 0 && upto < last)
		last = upto;
	*more = last - *row > STORE_SPAN_ROWS;
	end = *more ? *row + STORE_SPAN_ROWS : last;
	while (*row < end)
		tell(store, what, ++*row, on_words, context);
	return true;
}

bool
memory_read_file(struct store_writer *base, int64_t offset, void *bytes,
	size_t room, size_t *length, struct err *err)
{
	(void)base;
	(void)offset;
	(void)bytes;
	(void)room;
	(void)err;
	*length = 0;
	return true;
}
