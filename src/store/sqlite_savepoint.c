/*
 * sqlite_savepoint - takes back: one answer's doings, or the transaction's.
 */
#include "store/sqlite_kind.h"

void
sqlite_rollback(struct store_writer *base)
{
	struct sqlite_writer *store = writer_of(base);

	store->in_savepoint = false;
	gathered_clear(&store->gathered);
	gaps_forget(&store->gaps); /* what was forgotten may be back */
	arrivals_clear(&store->arrivals);
	store->last_answer = store->begin_answer;
	store->last_delivery = store->begin_delivery;
	/* Taking back may change it too. */
	store->data_version = -1;
	/* Some errors have done it already. If it fails, every later begin
	 * does. */
	if (sql_in_transaction(store->sql) &&
		!sql_do(sql_use(store->sql, "ROLLBACK"), NULL))
		return;
	/* Read anew; begin tries again if that fails. */
	if (!customers_load(&store->customers, NULL))
		customers_done(&store->customers);
}

bool
sqlite_may_write(const struct sqlite_writer *store, struct err *err)
{
	if (sql_in_transaction(store->sql) && !store->gathered.lost)
		return true;
	return err_set(
		err, "%s: the transaction was taken back", store->file.path);
}

bool
sqlite_savepoint(struct store_writer *base, struct err *err)
{
	struct sqlite_writer *store = writer_of(base);

	if (!sqlite_may_write(store, err))
		return false;
	store->in_savepoint = true;
	store->is_hard = false;
	store->mark_answer = store->last_answer;
	store->mark_delivery = store->last_delivery;
	customers_mark(&store->customers);
	arrivals_mark(&store->arrivals);
	return true;
}

struct sql_statement *
sqlite_use_hard(struct sqlite_writer *store, const char *text)
{
	if (store->in_savepoint && !store->is_hard) {
		/* If it fails, so does taking it back, which then takes back
		 * the whole transaction. */
		store->is_hard = true;
		if (!sql_do(sql_use(store->sql, "SAVEPOINT one"), NULL))
			return sql_use(store->sql, text);
	}
	return sql_use(store->sql, text);
}

bool
sqlite_keep(struct store_writer *base, struct err *err)
{
	struct sqlite_writer *store = writer_of(base);

	store->in_savepoint = false;
	return !store->is_hard ||
	       sql_do(sql_use(store->sql, "RELEASE one"), err);
}

static bool
drop_above(struct sqlite_writer *store, const char *text, int64_t row)
{
	struct sql_statement *drop = sql_use(store->sql, text);

	sql_in_number(drop, row);
	return sql_do(drop, NULL);
}

/* Takes out the rows that were added softly. */
static bool
drop_added(struct sqlite_writer *store)
{
	bool good = true;

	if (store->last_delivery > store->mark_delivery)
		good = drop_above(store, "DELETE FROM body WHERE delivery > ?",
			       store->mark_delivery) &&
		       drop_above(store, "DELETE FROM delivery WHERE row > ?",
			       store->mark_delivery);
	if (good && store->last_answer > store->mark_answer)
		good = drop_above(store, "DELETE FROM answer WHERE row > ?",
			store->mark_answer);
	store->last_answer = store->mark_answer;
	store->last_delivery = store->mark_delivery;
	return good;
}

void
sqlite_undo(struct store_writer *base)
{
	struct sqlite_writer *store = writer_of(base);
	struct sql *sql = store->sql;

	store->in_savepoint = false;
	gaps_forget(&store->gaps);
	arrivals_back_to_mark(&store->arrivals);
	if (!sql_in_transaction(sql) || store->gathered.lost)
		return;
	gathered_back_to(
		&store->gathered, store->mark_answer, store->mark_delivery);
	if (store->is_hard &&
		(!sql_do(sql_use(sql, "ROLLBACK TO one"), NULL) ||
			!sql_do(sql_use(sql, "RELEASE one"), NULL))) {
		sqlite_rollback(base);
		return;
	}
	if (!drop_added(store) ||
		!customers_back_to(&store->customers, store->last_answer, NULL))
		sqlite_rollback(base);
}
