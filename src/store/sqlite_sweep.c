/*
 * sqlite_sweep - deliveries by the many in the SQLite file: chosen, cancelled,
 * moved in time, removed.
 */
#include "store/sqlite_kind.h"

bool
sqlite_keep_delivery_row(struct sqlite_writer *store, struct err *err)
{
	static const char text[] =
		"UPDATE meta SET value = ? WHERE key = 'delivery_row'";
	struct sql_statement *put = sqlite_use_hard(store, text);

	sql_in_number(put, store->last_delivery);
	return sql_do(put, err);
}

/* ---- choosing ---- */

static bool
end_of_span(struct sqlite_writer *store, int64_t upto, int64_t row,
	int64_t *end, bool *more)
{
	int64_t last = store->last_delivery;

	if (upto > 0 && upto < last)
		last = upto;
	*more = last - row > STORE_SPAN_ROWS;
	*end = *more ? row + STORE_SPAN_ROWS : last;
	return *end > row;
}

bool
sqlite_choose_deliveries(struct store_writer *base,
	const struct delivery_choice *choice, int64_t upto, int64_t *row,
	int64_t *rows, int *count, bool *more, struct err *err)
{
	static const char text[] =
		"SELECT row FROM delivery WHERE row > ?1 AND row <= ?2 "
		"AND (?3 >> state) & 1 AND (?4 IS NULL OR action = ?4) "
		"AND (?5 IS NULL OR rule = ?5) "
		"AND (?6 IS NULL OR instr(reason, ?6) > 0) "
		"AND (?7 = 0 OR status = ?7) AND (?8 = 0 OR answer = ?8) "
		"AND (?9 = 0 OR row IN (SELECT delivery FROM folded "
		"WHERE message = ?9)) AND created_ms >= ?10 ORDER BY row";
	struct sqlite_writer *store = writer_of(base);
	struct sql_statement *find;
	enum sql_step step;
	int64_t end;

	*count = 0;
	if (!end_of_span(store, upto, *row, &end, more))
		return true;
	find = sql_use(store->sql, text);
	sql_in_number(find, *row);
	sql_in_number(find, end);
	sql_in_number(find, choice->states);
	sql_in_text(find, choice->action);
	sql_in_text(find, choice->rule);
	sql_in_text(find, choice->reason);
	sql_in_number(find, choice->status);
	sql_in_number(find, choice->answer);
	sql_in_number(find, choice->storm);
	sql_in_number(find, choice->since_ms);
	while ((step = sql_step(find, err)) == SQL_ROW)
		rows[(*count)++] = sql_number_at(find, 0);
	sql_end(find);
	*row = end;
	return step == SQL_DONE;
}

/* ---- changing ---- */

bool
sqlite_cancel(struct store_writer *base, int64_t delivery, int64_t now_ms,
	const char *reason, bool *changed, struct err *err)
{
	/* One never sent is made anew, should it be wanted again; but for one
	 * that was bound to its bytes when it was put. */
	static const char drop[] =
		"DELETE FROM body WHERE delivery = ? AND EXISTS(SELECT 1 "
		"FROM delivery WHERE row = body.delivery AND state = 0 "
		"AND NOT claimed)";
	static const char text[] =
		"UPDATE delivery SET state = 5, claimed = 1, due_ms = 0, "
		"settled_ms = ?, reason = ?, node = NULL "
		"WHERE row = ? AND state IN (0, 2)";
	struct sqlite_writer *store = writer_of(base);
	struct sql_statement *put = sqlite_use_hard(store, drop);

	sql_in_number(put, delivery);
	if (!sql_do(put, err))
		return false;
	put = sqlite_use_hard(store, text);
	sql_in_number(put, now_ms);
	sql_in_text(put, reason);
	sql_in_number(put, delivery);
	if (!sql_do(put, err))
		return false;
	*changed = sql_changes(store->sql) == 1;
	return true;
}

static bool
count_of(struct sqlite_writer *store, const char *text, const char *action,
	int64_t *count, struct err *err)
{
	struct sql_statement *ask = sql_use(store->sql, text);

	sql_in_text(ask, action);
	enum sql_step step = sql_step(ask, err);

	*count = step == SQL_ROW ? sql_number_at(ask, 0) : 0;
	sql_end(ask);
	return step == SQL_ROW;
}

bool
sqlite_count_deliveries(struct store_writer *base, const char *action,
	int64_t *waiting, int64_t *dead, struct err *err)
{
	static const char wait[] = "SELECT count(*) FROM delivery "
				   "WHERE state < 3 AND action = ?";
	static const char die[] = "SELECT count(*) FROM delivery "
				  "WHERE state = 4 AND action = ?";
	struct sqlite_writer *store = writer_of(base);

	return count_of(store, wait, action, waiting, err) &&
	       count_of(store, die, action, dead, err);
}

bool
sqlite_shift_due(struct store_writer *base, int64_t by_ms, struct err *err)
{
	static const char text[] =
		"UPDATE delivery SET due_ms = due_ms + ?1, first_try_ms = "
		"CASE first_try_ms WHEN 0 THEN 0 ELSE first_try_ms + ?1 END "
		"WHERE state < 3";
	struct sqlite_writer *store = writer_of(base);
	struct sql_statement *put = sqlite_use_hard(store, text);

	sql_in_number(put, by_ms);
	return sql_do(put, err) && sqlite_shift_storms(store, by_ms, err);
}

bool
sqlite_hasten(struct store_writer *base, const char *action, int64_t upto_ms,
	int64_t now_ms, struct err *err)
{
	static const char text[] =
		"UPDATE delivery SET due_ms = ?1 WHERE state < 3 "
		"AND state = 2 AND action = ?2 AND due_ms > ?1 "
		"AND due_ms <= ?3";
	struct sql_statement *put = sqlite_use_hard(writer_of(base), text);

	sql_in_number(put, now_ms);
	sql_in_text(put, action);
	sql_in_number(put, upto_ms);
	return sql_do(put, err);
}

/* ---- removing ---- */

static bool
remove_alone(struct sqlite_writer *store, int64_t row, struct err *err)
{
	static const char *const texts[] = {
		"DELETE FROM attempt WHERE delivery = ?",
		"DELETE FROM body WHERE delivery = ?",
		"DELETE FROM delivery WHERE row = ?",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct sql_statement *drop = sqlite_use_hard(store, texts[i]);

		sql_in_number(drop, row);
		if (!sql_do(drop, err))
			return false;
	}
	return true;
}

bool
sqlite_purge_deliveries(struct store_writer *base, int64_t before_ms, int limit,
	int *removed, struct err *err)
{
	/* What tells of alerts that are kept is kept with them. */
	static const char text[] =
		"SELECT row FROM delivery WHERE answer IS NULL AND state > 2 "
		"AND settled_ms < ? AND NOT EXISTS(SELECT 1 FROM folded "
		"WHERE message = delivery.row) ORDER BY settled_ms LIMIT 1";
	struct sqlite_writer *store = writer_of(base);

	for (*removed = 0; *removed < limit; (*removed)++) {
		struct sql_statement *find = sql_use(store->sql, text);

		sql_in_number(find, before_ms);
		enum sql_step step = sql_step(find, err);
		int64_t row = step == SQL_ROW ? sql_number_at(find, 0) : 0;

		sql_end(find);
		if (step == SQL_FAILED)
			return false;
		if (row == 0)
			break;
		if (!remove_alone(store, row, err))
			return false;
	}
	return *removed == 0 || sqlite_keep_delivery_row(store, err);
}
