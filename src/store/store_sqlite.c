/*
 * store_sqlite - the SQLite kind: opens the file, brings its schema up to date,
 * and makes transactions durable. The verbs inside them stand in the files that
 * sqlite_kind.h names.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/schema.h"
#include "store/sqlite_upgrade.h"
#include "store/sqlite_kind.h"

/* ---- opening ---- */

/* A database of its own: an id, and the key of the hashes in known. */
static bool
put_identity(struct sql *sql, struct err *err)
{
	static const char text[] =
		"INSERT INTO meta VALUES"
		"('store_id', ?), ('identity_key', ?), "
		"('change', 0), ('delivery_row', 0), ('seen_row', 0)";
	unsigned char id[(STORE_ID_BYTES - 1) / 2], key[IDENTITY_KEY_BYTES];
	char id_text[STORE_ID_BYTES];

	random_bytes(id, sizeof(id));
	random_bytes(key, sizeof(key));
	digest_hex(id, sizeof(id), id_text);
	if (!sql_begin(sql, err))
		return false;
	struct sql_statement *put = sql_use(sql, text);

	sql_in_text(put, id_text);
	sql_in_bytes(put, key, sizeof(key));
	return sql_do(put, err) && sql_run(sql, "COMMIT", err);
}

/* Builds it beside its place and moves it there when it is whole, so that no
 * half-made file is ever found. */
static bool
make_new(const struct sqlite_file *file, struct err *err)
{
	char *path = sqlite_file_start_new(file, err);

	if (!path)
		return false;
	struct sql *sql = sql_create(path, err);
	bool good = sql &&
		    sqlite_upgrade(sql, schema_steps, schema_step_count, err) &&
		    put_identity(sql, err);

	sql_close(sql);
	good = good && sqlite_file_install(file, path, err);
	free(path);
	return good;
}

static bool
read_identity(struct sqlite_writer *store, struct err *err)
{
	static const char text[] =
		"SELECT a.value, b.value, c.value, "
		"EXISTS(SELECT 1 FROM known), max(d.value, "
		"ifnull((SELECT max(row) FROM delivery), 0)), "
		"max(e.value, ifnull((SELECT max(row) FROM answer), 0)) "
		"FROM meta a, meta b, meta c, meta d, meta e "
		"WHERE a.key = 'store_id' AND b.key = 'identity_key' "
		"AND c.key = 'change' AND d.key = 'delivery_row' "
		"AND e.key = 'seen_row'";
	struct sql_statement *ask = sql_make(store->sql, text);
	enum sql_step step = sql_step(ask, err);
	bool good = false;

	if (step == SQL_ROW) {
		size_t id_length, key_length;
		const char *id = sql_bytes_at(ask, 0, &id_length);
		const void *key = sql_bytes_at(ask, 1, &key_length);

		store->change = sql_number_at(ask, 2);
		store->any_known = sql_number_at(ask, 3) != 0;
		store->last_delivery = sql_number_at(ask, 4);
		store->last_answer = sql_number_at(ask, 5);
		good = id_length == sizeof(store->store_id) - 1 &&
		       key_length == IDENTITY_KEY_BYTES;
		if (good) {
			memcpy(store->store_id, id, id_length);
			store->identity = hmac_new(key, key_length);
			memcpy(&store->customers.key, key,
				sizeof(store->customers.key));
		}
	}
	if (!good && step != SQL_FAILED)
		err_set(err,
			"%s is damaged: it does not know itself (table meta). "
			"Go back to a backup",
			store->file.path);
	sql_end(ask);
	return good;
}

/* Names every table, so that a schema which lacks one is noticed now. */
static bool
check_tables(struct sqlite_writer *store, struct err *err)
{
	static const char text[] = "SELECT 1 FROM answer, answer_past, seen, "
				   "known, rejected, delivery, "
				   "body, attempt, slot, bucket, place, "
				   "lane LIMIT 0";

	if (sql_run(store->sql, text, err))
		return true;
	return err_prefix(err, "%s has lost a table", store->file.path);
}

/*
 * In this order: nothing is written before it is known that the file is ours
 * and has all that was committed. The checkpoint leaves no old frames in the
 * WAL, in which another crash could mix with this one's.
 */
static bool
open_file(struct sqlite_writer *store, const struct store_settings *settings,
	struct err *err)
{
	int newest = schema_steps[schema_step_count - 1].version, left;
	bool exists;

	if (!sqlite_file_look(&store->file, newest, &exists, err))
		return false;
	if (!exists && !make_new(&store->file, err))
		return false;
	store->sql = sql_open(store->file.path, SQL_WRITE, err);
	if (!store->sql)
		return false;
	sql_set_progress(store->sql, settings->on_progress, settings->context);
	if (!sqlite_check_version(store->sql, newest, err) ||
		!read_identity(store, err) ||
		!sqlite_file_check_mark(
			&store->file, store->store_id, store->change, err))
		return false;
	if (!sql_checkpoint(store->sql, true, &left, err) ||
		!sqlite_upgrade(
			store->sql, schema_steps, schema_step_count, err) ||
		!check_tables(store, err))
		return false;
	sqlite_file_set_mark(&store->file, store->store_id, store->change);
	store->customers.sql = store->sql;
	return customers_load(&store->customers, err);
}

static bool
sqlite_is_broken(const struct store_writer *store)
{
	return sql_is_broken(((const struct sqlite_writer *)store)->sql);
}

/* ---- transactions ---- */

static bool
move_wal(struct sqlite_writer *store, bool truncate, struct err *err)
{
	int left;

	if (!sql_checkpoint(store->sql, truncate, &left, err))
		return false;
	store->wal_moved = sql_wal_pages(store->sql);
	return true;
}

static bool
sqlite_checkpoint(struct store_writer *store, bool truncate, struct err *err)
{
	return move_wal(writer_of(store), truncate, err);
}

/*
 * The WAL is moved here and not behind the commit, so that those who wait for
 * the commit do not wait for this too. A reader may keep it from starting over
 * at its beginning: then it grows, and is moved once each WAL_CHECKPOINT_PAGES.
 */
static bool
sqlite_begin(struct store_writer *base, struct err *err)
{
	struct sqlite_writer *store = writer_of(base);
	int pages = sql_wal_pages(store->sql);

	if (pages < store->wal_moved) /* it started over */
		store->wal_moved = 0;
	if (pages - store->wal_moved >= WAL_CHECKPOINT_PAGES &&
		!move_wal(store, false, err))
		return false;
	/* What a rollback could not read back. */
	if (!store->customers.fresh && !customers_load(&store->customers, err))
		return false;
	store->begin_answer = store->last_answer;
	store->begin_delivery = store->last_delivery;
	store->changed_before = sql_total_changes(store->sql);
	store->in_savepoint = false;
	return sql_begin(store->sql, err);
}

static bool
put_change(struct sqlite_writer *store, struct err *err)
{
	static const char text[] =
		"UPDATE meta SET value = ? WHERE key = 'change'";
	struct sql_statement *put = sql_use(store->sql, text);

	sql_in_number(put, store->change + 1);
	return sql_do(put, err);
}

static bool
sqlite_commit(struct store_writer *base, struct err *err)
{
	struct sqlite_writer *store = writer_of(base);
	bool changed = sql_total_changes(store->sql) != store->changed_before;

	if (!sql_in_transaction(store->sql))
		return err_set(err, "%s: the transaction was taken back",
			store->file.path);
	if (changed &&
		(!customers_merge(&store->customers, store->last_answer, err) ||
			!put_change(store, err)))
		return false;
	if (!sql_do(sql_use(store->sql, "COMMIT"), err))
		return false;
	if (changed)
		sqlite_file_set_mark(
			&store->file, store->store_id, ++store->change);
	return true;
}

/* ---- the whole ---- */

static void
sqlite_close(struct store_writer *base)
{
	struct sqlite_writer *store = writer_of(base);
	int left;

	if (store->sql && sql_in_transaction(store->sql))
		sqlite_rollback(base);
	/* What it cannot move now, the next start does. */
	if (store->sql && store->identity && !sql_is_broken(store->sql) &&
		!sql_checkpoint(store->sql, true, &left, NULL))
		left = 0;
	customers_done(&store->customers);
	sql_close(store->sql);
	hmac_free(store->identity);
	sqlite_file_unlock(&store->file);
	free(store);
}

static struct store_writer *
sqlite_open(const char *path, const struct store_settings *settings,
	struct err *err)
{
	struct sqlite_writer *store = mem_new(1, sizeof(*store));

	store->file.lock_fd = -1;
	if (*path == '\0')
		err_set(err, "store: a path must follow \"sqlite:\"");
	else if (sqlite_file_lock(&store->file, path, err) &&
		 open_file(store, settings, err))
		return &store->base;
	/* Refused: not even its WAL is touched. */
	hmac_free(store->identity);
	store->identity = NULL;
	sqlite_close(&store->base);
	return NULL;
}

const struct store_kind store_sqlite = {
	.scheme = "sqlite",
	.open = sqlite_open,
	.close = sqlite_close,
	.is_broken = sqlite_is_broken,
	.begin = sqlite_begin,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.savepoint = sqlite_savepoint,
	.keep = sqlite_keep,
	.undo = sqlite_undo,
	.find_answer = sqlite_find_answer,
	.get_answer = sqlite_get_answer,
	.find_previous = sqlite_find_previous,
	.put_answer = sqlite_put_answer,
	.amend_answer = sqlite_amend_answer,
	.put_rejected = sqlite_put_rejected,
	.put_slot = sqlite_put_slot,
	.each_slot = sqlite_each_slot,
	.add_count = sqlite_add_count,
	.sum_buckets = sqlite_sum_buckets,
	.prune_buckets = sqlite_prune_buckets,
	.put_place = sqlite_put_place,
	.each_place = sqlite_each_place,
	.each_alert = sqlite_each_alert,
	.put_delivery = sqlite_put_delivery,
	.change_delivery = sqlite_change_delivery,
	.claim = sqlite_claim,
	.set_body = sqlite_set_body,
	.renew = sqlite_renew,
	.reclaim = sqlite_reclaim,
	.settle = sqlite_settle,
	.retry = sqlite_retry,
	.next_due = sqlite_next_due,
	.choose_deliveries = sqlite_choose_deliveries,
	.cancel = sqlite_cancel,
	.shift_due = sqlite_shift_due,
	.purge_deliveries = sqlite_purge_deliveries,
	.put_lane = sqlite_put_lane,
	.each_lane = sqlite_each_lane,
	.purge_answers = sqlite_purge_answers,
	.purge_rejected = sqlite_purge_rejected,
	.checkpoint = sqlite_checkpoint,
	.reader_open = sqlite_reader_open,
	.reader_close = sqlite_reader_close,
	.list_rows = sqlite_list_rows,
	.explain = sqlite_explain,
	.row_of = sqlite_row_of,
	.backlog = sqlite_backlog,
	.recount = sqlite_recount,
};
