/*
 * sqlite_follow_ups - follow-ups, their events and whose turn it is, in the
 * SQLite file.
 */
#include "store/row_json.h"
#include "store/sqlite_kind.h"
#include "store/sqlite_rows.h"

/* ---- putting ---- */

/* FOLLOW_UP_STATE_COLUMNS, in their order. */
static void
in_state(struct sql_statement *put, const struct follow_up *follow_up)
{
	sql_in_number(put, follow_up->last_answer);
	sql_in_number(put, follow_up->folds);
	sql_in_number(put, follow_up->state);
	sql_in_text(put, follow_up->owner);
	sql_in_number(put, follow_up->claimed_ms);
	sql_in_text(put, follow_up->claimed_by);
	sql_in_number(put, follow_up->opened_ms);
	sql_in_number(put, follow_up->clock_ms);
	sql_in_number(put, follow_up->contact_by_ms);
	sql_in_number(put, follow_up->resolve_by_ms);
	sql_in_number(put, follow_up->contacted_ms);
	sql_in_number(put, follow_up->closed_ms);
	sql_in_number(put, follow_up->attempts);
	sql_in_number(put, follow_up->try_again_ms);
	sql_in_text(put, follow_up->reason);
	sql_in_text(put, follow_up->note);
	sql_in_number(put, follow_up->improved);
	sql_in_text(put, follow_up->tracked_in);
	sql_in_number(put, follow_up->fired);
	sql_in_number(put, follow_up->fires);
	sql_in_number_or_null(put, follow_up->next_due_ms == INT64_MAX
					   ? 0
					   : follow_up->next_due_ms);
	sql_in_text(put, follow_up_act_name(follow_up->last_act));
	sql_in_text(put, follow_up->last_by);
	sql_in_number(put, follow_up->last_ms);
}

bool
sqlite_put_follow_up(
	struct store_writer *base, struct follow_up *follow_up, struct err *err)
{
	static const char text[] =
		"INSERT INTO follow_up(" FOLLOW_UP_KEYS
		", " FOLLOW_UP_STATE_COLUMNS ") VALUES(?,?,?,?,?,?,"
		"?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
	struct sqlite_writer *store = writer_of(base);
	struct sql_statement *put = sqlite_use_hard(store, text);

	sql_in_text(put, follow_up->scope);
	sql_in_text(put, follow_up->survey);
	sql_in_text(put, follow_up->customer);
	sql_in_text(put, follow_up->account);
	sql_in_number(put, follow_up->answer);
	sql_in_text(put, follow_up->rule);
	in_state(put, follow_up);
	if (!sql_do(put, err))
		return false;
	follow_up->row = sql_last_row(store->sql);
	return true;
}

bool
sqlite_change_follow_up(struct store_writer *base,
	const struct follow_up *follow_up, struct err *err)
{
	static const char text[] =
		"UPDATE follow_up SET (" FOLLOW_UP_STATE_COLUMNS
		") = (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) "
		"WHERE row = ?";
	struct sqlite_writer *store = writer_of(base);
	struct sql_statement *change = sqlite_use_hard(store, text);

	in_state(change, follow_up);
	sql_in_number(change, follow_up->row);
	if (!sql_do(change, err))
		return false;
	return sql_changes(store->sql) == 1 ||
	       err_set(err, "there is no follow-up %lld",
		       (long long)follow_up->row);
}

bool
sqlite_put_follow_up_event(struct store_writer *base,
	struct follow_up_event *event, struct err *err)
{
	static const char last[] =
		"SELECT max(n) FROM follow_up_event WHERE follow_up = ?";
	static const char text[] =
		"INSERT INTO follow_up_event(follow_up, n, at_ms, act, who, "
		"how, owner, reason, note, answer) "
		"VALUES(?,?,?,?,?,?,?,?,?,?)";
	struct sqlite_writer *store = writer_of(base);
	struct sql_statement *put = sql_use(store->sql, last);

	sql_in_number(put, event->follow_up);
	if (sql_step(put, err) == SQL_FAILED) {
		sql_end(put);
		return false;
	}
	event->n = (int)sql_number_at(put, 0) + 1;
	sql_end(put);
	put = sqlite_use_hard(store, text);
	sql_in_number(put, event->follow_up);
	sql_in_number(put, event->n);
	sql_in_number(put, event->at_ms);
	sql_in_text(put, follow_up_act_name(event->act));
	sql_in_text(put, event->who);
	sql_in_text(put, event->how);
	sql_in_text(put, event->owner);
	sql_in_text(put, event->reason);
	sql_in_text(put, event->note);
	sql_in_number_or_null(put, event->answer);
	return sql_do(put, err);
}

bool
sqlite_take_turn(struct store_writer *base, const char *rule, int64_t *turn,
	struct err *err)
{
	static const char text[] =
		"INSERT INTO turn VALUES(?, 1) ON CONFLICT DO "
		"UPDATE SET next = next + 1";
	static const char ask[] = "SELECT next FROM turn WHERE rule = ?";
	struct sqlite_writer *store = writer_of(base);
	struct sql_statement *take = sqlite_use_hard(store, text);

	sql_in_text(take, rule);
	if (!sql_do(take, err))
		return false;
	take = sql_use(store->sql, ask);
	sql_in_text(take, rule);
	enum sql_step step = sql_step(take, err);

	*turn = step == SQL_ROW ? sql_number_at(take, 0) - 1 : 0;
	sql_end(take);
	return step != SQL_FAILED;
}

/* ---- finding ---- */

/* Ends the statement. */
static enum store_found
find_one(struct sql_statement *find, on_follow_up_fn on_found, void *context,
	struct err *err)
{
	enum sql_step step = sql_step(find, err);

	if (step == SQL_ROW) {
		struct follow_up follow_up;

		read_follow_up(find, &follow_up);
		on_found(&follow_up, context);
	}
	sql_end(find);
	if (step == SQL_FAILED)
		return STORE_ERROR;
	return step == SQL_ROW ? STORE_FOUND : STORE_NONE;
}

enum store_found
sqlite_get_follow_up(struct store_writer *base, int64_t row,
	on_follow_up_fn on_found, void *context, struct err *err)
{
	static const char text[] =
		"SELECT " FOLLOW_UP_COLUMNS " FROM follow_up WHERE row = ?";
	struct sql_statement *find = sql_use(writer_of(base)->sql, text);

	sql_in_number(find, row);
	return find_one(find, on_found, context, err);
}

enum store_found
sqlite_find_follow_up(struct store_writer *base, const char *scope,
	on_follow_up_fn on_found, void *context, struct err *err)
{
	static const char text[] = "SELECT " FOLLOW_UP_COLUMNS " FROM follow_up"
				   " WHERE scope = ? AND state < 2";
	struct sql_statement *find = sql_use(writer_of(base)->sql, text);

	sql_in_text(find, scope);
	return find_one(find, on_found, context, err);
}

/* The first event of each answer's has it as opened or folded in. */
#define OF_ANSWER                                              \
	"SELECT " FOLLOW_UP_COLUMNS " FROM follow_up "         \
	"WHERE row IN (SELECT follow_up FROM follow_up_event " \
	"WHERE answer = ?) ORDER BY row "

enum store_found
sqlite_find_follow_up_of(struct store_writer *base, int64_t answer,
	on_follow_up_fn on_found, void *context, struct err *err)
{
	static const char text[] = OF_ANSWER "DESC LIMIT 1";
	struct sql_statement *find = sql_use(writer_of(base)->sql, text);

	sql_in_number(find, answer);
	return find_one(find, on_found, context, err);
}

/* Ends the statement. */
static bool
each_one(struct sql_statement *each, on_follow_up_fn on_one, void *context,
	struct err *err)
{
	enum sql_step step;

	while ((step = sql_step(each, err)) == SQL_ROW) {
		struct follow_up follow_up;

		read_follow_up(each, &follow_up);
		on_one(&follow_up, context);
	}
	sql_end(each);
	return step == SQL_DONE;
}

bool
sqlite_each_due_follow_up(struct store_writer *base, int64_t now_ms, int n,
	on_follow_up_fn on_due, void *context, struct err *err)
{
	static const char text[] =
		"SELECT " FOLLOW_UP_COLUMNS " FROM follow_up "
		"WHERE next_due_ms <= ? ORDER BY next_due_ms LIMIT ?";
	struct sql_statement *each = sql_use(writer_of(base)->sql, text);

	sql_in_number(each, now_ms);
	sql_in_number(each, n);
	return each_one(each, on_due, context, err);
}

bool
sqlite_each_follow_up(struct store_writer *base, int64_t after, int n,
	on_follow_up_fn on_one, void *context, struct err *err)
{
	static const char text[] = "SELECT " FOLLOW_UP_COLUMNS " FROM follow_up"
				   " WHERE state < 2 AND row > ? "
				   "ORDER BY row LIMIT ?";
	struct sql_statement *each = sql_use(writer_of(base)->sql, text);

	sql_in_number(each, after);
	sql_in_number(each, n);
	return each_one(each, on_one, context, err);
}

bool
sqlite_next_due_follow_up(
	struct store_writer *base, int64_t *due_ms, struct err *err)
{
	static const char text[] = "SELECT min(next_due_ms) FROM follow_up "
				   "WHERE next_due_ms IS NOT NULL";
	struct sql_statement *ask = sql_use(writer_of(base)->sql, text);
	enum sql_step step = sql_step(ask, err);

	*due_ms = INT64_MAX;
	if (step == SQL_ROW && sql_text_at(ask, 0))
		*due_ms = sql_number_at(ask, 0);
	sql_end(ask);
	return step != SQL_FAILED;
}

static bool
each_event(struct sql *sql, int64_t follow_up, on_follow_up_event_fn on_event,
	void *context, struct err *err)
{
	static const char text[] =
		"SELECT n, at_ms, act, who, how, owner, reason, note, answer "
		"FROM follow_up_event WHERE follow_up = ? ORDER BY n";
	struct sql_statement *each = sql_use(sql, text);
	enum sql_step step;

	sql_in_number(each, follow_up);
	while ((step = sql_step(each, err)) == SQL_ROW) {
		struct follow_up_event event = {
			.follow_up = follow_up,
			.n = (int)sql_number_at(each, 0),
			.at_ms = sql_number_at(each, 1),
			.act = FOLLOW_UP_NOTE,
			.who = sql_text_at(each, 3),
			.how = sql_text_at(each, 4),
			.owner = sql_text_at(each, 5),
			.reason = sql_text_at(each, 6),
			.note = sql_text_at(each, 7),
			.answer = sql_number_at(each, 8),
		};

		if (follow_up_act_from_name(sql_text_at(each, 2), &event.act))
			on_event(&event, context);
	}
	sql_end(each);
	return step == SQL_DONE;
}

bool
sqlite_each_follow_up_event(struct store_writer *base, int64_t follow_up,
	on_follow_up_event_fn on_event, void *context, struct err *err)
{
	return each_event(
		writer_of(base)->sql, follow_up, on_event, context, err);
}

/* ---- the reader's ---- */

static void
append_event(const struct follow_up_event *event, void *context)
{
	json_array_append_new(context, row_json_event(event));
}

bool
sqlite_add_events(
	struct sql *sql, int64_t follow_up, json_t *object, struct err *err)
{
	json_t *events = json_array();

	json_object_set_new(object, "events", events);
	return each_event(sql, follow_up, append_event, events, err);
}

json_t *
sqlite_read_follow_ups_of(struct sql *sql, int64_t answer, struct err *err)
{
	static const char text[] = OF_ANSWER;
	struct sql_statement *each = sql_use(sql, text);
	json_t *follow_ups = json_array();
	enum sql_step step;

	sql_in_number(each, answer);
	while ((step = sql_step(each, err)) == SQL_ROW) {
		struct follow_up follow_up;

		read_follow_up(each, &follow_up);
		json_t *object = row_json_follow_up(&follow_up);

		json_array_append_new(follow_ups, object);
		if (!sqlite_add_events(sql, follow_up.row, object, err)) {
			step = SQL_FAILED;
			break;
		}
	}
	sql_end(each);
	if (step == SQL_DONE)
		return follow_ups;
	json_decref(follow_ups);
	return NULL;
}

bool
sqlite_count_follow_ups(struct store_reader *base, int64_t now_ms,
	struct follow_up_counts *counts, struct err *err)
{
	static const char text[] =
		"SELECT state, count(*) FROM follow_up GROUP BY state";
	static const char overdue[] =
		"SELECT count(*) FROM follow_up WHERE state < 2 "
		"AND " FOLLOW_UP_OVERDUE_1 FOLLOW_UP_OVERDUE_2;
	struct sql_statement *each = sql_use(reader_sql(base), text);
	enum sql_step step;

	*counts = (struct follow_up_counts){.overdue = 0};
	while ((step = sql_step(each, err)) == SQL_ROW) {
		int64_t state = sql_number_at(each, 0);

		if (state >= 0 && state < FOLLOW_UP_STATES)
			counts->states[state] = sql_number_at(each, 1);
	}
	sql_end(each);
	if (step != SQL_DONE)
		return false;
	each = sql_use(reader_sql(base), overdue);
	sql_in_number(each, now_ms);
	sql_in_number(each, now_ms);
	step = sql_step(each, err);
	counts->overdue = step == SQL_ROW ? sql_number_at(each, 0) : 0;
	sql_end(each);
	return step != SQL_FAILED;
}
