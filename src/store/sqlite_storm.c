/*
 * sqlite_storm - windows of storms and what is folded, in the SQLite file.
 */
#include "base/json.h"
#include "base/text.h"
#include "store/row_json.h"
#include "store/sqlite_kind.h"
#include "store/sqlite_rows.h"

/* ---- windows ---- */

enum store_found
sqlite_find_storm(
	struct store_writer *base, struct storm_row *storm, struct err *err)
{
	static const char text[] =
		"SELECT since_ms, until_ms, alerts, lasting, message, EXISTS("
		"SELECT 1 FROM delivery WHERE row = message AND state = 0 "
		"AND NOT claimed) FROM storm WHERE action = ? AND recipient = "
		"?";
	struct sql_statement *find = sql_use(writer_of(base)->sql, text);
	enum sql_step step;

	sql_in_text(find, storm->action);
	sql_in_text(find, storm->recipient);
	step = sql_step(find, err);
	if (step == SQL_ROW) {
		storm->window = (struct storm_window){
			.since_ms = sql_number_at(find, 0),
			.until_ms = sql_number_at(find, 1),
			.alerts = sql_number_at(find, 2),
			.lasting = sql_number_at(find, 3) != 0,
		};
		storm->message = sql_number_at(find, 4);
		storm->message_waits = sql_number_at(find, 5) != 0;
	}
	sql_end(find);
	if (step == SQL_FAILED)
		return STORE_ERROR;
	return step == SQL_ROW ? STORE_FOUND : STORE_NONE;
}

bool
sqlite_put_storm(struct store_writer *base, const struct storm_row *storm,
	struct err *err)
{
	struct sql_statement *put = sqlite_use_hard(writer_of(base),
		"INSERT OR REPLACE INTO storm(action, recipient, since_ms, "
		"until_ms, alerts, lasting, message) VALUES(?,?,?,?,?,?,?)");

	sql_in_text(put, storm->action);
	sql_in_text(put, storm->recipient);
	sql_in_number(put, storm->window.since_ms);
	sql_in_number(put, storm->window.until_ms);
	sql_in_number(put, storm->window.alerts);
	sql_in_number(put, storm->window.lasting);
	sql_in_number(put, storm->message);
	return sql_do(put, err);
}

bool
sqlite_prune_storms(struct store_writer *base, int64_t before_ms, int limit,
	int *removed, struct err *err)
{
	static const char text[] =
		"DELETE FROM storm WHERE (action, recipient) IN ("
		"SELECT action, recipient FROM storm WHERE until_ms < ? "
		"LIMIT ?)";
	struct sqlite_writer *store = writer_of(base);
	struct sql_statement *drop = sqlite_use_hard(store, text);

	sql_in_number(drop, before_ms);
	sql_in_number(drop, limit);
	if (!sql_do(drop, err))
		return false;
	*removed = sql_changes(store->sql);
	return true;
}

bool
sqlite_shift_storms(struct sqlite_writer *store, int64_t by_ms, struct err *err)
{
	struct sql_statement *put = sqlite_use_hard(store,
		"UPDATE storm SET since_ms = since_ms + ?1, "
		"until_ms = until_ms + ?1");

	sql_in_number(put, by_ms);
	return sql_do(put, err);
}

/* ---- what is folded ---- */

bool
sqlite_put_folded(struct store_writer *base, int64_t delivery, int64_t message,
	struct err *err)
{
	struct sql_statement *put = sqlite_use_hard(writer_of(base),
		"INSERT OR REPLACE INTO folded(delivery, message) "
		"VALUES(?,?)");

	sql_in_number(put, delivery);
	sql_in_number(put, message);
	return sql_do(put, err);
}

bool
sqlite_put_off(struct store_writer *base, int64_t delivery, int64_t due_ms,
	struct err *err)
{
	struct sql_statement *put = sqlite_use_hard(writer_of(base),
		"UPDATE delivery SET due_ms = max(due_ms, ?) "
		"WHERE row = ? AND state = 0");

	sql_in_number(put, due_ms);
	sql_in_number(put, delivery);
	return sql_do(put, err);
}

bool
sqlite_each_folded(struct store_writer *base, int64_t message, int64_t after,
	int n,
	void (*on_folded)(const struct folded_row *folded, void *context),
	void *context, struct err *err)
{
	static const char text[] =
		"SELECT row, answer, created_ms, rule FROM folded "
		"JOIN delivery ON row = folded.delivery "
		"WHERE message = ? AND folded.delivery > ? AND state = 6 "
		"ORDER BY folded.delivery LIMIT ?";
	struct sql_statement *each = sql_use(writer_of(base)->sql, text);
	enum sql_step step;

	sql_in_number(each, message);
	sql_in_number(each, after);
	sql_in_number(each, n);
	while ((step = sql_step(each, err)) == SQL_ROW) {
		struct folded_row folded = {
			.delivery = sql_number_at(each, 0),
			.answer = sql_number_at(each, 1),
			.created_ms = sql_number_at(each, 2),
			.rule = sql_text_at(each, 3),
		};

		on_folded(&folded, context);
	}
	sql_end(each);
	return step == SQL_DONE;
}

static bool
ask(struct sql *sql, const char *text, int64_t row, int64_t *number,
	struct err *err)
{
	struct sql_statement *find = sql_use(sql, text);
	enum sql_step step;

	sql_in_number(find, row);
	step = sql_step(find, err);
	*number = step == SQL_ROW ? sql_number_at(find, 0) : 0;
	sql_end(find);
	return step != SQL_FAILED;
}

#define COUNT_FOLDED                                                          \
	"SELECT count(*) FROM folded JOIN delivery ON row = folded.delivery " \
	"WHERE message = ? AND state = 6"

bool
sqlite_count_folded(struct store_writer *base, int64_t message, int64_t *count,
	struct err *err)
{
	return ask(writer_of(base)->sql, COUNT_FOLDED, message, count, err);
}

bool
sqlite_message_of(struct store_writer *base, int64_t delivery, int64_t *message,
	struct err *err)
{
	return ask(writer_of(base)->sql,
		"SELECT message FROM folded WHERE delivery = ?", delivery,
		message, err);
}

/* ---- forgetting ---- */

/* A message that left, and quotes an answer that goes, loses its words. */
bool
sqlite_drop_folded(struct sqlite_writer *store, int64_t answer, struct err *err)
{
	static const char *const texts[] = {
		"DELETE FROM body WHERE delivery IN (SELECT told.row FROM "
		"delivery AS one JOIN folded ON folded.delivery = one.row "
		"JOIN delivery AS told ON told.row = folded.message "
		"WHERE one.answer = ? AND told.state > 2)",
		"DELETE FROM folded WHERE delivery IN "
		"(SELECT row FROM delivery WHERE answer = ?)",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct sql_statement *drop = sqlite_use_hard(store, texts[i]);

		sql_in_number(drop, answer);
		if (!sql_do(drop, err))
			return false;
	}
	return true;
}

/* ---- reading ---- */

static bool
add_message(struct sql *sql, int64_t delivery, json_t *object, struct err *err)
{
	static const char text[] =
		"SELECT " DELIVERY_COLUMNS " FROM delivery WHERE row = "
		"(SELECT message FROM folded WHERE delivery = ?)";
	struct sql_statement *find = sql_use(sql, text);
	enum sql_step step;

	sql_in_number(find, delivery);
	step = sql_step(find, err);
	if (step == SQL_ROW) {
		struct delivery_row message;
		char id[DELIVERY_ID_BYTES];

		read_delivery(find, &message, id);
		row_json_add_storm(object, &message);
	}
	sql_end(find);
	return step != SQL_FAILED;
}

bool
sqlite_add_storms(struct sql *sql, json_t *deliveries, struct err *err)
{
	json_t *object;
	size_t i;

	json_array_foreach(deliveries, i, object)
	{
		const char *cause = json_string_at(object, "cause");
		int64_t row = 0, count;

		if (!text_to_integer(
			    json_string_at(object, "row"), 1, INT64_MAX, &row))
			continue;
		if (text_same(cause, "alert") &&
			!add_message(sql, row, object, err))
			return false;
		if (!text_same(cause, STORM_CAUSE))
			continue;
		if (!ask(sql, COUNT_FOLDED, row, &count, err))
			return false;
		row_json_add_folded(object, count);
	}
	return true;
}

bool
sqlite_count_storms(struct store_reader *base,
	void (*on_action)(const char *action, int64_t folded, void *context),
	void *context, struct err *err)
{
	static const char text[] =
		"SELECT storm.action, count(*) FROM storm "
		"JOIN delivery AS told ON told.row = storm.message "
		"AND told.state < 3 "
		"JOIN folded ON folded.message = told.row "
		"JOIN delivery AS one ON one.row = folded.delivery "
		"AND one.state = 6 GROUP BY storm.action";
	struct sql_statement *each = sql_use(reader_sql(base), text);
	enum sql_step step;

	while ((step = sql_step(each, err)) == SQL_ROW)
		on_action(
			sql_text_at(each, 0), sql_number_at(each, 1), context);
	sql_end(each);
	return step == SQL_DONE;
}
