/* silencing - silences at work, on the store thread. */
#include "flow/silencing.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "flow/alerts.h"
#include "flow/answer_restore.h"
#include "store/row_json.h"
#include "store/store_silences.h"

/* ---- what the log says ---- */

/* Neither what it matches nor why: a person wrote that, and it may name a
 * customer. */
static void
tell_begun(const struct silence *silence, const char *verb)
{
	char until[TIME_TEXT_BYTES];

	time_to_rfc3339(silence->until_ms, until);
	log_notice("silence %lld%s%s %s, until %s, set by %s",
		(long long)silence->row,
		silence->rule != NULL ? " of rule " : "",
		silence->rule != NULL ? silence->rule : "", verb, until,
		silence->by != NULL ? silence->by : "somebody");
}

/* by: who ended it; NULL: its time was over. */
static void
tell_end(const struct silence *silence, const char *by)
{
	log_notice("silence %lld is %s%s, set by %s", (long long)silence->row,
		by != NULL ? "ended by " : "over", by != NULL ? by : "",
		silence->by != NULL ? silence->by : "somebody");
}

/* NULL where it is not in force. */
static const struct silence *
in_force(const struct keeping *keeping, int64_t row)
{
	for (size_t i = 0; i < keeping->silences.count; i++)
		if (keeping->silences.items[i]->row == row)
			return keeping->silences.items[i];
	return NULL;
}

/* ---- those in force ---- */

struct loading {
	struct silences *silences;
	int64_t now_ms;
};

static void
on_kept(const struct silence_row *row, void *context)
{
	struct loading *loading = context;
	const struct silence kept = {
		.row = row->row,
		.rule = (char *)(uintptr_t)row->rule,
		.match = (char *)(uintptr_t)row->match,
		.since_ms = row->since_ms,
		.until_ms = row->until_ms,
		.by = (char *)(uintptr_t)row->by,
		.why = (char *)(uintptr_t)row->why,
	};
	struct err err;
	struct silence *silence = silence_restore(&kept, &err);

	if (silence == NULL) {
		log_error("silence %lld does not hold: %s", (long long)row->row,
			err.text);
		return;
	}
	silences_add(loading->silences, silence);
	if (silence->until_ms > loading->now_ms)
		tell_begun(silence, "holds");
}

bool
silencing_load(struct keeping *keeping, struct err *err)
{
	struct loading loading = {
		&keeping->silences, clock_wall_ms(keeping->clock)};

	return store_each_silence(keeping->store, on_kept, &loading, err);
}

void
silencing_check_rules(const struct keeping *keeping)
{
	for (size_t i = 0; i < keeping->silences.count; i++) {
		const struct silence *silence = keeping->silences.items[i];

		if (silence->rule != NULL && rules_find(keeping->policy->rules,
						     silence->rule) == NULL)
			log_warning("silence %lld is about rule \"%s\", which "
				    "is not there any more",
				(long long)silence->row, silence->rule);
	}
}

/* ---- set and ended by people ---- */

static void
on_row(const struct silence_row *row, void *context)
{
	json_t **object = context;

	json_decref(*object);
	*object = row_json_silence(row);
}

static bool
describe(struct keeping *keeping, struct silence_job *job, struct err *err)
{
	return store_get_silence(keeping->store, job->row, on_row,
		       &job->silence, err) != STORE_ERROR;
}

static const char *
nearest_rule(const struct rules *rules, const char *name)
{
	const char **names = mem_new(rules->count + 1, sizeof(*names));
	const char *nearest;

	for (size_t i = 0; i < rules->count; i++)
		names[i] = rules->items[i]->name;
	nearest = text_nearest(name, names);
	free(names);
	return nearest;
}

/* False: it is refused. */
static bool
may_begin(const struct keeping *keeping, struct silence_job *job)
{
	const struct rules *rules = keeping->policy->rules;
	const char *rule = job->asked->rule;
	const char *nearest;

	if (rule != NULL && rules_find(rules, rule) == NULL) {
		nearest = nearest_rule(rules, rule);
		job->pointer = "/rule";
		return err_set(&job->refusal,
			"rule: there is no rule \"%.80s\"%s%s%s", rule,
			nearest != NULL ? "; did you mean " : "",
			nearest != NULL ? nearest : "",
			nearest != NULL ? "?" : "");
	}
	return keeping->silences.count + keeping->silences_set <
		       SILENCES_LIMIT ||
	       err_set(&job->refusal,
		       "%d silences are in force, and there may be no more; "
		       "end one, or match more with one",
		       SILENCES_LIMIT);
}

static bool
begin(struct keeping *keeping, struct silence_job *job, struct err *err)
{
	struct silence *silence = job->asked;
	struct silence_row row = {
		.rule = silence->rule,
		.match = silence->match,
		.since_ms = silence->since_ms,
		.until_ms = silence->until_ms,
		.by = job->by,
		.why = silence->why,
	};

	if (!may_begin(keeping, job)) {
		job->end = SILENCE_REFUSED;
		return true;
	}
	if (!store_put_silence(keeping->store, &row, err))
		return false;
	job->row = silence->row = row.row;
	free(silence->by);
	silence->by = mem_strdup(job->by);
	job->end = SILENCE_CHANGED;
	keeping->silences_set++;
	return describe(keeping, job, err);
}

struct ending {
	bool found;
	int64_t until_ms;
};

static void
on_ending(const struct silence_row *row, void *context)
{
	struct ending *ending = context;

	ending->found = true;
	ending->until_ms = row->until_ms;
}

static bool
end(struct keeping *keeping, struct silence_job *job, struct err *err)
{
	struct ending ending = {false, 0};
	bool changed = false;

	job->end = SILENCE_NOT_THERE;
	if (store_get_silence(keeping->store, job->row, on_ending, &ending,
		    err) == STORE_ERROR)
		return false;
	if (!ending.found)
		return true;
	/* One whose time is over ends by itself. */
	if (ending.until_ms > keeping->now_ms &&
		!store_end_silence(keeping->store, job->row, keeping->now_ms,
			job->by, &changed, err))
		return false;
	job->end = changed ? SILENCE_CHANGED : SILENCE_UNCHANGED;
	return describe(keeping, job, err);
}

bool
silencing_run(struct keeping *keeping, struct silence_job *job, struct err *err)
{
	json_decref(job->silence);
	job->silence = NULL;
	return job->asked != NULL ? begin(keeping, job, err)
				  : end(keeping, job, err);
}

bool
silencing_committed(struct keeping *keeping, struct silence_job *job)
{
	const struct silence *ended;

	if (!job->job.good || job->end != SILENCE_CHANGED)
		return false;
	if (job->asked != NULL) {
		tell_begun(job->asked, "begins");
		silences_add(&keeping->silences, job->asked);
		job->asked = NULL;
		return false;
	}
	ended = in_force(keeping, job->row);
	if (ended != NULL)
		tell_end(ended, job->by != NULL ? job->by : "somebody");
	silences_remove(&keeping->silences, job->row);
	return true;
}

/* ---- over ---- */

static bool
is_over(const struct silence *silence, int64_t now_ms)
{
	return now_ms >= silence->until_ms;
}

bool
silencing_is_due(const struct keeping *keeping)
{
	for (size_t i = 0; i < keeping->silences.count; i++)
		if (is_over(keeping->silences.items[i], keeping->now_ms))
			return true;
	return false;
}

bool
silencing_note_ends(struct keeping *keeping, struct err *err)
{
	for (size_t i = 0; i < keeping->silences.count; i++) {
		const struct silence *silence = keeping->silences.items[i];
		bool changed;

		if (is_over(silence, keeping->now_ms) &&
			!store_end_silence(keeping->store, silence->row,
				silence->until_ms, NULL, &changed, err))
			return false;
	}
	return true;
}

void
silencing_noted_ends(struct keeping *keeping)
{
	struct silences *silences = &keeping->silences;

	for (size_t i = silences->count; i-- > 0;) {
		const struct silence *silence = silences->items[i];

		if (!is_over(silence, keeping->now_ms))
			continue;
		tell_end(silence, NULL);
		silences_remove(silences, silence->row);
	}
}

/* ---- at work ---- */

static bool
is_first(const struct verdict *verdicts, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (verdicts[i].end == VERDICT_SILENCED &&
			verdicts[i].silence == verdicts[at].silence)
			return false;
	return true;
}

bool
silencing_count(struct keeping *keeping, struct err *err)
{
	const struct verdict *verdicts = keeping->verdicts;

	if (keeping->silences.count == 0)
		return true;
	for (size_t i = 0; i < keeping->policy->rules->count; i++)
		if (verdicts[i].end == VERDICT_SILENCED &&
			is_first(verdicts, i) &&
			!store_count_silenced(
				keeping->store, verdicts[i].silence->row, err))
			return false;
	return true;
}

bool
silencing_find(struct keeping *keeping, int64_t answer, const char *rule,
	const struct silence **silence, struct err *err)
{
	struct response *response;
	struct previous previous = {.known = false};
	struct subject subject = {NULL, &previous};
	bool good;

	*silence = NULL;
	if (keeping->silences.count == 0)
		return true;
	good = answer_restore(keeping, answer, &response, err);
	if (good && response != NULL && keeping->silences.ask_previous)
		good = alerts_find_previous(
			keeping, response, answer, &previous, err);
	subject.response = response;
	if (good)
		*silence = silences_find(&keeping->silences, rule,
			response != NULL ? &subject : NULL, keeping->now_ms);
	response_free(response);
	return good;
}
