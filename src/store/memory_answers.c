/*
 * memory_answers - answers and rejected records of the memory kind.
 */
#include <inttypes.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "store/memory_kind.h"

/* ---- answers ---- */

static struct answer_row *
find_identity(const struct memory_store *store, enum response_kind kind,
	const char *survey, const char *id)
{
	for (size_t i = 0; i < table_count(store, TABLE_ANSWERS); i++) {
		struct answer_row *answer = memory_answer_at(store, i);

		if (answer->id && answer->kind == kind &&
			strcmp(answer->survey, survey) == 0 &&
			strcmp(answer->id, id) == 0)
			return answer;
	}
	return NULL;
}

enum store_found
memory_find_answer(struct store_writer *base, enum response_kind kind,
	const char *survey, const char *id,
	void (*on_found)(const struct answer_row *answer, void *context),
	void *context, struct err *err)
{
	struct memory_store *store = memory_of(base);
	const struct answer_row *answer =
		find_identity(store, kind, survey, id);

	(void)err;
	if (answer) {
		on_found(answer, context);
		return STORE_FOUND;
	}
	for (size_t i = 0; i < table_count(store, TABLE_KNOWN); i++) {
		const struct kept_known *known =
			table_row(store, TABLE_KNOWN, i);

		if (known->kind == kind && text_same(known->survey, survey) &&
			text_same(known->id, id))
			return STORE_FORGOTTEN;
	}
	return STORE_NONE;
}

enum store_found
memory_get_answer(struct store_writer *base, int64_t row,
	void (*on_found)(const struct answer_row *answer, void *context),
	void *context, struct err *err)
{
	struct memory_store *store = memory_of(base);

	(void)err;
	if (row < 1 || (size_t)row > table_count(store, TABLE_ANSWERS))
		return STORE_NONE;
	const struct answer_row *answer =
		memory_answer_at(store, (size_t)row - 1);

	if (!answer->id || !answer->content)
		return STORE_FORGOTTEN;
	on_found(answer, context);
	return STORE_FOUND;
}

static bool
is_before(const struct answer_row *answer, int64_t before_ms, int64_t except)
{
	if (answer->row == except)
		return false;
	if (answer->answered_ms == before_ms)
		return except == 0 || answer->row < except;
	return answer->answered_ms < before_ms;
}

bool
memory_first_arrival(struct store_writer *base, int64_t row,
	int64_t *arrived_ms, struct err *err)
{
	struct memory_store *store = memory_of(base);
	bool found = false;

	for (size_t i = 0; i < table_count(store, TABLE_ANSWERS); i++) {
		const struct answer_row *answer = memory_answer_at(store, i);

		if (answer->row != row)
			continue;
		*arrived_ms = answer->arrived_ms;
		found = true;
	}
	if (!found)
		return err_set(err, "memory: there is no such answer");
	for (size_t i = 0; i < table_count(store, TABLE_PAST); i++) {
		const struct kept_answer *past =
			table_row(store, TABLE_PAST, i);

		if (past && past->row.row == row &&
			past->row.arrived_ms < *arrived_ms)
			*arrived_ms = past->row.arrived_ms;
	}
	return true;
}

enum store_found
memory_find_previous(struct store_writer *base, const char *survey,
	const char *customer, int64_t before_ms, int64_t except,
	struct previous *previous, struct err *err)
{
	struct memory_store *store = memory_of(base);

	(void)err;
	*previous = (struct previous){.known = false};
	for (size_t i = 0; i < table_count(store, TABLE_ANSWERS); i++) {
		const struct answer_row *answer = memory_answer_at(store, i);

		if (answer->kind != RESPONSE_ANSWER ||
			!text_same(answer->customer, customer) ||
			!text_same(answer->survey, survey) ||
			!is_before(answer, before_ms, except))
			continue;
		if (previous->known &&
			previous->answered_ms > answer->answered_ms)
			continue;
		*previous = (struct previous){.known = true,
			.score = answer->score,
			.category = answer->category,
			.answered_ms = answer->answered_ms};
	}
	return previous->known ? STORE_FOUND : STORE_NONE;
}

bool
memory_put_answer(
	struct store_writer *base, struct answer_row *answer, struct err *err)
{
	struct memory_store *store = memory_of(base);

	if (!memory_may_write(store, err))
		return false;
	if (find_identity(store, answer->kind, answer->survey, answer->id))
		return err_set(err, "memory: the answer exists already");
	answer->row = (int64_t)table_count(store, TABLE_ANSWERS) + 1;
	memory_put_answer_at(store, answer);
	return true;
}

bool
memory_amend_answer(struct store_writer *base, const struct answer_row *answer,
	struct err *err)
{
	struct memory_store *store = memory_of(base);

	if (!memory_may_write(store, err))
		return false;
	if (answer->row < 1 ||
		(size_t)answer->row > table_count(store, TABLE_ANSWERS) ||
		!memory_answer_at(store, (size_t)answer->row - 1)->id)
		return err_set(err,
			"answer %" PRId64 " cannot be amended: there is none "
			"such",
			answer->row);
	const struct answer_row *old =
		memory_answer_at(store, (size_t)answer->row - 1);
	struct answer_row changed = *answer;

	changed.kind = old->kind;
	changed.survey = old->survey;
	changed.id = old->id;
	table_append(store, TABLE_PAST, &memory_copy_answer(old)->kept);
	memory_put_answer_at(store, &changed);
	return true;
}

bool
memory_put_rejected(struct store_writer *base, struct rejected_row *rejected,
	struct err *err)
{
	struct memory_store *store = memory_of(base);

	if (!memory_may_write(store, err))
		return false;
	struct kept_rejected *kept = mem_new(1, sizeof(*kept));

	rejected->row = (int64_t)table_count(store, TABLE_REJECTED) + 1;
	kept->row = *rejected;
	kept->row.source = keep_text(&kept->kept, rejected->source);
	kept->row.place = keep_text(&kept->kept, rejected->place);
	kept->row.pointer = keep_text(&kept->kept, rejected->pointer);
	kept->row.text = keep_text(&kept->kept, rejected->text);
	kept->row.bytes =
		keep_bytes(&kept->kept, rejected->bytes, rejected->length);
	table_append(store, TABLE_REJECTED, &kept->kept);
	return true;
}

/* ---- forgetting ---- */

static bool
message_waits(
	const struct memory_store *store, const struct delivery_row *delivery)
{
	const struct delivery_row *message =
		memory_find_delivery(store, delivery->message);

	return delivery->state == DELIVERY_FOLDED && message &&
	       memory_due_of(message) != INT64_MAX;
}

static bool
has_waiting(const struct memory_store *store, int64_t answer)
{
	for (size_t i = 0; i < table_count(store, TABLE_DELIVERIES); i++) {
		const struct delivery_row *delivery =
			memory_delivery_at(store, i);

		if (delivery && delivery->answer == answer &&
			(memory_due_of(delivery) != INT64_MAX ||
				message_waits(store, delivery)))
			return true;
	}
	return false;
}

static void
drop_attempts(struct memory_store *store, int64_t delivery)
{
	for (size_t i = 0; i < table_count(store, TABLE_ATTEMPTS); i++) {
		const struct kept_attempt *attempt =
			table_row(store, TABLE_ATTEMPTS, i);

		if (attempt && attempt->delivery == delivery)
			table_put(store, TABLE_ATTEMPTS, i, NULL);
	}
}

static void
drop_deliveries(struct memory_store *store, int64_t answer)
{
	for (size_t i = 0; i < table_count(store, TABLE_DELIVERIES); i++) {
		const struct delivery_row *delivery =
			memory_delivery_at(store, i);

		if (!delivery || delivery->answer != answer)
			continue;
		drop_attempts(store, delivery->row);
		table_put(store, TABLE_DELIVERIES, i, NULL);
	}
}

static void
drop_past(struct memory_store *store, int64_t answer)
{
	for (size_t i = 0; i < table_count(store, TABLE_PAST); i++) {
		const struct kept_answer *past =
			table_row(store, TABLE_PAST, i);

		if (past && past->row.row == answer)
			table_put(store, TABLE_PAST, i, NULL);
	}
}

void
memory_keep_known(struct memory_store *store, const struct answer_row *answer)
{
	struct kept_known *known = mem_new(1, sizeof(*known));

	known->kind = answer->kind;
	known->survey = keep_text(&known->kept, answer->survey);
	known->id = keep_text(&known->kept, answer->id);
	table_append(store, TABLE_KNOWN, &known->kept);
}

static void
forget(struct memory_store *store, const struct answer_row *answer)
{
	struct answer_row bare = *answer;

	memory_keep_known(store, answer);
	memory_drop_folded(store, answer->row);
	drop_deliveries(store, answer->row);
	drop_past(store, answer->row);
	memory_drop_follow_ups(store, answer->row);
	memory_drop_cooldowns(store, answer->row);
	bare.id = bare.customer = bare.account = NULL;
	bare.verdicts = bare.content = NULL;
	bare.content_length = 0;
	memory_put_answer_at(store, &bare);
}

bool
memory_purge_answers(struct store_writer *base, int64_t before_ms, int limit,
	int *removed, struct err *err)
{
	struct memory_store *store = memory_of(base);

	*removed = 0;
	if (!memory_may_write(store, err))
		return false;
	for (size_t i = 0; i < table_count(store, TABLE_ANSWERS); i++) {
		const struct answer_row *answer = memory_answer_at(store, i);

		if (*removed == limit || !answer->id ||
			answer->arrived_ms >= before_ms ||
			has_waiting(store, answer->row) ||
			memory_has_unfinished(store, answer->row))
			continue;
		forget(store, answer);
		(*removed)++;
	}
	return true;
}

bool
memory_purge_rejected(struct store_writer *base, int64_t before_ms, int limit,
	int *removed, struct err *err)
{
	struct memory_store *store = memory_of(base);

	*removed = 0;
	if (!memory_may_write(store, err))
		return false;
	for (size_t i = 0; i < table_count(store, TABLE_REJECTED); i++) {
		const struct kept_rejected *rejected =
			table_row(store, TABLE_REJECTED, i);

		if (!rejected || *removed == limit ||
			rejected->row.arrived_ms >= before_ms)
			continue;
		table_put(store, TABLE_REJECTED, i, NULL);
		(*removed)++;
	}
	return true;
}
