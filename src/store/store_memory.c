/*
 * store_memory - the kind that keeps nothing: for trials and tests, and the
 * reference that says in plain C what each verb means. Everything is looked for
 * from the first row to the last.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "crypt/digest.h"
#include "store/memory_kind.h"

static struct store_writer *
memory_open(const char *path, const struct store_settings *settings,
	struct err *err)
{
	(void)settings;
	if (*path) {
		err_set(err,
			"store \"memory:%s\": nothing may follow the colon",
			path);
		return NULL;
	}
	struct memory_store *store = mem_new(1, sizeof(*store));

	pthread_mutex_init(&store->mutex, NULL);
	random_bytes(store->link_key, sizeof(store->link_key));
	return &store->base;
}

static void
memory_rollback(struct store_writer *base)
{
	struct memory_store *store = memory_of(base);

	if (!store->in_transaction)
		return;
	log_undo(store, 0);
	store->in_transaction = false;
	pthread_mutex_unlock(&store->mutex);
}

static void
memory_close(struct store_writer *base)
{
	struct memory_store *store = memory_of(base);

	memory_rollback(base);
	for (size_t i = 0; i < TABLES; i++) {
		for (size_t row = 0; row < store->tables[i].count; row++)
			kept_free(store->tables[i].rows[row]);
		free(store->tables[i].rows);
	}
	free(store->log);
	pthread_mutex_destroy(&store->mutex);
	free(store);
}

static bool
memory_is_broken(const struct store_writer *store)
{
	(void)store;
	return false;
}

static bool
memory_begin(struct store_writer *base, struct err *err)
{
	struct memory_store *store = memory_of(base);

	if (store->in_transaction)
		return err_set(err, "memory: a transaction is open already");
	pthread_mutex_lock(&store->mutex);
	store->in_transaction = true;
	return true;
}

static void
memory_touch(struct store_writer *base)
{
	(void)base;
}

static bool
memory_commit(struct store_writer *base, struct err *err)
{
	struct memory_store *store = memory_of(base);

	if (!memory_may_write(store, err))
		return false;
	log_clear(store);
	store->in_transaction = false;
	pthread_mutex_unlock(&store->mutex);
	return true;
}

/* Nothing of it outlives the process. */
static bool
memory_sync(struct store_writer *base, struct err *err)
{
	(void)base;
	(void)err;
	return true;
}

static bool
memory_savepoint(struct store_writer *base, struct err *err)
{
	struct memory_store *store = memory_of(base);

	store->savepoint = store->log_count;
	return memory_may_write(store, err);
}

static bool
memory_keep(struct store_writer *base, struct err *err)
{
	return memory_may_write(memory_of(base), err);
}

static void
memory_undo(struct store_writer *base)
{
	struct memory_store *store = memory_of(base);

	if (store->in_transaction)
		log_undo(store, store->savepoint);
}

static bool
memory_link_key(
	struct store_writer *base, uint8_t key[LINK_KEY_BYTES], struct err *err)
{
	const struct memory_store *store = memory_of(base);

	if (!memory_may_write(store, err))
		return false;
	memcpy(key, store->link_key, sizeof(store->link_key));
	return true;
}

static bool
memory_checkpoint(struct store_writer *store, bool truncate, struct err *err)
{
	(void)store;
	(void)truncate;
	(void)err;
	return true;
}

/* ---- readers ---- */

static struct store_reader *
memory_reader_open(const char *path, const struct store_settings *settings,
	struct err *err)
{
	(void)path;
	if (!settings->writer || settings->writer->kind != &store_memory) {
		err_set(err, "store \"memory:\": only the process that writes "
			     "it can read it");
		return NULL;
	}
	struct memory_reader *reader = mem_new(1, sizeof(*reader));

	reader->store = memory_of(settings->writer);
	return &reader->base;
}

static void
memory_reader_close(struct store_reader *reader)
{
	free(reader);
}

const struct store_kind store_memory = {
	.scheme = "memory",
	.open = memory_open,
	.close = memory_close,
	.is_broken = memory_is_broken,
	.begin = memory_begin,
	.touch = memory_touch,
	.commit = memory_commit,
	.commit_ahead = memory_commit,
	.sync = memory_sync,
	.rollback = memory_rollback,
	.savepoint = memory_savepoint,
	.keep = memory_keep,
	.undo = memory_undo,
	.find_answer = memory_find_answer,
	.get_answer = memory_get_answer,
	.first_arrival = memory_first_arrival,
	.find_previous = memory_find_previous,
	.put_answer = memory_put_answer,
	.amend_answer = memory_amend_answer,
	.put_rejected = memory_put_rejected,
	.put_slot = memory_put_slot,
	.each_slot = memory_each_slot,
	.add_counts = memory_add_counts,
	.sum_buckets = memory_sum_buckets,
	.prune_buckets = memory_prune_buckets,
	.put_place = memory_put_place,
	.each_place = memory_each_place,
	.each_alert = memory_each_alert,
	.put_delivery = memory_put_delivery,
	.change_delivery = memory_change_delivery,
	.claim = memory_claim,
	.set_body = memory_set_body,
	.renew = memory_renew,
	.reclaim = memory_reclaim,
	.settle = memory_settle,
	.retry = memory_retry,
	.next_due = memory_next_due,
	.choose_deliveries = memory_choose_deliveries,
	.cancel = memory_cancel,
	.count_deliveries = memory_count_deliveries,
	.shift_due = memory_shift_due,
	.hasten = memory_hasten,
	.purge_deliveries = memory_purge_deliveries,
	.put_lane = memory_put_lane,
	.each_lane = memory_each_lane,
	.put_follow_up = memory_put_follow_up,
	.get_follow_up = memory_get_follow_up,
	.find_follow_up = memory_find_follow_up,
	.find_follow_up_of = memory_find_follow_up_of,
	.change_follow_up = memory_change_follow_up,
	.put_follow_up_event = memory_put_follow_up_event,
	.each_follow_up_event = memory_each_follow_up_event,
	.each_due_follow_up = memory_each_due_follow_up,
	.next_due_follow_up = memory_next_due_follow_up,
	.each_follow_up = memory_each_follow_up,
	.take_turn = memory_take_turn,
	.find_cooldown = memory_find_cooldown,
	.put_cooldown = memory_put_cooldown,
	.put_suppressed = memory_put_suppressed,
	.each_cooldown_of = memory_each_cooldown_of,
	.end_cooldown = memory_end_cooldown,
	.take_suppressed = memory_take_suppressed,
	.answer_of = memory_answer_of,
	.set_verdicts = memory_set_verdicts,
	.choose_answers = memory_choose_answers,
	.last_answer = memory_last_answer,
	.put_replayed = memory_put_replayed,
	.link_key = memory_link_key,
	.put_silence = memory_put_silence,
	.get_silence = memory_get_silence,
	.end_silence = memory_end_silence,
	.each_silence = memory_each_silence,
	.count_silenced = memory_count_silenced,
	.purge_silences = memory_purge_silences,
	.find_storm = memory_find_storm,
	.put_storm = memory_put_storm,
	.prune_storms = memory_prune_storms,
	.put_folded = memory_put_folded,
	.put_off = memory_put_off,
	.each_folded = memory_each_folded,
	.count_folded = memory_count_folded,
	.message_of = memory_message_of,
	.put_erasure = memory_put_erasure,
	.change_erasure = memory_change_erasure,
	.next_erasure = memory_next_erasure,
	.put_erasure_word = memory_put_erasure_word,
	.each_erasure_word = memory_each_erasure_word,
	.drop_erasure_words = memory_drop_erasure_words,
	.plan_erased = memory_plan_erased,
	.each_erased = memory_each_erased,
	.erase_answer = memory_erase_answer,
	.erase_deliveries = memory_erase_deliveries,
	.each_left = memory_each_left,
	.read_words = memory_read_words,
	.erase_words = memory_erase_words,
	.drop_storms = memory_drop_storms,
	.count_in_flight = memory_count_in_flight,
	.read_file = memory_read_file,
	.put_watch = memory_put_watch,
	.each_watch = memory_each_watch,
	.purge_answers = memory_purge_answers,
	.purge_rejected = memory_purge_rejected,
	.checkpoint = memory_checkpoint,
	.reader_open = memory_reader_open,
	.reader_close = memory_reader_close,
	.list_rows = memory_list_rows,
	.explain = memory_explain,
	.each_customer_answer = memory_each_customer_answer,
	.read_counts = memory_read_counts,
	.row_of = memory_row_of,
	.backlog = memory_backlog,
	.recount = memory_recount,
	.count_follow_ups = memory_count_follow_ups,
	.count_storms = memory_count_storms,
};
