/* erasing_phases - what a slice of each phase does. */
#include "base/log.h"
#include "flow/cooling.h"
#include "flow/erasing_private.h"

bool
erasing_only_looks(const struct erasing_one *one)
{
	return one->row.phase == ERASURE_SETTLING && !one->again &&
	       !one->landing && !one->releasing;
}

static void
to_phase(struct erasing_one *one, enum erasure_phase phase)
{
	one->row.phase = phase;
	one->at = 0;
	one->next = 0;
	one->pass = 0;
	one->what = WORDS_ANSWERS;
	one->planning = one->landing = one->releasing = false;
}

/* Taken in, from next on. */
static bool
plan_some(struct erasing_one *one, struct keeping *keeping, int64_t row,
	size_t n, struct err *err)
{
	bool good = true;

	for (; good && n > 0 && one->next < one->found_count; n--)
		good = store_plan_erased(
			keeping->store, row, one->found[one->next++], err);
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
	one->planning = true;
	return true;
}

static bool
plan(struct erasing_one *one, struct keeping *keeping, struct err *err)
{
	if (one->row.row != 0 && !plan_some(one, keeping, one->row.row,
					 ERASING_PLAN_ANSWERS, err))
		return false;
	if (one->row.row != 0 && one->next < one->found_count)
		return true;
	to_phase(one, ERASURE_ERASING);
	return one->row.row == 0 || erasing_put_words(keeping, one->row.row,
					    &one->person, one->words_kept, err);
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
	return good;
}

/* All at once, as it is taken back; of very many the first. */
static bool
erase_dry(struct erasing_one *one, struct keeping *keeping, struct err *err)
{
	size_t count = one->found_count < ERASING_DRY_ANSWERS
			       ? one->found_count
			       : ERASING_DRY_ANSWERS;
	struct erasure_row row;
	char *text;
	bool good = erasing_put_asked(keeping, one->job, &row, &text, err) &&
		    plan_some(one, keeping, row.row, count, err);

	free(text);
	one->next = 0;
	good = good && erase(one, keeping, count, err);
	for (size_t i = 0; good && i < count; i++)
		good = erasing_tell_left(one, keeping, one->found[i], err);
	json_object_set_new(one->report, "found",
		json_integer((json_int_t)one->found_count));
	json_object_set_new(
		one->report, "counted", json_integer((json_int_t)count));
	to_phase(one, ERASURE_SEARCHING);
	return good;
}

static bool
erase_some(struct erasing_one *one, struct keeping *keeping, struct err *err)
{
	if (!erase(one, keeping, ERASING_SLICE_ANSWERS, err))
		return false;
	if (one->next == one->found_count)
		to_phase(one, ERASURE_SEARCHING);
	return true;
}

static bool
search(struct erasing_one *one, struct keeping *keeping, struct err *err)
{
	bool more = false;

	if (one->at == 0 && one->what == WORDS_ANSWERS) {
		json_object_set_new(one->report, "named", json_integer(0));
		json_object_set_new(one->report, "named_in", json_array());
		json_object_set_new(
			one->report, "digests_cancelled", json_object());
	}
	if (!erasing_search(one, keeping, &more, err))
		return false;
	if (!more)
		to_phase(one,
			one->job != NULL ? ERASURE_DONE : ERASURE_SETTLING);
	return true;
}

/* Those that were erased, once more: some of them may have been in flight. */
static bool
settle_again(struct erasing_one *one, struct keeping *keeping, struct err *err)
{
	bool good = true;

	for (int n = 0; good && n < ERASING_SLICE_ANSWERS &&
			one->next < one->found_count;
		n++) {
		pulse_beat(keeping->pulse, keeping->clock);
		good = erasing_settle(
			one, keeping, one->found[one->next++], err);
	}
	one->again = one->next < one->found_count;
	return good;
}

/* Alerts of others that were silenced by theirs are decided again. */
static bool
release(struct erasing_one *one, struct keeping *keeping, struct err *err)
{
	bool good = true;

	for (int n = 0; good && n < ERASING_SLICE_ANSWERS &&
			one->next < one->found_count;
		n++) {
		int64_t answer = one->found[one->next++];

		pulse_beat(keeping->pulse, keeping->clock);
		good = cooling_release(keeping, answer, err) &&
		       erasing_tell_left(one, keeping, answer, err);
	}
	if (!good || one->next < one->found_count)
		return good;
	to_phase(one, ERASURE_CLEANING);
	return store_drop_erasure_words(keeping->store, one->row.row, err);
}

static struct erasing_flight *
ended_one(struct erasing_one *one)
{
	for (size_t i = 0; i < one->flight_count; i++)
		if (one->flights[i].ended)
			return &one->flights[i];
	return NULL;
}

/* What is still in flight of it is noted anew. */
static bool
land(struct erasing_one *one, struct keeping *keeping, struct err *err)
{
	struct erasing_flight *flight;
	bool good = true;

	while (good && (flight = ended_one(one)) != NULL) {
		int64_t row = flight->row, at = row - 1;
		bool lone = flight->lone, more;

		pulse_beat(keeping->pulse, keeping->clock);
		erasing_note_flight(one, row, lone, 0);
		good = lone ? erasing_search_lone(
				      one, keeping, row, &at, &more, err)
			    : erasing_settle(one, keeping, row, err);
	}
	return good;
}

static bool
settle(struct erasing_one *one, struct keeping *keeping, struct err *err)
{
	if (one->again)
		return settle_again(one, keeping, err);
	if (one->releasing)
		return release(one, keeping, err);
	if (!one->landing)
		return erasing_look_at_flights(
			one, keeping, &one->landing, err);
	one->landing = false;
	if (!land(one, keeping, err))
		return false;
	one->next = 0;
	one->releasing = one->flight_count == 0;
	if (one->releasing)
		json_object_clear(json_object_get(one->report, "told"));
	return true;
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

/* ---- all of them ---- */

bool
erasing_run(struct erasing_one *one, struct keeping *keeping, struct err *err)
{
	switch (one->row.phase) {
	case ERASURE_FINDING:
		return one->planning ? plan(one, keeping, err)
				     : find(one, keeping, err);
	case ERASURE_ERASING:
		return one->job != NULL ? erase_dry(one, keeping, err)
					: erase_some(one, keeping, err);
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
