/*
 * memory_erase - what is kept of a person goes, of the memory kind.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "crypt/uuid.h"
#include "store/memory_kind.h"

/* ---- deliveries ---- */

static int64_t
erase_attempts(struct memory_store *store, int64_t delivery)
{
	int64_t count = 0;

	for (size_t i = 0; i < table_count(store, TABLE_ATTEMPTS); i++) {
		const struct kept_attempt *one =
			table_row(store, TABLE_ATTEMPTS, i);
		struct kept_attempt *bare;

		if (!one || one->delivery != delivery || !one->row.reason)
			continue;
		bare = mem_new(1, sizeof(*bare));
		bare->delivery = delivery;
		bare->row = one->row;
		bare->row.outcome = keep_text(&bare->kept, one->row.outcome);
		bare->row.reason = NULL;
		table_put(store, TABLE_ATTEMPTS, i, &bare->kept);
		count++;
	}
	return count;
}

static bool
is_to_be_cancelled(const struct delivery_row *delivery)
{
	return delivery->state == DELIVERY_PENDING ||
	       delivery->state == DELIVERY_RETRYING ||
	       delivery->state == DELIVERY_DEAD;
}

static void
erase_delivery(struct memory_store *store, const struct delivery_row *one,
	int64_t now_ms, struct erased_counts *counts)
{
	struct delivery_row bare = *one;
	char id[UUID_TEXT_BYTES];

	uuid_random(id);
	counts->attempts += erase_attempts(store, one->row);
	counts->bodies += one->body != NULL;
	bare.body = NULL;
	bare.body_length = 0;
	bare.recipient = "";
	bare.id = id;
	if (is_to_be_cancelled(one)) {
		counts->cancelled++;
		bare.state = DELIVERY_CANCELLED;
		bare.was_claimed = true;
		bare.due_ms = 0;
		bare.settled_ms = now_ms;
		bare.node = NULL;
		bare.reason = ERASURE_REASON;
	} else if (!text_same(one->reason, ERASURE_REASON)) {
		bare.reason = NULL;
	}
	memory_put_delivery_at(store, &bare);
}

bool
memory_erase_deliveries(struct store_writer *base, int64_t answer,
	int64_t now_ms, struct erased_counts *counts, int64_t *in_flight,
	struct err *err)
{
	struct memory_store *store = memory_of(base);

	if (!memory_may_write(store, err))
		return false;
	for (size_t i = 0; i < table_count(store, TABLE_DELIVERIES); i++) {
		const struct delivery_row *one = memory_delivery_at(store, i);

		if (!one || one->answer != answer)
			continue;
		*in_flight += one->state == DELIVERY_CLAIMED;
		erase_delivery(store, one, now_ms, counts);
	}
	return true;
}

bool
memory_count_in_flight(struct store_writer *base, int64_t answer,
	int64_t *count, struct err *err)
{
	struct memory_store *store = memory_of(base);

	(void)err;
	*count = 0;
	for (size_t i = 0; i < table_count(store, TABLE_DELIVERIES); i++) {
		const struct delivery_row *one = memory_delivery_at(store, i);
		const struct delivery_row *told;

		if (!one || one->answer != answer)
			continue;
		told = memory_find_delivery(store, one->message);
		*count += one->state == DELIVERY_CLAIMED;
		*count += told && told->state == DELIVERY_CLAIMED;
	}
	return true;
}

/* ---- the answer ---- */

static void
drop_past(struct memory_store *store, int64_t answer,
	struct erased_counts *counts)
{
	for (size_t i = 0; i < table_count(store, TABLE_PAST); i++) {
		const struct kept_answer *past =
			table_row(store, TABLE_PAST, i);

		if (!past || past->row.row != answer)
			continue;
		table_put(store, TABLE_PAST, i, NULL);
		counts->revisions++;
	}
}

static bool
is_erased(const struct memory_store *store, int64_t answer)
{
	for (size_t i = 0; i < table_count(store, TABLE_ERASED); i++) {
		const struct kept_erased *one =
			table_row(store, TABLE_ERASED, i);

		if (one && one->answer == answer)
			return true;
	}
	return false;
}

/* Those that stay. */
static bool
silences_others(const struct memory_store *store, int64_t answer)
{
	for (size_t i = 0; i < table_count(store, TABLE_SUPPRESSED); i++) {
		const struct kept_suppressed *one =
			table_row(store, TABLE_SUPPRESSED, i);

		if (one && one->by == answer && !is_erased(store, one->answer))
			return true;
	}
	return false;
}

/* The account's go on; and one that keeps an answer quiet which stays goes when
 * that is decided again. */
static void
drop_cooldowns(struct memory_store *store, int64_t answer,
	struct erased_counts *counts)
{
	for (size_t i = 0; i < table_count(store, TABLE_SUPPRESSED); i++) {
		const struct kept_suppressed *one =
			table_row(store, TABLE_SUPPRESSED, i);

		if (one && one->answer == answer)
			table_put(store, TABLE_SUPPRESSED, i, NULL);
	}
	if (silences_others(store, answer))
		return;
	for (size_t i = 0; i < table_count(store, TABLE_COOLDOWNS); i++) {
		const struct kept_cooldown *one =
			table_row(store, TABLE_COOLDOWNS, i);

		if (!one || one->row.answer != answer ||
			strncmp(one->row.key, "customer ", 9) != 0)
			continue;
		table_put(store, TABLE_COOLDOWNS, i, NULL);
		counts->cooldowns++;
	}
}

static void
note_erased(struct memory_store *store, int64_t answer, int64_t now_ms)
{
	for (size_t i = 0; i < table_count(store, TABLE_ERASED); i++) {
		const struct kept_erased *one =
			table_row(store, TABLE_ERASED, i);
		struct kept_erased *noted;

		if (one->answer != answer)
			continue;
		noted = mem_new(1, sizeof(*noted));
		noted->erasure = one->erasure;
		noted->answer = answer;
		noted->erased_ms = now_ms;
		table_put(store, TABLE_ERASED, i, &noted->kept);
	}
}

static void
make_bare(struct memory_store *store, const struct answer_row *answer,
	const char *mark, bool verdicts)
{
	struct answer_row bare = *answer;
	char uuid[UUID_TEXT_BYTES], *id;

	uuid_random(uuid);
	id = mem_printf("forgotten-%s", uuid);
	bare.id = id;
	bare.customer = mark;
	bare.account = NULL;
	bare.content = NULL;
	bare.content_length = 0;
	if (!verdicts)
		bare.verdicts = NULL;
	memory_put_answer_at(store, &bare);
	free(id);
}

bool
memory_erase_answer(struct store_writer *base, int64_t row, const char *mark,
	bool verdicts, int64_t now_ms, struct erased_counts *counts,
	struct err *err)
{
	struct memory_store *store = memory_of(base);
	const struct answer_row *answer;

	if (!memory_may_write(store, err))
		return false;
	note_erased(store, row, now_ms);
	if (row < 1 || (size_t)row > table_count(store, TABLE_ANSWERS))
		return true;
	answer = memory_answer_at(store, (size_t)row - 1);
	if (!answer->id)
		return true;
	for (size_t i = 0; i < table_count(store, TABLE_DELIVERIES); i++) {
		const struct delivery_row *one = memory_delivery_at(store, i);

		counts->deliveries += one && one->answer == row;
	}
	memory_keep_known(store, answer);
	drop_past(store, row, counts);
	drop_cooldowns(store, row, counts);
	memory_erase_follow_ups(store, row, mark, now_ms, counts);
	make_bare(store, answer, mark, verdicts);
	return true;
}

/* ---- what is of no answer ---- */

static void
drop_body(struct memory_store *store, const struct delivery_row *one)
{
	struct delivery_row bare = *one;

	bare.body = NULL;
	bare.body_length = 0;
	memory_put_delivery_at(store, &bare);
}

static void
erase_lone(struct memory_store *store, int64_t row)
{
	const struct delivery_row *one = memory_find_delivery(store, row);
	struct delivery_row bare;

	if (!one)
		return;
	erase_attempts(store, row);
	drop_body(store, one);
	bare = *memory_find_delivery(store, row);
	if (!text_same(bare.reason, ERASURE_REASON))
		bare.reason = NULL;
	memory_put_delivery_at(store, &bare);
}

static void
erase_recipient(struct memory_store *store, int64_t row)
{
	const struct delivery_row *one = memory_find_delivery(store, row);
	struct delivery_row bare;

	if (!one)
		return;
	bare = *one;
	bare.recipient = "";
	memory_put_delivery_at(store, &bare);
}

static void
erase_note(struct memory_store *store, int64_t row)
{
	const struct kept_follow_up *one;

	memory_erase_notes(store, row);
	if (row < 1 || (size_t)row > table_count(store, TABLE_FOLLOW_UPS))
		return;
	one = table_row(store, TABLE_FOLLOW_UPS, (size_t)row - 1);
	if (one) {
		struct follow_up bare = one->row;
		struct err err;

		bare.note = NULL;
		(void)!memory_change_follow_up(&store->base, &bare, &err);
	}
}

bool
memory_erase_words(struct store_writer *base, enum store_words what,
	int64_t row, int64_t now_ms, struct err *err)
{
	struct memory_store *store = memory_of(base);

	if (!memory_may_write(store, err))
		return false;
	switch (what) {
	case WORDS_REJECTED:
		table_put(store, TABLE_REJECTED, (size_t)row - 1, NULL);
		return true;
	case WORDS_LONE:
		erase_lone(store, row);
		return true;
	case WORDS_RECIPIENTS:
		erase_recipient(store, row);
		return true;
	case WORDS_NOTES:
		erase_note(store, row);
		return true;
	case WORDS_SILENCES:
		memory_erase_silence(store, row, now_ms);
		return true;
	case WORDS_ANSWERS:
		break;
	}
	return err_set(err, "an answer is not erased by its words");
}

bool
memory_drop_storms(
	struct store_writer *base, const char *recipient, struct err *err)
{
	if (!memory_may_write(memory_of(base), err))
		return false;
	memory_drop_storms_of(memory_of(base), recipient);
	return true;
}
