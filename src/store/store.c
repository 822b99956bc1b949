/*
 * store - picks the kind by the scheme and hands each verb on to it.
 */
#include "store/store.h"

#include <string.h>

#include "base/text.h"
#include "store/kind.h"

static const struct store_kind *const kinds[] = {
	&store_sqlite,
	&store_memory,
};

/* *path gets what stands behind "SCHEME:". */
static const struct store_kind *
find_kind(const char *where, const char **path, struct err *err)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t length = strlen(kinds[i]->scheme);

		if (text_starts(where, kinds[i]->scheme) &&
			where[length] == ':') {
			*path = where + length + 1;
			return kinds[i];
		}
	}
	err_set(err, "store \"%s\": must be \"sqlite:PATH\" or \"memory:\"",
		where);
	return NULL;
}

struct store_writer *
store_open(const struct store_settings *settings, struct err *err)
{
	const char *path;
	const struct store_kind *kind = find_kind(settings->where, &path, err);

	struct store_writer *store =
		kind ? kind->open(path, settings, err) : NULL;

	if (store)
		store->kind = kind;
	return store;
}

struct store_reader *
store_reader_open(const struct store_settings *settings, struct err *err)
{
	const char *path;
	const struct store_kind *kind = find_kind(settings->where, &path, err);

	struct store_reader *reader =
		kind ? kind->reader_open(path, settings, err) : NULL;

	if (reader)
		reader->kind = kind;
	return reader;
}

void
store_close(struct store_writer *store)
{
	if (store)
		store->kind->close(store);
}

bool
store_is_broken(const struct store_writer *store)
{
	return store->kind->is_broken(store);
}

bool
store_begin(struct store_writer *store, struct err *err)
{
	return store->kind->begin(store, err);
}

void
store_touch(struct store_writer *store)
{
	store->kind->touch(store);
}

bool
store_commit(struct store_writer *store, struct err *err)
{
	return store->kind->commit(store, err);
}

bool
store_commit_ahead(struct store_writer *store, struct err *err)
{
	return store->kind->commit_ahead(store, err);
}

bool
store_sync(struct store_writer *store, struct err *err)
{
	return store->kind->sync(store, err);
}

void
store_rollback(struct store_writer *store)
{
	store->kind->rollback(store);
}

bool
store_savepoint(struct store_writer *store, struct err *err)
{
	return store->kind->savepoint(store, err);
}

bool
store_keep(struct store_writer *store, struct err *err)
{
	return store->kind->keep(store, err);
}

void
store_undo(struct store_writer *store)
{
	store->kind->undo(store);
}

enum store_found
store_find_answer(struct store_writer *store, enum response_kind kind,
	const char *survey, const char *id,
	void (*on_found)(const struct answer_row *answer, void *context),
	void *context, struct err *err)
{
	return store->kind->find_answer(
		store, kind, survey, id, on_found, context, err);
}

enum store_found
store_get_answer(struct store_writer *store, int64_t row,
	void (*on_found)(const struct answer_row *answer, void *context),
	void *context, struct err *err)
{
	return store->kind->get_answer(store, row, on_found, context, err);
}

enum store_found
store_find_previous(struct store_writer *store, const char *survey,
	const char *customer, int64_t before_ms, int64_t except,
	struct previous *previous, struct err *err)
{
	return store->kind->find_previous(
		store, survey, customer, before_ms, except, previous, err);
}

bool
store_first_arrival(struct store_writer *store, int64_t row,
	int64_t *arrived_ms, struct err *err)
{
	return store->kind->first_arrival(store, row, arrived_ms, err);
}

bool
store_put_answer(
	struct store_writer *store, struct answer_row *answer, struct err *err)
{
	return store->kind->put_answer(store, answer, err);
}

bool
store_amend_answer(struct store_writer *store, const struct answer_row *answer,
	struct err *err)
{
	return store->kind->amend_answer(store, answer, err);
}

bool
store_put_rejected(struct store_writer *store, struct rejected_row *rejected,
	struct err *err)
{
	return store->kind->put_rejected(store, rejected, err);
}

bool
store_put_slot(struct store_writer *store, int64_t id, const char *survey,
	const char *segment, const char *value, struct err *err)
{
	return store->kind->put_slot(store, id, survey, segment, value, err);
}

bool
store_each_slot(struct store_writer *store,
	void (*on_slot)(int64_t id, const char *survey, const char *segment,
		const char *value, void *context),
	void *context, struct err *err)
{
	return store->kind->each_slot(store, on_slot, context, err);
}

bool
store_add_counts(struct store_writer *store, const struct count_change *changes,
	size_t count, struct err *err)
{
	return store->kind->add_counts(store, changes, count, err);
}

bool
store_sum_buckets(struct store_writer *store, enum bucket_width width,
	int64_t after, int64_t upto,
	void (*on_sum)(
		int64_t slot, const struct counts *counts, void *context),
	void *context, struct err *err)
{
	return store->kind->sum_buckets(
		store, width, after, upto, on_sum, context, err);
}

bool
store_prune_buckets(struct store_writer *store, enum bucket_width width,
	int64_t before, int limit, int *removed, struct err *err)
{
	return store->kind->prune_buckets(
		store, width, before, limit, removed, err);
}

bool
store_put_place(struct store_writer *store, const char *source, const char *key,
	const char *place, struct err *err)
{
	return store->kind->put_place(store, source, key, place, err);
}

bool
store_each_place(struct store_writer *store, const char *source,
	void (*on_place)(const char *key, const char *place, void *context),
	void *context, struct err *err)
{
	return store->kind->each_place(store, source, on_place, context, err);
}

bool
store_each_alert(struct store_writer *store, int64_t answer,
	void (*on_alert)(const struct delivery_row *delivery, void *context),
	void *context, struct err *err)
{
	return store->kind->each_alert(store, answer, on_alert, context, err);
}

bool
store_put_delivery(struct store_writer *store, struct delivery_row *delivery,
	struct err *err)
{
	return store->kind->put_delivery(store, delivery, err);
}

bool
store_change_delivery(struct store_writer *store,
	const struct delivery_row *delivery, struct err *err)
{
	return store->kind->change_delivery(store, delivery, err);
}

bool
store_claim(struct store_writer *store, const char *node, int64_t lease_ms,
	const char *action, int64_t now_ms, int n,
	void (*on_claimed)(const struct delivery_row *delivery, void *context),
	void *context, int64_t *next_due_ms, struct err *err)
{
	return store->kind->claim(store, node, lease_ms, action, now_ms, n,
		on_claimed, context, next_due_ms, err);
}

bool
store_set_body(struct store_writer *store, int64_t delivery, const char *body,
	size_t length, struct err *err)
{
	return store->kind->set_body(store, delivery, body, length, err);
}

bool
store_renew(struct store_writer *store, const char *node, const char *action,
	int64_t until_ms, struct err *err)
{
	return store->kind->renew(store, node, action, until_ms, err);
}

bool
store_reclaim(struct store_writer *store, const char *node, int64_t now_ms,
	struct err *err)
{
	return store->kind->reclaim(store, node, now_ms, err);
}

bool
store_settle(struct store_writer *store, const struct settlement *settlement,
	bool *held, struct err *err)
{
	return store->kind->settle(store, settlement, held, err);
}

bool
store_retry(struct store_writer *store, int64_t delivery, int64_t now_ms,
	bool *changed, struct err *err)
{
	return store->kind->retry(store, delivery, now_ms, changed, err);
}

bool
store_next_due(struct store_writer *store, const char *action, int64_t *due_ms,
	struct err *err)
{
	return store->kind->next_due(store, action, due_ms, err);
}

bool
store_choose_deliveries(struct store_writer *store,
	const struct delivery_choice *choice, int64_t upto, int64_t *row,
	int64_t *rows, int *count, bool *more, struct err *err)
{
	return store->kind->choose_deliveries(
		store, choice, upto, row, rows, count, more, err);
}

bool
store_cancel(struct store_writer *store, int64_t delivery, int64_t now_ms,
	const char *reason, bool *changed, struct err *err)
{
	return store->kind->cancel(
		store, delivery, now_ms, reason, changed, err);
}

bool
store_count_deliveries(struct store_writer *store, const char *action,
	int64_t *waiting, int64_t *dead, struct err *err)
{
	return store->kind->count_deliveries(store, action, waiting, dead, err);
}

bool
store_shift_due(struct store_writer *store, int64_t by_ms, struct err *err)
{
	return store->kind->shift_due(store, by_ms, err);
}

bool
store_hasten(struct store_writer *store, const char *action, int64_t upto_ms,
	int64_t now_ms, struct err *err)
{
	return store->kind->hasten(store, action, upto_ms, now_ms, err);
}

bool
store_purge_deliveries(struct store_writer *store, int64_t before_ms, int limit,
	int *removed, struct err *err)
{
	return store->kind->purge_deliveries(
		store, before_ms, limit, removed, err);
}

bool
store_put_lane(struct store_writer *store, const struct lane_row *lane,
	struct err *err)
{
	return store->kind->put_lane(store, lane, err);
}

bool
store_each_lane(struct store_writer *store,
	void (*on_lane)(const struct lane_row *lane, void *context),
	void *context, struct err *err)
{
	return store->kind->each_lane(store, on_lane, context, err);
}

bool
store_link_key(struct store_writer *store, uint8_t key[LINK_KEY_BYTES],
	struct err *err)
{
	return store->kind->link_key(store, key, err);
}

bool
store_put_watch(struct store_writer *store, const struct watch_row *row,
	struct err *err)
{
	return store->kind->put_watch(store, row, err);
}

bool
store_each_watch(struct store_writer *store,
	void (*on_watch)(const struct watch_row *row, void *context),
	void *context, struct err *err)
{
	return store->kind->each_watch(store, on_watch, context, err);
}

bool
store_purge_answers(struct store_writer *store, int64_t before_ms, int limit,
	int *removed, struct err *err)
{
	return store->kind->purge_answers(
		store, before_ms, limit, removed, err);
}

bool
store_purge_rejected(struct store_writer *store, int64_t before_ms, int limit,
	int *removed, struct err *err)
{
	return store->kind->purge_rejected(
		store, before_ms, limit, removed, err);
}

bool
store_checkpoint(struct store_writer *store, bool truncate, struct err *err)
{
	return store->kind->checkpoint(store, truncate, err);
}

void
store_watch(const struct store_writer *store, struct store_watch *watch)
{
	*watch = (struct store_watch){0};
	if (store->kind->watch)
		store->kind->watch(store, watch);
}

struct store_backup *
store_backup_start(struct store_writer *store, const char *path, bool replace,
	int64_t now_ms, struct err *err)
{
	if (!store->kind->backup_start) {
		err_set(err, "the store has no file that could be copied");
		return NULL;
	}
	struct store_backup *backup =
		store->kind->backup_start(store, path, replace, now_ms, err);

	if (backup)
		backup->kind = store->kind;
	return backup;
}

bool
store_backup_copy(struct store_backup *backup, int pages, int64_t *left,
	int64_t *total, struct err *err)
{
	return backup->kind->backup_copy(backup, pages, left, total, err);
}

bool
store_backup_end(struct store_backup *backup, const atomic_bool *stop,
	struct store_books *books, struct err *err)
{
	return backup->kind->backup_end(backup, stop, books, err);
}

void
store_backup_free(struct store_backup *backup)
{
	if (backup)
		backup->kind->backup_free(backup);
}

bool
store_restore(const struct store_settings *settings, const char *from,
	struct store_restored *restored, struct err *err)
{
	const char *path;
	const struct store_kind *kind = find_kind(settings->where, &path, err);

	*restored = (struct store_restored){.made_ms = 0};
	if (!kind)
		return false;
	if (!kind->restore)
		return err_set(
			err, "store \"%s\" has no file", settings->where);
	return kind->restore(path, from, restored, err);
}

void
store_reader_close(struct store_reader *reader)
{
	if (reader)
		reader->kind->reader_close(reader);
}

bool
store_reader_is_broken(const struct store_reader *reader)
{
	return reader->kind->reader_is_broken &&
	       reader->kind->reader_is_broken(reader);
}

json_t *
store_list_rows(struct store_reader *reader, enum store_list list,
	const struct store_filter *filter, int64_t *next, struct err *err)
{
	return reader->kind->list_rows(reader, list, filter, next, err);
}

json_t *
store_explain(struct store_reader *reader, int64_t row, struct err *err)
{
	return reader->kind->explain(reader, row, err);
}

bool
store_each_customer_answer(struct store_reader *reader, int64_t *row,
	bool *more,
	void (*on_answer)(const struct customer_answer *answer, void *context),
	void *context, struct err *err)
{
	return reader->kind->each_customer_answer(
		reader, row, more, on_answer, context, err);
}

bool
store_read_counts(struct store_reader *reader, enum bucket_width width,
	int64_t after, int64_t upto,
	void (*on_count)(const char *survey, const char *segment,
		const char *value, const struct counts *counts, void *context),
	void *context, struct err *err)
{
	return reader->kind->read_counts(
		reader, width, after, upto, on_count, context, err);
}

int64_t
store_row_of(struct store_reader *reader, const char *survey, const char *id,
	struct err *err)
{
	return reader->kind->row_of(reader, survey, id, err);
}

bool
store_backlog(struct store_reader *reader,
	void (*on_action)(const char *action, int64_t waiting, int64_t dead,
		int64_t oldest_ms, void *context),
	void *context, struct err *err)
{
	return reader->kind->backlog(reader, on_action, context, err);
}

bool
store_recount(struct store_reader *reader, enum bucket_width width,
	int64_t after, int64_t upto,
	void (*on_survey)(
		const char *survey, const struct counts *counts, void *context),
	void *context, struct err *err)
{
	return reader->kind->recount(
		reader, width, after, upto, on_survey, context, err);
}
