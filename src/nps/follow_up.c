/*
 * follow_up - the state machine: who may do what when, and what follows.
 */
#include "nps/follow_up.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"

static const char *const state_names[FOLLOW_UP_STATES] = {
	[FOLLOW_UP_OPEN] = "open",
	[FOLLOW_UP_CONTACTED] = "contacted",
	[FOLLOW_UP_RESOLVED] = "resolved",
	[FOLLOW_UP_LOST] = "lost",
};

static const char *const act_names[FOLLOW_UP_ACTS] = {
	[FOLLOW_UP_OPENED] = "opened",
	[FOLLOW_UP_CLAIM] = "claim",
	[FOLLOW_UP_ASSIGN] = "assign",
	[FOLLOW_UP_CONTACT] = "contacted",
	[FOLLOW_UP_NOT_REACHED] = "not_reached",
	[FOLLOW_UP_RESOLVE] = "resolved",
	[FOLLOW_UP_LOSE] = "lost",
	[FOLLOW_UP_REOPEN] = "reopen",
	[FOLLOW_UP_NOTE] = "note",
	[FOLLOW_UP_FOLD] = "fold",
	[FOLLOW_UP_IMPROVE] = "improved",
	[FOLLOW_UP_ESCALATE] = "escalated",
	[FOLLOW_UP_REMIND] = "reminded",
	[FOLLOW_UP_FORGET] = "forgotten",
};

const char *
follow_up_state_name(enum follow_up_state state)
{
	assert((unsigned)state < FOLLOW_UP_STATES);
	return state_names[state];
}

bool
follow_up_state_from_name(const char *name, enum follow_up_state *state)
{
	for (int i = 0; name && i < FOLLOW_UP_STATES; i++) {
		if (!strcmp(name, state_names[i])) {
			*state = (enum follow_up_state)i;
			return true;
		}
	}
	return false;
}

const char *
follow_up_act_name(enum follow_up_act act)
{
	assert((unsigned)act < FOLLOW_UP_ACTS);
	return act_names[act];
}

bool
follow_up_act_from_name(const char *name, enum follow_up_act *act)
{
	for (int i = 0; name && i < FOLLOW_UP_ACTS; i++) {
		if (!strcmp(name, act_names[i])) {
			*act = (enum follow_up_act)i;
			return true;
		}
	}
	return false;
}

enum follow_up_act
follow_up_act_to(enum follow_up_state state)
{
	switch (state) {
	case FOLLOW_UP_CONTACTED:
		return FOLLOW_UP_CONTACT;
	case FOLLOW_UP_RESOLVED:
		return FOLLOW_UP_RESOLVE;
	case FOLLOW_UP_LOST:
		return FOLLOW_UP_LOSE;
	case FOLLOW_UP_OPEN:
		break;
	}
	return FOLLOW_UP_REOPEN;
}

/* ---- copies ---- */

/* The texts of a follow-up, each with its place. */
static const size_t text_places[] = {
	offsetof(struct follow_up, survey),
	offsetof(struct follow_up, customer),
	offsetof(struct follow_up, account),
	offsetof(struct follow_up, scope),
	offsetof(struct follow_up, rule),
	offsetof(struct follow_up, owner),
	offsetof(struct follow_up, claimed_by),
	offsetof(struct follow_up, reason),
	offsetof(struct follow_up, note),
	offsetof(struct follow_up, tracked_in),
	offsetof(struct follow_up, last_by),
};
enum { TEXTS = sizeof(text_places) / sizeof(text_places[0]) };

struct copied {
	struct follow_up follow_up; /* first */
	char *texts[TEXTS];
};

struct follow_up *
follow_up_copy(const struct follow_up *follow_up)
{
	struct copied *copied = mem_new(1, sizeof(*copied));
	char *base = (char *)&copied->follow_up;

	copied->follow_up = *follow_up;
	for (size_t i = 0; i < TEXTS; i++) {
		const char *text;

		memcpy(&text, base + text_places[i], sizeof(text));
		copied->texts[i] = mem_strdup(text);
		memcpy(base + text_places[i], &copied->texts[i], sizeof(text));
	}
	return &copied->follow_up;
}

void
follow_up_free(struct follow_up *copy)
{
	struct copied *copied = (struct copied *)copy;

	for (size_t i = 0; copied && i < TEXTS; i++)
		free(copied->texts[i]);
	free(copied);
}

/* ---- beginning ---- */

static void
append_string(struct buf *out, const char *text)
{
	json_append_string(out, text, strlen(text));
}

char *
follow_up_scope(enum follow_up_per per, const char *survey,
	const char *customer, const char *account, int64_t answer)
{
	struct buf scope = {0};

	if (per == FOLLOW_UP_PER_ACCOUNT && account) {
		buf_append_text(&scope, "[\"account\",");
		append_string(&scope, account);
	} else if (customer) {
		buf_append_text(&scope, "[\"customer\",");
		append_string(&scope, survey);
		buf_append_char(&scope, ',');
		append_string(&scope, customer);
	} else {
		buf_printf(&scope, "[\"answer\",\"%" PRId64 "\"", answer);
	}
	buf_append_char(&scope, ']');
	return buf_take(&scope);
}

void
follow_up_start(struct follow_up *follow_up,
	const struct follow_up_terms *terms, int64_t now_ms)
{
	follow_up->state = FOLLOW_UP_OPEN;
	follow_up->opened_ms = follow_up->clock_ms = now_ms;
	follow_up->last_answer = follow_up->answer;
	follow_up->tracked_in = terms->tracked_in;
	follow_up->last_act = FOLLOW_UP_OPENED;
	follow_up->last_by = "npsd";
	follow_up->last_ms = now_ms;
	follow_up_recompute(follow_up, terms);
}

/* ---- what is refused ---- */

static bool
check_length(const char *text, size_t limit, const char *name, struct err *err)
{
	return !text || strlen(text) <= limit ||
	       err_set(err, "the %s is longer than %zu bytes", name, limit);
}

static bool
check_lengths(const struct follow_up_change *change, struct err *err)
{
	const size_t limit = FOLLOW_UP_NAME_LIMIT_BYTES;

	return check_length(change->owner, limit, "owner", err) &&
	       check_length(change->reason, limit, "reason", err) &&
	       check_length(change->who, limit, "name", err) &&
	       check_length(
		       change->note, FOLLOW_UP_NOTE_LIMIT_BYTES, "note", err);
}

static bool
is_empty(const char *text)
{
	return !text || !*text;
}

static bool
refuse_reason(const struct follow_up_change *change,
	const struct setting_texts *reasons, struct err *err)
{
	struct buf list = {0};

	for (size_t i = 0; i < reasons->count; i++)
		buf_printf(&list, "%s%s", i ? ", " : "", reasons->items[i]);
	if (is_empty(change->reason))
		err_set(err, "%s asks for a reason: one of %s",
			follow_up_act_name(change->act), list.data);
	else
		err_set(err,
			"there is no reason \"%.60s\": it must be one of %s",
			change->reason, list.data);
	buf_done(&list);
	return false;
}

/* Where another system owns the clock its reasons are its own. */
static bool
check_reason(const struct follow_up *follow_up,
	const struct follow_up_change *change,
	const struct follow_up_terms *terms, struct err *err)
{
	const struct setting_texts *reasons = terms->reasons;

	if (follow_up->tracked_in ||
		(change->act == FOLLOW_UP_LOSE &&
			text_same(change->reason, FOLLOW_UP_UNREACHABLE)))
		return true;
	if (!reasons || reasons->count == 0)
		return !is_empty(change->reason) ||
		       err_set(err, "%s asks for a reason",
			       follow_up_act_name(change->act));
	for (size_t i = 0; i < reasons->count; i++)
		if (text_same(change->reason, reasons->items[i]))
			return true;
	return refuse_reason(change, reasons, err);
}

static bool
check_closing(const struct follow_up *follow_up,
	const struct follow_up_change *change,
	const struct follow_up_terms *terms, struct err *err)
{
	if (!check_reason(follow_up, change, terms, err))
		return false;
	if (change->act == FOLLOW_UP_LOSE && is_empty(change->note) &&
		!follow_up->tracked_in)
		return err_set(err,
			"lost asks for a note: say in a few words what "
			"happened");
	return true;
}

/* What the act needs, and whether the state allows it. */
static bool
check(const struct follow_up *follow_up, const struct follow_up_change *change,
	const struct follow_up_terms *terms, struct err *err)
{
	if (!check_lengths(change, err))
		return false;
	if (follow_up_is_finished(follow_up) && change->act != FOLLOW_UP_NOTE &&
		change->act != FOLLOW_UP_REOPEN)
		return err_set(err,
			"the follow-up is %s already; reopen it first, or add "
			"a note",
			follow_up_state_name(follow_up->state));
	if (follow_up->state == FOLLOW_UP_CONTACTED &&
		change->act == FOLLOW_UP_NOT_REACHED)
		return err_set(err,
			"the customer was contacted already; say resolved or "
			"lost, add a note, or reopen it");
	if (change->act == FOLLOW_UP_ASSIGN && is_empty(change->owner))
		return err_set(err, "assign asks for an owner");
	if (change->act == FOLLOW_UP_NOTE && is_empty(change->note))
		return err_set(err, "the note is empty");
	if (change->act == FOLLOW_UP_RESOLVE || change->act == FOLLOW_UP_LOSE)
		return check_closing(follow_up, change, terms, err);
	return true;
}

/* ---- what was so already ---- */

static bool
is_second_click(const struct follow_up *follow_up,
	const struct follow_up_change *change)
{
	return follow_up->last_act == change->act &&
	       text_same(follow_up->last_by, change->who) &&
	       change->at_ms - follow_up->last_ms < FOLLOW_UP_CLICK_MS;
}

static const char *
claimant(const struct follow_up_change *change)
{
	return is_empty(change->owner) ? change->who : change->owner;
}

/* Whether the act leads where the follow-up is. */
static bool
is_there(const struct follow_up *follow_up,
	const struct follow_up_change *change)
{
	switch (change->act) {
	case FOLLOW_UP_CLAIM:
		return !follow_up_is_finished(follow_up) &&
		       follow_up->claimed_ms != 0 &&
		       text_same(follow_up->owner, claimant(change)) &&
		       text_same(follow_up->claimed_by, change->who);
	case FOLLOW_UP_ASSIGN:
		return text_same(follow_up->owner, change->owner);
	case FOLLOW_UP_CONTACT:
		return follow_up->state == FOLLOW_UP_CONTACTED;
	case FOLLOW_UP_RESOLVE:
		return follow_up->state == FOLLOW_UP_RESOLVED &&
		       (is_empty(change->reason) ||
			       text_same(follow_up->reason, change->reason));
	case FOLLOW_UP_LOSE:
		return follow_up->state == FOLLOW_UP_LOST &&
		       (is_empty(change->reason) ||
			       text_same(follow_up->reason, change->reason));
	case FOLLOW_UP_REOPEN:
		return follow_up->state == FOLLOW_UP_OPEN;
	case FOLLOW_UP_NOT_REACHED:
		return is_second_click(follow_up, change) ||
		       (follow_up->state == FOLLOW_UP_LOST &&
			       text_same(follow_up->reason,
				       FOLLOW_UP_UNREACHABLE));
	case FOLLOW_UP_NOTE:
		return text_same(follow_up->note, change->note);
	case FOLLOW_UP_IMPROVE:
		return follow_up->improved;
	case FOLLOW_UP_FOLD:
		return follow_up->last_answer == change->answer &&
		       !follow_up->improved;
	case FOLLOW_UP_OPENED:
	case FOLLOW_UP_ESCALATE:
	case FOLLOW_UP_REMIND:
	case FOLLOW_UP_FORGET:
		break;
	}
	return false;
}

/* What an act that changes no state says beside may be new all the same. */
static bool
becomes_less(const struct follow_up *follow_up, struct follow_up_change *change)
{
	if (is_second_click(follow_up, change) ||
		change->act == FOLLOW_UP_ASSIGN ||
		change->act == FOLLOW_UP_CLAIM || change->act == FOLLOW_UP_FOLD)
		return false;
	if (!is_empty(change->owner) &&
		!text_same(follow_up->owner, change->owner) &&
		!follow_up_is_finished(follow_up)) {
		change->act = FOLLOW_UP_ASSIGN;
		return true;
	}
	if (!is_empty(change->note) &&
		!text_same(follow_up->note, change->note)) {
		change->act = FOLLOW_UP_NOTE;
		change->owner = NULL;
		return true;
	}
	return false;
}

/* ---- what changes ---- */

static void
close_it(struct follow_up *follow_up, const struct follow_up_change *change)
{
	bool resolved = change->act == FOLLOW_UP_RESOLVE;

	follow_up->state = resolved ? FOLLOW_UP_RESOLVED : FOLLOW_UP_LOST;
	follow_up->reason = change->reason;
	follow_up->closed_ms = change->at_ms;
	follow_up->try_again_ms = 0;
	/* Who solved it spoke with the customer. */
	if (resolved && follow_up->contacted_ms == 0)
		follow_up->contacted_ms = change->at_ms;
}

static void
not_reached(struct follow_up *follow_up, struct follow_up_change *change,
	const struct follow_up_terms *terms)
{
	static const struct span pause = {.ms = FOLLOW_UP_TRY_AGAIN_MS};

	if (++follow_up->attempts < FOLLOW_UP_ATTEMPTS_LIMIT) {
		follow_up->try_again_ms =
			follow_up_later(terms, change->at_ms, &pause);
		follow_up->fired &= ~(1U << FOLLOW_UP_STEP_TRY_AGAIN);
		return;
	}
	change->act = FOLLOW_UP_LOSE;
	change->reason = FOLLOW_UP_UNREACHABLE;
	if (is_empty(change->note))
		change->note = "not reached three times";
	close_it(follow_up, change);
}

static void
reopen(struct follow_up *follow_up, const struct follow_up_change *change)
{
	follow_up->state = FOLLOW_UP_OPEN;
	follow_up->clock_ms = change->at_ms;
	follow_up->contact_by_ms = follow_up->resolve_by_ms = 0;
	follow_up->contacted_ms = follow_up->closed_ms = 0;
	follow_up->claimed_ms = 0;
	follow_up->claimed_by = NULL;
	follow_up->attempts = 0;
	follow_up->try_again_ms = 0;
	follow_up->reason = NULL;
	follow_up->fired = 0;
}

static void
carry_out(struct follow_up *follow_up, struct follow_up_change *change,
	const struct follow_up_terms *terms)
{
	switch (change->act) {
	case FOLLOW_UP_CLAIM:
		follow_up->owner = claimant(change);
		follow_up->claimed_ms = change->at_ms;
		follow_up->claimed_by = change->who;
		break;
	case FOLLOW_UP_CONTACT:
		follow_up->state = FOLLOW_UP_CONTACTED;
		follow_up->contacted_ms = change->at_ms;
		follow_up->try_again_ms = 0;
		break;
	case FOLLOW_UP_NOT_REACHED:
		not_reached(follow_up, change, terms);
		break;
	case FOLLOW_UP_RESOLVE:
	case FOLLOW_UP_LOSE:
		close_it(follow_up, change);
		break;
	case FOLLOW_UP_REOPEN:
		reopen(follow_up, change);
		break;
	case FOLLOW_UP_FOLD:
		/* The same answer may fall again. */
		follow_up->folds += follow_up->last_answer != change->answer;
		follow_up->last_answer = change->answer;
		follow_up->improved = false;
		break;
	case FOLLOW_UP_IMPROVE:
		follow_up->improved = true;
		break;
	case FOLLOW_UP_FORGET:
		follow_up->claimed_ms = 0;
		follow_up->claimed_by = NULL;
		break;
	case FOLLOW_UP_OPENED:
	case FOLLOW_UP_ASSIGN:
	case FOLLOW_UP_NOTE:
	case FOLLOW_UP_ESCALATE:
	case FOLLOW_UP_REMIND:
		break;
	}
}

/* A new owner has not claimed it. */
static void
hand_to(struct follow_up *follow_up, const struct follow_up_change *change)
{
	if (is_empty(change->owner) ||
		text_same(follow_up->owner, change->owner))
		return;
	follow_up->owner = change->owner;
	if (change->act == FOLLOW_UP_CLAIM)
		return;
	follow_up->claimed_ms = 0;
	follow_up->claimed_by = NULL;
}

bool
follow_up_apply(struct follow_up *follow_up, struct follow_up_change *change,
	const struct follow_up_terms *terms, bool *changed, struct err *err)
{
	*changed = false;
	if (is_there(follow_up, change) && !becomes_less(follow_up, change))
		return check_lengths(change, err);
	if (!check(follow_up, change, terms, err))
		return false;
	*changed = true;
	hand_to(follow_up, change);
	carry_out(follow_up, change, terms);
	if (!is_empty(change->note))
		follow_up->note = change->note;
	follow_up->last_act = change->act;
	follow_up->last_by = change->who;
	follow_up->last_ms = change->at_ms;
	follow_up_recompute(follow_up, terms);
	return true;
}
