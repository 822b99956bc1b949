/*
 * sqlite_commit - the end of a transaction, and the sync that makes it durable.
 *
 * SQLite runs with synchronous=NORMAL: it syncs around a checkpoint, in the
 * order that the file needs, and leaves the WAL to us at a commit. The sync is
 * ours, so that it may go on while the store thread is at the next transaction.
 */
#include "store/sqlite_kind.h"

static bool
put_change(struct sqlite_writer *store, struct err *err)
{
	static const char text[] =
		"UPDATE meta SET value = ? WHERE key = 'change'";
	struct sql_statement *put = sql_use(store->sql, text);

	sql_in_number(put, store->change + 1);
	return sql_do(put, err);
}

bool
sqlite_commit_ahead(struct store_writer *base, struct err *err)
{
	struct sqlite_writer *store = writer_of(base);
	bool changed;

	if (!sqlite_may_write(store, err) ||
		!gathered_write(&store->gathered, err))
		return false;
	changed = sql_total_changes(store->sql) != store->changed_before;
	if (changed && (!arrivals_write(&store->arrivals, store->sql, err) ||
			       !customers_merge(&store->customers,
				       store->last_answer, err) ||
			       !put_change(store, err)))
		return false;
	if (!sql_do(sql_use(store->sql, "COMMIT"), err))
		return false;
	arrivals_clear(&store->arrivals);
	if (changed)
		store->to_sync = ++store->change;
	return true;
}

/* A sync that failed is never tried again: see sql.c. */
bool
sqlite_sync(struct store_writer *base, struct err *err)
{
	struct sqlite_writer *store = writer_of(base);

	if (atomic_load(&store->sync_failed))
		return err_set(err, "%s: a sync failed", store->file.path);
	if (store->to_sync == 0)
		return true;
	if (!sqlite_file_sync_wal(&store->file, err)) {
		atomic_store(&store->sync_failed, true);
		return false;
	}
	sqlite_file_set_mark(&store->file, store->store_id, store->to_sync);
	store->to_sync = 0;
	return true;
}

bool
sqlite_commit(struct store_writer *base, struct err *err)
{
	return sqlite_commit_ahead(base, err) && sqlite_sync(base, err);
}
