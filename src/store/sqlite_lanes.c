/*
 * sqlite_lanes - how lanes stand, in the SQLite file.
 */
#include "store/sqlite_kind.h"

bool
sqlite_put_lane(
	struct store_writer *base, const struct lane_row *lane, struct err *err)
{
	static const char text[] =
		"INSERT OR REPLACE INTO lane(action, state, failures, "
		"since_ms, pause_ms, until_ms, reason, paused_ms, paused_by, "
		"paused_why, failing_ms, told_ms) "
		"VALUES(?,?,?,?,?,?,?,?,?,?,?,?)";
	struct sql_statement *put = sqlite_use_hard(writer_of(base), text);

	sql_in_text(put, lane->action);
	sql_in_number(put, lane->state);
	sql_in_number(put, lane->failures);
	sql_in_number(put, lane->since_ms);
	sql_in_number(put, lane->pause_ms);
	sql_in_number(put, lane->until_ms);
	sql_in_text(put, lane->reason);
	sql_in_number(put, lane->paused_ms);
	sql_in_text(put, lane->paused_by);
	sql_in_text(put, lane->paused_why);
	sql_in_number(put, lane->failing_ms);
	sql_in_number(put, lane->told_ms);
	return sql_do(put, err);
}

bool
sqlite_each_lane(struct store_writer *base,
	void (*on_lane)(const struct lane_row *lane, void *context),
	void *context, struct err *err)
{
	static const char text[] =
		"SELECT action, state, failures, since_ms, pause_ms, "
		"until_ms, reason, paused_ms, paused_by, paused_why, "
		"failing_ms, told_ms FROM lane ORDER BY action";
	struct sql_statement *each = sql_use(writer_of(base)->sql, text);
	enum sql_step step;

	while ((step = sql_step(each, err)) == SQL_ROW) {
		struct lane_row lane = {
			.action = sql_text_at(each, 0),
			.state = (int)sql_number_at(each, 1),
			.failures = (int)sql_number_at(each, 2),
			.since_ms = sql_number_at(each, 3),
			.pause_ms = sql_number_at(each, 4),
			.until_ms = sql_number_at(each, 5),
			.reason = sql_text_at(each, 6),
			.paused_ms = sql_number_at(each, 7),
			.paused_by = sql_text_at(each, 8),
			.paused_why = sql_text_at(each, 9),
			.failing_ms = sql_number_at(each, 10),
			.told_ms = sql_number_at(each, 11),
		};

		on_lane(&lane, context);
	}
	sql_end(each);
	return step == SQL_DONE;
}
