/*
 * sqlite_deliveries - deliveries in the SQLite file: put, claimed, settled.
 *
 *	           put            claim            settle
 *	(none) ---------> PENDING ------> CLAIMED ---------> DELIVERED
 *	                   ^   |           ^   |---------------> DEAD
 *	            change |   | change    |   v                   |
 *	                   v   v           | RETRYING <-- retry ---'
 *	                 CANCELLED         '----'
 *	                     FOLDED
 *
 * FOLDED is told in another delivery's body (store_storm.h).
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/sqlite_rows.h"
#include "store/sqlite_kind.h"

bool
sqlite_each_alert(struct store_writer *base, int64_t answer,
	void (*on_alert)(const struct delivery_row *delivery, void *context),
	void *context, struct err *err)
{
	static const char text[] =
		"SELECT " DELIVERY_COLUMNS ", " MESSAGE_COLUMNS
		" FROM delivery "
		"WHERE answer = ? AND cause = 'alert' ORDER BY row";
	struct sql_statement *each = sql_use(writer_of(base)->sql, text);
	enum sql_step step;

	sql_in_number(each, answer);
	while ((step = sql_step(each, err)) == SQL_ROW) {
		struct delivery_row delivery;
		char id[DELIVERY_ID_BYTES];

		read_delivery(each, &delivery, id);
		read_message(each, &delivery);
		on_alert(&delivery, context);
	}
	sql_end(each);
	return step == SQL_DONE;
}

/* ---- bodies ---- */

static bool
put_body(struct sqlite_writer *store, int64_t delivery, const char *body,
	size_t length, struct err *err)
{
	static const char text[] =
		"INSERT INTO body VALUES(?,?) ON CONFLICT DO NOTHING";
	/* With a delivery of this savepoint it goes as that goes. */
	struct sql_statement *put = delivery > store->mark_delivery
					    ? sql_use(store->sql, text)
					    : sqlite_use_hard(store, text);

	sql_in_number(put, delivery);
	sql_in_bytes(put, body, length);
	if (!sql_do(put, err))
		return false;
	if (sql_changes(store->sql) == 1)
		return true;
	return err_set(
		err, "delivery %" PRId64 " has its body already", delivery);
}

static bool
drop_body(struct sqlite_writer *store, int64_t delivery, struct err *err)
{
	struct sql_statement *drop =
		sqlite_use_hard(store, "DELETE FROM body WHERE delivery = ?");

	sql_in_number(drop, delivery);
	return sql_do(drop, err);
}

bool
sqlite_set_body(struct store_writer *base, int64_t delivery, const char *body,
	size_t length, struct err *err)
{
	struct sqlite_writer *store = writer_of(base);
	struct sql_statement *find =
		sql_use(store->sql, "SELECT 1 FROM delivery WHERE row = ?");

	sql_in_number(find, delivery);
	enum sql_step step = sql_step(find, err);

	sql_end(find);
	if (step == SQL_DONE)
		err_set(err, "there is no delivery %" PRId64, delivery);
	return step == SQL_ROW && put_body(store, delivery, body, length, err);
}

/* ---- putting and changing ---- */

static bool
counts_as_claimed(const struct delivery_row *delivery)
{
	return delivery->was_claimed ||
	       !delivery_state_is_unsent(delivery->state);
}

static void
add_delivery(struct sql_rows *rows, int64_t row,
	const struct delivery_row *delivery,
	const unsigned char id[DELIVERY_ID_LENGTH])
{
	sql_rows_number(rows, row);
	sql_rows_bytes(rows, id, DELIVERY_ID_LENGTH);
	sql_rows_text(rows, delivery->cause);
	sql_rows_number_or_null(rows, delivery->answer);
	sql_rows_text(rows, delivery->rule);
	sql_rows_text(rows, delivery->action);
	sql_rows_text(rows, delivery->recipient ? delivery->recipient : "");
	sql_rows_number(rows, delivery->state);
	sql_rows_number(rows, counts_as_claimed(delivery));
	sql_rows_number(rows, delivery->created_ms);
	sql_rows_number(rows, delivery->state == DELIVERY_CLAIMED
				      ? delivery->lease_ms
				      : delivery->due_ms);
	sql_rows_number(rows, delivery->first_try_ms);
	sql_rows_number(rows, delivery->settled_ms);
	sql_rows_number(rows, delivery->tries);
	sql_rows_number(rows, delivery->status);
	sql_rows_text(rows, delivery->reason);
	sql_rows_text(rows, delivery->node);
}

/* One of an older answer, or of none: it may be there. */
static bool
put_at_once(struct sqlite_writer *store, struct delivery_row *delivery,
	const unsigned char id[DELIVERY_ID_LENGTH], struct err *err)
{
	struct gathered *gathered = &store->gathered;
	struct sql_rows *row = &gathered->deliveries;
	bool added;

	if (!gathered_write(gathered, err))
		return false;
	add_delivery(row, store->last_delivery + 1, delivery, id);
	if (!gathered_write_alone(gathered, row, &added, err))
		return false;
	if (!added)
		return true;
	delivery->row = ++store->last_delivery;
	return !delivery->body || put_body(store, delivery->row, delivery->body,
					  delivery->body_length, err);
}

bool
sqlite_put_delivery(struct store_writer *base, struct delivery_row *delivery,
	struct err *err)
{
	struct sqlite_writer *store = writer_of(base);
	struct gathered *gathered = &store->gathered;
	unsigned char id[DELIVERY_ID_LENGTH];

	if (!delivery_id_pack(delivery->id, id))
		return err_set(err, "\"%s\" is no UUID", delivery->id);
	if (!sqlite_may_write(store, err))
		return false;
	delivery->row = 0;
	if (delivery->answer <= store->begin_answer ||
		!gathered_takes_delivery(gathered, id, sizeof(id)))
		return put_at_once(store, delivery, id, err);
	delivery->row = ++store->last_delivery;
	add_delivery(&gathered->deliveries, delivery->row, delivery, id);
	if (delivery->body) {
		sql_rows_number(&gathered->bodies, delivery->row);
		sql_rows_bytes(&gathered->bodies, delivery->body,
			delivery->body_length);
	}
	return true;
}

bool
sqlite_change_delivery(struct store_writer *base,
	const struct delivery_row *delivery, struct err *err)
{
	static const char text[] =
		"UPDATE delivery SET rule = ?, state = ?, due_ms = ?, "
		"settled_ms = ?, reason = ? "
		"WHERE row = ? AND NOT claimed AND state IN (0, 5, 6)";
	struct sqlite_writer *store = writer_of(base);
	struct sql_statement *put = sqlite_use_hard(store, text);
	bool cancels = delivery->state == DELIVERY_CANCELLED;
	bool waits = delivery->state == DELIVERY_PENDING;

	sql_in_text(put, delivery->rule);
	sql_in_number(put, delivery->state);
	sql_in_number(put, waits ? delivery->due_ms : 0);
	sql_in_number(put, cancels ? delivery->settled_ms : 0);
	sql_in_text(put, cancels ? delivery->reason : NULL);
	sql_in_number(put, delivery->row);
	if (!sql_do(put, err))
		return false;
	if (sql_changes(store->sql) == 0)
		return err_set(err,
			"delivery %" PRId64 " cannot be changed any more",
			delivery->row);
	if (!drop_body(store, delivery->row, err))
		return false;
	return !waits || !delivery->body ||
	       put_body(store, delivery->row, delivery->body,
		       delivery->body_length, err);
}

/* ---- claiming ---- */

struct claim {
	const char *node;
	int64_t until_ms;
	int64_t *rows; /* what was found */
	int count;
	void (*on_claimed)(const struct delivery_row *delivery, void *context);
	void *context;
};

/* Tells at most n that may be claimed, oldest due first. */
static bool
tell_due(struct sqlite_writer *store, struct claim *claim, const char *action,
	int64_t now_ms, int n, struct err *err)
{
	static const char text[] =
		"SELECT " DELIVERY_COLUMNS ", bytes FROM delivery "
		"LEFT JOIN body ON body.delivery = delivery.row "
		"WHERE state < 3 AND action = ? AND due_ms <= ? "
		"ORDER BY due_ms, created_ms, row LIMIT ?";
	struct sql_statement *find = sql_use(store->sql, text);
	enum sql_step step;

	sql_in_text(find, action);
	sql_in_number(find, now_ms);
	sql_in_number(find, n);
	while ((step = sql_step(find, err)) == SQL_ROW) {
		struct delivery_row delivery;
		char id[DELIVERY_ID_BYTES];

		read_delivery(find, &delivery, id);
		delivery.body = sql_bytes_at(
			find, DELIVERY_COLUMN_COUNT, &delivery.body_length);
		claim->rows[claim->count++] = delivery.row;
		claim->on_claimed(&delivery, claim->context);
	}
	sql_end(find);
	return step == SQL_DONE;
}

#define HOLD "UPDATE delivery SET state = 1, claimed = 1, due_ms = ?, node = ? "
#define EIGHT "?,?,?,?,?,?,?,?"
enum { HOLD_AT_ONCE = 32, HOLD_ONE_BY_ONE = 4 };

/* Many by one statement: to begin and to end one takes as long as its work. */
static bool
hold(struct sqlite_writer *store, const struct claim *claim, int from,
	struct err *err)
{
	bool one = claim->count - from <= HOLD_ONE_BY_ONE;
	struct sql_statement *put = sqlite_use_hard(
		store, one ? HOLD "WHERE row = ?"
			   : HOLD "WHERE row IN (" EIGHT "," EIGHT "," EIGHT
				  "," EIGHT ")");

	sql_in_number(put, claim->until_ms);
	sql_in_text(put, claim->node);
	for (int i = from; i < from + (one ? 1 : HOLD_AT_ONCE); i++)
		sql_in_number_or_null(
			put, i < claim->count ? claim->rows[i] : 0);
	return sql_do(put, err);
}

static bool
hold_all(
	struct sqlite_writer *store, const struct claim *claim, struct err *err)
{
	int at = 0;

	while (at < claim->count) {
		if (!hold(store, claim, at, err))
			return false;
		at += claim->count - at <= HOLD_ONE_BY_ONE ? 1 : HOLD_AT_ONCE;
	}
	return true;
}

/* The first due, or end of another node's lease, after now. */
static bool
find_next(struct sqlite_writer *store, const char *node, const char *action,
	int64_t now_ms, int64_t *next_ms, struct err *err)
{
	static const char text[] =
		"SELECT due_ms FROM delivery "
		"WHERE state < 3 AND action = ? AND due_ms > ? "
		"AND (state <> 1 OR node IS NOT ?) ORDER BY due_ms LIMIT 1";
	struct sql_statement *find = sql_use(store->sql, text);

	sql_in_text(find, action);
	sql_in_number(find, now_ms);
	sql_in_text(find, node);
	enum sql_step step = sql_step(find, err);

	*next_ms = step == SQL_ROW ? sql_number_at(find, 0) : INT64_MAX;
	sql_end(find);
	return step != SQL_FAILED;
}

bool
sqlite_claim(struct store_writer *base, const char *node, int64_t lease_ms,
	const char *action, int64_t now_ms, int n,
	void (*on_claimed)(const struct delivery_row *delivery, void *context),
	void *context, int64_t *next_due_ms, struct err *err)
{
	struct sqlite_writer *store = writer_of(base);
	struct claim claim = {.node = node,
		.until_ms = now_ms + lease_ms,
		.rows = mem_new((size_t)n, sizeof(int64_t)),
		.on_claimed = on_claimed,
		.context = context};
	bool good = tell_due(store, &claim, action, now_ms, n, err) &&
		    hold_all(store, &claim, err);

	free(claim.rows);
	return good && find_next(store, node, action, now_ms, next_due_ms, err);
}

bool
sqlite_renew(struct store_writer *base, const char *node, const char *action,
	int64_t until_ms, struct err *err)
{
	static const char text[] =
		"UPDATE delivery SET due_ms = ? WHERE state < 3 "
		"AND state = 1 AND action = ? AND node = ?";
	struct sql_statement *put = sqlite_use_hard(writer_of(base), text);

	sql_in_number(put, until_ms);
	sql_in_text(put, action);
	sql_in_text(put, node);
	return sql_do(put, err);
}

bool
sqlite_reclaim(struct store_writer *base, const char *node, int64_t now_ms,
	struct err *err)
{
	static const char text[] =
		"UPDATE delivery SET state = 2, due_ms = ?, node = NULL "
		"WHERE state < 3 AND state = 1 AND node = ?";
	struct sql_statement *put = sqlite_use_hard(writer_of(base), text);

	sql_in_number(put, now_ms);
	sql_in_text(put, node);
	return sql_do(put, err);
}

bool
sqlite_next_due(struct store_writer *base, const char *action, int64_t *due_ms,
	struct err *err)
{
	static const char text[] =
		"SELECT due_ms FROM delivery WHERE state < 3 AND action = ? "
		"AND state <> 1 ORDER BY due_ms LIMIT 1";
	struct sql_statement *find = sql_use(writer_of(base)->sql, text);

	sql_in_text(find, action);
	enum sql_step step = sql_step(find, err);

	*due_ms = step == SQL_ROW ? sql_number_at(find, 0) : INT64_MAX;
	sql_end(find);
	return step != SQL_FAILED;
}

/* ---- settling ---- */

static bool
put_attempt(struct sqlite_writer *store, const struct settlement *settlement,
	struct err *err)
{
	static const char text[] =
		"INSERT INTO attempt SELECT ?1, ifnull(max(n), 0) + 1, ?2, ?3, "
		"?4, ?5 FROM attempt WHERE delivery = ?1";
	struct sql_statement *put = sqlite_use_hard(store, text);

	sql_in_number(put, settlement->delivery);
	sql_in_number(put, settlement->at_ms);
	sql_in_text(put, settlement->outcome);
	sql_in_number(put, settlement->status);
	sql_in_text(put, settlement->reason);
	return sql_do(put, err);
}

bool
sqlite_settle(struct store_writer *base, const struct settlement *settlement,
	bool *held, struct err *err)
{
	/* A reason given is kept, none leaves the one before. */
	static const char text[] =
		"UPDATE delivery SET state = ?1, due_ms = ?2, settled_ms = ?3, "
		"tries = tries + ?4, first_try_ms = CASE WHEN ?4 AND "
		"first_try_ms = 0 THEN ?5 ELSE first_try_ms END, "
		"status = CASE WHEN ?4 OR ?6 <> 0 THEN ?6 ELSE status END, "
		"reason = ifnull(?7, reason), node = NULL "
		"WHERE row = ?8 AND state = 1";
	struct sqlite_writer *store = writer_of(base);
	struct sql_statement *put = sqlite_use_hard(store, text);
	bool waits = settlement->state == DELIVERY_RETRYING;

	if (settlement->delivery <= store->begin_delivery)
		sql_aside(put);

	sql_in_number(put, settlement->state);
	sql_in_number(put, waits ? settlement->due_ms : 0);
	sql_in_number(put, waits ? 0 : settlement->at_ms);
	sql_in_number(put, settlement->counts_as_try);
	sql_in_number(put, settlement->at_ms);
	sql_in_number(put, settlement->status);
	sql_in_text(put, settlement->reason);
	sql_in_number(put, settlement->delivery);
	if (!sql_do(put, err))
		return false;
	*held = sql_changes(store->sql) == 1;
	/* That it was delivered, the delivery itself tells. */
	if (!*held || settlement->state == DELIVERY_DELIVERED ||
		strcmp(settlement->outcome, "unsent") == 0)
		return true;
	return put_attempt(store, settlement, err);
}

bool
sqlite_retry(struct store_writer *base, int64_t delivery, int64_t now_ms,
	bool *changed, struct err *err)
{
	static const char text[] =
		"UPDATE delivery SET state = CASE WHEN claimed THEN 2 ELSE 0 "
		"END, due_ms = ?, first_try_ms = 0, settled_ms = 0 "
		"WHERE row = ? AND state IN (4, 5, 6)";
	static const char drop[] =
		"DELETE FROM body WHERE delivery = ? AND EXISTS(SELECT 1 "
		"FROM delivery WHERE row = body.delivery AND NOT claimed)";
	struct sqlite_writer *store = writer_of(base);
	struct sql_statement *put = sqlite_use_hard(store, text);

	sql_in_number(put, now_ms);
	sql_in_number(put, delivery);
	if (!sql_do(put, err))
		return false;
	*changed = sql_changes(store->sql) == 1;
	if (!*changed)
		return true;
	put = sqlite_use_hard(store, drop);
	sql_in_number(put, delivery);
	return sql_do(put, err);
}
