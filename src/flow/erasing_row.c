/* erasing_row - an erasure as it is kept: its row, its words, its answers. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "flow/erasing_private.h"

/* ---- in memory ---- */

struct erasing_one *
erasing_one_new(const struct erasure_row *row)
{
	struct erasing_one *one = mem_new(1, sizeof(*one));

	one->row = *row;
	one->row.by = one->row.why = one->row.report = NULL;
	one->since_ms = INT64_MAX;
	one->person.exact = row->scope == ERASURE_OF_CUSTOMER;
	return one;
}

void
erasing_one_free(struct erasing_one *one)
{
	if (one == NULL)
		return;
	person_done(&one->person);
	json_decref(one->report);
	free(one->found);
	free(one->flights);
	free(one->messages);
	free(one->silences);
	free(one);
}

/* ---- written ---- */

bool
erasing_write_row(
	struct erasing_one *one, struct keeping *keeping, struct err *err)
{
	char *report;
	bool good;

	erasing_tell_flights(one);
	if (one->row.phase == ERASURE_DONE)
		json_object_del(one->report, ERASURE_SINCE);
	else
		json_object_set_new(one->report, ERASURE_SINCE,
			json_integer(one->since_ms));
	report = json_text(one->report);
	one->row.report = report;
	good = one->row.row == 0 ||
	       store_change_erasure(keeping->store, &one->row, err);
	one->row.report = NULL;
	free(report);
	return good;
}

bool
erasing_put_words(struct keeping *keeping, int64_t row,
	const struct person *person, size_t from, struct err *err)
{
	bool good = true;

	for (size_t i = from; good && i < person->count; i++) {
		const struct person_word *one = &person->words[i];
		struct erasure_word word = {
			.kind = (int)one->kind,
			.text = one->text,
			.mark = one->kind == PERSON_KEY ? one->mark : NULL,
		};

		good = store_put_erasure_word(keeping->store, row, &word, err);
	}
	return good;
}

/* ---- read ---- */

static json_t *
read_report(const char *text)
{
	struct json_fault fault;
	json_t *report = json_read(text, strlen(text), &fault);

	if (json_is_object(report))
		return report;
	json_decref(report);
	return erasing_report_new();
}

static void
on_row(const struct erasure_row *row, void *context)
{
	struct erasing_one **one = context;

	*one = erasing_one_new(row);
	(*one)->report = read_report(row->report);
	if (row->phase == ERASURE_FINDING)
		return;
	/* 0: it was begun by a version that did not keep it. */
	(*one)->since_ms = json_integer_value(
		json_object_get((*one)->report, ERASURE_SINCE));
	(*one)->again = true;
	/* Those of no answer that were in flight are looked for once more. */
	if (row->phase == ERASURE_SETTLING)
		(*one)->row.phase = ERASURE_SEARCHING;
}

static void
on_word(const struct erasure_word *word, void *context)
{
	person_add(context, (enum person_word_kind)word->kind, word->text,
		word->mark);
}

static void
on_taken(int64_t answer, int64_t erased_ms, void *context)
{
	struct erasing_one *one = context;

	erasing_take(one, answer);
	if (erased_ms != 0 && one->next == one->found_count - 1)
		one->next = one->found_count;
}

/* What was erased already is passed by: next is behind it. */
static bool
read_found(struct erasing_one *one, struct keeping *keeping, struct err *err)
{
	size_t before;
	int64_t after = 0;

	do {
		before = one->found_count;
		if (!store_each_erased(keeping->store, one->row.row, after,
			    STORE_SPAN_ROWS, on_taken, one, err))
			return false;
		if (one->found_count > 0)
			after = one->found[one->found_count - 1];
	} while (one->found_count > before);
	return true;
}

bool
erasing_read_next(struct erasing_one **one, struct keeping *keeping,
	int64_t after, struct err *err)
{
	enum store_found found =
		store_next_erasure(keeping->store, after, on_row, one, err);

	if (found == STORE_ERROR)
		return false;
	if (*one == NULL)
		return true;
	if (store_each_erasure_word(keeping->store, (*one)->row.row, on_word,
		    &(*one)->person, err) &&
		read_found(*one, keeping, err)) {
		(*one)->reread = (*one)->row.phase == ERASURE_CLEANING;
		(*one)->words_kept = (*one)->person.count;
		if ((*one)->row.phase != ERASURE_ERASING)
			(*one)->next = 0;
		return true;
	}
	erasing_one_free(*one);
	*one = NULL;
	return false;
}
