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
	while (erasing->blocked != NULL) {
		struct erasing_one *one = erasing->blocked;

		erasing->blocked = one->behind;
		erasing_one_free(one);
	}
	erasing_one_free(erasing->one);
	erasing_one_free(erasing->dry);
	free(erasing);
}

/* ---- what is asked for ---- */

bool
erasing_keep(struct erasing *erasing, struct keeping *keeping,
	struct erasing_job *job, struct err *err)
{
	struct erasure_row row;
	char *text;
	bool good;

	if (!erasing_check(keeping, job, err))
		return false;
	if (job->not_there)
		return true;
	good = erasing_put_asked(keeping, job, &row, &text, err);
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
}

/* Of the one that is under way, or else of the first that waits. */
struct erasing_job *
erasing_take_back(struct erasing *erasing)
{
	struct erasing_job *job = erasing->waiting;

	if (erasing->dry != NULL) {
		job = erasing->dry->job;
		erasing_one_free(erasing->dry);
		erasing->dry = NULL;
	} else if (job != NULL) {
		erasing->waiting = (struct erasing_job *)job->job.item.next;
	}
	return job;
}

/* ---- the next one ---- */

static bool
take_dry(struct erasing *erasing, struct keeping *keeping, struct err *err)
{
	struct erasing_job *job = erasing->waiting;

	if (!erasing_check(keeping, job, err))
		return false;
	erasing->waiting = (struct erasing_job *)job->job.item.next;
	erasing->dry = erasing_one_dry(job);
	return true;
}

/* What waits to be cleaned comes again when nothing else is left to do. */
static bool
take_next(struct erasing *erasing, struct keeping *keeping, struct err *err)
{
	const struct erasing_one *last = erasing->blocked;

	while (last != NULL && last->behind != NULL)
		last = last->behind;
	if (!erasing_read_next(&erasing->one, keeping,
		    last != NULL ? last->row.row : 0, err))
		return false;
	erasing->look = erasing->one != NULL;
	if (erasing->one == NULL && erasing->blocked != NULL &&
		clock_monotonic_us(keeping->clock) >= erasing->blocked_us) {
		erasing->one = erasing->blocked;
		erasing->blocked = erasing->one->behind;
		erasing->one->behind = NULL;
	}
	return true;
}

/* It is not done, and others need not wait for it. */
static void
set_aside(struct erasing *erasing, struct keeping *keeping, int64_t pause_us)
{
	struct erasing_one **at = &erasing->blocked;

	while (*at != NULL && (*at)->row.row < erasing->one->row.row)
		at = &(*at)->behind;
	erasing->one->blocked = false;
	erasing->one->behind = *at;
	*at = erasing->one;
	erasing->one = NULL;
	erasing->look = true;
	erasing->blocked_us = clock_monotonic_us(keeping->clock) + pause_us;
}

/* ---- when ---- */

static bool
is_dry(const struct erasing *erasing)
{
	return erasing->dry != NULL || erasing->waiting != NULL;
}

int64_t
erasing_due_us(const struct erasing *erasing)
{
	if (is_dry(erasing))
		return 0;
	if (erasing->one != NULL || erasing->look)
		return erasing->next_us;
	return erasing->blocked != NULL ? erasing->blocked_us : INT64_MAX;
}

bool
erasing_is_due(const struct erasing *erasing, int64_t now_us)
{
	return erasing_due_us(erasing) <= now_us;
}

bool
erasing_is_under_way(const struct erasing *erasing)
{
	return erasing->one != NULL || erasing->blocked != NULL;
}

/* ---- slices ---- */

enum erasing_frame
erasing_frame(const struct erasing *erasing)
{
	const struct erasing_one *one = erasing->one;

	if (is_dry(erasing))
		return ERASING_ROLLS_BACK;
	if (one != NULL && one->row.phase == ERASURE_CLEANING && !one->cleaned)
		return ERASING_ALONE;
	return one != NULL && erasing_only_looks(one) ? ERASING_ROLLS_BACK
						      : ERASING_COMMITS;
}

static bool
slice_dry(struct erasing *erasing, struct keeping *keeping, struct err *err)
{
	struct erasing_one *one = erasing->dry;

	if (one == NULL)
		return take_dry(erasing, keeping, err);
	if (!one->job->not_there)
		return erasing_run(one, keeping, err);
	one->row.phase = ERASURE_DONE;
	return true;
}

bool
erasing_slice(struct erasing *erasing, struct keeping *keeping, struct err *err)
{
	struct erasing_one *one = erasing->one;

	if (is_dry(erasing))
		return slice_dry(erasing, keeping, err);
	erasing->next_us = 0;
	if (one == NULL)
		return take_next(erasing, keeping, err);
	if (erasing_only_looks(one) ||
		(one->row.phase == ERASURE_CLEANING && !one->cleaned))
		return erasing_run(one, keeping, err);
	if (one->row.phase == ERASURE_CLEANING) {
		one->row.phase = ERASURE_DONE;
		one->row.ended_ms = keeping->now_ms;
	} else {
		if (one->row.phase != ERASURE_FINDING)
			keeping->erased_ms = keeping->now_ms;
		if (!erasing_run(one, keeping, err))
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
end_dry(struct erasing *erasing)
{
	struct erasing_one *one = erasing->dry;
	struct erasing_job *job = one->job;

	erasing_tell_flights(one);
	job->job.good = true;
	job->report = json_incref(one->report);
	json_object_set_new(job->report, "state", json_string("dry_run"));
	json_object_set_new(job->report, "known_by", known_by(&one->person));
	erasing_one_free(one);
	erasing->dry = NULL;
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

struct erasing_job *
erasing_went(struct erasing *erasing, struct keeping *keeping)
{
	struct erasing_one *one = erasing->one;

	if (erasing->dry != NULL)
		return erasing->dry->row.phase == ERASURE_DONE
			       ? end_dry(erasing)
			       : NULL;
	if (one == NULL)
		return NULL;
	for (size_t i = 0; i < one->silence_count; i++)
		silences_remove(&keeping->silences, one->silences[i]);
	one->silence_count = 0;
	if (one->blocked) {
		set_aside(erasing, keeping, ERASING_BLOCKED_US);
		return NULL;
	}
	if (erasing_only_looks(one) && one->flight_count > 0)
		erasing->next_us =
			clock_monotonic_us(keeping->clock) + ERASING_WAIT_US;
	if (one->row.phase != ERASURE_DONE)
		return NULL;
	tell_done(one);
	erasing_one_free(one);
	erasing->one = NULL;
	erasing->look = true;
	return NULL;
}

struct erasing_job *
erasing_failed(
	struct erasing *erasing, struct keeping *keeping, const struct err *err)
{
	struct erasing_one *one = erasing->one;

	if (is_dry(erasing)) {
		struct erasing_job *job = erasing_take_back(erasing);

		job->job.good = false;
		job->job.err = *err;
		return job;
	}
	if (one != NULL && one->checkpointed) {
		/* Nobody else knows what was looked for. */
		one->row.phase = ERASURE_CLEANING;
		one->row.ended_ms = 0;
		set_aside(erasing, keeping, ERASING_AGAIN_US);
	}
	erasing_one_free(erasing->one);
	erasing->one = NULL;
	erasing->look = true;
	erasing->next_us =
		clock_monotonic_us(keeping->clock) + ERASING_AGAIN_US;
	return NULL;
}

/* ---- the start ---- */

static bool
was_sending(const struct erasing_one *one)
{
	return one != NULL && (one->row.phase == ERASURE_ERASING ||
				      one->row.phase == ERASURE_SEARCHING ||
				      one->row.phase == ERASURE_SETTLING);
}

static bool
settle_all(struct erasing_one *one, struct keeping *keeping, struct err *err)
{
	bool good = true;

	for (size_t i = 0; good && i < one->found_count; i++) {
		pulse_beat(keeping->pulse, keeping->clock);
		good = erasing_settle(one, keeping, one->found[i], err);
	}
	return good && erasing_write_row(one, keeping, err);
}

bool
erasing_resume(
	struct erasing *erasing, struct keeping *keeping, struct err *err)
{
	int64_t after = 0;
	bool good = true, more = true;

	erasing->look = false;
	while (good && more) {
		struct erasing_one *one = NULL;

		good = erasing_read_next(&one, keeping, after, err);
		more = good && one != NULL;
		if (!more)
			break;
		erasing->look = true;
		after = one->row.row;
		if (was_sending(one))
			good = settle_all(one, keeping, err);
		erasing_one_free(one);
	}
	return good;
}
