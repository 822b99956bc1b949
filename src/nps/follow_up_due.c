/*
 * follow_up_due - the clocks of a follow-up, and which step of it is due when.
 */
#include <assert.h>
#include <string.h>

#include "nps/calendar.h"
#include "nps/follow_up.h"

const struct follow_up_terms follow_up_no_terms;

static const char *const step_names[] = {
	[FOLLOW_UP_STEP_REMIND] = "remind",
	[FOLLOW_UP_STEP_FORGOTTEN] = "forgotten",
	[FOLLOW_UP_STEP_TRY_AGAIN] = "try_again",
	[FOLLOW_UP_STEP_ESCALATE] = "escalate",
};

const char *
follow_up_step_name(enum follow_up_step step)
{
	assert(step <= FOLLOW_UP_STEP_ESCALATE);
	return step_names[step];
}

bool
follow_up_is_finished(const struct follow_up *follow_up)
{
	return follow_up->state == FOLLOW_UP_RESOLVED ||
	       follow_up->state == FOLLOW_UP_LOST;
}

static bool
has_passed(int64_t deadline_ms, int64_t now_ms)
{
	return deadline_ms != 0 && deadline_ms < now_ms;
}

bool
follow_up_is_overdue(const struct follow_up *follow_up, int64_t now_ms)
{
	if (follow_up_is_finished(follow_up) || follow_up->tracked_in)
		return false;
	return has_passed(follow_up->resolve_by_ms, now_ms) ||
	       (follow_up->state == FOLLOW_UP_OPEN &&
		       has_passed(follow_up->contact_by_ms, now_ms));
}

int64_t
follow_up_later(const struct follow_up_terms *terms, int64_t from_ms,
	const struct span *span)
{
	return calendar_add(terms->calendar, from_ms, span);
}

/* 0: there is no such clock. */
static int64_t
deadline(const struct follow_up_terms *terms, int64_t from_ms,
	const struct span *within)
{
	return span_is_zero(within) ? 0
				    : follow_up_later(terms, from_ms, within);
}

static unsigned
bit_of(const struct follow_up_due *due)
{
	unsigned shift = (unsigned)due->step;

	if (due->step == FOLLOW_UP_STEP_ESCALATE)
		shift += (unsigned)due->escalation;
	return 1U << shift;
}

/* Takes a step that is due earlier than the ones before. */
static void
consider(const struct follow_up *follow_up, enum follow_up_step step,
	size_t escalation, int64_t due_ms, struct follow_up_due *due)
{
	struct follow_up_due one = {due_ms, step, escalation, follow_up->fires};

	if (due_ms != 0 && due_ms < due->due_ms &&
		!(follow_up->fired & bit_of(&one)))
		*due = one;
}

/* When the reminder is due; 0: never, or before the clock began. */
static int64_t
remind_at(
	const struct follow_up *follow_up, const struct follow_up_terms *terms)
{
	if (follow_up->contact_by_ms == 0 ||
		span_is_zero(&terms->remind_before))
		return 0;
	int64_t at_ms = calendar_subtract(terms->calendar,
		follow_up->contact_by_ms, &terms->remind_before);

	return at_ms > follow_up->clock_ms ? at_ms : 0;
}

static int64_t
forgotten_at(
	const struct follow_up *follow_up, const struct follow_up_terms *terms)
{
	if (follow_up->claimed_ms == 0)
		return 0;
	return deadline(terms, follow_up->claimed_ms,
		span_is_zero(&terms->claimed_within) ? &terms->contact_within
						     : &terms->claimed_within);
}

static void
consider_escalations(const struct follow_up *follow_up,
	const struct follow_up_terms *terms, struct follow_up_due *due)
{
	for (size_t i = 0;
		i < terms->escalations.count && i < FOLLOW_UP_ESCALATIONS_LIMIT;
		i++) {
		const struct follow_up_escalation *escalation =
			terms->escalations.items[i].record;
		bool contact = escalation->clock == FOLLOW_UP_CONTACT_CLOCK;
		int64_t by_ms = contact ? follow_up->contact_by_ms
					: follow_up->resolve_by_ms;

		if (by_ms == 0 ||
			(contact && follow_up->state != FOLLOW_UP_OPEN))
			continue;
		consider(follow_up, FOLLOW_UP_STEP_ESCALATE, i,
			follow_up_later(terms, by_ms, &escalation->overdue),
			due);
	}
}

bool
follow_up_next_due(const struct follow_up *follow_up,
	const struct follow_up_terms *terms, struct follow_up_due *due)
{
	*due = (struct follow_up_due){.due_ms = INT64_MAX};
	if (follow_up_is_finished(follow_up) || follow_up->tracked_in)
		return false;
	if (follow_up->state == FOLLOW_UP_OPEN) {
		consider(follow_up, FOLLOW_UP_STEP_REMIND, 0,
			remind_at(follow_up, terms), due);
		consider(follow_up, FOLLOW_UP_STEP_FORGOTTEN, 0,
			forgotten_at(follow_up, terms), due);
		consider(follow_up, FOLLOW_UP_STEP_TRY_AGAIN, 0,
			follow_up->try_again_ms, due);
	}
	consider_escalations(follow_up, terms, due);
	return due->due_ms != INT64_MAX;
}

void
follow_up_recompute(
	struct follow_up *follow_up, const struct follow_up_terms *terms)
{
	struct follow_up_due due;

	if (!follow_up_is_finished(follow_up) && terms != &follow_up_no_terms) {
		bool ours = !follow_up->tracked_in;
		int64_t from_ms = follow_up->clock_ms;

		follow_up->contact_by_ms =
			ours ? deadline(terms, from_ms, &terms->contact_within)
			     : 0;
		follow_up->resolve_by_ms =
			ours ? deadline(terms, from_ms, &terms->resolve_within)
			     : 0;
	}
	follow_up->next_due_ms = follow_up_next_due(follow_up, terms, &due)
					 ? due.due_ms
					 : INT64_MAX;
}

void
follow_up_fire(struct follow_up *follow_up, const struct follow_up_terms *terms,
	const struct follow_up_due *due, int64_t now_ms,
	struct follow_up_change *change)
{
	*change = (struct follow_up_change){
		.act = FOLLOW_UP_REMIND,
		.who = "npsd",
		.how = "npsd",
		.note = follow_up_step_name(due->step),
		.at_ms = now_ms,
	};
	follow_up->fires++;
	switch (due->step) {
	case FOLLOW_UP_STEP_FORGOTTEN: /* a later claim may be too */
		change->act = FOLLOW_UP_FORGET;
		follow_up->claimed_ms = 0;
		follow_up->claimed_by = NULL;
		break;
	case FOLLOW_UP_STEP_ESCALATE:
		change->act = FOLLOW_UP_ESCALATE;
		follow_up->fired |= bit_of(due);
		break;
	case FOLLOW_UP_STEP_REMIND:
	case FOLLOW_UP_STEP_TRY_AGAIN:
		follow_up->fired |= bit_of(due);
		break;
	}
	follow_up_recompute(follow_up, terms);
}
