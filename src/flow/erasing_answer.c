/* erasing_answer - one answer of somebody who is forgotten. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "crypt/uuid.h"
#include "flow/erasing_private.h"
#include "flow/storming.h"

/* ---- alerts that were folded into a storm's message ---- */

struct folded {
	int64_t row, message;
	enum delivery_state message_state;
	bool stands; /* folded still: it was not sent by itself since */
	bool frozen; /* the message has its bytes */
	char *rule, *action;
};
struct all_folded {
	struct folded *items;
	size_t count;
};

static void
on_alert(const struct delivery_row *delivery, void *context)
{
	struct all_folded *all = context;

	bool stands = delivery->state == DELIVERY_FOLDED;

	if (delivery->message == 0)
		return;
	all->items = mem_grow(all->items, all->count + 1, sizeof(*all->items));
	all->items[all->count++] = (struct folded){delivery->row,
		delivery->message, delivery->message_state, stands,
		stands && delivery->was_claimed, mem_strdup(delivery->rule),
		mem_strdup(delivery->action)};
}

static void
all_folded_done(struct all_folded *all)
{
	for (size_t i = 0; i < all->count; i++) {
		free(all->items[i].rule);
		free(all->items[i].action);
	}
	free(all->items);
}

static bool
cancel_folded(
	struct keeping *keeping, const struct folded *folded, struct err *err)
{
	struct delivery_row row = {
		.row = folded->row,
		.rule = folded->rule,
		.state = DELIVERY_CANCELLED,
		.settled_ms = keeping->now_ms,
		.reason = ERASURE_REASON,
	};

	/* One that was sent by itself ends like any other. */
	if (!folded->stands)
		return true;
	return store_change_delivery(keeping->store, &row, err);
}

static bool
send_anew(struct keeping *keeping, const struct folded_row *folded,
	void *context, struct err *err)
{
	struct erasing_one *one = context;
	bool changed;

	if (erasing_holds(one, folded->answer))
		return true;
	if (!store_retry(keeping->store, folded->delivery, keeping->now_ms,
		    &changed, err))
		return false;
	erasing_count(one, NULL, "sent_anew", changed);
	return true;
}

static void
note_message(struct erasing_one *one, int64_t message)
{
	for (size_t i = 0; i < one->message_count; i++)
		if (one->messages[i] == message)
			return;
	one->messages = mem_grow(
		one->messages, one->message_count + 1, sizeof(*one->messages));
	one->messages[one->message_count++] = message;
	erasing_count(one, "erased", "storms", 1);
}

/* Its bytes name the person among others, and one id is one body: what it tells
 * of others goes out by itself. */
static bool
take_apart(struct erasing_one *one, struct keeping *keeping,
	const struct folded *folded, struct err *err)
{
	struct policy_action *action =
		policy_action(keeping->policy, folded->action);
	int64_t message = folded->message;
	bool changed;

	if (action != NULL)
		atomic_store(&action->waiting, true);
	note_message(one, message);
	return storming_each(keeping, message, send_anew, one, err) &&
	       store_cancel(keeping->store, message, keeping->now_ms,
		       ERASURE_REASON, &changed, err) &&
	       store_erase_words(keeping->store, WORDS_LONE, message,
		       keeping->now_ms, err);
}

static bool
unfold(struct erasing_one *one, struct keeping *keeping,
	const struct folded *folded, int64_t *in_flight, struct err *err)
{
	switch (folded->message_state) {
	case DELIVERY_RETRYING:
		return take_apart(one, keeping, folded, err) &&
		       cancel_folded(keeping, folded, err);
	case DELIVERY_PENDING:
		if (folded->frozen)
			return take_apart(one, keeping, folded, err) &&
			       cancel_folded(keeping, folded, err);
		/* It will be made without those that left it. */
		if (!folded->stands)
			return true;
		erasing_count(one, "erased", "cancelled", 1);
		return cancel_folded(keeping, folded, err) &&
		       storming_left(keeping, folded->row, err);
	case DELIVERY_CLAIMED:
		++*in_flight;
		return true;
	case DELIVERY_DELIVERED:
	case DELIVERY_DEAD:
	case DELIVERY_CANCELLED:
	case DELIVERY_FOLDED:
		break;
	}
	note_message(one, folded->message);
	return store_erase_words(keeping->store, WORDS_LONE, folded->message,
		keeping->now_ms, err);
}

/* ---- its deliveries ---- */

static bool
erase_deliveries(struct erasing_one *one, struct keeping *keeping,
	int64_t answer, struct erased_counts *counts, struct err *err)
{
	struct all_folded all = {NULL, 0};
	int64_t in_flight = 0;
	bool good =
		store_each_alert(keeping->store, answer, on_alert, &all, err);

	for (size_t i = 0; good && i < all.count; i++)
		good = unfold(one, keeping, &all.items[i], &in_flight, err);
	all_folded_done(&all);
	good = good && store_erase_deliveries(keeping->store, answer,
			       keeping->now_ms, counts, &in_flight, err);
	erasing_note_flight(one, answer, false, in_flight);
	return good;
}

static void
add_counts(struct erasing_one *one, const struct erased_counts *counts)
{
	erasing_count(one, "erased", "revisions", counts->revisions);
	erasing_count(one, "erased", "deliveries", counts->deliveries);
	erasing_count(one, "erased", "cancelled", counts->cancelled);
	erasing_count(one, "erased", "bodies", counts->bodies);
	erasing_count(one, "erased", "attempts", counts->attempts);
	erasing_count(one, "erased", "follow_ups", counts->follow_ups);
	erasing_count(one, "erased", "closed", counts->closed);
	erasing_count(one, "erased", "notes", counts->notes);
	erasing_count(one, "erased", "cooldowns", counts->cooldowns);
}

bool
erasing_settle(struct erasing_one *one, struct keeping *keeping, int64_t answer,
	struct err *err)
{
	struct erased_counts counts = {0};
	bool good = erase_deliveries(one, keeping, answer, &counts, err);

	add_counts(one, &counts);
	return good;
}

static void
on_left(const char *action, void *context)
{
	erasing_count(context, "told", action, 1);
}

bool
erasing_tell_left(struct erasing_one *one, struct keeping *keeping,
	int64_t answer, struct err *err)
{
	return store_each_left(keeping->store, answer, on_left, one, err);
}

/* ---- the answer ---- */

struct seen {
	struct erasing_one *one;
	char mark[UUID_TEXT_BYTES]; /* "": it has no customer */
	bool verdicts;		    /* they say nothing of the person */
};

static void
on_answer(const struct answer_row *row, void *context)
{
	struct seen *seen = context;
	struct erasing_one *one = seen->one;
	const char *mark = person_mark(&one->person, row->customer);

	if (mark != NULL)
		memcpy(seen->mark, mark, strlen(mark) + 1);
	else if (row->customer != NULL)
		uuid_random(seen->mark);
	/* What an expression that failed says may quote anything. */
	seen->verdicts = row->verdicts == NULL ||
			 (strstr(row->verdicts, "\"when_failed\"") == NULL &&
				 !person_is_named(&one->person, row->verdicts,
					 strlen(row->verdicts)));
	erasing_count(one, "erased",
		row->kind == RESPONSE_ANSWER ? "answers" : "invitations", 1);
	erasing_count(one, "sources", row->source, 1);
}

/* What is told of an answer may be told from its first arrival on. */
static bool
look_at_answer(struct seen *seen, struct keeping *keeping, int64_t answer,
	struct err *err)
{
	enum store_found found =
		store_get_answer(keeping->store, answer, on_answer, seen, err);
	int64_t arrived_ms;

	if (found != STORE_FOUND)
		return found != STORE_ERROR;
	if (!store_first_arrival(keeping->store, answer, &arrived_ms, err))
		return false;
	if (arrived_ms < seen->one->since_ms)
		seen->one->since_ms = arrived_ms;
	return true;
}

bool
erasing_erase(struct erasing_one *one, struct keeping *keeping, int64_t answer,
	struct err *err)
{
	struct seen seen = {.one = one};
	struct erased_counts counts = {0};
	char *mark = NULL;
	bool good = look_at_answer(&seen, keeping, answer, err);

	if (good && seen.mark[0] != '\0')
		mark = mem_printf("forgotten-%s", seen.mark);
	good = good && erase_deliveries(one, keeping, answer, &counts, err) &&
	       store_erase_answer(keeping->store, answer, mark, seen.verdicts,
		       keeping->now_ms, &counts, err);
	add_counts(one, &counts);
	free(mark);
	return good;
}
