/*
 * sqlite_reader - what is asked of the SQLite file, by a connection of its own
 * that cannot write. Each question is one short snapshot, so that the WAL can
 * always be moved. Lists stand in sqlite_lists.c.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "store/row_json.h"
#include "store/schema.h"
#include "store/sqlite_rows.h"
#include "store/sqlite_upgrade.h"
#include "store/sqlite_kind.h"

void
sqlite_reader_close(struct store_reader *base)
{
	sql_close(reader_sql(base));
	free(base);
}

bool
sqlite_reader_is_broken(const struct store_reader *reader)
{
	return sql_is_broken(((const struct sqlite_reader *)reader)->sql);
}

struct store_reader *
sqlite_reader_open(const char *path, const struct store_settings *settings,
	struct err *err)
{
	struct sqlite_reader *reader = mem_new(1, sizeof(*reader));
	int newest = schema_steps[schema_step_count - 1].version;

	reader->sql = sql_open(path, SQL_READ, err);
	if (reader->sql)
		sql_set_progress(
			reader->sql, settings->on_progress, settings->context);
	if (reader->sql && sqlite_check_version(reader->sql, newest, err))
		return &reader->base;
	sqlite_reader_close(&reader->base);
	return NULL;
}

/* ---- explain ---- */

static json_t *
read_attempts(struct sql *sql, int64_t delivery, struct err *err)
{
	static const char text[] =
		"SELECT n, at_ms, outcome, status, reason FROM attempt "
		"WHERE delivery = ? ORDER BY n";
	struct sql_statement *each = sql_use(sql, text);
	json_t *attempts = json_array();
	enum sql_step step;

	sql_in_number(each, delivery);
	while ((step = sql_step(each, err)) == SQL_ROW) {
		struct attempt_row attempt = {.n = (int)sql_number_at(each, 0),
			.at_ms = sql_number_at(each, 1),
			.outcome = sql_text_at(each, 2),
			.status = (int)sql_number_at(each, 3),
			.reason = sql_text_at(each, 4)};

		json_array_append_new(attempts, row_json_attempt(&attempt));
	}
	sql_end(each);
	if (step == SQL_DONE)
		return attempts;
	json_decref(attempts);
	return NULL;
}

static bool
add_attempts(struct sql *sql, const struct delivery_row *delivery,
	json_t *object, struct err *err)
{
	json_t *attempts = read_attempts(sql, delivery->row, err);

	if (!attempts)
		return false;
	row_json_add_attempts(object, delivery, attempts);
	return true;
}

#define BODIED                                              \
	"SELECT " DELIVERY_COLUMNS ", bytes FROM delivery " \
	"LEFT JOIN body ON body.delivery = delivery.row "

static void
read_bodied(struct sql_statement *statement, struct delivery_row *delivery,
	char id[DELIVERY_ID_BYTES])
{
	read_delivery(statement, delivery, id);
	delivery->body = sql_bytes_at(
		statement, DELIVERY_COLUMN_COUNT, &delivery->body_length);
}

bool
sqlite_add_detail(
	struct store_reader *base, int64_t row, json_t *object, struct err *err)
{
	struct sql *sql = reader_sql(base);
	struct sql_statement *read =
		sql_use(sql, BODIED "WHERE delivery.row = ?");

	sql_in_number(read, row);
	enum sql_step step = sql_step(read, err);
	bool good = step != SQL_FAILED;

	if (step == SQL_ROW) {
		struct delivery_row delivery;
		char id[DELIVERY_ID_BYTES];

		read_bodied(read, &delivery, id);
		row_json_add_body(object, &delivery);
		good = add_attempts(sql, &delivery, object, err);
	}
	sql_end(read);
	return good;
}

static json_t *
read_deliveries(struct sql *sql, int64_t answer, struct err *err)
{
	struct sql_statement *each =
		sql_use(sql, BODIED "WHERE answer = ? ORDER BY row");
	json_t *deliveries = json_array();
	enum sql_step step;

	sql_in_number(each, answer);
	while ((step = sql_step(each, err)) == SQL_ROW) {
		struct delivery_row delivery;
		char id[DELIVERY_ID_BYTES];

		read_bodied(each, &delivery, id);
		json_t *object =
			row_json_delivery(&delivery, delivery.body != NULL);

		json_array_append_new(deliveries, object);
		if (!add_attempts(sql, &delivery, object, err)) {
			step = SQL_FAILED;
			break;
		}
	}
	sql_end(each);
	if (step == SQL_DONE)
		return deliveries;
	json_decref(deliveries);
	return NULL;
}

static json_t *
read_all_past(struct sql *sql, const struct answer_row *answer, struct err *err)
{
	static const char text[] = "SELECT " PAST_COLUMNS " FROM answer_past "
				   "WHERE answer = ? ORDER BY revision";
	struct sql_statement *each = sql_use(sql, text);
	json_t *past = json_array();
	enum sql_step step;

	sql_in_number(each, answer->row);
	while ((step = sql_step(each, err)) == SQL_ROW) {
		struct answer_row earlier;

		read_past(each, &earlier);
		earlier.kind = answer->kind;
		json_t *object = row_json_past(&earlier);

		row_json_explain(object, &earlier, NULL, NULL);
		json_array_append_new(past, object);
	}
	sql_end(each);
	if (step == SQL_DONE)
		return past;
	json_decref(past);
	return NULL;
}

/* When it was erased; 0: it was not. */
static bool
read_erased(
	struct sql *sql, int64_t answer, int64_t *erased_ms, struct err *err)
{
	struct sql_statement *find =
		sql_use(sql, "SELECT erased_ms FROM erased WHERE answer = ?");
	enum sql_step step;

	sql_in_number(find, answer);
	step = sql_step(find, err);
	*erased_ms = step == SQL_ROW ? sql_number_at(find, 0) : 0;
	sql_end(find);
	return step != SQL_FAILED;
}

static json_t *
explain_found(struct sql *sql, const struct answer_row *answer, struct err *err)
{
	json_t *past = read_all_past(sql, answer, err);
	json_t *deliveries =
		past ? read_deliveries(sql, answer->row, err) : NULL;

	if (!deliveries || !sqlite_add_storms(sql, deliveries, err)) {
		json_decref(past);
		json_decref(deliveries);
		return NULL;
	}
	json_t *follow_ups = sqlite_read_follow_ups_of(sql, answer->row, err);
	int64_t erased_ms = 0;

	if (!follow_ups || !read_erased(sql, answer->row, &erased_ms, err)) {
		json_decref(follow_ups);
		json_decref(past);
		json_decref(deliveries);
		return NULL;
	}
	json_t *object = row_json_answer(answer);

	row_json_explain(object, answer, past, deliveries);
	json_object_set_new(object, "follow_ups", follow_ups);
	row_json_add_erased(object, erased_ms);
	if (sqlite_add_replayed(sql, answer, object, err))
		return object;
	json_decref(object);
	return NULL;
}

/* The row's statement stays open while the others run: one snapshot. */
json_t *
sqlite_explain(struct store_reader *base, int64_t row, struct err *err)
{
	static const char text[] =
		"SELECT " ANSWER_COLUMNS " FROM answer WHERE row = ?";
	struct sql *sql = reader_sql(base);
	struct sql_statement *find = sql_use(sql, text);
	json_t *object = NULL;

	sql_in_number(find, row);
	enum sql_step step = sql_step(find, err);

	if (step == SQL_DONE)
		err_set(err, "%s", "");
	if (step == SQL_ROW) {
		struct answer_row answer;

		read_answer(find, &answer);
		object = explain_found(sql, &answer, err);
	}
	sql_end(find);
	return object;
}

/* ---- other questions ---- */

bool
sqlite_each_customer_answer(struct store_reader *base, int64_t *row, bool *more,
	void (*on_answer)(const struct customer_answer *answer, void *context),
	void *context, struct err *err)
{
	static const char text[] =
		"SELECT row, answered_ms, survey, customer, category "
		"FROM answer WHERE row < ? AND row >= ? AND kind = 0 "
		"AND customer IS NOT NULL ORDER BY row DESC";
	struct sql *sql = reader_sql(base);
	struct sql_statement *each;
	enum sql_step step;
	int64_t high = *row, low;

	if (high == 0 && !sql_ask_number(sql,
				 "SELECT ifnull(max(row), 0) + 1 FROM answer",
				 &high, err))
		return false;
	low = high > STORE_CUSTOMERS_SPAN_ROWS
		      ? high - STORE_CUSTOMERS_SPAN_ROWS
		      : 1;
	each = sql_use(sql, text);
	sql_in_number(each, high);
	sql_in_number(each, low);
	while ((step = sql_step(each, err)) == SQL_ROW) {
		struct customer_answer answer = {
			.row = sql_number_at(each, 0),
			.answered_ms = sql_number_at(each, 1),
			.survey = sql_text_at(each, 2),
			.customer = sql_text_at(each, 3),
			.category = (enum category)sql_number_at(each, 4),
		};

		on_answer(&answer, context);
	}
	sql_end(each);
	*row = low;
	*more = low > 1;
	return step == SQL_DONE;
}

int64_t
sqlite_row_of(struct store_reader *base, const char *survey, const char *id,
	struct err *err)
{
	static const char of_survey[] =
		"SELECT row FROM answer WHERE id = ?1 AND survey = ?2 "
		"ORDER BY kind LIMIT 1";
	static const char of_any[] = "SELECT row FROM answer WHERE id = ?1 "
				     "ORDER BY kind, row DESC LIMIT 1";
	struct sql_statement *find =
		sql_use(reader_sql(base), survey ? of_survey : of_any);

	sql_in_text(find, id);
	if (survey)
		sql_in_text(find, survey);
	enum sql_step step = sql_step(find, err);
	int64_t row = step == SQL_ROW ? sql_number_at(find, 0) : 0;

	sql_end(find);
	return step == SQL_FAILED ? -1 : row;
}

bool
sqlite_backlog(struct store_reader *base,
	void (*on_action)(const char *action, int64_t waiting, int64_t dead,
		int64_t oldest_ms, void *context),
	void *context, struct err *err)
{
	static const char text[] =
		"SELECT action, sum(waiting), sum(dead), min(oldest) FROM ("
		"SELECT action, count(*) AS waiting, 0 AS dead, "
		"min(created_ms) AS oldest FROM delivery "
		"WHERE state < 3 GROUP BY action "
		"UNION ALL SELECT action, 0, count(*), NULL "
		"FROM delivery WHERE state = 4 GROUP BY action) "
		"GROUP BY action ORDER BY action";
	struct sql_statement *each = sql_use(reader_sql(base), text);
	enum sql_step step;

	while ((step = sql_step(each, err)) == SQL_ROW)
		on_action(sql_text_at(each, 0), sql_number_at(each, 1),
			sql_number_at(each, 2), sql_number_at(each, 3),
			context);
	sql_end(each);
	return step == SQL_DONE;
}

bool
sqlite_recount(struct store_reader *base, enum bucket_width width,
	int64_t after, int64_t upto,
	void (*on_survey)(
		const char *survey, const struct counts *counts, void *context),
	void *context, struct err *err)
{
	/* Buckets round down, division rounds towards zero. */
	static const char text[] =
		"SELECT survey, sum(kind = 0 AND category = 0), "
		"sum(kind = 0 AND category = 1), "
		"sum(kind = 0 AND category = 2), sum(kind = 1) "
		"FROM (SELECT survey, kind, category, "
		"answered_ms / ?1 - (answered_ms % ?1 < 0) AS bucket "
		"FROM answer) "
		"WHERE bucket > ?2 AND bucket <= ?3 "
		"GROUP BY survey ORDER BY survey";
	struct sql_statement *each = sql_use(reader_sql(base), text);
	enum sql_step step;

	sql_in_number(each, width * MS_PER_MINUTE);
	sql_in_number(each, after);
	sql_in_number(each, upto);
	while ((step = sql_step(each, err)) == SQL_ROW) {
		struct counts counts = {
			.of = {[CATEGORY_DETRACTOR] = sql_number_at(each, 1),
				[CATEGORY_PASSIVE] = sql_number_at(each, 2),
				[CATEGORY_PROMOTER] = sql_number_at(each, 3)},
			.invitations = sql_number_at(each, 4)};

		on_survey(sql_text_at(each, 0), &counts, context);
	}
	sql_end(each);
	return step == SQL_DONE;
}
