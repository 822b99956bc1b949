/*
 * memory_reader - what is asked of the memory kind. A question waits for the
 * end of the transaction that is under way, so that it sees what was committed.
 */
#include <string.h>

#include "base/text.h"
#include "nps/window.h"
#include "store/memory_kind.h"

/* ---- lists ---- */

/* True if there is no such filter, or it fits. */
static bool
fits(const char *wanted, const char *text)
{
	return !wanted || text_same(wanted, text);
}

static json_t *
list_answer(const struct memory_store *store, size_t index,
	const struct store_filter *filter)
{
	const struct kept_answer *kept = table_row(store, TABLE_ANSWERS, index);
	const struct answer_row *answer = &kept->row;

	if (!fits(filter->survey, answer->survey) ||
		!fits(filter->id, answer->id) ||
		!fits(filter->source, answer->source) ||
		answer->arrived_ms < filter->since_ms ||
		(filter->category >= 0 &&
			(answer->kind != RESPONSE_ANSWER ||
				(int)answer->category != filter->category)))
		return NULL;
	return row_json_answer(answer);
}

static bool
is_of_survey(const struct memory_store *store,
	const struct delivery_row *delivery, const char *survey)
{
	if (!survey)
		return true;
	if (!delivery->answer)
		return false;
	const struct kept_answer *answer =
		table_row(store, TABLE_ANSWERS, (size_t)delivery->answer - 1);

	return text_same(answer->row.survey, survey);
}

static json_t *
attempts_of(const struct memory_store *store, int64_t delivery)
{
	json_t *attempts = json_array();

	for (size_t i = 0; i < table_count(store, TABLE_ATTEMPTS); i++) {
		const struct kept_attempt *attempt =
			table_row(store, TABLE_ATTEMPTS, i);

		if (attempt && attempt->delivery == delivery)
			json_array_append_new(
				attempts, row_json_attempt(&attempt->row));
	}
	return attempts;
}

static json_t *
list_delivery(const struct memory_store *store, size_t index,
	const struct store_filter *filter)
{
	const struct kept_delivery *kept =
		table_row(store, TABLE_DELIVERIES, index);
	const struct delivery_row *delivery = &kept->row;

	if (!is_of_survey(store, delivery, filter->survey) ||
		!fits(filter->id, delivery->id) ||
		!fits(filter->action, delivery->action) ||
		!fits(filter->rule, delivery->rule) ||
		(filter->storm && delivery->message != filter->storm) ||
		delivery->created_ms < filter->since_ms ||
		(filter->state >= 0 && (int)delivery->state != filter->state))
		return NULL;
	json_t *object = row_json_delivery(delivery, delivery->body != NULL);

	memory_add_storm(store, delivery, object);
	if (filter->row) {
		row_json_add_body(object, delivery);
		row_json_add_attempts(
			object, delivery, attempts_of(store, delivery->row));
	}
	return object;
}

static json_t *
list_rejected(const struct memory_store *store, size_t index,
	const struct store_filter *filter)
{
	const struct kept_rejected *kept =
		table_row(store, TABLE_REJECTED, index);
	const char *reason = rejection_reason_name(kept->row.reason);

	if (!fits(filter->source, kept->row.source) ||
		!fits(filter->reason, reason) ||
		kept->row.arrived_ms < filter->since_ms)
		return NULL;
	return row_json_rejected(&kept->row, reason);
}

static const struct {
	enum table_name table;
	json_t *(*list)(const struct memory_store *store, size_t index,
		const struct store_filter *filter);
} lists[] = {
	[STORE_RESPONSES] = {TABLE_ANSWERS, list_answer},
	[STORE_DELIVERIES] = {TABLE_DELIVERIES, list_delivery},
	[STORE_REJECTED] = {TABLE_REJECTED, list_rejected},
	[STORE_FOLLOW_UPS] = {TABLE_FOLLOW_UPS, memory_list_follow_up},
	[STORE_SILENCES] = {TABLE_SILENCES, memory_list_silence},
	[STORE_ERASURES] = {TABLE_ERASURES, memory_list_erasure},
};

json_t *
memory_list_rows(struct store_reader *base, enum store_list list,
	const struct store_filter *filter, int64_t *next, struct err *err)
{
	struct memory_store *store = memory_lock(base);
	enum table_name table = lists[list].table;
	size_t limit = STORE_LIST_LIMIT;
	json_t *items = json_array();
	int64_t last = 0;

	(void)err;
	if (filter->limit > 0 && filter->limit < STORE_LIST_LIMIT)
		limit = (size_t)filter->limit;
	*next = 0;
	for (size_t i = table_count(store, table); i > 0 && !*next; i--) {
		int64_t row = (int64_t)i;

		if ((filter->row && row != filter->row) ||
			(filter->before_row && row >= filter->before_row) ||
			!table_row(store, table, i - 1))
			continue;
		json_t *item = lists[list].list(store, i - 1, filter);

		if (item && json_array_size(items) == limit) {
			json_decref(item);
			*next = last;
		} else if (item) {
			json_array_append_new(items, item);
			last = row;
		}
	}
	memory_unlock(store);
	return items;
}

/* ---- explain ---- */

static json_t *
past_of(const struct memory_store *store, int64_t answer)
{
	json_t *past = json_array();

	for (size_t i = 0; i < table_count(store, TABLE_PAST); i++) {
		const struct kept_answer *earlier =
			table_row(store, TABLE_PAST, i);

		if (!earlier || earlier->row.row != answer)
			continue;
		json_t *object = row_json_past(&earlier->row);

		row_json_explain(object, &earlier->row, NULL, NULL);
		json_array_append_new(past, object);
	}
	return past;
}

static json_t *
deliveries_of(const struct memory_store *store, int64_t answer)
{
	json_t *deliveries = json_array();

	for (size_t i = 0; i < table_count(store, TABLE_DELIVERIES); i++) {
		const struct kept_delivery *delivery =
			table_row(store, TABLE_DELIVERIES, i);

		if (!delivery || delivery->row.answer != answer)
			continue;
		json_t *object = row_json_delivery(
			&delivery->row, delivery->row.body != NULL);

		memory_add_storm(store, &delivery->row, object);
		row_json_add_attempts(object, &delivery->row,
			attempts_of(store, delivery->row.row));
		json_array_append_new(deliveries, object);
	}
	return deliveries;
}

json_t *
memory_explain(struct store_reader *base, int64_t row, struct err *err)
{
	struct memory_store *store = memory_lock(base);
	json_t *object = NULL;

	err_set(err, "%s", "");
	if (row > 0 && (size_t)row <= table_count(store, TABLE_ANSWERS)) {
		const struct kept_answer *answer =
			table_row(store, TABLE_ANSWERS, (size_t)row - 1);

		object = row_json_answer(&answer->row);
		row_json_explain(object, &answer->row, past_of(store, row),
			deliveries_of(store, row));
		json_object_set_new(
			object, "follow_ups", memory_follow_ups_of(store, row));
		int64_t erased_ms = memory_erased_ms(store, row);

		row_json_add_erased(object, erased_ms > 0 ? erased_ms : 0);
		memory_add_replayed(store, &answer->row, object);
	}
	memory_unlock(store);
	return object;
}

/* ---- other questions ---- */

bool
memory_each_customer_answer(struct store_reader *base, int64_t *row, bool *more,
	void (*on_answer)(const struct customer_answer *answer, void *context),
	void *context, struct err *err)
{
	struct memory_store *store = memory_lock(base);
	int64_t high = *row;

	(void)err;
	if (high == 0)
		high = (int64_t)table_count(store, TABLE_ANSWERS) + 1;
	*row = high > STORE_CUSTOMERS_SPAN_ROWS
		       ? high - STORE_CUSTOMERS_SPAN_ROWS
		       : 1;
	*more = *row > 1;
	for (int64_t at = high - 1; at >= *row; at--) {
		const struct kept_answer *kept =
			table_row(store, TABLE_ANSWERS, (size_t)at - 1);
		struct customer_answer answer;

		if (!kept || kept->row.kind != RESPONSE_ANSWER ||
			!kept->row.customer)
			continue;
		answer = (struct customer_answer){
			.row = at,
			.answered_ms = kept->row.answered_ms,
			.survey = kept->row.survey,
			.customer = kept->row.customer,
			.category = kept->row.category,
		};
		on_answer(&answer, context);
	}
	memory_unlock(store);
	return true;
}

/* The counts of a slot. */
static void
sum_slot(const struct memory_store *store, const struct kept_slot *slot,
	enum bucket_width width, int64_t after, int64_t upto,
	struct counts *sum)
{
	for (size_t i = 0; i < table_count(store, TABLE_BUCKETS); i++) {
		const struct kept_bucket *kept =
			table_row(store, TABLE_BUCKETS, i);

		if (kept && kept->slot == slot->id && kept->width == width &&
			kept->bucket > after && kept->bucket <= upto)
			counts_add(sum, &kept->counts, 1);
	}
}

bool
memory_read_counts(struct store_reader *base, enum bucket_width width,
	int64_t after, int64_t upto,
	void (*on_count)(const char *survey, const char *segment,
		const char *value, const struct counts *counts, void *context),
	void *context, struct err *err)
{
	struct memory_store *store = memory_lock(base);

	(void)err;
	for (size_t i = 0; i < table_count(store, TABLE_SLOTS); i++) {
		const struct kept_slot *slot = table_row(store, TABLE_SLOTS, i);
		struct counts sum = {0};

		if (slot)
			sum_slot(store, slot, width, after, upto, &sum);
		if (slot && counts_total(&sum) > 0)
			on_count(slot->survey, slot->segment, slot->value, &sum,
				context);
	}
	memory_unlock(store);
	return true;
}

int64_t
memory_row_of(struct store_reader *base, const char *survey, const char *id,
	struct err *err)
{
	struct memory_store *store = memory_lock(base);
	const struct answer_row *found = NULL;

	(void)err;
	for (size_t i = 0; i < table_count(store, TABLE_ANSWERS); i++) {
		const struct kept_answer *answer =
			table_row(store, TABLE_ANSWERS, i);

		if (text_same(answer->row.id, id) &&
			fits(survey, answer->row.survey) &&
			(!found || answer->row.kind <= found->kind))
			found = &answer->row;
	}
	int64_t row = found ? found->row : 0;

	memory_unlock(store);
	return row;
}

struct backlog {
	int64_t waiting, dead, oldest_ms;
};

static void
sum_backlog(const struct memory_store *store, const char *action,
	struct backlog *sum)
{
	*sum = (struct backlog){0};
	for (size_t i = 0; i < table_count(store, TABLE_DELIVERIES); i++) {
		const struct kept_delivery *delivery =
			table_row(store, TABLE_DELIVERIES, i);

		if (!delivery || !text_same(delivery->row.action, action))
			continue;
		if (delivery->row.state == DELIVERY_DEAD)
			sum->dead++;
		if (delivery->row.state >= DELIVERY_DELIVERED)
			continue;
		sum->waiting++;
		if (!sum->oldest_ms ||
			delivery->row.created_ms < sum->oldest_ms)
			sum->oldest_ms = delivery->row.created_ms;
	}
}

/* The first action after `action` by name; NULL: none. */
static const char *
next_action(const struct memory_store *store, const char *action)
{
	const char *next = NULL;

	for (size_t i = 0; i < table_count(store, TABLE_DELIVERIES); i++) {
		const struct kept_delivery *delivery =
			table_row(store, TABLE_DELIVERIES, i);

		if (delivery && strcmp(delivery->row.action, action) > 0 &&
			(!next || strcmp(delivery->row.action, next) < 0))
			next = delivery->row.action;
	}
	return next;
}

bool
memory_backlog(struct store_reader *base,
	void (*on_action)(const char *action, int64_t waiting, int64_t dead,
		int64_t oldest_ms, void *context),
	void *context, struct err *err)
{
	struct memory_store *store = memory_lock(base);
	const char *action = "";

	(void)err;
	while ((action = next_action(store, action))) {
		struct backlog sum;

		sum_backlog(store, action, &sum);
		if (sum.waiting || sum.dead)
			on_action(action, sum.waiting, sum.dead, sum.oldest_ms,
				context);
	}
	memory_unlock(store);
	return true;
}

/* The first survey after `survey` by name with answers in the range. */
static const char *
next_survey(const struct memory_store *store, const char *survey,
	enum bucket_width width, int64_t after, int64_t upto,
	struct counts *counts)
{
	const char *next = NULL;

	for (size_t i = 0; i < table_count(store, TABLE_ANSWERS); i++) {
		const struct kept_answer *answer =
			table_row(store, TABLE_ANSWERS, i);
		int64_t bucket = bucket_number(answer->row.answered_ms, width);

		if (bucket <= after || bucket > upto ||
			(survey && strcmp(answer->row.survey, survey) <= 0) ||
			(next && strcmp(answer->row.survey, next) > 0))
			continue;
		if (!next || strcmp(answer->row.survey, next) < 0)
			*counts = (struct counts){.of = {0}};
		next = answer->row.survey;
		counts_move(counts,
			answer->row.kind == RESPONSE_ANSWER
				? (int)answer->row.category
				: COUNTED_INVITATION,
			1);
	}
	return next;
}

bool
memory_recount(struct store_reader *base, enum bucket_width width,
	int64_t after, int64_t upto,
	void (*on_survey)(
		const char *survey, const struct counts *counts, void *context),
	void *context, struct err *err)
{
	struct memory_store *store = memory_lock(base);
	const char *survey = NULL;
	struct counts counts;

	(void)err;
	while ((survey = next_survey(
			store, survey, width, after, upto, &counts)))
		on_survey(survey, &counts, context);
	memory_unlock(store);
	return true;
}
