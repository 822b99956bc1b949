/*
 * sqlite_gathered - what a transaction adds for new answers.
 */
#include "store/sqlite_gathered.h"

#include "store/sqlite_rows.h"

enum { DELIVERIES_LIMIT = 4 * SQL_ROWS_MANY };

static const struct sql_rows_texts answer_texts = SQL_ROWS_TEXTS(
	"INSERT OR FAIL INTO answer(row, kind, survey, id, " PAST_COLUMNS
	", slots) VALUES",
	"(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", "", 16);
static const struct sql_rows_texts delivery_texts =
	SQL_ROWS_TEXTS("INSERT INTO delivery(" DELIVERY_COLUMNS ") VALUES",
		"(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
		" ON CONFLICT DO NOTHING", DELIVERY_COLUMN_COUNT);
static const struct sql_rows_texts body_texts =
	SQL_ROWS_TEXTS("INSERT OR FAIL INTO body VALUES", "(?,?)", "", 2);

static bool
on_statement(void *context, struct err *err)
{
	return gathered_write(context, err);
}

void
gathered_init(struct gathered *gathered, struct sql *sql)
{
	*gathered = (struct gathered){
		.sql = sql,
		.answers.texts = &answer_texts,
		.deliveries.texts = &delivery_texts,
		.bodies.texts = &body_texts,
	};
	sql_set_before(sql, on_statement, gathered);
}

void
gathered_done(struct gathered *gathered)
{
	sql_rows_done(&gathered->answers);
	sql_rows_done(&gathered->deliveries);
	sql_rows_done(&gathered->bodies);
}

void
gathered_begin(struct gathered *gathered)
{
	if (gathered->apart > 0)
		gathered->apart--;
}

void
gathered_clear(struct gathered *gathered)
{
	gathered->lost = false;
	sql_rows_clear(&gathered->answers);
	sql_rows_clear(&gathered->deliveries);
	sql_rows_clear(&gathered->bodies);
}

/* ---- writing ---- */

static bool
write_all(struct gathered *gathered, struct err *err)
{
	return sql_rows_write(&gathered->answers, gathered->sql, err) &&
	       sql_rows_write(&gathered->deliveries, gathered->sql, err) &&
	       sql_rows_write(&gathered->bodies, gathered->sql, err);
}

/* So that each stands behind what it refers to. */
static bool
write_many(struct gathered *gathered, struct err *err)
{
	return sql_rows_write(&gathered->answers, gathered->sql, err) &&
	       sql_rows_write_many(&gathered->deliveries, gathered->sql, err) &&
	       sql_rows_write_many(&gathered->bodies, gathered->sql, err);
}

static int64_t
count_rows(const struct gathered *gathered)
{
	return (int64_t)(sql_rows_count(&gathered->answers) +
			 sql_rows_count(&gathered->deliveries) +
			 sql_rows_count(&gathered->bodies));
}

/* Nobody knows which row it was: nothing of the transaction may stay. */
static bool
give_up(struct gathered *gathered)
{
	gathered_clear(gathered);
	gathered->lost = true;
	gathered->apart = GATHERED_APART_TRANSACTIONS;
	return false;
}

/* The statements that write do not begin by writing. None of the rows can be
 * there: the answers are new. */
static bool
write_by(struct gathered *gathered,
	bool (*write)(struct gathered *gathered, struct err *err),
	struct err *err)
{
	int64_t rows = count_rows(gathered);
	int64_t before = sql_total_changes(gathered->sql);
	bool good;

	gathered->writing = true;
	good = write(gathered, err);
	gathered->writing = false;
	if (good && sql_total_changes(gathered->sql) - before !=
			    rows - count_rows(gathered))
		good = err_set(err, "a row of a new answer was there");
	return good || give_up(gathered);
}

bool
gathered_write(struct gathered *gathered, struct err *err)
{
	if (gathered->lost)
		return err_set(err, "the transaction was taken back");
	if (gathered->writing || count_rows(gathered) == 0)
		return true;
	return write_by(gathered, write_all, err);
}

/* ---- gathering ---- */

bool
gathered_takes(const struct gathered *gathered)
{
	return gathered->apart == 0;
}

bool
gathered_make_room(struct gathered *gathered, struct err *err)
{
	return sql_rows_count(&gathered->answers) < SQL_ROWS_MANY ||
	       write_by(gathered, write_many, err);
}

bool
gathered_takes_delivery(
	const struct gathered *gathered, const void *id, size_t length)
{
	return gathered_takes(gathered) &&
	       sql_rows_count(&gathered->deliveries) < DELIVERIES_LIMIT &&
	       !sql_rows_have(
		       &gathered->deliveries, DELIVERY_ID_COLUMN, id, length);
}

bool
gathered_write_alone(struct gathered *gathered, struct sql_rows *row,
	bool *added, struct err *err)
{
	int64_t before = sql_total_changes(gathered->sql);
	bool good;

	gathered->writing = true;
	good = sql_rows_write(row, gathered->sql, err);
	gathered->writing = false;
	*added = sql_total_changes(gathered->sql) > before;
	return good;
}

/* ---- taking back ---- */

static void
drop_above(struct sql_rows *rows, int64_t row)
{
	while (rows->count > 0 && sql_rows_last(rows) > row)
		sql_rows_drop_last(rows);
}

void
gathered_back_to(struct gathered *gathered, int64_t answer, int64_t delivery)
{
	drop_above(&gathered->answers, answer);
	drop_above(&gathered->deliveries, delivery);
	drop_above(&gathered->bodies, delivery);
}
