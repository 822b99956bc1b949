/* erasing_search - where somebody who is forgotten may stand. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "flow/erasing_private.h"
#include "nps/spelling.h"

/* ---- answers ---- */

/* The place of an answer in the list. */
static size_t
place_of(const struct erasing_one *one, int64_t answer)
{
	size_t low = 0, high = one->found_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (one->found[middle] < answer)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool
erasing_holds(const struct erasing_one *one, int64_t answer)
{
	size_t at = place_of(one, answer);

	return at < one->found_count && one->found[at] == answer;
}

void
erasing_take(struct erasing_one *one, int64_t answer)
{
	size_t at = place_of(one, answer);

	if (erasing_holds(one, answer))
		return;
	one->found =
		mem_grow(one->found, one->found_count + 1, sizeof(*one->found));
	memmove(&one->found[at + 1], &one->found[at],
		(one->found_count - at) * sizeof(*one->found));
	one->found[at] = answer;
	one->found_count++;
}

struct finding {
	struct erasing_one *one;
	struct keeping *keeping;
};

static bool
asks_for_key(const struct erasing_one *one)
{
	return one->row.scope == ERASURE_OF_CUSTOMER;
}

/* NULL: it cannot be read. */
static struct response *
restore(const struct words_row *words)
{
	struct err err;

	return words->texts[0] != NULL ? response_restore(words->texts[0],
						 words->lengths[0], true, &err)
				       : NULL;
}

static bool
is_candidate(const struct erasing_one *one, const struct words_row *words)
{
	if (words->customer != NULL &&
		person_owns(&one->person, words->customer, NULL))
		return true;
	return !asks_for_key(one) && words->texts[0] != NULL &&
	       person_may_stand_in(
		       &one->person, words->texts[0], words->lengths[0]);
}

static bool
is_owned(const struct erasing_one *one, const struct words_row *words,
	const struct response *response)
{
	return person_owns(&one->person, words->customer,
		response != NULL && !asks_for_key(one) ? response->record
						       : NULL);
}

static void
on_answer(const struct words_row *words, void *context)
{
	struct finding *finding = context;
	struct erasing_one *one = finding->one;

	pulse_beat(finding->keeping->pulse, finding->keeping->clock);
	if (is_candidate(one, words)) {
		struct response *response = restore(words);

		if (is_owned(one, words, response)) {
			erasing_take(one, words->row);
			one->learnt |= person_learn(&one->person,
				words->customer,
				response != NULL ? response->record : NULL);
		}
		response_free(response);
	}
	if (one->row.mentions && spelling_names(&one->person, words->texts[0],
					 words->lengths[0]))
		erasing_take(one, words->row);
}

bool
erasing_find(struct erasing_one *one, struct keeping *keeping, bool *more,
	struct err *err)
{
	struct finding finding = {one, keeping};
	int64_t last = one->row.upto, upto = one->at + ERASING_SPAN_ROWS;
	bool good;

	if (last > 0 && upto > last)
		upto = last;
	good = store_read_words(keeping->store, WORDS_ANSWERS, upto, &one->at,
		more, on_answer, &finding, err);
	*more = one->at == upto && upto != last;
	return good;
}

/* ---- what hangs on no answer ---- */

struct hits {
	struct erasing_one *one;
	struct keeping *keeping;
	int64_t *rows;
	size_t count;
};

static bool
is_named(const struct erasing_one *one, const struct words_row *words)
{
	for (int i = 0; i < 3; i++)
		if (spelling_names(
			    &one->person, words->texts[i], words->lengths[i]))
			return true;
	return false;
}

static void
on_words(const struct words_row *words, void *context)
{
	struct hits *hits = context;
	const struct erasing_one *one = hits->one;
	bool conflict = words->of != 0 && erasing_holds(one, words->of);

	pulse_beat(hits->keeping->pulse, hits->keeping->clock);
	if (!conflict && !is_named(one, words))
		return;
	/* Several texts of one row come one after the other. */
	if (hits->count > 0 && hits->rows[hits->count - 1] == words->row)
		return;
	hits->rows = mem_grow(hits->rows, hits->count + 1, sizeof(*hits->rows));
	hits->rows[hits->count++] = words->row;
}

static void
note_silence(struct erasing_one *one, int64_t row)
{
	one->silences = mem_grow(
		one->silences, one->silence_count + 1, sizeof(*one->silences));
	one->silences[one->silence_count++] = row;
}

/* An answer of somebody else is theirs: it is told, and stays. */
static void
tell_mention(struct erasing_one *one, int64_t row)
{
	json_t *rows = json_object_get(one->report, "named_in");

	if (erasing_holds(one, row))
		return;
	erasing_count(one, NULL, "named", 1);
	if (json_array_size(rows) == ERASING_ROWS_TOLD)
		return;
	char *text = mem_printf("%lld", (long long)row);

	json_array_append_new(rows, json_string(text));
	free(text);
}

static bool
erase_hit(struct erasing_one *one, struct keeping *keeping, int64_t row,
	struct err *err)
{
	static const char *const names[STORE_WORDS] = {
		[WORDS_REJECTED] = "rejected",
		[WORDS_NOTES] = "notes",
		[WORDS_SILENCES] = "silences",
	};

	if (one->what == WORDS_ANSWERS) {
		tell_mention(one, row);
		return true;
	}
	erasing_count(one, "erased", names[one->what], 1);
	if (one->what == WORDS_SILENCES)
		note_silence(one, row);
	return store_erase_words(
		keeping->store, one->what, row, keeping->now_ms, err);
}

static bool
search_some(struct erasing_one *one, struct keeping *keeping, bool *more,
	struct err *err)
{
	struct hits hits = {one, keeping, NULL, 0};
	int64_t upto = one->at + ERASING_SPAN_ROWS;
	bool good = store_read_words(keeping->store, one->what, upto, &one->at,
		more, on_words, &hits, err);

	*more = one->at == upto;

	for (size_t i = 0; good && i < hits.count; i++)
		good = erase_hit(one, keeping, hits.rows[i], err);
	free(hits.rows);
	return good;
}

static bool
drop_storms(struct erasing_one *one, struct keeping *keeping, struct err *err)
{
	bool good = true;

	for (size_t i = 0; good && i < one->person.count; i++)
		good = store_drop_storms(
			keeping->store, one->person.words[i].text, err);
	return good;
}

bool
erasing_search(struct erasing_one *one, struct keeping *keeping, bool *more,
	struct err *err)
{
	bool in_table = false, begins = one->at == 0;

	if (begins && one->what == WORDS_ANSWERS &&
		!drop_storms(one, keeping, err))
		return false;
	if (one->what == WORDS_LONE
			? !erasing_search_lone(one, keeping,
				  one->at + ERASING_SPAN_ROWS, &one->at,
				  &in_table, err)
			: !search_some(one, keeping, &in_table, err))
		return false;
	if (!in_table) {
		one->what++;
		one->at = 0;
	}
	*more = in_table || (int)one->what < (int)STORE_WORDS;
	return true;
}

/* ---- the file itself ---- */

/* Each word is looked for by itself: a slice takes as long for many. */
static size_t
file_span(const struct person *person)
{
	size_t span = ERASING_FILE_BYTES / (person->count / 4 + 1);

	return span > ERASING_FILE_LEAST_BYTES ? span
					       : ERASING_FILE_LEAST_BYTES;
}

/* What begins in the overlap is counted with the next slice. */
bool
erasing_search_file(struct erasing_one *one, struct keeping *keeping,
	bool *more, struct err *err)
{
	size_t overlap = 6 * person_longest(&one->person) + 1, length = 0;
	size_t span = file_span(&one->person), room = span + overlap;
	char *bytes = mem_new(room, 1);
	bool good = store_read_file(
		keeping->store, one->at, bytes, room, &length, err);
	size_t upto = length < span ? length : span;
	json_t *file = json_object_get(one->report, "file");

	if (good && length > 0) {
		json_t *found = json_object_get(file, "found");
		size_t count =
			person_count_in(&one->person, bytes, length, upto);

		json_integer_set(
			found, json_integer_value(found) + (json_int_t)count);
		one->at += (int64_t)upto;
		json_integer_set(
			json_object_get(file, "bytes"), (json_int_t)one->at);
	}
	*more = length == room;
	free(bytes);
	return good;
}
