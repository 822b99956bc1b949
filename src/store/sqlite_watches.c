/*
 * sqlite_watches - how watches stand, in the SQLite file.
 */
#include <math.h>

#include "store/sqlite_kind.h"

#define LEVELS_A_POINT 1000.0

static bool
is_nothing(const struct watch_row *row)
{
	return row->since_ms == 0 && row->alarm_ms == 0 && row->seen_ms == 0;
}

bool
sqlite_put_watch(
	struct store_writer *base, const struct watch_row *row, struct err *err)
{
	static const char put_text[] =
		"INSERT OR REPLACE INTO watch(watch, slot, since_ms, alarm_ms, "
		"quiet, level, seen_ms) VALUES(?,?,?,?,?,?,?)";
	static const char drop_text[] =
		"DELETE FROM watch WHERE watch = ? AND slot = ?";
	struct sql_statement *put = sqlite_use_hard(
		writer_of(base), is_nothing(row) ? drop_text : put_text);

	sql_in_text(put, row->watch);
	sql_in_number(put, row->slot);
	if (is_nothing(row))
		return sql_do(put, err);
	sql_in_number(put, row->since_ms);
	sql_in_number(put, row->alarm_ms);
	sql_in_number(put, row->quiet);
	sql_in_number(put, llround(row->level * LEVELS_A_POINT));
	sql_in_number(put, row->seen_ms);
	return sql_do(put, err);
}

bool
sqlite_each_watch(struct store_writer *base,
	void (*on_watch)(const struct watch_row *row, void *context),
	void *context, struct err *err)
{
	static const char text[] =
		"SELECT watch, slot, since_ms, alarm_ms, quiet, level, seen_ms "
		"FROM watch ORDER BY watch, slot";
	struct sql_statement *each = sql_use(writer_of(base)->sql, text);
	enum sql_step step;

	while ((step = sql_step(each, err)) == SQL_ROW) {
		struct watch_row row = {
			.watch = sql_text_at(each, 0),
			.slot = sql_number_at(each, 1),
			.since_ms = sql_number_at(each, 2),
			.alarm_ms = sql_number_at(each, 3),
			.quiet = sql_number_at(each, 4) != 0,
			.level =
				(double)sql_number_at(each, 5) / LEVELS_A_POINT,
			.seen_ms = sql_number_at(each, 6),
		};

		on_watch(&row, context);
	}
	sql_end(each);
	return step == SQL_DONE;
}
