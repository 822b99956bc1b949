/* store_fault - a store that fails when it is told to. */
#include "store_fault.h"

#include <pthread.h>

#include "store/store.h"

static struct {
	enum fault fault;
	int after, times, hits;
	bool is_broken;
} plan;

static pthread_mutex_t sync_held = PTHREAD_MUTEX_INITIALIZER;

void
store_fault_set(enum fault fault, int after, int times)
{
	plan.fault = fault;
	plan.after = after;
	plan.times = times;
	plan.hits = 0;
	plan.is_broken = false;
}

int
store_fault_hits(void)
{
	return plan.hits;
}

void
store_fault_hold_sync(void)
{
	pthread_mutex_lock(&sync_held);
}

void
store_fault_let_sync_go(void)
{
	pthread_mutex_unlock(&sync_held);
}

static bool
strikes(enum fault fault, struct err *err)
{
	if (plan.fault != fault || plan.times == 0)
		return false;
	if (plan.after > 0) {
		plan.after--;
		return false;
	}
	if (plan.times > 0)
		plan.times--;
	plan.hits++;
	err_set(err, "the test's disk is full");
	return true;
}

#define WRAP(verb, fault, parameters, arguments)                              \
	bool __real_store_##verb parameters;                                  \
	bool __wrap_store_##verb parameters;                                  \
	bool __wrap_store_##verb parameters                                   \
	{                                                                     \
		return !strikes(fault, err) && __real_store_##verb arguments; \
	}

WRAP(begin, FAULT_BEGIN, (struct store_writer * store, struct err *err),
	(store, err))
WRAP(savepoint, FAULT_SAVEPOINT, (struct store_writer * store, struct err *err),
	(store, err))
WRAP(keep, FAULT_KEEP, (struct store_writer * store, struct err *err),
	(store, err))
WRAP(put_answer, FAULT_PUT_ANSWER,
	(struct store_writer * store, struct answer_row *answer,
		struct err *err),
	(store, answer, err))
WRAP(put_rejected, FAULT_PUT_REJECTED,
	(struct store_writer * store, struct rejected_row *rejected,
		struct err *err),
	(store, rejected, err))
WRAP(put_delivery, FAULT_PUT_DELIVERY,
	(struct store_writer * store, struct delivery_row *delivery,
		struct err *err),
	(store, delivery, err))
WRAP(put_place, FAULT_PUT_PLACE,
	(struct store_writer * store, const char *source, const char *key,
		const char *place, struct err *err),
	(store, source, key, place, err))
WRAP(add_counts, FAULT_ADD_COUNT,
	(struct store_writer * store, const struct count_change *changes,
		size_t count, struct err *err),
	(store, changes, count, err))
WRAP(claim, FAULT_CLAIM,
	(struct store_writer * store, const char *node, int64_t lease_ms,
		const char *action, int64_t now_ms, int n,
		void (*on_claimed)(
			const struct delivery_row *delivery, void *context),
		void *context, int64_t *next_due_ms, struct err *err),
	(store, node, lease_ms, action, now_ms, n, on_claimed, context,
		next_due_ms, err))
WRAP(set_body, FAULT_SET_BODY,
	(struct store_writer * store, int64_t delivery, const char *body,
		size_t length, struct err *err),
	(store, delivery, body, length, err))
WRAP(settle, FAULT_SETTLE,
	(struct store_writer * store, const struct settlement *settlement,
		bool *held, struct err *err),
	(store, settlement, held, err))
WRAP(checkpoint, FAULT_CHECKPOINT,
	(struct store_writer * store, bool truncate, struct err *err),
	(store, truncate, err))
WRAP(retry, FAULT_RETRY,
	(struct store_writer * store, int64_t delivery, int64_t now_ms,
		bool *changed, struct err *err),
	(store, delivery, now_ms, changed, err))

bool __real_store_commit(struct store_writer *store, struct err *err);
bool __wrap_store_commit(struct store_writer *store, struct err *err);
bool
__wrap_store_commit(struct store_writer *store, struct err *err)
{
	if (strikes(FAULT_BROKEN, err)) {
		plan.is_broken = true;
		return false;
	}
	return !strikes(FAULT_COMMIT, err) && __real_store_commit(store, err);
}

bool __real_store_commit_ahead(struct store_writer *store, struct err *err);
bool __wrap_store_commit_ahead(struct store_writer *store, struct err *err);
bool
__wrap_store_commit_ahead(struct store_writer *store, struct err *err)
{
	return !strikes(FAULT_COMMIT, err) &&
	       __real_store_commit_ahead(store, err);
}

bool __real_store_sync(struct store_writer *store, struct err *err);
bool __wrap_store_sync(struct store_writer *store, struct err *err);
bool
__wrap_store_sync(struct store_writer *store, struct err *err)
{
	bool good;

	pthread_mutex_lock(&sync_held);
	good = !strikes(FAULT_SYNC, err);
	pthread_mutex_unlock(&sync_held);
	if (!good)
		plan.is_broken = true;
	return good && __real_store_sync(store, err);
}

bool __real_store_is_broken(const struct store_writer *store);
bool __wrap_store_is_broken(const struct store_writer *store);
bool
__wrap_store_is_broken(const struct store_writer *store)
{
	return plan.is_broken || __real_store_is_broken(store);
}
