/* sqlite_silences - silences, in the SQLite file. */
#include "store/sqlite_kind.h"
#include "store/sqlite_rows.h"

bool
sqlite_put_silence(
	struct store_writer *base, struct silence_row *silence, struct err *err)
{
	static const char text[] =
		"INSERT INTO silence(rule, match, since_ms, until_ms, "
		"ended_ms, ended_by, by, why, silenced) "
		"VALUES(?,?,?,?,?,?,?,?,?)";
	struct sqlite_writer *store = writer_of(base);
	struct sql_statement *put = sqlite_use_hard(store, text);

	sql_in_text(put, silence->rule);
	sql_in_text(put, silence->match);
	sql_in_number(put, silence->since_ms);
	sql_in_number(put, silence->until_ms);
	sql_in_number(put, silence->ended_ms);
	sql_in_text(put, silence->ended_by);
	sql_in_text(put, silence->by);
	sql_in_text(put, silence->why);
	sql_in_number(put, silence->silenced);
	if (!sql_do(put, err))
		return false;
	silence->row = sql_last_row(store->sql);
	return true;
}

enum store_found
sqlite_get_silence(struct store_writer *base, int64_t row,
	on_silence_fn on_found, void *context, struct err *err)
{
	static const char text[] =
		"SELECT " SILENCE_COLUMNS " FROM silence WHERE row = ?";
	struct sql_statement *get = sql_use(writer_of(base)->sql, text);
	struct silence_row silence;
	enum sql_step step;

	sql_in_number(get, row);
	step = sql_step(get, err);
	if (step == SQL_ROW) {
		read_silence(get, &silence);
		on_found(&silence, context);
	}
	sql_end(get);
	if (step == SQL_FAILED)
		return STORE_ERROR;
	return step == SQL_ROW ? STORE_FOUND : STORE_NONE;
}

bool
sqlite_end_silence(struct store_writer *base, int64_t row, int64_t ended_ms,
	const char *by, bool *changed, struct err *err)
{
	static const char text[] =
		"UPDATE silence SET ended_ms = ?, ended_by = ? "
		"WHERE row = ? AND ended_ms = 0";
	struct sqlite_writer *store = writer_of(base);
	struct sql_statement *end = sqlite_use_hard(store, text);

	sql_in_number(end, ended_ms);
	sql_in_text(end, by);
	sql_in_number(end, row);
	if (!sql_do(end, err))
		return false;
	*changed = sql_changes(store->sql) > 0;
	return true;
}

bool
sqlite_each_silence(struct store_writer *base, on_silence_fn on_one,
	void *context, struct err *err)
{
	static const char text[] =
		"SELECT " SILENCE_COLUMNS
		" FROM silence WHERE ended_ms = 0 ORDER BY row";
	struct sql_statement *each = sql_use(writer_of(base)->sql, text);
	struct silence_row silence;
	enum sql_step step;

	while ((step = sql_step(each, err)) == SQL_ROW) {
		read_silence(each, &silence);
		on_one(&silence, context);
	}
	sql_end(each);
	return step == SQL_DONE;
}

bool
sqlite_count_silenced(struct store_writer *base, int64_t row, struct err *err)
{
	static const char text[] =
		"UPDATE silence SET silenced = silenced + 1 WHERE row = ?";
	struct sql_statement *count = sqlite_use_hard(writer_of(base), text);

	sql_in_number(count, row);
	return sql_do(count, err);
}

bool
sqlite_purge_silences(struct store_writer *base, int64_t before_ms, int limit,
	int *removed, struct err *err)
{
	static const char text[] =
		"DELETE FROM silence WHERE row IN (SELECT row FROM silence "
		"WHERE ended_ms <> 0 AND ended_ms < ? ORDER BY row LIMIT ?)";
	struct sqlite_writer *store = writer_of(base);
	struct sql_statement *purge = sqlite_use_hard(store, text);

	sql_in_number(purge, before_ms);
	sql_in_number(purge, limit);
	if (!sql_do(purge, err))
		return false;
	*removed = sql_changes(store->sql);
	return true;
}
