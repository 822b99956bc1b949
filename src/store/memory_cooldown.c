/* memory_cooldown - cooldowns and what they silenced, of the memory kind. */
#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"
#include "store/memory_kind.h"

static const struct kept_cooldown *
cooldown_at(const struct memory_store *store, size_t index)
{
	return table_row(store, TABLE_COOLDOWNS, index);
}

static size_t
find(const struct memory_store *store, const struct cooldown_row *cooldown)
{
	size_t count = table_count(store, TABLE_COOLDOWNS);

	for (size_t i = 0; i < count; i++) {
		const struct kept_cooldown *one = cooldown_at(store, i);

		if (one && text_same(one->row.rule, cooldown->rule) &&
			text_same(one->row.key, cooldown->key))
			return i;
	}
	return count;
}

enum store_found
memory_find_cooldown(struct store_writer *base, struct cooldown_row *cooldown,
	struct err *err)
{
	struct memory_store *store = memory_of(base);
	size_t index = find(store, cooldown);

	(void)err;
	if (index == table_count(store, TABLE_COOLDOWNS))
		return STORE_NONE;
	cooldown->answer = cooldown_at(store, index)->row.answer;
	cooldown->since_ms = cooldown_at(store, index)->row.since_ms;
	return STORE_FOUND;
}

bool
memory_put_cooldown(struct store_writer *base,
	const struct cooldown_row *cooldown, struct err *err)
{
	struct memory_store *store = memory_of(base);
	struct kept_cooldown *put;

	if (!memory_may_write(store, err))
		return false;
	put = mem_new(1, sizeof(*put));
	put->row = *cooldown;
	put->row.rule = keep_text(&put->kept, cooldown->rule);
	put->row.key = keep_text(&put->kept, cooldown->key);
	table_put(store, TABLE_COOLDOWNS, find(store, cooldown), &put->kept);
	return true;
}

bool
memory_put_suppressed(
	struct store_writer *base, int64_t by, int64_t answer, struct err *err)
{
	struct memory_store *store = memory_of(base);
	struct kept_suppressed *put;

	if (!memory_may_write(store, err))
		return false;
	for (size_t i = 0; i < table_count(store, TABLE_SUPPRESSED); i++) {
		const struct kept_suppressed *one =
			table_row(store, TABLE_SUPPRESSED, i);

		if (one && one->by == by && one->answer == answer)
			return true;
	}
	put = mem_new(1, sizeof(*put));
	put->by = by;
	put->answer = answer;
	table_append(store, TABLE_SUPPRESSED, &put->kept);
	return true;
}

/* The lowest one above `after` that an answer silenced; 0: none. */
static int64_t
next_suppressed(const struct memory_store *store, int64_t by, int64_t after)
{
	int64_t next = 0;

	for (size_t i = 0; i < table_count(store, TABLE_SUPPRESSED); i++) {
		const struct kept_suppressed *one =
			table_row(store, TABLE_SUPPRESSED, i);

		if (one && one->by == by && one->answer > after &&
			(next == 0 || one->answer < next))
			next = one->answer;
	}
	return next;
}

static void
drop_suppressed(struct memory_store *store, int64_t by)
{
	for (size_t i = 0; i < table_count(store, TABLE_SUPPRESSED); i++) {
		const struct kept_suppressed *one =
			table_row(store, TABLE_SUPPRESSED, i);

		if (one && one->by == by)
			table_put(store, TABLE_SUPPRESSED, i, NULL);
	}
}

/* rule NULL: of all. */
static void
drop_cooldowns(struct memory_store *store, int64_t answer, const char *rule)
{
	for (size_t i = 0; i < table_count(store, TABLE_COOLDOWNS); i++) {
		const struct kept_cooldown *one = cooldown_at(store, i);

		if (one && one->row.answer == answer &&
			(!rule || text_same(one->row.rule, rule)))
			table_put(store, TABLE_COOLDOWNS, i, NULL);
	}
}

void
memory_drop_cooldowns(struct memory_store *store, int64_t answer)
{
	drop_cooldowns(store, answer, NULL);
	drop_suppressed(store, answer);
}

bool
memory_each_cooldown_of(struct store_writer *base, int64_t answer,
	void (*on_rule)(const char *rule, void *context), void *context,
	struct err *err)
{
	struct memory_store *store = memory_of(base);

	(void)err;
	for (size_t i = 0; i < table_count(store, TABLE_COOLDOWNS); i++) {
		const struct kept_cooldown *one = cooldown_at(store, i);

		if (one && one->row.answer == answer)
			on_rule(one->row.rule, context);
	}
	return true;
}

bool
memory_end_cooldown(struct store_writer *base, int64_t answer, const char *rule,
	struct err *err)
{
	if (!memory_may_write(memory_of(base), err))
		return false;
	drop_cooldowns(memory_of(base), answer, rule);
	return true;
}

bool
memory_take_suppressed(struct store_writer *base, int64_t by,
	void (*on_answer)(int64_t row, void *context), void *context,
	struct err *err)
{
	struct memory_store *store = memory_of(base);
	int64_t *rows = NULL;
	int64_t row = 0;
	size_t count = 0;

	if (!memory_may_write(store, err))
		return false;
	while ((row = next_suppressed(store, by, row)) != 0) {
		rows = mem_grow(rows, count + 1, sizeof(*rows));
		rows[count++] = row;
	}
	drop_suppressed(store, by);
	for (size_t i = 0; i < count; i++)
		on_answer(rows[i], context);
	free(rows);
	return true;
}

bool
memory_answer_of(struct store_writer *base, int64_t delivery, int64_t *answer,
	struct err *err)
{
	struct memory_store *store = memory_of(base);

	(void)err;
	*answer = 0;
	for (size_t i = 0; i < table_count(store, TABLE_DELIVERIES); i++) {
		const struct delivery_row *one = memory_delivery_at(store, i);

		if (one && one->row == delivery &&
			text_same(one->cause, "alert"))
			*answer = one->answer;
	}
	return true;
}

bool
memory_set_verdicts(struct store_writer *base, int64_t answer,
	const char *verdicts, const char *rules_hash, struct err *err)
{
	struct memory_store *store = memory_of(base);
	struct answer_row row;

	if (!memory_may_write(store, err))
		return false;
	if (answer < 1 || (size_t)answer > table_count(store, TABLE_ANSWERS))
		return true;
	row = *memory_answer_at(store, (size_t)answer - 1);
	row.verdicts = verdicts;
	row.rules_hash = rules_hash;
	memory_put_answer_at(store, &row);
	return true;
}
