/*
 * erasing_lone - deliveries of no answer that tell of somebody who is forgotten.
 *
 *	digest    quotes comments, cut and without names: any that was made since
 *	          the first answer came may hold one of theirs
 *	storm     goes with the answers it tells of (erasing_answer.c)
 *	others    where their words name the person
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "flow/digest_job.h"
#include "flow/erasing_private.h"
#include "nps/spelling.h"
#include "store/store_storm.h"

struct lone {
	int64_t row;
	enum delivery_state state;
	bool digest, storm, named;
	bool recipient; /* is the person */
	char *rule;
};
struct lones {
	struct erasing_one *one;
	struct keeping *keeping;
	struct lone *items;
	size_t count;
};

static bool
is_named(const struct erasing_one *one, const struct words_row *words, int at)
{
	return spelling_names(
		&one->person, words->texts[at], words->lengths[at]);
}

static bool
may_quote(const struct erasing_one *one, const struct words_row *words)
{
	return text_same(words->cause, DIGEST_CAUSE) &&
	       words->created_ms >= one->since_ms &&
	       (words->texts[1] != NULL || words->texts[2] != NULL);
}

/* Several texts of one row come one after the other. */
static void
on_words(const struct words_row *words, void *context)
{
	struct lones *lones = context;
	struct erasing_one *one = lones->one;
	struct lone lone = {
		.row = words->row,
		.state = words->state,
		.digest = may_quote(one, words),
		.storm = text_same(words->cause, STORM_CAUSE),
		.named = is_named(one, words, 1) || is_named(one, words, 2),
		.recipient = is_named(one, words, 0),
	};
	struct lone *last =
		lones->count > 0 ? &lones->items[lones->count - 1] : NULL;

	pulse_beat(lones->keeping->pulse, lones->keeping->clock);
	if (!lone.digest && !lone.named && !lone.recipient)
		return;
	if (last != NULL && last->row == lone.row) {
		last->digest |= lone.digest;
		last->named |= lone.named;
		return;
	}
	lone.rule = mem_strdup(words->rule != NULL ? words->rule : "");
	lones->items =
		mem_grow(lones->items, lones->count + 1, sizeof(*lones->items));
	lones->items[lones->count++] = lone;
}

static bool
erase_words(struct erasing_one *one, struct keeping *keeping,
	const struct lone *lone, struct err *err)
{
	erasing_count(one, "erased", lone->digest ? "digests" : "others", 1);
	return store_erase_words(keeping->store, WORDS_LONE, lone->row,
		       keeping->now_ms, err) &&
	       (!lone->recipient ||
		       store_erase_words(keeping->store, WORDS_RECIPIENTS,
			       lone->row, keeping->now_ms, err));
}

/* It is not sent. What it is of is told: a digest can be sent anew. */
static bool
cancel(struct erasing_one *one, struct keeping *keeping,
	const struct lone *lone, struct err *err)
{
	bool changed;

	/* A storm's message that names the person in what others say goes as
	 * they do, and so does what only goes to that address. */
	if (!lone->digest && (!lone->named || lone->storm))
		return true;
	if (!store_cancel(keeping->store, lone->row, keeping->now_ms,
		    ERASURE_REASON, &changed, err) ||
		!erase_words(one, keeping, lone, err))
		return false;
	erasing_count(one, "erased", "cancelled", 1);
	if (lone->digest)
		erasing_count(one, "digests_cancelled", lone->rule, 1);
	return true;
}

static bool
erase_one(struct erasing_one *one, struct keeping *keeping,
	const struct lone *lone, struct err *err)
{
	switch (lone->state) {
	case DELIVERY_PENDING:
	case DELIVERY_RETRYING:
		return cancel(one, keeping, lone, err);
	case DELIVERY_CLAIMED:
		erasing_note_flight(one, lone->row, true, 1);
		return true;
	case DELIVERY_DELIVERED:
	case DELIVERY_DEAD:
	case DELIVERY_CANCELLED:
	case DELIVERY_FOLDED:
		break;
	}
	return erase_words(one, keeping, lone, err);
}

bool
erasing_search_lone(struct erasing_one *one, struct keeping *keeping,
	int64_t upto, int64_t *at, bool *more, struct err *err)
{
	struct lones lones = {one, keeping, NULL, 0};
	bool good = store_read_words(keeping->store, WORDS_LONE, upto, at, more,
		on_words, &lones, err);

	*more = *at == upto;
	for (size_t i = 0; i < lones.count; i++) {
		good = good && erase_one(one, keeping, &lones.items[i], err);
		free(lones.items[i].rule);
	}
	free(lones.items);
	return good;
}
