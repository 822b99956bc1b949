/* keep - what is done for one record inside the transaction. */
#include "flow/keep.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "flow/alerts.h"
#include "flow/amended.h"
#include "flow/cooling.h"
#include "flow/follow_ups.h"
#include "flow/silencing.h"
#include "flow/tap.h"
#include "flow/watching.h"

/* All that is known while one answer is kept. */
struct past {
	enum store_found found;
	int64_t row;
	struct earlier earlier;
	struct response *response; /* the earlier revision as kept; owned */
	bool contact_default;
	int64_t answered_ms;
	enum category category;
	struct slots slots;
	bool damaged;
};

static void
past_take(const struct answer_row *row, void *context)
{
	struct past *past = context;
	struct err err;

	past->row = row->row;
	past->answered_ms = row->answered_ms;
	past->category = row->category;
	past->slots = row->slots;
	past->earlier.known = true;
	past->earlier.revision = row->revision;
	if (row->content == NULL) {
		past->earlier.forgotten = true;
		return;
	}
	past->response = response_restore(
		row->content, row->content_length, past->contact_default, &err);
	past->earlier.response = past->response;
	past->damaged = past->response == NULL;
}

static bool
past_find(struct keeping *keeping, const struct response *response,
	struct past *past, struct err *err)
{
	memset(past, 0, sizeof(*past));
	past->contact_default = keeping->policy->contact_default;
	past->found = store_find_answer(keeping->store, response->kind,
		response->survey, response->id, past_take, past, err);
	if (past->found == STORE_ERROR)
		return false;
	if (past->found == STORE_FORGOTTEN) {
		past->earlier.known = true;
		past->earlier.forgotten = true;
	}
	if (past->damaged)
		return err_set(err,
			"the kept content of answer %lld is damaged",
			(long long)past->row);
	return true;
}

static size_t
capped(size_t length)
{
	return length < KEEP_REJECTED_LIMIT_BYTES ? length
						  : KEEP_REJECTED_LIMIT_BYTES;
}

bool
keep_rejected(struct keeping *keeping, const struct batch *batch,
	struct record *record, const struct rejection *why, struct err *err)
{
	/* What a map made of bytes is kept as these. */
	char *own = record->value != NULL && record->length == 0
			    ? json_text(record->value)
			    : NULL;
	bool is_raw = record->raw_length > 0;
	const char *bytes =
		own != NULL ? own
			    : batch->bytes.data + (is_raw ? record->raw_offset
							  : record->offset);
	size_t length = own != NULL ? strlen(own)
			: is_raw    ? record->raw_length
				    : record->length;
	char *place = record->line > 0 ? mem_printf("%s:%lld", batch->label,
						 (long long)record->line)
				       : mem_strdup(batch->label);
	struct rejected_row row = {
		.source = batch_source(batch),
		.place = place,
		.reason = why->reason,
		.pointer = why->pointer,
		.offset = why->offset_known ? (int64_t)why->offset : -1,
		.text = why->text,
		.arrived_ms = keeping->now_ms,
		.bytes = length > 0 ? bytes : "",
		.length = capped(length),
		.full_length = (int64_t)(record->full_length > length
						 ? record->full_length
						 : length),
	};
	bool good = store_put_rejected(keeping->store, &row, err);

	if (good) {
		record->settled_rejected = true;
		record->rejection = *why;
		record->row = row.row;
	}
	free(own);
	free(place);
	return good;
}

static void
on_new_slot(int64_t id, const char *survey, const char *segment,
	const char *value, void *context)
{
	struct {
		struct keeping *keeping;
		struct err *err;
		bool good;
	} *to = context;

	if (to->good)
		to->good = store_put_slot(to->keeping->store, id, survey,
			segment, value, to->err);
}

static bool
find_slots(struct keeping *keeping, const struct response *response,
	struct slots *slots, struct err *err)
{
	struct {
		struct keeping *keeping;
		struct err *err;
		bool good;
	} to = {keeping, err, true};

	tally_slots(keeping->tally, response, slots, on_new_slot, &to);
	return to.good;
}

static void
count_hit(struct keeping *keeping, const char *name)
{
	json_t *hits = json_object_get(keeping->rule_hits, name);

	json_object_set_new(keeping->rule_hits, name,
		json_integer(json_integer_value(hits) + 1));
}

/* mark: what cannot stand in a rule's name. */
static void
count_marked(struct keeping *keeping, char mark, const char *rule)
{
	char *name = mem_printf("%c%s", mark, rule);

	count_hit(keeping, name);
	free(name);
}

/* Whether the rule matched, whatever follows. */
static bool
is_hit(const struct verdict *verdict)
{
	return verdict->end == VERDICT_FIRED ||
	       verdict->end == VERDICT_COOLDOWN ||
	       verdict->end == VERDICT_SHADOW ||
	       verdict->end == VERDICT_SILENCED;
}

static void
count_hits(struct keeping *keeping)
{
	const struct rules *rules = keeping->policy->rules;

	for (size_t i = 0; i < rules->count; i++) {
		const struct verdict *verdict = &keeping->verdicts[i];
		const char *rule = rules->items[i]->name;

		if (!is_hit(verdict))
			continue;
		count_hit(keeping, rule);
		if (verdict->when_failed)
			count_marked(keeping, '!', rule);
		if (verdict->end == VERDICT_SILENCED)
			count_marked(keeping, '=', rule);
	}
}

/* Writes the answer's row: new, or over the earlier revision. */
static bool
write_answer(struct keeping *keeping, struct keep_job *job, size_t index,
	const struct past *past, const struct slots *slots,
	const char *verdicts, int64_t *row, struct err *err)
{
	const struct response *response = job->responses[index];
	struct answer_row answer = {
		.row = past->row,
		.kind = response->kind,
		.survey = response->survey,
		.id = response->id,
		.revision = response->revision,
		.source = batch_source(job->batch),
		.score = response->kind == RESPONSE_ANSWER ? response->score
							   : -1,
		.category = response->category,
		.answered_ms = response->answered_ms,
		.arrived_ms = keeping->now_ms,
		.customer = response->customer,
		.account = response->account,
		.slots = *slots,
		.verdicts = verdicts,
		.rules_hash = keeping->policy->rules->hash,
		.content = response->content,
		.content_length = response->content_length,
	};
	bool good = past->row > 0
			    ? store_amend_answer(keeping->store, &answer, err)
			    : store_put_answer(keeping->store, &answer, err);

	*row = answer.row;
	return good;
}

/* Whether an alert may be written: rules of history only keep one that waits
 * since an earlier revision. */
static bool
has_fired(const struct keeping *keeping, bool amends)
{
	for (size_t i = 0; i < keeping->policy->rules->count; i++)
		if (keeping->verdicts[i].end == VERDICT_FIRED ||
			(amends && keeping->verdicts[i].end == VERDICT_HISTORY))
			return true;
	return false;
}

static bool
has_hit(const struct keeping *keeping)
{
	for (size_t i = 0; i < keeping->policy->rules->count; i++)
		if (is_hit(&keeping->verdicts[i]))
			return true;
	return false;
}

/* The previous answer is looked up only where somebody asks for it: a rule, or
 * the document of an alert. */
static bool
find_previous(struct keeping *keeping, const struct response *response,
	int64_t except, bool wanted, struct previous *previous, struct err *err)
{
	return !wanted ||
	       alerts_find_previous(keeping, response, except, previous, err);
}

/* Its follow-up, and the alerts that show it. */
static bool
follow(struct keeping *keeping, struct keep_job *job, struct alerts_of *about,
	const struct past *past, struct err *err)
{
	struct following_past before = {past->category};
	struct following following;
	bool good =
		job->batch->history
			? following_find(keeping, about->row, &following, err)
			: following_settle(keeping, about->subject, about->row,
				  about->amends ? &before : NULL, &following,
				  err);

	about->following = &following;
	good = good && amended_tell(keeping, about, err) &&
	       alerts_write(keeping, job, about, err);
	following_done(&following);
	return good;
}

/* Out of the counts as it was, and in as it is. */
static bool
count(struct keeping *keeping, const struct keep_job *job,
	const struct response *response, const struct past *past,
	const struct slots *slots, struct err *err)
{
	bool answers = response->kind == RESPONSE_ANSWER;

	if (past->row > 0)
		moves_add(keeping->moves, &past->slots, past->answered_ms,
			answers ? (int)past->category : COUNTED_INVITATION, -1);
	moves_add(keeping->moves, slots, response->answered_ms,
		answers ? (int)response->category : COUNTED_INVITATION, 1);
	return (!answers && !job->batch->history) ||
	       watching_note(keeping, batch_source(job->batch), slots,
		       response->answered_ms, job->batch->history, err);
}

/* What the rules say, and what keeps them quiet. row: its own, 0: it has none
 * yet. */
static bool
judge(struct keeping *keeping, const struct keep_job *job,
	const struct subject *subject, int64_t row, struct err *err)
{
	const struct rules *rules = keeping->policy->rules;

	judge_answer(
		keeping->judge, subject, keeping->now_ms, keeping->verdicts);
	if (job->batch->history)
		decide_history(rules, keeping->verdicts);
	if (keeping->silences.count > 0)
		silences_decide(&keeping->silences, rules, subject,
			keeping->now_ms, keeping->verdicts);
	return cooling_check(keeping, subject, row, keeping->now_ms, err);
}

/* For who listens. Done again it starts anew. */
static void
note_rules(struct keeping *keeping, struct keep_job *job, size_t index)
{
	if (job->notes == NULL)
		return;
	free(job->notes[index]);
	job->notes[index] =
		tap_note_rules(keeping->policy->rules, keeping->verdicts);
}

/* A new answer, or a higher revision of one. */
static bool
keep_answer(struct keeping *keeping, struct keep_job *job, size_t index,
	const struct past *past, struct err *err)
{
	const struct response *response = job->responses[index];
	bool amends = past->row > 0;
	struct previous previous = {.known = false};
	struct subject subject = {response, &previous};
	struct alerts_of about = {
		.subject = &subject,
		.amends = amends,
		.before = past->response,
	};
	bool ask_previous = keeping->policy->rules->ask_previous ||
			    keeping->silences.ask_previous;
	struct slots slots;
	const char *verdicts = NULL;
	int64_t row;
	bool good;

	if (!find_slots(keeping, response, &slots, err) ||
		!find_previous(keeping, response, past->row, ask_previous,
			&previous, err))
		return false;
	if (response->kind == RESPONSE_ANSWER) {
		if (!judge(keeping, job, &subject, past->row, err))
			return false;
		note_rules(keeping, job, index);
		verdicts = verdict_texts_of(
			keeping->verdict_texts, keeping->verdicts);
	}
	good = write_answer(
		keeping, job, index, past, &slots, verdicts, &row, err);
	if (!good)
		return false;
	job->batch->records[index].row = row;
	about.row = row;
	if (!count(keeping, job, response, past, &slots, err))
		return false;
	if (response->kind != RESPONSE_ANSWER)
		return true;
	/* One of the past has no alerts but those of an earlier revision. */
	if (job->batch->history && !amends)
		return true;
	if (!amends && !has_hit(keeping))
		return true;
	if (!find_previous(keeping, response, row,
		    !ask_previous && has_fired(keeping, amends), &previous,
		    err) ||
		!silencing_count(keeping, err) ||
		!follow(keeping, job, &about, past, err) ||
		!cooling_keep(keeping, &subject, row, keeping->now_ms, err))
		return false;
	count_hits(keeping);
	return !amends || cooling_release(keeping, row, err);
}

/* The same identity and revision with other content: the first stands, the
 * bytes are kept. */
static bool
keep_conflict(struct keeping *keeping, struct keep_job *job, size_t index,
	const struct past *past, struct err *err)
{
	struct rejection why = {.reason = REJECTED_CONFLICT};
	struct record *record = &job->batch->records[index];

	snprintf(why.text, sizeof(why.text),
		"answer %lld has the same survey, id and revision and other "
		"content; the first stands: send a higher revision to amend it",
		(long long)past->row);
	if (!keep_rejected(keeping, job->batch, record, &why, err))
		return false;
	record->settled_rejected = false;
	return true;
}

/* What is no answer: news of a follow-up, or refused. */
static bool
keep_other(struct keeping *keeping, const struct batch *batch,
	struct record *record, struct err *err)
{
	bool taken = false;

	/* That is where an answer of this kind was refused. */
	if (strcmp(record->rejection.pointer, "/kind") == 0 &&
		!follow_ups_hear(keeping, batch, record, &taken, err))
		return false;
	return taken ||
	       keep_rejected(keeping, batch, record, &record->rejection, err);
}

bool
keep_record(struct keeping *keeping, struct keep_job *job, size_t index,
	struct err *err)
{
	struct record *record = &job->batch->records[index];
	struct response *response = job->responses[index];
	struct past past;
	bool good = true;

	record->settled_rejected = false;
	record->row = 0;
	if (response == NULL)
		return keep_other(keeping, job->batch, record, err);
	if (!past_find(keeping, response, &past, err))
		return false;
	record->standing = decide_standing(response, &past.earlier,
		batch_by_arrival(job->batch), &response->revision);
	record->row = past.row;
	switch (record->standing) {
	case STANDING_NEW:
	case STANDING_AMENDS:
		good = keep_answer(keeping, job, index, &past, err);
		break;
	case STANDING_CONFLICT:
		good = keep_conflict(keeping, job, index, &past, err);
		break;
	case STANDING_DUPLICATE:
	case STANDING_LATE:
		break;
	}
	response_free(past.response);
	return good;
}

void
keep_undo(struct keeping *keeping, struct keep_job *job,
	const struct claimed *claimed_mark, size_t moves_mark,
	int64_t slots_mark)
{
	while (job->claimed != claimed_mark) {
		struct claimed *claimed = job->claimed;

		job->claimed = claimed->next;
		atomic_fetch_add(&claimed->room_of->room, 1);
		claimed_free(claimed);
	}
	moves_back_to(keeping->moves, moves_mark);
	tally_drop_slots(keeping->tally, slots_mark);
}
