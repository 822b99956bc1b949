/* sqlite_replays - answers that are judged anew, in the SQLite file. */
#include "store/row_json.h"
#include "store/sqlite_kind.h"

bool
sqlite_last_answer(struct store_writer *base, int64_t *row, struct err *err)
{
	struct sql_statement *find = sql_use(
		writer_of(base)->sql, "SELECT ifnull(max(row), 0) FROM answer");
	enum sql_step step = sql_step(find, err);

	*row = step == SQL_ROW ? sql_number_at(find, 0) : 0;
	sql_end(find);
	return step == SQL_ROW;
}

static bool
choose(struct sqlite_writer *store, const struct answer_choice *choice,
	int64_t from, int64_t end, int64_t *rows, int limit, int *count,
	struct err *err)
{
	static const char text[] =
		"SELECT row FROM answer WHERE row > ?1 AND row <= ?2 "
		"AND kind = 0 AND content IS NOT NULL "
		"AND (?3 IS NULL OR survey = ?3) AND (?4 IS NULL OR id = ?4) "
		"AND (?5 IS NULL OR source = ?5) "
		"AND (?6 < 0 OR category = ?6) AND arrived_ms >= ?7 "
		"ORDER BY row LIMIT ?8";
	struct sql_statement *find = sql_use(store->sql, text);
	enum sql_step step;

	sql_in_number(find, from);
	sql_in_number(find, end);
	sql_in_text(find, choice->survey);
	sql_in_text(find, choice->id);
	sql_in_text(find, choice->source);
	sql_in_number(find, choice->category);
	sql_in_number(find, choice->since_ms);
	sql_in_number(find, limit);
	while ((step = sql_step(find, err)) == SQL_ROW)
		rows[(*count)++] = sql_number_at(find, 0);
	sql_end(find);
	return step == SQL_DONE;
}

bool
sqlite_choose_answers(struct store_writer *base,
	const struct answer_choice *choice, int64_t upto, int64_t *row,
	int64_t *rows, int limit, int *count, bool *more, struct err *err)
{
	int64_t last, end;

	*count = 0;
	*more = false;
	if (!sqlite_last_answer(base, &last, err))
		return false;
	if (upto > 0 && upto < last)
		last = upto;
	end = last - *row > STORE_SPAN_ROWS ? *row + STORE_SPAN_ROWS : last;
	if (end <= *row)
		return true;
	if (!choose(writer_of(base), choice, *row, end, rows, limit, count,
		    err))
		return false;
	*row = *count == limit ? rows[limit - 1] : end;
	*more = *row < last;
	return true;
}

bool
sqlite_put_replayed(struct store_writer *base, const struct replayed_row *row,
	struct err *err)
{
	struct sql_statement *put = sqlite_use_hard(writer_of(base),
		"INSERT OR REPLACE INTO replayed(answer, revision, "
		"replayed_ms, by, rule) VALUES(?,?,?,?,?)");

	sql_in_number(put, row->answer);
	sql_in_number(put, row->revision);
	sql_in_number(put, row->at_ms);
	sql_in_text(put, row->by);
	sql_in_text(put, row->rule);
	return sql_do(put, err);
}

bool
sqlite_add_replayed(struct sql *sql, const struct answer_row *answer,
	json_t *object, struct err *err)
{
	struct sql_statement *find =
		sql_use(sql, "SELECT replayed_ms, by, rule FROM replayed "
			     "WHERE answer = ? AND revision = ?");
	struct replayed_row row = {.answer = answer->row};
	enum sql_step step;

	sql_in_number(find, answer->row);
	sql_in_number(find, answer->revision);
	step = sql_step(find, err);
	if (step == SQL_ROW) {
		row.at_ms = sql_number_at(find, 0);
		row.by = sql_text_at(find, 1);
		row.rule = sql_text_at(find, 2);
	}
	if (step != SQL_FAILED)
		row_json_add_replayed(object, step == SQL_ROW ? &row : NULL);
	sql_end(find);
	return step != SQL_FAILED;
}
