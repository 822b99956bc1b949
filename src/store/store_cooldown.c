/* store_cooldown - the verbs for cooldowns: each is its kind's to do. */
#include "store/store_cooldown.h"

#include "store/kind.h"

enum store_found
store_find_cooldown(struct store_writer *store, struct cooldown_row *cooldown,
	struct err *err)
{
	return store->kind->find_cooldown(store, cooldown, err);
}

bool
store_put_cooldown(struct store_writer *store,
	const struct cooldown_row *cooldown, struct err *err)
{
	return store->kind->put_cooldown(store, cooldown, err);
}

bool
store_put_suppressed(
	struct store_writer *store, int64_t by, int64_t answer, struct err *err)
{
	return store->kind->put_suppressed(store, by, answer, err);
}

bool
store_each_cooldown_of(struct store_writer *store, int64_t answer,
	void (*on_rule)(const char *rule, void *context), void *context,
	struct err *err)
{
	return store->kind->each_cooldown_of(
		store, answer, on_rule, context, err);
}

bool
store_end_cooldown(struct store_writer *store, int64_t answer, const char *rule,
	struct err *err)
{
	return store->kind->end_cooldown(store, answer, rule, err);
}

bool
store_take_suppressed(struct store_writer *store, int64_t by,
	void (*on_answer)(int64_t row, void *context), void *context,
	struct err *err)
{
	return store->kind->take_suppressed(store, by, on_answer, context, err);
}

bool
store_answer_of(struct store_writer *store, int64_t delivery, int64_t *answer,
	struct err *err)
{
	return store->kind->answer_of(store, delivery, answer, err);
}

bool
store_set_verdicts(struct store_writer *store, int64_t answer,
	const char *verdicts, const char *rules_hash, struct err *err)
{
	return store->kind->set_verdicts(
		store, answer, verdicts, rules_hash, err);
}
