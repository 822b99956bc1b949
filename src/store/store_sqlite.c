/*
 * store_sqlite - the SQLite kind: opens the file, brings its schema up to date,
 * and makes transactions durable. The verbs inside them stand in the files that
 * sqlite_kind.h names.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/install.h"
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
	good = good && install_end(path, file->path, true, err);
	free(path);
	return good;
}

static void
use_numbers(struct sqlite_writer *store, const struct store_identity *identity)
{
	store->change = identity->change;
	store->any_known = identity->any_known;
	store->last_delivery = identity->last_delivery;
	store->last_answer = identity->last_answer;
}

static bool
read_identity(struct sqlite_writer *store, struct err *err)
{
	struct store_identity identity;

	if (!sqlite_read_identity(store->sql, store->file.path, &identity, err))
		return false;
	use_numbers(store, &identity);
	memcpy(store->store_id, identity.store_id, sizeof(store->store_id));
	store->identity = hmac_new(identity.key, sizeof(identity.key));
	memcpy(&store->customers.key, identity.key,
		sizeof(store->customers.key));
	return true;
}

/* Names every table, so that a schema which lacks one is noticed now. */
static bool
check_tables(struct sqlite_writer *store, struct err *err)
{
	static const char text[] =
		"SELECT 1 FROM answer, answer_past, seen, "
		"known, rejected, delivery, "
		"body, attempt, slot, bucket, place, arrival, "
		"lane, follow_up, follow_up_event, "
		"turn, watch, cooldown, suppressed, silence, storm, folded, "
		"erasure, erasure_word, erased, replayed LIMIT 0";

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
	int newest = schema_steps[schema_step_count - 1].version;
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
	if (!sql_checkpoint(store->sql, SQL_TRUNCATE, SQL_BUSY_MS, err) ||
		!sqlite_upgrade(
			store->sql, schema_steps, schema_step_count, err) ||
		!check_tables(store, err) || !sqlite_check_home(store, err) ||
		!sql_ask_number(store->sql, "PRAGMA page_size",
			&store->page_bytes, err))
		return false;
	if (!sqlite_file_open_wal(&store->file, sql_wal_path(store->sql), err))
		return false;
	store->wal_limit = (int)(store->wal_limit_bytes / store->page_bytes);
	store->data_version = -1;
	sqlite_file_set_mark(&store->file, store->store_id, store->change);
	gathered_init(&store->gathered, store->sql);
	store->customers.sql = store->sql;
	return customers_load(&store->customers, err);
}

static bool
sqlite_is_broken(const struct store_writer *store)
{
	const struct sqlite_writer *writer =
		(const struct sqlite_writer *)store;

	return sql_is_broken(writer->sql) || atomic_load(&writer->sync_failed);
}

/* ---- transactions ---- */

static bool
sqlite_checkpoint(struct store_writer *base, bool truncate, struct err *err)
{
	struct sqlite_writer *store = writer_of(base);

	if (!sql_checkpoint(store->sql, truncate ? SQL_TRUNCATE : SQL_MOVE,
		    truncate ? WAL_TRUNCATE_WAIT_MS : SQL_BUSY_MS, err))
		return false;
	store->wal_moved = sql_wal_pages(store->sql);
	return true;
}

/* A reader does not let go of the WAL. Waiting a little now and then is enough
 * for one of ours; past the limit one that stays is not written beside. */
static bool
restart_wal(struct sqlite_writer *store, struct err *err)
{
	int pages = sql_wal_pages(store->sql);
	bool grew = pages - store->wal_moved >= WAL_CHECKPOINT_PAGES;

	if (grew)
		store->wal_moved = pages;
	if (sql_checkpoint(store->sql, SQL_RESTART,
		    grew ? WAL_READERS_WAIT_MS : 0, err)) {
		store->wal_moved = 0;
		return true;
	}
	if (sql_is_broken(store->sql))
		return false;
	if (pages < store->wal_limit)
		return true;
	return err_set(err,
		"%s-wal has reached %" PRId64
		" MiB: another program reads %s in one long transaction; end "
		"that one",
		store->file.path, pages * store->page_bytes / 1024 / 1024,
		store->file.path);
}

/*
 * The WAL is moved here and not behind the commit, so that those who wait for
 * the commit do not wait for this too.
 */
static bool
tend_wal(struct sqlite_writer *store, struct err *err)
{
	int pages = sql_wal_pages(store->sql);

	if (pages < store->wal_moved) /* it started over */
		store->wal_moved = 0;
	if (pages >= WAL_LONG_PAGES || pages >= store->wal_limit)
		return restart_wal(store, err);
	if (pages - store->wal_moved < WAL_CHECKPOINT_PAGES)
		return true;
	return sqlite_checkpoint(&store->base, false, err);
}

/* Only npsd may write to its file. Where another did, what we know of it is read
 * anew, so that at least our rows do not collide. */
static bool
look_for_others(struct sqlite_writer *store, struct err *err)
{
	int64_t version = sql_data_version(store->sql);
	struct store_identity identity;

	if (version == store->data_version)
		return true;
	bool first = store->data_version == -1;

	store->data_version = version;
	if (first)
		return true;
	store->foreign++;
	if (!sqlite_read_identity(store->sql, store->file.path, &identity, err))
		return false;
	use_numbers(store, &identity);
	gaps_forget(&store->gaps);
	return customers_load(&store->customers, err);
}

static void
sqlite_watch(const struct store_writer *base, struct store_watch *watch)
{
	const struct sqlite_writer *store = (const struct sqlite_writer *)base;

	watch->wal_bytes = sql_wal_pages(store->sql) * store->page_bytes;
	watch->foreign = store->foreign;
}

static void
mark_begin(struct sqlite_writer *store)
{
	store->begin_answer = store->last_answer;
	store->begin_delivery = store->last_delivery;
}

static bool
sqlite_begin(struct store_writer *base, struct err *err)
{
	struct sqlite_writer *store = writer_of(base);

	/* First: what fails here is rolled back. */
	mark_begin(store);
	if (atomic_load(&store->sync_failed))
		return err_set(err, "%s: a sync failed", store->file.path);
	if (!tend_wal(store, err))
		return false;
	/* What a rollback could not read back. */
	if (!store->customers.fresh && !customers_load(&store->customers, err))
		return false;
	if (!sql_begin(store->sql, err) || !look_for_others(store, err))
		return false;
	mark_begin(store);
	gathered_begin(&store->gathered);
	store->changed_before = sql_total_changes(store->sql);
	store->in_savepoint = false;
	return true;
}

static void
sqlite_touch(struct store_writer *base)
{
	writer_of(base)->changed_before = -1;
}

/* ---- the whole ---- */

static void
sqlite_close(struct store_writer *base)
{
	struct sqlite_writer *store = writer_of(base);
	struct err left_to_start;

	if (store->sql && sql_in_transaction(store->sql))
		sqlite_rollback(base);
	/* What it cannot move now, the next start does. */
	if (store->sql && store->identity && !sqlite_is_broken(base) &&
		!sql_checkpoint(
			store->sql, SQL_TRUNCATE, SQL_BUSY_MS, &left_to_start))
		store->wal_moved = 0;
	customers_done(&store->customers);
	gaps_done(&store->gaps);
	arrivals_done(&store->arrivals);
	gathered_done(&store->gathered);
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

	store->wal_limit_bytes = settings->wal_limit_bytes
					 ? settings->wal_limit_bytes
					 : STORE_WAL_LIMIT_BYTES;
	store->file.lock_fd = -1;
	store->file.wal_fd = -1;
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
	.touch = sqlite_touch,
	.commit = sqlite_commit,
	.commit_ahead = sqlite_commit_ahead,
	.sync = sqlite_sync,
	.rollback = sqlite_rollback,
	.savepoint = sqlite_savepoint,
	.keep = sqlite_keep,
	.undo = sqlite_undo,
	.find_answer = sqlite_find_answer,
	.get_answer = sqlite_get_answer,
	.first_arrival = sqlite_first_arrival,
	.find_previous = sqlite_find_previous,
	.put_answer = sqlite_put_answer,
	.amend_answer = sqlite_amend_answer,
	.put_rejected = sqlite_put_rejected,
	.put_slot = sqlite_put_slot,
	.each_slot = sqlite_each_slot,
	.add_counts = sqlite_add_counts,
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
	.count_deliveries = sqlite_count_deliveries,
	.shift_due = sqlite_shift_due,
	.hasten = sqlite_hasten,
	.purge_deliveries = sqlite_purge_deliveries,
	.put_lane = sqlite_put_lane,
	.each_lane = sqlite_each_lane,
	.put_follow_up = sqlite_put_follow_up,
	.get_follow_up = sqlite_get_follow_up,
	.find_follow_up = sqlite_find_follow_up,
	.find_follow_up_of = sqlite_find_follow_up_of,
	.change_follow_up = sqlite_change_follow_up,
	.put_follow_up_event = sqlite_put_follow_up_event,
	.each_follow_up_event = sqlite_each_follow_up_event,
	.each_due_follow_up = sqlite_each_due_follow_up,
	.next_due_follow_up = sqlite_next_due_follow_up,
	.each_follow_up = sqlite_each_follow_up,
	.take_turn = sqlite_take_turn,
	.find_cooldown = sqlite_find_cooldown,
	.put_cooldown = sqlite_put_cooldown,
	.put_suppressed = sqlite_put_suppressed,
	.each_cooldown_of = sqlite_each_cooldown_of,
	.end_cooldown = sqlite_end_cooldown,
	.take_suppressed = sqlite_take_suppressed,
	.answer_of = sqlite_answer_of,
	.set_verdicts = sqlite_set_verdicts,
	.choose_answers = sqlite_choose_answers,
	.last_answer = sqlite_last_answer,
	.put_replayed = sqlite_put_replayed,
	.link_key = sqlite_link_key,
	.put_silence = sqlite_put_silence,
	.get_silence = sqlite_get_silence,
	.end_silence = sqlite_end_silence,
	.each_silence = sqlite_each_silence,
	.count_silenced = sqlite_count_silenced,
	.purge_silences = sqlite_purge_silences,
	.find_storm = sqlite_find_storm,
	.put_storm = sqlite_put_storm,
	.prune_storms = sqlite_prune_storms,
	.put_folded = sqlite_put_folded,
	.put_off = sqlite_put_off,
	.each_folded = sqlite_each_folded,
	.count_folded = sqlite_count_folded,
	.message_of = sqlite_message_of,
	.put_erasure = sqlite_put_erasure,
	.change_erasure = sqlite_change_erasure,
	.next_erasure = sqlite_next_erasure,
	.put_erasure_word = sqlite_put_erasure_word,
	.each_erasure_word = sqlite_each_erasure_word,
	.drop_erasure_words = sqlite_drop_erasure_words,
	.plan_erased = sqlite_plan_erased,
	.each_erased = sqlite_each_erased,
	.erase_answer = sqlite_erase_answer,
	.erase_deliveries = sqlite_erase_deliveries,
	.each_left = sqlite_each_left,
	.read_words = sqlite_read_words,
	.erase_words = sqlite_erase_words,
	.drop_storms = sqlite_drop_storms,
	.count_in_flight = sqlite_count_in_flight,
	.read_file = sqlite_read_file,
	.put_watch = sqlite_put_watch,
	.each_watch = sqlite_each_watch,
	.purge_answers = sqlite_purge_answers,
	.purge_rejected = sqlite_purge_rejected,
	.checkpoint = sqlite_checkpoint,
	.watch = sqlite_watch,
	.backup_start = sqlite_backup_start,
	.backup_copy = sqlite_backup_copy,
	.backup_end = sqlite_backup_end,
	.backup_free = sqlite_backup_free,
	.restore = sqlite_restore,
	.reader_open = sqlite_reader_open,
	.reader_close = sqlite_reader_close,
	.reader_is_broken = sqlite_reader_is_broken,
	.list_rows = sqlite_list_rows,
	.explain = sqlite_explain,
	.each_customer_answer = sqlite_each_customer_answer,
	.read_counts = sqlite_read_counts,
	.row_of = sqlite_row_of,
	.backlog = sqlite_backlog,
	.recount = sqlite_recount,
	.count_follow_ups = sqlite_count_follow_ups,
	.count_storms = sqlite_count_storms,
};
