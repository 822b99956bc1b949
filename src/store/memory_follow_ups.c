/*
 * memory_follow_ups - follow-ups, their events and whose turn it is, of the
 * memory kind.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"
#include "store/memory_kind.h"

/* ---- rows ---- */

static const struct follow_up *
follow_up_at(const struct memory_store *store, size_t index)
{
	const struct kept_follow_up *kept =
		table_row(store, TABLE_FOLLOW_UPS, index);

	return kept ? &kept->row : NULL;
}

static const struct follow_up *
find_row(const struct memory_store *store, int64_t row)
{
	if (row < 1 || (size_t)row > table_count(store, TABLE_FOLLOW_UPS))
		return NULL;
	return follow_up_at(store, (size_t)row - 1);
}

static void
put_at(struct memory_store *store, const struct follow_up *from)
{
	struct kept_follow_up *to = mem_new(1, sizeof(*to));

	to->row = *from;
	to->row.scope = keep_text(&to->kept, from->scope);
	to->row.survey = keep_text(&to->kept, from->survey);
	to->row.customer = keep_text(&to->kept, from->customer);
	to->row.account = keep_text(&to->kept, from->account);
	to->row.rule = keep_text(&to->kept, from->rule);
	to->row.owner = keep_text(&to->kept, from->owner);
	to->row.claimed_by = keep_text(&to->kept, from->claimed_by);
	to->row.reason = keep_text(&to->kept, from->reason);
	to->row.note = keep_text(&to->kept, from->note);
	to->row.tracked_in = keep_text(&to->kept, from->tracked_in);
	to->row.last_by = keep_text(&to->kept, from->last_by);
	table_put(store, TABLE_FOLLOW_UPS, (size_t)from->row - 1, &to->kept);
}

static const struct follow_up *
find_unfinished(const struct memory_store *store, const char *scope)
{
	for (size_t i = 0; i < table_count(store, TABLE_FOLLOW_UPS); i++) {
		const struct follow_up *one = follow_up_at(store, i);

		if (one && !follow_up_is_finished(one) &&
			text_same(one->scope, scope))
			return one;
	}
	return NULL;
}

/* ---- putting ---- */

bool
memory_put_follow_up(
	struct store_writer *base, struct follow_up *follow_up, struct err *err)
{
	struct memory_store *store = memory_of(base);

	if (!memory_may_write(store, err))
		return false;
	if (find_unfinished(store, follow_up->scope))
		return err_set(err, "there is an unfinished follow-up already");
	follow_up->row = (int64_t)table_count(store, TABLE_FOLLOW_UPS) + 1;
	put_at(store, follow_up);
	return true;
}

bool
memory_change_follow_up(struct store_writer *base,
	const struct follow_up *follow_up, struct err *err)
{
	struct memory_store *store = memory_of(base);
	const struct follow_up *old = find_row(store, follow_up->row);

	if (!memory_may_write(store, err))
		return false;
	if (!old)
		return err_set(err, "there is no follow-up %lld",
			(long long)follow_up->row);
	struct follow_up changed = *follow_up;

	changed.scope = old->scope;
	changed.survey = old->survey;
	changed.customer = old->customer;
	changed.account = old->account;
	changed.answer = old->answer;
	changed.rule = old->rule;
	put_at(store, &changed);
	return true;
}

static const struct follow_up_event *
event_at(const struct memory_store *store, size_t index)
{
	const struct kept_event *kept = table_row(store, TABLE_EVENTS, index);

	return kept ? &kept->row : NULL;
}

static void
keep_event(struct kept_event *kept, const struct follow_up_event *event)
{
	kept->row = *event;
	kept->row.who = keep_text(&kept->kept, event->who);
	kept->row.how = keep_text(&kept->kept, event->how);
	kept->row.owner = keep_text(&kept->kept, event->owner);
	kept->row.reason = keep_text(&kept->kept, event->reason);
	kept->row.note = keep_text(&kept->kept, event->note);
}

bool
memory_put_follow_up_event(struct store_writer *base,
	struct follow_up_event *event, struct err *err)
{
	struct memory_store *store = memory_of(base);
	struct kept_event *kept;

	if (!memory_may_write(store, err))
		return false;
	event->n = 1;
	for (size_t i = 0; i < table_count(store, TABLE_EVENTS); i++) {
		const struct follow_up_event *other = event_at(store, i);

		if (other && other->follow_up == event->follow_up)
			event->n = other->n + 1;
	}
	kept = mem_new(1, sizeof(*kept));
	keep_event(kept, event);
	table_append(store, TABLE_EVENTS, &kept->kept);
	return true;
}

bool
memory_take_turn(struct store_writer *base, const char *rule, int64_t *turn,
	struct err *err)
{
	struct memory_store *store = memory_of(base);
	size_t index = 0;
	struct kept_turn *put;

	if (!memory_may_write(store, err))
		return false;
	*turn = 0;
	for (; index < table_count(store, TABLE_TURNS); index++) {
		const struct kept_turn *old =
			table_row(store, TABLE_TURNS, index);

		if (!text_same(old->rule, rule))
			continue;
		*turn = old->next;
		break;
	}
	put = mem_new(1, sizeof(*put));
	put->rule = keep_text(&put->kept, rule);
	put->next = *turn + 1;
	table_put(store, TABLE_TURNS, index, &put->kept);
	return true;
}

/* ---- finding ---- */

static enum store_found
pass(const struct follow_up *found, on_follow_up_fn on_found, void *context)
{
	if (!found)
		return STORE_NONE;
	on_found(found, context);
	return STORE_FOUND;
}

enum store_found
memory_get_follow_up(struct store_writer *base, int64_t row,
	on_follow_up_fn on_found, void *context, struct err *err)
{
	(void)err;
	return pass(find_row(memory_of(base), row), on_found, context);
}

enum store_found
memory_find_follow_up(struct store_writer *base, const char *scope,
	on_follow_up_fn on_found, void *context, struct err *err)
{
	(void)err;
	return pass(find_unfinished(memory_of(base), scope), on_found, context);
}

/* Whether the answer opened it or was folded into it. */
static bool
concerns(const struct memory_store *store, int64_t follow_up, int64_t answer)
{
	for (size_t i = 0; i < table_count(store, TABLE_EVENTS); i++) {
		const struct follow_up_event *event = event_at(store, i);

		if (event && event->follow_up == follow_up &&
			event->answer == answer)
			return true;
	}
	return false;
}

enum store_found
memory_find_follow_up_of(struct store_writer *base, int64_t answer,
	on_follow_up_fn on_found, void *context, struct err *err)
{
	const struct memory_store *store = memory_of(base);

	(void)err;
	for (size_t i = table_count(store, TABLE_FOLLOW_UPS); i > 0; i--)
		if (follow_up_at(store, i - 1) &&
			concerns(store, (int64_t)i, answer))
			return pass(
				follow_up_at(store, i - 1), on_found, context);
	return STORE_NONE;
}

/* The earliest due after (due_ms, row); NULL: none. */
static const struct follow_up *
next_due(const struct memory_store *store, int64_t due_ms, int64_t row)
{
	const struct follow_up *next = NULL;

	for (size_t i = 0; i < table_count(store, TABLE_FOLLOW_UPS); i++) {
		const struct follow_up *one = follow_up_at(store, i);

		if (!one || one->next_due_ms == INT64_MAX ||
			one->next_due_ms < due_ms ||
			(one->next_due_ms == due_ms && one->row <= row))
			continue;
		if (!next || one->next_due_ms < next->next_due_ms)
			next = one;
	}
	return next;
}

bool
memory_each_due_follow_up(struct store_writer *base, int64_t now_ms, int n,
	on_follow_up_fn on_due, void *context, struct err *err)
{
	const struct memory_store *store = memory_of(base);
	const struct follow_up *one = next_due(store, INT64_MIN, 0);

	(void)err;
	for (; one && one->next_due_ms <= now_ms && n > 0; n--) {
		on_due(one, context);
		one = next_due(store, one->next_due_ms, one->row);
	}
	return true;
}

bool
memory_next_due_follow_up(
	struct store_writer *base, int64_t *due_ms, struct err *err)
{
	const struct follow_up *one = next_due(memory_of(base), INT64_MIN, 0);

	(void)err;
	*due_ms = one ? one->next_due_ms : INT64_MAX;
	return true;
}

bool
memory_each_follow_up(struct store_writer *base, int64_t after, int n,
	on_follow_up_fn on_one, void *context, struct err *err)
{
	const struct memory_store *store = memory_of(base);

	(void)err;
	for (size_t i = (size_t)after;
		i < table_count(store, TABLE_FOLLOW_UPS) && n > 0; i++) {
		const struct follow_up *one = follow_up_at(store, i);

		if (!one || follow_up_is_finished(one))
			continue;
		on_one(one, context);
		n--;
	}
	return true;
}

bool
memory_each_follow_up_event(struct store_writer *base, int64_t follow_up,
	on_follow_up_event_fn on_event, void *context, struct err *err)
{
	const struct memory_store *store = memory_of(base);

	(void)err;
	for (size_t i = 0; i < table_count(store, TABLE_EVENTS); i++) {
		const struct follow_up_event *event = event_at(store, i);

		if (event && event->follow_up == follow_up)
			on_event(event, context);
	}
	return true;
}

/* ---- forgetting ---- */

bool
memory_has_unfinished(const struct memory_store *store, int64_t answer)
{
	for (size_t i = 0; i < table_count(store, TABLE_FOLLOW_UPS); i++) {
		const struct follow_up *one = follow_up_at(store, i);

		if (one && !follow_up_is_finished(one) &&
			concerns(store, one->row, answer))
			return true;
	}
	return false;
}

void
memory_drop_follow_ups(struct memory_store *store, int64_t answer)
{
	for (size_t i = 0; i < table_count(store, TABLE_FOLLOW_UPS); i++) {
		const struct follow_up *one = follow_up_at(store, i);

		if (!one || one->answer != answer)
			continue;
		for (size_t j = 0; j < table_count(store, TABLE_EVENTS); j++) {
			const struct follow_up_event *event =
				event_at(store, j);

			if (event && event->follow_up == one->row)
				table_put(store, TABLE_EVENTS, j, NULL);
		}
		table_put(store, TABLE_FOLLOW_UPS, i, NULL);
	}
}

/* ---- erasing ---- */

int64_t
memory_erase_notes(struct memory_store *store, int64_t follow_up)
{
	int64_t count = 0;

	for (size_t i = 0; i < table_count(store, TABLE_EVENTS); i++) {
		const struct follow_up_event *event = event_at(store, i);
		bool foreign;
		struct follow_up_event bare;
		struct kept_event *kept;

		if (!event || event->follow_up != follow_up)
			continue;
		foreign = text_same(event->how, "webhook") && event->reason;
		if (!event->note && !foreign)
			continue;
		bare = *event;
		bare.note = NULL;
		if (text_same(event->how, "webhook"))
			bare.reason = NULL;
		kept = mem_new(1, sizeof(*kept));
		keep_event(kept, &bare);
		table_put(store, TABLE_EVENTS, i, &kept->kept);
		count++;
	}
	return count;
}

/* Whether an answer that stays opened it or was folded into it. */
static bool
is_shared(const struct memory_store *store, int64_t follow_up)
{
	for (size_t i = 0; i < table_count(store, TABLE_EVENTS); i++) {
		const struct follow_up_event *event = event_at(store, i);

		if (event && event->follow_up == follow_up &&
			event->answer != 0 &&
			memory_erased_ms(store, event->answer) < 0)
			return true;
	}
	return false;
}

static void
close_one(struct memory_store *store, struct follow_up *bare, int64_t now_ms)
{
	struct follow_up_event event = {
		.follow_up = bare->row,
		.at_ms = now_ms,
		.act = FOLLOW_UP_LOSE,
		.who = "npsd",
		.how = "npsd",
		.reason = ERASURE_REASON,
	};
	struct err err;

	bare->state = FOLLOW_UP_LOST;
	bare->reason = ERASURE_REASON;
	bare->closed_ms = bare->last_ms = now_ms;
	bare->try_again_ms = 0;
	bare->next_due_ms = INT64_MAX;
	bare->last_act = FOLLOW_UP_LOSE;
	bare->last_by = "npsd";
	/* It cannot fail inside a transaction. */
	(void)!memory_put_follow_up_event(&store->base, &event, &err);
}

static void
erase_one(struct memory_store *store, const struct follow_up *one,
	int64_t answer, const char *mark, int64_t now_ms,
	struct erased_counts *counts)
{
	struct follow_up bare = *one;
	bool shared = is_shared(store, one->row);
	char *scope = mem_printf("[\"answer\",%lld]", (long long)one->answer);

	counts->notes += memory_erase_notes(store, one->row);
	counts->follow_ups += one->answer == answer || shared;
	bare.note = NULL;
	bare.customer = shared ? NULL : mark;
	if (!shared) {
		if (bare.tracked_in)
			bare.reason = NULL;
		counts->closed += !follow_up_is_finished(one);
		if (!follow_up_is_finished(one))
			close_one(store, &bare, now_ms);
		bare.account = NULL;
		bare.scope = scope;
	}
	put_at(store, &bare);
	free(scope);
}

void
memory_erase_follow_ups(struct memory_store *store, int64_t answer,
	const char *mark, int64_t now_ms, struct erased_counts *counts)
{
	for (size_t i = 0; i < table_count(store, TABLE_FOLLOW_UPS); i++) {
		const struct follow_up *one = follow_up_at(store, i);

		if (one && (one->answer == answer ||
				   concerns(store, one->row, answer)))
			erase_one(store, one, answer, mark, now_ms, counts);
	}
}

/* ---- the reader's ---- */

static void
append_event(const struct follow_up_event *event, void *context)
{
	json_array_append_new(context, row_json_event(event));
}

void
memory_add_events(
	const struct memory_store *store, int64_t follow_up, json_t *object)
{
	json_t *events = json_array();

	for (size_t i = 0; i < table_count(store, TABLE_EVENTS); i++) {
		const struct follow_up_event *event = event_at(store, i);

		if (event && event->follow_up == follow_up)
			append_event(event, events);
	}
	json_object_set_new(object, "events", events);
}

static bool
fits(const char *wanted, const char *text)
{
	return !wanted || text_same(wanted, text);
}

json_t *
memory_list_follow_up(const struct memory_store *store, size_t index,
	const struct store_filter *filter)
{
	const struct follow_up *one = follow_up_at(store, index);

	if (!fits(filter->survey, one->survey) ||
		!fits(filter->rule, one->rule) ||
		!fits(filter->owner, one->owner) ||
		!fits(filter->reason, one->reason) ||
		one->opened_ms < filter->since_ms ||
		(filter->state >= 0 && (int)one->state != filter->state) ||
		(filter->overdue_ms &&
			!follow_up_is_overdue(one, filter->overdue_ms)))
		return NULL;
	json_t *object = row_json_follow_up(one);

	if (filter->row)
		memory_add_events(store, one->row, object);
	return object;
}

json_t *
memory_follow_ups_of(const struct memory_store *store, int64_t answer)
{
	json_t *follow_ups = json_array();

	for (size_t i = 0; i < table_count(store, TABLE_FOLLOW_UPS); i++) {
		const struct follow_up *one = follow_up_at(store, i);

		if (!one || !concerns(store, one->row, answer))
			continue;
		json_t *object = row_json_follow_up(one);

		memory_add_events(store, one->row, object);
		json_array_append_new(follow_ups, object);
	}
	return follow_ups;
}

bool
memory_count_follow_ups(struct store_reader *base, int64_t now_ms,
	struct follow_up_counts *counts, struct err *err)
{
	struct memory_store *store = ((struct memory_reader *)base)->store;

	(void)err;
	*counts = (struct follow_up_counts){.overdue = 0};
	pthread_mutex_lock(&store->mutex);
	for (size_t i = 0; i < table_count(store, TABLE_FOLLOW_UPS); i++) {
		const struct follow_up *one = follow_up_at(store, i);

		if (!one)
			continue;
		counts->states[one->state]++;
		counts->overdue += follow_up_is_overdue(one, now_ms);
	}
	pthread_mutex_unlock(&store->mutex);
	return true;
}
