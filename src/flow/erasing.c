/* erasing - somebody is forgotten: its life and its phases. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "flow/cooling.h"
#include "flow/erasing_private.h"
#include "store/row_json.h"

/* ---- its life ---- */

struct erasing *
erasing_new(void)
{
	struct erasing *erasing = mem_new(1, sizeof(*erasing));

	erasing->look = true;
	return erasing;
}

void
erasing_free(struct erasing *erasing)
{
	if (erasing == NULL)
		return;
	erasing_one_free(erasing->one);
	free(erasing);
}

/* ---- what is asked for ---- */

static void
add_asked(struct person *person, const char *who)
{
	person_add(person, PERSON_ASKED, who, NULL);
	person_add(person, PERSON_EMAIL, who, NULL);
	person_add(person, PERSON_PHONE, who, NULL);
}

static void
on_there(const struct answer_row *row, void *context)
{
	bool *there = context;

	(void)row;
	*there = true;
}

/* An answer that is asked for must be there. */
static bool
check_response(
	struct keeping *keeping, struct erasing_job *job, struct err *err)
{
	bool there = false;

	if (job->scope != ERASURE_OF_RESPONSE)
		return true;
	if (store_get_answer(keeping->store, job->response, on_there, &there,
		    err) == STORE_ERROR)
		return false;
	job->not_there = !there;
	return true;
}

/* *text: what row->report points at; the caller frees it. */
static bool
put_asked(struct keeping *keeping, const struct erasing_job *job,
	struct erasure_row *row, char **text, struct err *err)
{
	struct person person = {.words = NULL};
	json_t *report = erasing_report_new();
	bool good;

	*text = json_text(report);
	json_decref(report);

	*row = (struct erasure_row){
		.asked_ms = keeping->now_ms,
		.by = job->by,
		.why = job->why,
		.scope = job->scope,
		.mentions = job->mentions,
		.phase = ERASURE_FINDING,
		.report = *text,
	};
	if (job->who != NULL)
		add_asked(&person, job->who);
	good = store_put_erasure(keeping->store, row, err) &&
	       erasing_put_words(keeping, row->row, &person, 0, err) &&
	       (job->scope != ERASURE_OF_RESPONSE ||
		       store_plan_erased(
			       keeping->store, row->row, job->response, err));
	person_done(&person);
	return good;
}

bool
erasing_keep(struct erasing *erasing, struct keeping *keeping,
	struct erasing_job *job, struct err *err)
{
	struct erasure_row row;
	char *text;
	bool good;

	if (!check_response(keeping, job, err))
		return false;
	if (job->not_there)
		return true;
	good = put_asked(keeping, job, &row, &text, err);
	json_decref(job->report);
	job->report = good ? row_json_erasure(&row) : NULL;
	free(text);
	erasing->look = true;
	erasing->next_us = 0;
	return good;
}

void
erasing_add(struct erasing *erasing, struct erasing_job *job)
{
	struct erasing_job **end = &erasing->waiting;

	while (*end != NULL)
		end = (struct erasing_job **)&(*end)->job.item.next;
	job->job.item.next = NULL;
	*end = job;
	erasing->next_us = 0;
}

struct erasing_job *
erasing_take_back(struct erasing *erasing)
{
	struct erasing_job *job = erasing->waiting;

	if (erasing->one != NULL && erasing->one->job != NULL) {
		job = erasing->one->job;
		erasing_one_free(erasing->one);
		erasing->one = NULL;
		return job;
	}
	if (job != NULL)
		erasing->waiting = (struct erasing_job *)job->job.item.next;
	return job;
}

/* ---- the next one ---- */

static struct erasing_one *
dry_one(struct erasing_job *job)
{
	const struct erasure_row row = {
		.scope = job->scope,
		.mentions = job->mentions,
		.phase = ERASURE_FINDING,
	};
	struct erasing_one *one = erasing_one_new(&row);

	one->job = job;
	one->report = erasing_report_new();
	if (job->who != NULL)
		add_asked(&one->person, job->who);
	if (job->scope == ERASURE_OF_RESPONSE)
		erasing_take(one, job->response);
	return one;
}

static bool
take_next(struct erasing *erasing, struct keeping *keeping, struct err *err)
{
	struct erasing_job *job = erasing->waiting;

	if (erasing->one != NULL)
		return true;
	/* Somebody waits for it. */
	if (job != NULL) {
		if (!check_response(keeping, job, err))
			return false;
		erasing->waiting = (struct erasing_job *)job->job.item.next;
		erasing->one = dry_one(job);
		return true;
	}
	if (!erasing_read_next(&erasing->one, keeping, err))
		return false;
	erasing->look = erasing->one != NULL;
	return true;
}

/* ---- when ---- */

int64_t
erasing_due_us(const struct erasing *erasing)
{
	return erasing->one != NULL || erasing->waiting != NULL || erasing->look
		       ? erasing->next_us
		       : INT64_MAX;
}

bool
erasing_is_due(const struct erasing *erasing, int64_t now_us)
{
	return erasing_due_us(erasing) <= now_us;
}

bool
erasing_is_under_way(const struct erasing *erasing)
{
	return erasing->one != NULL && erasing->one->job == NULL;
}

/* ---- the phases ---- */

static void
to_phase(struct erasing_one *one, enum erasure_phase phase)
{
	one->row.phase = phase;
	one->at = 0;
	one->next = 0;
	one->pass = 0;
	one->what = WORDS_ANSWERS;
	one->releasing = false;
}

static bool
plan_all(struct erasing_one *one, struct keeping *keeping, int64_t row,
	struct err *err)
{
	bool good = true;

	for (size_t i = 0; good && i < one->found_count; i++)
		good = store_plan_erased(
			keeping->store, row, one->found[i], err);
	return good;
}

/* As often as something new is learnt: it may be in an answer before. */
static bool
find(struct erasing_one *one, struct keeping *keeping, struct err *err)
{
	bool more = false;

	if (one->row.scope != ERASURE_OF_RESPONSE &&
		!erasing_find(one, keeping, &more, err))
		return false;
	if (more)
		return true;
	one->at = 0;
	if (one->learnt && ++one->pass < ERASING_PASSES) {
		one->learnt = false;
		return true;
	}
	if (one->row.row != 0 &&
		(!plan_all(one, keeping, one->row.row, err) ||
			!erasing_put_words(keeping, one->row.row, &one->person,
				one->words_kept, err)))
		return false;
	to_phase(one, ERASURE_ERASING);
	return true;
}

static bool
erase(struct erasing_one *one, struct keeping *keeping, size_t n,
	struct err *err)
{
	bool good = true;

	for (; good && n > 0 && one->next < one->found_count; n--) {
		pulse_beat(keeping->pulse, keeping->clock);
		good = erasing_erase(
			one, keeping, one->found[one->next++], err);
	}
	if (one->next == one->found_count)
		to_phase(one, ERASURE_SEARCHING);
	return good;
}

/* All at once: it is taken back. */
static bool
erase_dry(struct erasing_one *one, struct keeping *keeping, struct err *err)
{
	struct erasing_job *job = one->job;
	struct erasure_row row;
	char *text;
	bool good = put_asked(keeping, job, &row, &text, err) &&
		    plan_all(one, keeping, row.row, err) &&
		    erase(one, keeping, SIZE_MAX, err);

	free(text);
	for (size_t i = 0; good && i < one->found_count; i++)
		good = erasing_tell_left(one, keeping, one->found[i], err);
	json_object_set_new(
		one->report, "in_flight", json_integer(one->in_flight));
	return good;
}

static bool
search(struct erasing_one *one, struct keeping *keeping, struct err *err)
{
	bool more = false;

	if (one->at == 0 && one->what == WORDS_ANSWERS) {
		json_object_set_new(one->report, "named", json_integer(0));
		json_object_set_new(one->report, "named_in", json_array());
		json_object_set_new(
			one->report, "digests_waiting", json_integer(0));
	}
	if (!erasing_search(one, keeping, &more, err))
		return false;
	if (!more)
		to_phase(one,
			one->job != NULL ? ERASURE_DONE : ERASURE_SETTLING);
	return true;
}

/* One pass over those that were erased; again while something is in flight. Then
 * alerts of others that were silenced by theirs are decided again. */
static bool
settle(struct erasing_one *one, struct keeping *keeping, struct err *err)
{
	bool good = true;

	if (one->next == 0 && !one->releasing)
		one->in_flight = 0;
	for (int n = 0; good && n < ERASING_SLICE_ANSWERS &&
			one->next < one->found_count;
		n++) {
		int64_t answer = one->found[one->next++];

		pulse_beat(keeping->pulse, keeping->clock);
		good = one->releasing
			       ? cooling_release(keeping, answer, err) &&
					 erasing_tell_left(
						 one, keeping, answer, err)
			       : erasing_settle(one, keeping, answer, err);
	}
	if (!good || one->next < one->found_count)
		return good;
	one->next = 0;
	json_object_set_new(
		one->report, "in_flight", json_integer(one->in_flight));
	if (one->in_flight > 0)
		return true;
	if (!one->releasing) {
		json_object_clear(json_object_get(one->report, "told"));
		one->releasing = true;
		return true;
	}
	to_phase(one, ERASURE_CLEANING);
	return store_drop_erasure_words(keeping->store, one->row.row, err);
}

/* Outside of transactions. After a restart nobody knows the words any more. */
static bool
clean(struct erasing_one *one, struct keeping *keeping, struct err *err)
{
	bool more = false;

	if (!one->checkpointed) {
		one->checkpointed = store_checkpoint(keeping->store, true, err);
		/* It waits for readers: not again at once, and with what is
		 * looked for at hand. */
		one->blocked =
			!one->checkpointed && !store_is_broken(keeping->store);
		if (one->blocked) {
			log_warning("erasure %lld waits: %s",
				(long long)one->row.row, err->text);
			return true;
		}
		json_object_set_new(one->report, "file",
			json_pack("{s:i, s:i}", "bytes", 0, "found", 0));
		return one->checkpointed;
	}
	if (!one->reread && !erasing_search_file(one, keeping, &more, err))
		return false;
	one->cleaned = !more;
	if (one->cleaned && one->at == 0)
		json_object_set_new(one->report, "file", json_null());
	return true;
}

/* ---- slices ---- */

enum erasing_frame
erasing_frame(const struct erasing *erasing)
{
	const struct erasing_one *one = erasing->one;

	if (one != NULL && one->row.phase == ERASURE_CLEANING && !one->cleaned)
		return ERASING_ALONE;
	return one != NULL && one->job != NULL ? ERASING_ROLLS_BACK
					       : ERASING_COMMITS;
}

static bool
run(struct erasing_one *one, struct keeping *keeping, struct err *err)
{
	switch (one->row.phase) {
	case ERASURE_FINDING:
		return find(one, keeping, err);
	case ERASURE_ERASING:
		return one->job != NULL ? erase_dry(one, keeping, err)
					: erase(one, keeping,
						  ERASING_SLICE_ANSWERS, err);
	case ERASURE_SEARCHING:
		return search(one, keeping, err);
	case ERASURE_SETTLING:
		return settle(one, keeping, err);
	case ERASURE_CLEANING:
		return clean(one, keeping, err);
	case ERASURE_DONE:
		break;
	}
	return true;
}

bool
erasing_slice(struct erasing *erasing, struct keeping *keeping, struct err *err)
{
	struct erasing_one *one = erasing->one;

	erasing->next_us = 0;
	if (one == NULL)
		return take_next(erasing, keeping, err);
	if (one->row.phase == ERASURE_CLEANING && !one->cleaned)
		return clean(one, keeping, err);
	if (one->row.phase == ERASURE_CLEANING) {
		one->row.phase = ERASURE_DONE;
		one->row.ended_ms = keeping->now_ms;
	} else if (one->job != NULL && one->job->not_there) {
		one->row.phase = ERASURE_DONE;
	} else if (!run(one, keeping, err)) {
		return false;
	}
	return erasing_write_row(one, keeping, err);
}

/* What the person is known by: a dry one shows what it would look for. */
static json_t *
known_by(const struct person *person)
{
	json_t *list = json_array();

	for (size_t i = 0; i < person->count; i++)
		if (person->words[i].kind == PERSON_KEY)
			json_array_append_new(
				list, json_string(person->words[i].text));
	return list;
}

static struct erasing_job *
end_dry(struct erasing_one *one)
{
	struct erasing_job *job = one->job;

	job->job.good = true;
	job->report = json_incref(one->report);
	json_object_set_new(job->report, "state", json_string("dry_run"));
	json_object_set_new(job->report, "known_by", known_by(&one->person));
	return job;
}

static void
tell_done(const struct erasing_one *one)
{
	const json_t *erased = json_object_get(one->report, "erased");

	long long answers = (long long)json_integer_value(
		json_object_get(erased, "answers"));
	long long deliveries = (long long)json_integer_value(
		json_object_get(erased, "deliveries"));
	long long follow_ups = (long long)json_integer_value(
		json_object_get(erased, "follow_ups"));

	log_notice("erasure %lld is done: %lld %s, %lld %s, %lld %s",
		(long long)one->row.row, answers,
		text_plural(answers, "answer", "answers"), deliveries,
		text_plural(deliveries, "delivery", "deliveries"), follow_ups,
		text_plural(follow_ups, "follow-up", "follow-ups"));
}

static bool
waits(const struct erasing_one *one)
{
	return one->row.phase == ERASURE_SETTLING && one->next == 0 &&
	       !one->releasing && one->in_flight > 0;
}

struct erasing_job *
erasing_went(struct erasing *erasing, struct keeping *keeping)
{
	struct erasing_one *one = erasing->one;
	struct erasing_job *job = NULL;

	if (one == NULL)
		return NULL;
	for (size_t i = 0; one->job == NULL && i < one->silence_count; i++)
		silences_remove(&keeping->silences, one->silences[i]);
	one->silence_count = 0;
	if (one->blocked)
		erasing->next_us =
			clock_monotonic_us(keeping->clock) + ERASING_BLOCKED_US;
	one->blocked = false;
	if (waits(one))
		erasing->next_us =
			clock_monotonic_us(keeping->clock) + ERASING_WAIT_US;
	if (one->row.phase != ERASURE_DONE)
		return NULL;
	if (one->job != NULL)
		job = end_dry(one);
	else
		tell_done(one);
	erasing_one_free(one);
	erasing->one = NULL;
	return job;
}

struct erasing_job *
erasing_failed(struct erasing *erasing, const struct keeping *keeping,
	const struct err *err)
{
	struct erasing_job *job =
		erasing->one != NULL ? erasing->one->job : NULL;

	if (job != NULL) {
		job->job.good = false;
		job->job.err = *err;
	}
	erasing_one_free(erasing->one);
	erasing->one = NULL;
	erasing->look = true;
	erasing->next_us =
		clock_monotonic_us(keeping->clock) + ERASING_AGAIN_US;
	return job;
}

/* ---- the start ---- */

static bool
was_sending(const struct erasing_one *one)
{
	return one != NULL && (one->row.phase == ERASURE_ERASING ||
				      one->row.phase == ERASURE_SEARCHING ||
				      one->row.phase == ERASURE_SETTLING);
}

bool
erasing_resume(
	struct erasing *erasing, struct keeping *keeping, struct err *err)
{
	struct erasing_one *one = NULL;
	bool good = erasing_read_next(&one, keeping, err);

	erasing->look = one != NULL;
	for (size_t i = 0; good && was_sending(one) && i < one->found_count;
		i++)
		good = erasing_settle(one, keeping, one->found[i], err);
	good = good &&
	       (!was_sending(one) || erasing_write_row(one, keeping, err));
	erasing_one_free(one);
	return good;
}
