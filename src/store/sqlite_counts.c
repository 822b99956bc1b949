/*
 * sqlite_counts - slots and places in the SQLite file.
 */
#include "store/sqlite_kind.h"

/* ---- slots ---- */

bool
sqlite_put_slot(struct store_writer *base, int64_t id, const char *survey,
	const char *segment, const char *value, struct err *err)
{
	struct sql_statement *put = sqlite_use_hard(
		writer_of(base), "INSERT INTO slot VALUES(?,?,?,?)");

	sql_in_number(put, id);
	sql_in_text(put, survey);
	sql_in_text(put, segment);
	sql_in_text(put, value);
	return sql_do(put, err);
}

bool
sqlite_each_slot(struct store_writer *base,
	void (*on_slot)(int64_t id, const char *survey, const char *segment,
		const char *value, void *context),
	void *context, struct err *err)
{
	struct sql_statement *each = sql_use(writer_of(base)->sql,
		"SELECT id, survey, segment, value FROM slot ORDER BY id");
	enum sql_step step;

	while ((step = sql_step(each, err)) == SQL_ROW)
		on_slot(sql_number_at(each, 0), sql_text_at(each, 1),
			sql_text_at(each, 2), sql_text_at(each, 3), context);
	sql_end(each);
	return step == SQL_DONE;
}

/* ---- places ---- */

bool
sqlite_put_place(struct store_writer *base, const char *source, const char *key,
	const char *place, struct err *err)
{
	static const char put_text[] =
		"INSERT INTO place VALUES(?,?,?) "
		"ON CONFLICT DO UPDATE SET place = excluded.place";
	static const char drop_text[] =
		"DELETE FROM place WHERE source = ? AND key = ?";
	struct sql_statement *put =
		sqlite_use_hard(writer_of(base), place ? put_text : drop_text);

	sql_aside(put);
	sql_in_text(put, source);
	sql_in_text(put, key);
	if (place)
		sql_in_text(put, place);
	return sql_do(put, err);
}

bool
sqlite_each_place(struct store_writer *base, const char *source,
	void (*on_place)(const char *key, const char *place, void *context),
	void *context, struct err *err)
{
	static const char text[] =
		"SELECT key, place FROM place WHERE source = ? ORDER BY key";
	struct sql_statement *each = sql_use(writer_of(base)->sql, text);
	enum sql_step step;

	sql_in_text(each, source);
	while ((step = sql_step(each, err)) == SQL_ROW)
		on_place(sql_text_at(each, 0), sql_text_at(each, 1), context);
	sql_end(each);
	return step == SQL_DONE;
}
